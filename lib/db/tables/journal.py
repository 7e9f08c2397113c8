"""Counters, the journal of changes, drafts, and the keys of the requests carried out."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from lib.db.columns import Instant, key, metadata, to

counter = Table(
    "counter", metadata, Column("name", String(40), primary_key=True), Column("value", Integer, nullable=False)
)

change = Table(
    "change",
    metadata,
    key(),
    Column("operation_id", String(32), nullable=False),
    Column("operation", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    to("person"),
    Column("entity", String(40), nullable=False),
    Column("entity_id", Integer, nullable=False),
    Column("entity_key", String(80), nullable=False, server_default=""),
    Column("action_id", Integer, nullable=True),  # no foreign key: the journal outlives what it tells of
    Column("version", Integer, nullable=False),
    Column("field", String(40), nullable=False),
    Column("old", Text, nullable=False),
    Column("new", Text, nullable=False),
)
Index("ix_change_entity", change.c.entity, change.c.entity_id, change.c.version)
Index("ix_change_operation_id", change.c.operation_id)
Index("ix_change_action_id", change.c.action_id, change.c.id)
bulk_operation = Table(
    # One named gesture on many records: the journal holds what it changed, under its operation_id.
    "bulk_operation",
    metadata,
    key(),
    Column("operation_id", String(32), nullable=False, unique=True),
    Column("name", String(40), nullable=False),
    to("person"),
    Column("at", Instant, nullable=False),
    Column("record_count", Integer, nullable=False),
    Column("told", Text, nullable=False),  # JSON: what its sentence needs, as names were then
    Column("undone_at", Instant, nullable=True),
    Column("undone_by", ForeignKey("person.id"), nullable=True),
    sqlite_autoincrement=True,
)
Index("ix_bulk_operation_at", bulk_operation.c.at)
draft = Table(
    "draft",
    metadata,
    to("person", primary_key=True),
    Column("form", String(40), primary_key=True),  # what is being typed: "report", "edit", "create"
    Column("record_id", Integer, primary_key=True),  # of which sub-action; 0 for a new action
    Column("content", Text, nullable=False),  # JSON: the fields as typed
    Column("version", Integer, nullable=False),  # of the record when the form was opened
    Column("saved_at", Instant, nullable=False),
)
request = Table(
    "request",
    metadata,
    Column("key", String(64), primary_key=True),
    to("person"),
    Column("operation", String(40), nullable=False),
    Column("result_id", Integer, nullable=False),
    Column("at", Instant, nullable=False),
)
