"""Lists and counts of sub-actions: a page's ids by one index, then the names of those 50 rows only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from lib.db import tables as t
from lib.db.actions import ACTION_COLUMNS, SUB_ACTION_COLUMNS, action_of, sub_action_of
from lib.db.search import facet, matching_ids
from lib.domain.chain import Status
from lib.domain.lists import COUNTED, PAGE_ROWS, ActionFilter, ActionRow, DayCounts, Page, SortBy, Tab, week_of

_SUB = t.sub_action.c
_ACTION = [each.label(f"chain_{each.name}") for each in ACTION_COLUMNS]
_NAMES = [
    t.client.c.name.label("client_name"),
    t.client.c.town.label("client_town"),
    func.coalesce(t.site.c.name, "").label("site_name"),
    func.coalesce(t.contact.c.name, "").label("contact_name"),
]
_ORDERS: dict[SortBy, list[ColumnElement[Any]]] = {
    SortBy.DATE: [_SUB.listed_at, _SUB.id],
    SortBy.NUMBER: [_SUB.action_id, _SUB.seq],
    SortBy.CLIENT: [t.client.c.name, t.client.c.id, _SUB.listed_at, _SUB.id],
}


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time.min)


class SqlActionLists:
    """Fulfils `lib.domain.store.ActionLists`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def page(self, chosen: ActionFilter, *, sort: SortBy, descending: bool, page: int) -> Page:
        """One page; beyond the last one, the last one."""
        total = self.count(chosen)
        number = min(page, max(1, -(-min(total, COUNTED) // PAGE_ROWS)))
        order = [each.desc() if descending else each.asc() for each in _ORDERS[sort]]
        kept = self._kept(select(_SUB.id), chosen, joins_client=sort == SortBy.CLIENT)
        ids = kept.order_by(*order).limit(PAGE_ROWS).offset((number - 1) * PAGE_ROWS)
        return Page(tuple(self._rows(ids, order)), total, number)

    def count(self, chosen: ActionFilter) -> int:
        """How many rows are kept, counted up to COUNTED + 1."""
        kept = self._kept(select(_SUB.id), chosen).limit(COUNTED + 1).subquery()
        return self.connection.scalar(select(func.count()).select_from(kept)) or 0

    def day_counts(self, chosen: ActionFilter, *, local_now: datetime, unit_ids: Sequence[int]) -> DayCounts:
        """The tiles, in one statement of index ranges."""
        today, (monday, sunday) = local_now.date(), week_of(local_now.date())
        whose = self._conditions(chosen)[1:]  # the first is the tab's
        open_ones = [_SUB.is_open, *whose]

        def between(first: date, last: date) -> list[ColumnElement[bool]]:
            return [_SUB.listed_at >= _start_of(first), _SUB.listed_at < _start_of(last + timedelta(days=1))]

        waiting = [_SUB.is_open, _SUB.assignee_id.is_(None), _SUB.org_unit_id.in_(unit_ids)]
        done = [~_SUB.is_open, _SUB.status == Status.DONE, *whose, *between(monday, sunday)]
        tiles = {
            "late": [*open_ones, _SUB.listed_at < local_now],
            "today": [*open_ones, *between(today, today)],
            "week": [*open_ones, *between(monday, sunday)],
            "to_plan": [*open_ones, _SUB.status == Status.TO_PLAN],
            "done_this_week": done,
            "waiting_in_units": waiting,
        }
        counts = [select(func.count()).where(*kept).scalar_subquery().label(name) for name, kept in tiles.items()]
        return DayCounts(**self.connection.execute(select(*counts)).mappings().one())

    def unplanned_of(self, responsible_id: int, *, limit: int) -> list[ActionRow]:
        """Open sub-actions still to plan of the chains that somebody is responsible for, by wished date."""
        mine = (t.action.c.responsible_id == responsible_id) & (t.action.c.status == Status.TO_PLAN)
        order = [_SUB.listed_at.asc(), _SUB.id.asc()]
        ids = select(_SUB.id).join(t.action, t.action.c.id == _SUB.action_id).where(mine, _SUB.is_open)
        return self._rows(ids.order_by(*order).limit(limit), order)

    def _rows(self, ids: Select[Any], order: Sequence[ColumnElement[Any]]) -> list[ActionRow]:
        page = ids.subquery()
        named = (
            select(*SUB_ACTION_COLUMNS, *_ACTION, *_NAMES)
            .select_from(page)
            .join(t.sub_action, page.c.id == _SUB.id)
            .join(t.action, t.action.c.id == _SUB.action_id)
            .join(t.client, t.client.c.id == _SUB.client_id)
            .outerjoin(t.site, t.site.c.id == _SUB.site_id)
            .outerjoin(t.contact, t.contact.c.id == _SUB.contact_id)
            .order_by(*order)
        )
        return [_row(each) for each in self.connection.execute(named).mappings()]

    def _kept(self, query: Select[Any], chosen: ActionFilter, *, joins_client: bool = False) -> Select[Any]:
        query = query.where(*self._conditions(chosen))
        if joins_client:
            query = query.join(t.client, t.client.c.id == _SUB.client_id)
        if chosen.deal_id is not None:
            query = query.join(t.action, t.action.c.id == _SUB.action_id)
        return query

    def _conditions(self, chosen: ActionFilter) -> list[ColumnElement[bool]]:
        """The tab's condition first, then one for each criterion."""
        kept: list[ColumnElement[bool]] = [_tab_condition(chosen)]
        for column, ids in (
            (_SUB.assignee_id, chosen.assignee_ids),
            (_SUB.org_unit_id, chosen.org_unit_ids),
            (_SUB.domain_id, chosen.domain_ids),
            (_SUB.nature_id, chosen.nature_ids),
            (_SUB.reason_id, chosen.reason_ids),
            (_SUB.status, chosen.statuses),
        ):
            if ids:
                kept.append(column == next(iter(ids)) if len(ids) == 1 else column.in_(sorted(ids)))
        if chosen.client_id is not None:
            kept.append(_SUB.client_id == chosen.client_id)
        if chosen.deal_id is not None:
            kept.append(t.action.c.deal_id == chosen.deal_id)
        if chosen.from_date:
            kept.append(_SUB.listed_at >= _start_of(chosen.from_date))
        if chosen.to_date:
            kept.append(_SUB.listed_at < _start_of(chosen.to_date + timedelta(days=1)))
        if chosen.late_at:
            kept += [_SUB.is_open, _SUB.listed_at < chosen.late_at]
        if chosen.is_waiting:
            kept += [_SUB.is_open, _SUB.assignee_id.is_(None)]
        if chosen.is_by_colleague:
            kept.append(_SUB.reported_by != func.coalesce(_SUB.assignee_id, 0))
        if (seen := _visible(chosen)) is not None:
            kept.append(seen)
        if chosen.text and not chosen.words:
            kept.append(_SUB.id == 0)  # only signs: nothing is written so
        elif chosen.words:
            kept.append(_SUB.id.in_(matching_ids(self.connection.dialect.name, chosen.words, _facets(chosen))))
        return kept


def _tab_condition(chosen: ActionFilter) -> ColumnElement[bool]:
    match chosen.tab:
        case Tab.TODO:
            return _SUB.is_open
        case Tab.DONE:
            return (_SUB.is_open.is_(False)) & (_SUB.status == Status.DONE)
        case Tab.ALL:
            return _SUB.listed_at.is_not(None)


def _visible(chosen: ActionFilter) -> ColumnElement[bool] | None:
    """The rights' condition, unless the criteria already keep within it."""
    seen = chosen.visible_to
    if seen is None or chosen.assignee_ids == {seen.person_id}:
        return None
    if chosen.org_unit_ids and chosen.org_unit_ids <= seen.unit_ids:
        return None
    mine = _SUB.assignee_id == seen.person_id
    return or_(mine, _SUB.org_unit_id.in_(sorted(seen.unit_ids))) if seen.unit_ids else mine


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


def _row(row: Any) -> ActionRow:
    action = {column.name: row[f"chain_{column.name}"] for column in ACTION_COLUMNS}
    sub = {column.name: row[column.name] for column in SUB_ACTION_COLUMNS}
    names = (row["client_name"], row["client_town"], row["site_name"], row["contact_name"])
    return ActionRow(sub_action_of(sub), action_of(action), *names)
