"""The inbox and the way of a message in: by indexes, in a number of statements that doesn't grow, on both engines."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from lib.db import tables as t
from lib.domain.inbox import count_inbox, list_inbox, propose_actions
from lib.domain.incoming import IncomingMessage
from lib.domain.receiving import Receiver, receive_message
from tests.builders import NOW, World, a_context, an_action, put
from tests.db.conftest import sent_by
from tests.db.test_plans import plans
from tests.some_files import some_files

MESSAGES = 4_000


@pytest.fixture
def inbox(world: World) -> World:
    """Thousands of messages on actions, hundreds that wait or were set aside."""
    action_id = an_action(world)
    rows = [
        {
            "direction": "received", "state": "received", "at": NOW - timedelta(minutes=number),
            "created_at": NOW, "client_id": world.dupont if number % 3 else None, "message_id": f"{number}@x",
            "action_id": None if number % 10 == 0 else action_id, "is_set_aside": number % 20 == 0,
            "correspondent_email": "anne@dupont.example", "body_text": "x" * 1000,
        }
        for number in range(MESSAGES)
    ]  # fmt: skip
    world.db.write(lambda store: store.connection.execute(insert(t.exchange), rows))  # type: ignore[attr-defined]
    put(world, t.contact, world.anne, email="anne@dupont.example")
    return world


@pytest.mark.parametrize("who", ["sales", "admin"])
def test_the_inbox_is_read_by_its_index(inbox, who):
    ctx = a_context(inbox, who)
    run = [lambda: list_inbox(ctx), lambda: list_inbox(ctx, is_set_aside=True), lambda: count_inbox(ctx)]
    for each in run:
        for plan in plans(inbox.db, each):
            assert not re.search(r"SCAN exchange(?! USING)|Seq Scan on exchange\b", plan), plan
            assert not re.search(r"SCAN (sub_action|client|its_client)\b(?! USING)", plan), plan
    assert list_inbox(ctx).total == MESSAGES // 20


@pytest.mark.parametrize("who", ["sales", "admin"])
def test_the_inbox_takes_as_many_statements_however_many_wait(inbox, who, count_queries):
    ctx = a_context(inbox, who)
    assert count_queries(inbox.db, lambda: list_inbox(ctx)) == 1 + 2
    assert count_queries(inbox.db, lambda: count_inbox(ctx)) == 1 + 1
    first = list_inbox(ctx).rows[0].exchange
    assert count_queries(inbox.db, lambda: propose_actions(ctx, exchange_id=first.id)) <= 1 + 6


def test_a_message_finds_its_action_by_indexes(inbox, tmp_path: Path):
    receiver = Receiver(inbox.db, some_files(tmp_path), lambda: NOW)
    number = iter(range(10_000))

    def receive() -> None:
        receive_message(receiver, IncomingMessage(
            message_id=f"new{next(number)}@x", sender_email="anne@dupont.example", in_reply_to="17@x",
            references=("1@x", "2@x", "17@x"), recipients=("relais+A000001@example.com",),
        ))  # fmt: skip

    with sent_by(inbox.db) as statements:
        receive()
    assert len(statements) <= 6, [statement for statement, _values in statements]
    for plan in plans(inbox.db, receive):
        assert not re.search(
            r"SCAN (exchange|contact|action)\b(?! USING)|Seq Scan on (exchange|contact|action)\b", plan
        )
    started = time.perf_counter()
    for _ in range(20):
        receive()
    assert (time.perf_counter() - started) / 20 < 0.25
