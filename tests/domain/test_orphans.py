"""What nobody takes care of is found as far as one sees it, and mended by one gesture, rights and versions checked."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, time, timedelta
from threading import Barrier, BrokenBarrierError, Thread
from typing import Any

import pytest

from lib.db import tables as t
from lib.domain import actions, orphans
from lib.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from lib.domain.orphans import Orphans, find_orphans, move_after_absence, put_into_pool
from lib.domain.rights import Operation, Scope
from tests.builders import (
    TODAY,
    World,
    a_context,
    a_next,
    a_report,
    an_action,
    put,
    remove_right,
    stored_state,
    the_chain,
    the_sub,
)
from tests.domain.test_workload import a_planned, an_absence, give_right

D = timedelta(days=1)
FRIDAY = date(2026, 3, 6)


def found_by(world: World, who: str = "manager", **asked: Any) -> Orphans:
    return find_orphans(a_context(world, who), **asked)


def a_stalled_chain(world: World, who: str = "sales") -> int:
    """A report announced a next step, which was cancelled since."""
    following = a_report(world, an_action(world, who), who, follow_up="sub_action", next=a_next(world, who))
    actions.cancel(a_context(world, who), sub_action_id=following, version=1, reason="non")
    return following


# ---- clients


def test_an_active_client_without_any_open_action_is_found_with_its_account_manager(world: World) -> None:
    put(world, t.client, world.dupont, account_manager_id=world.sales)
    put(world, t.client, world.leroy, account_manager_id=world.far)
    put(world, t.client, world.asleep, account_manager_id=world.sales)
    a_report(world, an_action(world, client=world.dupont))
    assert [client.id for client in found_by(world).clients] == [world.dupont]
    an_action(world, "far", client=world.dupont)  # somebody takes care of it, though the manager doesn't see that
    assert found_by(world).clients == ()


def test_an_admin_finds_the_clients_of_nobody_too_unless_he_asks_for_people(world: World) -> None:
    assert [client.name for client in found_by(world, "admin").clients] == ["Leroy", "SARL Dupont & Fils"]
    assert found_by(world, "admin", person_ids=[world.sales]).clients == ()
    assert found_by(world, "admin").client_count == 2


def test_the_clients_of_an_account_manager_who_left_are_found_by_who_leads_his_unit(world: World) -> None:
    put(world, t.client, world.dupont, account_manager_id=world.gone)
    put(world, t.client, world.leroy, account_manager_id=world.far)
    put(world, t.person, world.far, is_active=False)
    assert [client.id for client in found_by(world).clients] == [world.dupont]
    assert [client.id for client in found_by(world, "admin", unit_ids=[world.south]).clients] == [world.leroy]


def test_a_client_without_an_account_manager_is_found_by_the_units_of_its_business_activity(world: World) -> None:
    put(world, t.client, world.dupont, business_activity_id=world.energy)
    put(world, t.client, world.leroy, business_activity_id=world.water)
    assert [client.id for client in found_by(world).clients] == [world.dupont]
    assert found_by(world).client_count == 1
    assert [client.id for client in found_by(world, "admin", unit_ids=[world.south]).clients] == [world.leroy]
    put(world, t.client, world.leroy, business_activity_id=None)  # of no activity: any unit may take it up
    assert {client.id for client in found_by(world).clients} == {world.dupont, world.leroy}


def test_who_looks_at_his_own_workload_only_finds_his_own_clients(world: World) -> None:
    give_right(world, "sales", Operation.VIEW_WORKLOAD, Scope.OWN)
    assert found_by(world, "sales").clients == ()
    put(world, t.client, world.leroy, account_manager_id=world.sales)
    assert [client.id for client in found_by(world, "sales").clients] == [world.leroy]


def test_who_sees_no_client_finds_none(world: World) -> None:
    remove_right(world, "admin", Operation.VIEW_CLIENTS)
    assert found_by(world, "admin").client_count == 0


# ---- chains


def test_a_chain_whose_next_step_never_came_is_found_by_who_sees_a_part_of_it(world: World) -> None:
    mine, theirs = a_stalled_chain(world), a_stalled_chain(world, "far")
    assert [chain.sub_action_id for chain in found_by(world).stalled] == [mine]
    assert [chain.sub_action_id for chain in found_by(world, "admin").stalled] == [mine, theirs]
    (chain,) = found_by(world).stalled
    assert (chain.client_name, chain.responsible_id) == ("SARL Dupont & Fils", world.sales)
    actions.add_next(a_context(world, "sales"), action_id=chain.action_id, raw=a_next(world), request_key="k")
    assert found_by(world).stalled == ()


def test_a_stalled_chain_of_somebody_who_left_is_found_by_who_leads_its_unit(world: World) -> None:
    sub, theirs = a_stalled_chain(world), a_stalled_chain(world, "far")
    for name in ("sales", "far"):
        put(world, t.person, world.ids[name], is_active=False)
    assert [chain.sub_action_id for chain in found_by(world).stalled] == [sub]
    assert found_by(world, unit_ids=[world.tele]).stalled == ()
    assert [chain.sub_action_id for chain in found_by(world, "admin", unit_ids=[world.south]).stalled] == [theirs]


def test_people_narrow_the_chains_to_those_that_they_are_responsible_for(world: World) -> None:
    a_stalled_chain(world)
    assert found_by(world, person_ids=[world.sales]).stalled_count == 1
    assert found_by(world, person_ids=[world.colleague]).stalled_count == 0


# ---- planned while away


@pytest.mark.parametrize(
    ("planned", "absence", "is_hit"),
    [
        ({"on": FRIDAY}, {}, True),
        ({"on": FRIDAY, "planned_time": time(10)}, {}, True),
        ({"on": FRIDAY - D}, {}, False),
        ({"on": FRIDAY + D}, {}, False),
        ({"on": FRIDAY, "planned_time": time(10)}, {"start_time": time(14)}, False),
        ({"on": FRIDAY, "planned_time": time(13, 50), "duration": "0:15"}, {"start_time": time(14)}, True),
        ({"on": FRIDAY, "planned_time": time(13, 45), "duration": "0:15"}, {"start_time": time(14)}, False),
        ({"on": FRIDAY, "planned_time": time(12)}, {"end_time": time(12)}, False),
        ({"on": FRIDAY}, {"start_time": time(14)}, False),  # the morning is left for it
        ({"on": FRIDAY}, {"start_time": time(8)}, True),
    ],
)
def test_a_planned_action_is_found_when_its_time_is_taken_by_an_absence(world, planned, absence, is_hit):
    sub = a_planned(world, **planned)
    an_absence(world, "sales", FRIDAY, FRIDAY, **absence)
    assert [each.row.sub.id for each in found_by(world).in_absence] == ([sub] if is_hit else [])


def test_what_was_planned_in_a_past_absence_is_late_and_no_orphan(world: World) -> None:
    a_planned(world, on=TODAY - 2 * D)
    an_absence(world, "sales", TODAY - 3 * D, TODAY - D)
    assert found_by(world).in_absence == ()


def test_two_absences_of_one_day_show_its_action_once(world: World) -> None:
    a_planned(world, on=FRIDAY)
    an_absence(world, "sales", FRIDAY, FRIDAY, end_time=time(12, 30))
    an_absence(world, "sales", FRIDAY, FRIDAY, start_time=time(14))
    assert found_by(world).in_absence_count == 1


def test_an_action_of_another_unit_stays_unseen_even_when_its_assignee_is_mine(world: World) -> None:
    a_planned(world, "two_units", FRIDAY, org_unit=world.south)
    an_absence(world, "two_units", FRIDAY, FRIDAY)
    assert found_by(world).in_absence == ()
    assert found_by(world, "admin").in_absence_count == 1


def moved(world: World, sub: int, who: str = "manager", version: int = 1) -> None:
    move_after_absence(a_context(world, who), sub_action_id=sub, version=version)


def test_one_click_moves_it_to_the_first_free_slot_after_the_absence(world: World) -> None:
    sub = a_planned(world, on=FRIDAY, planned_time=time(10), duration="1:00")
    a_planned(world, on=date(2026, 3, 10), planned_time=time(9), duration="1:30")
    an_absence(world, "sales", FRIDAY, date(2026, 3, 9))
    moved(world, sub)
    after = the_sub(world, sub)
    assert (after.planned_date, after.planned_time, after.version) == (date(2026, 3, 10), time(10, 30), 2)
    assert found_by(world).in_absence == ()
    told = world.db.read(lambda store: store.changes.since("sub_action", sub, 1))
    assert {(each.operation, each.field) for each in told} == {
        ("move_after_absence", "planned_date"), ("move_after_absence", "planned_time"),
    }  # fmt: skip


def test_an_action_without_an_hour_keeps_none_and_skips_weekend_holiday_and_the_next_absence(world: World) -> None:
    sub = a_planned(world, on=date(2026, 4, 3))
    an_absence(world, "sales", date(2026, 4, 3), date(2026, 4, 3))  # then a weekend, and Easter Monday
    an_absence(world, "sales", date(2026, 4, 7), date(2026, 4, 8))
    moved(world, sub)
    assert (the_sub(world, sub).planned_date, the_sub(world, sub).planned_time) == (date(2026, 4, 9), None)


def test_during_the_absence_itself_the_slot_is_still_after_it(world: World) -> None:
    sub = a_planned(world, on=TODAY)
    an_absence(world, "sales", TODAY, TODAY)
    moved(world, sub)
    assert the_sub(world, sub).planned_date == TODAY + D


def test_an_absence_of_a_year_is_left_behind_with_what_follows_it(world: World) -> None:
    sub = a_planned(world, on=FRIDAY)
    an_absence(world, "sales", FRIDAY, date(2027, 3, 12))
    an_absence(world, "sales", date(2027, 3, 15), date(2027, 3, 26))
    moved(world, sub)
    assert the_sub(world, sub).planned_date == date(2027, 3, 30)  # the 29th is Easter Monday


def test_somebody_without_any_free_time_is_told_by_name(world: World) -> None:
    sub = a_planned(world, on=FRIDAY, duration="20:00")
    an_absence(world, "sales", FRIDAY, FRIDAY)
    before = stored_state(world.db)
    with pytest.raises(NotAllowed, match=r"Sales has no free time of 20:00 in the 60 days"):
        moved(world, sub)
    assert stored_state(world.db) == before


def test_moving_is_refused_when_nobody_is_away_or_the_action_is_over_or_not_ones_own(world: World) -> None:
    present, done, theirs = a_planned(world), a_planned(world), a_planned(world, "far", FRIDAY)
    a_report(world, done)
    an_absence(world, "far", FRIDAY, FRIDAY)
    with pytest.raises(NotAllowed, match="Nobody is absent"):
        moved(world, present)
    with pytest.raises(NotAllowed, match="It is done"):
        moved(world, done)
    with pytest.raises(NotFound):
        moved(world, theirs)
    with pytest.raises(NotFound):
        moved(world, 10**6)


def test_an_action_moved_meanwhile_is_not_moved_again(world: World) -> None:
    sub = a_planned(world, on=FRIDAY)
    an_absence(world, "sales", FRIDAY - D, FRIDAY)
    actions.postpone(a_context(world, "sales"), sub_action_id=sub, version=1, planned_date=FRIDAY - D)
    with pytest.raises(Conflict):
        moved(world, sub, version=1)
    assert the_sub(world, sub).planned_date == FRIDAY - D


def test_two_managers_at_once_do_not_put_two_actions_into_one_slot(world: World, monkeypatch: Any) -> None:
    both = [a_planned(world, on=FRIDAY, planned_time=time(hour), duration="1:00") for hour in (9, 10)]
    an_absence(world, "sales", FRIDAY, FRIDAY)
    found_one, search = Barrier(2), orphans.proposed_slots

    def search_and_meet(*args: Any) -> Any:
        slots = search(*args)
        with suppress(BrokenBarrierError):
            found_one.wait(timeout=0.5)  # the other one may look now, unless it has to wait for this one
        return slots

    monkeypatch.setattr(orphans, "proposed_slots", search_and_meet)
    threads = [Thread(target=moved, args=(world, *pair)) for pair in zip(both, ("manager", "admin"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    after = [the_sub(world, sub) for sub in both]
    assert {each.planned_date for each in after} == {date(2026, 3, 9)}
    assert len({each.planned_time for each in after}) == 2


def test_without_a_duration_the_slot_is_as_long_as_its_nature_takes(world: World) -> None:
    sub = a_planned(world, on=FRIDAY, planned_time=time(10), nature=world.meeting)
    put(world, t.sub_action, sub, duration_min=None)
    a_planned(world, on=date(2026, 3, 9), planned_time=time(9, 30), duration="0:30")
    an_absence(world, "sales", FRIDAY, FRIDAY)
    moved(world, sub)
    assert the_sub(world, sub).planned_time == time(10)  # half an hour was free at nine, an hour is not


# ---- with somebody who left


def orphaned(world: World) -> int:
    """An open action of somebody who has left since."""
    sub = an_action(world, "admin", assignee=world.colleague)
    put(world, t.person, world.colleague, is_active=False)
    return sub


def test_open_actions_of_who_left_or_is_in_no_sales_unit_are_found(world: World) -> None:
    sub, unplaced = orphaned(world), an_action(world, "nowhere", assignee=world.nowhere)
    an_action(world)
    assert [row.sub.id for row in found_by(world).ownerless] == [sub]
    assert {row.sub.id for row in found_by(world, "admin").ownerless} == {sub, unplaced}


def test_the_list_of_them_names_only_those_who_have_open_actions_that_one_sees(world: World) -> None:
    assert found_by(world).ownerless_filter is None
    orphaned(world)
    put(world, t.person, world.far, is_active=False)
    an_action(world, "nowhere", assignee=world.nowhere)
    kept = found_by(world).ownerless_filter
    assert kept and kept.assignee_ids == {world.colleague}
    kept = found_by(world, "admin").ownerless_filter
    assert kept and kept.assignee_ids == {world.colleague, world.nowhere}
    kept = found_by(world, "admin", unit_ids=[world.field]).ownerless_filter
    assert kept and kept.assignee_ids == {world.colleague}


def test_one_click_puts_it_into_its_units_pool_and_the_journal_says_so(world: World) -> None:
    sub = orphaned(world)
    put_into_pool(a_context(world, "manager"), sub_action_id=sub, version=1)
    after = the_sub(world, sub)
    assert (after.assignee_id, after.org_unit_id) == (None, world.field)
    assert found_by(world).ownerless == ()
    told = world.db.read(lambda store: store.changes.of_action(the_chain(world, sub).action.id, limit=9))
    assert "put_into_pool" in {each.operation for each in told}


def test_without_a_unit_it_goes_to_the_first_one_of_who_clicks_or_is_refused(world: World) -> None:
    give_right(world, "manager", Operation.EDIT_ACTIONS, Scope.ALL)
    give_right(world, "manager", Operation.VIEW_ACTIONS, Scope.ALL)
    sub = an_action(world, "nowhere", assignee=world.nowhere)
    with pytest.raises(Invalid, match="you are in none"):
        put_into_pool(a_context(world, "admin"), sub_action_id=sub, version=1)
    put_into_pool(a_context(world, "manager"), sub_action_id=sub, version=1)
    assert the_sub(world, sub).org_unit_id == world.field


def test_putting_into_a_pool_is_refused_when_somebody_does_it_or_the_right_is_missing(world: World) -> None:
    kept, sub = an_action(world), orphaned(world)
    before = stored_state(world.db)
    with pytest.raises(NotAllowed, match="Somebody takes care of it"):
        put_into_pool(a_context(world, "manager"), sub_action_id=kept, version=1)
    with pytest.raises(NotAllowed, match="doesn't change this action"):
        put_into_pool(a_context(world, "reader"), sub_action_id=sub, version=1)
    with pytest.raises(NotFound):
        put_into_pool(a_context(world, "far"), sub_action_id=sub, version=1)
    assert stored_state(world.db) == before


def test_an_action_given_away_meanwhile_is_not_put_into_the_pool(world: World) -> None:
    sub = orphaned(world)
    actions.edit_sub_action(a_context(world, "admin"), sub_action_id=sub, version=1, edits={"assignee": world.sales})
    with pytest.raises(NotAllowed):
        put_into_pool(a_context(world, "manager"), sub_action_id=sub, version=1)


@pytest.mark.parametrize("who", ["sales", "reader"])
def test_who_may_not_look_at_the_workload_finds_no_orphans_either(world: World, who: str) -> None:
    with pytest.raises(NotAllowed, match="doesn't show the workload"):
        found_by(world, who)
