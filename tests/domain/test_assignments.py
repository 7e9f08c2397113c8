"""Affectations: what the preview says is what applying does, all at once or not at all (R8, R33, R35)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from lib.db import tables as t
from lib.domain import actions
from lib.domain.assignments import (
    Preview,
    apply_assignment,
    people_to_assign,
    pools_to_assign,
    preview_assignment,
    undated,
)
from lib.domain.bulk import MAX_RECORDS, Refused
from lib.domain.errors import Invalid, NotAllowed
from lib.domain.lists import ActionFilter, Tab
from lib.domain.parameters import DATE_REQUIRED, DETAIL_REQUIRED
from lib.domain.rights import Operation, Scope
from tests.builders import (
    TODAY,
    World,
    a_context,
    a_key,
    a_report,
    an_action,
    an_open_context,
    put,
    remove_right,
    set_parameter,
    the_chain,
    the_sub,
)
from tests.domain.test_bulk_and_undo import operations, refuses, versions
from tests.domain.test_workload import a_planned, an_absence, give_right

D, W = timedelta(days=1), timedelta(days=7)
MONDAY = date(2026, 3, 2)


def of(world: World, *who: str, **more: Any) -> list[ActionFilter]:
    return [ActionFilter(assignee_ids=frozenset(world.ids[each] for each in who), **more)]


def previewed(world: World, who: str = "manager", **asked: Any) -> Preview:
    return preview_assignment(a_context(world, who), **asked)


def applied(world: World, moves: Any, who: str = "manager") -> int:
    return apply_assignment(a_context(world, who), moves=moves, request_key=a_key())


def ids(preview: Preview) -> list[int]:
    return [move.row.sub.id for move in preview.moves]


def whys(preview: Preview) -> dict[int, str]:
    return {move.row.sub.id: str(move.why) for move in preview.refused}


# ---- choosing


def test_open_actions_are_chosen_by_the_filters_of_the_list(world: World) -> None:
    planned, undated_one, late = a_planned(world), an_action(world), a_planned(world, on=TODAY - 5 * D)
    done, theirs = an_action(world), an_action(world, "colleague")
    a_report(world, done)
    asked = {"person_ids": [world.tele_sales]}
    assert sorted(ids(previewed(world, chosen=of(world, "sales", tab=Tab.ALL), **asked))) == [
        planned,
        undated_one,
        late,
    ]
    week = of(world, "sales", from_date=MONDAY, to_date=MONDAY + 6 * D)
    assert ids(previewed(world, chosen=week, **asked)) == [planned]
    assert sorted(ids(previewed(world, chosen=[*week, undated(week[0])], **asked))) == [planned, undated_one]
    found = previewed(world, sub_action_ids=[theirs, done, 10**6], **asked)
    assert (ids(found), len(found.missing)) == ([theirs], 1)
    assert "Reported" in whys(found)[done]


def test_what_somebody_may_not_see_is_not_chosen(world: World) -> None:
    far = an_action(world, "far")
    found = previewed(world, sub_action_ids=[far, an_action(world)], person_ids=[world.tele_sales])
    assert (far in ids(found), len(found.missing)) == (False, 1)
    with pytest.raises(Invalid, match="widen"):
        previewed(world, chosen=of(world, "far"), person_ids=[world.tele_sales])


def test_too_many_are_refused_before_anything_is_read_of_them(world: World) -> None:
    with pytest.raises(Invalid, match="narrow the choice"):
        previewed(world, sub_action_ids=range(1, MAX_RECORDS + 2), person_ids=[world.tele_sales])


# ---- to whom


@pytest.mark.parametrize(
    ("target", "match"),
    [
        ({}, "Choose who"), ({"person_ids": ["x"]}, "Unknown"), ({"person_ids": [10**6]}, "Unknown"),
        ({"person_ids": ["gone"]}, "no longer active"), ({"person_ids": ["far"]}, "isn't in one of your units"),
        ({"person_ids": ["sales", "far"]}, "isn't in one of your units"),
        ({"org_unit_id": "south"}, "isn't one of your units"), ({"org_unit_id": "workshop"}, "sales unit"),
        ({"org_unit_id": "closed"}, "sales unit"), ({"org_unit_id": 10**6}, "Choose who"),
        ({"org_unit_id": "x"}, "Unknown"),
    ],
)  # fmt: skip
def test_whoever_cannot_get_actions_is_refused_by_the_preview_and_by_applying(
    world: World, target: dict[str, Any], match: str
) -> None:
    sub = an_action(world)

    def known(value: Any) -> Any:
        return world.ids.get(value, value) if isinstance(value, str) else value

    people = [known(each) for each in target.get("person_ids", [])]
    unit = known(target.get("org_unit_id"))
    with pytest.raises(Invalid, match=match) as refused:
        previewed(world, sub_action_ids=[sub], person_ids=people, org_unit_id=unit)
    assert list(refused.value.fields) == ["target"]
    moves = [(sub, 1, people[-1] if people else None, unit)]
    refuses(world, lambda: applied(world, moves), Invalid)


def test_nobody_is_given_hundreds_of_actions_that_would_be_without_a_unit(world: World) -> None:
    sub = an_action(world)
    for who in ("nowhere", "technician"):
        moves = [(sub, 1, world.ids[who], None)]
        refuses(world, lambda moves=moves: applied(world, moves, "admin"), Invalid, "no sales unit")  # type: ignore[misc]


def test_the_people_and_pools_offered_are_those_that_applying_accepts(world: World) -> None:
    for who, units in (("manager", {"field", "tele"}), ("admin", {"field", "tele", "south"}), ("sales", set())):
        ctx = an_open_context(world, who)
        assert {unit.id for unit in pools_to_assign(ctx)} == {world.ids[each] for each in units}
        for person in people_to_assign(ctx):
            preview_assignment(ctx, sub_action_ids=[an_action(world)], person_ids=[person.id])
    offered = {person.id for person in people_to_assign(an_open_context(world, "manager"))}
    expected = {"sales", "colleague", "tele_sales", "two_units", "two_preferring", "manager"}
    assert offered == {world.ids[each] for each in expected}


# ---- the moves


def test_the_unit_follows_from_the_new_person_and_the_one_in_charge_too(world: World) -> None:
    sub = an_action(world, domain=world.gas)
    preview = previewed(world, sub_action_ids=[sub], person_ids=[world.tele_sales])
    row_id = applied(world, preview.to_apply)
    moved, action = the_sub(world, sub), the_chain(world, sub).action
    assert (moved.assignee_id, moved.org_unit_id, moved.version) == (world.tele_sales, world.tele, 2)
    assert (action.responsible_id, action.org_unit_id) == (world.tele_sales, world.tele)
    (operation,) = operations(world)
    assert (operation["id"], operation["name"], operation["record_count"]) == (row_id, "reassign", 1)
    assert (
        operation["told"] == '{"from": [{"person": "Sales", "count": 1}], "to": [{"person": "Tele Sales", "count": 1}]}'
    )


def test_a_pool_gets_them_without_a_person(world: World) -> None:
    subs = [an_action(world), a_planned(world, "colleague")]
    applied(world, previewed(world, sub_action_ids=subs, org_unit_id=world.tele).to_apply)
    for each in subs:
        assert (the_sub(world, each).assignee_id, the_sub(world, each).org_unit_id) == (None, world.tele)
    again = previewed(world, sub_action_ids=subs, org_unit_id=world.tele)
    assert all("already" in why for why in whys(again).values())
    assert again.moves == ()


def test_what_was_made_required_or_disabled_since_goes_along(world: World) -> None:
    set_parameter(world, DETAIL_REQUIRED.key, False)
    sub = an_action(world, detail="", domain=world.gas)
    set_parameter(world, DETAIL_REQUIRED.key, True)
    set_parameter(world, DATE_REQUIRED.key, True)
    put(world, t.action_domain, world.gas, is_active=False)
    put(world, t.action_nature, world.call, is_active=False)
    applied(world, previewed(world, sub_action_ids=[sub], person_ids=[world.tele_sales]).to_apply)
    assert (the_sub(world, sub).assignee_id, the_sub(world, sub).domain_id) == (world.tele_sales, world.gas)


def test_an_activity_that_the_new_unit_has_not_is_left_out_with_its_reason(world: World) -> None:
    gas, bare = an_action(world, domain=world.gas), an_action(world)
    preview = previewed(world, "admin", sub_action_ids=[gas, bare], person_ids=[world.far])
    assert (ids(preview), list(whys(preview))) == ([bare], [gas])
    assert "isn't one of the unit's" in whys(preview)[gas]
    refuses(world, lambda: applied(world, [(gas, 1, world.far, None), (bare, 1, world.far, None)], "admin"), Refused)


def test_somebody_of_several_units_gets_an_action_in_the_one_that_has_its_activity(world: World) -> None:
    gas, bare, tele = an_action(world, domain=world.gas), an_action(world), an_action(world, "tele_sales")
    both = world.two_preferring  # of Terrain too, but what says nothing else goes to Sud
    applied(world, previewed(world, "admin", sub_action_ids=[gas, bare, tele], person_ids=[both]).to_apply, "admin")
    assert [the_sub(world, each).org_unit_id for each in (gas, bare, tele)] == [world.field, world.south, world.south]
    assert {the_sub(world, each).assignee_id for each in (gas, bare, tele)} == {both}


def test_the_preview_says_which_actions_leave_their_unit(world: World) -> None:
    subs = [an_action(world), an_action(world, domain=world.gas)]
    moves = previewed(world, sub_action_ids=subs, person_ids=[world.two_preferring]).moves
    assert [(move.org_unit_id, move.changes_unit) for move in moves] == [(world.south, True), (world.field, False)]


def test_rights_are_those_on_each_row_as_it_is(world: World) -> None:
    subs = [an_action(world), an_action(world, "tele_sales")]
    remove_right(world, "manager", Operation.EDIT_ACTIONS)
    preview = previewed(world, sub_action_ids=subs, person_ids=[world.colleague])
    assert set(whys(preview)) == set(subs)
    moves = [(each, 1, world.colleague, None) for each in subs]
    refuses(world, lambda: applied(world, moves), Refused, "doesn't change")
    for who in ("sales", "reader"):
        with pytest.raises(NotAllowed):
            previewed(world, who, sub_action_ids=subs, person_ids=[world.colleague])
        refuses(world, lambda who=who: applied(world, moves, who), NotAllowed)  # type: ignore[misc]
    give_right(world, "sales", Operation.ASSIGN_ACTIONS, Scope.OWN)
    refuses(world, lambda: applied(world, moves, "sales"), Invalid, "your team")


# ---- spread by the hours left


def hours(count: int) -> str:
    return f"{count}:00"


def test_spreading_goes_by_the_hours_left_in_each_week_and_around_absences(world: World) -> None:
    next_week = MONDAY + W
    a_planned(world, "colleague", on=next_week, duration=hours(20))  # of his 35 hours
    an_absence(world, "two_preferring", next_week, next_week + 4 * D)
    mine = [a_planned(world, on=next_week + number % 5 * D, duration=hours(5)) for number in range(6)]
    people = [world.colleague, world.tele_sales, world.two_preferring]
    preview = previewed(world, "admin", chosen=of(world, "sales"), person_ids=people)
    got = [move.to.person_id for move in preview.moves]
    assert sorted(ids(preview)) == mine
    assert (got.count(world.colleague), got.count(world.tele_sales)) == (1, 5)
    loads = {load.person_id: load for load in preview.loads}
    week = {each: loads[each].weeks[1] for each in loads}
    assert (week[world.colleague].before_min, week[world.colleague].after_min) == (20 * 60, 25 * 60)
    assert (week[world.tele_sales].before_min, week[world.tele_sales].after_min) == (0, 25 * 60)
    assert (week[world.sales].before_min, week[world.sales].after_min) == (30 * 60, 0)
    assert week[world.sales].capacity_min == 35 * 60
    applied(world, preview.to_apply, "admin")
    assert [the_sub(world, move.row.sub.id).assignee_id for move in preview.moves] == got


def test_spreading_gives_each_action_to_somebody_whose_unit_has_its_activity(world: World) -> None:
    gas = [a_planned(world, on=MONDAY + W, duration=hours(3), domain=world.gas) for _number in range(3)]
    bare = [a_planned(world, on=MONDAY + W, duration=hours(3)) for _number in range(3)]
    a_planned(world, "colleague", on=MONDAY + W, duration=hours(10))  # who alone of the two is of a unit with gas
    preview = previewed(world, "admin", sub_action_ids=gas + bare, person_ids=[world.far, world.colleague])
    got = {move.row.sub.id: move.to.person_id for move in preview.moves}
    assert {got[each] for each in gas} == {world.colleague}
    assert {got[each] for each in bare} == {world.far}
    assert preview.refused == ()


def test_the_current_week_counts_from_today_and_what_is_to_plan_apart(world: World) -> None:
    a_planned(world, on=MONDAY, duration=hours(6))  # late by now: it takes no hours of this week any more
    an_action(world, "tele_sales", duration=hours(2))
    moved = [an_action(world, duration=hours(3)), a_planned(world, on=TODAY, duration=hours(4))]
    (sales, tele) = previewed(world, sub_action_ids=moved, person_ids=[world.tele_sales]).loads
    assert (sales.name, tele.name) == ("Sales", "Tele Sales")
    assert (tele.weeks[0].first, tele.weeks[0].capacity_min) == (TODAY, 3 * 7 * 60)
    assert (sales.before_min, sales.after_min, tele.before_min, tele.after_min) == (240, 0, 0, 240)
    assert (tele.to_plan_before.count, tele.to_plan_after.count) == (1, 2)
    assert (tele.to_plan_before.minutes, tele.to_plan_after.minutes) == (120, 300)
    assert (sales.to_plan_before.minutes, sales.to_plan_after.minutes) == (180, 0)
    assert tele.after_pct == -(-100 * 240 // tele.capacity_min)


def test_somebody_who_keeps_his_own_in_a_spread_is_left_as_he_is(world: World) -> None:
    mine = a_planned(world, on=MONDAY + W, duration=hours(5))
    preview = previewed(world, sub_action_ids=[mine], person_ids=[world.sales, world.colleague])
    assert preview.moves == ()
    assert "already" in whys(preview)[mine]


# ---- all or nothing


@pytest.mark.parametrize("gesture", ["edit", "report", "delete", "lost right"])
def test_what_happened_since_the_preview_keeps_everything_where_it_is(world: World, gesture: str) -> None:
    first, second = an_action(world), an_action(world)
    moves = previewed(world, sub_action_ids=[first, second], person_ids=[world.tele_sales]).to_apply
    ctx, match = a_context(world, "sales"), "A000002/01"
    if gesture == "edit":
        actions.edit_sub_action(ctx, sub_action_id=second, version=1, edits={"duration": "45"})
    elif gesture == "report":
        a_report(world, second)
    elif gesture == "delete":
        actions.delete_sub_action(ctx, sub_action_id=second, version=1)
        match = "doesn't exist"
    else:
        put(world, t.sub_action, second, org_unit_id=world.south)
        put(world, t.action, the_chain(world, second).action.id, org_unit_id=world.south)
        match = "doesn't exist"
    refuses(world, lambda: applied(world, moves), Refused, match)


@pytest.mark.parametrize(
    "forge",
    [
        lambda w, s: [], lambda w, s: None, lambda w, s: "moves", lambda w, s: [s], lambda w, s: [(s, 1)],
        lambda w, s: [(s, 1, w.tele_sales, None)] * 2, lambda w, s: [(s, 1, None, None)],
        lambda w, s: [(s, 1, "x", None)], lambda w, s: [("x", 1, w.tele_sales, None)],
        lambda w, s: [(s, 7, w.tele_sales, None)], lambda w, s: [(s, True, w.tele_sales, w.south, 1)],
        lambda w, s: [(10**6, 1, w.tele_sales, None)], lambda w, s: [(2**70, 1, w.tele_sales, None)],
        lambda w, s: [(n, 1, w.tele_sales, None) for n in range(1, MAX_RECORDS + 2)],
    ],
)  # fmt: skip
def test_what_a_browser_forges_moves_nothing(world: World, forge: Callable[[World, int], Any]) -> None:
    moves = forge(world, an_action(world))
    refuses(world, lambda: applied(world, moves), (Invalid, Refused))  # type: ignore[arg-type]


def test_a_unit_beside_a_person_counts_for_nothing(world: World) -> None:
    sub = an_action(world)
    applied(world, [(sub, 1, world.tele_sales, world.south)])
    assert the_sub(world, sub).org_unit_id == world.tele


def test_the_same_request_twice_moves_once(world: World) -> None:
    sub, key, ctx = an_action(world), a_key(), a_context(world, "manager")
    moves = [(*versions(world, sub)[0], world.tele_sales, None)]
    first = apply_assignment(ctx, moves=moves, request_key=key)
    assert apply_assignment(ctx, moves=moves, request_key=key) == first
    assert (the_sub(world, sub).version, len(operations(world))) == (2, 1)
