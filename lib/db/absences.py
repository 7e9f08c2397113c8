"""Absences: rows read by person and period, written by version."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, delete, insert, select, update

from lib.db import tables as t
from lib.domain.absences import Absence, AbsenceKind

_A = t.absence.c
_COLUMNS = [_A[f.name] for f in fields(Absence)]
_BETWEEN = (
    select(*_COLUMNS)
    .where(
        _A.person_id.in_(bindparam("person_ids", expanding=True, type_=Integer)),
        _A.ends_on >= bindparam("first", type_=_A.ends_on.type),
        _A.starts_on <= bindparam("last", type_=_A.starts_on.type),
    )
    .order_by(_A.starts_on, _A.start_time.is_not(None), _A.start_time, _A.id)
)


class SqlAbsences:
    """Fulfils `lib.domain.store.Absences`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def get(self, absence_id: int) -> Absence | None:
        row = self.connection.execute(select(*_COLUMNS).where(_A.id == absence_id)).one_or_none()
        return _absence(row) if row else None

    def lock(self, person_id: int) -> None:
        """Make other writers of this person's time wait: two at once could overlap without seeing each other.

        Not as long as a journal row only names him: FOR NO KEY UPDATE leaves foreign keys alone.
        """
        mine = select(t.person.c.id).where(t.person.c.id == person_id)
        self.connection.execute(mine.with_for_update(key_share=True))

    def between(self, person_ids: Collection[int], first: date, last: date) -> list[Absence]:
        """Those of these people that touch a day from `first` to `last`, in order."""
        if not person_ids:
            return []
        values = {"person_ids": sorted(person_ids), "first": first, "last": last}
        return [_absence(row) for row in self.connection.execute(_BETWEEN, values)]

    def add(self, values: Mapping[str, Any]) -> int:
        return self.connection.execute(insert(t.absence).values(**values).returning(_A.id)).scalar_one()

    def update(self, absence_id: int, *, version: int, values: Mapping[str, Any]) -> bool:
        """Whether the row still had `version`, and so was written."""
        mine = (_A.id == absence_id) & (_A.version == version)
        changed = update(t.absence).where(mine).values(**values, version=version + 1)
        return self.connection.execute(changed).rowcount == 1

    def delete(self, absence_id: int, *, version: int) -> bool:
        """Whether the row still had `version`, and so was deleted."""
        mine = (_A.id == absence_id) & (_A.version == version)
        return self.connection.execute(delete(t.absence).where(mine)).rowcount == 1


def _absence(row: Any) -> Absence:
    return Absence(**{**row._mapping, "kind": AbsenceKind(row.kind)})
