"""Working hours: the organisation's week, and each person's own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from lib.db import tables as t
from lib.domain.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from lib.domain.spans import minutes_in
from lib.domain.working_hours import (
    DEFAULT_WEEK,
    MAX_A_DAY,
    Period,
    Week,
    checked_week,
    set_week,
    week_minutes,
    week_of_person,
    worked_spans,
)
from lib.ui.words import translate
from tests.builders import World, a_context
from tests.domain.test_words_and_numbers import FORGED

MORNING, AFTERNOON = (0, time(9), time(12)), (0, time(14), time(18))


def weeks_of(world: World) -> dict[int | None, Week]:
    return dict(world.db.read(lambda store: store.reference()).weeks)


# ---- what a week says


@pytest.mark.parametrize(
    ("hours", "minutes"),
    [
        ([], 0),
        ([MORNING], 180),
        ([MORNING, AFTERNOON], 420),
        ([AFTERNOON, MORNING], 420),
        ([(6, time(20), time.min)], 240),
        ([(5, time(8), time(12)), (5, time(12), time(13))], 300),
        ([(p.weekday, p.start, p.end) for p in DEFAULT_WEEK], 35 * 60),
    ],
)
def test_a_week_adds_up_its_periods(hours: list[tuple[int, time, time]], minutes: int) -> None:
    assert week_minutes(checked_week(hours)) == minutes


@pytest.mark.parametrize(
    ("hours", "sentence"),
    [
        ([(0, time(12), time(9))], "Monday: a period ends after it starts, check the hours."),
        ([(0, time(9), time(9))], "Monday: a period ends after it starts, check the hours."),
        ([MORNING, (0, time(11), time(13))], "Monday: the periods overlap, end the first before the second starts."),
        ([(0, time(20), time.min), (0, time(22), time(23))],
         "Monday: the periods overlap, end the first before the second starts."),
        ([MORNING, MORNING], "Monday: the periods overlap, end the first before the second starts."),
        ([(0, time(9), None)], "Monday: a period needs its start and its end, type both or remove it."),
        ([(0, None, time(9))], "Monday: a period needs its start and its end, type both or remove it."),
        ([(0, time(h), time(h, 30)) for h in range(9, 9 + MAX_A_DAY + 1)], "At most 2 periods a day."),
        ([(7, time(9), time(12))], "These hours can't be read: type them again, as 9:00 and 12:30."),
        ([(-1, time(9), time(12))], "These hours can't be read: type them again, as 9:00 and 12:30."),
        ([(True, time(9), time(12))], "These hours can't be read: type them again, as 9:00 and 12:30."),
        ([(0, time(9))], "These hours can't be read: type them again, as 9:00 and 12:30."),
        ("abc", "These hours can't be read: type them again, as 9:00 and 12:30."),
        (None, "These hours can't be read: type them again, as 9:00 and 12:30."),
    ],
)  # fmt: skip
def test_hours_that_make_no_week_are_refused_in_words(hours: object, sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_week(hours)
    assert list(refused.value.fields) == ["hours"]
    told = refused.value.fields["hours"]
    assert translate(told) == sentence


@pytest.mark.parametrize("name", FORGED)
@pytest.mark.parametrize("place", ["the whole", "a period", "a weekday", "a start", "an end"])
def test_forged_hours_are_refused(name: str, place: str) -> None:
    forged: Any = FORGED[name]
    hours = {
        "the whole": forged, "a period": [forged], "a weekday": [(forged, time(9), time(12))],
        "a start": [(0, forged, time(12))], "an end": [(0, time(9), forged)],
    }[place]  # fmt: skip
    with pytest.raises(Invalid):
        checked_week(hours)


hours = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))


@given(st.lists(st.tuples(st.integers(0, 6), hours, hours), max_size=8))
def test_a_week_that_is_accepted_is_in_order_and_counts_no_minute_twice(raw: list[tuple[int, time, time]]) -> None:
    try:
        week = checked_week(raw)
    except Invalid:
        return
    assert sorted(raw) == [(p.weekday, p.start, p.end) for p in week]
    assert checked_week([(p.weekday, p.start, p.end) for p in week]) == week
    monday = date(2026, 3, 2)
    for number in range(7):
        spans = worked_spans(week, monday + timedelta(days=number))
        minutes = {span.start + timedelta(minutes=n) for span in spans for n in range(span.minutes)}
        assert len(minutes) == minutes_in(spans)


def test_a_person_s_week_is_his_own_else_the_organisation_s_else_the_default() -> None:
    own, house = (Period(0, time(9), time(12)),), (Period(1, time(9), time(12)),)
    assert week_of_person({7: own, None: house}, 7) == own
    assert week_of_person({7: own, None: house}, 8) == house
    assert week_of_person({7: own}, 8) == DEFAULT_WEEK


# ---- setting one


def test_a_week_is_set_replaced_and_given_back_and_the_journal_tells_it(world: World) -> None:
    ctx, mine = a_context(world, "manager"), (Period(0, time(9), time(12)),)
    set_week(ctx, person_id=world.sales, hours=[MORNING], seen=())
    assert weeks_of(world) == {world.sales: mine}
    set_week(ctx, person_id=world.sales, hours=[MORNING, AFTERNOON], seen=mine)
    set_week(ctx, person_id=world.sales, hours=[], seen=(*mine, Period(0, time(14), time(18))))
    assert weeks_of(world) == {}
    told = world.db.read(lambda store: store.changes.since("person", world.sales, -1))
    assert [(change.operation, change.person_id, change.field) for change in told] == [
        ("set_hours", world.manager, "hours")
    ] * 3
    assert told[0].new == '["0 09:00-12:00"]'


def test_the_same_week_again_changes_nothing(world: World) -> None:
    ctx = a_context(world, "manager")
    set_week(ctx, person_id=world.sales, hours=[MORNING], seen=())
    set_week(ctx, person_id=world.sales, hours=[MORNING], seen=())  # somebody set just that in the meantime
    assert len(world.db.read(lambda store: store.changes.since("person", world.sales, -1))) == 1


def test_a_week_that_somebody_else_changed_meanwhile_is_a_conflict(world: World) -> None:
    set_week(a_context(world, "manager"), person_id=world.sales, hours=[MORNING], seen=())
    with pytest.raises(Conflict):
        set_week(a_context(world, "admin"), person_id=world.sales, hours=[AFTERNOON], seen=())
    assert weeks_of(world)[world.sales] == (Period(0, time(9), time(12)),)


@pytest.mark.parametrize("whose", ["sales", None])
def test_of_two_who_set_a_week_at_the_same_moment_one_is_told(world: World, whose: str | None) -> None:
    person_id, both = world.ids[whose] if whose else None, Barrier(2)
    ctx = a_context(world, "admin")

    def gesture(hours: list[tuple[int, time, time]]) -> str:
        both.wait(10)
        return outcome(lambda: set_week(ctx, person_id=person_id, hours=hours, seen=()))

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(gesture, [[MORNING], [AFTERNOON]])) == ["", "Conflict"]
    assert len(weeks_of(world)[person_id]) == 1


def outcome(use_case: Callable[[], object]) -> str:
    """The name of the refusal; empty when it worked."""
    try:
        use_case()
    except DomainError as error:
        return type(error).__name__
    return ""


@pytest.mark.parametrize(
    ("who", "whose", "may"),
    [
        ("sales", "sales", False),
        ("sales", None, False),
        ("manager", "sales", True),
        ("manager", "manager", True),
        ("manager", "tele_sales", True),
        ("manager", "far", False),
        ("manager", "nowhere", False),
        ("manager", None, False),
        ("admin", "far", True),
        ("admin", "nowhere", True),
        ("admin", None, True),
        ("reader", "reader", False),
        ("reader", None, False),
    ],
)
def test_hours_are_set_by_who_manages_the_person_the_organisation_s_by_administrators(
    world: World, who: str, whose: str | None, may: bool
) -> None:
    person_id = world.ids[whose] if whose else None
    found = outcome(lambda: set_week(a_context(world, who), person_id=person_id, hours=[MORNING], seen=()))
    assert found == ("" if may else NotAllowed.__name__)
    assert (person_id in weeks_of(world)) == may


@pytest.mark.parametrize("forged", [0, -1, 4242, 2**40, True, "1", 1.0, [1], {"id": 1}, float("nan"), ""])
def test_the_hours_of_nobody_are_not_found(world: World, forged: Any) -> None:
    with pytest.raises(NotFound):
        set_week(a_context(world, "admin"), person_id=forged, hours=[MORNING], seen=())
    assert weeks_of(world) == {}


def test_hours_that_are_refused_leave_the_week_alone(world: World) -> None:
    ctx = a_context(world, "admin")
    set_week(ctx, person_id=None, hours=[MORNING], seen=())
    with pytest.raises(Invalid):
        set_week(ctx, person_id=None, hours=[MORNING, MORNING], seen=(Period(*MORNING),))
    assert weeks_of(world)[None] == (Period(*MORNING),)


def test_what_is_stored_is_what_the_week_says(world: World) -> None:
    set_week(a_context(world, "admin"), person_id=None, hours=[(6, time(20), time.min), AFTERNOON], seen=())
    rows = world.db.read(lambda store: store.connection.execute(select(t.working_hours)).all())  # type: ignore[attr-defined]
    found = sorted((row.person_id is None, row.weekday, row.start_time, row.end_time) for row in rows)
    assert found == [(True, 0, time(14), time(18)), (True, 6, time(20), time(0))]
