"""Numbers that are given once, in order: a row that each transaction increments and holds until it ends."""

from __future__ import annotations

from sqlalchemy import Connection, update

from lib.db.tables import counter


def next_value(connection: Connection, name: str) -> int:
    """The next value of a counter; another transaction waits here until this one ends (MAX + 1 gives numbers twice)."""
    step = update(counter).where(counter.c.name == name).values(value=counter.c.value + 1).returning(counter.c.value)
    return connection.execute(step).scalar_one()
