"""Clients with their sites, contacts, and the words they are found by."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, Float, Index, String, Table, true

from lib.db.columns import key, metadata, to, version


def _bytewise(length: int) -> Any:
    """A text that both engines compare byte by byte: what begins with a word is then one range of an index."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


client = Table(
    "client",
    metadata,
    key(),
    Column("code", String(20), nullable=False, unique=True),
    Column("name", String(160), nullable=False),
    Column("town", String(80), nullable=False, server_default=""),
    Column("phone", String(30), nullable=False, server_default=""),
    Column("relation", String(20), nullable=False, server_default="prospect"),
    to("person", "account_manager_id", nullable=True),
    to("business_activity", nullable=True),
    Column("is_active", Boolean, nullable=False, server_default=true()),
    Column("siret", String(14), nullable=False, server_default=""),  # 14 digits, or nothing
    Column("website", String(200), nullable=False, server_default=""),
    # lib.domain.text.folded: lists are in its order, and it finds a client's doubles.
    Column("folded_name", _bytewise(160), nullable=False, server_default=""),
    version(),
    sqlite_autoincrement=True,
)
Index("ix_client_name_id", client.c.name, client.c.id)
Index("ix_client_siret", client.c.siret)
Index("ix_client_folded_name_id", client.c.folded_name, client.c.id)
Index("ix_client_account_manager_id", client.c.account_manager_id, client.c.folded_name, client.c.id)
Index("ix_client_relation", client.c.relation, client.c.folded_name, client.c.id)
site = Table(
    "site",
    metadata,
    key(),
    to("client"),
    Column("name", String(120), nullable=False),
    Column("address", String(200), nullable=False, server_default=""),
    Column("postcode", String(10), nullable=False, server_default=""),
    Column("town", String(80), nullable=False, server_default=""),
    Column("phone", String(30), nullable=False, server_default=""),
    Column("latitude", Float, nullable=True),  # WGS 84, degrees
    Column("longitude", Float, nullable=True),
    Column("is_active", Boolean, nullable=False, server_default=true()),
    version(),
)
Index("ix_site_client_id", site.c.client_id)
contact = Table(
    "contact",
    metadata,
    key(),
    to("client"),
    to("site", nullable=True),
    Column("name", String(120), nullable=False),
    Column("role", String(80), nullable=False, server_default=""),
    Column("phone", String(30), nullable=False, server_default=""),
    Column("email", String(254), nullable=False, server_default=""),  # lower case
    Column("is_active", Boolean, nullable=False, server_default=true()),  # has gone otherwise
    version(),
)
Index("ix_contact_client_id", contact.c.client_id)
Index("ix_contact_email", contact.c.email)
client_word = Table(
    # The words a client is found by (lib.domain.clients.index_words), phone numbers as digits: one range scan of this
    # key answers each keystroke on both engines, where LIKE '%…%' reads the whole table.
    "client_word",
    metadata,
    Column("word", _bytewise(60), primary_key=True),
    to("client", primary_key=True),
)
Index("ix_client_word_client_id", client_word.c.client_id, client_word.c.word)
