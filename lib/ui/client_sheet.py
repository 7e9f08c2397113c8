"""Synthèse client, drawn: who it is, what comes next, its places and people, and in tabs what hangs on it (R34)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from lib.domain.client_fields import shown_siret
from lib.domain.client_sheet import ClientSheet, Touch, TouchKind, open_sheet
from lib.domain.clients import Contact, Site
from lib.domain.context import Context
from lib.domain.reference import Reference
from lib.domain.rights import Operation, allowed
from lib.ui import client_actions, client_parts, client_tabs, formats
from lib.ui.action_table import Cell, Column, Row, action_table
from lib.ui.client_values import linked, mail_address, map_address, person_of, phone_address, relation_look
from lib.ui.feedback import bold, plain
from lib.ui.frame import go, link
from lib.ui.kept_choice import keep, kept
from lib.ui.reading import or_stop, query_id, record_id
from lib.ui.words import _, plural, translate

_ACTIONS = "actions"
Part = TypeVar("Part", Contact, Site)


def draw(ctx: Context, reference: Reference) -> None:
    """The whole page; only the open tab is read."""
    client_id, tab = query_id("client"), _tab_asked()
    asked = client_actions.asked(client_id or 0)
    wanted = asked if tab == _ACTIONS else client_actions.Asked()
    sheet = or_stop(
        lambda: open_sheet(
            ctx, client_id=client_id, tab=wanted.tab, sort=wanted.sort, descending=wanted.descending, page=wanted.page
        ),
        back=lambda: go("clients"),
    )
    may_edit = not allowed(ctx, Operation.EDIT_CLIENTS)
    _draw_header(ctx, sheet, may_edit=may_edit)
    who, touches = st.columns([1.1, 1])
    with who:
        _draw_identity(reference, sheet)
    with touches:
        _draw_touches(ctx, reference, sheet)
    people, places = st.columns([1.4, 1])
    with people:
        _draw_contacts(sheet, may_edit=may_edit)
    with places:
        _draw_sites(sheet, may_edit=may_edit)
    _draw_tabs(ctx, reference, sheet, tab)


# ---- who it is


def _draw_header(ctx: Context, sheet: ClientSheet, *, may_edit: bool) -> None:
    client = sheet.file.client
    look = relation_look(client.relation)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        link("clients", _("Back to the clients"), icon=":material/arrow_back:")
        st.caption(plain(client.code))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(plain(client.name), anchor=False, width="content")
        st.badge(translate(look.label), icon=f":material/{look.icon}:", color=look.tone)  # type: ignore[arg-type]
        if not client.is_active:
            st.badge(_("Inactive"), icon=":material/bedtime:", color="gray")
    with st.container(horizontal=True):
        for screen, operation, label, icon in (
            ("new_action", Operation.ADD_ACTIONS, _("Add a sales action"), "add"),
            ("new_deal", Operation.ADD_DEALS, _("New deal"), "handshake"),
            ("new_service_report", Operation.EDIT_SERVICE_REPORTS, _("New service report"), "build"),
            ("edit_client", Operation.EDIT_CLIENTS, _("Edit"), "edit"),
        ):
            is_first = screen == "new_action"
            if not allowed(ctx, operation) and st.button(
                label, icon=f":material/{icon}:", key=f"client.{screen}", type="primary" if is_first else "secondary"
            ):
                go(screen, client=client.id)


def _draw_identity(reference: Reference, sheet: ClientSheet) -> None:
    """Label and value, two columns; what one dials or opens is a link."""
    client = sheet.file.client
    activity = reference.activities.get(client.business_activity_id or 0)
    values = [
        (_("Phone"), linked(client.phone, phone_address(client.phone))),
        (_("Website"), linked(client.website.removeprefix("https://").rstrip("/"), client.website)),
        (_("Town"), plain(client.town)),
        (_("SIRET"), plain(shown_siret(client.siret))),
        (_("Account manager"), plain(person_of(reference, client.account_manager_id))),
        (_("Business activity"), plain(activity.label if activity else "")),
    ]
    with st.container(border=True, height="stretch"):
        for column, pairs in zip(st.columns(2), (values[::2], values[1::2]), strict=True):
            column.markdown("  \n".join(f":gray[{label}] : {value or '—'}" for label, value in pairs))


# ---- the last contact, and the next


def _draw_touches(ctx: Context, reference: Reference, sheet: ClientSheet) -> None:
    upcoming, past, none = _("Next contact"), _("Last contact"), _("No next contact")
    with st.container(border=True, height="stretch"):
        st.markdown(f":gray[{upcoming}]")
        if sheet.following:
            _draw_touch(ctx, reference, sheet, sheet.following, is_next=True)
        elif sheet.lacks_next_step:
            st.markdown(f":red[:material/event_busy: {bold(none)}]")
            if not allowed(ctx, Operation.ADD_ACTIONS) and st.button(
                _("Plan one"), icon=":material/add:", key="client.plan", type="tertiary"
            ):
                go("new_action", client=sheet.file.client.id)
        else:
            st.markdown("—")
        st.markdown(f":gray[{past}]")
        if sheet.last:
            _draw_touch(ctx, reference, sheet, sheet.last, is_next=False)
        else:
            st.markdown("—")


def _draw_touch(ctx: Context, reference: Reference, sheet: ClientSheet, touch: Touch, *, is_next: bool) -> None:
    """When, what, and with whom: one line, which opens the action when there is one to see."""
    when = formats.when(touch.on, touch.at, today=ctx.today) or _("without a date")
    hint = formats.full(touch.on, touch.at) or None
    is_late = _("Late")
    late = f":red[:material/schedule: {is_late}]" if touch.is_late else ""
    match touch.kind:
        case TouchKind.ACTION if touch.sub:
            nature = reference.natures.get(touch.sub.nature_id)
            contact = next((c.name for c in sheet.file.contacts if c.id == touch.sub.contact_id), "")
            done_by = None if is_next else touch.sub.reported_by
            who = person_of(reference, done_by or touch.sub.assignee_id) or _("(unit's pool)")
            parts = [nature.label if nature else "", contact, who]
            text = " · ".join([bold(when) if is_next else plain(when), *(plain(part) for part in parts if part)])
            link("action", text, icon=f":material/{nature.icon if nature else 'task'}:", help=hint, sub=touch.sub.id)
            if late:
                st.markdown(late)
        case TouchKind.ELSEWHERE:
            elsewhere = _("by another unit")
            st.markdown(f"{plain(when)} · {elsewhere} {late}", help=hint)
        case _:
            told = _("message received") if touch.kind == TouchKind.RECEIVED else _("message sent")
            st.markdown(f":material/mail: {plain(when)} · {told}", help=hint)


# ---- people and places


def _draw_contacts(sheet: ClientSheet, *, may_edit: bool) -> None:
    contacts, client_id = sheet.file.contacts, sheet.file.client.id
    sites = {site.id: site.name for site in sheet.file.sites}
    shown = _draw_part_header("contact", _("Contacts"), _("New contact"), contacts, client_id, may_edit=may_edit)
    columns = [
        Column("name", _("Name"), width="2fr", opens=may_edit),
        Column("phone", _("Phone"), width="8.4rem"),
        Column("email", _("E-mail"), width="2.4fr"),
        Column("site", _("Site"), width="1.2fr"),
    ]
    rows = [
        Row(
            str(each.id),
            {
                "name": Cell(each.name, note=each.role),
                "phone": Cell(each.phone, href=phone_address(each.phone)),
                "email": Cell(each.email, href=mail_address(each.email)),
                "site": sites.get(each.site_id or 0, ""),
            },
            looks=[] if each.is_active else ["cancelled"],
        )
        for each in shown
    ]
    _draw_parts("contact", columns, rows, client_id, may_edit=may_edit,
                empty=_("No contact yet: who answers the phone?"))  # fmt: skip


def _draw_sites(sheet: ClientSheet, *, may_edit: bool) -> None:
    client_id = sheet.file.client.id
    shown = _draw_part_header("site", _("Sites"), _("New site"), sheet.file.sites, client_id, may_edit=may_edit)
    columns = [
        Column("name", _("Name"), width="1.4fr", opens=may_edit),
        Column("address", _("Address"), width="2.2fr"),
        Column("phone", _("Phone"), width="8.4rem"),
        Column("map", _("Map"), width="2.2rem", icon=":material/location_on:", align="center"),
    ]
    rows = [
        Row(
            str(each.id),
            {
                "name": each.name,
                "address": Cell(each.address or f"{each.postcode} {each.town}".strip(),
                                note=f"{each.postcode} {each.town}".strip() if each.address else ""),
                "phone": Cell(each.phone, href=phone_address(each.phone)),
                "map": Cell(icon=":material/location_on:", label=_("See on OpenStreetMap"), href=map_address(each))
                if map_address(each) else "",
            },
            looks=[] if each.is_active else ["cancelled"],
        )
        for each in shown
    ]  # fmt: skip
    _draw_parts("site", columns, rows, client_id, may_edit=may_edit, empty=_("No site yet."))


def _draw_part_header(
    noun: str, title: str, label: str, parts: Sequence[Part], client_id: int, *, may_edit: bool
) -> list[Part]:
    """Title, the button that adds one, and on demand those that are no longer there; return those to show."""
    gone = sum(not each.is_active for each in parts)
    is_all = False
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(bold(f"{title} ({len(parts) - gone})"), width="content")
        st.space("stretch")
        if gone:
            is_all = st.toggle(
                plural("{count} no longer there", "{count} no longer there", gone), key=f"client.{noun}s"
            )
        if may_edit:
            st.button(label, icon=":material/add:", key=f"client.new_{noun}", type="tertiary",
                      on_click=client_parts.ask, args=(noun, client_id))  # fmt: skip
    return [each for each in parts if each.is_active or is_all]


def _draw_parts(
    noun: str, columns: list[Column], rows: list[Row], client_id: int, *, may_edit: bool, empty: str
) -> None:
    def opened(row: str) -> None:
        if may_edit and (part_id := record_id(row)):
            client_parts.ask(noun, client_id, part_id)

    action_table(columns, rows, key=f"client.{noun}.table", selection="none", on_open=opened, empty=empty,
                 max_height="15rem")  # fmt: skip


# ---- what hangs on it


def _tab_asked() -> str:
    asked = kept("tab")
    return asked if asked in ("deals", "documents", "exchanges", "reports") else _ACTIONS


def _draw_tabs(ctx: Context, reference: Reference, sheet: ClientSheet, tab: str) -> None:
    """The tabs; the address keeps the open one (`tab=`)."""
    tabs: dict[str, tuple[str, Callable[[], None]]] = {
        _ACTIONS: (_("Actions"), lambda: client_actions.draw(ctx, reference, sheet)),
        "deals": (_counted(_("Deals"), sheet.deals), lambda: client_tabs.draw_deals(ctx, reference, sheet)),
        "documents": (_("Documents"), lambda: client_tabs.draw_documents(ctx, sheet)),
        "exchanges": (_("Exchanges"), lambda: client_tabs.draw_exchanges(ctx, sheet)),
        "reports": (_counted(_("Service reports"), sheet.service_reports),
                    lambda: client_tabs.draw_reports(ctx, reference, sheet)),
    }  # fmt: skip

    def write() -> None:
        keep("tab", str(st.session_state["client.tab"]))

    st.session_state["client.tab"] = tab
    st.segmented_control(
        _("Tab"), list(tabs), key="client.tab", required=True, on_change=write, format_func=lambda each: tabs[each][0],
        label_visibility="collapsed",
    )  # fmt: skip
    with st.container(key="client.body"):
        tabs[tab][1]()


def _counted(label: str, count: int) -> str:
    return f"{label} ({formats.number(count)})" if count else label
