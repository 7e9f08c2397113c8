"""Each page for each kind of person: opened, or refused in a sentence; nothing that isn't his to see."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from lib.db.tables import person
from lib.ui import frame
from lib.ui.frame import SCREENS
from tests.builders import a_deal, a_service_report, an_action, put
from tests.pages.screens import assert_says, said
from tests.pages.streamlit_events import ROOT, data_of, is_listed

SELLERS = ("sales", "tele_sales", "manager")
REFUSED = {
    **{(who, "parameters"): "Only an administrator changes the parameters." for who in (*SELLERS, "reader")},
    **{(who, "workload"): "Your profile doesn't show the workload." for who in ("sales", "tele_sales", "reader")},
    **{
        (who, "assignments"): "Your profile doesn't reassign actions in bulk."
        for who in ("sales", "tele_sales", "reader")
    },
    **{(who, "templates"): "Only an administrator changes the parameters." for who in (*SELLERS, "reader")},
    ("reader", "inbox"): "Your profile doesn't attach received messages.",
    ("reader", "exchange"): "Your profile doesn't record or send messages here.",
    ("reader", "edit_client"): "Your profile doesn't change clients.",
    ("reader", "new_action"): "Your profile doesn't create actions.",
    ("reader", "report"): "Your profile doesn't report on this action.",
    ("reader", "new_deal"): "Your profile doesn't create deals.",
    ("reader", "new_service_report"): "Your profile doesn't write this service report.",
}
DAILY = {
    "Sales": ["My day", "Actions"],
    "Planning": ["Detailed planning", "Team planning", "Absences", "Year calendar"],
    "Clients": ["Clients", "Deals", "Service reports", "To attach"],
}
READING = DAILY | {"Clients": ["Clients", "Deals", "Service reports"]}
STEERING = {"Steering": ["Workload", "Assignments"]}
QUERY = {"action": ("sub",), "report": ("sub",), "new_deal": ("action",), "service_report": ("crit",),
         "deal": ("deal",), "exchange": ("sub",), "client": ("client",)}  # fmt: skip


def queried(world, name: str, sub: int) -> dict[str, int]:
    """The address of a page that needs a record."""
    found = {"crit": a_service_report, "deal": a_deal, "client": lambda world: world.dupont}
    return {each: found[each](world) if each in found else sub for each in QUERY.get(name, ())}


@pytest.mark.parametrize("name", SCREENS)
@pytest.mark.parametrize("who", [*SELLERS, "admin", "reader"])
def test_each_profile_opens_its_pages_and_is_told_why_not_the_others(screen, world, who, name):
    sub = an_action(world, "sales" if who in ("sales", "manager") else "tele_sales")
    at = screen(who, name, **queried(world, name, sub))
    why = REFUSED.get((who, name))
    assert screen.page == name
    assert [warning.value for warning in at.warning] == ([why] if why else [])
    assert bool(at.title) == (why is None)


@pytest.mark.parametrize("name", SCREENS)
@pytest.mark.parametrize("who", ["", "gone"])
def test_a_visitor_and_a_disabled_person_see_nothing_of_any_page(screen, world, who, name):
    sub = an_action(world)
    at = screen(who, name, **queried(world, name, sub))
    assert [button.label for button in at.button] == ["Se connecter"]
    assert len(at.warning) == 1
    assert not at.title
    assert "Dupont" not in said(at)


@pytest.mark.parametrize(
    ("who", "listed"),
    [
        *((who, DAILY) for who in ("sales", "tele_sales")),
        ("reader", READING),
        ("manager", DAILY | STEERING),
        ("admin", DAILY | STEERING | {"Settings": ["Message templates", "General parameters"]}),
    ],
)
def test_the_navigation_lists_only_what_the_rights_allow(screen, monkeypatch, who, listed):
    drawn: dict[str, list[str]] = {}
    real = frame.st.navigation

    def watch(pages, **options):
        for section, found in pages.items():
            drawn[section] = [page.title for page in found if is_listed(page)]
        return real(pages, **options)

    monkeypatch.setattr(frame.st, "navigation", watch)
    screen(who, "my_day")
    assert {section: titles for section, titles in drawn.items() if titles} == listed


def test_a_profile_without_any_right_is_told_so_on_the_first_page(screen, world):
    nothing = _profile_without_rights(world)
    put(world, person, world.sales, profile_id=nothing)
    assert_says(screen("sales", "my_day"), "Your profile doesn't show actions.")
    assert not screen.at.title
    assert not [button for button in screen.at.button if button.key == "frame.new_action"]


def _profile_without_rights(world) -> int:
    return world.db.write(lambda store: store.people.add_profile("nothing", "Rien", {}))


@pytest.mark.parametrize("name", SCREENS)
def test_a_page_run_without_the_frame_checks_the_rights_itself(screen, world, name):
    put(world, person, world.sales, profile_id=_profile_without_rights(world))
    screen.sign_in("sales")
    at = AppTest.from_file(str(ROOT / SCREENS[name].path), default_timeout=30).run()
    assert len(at.warning) == 1
    assert not at.title


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("sales", {"sales", "colleague"}),
        ("tele_sales", {"tele_sales"}),
        ("far", {"far"}),
        ("manager", {"sales", "colleague", "tele_sales"}),
        ("admin", {"sales", "colleague", "tele_sales", "far"}),
        ("reader", {"sales", "colleague", "tele_sales", "far"}),
    ],
)
def test_the_list_shows_what_the_profile_may_see(screen, world, who, seen):
    owners = {str(an_action(world, owner)): owner for owner in ("sales", "colleague", "tele_sales", "far")}
    at = screen(who, "actions", l_tab="all")
    assert {owners[row["id"]] for row in data_of(at, "list.table")["rows"]} == seen
    assert f"All ({len(seen)})" in at.segmented_control("l_tab").options


ADDRESSED = [("action", "sub"), ("report", "sub"), ("new_deal", "action"), ("exchange", "sub")]
NOT_THERE = "This record doesn't exist or isn't yours to see."


@pytest.mark.parametrize("raw", ["abc", "", "0", "-1", "99999", "9" * 40, "1e3", "²", "1;drop"])
@pytest.mark.parametrize(("name", "parameter"), ADDRESSED)
def test_a_forged_address_gets_a_sentence_and_a_way_back(screen, world, name, parameter, raw):
    an_action(world)
    at = screen("admin", name, **{parameter: raw})
    assert_says(at, NOT_THERE)
    at.button("reading.back").click().run()
    assert screen.page == "actions"


@pytest.mark.parametrize(("name", "parameter"), ADDRESSED)
def test_an_action_of_another_unit_reads_as_if_it_did_not_exist(screen, world, name, parameter):
    theirs = an_action(world, "far")
    at = screen("sales", name, **{parameter: theirs})
    assert_says(at, NOT_THERE)
    assert "Dupont" not in said(at)


@pytest.mark.parametrize("forged", [{"client": "abc"}, {"client": "9" * 30}, {"next": "abc"}])
def test_a_forged_address_of_a_new_action_opens_an_empty_form(screen, forged):
    at = screen("sales", "new_action", **forged)
    assert at.text_input("new.search.text").value == ""


@pytest.mark.parametrize("forged", [{"client": "4242"}, {"next": "4242"}])
def test_a_new_action_for_something_unknown_gets_a_sentence(screen, forged):
    assert_says(screen("sales", "new_action", **forged), NOT_THERE)


def test_a_next_step_while_one_is_open_is_refused_before_anything_is_typed(screen, world):
    an_action(world)
    at = screen("sales", "new_action", next=1)
    assert_says(at, "The chain goes on by itself: enter the report of the open sub-action and choose what follows.")
    assert not [button for button in at.button if button.key == "save_new"]


@pytest.mark.parametrize(
    "forged",
    [
        {"l_page": "99999"}, {"l_page": "-1"}, {"l_page": "x"}, {"l_tab": "x"}, {"l_who": "abc"}, {"l_who": "4242"},
        {"l_status": "foo"}, {"l_from": "yesterday"}, {"l_from": "9999-12-31"}, {"l_to": "0001-01-01"},
        {"l_to": "9999-12-31"}, {"l_from": "0001-01-01"}, {"l_sort": "-x"}, {"l_sort": "--date"}, {"l_who": "²,1e3,,"},
        {"l_page": "²"}, {"l_status": "done,foo"},
        {"l_text": "x" * 5000}, {"l_text": "%_'\"*("}, {"l_client": "abc"}, {"l_client": "4242"}, {"l_late": "maybe"},
    ],
)  # fmt: skip
def test_a_forged_filter_opens_the_list_all_the_same(screen, world, forged):
    an_action(world)
    at = screen("sales", "actions", **forged)
    assert data_of(at, "list.table")["labels"]["empty"]
