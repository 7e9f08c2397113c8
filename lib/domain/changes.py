"""The journal: who changed what, when, from what to what; for the audit, "what changed" on conflicts, and undo."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lib.domain.context import Context


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one record, changed by one operation; `old` and `new` are JSON texts.

    `version` is the record's version after the change. Creation and deletion have the field "" and the record's label.
    """

    operation_id: str
    operation: str
    at: datetime
    person_id: int
    entity: str
    entity_id: int
    entity_key: str
    action_id: int | None
    version: int
    field: str
    old: str
    new: str
    id: int = 0


def journal_text(value: object) -> str:
    """A value as the journal keeps it: JSON, dates in ISO format, enumerations by value, amounts as texts."""
    return json.dumps(value, default=_plain, ensure_ascii=False)


def _plain(value: object) -> object:
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, frozenset | set | tuple):
        return sorted(value)
    raise TypeError(f"not a value of the journal: {value!r}")


def changes_of(
    ctx: Context,
    operation: str,
    *,
    entity: str,
    fields: Mapping[str, tuple[object, object]],
    entity_id: int = 0,
    key: str = "",
    action_id: int | None = None,
    version: int = 0,
) -> list[Change]:
    """One Change for each field that differs, under the operation's id of the open transaction."""
    return [
        Change(
            ctx.operation_id, operation, ctx.now, ctx.person.id, entity, entity_id, key, action_id, version, name,
            journal_text(old), journal_text(new),
        )
        for name, (old, new) in fields.items()
        if old != new
    ]  # fmt: skip


def record_change(
    ctx: Context,
    operation: str,
    *,
    entity: str,
    fields: Mapping[str, tuple[object, object]],
    entity_id: int = 0,
    key: str = "",
    action_id: int | None = None,
    version: int = 0,
) -> None:
    """Write the `changes_of` a record, in the open transaction."""
    ctx.store.changes.add(changes_of(
        ctx, operation, entity=entity, fields=fields, entity_id=entity_id, key=key, action_id=action_id,
        version=version,
    ))  # fmt: skip
