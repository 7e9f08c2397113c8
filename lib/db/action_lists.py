"""Lists and counts of sub-actions: a page's ids by index ranges, then the names of those 50 rows only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from functools import cache, lru_cache, reduce
from operator import add
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    Subquery,
    bindparam,
    func,
    literal_column,
    select,
    union_all,
)

from lib.db import tables as t
from lib.db.action_ranges import OF_ACTION, Range, conditions, is_whole, looked_at, ranges_of, start_of
from lib.db.actions import ACTION_COLUMNS, SUB_ACTION_COLUMNS, action_of, sub_action_of
from lib.db.search import facet, matches, matching
from lib.domain.chain import Status
from lib.domain.lists import (
    PAGE_ROWS,
    TEXT_COUNTED,
    ActionFilter,
    ActionRow,
    DayCounts,
    Page,
    SortBy,
    Tab,
    counted_to,
    week_of,
)

_SUB = t.sub_action.c
_NAMES = [
    t.client.c.name,
    t.client.c.town,
    func.coalesce(t.site.c.name, ""),
    func.coalesce(t.contact.c.name, ""),
]
_ORDERS: dict[SortBy, list[ColumnElement[Any]]] = {
    SortBy.DATE: [_SUB.listed_at, _SUB.id],
    SortBy.NUMBER: [_SUB.action_id, _SUB.seq],
    SortBy.CLIENT: [t.client.c.name, t.client.c.id, _SUB.listed_at, _SUB.id],
}
_SUB_END = len(SUB_ACTION_COLUMNS)
_ACTION_END = _SUB_END + len(ACTION_COLUMNS)
Search = tuple[str, int | None]
"""An engine, and how many of its newest matches are looked at; all of them when None."""
_SHAPES = 512
"""Statements kept built, one for each combination of criteria lately asked for."""


class SqlActionLists:
    """Fulfils `lib.domain.store.ActionLists`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def page(
        self, chosen: ActionFilter, *, sort: SortBy, descending: bool, page: int, total: int | None = None
    ) -> Page:
        """One page; beyond the last one, the last one. `total` is what `count` says, when that is known already."""
        if total is not None:
            page = min(page, Page((), total, 1, counted_to(chosen)).pages)
            rows, _ = self._rows(chosen, sort, descending, limit=PAGE_ROWS, skip=(page - 1) * PAGE_ROWS)
            return Page(rows, total, page, counted_to(chosen))
        rows, total = self._rows(chosen, sort, descending, limit=PAGE_ROWS, skip=(page - 1) * PAGE_ROWS)
        if total is None:
            total = len(rows) if page == 1 and len(rows) < PAGE_ROWS else self.count(chosen)
        last = Page((), total, 1, counted_to(chosen)).pages
        if page > last:
            rows, _ = self._rows(chosen, sort, descending, limit=PAGE_ROWS, skip=(last - 1) * PAGE_ROWS)
        return Page(rows, total, min(page, last), counted_to(chosen))

    def count(self, chosen: ActionFilter) -> int:
        """How many rows are kept, counted up to one more than `counted_to`."""
        kept = ranges_of(chosen)
        if not kept.ranges:
            return 0
        statement = _count(kept.ranges, self._searched(chosen, kept.values), counted_to(chosen))
        return self.connection.scalar(statement, kept.values) or 0

    def tab_counts(self, chosen: ActionFilter) -> dict[Tab, int]:
        """What `count` says of each tab of a filter without a text, in one statement."""
        kept = {tab: ranges_of(replace(chosen, tab=tab)) for tab in Tab}
        values = {name: value for each in kept.values() for name, value in each.values.items()}  # the tabs' are equal
        statement = _tab_counts(tuple(each.ranges for each in kept.values()), counted_to(chosen))
        return dict(zip(kept, self.connection.execute(statement, values).one(), strict=True))

    def rows(self, chosen: ActionFilter, *, limit: int) -> tuple[ActionRow, ...]:
        """The first rows by date; nothing is counted."""
        return self._rows(chosen, SortBy.DATE, False, limit=limit)[0]

    def of_ids(self, sub_action_ids: Collection[int]) -> tuple[ActionRow, ...]:
        """The rows of some sub-actions that are still there, by date, whoever may see them."""
        return tuple(map(row_of, self.connection.execute(_of_ids(), {"ids": list(sub_action_ids)})))

    def day_counts(self, chosen: ActionFilter, *, local_now: datetime, unit_ids: Sequence[int]) -> DayCounts:
        """The tiles, in one statement of index ranges."""
        today, (monday, sunday) = local_now.date(), week_of(local_now.date())
        kept = ranges_of(chosen)
        values = kept.values | {
            "now": local_now,
            "today": start_of(today),
            "tomorrow": _end_of(today),
            "monday": start_of(monday),
            "next_monday": _end_of(sunday),
            "units": list(unit_ids),
        }
        whose = tuple(tuple(each for each in one if each[0] != "is_open") for one in kept.ranges)
        return DayCounts(*self.connection.execute(_day_counts(whose), values).one())

    def unplanned_of(self, responsible_id: int, *, limit: int) -> list[ActionRow]:
        """Open sub-actions still to plan of the chains that somebody is responsible for, by wished date."""
        rows = self.connection.execute(_unplanned(), {"responsible": responsible_id, "row_limit": limit})
        return [row_of(row) for row in rows]

    def _rows(
        self, chosen: ActionFilter, sort: SortBy, descending: bool, *, limit: int, skip: int = 0
    ) -> tuple[tuple[ActionRow, ...], int | None]:
        """Rows, and the total when finding them has counted it."""
        kept = ranges_of(chosen)
        if not kept.ranges:
            return (), 0
        search = self._searched(chosen, kept.values)
        values = {**kept.values, "row_skip": skip, "row_end": skip + limit}
        statement = _page(kept.ranges, sort, descending, search, limit, skip == 0)
        rows = self.connection.execute(statement, values).all()
        total = min(rows[0][-1], counted_to(chosen) + 1) if search and rows else None
        return tuple(map(row_of, rows)), total

    def _searched(self, chosen: ActionFilter, values: dict[str, Any]) -> Search | None:
        """The search that narrows the list, if a text does; binds what is searched for."""
        if not chosen.text:
            return None
        values["match"] = matching(self.connection.dialect.name, chosen.words, _facets(chosen))
        # The newest are enough only where the index itself answers every criterion: else older ones could be kept.
        said_by_facets = {"text", "tab", "assignee_ids", "org_unit_ids", "visible_to"}
        rest = {f.name: f.default for f in fields(ActionFilter) if f.name not in said_by_facets}
        newest = TEXT_COUNTED + 1 if all(getattr(chosen, name) == rest[name] for name in rest) else None
        return self.connection.dialect.name, newest


def _end_of(day: date) -> datetime:
    return start_of(day + timedelta(days=1))


def _facets(chosen: ActionFilter) -> list[list[str]]:
    groups = []
    if chosen.tab != Tab.ALL:
        groups.append([facet("o", int(chosen.tab == Tab.TODO))])
    if chosen.assignee_ids:
        groups.append([facet("p", each) for each in sorted(chosen.assignee_ids)])
    if chosen.org_unit_ids:
        groups.append([facet("u", each) for each in sorted(chosen.org_unit_ids)])
    if seen := chosen.visible_to:
        groups.append([facet("p", seen.person_id), *(facet("u", each) for each in sorted(seen.unit_ids))])
    return groups


def row_of(row: Any) -> ActionRow:
    """A line of a list, as `_named` selects it."""
    sub, action = sub_action_of(row[:_SUB_END]), action_of(row[_SUB_END:_ACTION_END])
    return ActionRow(sub, action, *row[_ACTION_END : _ACTION_END + len(_NAMES)])


# ---- statements, built once for each shape of filter: building them costs more than running them


def _kept(kept: Range, search: Search | None, *columns: ColumnElement[Any], sort: SortBy = SortBy.DATE) -> Select[Any]:
    """The rows of one range."""
    source: Any = t.sub_action
    if search:
        found = matches(*search)
        source = found.join(t.sub_action, found.c.id == _SUB.id)
    if any(name in OF_ACTION for name, _, _ in kept):
        source = source.join(t.action, t.action.c.id == _SUB.action_id)
    if sort == SortBy.CLIENT:
        source = source.join(t.client, t.client.c.id == _SUB.client_id)
    # Another sort of nearly all rows walks that sort's own index; no index of the conditions may tempt the planner.
    is_walked = sort != SortBy.DATE and is_whole(kept) and not search
    return select(*columns).select_from(source).where(looked_at(kept) if is_walked else conditions(kept))


def _bound(name: str) -> Any:
    return bindparam(name, type_=Integer)


def _number(value: int) -> Any:
    """A limit as a constant: a planner that doesn't know it plans for a tenth of the table."""
    return literal_column(str(value), Integer)


@lru_cache(_SHAPES)
def _count(ranges: tuple[Range, ...], search: Search | None, counted: int) -> Select[Any]:
    last = _number(counted + 1)
    each = [_kept(kept, search, _SUB.id).limit(last).subquery() for kept in ranges]
    every = union_all(*map(select, each)).limit(last).subquery() if len(each) > 1 else each[0]
    return select(func.count()).select_from(every)


@lru_cache(_SHAPES)
def _tab_counts(tabs: tuple[tuple[Range, ...], ...], counted: int) -> Select[Any]:
    each: list[Any] = [_count(ranges, None, counted).scalar_subquery() if ranges else _number(0) for ranges in tabs]
    return select(*each)


@lru_cache(_SHAPES)
def _page(
    ranges: tuple[Range, ...], sort: SortBy, descending: bool, search: Search | None, limit: int, is_first: bool
) -> Select[Any]:
    """The rows of one page; their last column is the total when text is searched: one search serves both."""

    def way(column: ColumnElement[Any]) -> ColumnElement[Any]:
        return column.desc() if descending else column.asc()

    def of_page(query: Any) -> Subquery:
        cut = query.limit(_number(limit))
        return (cut if is_first else cut.offset(_bound("row_skip"))).subquery()

    keys = _ORDERS[sort]
    if sort == SortBy.NUMBER and not (len(ranges) == 1 and is_whole(ranges[0])):
        # Written so that no index serves it: PostgreSQL would walk the whole table by number for 50 rows of a range.
        keys = [_SUB.action_id + literal_column("0"), _SUB.seq]
    order = [way(each) for each in keys]
    if len(ranges) == 1:
        counted = [func.count().over().label("total")] if search else []
        page = _kept(ranges[0], search, _SUB.id.label("id"), *counted, sort=sort)
        return _named(of_page(page.order_by(*order)), order)
    labels = [each.label(f"key_{number}") for number, each in enumerate(keys)]
    end = _number(limit) if is_first else _bound("row_end")
    each = [
        _kept(kept, search, _SUB.id.label("id"), *labels, sort=sort)
        .order_by(*order).limit(end).subquery()
        for kept in ranges
    ]  # fmt: skip
    merged = union_all(*map(select, each)).order_by(*(way(literal_column(key.name)) for key in labels))
    return _named(of_page(merged), order)


@cache
def _unplanned() -> Select[Any]:
    order = [_SUB.listed_at.asc(), _SUB.id.asc()]
    mine = (t.action.c.responsible_id == _bound("responsible")) & (t.action.c.status == Status.TO_PLAN)
    ids = select(_SUB.id).join(t.action, t.action.c.id == _SUB.action_id).where(mine, _SUB.is_open)
    return _named(ids.order_by(*order).limit(_bound("row_limit")).subquery(), order)


def _named(page: Subquery, order: Sequence[ColumnElement[Any]]) -> Select[Any]:
    """The rows of a page's ids, with the names that they show."""
    total = [page.c.total] if "total" in page.c else []
    return (
        select(*SUB_ACTION_COLUMNS, *ACTION_COLUMNS, *_NAMES, *total)
        .select_from(page)
        .join(t.sub_action, page.c.id == _SUB.id)
        .join(t.action, t.action.c.id == _SUB.action_id)
        .join(t.client, t.client.c.id == _SUB.client_id)
        .outerjoin(t.site, t.site.c.id == _SUB.site_id)
        .outerjoin(t.contact, t.contact.c.id == _SUB.contact_id)
        .order_by(*order)
    )


def named_by_date(ids: Select[Any]) -> Select[Any]:
    """The rows whose `id` a statement selects, by date, each to be read by `row_of`."""
    return _named(ids.subquery(), [_SUB.listed_at.asc(), _SUB.id.asc()])


@cache
def _of_ids() -> Select[Any]:
    return named_by_date(select(_SUB.id).where(_SUB.id.in_(bindparam("ids", expanding=True, type_=Integer))))


@lru_cache(_SHAPES)
def _day_counts(whose: tuple[Range, ...]) -> Select[Any]:
    listed = _SUB.listed_at

    def at(name: str) -> Any:
        return bindparam(name, type_=listed.type)

    def counted(*tile: ColumnElement[bool]) -> ColumnElement[int]:
        each = [select(func.count()).select_from(t.sub_action).where(conditions(kept), *tile) for kept in whose]
        return reduce(add, [one.scalar_subquery() for one in each])

    this_week = (listed >= at("monday"), listed < at("next_monday"))
    waiting = (_SUB.is_open, _SUB.assignee_id.is_(None), _SUB.org_unit_id.in_(bindparam("units", expanding=True)))
    return select(
        counted(_SUB.is_open, listed < at("now")),
        counted(_SUB.is_open, listed >= at("today"), listed < at("tomorrow")),
        counted(_SUB.is_open, *this_week),
        counted(_SUB.is_open, _SUB.status == Status.TO_PLAN),
        counted(~_SUB.is_open, _SUB.status == Status.DONE, *this_week),
        select(func.count()).select_from(t.sub_action).where(*waiting).scalar_subquery(),
    )
