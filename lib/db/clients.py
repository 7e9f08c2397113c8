"""Clients with their sites and contacts, and the words they are found by."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from functools import cache, lru_cache
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
    delete,
    func,
    insert,
    literal_column,
    select,
    true,
    union,
    update,
)

from lib.db import tables as t
from lib.db.client_overview import overview_of
from lib.db.counters import next_value
from lib.db.search import index_sub_actions
from lib.domain.client_sheet import Overview
from lib.domain.clients import Client, ClientFile, ClientFilter, Contact, Site, index_words
from lib.domain.lists import COUNTED, PAGE_ROWS, TEXT_COUNTED

_C = t.client.c
CLIENT_COLUMNS = [_C[f.name] for f in fields(Client)]
_SITE_COLUMNS = [t.site.c[f.name] for f in fields(Site)]
_CONTACT_COLUMNS = [t.contact.c[f.name] for f in fields(Contact)]
_AFTER_EVERY_WORD = "{"
"""Sorts after digits and letters: `word >= 'du' and word < 'du{'` is the range of the words that begin with `du`."""
_LOOKED_AT = 150
"""Clients that a keystroke looks at, however many have such a word: two letters may begin everybody's."""
_WEIGHED = 2_000
"""How far the clients of a word are counted, to begin with the word that has the fewest."""
_AT_ONCE = 500
"""Sub-actions whose words are written in one go."""
_TABLES: Mapping[str, Table] = {"client": t.client, "site": t.site, "contact": t.contact}

# Built once: building a statement costs more than running it.
_THIS = bindparam("client_id", type_=Integer)
_SEVERAL: Any = bindparam("client_ids", expanding=True, type_=Integer)
_CLIENT = select(*CLIENT_COLUMNS).where(_C.id == _THIS)
_LOCKED_CLIENT = _CLIENT.with_for_update(key_share=True)
_SITES, _CONTACTS = select(*_SITE_COLUMNS), select(*_CONTACT_COLUMNS)
_BY_NAME = {
    "sites": (t.site.c.name, t.site.c.id),
    "contacts": (t.contact.c.name, t.contact.c.id),
}
_ITS_SITES = _SITES.where(t.site.c.client_id == _THIS).order_by(*_BY_NAME["sites"])
_ITS_CONTACTS = _CONTACTS.where(t.contact.c.client_id == _THIS).order_by(*_BY_NAME["contacts"])
_THEIR_SITES = _SITES.where(t.site.c.client_id.in_(_SEVERAL)).order_by(*_BY_NAME["sites"])
_THEIR_CONTACTS = _CONTACTS.where(t.contact.c.client_id.in_(_SEVERAL)).order_by(*_BY_NAME["contacts"])
_SUB_ACTIONS = select(t.sub_action.c.id).where(t.sub_action.c.client_id == _THIS)


def _begins(column: ColumnElement[str], start: str, end: str) -> ColumnElement[bool]:
    return and_(column >= bindparam(start, type_=String), column < bindparam(end, type_=String))


def _with_words(words: int) -> Select[Any]:
    """The clients that have a word beginning with each of `words`; the first one leads, the others are looked up."""
    lead = t.client_word.alias()
    found = select(lead.c.client_id).where(_begins(lead.c.word, "word_0", "end_0"))
    for number in range(1, words):
        w = t.client_word.alias()
        mine = _begins(w.c.word, f"word_{number}", f"end_{number}") & (w.c.client_id == lead.c.client_id)
        found = found.where(select(literal_column("1")).where(mine).exists())
    return found.order_by(lead.c.word)


@cache
def _weights(words: int) -> Select[Any]:
    """How many entries the range of each word has, counted up to _WEIGHED."""

    def weight(number: int) -> ColumnElement[int]:
        w = t.client_word.alias()
        mine = select(w.c.client_id).where(_begins(w.c.word, f"word_{number}", f"end_{number}"))
        cut = mine.limit(literal_column(str(_WEIGHED), Integer)).subquery()
        return select(func.count()).select_from(cut).scalar_subquery()

    each: list[Any] = list(map(weight, range(words)))
    return select(*each)


def _ranges(words: Sequence[str]) -> dict[str, str]:
    starts = {f"word_{number}": word for number, word in enumerate(words)}
    return starts | {f"end_{number}": word + _AFTER_EVERY_WORD for number, word in enumerate(words)}


@cache
def _found(words: int) -> Select[Any]:
    """The statement that finds clients by so many words: those whose name begins so, then others."""
    begins = _begins(_C.folded_name, "start", "start_end")
    limit = bindparam("limit", type_=Integer)
    named = select(_C.id).where(begins, _C.is_active).order_by(_C.folded_name, _C.id).limit(limit).subquery()
    others = _with_words(words).limit(literal_column(str(_LOOKED_AT), Integer)).subquery()
    either = union(select(named.c.id), select(others.c.client_id))
    kept = select(*CLIENT_COLUMNS).where(_C.is_active, _C.id.in_(either))
    return kept.order_by(begins.desc(), _C.folded_name, _C.id).limit(limit)


def _matches(words: int, *, cut: bool) -> Select[Any]:
    """The clients of the words; `cut` to as many as are counted, which is enough where nothing else is asked for."""
    found = _with_words(words).order_by(None).distinct()
    return found.limit(literal_column(str(TEXT_COUNTED + 1), Integer)) if cut else found


def _has_words(words: int) -> ColumnElement[bool]:
    """The same, looked up for each client: an account manager has few."""
    each = []
    for number in range(words):
        w = t.client_word.alias()
        mine = _begins(w.c.word, f"word_{number}", f"end_{number}") & (w.c.client_id == _C.id)
        each.append(select(literal_column("1")).where(mine).correlate(t.client).exists())
    return and_(*each)


Shape = tuple[int, bool, bool, bool]
"""How many words, and whether relations, account managers and activity are asked for."""


@lru_cache
def _kept(shape: Shape) -> ColumnElement[bool]:
    words, by_relation, by_manager, only_active = shape
    kept: list[ColumnElement[bool]] = [_C.is_active] if only_active else []
    if by_relation:
        kept.append(_C.relation.in_(bindparam("relations", expanding=True, type_=String)))
    if by_manager:
        kept.append(_C.account_manager_id.in_(bindparam("manager_ids", expanding=True, type_=Integer)))
    if words:
        kept.append(_has_words(words) if by_manager else _C.id.in_(_matches(words, cut=not by_relation)))
    return and_(true(), *kept)


@lru_cache
def _page(shape: Shape) -> Select[Any]:
    page = select(*CLIENT_COLUMNS).where(_kept(shape)).order_by(_C.folded_name, _C.id)
    return page.limit(literal_column(str(PAGE_ROWS), Integer)).offset(bindparam("skip", type_=Integer))


@lru_cache
def _count(shape: Shape) -> Select[Any]:
    rows = select(_C.id).where(_kept(shape)).order_by(_C.folded_name, _C.id)
    cut = rows.limit(literal_column(str(COUNTED + 1), Integer)).subquery()
    return select(func.count()).select_from(cut)


class SqlClients:
    """Fulfils `lib.domain.store.Clients`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    # ---- finding

    def find(self, words: Sequence[str], *, start: str, limit: int) -> list[Client]:
        """Active clients that have a word beginning with each of `words`; first those whose name begins with `start`.

        Of more than 150 some are left out.
        """
        values = {**self._bound(words), "start": start, "start_end": start + _AFTER_EVERY_WORD, "limit": limit}
        return [Client(*row) for row in self.connection.execute(_found(len(words)), values)]

    def page(self, chosen: ClientFilter, words: Sequence[str], *, page: int) -> tuple[list[Client], int]:
        """One page by name, and how many there are, counted up to one more than the filter's `counted`."""
        shape = (len(words), bool(chosen.relations), bool(chosen.manager_ids), not chosen.with_inactive)
        values: dict[str, Any] = {**self._bound(words), "skip": (page - 1) * PAGE_ROWS}
        values |= {"relations": sorted(chosen.relations), "manager_ids": sorted(chosen.manager_ids)}
        rows = [Client(*row) for row in self.connection.execute(_page(shape), values)]
        if page == 1 and len(rows) < PAGE_ROWS:
            return rows, len(rows)
        return rows, self.connection.scalar(_count(shape), values) or 0

    def _bound(self, words: Sequence[str]) -> dict[str, str]:
        """The ranges of the words, first the one that has the fewest clients: the others are looked up for these."""
        ranges = _ranges(words)
        if len(words) < 2:
            return ranges
        weights = self.connection.execute(_weights(len(words)), ranges).one()
        fewest = min(range(len(words)), key=lambda number: (weights[number], -len(words[number])))
        return _ranges([words[fewest], *words[:fewest], *words[fewest + 1 :]])

    def places_of(self, client_ids: Collection[int]) -> tuple[list[Site], list[Contact]]:
        """The sites and the contacts of some clients, by name."""
        mine = {"client_ids": sorted(client_ids)}
        sites = [Site(*each) for each in self.connection.execute(_THEIR_SITES, mine)]
        return sites, [Contact(*each) for each in self.connection.execute(_THEIR_CONTACTS, mine)]

    # ---- one client

    def file(self, client_id: int) -> ClientFile | None:
        mine = {"client_id": client_id}
        row = self.connection.execute(_CLIENT, mine).one_or_none()
        if row is None:
            return None
        return ClientFile(Client(*row), *self.places(client_id))

    def places(self, client_id: int) -> tuple[tuple[Site, ...], tuple[Contact, ...]]:
        """The sites and the contacts of a client, by name."""
        mine = {"client_id": client_id}
        sites, contacts = self.connection.execute(_ITS_SITES, mine), self.connection.execute(_ITS_CONTACTS, mine)
        return tuple(Site(*each) for each in sites), tuple(Contact(*each) for each in contacts)

    def get(self, client_id: int, *, for_update: bool = False) -> Client | None:
        """A client alone; `for_update` makes other writers of it, its sites and its contacts wait."""
        row = self.connection.execute(_LOCKED_CLIENT if for_update else _CLIENT, {"client_id": client_id}).one_or_none()
        return Client(*row) if row else None

    def overview(self, client_id: int) -> Overview | None:
        """A client at a glance, whoever may see its actions."""
        return overview_of(self.connection, client_id)

    def site(self, site_id: int) -> Site | None:
        row = self.connection.execute(_SITES.where(t.site.c.id == site_id)).one_or_none()
        return Site(*row) if row else None

    def contact(self, contact_id: int) -> Contact | None:
        row = self.connection.execute(_CONTACTS.where(t.contact.c.id == contact_id)).one_or_none()
        return Contact(*row) if row else None

    # ---- doubles

    def like(self, *, siret: str = "", folded_name: str = "", limit: int) -> list[Client]:
        """Clients of this SIRET, or of this folded name; active or not."""
        same = _C.siret == siret if siret else _C.folded_name == folded_name
        rows = self.connection.execute(select(*CLIENT_COLUMNS).where(same).order_by(_C.id).limit(limit))
        return [Client(*row) for row in rows]

    def with_email(self, email: str, *, limit: int) -> list[tuple[Client, Contact]]:
        """The contacts of this address, each with its client."""
        same = (
            select(*CLIENT_COLUMNS, *_CONTACT_COLUMNS)
            .join_from(t.contact, t.client)
            .where(t.contact.c.email == email)
            .order_by(t.contact.c.id)
            .limit(limit)
        )
        cut = len(CLIENT_COLUMNS)
        return [(Client(*row[:cut]), Contact(*row[cut:])) for row in self.connection.execute(same)]

    def has_code(self, code: str) -> bool:
        """Whether a client has this code."""
        return self.connection.scalar(select(_C.id).where(_C.code == code)) is not None

    def next_number(self) -> int:
        """A number that no client's code was made of yet."""
        return next_value(self.connection, "client")

    # ---- writing

    def add(self, noun: str, values: Mapping[str, Any]) -> int:
        """A new `client`, `site` or `contact`."""
        table = _TABLES[noun]
        return self.connection.execute(insert(table).values(**values).returning(table.c.id)).scalar_one()

    def update(self, noun: str, row_id: int, *, version: int, values: Mapping[str, Any]) -> bool:
        """Whether the row still had `version`, and so was written."""
        table = _TABLES[noun]
        mine = (table.c.id == row_id) & (table.c.version == version)
        changed = update(table).where(mine).values(**values, version=version + 1)
        return self.connection.execute(changed).rowcount == 1

    def index(self, client_id: int, *, with_actions: bool = False) -> None:
        """Write again the words a client is found by; to call after any change of it, its sites or its contacts.

        `with_actions` also those of its sub-actions, which hold its name, its town and its contacts' names.
        """
        file = self.file(client_id)
        self.connection.execute(delete(t.client_word).where(t.client_word.c.client_id == client_id))
        words = [{"word": word, "client_id": client_id} for word in sorted(index_words(file))] if file else []
        if words:
            self.connection.execute(insert(t.client_word), words)
        if with_actions:
            ids = list(self.connection.scalars(_SUB_ACTIONS, {"client_id": client_id}))
            for start in range(0, len(ids), _AT_ONCE):
                index_sub_actions(self.connection, ids[start : start + _AT_ONCE])
