"""Service reports (CRIT): what a technician did at a client's."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table, Text, Time

from lib.db.columns import Instant, key, metadata, to, version

service_report = Table(
    "service_report",
    metadata,
    key(),
    Column("number", Integer, nullable=False, unique=True),
    to("client"),
    to("site", nullable=True),
    to("contact", nullable=True),
    to("person", "technician_id"),
    to("org_unit", nullable=True),
    Column("done_on", Date, nullable=False),
    Column("start_time", Time, nullable=True),
    Column("duration_min", Integer, nullable=False),
    Column("equipment", String(300), nullable=False, server_default=""),
    Column("body_html", Text, nullable=False, server_default=""),
    Column("body_text", Text, nullable=False, server_default=""),
    Column("signed_by", String(120), nullable=False, server_default=""),  # who signed at the client's
    Column("created_by", ForeignKey("person.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    version(),
    sqlite_autoincrement=True,
)
# A page's rows are found in one of these alone, whatever the filter; the second sort is the number's own index.
Index(
    "ix_service_report_client_id", service_report.c.client_id, service_report.c.done_on, service_report.c.number,
    service_report.c.technician_id,
)  # fmt: skip
Index(
    "ix_service_report_technician_id", service_report.c.technician_id, service_report.c.done_on, service_report.c.number
)
Index("ix_service_report_done_on", service_report.c.done_on, service_report.c.number)
