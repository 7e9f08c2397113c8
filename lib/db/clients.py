"""Clients with their sites and contacts, and the words they are found by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from sqlalchemy import Connection, delete, func, insert, select

from lib.db import tables as t
from lib.domain.clients import Client, ClientFile, Contact, Site, index_words

_COLUMNS = [t.client.c[f.name] for f in fields(Client)]
_AFTER_EVERY_WORD = "{"
"""Sorts after digits and letters: `word >= 'du' and word < 'du{'` is the range of the words that begin with `du`."""


class SqlClients:
    """Fulfils `lib.domain.store.Clients`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def find(self, words: Sequence[str], *, limit: int) -> list[Client]:
        """Active clients that have a word beginning with each of `words`: one range of the index for each."""
        kept = select(*_COLUMNS).where(t.client.c.is_active)
        for word in words:
            w = t.client_word.alias()
            in_range = (w.c.word >= word) & (w.c.word < word + _AFTER_EVERY_WORD)
            kept = kept.where(t.client.c.id.in_(select(w.c.client_id).where(in_range)))
        # The names that begin with what is typed come first.
        rank = func.lower(t.client.c.name).not_like(f"{words[0]}%") if words else t.client.c.id
        best = kept.order_by(rank, t.client.c.name, t.client.c.id).limit(limit)
        return [Client(**row) for row in self.connection.execute(best).mappings()]

    def file(self, client_id: int) -> ClientFile | None:
        row = self.connection.execute(select(*_COLUMNS).where(t.client.c.id == client_id)).mappings().one_or_none()
        if row is None:
            return None
        sites = select(t.site).where(t.site.c.client_id == client_id).order_by(t.site.c.name, t.site.c.id)
        contacts = (
            select(t.contact).where(t.contact.c.client_id == client_id).order_by(t.contact.c.name, t.contact.c.id)
        )
        return ClientFile(
            Client(**row),
            tuple(Site(**site) for site in self.connection.execute(sites).mappings()),
            tuple(Contact(**contact) for contact in self.connection.execute(contacts).mappings()),
        )

    def index(self, client_id: int) -> None:
        """Write again the words a client is found by; to call after any change of it, its sites or its contacts."""
        file = self.file(client_id)
        self.connection.execute(delete(t.client_word).where(t.client_word.c.client_id == client_id))
        words = [{"word": word, "client_id": client_id} for word in sorted(index_words(file))] if file else []
        if words:
            self.connection.execute(insert(t.client_word), words)
