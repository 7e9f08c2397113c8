"""Named operations told and undone: the one just carried out, in a banner, and those of late, in a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import uuid4

import streamlit as st

from lib.domain.bulk import BulkName, BulkOperation, Refused
from lib.domain.context import Context
from lib.domain.errors import NotFound
from lib.domain.sentences import Sentence
from lib.domain.undo import Recent, open_operation, recent_operations, undo_operation
from lib.ui import feedback, formats, session
from lib.ui.words import _, plural, translate

FORM = "undo"
_JUST_DONE = "operations.just_done"
_UNDO_KEYS = "operations.undo_keys"
_NAMES = 3
"""Names that a sentence lists; of the rest, it says how many."""


# ---- in words


def told(operation: BulkOperation) -> str:
    """`12 actions from C. Martin to N. Petit`: what it did, names as they were then; no Markdown."""
    count, facts = operation.record_count, operation.told
    match operation.name:
        case BulkName.REASSIGN:
            return plural("{count} action reassigned from {givers} to {receivers}",
                          "{count} actions reassigned from {givers} to {receivers}", count,
                          givers=_names(facts.get("from", ())), receivers=_names(facts.get("to", ())))  # fmt: skip
        case BulkName.POSTPONE if "date" in facts:
            day = formats.full(date.fromisoformat(facts["date"]))
            return plural("{count} action postponed to {day}", "{count} actions postponed to {day}", count, day=day)
        case BulkName.POSTPONE:
            return plural("{count} action postponed by {days}", "{count} actions postponed by {days}", count,
                          days=working_days(int(facts.get("days", 0))))  # fmt: skip
        case BulkName.CANCEL:
            return plural("{count} action cancelled: {reason}", "{count} actions cancelled: {reason}", count,
                          reason=facts.get("reason", ""))  # fmt: skip
    return operation.name


def working_days(days: int) -> str:
    """`3 working days`."""
    return plural("{count} working day", "{count} working days", days)


def _names(holders: Sequence[Mapping[str, Any]]) -> str:
    shown = [
        str(each["person"]) if "person" in each else _("Pool of {unit}", unit=each.get("unit", ""))
        for each in holders[:_NAMES]
    ]
    more = len(holders) - len(shown)
    return ", ".join(shown) + (f" (+{more})" if more > 0 else "")


def show_refusals(records: Sequence[tuple[str, Sentence]], *, limit: int = 20) -> None:
    """Which records can't follow, with their numbers, the same reasons together."""
    numbers: dict[str, list[str]] = {}
    for number, why in records:
        numbers.setdefault(translate(why), []).append(number or _("Unknown action"))
    for reason, each in numbers.items():
        listed = ", ".join(each[:limit]) + (f" (+{len(each) - limit})" if len(each) > limit else "")
        st.markdown(f"- {feedback.plain(listed)} — {feedback.plain(reason)}")


def show_problem(form: str) -> None:
    """Why an operation was refused: its sentence; and, where records stood in the way, each with its reason."""
    last = feedback.outcome(form)
    error = last.error if last else None
    if error is None:
        return
    st.warning(feedback.plain(translate(error.sentence)), icon=":material/block:")
    if isinstance(error, Refused) and len(error.records) > 1:
        show_refusals([(each.number, each.why) for each in error.records])


# ---- the one just carried out


def remember(row_id: int) -> None:
    """After an operation: its banner stands on the page until it is closed, undone, or followed by another one."""
    feedback.forget(FORM)
    st.session_state[_JUST_DONE] = row_id


def draw_just_done(ctx: Context) -> None:
    """What was just done, with the button that undoes it; nothing once it was closed. Keeps its place on the page."""
    with st.container():
        show_problem(FORM)
        if not (row_id := st.session_state.get(_JUST_DONE)):
            return
        try:
            recent = open_operation(ctx, operation_row_id=row_id)
        except NotFound:
            _close()
            return
        with st.container(horizontal=True, vertical_alignment="center", border=True, key="operations.banner"):
            st.markdown(f":green[:material/check_circle:] {feedback.plain(told(recent.operation))}", width="stretch")
            if recent.why_not is None:
                _undo_button(recent, "banner")
            else:
                st.caption(feedback.plain(translate(recent.why_not)))
            st.button(_("Close"), icon=":material/close:", key="operations.close", type="tertiary", on_click=_close)


def _close() -> None:
    st.session_state.pop(_JUST_DONE, None)
    feedback.forget(FORM)


def _undo_button(recent: Recent, where: str) -> None:
    row_id = recent.operation.id
    st.button(_("Undo"), icon=":material/undo:", key=f"operations.undo.{where}.{row_id}", on_click=_undo,
              args=(row_id,), help=_("Gives every action back what it had."))  # fmt: skip


def _undo(row_id: int) -> None:
    now = session.current_context()
    if now is None:
        return
    keys: dict[int, str] = st.session_state.setdefault(_UNDO_KEYS, {})
    key = keys.setdefault(row_id, uuid4().hex)
    undone = feedback.attempt(FORM, lambda: undo_operation(now, operation_row_id=row_id, request_key=key))
    if undone.worked:
        feedback.forget(FORM)
        feedback.flash(_("Undone: every action has back what it had."), icon=":material/undo:")
        st.session_state.pop(_JUST_DONE, None)


# ---- those of late


def draw_recent(ctx: Context) -> None:
    """The last operations, each with the button that undoes it, or why it can't be."""
    found = recent_operations(ctx)
    st.subheader(_("Recent operations"), anchor=False)
    if not found:
        st.caption(_("No operation yet. What you reassign, postpone or cancel together is listed here."))
    for recent in found:
        at = recent.operation.at.astimezone(ctx.zone)
        who = translate(recent.person) if isinstance(recent.person, Sentence) else recent.person
        when = formats.when(at.date(), at.time(), today=ctx.today)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{feedback.plain(told(recent.operation))}  \n:gray[{feedback.plain(f'{who}, {when}')}]",
                        width="stretch")  # fmt: skip
            if recent.why_not is None:
                _undo_button(recent, "list")
            else:
                st.caption(feedback.plain(translate(recent.why_not)), width=360)
