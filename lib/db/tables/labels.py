"""Label tables: the words that an action's fields choose among, and the parameters."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, false

from lib.db.columns import Instant, key, label_columns, metadata, to, version

action_domain = Table("action_domain", metadata, key(), to("business_activity"), *label_columns())
action_nature = Table(
    "action_nature",
    metadata,
    key(),
    *label_columns(),
    Column("icon", String(40), nullable=False, server_default="task"),
    Column("duration_min", Integer, nullable=False),
    Column("asks_participants", Boolean, nullable=False, server_default=false()),
    to("action_nature", "next_nature_id", nullable=True),
    Column("next_delay_days", Integer, nullable=False, server_default="1"),  # working days
    Column("is_meeting", Boolean, nullable=False, server_default=false()),  # its report makes a suspect a prospect
)
action_reason = Table("action_reason", metadata, key(), to("action_nature", "nature_id"), *label_columns())
action_result = Table("action_result", metadata, key(), to("action_nature", "nature_id"), *label_columns())
origin = Table("origin", metadata, key(), *label_columns())
parameter = Table(
    "parameter",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("value", String(40), nullable=False),  # JSON
    Column("changed_by", ForeignKey("person.id"), nullable=True),
    Column("changed_at", Instant, nullable=True),
    version(),
)
