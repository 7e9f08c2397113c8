"""Nouvelle action, drawn: the client first, then the fields that depend on him, on the unit and on the nature."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, time
from functools import partial
from html import escape
from uuid import uuid4

import streamlit as st

from lib.domain import actions, deals
from lib.domain.chain import Chain, Status, shown_number
from lib.domain.clients import ClientFile, open_client
from lib.domain.context import Context, query
from lib.domain.durations import shown_duration
from lib.domain.exchanges import ExchangeFile, open_exchange
from lib.domain.fields import default_raw
from lib.domain.gestures import Gesture, require_gesture
from lib.domain.service_reports import ServiceReport, opened_service_report, shown_report_number
from lib.ui import client_parts, drafting, feedback, formats, session
from lib.ui.action_form import ACTION_FIELDS, ROWS, ActionForm, labels
from lib.ui.client_picker import client_label, client_picker
from lib.ui.exchange_rows import subject_of
from lib.ui.reading import or_stop, query_id, record_id, reference_of
from lib.ui.rich_text import text_now
from lib.ui.words import _

FORM, FORM_OF_REPORT, FORM_OF_MESSAGE = "new", "of_crit", "of_message"
"""The drafts; the others are of an action born from a service report, or for a received message."""
_CLIENT = "new.client"
_REQUEST = "new.request"
_TURN = "creation.turn"
_KEPT = (*ACTION_FIELDS, "assignee", "org_unit", "origin")


def taken() -> object:
    """The sub-action just created, once; None when there is none."""
    last = feedback.outcome(FORM)
    if last is None or not last.worked:
        return None
    drafting.clear_form(FORM)
    return last.value


def slot_in_address() -> dict[str, object]:
    """What a planning's empty slot, or a deal, knows of a new action (R6): whose, its day, its hour, its duration."""
    asked, slot = st.query_params, {}
    with suppress(ValueError):
        if "day" in asked:
            slot = {"planned_date": date.fromisoformat(asked["day"]), "status": Status.PLANNED}
            if "at" in asked:
                slot["planned_time"] = time.fromisoformat(asked["at"])
    minutes = record_id(asked.get("minutes", ""))
    named = (("duration", minutes), ("assignee", query_id("who")), ("deal", query_id("deal")))
    return slot | {name: value for name, value in named if value}


@dataclass(frozen=True, slots=True)
class _Source:
    """What a new action comes from: nothing, a chain that goes on, a service report, or a message of the inbox."""

    chain: Chain | None = None
    report: ServiceReport | None = None
    message: ExchangeFile | None = None

    @property
    def client_id(self) -> int | None:
        """The client that isn't to be chosen."""
        if self.chain:
            return self.chain.action.client_id
        return self.report.client_id if self.report else None

    @property
    def draft(self) -> tuple[str, int]:
        """The form and the record under which the draft is kept: one of another source must not open here."""
        if self.report:
            return FORM_OF_REPORT, self.report.id
        if self.message:
            return FORM_OF_MESSAGE, self.message.exchange.id
        return FORM, self.chain.action.id if self.chain else 0


@query
def _opening(
    ctx: Context,
    *,
    chain_id: int | None,
    report_id: int | None,
    message_id: int | None,
    slot: Mapping[str, object],
) -> tuple[Mapping[str, object], _Source]:
    """What the form opens with: the person's defaults, what the slot knows, and what the action comes from."""
    values = {**default_raw(ctx), **slot}
    if whose := slot.get("assignee"):
        unit = ctx.reference.deduced_unit_of(whose) if isinstance(whose, int) else None
        values["org_unit"] = unit.id if unit else None
    if report_id is not None:
        report = opened_service_report(ctx, report_id)
        place = {"site": report.site_id, "contact": report.contact_id, "detail": _detail_after(report)}
        return {**values, **place}, _Source(report=report)
    if message_id is not None:
        message = open_exchange(ctx, exchange_id=message_id)
        about = {"contact": message.exchange.contact_id, "detail": _detail_about(message)}
        return {**values, **about}, _Source(message=message)
    if chain_id is None:
        return values, _Source()
    chain = actions.opened_chain(ctx, action_id=chain_id, for_update=False)
    last = chain.last
    require_gesture(ctx, Gesture.ADD_NEXT, chain.action, last, last_seq=last.seq)
    return {**values, "site": last.site_id, "contact": last.contact_id, "domain": last.domain_id}, _Source(chain)


def _detail_after(report: ServiceReport) -> str:
    """The beginning of the detail: which visit the action follows."""
    number, day = shown_report_number(report.number), formats.full(report.done_on)
    told = _("Following {number} of {date}: ", number=number, date=day)
    if report.equipment:
        told = _("Following {number} of {date} ({equipment}): ", number=number, date=day, equipment=report.equipment)
    return f"<p>{escape(told, quote=False)}</p>"


def _detail_about(message: ExchangeFile) -> str:
    """The beginning of the detail: which message asks for the action."""
    told = _("Following the message “{subject}”: ", subject=subject_of(message.exchange))
    return f"<p>{escape(told, quote=False)}</p>"


def draw(
    ctx: Context,
    *,
    client_id: int | None,
    chain_id: int | None,
    report_id: int | None = None,
    message_id: int | None = None,
) -> None:
    """The whole form; its state is in the session, its draft on the server."""
    state = st.session_state
    drafting.has_given_up(FORM)
    values, source = or_stop(
        lambda: _opening(ctx, chain_id=chain_id, report_id=report_id, message_id=message_id, slot=slot_in_address())
    )
    draft = drafting.opened_draft(ctx, *source.draft)
    if draft:
        values = {**values, **draft.content}
        client_id = client_id or draft.content.get("client")  # type: ignore[assignment]
    if _REQUEST not in state:
        state[_TURN] = state.get(_TURN, -1) + 1  # another editor: the last may still stand there, with its text
        state[_REQUEST], state[_CLIENT] = uuid4().hex, source.client_id or client_id
        if draft:
            drafting.say_it_is_back()
    if added := client_parts.taken(FORM):
        noun, part_id = added
        state[f"{FORM}.{noun}"] = part_id
    file = or_stop(lambda: open_client(ctx, client_id=state[_CLIENT])) if state[_CLIENT] else None
    if file:
        gone = _no_longer_there(file)
        known = {k: v for k, v in values.items() if v is not None and v not in gone.get(k, ())}
        values = {**single_place(file), **known}
    form = ActionForm(ctx, reference_of(ctx), FORM, values, file=file,
                      deals=deals.deals_of_client(ctx, client_id=file.client.id) if file else ())  # fmt: skip
    _draw_client(ctx, file, source)
    form.draw(*ROWS, ("assignee", "org_unit") if source.chain else ("assignee", "org_unit", "origin"))
    _draw_text(ctx, form, source)
    client_parts.answer(ctx, into=FORM)


def single_place(file: ClientFile) -> dict[str, object]:
    """The only site and the only contact are chosen already."""
    place: dict[str, object] = {}
    for name, parts in (("site", file.sites), ("contact", file.contacts)):
        used = [part.id for part in parts if part.is_active]
        if len(used) == 1:
            place[name] = used[0]
    return place


def _no_longer_there(file: ClientFile) -> dict[str, set[int]]:
    """What a former step or a visit was about, but a new action can't be: it isn't proposed."""
    return {
        name: {part.id for part in parts if not part.is_active}
        for name, parts in (("site", file.sites), ("contact", file.contacts))
    }


def _draw_client(ctx: Context, file: ClientFile | None, source: _Source) -> None:
    label = _("Client") + " *"
    if file is None:
        client_picker(ctx, key="new.search", label=label, on_pick=_picked)
    else:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(label, client_label(file.client), disabled=True, key=f"new.shown.{file.client.id}")
            if source.client_id is None:
                st.button(_("Change"), icon=":material/swap_horiz:", key="new.other", on_click=_picked, args=(None,))
            client_parts.draw_buttons(ctx, file.client.id)
        if source.chain:
            st.caption(_("Next step of {number}", number=shown_number(source.chain.action.number)))
        if source.report:
            st.caption(_("Born from {number}", number=shown_report_number(source.report.number)))
        if source.message:
            st.caption(_("The message is attached to it once it is created."))
    feedback.show_field_problem(FORM, "client")


def _picked(client_id: int | None) -> None:
    """Another client: its place, contact and deal are chosen again, the rest stays."""
    st.session_state[_CLIENT] = client_id
    for name in ("site", "contact", "deal"):
        st.session_state.pop(f"new.{name}", None)
    st.session_state.pop("new.search.text", None)


@st.fragment
def _draw_text(ctx: Context, form: ActionForm, source: _Source) -> None:
    """The detail and the button, apart: a pause in the typing keeps the draft without drawing the fields again."""
    drafting.rerun_if_given_up(FORM)
    form.draw_detail(rev=_turn())
    typed = {name: form.value(name) for name in _KEPT}
    typed |= {"client": st.session_state.get(_CLIENT), "detail": _detail(form)}
    if isinstance(typed["duration"], int):
        typed["duration"] = shown_duration(typed["duration"])

    def save() -> None:
        now = session.current_context()
        if now is None:
            feedback.forget(FORM)
            return
        key, raw = st.session_state[_REQUEST], {**form.raw(_KEPT), "detail": _detail(form)}
        raw["client"] = st.session_state.get(_CLIENT)
        if source.chain:
            raw = {name: value for name, value in raw.items() if name not in ("client", "origin", "deal")}
            use_case = partial(actions.add_next, now, action_id=source.chain.action.id, raw=raw, request_key=key)
        else:
            raw["service_report"] = source.report.id if source.report else None
            use_case = partial(actions.create_action, now, raw=raw, request_key=key)
        if feedback.attempt(FORM, use_case).worked:  # at once: found again, the draft would be created twice
            drafting.drop(now, *source.draft)

    with st.container():  # by the button that was pressed: at the top of a long form nobody would see it
        feedback.show_problem(FORM, labels=labels())
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(_("Create (F2)"), type="primary", icon=":material/check:", key="save_new", on_click=save):
            drafting.rerun_after_save(FORM)
        drafting.draw_give_up(*source.draft, FORM)
        drafting.keep(*source.draft, typed, version=0)


def _detail(form: ActionForm) -> str:
    """The editor's text as it is now, also in a callback."""
    return text_now(str(form.values.get("detail") or ""), key=form.key("detail"), rev=_turn())


def _turn() -> int:
    """How often the form was given up: the editor, which stays on the page, then opens afresh too."""
    return int(st.session_state.get(_TURN, 0))
