"""The bar of what is ticked in the list: reassign, postpone, cancel; what somebody may do with some of it at least."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import uuid4

import streamlit as st

from lib.domain.actions import MAX_REASON
from lib.domain.agenda import proposed_day
from lib.domain.bulk import MAX_WORKING_DAYS, Refused, Selection, cancel_all, number_of, open_selection, postpone_all
from lib.domain.context import Context
from lib.domain.errors import DomainError
from lib.domain.gestures import GESTURES, Gesture
from lib.domain.rights import Operation, allowed
from lib.ui import feedback, frame, operations, session
from lib.ui.action_table import select, selected_ids
from lib.ui.reading import record_id
from lib.ui.words import _, plural

FORM = "bulk"
TICKED = "assignments.ticked"
"""Session key under which the list hands what is ticked over to the reassignment."""
_ASKED = "bulk.asked"
_SELECTION = "bulk.selection"
_REQUEST = "bulk.request"
_LEAVE = "bulk.leave"
_NAMED = 6


def may_tick(ctx: Context) -> bool:
    """Whether anything can be done with what is ticked."""
    operations_offered = (Operation.ASSIGN_ACTIONS, Operation.EDIT_ACTIONS, Operation.CANCEL_ACTIONS)
    return any(not allowed(ctx, each) for each in operations_offered)


def draw(ctx: Context, table: str) -> None:
    """The bar, in a place of its own that it keeps when nothing is ticked: the table below stays as it is."""
    with st.container():
        if st.session_state.pop(_LEAVE, False):
            frame.go("assignments", a_way="ticked")
        ids = selected_ids(table)
        if not ids or not may_tick(ctx):
            return
        with st.container(horizontal=True, vertical_alignment="center", border=True, key="bulk.bar"):
            st.markdown(plural("**{count}** selected", "**{count}** selected", len(ids)), width="content")
            if not allowed(ctx, Operation.ASSIGN_ACTIONS):
                st.button(_("Reassign…"), icon=":material/move_up:", key="bulk.reassign", on_click=_hand_over,
                          args=(table,))  # fmt: skip
            for gesture, label in ((Gesture.POSTPONE, _("Postpone…")), (Gesture.CANCEL, _("Cancel actions…"))):
                if not allowed(ctx, GESTURES[gesture].operation):
                    st.button(label, icon=f":material/{GESTURES[gesture].icon}:", key=f"bulk.{gesture}",
                              on_click=_ask, args=(gesture,))  # fmt: skip
            st.button(_("Deselect all"), icon=":material/deselect:", key="bulk.none", type="tertiary",
                      on_click=_untick, args=(table,))  # fmt: skip


def _hand_over(table: str) -> None:
    st.session_state[TICKED] = _ids(table)
    st.session_state[_LEAVE] = True


def _ask(gesture: Gesture) -> None:
    st.session_state[_ASKED] = gesture


def _untick(table: str) -> None:
    select(table, [])


def _ids(table: str) -> list[int]:
    return [found for each in selected_ids(table) if (found := record_id(each))]


def answer(ctx: Context, table: str) -> None:
    """Open the dialog that the bar asked for, if any; last in a page."""
    gesture = st.session_state.pop(_ASKED, None)
    if gesture not in (Gesture.POSTPONE, Gesture.CANCEL):
        return
    feedback.forget(FORM)
    if not _look(ctx, table, gesture):
        operations.show_problem(FORM)
        return
    st.session_state[_REQUEST] = uuid4().hex
    (_postpone if gesture == Gesture.POSTPONE else _cancel)(ctx, table)


def _look(ctx: Context, table: str, gesture: Gesture) -> bool:
    """Take what is ticked as it is now: the versions that the person sees in the dialog."""
    try:
        st.session_state[_SELECTION] = open_selection(ctx, sub_action_ids=_ids(table), gesture=gesture)
    except DomainError as error:
        st.session_state[f"{FORM}.outcome"] = feedback.Outcome(error=error)
        return False
    return True


def _selection() -> Selection:
    found: Selection = st.session_state[_SELECTION]
    return found


def _tell_selection() -> None:
    """Which actions it is about, and which of those ticked can't follow, with their reasons."""
    rows, refused = _selection().rows, _selection().refused
    numbers = ", ".join(number_of(row) for row in rows[:_NAMED]) + ("…" if len(rows) > _NAMED else "")
    st.markdown(plural("**{count} action**: {numbers}", "**{count} actions**: {numbers}", len(rows),
                       numbers=feedback.plain(numbers)))  # fmt: skip
    if refused:
        label = plural("{count} ticked action stays as it is", "{count} ticked actions stay as they are", len(refused))
        with st.expander(label, icon=":material/block:"):
            operations.show_refusals([(each.number, each.why) for each in refused])


def _buttons(label: str, *, is_danger: bool = False) -> bool:
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(_("Back"), key="bulk.back"):
            feedback.forget(FORM)
            st.rerun()
        icon = ":material/cancel:" if is_danger else ":material/check:"
        return st.button(label, type="primary", icon=icon, key="save_bulk", disabled=not _selection().rows)


def _run(table: str, gesture: Gesture, use_case: Callable[[Context, str], int]) -> None:
    """Carry it out as whoever is signed in now; refused, the dialog stays with what was typed, and looks again."""
    ctx = session.current_context() or frame.signed_out()
    key = str(st.session_state[_REQUEST])
    done = feedback.attempt(FORM, lambda: use_case(ctx, key))
    if done.worked:
        feedback.forget(FORM)
        select(table, [])
        operations.remember(done.value or 0)
        st.rerun()
    if isinstance(done.error, Refused):
        refused = feedback.outcome(FORM)
        if _look(ctx, table, gesture):  # what others did has been told: the same click counts for the rest
            st.session_state[f"{FORM}.outcome"] = refused
    st.rerun(scope="fragment")


def _postpone(ctx: Context, table: str) -> None:
    @st.dialog(_("Postpone"), dismissible=False)
    def show() -> None:
        _tell_selection()
        by_days, to_date = _("By working days"), _("To a date")
        how = st.radio(_("How"), [by_days, to_date], key="bulk.how", horizontal=True, label_visibility="collapsed")
        day, days = None, None
        if how == to_date:
            start = proposed_day(ctx.reference, ctx.today, 1)
            day = st.date_input(_("Date"), value=start, format="DD/MM/YYYY", key="bulk.date")
        else:
            days = st.number_input(_("Working days"), 1, MAX_WORKING_DAYS, 1, key="bulk.days")
            st.caption(_("From each action's own date; from today for what is late or has no date. "
                         "Public holidays are no working days."))  # fmt: skip
        operations.show_problem(FORM)
        if _buttons(_("Postpone")):
            on = day if isinstance(day, date) else None
            _run(table, Gesture.POSTPONE, lambda ctx, key: postpone_all(
                ctx, rows=_selection().versions, to_date=on, working_days=days, request_key=key))  # fmt: skip

    show()


def _cancel(ctx: Context, table: str) -> None:
    @st.dialog(_("Cancel these actions"), dismissible=False)
    def show() -> None:
        _tell_selection()
        st.markdown(_("Once cancelled, they can never be changed again, and this can't be undone. "
                      "They stay in the history."))  # fmt: skip
        reason = st.text_area(_("Why are they cancelled? *"), key="bulk.reason", max_chars=MAX_REASON)
        operations.show_problem(FORM)
        if _buttons(_("Cancel these actions"), is_danger=True):
            _run(table, Gesture.CANCEL, lambda ctx, key: cancel_all(
                ctx, rows=_selection().versions, reason=reason, request_key=key))  # fmt: skip

    show()
