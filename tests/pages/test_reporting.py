"""Compte rendu and what follows it: nothing, the next step, a deal."""

from __future__ import annotations

from datetime import timedelta

import pytest
from streamlit.proto.Common_pb2 import StringArray

from lib.domain.actions import cancel, delete_sub_action, edit_sub_action
from lib.domain.chain import FollowUp, Status
from lib.domain.drafts import kept_drafts
from tests.builders import TODAY, a_context, a_report, an_action, rows_of, stored_state, the_chain, the_sub
from tests.pages.screens import assert_says, choose, click, said, type_text
from tests.pages.streamlit_events import forge, send_state


@pytest.fixture
def sub(world) -> int:
    """A planned call at Dupont's plant with Anne."""
    return an_action(
        world, site=world.plant, contact=world.anne, status="planned", planned_date=TODAY, domain=world.gas
    )


def reports(screen, sub, who="sales"):
    return screen(who, "report", sub=sub)


def fill(at, sub, follow_up):
    type_text(at, f"report.{sub}.report", "<p>Intéressé</p>")
    return choose(at, f"report.{sub}.follow_up", follow_up).run()


def test_the_report_opens_prefilled_with_today_and_the_duration(screen, sub):
    at = reports(screen, sub)
    assert at.date_input(f"report.{sub}.done_on").value == TODAY
    assert at.text_input(f"report.{sub}.done_duration").value == "0:15"
    assert_says(at, "SARL Dupont & Fils", "Anne Lefèvre", "06 11 22 33 44")


def test_without_follow_up_the_action_is_done_and_its_file_opens(screen, world, sub):
    at = fill(reports(screen, sub), sub, "none")
    choose(at, f"report.{sub}.result", world.reached)
    click(at, "save_report")
    assert screen.page == "action"
    assert_says(at, "The report of A000001/01 is saved.", "Intéressé", "Joint")
    done = the_sub(world, sub)
    assert (done.status, done.follow_up, done.result_id) == (Status.DONE, FollowUp.NONE, world.reached)
    assert len(the_chain(world, sub).sub_actions) == 1


def test_an_empty_report_is_refused_at_each_field_and_keeps_the_rest(screen, world, sub):
    before = stored_state(world.db)
    at = reports(screen, sub)
    choose(at, f"report.{sub}.done_duration", "0:20")
    click(at, "save_report")
    assert_says(
        at, "Say what happened: choose a result, or write a line.",
        "Choose what follows: nothing, a next action, or a deal.",
    )  # fmt: skip
    assert at.text_input(f"report.{sub}.done_duration").value == "0:20"
    assert stored_state(world.db) == before


def test_the_proposed_next_step_needs_no_typing(screen, world, sub):
    at = fill(reports(screen, sub), sub, "proposed")
    click(at, "save_report")
    following = the_chain(world, sub).last
    assert at.query_params["sub"] == str(following.id)
    assert (following.nature_id, following.assignee_id, following.seq) == (world.brochure, world.sales, 2)
    assert (following.site_id, following.contact_id, following.domain_id) == (world.plant, world.anne, world.gas)
    assert following.planned_date == TODAY + timedelta(days=5), "three working days after a Wednesday"
    assert following.detail_text.startswith("Follows the report of")


def test_another_next_step_is_checked_with_the_report_and_both_are_kept(screen, world, sub):
    before = stored_state(world.db)
    at = fill(reports(screen, sub), sub, "other")
    choose(at, f"report.{sub}.next.planned_date", None)
    choose(at, f"report.{sub}.next.status", Status.PLANNED)
    click(at, "save_report")
    assert stored_state(world.db) == before
    assert_says(at, "Nothing was saved. To mend:", "A date is required.")
    choose(at, f"report.{sub}.next.nature", world.meeting).run()
    choose(at, f"report.{sub}.next.planned_date", TODAY + timedelta(days=1))
    choose(at, f"report.{sub}.next.text", "Présenter <b>l'offre</b>").run()
    click(at, "save_report")
    following = the_chain(world, sub).last
    assert (following.nature_id, following.status, following.duration_min) == (world.meeting, Status.PLANNED, 60)
    assert following.detail_text == "Présenter <b>l'offre</b>"
    assert the_sub(world, sub).report_text == "Intéressé"


def test_a_deal_follows_prefilled_and_is_linked_to_the_action(screen, world, sub):
    at = fill(reports(screen, sub), sub, "deal")
    click(at, "save_report")
    assert screen.page == "new_deal"
    assert the_sub(world, sub).status == Status.DONE
    assert at.text_input("deal.1.title").value == "Deal SARL Dupont & Fils"
    choose(at, "deal.1.amount_eur", "beaucoup")
    click(at, "save_deal")
    assert_says(at, "Amount not understood: write for example 12500 or 12500,50.")
    assert rows_of(world.db)["deal"] == 0
    assert at.text_input("deal.1.amount_eur").value == "beaucoup"
    choose(at, "deal.1.amount_eur", "12 500,50")
    click(at, "save_deal")
    assert screen.page == "action"
    assert_says(at, "The deal is created and linked to A000001.")
    assert the_chain(world, sub).action.deal_id


def test_a_deal_being_typed_is_back_after_a_look_elsewhere(screen, world, sub):
    click(fill(reports(screen, sub), sub, "deal"), "save_report")
    choose(screen.at, "deal.1.amount_eur", "12 500").run()
    choose(screen.at, "deal.1.expected_on", TODAY).run()
    assert_says(screen.at, "Draft saved at 10:30")
    at = screen.go("my_day")
    assert [each.proto.query_string for each in at.get("page_link") if "A deal" in each.proto.label] == ["action=1"]
    at = screen.go("new_deal", action=1)
    assert_says(at, "Your draft is back.")
    assert (at.text_input("deal.1.amount_eur").value, at.date_input("deal.1.expected_on").value) == ("12 500", TODAY)
    click(at, "save_deal")
    assert screen.page == "action"
    assert kept_drafts(a_context(world, "sales")) == []


def test_the_report_stands_when_the_deal_is_given_up(screen, world, sub):
    at = fill(reports(screen, sub), sub, "deal")
    click(at, "save_report")
    click(at, "deal.1.give_up")
    assert screen.page == "action"
    assert the_sub(world, sub).status == Status.DONE
    assert rows_of(world.db)["deal"] == 0


def test_a_colleague_of_the_unit_reports_and_is_named(screen, world, sub):
    at = fill(reports(screen, sub, "colleague"), sub, "none")
    click(at, "save_report")
    assert_says(at, "Report by Colleague")


@pytest.mark.parametrize("end", ["reported", "cancelled"])
def test_what_is_over_says_so_instead_of_the_form(screen, world, sub, end):
    if end == "reported":
        a_report(world, sub)
    else:
        cancel(a_context(world, "sales"), sub_action_id=sub, version=1, reason="Non")
    at = reports(screen, sub)
    assert len(at.warning) == 1
    assert not [button for button in at.button if button.key == "save_report"]


def test_the_report_of_whoever_came_second_can_be_read_copied_and_forgotten(screen, world, sub):
    at = fill(reports(screen, sub), sub, "none")
    a_report(world, sub, "colleague", report="<p>Pris les devants</p>")
    type_text(at, f"report.{sub}.report", "<p>Mon propre récit</p>")
    click(at, "save_report")
    assert_says(at, "Colleague changed this record in the meantime.", "What you typed", "Mon propre récit")
    assert_says(at.run(), "Mon propre récit")
    assert the_sub(world, sub).report_text == "Pris les devants"
    assert_says(screen.go("my_day"))
    at = screen.go("report", sub=sub)
    assert_says(at, "What you typed")
    click(at, "draft.forget")
    assert "What you typed" not in said(at)
    assert kept_drafts(a_context(world, "sales")) == []


def test_the_report_on_what_was_deleted_meanwhile_can_be_read(screen, world, sub):
    edit_sub_action(a_context(world, "sales"), sub_action_id=sub, version=1, edits={"status": "to_plan"})
    at = fill(reports(screen, sub), sub, "none")
    delete_sub_action(a_context(world, "manager"), sub_action_id=sub, version=2)
    type_text(at, f"report.{sub}.report", "<p>Mon propre récit</p>")
    click(at, "save_report")
    assert_says(at, "This record doesn't exist or isn't yours to see.", "What you typed", "Mon propre récit")


def test_a_change_of_plan_meanwhile_is_told_once_then_the_report_is_saved(screen, world, sub):
    at = fill(reports(screen, sub), sub, "none")
    edit_sub_action(a_context(world, "manager"), sub_action_id=sub, version=1, edits={"status": "to_plan"})
    click(at, "save_report")
    assert_says(at, "Manager changed this record in the meantime. Compare, then save again.")
    click(at, "save_report")
    assert the_sub(world, sub).status == Status.DONE


def test_what_was_typed_is_back_after_a_look_elsewhere(screen, world, sub):
    at = fill(reports(screen, sub), sub, "other")
    choose(at, f"report.{sub}.next.nature", world.meeting).run()
    send_state(at, f"report.{sub}.report", {"doc": {"rev": 0, "html": "<p>Presque fini</p>"}})
    at = screen.go("my_day")
    assert_says(at)
    at = screen.go("report", sub=sub)
    assert_says(at, "Your draft is back.")
    assert at.selectbox(f"report.{sub}.next.nature").value == world.meeting
    click(at, "save_report")
    assert the_sub(world, sub).report_text == "Presque fini"
    assert the_chain(world, sub).last.nature_id == world.meeting


def test_a_double_click_makes_one_next_step(screen, world, sub):
    at = fill(reports(screen, sub), sub, "proposed")
    click(at, "save_report")
    assert len(the_chain(world, sub).sub_actions) == 2
    at = reports(screen, sub)
    assert_says(at, "It is done: its report has been entered.")


@pytest.mark.parametrize("forged", ["x", "", "sub_action"])
def test_a_forged_follow_up_is_a_sentence(screen, world, sub, forged):
    at = type_text(reports(screen, sub), f"report.{sub}.report", "<p>Intéressé</p>")
    assert_says(forge(at, f"report.{sub}.follow_up", string_array_value=StringArray(data=[forged])))
    click(at, "save_report")
    assert_says(at, "Choose what follows: nothing, a next action, or a deal.")
    assert the_sub(world, sub).status == Status.PLANNED
