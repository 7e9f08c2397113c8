"""Parameter values, kept as JSON."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from lib.db import tables as t
from lib.domain.chain import Status
from lib.domain.parameters import PARAMETERS, ParameterState, Value, parsed_value


def parameter_value(key: str, stored: str) -> Value | None:
    """A stored value in its parameter's type; None for a parameter that this release doesn't know."""
    return parsed_value(PARAMETERS[key], json.loads(stored)) if key in PARAMETERS else None


class SqlParameters:
    """Fulfils `lib.domain.store.Parameters`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def states(self) -> dict[str, ParameterState]:
        rows = self.connection.execute(select(t.parameter).where(t.parameter.c.key.in_(PARAMETERS)))
        return {
            row.key: ParameterState(
                PARAMETERS[row.key],
                parsed_value(PARAMETERS[row.key], json.loads(row.value)),
                row.version,
                row.changed_by,
                row.changed_at,
            )
            for row in rows
        }

    def save(self, key: str, value: Value, *, version: int, by: int, at: datetime) -> bool:
        from lib.db.reference import reference_changed

        # First: its row makes a second administrator wait, who then finds the first one's version.
        reference_changed(self.connection)
        values = {"value": json.dumps(value), "changed_by": by, "changed_at": at}
        if version == 0 and self.connection.scalar(select(t.parameter.c.key).where(t.parameter.c.key == key)) is None:
            self.connection.execute(insert(t.parameter).values(key=key, version=1, **values))
        else:
            stale = (t.parameter.c.key == key) & (t.parameter.c.version == version)
            if (
                self.connection.execute(update(t.parameter).where(stale).values(version=version + 1, **values)).rowcount
                != 1
            ):
                return False
        return True

    def count_without_date(self) -> int:
        sub = t.sub_action.c
        kept = select(func.count()).where(sub.is_open, sub.status == Status.TO_PLAN, sub.planned_date.is_(None))
        return self.connection.scalar(kept) or 0

    def count_without_detail(self) -> int:
        sub = t.sub_action.c
        return self.connection.scalar(select(func.count()).where(sub.is_open, sub.detail_html == "")) or 0
