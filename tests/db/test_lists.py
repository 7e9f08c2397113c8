"""Lists, whatever the filter: what a loop over all rows would keep, and never what somebody may not see."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bench.data import ADMIN, COMMON, NOW, RARE, SELLER
from lib.db import tables as t
from lib.db.action_lists import SqlActionLists
from lib.domain.chain import Status
from lib.domain.context import context_for
from lib.domain.lists import (
    PAGE_ROWS,
    ActionFilter,
    SortBy,
    Tab,
    Visibility,
    count_actions,
    list_actions,
    open_day,
)
from tests.builders import a_context, a_next, a_report, an_action

LOCAL_NOW = NOW.astimezone(ZoneInfo("Europe/Paris")).replace(tzinfo=None)
SEEDS = range(20)


@dataclass(frozen=True)
class Everything:
    """All sub-actions as plain rows, with the words of each."""

    rows: list
    client_ranks: dict[int, int]

    def kept(self, chosen: ActionFilter) -> list:
        return [row for row in self.rows if _is_kept(row, chosen)]


@pytest.fixture(scope="module")
def everything(company) -> Everything:
    sub = t.sub_action.c
    columns = [
        *(sub[name] for name in ("id", "action_id", "seq", "client_id", "domain_id", "nature_id", "reason_id")),
        *(sub[name] for name in ("assignee_id", "org_unit_id", "status", "is_open", "listed_at", "reported_by")),
        sub.detail_text, sub.report_text,
    ]  # fmt: skip
    clients = select(t.client.c.id).order_by(t.client.c.name, t.client.c.id)  # the database's own alphabet
    return company.read(
        lambda store: Everything(
            list(store.connection.execute(select(*columns))),
            {client_id: rank for rank, client_id in enumerate(store.connection.scalars(clients))},
        )
    )


def _is_kept(row, chosen: ActionFilter) -> bool:
    start = datetime.combine(chosen.from_date or date.min, time.min)
    end = datetime.combine(chosen.to_date or date.max, time.max)
    seen = chosen.visible_to
    return all((
        chosen.tab != Tab.TODO or row.is_open,
        chosen.tab != Tab.DONE or row.status == "done",
        *(not ids or value in ids for ids, value in (
            (chosen.assignee_ids, row.assignee_id), (chosen.org_unit_ids, row.org_unit_id),
            (chosen.domain_ids, row.domain_id), (chosen.nature_ids, row.nature_id),
            (chosen.reason_ids, row.reason_id), (chosen.statuses, row.status))),
        chosen.client_id in (None, row.client_id),
        start <= row.listed_at <= end,
        chosen.late_at is None or (row.is_open and row.listed_at < chosen.late_at),
        not chosen.is_waiting or (row.is_open and row.assignee_id is None),
        not chosen.is_by_colleague or (row.reported_by is not None and row.reported_by != row.assignee_id),
        seen is None or row.assignee_id == seen.person_id or row.org_unit_id in seen.unit_ids,
        all(f" {word}" in f" {row.detail_text} {row.report_text}".lower() for word in chosen.words),
    ))  # fmt: skip


def _a_filter(draw: random.Random) -> ActionFilter:
    """Any filter that the screen can ask for, seen by anybody."""

    def some(values) -> frozenset:
        return (
            frozenset(draw.choices(list(values), k=draw.choice((1, 1, 2, 5)))) if draw.random() < 0.25 else frozenset()
        )

    seen = [None, Visibility(SELLER), Visibility(SELLER, frozenset({SELLER})), Visibility(3, frozenset({1, 2, 3})),
            Visibility(9, frozenset(range(1, 12)))]  # fmt: skip
    day = NOW.date() - timedelta(days=draw.randint(0, 1800))
    return ActionFilter(
        tab=draw.choice(list(Tab)), visible_to=draw.choice(seen), assignee_ids=some(range(1, 60)),
        org_unit_ids=some(range(1, 21)), domain_ids=some(range(1, 7)), nature_ids=some(range(1, 9)),
        reason_ids=some(range(1, 25)), statuses=frozenset(Status(each) for each in some(sorted(Status))),
        client_id=draw.choice([None] * 8 + [5]), from_date=day if draw.random() < 0.2 else None,
        to_date=day + timedelta(days=200) if draw.random() < 0.2 else None,
        late_at=LOCAL_NOW if draw.random() < 0.1 else None, is_waiting=draw.random() < 0.08,
        is_by_colleague=draw.random() < 0.08, text=draw.choice([""] * 6 + [COMMON, RARE, f"{COMMON} vu"]),
    )  # fmt: skip


def _lists(db, read):
    return db.read(lambda store: read(SqlActionLists(store.connection)))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_list_keeps_what_a_loop_over_all_rows_keeps_in_its_order(company, everything, seed):
    draw = random.Random(seed)
    for _ in range(5):
        chosen, descending = _a_filter(draw), draw.random() < 0.5
        sort, number = draw.choice(list(SortBy)), draw.choice((1, 1, 2, 9, 200))
        expected = everything.kept(chosen)
        orders = {
            SortBy.DATE: lambda row: (row.listed_at, row.id),
            SortBy.NUMBER: lambda row: (row.action_id, row.seq),
            SortBy.CLIENT: lambda row: (everything.client_ranks[row.client_id], row.listed_at, row.id),
        }
        expected.sort(key=orders[sort], reverse=descending)

        page = _lists(company, lambda lists: lists.page(chosen, sort=sort, descending=descending, page=number))  # noqa: B023

        pages = max(1, -(-len(expected) // PAGE_ROWS))
        first = (min(number, pages) - 1) * PAGE_ROWS
        wanted = [row.id for row in expected[first : first + PAGE_ROWS]]
        assert ([row.sub.id for row in page.rows], page.total) == (wanted, len(expected)), chosen
        assert page.number == min(number, pages)
        assert _lists(company, lambda lists: lists.count(chosen)) == len(expected)  # noqa: B023


@pytest.mark.parametrize("tab", Tab)
def test_all_pages_together_hold_each_row_once_and_no_row_of_others(company, tab):
    reference = company.read(lambda store: store.reference())
    ctx = context_for(SELLER, now=NOW, zone=ZoneInfo("Europe/Paris"), db=company, reference=reference)
    chosen = ActionFilter(tab=tab)
    first = list_actions(ctx, chosen=chosen)
    rows = [row for n in range(1, first.pages + 1) for row in list_actions(ctx, chosen=chosen, page=n).rows]

    assert len({row.sub.id for row in rows}) == len(rows) == first.total == count_actions(ctx, chosen={"": chosen})[""]
    assert all(row.sub.org_unit_id in ctx.unit_ids or row.sub.assignee_id == SELLER for row in rows)


def test_a_filter_behind_the_newest_matches_still_finds_the_older_ones(company, everything, monkeypatch):
    """A common word matches more rows than a list counts; one of another year must not drown in them."""
    monkeypatch.setattr("lib.db.action_lists.TEXT_COUNTED", 10)
    oldest = min((row for row in everything.rows if COMMON in row.detail_text), key=lambda row: row.id)
    chosen = ActionFilter(
        tab=Tab.ALL, text=COMMON, nature_ids=frozenset({oldest.nature_id}), to_date=oldest.listed_at.date()
    )

    page = _lists(company, lambda lists: lists.page(chosen, sort=SortBy.DATE, descending=False, page=1))

    assert oldest.id in [row.sub.id for row in page.rows]


def test_the_tiles_of_the_day_are_the_counts_of_the_lists_behind_them(company, everything):
    reference = company.read(lambda store: store.reference())
    for person_id, own in ((SELLER, SELLER), (ADMIN, None)):
        ctx = context_for(person_id, now=NOW, zone=ZoneInfo("Europe/Paris"), db=company, reference=reference)
        mine = ActionFilter(assignee_ids=frozenset({own} if own else ()))
        day = open_day(ctx, person_id=own)
        today, monday = LOCAL_NOW.date(), LOCAL_NOW.date() - timedelta(days=LOCAL_NOW.weekday())
        week = {"from_date": monday, "to_date": monday + timedelta(days=6)}

        def count(whose: ActionFilter = mine, **more) -> int:
            return len(everything.kept(replace(whose, **more)))

        assert day.counts.late == count(late_at=LOCAL_NOW)
        assert day.counts.today == count(from_date=today, to_date=today)
        assert day.counts.week == count(**week)
        assert day.counts.to_plan == count(statuses=frozenset({Status.TO_PLAN}))
        assert day.counts.done_this_week == count(tab=Tab.DONE, **week)
        if own:
            pool = replace(ActionFilter(is_waiting=True), org_unit_ids=reference.unit_ids_of(own))
            assert day.counts.waiting_in_units == count(pool)


def test_a_list_follows_a_report_at_once_also_by_the_words_of_its_texts(world):
    sub = an_action(world, detail="<p>Éléphant</p>")
    ctx = a_context(world, "sales")

    def found(tab: Tab, text: str) -> list[int]:
        return [row.sub.id for row in list_actions(ctx, chosen=ActionFilter(tab=tab, text=text)).rows]

    assert found(Tab.TODO, "elephant") == [sub]
    following = a_report(world, sub, report="<p>Girafe</p>", follow_up="sub_action", next=a_next(world))
    assert found(Tab.TODO, "elephant") == []
    assert found(Tab.DONE, "elephant girafe") == [sub]
    assert found(Tab.TODO, "plaquette") == [following]
    assert found(Tab.ALL, "DUPONT") != []
    assert found(Tab.ALL, "'\"*") == found(Tab.ALL, "- & |") == []


def test_a_row_that_nobody_has_yet_is_seen_in_its_unit_only(world):
    waiting = an_action(world, org_unit=world.field)

    def seen_by(who: str) -> bool:
        page = list_actions(a_context(world, who), chosen=ActionFilter(tab=Tab.ALL))
        return waiting in [row.sub.id for row in page.rows]

    assert [seen_by(who) for who in ("sales", "colleague", "far", "nowhere", "admin", "reader")] == [
        True, True, False, False, True, True,
    ]  # fmt: skip
