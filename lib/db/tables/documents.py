"""Documents: what is known of the files, whose content lies in the store under its sha256, and what they belong to."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, false

from lib.db.columns import Instant, key, metadata, to

document = Table(
    "document",
    metadata,
    key(),
    to("client", nullable=True),  # null while a received message waits for its client
    Column("sha256", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Column("folded_name", String(200), nullable=False, server_default=""),  # to be searched
    Column("media_type", String(100), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("is_inline", Boolean, nullable=False, server_default=false()),  # an image inside a rich text
    Column("created_by", ForeignKey("person.id"), nullable=True),  # null: it came with a message
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)
Index("ix_document_client_id", document.c.client_id, document.c.is_inline, document.c.id)
Index("ix_document_sha256", document.c.sha256)
document_link = Table(
    "document_link",
    metadata,
    to("document", primary_key=True),
    Column("entity", String(20), primary_key=True),  # action, sub_action, exchange, deal, service_report, client
    Column("entity_id", Integer, primary_key=True),
    Column("created_by", ForeignKey("person.id"), nullable=True),
    Column("created_at", Instant, nullable=False),
)
Index("ix_document_link_entity", document_link.c.entity, document_link.c.entity_id, document_link.c.document_id)
