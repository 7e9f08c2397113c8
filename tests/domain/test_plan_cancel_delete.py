"""Planning, cancelling, deleting and going on (R17, R27, R28), accepted and refused, on each engine."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest

from lib.db import tables as t
from lib.domain import actions
from lib.domain.chain import Status
from lib.domain.errors import Conflict, DomainError, Invalid, NotAllowed
from tests.builders import (
    TODAY,
    World,
    a_context,
    a_key,
    a_next,
    a_report,
    an_action,
    rows_of,
    stored_state,
    the_chain,
    the_sub,
)

SOON = TODAY + timedelta(days=5)


def edit(world: World, sub: int, who: str = "sales", *, version: int | None = None, **edits: Any) -> Any:
    seen = the_sub(world, sub).version if version is None else version
    return actions.edit_sub_action(a_context(world, who), sub_action_id=sub, version=seen, edits=edits).get(sub)


# ---- plan


def test_planning_and_unplanning_keep_the_date_as_a_wish(world: World) -> None:
    sub, ctx = an_action(world), a_context(world, "sales")
    planned = actions.plan(ctx, sub_action_id=sub, version=1, planned_date=SOON, planned_time=time(9, 15))
    assert (planned.last.status, planned.action.status) == (Status.PLANNED, Status.PLANNED)
    unplanned = actions.unplan(ctx, sub_action_id=sub, version=2)
    assert (unplanned.last.status, unplanned.last.planned_date, unplanned.last.planned_time) == (
        Status.TO_PLAN, SOON, time(9, 15))  # fmt: skip
    moved = actions.postpone(ctx, sub_action_id=sub, version=3, planned_date=TODAY)
    assert (moved.last.status, moved.last.planned_date, moved.last.planned_time) == (Status.TO_PLAN, TODAY, None)


def test_planning_needs_a_date_and_happens_once(world: World) -> None:
    sub, ctx = an_action(world), a_context(world, "sales")
    before = stored_state(world.db)
    with pytest.raises(Invalid) as refused:
        actions.plan(ctx, sub_action_id=sub, version=1, planned_date=None)
    assert list(refused.value.fields) == ["planned_date"]
    with pytest.raises(NotAllowed, match="isn't planned"):
        actions.unplan(ctx, sub_action_id=sub, version=1)
    assert stored_state(world.db) == before
    actions.plan(ctx, sub_action_id=sub, version=1, planned_date=SOON)
    with pytest.raises(NotAllowed, match="already planned"):
        actions.plan(ctx, sub_action_id=sub, version=1, planned_date=SOON)


# ---- cancel


def test_cancelling_needs_a_comment_and_is_for_good(world: World) -> None:
    sub, ctx = an_action(world), a_context(world, "sales")
    before = stored_state(world.db)
    for reason in ("", "  ", "\u200b", None, "\x00\u202e", "x" * 2001, ["x"], 5, {}):
        with pytest.raises(Invalid) as refused:
            actions.cancel(ctx, sub_action_id=sub, version=1, reason=reason)
        assert list(refused.value.fields) == ["reason"]
    assert stored_state(world.db) == before
    chain = actions.cancel(ctx, sub_action_id=sub, version=1, reason=" Plus \x00intéressé ")
    assert (chain.last.status, chain.action.status) == (Status.CANCELLED, Status.CANCELLED)
    assert (chain.last.cancel_reason, chain.last.cancelled_by) == ("Plus intéressé", world.sales)
    cancelled, admin = stored_state(world.db), a_context(world, "admin")
    for gesture in (
        lambda: edit(world, sub, "admin", duration="45"),
        lambda: edit(world, sub, "admin", deal=None),
        lambda: actions.cancel(admin, sub_action_id=sub, version=2, reason="encore"),
        lambda: actions.plan(admin, sub_action_id=sub, version=2, planned_date=SOON),
        lambda: actions.postpone(admin, sub_action_id=sub, version=2, planned_date=SOON),
        lambda: a_report(world, sub, "admin"),
    ):
        with pytest.raises(DomainError, match="cancelled"):
            gesture()
    assert stored_state(world.db) == cancelled


# ---- delete


def test_deleting_the_only_one_deletes_the_action_and_its_number_is_never_given_again(world: World) -> None:
    sub = an_action(world, nature=world.meeting, participants=[world.far])
    assert actions.delete_sub_action(a_context(world, "sales"), sub_action_id=sub, version=1) is None
    assert rows_of(world.db, t.action, t.sub_action, t.sub_action_participant) == {
        "action": 0, "sub_action": 0, "sub_action_participant": 0}  # fmt: skip
    assert the_chain(world, an_action(world)).action.number == 2


def test_the_journal_keeps_what_was_deleted(world: World) -> None:
    detail = "<p>" + "long " * 200 + "</p>"
    sub = an_action(world, detail=detail, origin=world.campaign)
    number = the_chain(world, sub).action.id
    actions.delete_sub_action(a_context(world, "sales"), sub_action_id=sub, version=1)
    changes = world.db.read(lambda store: store.changes.of_action(number, limit=99))
    kept = {(c.entity, c.field): c for c in changes if c.operation == "delete"}
    assert kept["sub_action", ""].old == '"A000001/01"'
    assert "long " * 200 in kept["sub_action", "detail"].old
    assert kept["action", "client_id"].old == str(world.dupont)
    assert kept["action", "origin_id"].old == str(world.campaign)


def test_a_planned_one_is_put_back_before_it_is_deleted(world: World) -> None:
    sub, ctx = an_action(world, status="planned", planned_date=SOON), a_context(world, "admin")
    before = stored_state(world.db)
    with pytest.raises(NotAllowed, match="put it back to plan"):
        actions.delete_sub_action(ctx, sub_action_id=sub, version=1)
    assert stored_state(world.db) == before
    actions.unplan(ctx, sub_action_id=sub, version=1)
    assert actions.delete_sub_action(ctx, sub_action_id=sub, version=2) is None


def test_only_the_last_of_a_chain_is_deleted_and_its_number_stays_unused(world: World) -> None:
    first = an_action(world)
    second = a_report(world, first, follow_up="sub_action", next=a_next(world))
    ctx = a_context(world, "admin")
    with pytest.raises(NotAllowed, match="no hole"):
        actions.delete_sub_action(ctx, sub_action_id=first, version=2)
    assert actions.delete_sub_action(ctx, sub_action_id=second, version=1) == first
    chain = the_chain(world, first)
    assert [sub.seq for sub in chain.sub_actions] == [1]
    assert chain.action.status == Status.DONE
    third = actions.add_next(ctx, action_id=chain.action.id, raw=a_next(world), request_key=a_key())
    assert the_sub(world, third).seq == 3


def test_history_is_deleted_by_those_who_have_the_right_to(world: World) -> None:
    done, cancelled = an_action(world), an_action(world)
    a_report(world, done)
    actions.cancel(a_context(world, "sales"), sub_action_id=cancelled, version=1, reason="non")
    for sub in (done, cancelled):
        with pytest.raises(NotAllowed, match="done or cancelled"):
            actions.delete_sub_action(a_context(world, "sales"), sub_action_id=sub, version=2)
        assert actions.delete_sub_action(a_context(world, "manager"), sub_action_id=sub, version=2) is None


def test_a_deletion_based_on_an_old_version_is_refused(world: World) -> None:
    sub = an_action(world)
    edit(world, sub, duration="45")
    before = stored_state(world.db)
    with pytest.raises(Conflict):
        actions.delete_sub_action(a_context(world, "sales"), sub_action_id=sub, version=1)
    assert stored_state(world.db) == before


# ---- add a next step


def test_a_chain_goes_on_only_when_its_last_one_is_over(world: World) -> None:
    sub, ctx = an_action(world), a_context(world, "sales")
    action_id = the_chain(world, sub).action.id
    with pytest.raises(NotAllowed, match="goes on by itself"):
        actions.add_next(ctx, action_id=action_id, raw=a_next(world), request_key=a_key())
    actions.cancel(ctx, sub_action_id=sub, version=1, reason="non")
    after = actions.add_next(ctx, action_id=action_id, raw=a_next(world, "colleague"), request_key=a_key())
    chain = the_chain(world, after)
    assert (chain.last.seq, chain.action.status, chain.action.responsible_id) == (2, Status.TO_PLAN, world.colleague)
