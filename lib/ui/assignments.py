"""Affectations, the questions: which actions, and to whom. The answers stand in the page's address (`a_…`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import streamlit as st

from lib.domain.absences import absences_between, shown_kind
from lib.domain.assignments import people_to_assign, pools_to_assign, undated
from lib.domain.chain import OPEN, Status
from lib.domain.context import Context
from lib.domain.lists import ActionFilter
from lib.domain.people import Person, person_owners
from lib.domain.reference import Reference
from lib.domain.rights import Operation, allowed
from lib.ui import formats, planning_address
from lib.ui.bulk_bar import TICKED
from lib.ui.list_address import KINDS as LIST_KINDS
from lib.ui.list_address import Kind
from lib.ui.statuses import STATUSES, disabled_mark
from lib.ui.words import _, translate

PREFIX = "a_"
"""Query parameters of this page, and keys of its widgets, begin so."""
FILTERS, AWAY, FROM_LIST = "filters", "away", "ticked"
PERSON, PEOPLE, POOL = "person", "people", "pool"
_ADDRESS = "assignments.address"
_MAX_CHARS = 400
_AHEAD = timedelta(days=183)
"""How far ahead absences are proposed."""


def _one_of(*words: str) -> Kind:
    return Kind(words[0], {word: word for word in words}.__getitem__, str)


_ONE = LIST_KINDS["client"]
KINDS: Mapping[str, Kind] = {
    "way": _one_of(FILTERS, AWAY, FROM_LIST),
    **{name: LIST_KINDS[name] for name in ("text", "who", "unit", "nature", "status", "from", "to", "pool")},
    "person": _ONE,
    "start": LIST_KINDS["from"],
    "end": LIST_KINDS["to"],
    "undated": Kind(True, lambda text: text != "0", lambda value: "0" if value is False else ""),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which actions: what any of the filters keeps, or those ticked; None of either asks nothing yet."""

    chosen: tuple[ActionFilter, ...] = ()
    ticked: tuple[int, ...] = ()
    giver_id: int | None = None
    """Whose they are, when one person's are given away."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that a preview takes; two that are equal ask the same."""

    asked: Asked
    person_ids: tuple[int, ...] = ()
    org_unit_id: int | None = None


# ---- the address


def key(name: str) -> str:
    """The session key, and the query parameter, of a question."""
    return PREFIX + name


def value(name: str) -> Any:
    """What a question's widget holds now."""
    return st.session_state.get(key(name), KINDS[name].empty)


def _put(name: str, new: Any) -> None:
    st.session_state[key(name)] = new


def _follow() -> None:
    """Before the widgets: the address first, when somebody wishes it; else what they hold, out of sight too."""
    asked = {name: str(st.query_params.get(key(name), ""))[:_MAX_CHARS] for name in KINDS}
    is_wished, written = planning_address.is_a_wish(_ADDRESS, asked), planning_address.last_written(_ADDRESS)
    for name, kind in KINDS.items():
        if not is_wished and key(name) in st.session_state:
            _put(name, value(name))  # a widget that isn't drawn this time would lose it
            continue
        _put(name, kind.empty)
        if text := (asked if is_wished else written).get(name):
            with suppress(ValueError, KeyError):
                _put(name, kind.read(text))


def _write() -> None:
    """After the widgets: make the address say what they hold; of what is too long for it, a part would be a lie."""
    held = {name: kind.write(value(name)) if value(name) != kind.empty else "" for name, kind in KINDS.items()}
    fitting = {name: text if len(text) <= _MAX_CHARS else "" for name, text in held.items()}
    planning_address.write_all(PREFIX, _ADDRESS, fitting)


# ---- which actions


def choose(ctx: Context, reference: Reference) -> Asked:
    """The first question: three ways to choose."""
    _follow()
    ticked = tuple(st.session_state.get(TICKED, ()))
    labels = {
        FILTERS: _("By filters"),
        AWAY: _("Somebody who leaves or is away"),
        FROM_LIST: _("Ticked in the list ({count})", count=len(ticked)),
    }
    with st.container(border=True):
        st.subheader(_("1. Which actions?"), anchor=False)
        way = st.segmented_control(
            _("Way to choose"), list(labels), key=key("way"), required=True, label_visibility="collapsed",
            format_func=lambda each: labels.get(each, ""),
        )  # fmt: skip
        ways: Mapping[str, Callable[[], Asked]] = {
            AWAY: lambda: _somebodys(ctx, reference),
            FROM_LIST: lambda: _from_list(ticked),
        }
        asked = ways.get(str(way), lambda: _by_filters(reference))()
    _write()
    return asked


def _by_filters(reference: Reference) -> Asked:
    sellers = {m.person_id for m in reference.memberships}
    choices: Mapping[str, tuple[str, Mapping[Any, str]]] = {
        "who": (_("Salesperson"), {p.id: p.name for p in reference.people.values() if p.id in sellers}),
        "unit": (_("Org. unit"), {u.id: u.name for u in reference.units.values() if u.kind == "sales"}),
        "nature": (_("Action"), {n.id: disabled_mark(n, n.label) for n in reference.natures.values()}),
        "status": (_("Status"), {str(s): translate(STATUSES[s].label) for s in Status if s in OPEN}),
    }
    for place, (name, (label, offered)) in zip(st.columns(4), choices.items(), strict=True):
        with place:
            _choose(label, name, offered)
    text, start, end, pool = st.columns([2, 1, 1, 1.6], vertical_alignment="bottom")
    text.text_input(_("Text"), key=key("text"), icon=":material/search:", placeholder=_("Number, client, words"))
    start.date_input(_("From"), None, key=key("from"), format="DD/MM/YYYY")
    end.date_input(_("To"), None, key=key("to"), format="DD/MM/YYYY")
    pool.toggle(_("Waiting in a unit's pool"), key=key("pool"))

    def ids(name: str) -> frozenset[int]:
        return frozenset(each for each in value(name) if isinstance(each, int))

    return Asked((ActionFilter(
        assignee_ids=ids("who"), org_unit_ids=ids("unit"), nature_ids=ids("nature"),
        statuses=frozenset(Status(each) for each in value("status") if each in OPEN),
        from_date=_day("from"), to_date=_day("to"), is_waiting=value("pool") is True,
        text=str(value("text")).strip()[:200],
    ),))  # fmt: skip


def _choose(label: str, name: str, choices: Mapping[Any, str]) -> None:
    _put(name, [each for each in value(name) if each in choices])
    st.multiselect(label, list(choices), key=key(name), format_func=lambda each: choices.get(each, ""),
                   placeholder=_("Any"))  # fmt: skip


def _day(name: str) -> date | None:
    found = value(name)
    return found if isinstance(found, date) else None


def _somebodys(ctx: Context, reference: Reference) -> Asked:
    people = {person.id: person for person in _givers(ctx, reference)}
    _put("person", value("person") if value("person") in people else None)
    who, start, end, rest = st.columns([2, 1, 1, 1.6], vertical_alignment="bottom")
    who.selectbox(_("Whose actions?"), list(people), None, key=key("person"), placeholder=_("Choose somebody"),
                  format_func=lambda each: _name(people.get(each)))  # fmt: skip
    start.date_input(_("From"), None, key=key("start"), format="DD/MM/YYYY")
    end.date_input(_("To"), None, key=key("end"), format="DD/MM/YYYY")
    rest.toggle(_("And what has no date"), key=key("undated"))
    giver = value("person")
    if giver not in people:
        st.caption(_("Without dates, everything that he has to do is given away: somebody leaves for good."))
        return Asked()
    _propose_absences(ctx, giver)
    dated = ActionFilter(assignee_ids=frozenset({giver}), from_date=_day("start"), to_date=_day("end"))
    is_bounded = dated.from_date is not None or dated.to_date is not None
    if not is_bounded and value("undated") is not True:
        dated = ActionFilter(assignee_ids=dated.assignee_ids, to_date=date.max - timedelta(days=1))
    is_undated = is_bounded and value("undated") is True
    return Asked((dated, undated(dated)) if is_undated else (dated,), giver_id=giver)


def _givers(ctx: Context, reference: Reference) -> list[Person]:
    """Those whose actions may be given away: the people whom one's right reaches, those who left included."""
    found = [
        person
        for person in reference.people.values()
        if not allowed(ctx, Operation.ASSIGN_ACTIONS, person_owners(reference.memberships, person.id))
    ]
    return sorted(found, key=lambda person: (person.name, person.id))


def _name(person: Person | None) -> str:
    if person is None:
        return ""
    return person.name if person.is_active else _("{person} (no longer active)", person=person.name)


def _propose_absences(ctx: Context, person_id: int) -> None:
    """The absences to come, each a click away."""
    found = absences_between(ctx, person_ids=[person_id], first=ctx.today, last=ctx.today + _AHEAD)
    if not found:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_("Absences to come:"), width="content")
        for each in found[:6]:
            first, last = (formats.day(day, today=ctx.today) for day in (each.starts_on, each.ends_on))
            label = f"{translate(shown_kind(ctx, each))} · {first} – {last}"
            st.button(label, icon=":material/beach_access:", key=f"assignments.absence.{each.id}", on_click=_take_dates,
                      args=(each.starts_on, each.ends_on))  # fmt: skip


def _take_dates(first: date, last: date) -> None:
    _put("start", first)
    _put("end", last)
    _put("undated", False)


def _from_list(ticked: tuple[int, ...]) -> Asked:
    if not ticked:
        st.info(_("Nothing is ticked: tick actions in the list, then choose Reassign."), icon=":material/checklist:")
    else:
        st.caption(_("What was ticked in the list of actions, over all its pages."))
    return Asked(ticked=ticked)


# ---- to whom


def choose_target(ctx: Context, reference: Reference, asked: Asked) -> Answer:
    """The second question: one person, several by the hours that they have left, or a unit's pool."""
    people = {person.id: person.name for person in people_to_assign(ctx)}
    pools = {unit.id: unit.name for unit in pools_to_assign(ctx)}
    labels = {
        PERSON: _("One person"), PEOPLE: _("Several, by the hours they have left"), POOL: _("A unit's pool")
    }  # fmt: skip
    with st.container(border=True):
        st.subheader(_("2. To whom?"), anchor=False)
        kind = st.segmented_control(
            _("Kind of target"), list(labels), default=PEOPLE if asked.giver_id else PERSON, required=True,
            key=f"assignments.kind.{bool(asked.giver_id)}", label_visibility="collapsed",
            format_func=lambda each: labels.get(each, ""),
        )  # fmt: skip
        if kind == POOL:
            unit_id = _select(_("Org. unit"), "pool", pools, _("Choose a unit"))
            return Answer(asked, org_unit_id=unit_id)
        if kind == PEOPLE:
            # One widget for each giver: his team is proposed, without himself, nor whoever distributes.
            mates = _team(reference, asked.giver_id)
            team = [each for each in mates if each in people and each != ctx.person.id]
            several = st.multiselect(
                _("Salespeople"), list(people), team, key=f"assignments.people.{asked.giver_id}",
                placeholder=_("Choose people"), format_func=lambda each: people.get(each, ""),
            )  # fmt: skip
            return Answer(asked, tuple(several))
        one = _select(_("Salesperson"), "person", people, _("Choose somebody"))
        return Answer(asked, (one,) if one else ())


def _select(label: str, name: str, choices: Mapping[int, str], placeholder: str) -> int | None:
    return st.selectbox(label, list(choices), None, key=f"assignments.{name}", placeholder=placeholder, width=420,
                        format_func=lambda each: choices.get(each, ""))  # fmt: skip


def _team(reference: Reference, giver_id: int | None) -> list[int]:
    """Those who share a sales unit with somebody."""
    units = {unit.id for unit in reference.sales_units_of(giver_id)} if giver_id else set()
    mates = [m.person_id for m in reference.memberships if m.org_unit_id in units and m.person_id != giver_id]
    return list(dict.fromkeys(mates))
