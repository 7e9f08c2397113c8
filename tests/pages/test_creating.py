"""Nouvelle action as a person fills it in: refused at the field with everything kept, then mended and created."""

from __future__ import annotations

import pytest
from streamlit.proto.Common_pb2 import StringArray

from lib.domain.chain import Status
from lib.domain.drafts import kept_drafts
from lib.ui import creation
from tests.builders import TODAY, a_context, a_report, an_action, rows_of, the_chain, the_sub
from tests.pages.screens import assert_says, choose, click, said, type_text
from tests.pages.streamlit_events import forge, send_state


def picks_dupont(at, world):
    at.text_input("new.search.text").set_value("dupont").run()
    return click(at, f"new.search.pick.{world.dupont}")


def fill(at, world):
    picks_dupont(at, world)
    choose(at, "new.nature", world.call).run()
    choose(at, "new.reason", world.quote)
    choose(at, "new.planned_date", TODAY)
    return type_text(at, "new.detail", "<p>Proposer le contrat</p>").run()


def test_a_bad_duration_is_told_at_its_field_and_nothing_is_lost_nor_saved(screen, world):
    at = fill(screen("sales", "new_action"), world)
    before = rows_of(world.db)
    choose(at, "new.duration", "eleven")
    click(at, "save_new")
    assert_says(at, "Nothing was saved. To mend: Duration (H.M).", "Duration not understood: write 1:30")
    assert rows_of(world.db) == before
    assert at.text_input("new.duration").value == "eleven"
    assert at.selectbox("new.nature").value == world.call
    assert at.selectbox("new.reason").value == world.quote
    assert at.date_input("new.planned_date").value == TODAY
    choose(at, "new.duration", "1h30")
    click(at, "save_new")
    assert screen.page == "action"
    assert_says(at, "The action is created.", "Proposer le contrat")
    made = the_sub(world, int(at.query_params["sub"]))
    assert (made.nature_id, made.reason_id, made.duration_min) == (world.call, world.quote, 90)
    assert (made.assignee_id, made.org_unit_id, made.planned_date) == (world.sales, world.field, TODAY)
    assert made.detail_text == "Proposer le contrat"


def test_everything_that_is_missing_is_told_at_once(screen, world):
    at = click(screen("sales", "new_action"), "save_new")
    assert_says(at, "Choose a client: type 2 letters of its name, code or town.")
    picks_dupont(at, world)
    click(at, "save_new")
    assert_says(at, "Nothing was saved. To mend:", "Action", "Detail")
    assert rows_of(world.db)["action"] == 0


def test_a_disabled_choice_is_shown_and_refused(screen, world):
    at = fill(screen("sales", "new_action"), world)
    choose(at, "new.nature", world.fax).run()
    assert "Fax (disabled)" in at.selectbox("new.nature").options
    click(at, "save_new")
    assert rows_of(world.db)["action"] == 0
    assert_says(at, "Nothing was saved. To mend: Action.")


def test_a_nature_without_reasons_forgets_the_reason_chosen_before(screen, world):
    at = fill(screen("sales", "new_action"), world)
    choose(at, "new.nature", world.dead_end).run()
    click(at, "save_new")
    assert the_sub(world, int(at.query_params["sub"])).reason_id is None


def test_the_nature_brings_its_duration_and_the_salesperson_his_unit(screen, world):
    at = picks_dupont(screen("manager", "new_action"), world)
    at.selectbox("new.nature").set_value(world.meeting).run()
    assert at.text_input("new.duration").value == "1:00"
    at.selectbox("new.assignee").set_value(world.tele_sales).run()
    assert at.selectbox("new.org_unit").value == world.tele
    assert not at.warning


def test_another_client_takes_his_places_along_and_leaves_the_rest(screen, world):
    at = fill(screen("sales", "new_action"), world)
    choose(at, "new.site", world.plant).run()
    click(at, "new.other")
    at.text_input("new.search.text").set_value("leroy").run()
    click(at, f"new.search.pick.{world.leroy}")
    assert at.selectbox("new.site").value == world.shop, "the only site is chosen already"
    assert at.selectbox("new.contact").value == world.zoe
    assert at.selectbox("new.nature").value == world.call


def test_a_client_that_nobody_is_called_says_what_to_try(screen):
    at = screen("sales", "new_action")
    at.text_input("new.search.text").set_value("zzzz").run()
    assert_says(at, "No client matches: check the spelling, or try the town or the phone number.")


def test_the_client_of_the_address_is_chosen_already(screen, world):
    at = screen("sales", "new_action", client=world.leroy)
    assert at.text_input(f"new.shown.{world.leroy}").value.startswith("Leroy")
    at = screen.go("new_action", client=world.dupont)
    assert at.text_input(f"new.shown.{world.dupont}").value.startswith("SARL Dupont")


def test_an_unknown_client_in_the_address_doesnt_spoil_the_next_visit(screen):
    screen("sales", "new_action", client=4242)
    at = screen.go("new_action")
    assert at.text_input("new.search.text").value == ""


def test_what_was_typed_is_back_after_a_look_elsewhere_and_in_another_session(screen, world):
    at = fill(screen("sales", "new_action"), world)
    send_state(at, "new.detail", {"doc": {"rev": 0, "html": "<p>Rappeler lundi</p>"}})
    assert_says(at, "Draft saved at 10:30")
    screen.go("actions")
    for at in (screen.go("new_action"), screen("sales", "new_action")):
        assert_says(at, "Your draft is back.")
        assert at.selectbox("new.nature").value == world.call
        assert at.selectbox("new.reason").value == world.quote
        assert at.date_input("new.planned_date").value == TODAY
    click(at, "save_new")
    assert the_sub(world, int(at.query_params["sub"])).detail_text == "Rappeler lundi"
    assert kept_drafts(a_context(world, "sales")) == []


def test_giving_up_forgets_the_draft(screen, world):
    at = fill(screen("sales", "new_action"), world)
    choose(at, "new.planned_date", None).run()
    click(at, "new.give_up")
    assert at.selectbox("new.nature").value is None
    assert kept_drafts(a_context(world, "sales")) == []


def test_a_second_click_on_create_makes_one_action(screen, world):
    at = fill(screen("sales", "new_action"), world)
    key = at.session_state["new.request"]
    click(at, "save_new")
    at = screen.go("new_action")
    fill(at, world)
    choose(at, "new.request", key)
    click(at, "save_new")
    assert rows_of(world.db)["action"] == 1


def test_the_next_step_of_a_finished_chain_is_added_to_it(screen, world):
    sub = an_action(world)
    a_report(world, sub)
    at = screen("sales", "action", sub=sub)
    click(at, "card.add_next")
    assert screen.page == "new_action"
    assert_says(at, "Next step of A000001")
    assert not [each for each in at.selectbox if each.key == "new.origin"]
    choose(at, "new.nature", world.call).run()
    type_text(at, "new.detail", "<p>Relancer</p>")
    click(at, "save_new")
    chain = the_chain(world, sub)
    assert [each.seq for each in chain.sub_actions] == [1, 2]
    assert chain.last.status == Status.TO_PLAN
    assert at.query_params["sub"] == str(chain.last.id)


def test_a_next_step_being_typed_is_kept_apart_from_a_new_action(screen, world):
    sub = an_action(world)
    a_report(world, sub)
    at = fill(screen("sales", "new_action"), world)
    send_state(at, "new.detail", {"doc": {"rev": 0, "html": "<p>Autre client</p>"}})
    chain_id = the_chain(world, sub).action.id
    at = screen.go("new_action", next=chain_id)
    send_state(at, "new.detail", {"doc": {"rev": 1, "html": "<p>Relancer</p>"}})
    assert {draft.record_id for draft in kept_drafts(a_context(world, "sales"))} == {chain_id, 0}
    at = screen.go("my_day")
    links = {each.proto.query_string for each in at.get("page_link") if "you were" in each.proto.label}
    assert links == {f"next={chain_id}", ""}
    at = screen.go("new_action", next=chain_id)
    assert_says(at, "Your draft is back.")
    choose(at, "new.nature", world.call).run()
    click(at, "save_new")
    assert the_chain(world, sub).last.detail_text == "Relancer"
    assert [draft.record_id for draft in kept_drafts(a_context(world, "sales"))] == [0]


WORDS = [{"string_value": text} for text in ("1 OR 1=1", "", "4242", "\x00", "9" * 5000)]
LISTS = [{"string_array_value": StringArray(data=data)} for data in ([], ["x"], ["2026-13-45", "x"])]
FIELDS = {
    **dict.fromkeys(("nature", "reason", "domain", "site", "contact", "assignee", "org_unit", "origin"), WORDS),
    **dict.fromkeys(("duration", "planned_time"), WORDS),
    **dict.fromkeys(("status", "planned_date", "participants"), LISTS),
}


@pytest.mark.parametrize("field", FIELDS)
def test_a_forged_choice_is_a_sentence_and_never_an_incident(screen, world, field):
    at = fill(screen("sales", "new_action"), world)
    if field == "participants":
        choose(at, "new.nature", world.meeting).run()
    for forged in FIELDS[field]:
        assert_says(forge(at, f"new.{field}", **forged))
    click(at, "save_new")


@pytest.mark.parametrize("field", ["nature", "planned_time", "duration"])
def test_a_value_of_a_type_that_no_widget_sends_saves_nothing_and_shows_no_trace(screen, world, field):
    at = fill(screen("sales", "new_action"), world)
    at.button("save_new").click()
    forge(at, f"new.{field}", json_value='{"a": [1]}')  # Streamlit itself stumbles on it: an incident, with its number
    assert rows_of(world.db)["action"] == 0
    assert "Traceback" not in said(at)


@pytest.mark.parametrize(
    "forged", [{"doc": "x"}, {"doc": {"rev": 0, "html": 5}}, {"doc": {"rev": 9, "html": "<p>x</p>"}}, {"doc": None}]
)
def test_a_forged_editor_counts_as_nothing_typed(screen, world, forged):
    at = picks_dupont(screen("sales", "new_action"), world)
    choose(at, "new.nature", world.call).run()
    send_state(at, "new.detail", forged)
    click(at, "save_new")
    assert_says(at, "Nothing was saved. To mend: Detail.")


def test_a_script_in_the_detail_is_never_stored(screen, world):
    at = fill(screen("sales", "new_action"), world)
    type_text(at, "new.detail", '<p onclick="x()">Bonjour<script>alert(1)</script></p>')
    click(at, "save_new")
    assert "alert" not in said(at)
    assert the_sub(world, int(at.query_params["sub"])).detail_text == "Bonjour"


def test_a_text_that_is_too_deep_is_refused_at_its_field_and_kept(screen, world):
    at = fill(screen("sales", "new_action"), world)
    deep = "<div>" * 3000 + "x"
    click(type_text(at, "new.detail", deep), "save_new")
    assert_says(at, "Nothing was saved. To mend: Detail.")
    assert at.session_state["new.detail"]["doc"]["html"] == deep
    assert rows_of(world.db)["action"] == 0


def test_the_draft_goes_with_the_save_also_when_the_page_is_never_drawn_again(screen, world, monkeypatch):
    at = fill(screen("sales", "new_action"), world)
    monkeypatch.setattr(creation, "taken", lambda: 1 / 0)
    at.button("save_new").click().run()
    assert rows_of(world.db)["action"] == 1
    assert kept_drafts(a_context(world, "sales")) == []
