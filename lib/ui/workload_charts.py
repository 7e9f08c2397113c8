"""The workload's charts: a heat map of people and weeks, and each one's hours by nature against what he can do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lib.domain.durations import shown_duration
from lib.domain.reference import Reference
from lib.domain.workload import Cell, Line, Workload
from lib.ui.words import _, plural

CELL, BAR = "cell", "bar"
"""The names of the selections: a click on a cell gives person and week, one on a bar person and nature."""
SIDE_BY_SIDE_WEEKS = 8
"""With more, the heat map needs the whole width, and smaller words."""
_ROW_PX, _COLUMN_PX = 26, 70
COLOURS: Mapping[bool, tuple[list[str], str]] = {
    False: (["#e6f0fb", "#b9d7f5", "#7fb3e8", "#f0a8a3", "#dfe4e9", "#f7f9fa"], "#1b2733"),
    True: (["#182f47", "#21486c", "#2a649a", "#8a3733", "#35424e", "#171e26"], "#e4eaf0"),
}
"""For light and dark: a colour for each band, and that of the words on it."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A Vega-Lite chart with its data, what stands above it, and what it says to whoever doesn't see it."""

    spec: dict[str, Any]
    caption: str
    alt: str


def week_label(monday: date) -> str:
    """`S48 23/11`: the ISO week and its Monday."""
    return _("W{week} {day}", week=monday.isocalendar().week, day=f"{monday:%d/%m}")


def names_of(workload: Workload) -> dict[int, str]:
    """The people's names, told apart where two are alike."""
    seen: Counter[str] = Counter()
    names = {}
    for line in workload.people:
        seen[line.name] += 1
        names[line.holder.person_id or 0] = line.name if seen[line.name] == 1 else f"{line.name} ({seen[line.name]})"
    return names


def _band(cell: Cell) -> str:
    load = cell.load_pct
    if load is None:
        return "over" if cell.planned_total.minutes else "away" if cell.is_absent else "none"
    return "low" if load <= 50 else "middle" if load <= 80 else "full" if load <= 100 else "over"


def load_text(cell: Cell) -> str:
    """`85 %`, or "absent" and "closed" where there is no time for it; with a sign beyond what he can do."""
    load = cell.load_pct
    if load is None:
        why = _("absent") if cell.is_absent else _("closed")
        return f"▲ {why}" if cell.planned_total.minutes else why
    return f"▲ {load} %" if load > 100 else f"{load} %"


def _short_text(cell: Cell) -> str:
    """The same in a narrow cell; the caption says what the number is."""
    load, sign = cell.load_pct, "▲" if _band(cell) == "over" else ""
    if load is None:
        return sign + (_("abs.") if cell.is_absent else "–")
    return f"{sign}{load}"


def _meanings() -> dict[str, str]:
    """What each band means, in the order of the legend."""
    return {
        "low": _("up to 50 %"), "middle": _("up to 80 %"), "full": _("up to 100 %"), "over": _("▲ more than 100 %"),
        "away": _("absent"), "none": _("closed"),
    }  # fmt: skip


def _cells(workload: Workload, names: Mapping[int, str], *, is_narrow: bool) -> list[dict[str, Any]]:
    meanings = _meanings()
    return [
        {
            "id": line.holder.person_id, "week": number, "person": names[line.holder.person_id or 0],
            "label": week_label(workload.mondays[number]), "band": (band := _band(cell)), "meaning": meanings[band],
            "text": load_text(cell), "short": _short_text(cell) if is_narrow else load_text(cell),
            **_told(workload, number, cell),
        }
        for line in workload.people
        for number, cell in enumerate(line.cells)
    ]  # fmt: skip


def heat_map(workload: Workload, *, is_dark: bool) -> Chart:
    """People by weeks: planned against capacity, in colour, in numbers and with a sign above 100 %."""
    names, labels = names_of(workload), [week_label(monday) for monday in workload.mondays]
    is_narrow = len(labels) > SIDE_BY_SIDE_WEEKS
    values = _cells(workload, names, is_narrow=is_narrow)
    colours, ink = COLOURS[is_dark]
    x = {"field": "label", "type": "ordinal", "sort": labels, "title": None,
         "axis": {"orient": "top", "labelAngle": 0, "domain": False, "ticks": False, "labelFlush": False},
         "scale": {"paddingInner": 0.03}}  # fmt: skip
    scale = {"domain": list(_meanings().values()), "range": colours}
    spec = {
        "data": {"values": values},
        "height": {"step": _ROW_PX},
        "params": [
            {"name": CELL, "select": {"type": "point", "fields": ["id", "week"], "toggle": False}, "views": ["cells"]}
        ],
        "encoding": {"x": x, "y": _rows(names)},
        "layer": [
            {
                "name": "cells",
                "mark": {"type": "rect", "cursor": "pointer"},
                "encoding": {
                    "color": {"field": "meaning", "type": "nominal", "scale": scale,
                              "legend": {"orient": "bottom", "title": None, "columns": 3, "symbolType": "square",
                                         "labelLimit": 200}},
                    "tooltip": _tooltip({
                        "person": _("Salesperson"), "days": _("Week"), "planned": _("Planned hours"),
                        "capacity": _("Capacity"), "text": _("Load"), "done": _("Hours done")}),
                },
            },
            {
                "mark": {"type": "text", "fontSize": 11 if is_narrow else 12, "color": ink},
                "encoding": {"text": {"field": "short", "type": "nominal"}},
            },
        ],
    }  # fmt: skip
    over = sum(value["band"] == "over" for value in values)
    caption = _("Planned hours for each 100 hours of capacity, by week")
    alt = plural(
        "Load by person and week; {count} week above 100 %", "Load by person and week; {count} weeks above 100 %", over
    )
    return Chart(spec, caption, alt)


def _told(workload: Workload, number: int, cell: Cell) -> dict[str, str]:
    monday = workload.mondays[number]
    return {
        "days": f"{monday:%d/%m/%Y} – {monday + timedelta(days=6):%d/%m/%Y}",
        "planned": _amount(cell.planned_total.minutes, cell.planned_total.count),
        "done": _amount(cell.done.minutes, cell.done.count),
        "capacity": shown_duration(cell.capacity_min),
    }


def _amount(minutes: int, count: int) -> str:
    return _("{hours} ({count})", hours=shown_duration(minutes), count=count)


def _rows(names: Mapping[int, str]) -> dict[str, Any]:
    return {"field": "person", "type": "nominal", "sort": list(names.values()), "title": None,
            "axis": {"labelLimit": 170, "domain": False, "ticks": False, "labelFlush": False},
            "scale": {"paddingInner": 0.08}}  # fmt: skip


def _tooltip(titles: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"field": field, "type": "nominal", "title": title} for field, title in titles.items()]


def _bars(workload: Workload, reference: Reference, names: Mapping[int, str]) -> list[dict[str, Any]]:
    return [
        {
            "id": line.holder.person_id, "person": names[line.holder.person_id or 0], "nature": nature.label,
            "nature_id": nature.id, "order": order, "hours": round(amount.minutes / 60, 2),
            "told": _amount(amount.minutes, amount.count),
        }
        for line in workload.people
        for order, nature in enumerate(reference.natures.values())
        if (amount := line.planned_of(nature.id)).count
    ]  # fmt: skip


def by_nature(workload: Workload, reference: Reference, *, is_dark: bool) -> Chart:
    """Each person's planned hours of the whole period, stacked by nature; a mark where his capacity ends."""
    names = names_of(workload)
    limits = [
        {"person": names[line.holder.person_id or 0], "limit": round(line.capacity_min / 60, 2),
         "capacity": shown_duration(line.capacity_min), "planned": shown_duration(line.planned.minutes)}
        for line in workload.people
    ]  # fmt: skip
    hours = {"type": "quantitative", "title": None, "axis": {"tickCount": 5, "orient": "top"}}
    spec = {
        "height": {"step": _ROW_PX},
        "params": [
            {"name": BAR, "select": {"type": "point", "fields": ["id", "nature_id"], "toggle": False},
             "views": ["bars"]}
        ],
        "layer": [
            {
                "name": "bars",
                "data": {"values": _bars(workload, reference, names)},
                "mark": {"type": "bar", "cursor": "pointer"},
                "encoding": {
                    "x": {"field": "hours", "stack": True, **hours},
                    "y": _rows(names),
                    "order": {"field": "order", "type": "quantitative"},
                    "color": {"field": "nature", "type": "nominal",
                              "sort": [nature.label for nature in reference.natures.values()],
                              "legend": {"orient": "bottom", "title": None, "columns": 2, "labelLimit": 140}},
                    "tooltip": _tooltip({
                        "person": _("Salesperson"), "nature": _("Action"), "told": _("Planned hours")}),
                },
            },
            {
                "data": {"values": limits},
                "mark": {"type": "tick", "thickness": 3, "color": COLOURS[is_dark][1], "height": _ROW_PX - 4},
                "encoding": {
                    "x": {"field": "limit", **hours},
                    "y": _rows(names),
                    "tooltip": _tooltip({
                        "person": _("Salesperson"), "capacity": _("Capacity"), "planned": _("Planned hours")}),
                },
            },
        ],
    }  # fmt: skip
    caption = _("Planned hours of the period by nature; the mark is the capacity")
    return Chart(spec, caption, _("Planned hours by nature against the capacity of each person"))


def together(charts: list[Chart], *, title: str, weeks: int) -> dict[str, Any]:
    """Several charts as one picture, one below the other; what is clicked on a screen is left out."""
    below = [{name: part for name, part in chart.spec.items() if name != "params"} for chart in charts]
    below = [{"width": 8 * _COLUMN_PX, **each} for each in below]
    return {
        "title": {"text": title, "anchor": "start"},
        "vconcat": below,
        "resolve": {"scale": {"color": "independent"}},
    }


def chosen_line(workload: Workload, person_id: object) -> Line | None:
    """The line of a person whom a click named, if he is shown."""
    return next((line for line in workload.people if line.holder.person_id == person_id), None)
