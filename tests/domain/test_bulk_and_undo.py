"""Postponing and cancelling many at once, and undoing a named operation whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from lib.db import tables as t
from lib.domain import actions
from lib.domain.assignments import apply_assignment
from lib.domain.bulk import MAX_RECORDS, Refused, cancel_all, open_selection, postpone_all
from lib.domain.chain import Chain, Status
from lib.domain.context import Context, query
from lib.domain.errors import Invalid, NotAllowed, NotFound
from lib.domain.gestures import Gesture
from lib.domain.rights import Operation, Scope
from lib.domain.undo import recent_operations, undo_operation
from tests.builders import (
    NOW,
    TODAY,
    World,
    a_context,
    a_key,
    a_next,
    a_report,
    an_action,
    put,
    remove_right,
    stored_state,
    the_chain,
    the_sub,
)
from tests.domain.test_workload import a_planned, give_right

D = timedelta(days=1)
GOOD_FRIDAY_WEEK = date(2026, 4, 2)  # the Thursday before Easter Monday, 6 April


def versions(world: World, *subs: int) -> list[tuple[int, int]]:
    return [(sub, the_sub(world, sub).version) for sub in subs]


def postponed(world: World, who: str, *subs: int, **how: Any) -> int:
    return postpone_all(a_context(world, who), rows=versions(world, *subs), request_key=a_key(), **how)


def reassigned(world: World, who: str, to: int, *subs: int) -> int:
    moves = [(*each, to, None) for each in versions(world, *subs)]
    return apply_assignment(a_context(world, who), moves=moves, request_key=a_key())


def undone(world: World, who: str, row_id: object, **more: Any) -> int:
    return undo_operation(a_context(world, who, **more), operation_row_id=row_id, request_key=a_key())


@query
def journal_of(ctx: Context, *, sub: int) -> list[tuple[str, str, str, str]]:
    found = ctx.store.changes.since("sub_action", sub, 0)
    return [(change.operation, change.field, change.old, change.new) for change in found if change.field]


def operations(world: World) -> list[Any]:
    def read(store: Any) -> list[Any]:
        return list(store.connection.execute(select(t.bulk_operation).order_by(t.bulk_operation.c.id)).mappings())

    return world.db.read(read)


def refuses(world: World, use_case: Callable[[], object], error: type[Exception], match: str | None = None) -> None:
    before = stored_state(world.db), operations(world)
    with pytest.raises(error, match=match):
        use_case()
    assert (stored_state(world.db), operations(world)) == before


# ---- postpone


def test_many_are_moved_to_a_day_each_keeping_its_hour_and_status(world: World) -> None:
    first = a_planned(world, planned_time=time(14, 30))
    second = an_action(world)
    row_id = postponed(world, "manager", first, second, to_date=TODAY + 9 * D)
    assert [(the_sub(world, each).planned_date, the_sub(world, each).status) for each in (first, second)] == [
        (TODAY + 9 * D, Status.PLANNED),
        (TODAY + 9 * D, Status.TO_PLAN),
    ]
    assert the_sub(world, first).planned_time == time(14, 30)
    (operation,) = operations(world)
    assert (operation["id"], operation["name"], operation["record_count"]) == (row_id, "postpone", 2)
    assert operation["told"] == '{"date": "2026-03-13"}'


@pytest.mark.parametrize(
    ("planned", "days", "moved"),
    [
        (TODAY, 1, TODAY + D),
        (date(2026, 3, 6), 1, date(2026, 3, 9)),  # over a week-end
        (GOOD_FRIDAY_WEEK, 2, date(2026, 4, 7)),  # over the week-end and Easter Monday
        (TODAY - 30 * D, 2, TODAY + 2 * D),  # late: from today
        (None, 3, date(2026, 3, 9)),  # without a date: from today
    ],
)
def test_working_days_count_from_the_planned_date_and_know_the_holidays(
    world: World, planned: date | None, days: int, moved: date
) -> None:
    sub = an_action(world, planned_date=planned)
    postponed(world, "manager", sub, working_days=days)
    assert the_sub(world, sub).planned_date == moved


def test_those_that_are_there_already_are_left_alone(world: World) -> None:
    there, other = an_action(world, planned_date=TODAY + D), an_action(world)
    row_id = postponed(world, "manager", there, other, to_date=TODAY + D)
    assert (the_sub(world, there).version, operations(world)[0]["record_count"]) == (1, 1)
    assert row_id == operations(world)[0]["id"]
    refuses(world, lambda: postponed(world, "manager", there, to_date=TODAY + D), Invalid, "already")


@pytest.mark.parametrize(
    ("rows", "how"),
    [
        ([], {"to_date": TODAY}), ("x", {"to_date": TODAY}), (None, {"to_date": TODAY}), ([1], {"to_date": TODAY}),
        ([("x", 1)], {"to_date": TODAY}), ([(1, "x")], {"to_date": TODAY}), ([(True, 1)], {"to_date": TODAY}),
        ([(1, 1), (1, 1)], {"to_date": TODAY}), ([(2**40, 1)], {"to_date": TODAY}),
        ([(each, 1) for each in range(1, MAX_RECORDS + 2)], {"to_date": TODAY}),
        (..., {}), (..., {"to_date": "x"}), (..., {"to_date": date(1900, 1, 1)}),
        (..., {"working_days": 0}), (..., {"working_days": -1}), (..., {"working_days": 251}),
        (..., {"working_days": True}), (..., {"working_days": "3"}),
    ],
)  # fmt: skip
def test_what_a_browser_forges_moves_nothing(world: World, rows: Any, how: dict[str, Any]) -> None:
    sub = an_action(world)
    rows = versions(world, sub) if rows is ... else rows
    key, ctx = a_key(), a_context(world, "manager")
    refuses(world, lambda: postpone_all(ctx, rows=rows, request_key=key, **how), Invalid)


def test_one_that_cannot_follow_keeps_all_where_they_are_and_is_named(world: World) -> None:
    mine, done, theirs = an_action(world), an_action(world), an_action(world, "colleague")
    a_report(world, done)
    for others, match in (
        ([done], "A000002/01.*report has been entered"),
        ([theirs], "A000003/01.*doesn't change"),
        ([done, theirs], "2 actions: A000002/01, A000003/01"),
        ([10**6], "doesn't exist"),
    ):
        rows = versions(world, mine, *(each for each in others if each != 10**6))
        rows += [(each, 1) for each in others if each == 10**6]
        ctx = a_context(world, "sales")

        def use_case(rows: Any = rows, ctx: Context = ctx) -> object:
            return postpone_all(ctx, rows=rows, to_date=TODAY + D, request_key=a_key())

        refuses(world, use_case, Refused, match)


def test_what_somebody_changed_since_it_was_ticked_is_told_with_his_name(world: World) -> None:
    mine, changed = an_action(world), an_action(world)
    seen = versions(world, mine, changed)
    edits = {"duration": "45"}
    actions.edit_sub_action(a_context(world, "manager"), sub_action_id=changed, version=1, edits=edits)
    ctx = a_context(world, "sales")
    refuses(
        world, lambda: postpone_all(ctx, rows=seen, to_date=TODAY, request_key=a_key()), Refused, "Manager changed it"
    )


def test_the_same_request_twice_moves_once(world: World) -> None:
    sub, key = an_action(world, planned_date=TODAY), a_key()
    ctx, rows = a_context(world, "sales"), versions(world, sub)
    first = postpone_all(ctx, rows=rows, working_days=1, request_key=key)
    assert postpone_all(ctx, rows=rows, working_days=1, request_key=key) == first
    assert (the_sub(world, sub).planned_date, len(operations(world))) == (TODAY + D, 1)


# ---- cancel


def test_many_are_cancelled_with_one_comment_and_for_good(world: World) -> None:
    first, second = a_planned(world), an_action(world)
    rows = versions(world, first, second)
    row_id = cancel_all(a_context(world, "manager"), rows=rows, reason=" Campagne arrêtée ", request_key=a_key())
    for each in (first, second):
        sub, chain = the_sub(world, each), the_chain(world, each)
        assert (sub.status, sub.cancel_reason, sub.cancelled_by) == (
            Status.CANCELLED,
            "Campagne arrêtée",
            world.manager,
        )
        assert chain.action.status == Status.CANCELLED
    refuses(world, lambda: undone(world, "manager", row_id), NotAllowed, "for good")
    (recent,) = recent_operations(a_context(world, "manager"))
    assert "for good" in str(recent.why_not)


@pytest.mark.parametrize("reason", ["", "  ", None, "x" * 2001])
def test_cancelling_many_needs_a_comment(world: World, reason: Any) -> None:
    rows, ctx = versions(world, an_action(world)), a_context(world, "sales")
    refuses(world, lambda: cancel_all(ctx, rows=rows, reason=reason, request_key=a_key()), Invalid)


def test_what_was_ticked_is_split_by_what_the_gesture_allows(world: World) -> None:
    mine, theirs, done, far = an_action(world), an_action(world, "colleague"), an_action(world), an_action(world, "far")
    a_report(world, done)
    ids = [mine, theirs, done, far, "x", -1]
    found = open_selection(a_context(world, "sales"), sub_action_ids=ids, gesture=Gesture.CANCEL)
    assert found.versions == [(mine, 1)]
    assert sorted(each.number for each in found.refused) == ["", "", "", "A000002/01", "A000003/01"]
    with pytest.raises(Invalid):
        open_selection(a_context(world, "sales"), sub_action_ids=range(1, 1100), gesture=Gesture.CANCEL)


# ---- undo


def whole(chain: Chain) -> Any:
    """A chain without its versions, which only grow."""
    return (
        [{n: getattr(sub, n) for n in sub.__dataclass_fields__ if n != "version"} for sub in chain.sub_actions],
        {n: getattr(chain.action, n) for n in chain.action.__dataclass_fields__ if n != "version"},
    )


def test_undoing_gives_back_every_field_of_every_record_under_one_operation(world: World) -> None:
    planned = a_planned(world, planned_time=time(9))
    pooled = an_action(world, assignee=None, org_unit=world.field)
    kept = an_action(world, "colleague")  # its responsible isn't its assignee any more
    following = a_report(world, kept, "colleague", follow_up="sub_action", next=a_next(world, "sales"))
    put(world, t.action, the_chain(world, following).action.id, responsible_id=world.manager)
    his = an_action(world, assignee=world.sales)
    put(world, t.action, the_chain(world, his).action.id, responsible_id=world.tele_sales)
    subs = (planned, pooled, following, his)
    before = [whole(the_chain(world, each)) for each in subs]
    row_id = reassigned(world, "manager", world.tele_sales, *subs)
    for each in subs:
        assert the_sub(world, each).assignee_id == world.tele_sales
        assert the_sub(world, each).org_unit_id == world.tele
        assert the_chain(world, each).action.responsible_id == world.tele_sales
    assert undone(world, "manager", row_id) == row_id
    assert [whole(the_chain(world, each)) for each in subs] == before
    (operation,) = operations(world)
    assert (operation["undone_by"], operation["undone_at"]) == (world.manager, NOW)
    assert {each[0] for each in journal_of(a_context(world, "admin"), sub=planned)} == {"reassign", "undo"}


def test_dates_and_hours_come_back_too(world: World) -> None:
    planned, wished, undated = (
        a_planned(world, planned_time=time(9)),
        an_action(world, planned_date=TODAY),
        an_action(world),
    )
    before = [whole(the_chain(world, each)) for each in (planned, wished, undated)]
    row_id = postponed(world, "sales" if False else "manager", planned, wished, undated, working_days=5)
    undone(world, "manager", row_id)
    assert [whole(the_chain(world, each)) for each in (planned, wished, undated)] == before


def test_a_second_undo_is_refused_and_two_clicks_of_one_undo_once(world: World) -> None:
    sub = an_action(world)
    row_id, key = reassigned(world, "manager", world.tele_sales, sub), a_key()
    ctx = a_context(world, "manager")
    assert undo_operation(ctx, operation_row_id=row_id, request_key=key) == row_id
    assert undo_operation(ctx, operation_row_id=row_id, request_key=key) == row_id
    refuses(world, lambda: undone(world, "manager", row_id), NotAllowed, "Manager has undone it on 2026-03-04")
    (recent,) = recent_operations(ctx)
    assert "has undone it" in str(recent.why_not)


def test_a_record_changed_since_refuses_the_whole_undo_and_is_named(world: World) -> None:
    first, second = an_action(world), an_action(world)
    row_id = reassigned(world, "manager", world.tele_sales, first, second)
    edits = {"duration": "45"}
    actions.edit_sub_action(a_context(world, "tele_sales"), sub_action_id=second, version=2, edits=edits)
    told = r"A000002/01 was changed by Tele Sales on 2026-03-04"
    refuses(world, lambda: undone(world, "manager", row_id), Refused, told)
    (recent,) = recent_operations(a_context(world, "manager"))
    assert "A000002/01 was changed by Tele Sales" in str(recent.why_not)


@pytest.mark.parametrize("gesture", ["report", "cancel", "delete", "deal", "reassign again"])
def test_whatever_happened_since_stands_in_the_way(world: World, gesture: str) -> None:
    sub, other = an_action(world), an_action(world)
    row_id = reassigned(world, "manager", world.tele_sales, sub, other)
    ctx = a_context(world, "manager")
    if gesture == "report":
        a_report(world, sub, "tele_sales", follow_up="sub_action", next=a_next(world, "tele_sales"))
    elif gesture == "cancel":
        actions.cancel(ctx, sub_action_id=sub, version=2, reason="non")
    elif gesture == "delete":
        actions.delete_sub_action(ctx, sub_action_id=sub, version=2)
    elif gesture == "deal":
        put(world, t.action, the_chain(world, sub).action.id, version=99)
    else:
        reassigned(world, "manager", world.colleague, sub)
    refuses(world, lambda: undone(world, "manager", row_id), Refused, "A000001")
    assert recent_operations(ctx)[-1].why_not is not None


def test_only_ones_own_operations_are_undone_unless_one_reassigns_everywhere(world: World) -> None:
    sub = an_action(world)
    row_id = postponed(world, "sales", sub, working_days=3)
    for who in ("manager", "colleague", "reader"):
        assert recent_operations(a_context(world, who)) == []
        refuses(world, lambda who=who: undone(world, who, row_id), NotFound)  # type: ignore[misc]
    for forged in (None, 0, -1, "x", True, 10**6):
        refuses(world, lambda forged=forged: undone(world, "admin", forged), NotFound)  # type: ignore[misc]
    assert [each.person for each in recent_operations(a_context(world, "admin"))] == ["Sales"]
    undone(world, "admin", row_id)
    assert the_sub(world, sub).planned_date is None


def test_whoever_lost_the_right_undoes_nothing(world: World) -> None:
    sub = an_action(world)
    row_id = reassigned(world, "manager", world.tele_sales, sub)
    give_right(world, "manager", Operation.ASSIGN_ACTIONS, Scope.OWN)
    refuses(world, lambda: undone(world, "manager", row_id), Refused, "doesn't reassign")
    give_right(world, "manager", Operation.ASSIGN_ACTIONS, Scope.UNIT)
    remove_right(world, "manager", Operation.EDIT_ACTIONS)
    refuses(world, lambda: undone(world, "manager", row_id), Refused, "doesn't change")


def test_what_left_ones_unit_is_taken_back_all_the_same(world: World) -> None:
    sub = an_action(world)
    row_id = reassigned(world, "manager", world.two_preferring, sub)  # of his unit too, but it goes to Sud
    assert the_sub(world, sub).org_unit_id == world.south
    with pytest.raises(NotFound):
        actions.open_action(a_context(world, "manager"), sub_action_id=sub)
    undone(world, "manager", row_id)
    assert (the_sub(world, sub).assignee_id, the_sub(world, sub).org_unit_id) == (world.sales, world.field)


def test_somebody_who_left_gets_his_actions_back_by_an_undo(world: World) -> None:
    """A leaver's actions given to the wrong people come back to him, to be given again; orphans tell of them."""
    sub = an_action(world, "colleague")
    put(world, t.person, world.colleague, is_active=False)
    row_id = reassigned(world, "manager", world.tele_sales, sub)
    undone(world, "manager", row_id)
    assert the_sub(world, sub).assignee_id == world.colleague


def test_actions_changed_since_are_counted_once_each_and_all_of_them(world: World) -> None:
    subs = [an_action(world) for _number in range(12)]
    row_id = reassigned(world, "manager", world.tele_sales, *subs)
    reassigned(world, "manager", world.colleague, subs[0])  # its action changes hands too
    told = r"because of 1 action: A000001/01\. A000001/01 was changed by Manager"
    refuses(world, lambda: undone(world, "manager", row_id), Refused, told)
    reassigned(world, "manager", world.colleague, *subs[1:])
    told = r"because of 12 actions: A000001/01, A000002/01, .*, A000010/01…\. "
    refuses(world, lambda: undone(world, "manager", row_id), Refused, told)


def test_two_sub_actions_of_one_chain_move_and_come_back_together(world: World) -> None:
    first = an_action(world)
    second = a_report(world, first, follow_up="sub_action", next=a_next(world))
    put(world, t.sub_action, first, status="to_plan", is_open=True)
    before = whole(the_chain(world, first))
    row_id = reassigned(world, "manager", world.colleague, first, second)
    assert {sub.assignee_id for sub in the_chain(world, first).sub_actions} == {world.colleague}
    undone(world, "manager", row_id)
    assert whole(the_chain(world, first)) == before
