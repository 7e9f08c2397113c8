"""Dates and times of the demo: working days, business hours, and no two things of a person at once."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from random import Random

from lib.domain.calendar import is_working_day

HALF_DAYS = ((8 * 60 + 30, 12 * 60 + 30), (13 * 60 + 30, 18 * 60))
"""Business hours, in minutes of the day."""


class Agenda:
    """Gives out the times of each person's days."""

    def __init__(self, rng: Random, zone: tzinfo) -> None:
        self._rng, self._zone = rng, zone
        self._taken: defaultdict[tuple[int, date], list[tuple[int, int]]] = defaultdict(list)

    def book(self, person_id: int, day: date, minutes: int) -> time:
        """A free time of a person's day, at a quarter of an hour; any time of it when the day is full."""
        starts = [start for first, last in HALF_DAYS for start in range(first, last - minutes + 1, 15)]
        taken = self._taken[person_id, day]
        free = [s for s in starts if all(s + minutes <= first or s >= last for first, last in taken)]
        start = self._rng.choice(free or starts)
        taken.append((start, start + minutes))
        return time(start // 60, start % 60)

    def instant(self, day: date, hour: time, *, after_min: int = 0) -> datetime:
        """A local moment, some minutes later, in UTC."""
        local = datetime.combine(day, hour, self._zone).astimezone(UTC)
        return local + timedelta(minutes=after_min)


def before_working_days(day: date, count: int) -> date:
    """The `count`-th working day before `day`."""
    for _ in range(count):
        day -= timedelta(days=1)
        while not is_working_day(day):
            day -= timedelta(days=1)
    return day
