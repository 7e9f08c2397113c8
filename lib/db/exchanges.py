"""Exchanges' rows and the documents that go with them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Integer, String, and_, bindparam, case, delete, func, insert, or_, select, update

from lib.db import tables as t
from lib.db.documents import sees_action
from lib.domain.documents import Document, Reader
from lib.domain.exchanges import (
    EXCERPT,
    Direction,
    Exchange,
    ExchangeCount,
    ExchangeFile,
    ExchangeRow,
    ExchangeState,
    Waiting,
)
from lib.domain.holders import Entity
from lib.domain.sentences import told_sentence

_E, _O, _L, _D = t.exchange.c, t.outbox.c, t.document_link.c, t.document.c
_NAMES = [f.name for f in fields(Exchange)]
EXCHANGE_COLUMNS = [
    func.substr(_E.body_text, 1, EXCERPT).label("body_text") if name == "body_text" else _E[name] for name in _NAMES
]
_DOCUMENT_COLUMNS = [_D[f.name] for f in fields(Document)]

# Built once: building a statement costs more than running it. Kinds of holders are literals of ours.
_THIS: Any = bindparam("exchange_id", type_=Integer)
_THIS_ACTION: Any = bindparam("action_id", type_=Integer)
_IDS: Any = bindparam("ids", expanding=True, type_=Integer)
_DOCUMENT_COUNT = (
    select(func.count())
    .select_from(t.document_link.join(t.document, _D.id == _L.document_id))
    .where(_L.entity == Entity.EXCHANGE.value, _L.entity_id == _E.id, ~_D.is_inline)
    .correlate(t.exchange)
    .scalar_subquery()
)
_LAST_SUB_ACTION = (
    select(t.sub_action.c.id)
    .where(t.sub_action.c.action_id == _E.action_id)
    .order_by(t.sub_action.c.seq.desc())
    .limit(1)
    .correlate(t.exchange)
    .scalar_subquery()
)
_ROW_COLUMNS = [
    func.coalesce(t.contact.c.name, "").label("contact_name"),
    t.action.c.number.label("action_number"),
    _LAST_SUB_ACTION.label("sub_action_id"),
    _DOCUMENT_COUNT.label("documents"),
    _O.exchange_id.label("waiting_id"), _O.tries, _O.next_try_at, _O.taken_until, _O.last_error,
]  # fmt: skip
_FROM = (
    t.exchange.outerjoin(t.contact, t.contact.c.id == _E.contact_id)
    .outerjoin(t.action, t.action.c.id == _E.action_id)
    .outerjoin(t.outbox, _O.exchange_id == _E.id)
)
EXCHANGE_ROWS = select(*EXCHANGE_COLUMNS, *_ROW_COLUMNS).select_from(_FROM)
_NEWEST_FIRST = (_E.at.desc(), _E.id.desc())
_LIMIT: Any = bindparam("row_limit", type_=Integer)
_OF_ACTION = EXCHANGE_ROWS.where(_E.action_id == _THIS_ACTION).order_by(*_NEWEST_FIRST).limit(_LIMIT)
_OF_CLIENT = (
    EXCHANGE_ROWS.where(_E.client_id == bindparam("client_id", type_=Integer)).order_by(*_NEWEST_FIRST).limit(_LIMIT)
)
_FILE = EXCHANGE_ROWS.add_columns(_E.body_html, _E.quoted_html).where(_E.id == _THIS)
_DOCUMENTS = (
    select(*_DOCUMENT_COLUMNS)
    .join(t.document_link, _L.document_id == _D.id)
    .where(_L.entity == Entity.EXCHANGE.value, _L.entity_id == _THIS)
    .order_by(_D.id)
)
# Those of the action itself, and those that came with one of its messages.
_HERE = or_(
    and_(_L.entity == Entity.ACTION.value, _L.entity_id == _THIS_ACTION),
    and_(_L.entity == Entity.EXCHANGE.value, _L.entity_id.in_(select(_E.id).where(_E.action_id == _THIS_ACTION))),
)
_DOCUMENTS_OF_ACTION = (
    select(*_DOCUMENT_COLUMNS)
    .where(_D.id.in_(_IDS), ~_D.is_inline, _D.id.in_(select(_L.document_id).where(_L.document_id.in_(_IDS), _HERE)))
    .order_by(_D.id)
)
_COUNT = select(
    func.count(), func.coalesce(func.max(case((_E.kind_id.in_(_IDS), 1), else_=0)), 0)
).where(_E.action_id == _THIS_ACTION)  # fmt: skip
_BY_MESSAGE_IDS = select(*EXCHANGE_COLUMNS).where(
    _E.message_id.in_(bindparam("message_ids", expanding=True, type_=String))
)
# Those of actions that a reader sees, and those of none, by whether he sees his units' actions.
_SEEN_OF_CLIENT = {
    sees_units: _OF_CLIENT.where(or_(_E.action_id.is_(None), sees_action(sees_units=sees_units)))
    for sees_units in (False, True)
}


class SqlExchanges:
    """Fulfils `lib.domain.store.Exchanges`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def file(self, exchange_id: int) -> ExchangeFile | None:
        """A message with its whole texts, as stored, and its documents: two statements."""
        row = self.connection.execute(_FILE, {"exchange_id": exchange_id}).one_or_none()
        if row is None:
            return None
        found = [
            Document(**each) for each in self.connection.execute(_DOCUMENTS, {"exchange_id": exchange_id}).mappings()
        ]
        documents, images = [tuple(d for d in found if d.is_inline == inline) for inline in (False, True)]
        return ExchangeFile(exchange_row_of(row), row.body_html, row.quoted_html, documents, images)

    def of_action(self, action_id: int, *, limit: int) -> list[ExchangeRow]:
        """The newest of an action."""
        found = self.connection.execute(_OF_ACTION, {"action_id": action_id, "row_limit": limit})
        return [exchange_row_of(row) for row in found]

    def of_client(self, client_id: int, *, seen: Reader | None, limit: int) -> list[ExchangeRow]:
        """The newest of a client, of actions that are seen and of none."""
        values: dict[str, Any] = {"client_id": client_id, "row_limit": limit}
        if seen:
            values |= {"me": seen.person_id, "my_units": sorted(seen.unit_ids)}
        statement = _SEEN_OF_CLIENT[seen.sees_units] if seen else _OF_CLIENT
        return [exchange_row_of(row) for row in self.connection.execute(statement, values)]

    def count_of(self, action_id: int, reminder_ids: Collection[int]) -> ExchangeCount:
        values = {"action_id": action_id, "ids": sorted(reminder_ids)}
        count, has_reminder = self.connection.execute(_COUNT, values).one()
        return ExchangeCount(count, bool(has_reminder))

    def by_message_ids(self, message_ids: Collection[str]) -> dict[str, Exchange]:
        """Those that went by e-mail under one of these ids."""
        if not message_ids:
            return {}
        found = [exchange_of(row) for row in self.connection.execute(_BY_MESSAGE_IDS, {"message_ids": [*message_ids]})]
        return {each.message_id: each for each in found if each.message_id}

    def documents_of_action(self, action_id: int, document_ids: Collection[int]) -> list[Document]:
        """Which of these documents hang on an action or on one of its messages, in the order of their ids."""
        values = {"action_id": action_id, "ids": sorted(document_ids)}
        return [Document(**row) for row in self.connection.execute(_DOCUMENTS_OF_ACTION, values).mappings()]

    def add(self, values: Mapping[str, Any]) -> int:
        return self.connection.execute(insert(t.exchange).values(**values).returning(_E.id)).scalar_one()

    def update(self, exchange_id: int, *, version: int, values: Mapping[str, Any]) -> bool:
        """Whether the row still had `version`, and so was written."""
        mine = (_E.id == exchange_id) & (_E.version == version)
        changed = update(t.exchange).where(mine).values(**values, version=version + 1)
        return self.connection.execute(changed).rowcount == 1

    def settle(self, exchange_id: int, *, values: Mapping[str, Any]) -> int | None:
        """Write what became of a message that waits, whatever its version; the new one, None when it waits no more."""
        mine = (_E.id == exchange_id) & (_E.state == ExchangeState.QUEUED)
        changed = update(t.exchange).where(mine).values(**values, version=_E.version + 1).returning(_E.version)
        return self.connection.execute(changed).scalar_one_or_none()

    def delete(self, exchange_id: int, *, version: int) -> bool:
        """Whether the row still had `version`, and so was deleted, with its outbox row."""
        mine = (_E.id == exchange_id) & (_E.version == version)
        return self.connection.execute(delete(t.exchange).where(mine)).rowcount == 1


def exchange_of(row: Any) -> Exchange:
    """A message from a row that has EXCHANGE_COLUMNS."""
    values = {name: row._mapping[name] for name in _NAMES}
    return Exchange(**{
        **values, "direction": Direction(values["direction"]), "state": ExchangeState(values["state"])
    })  # fmt: skip


def exchange_row_of(row: Any) -> ExchangeRow:
    """A line of a list from a row of EXCHANGE_ROWS."""
    waiting = None
    if row.waiting_id is not None:
        waiting = Waiting(row.tries, row.next_try_at, row.taken_until is not None, told_sentence(row.last_error))
    return ExchangeRow(exchange_of(row), row.contact_name, row.action_number, row.sub_action_id, row.documents, waiting)
