"""Templates of messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, insert, select, update

from lib.db import tables as t
from lib.domain.message_templates import MessageTemplate

_T = t.message_template.c
_ALL = select(*(_T[f.name] for f in fields(MessageTemplate))).order_by(_T.position, _T.id)


class SqlMessageTemplates:
    """Fulfils `lib.domain.store.MessageTemplates`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def all(self) -> list[MessageTemplate]:
        """In display order."""
        return [MessageTemplate(**row) for row in self.connection.execute(_ALL).mappings()]

    def get(self, template_id: int) -> MessageTemplate | None:
        row = self.connection.execute(_ALL.where(_T.id == template_id)).mappings().one_or_none()
        return MessageTemplate(**row) if row else None

    def add(self, values: Mapping[str, Any]) -> int:
        return self.connection.execute(insert(t.message_template).values(**values).returning(_T.id)).scalar_one()

    def update(self, template_id: int, *, version: int, values: Mapping[str, Any]) -> bool:
        """Whether the row still had `version`, and so was written."""
        mine = (_T.id == template_id) & (_T.version == version)
        changed = update(t.message_template).where(mine).values(**values, version=version + 1)
        return self.connection.execute(changed).rowcount == 1
