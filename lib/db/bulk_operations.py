"""Named gestures on many records: their rows, and which of their records something else has changed since."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, literal_column, select, update

from lib.db import tables as t
from lib.domain.bulk import BulkOperation, Touched

_BULK = t.bulk_operation.c
_COLUMNS = [_BULK[name] for name in BulkOperation.__slots__]


def _left_as() -> Any:
    """The records of an operation that aren't as it left them: their version is another one, or they are gone."""
    c = t.change.c
    left = (
        select(c.entity, c.entity_id, c.action_id, func.max(c.version).label("version"))
        .where(c.operation_id == bindparam("operation_id"))
        .group_by(c.entity, c.entity_id, c.action_id)
        .subquery("left_as")
    )
    is_sub = (left.c.entity == literal_column("'sub_action'")) & (t.sub_action.c.id == left.c.entity_id)
    is_action = (left.c.entity == literal_column("'action'")) & (t.action.c.id == left.c.entity_id)
    now = func.coalesce(t.sub_action.c.version, t.action.c.version, literal_column("0"))
    return (
        select(left.c.entity, left.c.entity_id, left.c.action_id, left.c.version)
        .select_from(left)
        .outerjoin(t.sub_action, is_sub)
        .outerjoin(t.action, is_action)
        .where(now != left.c.version)
        .order_by(left.c.action_id, left.c.entity, left.c.entity_id)
        .limit(bindparam("row_limit"))
    )


_CHANGED_SINCE = _left_as()


class SqlBulkOperations:
    """Fulfils `lib.domain.store.BulkOperations`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, operation: BulkOperation) -> int:
        values = {name: getattr(operation, name) for name in BulkOperation.__slots__ if name != "id"}
        values["told"] = json.dumps(values["told"], ensure_ascii=False)
        return self.connection.execute(insert(t.bulk_operation).returning(_BULK.id), values).scalar_one()

    def get(self, row_id: int, *, for_update: bool = False) -> BulkOperation | None:
        """One operation; `for_update` makes whoever else wants to undo it wait until this transaction ends."""
        one = select(*_COLUMNS).where(_BULK.id == row_id)
        row = self.connection.execute(one.with_for_update() if for_update else one).one_or_none()
        return _operation_of(row) if row else None

    def recent(self, person_id: int | None, *, limit: int) -> list[BulkOperation]:
        """The newest first; of everybody when `person_id` is None."""
        newest = select(*_COLUMNS).order_by(_BULK.at.desc(), _BULK.id.desc()).limit(limit)
        if person_id is not None:
            newest = newest.where(_BULK.person_id == person_id)
        return [_operation_of(row) for row in self.connection.execute(newest)]

    def set_undone(self, row_id: int, *, by: int, at: datetime) -> None:
        self.connection.execute(update(t.bulk_operation).where(_BULK.id == row_id).values(undone_by=by, undone_at=at))

    def changed_since(self, operation_id: str, *, limit: int) -> list[Touched]:
        """The first records that aren't as the operation left them; `version` is the one it gave them."""
        found = self.connection.execute(_CHANGED_SINCE, {"operation_id": operation_id, "row_limit": limit})
        return [Touched(*row) for row in found]


def _operation_of(row: Any) -> BulkOperation:
    values = dict(row._mapping)
    return BulkOperation(**{**values, "told": json.loads(values["told"])})
