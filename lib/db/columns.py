"""The columns that tables share, and how instants are kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Dialect, ForeignKey, Integer, MetaData, String, TypeDecorator, true


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime: `timestamptz` on PostgreSQL, naive UTC on SQLite, which has no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant must be aware")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return value if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def key() -> Column[int]:
    """The number that names a row."""
    return Column("id", Integer, primary_key=True)


def to(target: str, name: str = "", *, nullable: bool = False, primary_key: bool = False) -> Column[int]:
    """A foreign key to `target`, under its own name unless told otherwise."""
    cascade = "CASCADE" if primary_key else None
    column = name or f"{target}_id"
    return Column(column, ForeignKey(f"{target}.id", ondelete=cascade), nullable=nullable, primary_key=primary_key)


def version() -> Column[int]:
    """Counts the changes of a row: whoever saves says which version he saw."""
    return Column("version", Integer, nullable=False, server_default="1")


def label_columns() -> list[Column[Any]]:
    """What every row of a label table has."""
    return [
        Column("label", String(120), nullable=False),
        Column("position", Integer, nullable=False, server_default="0"),
        Column("is_active", Boolean, nullable=False, server_default=true()),
    ]
