"""What the tests of concurrency run in processes of their own; importable by the new interpreters."""

from __future__ import annotations

import os
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from lib.db.engine import Database
from lib.domain.actions import create_action, open_action
from lib.domain.context import Context, command, context_for
from lib.domain.reports import enter_report

NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)


class ForcedRollback(Exception):
    """Raised at the end of a use case that had done all its work."""


@command
def _create(ctx: Context, *, raw: dict, key: str, fails: bool) -> int:
    made = create_action(ctx, raw=raw, request_key=key)
    if fails:
        raise ForcedRollback
    return made


@command
def _report(ctx: Context, *, sub_action_id: int, raw: dict, key: str, fails: bool) -> int:
    made = enter_report(ctx, sub_action_id=sub_action_id, version=1, raw=raw, request_key=key)
    if fails:
        raise ForcedRollback
    return made


def context(db: Database, person_id: int) -> Context:
    reference = db.read(lambda store: store.reference())
    return context_for(person_id, now=NOW, zone=ZoneInfo("Europe/Paris"), db=db, reference=reference)


def _gestures(ctx: Context, seed: int, count: int, raw: dict, report: dict) -> tuple[list[tuple[int, int]], int]:
    """Create and report `count` times, one time in ten in vain; (sub-action, its follow-up or 0) of what was done."""
    draw, done, in_vain = random.Random(seed), [], 0
    for number in range(count):
        fails = draw.random() < 0.1
        try:
            made = _create(ctx, raw=raw, key=f"create {seed} {number}", fails=fails)
        except ForcedRollback:
            in_vain += 1
            continue
        following = 0
        try:
            fails = draw.random() < 0.1
            following = _report(ctx, sub_action_id=made, raw=report, key=f"report {seed} {number}", fails=fails)
        except ForcedRollback:
            in_vain += 1
        done.append((made, following))
    return done, in_vain


def work(
    url: str, person_id: int, seed: int, threads: int, count: int, raw: dict, report: dict
) -> tuple[list[tuple[int, int]], int]:
    """What one process of several does, in several threads."""
    db = Database(url)
    ctx = context(db, person_id)
    with ThreadPoolExecutor(threads) as pool:
        each = [pool.submit(_gestures, ctx, seed * 100 + n, count, raw, report) for n in range(threads)]
        results = [one.result() for one in each]
    db.dispose()
    return [pair for done, _ in results for pair in done], sum(vain for _, vain in results)


def write_until_killed(url: str, person_id: int, raw: dict, report: dict, acknowledged: str) -> None:
    """Create and report for ever; what has been committed is told to a file, line by line."""
    db = Database(url)
    ctx = context(db, person_id)
    told = os.open(Path(acknowledged), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    number = 0
    while True:
        number += 1
        key = f"{os.getpid()} {number}"
        made = create_action(ctx, raw=raw, request_key=f"create {key}")
        os.write(told, f"{made}\n".encode())
        following = enter_report(ctx, sub_action_id=made, version=1, raw=report, request_key=f"report {key}")
        os.write(told, f"{following}\n".encode())
        open_action(ctx, sub_action_id=following)
