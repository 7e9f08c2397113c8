"""What is measured: each gesture by its use case, and the same answer by bare SQL."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from bench.bare import Bare
from bench.data import ADMIN, COMMON, LONG_CHAIN, NOW, RARE, SELLER, SELLER_UNIT
from lib.db.engine import Database
from lib.domain.actions import create_action, open_action
from lib.domain.clients import find_clients
from lib.domain.context import Context, context_for
from lib.domain.lists import ActionFilter, Day, Page, SortBy, Tab, count_actions, list_actions, open_day, week_of
from lib.domain.orphans import Orphans, find_orphans
from lib.domain.reports import enter_report
from lib.domain.workload import Workload, open_workload

ZONE = ZoneInfo("Europe/Paris")
RUNS = 30
ALLOWED_MS, ALLOWED_RATIO = 10.0, 1.5
ALLOWED_SUMS_MS = 150.0


@dataclass(frozen=True)
class Measure:
    """One gesture: what the app does, what the driver alone does, and how both answers compare."""

    name: str
    ours: Callable[[], object]
    bare: Callable[[], object]
    same: Callable[[object, object], bool]
    allowed_ms: float = ALLOWED_MS


@dataclass(frozen=True)
class Result:
    """Medians in milliseconds."""

    name: str
    ours: float
    bare: float
    allowed_ms: float = ALLOWED_MS

    @property
    def ratio(self) -> float:
        return self.ours / self.bare


def measured(url: str, *, only: str = "") -> list[Result]:
    """The medians of every measure on one database."""
    db, bare = Database(url), Bare(url)
    try:
        return [_timed(each) for each in _measures(db, bare) if only in each.name]
    finally:
        db.dispose()
        bare.close()


def _timed(measure: Measure) -> Result:
    """Both in turns, so that what else the machine does weighs on both."""
    first, second = measure.ours(), measure.bare()
    if not measure.same(first, second):
        raise AssertionError(f"{measure.name}: {first} isn't {second}")
    ours, bare = [], []
    for _ in range(RUNS):
        for run, times in ((measure.ours, ours), (measure.bare, bare)):
            start = time.perf_counter()
            run()
            times.append((time.perf_counter() - start) * 1000)
    return Result(measure.name, statistics.median(ours), statistics.median(bare), measure.allowed_ms)


Arm = tuple[str, list[Any]]
_MINE: Arm = ("s.assignee_id = ?", [SELLER])
_OURS: Arm = ("s.org_unit_id = ?", [SELLER_UNIT])
_SEEN: list[Arm] = [
    _OURS,
    ("s.assignee_id = ? AND (s.org_unit_id IS NULL OR s.org_unit_id <> ?)", [SELLER, SELLER_UNIT]),
]
"""What a salesperson sees: his unit's, and what is assigned to him outside of it."""


def _also(condition: str, *arms: Arm, more: Sequence[Any] = ()) -> list[Arm]:
    return [(f"{kept} AND {condition}", [*values, *more]) for kept, values in arms]


def _tabs(bare: Bare) -> tuple[str, str]:
    """The conditions of À réaliser and Actions réalisées."""
    closed = "s.is_open = 0" if bare.is_sqlite else "s.is_open = false"
    return f"s.{bare.open}", f"{closed} AND s.status = 'done'"


def _page(
    bare: Bare, name: str, ctx: Context, chosen: ActionFilter, arms: list[Arm], *, number: int = 1, text: str = ""
) -> Measure:
    is_done = chosen.tab != Tab.TODO
    return Measure(
        name,
        lambda: list_actions(ctx, chosen=chosen, sort=SortBy.DATE, descending=is_done, page=number),
        lambda: bare.page(arms, way="DESC" if is_done else "ASC", page=number, text=text),
        _same_page,
    )


def _measures(db: Database, bare: Bare) -> Iterator[Measure]:
    reference = db.read(lambda store: store.reference())
    seller, admin = (context_for(i, now=NOW, zone=ZONE, db=db, reference=reference) for i in (SELLER, ADMIN))
    yield from _filters(bare, seller, admin)
    yield from _texts(bare, seller, admin)
    yield from _openings(bare, seller, admin)
    yield from _steering(bare, admin)
    from bench.boards import board_measures  # it measures with what stands here

    yield from board_measures(bare, admin)
    yield _reporting(bare, admin)


def _filters(bare: Bare, seller: Context, admin: Context) -> Iterator[Measure]:
    open_, closed = _tabs(bare)
    todo, done, every = (ActionFilter(tab=tab) for tab in Tab)
    yield _page(bare, "À réaliser, a salesperson", seller, todo, _also(open_, *_SEEN))
    yield _page(bare, "À réaliser, everybody's", admin, todo, [(open_, [])])
    yield _page(bare, "Actions réalisées, a salesperson", seller, done, _also(closed, *_SEEN))
    yield _page(bare, "Toutes, a salesperson", seller, every, _SEEN)
    yield _page(
        bare, "Filter: one assignee", seller, _with(todo, assignee_ids=frozenset({SELLER})), _also(open_, _MINE)
    )
    kept = _also(f"{open_} AND s.nature_id = ?", _OURS, more=(2,))
    chosen = _with(todo, nature_ids=frozenset({2}), org_unit_ids=frozenset({SELLER_UNIT}))
    yield _page(bare, "Filter: nature and unit", seller, chosen, kept)
    chosen = _with(done, nature_ids=frozenset({2}), org_unit_ids=frozenset({SELLER_UNIT}))
    kept = _also(f"{closed} AND s.nature_id = ?", _OURS, more=(2,))
    yield _page(bare, "Filter: nature and unit, done", seller, chosen, kept)
    first, last = NOW.date() - timedelta(days=37), NOW.date() - timedelta(days=7)
    period = ("s.listed_at >= ? AND s.listed_at < ?", [_start(first), _start(last + timedelta(days=1))])
    chosen = _with(every, from_date=first, to_date=last)
    yield _page(bare, "Filter: a month, a salesperson", seller, chosen, _also(period[0], *_SEEN, more=tuple(period[1])))
    yield _page(bare, "Filter: a month, everybody's", admin, chosen, [period])
    yield _page(bare, "Page 200, a salesperson", seller, done, _also(closed, *_SEEN), number=200)
    yield _page(bare, "Page 200, everybody's", admin, every, [("s.listed_at IS NOT NULL", [])], number=200)


def _texts(bare: Bare, seller: Context, admin: Context) -> Iterator[Measure]:
    todo, _, every = (ActionFilter(tab=tab) for tab in Tab)
    unit, me = ["zp7", "zu7"], ["zp7"]
    text = bare.words(RARE, unit)
    yield _page(bare, "Text: a rare word", seller, _with(every, text=RARE), [("1 = 1", [])], text=text)
    text = bare.words(COMMON, ["zo1"], unit)
    yield _page(bare, "Text: a common word, to do", seller, _with(todo, text=COMMON), [("1 = 1", [])], text=text)
    text = bare.words(COMMON, unit)
    yield _page(bare, "Text: a common word, all", seller, _with(every, text=COMMON), [("1 = 1", [])], text=text)
    text = bare.words(COMMON)
    yield _page(bare, "Text: a common word, everybody's", admin, _with(every, text=COMMON), [("1 = 1", [])], text=text)
    text, chosen = bare.words(COMMON, me, unit), _with(every, text=COMMON, assignee_ids=frozenset({SELLER}))
    yield _page(bare, "Text: a common word, one assignee", seller, chosen, [("1 = 1", [])], text=text)


def _openings(bare: Bare, seller: Context, admin: Context) -> Iterator[Measure]:
    open_, closed = _tabs(bare)
    tabs = {str(tab): ActionFilter(tab=tab) for tab in Tab}
    yield Measure(
        "Counts of the three tabs",
        lambda: count_actions(seller, chosen=tabs),
        lambda: [bare.count(_also(open_, *_SEEN)), bare.count(_also(closed, *_SEEN)), bare.count(_SEEN)],
        lambda ours, bare: list(ours.values()) == bare,  # type: ignore[attr-defined]
    )
    local = NOW.astimezone(ZONE).replace(tzinfo=None)
    yield Measure(
        "Ma journée",
        lambda: open_day(seller, person_id=SELLER),
        lambda: bare.day(SELLER, SELLER_UNIT, local),
        _same_day,
    )
    long = bare.run("SELECT min(id) FROM sub_action WHERE seq = ?", [LONG_CHAIN])[0][0]
    yield Measure(
        f"Open an action of {LONG_CHAIN}",
        lambda: open_action(admin, sub_action_id=long),
        lambda: bare.file(long),
        lambda ours, bare: [s.id for s in ours.chain.sub_actions] == [s[0] for s in bare[1]],  # type: ignore[attr-defined,index]
    )
    yield Measure(
        "Find a client by two words",
        lambda: find_clients(seller, text="dup ly"),
        lambda: bare.clients("dup ly", "ly", "dup"),
        lambda ours, bare: [hit.client.id for hit in ours] == [c[0] for c in bare],  # type: ignore[attr-defined]
    )
    yield Measure(
        "Find a client by two letters",
        lambda: find_clients(seller, text="du"),
        lambda: bare.clients("du", "du"),
        lambda ours, bare: [hit.client.id for hit in ours] == [c[0] for c in bare],  # type: ignore[attr-defined]
    )

    yield Measure(
        "Find a client by a contact's phone",
        lambda: find_clients(seller, text="06 12"),
        lambda: bare.clients("06 12", "0612"),
        lambda ours, bare: [hit.client.id for hit in ours] == [c[0] for c in bare],  # type: ignore[attr-defined]
    )


def _steering(bare: Bare, admin: Context) -> Iterator[Measure]:
    """Everybody's workload over eight weeks from now, and over eight that are past."""
    for name, first in (("to come", NOW.date()), ("past", NOW.date() - timedelta(days=70))):
        mondays = [week_of(first)[0] + timedelta(days=7 * number) for number in range(9)]
        yield Measure(
            f"Charge de travail, everybody's, {name}",
            lambda mondays=mondays: open_workload(admin, first_monday=mondays[0], weeks=8),  # type: ignore[misc]
            lambda mondays=mondays: bare.workload(mondays, NOW.astimezone(ZONE).replace(tzinfo=None)),  # type: ignore[misc]
            _same_workload,
            ALLOWED_SUMS_MS,
        )
    yield Measure("What nobody takes care of", lambda: find_orphans(admin), bare.orphans, _same_orphans)


def _reporting(bare: Bare, ctx: Context) -> Measure:
    """Reports on actions of the bench's own, so that every run finds one to report on."""
    numbers, day = count(1), NOW.date() - timedelta(days=1)
    stamp = datetime.now(UTC).timestamp()

    def fresh() -> int:
        raw = {"client": 1, "nature": 1, "assignee": SELLER, "org_unit": SELLER_UNIT, "detail": "<p>appeler</p>",
               "status": "to_plan", "planned_date": NOW.date()}  # fmt: skip
        return create_action(ctx, raw=raw, request_key=f"made {stamp} {next(numbers)}")

    waiting = [fresh() for _ in range(2 * RUNS + 2)]

    def ours() -> object:
        following = {"nature": 1, "assignee": SELLER, "org_unit": SELLER_UNIT, "detail": "<p>suite</p>"}
        raw = {"done_on": day, "report": "<p>fait</p>", "follow_up": "sub_action", "next": following}
        key = f"report {stamp} {next(numbers)}"
        return enter_report(ctx, sub_action_id=waiting.pop(), version=1, raw=raw, request_key=key)

    return Measure(
        "Save a report with its follow-up",
        ours,
        lambda: bare.report(waiting.pop(), ADMIN, f"bare {stamp} {next(numbers)}"),
        lambda _ours, _bare: True,
    )


def _with(chosen: ActionFilter, **more: object) -> ActionFilter:
    return replace(chosen, **more)  # type: ignore[arg-type]


def _start(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time())


def _same_page(ours: object, bare: object) -> bool:
    assert isinstance(ours, Page)
    total, rows = bare  # type: ignore[misc]
    return ours.total == total and [row.sub.id for row in ours.rows] == [row[0] for row in rows]


def _same_day(ours: object, bare: object) -> bool:
    assert isinstance(ours, Day)
    counts, *lists = bare  # type: ignore[misc]
    found = [ours.today, ours.late, ours.upcoming, ours.unplanned]
    c = ours.counts
    return tuple(counts[0]) == (c.late, c.today, c.week, c.to_plan, c.done_this_week, c.waiting_in_units) and [
        [row.sub.id for row in each] for each in found
    ] == [[row[0] for row in each] for each in lists]


def _same_workload(ours: object, bare: object) -> bool:
    assert isinstance(ours, Workload)
    planned, done, waiting = bare  # type: ignore[misc]
    lines = ours.lines
    return (
        sum(line.planned.count for line in lines) == sum(row[-2] for row in planned)
        and sum(line.planned.minutes for line in lines) == sum(row[-1] for row in planned)
        and sum(line.done.minutes for line in lines) == sum(row[-1] for row in done)
        and [sum(line.to_plan.count for line in lines), sum(line.late for line in lines)] == list(waiting[0][:2])
        and sum(line.to_plan.minutes for line in lines) == waiting[0][2]
    )


def _same_orphans(ours: object, bare: object) -> bool:
    assert isinstance(ours, Orphans)
    clients, stalled = bare  # type: ignore[misc]
    return (ours.client_count, ours.stalled_count) == (clients[0], stalled[0]) and (
        [client.id for client in ours.clients], [chain.action_id for chain in ours.stalled]
    ) == ([row[0] for row in clients[1]], [row[0] for row in stalled[1]])  # fmt: skip
