"""What each page asks of the database, counted: a page that asks more than this has grown a waste."""

from __future__ import annotations

import pytest

from bench.clients import fill_client
from tests.builders import TODAY, a_deal, a_service_report, an_action
from tests.pages.screens import assert_says, type_text
from tests.pages.streamlit_events import run_fragment

PAGES = {
    # page: (query, statements of a first opening, of each further run)
    "my_day": ({}, 9, 9),
    "actions": ({"l_tab": "all"}, 8, 8),
    "action": ({"sub": 1}, 13, 13),
    "exchange": ({"sub": 1}, 21, 20),
    "inbox": ({}, 6, 6),
    "templates": ({}, 5, 5),
    "documents": ({"sub": 1, "tab": "documents"}, 21, 21),
    "edit": ({"sub": 1, "edit": 1}, 15, 13),
    "report": ({"sub": 1}, 13, 11),
    "planning": ({"p_item": 1}, 19, 19),
    "team_planning": ({}, 10, 10),
    "new_action": ({"client": 1}, 11, 9),
    "clients": ({}, 4, 4),
    "client": ({"client": 1}, 8, 8),
    "client_deals": ({"client": 1, "tab": "deals"}, 8, 8),
    "client_documents": ({"client": 1, "tab": "documents"}, 17, 17),
    "client_exchanges": ({"client": 1, "tab": "exchanges"}, 8, 8),
    "client_reports": ({"client": 1, "tab": "reports"}, 8, 8),
    "edit_client": ({"client": 1}, 8, 6),
    "deals": ({}, 6, 6),
    "deal": ({"deal": 1}, 9, 9),
    "edit_deal": ({"deal": 1, "edit": 1}, 11, 9),
    "new_deal": ({"action": 1}, 11, 9),
    "service_reports": ({}, 4, 4),
    "service_report": ({"crit": 1}, 11, 11),
    "edit_crit": ({"crit": 1, "edit": 1}, 11, 9),
    "new_service_report": ({"client": 1}, 8, 6),
    "parameters": ({}, 4, 4),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_no_more_than_it_needs(screen, world, statements, name):
    query, first, further = PAGES[name]
    for _number in range(3):
        an_action(world, status="planned", planned_date=TODAY)
    a_service_report(world), a_deal(world)
    page = {"documents": "action", "edit": "action", "edit_crit": "service_report", "edit_deal": "deal"}.get(name, name)
    page = "client" if name.startswith("client_") else page
    screen("admin", "my_day")  # the reference data is cached for the process
    asked = len(statements.during(lambda: screen.go(page, **query)))
    again = len(statements.during(lambda: screen.at.run()))
    assert asked <= first
    assert again <= further


def test_the_list_asks_the_same_for_fifty_rows_as_for_one(screen, world, statements):
    an_action(world)
    screen("sales", "my_day")
    one = len(statements.during(lambda: screen.go("actions", l_tab="all")))
    for _number in range(30):
        an_action(world)
    assert len(statements.during(lambda: screen.go("actions", l_tab="all"))) == one


def test_a_client_with_much_asks_no_more_than_one_with_little(screen, world, statements):
    def fill(store) -> None:
        fill_client(store.connection, world.dupont, person_id=world.sales, unit_id=world.field, nature_id=world.call)

    world.db.write(fill)
    screen("sales", "my_day")
    for query in ({}, {"list": "all"}, {"tab": "deals"}, {"tab": "exchanges"}, {"tab": "reports"}):
        asked = statements.during(lambda query=query: screen.go("client", client=world.dupont, **query))
        assert len(asked) <= 8, (query, asked)
        assert not screen.at.exception
    assert_says(screen.at, "SARL Dupont & Fils")


@pytest.mark.parametrize("page", ["planning", "team_planning"])
def test_looking_for_what_others_moved_costs_the_person_and_the_board(screen, world, statements, page):
    an_action(world, status="planned", planned_date=TODAY)
    at = screen("manager", page)
    assert len(statements.during(lambda: run_fragment(at))) <= 7


def test_a_pause_in_the_typing_costs_the_person_and_the_draft(screen, world, statements):
    sub = an_action(world)
    at = screen("sales", "report", sub=sub)
    type_text(at, f"report.{sub}.report", "<p>Vu</p>")
    assert len(statements.during(lambda: run_fragment(at))) <= 4
    assert_says(at, "Draft saved at 10:30")
