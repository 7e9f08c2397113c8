"""A list's filters in the page's address, as ids and words of the code: a shared link reads the same for everybody.

Not Streamlit's `bind="query-params"`: it writes the labels, which change with the language and hold the counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import streamlit as st

from lib.domain.chain import Status
from lib.domain.lists import SortBy, Tab

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


FLAG = Kind(False, lambda text: text == "1", lambda value: "1" if value is True else "")
IDS, TEXT = Kind([], _ids, _joined), Kind("", str, str)
DATE = Kind(None, _date, lambda value: value.isoformat() if isinstance(value, date) else "")
CLIENT = Kind(None, lambda text: next(iter(_ids(text)), None), lambda value: str(value or ""))
PAGE = Kind(1, lambda text: max(1, int(text[:6])), str)


def sort_of(sorts: type[StrEnum]) -> Kind:
    """One of some sorts; a minus before it turns it round."""
    return Kind("", lambda text: ("-" if text.startswith("-") else "") + sorts(text.removeprefix("-")), str)


KINDS: Mapping[str, Kind] = {
    "tab": Kind(Tab.TODO, Tab, str),
    "text": TEXT,
    "who": IDS,
    "unit": IDS,
    "client": CLIENT,
    "domain": IDS,
    "nature": IDS,
    "reason": IDS,
    "status": Kind([], lambda text: [str(Status(each)) for each in text.split(",")], _joined),
    "from": DATE,
    "to": DATE,
    "late": FLAG,
    "pool": FLAG,
    "colleague": FLAG,
    "sort": sort_of(SortBy),
    "page": PAGE,
}


def fits(query: Mapping[str, str]) -> bool:
    """Whether the list reads an address as it was written; of a longer one, a part would be another filter."""
    return all(len(text) <= _MAX_CHARS for text in query.values())


class ListAddress:
    """The filters of one list; `prefix` begins its query parameters, which are the whole app's, and its widgets' keys.

    `witness` is the filter whose widget is drawn first: while the session holds it, the page wasn't left.
    """

    def __init__(self, prefix: str, kinds: Mapping[str, Kind], *, witness: str) -> None:
        self.kinds = kinds
        self._prefix, self._witness, self._memory = prefix, witness, f"{prefix}.address"

    def key(self, name: str) -> str:
        """The session key, and the query parameter, of a filter."""
        return self._prefix + name

    def value(self, name: str) -> Any:
        """What a filter holds now."""
        return st.session_state.get(self.key(name), self.kinds[name].empty)

    def put(self, name: str, new: Any) -> None:
        """Set a filter, before its widget is drawn or in a callback."""
        st.session_state[self.key(name)] = new

    def follow(self, default: Mapping[str, str]) -> None:
        """Before the widgets: take the filters from the address when somebody changed it, from memory on coming back.

        `default` is what the session starts with when its first address names no filter.
        """
        sent = st.query_params
        asked = {name: sent[self.key(name)][:_MAX_CHARS] for name in self.kinds if self.key(name) in sent}
        memory: Mapping[str, str] | None = st.session_state.get(self._memory)
        if asked and asked != memory:
            source = asked
        elif memory is None:
            source = dict(default)
        elif asked == memory and self.key(self._witness) in st.session_state:
            return  # the widgets hold it, and perhaps a newer gesture
        else:
            source = dict(memory)
        for name, kind in self.kinds.items():
            self.put(name, kind.empty)
            if name in source:
                with suppress(ValueError):
                    self.put(name, kind.read(source[name]))

    def write(self) -> None:
        """After the widgets: make the address say what they hold."""
        held = {name: self.value(name) for name in self.kinds}
        wanted = {name: kind.write(held[name]) for name, kind in self.kinds.items() if held[name] != kind.empty}
        wanted = {name: text for name, text in wanted.items() if text}
        for name in self.kinds:
            if name in wanted and st.query_params.get(self.key(name)) != wanted[name]:
                st.query_params[self.key(name)] = wanted[name]
            elif name not in wanted and self.key(name) in st.query_params:
                del st.query_params[self.key(name)]
        st.session_state[self._memory] = wanted

    def reset(self, *names: str) -> None:
        """Empty some filters, or all of them but the tab and the sort; a callback."""
        for name in names or [name for name in self.kinds if name not in ("tab", "sort")]:
            self.put(name, self.kinds[name].empty)
        self.first_page()

    def first_page(self) -> None:
        """Turn back to the first page: the filters changed; a callback."""
        self.put("page", 1)


actions = ListAddress("l_", KINDS, witness="text")
