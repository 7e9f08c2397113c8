"""The outbox: rows taken for a while by whoever sends, by conditions that work alike on both engines."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from lib.db import tables as t
from lib.db.columns import Instant
from lib.domain.postman import Due

_O = t.outbox.c
_NOW = bindparam("now", type_=Instant)
_IS_FREE = or_(_O.taken_until.is_(None), _O.taken_until < _NOW)
_DUE = (
    select(_O.exchange_id, _O.tries, _O.taken_until, _O.last_error)
    .where(_O.next_try_at <= _NOW, _IS_FREE)
    .order_by(_O.next_try_at, _O.exchange_id)
    .limit(1)
)


class SqlOutbox:
    """Fulfils `lib.domain.store.Outbox`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def queue(self, exchange_id: int, *, at: datetime) -> None:
        """Make a message due at once, its tries and its last error forgotten."""
        values = {"tries": 0, "next_try_at": at, "taken_until": None, "last_error": ""}
        again = update(t.outbox).where(_O.exchange_id == exchange_id).values(**values)
        if self.connection.execute(again).rowcount == 0:
            self.connection.execute(insert(t.outbox).values(exchange_id=exchange_id, **values))

    def drop(self, exchange_id: int) -> bool:
        """Whether the message still waited and nobody was sending it; then it waits no more."""
        mine = (_O.exchange_id == exchange_id) & _O.taken_until.is_(None)
        return self.connection.execute(delete(t.outbox).where(mine)).rowcount == 1

    def due(self, now: datetime) -> Due | None:
        """The message that has been due for longest and that nobody has taken."""
        row = self.connection.execute(_DUE, {"now": now}).one_or_none()
        return Due(row.exchange_id, row.tries, row.taken_until is not None, row.last_error) if row else None

    def take(self, exchange_id: int, *, now: datetime, until: datetime, last_error: str) -> bool:
        """Whether the message was still due and free, and so is taken: of two who try at once, one is told so."""
        mine = update(t.outbox).where(_O.exchange_id == exchange_id, _O.next_try_at <= _NOW, _IS_FREE)
        taken = mine.values(taken_until=until, tries=_O.tries + 1, last_error=last_error)
        return self.connection.execute(taken, {"now": now}).rowcount == 1

    def remove(self, exchange_id: int) -> None:
        """It has left."""
        self.connection.execute(delete(t.outbox).where(_O.exchange_id == exchange_id))

    def postpone(
        self, exchange_id: int, *, taken_until: datetime, next_try_at: datetime | None, last_error: str
    ) -> bool:
        """Give back what was taken until then, for another try or for none; False when somebody else has taken it."""
        mine = (_O.exchange_id == exchange_id) & (_O.taken_until == taken_until)
        values = {"taken_until": None, "next_try_at": next_try_at, "last_error": last_error}
        return self.connection.execute(update(t.outbox).where(mine).values(**values)).rowcount == 1
