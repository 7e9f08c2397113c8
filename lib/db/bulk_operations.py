"""Named gestures on many records: their rows, and which of their records something else has changed since."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, insert, literal_column, select, update

from lib.db import tables as t
from lib.domain.bulk import BulkOperation, Touched
from lib.domain.chain import shown_number

_BULK = t.bulk_operation.c
_COLUMNS = [_BULK[name] for name in BulkOperation.__slots__]


def _changed_since() -> Any:
    """Of some operations, the first actions that aren't as these left them, each by one record; how many there are.

    A record's version is another one, or it is gone. Where both an action and one of its sub-actions were changed, the
    sub-action tells it.
    """
    c, left = t.change.c, _left_as()
    is_action = left.c.entity == literal_column("'action'")
    now = func.coalesce(case((is_action, t.action.c.version), else_=t.sub_action.c.version), literal_column("0"))
    of_action = func.row_number().over(
        partition_by=(left.c.operation_id, left.c.action_id), order_by=(is_action, left.c.entity_id)
    )
    records = (
        select(left, t.action.c.number, t.sub_action.c.seq, of_action.label("of_action"))
        .select_from(left)
        .outerjoin(t.action, t.action.c.id == left.c.action_id)
        .outerjoin(
            t.sub_action,
            (left.c.entity == literal_column("'sub_action'")) & (t.sub_action.c.id == left.c.entity_id),
        )
        .where(now != left.c.version)
        .subquery("records")
    )
    nth = func.row_number().over(partition_by=records.c.operation_id, order_by=records.c.action_id).label("nth")
    total = func.count().over(partition_by=records.c.operation_id).label("total")
    found = select(records, nth, total).where(records.c.of_action == literal_column("1")).subquery("found")
    last = (
        select(c.id)
        .where(c.entity == found.c.entity, c.entity_id == found.c.entity_id, c.version >= found.c.version)
        .where(c.operation_id != found.c.operation_id)
        .order_by(c.version.desc(), c.field, c.id.desc())  # a deletion's label first, in the field ""
        .limit(literal_column("1"))
        .scalar_subquery()
    )
    named = [found.c[name] for name in ("operation_id", "number", "seq", "total")]
    return (
        select(*named, last.label("change_id"))
        .where(found.c.nth <= bindparam("row_limit"))
        .order_by(found.c.operation_id, found.c.nth)
    )


def _left_as() -> Any:
    """The version that some operations gave each of their records."""
    c = t.change.c
    record = (c.operation_id, c.entity, c.entity_id, c.action_id)
    return (
        select(*record, func.max(c.version).label("version"))
        .where(c.operation_id.in_(bindparam("operation_ids", expanding=True)))
        .group_by(*record)
        .subquery("left_as")
    )


_CHANGED_SINCE = _changed_since()


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

    def changed_since(self, operation_ids: Collection[str], *, limit: int) -> dict[str, list[Touched]]:
        """By operation, the first `limit` actions that aren't as it left them; those without any are left out."""
        if not operation_ids:
            return {}
        asked = {"operation_ids": list(operation_ids), "row_limit": limit}
        rows = self.connection.execute(_CHANGED_SINCE, asked).all()
        c, ids = t.change.c, {row.change_id for row in rows if row.change_id}
        changes = select(c.id, c.person_id, c.at, c.field, c.old).where(c.id.in_(ids))
        last = {row.id: row for row in self.connection.execute(changes)} if ids else {}
        found: dict[str, list[Touched]] = {}
        for row in rows:
            found.setdefault(row.operation_id, []).append(_touched_of(row, last.get(row.change_id)))
        return found


def _touched_of(row: Any, last: Any) -> Touched:
    label = json.loads(last.old) if last is not None and last.field == "" else None
    return Touched(
        label=label or (shown_number(row.number, row.seq) if row.number is not None else ""),
        person_id=last.person_id if last is not None else None,
        at=last.at if last is not None else None,
        count=row.total,
    )


def _operation_of(row: Any) -> BulkOperation:
    values = dict(row._mapping)
    return BulkOperation(**{**values, "told": json.loads(values["told"])})
