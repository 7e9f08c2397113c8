"""Messages in the storage: an index behind each question, as few statements for two hundred as for two."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from lib.db import tables as t
from lib.domain.chain import Chain
from lib.domain.context import Context
from lib.domain.exchanges import exchange_count, exchanges_of_action, exchanges_of_client, open_exchange
from lib.domain.postman import send_due
from tests.builders import NOW, World, a_context
from tests.db.test_plans import plans
from tests.domain.mail import FakeServer, a_chain, a_document, an_office, queued, recorded

SUB_ACTIONS, EXCHANGES = 500, 200


def fill(world: World, chain: Chain, *, sub_actions: int = SUB_ACTIONS, exchanges: int = EXCHANGES) -> None:
    """Copies of an action's sub-action and of its message, as a client of many years has them."""

    def write(store) -> None:
        sub = store.connection.execute(select(t.sub_action).where(t.sub_action.c.id == chain.last.id)).mappings().one()
        more = [{**sub, "id": None, "seq": 2 + n} for n in range(sub_actions)]
        store.connection.execute(insert(t.sub_action), [{k: v for k, v in row.items() if k != "id"} for row in more])
        one = store.connection.execute(select(t.exchange).where(t.exchange.c.action_id == chain.action.id).limit(1))
        kept = {k: v for k, v in one.mappings().one().items() if k not in ("id", "message_id")}
        rows = [{**kept, "at": NOW - timedelta(hours=n)} for n in range(exchanges)]
        store.connection.execute(insert(t.exchange), rows)

    world.db.write(write)


def reads(world: World, ctx: Context, chain: Chain, exchange_id: int) -> dict[str, Callable[[], object]]:
    return {
        "of an action": lambda: exchanges_of_action(ctx, chain=chain),
        "count": lambda: exchange_count(ctx, chain=chain),
        "of a client": lambda: exchanges_of_client(ctx, client_id=world.dupont),
        "one": lambda: open_exchange(ctx, exchange_id=exchange_id),
        "due": lambda: send_due(an_office(world, FakeServer(), now=NOW - timedelta(days=1))),
    }


@pytest.fixture
def chain(world: World) -> Chain:
    return a_chain(world)


@pytest.mark.parametrize("who", ["sales", "manager", "admin"])
def test_as_many_statements_for_two_messages_as_for_two_hundred(world, chain, who, count_queries):
    ctx, exchange_id = a_context(world, who), recorded(world, chain, documents=[a_document(world, chain)])
    asked = reads(world, ctx, chain, exchange_id)
    few = {name: count_queries(world.db, read) for name, read in asked.items()}
    fill(world, chain)
    assert {name: count_queries(world.db, read) for name, read in asked.items()} == few
    # Each but the last begins with the version of the reference data.
    assert few == {"of an action": 2, "count": 2, "of a client": 2, "one": 1 + 2 + 3, "due": 1}


@pytest.mark.parametrize("who", ["sales", "manager", "admin"])
def test_no_question_about_messages_reads_a_table_whole(world, chain, who):
    exchange_id = recorded(world, chain, documents=[a_document(world, chain)])
    queued(world, chain)
    fill(world, chain)
    ctx = a_context(world, who)
    for name, read in reads(world, ctx, chain, exchange_id).items():
        for plan in plans(world.db, read):
            whole = r"(?:Seq Scan on|SCAN) (?:exchange|outbox|sub_action|document|document_link|action)\b(?!_).*"
            assert not [line for line in re.findall(whole, plan) if "USING" not in line], f"{name}: {plan}"
            if name != "one":
                assert "USE TEMP B-TREE" not in plan, f"{name}: {plan}"


@pytest.mark.parametrize("who", ["sales", "admin"])
def test_the_messages_of_a_client_of_many_years_come_in_a_few_milliseconds(world, chain, who):
    recorded(world, chain)
    fill(world, chain)
    ctx = a_context(world, who)
    spent = []
    for _each in range(9):
        start = time.perf_counter()
        assert len(exchanges_of_client(ctx, client_id=world.dupont)) == 50
        spent.append(time.perf_counter() - start)
    assert min(spent) < 0.05
