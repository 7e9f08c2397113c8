"""The file of a deal, read: where it stands and how to move it, what it is, then its actions, documents and history."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from lib.domain.catalog import DealOutcome
from lib.domain.context import Context
from lib.domain.deals import MAX_LOST_REASON, Deal, DealFile, edit_refused, is_overdue, move_deal, shown_deal_number
from lib.domain.holders import Entity
from lib.domain.reference import Reference
from lib.domain.rights import Operation, allowed
from lib.ui import feedback, formats, session
from lib.ui.deal_actions import draw_actions
from lib.ui.deal_form import labels
from lib.ui.deal_history import draw_history
from lib.ui.deal_values import owner_name, shown_deal_value, stage_badge, stage_name
from lib.ui.documents import documents_panel
from lib.ui.feedback import bold, plain
from lib.ui.frame import go, link
from lib.ui.kept_choice import keep, kept
from lib.ui.words import _, translate

MOVE = "deal.move"
_LOSING = "deal.move.losing"


def draw_header(ctx: Context, reference: Reference, file: DealFile, *, is_editing: bool) -> None:
    """Where one is, what it is and how it stands; below, what can be done, each refusal with its reason."""
    deal, client = file.deal, file.client.client
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        link("deals", _("Back to the deals"), icon=":material/arrow_back:")
        link("client", plain(client.name), icon=":material/domain:", client=client.id)
        st.caption(f"› {shown_deal_number(deal.number)}")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(f"{shown_deal_number(deal.number)}  {plain(deal.title)}", anchor=False, width="content")
        stage_badge(reference, deal)
        if deal.amount_eur is not None:
            st.markdown(bold(formats.euros(deal.amount_eur)), width="content")
        if is_overdue(deal, reference.deal_stages, today=ctx.today):
            st.badge(_("Late"), icon=":material/schedule:", color="red")
    if not is_editing:
        _draw_stages(ctx, reference, file)
        _draw_buttons(ctx, deal)


# ---- the stage


def leave_lost(deal_id: int) -> None:
    """Say what the last move did, once, and close the question of a lost one."""
    last = feedback.outcome(MOVE)
    if last is None or not last.worked:
        return
    feedback.forget(MOVE)
    st.session_state.pop(_LOSING, None)
    feedback.flash(_("The deal is moved."))
    go("deal", deal=deal_id)


def _draw_stages(ctx: Context, reference: Reference, file: DealFile) -> None:
    """The way of a deal: a click moves it there. A lost one is asked why first."""
    deal = file.deal
    why = edit_refused(ctx, deal)
    stages = [s for s in reference.deal_stages.values() if s.is_active or s.id == deal.stage_id]
    key = f"{MOVE}.{deal.id}.{deal.version}"  # in another version it is another widget, which opens where it stands

    def chosen() -> None:
        stage = reference.deal_stages.get(st.session_state[key] or 0)
        st.session_state[key] = deal.stage_id
        if stage is None or stage.id == deal.stage_id:
            return
        feedback.forget(MOVE)
        if stage.outcome == DealOutcome.LOST:
            st.session_state[_LOSING] = (deal.id, stage.id)
        else:
            st.session_state.pop(_LOSING, None)
            _move(deal, stage.id, "")

    st.session_state.setdefault(key, deal.stage_id)
    st.segmented_control(
        _("Stage"), [stage.id for stage in stages], key=key, disabled=why is not None, on_change=chosen,
        format_func=lambda each: stage_name(reference, each), help=translate(why) if why else None,
    )  # fmt: skip
    feedback.show_problem(MOVE, labels=labels(), in_words=partial(shown_deal_value, reference, file.client))
    if st.session_state.get(_LOSING, (0, 0))[0] == deal.id and not why:
        _ask_why_lost(reference, deal, st.session_state[_LOSING][1])


def _move(deal: Deal, stage_id: int, lost_reason: object) -> None:
    if now := session.current_context():
        feedback.attempt(
            MOVE,
            lambda: move_deal(
                now, deal_id=deal.id, version=deal.version, stage_id=stage_id, lost_reason=lost_reason
            ),
        )  # fmt: skip


def _ask_why_lost(reference: Reference, deal: Deal, stage_id: int) -> None:
    """The question before a deal is lost."""
    key = f"{MOVE}.reason"
    with st.container(border=True):
        st.text_input(_("Why is it lost? *"), key=key, max_chars=MAX_LOST_REASON)
        feedback.show_field_problem(MOVE, "lost_reason")
        with st.container(horizontal=True):
            st.button(
                _("Move to {stage}", stage=plain(stage_name(reference, stage_id))), type="primary", key="save_lost",
                icon=":material/check:", on_click=lambda: _move(deal, stage_id, st.session_state.get(key, "")),
            )  # fmt: skip
            st.button(_("Back"), key=f"{MOVE}.back", on_click=_not_lost)


def _not_lost() -> None:
    st.session_state.pop(_LOSING, None)
    feedback.forget(MOVE)


def _draw_buttons(ctx: Context, deal: Deal) -> None:
    why = edit_refused(ctx, deal)
    with st.container(horizontal=True):
        if st.button(_("Edit"), icon=":material/edit:", key="deal.card.edit", disabled=why is not None,
                     help=translate(why) if why else None):  # fmt: skip
            go("deal", deal=deal.id, edit=1)
        if not allowed(ctx, Operation.ADD_ACTIONS) and st.button(
            _("Add a sales action"), icon=":material/add:", key="deal.card.new_action"
        ):
            go("new_action", client=deal.client_id, deal=deal.id)


# ---- what it is


def draw_values(ctx: Context, reference: Reference, file: DealFile) -> None:
    """Label and value, in two columns."""
    deal, label = file.deal, labels()
    contact = next((c for c in file.client.contacts if c.id == deal.contact_id), None)
    unit, stage = reference.units.get(deal.org_unit_id or 0), reference.deal_stages.get(deal.stage_id or 0)
    amount = formats.euros(deal.amount_eur)
    if stage and amount and stage.outcome == DealOutcome.OPEN:
        amount += f" × {stage.probability_pct} %"
    left = [
        (label["client"], " · ".join(filter(None, (file.client.client.name, file.client.client.town)))),
        (label["contact"],
         " · ".join(filter(None, (contact.name, contact.role, contact.phone, contact.email))) if contact else ""),
        (label["owner"], owner_name(reference, deal)),
        (label["org_unit"], unit.name if unit else ""),
    ]  # fmt: skip
    right = [(label["amount_eur"], amount), (label["expected_on"], formats.full(deal.expected_on))]
    if deal.closed_on:
        right.append((_("Closed on"), formats.full(deal.closed_on)))
    if deal.lost_reason:
        right.append((label["lost_reason"], deal.lost_reason))
    for column, pairs in zip(st.columns(2), (left, right), strict=True):
        column.markdown("  \n".join(f":gray[{name}] : {plain(value) or '—'}" for name, value in pairs))
    if deal.note:
        st.markdown(bold(label["note"]))
        st.text(deal.note)
    if deal.created_at:
        created = deal.created_at.astimezone(ctx.zone)
        by = plain(shown_deal_value(reference, file.client, "owner", deal.created_by))
        st.caption(_("Created by {person}, {date}", person=by, date=formats.full(created.date(), created.time())))


# ---- tabs


def _draw_documents(ctx: Context, deal: Deal) -> None:
    documents_panel(ctx, entity=Entity.DEAL, entity_id=deal.id, client_id=deal.client_id)


def draw_tabs(ctx: Context, reference: Reference, file: DealFile) -> None:
    """What hangs on it; only the open tab, which the address keeps (`tab=`), is read and drawn."""
    tabs: dict[str, tuple[str, Callable[[], None]]] = {
        "actions": (_("Actions"), lambda: draw_actions(ctx, reference, file)),
        "documents": (_("Documents"), lambda: _draw_documents(ctx, file.deal)),
        "history": (_("History"), lambda: draw_history(ctx, reference, file)),
    }

    def write() -> None:
        keep("tab", str(st.session_state["deal.tab"]))

    asked = kept("tab")
    st.session_state["deal.tab"] = asked if asked in tabs else "actions"
    chosen = st.segmented_control(
        _("Tab"), list(tabs), key="deal.tab", required=True, on_change=write, format_func=lambda tab: tabs[tab][0],
        label_visibility="collapsed",
    )  # fmt: skip
    with st.container(key="deal.body"):
        tabs[chosen if chosen in tabs else "actions"][1]()
