"""Deals, and the stages they go through."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
)

from lib.db.columns import Instant, key, label_columns, metadata, to, version

deal_stage = Table(
    "deal_stage",
    metadata,
    key(),
    *label_columns(),
    Column("outcome", String(4), nullable=False, server_default="open"),
    Column("probability_pct", SmallInteger, nullable=False, server_default="0"),
    CheckConstraint("outcome in ('open', 'won', 'lost')", name="outcome"),
)
deal = Table(
    "deal",
    metadata,
    key(),
    Column("number", Integer, nullable=False, unique=True),
    to("client"),
    Column("title", String(160), nullable=False),
    Column("amount_eur", Numeric(12, 2), nullable=True),
    Column("expected_on", Date, nullable=True),
    to("person", "owner_id", nullable=True),
    to("org_unit", nullable=True),
    to("contact", nullable=True),
    to("deal_stage", "stage_id", nullable=True),  # null for SQLite, which adds no other to a table; never left empty
    Column("closed_on", Date, nullable=True),  # the day it was won or lost
    Column("note", Text, nullable=False, server_default=""),
    Column("created_by", ForeignKey("person.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    version(),
    sqlite_autoincrement=True,
)
Index("ix_deal_client_id", deal.c.client_id)
