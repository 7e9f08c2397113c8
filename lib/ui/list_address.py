"""The list's filters in the page's address, as ids and words of the code: a shared link reads the same for everybody.

Not Streamlit's `bind="query-params"`: it writes the labels, which change with the language and hold the counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from lib.domain.chain import Status
from lib.domain.lists import SortBy, Tab

PREFIX = "l_"
"""Query parameters belong to the whole app: those of this page begin so, and so do the keys of its widgets."""
_MEMORY = "list.address"
_MAX_CHARS = 400


@dataclass(frozen=True, slots=True)
class Kind:
    """How a value is written in the address; `read` raises ValueError for what it never wrote."""

    empty: Any
    read: Callable[[str], Any]
    write: Callable[[Any], str]


def _ids(text: str) -> list[int]:
    return [int(each) for each in text.split(",") if each.isascii() and each.isdigit() and len(each) < 10]


def _date(text: str) -> date:
    found = date.fromisoformat(text)
    if not 1900 <= found.year < 2200:  # the day after 31/12/9999 is none
        raise ValueError(text)
    return found


def _joined(values: Any) -> str:
    return ",".join(str(value) for value in values)


_IDS = Kind([], _ids, _joined)
_FLAG = Kind(False, lambda text: text == "1", lambda value: "1" if value is True else "")
_DATE = Kind(None, _date, lambda value: value.isoformat() if isinstance(value, date) else "")
KINDS: Mapping[str, Kind] = {
    "tab": Kind(Tab.TODO, Tab, str),
    "text": Kind("", str, str),
    "who": _IDS,
    "unit": _IDS,
    "client": Kind(None, lambda text: next(iter(_ids(text)), None), lambda value: str(value or "")),
    "domain": _IDS,
    "nature": _IDS,
    "reason": _IDS,
    "status": Kind([], lambda text: [str(Status(each)) for each in text.split(",")], _joined),
    "from": _DATE,
    "to": _DATE,
    "late": _FLAG,
    "pool": _FLAG,
    "colleague": _FLAG,
    "sort": Kind("", lambda text: ("-" if text.startswith("-") else "") + SortBy(text.removeprefix("-")), str),
    "page": Kind(1, lambda text: max(1, int(text[:6])), str),
}


def fits(query: Mapping[str, str]) -> bool:
    """Whether the list reads an address as it was written; of a longer one, a part would be another filter."""
    return all(len(text) <= _MAX_CHARS for text in query.values())


def key(name: str) -> str:
    """The session key, and the query parameter, of a filter."""
    return PREFIX + name


def value(name: str) -> Any:
    """What a filter holds now."""
    return st.session_state.get(key(name), KINDS[name].empty)


def put(name: str, new: Any) -> None:
    """Set a filter, before its widget is drawn or in a callback."""
    st.session_state[key(name)] = new


def follow(default: Mapping[str, str]) -> None:
    """Before the widgets: take the filters from the address when somebody changed it, from memory when one comes back.

    `default` is what the session starts with when its first address names no filter.
    """
    asked = {name: st.query_params[key(name)][:_MAX_CHARS] for name in KINDS if key(name) in st.query_params}
    memory: Mapping[str, str] | None = st.session_state.get(_MEMORY)
    if asked and asked != memory:
        source = asked
    elif memory is None:
        source = dict(default)
    elif asked == memory and key("text") in st.session_state:
        return  # the widgets hold it, and perhaps a newer gesture
    else:
        source = dict(memory)
    for name, kind in KINDS.items():
        put(name, kind.empty)
        if name in source:
            with suppress(ValueError):
                put(name, kind.read(source[name]))


def write() -> None:
    """After the widgets: make the address say what they hold."""
    wanted = {name: kind.write(value(name)) for name, kind in KINDS.items() if value(name) != kind.empty}
    wanted = {name: text for name, text in wanted.items() if text}
    for name in KINDS:
        if name in wanted and st.query_params.get(key(name)) != wanted[name]:
            st.query_params[key(name)] = wanted[name]
        elif name not in wanted and key(name) in st.query_params:
            del st.query_params[key(name)]
    st.session_state[_MEMORY] = wanted


def reset(*names: str) -> None:
    """Empty some filters, or all of them but the tab and the sort; a callback."""
    for name in names or [name for name in KINDS if name not in ("tab", "sort")]:
        put(name, KINDS[name].empty)
    first_page()


def first_page() -> None:
    """Turn back to the first page: the filters changed; a callback."""
    put("page", 1)
