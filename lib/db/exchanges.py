"""Exchanges' rows, the outbox, and how far each mailbox was read."""

from __future__ import annotations

from sqlalchemy import Connection


class SqlExchanges:
    """Fulfils `lib.domain.store.Exchanges`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
