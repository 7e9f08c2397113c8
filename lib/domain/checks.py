"""Reading what a browser sent: each value is checked by itself, and every problem is told at once, at its field."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import TypeGuard, TypeVar

from lib.domain.errors import Invalid
from lib.domain.sentences import Sentence, say

T = TypeVar("T")

OLDEST_DAYS = 5 * 366
FARTHEST_DAYS = 10 * 366
"""Dates beyond are typing errors: a sales action is planned within years, not centuries."""


class Checks:
    """Runs checks one after the other and collects what is wrong."""

    def __init__(self) -> None:
        self.problems: dict[str, Sentence] = {}

    def run(self, check: Callable[[], T]) -> T | None:
        """The result of `check`, or None when it raised Invalid, which is kept for `done`."""
        try:
            return check()
        except Invalid as invalid:
            self.problems.update(invalid.fields)
            return None

    def done(self) -> None:
        """Raises Invalid with every problem found, if any."""
        if self.problems:
            raise Invalid(self.problems)


def is_id(raw: object) -> TypeGuard[int]:
    """Whether this can be a record's id: what a browser sends instead is none."""
    return isinstance(raw, int) and not isinstance(raw, bool) and 0 < raw < 2**31


def checked_id(field: str, raw: object) -> int | None:
    """A record's id, or None; raises Invalid for `field` when the browser sent anything else."""
    if raw is None:
        return None
    if is_id(raw):
        return raw
    raise Invalid({field: say("Unknown choice: choose one of the list.")})


def checked_ids(field: str, raw: object) -> frozenset[int]:
    """A set of ids; raises Invalid for `field`."""
    if raw is None:
        return frozenset()
    if not isinstance(raw, Iterable) or isinstance(raw, str | bytes):
        raise Invalid({field: say("Unknown choice: choose one of the list.")})
    return frozenset(found for each in raw if (found := checked_id(field, each)) is not None)


def checked_date(field: str, raw: object, *, today: date, required: bool = False) -> date | None:
    """A date at most 5 years back and 10 ahead, or None; raises Invalid for `field`."""
    if raw is None or raw == "":
        if required:
            raise Invalid({field: say("A date is required.")})
        return None
    if isinstance(raw, datetime):
        raw = raw.date()
    if not isinstance(raw, date):
        raise Invalid({field: say("Date not understood: choose it in the calendar.")})
    if not today - timedelta(days=OLDEST_DAYS) <= raw <= today + timedelta(days=FARTHEST_DAYS):
        raise Invalid({field: say("This date is too far away: check the year.")})
    return raw


def checked_time(field: str, raw: object) -> time | None:
    """A time of day to the minute, or None; raises Invalid for `field`."""
    if raw is None or raw == "":
        return None
    if not isinstance(raw, time):
        raise Invalid({field: say("Time not understood: choose it in the list, or type it as 14:30.")})
    return raw.replace(second=0, microsecond=0, tzinfo=None)
