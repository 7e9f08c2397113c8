"""What is measured: each gesture by its use case, and the same answer by bare SQL."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from bench.bare import Bare
from bench.data import ADMIN, COMMON, LONG_CHAIN, NOW, RARE, SELLER, SELLER_UNIT
from lib.db.engine import Database
from lib.domain.actions import create_action, open_action
from lib.domain.clients import find_clients
from lib.domain.context import Context, context_for
from lib.domain.lists import ActionFilter, Day, Page, SortBy, Tab, count_actions, list_actions, open_day
from lib.domain.reports import enter_report

ZONE = ZoneInfo("Europe/Paris")
RUNS = 30
ALLOWED_MS, ALLOWED_RATIO = 10.0, 1.5


@dataclass(frozen=True)
class Measure:
    """One gesture: what the app does, what the driver alone does, and how both answers compare."""

    name: str
    ours: Callable[[], object]
    bare: Callable[[], object]
    same: Callable[[object, object], bool]


@dataclass(frozen=True)
class Result:
    """Medians in milliseconds."""

    name: str
    ours: float
    bare: float

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
    return Result(measure.name, statistics.median(ours), statistics.median(bare))


def _measures(db: Database, bare: Bare) -> Iterator[Measure]:
    reference = db.read(lambda store: store.reference())
    seller, admin = (context_for(i, now=NOW, zone=ZONE, db=db, reference=reference) for i in (SELLER, ADMIN))
    open_, closed = f"s.{bare.open}", f"s.{bare.closed} AND s.status = 'done'".replace("NOT is_open", "is_open = false")
    mine, ours = ("s.assignee_id = ?", [SELLER]), ("s.org_unit_id = ?", [SELLER_UNIT])
    # What a salesperson sees: his unit's, and what is assigned to him outside of it.
    seen = [ours, ("s.assignee_id = ? AND (s.org_unit_id IS NULL OR s.org_unit_id <> ?)", [SELLER, SELLER_UNIT])]

    def also(condition: str, *arms: tuple[str, list], more: tuple = ()) -> list[tuple[str, list]]:
        return [(f"{kept} AND {condition}", [*values, *more]) for kept, values in arms]

    def page(name: str, ctx: Context, chosen: ActionFilter, arms: list, *, number: int = 1, text: str = "") -> Measure:
        is_done = chosen.tab != Tab.TODO
        return Measure(
            name,
            lambda: list_actions(ctx, chosen=chosen, sort=SortBy.DATE, descending=is_done, page=number),
            lambda: bare.page(arms, way="DESC" if is_done else "ASC", page=number, text=text),
            _same_page,
        )

    todo, done, every = (ActionFilter(tab=tab) for tab in Tab)
    yield page("À réaliser, a salesperson", seller, todo, also(open_, *seen))
    yield page("À réaliser, everybody's", admin, todo, [(open_, [])])
    yield page("Actions réalisées, a salesperson", seller, done, also(closed, *seen))
    yield page("Toutes, a salesperson", seller, every, seen)
    yield page("Filter: one assignee", seller, _with(todo, assignee_ids=frozenset({SELLER})), also(open_, mine))
    kept = also(f"{open_} AND s.nature_id = ?", ours, more=(2,))
    chosen = _with(todo, nature_ids=frozenset({2}), org_unit_ids=frozenset({SELLER_UNIT}))
    yield page("Filter: nature and unit", seller, chosen, kept)
    chosen = _with(done, nature_ids=frozenset({2}), org_unit_ids=frozenset({SELLER_UNIT}))
    kept = also(f"{closed} AND s.nature_id = ?", ours, more=(2,))
    yield page("Filter: nature and unit, done", seller, chosen, kept)
    first, last = NOW.date() - timedelta(days=37), NOW.date() - timedelta(days=7)
    period = ("s.listed_at >= ? AND s.listed_at < ?", [_start(first), _start(last + timedelta(days=1))])
    chosen = _with(every, from_date=first, to_date=last)
    yield page("Filter: a month, a salesperson", seller, chosen, also(period[0], *seen, more=tuple(period[1])))
    yield page("Filter: a month, everybody's", admin, chosen, [period])
    yield page("Page 200, a salesperson", seller, done, also(closed, *seen), number=200)
    yield page("Page 200, everybody's", admin, every, [("s.listed_at IS NOT NULL", [])], number=200)
    unit, me = ["zp7", "zu7"], ["zp7"]
    text = bare.words(RARE, unit)
    yield page("Text: a rare word", seller, _with(every, text=RARE), [("1 = 1", [])], text=text)
    text = bare.words(COMMON, ["zo1"], unit)
    yield page("Text: a common word, to do", seller, _with(todo, text=COMMON), [("1 = 1", [])], text=text)
    text = bare.words(COMMON, unit)
    yield page("Text: a common word, all", seller, _with(every, text=COMMON), [("1 = 1", [])], text=text)
    text = bare.words(COMMON)
    yield page("Text: a common word, everybody's", admin, _with(every, text=COMMON), [("1 = 1", [])], text=text)
    text, chosen = bare.words(COMMON, me, unit), _with(every, text=COMMON, assignee_ids=frozenset({SELLER}))
    yield page("Text: a common word, one assignee", seller, chosen, [("1 = 1", [])], text=text)
    tabs = {str(tab): ActionFilter(tab=tab) for tab in Tab}
    yield Measure(
        "Counts of the three tabs",
        lambda: count_actions(seller, chosen=tabs),
        lambda: [bare.count(also(open_, *seen)), bare.count(also(closed, *seen)), bare.count(seen)],
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
        lambda: bare.clients("dup", "ly"),
        lambda ours, bare: [c.id for c in ours] == [c[0] for c in bare],  # type: ignore[attr-defined]
    )
    yield Measure(
        "Find a client by two letters",
        lambda: find_clients(seller, text="du"),
        lambda: bare.clients("du"),
        lambda ours, bare: [c.id for c in ours] == [c[0] for c in bare],  # type: ignore[attr-defined]
    )
    yield _reporting(db, bare, admin)


def _reporting(db: Database, bare: Bare, ctx: Context) -> Measure:
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
