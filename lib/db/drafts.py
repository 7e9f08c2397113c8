"""Drafts, kept as JSON; dates and times travel as `{"date": "2026-11-24"}` and `{"time": "14:30"}`."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from lib.db import tables as t
from lib.domain.drafts import Draft


def _plain(value: object) -> object:
    if isinstance(value, date) and not isinstance(value, datetime):
        return {"date": value.isoformat()}
    if isinstance(value, time):
        return {"time": value.isoformat("minutes")}
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"not a value of a draft: {value!r}")


def _revived(value: dict[str, Any]) -> object:
    """A date or a time; what only looks like one was typed so, and stays."""
    with suppress(ValueError):
        match value:
            case {"date": str(day)} if len(value) == 1:
                return date.fromisoformat(day)
            case {"time": str(hour)} if len(value) == 1:
                return time.fromisoformat(hour)
    return value


class SqlDrafts:
    """Fulfils `lib.domain.store.Drafts`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def _mine(self, person_id: int, form: str, record_id: int) -> Any:
        d = t.draft.c
        return (d.person_id == person_id) & (d.form == form) & (d.record_id == record_id)

    def get(self, person_id: int, form: str, record_id: int) -> Draft | None:
        row = self.connection.execute(select(t.draft).where(self._mine(person_id, form, record_id))).one_or_none()
        return self._draft(row) if row else None

    def put(self, draft: Draft) -> None:
        dialect = postgresql if self.connection.dialect.name == "postgresql" else sqlite
        values = {
            "content": json.dumps(dict(draft.content), default=_plain),
            "version": draft.version,
            "saved_at": draft.saved_at,
        }
        key = {"person_id": draft.person_id, "form": draft.form, "record_id": draft.record_id}
        statement = dialect.insert(t.draft).values(**key, **values)
        self.connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))

    def delete(self, person_id: int, form: str, record_id: int) -> None:
        self.connection.execute(delete(t.draft).where(self._mine(person_id, form, record_id)))

    def of_person(self, person_id: int) -> list[Draft]:
        mine = select(t.draft).where(t.draft.c.person_id == person_id).order_by(t.draft.c.saved_at.desc())
        return [self._draft(row) for row in self.connection.execute(mine)]

    def _draft(self, row: Any) -> Draft:
        content = json.loads(row.content, object_hook=_revived)
        return Draft(row.person_id, row.form, row.record_id, content, row.version, row.saved_at)
