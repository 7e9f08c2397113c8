"""The workload's sums: few statements whatever the data, each answered by an index on both engines."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bench.data import ADMIN, NOW, SELLER
from lib.db import tables as t
from lib.domain.context import Context, context_for
from lib.domain.lists import Visibility
from lib.domain.orphans import InCharge, find_orphans, move_after_absence, put_into_pool
from lib.domain.workload import open_workload
from tests.builders import a_context, an_action, put
from tests.db.test_plans import plans, whole_reads
from tests.domain.test_orphans import a_stalled_chain, orphaned
from tests.domain.test_workload import a_planned, an_absence

PARIS = ZoneInfo("Europe/Paris")
LOCAL_NOW = datetime(2026, 11, 24, 10, 30)
LAST_YEAR = NOW.date() - timedelta(days=300)


def of_company(company, who: int) -> Context:
    reference = company.read(lambda store: store.reference())
    return context_for(who, now=NOW, zone=PARIS, db=company, reference=reference)


@pytest.mark.parametrize("asked", [{}, {"first_monday": LAST_YEAR, "weeks": 26}, {"person_ids": [SELLER]}])
def test_every_sum_is_read_from_an_index(company, asked):
    ctx = of_company(company, ADMIN)
    found = plans(company, lambda: open_workload(ctx, **asked))
    assert len(found) == 5
    for plan in found:
        assert whole_reads(plan) == [], plan
    assert sum("ix_sub_action_planned_load" in plan for plan in found) == 1
    assert sum("ix_sub_action_done_load" in plan for plan in found) == 1
    assert sum("ix_sub_action_to_plan_load" in plan for plan in found) == 1


def test_what_a_manager_sees_is_summed_from_the_same_indexes(company):
    seen, days = Visibility(SELLER, frozenset({SELLER, 3})), [LAST_YEAR, LAST_YEAR + timedelta(days=7), NOW.date()]

    def run() -> None:
        def read(store) -> None:
            store.workload.planned([SELLER, 27, 47], [SELLER], bounds=days, seen=seen)
            store.workload.done([SELLER, 27, 47], bounds=days, seen=seen)
            store.workload.waiting([SELLER, 27, 47], [SELLER], local_now=LOCAL_NOW, seen=seen)

        company.read(read)

    for index, plan in zip(("planned_load", "done_load", "to_plan_load"), plans(company, run), strict=True):
        assert index in plan
        assert whole_reads(plan) == [], plan


@pytest.mark.parametrize("asked", [{}, {"unit_ids": [SELLER]}, {"person_ids": [SELLER]}])
def test_the_orphans_are_found_by_indexes(company, asked):
    ctx = of_company(company, ADMIN)
    found = plans(company, lambda: find_orphans(ctx, **asked))
    for plan in found:
        assert whole_reads(plan) + re.findall(r"(?:SCAN|Seq Scan on) action\b(?! USING).*", plan) == [], plan
    assert any("ix_action_stalled" in plan for plan in found)
    assert any("ix_sub_action_client_id_open" in plan for plan in found)


def test_the_orphans_that_a_manager_sees_are_found_by_indexes(company):
    seen = Visibility(SELLER, frozenset({SELLER, 3}))
    within = InCharge(frozenset({SELLER, 27, 47}), frozenset({SELLER, 3}), frozenset({1}))

    def read(store) -> None:
        store.orphans.stalled(within, seen=seen, limit=50, counted=1_000)
        store.orphans.holding_open([SELLER, 27, 47], unit_ids=[3], seen=seen)

    *stalled, holding = plans(company, lambda: company.read(read))
    for plan in (*stalled, holding):
        assert whole_reads(plan) + re.findall(r"(?:SCAN|Seq Scan on) action\b(?! USING).*", plan) == [], plan
    assert stalled
    assert all("ix_action_stalled" in plan for plan in stalled)


def test_the_sums_of_a_company_are_those_of_its_rows(company):
    """Told in Python from all rows, the sums are the same."""
    s = t.sub_action.c
    rows = company.read(
        lambda store: store.connection.execute(
            select(s.assignee_id, s.org_unit_id, s.status, s.planned_date, s.duration_min, s.is_open, s.listed_at)
        ).all()
    )
    load = open_workload(of_company(company, ADMIN), weeks=8)
    assert len(load.people) == 200
    for line in load.lines:
        person, unit = line.holder
        mine = [r for r in rows if (r.assignee_id == person if person else r.assignee_id is None and r[1] == unit)]
        planned = [r for r in mine if r.status == "planned" and load.first <= r.planned_date <= load.last]
        assert line.planned.count == len(planned)
        assert line.planned.minutes == sum(r.duration_min for r in planned)
        assert line.to_plan.count == sum(r.status == "to_plan" for r in mine)
        assert line.late == sum(bool(r.is_open) and r.listed_at < LOCAL_NOW for r in mine)


# ---- statements


def test_the_workload_is_five_statements_whatever_the_period_and_the_people(world, count_queries):
    ctx = a_context(world, "admin")
    for weeks in (1, 26):
        assert count_queries(world.db, lambda weeks=weeks: open_workload(ctx, weeks=weeks)) == 5
    for number in range(5):
        a_planned(world, on=ctx.today + timedelta(days=number))
    assert count_queries(world.db, lambda: open_workload(ctx)) == 5


def test_the_orphans_are_as_many_statements_for_many_as_for_one(world, count_queries):
    ctx = a_context(world, "manager")
    put_aside = date(2026, 3, 6)
    an_absence(world, "sales", put_aside, put_aside)

    def one_of_each() -> None:
        a_planned(world, on=put_aside)
        a_stalled_chain(world)

    one_of_each()
    one = count_queries(world.db, lambda: find_orphans(ctx))
    for _ in range(6):
        one_of_each()
    assert find_orphans(ctx).in_absence_count == find_orphans(ctx).stalled_count == 7
    assert count_queries(world.db, lambda: find_orphans(ctx)) == one <= 8


def test_each_fix_takes_a_known_number_of_statements(world, count_queries):
    ctx, day = a_context(world, "manager"), date(2026, 3, 6)
    sub = a_planned(world, on=day)
    an_absence(world, "sales", day, day)
    fix = {"sub_action_id": sub, "version": 1}
    assert count_queries(world.db, lambda: move_after_absence(ctx, **fix)) <= 26
    fix = {"sub_action_id": orphaned(world), "version": 1}
    world.db.read(lambda store: store.reference())  # somebody left: it is read again, once
    assert count_queries(world.db, lambda: put_into_pool(ctx, **fix)) <= 24


def test_a_person_who_left_keeps_his_rows_out_of_the_sums_but_among_the_orphans(world):
    an_action(world, "admin", assignee=world.colleague)
    put(world, t.person, world.colleague, is_active=False)
    ctx = a_context(world, "manager")
    assert world.colleague not in {line.holder.person_id for line in open_workload(ctx).people}
    assert find_orphans(ctx).ownerless_count == 1
