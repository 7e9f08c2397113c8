"""Absences: recorded by the person or the manager, never two at once, told to whom it concerns."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.db import tables as t
from lib.domain.absences import (
    ABSENT,
    KINDS,
    Absence,
    AbsenceKind,
    absences_between,
    change_absence,
    delete_absence,
    knows_why,
    overlapping,
    people_managed,
    people_shown,
    record_absence,
    shown_kind,
)
from lib.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from lib.domain.rights import Operation
from lib.domain.spans import Span
from tests.builders import TODAY, World, a_context, a_key, an_open_context, put
from tests.domain.test_words_and_numbers import FORGED
from tests.domain.test_working_hours import outcome

MONDAY = date(2026, 3, 9)


def a_raw(world: World, whose: str = "sales", **values: Any) -> dict[str, Any]:
    """What the form of an absence sends: a week of leave."""
    friday = MONDAY + timedelta(days=4)
    return {"person": world.ids[whose], "kind": "leave", "starts_on": MONDAY, "ends_on": friday, **values}


def recorded(world: World, who: str = "sales", whose: str = "", **values: Any) -> int:
    raw = a_raw(world, whose or who, **values)
    return record_absence(a_context(world, who), raw=raw, request_key=a_key())


def stored(world: World) -> list[Absence]:
    everybody = list(world.ids.values())
    far = {"first": TODAY - timedelta(days=4000), "last": TODAY + timedelta(days=5000)}
    return world.db.read(lambda store: store.absences.between(everybody, **far))


def refused(world: World, who: str = "sales", **values: Any) -> dict[str, str]:
    """The refused fields and their sentences."""
    with pytest.raises(Invalid) as refusal:
        recorded(world, who, **values)
    assert stored(world) == []
    return {name: told.id for name, told in refusal.value.fields.items()}


# ---- what an absence takes


@pytest.mark.parametrize(
    ("first", "since", "last", "until", "start", "end"),
    [
        (MONDAY, None, MONDAY, None, datetime(2026, 3, 9), datetime(2026, 3, 10)),
        (MONDAY, time(14), MONDAY, None, datetime(2026, 3, 9, 14), datetime(2026, 3, 10)),
        (MONDAY, None, date(2026, 3, 13), time(12), datetime(2026, 3, 9), datetime(2026, 3, 13, 12)),
        (date(2026, 3, 28), None, date(2026, 3, 29), None, datetime(2026, 3, 28), datetime(2026, 3, 30)),
        (date(2026, 10, 25), time(1, 30), date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 1, 30),
         datetime(2026, 10, 25, 2, 30)),
        (date(2028, 2, 28), None, date(2028, 2, 29), None, datetime(2028, 2, 28), datetime(2028, 3, 1)),
        (date(2026, 12, 31), None, date(2026, 12, 31), None, datetime(2026, 12, 31), datetime(2027, 1, 1)),
    ],
)  # fmt: skip
def test_an_absence_takes_its_days_or_its_hours(first, since, last, until, start, end):
    absence = Absence(
        person_id=1, kind=AbsenceKind.LEAVE, starts_on=first, start_time=since, ends_on=last, end_time=until
    )
    assert absence.span == Span(start, end)


days = st.integers(0, 20).map(lambda days: MONDAY + timedelta(days=days))
hours = st.none() | st.integers(1, 23).map(time)
absences = st.builds(
    Absence, id=st.integers(1, 3), person_id=st.integers(1, 2), kind=st.just(AbsenceKind.LEAVE), starts_on=days,
    start_time=hours, ends_on=days, end_time=hours,
).filter(lambda each: each.span.start < each.span.end)  # fmt: skip


@given(absences, st.lists(absences, max_size=5))
def test_an_absence_overlaps_the_same_person_s_others_only(absence, others):
    found = overlapping(absence, others)
    hits = [
        each for each in others
        if each.id != absence.id and each.person_id == absence.person_id and each.span.common(absence.span)
    ]  # fmt: skip
    assert found == (hits[0] if hits else None)


# ---- recording


def test_a_week_of_leave_is_recorded_with_who_wrote_it_and_when(world: World) -> None:
    absence_id = recorded(world, "manager", "sales", note=" Ski ")
    (found,) = stored(world)
    ctx = a_context(world, "manager")
    assert found == Absence(
        id=absence_id, person_id=world.sales, kind=AbsenceKind.LEAVE, starts_on=MONDAY, ends_on=date(2026, 3, 13),
        note="Ski", created_by=world.manager, created_at=ctx.now,
    )  # fmt: skip
    told = world.db.read(lambda store: store.changes.since("absence", absence_id, 0))
    assert {(each.operation, each.person_id) for each in told} == {("add_absence", world.manager)}
    assert {each.field for each in told} == {"person_id", "kind", "starts_on", "ends_on", "note"}


def test_the_same_form_sent_twice_records_one(world: World) -> None:
    ctx, key = a_context(world, "sales"), a_key()
    first = record_absence(ctx, raw=a_raw(world), request_key=key)
    assert record_absence(ctx, raw=a_raw(world), request_key=key) == first
    assert len(stored(world)) == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"ends_on": MONDAY - timedelta(days=1)}, "ends_on"),
        ({"ends_on": MONDAY, "start_time": time(14), "end_time": time(12)}, "end_time"),
        ({"ends_on": MONDAY, "start_time": time(14), "end_time": time(14)}, "end_time"),
        ({"kind": "holiday"}, "kind"),
        ({"kind": None}, "kind"),
        ({"person": None}, "person"),
        ({"person": 4242}, "person"),
        ({"starts_on": None}, "starts_on"),
        ({"ends_on": None}, "ends_on"),
        ({"starts_on": date(1999, 1, 1)}, "starts_on"),
        ({"ends_on": date(2999, 1, 1)}, "ends_on"),
        ({"note": "x" * 201}, "note"),
    ],
)
def test_what_makes_no_absence_is_refused_at_its_field(world: World, values: dict[str, Any], field: str) -> None:
    assert list(refused(world, **values)) == [field]


def test_every_problem_is_told_at_once(world: World) -> None:
    assert set(refused(world, kind="x", starts_on=None, start_time="x")) == {"kind", "starts_on", "start_time"}


@pytest.mark.parametrize("name", FORGED)
@pytest.mark.parametrize("field", ["person", "kind", "starts_on", "start_time", "ends_on", "end_time"])
def test_a_forged_value_in_any_field_is_refused_at_that_field(world: World, field: str, name: str) -> None:
    assert list(refused(world, **{field: FORGED[name]})) == [field]


@pytest.mark.parametrize(
    ("since", "until", "start", "end"),
    [
        (time.min, time.min, datetime(2026, 3, 9), datetime(2026, 3, 10)),
        (time(14), time.min, datetime(2026, 3, 9, 14), datetime(2026, 3, 10)),
        (time.min, time(12), datetime(2026, 3, 9), datetime(2026, 3, 9, 12)),
        (None, time(12), datetime(2026, 3, 9), datetime(2026, 3, 9, 12)),
    ],
)
def test_until_midnight_is_until_the_end_of_the_day(world: World, since, until, start, end) -> None:
    recorded(world, ends_on=MONDAY, start_time=since, end_time=until)
    assert stored(world)[0].span == Span(start, end)


# ---- never two at once


@pytest.mark.parametrize(
    ("first", "since", "last", "until", "free"),
    [
        (MONDAY, None, MONDAY, None, False),
        (MONDAY - timedelta(days=9), None, MONDAY + timedelta(days=30), None, False),
        (MONDAY - timedelta(days=2), None, MONDAY, time(8), False),
        (date(2026, 3, 13), time(12), date(2026, 3, 13), time(18), True),
        (date(2026, 3, 13), time(11, 59), date(2026, 3, 13), None, False),
        (date(2026, 3, 14), None, date(2026, 3, 20), None, True),
        (MONDAY - timedelta(days=1), None, MONDAY - timedelta(days=1), None, True),
    ],
)
def test_two_absences_of_a_person_never_overlap(world: World, first, since, last, until, free) -> None:
    recorded(world, end_time=time(12))  # the Friday afternoon is worked
    found = outcome(lambda: recorded(world, starts_on=first, start_time=since, ends_on=last, end_time=until))
    assert found == ("" if free else "Invalid")
    assert len(stored(world)) == (2 if free else 1)


def test_the_refusal_says_which_absence_is_in_the_way(world: World) -> None:
    recorded(world)
    with pytest.raises(Invalid) as refusal:
        recorded(world, "manager", "sales")
    told = refusal.value.fields["starts_on"]
    assert told.id.format(**told.values) == (
        "Another absence already stands from 09/03/2026 to 13/03/2026: change that one."
    )


def test_two_people_may_be_away_together(world: World) -> None:
    recorded(world, "sales")
    recorded(world, "colleague")
    assert len(stored(world)) == 2


def test_of_two_managers_who_record_at_the_same_moment_exactly_one_wins(world: World) -> None:
    put_manager_in(world)
    both = Barrier(2)

    def gesture(who: str) -> str:
        ctx, raw = a_context(world, who), a_raw(world)
        both.wait(10)
        return outcome(lambda: record_absence(ctx, raw=raw, request_key=a_key()))

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(gesture, ["manager", "technician"])) == ["", "Invalid"]
    assert len(stored(world)) == 1


def test_two_changes_at_the_same_moment_never_make_two_absences_overlap(world: World) -> None:
    first = recorded(world, ends_on=MONDAY)
    later = MONDAY + timedelta(days=10)
    second = recorded(world, starts_on=later, ends_on=later)
    both = Barrier(2)

    def gesture(absence_id: int) -> str:
        ctx = a_context(world, "sales")
        both.wait(10)
        middle = a_raw(world, starts_on=MONDAY + timedelta(days=5), ends_on=MONDAY + timedelta(days=6))
        return outcome(lambda: change_absence(ctx, absence_id=absence_id, version=1, raw=middle))

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(gesture, [first, second])) == ["", "Invalid"]


def put_manager_in(world: World) -> None:
    """The technician becomes an administrator, to be a second one who may write."""
    put(world, t.person, world.technician, profile_id=world.profile_admin)


# ---- rights


@pytest.mark.parametrize(
    ("who", "whose", "may"),
    [
        ("sales", "sales", True),
        ("sales", "colleague", False),
        ("sales", "manager", False),
        ("nowhere", "nowhere", True),
        ("manager", "manager", True),
        ("manager", "sales", True),
        ("manager", "tele_sales", True),
        ("manager", "far", False),
        ("manager", "nowhere", False),
        ("admin", "far", True),
        ("admin", "nowhere", True),
        ("admin", "gone", True),
        ("reader", "reader", False),
        ("reader", "sales", False),
    ],
)
def test_one_records_one_s_own_a_manager_his_units_an_administrator_all(world, who, whose, may):
    assert outcome(lambda: recorded(world, who, whose)) == ("" if may else NotAllowed.__name__)
    others = recorded(world, "admin", whose, starts_on=MONDAY + timedelta(days=14), ends_on=MONDAY + timedelta(days=14))
    ctx, raw = a_context(world, who), a_raw(world, whose, starts_on=MONDAY + timedelta(days=15),
                                            ends_on=MONDAY + timedelta(days=15))  # fmt: skip
    refusal = "" if may else NotAllowed.__name__
    assert outcome(lambda: change_absence(ctx, absence_id=others, version=1, raw=raw)) == refusal
    assert outcome(lambda: delete_absence(ctx, absence_id=others, version=2 if may else 1)) == refusal
    assert len(stored(world)) == 1


@pytest.mark.parametrize(
    ("who", "shown", "managed"),
    [
        ("sales", {"sales", "colleague", "two_preferring", "manager"}, {"sales"}),
        ("far", {"far", "two_units", "two_preferring"}, {"far"}),
        ("nowhere", {"nowhere"}, {"nowhere"}),
        ("manager", *[{"sales", "colleague", "two_preferring", "manager", "tele_sales", "two_units"}] * 2),
    ],
)
def test_people_are_offered_by_the_rights(world: World, who: str, shown: set[str], managed: set[str]) -> None:
    ctx = an_open_context(world, who)
    assert {each.id for each in people_shown(ctx)} == {world.ids[name] for name in shown}
    assert {each.id for each in people_managed(ctx, Operation.EDIT_ABSENCES)} == {world.ids[name] for name in managed}


def test_an_administrator_sees_everybody_active_a_reader_manages_nobody(world: World) -> None:
    everybody = {each.id for each in people_shown(an_open_context(world, "admin"))}
    assert world.gone not in everybody
    assert everybody == {each.id for each in people_shown(an_open_context(world, "reader"))}
    assert people_managed(an_open_context(world, "reader"), Operation.EDIT_ABSENCES) == []


@pytest.mark.parametrize(
    ("who", "knows"),
    [("sales", True), ("colleague", False), ("manager", True), ("admin", True), ("reader", False), ("far", False)],
)
def test_why_somebody_is_away_is_told_to_him_and_to_his_managers_only(world: World, who: str, knows: bool) -> None:
    recorded(world, "sales", kind="sick", note="Opération")
    ctx = an_open_context(world, who)
    (found,) = absences_between(a_context(world, who), person_ids=[world.sales], first=MONDAY, last=MONDAY)
    assert knows_why(ctx, found) == knows
    assert shown_kind(ctx, found) == (KINDS[AbsenceKind.SICK] if knows else ABSENT)


# ---- changing and deleting


def test_an_absence_is_changed_and_its_own_days_are_not_in_its_way(world: World) -> None:
    absence_id = recorded(world)
    raw = a_raw(world, kind="training", ends_on=MONDAY + timedelta(days=6))
    change_absence(a_context(world, "manager"), absence_id=absence_id, version=1, raw=raw)
    (found,) = stored(world)
    assert (found.kind, found.ends_on, found.version) == (AbsenceKind.TRAINING, date(2026, 3, 15), 2)
    told = world.db.read(lambda store: store.changes.since("absence", absence_id, 1))
    assert {(each.field, each.version) for each in told} == {("kind", 2), ("ends_on", 2)}


def test_an_absence_never_changes_its_person(world: World) -> None:
    absence_id = recorded(world)
    raw = a_raw(world, "colleague")
    change_absence(a_context(world, "manager"), absence_id=absence_id, version=1, raw=raw)
    assert stored(world)[0].person_id == world.sales


def test_an_old_absence_keeps_its_old_days(world: World) -> None:
    absence_id = recorded(world)
    years_later = a_context(world, "manager").now + timedelta(days=6 * 366)
    ctx = a_context(world, "manager", now=years_later)
    change_absence(ctx, absence_id=absence_id, version=1, raw=a_raw(world, note="Retrouvé"))
    assert stored(world)[0].note == "Retrouvé"


def test_a_change_of_an_older_version_is_a_conflict_that_names_who_was_first(world: World) -> None:
    absence_id = recorded(world)
    change_absence(a_context(world, "manager"), absence_id=absence_id, version=1, raw=a_raw(world, kind="sick"))
    before = stored(world)
    ctx = a_context(world, "sales")
    with pytest.raises(Conflict) as changed:
        change_absence(ctx, absence_id=absence_id, version=1, raw=a_raw(world, kind="other"))
    assert changed.value.by
    assert changed.value.by.id == world.manager
    with pytest.raises(Conflict):
        delete_absence(ctx, absence_id=absence_id, version=1)
    assert stored(world) == before


def test_a_deleted_absence_is_gone_and_the_journal_keeps_it(world: World) -> None:
    absence_id = recorded(world, note="Ski")
    delete_absence(a_context(world, "sales"), absence_id=absence_id, version=1)
    assert stored(world) == []
    told = world.db.read(lambda store: store.changes.since("absence", absence_id, 1))
    assert ("note", '"Ski"', "null") in [(each.field, each.old, each.new) for each in told]
    with pytest.raises(NotFound):
        delete_absence(a_context(world, "sales"), absence_id=absence_id, version=1)


@pytest.mark.parametrize("forged", [None, 0, -1, 4242, 2**40, True, "1", 1.5, [1], float("nan")])
def test_an_absence_that_is_not_there_is_not_found(world: World, forged: object) -> None:
    recorded(world)
    ctx = a_context(world, "admin")
    with pytest.raises(NotFound):
        change_absence(ctx, absence_id=forged, version=1, raw=a_raw(world))
    with pytest.raises(NotFound):
        delete_absence(ctx, absence_id=forged, version=1)
    assert len(stored(world)) == 1


def test_absences_are_found_by_any_day_that_they_touch(world: World) -> None:
    recorded(world)
    ctx, friday = a_context(world, "colleague"), date(2026, 3, 13)

    def found(first: date, last: date) -> int:
        return len(absences_between(ctx, person_ids=[world.sales, True, "x"], first=first, last=last))  # type: ignore[list-item]

    assert [found(MONDAY - timedelta(days=3), MONDAY - timedelta(days=1)), found(friday, friday)] == [0, 1]
    assert [found(MONDAY - timedelta(days=3), MONDAY), found(friday + timedelta(days=1), date(2027, 1, 1))] == [1, 0]
    assert absences_between(ctx, person_ids=[], first=MONDAY, last=friday) == []


def test_colleagues_get_neither_the_kind_nor_the_note_of_an_absence(world: World) -> None:
    raw = {"person": world.sales, "kind": "sick", "starts_on": TODAY, "ends_on": TODAY, "note": "Opération"}
    record_absence(a_context(world, "sales"), raw=raw, request_key=a_key())
    days = {"person_ids": [world.sales], "first": TODAY, "last": TODAY}
    (told,) = absences_between(a_context(world, "reader"), **days)
    (whole,) = absences_between(a_context(world, "manager"), **days)
    assert (told.kind, told.note) == (AbsenceKind.OTHER, "")
    assert (whole.kind, whole.note) == (AbsenceKind.SICK, "Opération")
