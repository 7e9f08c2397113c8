"""Documents' rows and what they are linked to; `document` rows and blobs are joined by the sha256."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    Table,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from lib.db import tables as t
from lib.db.document_upkeep import DocumentUpkeep
from lib.domain.documents import Document, Link, Reader
from lib.domain.holders import Entity, HolderRow
from lib.domain.text import folded

_D, _L = t.document.c, t.document_link.c
_COLUMNS = [_D[f.name] for f in fields(Document)]
_WIDTH = len(_COLUMNS)
_ID, _ENTITY = bindparam("entity_id", type_=Integer), bindparam("entity", type_=String)
_SEVERAL: Any = bindparam("ids", expanding=True, type_=Integer)

# Each link with the action, deal or report that it leads to.
_ACTION_ID = case((_L.entity == Entity.ACTION, _L.entity_id), (_L.entity == Entity.EXCHANGE, t.exchange.c.action_id))
_LINKED = (
    t.document_link.outerjoin(t.exchange, and_(_L.entity == Entity.EXCHANGE, t.exchange.c.id == _L.entity_id))
    .outerjoin(t.action, t.action.c.id == _ACTION_ID)
    .outerjoin(t.deal, and_(_L.entity == Entity.DEAL, t.deal.c.id == _L.entity_id))
    .outerjoin(
        t.service_report, and_(_L.entity == Entity.SERVICE_REPORT, t.service_report.c.id == _L.entity_id)
    )
)  # fmt: skip
_NUMBER = func.coalesce(t.action.c.number, t.deal.c.number, t.service_report.c.number)
_LINK_COLUMNS = [
    _L.document_id, _L.entity, _L.entity_id, _NUMBER.label("number"), t.action.c.id.label("action_id"),
    _L.created_by.label("linked_by"), _L.created_at.label("linked_at"),
]  # fmt: skip
_LISTED = select(*_COLUMNS, *_LINK_COLUMNS).select_from(_LINKED.join(t.document, _D.id == _L.document_id))
_NEWEST = (_D.id.desc(),)
_OF_RECORD = _LISTED.where(_L.entity == _ENTITY, _L.entity_id == _ID, ~_D.is_inline).order_by(*_NEWEST)
_MESSAGES = select(t.exchange.c.id).where(t.exchange.c.action_id == _ID)
_ON_ACTION = or_(
    and_(_L.entity == Entity.ACTION, _L.entity_id == _ID),
    and_(_L.entity == Entity.EXCHANGE, _L.entity_id.in_(_MESSAGES)),
)
_OF_ACTION = _LISTED.where(_ON_ACTION, ~_D.is_inline).order_by(*_NEWEST)
COUNT_OF_ACTION = select(func.count(_L.document_id.distinct())).where(
    _ON_ACTION, _L.document_id.in_(select(_D.id).where(_D.id == _L.document_id, ~_D.is_inline))
)
"""Binds the action's id as `entity_id`."""
_IMAGES_OF = (
    select(_L.document_id)
    .join(t.document, _D.id == _L.document_id)
    .where(_L.entity == _ENTITY, _L.entity_id == _ID, _D.is_inline)
)
_LINKS_OF = select(*_LINK_COLUMNS).select_from(_LINKED).where(_L.document_id.in_(_SEVERAL))
_GET = select(*_COLUMNS).where(_D.id == bindparam("document_id", type_=Integer))
_LOCKED_GET = _GET.with_for_update()
_USED = select(func.coalesce(func.sum(_D.size_bytes), 0))
_USED_BY_CLIENT = _USED.where(_D.client_id == bindparam("client_id", type_=Integer))

# What a holder's rights are measured against: its table, its client, its people, its unit.
_HOLDERS: Mapping[Entity, tuple[Table, str, tuple[str, ...], str]] = {
    Entity.EXCHANGE: (t.exchange, "client_id", ("person_id", "created_by"), ""),
    Entity.DEAL: (t.deal, "client_id", ("owner_id", "created_by"), "org_unit_id"),
    Entity.SERVICE_REPORT: (t.service_report, "client_id", ("technician_id", "created_by"), "org_unit_id"),
    Entity.CLIENT: (t.client, "id", (), ""),
    Entity.MESSAGE_TEMPLATE: (t.message_template, "", (), ""),
}
_BEST_FIRST = [Entity.ACTION, Entity.EXCHANGE, Entity.DEAL, Entity.SERVICE_REPORT, Entity.CLIENT]


class SqlDocuments(DocumentUpkeep):
    """Fulfils `lib.domain.store.Documents`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    # ---- reading

    def get(self, document_id: int, *, for_update: bool = False) -> Document | None:
        statement = _LOCKED_GET if for_update else _GET
        row = self.connection.execute(statement, {"document_id": document_id}).one_or_none()
        return Document(**row._mapping) if row else None

    def links(self, document_ids: Collection[int]) -> list[Link]:
        """Where these documents hang, whoever may see it."""
        return [_link(row) for row in self.connection.execute(_LINKS_OF, {"ids": sorted(document_ids)})]

    def holder(self, entity: Entity, entity_id: int) -> HolderRow | None:
        """What the rights on a record other than an action are measured against."""
        row = self.connection.execute(_holder(entity), {"entity_id": entity_id}).mappings().one_or_none()
        if row is None:
            return None
        _table, client, people, unit = _HOLDERS[entity]
        return HolderRow(
            client_id=row[client] if client else None,
            action_id=row["action_id"] if entity == Entity.EXCHANGE else None,
            person_ids=frozenset(row[name] for name in people if row[name]),
            unit_ids=frozenset({row[unit]} - {None}) if unit else frozenset(),
            is_sealed=entity == Entity.EXCHANGE and row["state"] != "recorded",
        )

    def of_holder(self, entity: Entity, entity_id: int) -> list[tuple[Document, Link]]:
        """The documents of a record, newest first, each once; an action's own links before those of its messages."""
        statement = _OF_ACTION if entity == Entity.ACTION else _OF_RECORD
        found: dict[int, tuple[Document, Link]] = {}
        values = {"entity": entity, "entity_id": entity_id} if entity != Entity.ACTION else {"entity_id": entity_id}
        for row in self.connection.execute(statement, values):
            document, link = Document(**dict(zip(_NAMES, row, strict=False))), _link(row[_WIDTH:])
            if document.id not in found or link.entity == entity:
                found[document.id] = document, link
        return list(found.values())

    def images_of(self, entity: Entity, entity_id: int) -> frozenset[int]:
        """The images that the texts of a record may name."""
        return frozenset(self.connection.scalars(_IMAGES_OF, {"entity": entity, "entity_id": entity_id}))

    def count_of_action(self, action_id: int) -> int:
        return self.connection.scalar(COUNT_OF_ACTION, {"entity_id": action_id}) or 0

    def count_of_client(
        self, client_id: int, *, seen: Reader | None, besides: tuple[Entity, int] | None, named: str, counted: int
    ) -> int:
        values = _values(client_id, seen, besides) | {"named": _pattern(named), "row_limit": counted}
        return self.connection.scalar(_count_of_client(_shape(seen), besides is not None), values) or 0

    def of_client(
        self, client_id: int, *, seen: Reader | None, besides: tuple[Entity, int] | None, named: str, limit: int,
        skip: int,
    ) -> list[tuple[Document, Link]]:  # fmt: skip
        """A client's documents that a reader sees, newest first, each with the nearest of the links that he sees.

        `named`: those whose folded name holds these folded words, in their order.
        """
        values = _values(client_id, seen, besides)
        values |= {"named": _pattern(named), "row_limit": limit, "row_skip": skip}
        rows = self.connection.execute(_of_client(_shape(seen), besides is not None), values)
        documents = [Document(**row._mapping) for row in rows]
        if not documents:
            return []
        mine = {"ids": [document.id for document in documents]} | _values(client_id, seen, None)
        del mine["client_id"]
        found = sorted(
            (_link(row) for row in self.connection.execute(_seen_links(_shape(seen)), mine)),
            key=lambda link: -_BEST_FIRST.index(link.entity),
        )
        nearest = {link.document_id: link for link in found}
        return [(document, nearest[document.id]) for document in documents]

    def used_bytes(self, client_id: int | None) -> int:
        """What a client's documents take, or everybody's; a content that several rows name counts for each."""
        if client_id is None:
            return int(self.connection.scalar(_USED) or 0)
        return int(self.connection.scalar(_USED_BY_CLIENT, {"client_id": client_id}) or 0)

    # ---- writing

    def add(self, values: Mapping[str, Any]) -> int:
        written = {**values, "folded_name": folded(values["name"])}
        return self.connection.execute(insert(t.document).values(**written).returning(_D.id)).scalar_one()

    def link(
        self, document_ids: Collection[int], entity: Entity, entity_id: int, *, by: int | None, at: datetime
    ) -> None:
        rows = [
            {"document_id": each, "entity": entity, "entity_id": entity_id, "created_by": by, "created_at": at}
            for each in document_ids
        ]
        if rows:
            self.connection.execute(insert(t.document_link), rows)

    def unlink(self, document_ids: Collection[int] | None, entity: Entity, entity_id: int) -> None:
        """Take documents, or all of them, off a record; the rows that hang on nothing else go too."""
        here = and_(_L.entity == entity, _L.entity_id == entity_id)
        mine = here if document_ids is None else and_(here, _L.document_id.in_(document_ids))
        taken = self.connection.scalars(delete(t.document_link).where(mine).returning(_L.document_id)).all()
        held = exists().where(_L.document_id == _D.id)
        if taken:
            self.connection.execute(delete(t.document).where(_D.id.in_(taken), ~held))

    def set_client(self, entity: Entity, entity_id: int, client_id: int) -> None:
        """Give the documents of a record that had no client yet its own."""
        mine = select(_L.document_id).where(_L.entity == entity, _L.entity_id == entity_id)
        waiting = update(t.document).where(_D.id.in_(mine), _D.client_id.is_(None))
        self.connection.execute(waiting.values(client_id=client_id))


_NAMES = [f.name for f in fields(Document)]


def _link(row: Sequence[Any]) -> Link:
    document_id, entity, entity_id, number, action_id, by, at = row
    return Link(document_id, Entity(entity), entity_id, number, action_id, by, at)


@cache
def _holder(entity: Entity) -> Select[Any]:
    table, client, people, unit = _HOLDERS[entity]
    names = [name for name in ("id", client, *people, unit) if name]
    names += ["action_id", "state"] if entity == Entity.EXCHANGE else []
    return select(*(table.c[name] for name in dict.fromkeys(names))).where(table.c.id == _ID)


# ---- what a reader sees of a client's documents

_Shape = tuple[bool, bool] | None
"""Whether he sees his units' actions, and clients; None sees all. Statements are built once for each."""


def _shape(seen: Reader | None) -> _Shape:
    return (seen.sees_units, seen.sees_clients) if seen else None


def _values(client_id: int, seen: Reader | None, besides: tuple[Entity, int] | None) -> dict[str, Any]:
    values: dict[str, Any] = {"client_id": client_id}
    if seen:
        values |= {"me": seen.person_id, "my_units": sorted(seen.unit_ids)}
    if besides:
        values |= {"besides": besides[0], "besides_id": besides[1]}
    return values


def _pattern(named: str) -> str:
    """For LIKE; what is folded holds none of its signs but `_`, which then stands for itself too."""
    return f"%{named.replace(' ', '%')}%"


def sees_action(*, sees_units: bool) -> ColumnElement[bool]:
    """Whether a reader sees the joined row of `action`, by lib.domain.chain.owners_of; binds `me` and `my_units`."""
    s, me = t.sub_action.c, bindparam("me", type_=Integer)
    in_my_units: ColumnElement[bool] = s.org_unit_id.in_(bindparam("my_units", expanding=True, type_=Integer))
    if not sees_units:  # only what waits in a pool of his
        in_my_units = and_(in_my_units, s.is_open, s.assignee_id.is_(None))
    part = or_(s.assignee_id == me, s.created_by == me, s.reported_by == me, in_my_units)
    parts = select(literal(1)).where(s.action_id == t.action.c.id, part).correlate(t.action)
    return or_(t.action.c.responsible_id == me, parts.exists())


def _seen(shape: _Shape) -> ColumnElement[bool]:
    if shape is None:
        return _L.entity != Entity.SUB_ACTION
    sees_units, sees_clients = shape
    on_action = and_(t.action.c.id.is_not(None), sees_action(sees_units=sees_units))
    if not sees_clients:
        return on_action
    return or_(and_(t.action.c.id.is_(None), _L.entity != Entity.SUB_ACTION), on_action)


@cache
def _client_documents(shape: _Shape, is_besides: bool) -> Select[Any]:
    links = select(literal(1)).select_from(_LINKED).where(_L.document_id == _D.id, _seen(shape)).correlate(t.document)
    mine = and_(_D.client_id == bindparam("client_id", type_=Integer), ~_D.is_inline)
    named = _D.folded_name.like(bindparam("named", type_=String))
    kept = select(*_COLUMNS).where(mine, named, links.exists())
    if is_besides:
        other = t.document_link.alias().c
        there = and_(
            other.document_id == _D.id,
            other.entity == bindparam("besides", type_=String),
            other.entity_id == bindparam("besides_id", type_=Integer),
        )
        kept = kept.where(~exists().where(there))
    return kept


@cache
def _of_client(shape: _Shape, is_besides: bool) -> Select[Any]:
    skip, limit = bindparam("row_skip", type_=Integer), bindparam("row_limit", type_=Integer)
    return _client_documents(shape, is_besides).order_by(*_NEWEST).offset(skip).limit(limit)


@cache
def _count_of_client(shape: _Shape, is_besides: bool) -> Select[Any]:
    kept = _client_documents(shape, is_besides).with_only_columns(_D.id)
    return select(func.count()).select_from(kept.limit(bindparam("row_limit", type_=Integer)).subquery())


@cache
def _seen_links(shape: _Shape) -> Select[Any]:
    return _LINKS_OF.where(_seen(shape))
