"""Keys of the commands already carried out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select

from lib.db import tables as t


class SqlRequests:
    """Fulfils `lib.domain.store.Requests`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def result_of(self, key: str, person_id: int) -> int | None:
        mine = (t.request.c.key == key) & (t.request.c.person_id == person_id)
        return self.connection.scalar(select(t.request.c.result_id).where(mine))

    def add(self, key: str, person_id: int, operation: str, result_id: int, at: datetime) -> None:
        row = {"key": key, "person_id": person_id, "operation": operation, "result_id": result_id, "at": at}
        self.connection.execute(insert(t.request).values(row))
