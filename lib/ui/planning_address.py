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
    address, rev_key = f"{key}.address", f"{key}.rev"
    asked = {name: _text(prefix + name) for name in ("day", "view")}
    rev = st.session_state.get(rev_key, 0)
    seen = visible(key, rev)
    written = last_written(address)
    if is_a_wish(address, asked):
        rev = st.session_state[rev_key] = rev + 1
        view, day = _view(asked["view"], mode), _day(asked["day"], today)
    elif seen:
        view, day = seen.view, seen.day
    else:
        view, day = _view(written.get("view", ""), mode), _day(written.get("day", ""), today)
    first, after = (seen.first, seen.after) if seen and (seen.view, seen.day) == (view, day) else window_of(view, day)
    write_all(prefix, address, {"day": day.isoformat(), "view": view})
    return Shown(view, day, first, after, rev)


# ---- the address: what the browser sends is a wish, or only older than what was written last


def is_a_wish(address: str, asked: Mapping[str, str]) -> bool:
    """Whether somebody typed or followed these parameters.

    A click that follows another one at once still sends the address of before the first: until the browser has shown
    what was written, what stood before it is nobody's wish.
    """
    before, after = st.session_state.get(address) or ({}, {})
    if asked == after:
        st.session_state[address] = (after, after)
    return asked != after and asked != before and any(asked.values())


def last_written(address: str) -> Mapping[str, str]:
    """What `write_all` wrote last under this session key; empty at first."""
    return (st.session_state.get(address) or ({}, {}))[1]


def write_all(prefix: str, address: str, values: Mapping[str, str]) -> None:
    """Make the address say these values, under `prefix` and their names; an empty one is taken out."""
    asked = {name: _text(prefix + name) for name in values}
    if values != last_written(address):
        st.session_state[address] = (asked, dict(values))
    for name, text in values.items():
        write(prefix + name, text)


def write(name: str, text: str) -> None:
    """Put a value into the address, or take it out when it is empty."""
    if text and st.query_params.get(name) != text:
        st.query_params[name] = text
    elif not text and name in st.query_params:
        del st.query_params[name]


def follow(prefix: str, choices: Mapping[str, Collection[str]]) -> dict[str, list[str]]:
    """What each filter holds, among its choices: the address first, when somebody changed it; else its widget.

    Kept under the session key `prefix` + name, where the filter's widget finds it, and written into the address.
    """
    state, address = st.session_state, f"{prefix}address"
    asked = {name: _text(prefix + name) for name in choices}
    is_wished, written = is_a_wish(address, asked), last_written(address)
    found = {}
    for name, known in choices.items():
        text = asked[name] if is_wished else written.get(name, "")
        held = state[prefix + name] if prefix + name in state and not is_wished else text.split(",")
        found[name] = state[prefix + name] = [str(each) for each in held if str(each) in known]
    write_all(prefix, address, {name: ",".join(held) for name, held in found.items()})
    return found


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
