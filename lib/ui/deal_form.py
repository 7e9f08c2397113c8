"""Nouvelle affaire, drawn: pre-filled from the action that it is born from (R23)."""

from __future__ import annotations

from uuid import uuid4

import streamlit as st

from lib.domain.chain import Chain, current_sub_action, shown_number
from lib.domain.clients import open_client
from lib.domain.context import Context
from lib.domain.deals import create_deal
from lib.ui import drafting, feedback, session
from lib.ui.frame import go
from lib.ui.rich_text import f2_saves
from lib.ui.words import _

FORM = "deal"
_FIELDS = ("title", "amount_eur", "expected_on")


def _form(chain: Chain) -> str:
    return f"deal.{chain.action.id}"


def leave_if_saved(chain: Chain) -> None:
    """After the deal was saved: back to the action, which now shows it."""
    last = feedback.outcome(_form(chain))
    if last and last.worked:
        drafting.clear_form(_form(chain))
        feedback.flash(_("The deal is created and linked to {number}.", number=shown_number(chain.action.number)))
        go("action", sub=current_sub_action(chain).id)


def show_problem(chain: Chain) -> None:
    """Why the last save was refused."""
    names = {"title": _("Title"), "amount_eur": _("Amount (€)"), "expected_on": _("Expected date")}
    feedback.show_problem(_form(chain), labels=names)


def draw(ctx: Context, chain: Chain) -> None:
    """Title, amount, expected date; a draft is kept and offered again."""
    form, state = _form(chain), st.session_state
    client = open_client(ctx, client_id=chain.action.client_id).client
    number = shown_number(chain.action.number)
    st.caption(_("For {client}, born from {number}.", client=feedback.plain(client.name), number=number))
    draft = drafting.opened_draft(ctx, FORM, chain.action.id)
    if f"{form}.request" not in state:
        state[f"{form}.request"] = uuid4().hex
        values = {"title": _("Deal {client}", client=client.name)[:160], **(draft.content if draft else {})}
        state.update({f"{form}.{name}": values[name] for name in _FIELDS if name in values})
        if draft:
            drafting.say_it_is_back()
    st.text_input(_("Title") + " *", key=f"{form}.title", max_chars=160)
    feedback.show_field_problem(form, "title")
    amount, expected = st.columns(2)
    with amount:
        st.text_input(_("Amount (€)"), key=f"{form}.amount_eur", placeholder="12 500,00")
        feedback.show_field_problem(form, "amount_eur")
    with expected:
        st.date_input(_("Expected date"), None, key=f"{form}.expected_on", format="DD/MM/YYYY")
        feedback.show_field_problem(form, "expected_on")

    def save() -> None:
        now = session.current_context()
        if now is None:
            return
        raw, key = _typed(form), state[f"{form}.request"]
        done = feedback.attempt(form, lambda: create_deal(now, action_id=chain.action.id, raw=raw, request_key=key))
        if done.worked:
            drafting.drop(now, FORM, chain.action.id)

    with st.container(horizontal=True):
        st.button(_("Create the deal (F2)"), type="primary", icon=":material/check:", key="save_deal", on_click=save)
        if st.button(_("Without a deal"), key=f"{form}.give_up", help=_("The report is saved all the same.")):
            drafting.drop(ctx, FORM, chain.action.id)
            drafting.clear_form(form)
            go("action", sub=current_sub_action(chain).id)
        drafting.keep(FORM, chain.action.id, _typed(form), version=0)
    f2_saves()


def _typed(form: str) -> dict[str, object]:
    return {name: st.session_state.get(f"{form}.{name}") for name in _FIELDS}
