"""Working hours: the organisation's week, and the weeks of those who work otherwise (part-time, shifted days)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from lib.domain.changes import record_change
from lib.domain.checks import checked_time, is_id
from lib.domain.context import Context, command
from lib.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from lib.domain.people import person_owners
from lib.domain.rights import REFUSALS, Operation, Scope, require, scope_of
from lib.domain.sentences import say
from lib.domain.spans import Span

MAX_A_DAY = 2
"""Periods of a day that a week may name: a morning and an afternoon, as the form shows them."""
WEEKDAYS = (
    say("Monday"), say("Tuesday"), say("Wednesday"), say("Thursday"), say("Friday"), say("Saturday"), say("Sunday")
)  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Hours worked on one weekday (0 is Monday), local; `end` 0:00 is the midnight that follows."""

    weekday: int
    start: time
    end: time


Week = tuple[Period, ...]
"""In the order of the week, without overlap."""

DEFAULT_WEEK: Week = tuple(
    Period(weekday, start, end)
    for weekday in range(5)
    for start, end in ((time(9), time(12, 30)), (time(14), time(17, 30)))
)
"""35 hours, until the organisation says otherwise."""


def week_of_person(weeks: Mapping[int | None, Week], person_id: int) -> Week:
    """The week of a person: his own, else the organisation's (under None), else the default."""
    return weeks.get(person_id) or weeks.get(None) or DEFAULT_WEEK


def worked_spans(week: Week, day: date) -> list[Span]:
    """The hours of a day in a week, holidays and absences not looked at."""
    return [
        Span(
            datetime.combine(day, period.start),
            datetime.combine(day + timedelta(days=int(period.end == time.min)), period.end),
        )
        for period in week
        if period.weekday == day.weekday()
    ]


def week_minutes(week: Week) -> int:
    """The minutes of a whole week."""
    monday = date(2024, 1, 1)
    return sum(span.minutes for number in range(7) for span in worked_spans(week, monday + timedelta(days=number)))


def checked_week(raw: object) -> Week:
    """A week from what a form sent: (weekday, start, end) triples; empty means "as the organisation".

    Raises Invalid for `hours`: what isn't a time, an end before its start, periods that overlap.
    """
    if not isinstance(raw, Sequence) or isinstance(raw, str | bytes):
        raise Invalid({"hours": say("These hours can't be read: type them again, as 9:00 and 12:30.")})
    found = []
    for each in raw:
        match each:
            case (int(weekday), start, end) if 0 <= weekday < 7 and not isinstance(weekday, bool):
                found.append(_checked_period(weekday, start, end))
            case _:
                raise Invalid({"hours": say("These hours can't be read: type them again, as 9:00 and 12:30.")})
    found.sort()
    for before, after in pairwise(found):
        if before.weekday == after.weekday and (before.end == time.min or after.start < before.end):
            day = WEEKDAYS[before.weekday]
            told = say("{day}: the periods overlap, end the first before the second starts.", day=day)
            raise Invalid({"hours": told})
    if any(sum(p.weekday == weekday for p in found) > MAX_A_DAY for weekday in range(7)):
        raise Invalid({"hours": say("At most {count} periods a day.", count=MAX_A_DAY)})
    return tuple(found)


def _checked_period(weekday: int, start: object, end: object) -> Period:
    first, last = checked_time("hours", start), checked_time("hours", end)
    if first is None or last is None:
        told = say("{day}: a period needs its start and its end, type both or remove it.", day=WEEKDAYS[weekday])
        raise Invalid({"hours": told})
    if last <= first and last != time.min:
        told = say("{day}: a period ends after it starts, check the hours.", day=WEEKDAYS[weekday])
        raise Invalid({"hours": told})
    return Period(weekday, first, last)


@command
def set_week(ctx: Context, *, person_id: int | None, hours: object, seen: Week) -> None:
    """Set the week of a person, or of the organisation (None); an empty one goes back to what stands behind it.

    `seen` is the week that the form opened with. Raises NotAllowed, NotFound, Invalid for `hours`, Conflict when
    somebody else changed it meanwhile.
    """
    if person_id is None:
        if scope_of(ctx, Operation.EDIT_HOURS) != Scope.ALL:
            raise NotAllowed(REFUSALS[Operation.EDIT_HOURS])
    elif is_id(person_id) and person_id in ctx.reference.people:
        require(ctx, Operation.EDIT_HOURS, person_owners(ctx.reference.memberships, person_id))
    else:
        raise NotFound
    week = checked_week(hours)
    before = ctx.store.people.locked_week(person_id)  # not the reference's: two at once would each see the old one
    if week == before:
        return
    if before != tuple(seen):
        raise Conflict(by=None, at=None)
    ctx.store.people.set_week(person_id, week)
    changed = {"hours": (_told(before), _told(week))}
    record_change(ctx, "set_hours", entity="person", entity_id=person_id or 0, fields=changed)


def _told(week: Week) -> list[str]:
    return [f"{p.weekday} {p.start:%H:%M}-{p.end:%H:%M}" for p in week]
