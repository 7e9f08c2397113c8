"""The planning's values as the browser reads them; dates and times as naive ISO text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from lib.ui.planning.values import Band, Item, Lane


def wire_content(
    items: Sequence[Item],
    tray: Sequence[Item] | None,
    lanes: Sequence[Lane],
    bands: Sequence[Band],
    window: tuple[date, date],
    hidden_days: Sequence[int],
) -> dict[str, Any]:
    """What there is to draw."""
    return {
        "items": [_item(item) for item in items],
        "tray": None if tray is None else [_item(item) for item in tray],
        "lanes": [_lane(lane, window) for lane in lanes],
        "bands": [_band(band, lanes) for band in bands],
        "window": [day.isoformat() for day in window],
        "hiddenDays": _weekdays(hidden_days, items, tray or ()),
    }


def _item(item: Item) -> dict[str, Any]:
    """Without what is empty: forty people's week travels at each answer."""
    wired = {
        "id": item.id,
        "title": item.title,
        "start": item.start and item.start.isoformat(timespec="seconds"),
        "minutes": item.minutes,
        "isAllDay": item.is_all_day,
        "lane": item.lane,
        "tone": item.tone,
        "icon": item.icon,
        "looks": list(item.looks),
        "card": [list(row) for row in item.card],
        "menu": list(item.menu),
        "version": item.version,
        "wished": item.wished and item.wished.isoformat(),
    }
    wired = {name: value for name, value in wired.items() if value or name in ("minutes", "version")}
    switches = {"isMovable": item.is_movable, "counts": item.counts}
    return wired | {name: False for name, is_on in switches.items() if not is_on}


def _lane(lane: Lane, window: tuple[date, date]) -> dict[str, Any]:
    """The capacity only of the window's days."""
    first, after = window
    capacity = {day.isoformat(): minutes for day, minutes in lane.capacity_min.items() if first <= day < after}
    left_out = {day.isoformat(): minutes for day, minutes in lane.left_out_min.items() if first <= day < after}
    return {"id": lane.id, "title": lane.title, "note": lane.note, "capacity": capacity, "leftOut": left_out}


def _band(band: Band, lanes: Sequence[Lane]) -> dict[str, Any]:
    """Everybody's band is each lane's: a calendar by lanes draws none that belongs to no lane."""
    return {
        "start": band.start.isoformat(timespec="seconds"),
        "end": band.end.isoformat(timespec="seconds"),
        "kind": band.kind,
        "label": band.label,
        "lanes": list(band.lanes) or [lane.id for lane in lanes],
        "isAllDay": band.is_all_day,
    }


def _weekdays(hidden: Sequence[int], items: Sequence[Item], tray: Sequence[Item]) -> list[int]:
    """As JavaScript counts them, from Sunday 0; never one that has an item, which would be counted and not seen."""
    used = {item.start.weekday() for item in items if item.start} | {
        item.wished.weekday() for item in tray if item.wished
    }
    return sorted((day + 1) % 7 for day in set(hidden) - used)
