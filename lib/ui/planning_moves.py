"""A drop on a planning, answered: made, refused with its reason, or a question about what it hits."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import uuid4

import streamlit as st

from lib.domain import planning
from lib.domain.clashes import Clash, HitKind
from lib.domain.context import Context
from lib.domain.durations import shown_duration
from lib.domain.errors import DomainError, Invalid
from lib.domain.spans import Span
from lib.ui import feedback, formats, frame, session
from lib.ui.planning import Answer, Asked, Done, Move, Refused, ask, asked, forget_asked
from lib.ui.reading import record_id
from lib.ui.words import _, plural, translate

FORM = "planning.question"
_SHOWN = "planning.question.shown"


@dataclass(frozen=True, slots=True)
class Question:
    """A drop that hit something, until the person has chosen; `request_key` makes the answer count once."""

    move: Move
    clash: Clash
    request_key: str = field(default_factory=lambda: uuid4().hex)


def answer_move(move: Move) -> Answer:
    """Carry out a drop as whoever is signed in now; the rules and rights are the domain's."""
    ctx = session.current_context()
    if ctx is None:
        return Refused(_("Your session has ended: sign in again. What you were typing has been kept."))
    try:
        if move.kind == "unplan":
            planning.put_back(ctx, sub_action_id=record_id(move.id), version=move.version, request_key=move.uid)
            return Done()
        planning.place(ctx, **_wanted(move), request_key=move.uid)
    except Clash as clash:
        return Asked(Question(move, clash))
    except DomainError as error:
        return Refused(_told(error))
    return Done(_("Planned on a day that has passed.") if _is_past(ctx, move) else "")


def _is_past(ctx: Context, move: Move) -> bool:
    return move.start is not None and move.start.date() < ctx.today


def _told(error: DomainError) -> str:
    if isinstance(error, Invalid):
        return " ".join(translate(sentence) for sentence in error.fields.values())
    return translate(error.sentence)


def _wanted(move: Move) -> dict[str, Any]:
    start = move.start
    return {
        "sub_action_id": record_id(move.id),
        "version": move.version,
        "day": start.date() if start else None,
        "at": start.time() if start and not move.is_all_day else None,
        "minutes": move.minutes,
        "assignee_id": record_id(move.lane) if move.lane else None,
    }


# ---- the question


def question_of(key: str) -> Question | None:
    """The question that waits for an answer on the planning `key`."""
    found = asked(key)
    return found if isinstance(found, Question) else None


def show_question(key: str) -> None:
    """From a planning's fragment: make the page open the dialog of a question that has just come up."""
    question = question_of(key)
    if question and st.session_state.get(_SHOWN) != question.request_key:
        st.session_state[_SHOWN] = question.request_key
        st.rerun()


def answer_question(key: str) -> None:
    """Open the dialog of the question that waits, if any; last in a page, outside of its fragment."""
    if question_of(key) is None:
        feedback.forget(FORM)
        return

    @st.dialog(_("Before it is planned"), dismissible=False)
    def show() -> None:
        question, ctx = question_of(key), session.current_context() or frame.signed_out()
        if question:
            _draw(ctx, key, question)
        else:
            st.rerun()

    show()


def _draw(ctx: Context, key: str, question: Question) -> None:
    clash = question.clash
    count = len(clash.hits)
    st.markdown(plural("This slot hits something:", "This slot hits {count} things:", count, count=count))
    for hit in clash.hits:
        st.markdown(f"- {feedback.plain(translate(hit.sentence))}")
    refused = feedback.outcome(FORM)
    if refused and refused.error:
        st.error(feedback.plain(_told(refused.error)), icon=":material/error:")
    kinds = {hit.kind for hit in clash.hits}
    label = _("Keep both") if kinds == {HitKind.OVERLAP} else _("Plan it all the same")
    if kinds == {HitKind.OTHER_UNIT}:
        label = _("Change the unit")
    st.button(label, key="planning.keep", type="primary", width="stretch", icon=":material/check:",
              on_click=partial(_keep, key, question))  # fmt: skip
    if (other := clash.swap_with) and other.sub_action_id:
        st.button(_("Swap the two"), key="planning.swap", width="stretch", icon=":material/swap_horiz:",
                  on_click=partial(_swap, key, question, other.sub_action_id, other.version))  # fmt: skip
    if clash.proposals and kinds - {HitKind.OTHER_UNIT}:
        st.caption(_("Or the next free slot ({duration}):", duration=shown_duration(question.move.minutes)))
        with st.container(horizontal=True):
            for number, span in enumerate(clash.proposals):
                text = formats.when(span.start.date(), span.start.time(), today=ctx.today)
                st.button(text, key=f"planning.free.{number}", icon=":material/event_available:",
                          on_click=partial(_take_free, key, question, span))  # fmt: skip
    st.button(_("Put it back where it was"), key="planning.give_up", icon=":material/undo:", type="tertiary",
              on_click=partial(forget_asked, key))  # fmt: skip


def _run(key: str, question: Question, use_case: partial[int]) -> None:
    """One use case; when it hits something else, that is asked next; when it is refused, the dialog says why."""
    ctx = session.current_context()
    if ctx is None:
        return
    done = feedback.attempt(FORM, partial(use_case, ctx))
    if isinstance(done.error, Clash):
        feedback.forget(FORM)
        ask(key, Question(question.move, done.error))
    elif done.worked:
        feedback.forget(FORM)
        forget_asked(key)
        if use_case.keywords["day"] < ctx.today:
            feedback.flash(_("Planned on a day that has passed."))


def _keep(key: str, question: Question) -> None:
    accepted = [hit.key for hit in question.clash.hits]
    use_case = partial(planning.place, **_wanted(question.move), accepted=accepted, request_key=question.request_key)
    _run(key, question, use_case)


def _swap(key: str, question: Question, other_id: int, other_version: int) -> None:
    accepted = [hit.key for hit in question.clash.hits if hit.kind != HitKind.OVERLAP]
    use_case = partial(
        planning.swap, **_wanted(question.move), other_id=other_id, other_version=other_version, accepted=accepted,
        request_key=question.request_key,
    )  # fmt: skip
    _run(key, question, use_case)


def _take_free(key: str, question: Question, span: Span) -> None:
    wanted = {**_wanted(question.move), "day": span.start.date(), "at": span.start.time()}
    accepted = [HitKind.OTHER_UNIT.value]  # it was told, and stays so wherever the slot is
    use_case = partial(
        planning.place, **wanted, accepted=accepted, choice=planning.Choice.NEXT_FREE, request_key=question.request_key
    )
    _run(key, question, use_case)
