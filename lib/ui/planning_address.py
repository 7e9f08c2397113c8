"""Where a planning stands, in the page's address: its day and its view, whoever moved it, and what is shown on it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st

from lib.domain.lists import week_of
from lib.ui.planning import VIEWS, Mode, visible

_MAX_CHARS = 400


@dataclass(frozen=True, slots=True)
class Shown:
    """What the calendar shows: `first` to the day before `after`; `rev` changes when the page itself leads it there."""

    view: str
    day: date
    first: date
    after: date
    rev: int


def window_of(view: str, day: date) -> tuple[date, date]:
    """The first day that a view of `day` shows, and the day after its last."""
    if view == "day":
        return day, day + timedelta(days=1)
    if view == "month":
        first = week_of(day.replace(day=1))[0]
        last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        return first, week_of(last)[1] + timedelta(days=1)
    monday, sunday = week_of(day)
    return monday, sunday + timedelta(days=1)


def shown(prefix: str, key: str, mode: Mode, *, today: date) -> Shown:
    """The day and view of a planning, written into the address.

    An address that somebody typed or followed wins; else where the user has navigated; else where the page was left.
    """
    memory_key, rev_key = f"{key}.memory", f"{key}.rev"
    asked = (_text(f"{prefix}day"), _text(f"{prefix}view"))
    memory: tuple[str, str] | None = st.session_state.get(memory_key)
    rev = st.session_state.get(rev_key, 0)
    seen = visible(key, rev)
    if asked != ("", "") and asked != memory:
        rev = st.session_state[rev_key] = rev + 1
        view, day = _view(asked[1], mode), _day(asked[0], today)
    elif seen:
        view, day = seen.view, seen.day
    elif memory:
        view, day = _view(memory[1], mode), _day(memory[0], today)
    else:
        view, day = _view("", mode), today
    first, after = (seen.first, seen.after) if seen and (seen.view, seen.day) == (view, day) else window_of(view, day)
    written = (day.isoformat(), view)
    for name, value in zip(("day", "view"), written, strict=True):
        if st.query_params.get(prefix + name) != value:
            st.query_params[prefix + name] = value
    st.session_state[memory_key] = written
    return Shown(view, day, first, after, rev)


def follow(prefix: str, choices: Mapping[str, Collection[str]]) -> dict[str, list[str]]:
    """What each filter holds, among its choices: the address first, when somebody changed it; else its widget.

    Kept under the session key `prefix` + name, where the filter's widget finds it, and written into the address.
    """
    state, memory_key = st.session_state, f"{prefix}address"
    asked = {name: _text(prefix + name) for name in choices}
    memory: dict[str, str] | None = state.get(memory_key)
    comes_from_address = any(asked.values()) and asked != memory
    found = {}
    for name, known in choices.items():
        held = asked[name].split(",") if comes_from_address else state.get(prefix + name) or _kept(memory, name)
        found[name] = state[prefix + name] = [str(each) for each in held if str(each) in known]
        write(prefix + name, ",".join(found[name]))
    state[memory_key] = {name: ",".join(held) for name, held in found.items()}
    return found


def _kept(memory: Mapping[str, str] | None, name: str) -> list[str]:
    return (memory or {}).get(name, "").split(",")


def write(name: str, text: str) -> None:
    """Put a value into the address, or take it out when it is empty."""
    if text and st.query_params.get(name) != text:
        st.query_params[name] = text
    elif not text and name in st.query_params:
        del st.query_params[name]


def _text(name: str) -> str:
    return str(st.query_params.get(name, ""))[:_MAX_CHARS]


def _view(text: str, mode: Mode) -> str:
    return text if text in VIEWS[mode] else "week"


def _day(text: str, today: date) -> date:
    with suppress(ValueError):
        found = date.fromisoformat(text)
        if 1900 < found.year < 2199:
            return found
    return today
