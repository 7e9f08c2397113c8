"""The plannings' measures: forty people over a week with some five hundred items, one person over a week, a drop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import cycle
from uuid import uuid4

from bench.bare import Bare
from bench.data import NOW, SELLER
from bench.measures import Measure
from lib.domain.actions import open_action
from lib.domain.boards import MAX_ITEMS, MAX_LANES, MAX_TRAY, Board, open_board
from lib.domain.context import Context
from lib.domain.lists import ActionFilter, list_actions, week_of
from lib.domain.planning import place

MONDAY, SUNDAY = week_of(NOW.date())


def board_measures(bare: Bare, admin: Context) -> Iterator[Measure]:
    """Reading two boards, and moving one item to and fro."""
    for name, people in (("Planning, 40 people, a week", range(1, MAX_LANES + 1)), ("Planning, one person", [SELLER])):
        yield _board(bare, admin, name, list(people))
    yield _drop(bare, admin)


def _board(bare: Bare, ctx: Context, name: str, people: Sequence[int]) -> Measure:
    kept = f"s.{bare.open} AND s.assignee_id IN ({', '.join('?' * len(people))}) AND s.status = ?"
    days = "s.listed_at >= ? AND s.listed_at < ?"
    since, until = (datetime.combine(day, time.min) for day in (MONDAY - timedelta(days=1), SUNDAY + timedelta(days=1)))

    def by_hand() -> list[list[object]]:
        planned = bare.rows([(f"{kept} AND {days}", [*people, "planned", since, until])], limit=MAX_ITEMS)
        return [planned, bare.rows([(kept, [*people, "to_plan"])], limit=MAX_TRAY)]

    def ours() -> Board:
        return open_board(ctx, person_ids=people, first=MONDAY, last=SUNDAY)

    def same(board: object, rows: object) -> bool:
        assert isinstance(board, Board)
        assert isinstance(rows, list)
        return [[row.sub.id for row in each] for each in (board.rows, board.tray)] == [
            [row[0] for row in each] for each in rows
        ]

    return Measure(name, ours, by_hand, same)


def _drop(bare: Bare, ctx: Context) -> Measure:
    """A drop on another hour, with the hours and the clashes looked at; beside the UPDATE alone."""
    mine = ActionFilter(assignee_ids=frozenset({SELLER}))
    moved = list_actions(ctx, chosen=mine).rows[0].sub
    hours = cycle((9, 10, 11, 14, 15, 16))  # within the hours of work: elsewhere, a drop is answered by a question

    def ours() -> bool:
        version = open_action(ctx, sub_action_id=moved.id).sub.version
        at = time(next(hours))
        place(ctx, sub_action_id=moved.id, version=version, day=_a_workday(), at=at, minutes=30, assignee_id=SELLER,
              request_key=uuid4().hex)  # fmt: skip
        return True

    def by_hand() -> bool:
        bare.run("UPDATE sub_action SET planned_time = planned_time WHERE id = ?", [moved.id])
        return True

    return Measure("A drop, one person's calendar", ours, by_hand, lambda ours, bare: ours == bare)


def _a_workday() -> date:
    return MONDAY + timedelta(weeks=13, days=1)  # after everything that the benchmarks' company has planned
