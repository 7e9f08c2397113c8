"""Spreading gives every item to exactly one person, and exceeds nobody's hours when there are enough."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.spreading import Load, Remaining, left_after, spread

WEEKS = [date(2026, 3, 2) + timedelta(days=7 * number) for number in range(3)]
W1, W2, _W3 = WEEKS


def hours(**weeks: int) -> dict[date, int]:
    return {WEEKS[int(name[1]) - 1]: minutes for name, minutes in weeks.items()}


@pytest.mark.parametrize(
    ("items", "remaining", "expected"),
    [
        ([], {}, {}),
        ([Load(1, 60, W1)], {7: hours(w1=0)}, {1: 7}),
        # to whoever has the most left in its own week, not over the whole period
        ([Load(1, 60, W1)], {7: hours(w1=60, w2=600), 8: hours(w1=90)}, {1: 8}),
        ([Load(1, 60, W2)], {7: hours(w1=60, w2=600), 8: hours(w1=90)}, {1: 7}),
        # what has no week goes by all of them, after the others have taken theirs
        ([Load(1, 60)], {7: hours(w1=60, w2=50), 8: hours(w1=100)}, {1: 7}),
        ([Load(1, 60), Load(2, 60, W1)], {7: hours(w1=60, w2=50), 8: hours(w1=100)}, {1: 7, 2: 8}),
        # equal people are taken in their order
        ([Load(1, 60, W1), Load(2, 60, W1)], {8: hours(w1=100), 7: hours(w1=100)}, {1: 8, 2: 7}),
        # absent for the week: nothing, as long as somebody is there
        ([Load(n, 60, W1) for n in (1, 2)], {7: hours(w2=999), 8: hours(w1=120)}, {1: 8, 2: 8}),
        # a week of nobody's, before and after the period, still goes to somebody
        ([Load(1, 60, date(2020, 1, 6))], {7: hours(w1=100), 8: hours(w1=200)}, {1: 7}),
        # evening out would exceed; filling up finds room for all
        ([Load(n, m, W1) for n, m in ((1, 50), (2, 50), (3, 60))], {7: hours(w1=100), 8: hours(w1=60)},
         {3: 8, 1: 7, 2: 7}),
        # when nothing finds room for all, what exceeds less
        ([Load(n, 60, W1) for n in (1, 2, 3)], {7: hours(w1=100), 8: hours(w1=60)}, {1: 7, 2: 8, 3: 7}),
    ],
)  # fmt: skip
def test_work_goes_by_the_hours_left(items: list[Load], remaining: Remaining, expected: dict[int, int]) -> None:
    assert spread(items, remaining) == expected


def test_without_anybody_nothing_can_be_given() -> None:
    with pytest.raises(ValueError, match="nobody"):
        spread([Load(1, 60)], {})


minutes = st.integers(0, 480)
weeks = st.sampled_from([*WEEKS, None])
people = st.lists(st.integers(1, 9), min_size=1, max_size=6, unique=True)


Question = tuple[list[Load], dict[int, dict[date, int]]]


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Items and people with any hours left, even fewer than none."""
    count = draw(st.integers(0, 25))
    items = [Load(number, draw(minutes), draw(weeks)) for number in range(1, count + 1)]
    left = st.integers(-300, 2400)
    return items, {person: {week: draw(left) for week in WEEKS} for person in draw(people)}


def taken(items: list[Load], given_to: dict[int, int]) -> Counter[tuple[int, date | None]]:
    found: Counter[tuple[int, date | None]] = Counter()
    for item in items:
        found[given_to[item.id], item.week] += item.minutes
    return found


def is_enough(items: list[Load], free: list[int]) -> bool:
    """The condition of the docstring, for the items of one week, or for those without one."""
    longest = max((item.minutes for item in items), default=0)
    return sum(free) >= sum(item.minutes for item in items) + longest * (len(free) - 1)


@given(questions())
def test_every_item_goes_to_exactly_one_of_the_people(question: Question) -> None:
    items, remaining = question
    found = spread(items, remaining)
    assert set(found) == {item.id for item in items}
    assert set(found.values()) <= set(remaining)


@given(questions())
def test_nobody_exceeds_his_hours_when_there_are_enough(
    question: Question,
) -> None:
    items, remaining = question
    load = taken(items, spread(items, remaining))
    for week in WEEKS:
        free = [max(0, remaining[person][week]) for person in remaining]
        if is_enough([item for item in items if item.week == week], free):
            for person in remaining:
                assert load[person, week] <= max(0, remaining[person][week])
    undated = [item for item in items if item.week is None]
    left = {person: sum(max(0, remaining[person][week] - load[person, week]) for week in WEEKS) for person in remaining}
    if is_enough(undated, list(left.values())):
        assert all(load[person, None] <= left[person] for person in remaining)


@given(questions())
def test_what_is_left_is_what_there_was_without_what_was_given(question: Question) -> None:
    items, remaining = question
    found = spread(items, remaining)
    left = left_after(items, found, remaining)
    for person in remaining:
        minutes_given = sum(item.minutes for item in items if found[item.id] == person)
        assert sum(left[person].values()) == sum(remaining[person].values()) - minutes_given
    dated = [item for item in items if item.week]
    for person, week in ((person, week) for person in remaining for week in WEEKS):
        mine = sum(item.minutes for item in dated if (found[item.id], item.week) == (person, week))
        assert left[person][week] <= remaining[person][week] - mine


@given(questions(), st.randoms())
def test_the_order_of_the_items_changes_nothing(question: Question, draw: random.Random) -> None:
    items, remaining = question
    shuffled = draw.sample(items, len(items))
    assert spread(shuffled, remaining) == spread(items, remaining)


@given(st.lists(st.integers(1, 300), min_size=1, max_size=6), st.lists(st.integers(1, 300), min_size=1, max_size=6))
def test_one_person_takes_all_and_exactly_enough_hours_are_enough(first: list[int], second: list[int]) -> None:
    items = [Load(number, each, W1) for number, each in enumerate(first)]
    items += [Load(100 + number, each, W2) for number, each in enumerate(second)]
    assert set(spread(items, {3: {W1: sum(first), W2: sum(second)}}).values()) == {3}
