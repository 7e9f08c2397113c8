"""Planning by a drop: a slot, a lane, the tray; what it hits is told, and chosen (R17–R19, R35)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from lib.db import tables as t
from lib.domain import boards
from lib.domain.absences import record_absence
from lib.domain.actions import cancel
from lib.domain.boards import open_board, people_to_plan
from lib.domain.chain import Status
from lib.domain.clashes import Clash, HitKind
from lib.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from lib.domain.lists import ActionFilter
from lib.domain.planning import Choice, place, put_back, swap
from lib.domain.spans import Span
from tests.builders import (
    TODAY,
    a_context,
    a_key,
    a_report,
    an_action,
    put,
    stored_state,
    the_chain,
    the_sub,
)

MONDAY = TODAY + timedelta(days=5)
NINE, TEN, HALF_PAST_TEN = time(9), time(10), time(10, 30)


def drop(world, sub_id, who="sales", **values):
    """`who` drops a sub-action on Monday at ten, for half an hour, on its own lane, unless told otherwise."""
    sub = the_sub(world, sub_id)
    wanted = {
        "version": sub.version, "day": MONDAY, "at": TEN, "minutes": 30, "assignee_id": sub.assignee_id,
        "request_key": a_key(), **values,
    }  # fmt: skip
    return place(a_context(world, who), sub_action_id=sub_id, **wanted)


def planned(world, who="sales", **values):
    """Something of `who` on Monday at ten, for an hour, unless told otherwise."""
    values = {"planned_date": MONDAY, "planned_time": TEN, "duration": 60, **values}
    return an_action(world, who, status="planned", **values)


def clash_of(run) -> Clash:
    with pytest.raises(Clash) as caught:
        run()
    return caught.value


def changes_of(world, sub_id, field):
    c = t.change.c
    read = select(c.operation, c.new).where(c.entity == "sub_action", c.entity_id == sub_id, c.field == field)
    return world.db.read(lambda store: [tuple(row) for row in store.connection.execute(read)])


def an_absence(world, who="sales", by="manager", **values):
    raw = {"person": world.ids[who], "kind": "leave", "starts_on": MONDAY, "ends_on": MONDAY, **values}
    return record_absence(a_context(world, by), raw=raw, request_key=a_key())


# ---- a slot


def test_a_drop_on_a_slot_plans_date_time_and_status_at_once(world):
    sub_id = an_action(world)

    drop(world, sub_id, minutes=45)

    sub = the_sub(world, sub_id)
    assert (sub.status, sub.planned_date, sub.planned_time, sub.duration_min) == (Status.PLANNED, MONDAY, TEN, 45)
    assert sub.version == 2, "one change, in one transaction"


def test_the_same_drop_handed_over_twice_is_applied_once(world):
    sub_id, key = an_action(world), a_key()
    drop(world, sub_id, version=1, request_key=key)
    before = stored_state(world.db)

    drop(world, sub_id, version=1, request_key=key)

    assert stored_state(world.db) == before


def test_a_planned_one_moves_and_its_duration_is_pulled(world):
    sub_id = planned(world)

    drop(world, sub_id, at=HALF_PAST_TEN, minutes=90)

    sub = the_sub(world, sub_id)
    assert (sub.planned_time, sub.duration_min, sub.status) == (HALF_PAST_TEN, 90, Status.PLANNED)


def test_dropped_back_on_the_tray_it_is_to_plan_and_keeps_its_date_as_a_wish(world):
    sub_id, key = planned(world), a_key()
    for _twice in range(2):
        put_back(a_context(world, "sales"), sub_action_id=sub_id, version=1, request_key=key)

    sub = the_sub(world, sub_id)
    assert (sub.status, sub.planned_date) == (Status.TO_PLAN, MONDAY)


def test_a_day_without_an_hour_takes_the_day_and_hits_no_hour(world):
    planned(world)
    sub_id = an_action(world)

    drop(world, sub_id, at=None)

    assert (the_sub(world, sub_id).planned_date, the_sub(world, sub_id).planned_time) == (MONDAY, None)


def test_a_past_day_is_allowed(world):
    sub_id = an_action(world)
    drop(world, sub_id, day=TODAY - timedelta(days=1))
    assert the_sub(world, sub_id).planned_date == TODAY - timedelta(days=1)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"minutes": 0}, "duration"),
        ({"minutes": -15}, "duration"),
        ({"minutes": 30 * 60}, "duration"),
        ({"minutes": "30"}, "duration"),
        ({"minutes": True}, "duration"),
        ({"day": None}, "planned_date"),
        ({"day": "2026-03-09"}, "planned_date"),
        ({"day": date(2260, 1, 1)}, "planned_date"),
        ({"at": "10:00"}, "planned_time"),
        ({"assignee_id": 999_999}, "assignee"),
        ({"assignee_id": "1"}, "assignee"),
    ],
)
def test_what_no_calendar_sends_is_refused_at_its_field(world, values, field):
    sub_id = an_action(world)
    before = stored_state(world.db)
    with pytest.raises(Invalid) as caught:
        drop(world, sub_id, **values)
    assert set(caught.value.fields) == {field}
    assert stored_state(world.db) == before


@pytest.mark.parametrize("forged", [None, 0, -1, 10**12, "1", 999_999])
def test_a_forged_id_is_not_found(world, forged):
    with pytest.raises(NotFound):
        place(a_context(world, "sales"), sub_action_id=forged, version=1, day=MONDAY, at=TEN, minutes=30,
              assignee_id=world.sales, request_key=a_key())  # fmt: skip


def test_done_and_cancelled_ones_stay_where_they_are_and_say_why(world):
    done, cancelled = planned(world), planned(world, planned_time=time(15))
    a_report(world, done)
    cancel(a_context(world, "sales"), sub_action_id=cancelled, version=1, reason="Fermé")
    with pytest.raises(NotAllowed, match="It is done"):
        drop(world, done)
    with pytest.raises(NotAllowed, match="cancelled"):
        drop(world, cancelled)


def test_a_stale_move_is_refused_and_the_first_one_stays(world):
    sub_id = planned(world)
    drop(world, sub_id, version=1, at=time(15))
    with pytest.raises(Conflict):
        drop(world, sub_id, version=1, at=time(16))
    assert the_sub(world, sub_id).planned_time == time(15)


# ---- what it hits


def test_a_double_booking_is_told_with_names_and_hours_and_nothing_is_saved(world):
    first, second = planned(world), an_action(world)
    before = stored_state(world.db)

    clash = clash_of(lambda: drop(world, second, at=HALF_PAST_TEN))

    (hit,) = clash.hits
    assert (hit.kind, hit.sub_action_id) == (HitKind.OVERLAP, first)
    assert str(hit.sentence) == "A000001/01 Appel, SARL Dupont & Fils, from 10:00 to 11:00"
    assert stored_state(world.db) == before


def test_touching_is_not_overlapping(world):
    planned(world)
    sub_id = an_action(world)
    drop(world, sub_id, at=time(11))
    assert the_sub(world, sub_id).planned_time == time(11)


def test_keeping_both_is_a_choice_that_the_journal_keeps(world):
    other = planned(world)
    sub_id = an_action(world)

    drop(world, sub_id, accepted=[f"overlap:{other}"])

    assert the_sub(world, sub_id).planned_time == TEN
    ((operation, told),) = changes_of(world, sub_id, "clash")
    assert (operation, told) == ("clash", f'{{"choice": "keep_both", "hits": ["overlap:{other}"]}}')


def test_the_journal_does_not_say_why_somebody_was_away(world):
    an_absence(world, kind="sick")
    sub_id = an_action(world)
    drop(world, sub_id, accepted=["absence"])
    ((_operation, told),) = changes_of(world, sub_id, "clash")
    assert '"absence"' in told
    assert "ick" not in told


def test_what_was_accepted_is_not_a_blank_cheque(world):
    other = planned(world)
    an_absence(world)
    sub_id = an_action(world)
    clash = clash_of(lambda: drop(world, sub_id, accepted=[f"overlap:{other}"]))
    assert {hit.kind for hit in clash.hits} == {HitKind.OVERLAP, HitKind.ABSENCE}


def test_a_second_overlap_that_came_meanwhile_is_asked_about(world):
    other, sub_id = planned(world), an_action(world)
    planned(world, planned_time=time(10, 15))
    assert len(clash_of(lambda: drop(world, sub_id, accepted=[f"overlap:{other}"])).hits) == 2


@pytest.mark.parametrize(
    ("day", "at", "kind", "told"),
    [
        (MONDAY, TEN, HitKind.ABSENCE, "Sales is away (Leave) from 09/03/2026 to 09/03/2026"),
        (MONDAY, None, HitKind.ABSENCE, "Sales is away (Leave) from 09/03/2026 to 09/03/2026"),
        (date(2026, 5, 1), TEN, HitKind.HOLIDAY, "01/05/2026 is a public holiday: Fête du Travail"),
        (date(2026, 5, 1), None, HitKind.HOLIDAY, "01/05/2026 is a public holiday: Fête du Travail"),
        (MONDAY + timedelta(days=1), time(7), HitKind.OUTSIDE, "outside the hours of Sales: from 07:00 to 07:30"),
        (MONDAY + timedelta(days=5), None, HitKind.OUTSIDE, "Sales doesn't work on that day"),
    ],
)
def test_absences_holidays_and_closed_hours_are_told(world, day, at, kind, told):
    an_absence(world)
    sub_id = an_action(world)
    (hit,) = clash_of(lambda: drop(world, sub_id, day=day, at=at)).hits
    assert (hit.kind, str(hit.sentence)) == (kind, told)


def test_a_colleague_reads_that_one_is_absent_and_not_why(world):
    an_absence(world, kind="sick")
    sub_id = an_action(world, "colleague")
    put(world, t.sub_action, sub_id, assignee_id=world.sales)
    hit = clash_of(lambda: drop(world, sub_id, "colleague")).hits[0]
    assert str(hit.sentence) == "Sales is away from 09/03/2026 to 09/03/2026"


def test_an_action_of_a_unit_that_one_does_not_see_is_only_busy(world):
    hidden = an_action(world, "admin", assignee=world.two_units, org_unit=world.south, status="planned",
                       planned_date=MONDAY, planned_time=TEN, duration=60)  # fmt: skip
    sub_id = an_action(world, "admin", assignee=world.two_units, org_unit=world.tele)
    (hit,) = clash_of(lambda: drop(world, sub_id, "manager")).hits
    assert str(hit.sentence) == "an action of another unit, from 10:00 to 11:00"
    assert hit.sub_action_id is None
    assert hidden


def test_three_free_slots_of_the_same_person_are_proposed(world):
    planned(world)
    planned(world, planned_time=time(14), duration=210)
    an_absence(world, starts_on=MONDAY + timedelta(days=1), ends_on=MONDAY + timedelta(days=1))
    sub_id = an_action(world)

    clash = clash_of(lambda: drop(world, sub_id))

    tuesday, wednesday = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
    starts = [span.start for span in clash.proposals]
    assert starts == [
        datetime.combine(MONDAY, time(11)), datetime.combine(wednesday, NINE), datetime.combine(wednesday, time(14)),
    ]  # fmt: skip
    assert tuesday not in {start.date() for start in starts}
    drop(world, sub_id, day=starts[0].date(), at=starts[0].time(), choice=Choice.NEXT_FREE)
    assert '"choice": "next_free"' in changes_of(world, sub_id, "clash")[0][1]


def test_nothing_is_proposed_in_the_past(world):
    planned(world, planned_date=TODAY, planned_time=NINE)
    sub_id = an_action(world)
    clash = clash_of(lambda: drop(world, sub_id, day=TODAY, at=NINE))
    assert clash.proposals[0].start == datetime.combine(TODAY, HALF_PAST_TEN), "it is half past ten"


# ---- swap


def change_places(world, sub_id, other_id, who="sales", **values):
    sub, other = the_sub(world, sub_id), the_sub(world, other_id)
    wanted = {
        "version": sub.version, "day": MONDAY, "at": TEN, "minutes": 30, "assignee_id": other.assignee_id,
        "other_id": other_id, "other_version": other.version, "request_key": a_key(), **values,
    }  # fmt: skip
    return swap(a_context(world, who), sub_action_id=sub_id, **wanted)


def test_two_planned_ones_change_places_and_keep_their_durations(world):
    first, second = planned(world), planned(world, planned_time=time(15), duration=30)

    clash = clash_of(lambda: drop(world, second))
    assert clash.swap_with is not None
    assert clash.swap_with.sub_action_id == first
    change_places(world, second, first)

    assert (the_sub(world, second).planned_time, the_sub(world, second).duration_min) == (TEN, 30)
    assert (the_sub(world, first).planned_time, the_sub(world, first).duration_min) == (time(15), 60)


def test_over_two_lanes_they_change_their_people_too(world):
    first, second = planned(world), planned(world, "colleague", planned_time=time(15))
    change_places(world, second, first, "manager", minutes=60)
    assert (the_sub(world, second).assignee_id, the_sub(world, first).assignee_id) == (world.sales, world.colleague)
    assert the_sub(world, first).planned_time == time(15)


def test_from_the_tray_the_other_goes_to_the_tray(world):
    first, second = planned(world), an_action(world)
    change_places(world, second, first)
    assert the_sub(world, first).status == Status.TO_PLAN
    assert the_sub(world, second).status == Status.PLANNED


def test_no_swap_is_offered_that_would_hit_a_third(world):
    long = planned(world, duration=120)
    small = planned(world, planned_time=time(15), duration=30)
    planned(world, planned_time=time(15, 30))
    clash = clash_of(lambda: drop(world, small))
    assert clash.swap_with is None
    with pytest.raises(Clash):
        change_places(world, small, long)


def test_a_swap_is_one_transaction(world):
    first, second = planned(world), planned(world, planned_time=time(15), duration=60)
    before = stored_state(world.db)
    with pytest.raises(Conflict):
        change_places(world, second, first, minutes=60, version=99)
    with pytest.raises(Conflict):
        change_places(world, second, first, minutes=60, other_version=99)
    assert stored_state(world.db) == before


def test_no_swap_with_what_is_not_there_any_more(world):
    elsewhere, sub_id = planned(world, planned_time=time(16)), planned(world, planned_time=time(14))
    with pytest.raises(NotAllowed, match="isn't there any more"):
        change_places(world, sub_id, elsewhere, at=TEN)


def test_no_swap_is_offered_into_nobodys_time(world):
    planned(world)
    waiting = an_action(world, "manager", assignee=None, status="planned", planned_date=MONDAY, planned_time=time(15))
    assert clash_of(lambda: drop(world, waiting, "manager", assignee_id=world.sales)).swap_with is None


def test_with_somebody_of_two_units_it_goes_to_the_one_that_does_its_business(world):
    sub_id = planned(world, "admin", assignee=world.sales, domain=world.gas)
    drop(world, sub_id, "admin", assignee_id=world.two_preferring)
    assert the_sub(world, sub_id).org_unit_id == world.field, "he prefers another one, which sells water"


def test_a_swap_with_itself_or_a_forged_one_is_refused(world):
    sub_id = planned(world)
    for forged in (sub_id, None, "x", 10**10):
        with pytest.raises(Invalid):
            swap(a_context(world, "sales"), sub_action_id=sub_id, version=1, day=MONDAY, at=TEN, minutes=30,
                 assignee_id=world.sales, other_id=forged, other_version=1, request_key=a_key())  # fmt: skip


# ---- lanes


def test_on_another_lane_it_is_the_other_persons_and_so_is_the_chain(world):
    sub_id = planned(world)
    drop(world, sub_id, "manager", assignee_id=world.colleague)
    assert the_sub(world, sub_id).assignee_id == world.colleague
    assert the_chain(world, sub_id).action.responsible_id == world.colleague


def test_when_the_unit_changes_it_is_asked_first(world):
    sub_id = planned(world)
    (hit,) = clash_of(lambda: drop(world, sub_id, "manager", assignee_id=world.tele_sales)).hits
    assert (hit.kind, str(hit.sentence)) == (
        HitKind.OTHER_UNIT, "the action goes to Tele Sales, and from the unit Terrain to Téléventes",
    )  # fmt: skip
    drop(world, sub_id, "manager", assignee_id=world.tele_sales, accepted=["other_unit"])
    assert (the_sub(world, sub_id).assignee_id, the_sub(world, sub_id).org_unit_id) == (world.tele_sales, world.tele)


def test_what_cannot_be_done_is_refused_and_not_asked_about(world):
    planned(world, "far")
    sub_id = planned(world, domain=world.gas)
    before = stored_state(world.db)
    with pytest.raises(Invalid, match="isn't one of the unit's"):
        drop(world, sub_id, "admin", assignee_id=world.far)
    assert stored_state(world.db) == before


def test_from_the_pool_to_a_lane_it_is_planned_and_given(world):
    sub_id = an_action(world, "manager", assignee=None)
    drop(world, sub_id, "manager", assignee_id=world.sales)
    assert (the_sub(world, sub_id).assignee_id, the_sub(world, sub_id).status) == (world.sales, Status.PLANNED)


def test_the_lane_of_somebody_who_left_takes_nothing(world):
    sub_id = planned(world)
    with pytest.raises(Invalid, match="no longer active"):
        drop(world, sub_id, "manager", assignee_id=world.gone)


def test_nobodys_lane_takes_nothing(world):
    sub_id = planned(world)
    with pytest.raises(NotAllowed):
        drop(world, sub_id, "manager", assignee_id=None)


@pytest.mark.parametrize("who", ["colleague", "tele_sales", "reader"])
def test_one_does_not_move_what_one_may_not_change(world, who):
    sub_id = planned(world)
    before = stored_state(world.db)
    with pytest.raises((NotAllowed, NotFound)):
        drop(world, sub_id, who, at=time(15))
    assert stored_state(world.db) == before


def test_two_managers_at_once_on_one_slot_do_not_double_book_unseen(world):
    first, second = an_action(world), an_action(world)
    ready, told = Barrier(2), []

    def run(sub_id, who):
        ready.wait()
        try:
            told.append(drop(world, sub_id, who))
        except Clash as clash:
            told.append(clash)

    threads = [Thread(target=run, args=pair) for pair in ((first, "manager"), (second, "admin"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(each, Clash) for each in told) == 1


# ---- boards


def test_a_board_shows_what_is_planned_the_tray_and_the_hours(world):
    here, wished = planned(world), an_action(world, planned_date=MONDAY)
    planned(world, planned_date=MONDAY + timedelta(days=9))

    board = open_board(a_context(world, "sales"), person_ids=[world.sales], first=MONDAY, last=MONDAY + timedelta(6))

    assert [row.sub.id for row in board.rows] == [here]
    assert [row.sub.id for row in board.tray] == [wished]
    assert board.agendas.of(world.sales).capacity_min(MONDAY) == 7 * 60


def test_what_is_done_is_shown_on_demand(world):
    done = planned(world, planned_date=TODAY)
    a_report(world, done)
    days = {"person_ids": [world.sales], "first": TODAY, "last": TODAY}
    assert open_board(a_context(world, "sales"), **days).rows == ()
    assert [row.sub.id for row in open_board(a_context(world, "sales"), **days, with_done=True).rows] == [done]


def test_hours_of_another_unit_are_taken_and_say_nothing_more(world):
    an_action(world, "admin", assignee=world.two_units, org_unit=world.south, status="planned",
              planned_date=MONDAY, planned_time=TEN, duration=60)  # fmt: skip
    board = open_board(a_context(world, "manager"), person_ids=[world.two_units], first=MONDAY, last=MONDAY)
    ten = datetime.combine(MONDAY, TEN)
    assert board.rows == ()
    assert board.taken == ((world.two_units, Span(ten, ten + timedelta(hours=1))),)


def test_filters_narrow_the_rows_and_never_the_loads(world):
    planned(world, nature=world.call, duration=60)
    kept = planned(world, nature=world.brochure, planned_time=time(15))
    board = open_board(
        a_context(world, "sales"), person_ids=[world.sales], first=MONDAY, last=MONDAY,
        chosen=ActionFilter(nature_ids=frozenset({world.brochure})),
    )  # fmt: skip
    assert [row.sub.id for row in board.rows] == [kept]
    assert board.left_out_min == {(world.sales, MONDAY): 60}


def test_the_pool_of_a_unit_is_in_the_tray_of_whoever_sees_it(world):
    waiting = an_action(world, "manager", assignee=None)
    days = {"person_ids": [world.sales], "first": MONDAY, "last": MONDAY, "pool_unit_ids": [world.field, world.south]}
    assert [row.sub.id for row in open_board(a_context(world, "manager"), **days).tray] == [waiting]
    assert open_board(a_context(world, "far"), **days).tray == ()


def test_plannings_are_those_of_the_people_of_ones_units(world):
    def names(who):
        return {person.id for person in people_to_plan(a_context(world, who))}

    assert names("sales") == {world.sales, world.colleague, world.two_preferring, world.manager}
    assert world.far not in names("manager")
    assert names("admin") >= {world.far, world.sales}
    assert world.gone not in names("admin")
    board = open_board(a_context(world, "sales"), person_ids=[world.far, "x", None], first=MONDAY, last=MONDAY)
    assert board.agendas.by_person == {}


def test_a_board_that_cannot_show_everything_says_so(world, monkeypatch):
    monkeypatch.setattr(boards, "MAX_ITEMS", 1)
    monkeypatch.setattr(boards, "MAX_TRAY", 1)
    for hour in (10, 14):
        planned(world, planned_time=time(hour))
        an_action(world)
    board = open_board(a_context(world, "sales"), person_ids=[world.sales], first=MONDAY, last=MONDAY)
    assert (len(board.rows), board.is_cut, len(board.tray), board.is_tray_cut) == (1, True, 1, True)
