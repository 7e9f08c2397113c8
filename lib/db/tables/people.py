"""People, what they may do, when they work, and how they sign in."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Time,
    false,
    true,
)

from lib.db.columns import Instant, key, metadata, to, version

profile = Table(
    "profile",
    metadata,
    key(),
    Column("code", String(40), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
)
profile_right = Table(
    "profile_right",
    metadata,
    to("profile", primary_key=True),
    Column("operation", String(40), primary_key=True),
    Column("scope", SmallInteger, nullable=False),
)
person = Table(
    "person",
    metadata,
    key(),
    Column("name", String(120), nullable=False),
    Column("email", String(254), nullable=False, unique=True),  # lower case: the name to sign in with
    to("profile"),
    Column("is_active", Boolean, nullable=False, server_default=true()),
    Column("language", String(5), nullable=False, server_default="fr"),
    version(),
    sqlite_autoincrement=True,
)
business_activity = Table("business_activity", metadata, key(), Column("label", String(120), nullable=False))
org_unit = Table(
    "org_unit",
    metadata,
    key(),
    Column("name", String(120), nullable=False),
    Column("kind", String(20), nullable=False),
    to("business_activity"),
    Column("position", Integer, nullable=False, server_default="0"),
    Column("is_active", Boolean, nullable=False, server_default=true()),
)
membership = Table(
    "membership",
    metadata,
    to("person", primary_key=True),
    to("org_unit", primary_key=True),
    Column("is_preferred", Boolean, nullable=False, server_default=false()),
)
working_hours = Table(
    # Hours worked on a weekday (0 is Monday); without a person, the organisation's.
    "working_hours",
    metadata,
    key(),
    to("person", nullable=True),
    Column("weekday", SmallInteger, nullable=False),
    Column("start_time", Time, nullable=False),
    Column("end_time", Time, nullable=False),
)
Index("ix_working_hours_person_id", working_hours.c.person_id)
absence = Table(
    "absence",
    metadata,
    key(),
    to("person"),
    Column("kind", String(20), nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("start_time", Time, nullable=True),  # null: from the start of its first day
    Column("ends_on", Date, nullable=False),  # its last day, included
    Column("end_time", Time, nullable=True),  # null: to the end of its last day
    Column("note", String(200), nullable=False, server_default=""),
    Column("created_by", ForeignKey("person.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    version(),
    CheckConstraint("ends_on >= starts_on", name="in_order"),
    sqlite_autoincrement=True,
)
Index("ix_absence_person_id_ends_on", absence.c.person_id, absence.c.ends_on, absence.c.starts_on)
credential = Table(
    "credential",
    metadata,
    to("person", primary_key=True),
    Column("password_hash", String(255), nullable=False),
    Column("must_change", Boolean, nullable=False, server_default=false()),
    Column("changed_at", Instant, nullable=False),
)
sign_in_session = Table(
    "sign_in_session",
    metadata,
    Column("token_hash", String(64), primary_key=True),  # sha256 of the cookie's token: a stolen backup opens nothing
    to("person"),
    Column("created_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("user_agent", String(200), nullable=False, server_default=""),
)
Index("ix_sign_in_session_person_id", sign_in_session.c.person_id)
sign_in_attempt = Table(
    "sign_in_attempt",
    metadata,
    key(),
    Column("account", String(254), nullable=False),
    Column("address", String(45), nullable=False),
    Column("at", Instant, nullable=False),
)
Index("ix_sign_in_attempt_account_at", sign_in_attempt.c.account, sign_in_attempt.c.at)
Index("ix_sign_in_attempt_address_at", sign_in_attempt.c.address, sign_in_attempt.c.at)
