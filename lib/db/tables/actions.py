"""Actions and sub-actions, with the indexes that their lists and sums are read from."""

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
    String,
    Table,
    Text,
    Time,
    UniqueConstraint,
    false,
    func,
    literal_column,
)

from lib.db.columns import Instant, key, metadata, to, version

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
    to("service_report", nullable=True),  # that it was born from (R6)
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
Index("ix_action_service_report_id", action.c.service_report_id)
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
