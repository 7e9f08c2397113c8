"""The tables, in SQLAlchemy Core; the schema itself is made by the migrations only, and a test compares both.

Names ending in `_at` hold UTC instants (`Instant`), `_on` and `_date` local dates, `_min` minutes, `_eur` euros.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    Time,
    UniqueConstraint,
    false,
    func,
    literal_column,
    true,
)

from lib.db.columns import Instant, key, label_columns, to, version
from lib.db.columns import metadata as metadata

# ---- counters: numbers are taken here, in the transaction that uses them, so that none is given twice

counter = Table(
    "counter", metadata, Column("name", String(40), primary_key=True), Column("value", Integer, nullable=False)
)

# ---- people and rights
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

# ---- label tables

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

# ---- clients and deals

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
    version(),
    sqlite_autoincrement=True,
)
Index("ix_client_name_id", client.c.name, client.c.id)
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
    Column("email", String(254), nullable=False, server_default=""),
)
Index("ix_contact_client_id", contact.c.client_id)
client_word = Table(
    # The words a client is found by (name, code, towns, contacts) and its phone numbers as digits: one range scan of
    # this index answers each keystroke on both engines, where LIKE '%…%' reads the whole table.
    "client_word",
    metadata,
    Column("word", String(60).with_variant(String(60, collation="C"), "postgresql"), primary_key=True),
    to("client", primary_key=True),
)
Index("ix_client_word_client_id", client_word.c.client_id)
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
    Column("created_by", ForeignKey("person.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    version(),
    sqlite_autoincrement=True,
)
Index("ix_deal_client_id", deal.c.client_id)

# ---- actions

action = Table(
    "action",
    metadata,
    key(),
    Column("number", Integer, nullable=False, unique=True),
    to("client"),
    to("origin", nullable=True),
    to("person", "responsible_id", nullable=True),
    to("org_unit", nullable=True),
    to("deal", nullable=True),
    Column("next_seq", Integer, nullable=False, server_default="1"),
    Column("status", String(12), nullable=False),
    Column("created_by", ForeignKey("person.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    version(),
    Column("is_stalled", Boolean, nullable=False, server_default=false()),  # lib.domain.chain.is_stalled
    sqlite_autoincrement=True,
)
Index("ix_action_client_id", action.c.client_id)
Index("ix_action_deal_id", action.c.deal_id)
Index("ix_action_responsible_id_status", action.c.responsible_id, action.c.status, action.c.id)
Index(
    "ix_action_stalled", action.c.org_unit_id, action.c.id,
    sqlite_where=action.c.is_stalled, postgresql_where=action.c.is_stalled,
)  # fmt: skip
sub_action = Table(
    "sub_action",
    metadata,
    key(),
    to("action"),
    Column("seq", Integer, nullable=False),
    # The action's client, which never changes once the action exists: here so that a client's list is one index scan.
    to("client"),
    to("site", nullable=True),
    to("contact", nullable=True),
    to("action_domain", "domain_id", nullable=True),
    to("action_nature", "nature_id"),
    to("action_reason", "reason_id", nullable=True),
    to("person", "assignee_id", nullable=True),
    to("org_unit", nullable=True),
    Column("status", String(12), nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("listed_at", DateTime, nullable=False),  # lib.domain.chain.listed_at: local
    Column("planned_date", Date, nullable=True),
    Column("planned_time", Time, nullable=True),
    Column("duration_min", Integer, nullable=True),
    Column("detail_html", Text, nullable=False, server_default=""),
    Column("detail_text", Text, nullable=False, server_default=""),
    Column("done_on", Date, nullable=True),
    Column("done_time", Time, nullable=True),
    Column("done_duration_min", Integer, nullable=True),
    to("action_result", "result_id", nullable=True),
    Column("report_html", Text, nullable=False, server_default=""),
    Column("report_text", Text, nullable=False, server_default=""),
    Column("reported_by", ForeignKey("person.id"), nullable=True),
    Column("reported_at", Instant, nullable=True),
    Column("follow_up", String(12), nullable=True),
    Column("cancelled_at", Instant, nullable=True),
    Column("cancelled_by", ForeignKey("person.id"), nullable=True),
    Column("cancel_reason", Text, nullable=False, server_default=""),
    Column("created_by", ForeignKey("person.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    version(),
    UniqueConstraint("action_id", "seq"),
    CheckConstraint("status in ('to_plan', 'planned', 'done', 'cancelled')", name="status"),
    CheckConstraint("status <> 'planned' or planned_date is not null", name="planned_has_date"),
    CheckConstraint("status <> 'done' or (done_on is not null and follow_up is not null)", name="done_has_report"),
    sqlite_autoincrement=True,  # ids are never given again: a draft or the journal of a deleted one must find no other
)
# Each list is read in order from one range of one of these (lib.db.action_ranges). They end with what the other filters
# ask, so that a row that a filter drops, or that is only counted, is never fetched.
_LISTED = ("listed_at", "id")
_ASKED = ("status", "assignee_id", "org_unit_id", "nature_id", "domain_id", "reason_id", "reported_by")
LIST_INDEXES = {
    "open": ("is_open", *_LISTED, *_ASKED),
    "all": (*_LISTED, *_ASKED),
    "status": ("status", *_LISTED, "assignee_id", "org_unit_id"),
    "client_id_all": ("client_id", *_LISTED, "is_open", *_ASKED),
    **{f"{each}_open": (each, "is_open", *_LISTED, *(a for a in _ASKED if a != each))
       for each in ("assignee_id", "org_unit_id", "nature_id", "domain_id", "reason_id")},
    **{f"{each}_all": (each, *_LISTED, *(a for a in _ASKED if a != each)) for each in ("assignee_id", "org_unit_id")},
}  # fmt: skip
REPORTED_BY_COLLEAGUE = sub_action.c.reported_by != func.coalesce(sub_action.c.assignee_id, literal_column("0"))
Index(
    "ix_sub_action_colleague", *(sub_action.c[each] for each in (*_LISTED, *_ASKED)),
    sqlite_where=REPORTED_BY_COLLEAGUE, postgresql_where=REPORTED_BY_COLLEAGUE,
)  # fmt: skip
for _name, _columns in LIST_INDEXES.items():
    Index(f"ix_sub_action_{_name}", *(sub_action.c[each] for each in _columns))
# The workload adds up minutes from these alone, whatever the number of rows (lib.db.workload).
IS_PLANNED = sub_action.c.status == literal_column("'planned'")
IS_TO_PLAN = sub_action.c.status == literal_column("'to_plan'")
IS_DONE = sub_action.c.status == literal_column("'done'")
for _name, _columns, _kept in (
    ("planned_load", ("assignee_id", "planned_date", "nature_id", "duration_min", "org_unit_id"), IS_PLANNED),
    ("done_load", ("assignee_id", "done_on", "nature_id", "done_duration_min", "org_unit_id"), IS_DONE),
    ("to_plan_load", ("assignee_id", "org_unit_id", "duration_min"), IS_TO_PLAN),
    ("client_id_open", ("client_id",), sub_action.c.is_open),
):
    _each = [sub_action.c[name] for name in _columns]
    Index(f"ix_sub_action_{_name}", *_each, sqlite_where=_kept, postgresql_where=_kept)
sub_action_participant = Table(
    "sub_action_participant", metadata, to("sub_action", primary_key=True), to("person", primary_key=True)
)

# ---- journal, drafts, requests

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
