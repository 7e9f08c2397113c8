"""Absences, drawn: whose days off are coming, and the form that records, changes or deletes one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import streamlit as st

from lib.domain import absences as domain
from lib.domain.absences import KINDS, Absence, AbsenceKind
from lib.domain.chain import Status
from lib.domain.checks import FARTHEST_DAYS, OLDEST_DAYS
from lib.domain.context import Context
from lib.domain.errors import Conflict
from lib.domain.lists import ActionFilter, count_actions
from lib.domain.people import Person, person_owners
from lib.domain.rights import Operation, allowed, looks_at_others
from lib.ui import drafting, feedback, formats, frame, session
from lib.ui.action_table import Cell, Column, Row, action_table
from lib.ui.kept_choice import keep, kept
from lib.ui.reading import record_id
from lib.ui.statuses import Look
from lib.ui.words import _, plural, translate

FORM = "absence"
_OPEN, _ASKED, _SAVED, _VERSION = "absence.open", "absence.asked", "absence.saved", "absence.version"
_NEW = 0
_DAYS = ("starts_on", "ends_on")
_HOURS = ("start_time", "end_time")

LOOKS: Mapping[AbsenceKind | None, Look] = {
    AbsenceKind.LEAVE: Look(KINDS[AbsenceKind.LEAVE], "beach_access", "blue"),
    AbsenceKind.SICK: Look(KINDS[AbsenceKind.SICK], "sick", "orange"),
    AbsenceKind.TRAINING: Look(KINDS[AbsenceKind.TRAINING], "school", "violet"),
    AbsenceKind.OTHER: Look(KINDS[AbsenceKind.OTHER], "event_busy", "gray"),
    None: Look(domain.ABSENT, "event_busy", "gray"),
}
"""How each kind looks, here and in the year; None is what those see who may not know why."""


class _Saved(NamedTuple):
    """The absence that was just saved: what it hits is told until the next gesture."""

    person_id: int
    first: date
    last: date
    is_whole_days: bool


def look_of(ctx: Context, absence: Absence) -> Look:
    """The look of an absence, as far as the connected person may know its kind."""
    return LOOKS[absence.kind if domain.knows_why(ctx, absence) else None]


def period(absence: Absence, *, today: date) -> str:
    """`lun. 09/03 – ven. 13/03`, with the hours it has; one day only once."""
    first, last = formats.day(absence.starts_on, today=today), formats.day(absence.ends_on, today=today)
    since, until = (formats.clock(at) if at else "" for at in (absence.start_time, absence.end_time))
    if absence.starts_on == absence.ends_on:
        hours = _("from {start} to {end}", start=since, end=until) if since and until else ""
        hours = hours or (_("from {time}", time=since) if since else _("until {time}", time=until) if until else "")
        return f"{first} {hours}".strip()
    return f"{first} {since}".strip() + " – " + f"{last} {until}".strip()


def choose_person(label: str, people: Mapping[int, Person], *, everybody: str, default: int = 0) -> int | None:
    """A list of people that keeps the chosen one in the address; None is everybody, 0 in the address."""
    key = "v_who"

    def write() -> None:
        keep(key, str(st.session_state[key]))

    asked = record_id(kept(key))
    st.session_state[key] = asked if asked == 0 or asked in people else default
    names = {0: everybody, **{each.id: each.name for each in people.values()}}
    found = st.selectbox(label, list(names), key=key, format_func=names.__getitem__, on_change=write, width=320)
    return found or None


def choose_tab() -> str:
    """`absences` or `hours`; the address keeps it."""
    labels = {"absences": _("Absences"), "hours": _("Working hours")}

    def write() -> None:
        keep("v_tab", str(st.session_state["v_tab"]))

    asked = kept("v_tab")
    st.session_state["v_tab"] = asked if asked in labels else "absences"
    found = st.segmented_control(
        _("Tab"), list(labels), key="v_tab", required=True, on_change=write, format_func=labels.__getitem__,
        label_visibility="collapsed",
    )  # fmt: skip
    return found or "absences"


# ---- the list


def draw(ctx: Context) -> None:
    """What was just saved, the form when it is open, and the absences of the people one sees."""
    _close_if_saved(ctx)
    if _key("request") in st.session_state and _key("kind") not in st.session_state:
        drafting.clear_form(FORM)  # its fields went when another page was drawn
    people = {person.id: person for person in domain.people_shown(ctx)}
    may_edit = {person.id for person in domain.people_managed(ctx, Operation.EDIT_ABSENCES)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = choose_person(_("Whose absences"), people, everybody=_("Everybody I see"))
        is_past = st.toggle(_("Past ones"), key="v_past")
        st.space("stretch")
        if may_edit:
            is_open = {_OPEN, _ASKED} & set(st.session_state)  # one primary button a screen
            st.button(_("Record an absence"), type="secondary" if is_open else "primary",
                      icon=":material/add:", key="absence.new", on_click=_open, args=(_NEW,))  # fmt: skip
    place = st.container()  # reserved: the table below is never drawn anew by what opens above it
    whose = [chosen] if chosen else list(people)
    _draw_table(ctx, people, _absences(ctx, whose, is_past=is_past), may_edit)
    with place:
        if _SAVED in st.session_state:
            _draw_hits(ctx, st.session_state[_SAVED])
        if _OPEN in st.session_state:
            _draw_form(ctx, st.session_state[_OPEN], preferred=chosen)
        elif _ASKED in st.session_state:
            _ask_delete(ctx, st.session_state[_ASKED])


def _absences(ctx: Context, whose: list[int], *, is_past: bool) -> list[Absence]:
    """Those that aren't over, or those that are, the latest first."""
    if not is_past:
        last = ctx.today + timedelta(days=FARTHEST_DAYS)
        return domain.absences_between(ctx, person_ids=whose, first=ctx.today, last=last)
    first, yesterday = ctx.today - timedelta(days=2 * OLDEST_DAYS), ctx.today - timedelta(days=1)
    found = domain.absences_between(ctx, person_ids=whose, first=first, last=yesterday)
    return [each for each in reversed(found) if each.ends_on < ctx.today]


def _draw_table(ctx: Context, people: Mapping[int, Person], found: list[Absence], may_edit: set[int]) -> None:
    columns = [
        Column("person", _("Person"), width="2fr", opens=True),
        Column("period", _("Dates"), width="2fr"),
        Column("kind", _("Kind"), width="1.4fr"),
        Column("note", _("Note"), width="2fr"),
    ]
    rows = [_row(ctx, people[each.person_id].name, each, each.person_id in may_edit) for each in found]

    def chose(row: str, choice: str) -> None:
        if (absence_id := record_id(row)) and choice in ("edit", "delete"):
            _open(absence_id) if choice == "edit" else _ask(absence_id)

    def opened(row: str) -> None:
        if absence_id := record_id(row):
            _open(absence_id)

    action_table(
        columns, rows, key="absence_table", selection="none", on_menu=chose, on_open=opened,
        menu={"edit": (_("Edit"), ":material/edit:"), "delete": (_("Delete"), ":material/delete:")},
        empty=_("Nobody is away: record an absence to show it in the plannings."),
    )  # fmt: skip


def _row(ctx: Context, name: str, absence: Absence, is_mine: bool) -> Row:
    look = look_of(ctx, absence)
    in_full = f"{formats.full(absence.starts_on)} – {formats.full(absence.ends_on)}"
    cells: dict[str, str | Cell] = {
        "person": name,
        "period": Cell(period(absence, today=ctx.today), hint=in_full),
        "kind": Cell(translate(look.label), icon=f":material/{look.icon}:", tone=look.tone),
        "note": absence.note if domain.knows_why(ctx, absence) else "",
    }
    return Row(str(absence.id), cells, menu=["edit", "delete"] if is_mine else [])


# ---- what a saved absence hits


def _draw_hits(ctx: Context, saved: _Saved) -> None:
    """How many actions are planned while he is away, and the way to them: the number is the list's own."""
    person_id, first, last, is_whole_days = saved
    chosen = ActionFilter(
        assignee_ids=frozenset({person_id}), statuses=frozenset({Status.PLANNED}), from_date=first, to_date=last
    )
    count = count_actions(ctx, chosen={"hit": chosen})["hit"]
    if not count:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        told = (
            plural("{count} action is planned during this absence.",
                   "{count} actions are planned during this absence.", count)
            if is_whole_days
            else plural("{count} action is planned on these days.", "{count} actions are planned on these days.", count)
        )  # fmt: skip
        st.markdown(f":orange[:material/event_busy:] {told}")
        frame.link("actions", _("See them"), icon=":material/checklist:", l_who=person_id, l_from=first, l_to=last,
                   l_status=Status.PLANNED)  # fmt: skip
        owners = person_owners(ctx.reference.memberships, person_id)
        if not allowed(ctx, Operation.ASSIGN_ACTIONS, owners):
            frame.link("assignments", _("Give them to others"), icon=":material/move_up:", a_way="away",
                       a_person=person_id, a_start=first, a_end=last, a_undated=0)  # fmt: skip


# ---- the form


def _open(absence_id: int) -> None:
    """From a callback: open the form, on an absence or on a new one."""
    drafting.clear_form(FORM)
    st.session_state[_OPEN] = absence_id


def _ask(absence_id: int) -> None:
    """From a callback: ask whether to delete an absence."""
    drafting.clear_form(FORM)
    st.session_state[_ASKED] = absence_id


def _close_if_saved(ctx: Context) -> None:
    """After a save: the form closes, and what the absence hits is told."""
    last, state = feedback.outcome(FORM), st.session_state
    if last is None or not last.worked:
        return
    was_asked = _ASKED in state
    typed = _typed()
    saved = (
        None
        if was_asked
        else _Saved(typed["person"], typed["starts_on"], typed["ends_on"], not any(typed.get(hour) for hour in _HOURS))
    )
    drafting.clear_form(FORM)
    st.toast(_("The absence is deleted.") if was_asked else _("Saved."), icon=":material/check_circle:")
    if saved:
        state[_SAVED] = saved


def _key(field: str) -> str:
    return f"{FORM}.{field}"


def _labels() -> dict[str, str]:
    return {
        "person": _("Person"), "kind": _("Kind"), "starts_on": _("First day"), "start_time": _("From (hour)"),
        "ends_on": _("Last day"), "end_time": _("Until (hour)"), "note": _("Note"),
    }  # fmt: skip


def _fill(ctx: Context, absence: Absence | None, people: Mapping[int, Person], preferred: int | None) -> None:
    """What the form opens with."""
    state = st.session_state
    if _key("request") in state:
        return
    mine = ctx.person.id if ctx.person.id in people and not looks_at_others(ctx) else None
    values: dict[str, Any] = {
        "person": preferred if preferred in people else mine, "kind": AbsenceKind.LEAVE, "note": "",
        **dict.fromkeys((*_DAYS, *_HOURS)),
    }  # fmt: skip
    if absence:
        values = {name: getattr(absence, "person_id" if name == "person" else name) for name in values}
    state.update({_key(name): value for name, value in values.items()})
    state[_key("by_hour")] = any(values[hour] for hour in _HOURS)
    state[_key("request")], state[_VERSION] = uuid4().hex, absence.version if absence else 0


def _opened(ctx: Context, absence_id: int) -> Absence | None:
    """The absence behind the form or the question; when it can't be had, says why and gives None."""
    found = feedback.attempt(f"{FORM}.read", lambda: domain.open_absence(ctx, absence_id=absence_id))
    if found.error:
        drafting.clear_form(FORM)
        st.warning(feedback.plain(translate(found.error.sentence)), icon=":material/search_off:")
    return found.value


def _draw_form(ctx: Context, absence_id: int, *, preferred: int | None) -> None:
    """Person, kind, days and, on demand, hours; errors at their fields, what was typed kept."""
    absence = _opened(ctx, absence_id) if absence_id else None
    if absence_id and not absence:
        return
    people = {person.id: person for person in domain.people_managed(ctx, Operation.EDIT_ABSENCES)}
    if absence:  # perhaps of somebody who has left
        people.setdefault(absence.person_id, ctx.reference.people[absence.person_id])
    _fill(ctx, absence, people, preferred)
    labels = _labels()
    with st.container(border=True):
        st.markdown(feedback.bold(_("Change an absence") if absence else _("Record an absence")))
        feedback.show_problem(FORM, labels=labels)
        who, kind = st.columns([1, 1.4])
        with who:
            st.selectbox(labels["person"] + " *", list(people), index=None, key=_key("person"),
                         format_func=lambda each: people[each].name, disabled=bool(absence),
                         placeholder=_("Choose"))  # fmt: skip
            feedback.show_field_problem(FORM, "person")
        with kind:
            st.segmented_control(labels["kind"] + " *", list(KINDS), key=_key("kind"), required=True,
                                 format_func=lambda each: translate(KINDS[each]))  # fmt: skip
            feedback.show_field_problem(FORM, "kind")
        _draw_days(labels)
        st.text_input(labels["note"], key=_key("note"), max_chars=domain.MAX_NOTE,
                      help=_("Read by the person and by whoever manages his absences."))  # fmt: skip
        feedback.show_field_problem(FORM, "note")
        with st.container(horizontal=True):
            st.button(_("Save (F2)"), type="primary", icon=":material/check:", key="save_absence", on_click=_save,
                      args=(absence_id,))  # fmt: skip
            st.button(_("Give up"), key=_key("give_up"), on_click=drafting.clear_form, args=(FORM,))


def _draw_days(labels: Mapping[str, str]) -> None:
    """First and last day, and their hours when the absence isn't of whole days."""
    by_hour = bool(st.session_state.get(_key("by_hour")))
    order = ("starts_on", "start_time", "ends_on", "end_time") if by_hour else _DAYS
    for field, column in zip(order, st.columns(4), strict=False):
        with column:
            if field == "starts_on":
                st.date_input(labels[field] + " *", None, key=_key(field), format="DD/MM/YYYY")
            elif field == "ends_on":
                told = _("Empty: the first day only.")
                st.date_input(labels[field], None, key=_key(field), format="DD/MM/YYYY", help=told)
            else:
                st.time_input(labels[field], None, key=_key(field), step=timedelta(minutes=15))
            feedback.show_field_problem(FORM, field)
    st.toggle(_("Not whole days: type the hours"), key=_key("by_hour"))


def _typed() -> dict[str, Any]:
    """The form's fields; without a last day, the first one is it."""
    state = st.session_state
    hours = _HOURS if state.get(_key("by_hour")) is True else ()
    typed = {name: state.get(_key(name)) for name in ("person", "kind", *_DAYS, *hours, "note")}
    return {**typed, "ends_on": typed["ends_on"] or typed["starts_on"]}


def _save(absence_id: int) -> None:
    """The form's callback: one use case, as whoever is signed in now."""
    now = session.current_context()
    if now is None:
        return
    raw, version, key = _typed(), int(st.session_state[_VERSION]), st.session_state[_key("request")]
    if absence_id:
        done = feedback.attempt(
            FORM, lambda: domain.change_absence(now, absence_id=absence_id, version=version, raw=raw)
        )
        _follow_version(now, absence_id, done.error)
    else:
        feedback.attempt(FORM, lambda: domain.record_absence(now, raw=raw, request_key=key))


def _follow_version(ctx: Context, absence_id: int, error: Exception | None) -> None:
    """What others did has been told, and stands in the list below: the same click counts the next time."""
    if isinstance(error, Conflict):
        found = feedback.attempt(f"{FORM}.read", lambda: domain.open_absence(ctx, absence_id=absence_id))
        if found.value:
            st.session_state[_VERSION] = found.value.version


def _ask_delete(ctx: Context, absence_id: int) -> None:
    """The question before an absence is deleted."""
    absence = _opened(ctx, absence_id)
    if absence is None:
        return
    st.session_state.setdefault(_VERSION, absence.version)
    who = ctx.reference.people[absence.person_id].name

    def delete() -> None:
        if now := session.current_context():
            version = int(st.session_state[_VERSION])
            done = feedback.attempt(FORM, lambda: domain.delete_absence(now, absence_id=absence_id, version=version))
            _follow_version(now, absence_id, done.error)

    with st.container(border=True):
        told = _("Delete the absence of {person}, {dates}?", person=who, dates=period(absence, today=ctx.today))
        st.markdown(feedback.bold(told))
        feedback.show_problem(FORM, labels=_labels())
        with st.container(horizontal=True):
            st.button(_("Delete for good"), type="primary", icon=":material/delete_forever:", key="save_delete_absence",
                      on_click=delete)  # fmt: skip
            st.button(_("Back"), key=_key("back"), on_click=drafting.clear_form, args=(FORM,))
