"""Plannings: one person's calendar, or people as lanes, with a tray of what is to be planned, moved by hand.

Knows Streamlit and lib.ui.words, nothing of the business. The browser only reports gestures, and may forge them:
whoever handles one checks the item, the lane and the rights again. The browser's part is in frontend/.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time
from functools import cache, partial
from typing import Any

import streamlit as st

from lib.ui.planning.protocol import Box, OnMove, receive
from lib.ui.planning.values import (
    Answer,
    Asked,
    Band,
    Chosen,
    Done,
    Gesture,
    Item,
    Lane,
    Look,
    Mode,
    Move,
    Opened,
    Refused,
    Slot,
    Visible,
)
from lib.ui.planning.wire import wire_content
from lib.ui.words import _, current_language

__all__ = [
    "VIEWS",
    "Answer",
    "Asked",
    "Band",
    "Chosen",
    "Done",
    "Gesture",
    "Item",
    "Lane",
    "Look",
    "Mode",
    "Move",
    "Opened",
    "Refused",
    "Slot",
    "Visible",
    "ask",
    "asked",
    "forget_asked",
    "planning",
    "visible",
]

VIEWS: dict[Mode, tuple[str, ...]] = {
    "person": ("day", "week", "month", "list"),
    "lanes": ("day", "week", "week_hours", "month"),
}
SATURDAY, SUNDAY = 5, 6


def planning(
    *,
    key: str,
    items: Sequence[Item],
    tray: Sequence[Item] | None,
    lanes: Sequence[Lane],
    mode: Mode,
    bands: Sequence[Band] = (),
    menu: Mapping[str, tuple[str, str]] | None = None,
    view: str,
    day: date,
    window: tuple[date, date],
    on_move: OnMove,
    read_only: bool = False,
    height: int = 640,
    hidden_days: Sequence[int] = (SATURDAY, SUNDAY),
    rev: int | str = 0,
    slot_min: time = time(7),
    slot_max: time = time(20),
    day_start: time = time(9),
    snap_min: int = 15,
    default_min: int = 30,
) -> list[Gesture]:
    """Draw the planning and return the gestures that the page answers itself, each once.

    Draw it in a fragment: a drop then reruns only that. `on_move` is called before the script's body and answers each
    move once; nothing of Streamlit may happen in it (see protocol.py). `lanes` is one in mode "person". `view` is one
    of `VIEWS[mode]`; with `day` it counts at first, and again whenever `rev` changes: in between, the browser's own
    navigation wins, told by `visible`. `window` (its second day excluded) is what `items`, `bands` and capacities
    cover. `menu` maps a choice to its (label, icon); `tray` None: no tray. `hidden_days` counts from Monday 0; a day
    that has an item is shown anyway. `day_start` is the time of what is dropped where a cell is a whole day.
    """
    box = _box(key)
    box.views, box.words = VIEWS[mode], _answers()
    if receive(box, _sent(key), on_move, only_known_client=True):
        st.rerun()  # a newer run had aborted the callback: `items` are older than what was just done
    data = {
        **_surroundings(key, mode, box),
        **wire_content(items, tray, lanes, bands, window, hidden_days),
        "menu": dict(menu or {}),
        "view": view if view in VIEWS[mode] else VIEWS[mode][1],
        "day": day.isoformat(),
        "rev": rev, "readOnly": read_only, "height": height, "snapMin": snap_min, "defaultMin": default_min,
        "slotMin": f"{slot_min:%H:%M}", "slotMax": f"{slot_max:%H:%M}", "dayStart": f"{day_start:%H:%M}",
    }  # fmt: skip
    called = partial(_called, key, on_move)
    _component()(key=key, data=data, default={"ops": None}, on_ops_change=called, height="content")
    return box.take_gestures()


def visible(key: str, rev: int | str = 0) -> Visible | None:
    """Where the user has navigated since `rev`, for the page to load and to keep in its address; None: nowhere yet.

    Every navigation and change of view is told, a moment after it: call it before loading the items.
    """
    box = _box(key)
    return box.visible if box.rev == rev else None


def asked(key: str) -> object | None:
    """The payload of the last `Asked`, until it is forgotten."""
    return _box(key).asked


def ask(key: str, payload: object) -> None:
    """Another question, or the next one: as if a move had answered `Asked(payload)`."""
    _box(key).asked = payload


def forget_asked(key: str) -> None:
    """The question has its answer, or is given up."""
    _box(key).asked = None


def _box(key: str) -> Box:
    box = st.session_state.get(f"{key}.box")
    if not isinstance(box, Box):
        box = st.session_state[f"{key}.box"] = Box()
    return box


def _sent(key: str) -> object:
    return (st.session_state.get(key) or {}).get("ops")


def _surroundings(key: str, mode: Mode, box: Box) -> dict[str, Any]:
    language = current_language()
    return {
        "key": key,
        "mode": mode,
        "language": {"en": "en-GB"}.get(language, language),
        "labels": _labels(mode),
        "ack": box.ack(),
    }


def _called(key: str, on_move: OnMove) -> None:
    current_language()  # looked up now: later, on_move's own words would read the session between change and answer
    receive(_box(key), _sent(key), on_move)


@cache
def _component() -> Any:
    """Declared when first drawn, not at import: Streamlit finds the packaged files only while it runs.

    Its styles come with the script and are adopted once a page: a stylesheet of its own would load late at each mount.
    """
    return st.components.v2.component("relais.planning", js="planning-*.js", isolate_styles=False)


def _answers() -> dict[str, str]:
    """What is said of a gesture that never reached `on_move`, or broke it."""
    return {
        "asking": _("Answer the question that is open first."),
        "unreadable": _("This gesture could not be read: nothing was changed. Try again."),
        "failed": _("This could not be saved (incident {incident}): nothing was changed. Try again."),
    }


def _labels(mode: Mode) -> dict[str, Any]:
    """By the names that the frontend calls them."""
    return {
        "name": _("Planning by person") if mode == "lanes" else _("Planning"),
        "help": _(
            "Arrows: go from one item to the next. Enter: open. Shift and arrows: move. Ctrl, Shift and arrows: change"
            " the duration. Menu key: actions."
        ),
        "today": _("Today"),
        "prev": _("Previous period"),
        "next": _("Next period"),
        "close": _("Close"),
        "day": _("Day"),
        "week": _("Week"),
        "week_hours": _("Week (hours)"),
        "month": _("Month"),
        "list": _("List"),
        "allDay": _("all day"),
        "empty": _("Nothing in this period."),
        "more": _("+ {count} more"),
        "load": _("Planned / available: {load}"),
        "overloaded": _("overloaded"),
        "tray": _("To plan"),
        "search": _("Filter"),
        "trayEmpty": _("Nothing to plan."),
        "nothingFound": _("Nothing matches."),
        "wished": _("wished on {day}"),
        "menu": _("Actions"),
        "notSent": _("Not saved yet: the server is slow or can't be reached. Trying again."),
        "late": _("late"),
        "done": _("done"),
        "cancelled": _("cancelled"),
        "deal": _("linked to a deal"),
        "wait": _("not saved yet"),
    }
