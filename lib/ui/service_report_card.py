"""A service report, read: what was done where and by whom, then the actions born from it and its documents (R6)."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lib.domain.context import Context
from lib.domain.durations import shown_duration
from lib.domain.holders import Entity
from lib.domain.lists import ActionFilter, Tab, list_actions
from lib.domain.reference import Reference
from lib.domain.rights import Operation, allowed
from lib.domain.service_reports import ServiceReport, ServiceReportFile, edit_refused, shown_report_number
from lib.ui import formats, gesture_dialogs
from lib.ui.action_card import counted
from lib.ui.action_rows import list_columns, list_rows, menu_labels
from lib.ui.action_table import action_table
from lib.ui.documents import documents_button, documents_panel
from lib.ui.feedback import bold, plain
from lib.ui.frame import SCREENS, go, link
from lib.ui.kept_choice import keep, kept
from lib.ui.list_bars import shown_count
from lib.ui.reading import record_id
from lib.ui.rich_text import show_rich_text
from lib.ui.service_report_form import labels
from lib.ui.words import _, plural, translate

_DOCUMENTS = "documents"


def draw_header(ctx: Context, reference: Reference, file: ServiceReportFile, *, is_editing: bool) -> None:
    """Where one is, whose visit it was and when; below, what can be done."""
    report, client = file.report, file.client.client
    number, site = shown_report_number(report.number), _site_name(file)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        link("service_reports", _("Back to the service reports"), icon=":material/arrow_back:")
        if "client" in SCREENS:
            link("client", plain(client.name), icon=":material/domain:", client=client.id)
            st.caption(f"› {number}")
        else:
            st.caption(f"{plain(client.name)} › {number}")
    with st.container(horizontal=True, vertical_alignment="center"):
        place = f"{client.name} · {site}" if site else client.name
        st.title(f"{number}  {plain(place)}", anchor=False, width="content")
        told = f"{_when(ctx, report)} ({shown_duration(report.duration_min)})"
        st.markdown(plain(told), help=formats.full(report.done_on, report.start_time), width="content")
        technician = reference.people.get(report.technician_id)
        st.badge(plain(technician.name if technician else "—"), icon=":material/engineering:", color="gray")
    if not is_editing:
        _draw_buttons(ctx, file)


def _when(ctx: Context, report: ServiceReport) -> str:
    return formats.when(report.done_on, report.start_time, today=ctx.today)


def _site_name(file: ServiceReportFile) -> str:
    return next((site.name for site in file.client.sites if site.id == file.report.site_id), "")


def _draw_buttons(ctx: Context, file: ServiceReportFile) -> None:
    report = file.report
    why_not_new = allowed(ctx, Operation.ADD_ACTIONS)
    why_not_edit = edit_refused(ctx, report)
    with st.container(horizontal=True):
        if st.button(_("Create a sales action"), icon=":material/add_task:", key="crit.card.new_action",
                     type="secondary" if why_not_new else "primary", disabled=why_not_new is not None,
                     help=translate(why_not_new) if why_not_new else None):  # fmt: skip
            go("new_action", crit=report.id)
        documents_button(
            ctx, entity=Entity.SERVICE_REPORT, entity_id=report.id, count=file.documents,
            on_open_tab=lambda: keep("tab", _DOCUMENTS),
        )  # fmt: skip
        if st.button(_("Edit"), icon=":material/edit:", key="crit.card.edit", disabled=why_not_edit is not None,
                     help=translate(why_not_edit) if why_not_edit else None):  # fmt: skip
            go("service_report", crit=report.id, edit=1)


# ---- what was done


def draw_values(ctx: Context, reference: Reference, file: ServiceReportFile) -> None:
    """Label and value in two columns, then the text."""
    report, label = file.report, labels()
    site = next((s for s in file.client.sites if s.id == report.site_id), None)
    contact = next((c for c in file.client.contacts if c.id == report.contact_id), None)
    unit, technician = reference.units.get(report.org_unit_id or 0), reference.people.get(report.technician_id)
    left = [
        (label["client"], _joined(file.client.client.name, file.client.client.town)),
        (label["site"], _joined(site.name, site.address, site.postcode, site.town) if site else ""),
        (label["contact"], _joined(contact.name, contact.role, contact.phone, contact.email) if contact else ""),
        (label["signed_by"], report.signed_by),
    ]
    right = [
        (label["technician"], _joined(technician.name if technician else "", unit.name if unit else "")),
        (label["done_on"], formats.full(report.done_on, report.start_time)),
        (label["duration"], shown_duration(report.duration_min)),
        (label["equipment"], report.equipment),
    ]
    for column, pairs in zip(st.columns(2), (left, right), strict=True):
        column.markdown("  \n".join(f":gray[{name}] : {plain(value) or '—'}" for name, value in pairs))
    st.markdown(bold(label["body"]))
    with st.container(border=True):
        show_rich_text(file.body_html, key=f"crit.body.{report.id}")
    if report.created_at:
        created, author = report.created_at.astimezone(ctx.zone), reference.people.get(report.created_by)
        when = formats.full(created.date(), created.time())
        st.caption(_("Written by {person}, {date}", person=plain(author.name if author else "—"), date=when))


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


# ---- tabs


def draw_tabs(ctx: Context, reference: Reference, file: ServiceReportFile) -> None:
    """What hangs on it; only the open tab, which the address keeps (`tab=`), is read and drawn."""
    tabs: dict[str, tuple[str, Callable[[], None]]] = {
        "action": (_("Action"), lambda: _draw_actions(ctx, reference, file.report)),
        _DOCUMENTS: (counted(_("Documents"), file.documents), lambda: _draw_documents(ctx, file.report)),
    }

    def write() -> None:
        keep("tab", str(st.session_state["crit.tab"]))

    asked = kept("tab")
    st.session_state["crit.tab"] = asked if asked in tabs else "action"
    chosen = st.segmented_control(
        _("Tab"), list(tabs), key="crit.tab", required=True, on_change=write, format_func=lambda tab: tabs[tab][0],
        label_visibility="collapsed",
    )  # fmt: skip
    with st.container(key="crit.body"):
        tabs[chosen if chosen in tabs else "action"][1]()


def _draw_documents(ctx: Context, report: ServiceReport) -> None:
    documents_panel(ctx, entity=Entity.SERVICE_REPORT, entity_id=report.id, client_id=report.client_id)


def _draw_actions(ctx: Context, reference: Reference, report: ServiceReport) -> None:
    """The actions born from the report, as far as the person sees them."""
    if why := allowed(ctx, Operation.VIEW_ACTIONS):
        st.caption(f":material/lock: {plain(translate(why))}")
        return
    page = list_actions(ctx, chosen=ActionFilter(tab=Tab.ALL, service_report_id=report.id), descending=True)

    def chose(row: str, choice: str) -> None:
        if sub_action_id := record_id(row):
            gesture_dialogs.ask(sub_action_id, choice)

    gestures = action_table(
        list_columns(sortable=False), list_rows(ctx, reference, page.rows), key="crit.actions", menu=menu_labels(),
        selection="none", on_menu=chose, empty=_("No sales action was born from this service report yet."),
    )  # fmt: skip
    if page.total:
        st.caption(plural("{shown} action", "{shown} actions", page.total, shown=shown_count(page.total)))
    if gestures["open"]:
        go("action", sub=record_id(gestures["open"]["row"]))
