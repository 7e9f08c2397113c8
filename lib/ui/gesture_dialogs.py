"""Carrying out a gesture on a sub-action, from a row's menu or a button: at once, in a dialog, or on its page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time

import streamlit as st

from lib.domain import actions
from lib.domain.agenda import proposed_day, proposed_week
from lib.domain.calendar import later_today
from lib.domain.chain import shown_number
from lib.domain.context import Context
from lib.domain.errors import Conflict
from lib.domain.gestures import Gesture, refusal
from lib.ui import feedback, formats, frame, session
from lib.ui.action_form import labels
from lib.ui.words import _, translate

FORM = "gesture"
_PENDING = "gesture.pending"
_VERSION = "gesture.version"


def ask(sub_action_id: int, gesture: str) -> None:
    """From a callback: remember the gesture asked for; `answer`, further down the run, carries it out."""
    st.session_state[_PENDING] = (sub_action_id, gesture)


def answer(ctx: Context) -> None:
    """Carry out the gesture asked for, if any: leave for its page, do it, or open its dialog; last in a page."""
    asked = st.session_state.pop(_PENDING, None)
    if asked is None or asked[1] not in set(Gesture):
        return
    perform(ctx, asked[0], Gesture(asked[1]))


def perform(ctx: Context, sub_action_id: int, gesture: Gesture) -> None:
    """Leave for the gesture's page, do it at once, or open its dialog."""
    feedback.forget(FORM)
    opened = feedback.attempt(FORM, lambda: actions.open_action(ctx, sub_action_id=sub_action_id))
    file = opened.value
    if file is None:
        feedback.show_problem(FORM, labels=labels())
        return
    if why := refusal(ctx, gesture, file.chain.action, file.sub, last_seq=file.last_seq):
        st.toast(feedback.plain(translate(why)), icon=":material/lock:")
        return
    st.session_state[_VERSION] = file.sub.version
    match gesture:
        case Gesture.REPORT:
            frame.go("report", sub=sub_action_id)
        case Gesture.EDIT | Gesture.EDIT_REPORT:
            frame.go("action", sub=sub_action_id, edit=1)
        case Gesture.ADD_NEXT:
            frame.go("new_action", next=file.chain.action.id)
        case Gesture.UNPLAN:
            _unplan(ctx, file)
        case _:
            _DIALOGS[gesture](ctx, file)


def _title(file: actions.ActionFile) -> str:
    return f"{shown_number(file.chain.action.number, file.sub.seq)} — {feedback.plain(file.client.client.name)}"


def _finish(message: str) -> None:
    """After a gesture: the message on the next run, and the page drawn again as things now are."""
    feedback.forget(FORM)
    feedback.flash(message)
    st.rerun()


def _buttons(label: str, *, is_danger: bool = False) -> bool:
    """The dialog's own buttons; F2 presses the first."""
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(_("Back"), key="gesture.back"):
            feedback.forget(FORM)
            st.rerun()
        icon = ":material/delete_forever:" if is_danger else ":material/check:"
        return st.button(label, type="primary", icon=icon, key="save_gesture")


def _run(file: actions.ActionFile, use_case: Callable[[Context], object], message: str) -> None:
    """Run a use case as whoever is signed in now: a dialog may have been open for hours."""
    ctx = session.current_context() or frame.signed_out()
    if feedback.attempt(FORM, lambda: use_case(ctx)).worked:
        _finish(message)
    else:
        _draw_again(ctx, file)


def _draw_again(ctx: Context, file: actions.ActionFile) -> None:
    """The dialog with why it was refused; once what others did has been told, the same click counts."""
    last = feedback.outcome(FORM)
    if last and isinstance(last.error, Conflict):
        st.session_state[_VERSION] = actions.open_action(ctx, sub_action_id=file.sub.id).sub.version
    st.rerun(scope="fragment")


def _version() -> int:
    """The version of what the person saw: read again at saving, it would hide what others changed meanwhile."""
    return int(st.session_state[_VERSION])


def _unplan(ctx: Context, file: actions.ActionFile) -> None:
    sub = file.sub
    done = feedback.attempt(FORM, lambda: actions.unplan(ctx, sub_action_id=sub.id, version=sub.version))
    if done.worked:
        _finish(_("{number} is to plan again; its date stays as a wish.", number=_number(file)))
    feedback.show_problem(FORM, labels=labels())


def _number(file: actions.ActionFile) -> str:
    return shown_number(file.chain.action.number, file.sub.seq)


def _tomorrow(ctx: Context) -> date:
    """The next day that the organisation works."""
    return proposed_day(ctx.reference, ctx.today, 1)


def _plan(ctx: Context, file: actions.ActionFile) -> None:
    @st.dialog(_("Plan"), dismissible=False)
    def show() -> None:
        st.caption(_title(file))
        on, at = _date_and_time(file.sub.planned_date or _tomorrow(ctx), file.sub.planned_time)
        feedback.show_problem(FORM, labels=labels())
        if _buttons(_("Plan")):
            sub = file.sub
            _run(
                file,
                lambda ctx: actions.plan(
                    ctx, sub_action_id=sub.id, version=_version(), planned_date=on, planned_time=at
                ),
                _("{number} is planned: {date}.", number=_number(file), date=formats.when(on, at, today=ctx.today)),
            )

    show()


def _postpone(ctx: Context, file: actions.ActionFile) -> None:
    @st.dialog(_("Postpone"), dismissible=False)
    def show() -> None:
        st.caption(_title(file))
        kept = file.sub.planned_time
        proposals: list[tuple[str, date, time | None]] = []
        if later := later_today(ctx.local_now):
            proposals.append((_("Later today"), ctx.today, later))
        proposals.append((_("Next working day"), _tomorrow(ctx), kept))
        proposals.append((_("In a week"), proposed_week(ctx.reference, ctx.today), kept))
        for number, (label, on, at) in enumerate(proposals):
            text = f"{label} · {formats.day(on, today=ctx.today)} {formats.clock(at) if at else ''}"
            if st.button(text, key=f"gesture.postpone.{number}", width="stretch", icon=":material/event_upcoming:"):
                _move(ctx, file, on, at)
        st.caption(_("Or another date"))
        day, hour = _date_and_time(file.sub.planned_date or _tomorrow(ctx), kept)
        feedback.show_problem(FORM, labels=labels())
        if _buttons(_("Postpone")):
            _move(ctx, file, day, hour)

    show()


def _move(ctx: Context, file: actions.ActionFile, on: object, at: time | None) -> None:
    sub = file.sub
    text = formats.when(on, at, today=ctx.today) if isinstance(on, date) else ""
    _run(
        file,
        lambda ctx: actions.postpone(ctx, sub_action_id=sub.id, version=_version(), planned_date=on, planned_time=at),
        _("{number} is postponed: {date}.", number=_number(file), date=text),
    )


def _date_and_time(on: date, at: time | None) -> tuple[date | None, time | None]:
    with st.container(horizontal=True):
        day = st.date_input(_("Date"), value=on, format="DD/MM/YYYY", key="gesture.date")
        hour = st.time_input(_("Time"), value=at, key="gesture.time")
    feedback.show_field_problem(FORM, "planned_date")
    feedback.show_field_problem(FORM, "planned_time")
    return (day if isinstance(day, date) else None), hour


def _cancel(ctx: Context, file: actions.ActionFile) -> None:
    @st.dialog(_("Cancel this action"), dismissible=False)
    def show() -> None:
        st.caption(_title(file))
        st.markdown(_("Once cancelled, it can never be changed again. It stays in the history."))
        reason = st.text_area(_("Why is it cancelled? *"), key="gesture.reason", max_chars=actions.MAX_REASON)
        feedback.show_field_problem(FORM, "reason")
        if not feedback.problems(FORM):
            feedback.show_problem(FORM, labels=labels())
        if _buttons(_("Cancel this action"), is_danger=True):
            sub = file.sub
            _run(
                file,
                lambda ctx: actions.cancel(ctx, sub_action_id=sub.id, version=_version(), reason=reason),
                _("{number} is cancelled.", number=_number(file)),
            )

    show()


def _delete(ctx: Context, file: actions.ActionFile) -> None:
    @st.dialog(_("Delete"), dismissible=False)
    def show() -> None:
        st.caption(_title(file))
        st.markdown(_("Deleting is final. To keep a trace of it, cancel it instead."))
        feedback.show_problem(FORM, labels=labels())
        if _buttons(_("Delete for good"), is_danger=True):
            sub = file.sub
            now = session.current_context() or frame.signed_out()
            deleted = feedback.attempt(
                FORM, lambda: actions.delete_sub_action(now, sub_action_id=sub.id, version=_version())
            )
            if deleted.worked:
                feedback.forget(FORM)
                feedback.flash(_("{number} is deleted.", number=_number(file)))
                if deleted.value:
                    frame.go("action", sub=deleted.value)
                frame.go("actions")
            _draw_again(now, file)

    show()


_DIALOGS = {Gesture.PLAN: _plan, Gesture.POSTPONE: _postpone, Gesture.CANCEL: _cancel, Gesture.DELETE: _delete}
