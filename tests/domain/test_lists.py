"""Lists and counts against the same rules told in Python: the database keeps the same rows (R25, R31, R35)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from lib.db import tables as t
from lib.domain import actions
from lib.domain.chain import (
    Action,
    Chain,
    Status,
    SubAction,
    chain_status,
    current_sub_action,
    is_late,
    is_reported_by_colleague,
    listed_at,
    shown_date,
    shown_number,
)
from lib.domain.errors import NotAllowed
from lib.domain.lists import ActionFilter, ActionRow, SortBy, Tab, count_actions, list_actions, open_day
from lib.domain.rights import Operation, Scope
from lib.domain.text import folded
from tests.builders import PARIS, TODAY, World, a_context, a_next, a_report, a_sub_action, an_action
from tests.domain.test_rights_and_units import a_bare_context

D = timedelta(days=1)
LOCAL_NOW = datetime(2026, 3, 4, 10, 30)


def a_busy_world(world: World) -> World:
    """One of each thing that a list tells apart."""
    w = world
    an_action(w, planned_date=TODAY - 3 * D, status="planned")  # late
    an_action(w, planned_date=TODAY, planned_time=time(9), status="planned")  # late since this morning
    an_action(w, planned_date=TODAY, planned_time=time(17), status="planned", domain=w.gas, reason=w.quote)
    an_action(w, planned_date=TODAY + 2 * D, site=w.plant, contact=w.anne)
    an_action(w, client=w.leroy, detail="<p>Rappeler à l’été</p>", nature=w.meeting)
    an_action(w, org_unit=w.field)  # waiting
    an_action(w, org_unit=w.tele)
    an_action(w, "far", client=w.leroy)
    an_action(w, "nowhere", assignee=w.nowhere)
    a_report(w, an_action(w), "colleague", report="<p>Client très intéressé</p>")
    a_report(w, an_action(w), done_on=TODAY - 9 * D)
    a_report(w, an_action(w), "sales", follow_up="sub_action", next=a_next(w, "colleague"))
    cancelled = an_action(w, planned_date=TODAY + D)
    actions.cancel(a_context(w, "sales"), sub_action_id=cancelled, version=1, reason="non")
    return w


Keeps = Callable[[World, ActionRow], bool]
FILTERS: dict[str, tuple[Callable[[World], dict[str, Any]], Keeps]] = {
    "everything": (lambda w: {}, lambda w, r: True),
    "to do": (lambda w: {"tab": Tab.TODO}, lambda w, r: r.sub.is_open),
    "done": (lambda w: {"tab": Tab.DONE}, lambda w, r: r.sub.status == Status.DONE),
    "of a person": (lambda w: {"assignee_ids": {w.sales}}, lambda w, r: r.sub.assignee_id == w.sales),
    "of several people": (
        lambda w: {"assignee_ids": {w.sales, w.far}}, lambda w, r: r.sub.assignee_id in (w.sales, w.far)),
    "of a unit": (lambda w: {"org_unit_ids": {w.field}}, lambda w, r: r.sub.org_unit_id == w.field),
    "of two units": (
        lambda w: {"org_unit_ids": {w.field, w.south}}, lambda w, r: r.sub.org_unit_id in (w.field, w.south)),
    "of a client": (lambda w: {"client_id": w.leroy}, lambda w, r: r.action.client_id == w.leroy),
    "of a domain": (lambda w: {"domain_ids": {w.gas}}, lambda w, r: r.sub.domain_id == w.gas),
    "of a nature": (lambda w: {"nature_ids": {w.meeting}}, lambda w, r: r.sub.nature_id == w.meeting),
    "of a reason": (lambda w: {"reason_ids": {w.quote}}, lambda w, r: r.sub.reason_id == w.quote),
    "planned": (lambda w: {"statuses": {Status.PLANNED}}, lambda w, r: r.sub.status == Status.PLANNED),
    "over": (
        lambda w: {"statuses": {Status.DONE, Status.CANCELLED}}, lambda w, r: not r.sub.is_open),
    "cancelled": (lambda w: {"statuses": {Status.CANCELLED}}, lambda w, r: r.sub.status == Status.CANCELLED),
    "from a day on": (
        lambda w: {"from_date": TODAY}, lambda w, r: listed_at(r.sub, PARIS).date() >= TODAY),
    "until a day": (lambda w: {"to_date": TODAY}, lambda w, r: listed_at(r.sub, PARIS).date() <= TODAY),
    "of a day": (
        lambda w: {"from_date": TODAY, "to_date": TODAY}, lambda w, r: listed_at(r.sub, PARIS).date() == TODAY),
    "until the end of time": (lambda w: {"to_date": date.max, "from_date": date.min}, lambda w, r: True),
    "late": (lambda w: {"late_at": LOCAL_NOW}, lambda w, r: is_late(r.sub, LOCAL_NOW)),
    "waiting": (lambda w: {"is_waiting": True}, lambda w, r: r.sub.is_open and r.sub.assignee_id is None),
    "by a colleague": (lambda w: {"is_by_colleague": True}, lambda w, r: is_reported_by_colleague(r.sub)),
    "by a text": (
        lambda w: {"text": "ETE rapp"}, lambda w, r: {"ete", "rappeler"} <= set(folded(r.sub.detail_text).split())),
    "by a number": (lambda w: {"text": "a000003"}, lambda w, r: r.action.number == 3),
    "by a contact": (lambda w: {"text": "lefev"}, lambda w, r: r.sub.contact_id == w.anne),
    "by a client's name": (lambda w: {"text": "Leroy nîm"}, lambda w, r: r.action.client_id == w.leroy),
    "by a report": (lambda w: {"text": "intéressé"}, lambda w, r: "int" in r.sub.report_text.lower()),
    "by signs alone": (lambda w: {"text": "«?!"}, lambda w, r: False),
    "late ones of a unit by a text": (
        lambda w: {"late_at": LOCAL_NOW, "org_unit_ids": {w.field}, "text": "contrat", "tab": Tab.TODO},
        lambda w, r: is_late(r.sub, LOCAL_NOW) and r.sub.org_unit_id == w.field),
    "of an unknown person": (lambda w: {"assignee_ids": {10**6}}, lambda w, r: False),
}  # fmt: skip
UNITS = {"sales": {"field"}, "manager": {"field", "tele"}, "nowhere": set(), "technician": {"workshop"}}


def is_seen(world: World, who: str, row: ActionRow) -> bool:
    """Who sees a row in a list: everybody of his scope; a salesperson his own and his units'."""
    if who in ("admin", "reader"):
        return True
    units = {world.ids[unit] for unit in UNITS[who]}
    return row.sub.assignee_id == world.ids[who] or row.sub.org_unit_id in units


def test_each_filter_keeps_the_rows_that_its_rule_keeps_as_far_as_each_person_sees(world: World) -> None:
    a_busy_world(world)
    every = list_actions(a_context(world, "admin"), chosen=ActionFilter(tab=Tab.ALL)).rows
    assert len(every) == 14
    for who in ("admin", "reader", *UNITS):
        ctx = a_context(world, who)
        for name, (criteria, keeps) in FILTERS.items():
            values = {k: frozenset(v) if isinstance(v, set) else v for k, v in criteria(world).items()}
            chosen = ActionFilter(**{"tab": Tab.ALL, **values})
            expected = {row.sub.id for row in every if keeps(world, row) and is_seen(world, who, row)}
            page = list_actions(ctx, chosen=chosen)
            assert {row.sub.id for row in page.rows} == expected, (who, name)
            assert page.total == len(expected) == count_actions(ctx, chosen={"n": chosen})["n"], (who, name)


@pytest.mark.parametrize("descending", [False, True])
def test_lists_are_sorted_by_date_number_or_client(world: World, descending: bool) -> None:
    a_busy_world(world)
    ctx = a_context(world, "admin")
    keys: dict[SortBy, Callable[[ActionRow], Any]] = {
        SortBy.DATE: lambda r: (listed_at(r.sub, PARIS), r.sub.id),
        SortBy.NUMBER: lambda r: (r.action.number, r.sub.seq),
        SortBy.CLIENT: lambda r: (r.client_name, r.action.client_id, listed_at(r.sub, PARIS), r.sub.id),
    }
    for sort, key in keys.items():
        rows = list_actions(ctx, chosen=ActionFilter(tab=Tab.ALL), sort=sort, descending=descending).rows
        assert list(rows) == sorted(rows, key=key, reverse=descending), sort


def test_a_page_beyond_the_last_is_the_last(world: World) -> None:
    an_action(world)
    for page in (-5, 0, 1, 2, 10**9):
        found = list_actions(a_context(world, "admin"), chosen=ActionFilter(), page=page)
        assert (found.number, found.pages, len(found.rows)) == (1, 1, 1)


def test_nobody_without_the_right_sees_a_list(world: World) -> None:
    world.db.write(lambda store: store.connection.execute(delete(t.profile_right)))  # type: ignore[attr-defined]
    ctx = a_context(world, "admin")
    blind = replace(ctx, profile=replace(ctx.profile, rights={Operation.VIEW_CLIENTS: Scope.ALL}))
    for gesture in (
        lambda: list_actions(blind, chosen=ActionFilter()),
        lambda: count_actions(blind, chosen={"a": ActionFilter()}),
        lambda: open_day(blind, person_id=1),
    ):
        with pytest.raises(NotAllowed):
            gesture()


def test_a_day_counts_what_its_lists_hold(world: World) -> None:
    a_busy_world(world)
    ctx = a_context(world, "sales")
    day = open_day(ctx, person_id=world.sales)
    counts = day.counts
    assert (counts.late, counts.today, counts.week, counts.waiting_in_units) == (2, 2, 3, 1)
    assert (counts.to_plan, counts.done_this_week) == (2, 2)
    assert [row.sub.planned_time for row in day.today] == [time(9), time(17)]
    assert [row.sub.planned_date for row in day.late] == [TODAY - 3 * D]
    assert [row.sub.planned_date for row in day.upcoming] == [TODAY + 2 * D]
    assert all(row.action.responsible_id == world.sales and row.sub.is_open for row in day.unplanned)


def test_nobody_reads_the_day_of_somebody_whom_he_does_not_see(world: World) -> None:
    a_busy_world(world)
    day = open_day(a_context(world, "sales"), person_id=world.far)
    assert day.unplanned == day.today == day.late == day.upcoming == ()
    assert set(day.counts.__getstate__() or [0]) <= {0}
    of_unit = open_day(a_context(world, "sales"), person_id=None, org_unit_id=world.tele)
    assert of_unit.counts.waiting_in_units == 0


# ---- the chain's own rules


@pytest.mark.parametrize(
    ("statuses", "status", "current"),
    [
        ("T", Status.TO_PLAN, 1), ("P", Status.PLANNED, 1), ("D", Status.DONE, 1), ("C", Status.CANCELLED, 1),
        ("DT", Status.TO_PLAN, 2), ("DP", Status.PLANNED, 2), ("DD", Status.DONE, 2), ("DC", Status.DONE, 1),
        ("CC", Status.CANCELLED, 2), ("CT", Status.TO_PLAN, 2), ("DCC", Status.DONE, 1), ("DCP", Status.PLANNED, 3),
    ],
)  # fmt: skip
def test_an_action_stands_where_its_last_living_sub_action_stands(statuses: str, status: Status, current: int) -> None:
    by_letter = {"T": Status.TO_PLAN, "P": Status.PLANNED, "D": Status.DONE, "C": Status.CANCELLED}
    subs = tuple(a_sub_action(id=n, seq=n, status=by_letter[letter]) for n, letter in enumerate(statuses, 1))
    assert chain_status(subs) == status
    assert current_sub_action(Chain(Action(number=1, client_id=1), subs)).seq == current


def test_numbers_are_shown_on_six_and_two_digits() -> None:
    assert (shown_number(123), shown_number(123, 2), shown_number(1_234_567, 100)) == (
        "A000123", "A000123/02", "A1234567/100")  # fmt: skip


def test_the_date_shown_is_that_of_the_plan_the_report_or_the_cancellation() -> None:
    cancelled_at = datetime(2026, 3, 28, 23, 30, 5, tzinfo=UTC)  # already the 29th in Paris, the night clocks change
    common: dict[str, Any] = {"planned_date": TODAY, "planned_time": time(9), "done_on": TODAY + D, "done_time": None,
                              "cancelled_at": cancelled_at}  # fmt: skip
    shown = {status: shown_date(a_sub_action(status=status, **common), PARIS) for status in Status}
    assert shown == {
        Status.TO_PLAN: (TODAY, time(9)), Status.PLANNED: (TODAY, time(9)), Status.DONE: (TODAY + D, None),
        Status.CANCELLED: (date(2026, 3, 29), time(0, 30)),
    }  # fmt: skip


def a_planned(day: date, hour: time | None = None, status: Status = Status.PLANNED) -> SubAction:
    return a_sub_action(status=status, planned_date=day, planned_time=hour)


@pytest.mark.parametrize(
    ("utc", "day", "hour", "late"),
    [
        ((3, 4, 9, 30), date(2026, 3, 4), None, False),  # today, until its day is over
        ((3, 4, 22, 59), date(2026, 3, 4), None, False),
        ((3, 4, 23, 1), date(2026, 3, 4), None, True),  # past midnight in Paris
        ((3, 4, 9, 30), date(2026, 3, 4), time(10, 30), False),  # now
        ((3, 4, 9, 31), date(2026, 3, 4), time(10, 30), True),
        ((3, 29, 0, 59), date(2026, 3, 29), time(2), False),  # 01:59, then the clocks jump to 03:00
        ((3, 29, 1, 0), date(2026, 3, 29), time(2, 30), True),
        ((10, 25, 0, 30), date(2026, 10, 25), time(2, 30), False),  # 02:30 the first time
        ((10, 25, 1, 31), date(2026, 10, 25), time(2, 30), True),  # 02:31 the second time
        ((3, 4, 9, 30), None, None, False),
    ],
)
def test_what_is_planned_is_late_by_the_organisations_clock(
    world_clock: Callable[[datetime], datetime], utc: tuple[int, ...], day: date | None, hour: time | None, late: bool
) -> None:
    now = world_clock(datetime(2026, *utc, tzinfo=UTC))
    assert is_late(a_sub_action(status=Status.PLANNED, planned_date=day, planned_time=hour), now) == late
    for over in (Status.DONE, Status.CANCELLED):
        assert not is_late(a_sub_action(status=over, planned_date=day, planned_time=hour), now)


@pytest.fixture
def world_clock() -> Callable[[datetime], datetime]:
    """The organisation's clock, as a context reads it."""
    return lambda now: replace(a_bare_context({}), now=now).local_now
