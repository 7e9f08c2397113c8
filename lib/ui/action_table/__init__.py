"""Lists of actions as a real HTML table: hover cards, row menus, selection by id over pages, sort by the server.

Knows Streamlit and lib.ui.words, nothing of the business. The browser only reports gestures, and may forge them:
whoever handles one checks the row, the choice and the rights again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache, partial
from typing import Any, Literal, TypedDict

import streamlit as st

from lib.ui.words import _

Look = Literal["late", "done", "deal", "cancelled"]


class SafeHtml(str):
    """HTML that lib.domain.richtext has cleaned. Nothing else is ever shown as HTML."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `width` is a CSS length, or a share (`2fr`) of what the fixed ones leave."""

    id: str
    label: str
    width: str = "1fr"
    sortable: bool = False
    opens: bool = False  # its text is a link that opens the row, and the row's spoken name
    icon: str = ""  # shown in the header instead of the label, which is still spoken and shown on hover
    align: Literal["start", "center", "end"] = "start"
    marks: Sequence[
        Look
    ] = ()  # looks whose icon stands beside this column's text: "late" by the date, "deal" by the client


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands at one place of a row; a plain text needs no Cell."""

    text: str = ""
    note: str = ""  # a second line, small and quiet
    icon: str = ""  # ":material/event:", or an emoji
    tone: str = ""  # red, orange, yellow, blue, green, violet, gray: shown as a badge
    label: str = ""  # what an icon without text says to screen readers
    hint: str = ""  # the tooltip; without one, a text that is cut shows itself whole
    card: str | SafeHtml = ""  # the hover card: plain text unless SafeHtml
    href: str = ""  # a file of this server that the cell's text or icon downloads; or "tel:", "mailto:"


@dataclass(frozen=True, slots=True)
class Row:
    """One action: its cells, how it looks, what may be done with it."""

    id: str
    cells: Mapping[str, str | Cell]  # by column id
    looks: Sequence[Look] = ()
    menu: Sequence[str] = ()  # ids of the choices that this row's state allows


class Opened(TypedDict):
    """A row opened by its link, Enter or a double click."""

    row: str


class Chosen(TypedDict):
    """A choice taken from a row's menu."""

    row: str
    choice: str


class Sorted(TypedDict):
    """A click on the header of a sortable column."""

    column: str
    descending: bool


class Gestures(TypedDict):
    """What the user did: `selected` stays, the others are there for one run only."""

    selected: list[str]
    open: Opened | None
    menu: Chosen | None
    sort: Sorted | None


def action_table(
    columns: Sequence[Column],
    rows: Sequence[Row],
    *,
    key: str,
    menu: Mapping[str, tuple[str, str]] | None = None,
    selection: Literal["multi", "single", "none"] = "multi",
    sort: tuple[str, bool] | None = None,
    current: str = "",
    empty: str = "",
    max_height: str = "70vh",
    on_open: Callable[..., None] | None = None,
    on_menu: Callable[..., None] | None = None,
    on_sort: Callable[..., None] | None = None,
) -> Gestures:
    """Draw one page of rows and return what the user did to them.

    `menu` maps a choice to its (label, icon), `sort` is (column id, descending), `current` the row to highlight and to
    scroll to, `empty` the sentence of a list without rows. The callbacks get the gesture as keywords: `on_open(row)`,
    `on_menu(row, choice)`, `on_sort(column, descending)`. Whatever must surely happen goes there: the next click may
    interrupt the run before the script's body sees the returned gesture.
    """
    st.session_state[f"{key}.kept"] = _selection(
        key
    )  # outlives page navigation, which the component's own state doesn't
    result = _component()(
        key=key,
        data={
            "key": key,
            "columns": [asdict(column) for column in columns],
            "rows": [_wire_row(row, columns) for row in rows],
            "menu": dict(menu or {}),
            "mode": selection,
            "sort": sort,
            "current": current,
            "maxHeight": max_height,
            "labels": {**_labels(), "empty": empty or _("No action.")},
            # What Python chose, never the browser's own ticks sent back: unchanged data travels as a short reference.
            "selection": st.session_state[f"{key}.set"],
        },
        on_selection_change=lambda: None,
        on_open_change=partial(_call, on_open, key, "open"),
        on_menu_change=partial(_call, on_menu, key, "menu"),
        on_sort_change=partial(_call, on_sort, key, "sort"),
    )
    return {
        "selected": selected_ids(key),
        "open": _well_formed("open", result.get("open")),
        "menu": _well_formed("menu", result.get("menu")),
        "sort": _well_formed("sort", result.get("sort")),
    }


@cache
def _component() -> Any:
    """Declared when first drawn, not at import: Streamlit finds the packaged files only while it runs."""
    return st.components.v2.component(
        "relais.action_table",
        js="action_table.js",  # in frontend/, which pyproject.toml declares
        css="action_table.css",
        isolate_styles=False,  # in a shadow root the focus doesn't come back to the row when a dialog closes
    )


def selected_ids(key: str) -> list[str]:
    """The ticked ids over all pages; known above the table too."""
    return list(_selection(key)["ids"])


def select(key: str, ids: Iterable[str]) -> None:
    """Replace the selection (`[]` clears it); once the table is drawn, follow with st.rerun()."""
    st.session_state[f"{key}.set"] = {"ids": list(ids), "turn": _selection(key)["turn"] + 1}


def _selection(key: str) -> dict[str, Any]:
    """The newest of what Python set, the browser sent and was kept: `turn` grows at each change on either side.

    A new session starts from the clock: its empty selection is newer than what the browser remembers of an older one.
    """
    state = st.session_state
    set_by_python = state.setdefault(f"{key}.set", {"ids": [], "turn": time.time_ns() // 1_000_000})
    sent = (state.get(key) or {}).get("selection")
    versions = [set_by_python, state.get(f"{key}.kept", set_by_python), *([sent] if _is_selection(sent) else [])]
    return max(versions, key=lambda version: version["turn"])


def _is_selection(sent: Any) -> bool:
    match sent:
        case {"ids": [*ids], "turn": int()}:
            return all(isinstance(row_id, str) for row_id in ids)
    return False


_GESTURES: dict[str, dict[str, type]] = {
    "open": {"row": str},
    "menu": {"row": str, "choice": str},
    "sort": {"column": str, "descending": bool},
}


def _well_formed(gesture: str, value: Any) -> Any:
    """The gesture as the frontend sends it; None for anything else that a browser may send."""
    is_gesture = isinstance(value, dict) and {name: type(part) for name, part in value.items()} == _GESTURES[gesture]
    return value if is_gesture else None


def _call(handler: Callable[..., None] | None, key: str, gesture: str) -> None:
    value = _well_formed(gesture, st.session_state[key].get(gesture))
    if handler and value:
        handler(**value)


def _wire_row(row: Row, columns: Sequence[Column]) -> dict[str, Any]:
    cells = [_wire_cell(row.cells.get(column.id, "")) for column in columns]
    return {"id": row.id, "looks": list(row.looks), "menu": list(row.menu), "cells": cells}


_CELL_PARTS = [field.name for field in fields(Cell)]


def _wire_cell(cell: str | Cell) -> str | dict[str, str]:
    if isinstance(cell, str):
        return cell
    parts = {name: value for name in _CELL_PARTS if (value := getattr(cell, name))}
    if isinstance(cell.card, SafeHtml):
        parts["html"] = parts.pop("card", "")
    return parts


def _labels() -> dict[str, str]:
    return {
        "help": _("Arrows: move. Enter: open. Space: select. Menu key: actions. Right arrow: detail."),
        "select_row": _("Select"),
        "select_page": _("Select the whole page"),
        "selected": _("selected"),
        "row_menu": _("Row actions"),
        "late": _("late"),
        "done": _("done"),
        "deal": _("linked to a deal"),
        "cancelled": _("cancelled"),
        "current": _("current"),
    }
