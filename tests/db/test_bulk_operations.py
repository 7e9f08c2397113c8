"""Operations on many records at the same moment: one wins whole, nothing is mixed; few statements, however many."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from lib.db import tables as t
from lib.domain.actions import edit_sub_action
from lib.domain.assignments import apply_assignment, preview_assignment
from lib.domain.bulk import Refused, postpone_all
from lib.domain.errors import DomainError, NotAllowed
from lib.domain.undo import recent_operations, undo_operation
from tests.builders import TODAY, a_context, a_key, an_action, the_sub


def at_once(*use_cases):
    """What became of each: its result, or the refusal."""

    def run(use_case):
        try:
            return use_case()
        except DomainError as error:
            return error

    with ThreadPoolExecutor(len(use_cases)) as pool:
        return list(pool.map(run, use_cases))


def moves_of(world, subs, to):
    return [(sub, the_sub(world, sub).version, to, None) for sub in subs]


def test_of_two_who_give_the_same_actions_at_once_one_moves_all_and_the_other_none(world, db):
    subs, draw = [an_action(world) for _number in range(12)], random.Random(7)
    ctxs = [a_context(world, who) for who in ("manager", "admin")]
    for turn in range(8):
        targets = [(world.tele_sales, world.colleague), (world.sales, world.two_preferring)][turn % 2]
        shuffled = [draw.sample(subs, len(subs)) for _each in ctxs]
        moves = [moves_of(world, each, to) for each, to in zip(shuffled, targets, strict=True)]
        found = at_once(*(
            lambda ctx=ctx, moves=each: apply_assignment(ctx, moves=moves, request_key=a_key())
            for ctx, each in zip(ctxs, moves, strict=True)
        ))  # fmt: skip
        assert {type(each) for each in found} == {Refused, int}
        (holder,) = {the_sub(world, sub).assignee_id for sub in subs}
        assert holder == targets[0 if isinstance(found[0], int) else 1]


def test_an_operation_undone_twice_at_once_is_undone_once(world, db):
    subs, ctx = [an_action(world) for _number in range(5)], a_context(world, "manager")
    row_id = apply_assignment(ctx, moves=moves_of(world, subs, world.colleague), request_key=a_key())
    found = at_once(*(
        lambda key=key: undo_operation(ctx, operation_row_id=row_id, request_key=key) for key in (a_key(), a_key())
    ))  # fmt: skip
    assert {type(each) for each in found} == {NotAllowed, int}
    assert {(the_sub(world, sub).assignee_id, the_sub(world, sub).version) for sub in subs} == {(world.sales, 3)}


def test_two_clicks_at_once_carry_an_operation_out_once(world, db):
    subs, ctx, key = [an_action(world, planned_date=TODAY) for _number in range(3)], a_context(world, "sales"), a_key()
    rows = [(sub, 1) for sub in subs]
    found = at_once(*[lambda: postpone_all(ctx, rows=rows, working_days=1, request_key=key)] * 3)
    assert len(set(found)) == 1
    assert {the_sub(world, sub).version for sub in subs} == {2}
    assert db.read(lambda store: store.connection.scalar(select(func.count()).select_from(t.bulk_operation))) == 1


@pytest.mark.parametrize("count", [2, 40])
def test_the_number_of_statements_does_not_grow_with_the_number_of_actions(world, count_queries, count):
    subs = [an_action(world) for _number in range(count)]
    ctx, asked, done = a_context(world, "manager"), {"person_ids": [world.tele_sales]}, []
    preview = preview_assignment(ctx, sub_action_ids=subs, **asked)
    assert count_queries(world.db, lambda: preview_assignment(ctx, sub_action_ids=subs, **asked)) <= 6
    moves = preview.to_apply

    def apply():
        done.append(apply_assignment(ctx, moves=moves, request_key=a_key()))

    assert count_queries(world.db, apply) <= 14
    assert count_queries(world.db, lambda: recent_operations(ctx)) <= 3
    undo = {"operation_row_id": done[0], "request_key": a_key()}
    assert count_queries(world.db, lambda: undo_operation(ctx, **undo)) <= 16


@pytest.mark.parametrize("count", [1, 10])
def test_what_was_changed_since_is_asked_once_for_all_the_operations_of_late(world, count_queries, count):
    subs, ctx = [an_action(world) for _number in range(10)], a_context(world, "manager")
    for sub in subs[:count]:
        apply_assignment(ctx, moves=moves_of(world, [sub], world.colleague), request_key=a_key())
    assert count_queries(world.db, lambda: recent_operations(ctx)) <= 3
    for sub in subs[:count]:
        edit_sub_action(a_context(world, "colleague"), sub_action_id=sub, version=2, edits={"duration": "45"})
    assert count_queries(world.db, lambda: recent_operations(ctx)) <= 4
    told = [str(recent.why_not).split(" on ")[0] for recent in recent_operations(ctx)]
    assert told == [f"A{number:06d}/01 was changed by Colleague" for number in range(count, 0, -1)]
