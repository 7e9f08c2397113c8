"""Working days, and the dates that "postpone" proposes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

SATURDAY = 5
WORKDAY_END = time(18, 0)


def is_working_day(day: date, holidays: Collection[date] = ()) -> bool:
    """Monday to Friday, holidays apart."""
    return day.weekday() < SATURDAY and day not in holidays


def after_working_days(day: date, count: int, holidays: Collection[date] = ()) -> date:
    """The `count`-th working day after `day`; for 0, `day` itself or the next working day."""
    found = day if count else day - timedelta(days=1)
    for _ in range(max(count, 1)):
        found += timedelta(days=1)
        while not is_working_day(found, holidays):
            found += timedelta(days=1)
    return found


def later_today(local_now: datetime) -> time | None:
    """Two hours from now at a quarter of an hour, or None when that is after the working day."""
    later = local_now + timedelta(hours=2)
    later += timedelta(minutes=-later.minute % 15)
    is_today = later.date() == local_now.date()
    return later.time().replace(second=0, microsecond=0) if is_today and later.time() <= WORKDAY_END else None


def next_week(day: date, holidays: Collection[date] = ()) -> date:
    """The working day one week later, or the first after it."""
    return after_working_days(day + timedelta(days=7), 0, holidays)
