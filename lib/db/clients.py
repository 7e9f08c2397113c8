"""Clients with their sites and contacts, and the words they are found by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from typing import Any

from sqlalchemy import Connection, Integer, Select, String, bindparam, delete, func, insert, select

from lib.db import tables as t
from lib.domain.clients import Client, ClientFile, Contact, Site, index_words

_COLUMNS = [t.client.c[f.name] for f in fields(Client)]
_AFTER_EVERY_WORD = "{"
"""Sorts after digits and letters: `word >= 'du' and word < 'du{'` is the range of the words that begin with `du`."""


# Built once: building a statement costs more than running it.
_THIS = bindparam("client_id", type_=Integer)
_CLIENT = select(*_COLUMNS).where(t.client.c.id == _THIS)
_SITES = (
    select(*(t.site.c[f.name] for f in fields(Site)))
    .where(t.site.c.client_id == _THIS)
    .order_by(t.site.c.name, t.site.c.id)
)
_CONTACTS = (
    select(*(t.contact.c[f.name] for f in fields(Contact)))
    .where(t.contact.c.client_id == _THIS)
    .order_by(t.contact.c.name, t.contact.c.id)
)


@cache
def _found(words: int) -> Select[Any]:
    """The statement that finds clients by so many words."""
    kept = select(*_COLUMNS).where(t.client.c.is_active)
    for number in range(words):
        w = t.client_word.alias()
        in_range = (w.c.word >= bindparam(f"word_{number}", type_=String)) & (
            w.c.word < bindparam(f"end_{number}", type_=String)
        )
        kept = kept.where(t.client.c.id.in_(select(w.c.client_id).where(in_range)))
    # The names that begin with what is typed come first.
    rank = func.lower(t.client.c.name).not_like(bindparam("start", type_=String)) if words else t.client.c.id
    return kept.order_by(rank, t.client.c.name, t.client.c.id).limit(bindparam("limit", type_=Integer))


class SqlClients:
    """Fulfils `lib.domain.store.Clients`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def find(self, words: Sequence[str], *, limit: int) -> list[Client]:
        """Active clients that have a word beginning with each of `words`: one range of the index for each."""
        values = {f"word_{number}": word for number, word in enumerate(words)}
        ends = {f"end_{number}": word + _AFTER_EVERY_WORD for number, word in enumerate(words)}
        start = {"start": f"{words[0]}%"} if words else {}
        found = self.connection.execute(_found(len(words)), values | ends | start | {"limit": limit})
        return [Client(*row) for row in found]

    def file(self, client_id: int) -> ClientFile | None:
        mine = {"client_id": client_id}
        row = self.connection.execute(_CLIENT, mine).one_or_none()
        if row is None:
            return None
        sites, contacts = self.connection.execute(_SITES, mine), self.connection.execute(_CONTACTS, mine)
        return ClientFile(
            Client(*row), tuple(Site(*each) for each in sites), tuple(Contact(*each) for each in contacts)
        )

    def index(self, client_id: int) -> None:
        """Write again the words a client is found by; to call after any change of it, its sites or its contacts."""
        file = self.file(client_id)
        self.connection.execute(delete(t.client_word).where(t.client_word.c.client_id == client_id))
        words = [{"word": word, "client_id": client_id} for word in sorted(index_words(file))] if file else []
        if words:
            self.connection.execute(insert(t.client_word), words)
