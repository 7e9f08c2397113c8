"""Two people at once, and the same gesture twice (R1, R20): nothing overwritten in silence, nothing done twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from lib.db import tables as t
from lib.domain import actions, reports
from lib.domain.chain import Status
from lib.domain.changes import journal_text
from lib.domain.deals import create_deal
from lib.domain.errors import Conflict, DomainError, Invalid
from lib.domain.parameters import DATE_REQUIRED, DETAIL_REQUIRED, REPORT_PREFILL, change_parameter
from tests.builders import (
    NOW,
    TODAY,
    World,
    a_context,
    a_key,
    a_next,
    a_report_raw,
    an_action,
    an_action_raw,
    rows_of,
    stored_state,
    the_chain,
    the_sub,
)

SOON = TODAY + timedelta(days=5)


def edit(world: World, sub: int, who: str, version: int, **edits: Any) -> Any:
    return actions.edit_sub_action(a_context(world, who), sub_action_id=sub, version=version, edits=edits).get(sub)


def test_edits_of_different_fields_are_merged(world: World) -> None:
    sub = an_action(world)
    edit(world, sub, "manager", 1, duration="45", site=world.plant)
    merged = edit(world, sub, "sales", 1, planned_date=SOON, detail="<p>Rappeler Anne</p>")
    assert (merged.duration_min, merged.site_id, merged.planned_date, merged.detail_text, merged.version) == (
        45, world.plant, SOON, "Rappeler Anne", 3)  # fmt: skip


def test_the_same_field_changed_by_both_tells_what_was_what_is_and_what_was_typed(world: World) -> None:
    sub = an_action(world)
    edit(world, sub, "manager", 1, detail="<p>Deux</p>", duration="45")
    edit(world, sub, "admin", 2, detail="<p>Trois</p>")
    before = stored_state(world.db)
    with pytest.raises(Conflict) as refused:
        edit(world, sub, "sales", 1, detail="<p>Le mien</p>", planned_date=SOON)
    assert stored_state(world.db) == before
    (change,) = refused.value.changes
    assert (change.field, change.original, change.theirs, change.mine) == (
        "detail",
        journal_text("<p>Proposer le contrat</p>"),
        journal_text("<p>Trois</p>"),
        "<p>Le mien</p>",
    )
    assert refused.value.by is not None
    assert (refused.value.by.id, refused.value.at) == (world.admin, NOW)
    assert "Admin" in str(refused.value)


def test_a_version_far_behind_is_merged_or_refused_by_the_same_rule(world: World) -> None:
    sub = an_action(world)
    for version in range(1, 21):
        edit(world, sub, "manager", version, duration=version + 20)
    assert edit(world, sub, "sales", 1, planned_date=SOON).planned_date == SOON
    with pytest.raises(Conflict) as refused:
        edit(world, sub, "sales", 2, duration="1h")
    assert (refused.value.changes[0].original, refused.value.changes[0].theirs) == ("21", "40")


def test_a_version_that_never_was_is_refused(world: World) -> None:
    sub = an_action(world)
    for version in (2, 999):
        with pytest.raises(Conflict):
            edit(world, sub, "sales", version, duration="45")


def test_cancelling_or_reporting_on_what_somebody_else_just_reported_is_refused(world: World) -> None:
    sub = an_action(world)
    reports.enter_report(
        a_context(world, "colleague"), sub_action_id=sub, version=1, raw=a_report_raw(), request_key=a_key()
    )
    before, ctx = stored_state(world.db), a_context(world, "sales")
    with pytest.raises(Conflict) as refused:
        reports.enter_report(
            ctx, sub_action_id=sub, version=1, raw=a_report_raw(report="<p>Mien</p>"), request_key=a_key()
        )
    assert {change.field for change in refused.value.changes} >= {"report", "status"}
    with pytest.raises(DomainError):
        actions.cancel(ctx, sub_action_id=sub, version=1, reason="non")
    with pytest.raises(Invalid, match="no longer change"):
        edit(world, sub, "sales", 1, duration="45")
    assert stored_state(world.db) == before


def test_two_deals_chosen_at_once_do_not_overwrite_each_other_in_silence(world: World) -> None:
    sub = an_action(world)
    action_id = the_chain(world, sub).action.id
    mine, theirs = (
        create_deal(a_context(world, "sales"), action_id=action_id, raw={"title": title}, request_key=a_key())
        for title in ("mine", "theirs")
    )
    seen = the_sub(world, sub).version
    edit(world, sub, "manager", seen, deal=mine)
    with pytest.raises(Conflict) as refused:
        edit(world, sub, "sales", seen, deal=None)
    (change,) = refused.value.changes
    assert (change.field, change.original, change.theirs, change.mine) == ("deal", str(theirs), str(mine), None)


# ---- the same gesture twice


def test_a_repeated_request_returns_its_first_result(world: World) -> None:
    ctx, key = a_context(world, "sales"), a_key()
    first = actions.create_action(ctx, raw=an_action_raw(world), request_key=key)
    state = stored_state(world.db)
    assert actions.create_action(ctx, raw=an_action_raw(world, nature=None), request_key=key) == first
    report_key, raw = a_key(), a_report_raw(follow_up="sub_action", next=a_next(world))
    assert stored_state(world.db) == state
    second = reports.enter_report(ctx, sub_action_id=first, version=1, raw=raw, request_key=report_key)
    state = stored_state(world.db)
    assert reports.enter_report(ctx, sub_action_id=first, version=1, raw=raw, request_key=report_key) == second
    assert stored_state(world.db) == state


def test_a_refused_request_may_be_sent_again_once_mended(world: World) -> None:
    ctx, key = a_context(world, "sales"), a_key()
    with pytest.raises(Invalid):
        actions.create_action(ctx, raw=an_action_raw(world, detail=""), request_key=key)
    assert actions.create_action(ctx, raw=an_action_raw(world), request_key=key)


def at_once(*gestures: Callable[[], Any]) -> list[Any]:
    """The results of the gestures started together, or the refusals they raised."""
    start = Barrier(len(gestures))

    def run(gesture: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return gesture()
        except DomainError as refused:
            return refused

    with ThreadPoolExecutor(len(gestures)) as pool:
        return list(pool.map(run, gestures))


def test_a_double_click_makes_one_action(world: World) -> None:
    ctx, key = a_context(world, "sales"), a_key()
    results = at_once(*[lambda: actions.create_action(ctx, raw=an_action_raw(world), request_key=key)] * 4)
    assert len(set(results)) == 1
    assert rows_of(world.db, t.action, t.sub_action, t.request) == {"action": 1, "sub_action": 1, "request": 1}


def test_actions_created_at_once_are_numbered_in_order_without_a_hole(world: World) -> None:
    ctx = a_context(world, "sales")
    subs = at_once(*[lambda: actions.create_action(ctx, raw=an_action_raw(world), request_key=a_key())] * 8)
    assert sorted(the_chain(world, sub).action.number for sub in subs) == list(range(1, 9))


def test_two_reports_at_once_give_one_report_and_one_next_action(world: World) -> None:
    sub = an_action(world)
    raw = a_report_raw(follow_up="sub_action", next=a_next(world))

    def report_as(who: str) -> Callable[[], int]:
        ctx = a_context(world, who)
        return lambda: reports.enter_report(ctx, sub_action_id=sub, version=1, raw=raw, request_key=a_key())

    results = at_once(report_as("sales"), report_as("colleague"), report_as("manager"))
    assert sum(isinstance(each, Conflict) for each in results) == 2
    chain = the_chain(world, sub)
    assert [(each.seq, each.status) for each in chain.sub_actions] == [(1, Status.DONE), (2, Status.TO_PLAN)]


def test_two_edits_of_different_fields_at_once_are_both_kept(world: World) -> None:
    sub = an_action(world)
    at_once(
        lambda: edit(world, sub, "sales", 1, duration="45"), lambda: edit(world, sub, "manager", 1, planned_date=SOON)
    )
    assert (the_sub(world, sub).duration_min, the_sub(world, sub).planned_date) == (45, SOON)


# ---- parameters


def test_a_parameter_changed_by_two_administrators_is_refused_to_the_second(world: World) -> None:
    ctx = a_context(world, "admin")
    change_parameter(ctx, key=REPORT_PREFILL.key, value="planned", version=0)
    for stale in (0, 2, -1):
        with pytest.raises(Conflict) as refused:
            change_parameter(ctx, key=REPORT_PREFILL.key, value="none", version=stale)
        assert refused.value.by is not None
    with pytest.raises(Conflict):
        change_parameter(ctx, key=DATE_REQUIRED.key, value=True, version=5)
    change_parameter(ctx, key=REPORT_PREFILL.key, value="none", version=1)


def test_two_administrators_at_once_leave_one_value_and_one_line_in_the_journal(world: World) -> None:
    ctx = a_context(world, "admin")
    key = DETAIL_REQUIRED.key
    results = at_once(*[lambda: change_parameter(ctx, key=key, value=False, version=0)] * 4)
    assert all(each is None or isinstance(each, Conflict) for each in results)
    assert rows_of(world.db, t.parameter, t.change) == {"parameter": 1, "change": 1}
