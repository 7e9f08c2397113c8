"""Affectations and the bar of the list: chosen, previewed, applied, undone; refused in a sentence that says which."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from lib.db import tables as t
from lib.domain.actions import edit_sub_action
from lib.domain.chain import Status
from lib.ui import session
from tests.builders import TODAY, a_context, a_report, an_action, put, stored_state, the_chain, the_sub
from tests.domain.test_workload import an_absence
from tests.pages import screens
from tests.pages.screens import assert_says, choose, click, said
from tests.pages.streamlit_events import data_of, run_fragment, send_state

TABLE = "list.table"
NEWER = 10**14
PREVIEW, APPLY = "assignments.preview", "assignments.apply"


def keys(at):
    return {button.key for button in at.button}


def tick(at, *subs, turn=NEWER):
    return send_state(at, TABLE, {"selection": {"ids": [str(sub) for sub in subs], "turn": turn}})


def ticked(at):
    return at.session_state[f"{TABLE}.kept"]["ids"]


def in_dialog(at, key):
    at.button(key).click()
    return run_fragment(at)


def previewed(screen, world, who="manager", to="tele_sales", **query):
    at = screen(who, "assignments", **query)
    at.selectbox("assignments.person").select(world.ids[to]).run()
    return click(at, PREVIEW)


# ---- the page


def test_what_the_preview_shows_is_applied_and_undone(screen, world):
    subs = [an_action(world, planned_date=TODAY), an_action(world)]
    theirs = an_action(world, "colleague")
    at = previewed(screen, world, a_who=world.sales)
    assert_says(at, "2 actions** to reassign")
    moves = at.dataframe[1].value
    assert list(moves["No."]) == ["A000001/01", "A000002/01"]
    assert (set(moves["From whom"]), set(moves["To whom"])) == ({"Sales"}, {"Tele Sales"})
    assert list(at.dataframe[0].value["Salesperson"]) == ["Sales", "Tele Sales"]
    assert the_sub(world, subs[0]).assignee_id == world.sales
    click(at, APPLY)
    assert_says(at, "2 actions reassigned from Sales to Tele Sales")
    assert {the_sub(world, each).assignee_id for each in subs} == {world.tele_sales}
    assert the_sub(world, theirs).assignee_id == world.colleague
    assert APPLY not in keys(at)
    row_id = 1
    click(at, f"operations.undo.banner.{row_id}")
    assert_says(at, "Undone: every action has back what it had.", "Manager has undone it on 04/03/2026 10:30.")
    assert {the_sub(world, each).assignee_id for each in subs} == {world.sales}
    assert not any(key.startswith("operations.undo") for key in keys(at))


def test_a_choice_that_changed_is_previewed_again_before_it_is_applied(screen, world):
    an_action(world)
    at = previewed(screen, world, a_who=world.sales)
    assert APPLY in keys(at)
    at.selectbox("assignments.person").select(world.colleague).run()
    assert APPLY not in keys(at)
    click(at, PREVIEW)
    assert APPLY in keys(at)


def test_what_others_changed_since_the_preview_is_told_and_nothing_moves(screen, world):
    subs = [an_action(world), an_action(world)]
    at = previewed(screen, world, a_who=world.sales)
    edit_sub_action(a_context(world, "sales"), sub_action_id=subs[1], version=1, edits={"duration": "45"})
    before = stored_state(world.db)
    click(at, APPLY)
    told = "Nothing was changed, because of 1 action: A000002/01. Sales changed it in the meantime: look again."
    assert_says(at, told)
    assert stored_state(world.db) == before
    assert APPLY not in keys(at)
    click(click(at, PREVIEW), APPLY)
    assert {the_sub(world, each).assignee_id for each in subs} == {world.tele_sales}


def test_what_cannot_follow_stands_apart_with_its_reasons(screen, world):
    an_action(world, domain=world.gas)
    an_action(world)
    at = previewed(screen, world, "admin", "far", a_who=world.sales)
    assert_says(at, "1 action** to reassign", "1 stays where it is")
    assert_says(at, "A000001/01 — This business activity isn't one of the unit's: choose another one.")


def test_a_colleagues_leave_is_a_click_away_and_goes_to_his_team_by_hours(screen, world):
    first = TODAY + timedelta(days=5)  # a Monday
    an_absence(world, "sales", first, first + timedelta(days=4))
    inside = an_action(world, status="planned", planned_date=first + timedelta(days=1))
    outside, undated = an_action(world, status="planned", planned_date=TODAY), an_action(world)
    at = screen("manager", "assignments", a_way="away", a_person=world.sales)
    assert_says(at, "Absences to come:")
    (absence,) = [each for each in at.button if each.key.startswith("assignments.absence.")]
    absence.click().run()
    assert (at.query_params["a_start"], at.query_params["a_end"]) == ("2026-03-09", "2026-03-13")
    assert at.multiselect(f"assignments.people.{world.sales}").value == [world.colleague, world.two_preferring]
    click(at, PREVIEW)
    assert list(at.dataframe[1].value["No."]) == ["A000001/01"]
    click(at, APPLY)
    assert the_sub(world, inside).assignee_id == world.colleague
    assert {the_sub(world, each).assignee_id for each in (outside, undated)} == {world.sales}


def test_somebody_who_left_gives_everything_away_to_a_pool(screen, world):
    subs = [an_action(world, "colleague", status="planned", planned_date=TODAY), an_action(world, "colleague")]
    put(world, t.person, world.colleague, is_active=False)
    at = screen("manager", "assignments", a_way="away", a_person=world.colleague)
    at.segmented_control("assignments.kind.True").set_value("pool").run()
    at.selectbox("assignments.pool").select(world.field).run()
    click(click(at, PREVIEW), APPLY)
    assert_says(at, "2 actions reassigned from Colleague to Pool of Terrain")
    assert {(sub.assignee_id, sub.org_unit_id) for sub in (the_sub(world, each) for each in subs)} == {
        (None, world.field)
    }


@pytest.mark.parametrize(
    "query",
    [
        {"a_way": "zzz"}, {"a_way": "away", "a_person": "999999"}, {"a_way": "away", "a_person": "x"},
        {"a_start": "9999-99-99", "a_way": "away"}, {"a_who": "1,2,x", "a_status": "done"}, {"a_undated": "maybe"},
        {"a_way": "ticked"}, {"a_from": "9999-12-31", "a_to": "0001-01-01"}, {"a_text": "%" * 900},
    ],
)  # fmt: skip
def test_a_strange_address_opens_the_page_all_the_same(screen, world, query):
    at = screen("admin", "assignments", **query)
    assert_says(at, "Choose the actions and who gets them")
    assert at.button(PREVIEW).disabled


def test_a_quick_second_click_does_not_undo_the_first(screen, world):
    at = screen("manager", "assignments", a_who=world.sales)
    stale = dict(at.query_params)
    at.text_input("a_text").set_value("dupont").run()
    at.query_params.clear()
    at.query_params.update(stale)  # the browser hasn't shown the new address yet
    at.date_input("a_from").set_value(date(2026, 3, 2)).run()
    assert at.text_input("a_text").value == "dupont"
    at.run()
    assert (at.query_params["a_text"], at.query_params["a_from"]) == ("dupont", "2026-03-02")
    at.query_params["a_text"] = "durand"  # whereas somebody who types another address is followed
    at.run()
    assert (at.text_input("a_text").value, at.date_input("a_from").value) == ("durand", date(2026, 3, 2))


def test_the_choice_stands_in_the_address(screen, world):
    an_action(world)
    at = screen("manager", "assignments", a_who=world.sales, a_status="to_plan", a_from="2026-03-01")
    assert at.multiselect("a_who").value == [world.sales]
    at.date_input("a_from").set_value(date(2026, 3, 2)).run()
    assert at.query_params["a_from"] == "2026-03-02"
    at.segmented_control("a_way").set_value("away").run()
    at.segmented_control("a_way").set_value("filters").run()
    assert (at.multiselect("a_who").value, at.date_input("a_from").value) == ([world.sales], date(2026, 3, 2))


# ---- the list


def test_ticks_of_two_pages_are_postponed_together_and_the_operation_is_undone(screen, world):
    subs = [an_action(world, planned_date=TODAY) for _number in range(51)]
    at = screen("sales", "actions")
    assert "bulk.postpone" not in keys(at)
    tick(at, subs[0])
    at.session_state["l_page"] = 2
    at.run()
    assert [int(row["id"]) for row in data_of(at, TABLE)["rows"]] == [subs[50]]
    tick(at, subs[0], subs[50], turn=NEWER + 1)
    assert_says(at, "**2** selected")
    click(at, "bulk.postpone")
    assert_says(at, "2 actions**: A000001/01, A000051/01")
    choose(at, "bulk.days", 2)
    in_dialog(at, "save_bulk")
    assert {the_sub(world, each).planned_date for each in (subs[0], subs[50])} == {TODAY + timedelta(days=2)}
    assert the_sub(world, subs[1]).planned_date == TODAY
    assert_says(at, "2 actions postponed by 2 working days")
    assert ticked(at) == []
    click(at, "operations.undo.banner.1")
    assert {the_sub(world, each).planned_date for each in subs} == {TODAY}


def test_to_a_date_and_what_cannot_follow_stays(screen, world):
    mine, theirs = an_action(world), an_action(world, "colleague")
    at = screen("sales", "actions", l_tab="all", l_who="")
    tick(at, mine, theirs)
    click(at, "bulk.postpone")
    assert_says(at, "A000002/01 — Your profile doesn't change this action.")
    choose(at, "bulk.how", "To a date")
    run_fragment(at)
    choose(at, "bulk.date", TODAY + timedelta(days=9))
    in_dialog(at, "save_bulk")
    assert the_sub(world, mine).planned_date == TODAY + timedelta(days=9)
    assert the_sub(world, theirs).version == 1
    assert_says(at, "1 action postponed to Friday 13 March 2026")


def test_the_day_proposed_for_all_is_no_public_holiday(screen, world, monkeypatch):
    sub, easter_eve = an_action(world), datetime(2026, 4, 3, 9, tzinfo=UTC)
    monkeypatch.setattr(session, "now", lambda: easter_eve)
    monkeypatch.setattr(screens, "NOW", easter_eve)  # and so when the person signed in
    at = screen("sales", "actions")
    tick(at, sub)
    click(at, "bulk.postpone")
    choose(at, "bulk.how", "To a date")
    run_fragment(at)
    assert at.date_input("bulk.date").value == date(2026, 4, 7)


def test_cancelling_needs_a_comment_keeps_what_was_typed_and_cannot_be_undone(screen, world):
    subs = [an_action(world), an_action(world)]
    at = screen("manager", "actions")
    tick(at, *subs)
    click(at, "bulk.cancel")
    in_dialog(at, "save_bulk")
    assert_says(at, "Say why it is cancelled: the comment stays in the history.")
    choose(at, "bulk.reason", "Campagne arrêtée")
    a_report(world, subs[1])
    in_dialog(at, "save_bulk")
    assert_says(at, "Nothing was changed, because of 1 action: A000002/01.")
    assert at.text_area("bulk.reason").value == "Campagne arrêtée"
    assert the_sub(world, subs[0]).is_open
    in_dialog(at, "save_bulk")
    assert (the_sub(world, subs[0]).status, the_sub(world, subs[1]).status) == (Status.CANCELLED, Status.DONE)
    assert_says(at, "1 action cancelled: Campagne arrêtée", "A cancellation is for good: it can't be undone.")
    click(at, "operations.close")
    assert "1 action cancelled" not in said(at)


def test_what_was_ticked_is_handed_over_to_the_reassignment(screen, world):
    subs = [an_action(world), an_action(world, "colleague"), an_action(world)]
    at = screen("manager", "actions")
    tick(at, *subs[:2])
    click(at, "bulk.reassign")
    assert screen.page == "assignments"
    at.selectbox("assignments.person").select(world.tele_sales).run()
    click(click(at, PREVIEW), APPLY)
    assert [the_sub(world, each).assignee_id for each in subs] == [world.tele_sales, world.tele_sales, world.sales]
    assert the_chain(world, subs[0]).action.responsible_id == world.tele_sales


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        ("reader", set()),
        ("sales", {"bulk.postpone", "bulk.cancel"}),
        ("manager", {"bulk.reassign", "bulk.postpone", "bulk.cancel"}),
        ("admin", {"bulk.reassign", "bulk.postpone", "bulk.cancel"}),
    ],
)
def test_the_bar_offers_what_the_rights_allow(screen, world, who, offered):
    sub = an_action(world)
    at = screen(who, "actions")
    assert data_of(at, TABLE)["mode"] == ("multi" if offered else "none")
    tick(at, sub)
    bar = {"bulk.reassign", "bulk.postpone", "bulk.cancel"}
    assert keys(at) & bar == offered
    if offered:
        click(at, "bulk.none")
        assert keys(at) & bar == set()


def test_forged_ticks_open_a_dialog_that_offers_nothing(screen, world):
    far = an_action(world, "far")
    at = screen("sales", "actions")
    tick(at, far, "x", "-1", 10**6)
    click(at, "bulk.postpone")
    assert at.button("save_bulk").disabled
    assert "A000001" not in said(at)
    assert the_sub(world, far).version == 1
