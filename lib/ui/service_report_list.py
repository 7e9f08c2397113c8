"""The list of service reports, drawn: filters in the address, what is active, the table and its pages."""

from __future__ import annotations

from datetime import date

import streamlit as st

from lib.domain import richtext
from lib.domain.clients import open_client
from lib.domain.context import Context
from lib.domain.durations import shown_duration
from lib.domain.errors import DomainError
from lib.domain.lists import COUNTED
from lib.domain.reference import Reference
from lib.domain.service_reports import (
    ReportFilter,
    ReportRow,
    ReportSort,
    list_service_reports,
    shown_report_number,
    technicians,
)
from lib.ui import formats
from lib.ui.action_table import Cell, Column, Row, action_table
from lib.ui.client_picker import client_picker
from lib.ui.feedback import plain
from lib.ui.frame import go
from lib.ui.list_address import CLIENT, DATE, PAGE, ListAddress, sort_of
from lib.ui.list_bars import draw_pages_of, page_of, shown_count, sort_asked, sorts_by
from lib.ui.reading import record_id
from lib.ui.words import _, plural

address = ListAddress(
    "c_",
    {"who": CLIENT, "client": CLIENT, "from": DATE, "to": DATE, "sort": sort_of(ReportSort), "page": PAGE},
    witness="who",
)


def client_asked() -> dict[str, int]:
    """The client that the list is narrowed to, for the address of a new report."""
    client_id = address.value("client")
    return {"client": client_id} if isinstance(client_id, int) else {}


def draw(ctx: Context, reference: Reference) -> None:
    """The whole list; it follows its address."""
    address.follow({})
    chosen = _draw_filters(ctx, reference)
    sort, descending = _sort()
    found = list_service_reports(ctx, chosen=chosen, sort=sort, descending=descending, page=page_of(address))
    total = min(found.total, COUNTED)
    caption = plural("{shown} service report", "{shown} service reports", total, shown=shown_count(found.total))
    draw_pages_of(address, caption, number=found.number, pages=found.pages, key="crit")
    gestures = action_table(
        _columns(), [_row(ctx, reference, row) for row in found.rows], key="crit.table", selection="none",
        sort=(str(sort), descending), on_sort=sorts_by(address, ReportSort), empty=_empty(chosen),
    )  # fmt: skip
    address.write()
    if gestures["open"]:
        go("service_report", crit=record_id(gestures["open"]["row"]))


def _draw_filters(ctx: Context, reference: Reference) -> ReportFilter:
    """One line: technician, days, client; return what they keep."""
    who, first, last, client = st.columns([1.6, 1, 1, 2.4], vertical_alignment="bottom")
    kept = reference.people.get(address.value("who") or 0)
    people = {each.id: each.name for each in technicians(ctx)} | ({kept.id: kept.name} if kept else {})
    if address.value("who") not in people:
        address.put("who", None)
    who.selectbox(_("Technician"), list(people), index=None, key=address.key("who"), placeholder=_("Any"),
                  format_func=lambda each: people.get(each, ""), on_change=address.first_page)  # fmt: skip
    for column, label, name in ((first, _("From"), "from"), (last, _("To"), "to")):
        column.date_input(label, None, key=address.key(name), format="DD/MM/YYYY", on_change=address.first_page)
    with client:
        _choose_client(ctx)
    since, until = address.value("from"), address.value("to")
    return ReportFilter(
        client_id=address.value("client"),
        technician_id=address.value("who"),
        from_date=since if isinstance(since, date) else None,
        to_date=until if isinstance(until, date) else None,
    )


def _choose_client(ctx: Context) -> None:
    """The picker, or the client that was picked, with × to take him out."""
    client_id = address.value("client")
    if not client_id:
        client_picker(ctx, key="crit.client", label=_("Client"), on_pick=_pick)
        return
    try:
        name = open_client(ctx, client_id=client_id).client.name
    except DomainError:
        name = _("Unknown client")
    st.button(plain(name), icon=":material/close:", key="crit.chip.client", type="tertiary", on_click=_pick,
              args=(None,))  # fmt: skip


def _pick(client_id: int | None) -> None:
    address.put("client", client_id)
    st.session_state.pop("crit.client.text", None)
    address.first_page()


def _sort() -> tuple[ReportSort, bool]:
    """The sort asked for; else the newest visits on top."""
    return sort_asked(address, ReportSort) or (ReportSort.DATE, True)


def _columns() -> list[Column]:
    return [
        Column("number", _("No."), width="7.2rem", sortable=True, opens=True),
        Column("date", _("Date"), width="9.7rem", sortable=True),
        Column("client", _("Client / Site"), width="3fr"),
        Column("technician", _("Technician"), width="1.9fr"),
        Column("equipment", _("Equipment"), width="3fr"),
        Column("duration", _("Duration"), width="3.8rem", align="end"),
        Column("signed_by", _("Signed by"), width="1.7fr"),
        Column("body", _("Work done"), width="2rem", icon=":material/description:", align="center"),
    ]


def _row(ctx: Context, reference: Reference, row: ReportRow) -> Row:
    report = row.report
    technician, unit = reference.people.get(report.technician_id), reference.units.get(report.org_unit_id or 0)
    text = richtext.excerpt(report.body_text, 600)
    cells: dict[str, str | Cell] = {
        "number": shown_report_number(report.number),
        "date": Cell(
            formats.when(report.done_on, report.start_time, today=ctx.today),
            hint=formats.full(report.done_on, report.start_time),
        ),
        "client": Cell(row.client_name, note=row.site_name or row.client_town),
        "technician": Cell(technician.name if technician else "", note=unit.name if unit else ""),
        "equipment": report.equipment,
        "duration": shown_duration(report.duration_min),
        "signed_by": report.signed_by,
        "body": Cell(icon=":material/description:", label=_("Work done"), card=text) if text else Cell(),
    }
    return Row(str(report.id), cells)


def _empty(chosen: ReportFilter) -> str:
    if chosen != ReportFilter():
        return _("No service report matches these filters: empty one of them.")
    return _("No service report yet: write the first one.")
