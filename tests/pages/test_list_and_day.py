"""The list of actions and Ma journée: filters, tabs, sort, pages, gestures from a row, and what an empty one says."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lib.domain.actions import cancel
from lib.domain.chain import Status
from tests.builders import TODAY, a_context, a_report, an_action, the_sub
from tests.pages.screens import assert_says, click, said
from tests.pages.streamlit_events import data_of, fire, send_state

TABLE = "list.table"


def rows(at, key=TABLE):
    return [int(row["id"]) for row in data_of(at, key)["rows"]]


def tabs(at):
    return at.segmented_control("l_tab").options


def test_a_salesperson_sees_his_own_first_and_everybodys_on_demand(screen, world):
    mine, theirs = an_action(world), an_action(world, "colleague")
    at = screen("sales", "actions")
    assert rows(at) == [mine]
    assert at.multiselect("l_who").value == [world.sales]
    at.multiselect("l_who").set_value([]).run()
    assert sorted(rows(at)) == [mine, theirs]


def test_the_tabs_count_what_the_filters_keep(screen, world):
    an_action(world)
    a_report(world, an_action(world))
    cancel(a_context(world, "sales"), sub_action_id=an_action(world), version=1, reason="Non")
    an_action(world, "colleague")
    at = screen("sales", "actions", l_tab="all")
    assert tabs(at) == ["To do (2)", "Done actions (1)", "All (4)"]
    at.multiselect("l_who").set_value([world.colleague]).run()
    assert tabs(at) == ["To do (1)", "Done actions (0)", "All (1)"]


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({"l_nature": "call"}, {"call", "late", "pool"}),
        ({"l_who": "colleague"}, {"colleague"}),
        ({"l_unit": "tele"}, {"tele"}),
        ({"l_late": "1"}, {"late"}),
        ({"l_pool": "1"}, {"pool"}),
        ({"l_text": "plaquette"}, {"brochure"}),
        ({"l_text": " ", "l_who": "colleague"}, {"colleague"}),
        ({"l_client": "leroy"}, {"leroy"}),
        ({"l_status": "planned"}, {"late"}),
        ({"l_from": "2026-03-01", "l_to": "2026-03-02"}, {"late"}),
    ],
)
def test_the_address_filters_the_list(screen, world, query, kept):
    made = {
        "call": an_action(world),
        "late": an_action(world, status="planned", planned_date=date(2026, 3, 2)),
        "pool": an_action(world, org_unit=world.field, assignee=None),
        "brochure": an_action(world, nature=world.brochure, detail="<p>Nouvelle plaquette</p>"),
        "colleague": an_action(world, "colleague", nature=world.brochure),
        "tele": an_action(world, "tele_sales", nature=world.brochure),
        "leroy": an_action(world, client=world.leroy, nature=world.brochure),
    }
    at = screen("admin", "actions", **{name: world.ids.get(value, value) for name, value in query.items()})
    assert set(rows(at)) == {made[name] for name in kept}


def test_the_active_filters_are_shown_and_can_be_dropped(screen, world):
    ours, theirs = an_action(world), an_action(world, client=world.leroy)
    at = screen("sales", "actions", l_client=world.leroy)
    assert rows(at) == [theirs]
    click(at, "list.reset")
    assert sorted(rows(at)) == [ours, theirs]
    assert "l_client" not in at.query_params


def test_a_click_on_a_column_sorts_and_comes_back_to_the_first_page(screen, world):
    early = an_action(world, planned_date=TODAY, client=world.leroy)
    late = an_action(world, planned_date=TODAY + timedelta(days=3))
    at = screen("sales", "actions")
    assert rows(at) == [early, late]
    fire(at, TABLE, "sort", {"column": "client", "descending": True})
    assert data_of(at, TABLE)["sort"] == ["client", True]
    assert rows(at) == [late, early]


@pytest.mark.parametrize("column", ["x", "status", "date;drop", ""])
def test_a_forged_sort_changes_nothing(screen, world, column):
    an_action(world)
    at = screen("sales", "actions")
    before = data_of(at, TABLE)["sort"]
    assert_says(fire(at, TABLE, "sort", {"column": column, "descending": True}))
    assert data_of(at, TABLE)["sort"] == before


def test_pages_of_fifty_and_a_number_beyond_shows_the_last(screen, world):
    made = [an_action(world) for _number in range(51)]
    at = screen("sales", "actions")
    assert len(rows(at)) == 50
    assert_says(at, "51 actions")
    at = screen.go("actions", l_page=9, l_tab="all")
    assert len(rows(at)) == 1
    assert set(rows(at)) < set(made)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"l_tab": "all"}, "No action yet."),
        ({"l_tab": "todo"}, "Nothing to do: create an action."),
        ({"l_tab": "all", "l_text": "zzz"}, "No action matches these filters: reset them, or look in another tab."),
    ],
)
def test_an_empty_list_says_what_to_do(screen, query, sentence):
    at = screen("sales", "actions", **query)
    assert data_of(at, TABLE)["labels"]["empty"] == sentence
    click(at, "list.new")
    assert screen.page == "new_action"


def test_a_reader_is_not_offered_to_create(screen):
    at = screen("reader", "actions")
    assert not [button for button in at.button if button.key in ("list.new", "frame.new_action")]


def test_a_row_opens_its_file_and_its_menu_leads_to_the_report(screen, world):
    sub = an_action(world)
    at = screen("sales", "actions")
    fire(at, TABLE, "open", {"row": str(sub)})
    assert (screen.page, at.query_params["sub"]) == ("action", str(sub))
    at = screen.go("actions")
    fire(at, TABLE, "menu", {"row": str(sub), "choice": "report"})
    assert (screen.page, at.query_params["sub"]) == ("report", str(sub))


def test_unplanning_from_the_menu_acts_at_once(screen, world):
    sub = an_action(world, status="planned", planned_date=TODAY)
    at = screen("sales", "actions")
    assert "unplan" in data_of(at, TABLE)["rows"][0]["menu"]
    fire(at, TABLE, "menu", {"row": str(sub), "choice": "unplan"})
    assert_says(at, "A000001/01 is to plan again; its date stays as a wish.")
    assert the_sub(world, sub).status == Status.TO_PLAN


@pytest.mark.parametrize(
    ("who", "choice", "sentence"),
    [
        ("reader", "unplan", "Your profile doesn't change this action."),
        ("colleague", "cancel", "Your profile doesn't cancel this action."),
        ("sales", "delete", "A planned sub-action can't be deleted"),
        ("sales", "plan", "It is already planned."),
        ("far", "unplan", "This record doesn't exist or isn't yours to see."),
    ],
)
def test_a_forged_choice_of_the_menu_is_refused_in_a_sentence(screen, world, who, choice, sentence):
    sub = an_action(world, status="planned", planned_date=TODAY)
    before = the_sub(world, sub)
    at = screen(who, "actions")
    fire(at, TABLE, "menu", {"row": str(sub), "choice": choice})
    assert_says(at, sentence)
    assert the_sub(world, sub) == before


@pytest.mark.parametrize("choice", ["drop_table", "", "Gesture.CANCEL"])
def test_a_choice_that_no_menu_holds_does_nothing(screen, world, choice):
    sub = an_action(world)
    at = screen("sales", "actions")
    fire(at, TABLE, "menu", {"row": str(sub), "choice": choice})
    assert_says(at)
    assert the_sub(world, sub).version == 1


def test_forged_ticks_do_nothing(screen, world):
    an_action(world)
    at = screen("sales", "actions")
    assert_says(send_state(at, TABLE, {"selection": {"ids": [1], "turn": "x"}}))


# ---- Ma journée


def test_the_day_says_what_to_do_now_then_what_follows(screen, world):
    now = an_action(world, status="planned", planned_date=TODAY)
    later = an_action(world, status="planned", planned_date=TODAY + timedelta(days=1))
    late = an_action(world, status="planned", planned_date=TODAY - timedelta(days=1))
    at = screen("sales", "my_day")
    assert rows(at, "day.then") == [late, later]
    click(at, "day.now.report")
    assert (screen.page, at.query_params["sub"]) == ("report", str(now))


def test_a_tile_opens_the_list_that_it_counts(screen, world):
    late = an_action(world, status="planned", planned_date=TODAY - timedelta(days=1))
    an_action(world, status="planned", planned_date=TODAY)
    at = screen("sales", "my_day")
    assert at.button("day.tile.schedule").label.startswith("**1**")
    click(at, "day.tile.schedule")
    assert screen.page == "actions"
    assert rows(at) == [late]


@pytest.mark.parametrize("tile", ["schedule", "today", "date_range", "inbox", "groups", "check_circle"])
@pytest.mark.parametrize("who", ["sales", "manager", "nowhere", "admin"])
def test_each_tile_leads_to_as_many_rows_as_it_says(screen, world, who, tile):
    an_action(world, status="planned", planned_date=TODAY - timedelta(days=1))
    an_action(world, status="planned", planned_date=TODAY)
    for unit in (world.field, world.tele):
        an_action(world, org_unit=unit, assignee=None)
    a_report(world, an_action(world))
    at = screen(who, "my_day")
    said_by_the_tile = int(at.button(f"day.tile.{tile}").label.split("**")[1])
    click(at, f"day.tile.{tile}")
    assert len(rows(at)) == said_by_the_tile


def test_an_empty_day_says_so(screen):
    assert_says(screen("sales", "my_day"), "Nothing is due today. Plan what waits, or create an action.")


def test_a_manager_looks_at_a_unit_or_a_person(screen, world):
    sub = an_action(world, "colleague", status="planned", planned_date=TODAY)
    at = screen("manager", "my_day")
    at.selectbox("day.whose").set_value(("person", world.colleague)).run()
    assert_says(at, "To do now")
    click(at, "day.now.report")
    assert at.query_params["sub"] == str(sub)


def test_a_salesperson_looks_at_his_own_day_only(screen):
    at = screen("sales", "my_day")
    assert not [each for each in at.selectbox if each.key == "day.whose"]


def test_drafts_are_offered_again(screen, world):
    sub = an_action(world)
    at = screen("sales", "report", sub=sub)
    send_state(at, f"report.{sub}.report", {"doc": {"rev": 0, "html": "<p>En cours</p>"}})
    at = screen.go("my_day")
    labels = [link.proto.label for link in at.get("page_link")]
    assert "A report you were typing (today 10:30)" in labels
    assert "En cours" not in said(at)
