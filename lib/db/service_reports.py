"""Service reports' rows; their numbers come from a counter."""

from __future__ import annotations

from sqlalchemy import Connection


class SqlServiceReports:
    """Fulfils `lib.domain.store.ServiceReports`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
