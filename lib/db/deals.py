"""Deals' rows; their numbers come from a counter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, insert, select

from lib.db import tables as t
from lib.db.counters import next_value
from lib.domain.deals import Deal

_COLUMNS = [t.deal.c[f.name] for f in fields(Deal)]


class SqlDeals:
    """Fulfils `lib.domain.store.Deals`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def get(self, deal_id: int) -> Deal | None:
        row = self.connection.execute(select(*_COLUMNS).where(t.deal.c.id == deal_id)).mappings().one_or_none()
        return Deal(**row) if row else None

    def of_client(self, client_id: int) -> list[Deal]:
        mine = select(*_COLUMNS).where(t.deal.c.client_id == client_id).order_by(t.deal.c.id.desc())
        return [Deal(**row) for row in self.connection.execute(mine).mappings()]

    def add(self, values: Mapping[str, Any]) -> int:
        number = next_value(self.connection, "deal")
        result = self.connection.execute(insert(t.deal).values(number=number, **values).returning(t.deal.c.id))
        return result.scalar_one()
