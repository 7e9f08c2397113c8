"""A person's time: what he works over holidays, part-time and absences, and what is free of it (R19)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.absences import Absence, AbsenceKind, record_absence
from lib.domain.agenda import (
    STEP_MIN,
    Agenda,
    agendas,
    closed_spans,
    free_slots,
    free_spans,
    holidays_between,
    holidays_on,
    outside_of,
    proposed_day,
    proposed_week,
)
from lib.domain.calendar import is_working_day
from lib.domain.context import Context, query
from lib.domain.parameters import HOLIDAY_REGION
from lib.domain.public_holidays import HolidayRegion, public_holidays
from lib.domain.spans import Span, days_between, span_of
from lib.domain.working_hours import DEFAULT_WEEK, Period, Week, set_week, worked_spans
from tests.builders import World, a_context, a_key, set_parameter

NINE, NOON, TWO, SIX = time(9), time(12, 30), time(14), time(17, 30)
NO_WEDNESDAY: Week = tuple(period for period in DEFAULT_WEEK if period.weekday != 2)


def an_absence(first: date, last: date | None = None, since: time | None = None, until: time | None = None) -> Absence:
    return Absence(
        person_id=1, kind=AbsenceKind.LEAVE, starts_on=first, ends_on=last or first, start_time=since, end_time=until
    )


def an_agenda(
    first: date, last: date, *absences: Absence, week: Week = DEFAULT_WEEK, region: str = "mainland"
) -> Agenda:
    days = public_holidays(first, last, region=HolidayRegion(region))
    return Agenda(1, first, last, week, days, absences)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute))


# ---- capacity


@pytest.mark.parametrize(
    ("monday", "hours", "why"),
    [
        (date(2026, 3, 2), 35, "nothing special"),
        (date(2026, 4, 6), 28, "Easter Monday"),
        (date(2026, 5, 11), 28, "Ascension Day"),
        (date(2026, 3, 23), 35, "its Sunday turns the clocks on"),
        (date(2026, 10, 19), 35, "its Sunday turns the clocks back"),
        (date(2028, 2, 28), 35, "29 February is a Tuesday"),
        (date(2026, 12, 28), 28, "1 January is its Friday, of another year"),
        (date(2025, 12, 22), 28, "Christmas is its Thursday"),
    ],
)
def test_capacity_of_a_week_knows_its_public_holidays(monday: date, hours: int, why: str) -> None:
    agenda = an_agenda(monday, monday + timedelta(days=6))
    assert agenda.capacity_between(monday, monday + timedelta(days=6)) == hours * 60, why


@pytest.mark.parametrize(
    ("week", "absence", "minutes"),
    [
        (DEFAULT_WEEK, an_absence(date(2026, 3, 2)), 0),
        (DEFAULT_WEEK, an_absence(date(2026, 3, 2), until=NOON), 210),
        (DEFAULT_WEEK, an_absence(date(2026, 3, 2), since=TWO), 210),
        (DEFAULT_WEEK, an_absence(date(2026, 3, 2), since=time(11), until=time(15)), 270),
        (DEFAULT_WEEK, an_absence(date(2026, 3, 2), since=NOON, until=TWO), 420),
        (DEFAULT_WEEK, an_absence(date(2026, 3, 1), date(2026, 3, 2), since=SIX, until=time(10)), 360),
        (DEFAULT_WEEK, an_absence(date(2026, 2, 27), date(2026, 3, 9)), 0),
        (DEFAULT_WEEK, an_absence(date(2026, 3, 3)), 420),
        (((Period(0, time(20), time.min)),), an_absence(date(2026, 3, 2), since=time(22)), 120),
    ],
)
def test_capacity_of_a_monday_with_an_absence(week: Week, absence: Absence, minutes: int) -> None:
    monday = date(2026, 3, 2)
    assert an_agenda(monday, monday, absence, week=week).capacity_min(monday) == minutes


def test_part_time_counts_no_hour_of_the_day_that_is_off() -> None:
    monday = date(2026, 3, 2)
    agenda = an_agenda(monday, monday + timedelta(days=6), week=NO_WEDNESDAY)
    assert agenda.capacity_between(monday, monday + timedelta(days=6)) == 28 * 60
    assert agenda.available(date(2026, 3, 4)) == []


@pytest.mark.parametrize(
    ("region", "works"),
    [("mainland", True), ("alsace", False), ("moselle", False), ("guadeloupe", True), ("reunion", True)],
)
def test_26_december_is_worked_or_not_by_region(world: World, region: str, works: bool) -> None:
    set_parameter(world, HOLIDAY_REGION.key, region)
    day = date(2025, 12, 26)  # a Friday
    reference = world.db.read(lambda store: store.reference())
    assert (day not in holidays_between(reference, day, day)) == works
    found = _agendas(a_context(world, "sales"), people=[world.sales], first=day, last=day)
    assert found.capacity_min(day) == (420 if works else 0)


@query
def _agendas(ctx: Context, *, people: list[int], first: date, last: date) -> Agenda:
    return agendas(ctx, person_ids=people, first=first, last=last).of(people[0])


def test_an_agenda_holds_the_person_s_own_week_and_absences_only(world: World) -> None:
    monday, ctx = date(2026, 3, 9), a_context(world, "manager")
    hours = [(p.weekday, p.start, p.end) for p in NO_WEDNESDAY]
    set_week(ctx, person_id=world.sales, hours=hours, seen=())
    for who, day in ((world.sales, monday), (world.colleague, monday + timedelta(days=1))):
        raw = {"person": who, "kind": "training", "starts_on": day, "ends_on": day, "end_time": NOON}
        record_absence(ctx, raw=raw, request_key=a_key())
    last = monday + timedelta(days=6)
    mine = _agendas(ctx, people=[world.sales, world.colleague], first=monday, last=last)
    assert [mine.capacity_min(day) for day in days_between(monday, last)] == [210, 420, 0, 420, 420, 0, 0]
    hers = _agendas(ctx, people=[world.colleague], first=monday, last=last)
    assert [hers.capacity_min(day) for day in days_between(monday, last)] == [420, 210, 420, 420, 420, 0, 0]


@pytest.mark.parametrize("region", sorted(HolidayRegion))
def test_a_proposed_day_is_worked_whatever_the_day_and_the_delay(world: World, region: str) -> None:
    set_parameter(world, HOLIDAY_REGION.key, region)
    reference = world.db.read(lambda store: store.reference())
    closed = public_holidays(date(2025, 12, 1), date(2029, 12, 31), region=HolidayRegion(region))
    for day in days_between(date(2027, 12, 15), date(2029, 1, 15))[::3]:
        for count in (0, 1, 2, 5, 90):
            found = proposed_day(reference, day, count)
            assert is_working_day(found, closed)
            passed = [each for each in days_between(day + timedelta(days=1), found) if is_working_day(each, closed)]
            assert len(passed) == count or (count == 0 and passed in ([], [found]))
        later = proposed_week(reference, day)
        assert is_working_day(later, closed)
        assert later >= day + timedelta(days=7)


# ---- free time


def test_three_proposals_stand_in_three_different_stretches_of_free_time() -> None:
    monday = date(2026, 4, 6)  # Easter Monday
    agenda = an_agenda(monday, date(2026, 4, 12), an_absence(date(2026, 4, 7), until=NOON))
    found = free_slots(agenda, [], minutes=60, since=at(monday, 8), until=date(2026, 4, 12))
    assert found == [
        span_of(at(date(2026, 4, 7), 14), 60),
        span_of(at(date(2026, 4, 8), 9), 60),
        span_of(at(date(2026, 4, 8), 14), 60),
    ]


def test_a_proposal_is_never_in_the_past_and_starts_at_a_quarter() -> None:
    day = date(2026, 3, 4)
    found = free_slots(an_agenda(day, day), [], minutes=30, since=at(day, 10, 37), until=day, count=1)
    assert found == [span_of(at(day, 10, 45), 30)]


def test_no_proposal_where_nothing_is_long_enough() -> None:
    day = date(2026, 3, 4)
    assert free_slots(an_agenda(day, day), [], minutes=240, since=at(day, 8), until=day) == []


def test_nothing_is_proposed_on_days_that_the_agenda_does_not_cover() -> None:
    day = date(2026, 4, 3)  # the Friday before Easter Monday, which this agenda doesn't know
    agenda = an_agenda(day, day)
    assert free_slots(agenda, [span_of(at(day, 9), 600)], minutes=60, since=at(day, 8), until=date(2026, 4, 8)) == []


days = st.dates(date(2025, 12, 1), date(2028, 3, 31))
hours = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
weeks = st.lists(st.tuples(st.integers(0, 6), hours, hours), max_size=10).map(
    lambda raw: tuple(sorted(Period(w, min(a, b), max(a, b)) for w, a, b in raw if a != b))
)


@st.composite
def situations(draw: st.DrawFn) -> tuple[Agenda, list[Span], datetime, date, int]:
    """An agenda of four weeks, what is planned in it, and from when a slot of how long is looked for."""
    first = draw(days)
    last = first + timedelta(days=27)
    near = st.integers(-3, 30).map(lambda days: first + timedelta(days=days))
    away = draw(st.lists(st.tuples(near, st.integers(0, 9), st.none() | hours, st.none() | hours), max_size=3))
    absences = [an_absence(day, day + timedelta(days=1 + n), since, until) for day, n, since, until in away]
    planned = draw(st.lists(st.tuples(near, hours, st.integers(1, 1440)), max_size=15))
    busy = [span_of(datetime.combine(day, hour), minutes) for day, hour, minutes in planned]
    since = datetime.combine(draw(near), draw(hours)) + timedelta(minutes=draw(st.integers(0, 14)))
    region = draw(st.sampled_from(sorted(HolidayRegion)))
    agenda = an_agenda(first, last, *absences, week=draw(weeks | st.just(DEFAULT_WEEK)), region=region)
    return agenda, busy, since, draw(near), draw(st.integers(1, 480))


@given(situations())
def test_free_time_never_overlaps_what_is_busy_closed_or_away(
    situation: tuple[Agenda, list[Span], datetime, date, int],
) -> None:
    agenda, busy, since, until, minutes = situation
    slots = free_slots(agenda, busy, minutes=minutes, since=since, until=until, count=5)
    free = free_spans(agenda, busy, since=since, until=until)
    taken = [*busy, *(absence.span for absence in agenda.absences)]
    for each in [*slots, *free]:
        assert since <= each.start < each.end
        assert agenda.first <= each.start.date() <= min(until, agenda.last)
        assert not any(each.overlaps(other) for other in taken)
        assert not outside_of(agenda, each)
        assert not holidays_on(agenda, each)
    for slot in slots:
        assert slot.minutes == minutes
        assert slot.start.minute % STEP_MIN == 0
        assert any(each.start <= slot.start and slot.end <= each.end for each in free)
    assert slots == sorted(slots)
    assert len(slots) == min(5, sum(_fits(each, minutes) for each in free))


def _fits(free: Span, minutes: int) -> bool:
    """Whether a slot that starts at a quarter fits in, found by trying each minute."""
    starts = (free.start + timedelta(minutes=n) for n in range(STEP_MIN))
    start = next(each for each in starts if each.minute % STEP_MIN == 0)
    return start + timedelta(minutes=minutes) <= free.end


@given(situations())
def test_what_is_worked_and_what_is_closed_make_the_whole_day(
    situation: tuple[Agenda, list[Span], datetime, date, int],
) -> None:
    agenda = situation[0]
    opens, closes = time(7), time(20)
    for day in days_between(agenda.first, agenda.first + timedelta(days=6)):
        shown = Span(datetime.combine(day, opens), datetime.combine(day, closes))
        closed = closed_spans(agenda, day, opens=opens, closes=closes)
        worked = [part for each in worked_spans(agenda.week, day) if (part := each.common(shown))]
        assert not any(each.overlaps(part) for each in closed for part in worked)
        covered = {n for each in [*closed, *worked] for n in range(_minute(each.start, day), _minute(each.end, day))}
        assert covered == set(range(7 * 60, 20 * 60))


def _minute(moment: datetime, day: date) -> int:
    return int((moment - datetime.combine(day, time.min)).total_seconds() // 60)


# ---- what a span hits


@pytest.mark.parametrize(
    ("span", "outside"),
    [
        (span_of(at(date(2026, 3, 4), 9), 210), []),
        (span_of(at(date(2026, 3, 4), 12), 60), [span_of(at(date(2026, 3, 4), 12, 30), 30)]),
        (span_of(at(date(2026, 3, 7), 9), 60), [span_of(at(date(2026, 3, 7), 9), 60)]),
        (span_of(at(date(2026, 3, 4), 23), 120), [span_of(at(date(2026, 3, 4), 23), 120)]),
    ],
)
def test_what_of_a_span_is_outside_of_the_hours(span: Span, outside: list[Span]) -> None:
    assert outside_of(an_agenda(date(2026, 3, 1), date(2026, 3, 8)), span) == outside


def test_a_span_that_ends_at_midnight_does_not_touch_the_holiday_that_follows() -> None:
    eve = date(2026, 12, 24)
    agenda = an_agenda(eve, date(2026, 12, 26))
    assert holidays_on(agenda, span_of(at(eve, 22), 120)) == []
    assert [day for day, _name in holidays_on(agenda, span_of(at(eve, 22), 121))] == [date(2026, 12, 25)]


def test_the_absence_that_a_span_hits_is_the_one_that_shares_a_moment() -> None:
    day = date(2026, 3, 4)
    morning = an_absence(day, until=NOON)
    agenda = an_agenda(day, day, morning)
    assert agenda.absence_on(span_of(at(day, 12), 60)) == morning
    assert agenda.absence_on(span_of(at(day, 12, 30), 60)) is None
