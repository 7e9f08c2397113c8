"""The file of an action, read: header with its buttons, the tabs, and Historique."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

import streamlit as st

from lib.domain.actions import ActionFile
from lib.domain.chain import Status, SubAction, delay_days, is_late, is_reported_by_colleague, shown_date, shown_number
from lib.domain.context import Context
from lib.domain.deals import new_deal_refused, shown_deal_number
from lib.domain.durations import shown_duration
from lib.domain.fields import FIELDS
from lib.domain.gestures import GESTURES, Gesture, refusal
from lib.domain.holders import Entity
from lib.domain.reference import Reference
from lib.domain.richtext import excerpt
from lib.domain.rights import Operation, allowed
from lib.domain.service_reports import shown_report_number
from lib.ui import exchanges, formats, gesture_dialogs
from lib.ui.action_rows import history_columns, history_rows, menu_labels
from lib.ui.action_table import action_table
from lib.ui.documents import documents_button, documents_panel
from lib.ui.feedback import bold, plain
from lib.ui.frame import go, link
from lib.ui.kept_choice import keep, kept
from lib.ui.reading import record_id
from lib.ui.rich_text import show_rich_text
from lib.ui.statuses import STATUSES, disabled_mark, person_name
from lib.ui.words import _, plural, translate

_BUTTONS = (Gesture.REPORT, Gesture.EDIT, Gesture.EDIT_REPORT, Gesture.PLAN, Gesture.UNPLAN, Gesture.POSTPONE,
            Gesture.ADD_NEXT)  # fmt: skip
_ALWAYS = (Gesture.REPORT, Gesture.EDIT)
_MORE = (Gesture.CANCEL, Gesture.DELETE)
_DOCUMENTS, _EXCHANGES = "documents", "exchanges"


def draw_header(ctx: Context, reference: Reference, file: ActionFile, *, is_editing: bool) -> None:
    """Where one is, what it is about and how it stands; below, what can be done, each refusal with its reason."""
    action, sub = file.chain.action, file.sub
    number, nature = shown_number(action.number, sub.seq), reference.natures.get(sub.nature_id)
    client, site = file.client.client, next((s for s in file.client.sites if s.id == sub.site_id), None)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        link("actions", _("Back to the list"), icon=":material/arrow_back:")
        link("client", plain(client.name), icon=":material/domain:", client=client.id)
        st.caption(f"› {shown_number(action.number)} › {sub.seq:02d}")
    with st.container(horizontal=True, vertical_alignment="center"):
        place = f"{client.name} · {site.name}" if site else client.name
        st.title(f"{number}  {plain(nature.label if nature else '')} — {plain(place)}", anchor=False, width="content")
        look = STATUSES[sub.status]
        st.badge(translate(look.label), icon=f":material/{look.icon}:", color=look.tone)  # type: ignore[arg-type]
        _draw_date(ctx, sub)
    if not is_editing:
        _draw_buttons(ctx, file)


def _draw_date(ctx: Context, sub: SubAction) -> None:
    on, at = shown_date(sub, ctx.zone)
    if on:
        duration = shown_duration(sub.done_duration_min or sub.duration_min)
        text = formats.when(on, at, today=ctx.today) + (f" ({duration})" if duration else "")
        st.markdown(plain(text), help=formats.full(on, at), width="content")
    if is_late(sub, ctx.local_now):
        st.badge(_("Late"), icon=":material/schedule:", color="red")


def _draw_buttons(ctx: Context, file: ActionFile) -> None:
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        for gesture in _BUTTONS:
            why = refusal(ctx, gesture, file.chain.action, file.sub, last_seq=file.last_seq)
            if why and gesture not in _ALWAYS:
                continue
            rule = GESTURES[gesture]
            st.button(
                translate(rule.label),
                icon=f":material/{rule.icon}:",
                key=f"card.{gesture}",
                type="primary" if gesture == Gesture.REPORT and not why else "secondary",
                disabled=why is not None,
                help=translate(why) if why else None,
                on_click=gesture_dialogs.ask,
                args=(file.sub.id, gesture),
            )
        _link_planning(ctx, file)
        documents_button(
            ctx, entity=Entity.ACTION, entity_id=file.chain.action.id, count=file.documents,
            on_open_tab=lambda: keep("tab", _DOCUMENTS),
        )  # fmt: skip
        _draw_more(ctx, file)


def _link_planning(ctx: Context, file: ActionFile) -> None:
    """The planning of its salesperson, on its day; what is to plan stands first in the tray (R18)."""
    sub = file.sub
    whose = sub.assignee_id or ctx.person.id
    link(
        "planning", _("Salesperson's planning"), icon=":material/calendar_month:",
        p_day=sub.planned_date or ctx.today, p_view="week", p_item=sub.id, p_who=whose,
    )  # fmt: skip


def _draw_more(ctx: Context, file: ActionFile) -> None:
    """Cancel and delete, a step further away; a refused one says why."""
    with st.popover(_("More"), icon=":material/more_vert:", key="card.more"):
        for gesture in _MORE:
            why = refusal(ctx, gesture, file.chain.action, file.sub, last_seq=file.last_seq)
            rule = GESTURES[gesture]
            st.button(
                translate(rule.label), icon=f":material/{rule.icon}:", key=f"card.{gesture}", width="stretch",
                disabled=why is not None, on_click=gesture_dialogs.ask, args=(file.sub.id, gesture),
            )  # fmt: skip
            if why:
                st.caption(f":material/lock: {plain(translate(why))}")
        if (
            not file.deal
            and not new_deal_refused(ctx, file.chain)
            and st.button(_("Create a deal"), icon=":material/handshake:", key="card.new_deal", width="stretch")
        ):
            go("new_deal", action=file.chain.action.id)


# ---- tabs


def draw_tabs(ctx: Context, reference: Reference, file: ActionFile) -> None:
    """The tabs; only the open one, which the address keeps (`tab=`), is read and drawn."""
    asked = kept("tab")
    messages = exchanges.read(ctx, file.chain, is_open=asked == _EXCHANGES)
    tabs: dict[str, tuple[str, Callable[[], None]]] = {
        "action": (_("Action"), lambda: _draw_action_tab(ctx, reference, file)),
        "detail": (_("Detail"), lambda: _draw_detail_tab(ctx, reference, file)),
        _DOCUMENTS: (counted(_("Documents"), file.documents), lambda: _draw_documents_tab(ctx, file)),
        _EXCHANGES: (messages.label, lambda: exchanges.draw(ctx, file, messages)),
    }

    def write() -> None:
        keep("tab", str(st.session_state["card.tab"]))

    st.session_state["card.tab"] = asked if asked in tabs else "action"
    # Not st.tabs: a count in their labels would mount them, and what is being sent from one, anew at each change.
    chosen = st.segmented_control(
        _("Tab"), list(tabs), key="card.tab", required=True, on_change=write, format_func=lambda tab: tabs[tab][0],
        label_visibility="collapsed",
    )  # fmt: skip
    with st.container(key="card.body"):
        tabs[chosen if chosen in tabs else "action"][1]()


def counted(label: str, count: int) -> str:
    """A tab's label, with its number when there is something in it."""
    return f"{label} {count}" if count else label


def _draw_documents_tab(ctx: Context, file: ActionFile) -> None:
    action = file.chain.action
    documents_panel(ctx, entity=Entity.ACTION, entity_id=action.id, client_id=action.client_id)


def _draw_action_tab(ctx: Context, reference: Reference, file: ActionFile) -> None:
    sub = file.sub
    site = next((s for s in file.client.sites if s.id == sub.site_id), None)
    contact = next((c for c in file.client.contacts if c.id == sub.contact_id), None)
    deal = file.deal
    values = {
        "client": file.client.client.name,
        "nature": _marked(reference.natures, sub.nature_id),
        "site": _joined(site.name, site.address, site.postcode, site.town) if site else "",
        "reason": _marked(reference.reasons, sub.reason_id),
        "contact": _joined(contact.name, contact.role, contact.phone, contact.email) if contact else "",
        "domain": _marked(reference.domains, sub.domain_id),
        "planned_date": formats.full(sub.planned_date, sub.planned_time),
        "duration": shown_duration(sub.duration_min),
        "participants": ", ".join(person_name(reference, each) for each in sorted(sub.participant_ids)),
        "deal": _joined(shown_deal_number(deal.number), deal.title) if deal else "",
    }
    is_linked = deal is not None and not allowed(ctx, Operation.VIEW_CLIENTS)
    if is_linked:
        del values["deal"]
    _draw_values(list(values.items()))
    if deal and is_linked:
        name = _joined(_("Deal {number}", number=shown_deal_number(deal.number)), plain(deal.title))
        link("deal", name, icon=":material/handshake:", help=_("Open the deal"), deal=deal.id)
    if report := file.born_from:
        told = _joined(shown_report_number(report.number), formats.full(report.done_on), excerpt(report.equipment, 60))
        link("service_report", plain(told), icon=":material/engineering:", help=_("Open the service report"),
             crit=report.id)  # fmt: skip
    _draw_text(_("Detail"), file.detail_html, f"card.detail.{sub.id}", empty=_("No detail."))
    if sub.status == Status.DONE:
        _draw_report(ctx, reference, file)
    if sub.status == Status.CANCELLED:
        by, on, at = person_name(reference, sub.cancelled_by), *shown_date(sub, ctx.zone)
        st.markdown(bold(_("Cancelled")) + f" · {plain(by)} · {plain(formats.full(on, at))}")
        st.text(sub.cancel_reason)


def _draw_detail_tab(ctx: Context, reference: Reference, file: ActionFile) -> None:
    sub, action = file.sub, file.chain.action
    unit = reference.units.get(sub.org_unit_id or 0)
    values = {
        "org_unit": unit.name if unit else "",
        "assignee": person_name(reference, sub.assignee_id),
        "origin": _marked(reference.origins, action.origin_id),
    }
    _draw_values(list(values.items()))
    responsible = plain(person_name(reference, action.responsible_id))
    st.markdown(bold(_("Responsible for the whole action")) + f" · {responsible}")
    if sub.created_at:
        created = sub.created_at.astimezone(ctx.zone)
        by, when = plain(person_name(reference, sub.created_by)), formats.full(created.date(), created.time())
        st.caption(_("Created by {person}, {date}", person=by, date=when))


def _marked(choices: Mapping[int, Any], choice_id: int | None) -> str:
    """A choice's label, marked when it is disabled; empty without one."""
    choice = choices.get(choice_id or 0)
    return disabled_mark(choice, choice.label) if choice else ""


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _draw_values(values: Sequence[tuple[str, str]]) -> None:
    """Label and value, two pairs a line; empty ones show a dash."""
    rows = [values[left : left + 2] for left in range(0, len(values), 2)]
    for column, pairs in zip(st.columns(2), zip_longest(*rows), strict=True):
        lines = [
            f":gray[{translate(FIELDS[name].label)}] : {plain(value) or '—'}" for name, value in filter(None, pairs)
        ]
        column.markdown("  \n".join(lines))


def _draw_text(title: str, html: str, key: str, *, empty: str) -> None:
    st.markdown(bold(title))
    if html:
        with st.container(border=True):
            show_rich_text(html, key=key)
    else:
        st.caption(empty)


def _draw_report(ctx: Context, reference: Reference, file: ActionFile) -> None:
    """When, by whom, with which result and follow-up; then the text."""
    sub = file.sub
    result = _marked(reference.results, sub.result_id)
    facts = [formats.full(sub.done_on, sub.done_time), shown_duration(sub.done_duration_min), result]
    st.divider()
    st.markdown(bold(_("Report")) + " · " + " · ".join(plain(fact) for fact in facts if fact))
    if is_reported_by_colleague(sub):
        text = _("Report by {author}", author=plain(person_name(reference, sub.reported_by)))
        st.markdown(f":material/record_voice_over: {text}")
    if file.report_html:
        with st.container(border=True):
            show_rich_text(file.report_html, key=f"card.report.{sub.id}")


# ---- Historique


def draw_history(ctx: Context, reference: Reference, file: ActionFile) -> None:
    """The whole chain; a click on a number switches to it (R2)."""
    st.markdown(bold(_("History")))

    def chosen(row: str, choice: str) -> None:
        if sub_action_id := record_id(row):
            gesture_dialogs.ask(sub_action_id, choice)

    gestures = action_table(
        history_columns(), history_rows(ctx, reference, file.chain), key=f"history.{file.chain.action.id}",
        menu=menu_labels(), selection="none", current=str(file.sub.id), on_menu=chosen, max_height="40vh",
    )  # fmt: skip
    st.caption(_summary(ctx, reference, file))
    opened = gestures["open"]
    if opened and record_id(opened["row"]) not in (None, file.sub.id):
        go("action", sub=opened["row"])


def _summary(ctx: Context, reference: Reference, file: ActionFile) -> str:
    """How long the chain has lasted, how often it was late, and who is responsible."""
    subs = file.chain.sub_actions
    first = file.chain.action.created_at
    ends = [sub.done_on for sub in subs if sub.done_on]
    end = ctx.today if any(sub.is_open for sub in subs) or not ends else max(ends)
    days = (end - first.astimezone(ctx.zone).date()).days if first else 0
    late = sum((delay_days(sub) or 0) > 0 or is_late(sub, ctx.local_now) for sub in subs)
    person = plain(person_name(reference, file.chain.action.responsible_id))
    return " · ".join(
        [
            plural("The chain has lasted {count} day", "The chain has lasted {count} days", max(days, 0)),
            plural("{count} delay", "{count} delays", late),
            _("responsible: {person}", person=person),
        ]
    )
