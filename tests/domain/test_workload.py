"""The workload's numbers are the rows that the lists show; capacity is what people are there for (R25, R35)."""

from __future__ import annotations

import random
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from lib.db import tables as t
from lib.db.reference import reference_changed
from lib.domain import actions
from lib.domain.absences import record_absence
from lib.domain.errors import NotAllowed
from lib.domain.lists import ActionFilter, list_actions
from lib.domain.rights import Operation, Scope
from lib.domain.workload import (
    MAX_WEEKS,
    Amount,
    Cell,
    Line,
    Number,
    Workload,
    load_pct,
    open_workload,
    rows_behind,
    total,
)
from tests.builders import TODAY, World, a_context, a_key, a_next, a_report, an_action, put, remove_right

MONDAY = date(2026, 3, 2)
D, W = timedelta(days=1), timedelta(days=7)
WORKERS = ("sales", "colleague", "tele_sales", "far", "two_units", "two_preferring", "nowhere", "manager")


def give_right(world: World, profile: str, operation: Operation, scope: Scope) -> None:
    remove_right(world, profile, operation)
    values = {"profile_id": world.ids[f"profile_{profile}"], "operation": operation, "scope": int(scope)}

    def write(store: Any) -> None:
        store.connection.execute(insert(t.profile_right).values(**values))
        reference_changed(store.connection)

    world.db.write(write)


def an_absence(world: World, who: str, starts_on: date, ends_on: date, **more: object) -> int:
    raw = {"person": world.ids[who], "kind": "leave", "starts_on": starts_on, "ends_on": ends_on, **more}
    return record_absence(a_context(world, "admin"), raw=raw, request_key=a_key())


def a_planned(world: World, who: str = "sales", on: date = TODAY, **values: Any) -> int:
    return an_action(world, "admin", assignee=world.ids[who], status="planned", planned_date=on, **values)


def a_random_company(world: World, seed: int) -> None:
    """Sub-actions of every status, week, nature, person and pool, some without a duration or outside of any unit."""
    draw = random.Random(seed)
    for number in range(70):
        who = draw.choice(WORKERS)
        on = TODAY + draw.randint(-15, 40) * D
        values: dict[str, Any] = {"nature": draw.choice([world.call, world.meeting, world.brochure])}
        values |= {"duration": f"{draw.randint(1, 4)}:{draw.choice(['00', '15', '45'])}"}
        if draw.random() < 0.2:
            values |= {"assignee": None, "org_unit": draw.choice([world.field, world.tele, world.south])}
        else:
            values |= {"assignee": world.ids[who]}
        if draw.random() < 0.6:
            values |= {"status": "planned", "planned_date": on}
            values |= {"planned_time": time(draw.randint(8, 18))} if draw.random() < 0.5 else {}
        elif draw.random() < 0.5:
            values |= {"planned_date": on}
        sub = an_action(world, "admin", **values)
        if draw.random() < 0.3:
            done_on = TODAY - draw.randint(0, 20) * D
            more = {"follow_up": "sub_action", "next": a_next(world, who)} if draw.random() < 0.3 else {}
            a_report(world, sub, "admin", done_on=done_on, done_duration=f"0:{draw.randint(10, 59)}", **more)
        elif number % 9 == 0:
            actions.cancel(a_context(world, "admin"), sub_action_id=sub, version=1, reason="non")
        if number % 10 == 3:
            put(world, t.sub_action, sub, duration_min=None)


def in_list(ctx: Any, chosen: ActionFilter, minutes: str) -> Amount:
    """What the list shows for a filter: how many rows, and the sum of a column of minutes."""
    page = list_actions(ctx, chosen=chosen)
    assert page.pages == 1
    return Amount(page.total, sum(getattr(row.sub, minutes) or 0 for row in page.rows))


def numbers_of(load: Workload, line: Line, natures: list[int]) -> dict[tuple[Number, date, date, int | None], Amount]:
    """Every number of a line, by what `rows_behind` asks for it."""
    found: dict[tuple[Number, date, date, int | None], Amount] = {}
    for monday, cell in zip(load.mondays, line.cells, strict=True):
        week = (monday, monday + 6 * D)
        found[Number.PLANNED, *week, None] = cell.planned_total
        found[Number.DONE, *week, None] = cell.done
        for nature in natures:
            found[Number.PLANNED, *week, nature] = cell.planned.get(nature, Amount())
    period = (load.first, load.last)
    found |= {(Number.PLANNED, *period, nature): line.planned_of(nature) for nature in natures}
    found |= {(Number.PLANNED, *period, None): line.planned, (Number.DONE, *period, None): line.done}
    return found | {(Number.TO_PLAN, *period, None): line.to_plan, (Number.LATE, *period, None): Amount(line.late)}


@pytest.mark.parametrize(("who", "seed"), [("manager", 1), ("admin", 2), ("sales", 3), ("manager", 4)])
def test_each_number_counts_exactly_the_rows_of_the_list_that_it_opens(world: World, who: str, seed: int) -> None:
    if who == "sales":
        give_right(world, "sales", Operation.VIEW_WORKLOAD, Scope.OWN)
    a_random_company(world, seed)
    ctx = a_context(world, who)
    load = open_workload(ctx, first_monday=MONDAY - 2 * W, weeks=6)
    compared = 0
    for line in load.lines:
        for asked, amount in numbers_of(load, line, [world.call, world.meeting, world.brochure]).items():
            number, first, last, nature = asked
            chosen = rows_behind(number, line.holder, local_now=ctx.local_now, first=first, last=last, nature_id=nature)
            if number == Number.DONE and line.holder.person_id is None:
                assert amount == Amount()
                continue
            shown = in_list(ctx, chosen, "done_duration_min" if number == Number.DONE else "duration_min")
            assert shown.count == amount.count, (line.name, asked)
            if number != Number.LATE:
                assert shown.minutes == amount.minutes, (line.name, asked)
            compared += shown.count
    assert compared > (10 if who == "sales" else 60)


def test_a_manager_looks_at_the_active_people_of_his_units_and_at_their_pools(world: World) -> None:
    load = open_workload(a_context(world, "manager"))
    assert [line.name for line in load.people] == [
        "Colleague", "Manager", "Sales", "Tele Sales", "Two Preferring", "Two Units",
    ]  # fmt: skip
    assert [line.name for line in load.pools] == ["Terrain", "Téléventes"]


def test_an_admin_looks_at_everybody_in_an_active_sales_unit(world: World) -> None:
    load = open_workload(a_context(world, "admin"))
    names = {line.name for line in load.people}
    assert {"Far", "Sales"} <= names
    assert not names & {"Gone", "Nowhere", "Technician", "Admin", "Reader"}
    assert [line.name for line in load.pools] == ["Terrain", "Téléventes", "Sud"]


@pytest.mark.parametrize("who", ["sales", "reader", "nowhere"])
def test_who_may_not_look_at_the_workload_is_told_so(world: World, who: str) -> None:
    with pytest.raises(NotAllowed, match="doesn't show the workload"):
        open_workload(a_context(world, who))


def test_units_and_people_narrow_the_workload_and_never_widen_it(world: World) -> None:
    ctx = a_context(world, "manager")

    def names(**asked: Any) -> list[str]:
        return [line.name for line in open_workload(ctx, **asked).lines]

    assert names(unit_ids=[world.tele]) == ["Manager", "Tele Sales", "Two Units", "Téléventes"]
    assert names(person_ids=[world.sales]) == ["Sales"]
    assert names(person_ids=[world.far]) == []
    assert names(unit_ids=[world.south, 10**6]) == []


def test_a_colleague_in_two_units_counts_what_the_manager_sees_of_him(world: World) -> None:
    a_planned(world, "two_units", org_unit=world.tele, duration="1:00")
    a_planned(world, "two_units", org_unit=world.south, duration="2:00")
    assert _line(world, "manager", "two_units").planned == Amount(1, 60)
    assert _line(world, "admin", "two_units").planned == Amount(2, 180)


def _line(world: World, viewer: str, who: str, **asked: Any) -> Line:
    load = open_workload(a_context(world, viewer), **asked)
    return next(line for line in load.people if line.holder.person_id == world.ids[who])


@pytest.mark.parametrize(
    ("first", "weeks", "mondays"),
    [
        (None, 2, [MONDAY, MONDAY + W]),
        (date(2026, 3, 8), 1, [MONDAY]),  # a Sunday belongs to the week that ends with it
        (date(2026, 12, 30), 2, [date(2026, 12, 28), date(2027, 1, 4)]),  # week 53
        (date(2024, 2, 29), 1, [date(2024, 2, 26)]),
        (date(9999, 12, 31), 1, [MONDAY]),
        ("yesterday", 1, [MONDAY]),
        (MONDAY, 0, [MONDAY]),
        (MONDAY, "6", [MONDAY]),
    ],
)
def test_the_period_is_whole_weeks_brought_into_range(world, first, weeks, mondays):
    assert list(open_workload(a_context(world, "manager"), first_monday=first, weeks=weeks).mondays) == mondays


def test_half_a_year_is_the_longest_period(world: World) -> None:
    assert len(open_workload(a_context(world, "manager"), weeks=400).mondays) == MAX_WEEKS


# ---- capacity


def test_capacity_is_the_persons_hours_less_holidays_and_absences(world: World) -> None:
    an_absence(world, "sales", date(2026, 3, 12), date(2026, 3, 13))
    an_absence(world, "sales", date(2026, 3, 20), date(2026, 3, 20), start_time=time(14))
    line = _line(world, "manager", "sales", weeks=6)
    hours = [cell.capacity_min / 60 for cell in line.cells]
    assert hours == [35, 21, 31.5, 35, 35, 28]  # 6 April is Easter Monday
    assert line.capacity_min == sum(cell.capacity_min for cell in line.cells)


def test_a_week_away_is_told_from_a_week_with_nothing_planned(world: World) -> None:
    an_absence(world, "sales", MONDAY + W, MONDAY + 2 * W)  # a whole week, and the Monday that follows
    away, part = _line(world, "manager", "sales", weeks=3).cells[1:]
    assert (away.capacity_min, away.is_absent, away.load_pct) == (0, True, None)
    assert (part.capacity_min, part.is_absent) == (28 * 60, False)
    assert not any(cell.is_absent for cell in _line(world, "manager", "colleague", weeks=3).cells)


@pytest.mark.parametrize(
    ("planned", "capacity", "pct"), [(0, 2100, 0), (1, 2100, 1), (1050, 2100, 50), (2100, 2100, 100), (2101, 2100, 101)]
)
def test_what_exceeds_the_capacity_never_reads_100(planned, capacity, pct):
    assert load_pct(planned, capacity) == pct


def test_without_capacity_there_is_no_load() -> None:
    assert load_pct(60, 0) is None
    assert Cell({1: Amount(1, 60)}).load_pct is None


def test_amounts_add_up() -> None:
    assert total([Amount(1, 30), Amount(2, 0), Amount()]) == Amount(3, 30)
    assert total([]) == Amount()


def test_late_means_what_it_means_in_the_list(world: World) -> None:
    a_planned(world, on=TODAY, planned_time=time(10))  # half an hour ago
    a_planned(world, on=TODAY, planned_time=time(11))
    a_planned(world, on=TODAY)  # until the day is over
    an_action(world, planned_date=TODAY - D)  # a wish that has passed
    assert _line(world, "manager", "sales").late == 2
