"""People and their memberships; every change here makes the reference data be read again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from lib.db.reference import REFERENCE, reference_changed
from lib.db.tables import counter, membership, person, profile, profile_right, working_hours
from lib.domain.people import Person
from lib.domain.rights import Operation, Scope
from lib.domain.working_hours import Period, Week


class SqlPeople:
    """Fulfils `lib.domain.store.People` within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_email(self, account: str) -> Person | None:
        columns = (
            person.c.id,
            person.c.name,
            person.c.email,
            person.c.profile_id,
            person.c.is_active,
            person.c.language,
            person.c.version,
        )
        row = self._connection.execute(select(*columns).where(person.c.email == account)).one_or_none()
        return Person(*row) if row else None

    def add_profile(self, code: str, name: str, rights: Mapping[Operation, Scope]) -> int:
        reference_changed(self._connection)
        added = self._connection.execute(insert(profile).values(code=code, name=name).returning(profile.c.id))
        profile_id = int(added.scalar_one())
        rows = [{"profile_id": profile_id, "operation": o.value, "scope": int(s)} for o, s in rights.items()]
        if rows:
            self._connection.execute(insert(profile_right), rows)
        return profile_id

    def add(self, values: Mapping[str, Any]) -> int:
        reference_changed(self._connection)
        added = self._connection.execute(insert(person).values(**values).returning(person.c.id))
        return int(added.scalar_one())

    def update(self, person_id: int, values: Mapping[str, Any]) -> None:
        reference_changed(self._connection)
        self._connection.execute(
            update(person).where(person.c.id == person_id).values(**values, version=person.c.version + 1)
        )

    def set_units(self, person_id: int, unit_ids: Sequence[int], *, preferred_id: int | None) -> None:
        reference_changed(self._connection)
        self._connection.execute(delete(membership).where(membership.c.person_id == person_id))
        rows = [
            {"person_id": person_id, "org_unit_id": unit_id, "is_preferred": unit_id == preferred_id}
            for unit_id in dict.fromkeys(unit_ids)
        ]
        if rows:
            self._connection.execute(insert(membership), rows)

    def locked_week(self, person_id: int | None) -> Week:
        """The stored week, empty where none is; whoever else sets one waits until this transaction ends."""
        mine = select(counter.c.value).where(counter.c.name == REFERENCE)
        self._connection.execute(mine.with_for_update())
        hours = working_hours.c
        stored = select(hours.weekday, hours.start_time, hours.end_time)
        rows = self._connection.execute(stored.where(hours.person_id.is_not_distinct_from(person_id)))
        return tuple(sorted(Period(*row) for row in rows))

    def set_week(self, person_id: int | None, week: Week) -> None:
        reference_changed(self._connection)
        self._connection.execute(delete(working_hours).where(working_hours.c.person_id.is_not_distinct_from(person_id)))
        rows = [
            {"person_id": person_id, "weekday": period.weekday, "start_time": period.start, "end_time": period.end}
            for period in week
        ]
        if rows:
            self._connection.execute(insert(working_hours), rows)
