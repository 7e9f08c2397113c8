"""Every filter and sort that the screens offer is answered by an index, on both engines."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from bench.data import ADMIN, COMMON, NOW, SELLER
from lib.db.action_lists import SqlActionLists
from lib.db.engine import Database
from lib.domain.actions import open_action
from lib.domain.boards import open_board
from lib.domain.chain import Status
from lib.domain.clients import ClientFilter, find_clients, list_clients
from lib.domain.context import context_for
from lib.domain.lists import ActionFilter, SortBy, Tab, Visibility, list_actions, open_day
from tests.db.conftest import sent_by

LOCAL_NOW = datetime(2026, 11, 24, 10, 30)
SEEN = {"everybody": None, "own": Visibility(SELLER), "unit": Visibility(SELLER, frozenset({SELLER, 3}))}
CRITERIA = {
    "none": {},
    "assignee": {"assignee_ids": frozenset({SELLER})},
    "assignees": {"assignee_ids": frozenset({1, 2, 3})},
    "unit": {"org_unit_ids": frozenset({SELLER})},
    "client": {"client_id": 5},
    "deal": {"deal_id": 1},
    "domain": {"domain_ids": frozenset({2})},
    "nature": {"nature_ids": frozenset({2})},
    "reason": {"reason_ids": frozenset({2})},
    "status": {"statuses": frozenset({Status.PLANNED})},
    "period": {"from_date": NOW.date(), "to_date": NOW.date() + timedelta(days=7)},
    "late": {"late_at": LOCAL_NOW},
    "waiting": {"is_waiting": True},
    "colleague": {"is_by_colleague": True},
    "text": {"text": COMMON},
}


def plans(db: Database, run) -> list[str]:
    """How the database answers each statement that a call sends."""
    with sent_by(db) as statements:
        run()
    found = []
    with db.engine.connect() as connection:
        if not db.is_sqlite:
            # The tables of a test are small enough to be read whole; a larger one never is.
            connection.execute(text("set enable_seqscan = off; set enable_bitmapscan = off; set enable_sort = off"))
        for statement, values in statements:
            how = "EXPLAIN QUERY PLAN" if db.is_sqlite else "EXPLAIN"
            rows = connection.exec_driver_sql(f"{how} {statement}", values)
            found.append("\n".join(str(row[-1]) for row in rows))
    return found


def whole_reads(plan: str) -> list[str]:
    """The lines of a plan that read all sub-actions without an index."""
    return re.findall(r"Seq Scan on sub_action\b(?!_).*|SCAN sub_action(?! USING)\b(?!_).*", plan)


@pytest.mark.parametrize("seen", SEEN)
@pytest.mark.parametrize("criterion", CRITERIA)
def test_no_list_reads_the_sub_actions_without_an_index(company, criterion, seen):
    for tab in Tab:
        for sort in SortBy:
            chosen = replace(ActionFilter(tab=tab, visible_to=SEEN[seen]), **CRITERIA[criterion])

            def turn(chosen: ActionFilter = chosen, sort: SortBy = sort) -> None:
                def read(store) -> None:
                    lists = SqlActionLists(store.connection)
                    lists.page(chosen, sort=sort, descending=False, page=1)
                    lists.count(chosen)

                company.read(read)

            for plan in plans(company, turn):
                assert whole_reads(plan) == [], (tab, sort, plan)


@pytest.mark.parametrize("seen", ["everybody", "unit"])
@pytest.mark.parametrize("criterion", ["none", "domain", "nature", "reason", "period", "late"])
def test_a_page_by_date_of_what_is_open_is_read_in_its_order(company, criterion, seen):
    """Sorting first would read every row of a range, however many there are."""
    chosen = replace(ActionFilter(visible_to=SEEN[seen]), **CRITERIA[criterion])

    def read(store) -> None:
        SqlActionLists(store.connection).rows(chosen, limit=50)

    (plan,) = plans(company, lambda: company.read(read))
    if company.is_sqlite:
        assert "SEARCH sub_action USING COVERING INDEX ix_sub_action_" in plan
        assert not re.search(r"SEARCH sub_action USING COVERING[^\n]*\nUSE TEMP B-TREE", plan), plan
    else:
        assert re.search(r"Index (Only )?Scan using ix_sub_action_", plan), plan
        assert not re.search(r"Sort.*\n *Sort Key.*\n *-> +(Bitmap|Index).* on sub_action\b", plan), plan


def test_a_day_an_action_and_a_client_are_found_by_indexes(company):
    reference = company.read(lambda store: store.reference())
    ctx = context_for(SELLER, now=NOW, zone=ZoneInfo("Europe/Paris"), db=company, reference=reference)
    sub = list_actions(ctx, chosen=ActionFilter(tab=Tab.ALL)).rows[0].sub
    reads = r"(?:SCAN|Seq Scan on) (?:action|client_word|change|site|contact)\b(?! USING).*"

    for run in (
        lambda: open_day(ctx, person_id=SELLER),
        lambda: open_action(ctx, sub_action_id=sub.id),
        lambda: find_clients(ctx, text="dup ly"),
        lambda: find_clients(ctx, text="0612"),
    ):
        for plan in plans(company, run):
            assert whole_reads(plan) + re.findall(reads, plan) == [], plan


@pytest.mark.parametrize(
    "chosen",
    [
        ClientFilter(manager_ids=frozenset({SELLER})),
        ClientFilter(relations=frozenset({"client"})),
        ClientFilter(text="dup ly"),
        ClientFilter(text="dup ly", manager_ids=frozenset({SELLER})),
        ClientFilter(text="dup", relations=frozenset({"client"})),
    ],
)
def test_no_filter_of_clients_reads_them_all(company, chosen):
    reference = company.read(lambda store: store.reference())
    ctx = context_for(SELLER, now=NOW, zone=ZoneInfo("Europe/Paris"), db=company, reference=reference)
    reads = r"(?:SCAN|Seq Scan on) (?:client|client_word|site|contact)\b(?! USING).*"
    for plan in plans(company, lambda: list_clients(ctx, chosen=chosen)):
        assert re.findall(reads, plan) == [], plan


@pytest.mark.parametrize("people", [[SELLER], list(range(1, 41))], ids=["one person", "forty"])
def test_a_planning_is_read_by_the_index_of_its_people(company, people):
    reference = company.read(lambda store: store.reference())
    ctx = context_for(ADMIN, now=NOW, zone=ZoneInfo("Europe/Paris"), db=company, reference=reference)
    first = NOW.date()

    def read() -> None:
        open_board(ctx, person_ids=people, first=first, last=first + timedelta(days=6), with_done=True)

    for plan in plans(company, read):
        assert whole_reads(plan) + re.findall(r"(?:SCAN|Seq Scan on) absence\b(?! USING).*", plan) == [], plan


def test_the_reader_of_plans_knows_a_whole_read_when_it_sees_one(company):
    def read(store) -> None:
        store.connection.execute(text("select * from sub_action where detail_text like '%x%'"))

    (plan,) = plans(company, lambda: company.read(read))
    assert whole_reads(plan) != []
