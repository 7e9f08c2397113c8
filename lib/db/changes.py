"""The journal's rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from sqlalchemy import Connection, insert, select

from lib.db import tables as t
from lib.domain.changes import Change

_NAMES = [f.name for f in fields(Change)]
_WRITTEN = [name for name in _NAMES if name != "id"]


class SqlChanges:
    """Fulfils `lib.domain.store.Changes`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, changes: Iterable[Change]) -> None:
        rows = [{name: getattr(change, name) for name in _WRITTEN} for change in changes]
        if rows:
            self.connection.execute(insert(t.change), rows)

    def since(self, entity: str, entity_id: int, version: int) -> list[Change]:
        c = t.change.c
        return self._read(
            select(t.change)
            .where(c.entity == entity, c.entity_id == entity_id, c.version > version)
            .order_by(c.version, c.id)
        )

    def of_operation(self, operation_id: str) -> list[Change]:
        return self._read(select(t.change).where(t.change.c.operation_id == operation_id).order_by(t.change.c.id))

    def of_action(self, action_id: int, *, limit: int) -> list[Change]:
        newest = select(t.change).where(t.change.c.action_id == action_id).order_by(t.change.c.id.desc()).limit(limit)
        return self._read(newest)

    def _read(self, query: object) -> list[Change]:
        return [Change(**{name: row[name] for name in _NAMES}) for row in self.connection.execute(query).mappings()]  # type: ignore[call-overload]
