"""A deal edited in place: only the fields that differ are saved, so that others' edits merge (R16, R20)."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lib.domain.context import Context
from lib.domain.deals import COLUMNS, DealFile, edit_deal
from lib.domain.reference import Reference
from lib.ui import drafting, feedback, session
from lib.ui.deal_form import DealForm, labels
from lib.ui.deal_values import shown_deal_value
from lib.ui.words import _

FORM = "edit_deal"


def _name(deal_id: int) -> str:
    return f"deal.edit.{deal_id}"


def taken(deal_id: int) -> bool:
    """Whether the last save worked; once."""
    last = feedback.outcome(_name(deal_id))
    if last is None or not last.worked:
        return False
    drafting.clear_form(_name(deal_id))
    return True


def has_given_up(deal_id: int) -> bool:
    """Whether the form was just given up; once."""
    return drafting.has_given_up(_name(deal_id))


def draw(ctx: Context, reference: Reference, file: DealFile) -> None:
    """Every field, then the buttons; a draft is kept and offered again."""
    deal, state = file.deal, st.session_state
    name = _name(deal.id)
    draft = drafting.opened_draft(ctx, FORM, deal.id)
    if f"{name}.version" not in state:
        # The version travels with the form: read again at saving, it would hide what others changed meanwhile.
        state[f"{name}.version"] = draft.version if draft else deal.version
        state[f"{name}.opened"] = _opening(file)
        if draft:
            drafting.say_it_is_back()
    opened: dict[str, object] = state[f"{name}.opened"]
    form = DealForm(ctx, reference, name, {**opened, **(draft.content if draft else {})}, file=file.client)
    form.draw()

    def save() -> None:
        now = session.current_context()
        if now is None:
            feedback.forget(name)
            return
        version, edits = int(state[f"{name}.version"]), _edits(form, opened)
        saved = feedback.attempt(name, lambda: edit_deal(now, deal_id=deal.id, version=version, edits=edits))
        if saved.worked:
            drafting.drop(now, FORM, deal.id)

    with st.container():  # by the button that was pressed
        _show_problem(reference, file)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(_("Save (F2)"), type="primary", icon=":material/check:", key="save_deal", on_click=save)
        drafting.draw_give_up(FORM, deal.id, name)
        drafting.keep(FORM, deal.id, _edits(form, opened), version=state[f"{name}.version"])


def _opening(file: DealFile) -> dict[str, object]:
    """What the form opens with, as its widgets hold it."""
    deal = file.deal
    opened: dict[str, object] = {name: getattr(deal, column) for name, column in COLUMNS.items()}
    amount = deal.amount_eur
    return opened | {"amount_eur": "" if amount is None else f"{amount:f}".removesuffix(".00").replace(".", ",")}


def _edits(form: DealForm, opened: dict[str, object]) -> dict[str, object]:
    """The fields that differ from what the form opened with."""
    changed = {name: value for name, value in form.raw().items() if (value or None) != (opened.get(name) or None)}
    if "owner" in changed:
        changed["org_unit"] = form.value("org_unit")  # else it would be deduced, though another one may be chosen
    return changed


def _show_problem(reference: Reference, file: DealFile) -> None:
    """Why the last save was refused; for a conflict, what the other side saved and how to go on."""
    deal, name = file.deal, _name(file.deal.id)
    feedback.show_problem(name, labels=labels(), in_words=partial(shown_deal_value, reference, file.client))
    drafting.draw_conflict_choice(FORM, deal.id, name, version=deal.version)
