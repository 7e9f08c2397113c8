"""What pages give to the planning and get from it. Dates and times are naive: the wall clock, in no time zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NamedTuple

Look = Literal["late", "done", "cancelled", "wait", "deal"]
"""`wait` is striped: shown where it was dropped, not saved yet."""
Mode = Literal["person", "lanes"]


@dataclass(frozen=True, slots=True)
class Item:
    """A bar of the calendar, or of the tray when it has no `start`."""

    id: str
    title: str
    start: datetime | None = None
    minutes: int = 30
    is_all_day: bool = False  # a date without a time; its `minutes` still count in the loads
    lane: str = ""  # of the tray's items too: where a wished day is drawn
    tone: str = "blue"  # red, orange, yellow, blue, green, violet, gray
    icon: str = ""  # ":material/call:", or a plain sign
    looks: Sequence[Look] = ()
    card: Sequence[tuple[str, str]] = ()  # the rows of the hover card: label, value
    menu: Sequence[str] = ()  # ids of the choices that this item's state allows
    is_movable: bool = True
    version: int = 1  # comes back with the move
    counts: bool = True  # in the loads
    wished: date | None = None  # of the tray's items: shown there, and as a light chip on that day, not counted


@dataclass(frozen=True, slots=True)
class Lane:
    """A person: the lane of the planning by lanes, the only one of a person's."""

    id: str
    title: str
    note: str = ""
    capacity_min: Mapping[date, int] = field(default_factory=dict)  # for each day of the window; none is 0
    left_out_min: Mapping[date, int] = field(default_factory=dict)  # planned on a day, counted, and not shown as items


@dataclass(frozen=True, slots=True)
class Band:
    """A time shown behind the items: outside hours, an absence, a holiday. No `lanes`: it is everybody's."""

    start: datetime
    end: datetime
    kind: Literal["off", "leave", "holiday"]
    label: str = ""
    lanes: Sequence[str] = ()
    is_all_day: bool = False  # only such ones are drawn where a cell is a whole day


@dataclass(frozen=True, slots=True)
class Move:
    """A gesture that asks for a change. `uid` is unique for ever: stored with the change, it tells a repetition."""

    kind: Literal["move", "resize", "plan", "unplan"]
    id: str
    version: int  # of the item as the browser knew it
    start: datetime | None  # None for unplan
    minutes: int  # 0 to 100000
    is_all_day: bool
    lane: str
    uid: str


@dataclass(frozen=True, slots=True)
class Done:
    """The move is made; `note` is shown quietly."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The move is not made: the item springs back, `text` says why."""

    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Nothing is saved yet: the page asks a question about `payload`, found by `asked` until `forget_asked`."""

    payload: object


Answer = Done | Refused | Asked


@dataclass(frozen=True, slots=True)
class Opened:
    """An item opened by a click or Enter."""

    id: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice taken from an item's menu."""

    id: str
    choice: str


@dataclass(frozen=True, slots=True)
class Slot:
    """An empty slot clicked or drawn: a new item is wanted there."""

    start: datetime
    minutes: int
    is_all_day: bool
    lane: str


Gesture = Opened | Chosen | Slot


class Visible(NamedTuple):
    """Where the user has navigated: from `first` to the day before `after`."""

    first: date
    after: date
    view: str
    day: date
