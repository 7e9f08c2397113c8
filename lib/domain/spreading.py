"""Spreading work over people by the hours that each has left."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Load:
    """One thing to give: how long it takes, and the Monday of its week; None for what may be done in any of them."""

    id: int
    minutes: int
    week: date | None = None


Remaining = Mapping[int, Mapping[date, int]]
"""The minutes that each person has left, by the Monday of the week; a week that isn't there has none."""


def spread(items: Sequence[Load], remaining: Remaining) -> dict[int, int]:
    """Whose each item becomes, by the hours left in its own week; what has no week, by those of the whole period.

    Every item goes to exactly one of the people, whatever they have left. Nobody gets more than he has left

    - in a week whose people's free minutes are at least the sum of its items, plus the longest of them for each person
      but one (with one person: the sum is enough), and
    - over the period, where the same holds of what is left in all its weeks, for the items without a week.

    Below that, packing may be impossible even where the sum is enough, and finding out takes too long: the second of
    two attempts is taken when it exceeds less. The first evens out what is left, longest items first; the second fills
    people up. Equal people are taken in the order of `remaining`, so that the same question has the same answer.
    Raises ValueError for items and nobody to give them to.
    """
    if items and not remaining:
        raise ValueError("nobody to give the items to")
    ordered = sorted(items, key=lambda item: (item.week is None, item.week or date.min, -item.minutes, item.id))
    evenly = _attempt(ordered, remaining, _roomiest)
    if not evenly.exceeded:
        return evenly.given
    tightly = _attempt(ordered, remaining, _tightest)
    return tightly.given if tightly.exceeded < evenly.exceeded else evenly.given


def left_after(items: Sequence[Load], given: Mapping[int, int], remaining: Remaining) -> dict[int, dict[date, int]]:
    """What each person has left once the items are his; what has no week takes of the first weeks that have some."""
    left = {person: dict(of_person) for person, of_person in remaining.items()}
    for item in sorted(items, key=lambda item: item.week is None):
        mine = left[given[item.id]]
        if item.week is not None:
            mine[item.week] = mine.get(item.week, 0) - item.minutes
            continue
        rest = item.minutes
        for week in sorted(mine):
            taken = min(rest, max(0, mine[week]))
            mine[week] -= taken
            rest -= taken
        if rest and mine:
            mine[max(mine)] -= rest
    return left


@dataclass(frozen=True, slots=True)
class _Attempt:
    given: dict[int, int]
    exceeded: int
    """Minutes given beyond what people had left."""


Choice = Callable[[Mapping[int, int], int], int]
"""One of the people, by what each has left, for an item of so many minutes."""


def _roomiest(left: Mapping[int, int], _minutes: int) -> int:
    return max(left, key=lambda person: left[person])  # the first of equals


def _tightest(left: Mapping[int, int], minutes: int) -> int:
    fitting = [person for person in left if left[person] >= minutes]
    return min(fitting, key=lambda person: left[person]) if fitting else _roomiest(left, minutes)


def _attempt(ordered: Sequence[Load], remaining: Remaining, choose: Choice) -> _Attempt:
    weeks = {person: dict(of_person) for person, of_person in remaining.items()}
    given, exceeded, whole = {}, 0, None
    for item in ordered:
        if item.week is None:
            whole = whole or {person: sum(max(0, left) for left in weeks[person].values()) for person in weeks}
            left = whole
        else:
            left = {person: weeks[person].get(item.week, 0) for person in weeks}
        person = choose(left, item.minutes)
        given[item.id] = person
        exceeded += min(item.minutes, max(0, item.minutes - left[person]))
        if item.week is None:
            left[person] -= item.minutes
        else:
            weeks[person][item.week] = left[person] - item.minutes
    return _Attempt(given, exceeded)
