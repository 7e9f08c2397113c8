"""What the browser sends, perhaps forged, as values that can be trusted to be well formed; ValueError for the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from lib.ui.planning.values import Chosen, Gesture, Move, Opened, Slot, Visible

MAX_MINUTES = 100_000
_MAX_ID = 64
_DAY = re.compile(r"(19|20|21)\d\d-\d\d-\d\d")
_TIME = re.compile(r"(19|20|21)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d")
_MAX_NUMBER = 2**53  # what a browser counts to exactly


def move_of(sent: Mapping[str, Any], uid: str) -> Move:
    """A move, resize, plan or unplan."""
    kind = sent["kind"]
    is_unplanned = kind == "unplan"
    return Move(
        kind,
        _id(sent.get("id")),
        number(sent.get("version")),
        None if is_unplanned else _time(sent.get("start")),
        number(sent.get("minutes"), most=MAX_MINUTES),
        _flag(sent.get("isAllDay")),
        _id(sent.get("lane"), may_be_empty=True),
        uid,
    )


def gesture_of(sent: Mapping[str, Any]) -> Gesture:
    """An open, menu or create."""
    match sent.get("kind"):
        case "open":
            return Opened(_id(sent.get("id")))
        case "menu":
            return Chosen(_id(sent.get("id")), _id(sent.get("choice")))
        case "create":
            return Slot(
                _time(sent.get("start")),
                number(sent.get("minutes"), least=1, most=MAX_MINUTES),
                _flag(sent.get("isAllDay")),
                _id(sent.get("lane"), may_be_empty=True),
            )
    raise ValueError


def visible_of(sent: Mapping[str, Any], views: Sequence[str]) -> Visible:
    """A navigation; at most a year is visible, whatever the browser says."""
    first, after, view = _day(sent.get("first")), _day(sent.get("after")), sent.get("view")
    if not isinstance(view, str) or view not in views or not 0 < (after - first).days <= 366:
        raise ValueError
    return Visible(first, after, view, _day(sent.get("day")))


def number(value: object, *, least: int = 0, most: int = _MAX_NUMBER) -> int:
    """`value`, when it is an int within the bounds."""
    if type(value) is not int or not least <= value <= most:
        raise ValueError
    return value


def _id(value: object, *, may_be_empty: bool = False) -> str:
    if not isinstance(value, str) or len(value) > _MAX_ID or not (value or may_be_empty) or not value.isprintable():
        raise ValueError
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _day(value: object) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError
    return date.fromisoformat(value)


def _time(value: object) -> datetime:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise ValueError
    return datetime.fromisoformat(value)
