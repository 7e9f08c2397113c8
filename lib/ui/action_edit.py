"""The file of an action, edited in place: the same fields as inputs, a locked one saying why (R15, R16, R20)."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lib.domain import actions
from lib.domain.actions import ActionFile
from lib.domain.chain import Status
from lib.domain.context import Context
from lib.domain.deals import Deal, deals_of_client
from lib.domain.durations import shown_duration
from lib.domain.fields import FIELDS, locked_because
from lib.domain.gestures import Gesture, refusal
from lib.domain.reference import Reference
from lib.domain.rights import Operation, allowed
from lib.domain.sentences import Sentence
from lib.ui import drafting, feedback, session
from lib.ui.action_form import ACTION_FIELDS, ROWS, ActionForm, labels
from lib.ui.rich_text import rich_text, text_now
from lib.ui.shown_values import shown_value
from lib.ui.words import _, translate

FORM = "edit"
_WHAT = (*ACTION_FIELDS, "assignee", "org_unit")
_REPORT = ("done_on", "done_time", "done_duration")


def form_name(file: ActionFile) -> str:
    """The form's name: two records never share a widget."""
    return f"edit.{file.sub.id}"


def refused_because(ctx: Context, file: ActionFile) -> Sentence | None:
    """Why this person can't edit anything of it now; None when he can."""
    gestures = (Gesture.EDIT, Gesture.EDIT_REPORT)
    reasons = [refusal(ctx, gesture, file.chain.action, file.sub) for gesture in gestures]
    return reasons[0] if all(reasons) else None


def has_given_up(sub_action_id: int) -> bool:
    """Whether the form was just given up; once."""
    return drafting.has_given_up(f"edit.{sub_action_id}")


def show_lost(ctx: Context, sub_action_id: int) -> None:
    """What was typed for a sub-action that can no longer be edited."""
    name = f"edit.{sub_action_id}"
    texts = [text_now("", key=f"{name}.{text}", rev=drafting.turn(name)) for text in ("detail", "report")]
    drafting.show_lost(ctx, FORM, sub_action_id, texts[0] or texts[1])


def taken(sub_action_id: int) -> bool:
    """Whether the last save worked; once. Asked first: who gave the action away may no longer see it."""
    name = f"edit.{sub_action_id}"
    last = feedback.outcome(name)
    if last is None or not last.worked:
        return False
    drafting.clear_form(name)
    return True


def _show_problem(reference: Reference, file: ActionFile) -> None:
    """Why the last save was refused; for a conflict, what the other side saved and how to go on."""
    name = form_name(file)
    feedback.show_problem(name, labels=labels(), in_words=partial(shown_value, reference, file.client))
    drafting.draw_conflict_choice(FORM, file.sub.id, name, version=file.sub.version)


def _opening(file: ActionFile) -> dict[str, object]:
    sub, action = file.sub, file.chain.action
    return {
        **{name: getattr(sub, FIELDS[name].column) for name in (*_WHAT, *_REPORT, "result") if name != "deal"},
        "deal": action.deal_id,
        "origin": action.origin_id,
        "client": action.client_id,
        "detail": file.detail_html,
        "report": file.report_html,
    }


def draw(ctx: Context, reference: Reference, file: ActionFile) -> None:
    """Every field, then the buttons; a draft is kept and offered again."""
    name, sub = form_name(file), file.sub
    draft = drafting.opened_draft(ctx, FORM, sub.id)
    if f"{name}.version" not in st.session_state:
        # The version travels with the form: read again at saving, it would hide what others changed meanwhile.
        st.session_state[f"{name}.version"] = draft.version if draft else sub.version
        st.session_state[f"{name}.opened"] = _opening(file)
        if draft:
            drafting.say_it_is_back()
    opened = st.session_state[f"{name}.opened"]
    values = {**opened, **(draft.content if draft else {})}
    locked = {n: why for n, field in FIELDS.items() if (why := locked_because(ctx, field, file.chain.action, sub))}
    client_deals = choosable_deals(ctx, file)
    form = ActionForm(ctx, reference, name, values, file=file.client, deals=client_deals, locked=locked)
    st.text_input(labels()["client"], file.client.client.name, disabled=True, key=f"{name}.client_shown",
                  help=translate(locked["client"]) if "client" in locked else None)  # fmt: skip
    form.draw(*ROWS, ("assignee", "org_unit", "origin"))
    _draw_text(ctx, form, file, opened)


def choosable_deals(ctx: Context, file: ActionFile) -> list[Deal]:
    """The client's deals; to who doesn't see them, only the one that the action already has."""
    if allowed(ctx, Operation.VIEW_CLIENTS):
        return [file.deal] if file.deal else []
    return deals_of_client(ctx, client_id=file.client.client.id)


@st.fragment
def _draw_text(ctx: Context, form: ActionForm, file: ActionFile, opened: dict[str, object]) -> None:
    """The text that this status lets be edited, and the buttons; a pause in the typing keeps the draft."""
    drafting.rerun_if_given_up(form.name)
    if f"{form.name}.version" not in st.session_state:  # what others saved was taken: the page opens the form afresh
        st.rerun()
    is_done = file.sub.status == Status.DONE
    text = "report" if is_done else "detail"
    if is_done:
        form.draw(_REPORT)
        results = {r.id: r.label for r in form.reference.results_of(file.sub.nature_id)}
        if results:
            form.choose("result", results)
        rich_text(str(form.values.get("report") or ""), key=form.key("report"), label=_("Report"),
                  rev=drafting.turn(form.name), read_only="report" in form.locked)  # fmt: skip
        feedback.show_field_problem(form.name, "report")
    else:
        form.draw_detail(rev=drafting.turn(form.name))
    edits = _edits(form, text, opened)

    def save() -> None:
        now = session.current_context()
        if now is None:
            feedback.forget(form.name)
            return
        version = st.session_state[f"{form.name}.version"]
        saved = feedback.attempt(
            form.name,
            lambda: actions.edit_sub_action(
                now, sub_action_id=file.sub.id, version=version, edits=_edits(form, text, opened)
            ),
        )
        if saved.worked:
            drafting.drop(now, FORM, file.sub.id)

    with st.container():  # by the button that was pressed: at the top of a long form nobody would see it
        _show_problem(form.reference, file)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(_("Save (F2)"), type="primary", icon=":material/check:", key="save_edit", on_click=save):
            drafting.rerun_after_save(form.name)
        drafting.draw_give_up(FORM, file.sub.id, form.name)
        drafting.keep(FORM, file.sub.id, edits, version=st.session_state[f"{form.name}.version"])


def _edits(form: ActionForm, text: str, opened: dict[str, object]) -> dict[str, object]:
    """The fields that differ from what the form opened with: only those are saved, so that others' edits merge."""
    names = (*_WHAT, *_REPORT, "result")
    typed = {name: form.value(name) for name in names if name not in form.locked}
    typed[text] = _text(form, text)
    changed = {name: value for name, value in typed.items() if _comparable(value) != _comparable(opened.get(name))}
    if "assignee" in changed:
        changed["org_unit"] = typed["org_unit"]  # else it would be deduced, though another one of his may be chosen
    return changed


def _text(form: ActionForm, name: str) -> str:
    return text_now(str(form.values.get(name) or ""), key=form.key(name), rev=drafting.turn(form.name))


def _comparable(value: object) -> object:
    if isinstance(value, list | set | frozenset):
        return frozenset(value) or None
    if isinstance(value, int) and not isinstance(value, bool):
        return shown_duration(value) if value > 0 else value
    return value or None
