"""The file of an action edited in place: what is saved, what is locked and why, what two people do at once."""

from __future__ import annotations

import pytest

from lib.db import tables as t
from lib.domain.actions import cancel, delete_sub_action, edit_sub_action, plan
from lib.domain.chain import Status
from lib.domain.drafts import kept_drafts
from tests.builders import TODAY, a_context, a_report, an_action, put, stored_state, the_chain, the_sub
from tests.pages.screens import assert_says, choose, click, said, type_text
from tests.pages.streamlit_events import data_of, fire, send_state


def edits(screen, sub, who="sales"):
    return screen(who, "action", sub=sub, edit=1)


def test_what_is_changed_is_saved_and_one_is_back_on_the_file(screen, world):
    sub = an_action(world)
    at = edits(screen, sub)
    choose(at, f"edit.{sub}.duration", "45")
    choose(at, f"edit.{sub}.contact", world.anne)
    type_text(at, f"edit.{sub}.detail", "<p>Autre chose</p>")
    click(at, "save_edit")
    assert_says(at, "Saved.", "Autre chose", "Anne Lefèvre")
    assert "edit" not in at.query_params
    assert (the_sub(world, sub).duration_min, the_sub(world, sub).contact_id) == (45, world.anne)


def test_saving_without_a_change_changes_nothing(screen, world):
    sub = an_action(world, planned_date=TODAY, nature=world.meeting, participants=[world.colleague])
    before = stored_state(world.db)
    click(edits(screen, sub), "save_edit")
    assert stored_state(world.db) == before


def test_a_refused_field_says_why_and_keeps_everything_typed(screen, world):
    sub = an_action(world)
    before = stored_state(world.db)
    at = edits(screen, sub)
    choose(at, f"edit.{sub}.status", Status.PLANNED)
    choose(at, f"edit.{sub}.duration", "99 h")
    click(at, "save_edit")
    assert_says(at, "Nothing was saved. To mend:", "A date is required.")
    assert at.text_input(f"edit.{sub}.duration").value == "99 h"
    assert stored_state(world.db) == before
    choose(at, f"edit.{sub}.planned_date", TODAY)
    choose(at, f"edit.{sub}.duration", "1h")
    click(at, "save_edit")
    assert the_sub(world, sub).status == Status.PLANNED


def test_another_salesperson_brings_his_unit_and_another_of_his_may_be_chosen(screen, world):
    sub = an_action(world)
    at = edits(screen, sub)
    at.selectbox(f"edit.{sub}.assignee").set_value(world.two_preferring).run()
    assert at.selectbox(f"edit.{sub}.org_unit").value == world.south
    at.selectbox(f"edit.{sub}.org_unit").set_value(world.field).run()
    click(at, "save_edit")
    assert (the_sub(world, sub).assignee_id, the_sub(world, sub).org_unit_id) == (world.two_preferring, world.field)


@pytest.mark.parametrize(("to", "then"), [("colleague", "A000001/01"), ("far", "isn't yours to see")])
def test_an_action_given_away_is_told_saved_though_it_is_no_longer_ones_own(screen, world, to, then):
    sub = an_action(world, "manager", assignee=world.sales)
    at = edits(screen, sub)
    at.selectbox(f"edit.{sub}.assignee").set_value(world.ids[to]).run()
    type_text(at, f"edit.{sub}.detail", "<p>À reprendre</p>")
    click(at, "save_edit")
    assert the_sub(world, sub).assignee_id == world.ids[to]
    assert_says(at, "Saved.", then)
    assert "What you typed" not in said(at)
    assert "edit" not in at.query_params


def test_an_unplanning_that_is_refused_names_the_field_to_mend(screen, world):
    sub = an_action(world, status="planned", planned_date=TODAY)
    put(world, t.sub_action, sub, contact_id=world.zoe)  # who works for another client by now
    at = click(screen("sales", "action", sub=sub), "card.unplan")
    assert_says(at, "Nothing was saved. To mend: Contact.")


@pytest.mark.parametrize("who", ["reader", "colleague"])
def test_editing_by_the_address_is_refused_to_whom_it_isnt_given(screen, world, who):
    at = edits(screen, an_action(world), who)
    assert_says(at, "Your profile doesn't change this action.")
    assert not [button for button in at.button if button.key == "save_edit"]


def test_a_cancelled_one_says_that_it_can_never_be_changed_again(screen, world):
    sub = an_action(world)
    cancel(a_context(world, "sales"), sub_action_id=sub, version=1, reason="Plus d'objet")
    at = edits(screen, sub)
    assert_says(at, "A cancelled sub-action can never be changed again.", "Plus d'objet")
    assert not [button for button in at.button if button.key == "save_edit"]


def test_once_reported_only_the_report_and_the_deal_are_open(screen, world):
    sub = an_action(world)
    a_report(world, sub, result=world.reached)
    at = edits(screen, sub)
    assert at.selectbox(f"edit.{sub}.nature").disabled
    assert not at.text_input(f"edit.{sub}.done_duration").disabled
    type_text(at, f"edit.{sub}.report", "<p>Finalement intéressé</p>")
    click(at, "save_edit")
    assert_says(at, "Finalement intéressé")


def test_two_people_who_change_different_fields_are_both_saved(screen, world):
    sub = an_action(world)
    at = edits(screen, sub)
    edit_sub_action(a_context(world, "manager"), sub_action_id=sub, version=1, edits={"duration": "45"})
    choose(at, f"edit.{sub}.contact", world.paul)
    click(at, "save_edit")
    assert (the_sub(world, sub).duration_min, the_sub(world, sub).contact_id) == (45, world.paul)


@pytest.mark.parametrize(("choice", "kept"), [("mine", 20), ("theirs", 45)])
def test_the_same_field_changed_by_both_is_compared_and_decided(screen, world, choice, kept):
    sub = an_action(world)
    at = edits(screen, sub)
    edit_sub_action(a_context(world, "manager"), sub_action_id=sub, version=1, edits={"duration": "45"})
    choose(at, f"edit.{sub}.duration", "20").run()
    click(at, "save_edit")
    assert_says(at, "Manager changed this record in the meantime. Compare, then save again.")
    assert the_sub(world, sub).duration_min == 45
    click(at, f"edit.{sub}.{choice}")
    click(at, "save_edit")
    assert the_sub(world, sub).duration_min == kept
    assert kept_drafts(a_context(world, "sales")) == []


def test_a_nature_without_reasons_takes_the_old_reason_away(screen, world):
    sub = an_action(world, reason=world.quote)
    at = edits(screen, sub)
    at.selectbox(f"edit.{sub}.nature").set_value(world.meeting).run()
    click(at, "save_edit")
    assert (the_sub(world, sub).nature_id, the_sub(world, sub).reason_id) == (world.meeting, None)


def test_what_was_disabled_since_stays_when_something_else_is_edited(screen, world):
    sub = an_action(world, nature=world.meeting, domain=world.gas, participants=[world.colleague], assignee=world.sales)
    before = the_sub(world, sub)
    put(world, t.org_unit, world.field, is_active=False, business_activity_id=world.water)
    put(world, t.person, world.colleague, is_active=False)
    put(world, t.action_nature, world.meeting, is_active=False)
    at = edits(screen, sub)
    choose(at, f"edit.{sub}.duration", "20")
    click(at, "save_edit")
    after = the_sub(world, sub)
    assert after.duration_min == 20
    for name in ("org_unit_id", "nature_id", "domain_id", "participant_ids", "assignee_id"):
        assert getattr(after, name) == getattr(before, name), name


def test_the_form_opened_again_shows_what_others_saved_meanwhile(screen, world):
    sub = an_action(world)
    edits(screen, sub)
    screen.go("actions")
    edit_sub_action(a_context(world, "manager"), sub_action_id=sub, version=1, edits={"duration": "45"})
    at = screen.go("action", sub=sub, edit=1)
    assert at.text_input(f"edit.{sub}.duration").value == "0:45"


def test_the_change_of_what_was_deleted_meanwhile_can_be_read(screen, world):
    sub = an_action(world)
    at = edits(screen, sub)
    delete_sub_action(a_context(world, "manager"), sub_action_id=sub, version=1)
    type_text(at, f"edit.{sub}.detail", "<p>Autre chose</p>")
    click(at, "save_edit")
    assert_says(at, "This record doesn't exist or isn't yours to see.", "What you typed", "Autre chose")


def test_what_was_typed_comes_back_and_giving_up_forgets_it(screen, world):
    sub = an_action(world)
    at = edits(screen, sub)
    send_state(at, f"edit.{sub}.detail", {"doc": {"rev": 0, "html": "<p>En cours</p>"}})
    at = screen("sales", "my_day")
    assert [draft.form for draft in kept_drafts(a_context(world, "sales"))] == ["edit"]
    at = screen.go("action", sub=sub, edit=1)
    assert_says(at, "Your draft is back.")
    click(at, f"edit.{sub}.give_up")
    assert kept_drafts(a_context(world, "sales")) == []
    assert the_sub(world, sub).detail_text == "Proposer le contrat"


def test_a_draft_on_what_was_cancelled_meanwhile_can_be_read_and_forgotten(screen, world):
    sub = an_action(world)
    at = edits(screen, sub)
    send_state(at, f"edit.{sub}.detail", {"doc": {"rev": 0, "html": "<p>Mes notes</p>"}})
    cancel(a_context(world, "manager"), sub_action_id=sub, version=1, reason="Doublon")
    at = edits(screen, sub)
    assert_says(at, "What you typed", "Mes notes")
    click(at, "draft.forget")
    assert kept_drafts(a_context(world, "sales")) == []
    assert "Mes notes" not in said(at)


# ---- the file, read


def test_the_file_shows_the_chain_and_switches_to_another_of_its_steps(screen, world):
    first = an_action(world)
    second = a_report(
        world, first, follow_up="sub_action", next={"nature": world.call, "assignee": world.sales, "detail": "<p>x</p>"}
    )
    at = screen("sales", "action", sub=first)
    history = f"history.{the_chain(world, first).action.id}"
    assert [row["id"] for row in data_of(at, history)["rows"]] == [str(first), str(second)]
    fire(at, history, "open", {"row": str(second)})
    assert at.query_params["sub"] == str(second)


@pytest.mark.parametrize("row", ["²", "-1", "9" * 5000, "x"])
@pytest.mark.parametrize("gesture", ["open", "menu"])
def test_a_forged_row_is_a_sentence_at_most(screen, world, gesture, row):
    sub = an_action(world)
    at = screen("sales", "action", sub=sub)
    history = f"history.{the_chain(world, sub).action.id}"
    value = {"row": row} if gesture == "open" else {"row": row, "choice": "unplan"}
    assert_says(fire(at, history, gesture, value))


def test_buttons_that_are_refused_say_why(screen, world):
    sub = an_action(world)
    plan(a_context(world, "sales"), sub_action_id=sub, version=1, planned_date=TODAY)
    at = screen("reader", "action", sub=sub)
    assert at.button("card.report").disabled
    assert at.button("card.report").help == "Your profile doesn't report on this action."
    assert at.button("card.delete").disabled
