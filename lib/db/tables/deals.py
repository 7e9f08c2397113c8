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
    func,
    literal_column,
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
    Column("lost_reason", String(300), nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("created_by", ForeignKey("person.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    version(),
    sqlite_autoincrement=True,
)
Index("ix_deal_client_id", deal.c.client_id)
# Deals without a date come after the others, those without an amount before them, on both engines: NULL sorts
# differently on each. With literals, which SQLite wants in order to see that an index answers.
EXPECTED_ORDER = func.coalesce(deal.c.expected_on, literal_column("'9999-12-31'"))
AMOUNT_ORDER = func.coalesce(deal.c.amount_eur, literal_column("-1"))
Index("ix_deal_expected_on", EXPECTED_ORDER, deal.c.id)
Index("ix_deal_amount_eur", AMOUNT_ORDER, deal.c.id)
Index("ix_deal_stage_id", deal.c.stage_id, EXPECTED_ORDER, deal.c.id, deal.c.amount_eur)
# They end with what counts and sums ask, so that no deal is fetched for them.
Index("ix_deal_owner_id", deal.c.owner_id, EXPECTED_ORDER, deal.c.id, deal.c.stage_id, deal.c.amount_eur)
Index("ix_deal_org_unit_id", deal.c.org_unit_id, EXPECTED_ORDER, deal.c.id, deal.c.stage_id, deal.c.amount_eur)
