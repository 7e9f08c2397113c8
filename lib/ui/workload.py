"""Charge de travail, drawn: the period and whose, the charts, the numbers. Each of them leads to its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import streamlit as st

from lib.domain.context import Context
from lib.domain.lists import ActionFilter, week_of
from lib.domain.reference import Reference
from lib.domain.workload import (
    MAX_WEEKS,
    WEEK,
    Line,
    Number,
    Workload,
    people_in_charge,
    rows_behind,
    units_in_charge,
)
from lib.ui import list_address, planning_address
from lib.ui.frame import go
from lib.ui.words import _
from lib.ui.workload_charts import BAR, CELL, SIDE_BY_SIDE_WEEKS, Chart, by_nature, chosen_line, heat_map

PREFIX = "w_"
"""Query parameters of this page, and keys of its widgets, begin so."""
WEEKS = (2, 4, 6, 8, 13, MAX_WEEKS)
_USUAL_WEEKS = 6
LOAD, ORPHANS = "load", "orphans"
_TALL_PX = 620
_ADDRESS, _CLICKED = "workload.address", "workload.clicked"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; nobody in particular when the ids are empty."""

    first: date
    weeks: int
    unit_ids: frozenset[int]
    person_ids: frozenset[int]


# ---- the period, and whose


def choose(ctx: Context, reference: Reference) -> Asked:
    """The line of filters, all in the address."""
    units = units_in_charge(ctx)
    people = people_in_charge(ctx, units)
    labels: Mapping[str, Mapping[str, str]] = {
        "unit": {str(unit.id): unit.name for unit in units},
        "who": {str(person.id): person.name for person in people},
    }
    held = planning_address.follow(PREFIX, labels)
    first, weeks = _period(ctx)
    back, now, on, many, unit, who = st.columns([1.15, 1.35, 1.15, 1, 2.2, 2.4], vertical_alignment="bottom")
    step = weeks * WEEK
    for place, name, icon, label, day in (
        (back, "earlier", "chevron_left", _("Earlier"), first - step),
        (on, "later", "chevron_right", _("Later"), first + step),
    ):
        place.button(label, icon=f":material/{icon}:", key=f"workload.{name}", width="stretch",
                     on_click=_show_from, args=(day,))  # fmt: skip
    now.button(_("This week"), key="workload.now", width="stretch", on_click=_show_from, args=(None,))
    with many:
        _choose_weeks(weeks)
    for place, name, label in ((unit, "unit", _("Org. unit")), (who, "who", _("Salesperson"))):
        with place:
            _choose(label, name, labels[name])
    return Asked(first, weeks, frozenset(map(int, held["unit"])), frozenset(map(int, held["who"])))


def _choose(label: str, name: str, choices: Mapping[str, str]) -> None:
    st.multiselect(label, list(choices), key=PREFIX + name, format_func=lambda each: choices.get(each, ""),
                   placeholder=_("Any"))  # fmt: skip


def _period(ctx: Context) -> tuple[date, int]:
    """The Monday and the weeks of the address, else those of the last visit, else this week and those after it."""
    asked = {name: st.query_params.get(PREFIX + name, "") for name in ("from", "weeks", "side")}
    is_wished = planning_address.is_a_wish(_ADDRESS, asked)
    held = asked if is_wished else {name: planning_address.last_written(_ADDRESS).get(name, "") for name in asked}
    held |= st.session_state.pop(_CLICKED, {})
    planning_address.write_all(PREFIX, _ADDRESS, held)
    weeks = int(held["weeks"]) if held["weeks"] in map(str, range(1, MAX_WEEKS + 1)) else _USUAL_WEEKS
    day = ctx.today
    try:
        found = date.fromisoformat(held["from"])
        day = found if abs((found - ctx.today).days) < 4 * 366 else day
    except ValueError:
        pass
    return week_of(day)[0], weeks


def _clicked_on(name: str, text: str) -> None:
    # Not the address itself: it still shows what stood before this click, by which a late one is known.
    st.session_state[_CLICKED] = {**st.session_state.get(_CLICKED, {}), name: text}


def _show_from(day: date | None) -> None:
    _clicked_on("from", week_of(day)[0].isoformat() if day else "")


def _choose_weeks(weeks: int) -> None:
    # One widget for each length: the address says which, and the widget only where to go.
    key = f"workload.weeks.{weeks}"
    choices = sorted({*WEEKS, weeks})
    st.selectbox(_("Weeks"), choices, index=choices.index(weeks), key=key, on_change=_show_weeks, args=(key,))


def _show_weeks(key: str) -> None:
    _clicked_on("weeks", str(st.session_state[key]))


def choose_side() -> str:
    """The load, or what nobody takes care of; after `choose`, which reads the address."""
    labels = {LOAD: _("Load"), ORPHANS: _("Without a next step")}
    asked = planning_address.last_written(_ADDRESS).get("side", "")
    key = f"workload.side.{asked}"
    side = st.segmented_control(
        _("Shown"), list(labels), default=asked if asked in labels else LOAD, required=True, key=key,
        format_func=lambda each: labels.get(each, ""), label_visibility="collapsed", on_change=_show_side, args=(key,),
    )  # fmt: skip
    return side if side in labels else LOAD


def _show_side(key: str) -> None:
    side = st.session_state[key]
    _clicked_on("side", side if side == ORPHANS else "")


# ---- the charts


def draw_charts(ctx: Context, reference: Reference, load: Workload) -> None:
    """The heat map beside the bars; a click on a cell or a bar opens the list of what it counts."""
    if not load.people:
        st.info(_("Nobody matches these filters: empty one of them."), icon=":material/person_off:")
        return
    is_dark = st.context.theme.type == "dark"
    is_tall = len(load.people) > 20
    with st.container(height=_TALL_PX if is_tall else "content", border=is_tall):
        wide = len(load.mondays) > SIDE_BY_SIDE_WEEKS
        left, right = (st.container(), st.container()) if wide else st.columns([1.3, 1])
    with left:
        cell = _clicked(heat_map(load, is_dark=is_dark), "workload.heat", CELL)
    with right:
        bar = _clicked(by_nature(load, reference, is_dark=is_dark), "workload.natures", BAR)
    week = cell.get("week")
    if (line := chosen_line(load, cell.get("id"))) and isinstance(week, int) and 0 <= week < len(load.mondays):
        monday = load.mondays[week]
        open_rows(ctx, Number.PLANNED, line, monday, monday + timedelta(days=6))
    nature = bar.get("nature_id")
    if (line := chosen_line(load, bar.get("id"))) and isinstance(nature, int) and nature in reference.natures:
        open_rows(ctx, Number.PLANNED, line, load.first, load.last, nature_id=nature)


def _clicked(chart: Chart, key: str, name: str) -> Mapping[str, Any]:
    st.caption(chart.caption)
    event: Any = st.vega_lite_chart(chart.spec, key=key, on_select="rerun", alt=chart.alt, width="stretch")
    try:
        return dict(event["selection"][name][0])
    except (KeyError, IndexError, TypeError, ValueError):
        return {}  # nothing is selected


def open_rows(
    ctx: Context, number: Number, line: Line, first: date, last: date, *, nature_id: int | None = None
) -> None:
    """Leave for the list of the rows that a number counts."""
    chosen = rows_behind(number, line.holder, local_now=ctx.local_now, first=first, last=last, nature_id=nature_id)
    go("actions", **list_query(chosen))


def list_query(chosen: ActionFilter) -> dict[str, str]:
    """The address of the list that a filter opens."""
    values: Mapping[str, Any] = {
        "tab": chosen.tab, "who": sorted(chosen.assignee_ids), "unit": sorted(chosen.org_unit_ids),
        "nature": sorted(chosen.nature_ids), "status": sorted(chosen.statuses), "from": chosen.from_date,
        "to": chosen.to_date, "late": chosen.late_at is not None, "pool": chosen.is_waiting,
    }  # fmt: skip
    kinds = list_address.KINDS
    kept = {name: value for name, value in values.items() if value != kinds[name].empty}
    return {list_address.actions.key(name): text for name, value in kept.items() if (text := kinds[name].write(value))}
