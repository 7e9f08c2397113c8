"""Nothing is lost, given twice or half done: with many writers at once, faults in the middle, and killed processes."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select, text

from lib.db import tables as t
from lib.db.engine import Database
from lib.domain.actions import edit_sub_action
from lib.domain.errors import Conflict
from lib.domain.reports import enter_report
from tests.builders import (
    TODAY,
    a_context,
    a_key,
    a_next,
    a_report_raw,
    an_action,
    an_action_raw,
    stored_state,
    the_chain,
    the_sub,
)
from tests.db import racing

SPAWN = multiprocessing.get_context("spawn")  # forking a process that holds threads and connections is undefined


def _raws(world) -> tuple[dict, dict]:
    raw = an_action_raw(world, assignee=world.sales)
    return raw, a_report_raw(follow_up="sub_action", next=a_next(world))


def _column(db: Database, query) -> list:
    return db.read(lambda store: list(store.connection.scalars(query)))


def _assert_sound(db: Database) -> None:
    """What must hold of any database: numbers without gaps, chains numbered from 1, every row in the search."""
    numbers = _column(db, select(t.action.c.number).order_by(t.action.c.id))
    assert numbers == list(range(1, len(numbers) + 1))
    assert _column(db, select(t.counter.c.value).where(t.counter.c.name == "action")) == [len(numbers)]
    seqs: dict[int, list[int]] = {}
    rows = db.read(
        lambda store: store.connection.execute(
            select(t.sub_action.c.action_id, t.sub_action.c.seq).order_by(t.sub_action.c.id)
        ).all()
    )
    for action_id, seq in rows:
        seqs.setdefault(action_id, []).append(seq)
    assert all(each == list(range(1, len(each) + 1)) for each in seqs.values())
    assert len(seqs) == len(numbers)
    assert _column(db, text("select count(*) from sub_action_search")) == [len(rows)]
    if db.is_sqlite:
        assert _column(db, text("pragma integrity_check")) == ["ok"]
        assert db.read(lambda store: store.connection.execute(text("pragma foreign_key_check")).all()) == []


def test_many_processes_creating_and_reporting_at_once_lose_nothing_and_leave_no_gap(world, db, db_url):
    processes, threads, count = (8, 1, 6) if db.is_sqlite else (3, 5, 3)
    raw, report = _raws(world)
    with ProcessPoolExecutor(processes, mp_context=SPAWN) as pool:
        each = [
            pool.submit(racing.work, db_url, world.sales, seed, threads, count, raw, report)
            for seed in range(processes)
        ]
        results = [one.result(timeout=60) for one in each]

    done = [pair for pairs, _ in results for pair in pairs]
    in_vain = sum(vain for _, vain in results)
    assert in_vain > 0
    assert len(done) + in_vain >= processes * threads * count
    written = {sub for pair in done for sub in pair if sub}
    assert set(_column(db, select(t.sub_action.c.id))) == written
    assert len(_column(db, select(t.action.c.id))) == len(done)
    reported = set(_column(db, select(t.sub_action.c.id).where(t.sub_action.c.status == "done")))
    assert reported == {made for made, following in done if following}
    _assert_sound(db)


def test_a_form_sent_twice_at_the_same_moment_is_carried_out_once(world, db):
    raw, _ = _raws(world)
    from lib.domain.actions import create_action

    for _ in range(10):
        key = a_key()
        with ThreadPoolExecutor(4) as pool:
            sent = [pool.submit(create_action, a_context(world, "sales"), raw=raw, request_key=key) for _ in range(4)]
            assert len({each.result() for each in sent}) == 1

    assert len(_column(db, select(t.action.c.id))) == 10
    _assert_sound(db)


def test_of_two_forms_on_one_record_each_change_is_kept_or_refused_never_lost(world, db):
    """Pairs of edits of the same version: other fields merge, the same field makes one of them fail."""
    draw, refused, kept = random.Random(4), 0, 0
    with ThreadPoolExecutor(2) as pool:
        for _ in range(60):
            sub = an_action(world)
            version = the_sub(world, sub).version
            fields = {
                "planned_date": [TODAY + timedelta(days=n) for n in (1, 2)],
                "duration": ["20", "45"],
                "detail": ["<p>un</p>", "<p>deux</p>"],
            }
            chosen = [draw.choice(list(fields)) for _ in range(2)]
            edits = [{name: fields[name][n]} for n, name in enumerate(chosen)]
            sent = [
                pool.submit(edit_sub_action, a_context(world, who), sub_action_id=sub, version=version, edits=edit)
                for who, edit in zip(("sales", "admin"), edits, strict=True)
            ]
            failures = [each.exception(timeout=30) for each in sent]
            assert all(failure is None or isinstance(failure, Conflict) for failure in failures), failures
            assert failures.count(None) == (1 if chosen[0] == chosen[1] else 2)
            after = the_sub(world, sub)
            stored = {
                "planned_date": after.planned_date,
                "duration": str(after.duration_min),
                "detail": f"<p>{after.detail_text}</p>",
            }
            for edit, failure in zip(edits, failures, strict=True):
                ((name, value),) = edit.items()
                assert (stored[name] == value) == (failure is None)
            assert after.version == version + failures.count(None)
            refused, kept = refused + 2 - failures.count(None), kept + failures.count(None)
    assert refused > 0
    assert kept > refused


class _Fault(Exception):
    pass


@contextmanager
def _fault_after(db: Database, number: int):
    """Breaks the storage once, right after its n-th statement, or at the commit when fewer are sent."""
    seen = {"count": 0, "broken": False}

    def count(*_arguments) -> None:
        seen["count"] += 1
        if seen["count"] == number:
            seen["broken"] = True
            raise _Fault

    event.listen(db.engine, "after_cursor_execute", count)
    try:
        yield seen
    finally:
        event.remove(db.engine, "after_cursor_execute", count)


def test_a_fault_after_any_statement_of_a_report_with_its_follow_up_leaves_everything_or_nothing(world, db):
    sub = an_action(world)
    _, report = _raws(world)
    ctx, before, number = a_context(world, "sales"), stored_state(db), 0
    while True:
        number += 1
        with _fault_after(db, number) as seen, suppress(_Fault):
            enter_report(ctx, sub_action_id=sub, version=1, raw=report, request_key="once")
        if not seen["broken"]:
            break
        assert stored_state(db) == before, f"after statement {number}"
    assert number > 15
    chain = the_chain(world, sub)
    assert [each.status for each in chain.sub_actions] == ["done", "to_plan"]
    assert chain.action.status == "to_plan"
    _assert_sound(db)


def test_a_lost_race_is_run_again_without_the_person_noticing(world, db):
    """Deadlocks, serialization failures and a locked file are the storage's business."""
    from sqlalchemy.exc import OperationalError

    class Locked(Exception):
        sqlstate = "40P01"

        def __str__(self) -> str:
            return "database is locked"

    runs = []

    def unlucky(store):
        runs.append(1)
        store.connection.execute(text("update counter set value = value + 1 where name = 'deal'"))
        if len(runs) < 3:
            raise OperationalError("update", {}, Locked())
        return "done"

    assert db.write(unlucky) == "done"
    assert len(runs) == 3
    assert _column(db, text("select value from counter where name = 'deal'")) == [1]


@pytest.mark.parametrize("life", range(3))
def test_what_a_killed_process_was_told_is_written_is_there(world, db, db_url, tmp_path, life):
    """Killed without warning under load, as by the system when memory runs out."""
    raw, report = _raws(world)
    files = [tmp_path / f"told {n}" for n in range(2)]
    writers = [
        SPAWN.Process(target=racing.write_until_killed, args=(db_url, world.sales, raw, report, str(path)))
        for path in files
    ]
    for writer in writers:
        writer.start()
    try:
        _wait_for(
            lambda: all(_told(path) for path in files) and sum(len(_told(path)) for path in files) > 20 + 7 * life
        )
    finally:
        for writer in writers:
            os.kill(writer.pid, signal.SIGKILL)
            writer.join(timeout=10)

    acknowledged = {sub for path in files for sub in _told(path)}
    survivor = Database(db_url)  # as after a restart
    # PostgreSQL may still be finishing a statement of the dead: more than was acknowledged may be there, never less.
    assert acknowledged | {an_action(world)} <= set(_column(survivor, select(t.sub_action.c.id)))
    _assert_sound(survivor)
    survivor.dispose()


def _told(path: Path) -> list[int]:
    """The whole lines: the last one may be cut."""
    return [int(line) for line in path.read_text().split("\n")[:-1]] if path.exists() else []


def _wait_for(condition, *, seconds: float = 60) -> None:
    """Until something is so; the test fails when it never is."""
    import time

    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the writers wrote nothing"
        time.sleep(0.02)
