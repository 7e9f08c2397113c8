"""Service reports (CRIT): what a technician did at a client's; a sales action may be born from one (R6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from lib.domain import richtext
from lib.domain.chain import EXCERPT
from lib.domain.changes import record_change
from lib.domain.checks import Checks, checked_date, checked_id, checked_time, is_id
from lib.domain.clients import ClientFile, checked_place, open_client
from lib.domain.conflicts import refuse_conflict_on
from lib.domain.context import Context, command, once, query
from lib.domain.durations import parsed_duration
from lib.domain.errors import Conflict, Invalid, NotFound
from lib.domain.fields import Raw, checked_html
from lib.domain.holders import Entity
from lib.domain.inline_images import StoredText, drawn_first, link_images, with_images_stored
from lib.domain.lists import COUNTED, PAGE_ROWS
from lib.domain.people import Membership, OrgUnit, Person, UnitKind
from lib.domain.rights import Operation, Owners, allowed, require
from lib.domain.sentences import Sentence, say
from lib.domain.text import checked_line

MAX_EQUIPMENT = 300
MAX_NAME = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceReport:
    """One visit: where, by whom, when, for how long; `done_on` and `start_time` are the organisation's.

    `number` is shown as CRIT000012. `body_text` is the beginning (EXCERPT characters) of the rich text. `signed_by` is
    who signed at the client's. The unit is the technician's when the report was written.
    """

    id: int = 0
    number: int = 0
    client_id: int
    site_id: int | None = None
    contact_id: int | None = None
    technician_id: int
    org_unit_id: int | None = None
    done_on: date
    start_time: time | None = None
    duration_min: int
    equipment: str = ""
    body_text: str = ""
    signed_by: str = ""
    created_by: int = 0
    created_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class ServiceReportFile:
    """Everything the screen of one report shows, the actions born from it apart: those are a list like any other."""

    report: ServiceReport
    body_html: str
    client: ClientFile
    documents: int = 0


LABELS: Mapping[str, Sentence] = {
    "client": say("Client"),
    "site": say("Site"),
    "contact": say("Contact"),
    "technician": say("Technician"),
    "done_on": say("Date of the visit"),
    "start_time": say("Time of arrival"),
    "duration": say("Time spent"),
    "equipment": say("Equipment"),
    "body": say("Work done"),
    "signed_by": say("Signed by"),
}
"""The fields of the form, in its order."""
COLUMNS: Mapping[str, str] = {
    "site": "site_id", "contact": "contact_id", "technician": "technician_id", "done_on": "done_on",
    "start_time": "start_time", "duration": "duration_min", "equipment": "equipment", "body": "body",
    "signed_by": "signed_by",
}  # fmt: skip
"""The fields that stay editable, and how the journal calls them."""
REQUIRED = frozenset({"client", "technician", "done_on", "duration", "body"})


def shown_report_number(number: int) -> str:
    """`CRIT000012`."""
    return f"CRIT{number:06d}"


def technician_unit(person_id: int, memberships: Sequence[Membership], units: Sequence[OrgUnit]) -> OrgUnit | None:
    """The active unit that a technician works for: the one he prefers, else a service unit, else his first."""
    mine = {each.org_unit_id: each.is_preferred for each in memberships if each.person_id == person_id}
    found = [unit for unit in units if unit.id in mine and unit.is_active]
    return min(
        found, key=lambda u: (not mine[u.id], u.kind != UnitKind.SERVICE, u.position, u.id), default=None
    )  # fmt: skip


def report_owners(report: ServiceReport) -> Owners:
    """Whose a report is: the technician's and its author's, in the technician's unit."""
    units = frozenset({report.org_unit_id} if report.org_unit_id else ())
    return Owners(frozenset({report.technician_id, report.created_by}), units)


def edit_refused(ctx: Context, report: ServiceReport) -> Sentence | None:
    """Why this person can't change a report; None when he can."""
    return allowed(ctx, Operation.EDIT_SERVICE_REPORTS, report_owners(report))


def technicians(ctx: Context) -> list[Person]:
    """Who may be chosen as technician: every active person, those of service units first."""
    units, members = ctx.reference.units, ctx.reference.memberships
    service = {m.person_id for m in members if units[m.org_unit_id].kind == UnitKind.SERVICE}
    found = [person for person in ctx.reference.people.values() if person.is_active]
    return sorted(found, key=lambda person: person.id not in service)


# ---- reading


class ReportSort(StrEnum):
    """The sorts that an index serves."""

    DATE = "date"
    NUMBER = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFilter:
    """What a list of service reports keeps; several criteria combine."""

    client_id: int | None = None
    technician_id: int | None = None
    from_date: date | None = None
    to_date: date | None = None


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One line of a list: the report and the names that the line shows."""

    report: ServiceReport
    client_name: str
    client_town: str
    site_name: str


@dataclass(frozen=True, slots=True)
class ReportPage:
    """One page of a list; `total` is counted up to COUNTED + 1."""

    rows: tuple[ReportRow, ...]
    total: int
    number: int = 1
    size: int = field(default=PAGE_ROWS)

    @property
    def pages(self) -> int:
        """How many pages can be turned: those of the rows counted."""
        return max(1, -(-min(self.total, COUNTED) // self.size))


@query
def list_service_reports(
    ctx: Context, *, chosen: ReportFilter, sort: ReportSort = ReportSort.DATE, descending: bool = True, page: int = 1
) -> ReportPage:
    """One page of the reports that the filter keeps; `page` is brought into range."""
    require(ctx, Operation.VIEW_CLIENTS)
    number = min(max(1, page), COUNTED // PAGE_ROWS)
    return ctx.store.service_reports.page(chosen, sort=sort, descending=descending, page=number, size=PAGE_ROWS)


@query
def service_reports_of_client(ctx: Context, *, client_id: int, limit: int = 10) -> ReportPage:
    """The newest reports of a client, and how many there are: one statement, and one more when there are others."""
    require(ctx, Operation.VIEW_CLIENTS)
    mine = ReportFilter(client_id=client_id)
    return ctx.store.service_reports.page(mine, sort=ReportSort.DATE, descending=True, page=1, size=limit)


def opened_service_report(ctx: Context, report_id: object, *, for_update: bool = False) -> ServiceReport:
    """A report that this person may see; raises NotFound. Inside a transaction."""
    report = ctx.store.service_reports.get(report_id, for_update=for_update) if is_id(report_id) else None
    if report is None or allowed(ctx, Operation.VIEW_CLIENTS):
        raise NotFound
    return report


@query
def open_service_report(ctx: Context, *, report_id: object) -> ServiceReportFile:
    """A report with its text and its client; raises NotFound."""
    report = opened_service_report(ctx, report_id)
    body = ctx.store.service_reports.body(report.id)
    documents = len(ctx.store.documents.of_holder(Entity.SERVICE_REPORT, report.id))
    return ServiceReportFile(report, richtext.clean(body), open_client(ctx, client_id=report.client_id), documents)


# ---- writing


@drawn_first
@command
@once
def write_service_report(ctx: Context, *, raw: Raw, request_key: str) -> int:
    """Write the report of a visit (fields of LABELS); return its id. Raises Invalid with every problem, NotAllowed."""
    require(ctx, Operation.EDIT_SERVICE_REPORTS)
    checks = Checks()
    file = checks.run(lambda: _checked_client(ctx, raw.get("client")))
    checked = checks.run(lambda: _checked(ctx, file, raw))
    checks.done()
    assert file is not None
    assert checked is not None
    report, body = checked
    report = replace(report, client_id=file.client.id, created_by=ctx.person.id, created_at=ctx.now)
    written = _typed(report) | {"client_id": report.client_id, "created_by": report.created_by}
    stored = _with_images_stored(ctx, body, client_id=report.client_id, report_id=None)
    report_id, number = ctx.store.service_reports.add(written | {"created_at": ctx.now} | _text_columns(stored.html))
    link_images(ctx.store, stored.image_ids, Entity.SERVICE_REPORT, report_id, at=ctx.now, person_id=ctx.person.id)
    told = {name: (None, value) for name, value in _typed(report).items()}
    _record(ctx, "write_service_report", replace(report, id=report_id, number=number),
            {"": (None, shown_report_number(number)), **told, "body": ("", stored.html)})  # fmt: skip
    return report_id


@drawn_first
@command
def edit_service_report(ctx: Context, *, report_id: object, version: int, edits: Raw) -> ServiceReport:
    """Save the fields that the person changed; `version` is the one he saw when the form opened.

    Edits of other fields than those changed meanwhile are merged; the same field changed by both raises Conflict.
    Raises Invalid, NotAllowed, NotFound.
    """
    before = opened_service_report(ctx, report_id, for_update=True)
    require(ctx, Operation.EDIT_SERVICE_REPORTS, report_owners(before))
    if unknown := {name: say("Unknown field.") for name in edits if name not in COLUMNS}:
        raise Invalid(unknown)
    columns = {name: COLUMNS[name] for name in edits}
    refuse_conflict_on(
        ctx, "service_report", before.id, stored=before.version, version=version, edits=edits, columns=columns
    )
    stored = ctx.store.service_reports.body(before.id)
    file = open_client(ctx, client_id=before.client_id)
    after, body = _checked(ctx, file, {**_as_raw(before), "body": stored, **edits}, before=before)
    if "body" in edits:
        body = _with_images_stored(ctx, body, client_id=before.client_id, report_id=before.id).html
    is_text_new = "body" in edits and body != stored
    old, new = _typed(before), _typed(after)
    changed: dict[str, tuple[object, object]] = {name: (old[name], new[name]) for name in new if old[name] != new[name]}
    if not changed and not is_text_new:
        return before
    texts = _text_columns(body) if is_text_new else {}
    values = {name: new[name] for name in changed} | texts
    if not ctx.store.service_reports.update(before.id, version=before.version, values=values):
        raise Conflict(by=None, at=None)
    after = replace(after, version=before.version + 1, body_text=texts.get("body_text", before.body_text)[:EXCERPT])
    _record(ctx, "edit_service_report", after, changed | ({"body": (stored, body)} if is_text_new else {}))
    return after


def _checked_client(ctx: Context, raw: object) -> ClientFile:
    client_id = checked_id("client", raw)
    file = ctx.store.clients.file(client_id) if client_id else None
    if file is None:
        raise Invalid({"client": say("Choose a client: type 2 letters of its name, code or town.")})
    if not file.client.is_active:
        raise Invalid({"client": say("{client} is no longer active: choose another client.", client=file.client.name)})
    return file


def _checked(
    ctx: Context, file: ClientFile | None, raw: Raw, *, before: ServiceReport | None = None
) -> tuple[ServiceReport, str]:
    """The report and its HTML from what was typed; without a client, the rest is checked all the same."""
    checks = Checks()
    site_id = checks.run(lambda: checked_id("site", raw.get("site")))
    contact_id = checks.run(lambda: checked_id("contact", raw.get("contact")))
    if file:
        kept = (before.site_id, before.contact_id) if before else (None, None)
        if (site_id, contact_id) != kept:  # a contact may work elsewhere by now
            checks.run(lambda: checked_place(file, site_id=site_id, contact_id=contact_id, kept=kept))
    technician = checks.run(lambda: _checked_technician(ctx, raw.get("technician"), before))
    done_on = checks.run(lambda: _checked_day(ctx, raw.get("done_on"), before))
    start_time = checks.run(lambda: checked_time("start_time", raw.get("start_time")))
    duration = checks.run(lambda: _checked_duration(raw.get("duration")))
    equipment = checks.run(lambda: checked_line("equipment", raw.get("equipment"), max_length=MAX_EQUIPMENT))
    body = checks.run(lambda: _checked_body(raw.get("body")))
    signed_by = checks.run(lambda: checked_line("signed_by", raw.get("signed_by"), max_length=MAX_NAME))
    if done_on and datetime.combine(done_on, start_time or time.min) > ctx.local_now:
        checks.problems["done_on"] = say("A service report tells what was done: this moment hasn't come yet.")
    checks.done()
    assert technician
    assert done_on
    assert duration
    units = tuple(ctx.reference.units.values())
    unit = technician_unit(technician, ctx.reference.memberships, units)
    is_same = before is not None and before.technician_id == technician
    report = ServiceReport(
        client_id=file.client.id if file else 0, site_id=site_id, contact_id=contact_id, technician_id=technician,
        org_unit_id=before.org_unit_id if before and is_same else unit.id if unit else None, done_on=done_on,
        start_time=start_time, duration_min=duration, equipment=equipment or "", signed_by=signed_by or "",
    )  # fmt: skip
    if before:
        same = {name: getattr(before, name) for name in ("id", "number", "created_by", "created_at")}
        report = replace(report, **same)
    return report, body or ""


def _checked_technician(ctx: Context, raw: object, before: ServiceReport | None) -> int:
    """Somebody active; the one that the report has stays good, whatever became of him."""
    person = ctx.reference.people.get(checked_id("technician", raw) or 0)
    if person is None:
        raise Invalid({"technician": say("Choose the technician who was there.")})
    if not person.is_active and not (before and before.technician_id == person.id):
        raise Invalid({"technician": say("{person} is no longer active: choose someone else.", person=person.name)})
    return person.id


def _checked_day(ctx: Context, raw: object, before: ServiceReport | None) -> date | None:
    """A day; the one that the report has stays good, however old."""
    if before and raw == before.done_on:
        return before.done_on
    return checked_date("done_on", raw, today=ctx.today, required=True)


def _checked_duration(raw: object) -> int:
    minutes = parsed_duration(raw)
    if minutes is None:
        raise Invalid({"duration": say("Say how long the visit lasted: 1:30, 1h30, or 90 for minutes.")})
    return minutes


def _checked_body(raw: object) -> str:
    """The cleaned text; one that says nothing is refused: a report without it would only be a date."""
    html = checked_html("body", raw, required=False)
    if not html:
        raise Invalid({"body": say("Say what was done: a line is enough.")})
    return html


def _with_images_stored(ctx: Context, html: str, *, client_id: int, report_id: int | None) -> StoredText:
    return with_images_stored(
        ctx, html, entity=Entity.SERVICE_REPORT, entity_id=report_id, client_id=client_id, field="body"
    )


_NOT_TYPED = ("id", "number", "client_id", "body_text", "created_by", "created_at", "version")


def _typed(report: ServiceReport) -> dict[str, Any]:
    """The columns that the form fills in, the text apart."""
    return {name: getattr(report, name) for name in ServiceReport.__slots__ if name not in _NOT_TYPED}


def _as_raw(report: ServiceReport) -> dict[str, object]:
    """A stored report as a form would send it, its text apart."""
    return {name: getattr(report, column) for name, column in COLUMNS.items() if name != "body"}


def _text_columns(html: str) -> dict[str, str]:
    return {"body_html": html, "body_text": richtext.text_of(html)}


def _record(ctx: Context, operation: str, report: ServiceReport, fields: Mapping[str, tuple[object, object]]) -> None:
    record_change(
        ctx, operation, entity="service_report", entity_id=report.id, version=report.version, fields=fields
    )  # fmt: skip
