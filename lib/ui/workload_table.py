"""The workload's numbers: a table of which each cell leads to its rows, and the same as files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from lib.domain.context import Context
from lib.domain.durations import shown_duration
from lib.domain.reference import Reference
from lib.domain.rights import Operation, Scope, scope_of
from lib.domain.workload import Cell, Line, Number, Workload, load_pct
from lib.ui.exports import CSV, XLSX, Column, Kind, Table, Value, guarded, to_csv, to_xlsx
from lib.ui.frame import SCREENS, go
from lib.ui.pictures import PNG, SVG, on_paper, to_png, to_svg
from lib.ui.words import _
from lib.ui.workload import open_rows
from lib.ui.workload_charts import by_nature, heat_map, load_text, together, week_label


@dataclass(frozen=True, slots=True)
class Shown:
    """One column: its name, what it holds, and the number whose rows a click opens; without one, the planning."""

    label: str
    kind: Kind
    number: Number | None = None
    monday: date | None = None


def _columns(load: Workload) -> list[Shown]:
    return [
        Shown(_("Salesperson"), Kind.TEXT),
        Shown(_("Planned hours"), Kind.MINUTES, Number.PLANNED),
        Shown(_("Capacity"), Kind.MINUTES),
        Shown(_("Load (%)"), Kind.PERCENT, Number.PLANNED),
        Shown(_("Hours done"), Kind.MINUTES, Number.DONE),
        Shown(_("To plan"), Kind.NUMBER, Number.TO_PLAN),
        Shown(_("Hours to plan"), Kind.MINUTES, Number.TO_PLAN),
        Shown(_("Late"), Kind.NUMBER, Number.LATE),
        *(Shown(week_label(monday), Kind.MINUTES, Number.PLANNED, monday) for monday in load.mondays),
    ]


def _name(line: Line) -> str:
    return line.name if line.holder.person_id else _("Pool of {unit}", unit=line.name)


def _values(line: Line) -> list[Value]:
    is_person = line.holder.person_id is not None
    return [
        _name(line), line.planned.minutes, line.capacity_min if is_person else None,
        load_pct(line.planned.minutes, line.capacity_min), line.done.minutes if is_person else None,
        line.to_plan.count, line.to_plan.minutes, line.late, *(cell.planned_total.minutes for cell in line.cells),
    ]  # fmt: skip


def draw_table(ctx: Context, load: Workload) -> None:
    """One line a person, then the pools; a click on a number opens the list of its rows, on a name his planning."""
    if not load.lines:
        return
    columns = _columns(load)
    st.markdown(_("**Numbers of the period.** A click on a number opens its rows; on a name, the planning."))
    if scope_of(ctx, Operation.VIEW_ACTIONS) != Scope.ALL:
        st.caption(_("What is counted is what your lists show: a colleague of several units may have more elsewhere."))
    shown = {
        column.label: [_cell(column.kind, value) for value in values]
        for column, values in zip(columns, zip(*map(_values, load.lines), strict=True), strict=True)
    }
    right = {
        column.label: st.column_config.Column(alignment="right") for column in columns if column.kind == Kind.MINUTES
    }
    percent = {_("Load (%)"): st.column_config.NumberColumn(format="%d %%")}
    pinned = {_("Salesperson"): st.column_config.TextColumn(pinned=True)}
    event = st.dataframe(
        pd.DataFrame(shown), key="workload.table", hide_index=True, on_select="rerun", selection_mode="single-cell",
        column_config=right | percent | pinned, height="content" if len(load.lines) < 20 else 600, placeholder="",
    )  # fmt: skip
    _follow(ctx, load, columns, event.selection.cells)


def _cell(kind: Kind, value: Value) -> Value:
    """Hours are padded, so that they sort as they count."""
    if kind == Kind.MINUTES and isinstance(value, int):
        return f"{shown_duration(value):>7}"
    return guarded(value) if isinstance(value, str) else value  # the table's own toolbar offers its cells as a file


def _follow(ctx: Context, load: Workload, columns: Sequence[Shown], cells: Sequence[Any]) -> None:
    """Leave for what stands behind the cell that was clicked; what a browser forged leads nowhere."""
    for cell in cells:
        column = next((each for each in columns if each.label == cell[-1]), None)
        if column is None or cell[0] not in range(len(load.lines)):
            continue
        line = load.lines[cell[0]]
        first, last = load.first, load.last
        if column.monday:
            first, last = column.monday, column.monday + timedelta(days=6)
        if column.number:
            open_rows(ctx, column.number, line, first, last)
        elif line.holder.person_id and "planning" in SCREENS:
            go("planning", p_who=line.holder.person_id, p_day=first, p_view="week")
        else:
            open_rows(ctx, Number.PLANNED, line, first, last)


# ---- the same as files


def tables_of(load: Workload, reference: Reference) -> list[Table]:
    """The table of the screen, and each week of each line by nature."""
    columns = _columns(load)
    whole = Table(_("Workload"), [Column(each.label, each.kind) for each in columns], [_values(e) for e in load.lines])
    natures = list(reference.natures.values())
    headings = [
        Column(_("Salesperson")), Column(_("Week"), Kind.DATE), Column(_("Load")),
        Column(_("Planned hours"), Kind.MINUTES), Column(_("Capacity"), Kind.MINUTES),
        Column(_("Hours done"), Kind.MINUTES), *(Column(nature.label, Kind.MINUTES) for nature in natures),
    ]  # fmt: skip
    rows = [
        [_name(line), monday, *_week(line, cell),
         *(cell.planned[n.id].minutes if n.id in cell.planned else None for n in natures)]
        for line in load.lines
        for monday, cell in zip(load.mondays, line.cells, strict=True)
    ]  # fmt: skip
    return [whole, Table(_("By week"), headings, rows)]


def _week(line: Line, cell: Cell) -> list[Value]:
    if line.holder.person_id is None:
        return [None, cell.planned_total.minutes, None, None]
    return [load_text(cell), cell.planned_total.minutes, cell.capacity_min, cell.done.minutes]


def picture_of(load: Workload, reference: Reference) -> dict[str, Any]:
    """Both charts of the screen as one picture."""
    title = _("Workload from {first} to {last}", first=load.first, last=load.last)
    charts = [heat_map(load, is_dark=False), by_nature(load, reference, is_dark=False)]
    return on_paper(together(charts, title=title, weeks=max(8, len(load.mondays))))


def draw_exports(load: Workload, reference: Reference) -> None:
    """Files, made when they are asked for."""
    if not load.lines:
        return
    # A file is made later, in another thread: its words are those of this page all the same.
    here = copy_context()

    def later(make: Callable[[], bytes]) -> Callable[[], bytes]:
        return lambda: here.copy().run(make)

    name = _("workload-{day}", day=load.first.isoformat())
    files = [
        ("XLSX", "table_view", "xlsx", XLSX, lambda: to_xlsx(tables_of(load, reference))),
        ("CSV", "csv", "csv", CSV, lambda: to_csv(tables_of(load, reference)[0])),
        ("PNG", "image", "png", PNG, lambda: to_png(picture_of(load, reference))),
        ("SVG", "shapes", "svg", SVG, lambda: to_svg(picture_of(load, reference))),
    ]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_("Table and picture as files:"), width="content")
        for label, icon, ending, mime, make in files:
            if load.people or mime in (XLSX, CSV):
                st.download_button(label, later(make), f"{name}.{ending}", mime, key=f"workload.export.{label}",
                                   on_click="ignore", icon=f":material/{icon}:")  # fmt: skip
