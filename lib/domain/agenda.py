"""A person's time: what he works, what is taken, what is free; what a planned action would hit (R19).

Everything here is pure: `Agendas` is loaded once by a use case and asked many times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from lib.domain.absences import Absence
from lib.domain.calendar import after_working_days, next_week
from lib.domain.parameters import HOLIDAY_REGION, value_of
from lib.domain.public_holidays import HolidayRegion, public_holidays
from lib.domain.spans import Span, days_between, minutes_in, without
from lib.domain.working_hours import Week, week_of_person, worked_spans

if TYPE_CHECKING:
    from lib.domain.context import Context
    from lib.domain.reference import Reference

_LONGEST_REST_DAYS = 14
"""No weekends and public holidays in a row last longer, in no region."""
SEARCHED_DAYS = 60
"""How far ahead a free slot is looked for."""
STEP_MIN = 15
"""Free slots start at a quarter of an hour."""


def holidays_between(reference: Reference, first: date, last: date) -> dict[date, str]:
    """The organisation's public holidays of these days, with their names."""
    region = HolidayRegion(str(value_of(reference.parameters, HOLIDAY_REGION)))
    return public_holidays(first, last, region=region)


def proposed_day(reference: Reference, day: date, count: int) -> date:
    """The `count`-th day after `day` that is neither of a weekend nor a public holiday of the organisation."""
    holidays = holidays_between(reference, day, day + timedelta(days=2 * count + _LONGEST_REST_DAYS))
    return after_working_days(day, count, holidays)


def proposed_week(reference: Reference, day: date) -> date:
    """The working day one week later, or the first after it."""
    later = day + timedelta(days=7)
    return next_week(day, holidays_between(reference, later, later + timedelta(days=_LONGEST_REST_DAYS)))


@dataclass(frozen=True, slots=True)
class Agenda:
    """What one person works from `first` to `last`: his week, less public holidays and absences."""

    person_id: int
    first: date
    last: date
    week: Week
    holidays: Mapping[date, str]
    absences: tuple[Absence, ...] = ()

    def worked(self, day: date) -> list[Span]:
        """The hours of his week on a day that is no holiday, absences not looked at."""
        return [] if day in self.holidays else worked_spans(self.week, day)

    def available(self, day: date) -> list[Span]:
        """The hours he is there."""
        return without(self.worked(day), [absence.span for absence in self.absences])

    def capacity_min(self, day: date) -> int:
        """The minutes he is there on a day."""
        return minutes_in(self.available(day))

    def capacity_between(self, first: date, last: date) -> int:
        """The minutes he is there from `first` to `last`, both included."""
        return sum(self.capacity_min(day) for day in days_between(first, last))

    def absence_on(self, span: Span) -> Absence | None:
        """The absence that takes a part of `span`."""
        return next((absence for absence in self.absences if absence.span.overlaps(span)), None)


@dataclass(frozen=True, slots=True)
class Agendas:
    """The agendas of several people over the same days."""

    first: date
    last: date
    holidays: Mapping[date, str]
    by_person: Mapping[int, Agenda] = field(default_factory=dict)

    def of(self, person_id: int) -> Agenda:
        """The agenda of one of them."""
        return self.by_person[person_id]


def agendas(ctx: Context, *, person_ids: Iterable[int], first: date, last: date) -> Agendas:
    """The agendas of people from `first` to `last`, both included; one statement, inside an open transaction."""
    people = sorted(set(person_ids))
    absences: dict[int, list[Absence]] = {person_id: [] for person_id in people}
    for absence in ctx.store.absences.between(people, first, last):
        absences[absence.person_id].append(absence)
    free_days = holidays_between(ctx.reference, first, last)
    weeks = ctx.reference.weeks
    each = {
        person_id: Agenda(person_id, first, last, week_of_person(weeks, person_id), free_days, tuple(mine))
        for person_id, mine in absences.items()
    }
    return Agendas(first, last, free_days, each)


# ---- free time


def free_spans(agenda: Agenda, busy: Iterable[Span], *, since: datetime, until: date) -> list[Span]:
    """The hours he is there and has nothing, from `since` to the end of `until`; never overlaps a busy span.

    Only days that the agenda covers: of the others, no holiday nor absence is known.
    """
    days = days_between(max(since.date(), agenda.first), min(until, agenda.last))
    there = [span for day in days for span in agenda.available(day)]
    before = Span(datetime.combine(since.date(), time.min), since)
    return without(there, [*busy, before])


def free_slots(
    agenda: Agenda, busy: Iterable[Span], *, minutes: int, since: datetime, until: date, count: int = 3
) -> list[Span]:
    """The first `count` spans of `minutes` in his free time, at quarters of an hour, none overlapping another.

    One for each stretch of free time: three proposals in one morning would help nobody.
    """
    found: list[Span] = []
    for span in free_spans(agenda, busy, since=since, until=until):
        start = _at_step(span.start)
        slot = Span(start, start + timedelta(minutes=minutes))
        if slot.end <= span.end:
            found.append(slot)
        if len(found) == count:
            break
    return found


def _at_step(moment: datetime) -> datetime:
    late = moment.minute % STEP_MIN or (STEP_MIN if moment.second or moment.microsecond else 0)
    rounded = moment.replace(second=0, microsecond=0)
    return rounded + timedelta(minutes=STEP_MIN - late) if late else rounded


def outside_of(agenda: Agenda, span: Span) -> list[Span]:
    """The parts of `span` out of his week's hours; holidays count as worked here, they are told apart."""
    worked = [each for day in _days_of(span) for each in worked_spans(agenda.week, day)]
    return without([span], worked)


def _days_of(span: Span) -> list[date]:
    return days_between(span.start.date(), (span.end - timedelta(minutes=1)).date())


def holidays_on(agenda: Agenda, span: Span) -> list[tuple[date, str]]:
    """The public holidays that `span` touches."""
    return [(day, agenda.holidays[day]) for day in _days_of(span) if day in agenda.holidays]


def closed_spans(agenda: Agenda, day: date, *, opens: time, closes: time) -> list[Span]:
    """What of a day between two hours is out of his week: the bands of a planning."""
    shown = Span(datetime.combine(day, opens), datetime.combine(day, closes))
    return without([shown], worked_spans(agenda.week, day))
