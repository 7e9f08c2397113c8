"""Lists of service reports: every filter and sort found by an index, in a number of statements that doesn't grow."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import insert

from lib.db import tables as t
from lib.db.service_reports import SqlServiceReports
from lib.domain.lists import ActionFilter, Tab, list_actions
from lib.domain.service_reports import (
    ReportFilter,
    ReportSort,
    list_service_reports,
    open_service_report,
    service_reports_of_client,
)
from tests.builders import NOW, TODAY, a_context, a_service_report, an_action
from tests.db.test_plans import plans, whole_reads

CRITERIA = {
    "client_id": 1,
    "technician_id": 1,
    "from_date": TODAY - timedelta(days=30),
    "to_date": TODAY,
}


def many(world, count: int) -> None:
    rows = [
        {
            "number": number, "client_id": (world.dupont, world.leroy)[number % 2], "technician_id": world.technician,
            "done_on": TODAY - timedelta(days=number % 90), "duration_min": 60, "created_by": world.technician,
            "created_at": NOW,
        }
        for number in range(1, count + 1)
    ]  # fmt: skip
    world.db.write(lambda store: store.connection.execute(insert(t.service_report), rows))


@pytest.mark.parametrize("sort", ReportSort)
def test_every_page_and_count_is_found_by_an_index(world, sort):
    many(world, 60)
    for kept in product([False, True], repeat=4):
        chosen = ReportFilter(**{name: value for (name, value), k in zip(CRITERIA.items(), kept, strict=True) if k})

        def read(store, chosen=chosen) -> None:
            SqlServiceReports(store.connection).page(chosen, sort=sort, descending=True, page=2, size=50)

        for plan in plans(world.db, lambda read=read: world.db.read(read)):
            walked = re.findall(r"Seq Scan on service_report|SCAN service_report.*", plan)
            by_number = "SCAN service_report USING INDEX sqlite_autoindex"  # nothing is left out on the way
            assert all("COVERING" in each or (each.startswith(by_number) and not any(kept)) for each in walked), plan


def test_the_actions_born_from_a_report_are_found_by_the_index_of_it(world):
    report = a_service_report(world)
    an_action(world, service_report=report)
    ctx = a_context(world, "admin")
    chosen = ActionFilter(tab=Tab.ALL, service_report_id=report)
    for plan in plans(world.db, lambda: list_actions(ctx, chosen=chosen)):
        assert whole_reads(plan) == [], plan


def test_lists_and_a_report_take_a_known_number_of_statements(world, count_queries):
    ctx = a_context(world, "sales")
    a_service_report(world)
    many_pages = lambda: list_service_reports(ctx, chosen=ReportFilter(), page=2)  # noqa: E731
    assert count_queries(world.db, lambda: list_service_reports(ctx, chosen=ReportFilter())) == 1 + 1
    assert count_queries(world.db, lambda: service_reports_of_client(ctx, client_id=world.dupont)) == 1 + 1
    report = a_service_report(world)
    assert count_queries(world.db, lambda: open_service_report(ctx, report_id=report)) <= 1 + 6
    many_more(world, 120)
    assert count_queries(world.db, many_pages) == 1 + 2
    assert count_queries(world.db, lambda: service_reports_of_client(ctx, client_id=world.dupont)) == 1 + 2


def many_more(world, count: int) -> None:
    world.db.write(lambda store: store.connection.execute(t.service_report.delete()))
    many(world, count)
