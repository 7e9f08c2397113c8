"""Nouvelle affaire, drawn: born from an action and linked to it when saved (R23), for a client, or from nowhere."""

from __future__ import annotations

from functools import partial
from typing import NoReturn
from uuid import uuid4

import streamlit as st

from lib.domain.chain import Chain, FollowUp, current_sub_action, shown_number
from lib.domain.clients import ClientFile, open_client
from lib.domain.context import Context
from lib.domain.deals import NewDeal, create_deal, open_new_deal
from lib.ui import drafting, feedback, session
from lib.ui.client_picker import client_label, client_picker
from lib.ui.deal_form import DealForm, labels
from lib.ui.frame import go
from lib.ui.reading import or_stop, query_id, reference_of
from lib.ui.words import _

FORM, FORM_OF_ACTION = "new_deal", "deal"
"""The drafts: of a deal that nothing led to, and of one that is born from an action."""


def draw(ctx: Context) -> None:
    """The form for what the address names: `?action=`, `?client=`, or nothing."""
    asked = {name: query_id(name) or 0 for name in ("action", "client") if name in st.query_params}
    found = or_stop(
        lambda: open_new_deal(ctx, action_id=asked.get("action"), client_id=asked.get("client")),
        back=lambda: go("actions" if "action" in asked else "deals"),
    )
    message = st.empty()
    _leave_if_saved(found)
    if drafting.has_given_up(_form(found)):
        _leave(found)
    with message.container():
        feedback.show_problem(_form(found), labels=labels())
    _draw_form(ctx, found)


def _form(found: NewDeal) -> str:
    return f"deal.{found.chain.action.id}" if found.chain else "deal.new"


def _draft_of(found: NewDeal) -> tuple[str, int]:
    if found.chain:
        return FORM_OF_ACTION, found.chain.action.id
    return FORM, found.client.client.id if found.client else 0


def _leave_if_saved(found: NewDeal) -> None:
    """After the deal was saved: back to the action, which now shows it, or to the deal itself."""
    last = feedback.outcome(_form(found))
    if not last or not last.worked:
        return
    drafting.clear_form(_form(found))
    if found.chain:
        feedback.flash(
            _("The deal is created and linked to {number}.", number=shown_number(found.chain.action.number))
        )  # fmt: skip
        go("action", sub=current_sub_action(found.chain).id)
    feedback.flash(_("The deal is created."))
    go("deal", deal=last.value)


def _leave(found: NewDeal) -> NoReturn:
    """Given up: the action's report, if it led here, is saved all the same, and is said to be."""
    if found.chain:
        sub = current_sub_action(found.chain)
        if sub.follow_up == FollowUp.DEAL:
            feedback.flash(_("The report is saved, without a deal: it can still be created from the action."))
        go("action", sub=sub.id)
    if found.client:
        go("client", client=found.client.client.id)
    go("deals")


def _draw_form(ctx: Context, found: NewDeal) -> None:
    form, state, (draft_form, record) = _form(found), st.session_state, _draft_of(found)
    draft = drafting.opened_draft(ctx, draft_form, record)
    kept = dict(draft.content) if draft else {}
    if f"{form}.request" not in state:
        state[f"{form}.request"] = uuid4().hex
        state[f"{form}.client"] = kept.get("client") or (found.client.client.id if found.client else None)
        if draft:
            drafting.say_it_is_back()
    file = _file(ctx, found)
    title = _("Deal {client}", client=file.client.name)[:160] if file else ""
    values = {"title": title, "org_unit": _unit_of(ctx, found.values.get("owner")), **found.values, **kept}
    drawn = DealForm(ctx, reference_of(ctx), form, values, file=file)
    _draw_client(ctx, found, file)
    if file:
        drawn.draw()
    typed = drawn.raw() | ({} if found.chain else {"client": state[f"{form}.client"]})

    def save() -> None:
        now = session.current_context()
        if now is None:
            return
        raw = drawn.raw() | ({} if found.chain else {"client": state[f"{form}.client"]})
        action_id = found.chain.action.id if found.chain else None
        use_case = partial(create_deal, now, raw=raw, request_key=state[f"{form}.request"], action_id=action_id)
        if feedback.attempt(form, use_case).worked:
            drafting.drop(now, draft_form, record)

    with st.container(horizontal=True, vertical_alignment="center"):
        if file:
            st.button(_("Create the deal (F2)"), type="primary", icon=":material/check:", key="save_deal",
                      on_click=save)  # fmt: skip
        _draw_give_up(found, draft_form, record)
        if file:
            drafting.keep(draft_form, record, typed, version=0)


def _draw_give_up(found: NewDeal, draft_form: str, record: int) -> None:
    if found.chain is None:
        drafting.draw_give_up(draft_form, record, _form(found))
        return
    told = _told(found.chain)
    drafting.draw_give_up(draft_form, record, _form(found), label=_("Without a deal"), help=told)


def _told(chain: Chain) -> str | None:
    is_led_here = current_sub_action(chain).follow_up == FollowUp.DEAL
    return _("The report is saved all the same.") if is_led_here else None


def _file(ctx: Context, found: NewDeal) -> ClientFile | None:
    """The client: the one that is known, or the one that was picked."""
    picked = st.session_state.get(f"{_form(found)}.client")
    if found.client and found.client.client.id == picked:
        return found.client
    return or_stop(lambda: open_client(ctx, client_id=picked)) if picked else None


def _draw_client(ctx: Context, found: NewDeal, file: ClientFile | None) -> None:
    form = _form(found)
    if found.chain and file:
        number = shown_number(found.chain.action.number)
        st.caption(_("For {client}, born from {number}.", client=feedback.plain(file.client.name), number=number))
        return

    def pick(client_id: int | None) -> None:
        """Another client: what depends on him is chosen again, and the title names him."""
        st.session_state[f"{form}.client"] = client_id
        for name in ("contact", "title", "client_text.text"):
            st.session_state.pop(f"{form}.{name}", None)

    label = _("Client") + " *"
    if file is None:
        client_picker(ctx, key=f"{form}.client_text", label=label, on_pick=pick)
    else:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(label, client_label(file.client), disabled=True, key=f"{form}.shown.{file.client.id}")
            st.button(_("Change"), icon=":material/swap_horiz:", key=f"{form}.other", on_click=pick, args=(None,))
    feedback.show_field_problem(form, "client")


def _unit_of(ctx: Context, person_id: object) -> int | None:
    unit = ctx.reference.deduced_unit_of(person_id) if isinstance(person_id, int) else None
    return unit.id if unit else None
