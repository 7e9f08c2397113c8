"""Compte rendu, drawn: result, text, when, and what follows, in the order in which one tells it (R21–R23)."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import uuid4

import streamlit as st

from lib.domain.actions import ActionFile
from lib.domain.chain import FollowUp, shown_number
from lib.domain.context import Context
from lib.domain.durations import shown_duration
from lib.domain.errors import Conflict
from lib.domain.fields import is_required
from lib.domain.gestures import Gesture, refusal
from lib.domain.reference import Reference
from lib.domain.reports import enter_report, next_defaults, prefilled, proposed_next
from lib.domain.rights import Operation, allowed
from lib.ui import drafting, feedback, formats, session
from lib.ui.action_form import ActionForm, labels
from lib.ui.frame import go, link
from lib.ui.rich_text import rich_text, show_rich_text, text_now
from lib.ui.shown_values import shown_value
from lib.ui.words import _, translate

FORM = "report"
_NEXT_FIELDS = ("planned_date", "planned_time", "assignee", "org_unit", "status", "duration", "domain", "reason",
                "site", "contact", "participants")  # fmt: skip
_OTHER_NATURE = "other"
_PROPOSED = "proposed"


def form_name(file: ActionFile) -> str:
    """The form's name: two records never share a widget."""
    return f"report.{file.sub.id}"


def leave_if_over(file: ActionFile) -> None:
    """After a report was saved: say so, and go where its follow-up leads; after it was given up, to the action."""
    name = form_name(file)
    if drafting.has_given_up(name):
        go("action", sub=file.sub.id)
    last = feedback.outcome(name)
    if last is None or not last.worked:
        return
    choice = st.session_state.get(f"{name}.sent_follow_up")
    drafting.clear_form(name)
    number = shown_number(file.chain.action.number, file.sub.seq)
    feedback.flash(_("The report of {number} is saved.", number=number))
    if choice == FollowUp.DEAL:
        go("new_deal", action=file.chain.action.id)
    go("action", sub=last.value)


def show_lost(ctx: Context, sub_action_id: int) -> None:
    """What was typed about a sub-action that can no longer be reported on."""
    drafting.show_lost(ctx, FORM, sub_action_id, text_now("", key=f"report.{sub_action_id}.report"))


def _show_problem(reference: Reference, file: ActionFile) -> None:
    """Why the last save was refused; after a comparison with what others did, saving again counts."""
    name = form_name(file)
    feedback.show_problem(name, labels=labels(), in_words=partial(shown_value, reference, file.client))
    last = feedback.outcome(name)
    if last and isinstance(last.error, Conflict):
        st.session_state[f"{name}.version"] = file.sub.version


def draw(ctx: Context, reference: Reference, file: ActionFile) -> None:
    """The form, or why there is none."""
    _draw_subject(ctx, reference, file)
    draft = drafting.opened_draft(ctx, FORM, file.sub.id)
    if why := refusal(ctx, Gesture.REPORT, file.chain.action, file.sub):
        _show_problem(reference, file)
        st.warning(translate(why), icon=":material/lock:")
        show_lost(ctx, file.sub.id)
        return
    name, state = form_name(file), st.session_state
    if f"{name}.request" not in state:
        state[f"{name}.request"] = uuid4().hex
        state[f"{name}.version"] = draft.version if draft else file.sub.version
        if draft:
            drafting.say_it_is_back()
    prefill = prefilled(file.sub, reference, ctx.local_now)
    values: dict[str, Any] = {
        "done_on": prefill.done_on,
        "done_time": prefill.done_time,
        "done_duration": prefill.duration_min,
        **(draft.content if draft else {}),
    }
    _draw_form(ctx, ActionForm(ctx, reference, name, values, file=file.client), file)


def _draw_subject(ctx: Context, reference: Reference, file: ActionFile) -> None:
    """What it is about: nature, client, contact; the detail folded."""
    sub, nature = file.sub, reference.natures.get(file.sub.nature_id)
    contact = next((c for c in file.client.contacts if c.id == sub.contact_id), None)
    who = " · ".join(part for part in (contact.name, contact.role, contact.phone) if part) if contact else ""
    number = shown_number(file.chain.action.number, sub.seq)
    link("action", _("Back to {number}", number=number), icon=":material/arrow_back:", sub=sub.id)
    parts = [number, nature.label if nature else "", file.client.client.name, who]
    st.markdown("**" + " — ".join(feedback.plain(part) for part in parts if part) + "**")
    planned = formats.when(sub.planned_date, sub.planned_time, today=ctx.today)
    if planned:
        st.caption(_("Planned: {date}", date=planned))
    if file.detail_html:
        with st.expander(_("Detail"), icon=":material/info:"):
            show_rich_text(file.detail_html, key="report.detail")


@st.fragment
def _draw_form(ctx: Context, form: ActionForm, file: ActionFile) -> None:
    """The form, apart from the rest of the page: a pause in the typing draws this only, and keeps the draft."""
    drafting.rerun_if_given_up(form.name)
    results = {r.id: r.label for r in form.reference.results_of(file.sub.nature_id)}
    if results:
        opened = form.open("result")
        st.pills(labels()["result"], list(results), default=opened if opened in results else None,
                 format_func=lambda r: results.get(r, ""), key=form.key("result"))  # fmt: skip
        feedback.show_field_problem(form.name, "result")
    rich_text(str(form.values.get("report") or ""), key=form.key("report"), label=_("Report"), height=180,
              placeholder=_("Never shown to the client."),
              autofocus=True)  # fmt: skip
    feedback.show_field_problem(form.name, "report")
    for column, name in zip(st.columns(3), ("done_on", "done_time", "done_duration"), strict=True):
        with column:
            form.draw_field(name)
    _draw_follow_up(ctx, form, file)
    _draw_buttons(ctx, form, file)


def _draw_follow_up(ctx: Context, form: ActionForm, file: ActionFile) -> None:
    """Suite à donner: the big choices; choosing one unfolds only its fields (R23)."""
    proposal = proposed_next(file.sub, form.reference, person_id=ctx.person.id, today=ctx.today)
    choices: dict[str, str] = {FollowUp.NONE: _("No follow-up")}
    if proposal:
        choices[_PROPOSED] = form.reference.natures[proposal["nature"]].label  # type: ignore[index]
    choices[_OTHER_NATURE] = _("Another action")
    if not allowed(ctx, Operation.ADD_DEALS):
        choices[FollowUp.DEAL] = _("Create a deal")
    opened = form.open("follow_up")
    choice = st.segmented_control(
        _("Follow-up") + " *",
        list(choices),
        default=opened if opened in choices else None,
        format_func=lambda each: choices.get(each, ""),
        key=form.key("follow_up"),
    )
    feedback.show_field_problem(form.name, "follow_up")
    if choice == FollowUp.NONE:
        st.caption(_("The action will be done; its report can still be edited."))
    elif choice == FollowUp.DEAL:
        st.caption(_("The action will be done; the form of the new deal opens, linked to the action."))
    elif choice in (_PROPOSED, _OTHER_NATURE):
        _draw_next(ctx, form, file, choice)


def _next_form(ctx: Context, form: ActionForm, file: ActionFile, choice: str) -> ActionForm:
    """The next sub-action's form, opened with its defaults: me, soon, the same place; drawn yet or not."""
    person_id, today = ctx.person.id, ctx.today
    opening = proposed_next(file.sub, form.reference, person_id=person_id, today=today)
    is_proposed = choice == _PROPOSED and opening is not None
    if opening is None or not is_proposed:
        opening = next_defaults(file.sub, form.reference, nature_id=0, person_id=person_id, today=today)
        opening["nature"] = None
    opening["text"] = _("Follows the report of {date}.", date=formats.day(today, today=today))
    kept = {name.removeprefix("next."): value for name, value in form.values.items() if name.startswith("next.")}
    following = ActionForm(ctx, form.reference, f"{form.name}.next", {**opening, **kept}, file=file.client,
                           problem_prefix="next.", problem_form=form.name)  # fmt: skip
    if is_proposed:
        st.session_state[following.key("nature")] = opening["nature"]
    return following


def _draw_next(ctx: Context, form: ActionForm, file: ActionFile, choice: str) -> None:
    """The fields of the next sub-action; its nature only when it isn't the proposed one."""
    following, is_proposed = _next_form(ctx, form, file, choice), choice == _PROPOSED
    with st.container(border=True):
        if not is_proposed:
            following.draw_field("nature")
        following.draw(("planned_date", "planned_time", "assignee", "org_unit"))
        with st.expander(_("More fields"), icon=":material/tune:"):
            following.draw(("status", "duration", "domain", "reason"), ("site", "contact"), ("participants",))
        _draw_next_detail(form, following)


def _draw_next_detail(form: ActionForm, following: ActionForm) -> None:
    """What is to be done next, in plain lines: one editor a page; the file of the action has the rich one."""
    text = str(following.open("text") or "")
    required = is_required("detail", status=None, parameters=form.reference.parameters)
    st.text_area(
        _("Detail of the next action") + (" *" if required else ""), text, key=following.key("text"), height=80
    )
    feedback.show_field_problem(form.name, "next.detail")


def _draw_buttons(ctx: Context, form: ActionForm, file: ActionFile) -> None:
    def save() -> None:
        now = session.current_context()
        if now is None:
            feedback.forget(form.name)
            return
        state, raw = st.session_state, _raw(now, form, file)
        state[f"{form.name}.sent_follow_up"] = raw["follow_up"]
        saved = feedback.attempt(
            form.name,
            lambda: enter_report(
                now,
                sub_action_id=file.sub.id,
                version=state[f"{form.name}.version"],
                raw=raw,
                request_key=state[f"{form.name}.request"],
            ),
        )
        if saved.worked:
            drafting.drop(now, FORM, file.sub.id)

    with st.container():  # by the button that was pressed: at the top of a long form nobody would see it
        _show_problem(form.reference, file)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(_("Save (F2)"), type="primary", icon=":material/check:", key="save_report", on_click=save):
            drafting.rerun_after_save(form.name)
        drafting.draw_give_up(FORM, file.sub.id, form.name)
        drafting.keep(FORM, file.sub.id, _kept(form), version=st.session_state[f"{form.name}.version"])


def _raw(ctx: Context, form: ActionForm, file: ActionFile) -> dict[str, object]:
    """What the use case is given: what was typed, else what the form opens with.

    The next step's fields may not be drawn yet: a quick hand saves within the run that its choice started.
    """
    state = st.session_state
    choice = state.get(form.key("follow_up"))
    raw: dict[str, object] = {
        "done_on": form.value("done_on"),
        "done_time": form.value("done_time"),
        "done_duration": form.value("done_duration"),
        "result": form.value("result"),
        "report": _text(form),
        "follow_up": FollowUp.SUB_ACTION if choice in (_PROPOSED, _OTHER_NATURE) else choice,
    }
    if raw["follow_up"] == FollowUp.SUB_ACTION:
        following = _next_form(ctx, form, file, str(choice))
        fields = following.raw(("nature", *_NEXT_FIELDS))
        raw["next"] = {**fields, "detail": _as_html(str(following.value("text") or ""))}
    return raw


def _kept(form: ActionForm) -> dict[str, object]:
    """What the draft holds: everything typed, the next step's fields with a prefix."""
    state, prefix = st.session_state, f"{form.name}.next."
    kept = {name: form.value(name) for name in ("done_on", "done_time", "done_duration", "result", "follow_up")}
    kept["report"] = _text(form)
    if isinstance(kept["done_duration"], int):
        kept["done_duration"] = shown_duration(kept["done_duration"])
    return kept | {f"next.{n}": state[prefix + n] for n in ("nature", "text", *_NEXT_FIELDS) if prefix + n in state}


def _text(form: ActionForm) -> str:
    return text_now(str(form.values.get("report") or ""), key=form.key("report"))


def _as_html(text: str) -> str:
    """Plain lines as paragraphs; the domain sanitises them like any other text."""
    from html import escape

    return "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())
