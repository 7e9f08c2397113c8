"""Exchanges: messages received from and sent to clients, what waits to leave, what was fetched, and the templates."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
    literal_column,
)

from lib.db.columns import Instant, key, label_columns, metadata, to, version

exchange_kind = Table(
    "exchange_kind",
    metadata,
    key(),
    *label_columns(),
    Column("is_reminder", Boolean, nullable=False, server_default=false()),  # a relance: counted in red
)
exchange = Table(
    "exchange",
    metadata,
    key(),
    to("client", nullable=True),  # null, as the action is, while a received message waits to be attached
    to("action", nullable=True),
    to("contact", nullable=True),
    to("exchange_kind", "kind_id", nullable=True),
    Column("direction", String(8), nullable=False),
    Column("state", String(10), nullable=False),
    to("person", nullable=True),  # of us: who sent it, or whom it was sent to
    Column("at", Instant, nullable=False),  # when it was said, written or sent
    Column("subject", String(300), nullable=False, server_default=""),
    Column("body_html", Text, nullable=False, server_default=""),
    Column("body_text", Text, nullable=False, server_default=""),
    Column("quoted_html", Text, nullable=False, server_default=""),  # what a reply repeats, shown folded
    Column("correspondent_name", String(160), nullable=False, server_default=""),
    Column("correspondent_email", String(254), nullable=False, server_default=""),  # lower case
    Column("cc", Text, nullable=False, server_default=""),  # addresses separated by commas
    Column("message_id", String(255), nullable=True, unique=True),  # of the e-mail, without its angle brackets
    Column("in_reply_to", String(255), nullable=False, server_default=""),
    Column("is_automatic", Boolean, nullable=False, server_default=false()),  # nobody wrote it: never answered
    Column("is_set_aside", Boolean, nullable=False, server_default=false()),  # looked at, of no action
    # It joined its action by itself, though its sender isn't known to have anything to do with it.
    Column("is_sender_unknown", Boolean, nullable=False, server_default=false()),
    Column("remarks", Text, nullable=False, server_default=""),  # JSON: what of it couldn't be kept, in sentences
    Column("created_by", ForeignKey("person.id"), nullable=True),  # null: it came by e-mail
    Column("created_at", Instant, nullable=False),
    version(),
    CheckConstraint("direction in ('received', 'sent')", name="direction"),
    CheckConstraint("state in ('recorded', 'received', 'queued', 'sent', 'failed')", name="state"),
    sqlite_autoincrement=True,
)
Index("ix_exchange_action_id", exchange.c.action_id, exchange.c.at)
Index("ix_exchange_client_id", exchange.c.client_id, exchange.c.at)
outbox = Table(
    # One row for each e-mail that hasn't left; whoever sends takes it for a while, so that none leaves twice.
    "outbox",
    metadata,
    to("exchange", primary_key=True),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("next_try_at", Instant, nullable=True),  # null: given up, until somebody asks again
    Column("taken_until", Instant, nullable=True),
    Column("last_error", Text, nullable=False, server_default=""),
)
Index("ix_outbox_next_try_at", outbox.c.next_try_at)
mailbox = Table(
    # How far each folder was read.
    "mailbox",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("uid_validity", BigInteger, nullable=False),
    Column("last_uid", BigInteger, nullable=False),
    Column("read_at", Instant, nullable=True),
    Column("last_error", Text, nullable=False, server_default=""),
)
message_not_kept = Table(
    # What couldn't be stored: it stays in the mailbox, is told, and is tried again.
    "message_not_kept",
    metadata,
    Column("mailbox_name", String(200), primary_key=True),
    Column("uid", BigInteger, primary_key=True, autoincrement=False),
    Column("tries", Integer, nullable=False, server_default="1"),
    Column("tried_at", Instant, nullable=False),
    Column("last_error", Text, nullable=False, server_default=""),
)
message_template = Table(
    "message_template",
    metadata,
    key(),
    *label_columns(),
    to("exchange_kind", "kind_id", nullable=True),
    Column("subject", String(300), nullable=False, server_default=""),
    Column("body_html", Text, nullable=False, server_default=""),
    version(),
)
TO_ATTACH = (exchange.c.direction == literal_column("'received'")) & exchange.c.action_id.is_(None)
Index(
    "ix_exchange_to_attach", exchange.c.is_set_aside, exchange.c.at, sqlite_where=TO_ATTACH, postgresql_where=TO_ATTACH
)
