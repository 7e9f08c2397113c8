"""Working hours, drawn: seven days of a morning and an afternoon, of the organisation or of one person."""

from __future__ import annotations

from datetime import time, timedelta

import streamlit as st

from lib.domain import working_hours as domain
from lib.domain.absences import people_managed
from lib.domain.context import Context
from lib.domain.durations import shown_duration
from lib.domain.errors import Conflict, Invalid
from lib.domain.people import person_owners
from lib.domain.rights import REFUSALS, Operation, Scope, allowed, scope_of
from lib.domain.sentences import Sentence
from lib.domain.working_hours import WEEKDAYS, Period, Week
from lib.ui import drafting, feedback, session
from lib.ui.absences import choose_person
from lib.ui.words import _, translate

_NOON = time(12)
_COLUMNS = [1.3, 1, 1, 1, 1, 0.9]
_ENDS = ("start", "end")

Typed = list[tuple[int, object, object]]


def draw(ctx: Context) -> None:
    """Whose hours, and their week."""
    people = {person.id: person for person in people_managed(ctx, Operation.EDIT_HOURS)}
    people.setdefault(ctx.person.id, ctx.person)  # one's own are there to be read
    sets_all = scope_of(ctx, Operation.EDIT_HOURS) == Scope.ALL
    mine = 0 if sets_all else ctx.person.id
    person_id = choose_person(_("Whose hours"), people, everybody=_("The organisation"), default=mine)
    form = f"hours.{person_id or 0}"  # of his own: a click on the week before must not change the next one's
    _say_saved(form)
    refused = _refusal(ctx, person_id)
    own = ctx.reference.weeks.get(person_id, ())
    _fill(form, own, domain.week_of_person(ctx.reference.weeks, person_id or 0))
    told = _source(ctx, person_id, own)
    st.caption(f"{told} :material/lock: {translate(refused)}" if refused else told)
    _draw_week(form, is_locked=bool(refused))
    feedback.show_field_problem(form, "hours")
    if not feedback.problems(form):
        feedback.show_problem(form)
    if not refused:
        _draw_buttons(form, person_id, has_own=bool(own))


def _refusal(ctx: Context, person_id: int | None) -> Sentence | None:
    if person_id is None:
        is_everywhere = scope_of(ctx, Operation.EDIT_HOURS) == Scope.ALL
        return None if is_everywhere else REFUSALS[Operation.EDIT_HOURS]
    return allowed(ctx, Operation.EDIT_HOURS, person_owners(ctx.reference.memberships, person_id))


def _source(ctx: Context, person_id: int | None, own: Week) -> str:
    """Where the hours that are shown come from."""
    if own:
        return _("Hours of his own.") if person_id else _("For everybody who has no hours of his own.")
    if person_id is None:
        return _("Nobody has set them yet: these are the usual hours.")
    has_set = ctx.reference.weeks.get(None)
    return _("As the organisation.") if has_set else _("As the organisation, which keeps the usual hours.")


def _fill(form: str, own: Week, shown: Week) -> None:
    """What the form opens with: a single period that starts in the afternoon stands there."""
    state = st.session_state
    if _key(form, 0, 0, "start") in state:
        return
    state[f"{form}.seen"] = own
    for weekday in range(7):
        periods: list[Period | None] = [period for period in shown if period.weekday == weekday]
        if len(periods) == 1 and periods[0] and periods[0].start >= _NOON:
            periods.insert(0, None)
        for half in range(domain.MAX_A_DAY):
            period = periods[half] if half < len(periods) else None
            for end in _ENDS:
                state[_key(form, weekday, half, end)] = getattr(period, end) if period else None


def _key(form: str, weekday: int, half: int, end: str) -> str:
    return f"{form}.{weekday}.{half}.{end}"


def _draw_week(form: str, *, is_locked: bool) -> None:
    heads = ("", _("Morning from"), _("to (morning)"), _("Afternoon from"), _("to (afternoon)"), _("Total"))
    for head, column in zip(heads, st.columns(_COLUMNS), strict=True):
        column.caption(head)
    for weekday, name in enumerate(WEEKDAYS):
        day, *cells, total = st.columns(_COLUMNS, vertical_alignment="center")
        day.markdown(translate(name))
        for column, label, (half, end) in zip(
            cells, heads[1:5], [(half, end) for half in range(2) for end in _ENDS], strict=True
        ):
            column.time_input(
                f"{translate(name)}, {label}", None, key=_key(form, weekday, half, end), step=timedelta(minutes=15),
                label_visibility="collapsed", disabled=is_locked,
            )  # fmt: skip
        total.markdown(_minutes([each for each in _typed(form) if each[0] == weekday]))
    *_others, name_of_total, whole = st.columns(_COLUMNS)
    name_of_total.markdown(feedback.bold(_("Week")))
    whole.markdown(f"**{_minutes(_typed(form))}**")


def _typed(form: str) -> Typed:
    """What stands in the week; a period that lacks an end is sent to be refused in words."""
    state, found = st.session_state, []
    for weekday in range(7):
        for half in range(domain.MAX_A_DAY):
            start, end = (state.get(_key(form, weekday, half, end)) for end in _ENDS)
            if start is not None or end is not None:
                found.append((weekday, start, end))
    return found


def _minutes(typed: Typed) -> str:
    """The hours of a week, as `35:00`; a dash while it can't be counted."""
    try:
        return shown_duration(domain.week_minutes(domain.checked_week(typed)))
    except Invalid:
        return "–"


def _draw_buttons(form: str, person_id: int | None, *, has_own: bool) -> None:
    def set_to(hours: Typed) -> None:
        now = session.current_context()
        if now is None:
            return
        seen = st.session_state[f"{form}.seen"]
        done = feedback.attempt(form, lambda: domain.set_week(now, person_id=person_id, hours=hours, seen=seen))
        if isinstance(done.error, Conflict):  # told once: the same click counts the next time
            fresh = session.current_context()
            st.session_state[f"{form}.seen"] = fresh.reference.weeks.get(person_id, ()) if fresh else seen

    def save() -> None:
        set_to(_typed(form))

    def give_back() -> None:
        set_to([])

    with st.container(horizontal=True):
        st.button(_("Save (F2)"), type="primary", icon=":material/check:", key="save_hours", on_click=save)
        if has_own:
            back = _("As the organisation") if person_id else _("Back to the usual hours")
            st.button(back, icon=":material/undo:", key=f"{form}.back", on_click=give_back)
        st.button(_("Give up"), key=f"{form}.give_up", on_click=drafting.clear_form, args=(form,))


def _say_saved(form: str) -> None:
    """After a save: the form opens afresh on what is stored now."""
    last = feedback.outcome(form)
    if last and last.worked:
        drafting.clear_form(form)
        st.toast(_("Saved."), icon=":material/check_circle:")
