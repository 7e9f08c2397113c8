"""CRIT: written, read, changed and followed by a sales action, as each kind of person sees and does it."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from streamlit.proto.Common_pb2 import StringArray

from lib.db.tables import contact
from lib.domain.drafts import kept_drafts
from lib.domain.rights import Operation
from lib.domain.service_reports import ServiceReport, edit_service_report, open_service_report
from tests.builders import (
    TODAY,
    World,
    a_context,
    a_service_report,
    an_action,
    put,
    remove_right,
    rows_of,
    stored_state,
    the_chain,
)
from tests.pages.screens import assert_says, choose, click, said, type_text
from tests.pages.streamlit_events import data_of, fire, forge, run_fragment, send_state

NEW = "crit.new"


def stored(world: World, report_id: int) -> ServiceReport:
    return open_service_report(a_context(world, "admin"), report_id=report_id).report


def table(at, key="crit.table"):
    """The ids of the rows."""
    return [int(row["id"]) for row in data_of(at, key)["rows"]]


def cells(at, key="crit.table"):
    """What the first row says."""
    return [cell if isinstance(cell, str) else cell.get("text", "") for cell in data_of(at, key)["rows"][0]["cells"]]


def fill(at, world, **values):
    at.text_input(f"{NEW}.search.text").set_value("dupont").run()
    click(at, f"{NEW}.search.pick.{world.dupont}")
    for name, value in {"duration": "1h30", "equipment": "Pompe X2", **values}.items():
        choose(at, f"{NEW}.{name}", value)
    return type_text(at, f"{NEW}.body", "<p>Pompe changée</p>").run()


# ---- writing


def test_a_technician_writes_what_he_did_and_reads_it_at_once(screen, world):
    at = fill(screen("technician", "new_service_report"), world, site=world.plant, signed_by="Mme Roy")
    click(at, "save_crit")
    assert screen.page == "service_report"
    report_id = int(at.query_params["crit"])
    assert_says(at, "The service report is saved.", "CRIT000001", "Pompe changée", "Mme Roy", "Pompe X2", "Atelier")
    found = stored(world, report_id)
    assert (found.technician_id, found.done_on, found.duration_min) == (world.technician, TODAY, 90)
    assert (found.site_id, found.client_id) == (world.plant, world.dupont)
    assert kept_drafts(a_context(world, "technician")) == []


def test_who_is_no_technician_says_whose_visit_it_was(screen, world):
    at = fill(screen("sales", "new_service_report"), world)
    before = rows_of(world.db)
    click(at, "save_crit")
    assert_says(at, "Nothing was saved. To mend: Technician.", "Choose the technician who was there.")
    assert rows_of(world.db) == before
    assert at.text_input(f"{NEW}.duration").value == "1h30"
    choose(at, f"{NEW}.technician", world.technician)
    click(at, "save_crit")
    found = stored(world, int(at.query_params["crit"]))
    assert (found.technician_id, found.created_by, found.org_unit_id) == (world.technician, world.sales, world.workshop)


def test_everything_that_is_missing_is_told_at_its_field(screen, world):
    at = click(screen("technician", "new_service_report"), "save_crit")
    assert_says(
        at, "Nothing was saved. To mend: Client, Time spent, Work done.",
        "Choose a client: type 2 letters of its name, code or town.", "Say what was done: a line is enough.",
    )  # fmt: skip


def test_the_client_of_the_address_is_chosen_with_his_only_place(screen, world):
    at = screen("technician", "new_service_report", client=world.leroy)
    assert at.text_input(f"{NEW}.shown.{world.leroy}").value.startswith("Leroy")
    assert (at.selectbox(f"{NEW}.site").value, at.selectbox(f"{NEW}.contact").value) == (world.shop, world.zoe)
    click(at, f"{NEW}.other")
    assert at.text_input(f"{NEW}.search.text").value == ""


def test_what_was_typed_is_back_after_a_look_elsewhere_until_it_is_given_up(screen, world):
    at = fill(screen("technician", "new_service_report"), world)
    send_state(at, f"{NEW}.body", {"doc": {"rev": 0, "html": "<p>Pompe démontée</p>"}})
    assert_says(at, "Draft saved at 10:30")
    links = [each.proto.label for each in screen.go("my_day").get("page_link")]
    assert any(label.startswith("A service report you were writing") for label in links)
    at = screen("technician", "new_service_report")
    assert_says(at, "Your draft is back.")
    assert at.text_input(f"{NEW}.duration").value == "1h30"
    assert data_of(at, f"{NEW}.body")["value"] == "<p>Pompe démontée</p>"
    click(at, f"{NEW}.give_up")
    assert at.text_input(f"{NEW}.duration").value == ""
    assert kept_drafts(a_context(world, "technician")) == []


@pytest.mark.parametrize(
    ("field", "forged"),
    [
        ("technician", {"string_value": "Nobody"}),
        ("site", {"string_value": "Nowhere"}),
        ("duration", {"string_value": "x" * 5000}),
        ("done_on", {"string_array_value": StringArray(data=["2026/13/45"])}),
        ("done_on", {"string_array_value": StringArray(data=["2026/03/05"])}),
        ("start_time", {"string_value": "99:99"}),
        ("equipment", {"json_value": '{"a": 1}'}),
    ],
)
def test_a_forged_value_writes_nothing_that_it_should_not(screen, world, field, forged):
    at = fill(screen("technician", "new_service_report"), world)
    before = rows_of(world.db)
    forge(at, f"{NEW}.{field}", **forged)
    if not at.exception:
        click(at, "save_crit")
    if screen.page == "service_report":  # the field fell back to nothing, which is right for it
        found = stored(world, int(at.query_params["crit"]))
        assert (found.technician_id, found.done_on <= TODAY, found.duration_min) == (world.technician, True, 90)
    else:
        assert rows_of(world.db) == before


# ---- reading


@pytest.mark.parametrize(
    ("who", "may_edit", "may_add"),
    [("technician", True, True), ("sales", False, True), ("admin", True, True), ("reader", False, False)],
)
def test_each_sees_the_report_and_what_he_may_do_with_it(screen, world, who, may_edit, may_add):
    report = a_service_report(world, site=world.plant, start_time=time(9), done_on=TODAY - timedelta(days=1))
    at = screen(who, "service_report", crit=report)
    assert_says(at, "CRIT000001  SARL Dupont & Fils · Usine", "yesterday 09:00 (2:00)", "Filtre remplacé")
    assert at.button("crit.card.edit").disabled != may_edit
    assert at.button("crit.card.new_action").disabled != may_add


@pytest.mark.parametrize("raw", ["abc", "", "0", "-1", "99999", "9" * 40, "²"])
def test_a_forged_address_gets_a_sentence_and_a_way_back(screen, world, raw):
    a_service_report(world)
    at = screen("admin", "service_report", crit=raw)
    assert_says(at, "This record doesn't exist or isn't yours to see.")
    at.button("reading.back").click().run()
    assert screen.page == "service_reports"


def test_the_list_follows_its_address_and_opens_a_report(screen, world):
    day = TODAY - timedelta(days=10)
    first = a_service_report(world, done_on=day)
    second = a_service_report(world, client=world.leroy, technician=world.sales, equipment="Four")
    at = screen("reader", "service_reports")
    assert table(at) == [second, first]
    number, when, client, technician, equipment, duration = cells(at)[:6]
    assert (number, when, client, technician, equipment, duration) == (
        "CRIT000002", "today", "Leroy", "Sales", "Four", "2:00",
    )  # fmt: skip
    assert "crit.list.new" not in {button.key for button in at.button}
    for query, found in (
        ({"c_client": world.dupont}, [first]),
        ({"c_who": world.sales}, [second]),
        ({"c_to": day}, [first]),
        ({"c_from": date.max, "c_who": "x", "c_client": "-1", "c_page": "²", "c_sort": "--number"}, [second, first]),
        ({"c_sort": "number"}, [first, second]),
        ({"c_client": 4242}, []),
    ):
        assert table(screen.go("service_reports", **query)) == found
    at = screen.go("service_reports", c_sort="number")
    fire(at, "crit.table", "open", {"row": str(first)})
    assert (screen.page, at.query_params["crit"]) == ("service_report", str(first))


def test_an_empty_list_says_what_to_do(screen):
    at = screen("technician", "service_reports")
    assert data_of(at, "crit.table")["labels"]["empty"] == "No service report yet: write the first one."
    at.button("crit.list.new").click().run()
    assert screen.page == "new_service_report"


# ---- changing


def opens_edit(screen, report, who="technician"):
    return screen(who, "service_report", crit=report, edit=1)


def test_a_change_is_saved_and_read_again(screen, world):
    report = a_service_report(world)
    at = opens_edit(screen, report)
    name = f"crit.edit.{report}"
    choose(at, f"{name}.duration", "0:45")
    type_text(at, f"{name}.body", "<p>Filtre et joint</p>")
    click(at, "save_crit")
    assert_says(at, "Saved.", "Filtre et joint", "0:45")
    assert "edit" not in at.query_params
    assert stored(world, report).version == 2


def test_a_refused_change_is_told_at_its_field_and_nothing_is_lost(screen, world):
    report = a_service_report(world)
    at = opens_edit(screen, report)
    before = stored_state(world.db)
    choose(at, f"crit.edit.{report}.duration", "long")
    choose(at, f"crit.edit.{report}.equipment", "Pompe")
    click(at, "save_crit")
    assert_says(at, "Nothing was saved. To mend: Time spent.", "Duration not understood: write 1:30")
    assert at.text_input(f"crit.edit.{report}.equipment").value == "Pompe"
    assert stored_state(world.db) == before


def test_two_who_changed_the_same_text_choose_whose_stays(screen, world):
    report = a_service_report(world)
    at = opens_edit(screen, report)
    ctx = a_context(world, "admin")
    edit_service_report(ctx, report_id=report, version=1, edits={"body": "<p>Le sien</p>", "technician": world.sales})
    type_text(at, f"crit.edit.{report}.body", "<p>Le mien</p>")
    click(at, "save_crit")
    assert_says(at, "Admin changed this record in the meantime. Compare, then save again.")
    (shown,) = at.table
    assert list(shown.value.iloc[0])[:4] == ["Work done", "Filtre remplacé", "Le sien", "Le mien"]
    click(at, f"crit.edit.{report}.mine")
    click(at, "save_crit")
    found = stored(world, report)
    assert (found.body_text, found.technician_id) == ("Le mien", world.sales)


def test_who_may_not_change_it_is_told_why_and_shown_the_report(screen, world):
    report = a_service_report(world)
    at = opens_edit(screen, report, "sales")
    assert_says(at, "Your profile doesn't write this service report.", "Filtre remplacé")
    assert not [button for button in at.button if button.key == "save_crit"]


def test_who_loses_the_right_while_typing_keeps_his_text(screen, world):
    report = a_service_report(world)
    at = opens_edit(screen, report)
    type_text(at, f"crit.edit.{report}.body", "<p>Le mien</p>")
    run_fragment(at)
    remove_right(world, "sales", Operation.EDIT_SERVICE_REPORTS)
    before = stored_state(world.db)
    click(at, "save_crit")
    assert_says(at, "Your profile doesn't write this service report.", "What you typed", "Le mien")
    assert stored_state(world.db) == before


# ---- the action born from it (R6)


def test_an_action_born_from_a_report_is_prefilled_linked_and_shown_on_both_sides(screen, world):
    report = a_service_report(world, site=world.plant, contact=world.anne, equipment="Pompe <X2>")
    at = click(screen("sales", "service_report", crit=report), "crit.card.new_action")
    assert screen.page == "new_action"
    assert_says(at, "Born from CRIT000001")
    assert "new.other" not in {button.key for button in at.button}
    assert (at.selectbox("new.site").value, at.selectbox("new.contact").value) == (world.plant, world.anne)
    assert at.selectbox("new.assignee").value == world.sales
    detail = "<p>Following CRIT000001 of Wednesday 4 March 2026 (Pompe &lt;X2&gt;): </p>"
    assert data_of(at, "new.detail")["value"] == detail
    choose(at, "new.nature", world.call)
    click(at, "save_new")
    assert screen.page == "action"
    sub = int(at.query_params["sub"])
    assert the_chain(world, sub).action.service_report_id == report
    (link,) = [each for each in at.get("page_link") if each.proto.query_string == f"crit={report}"]
    assert link.proto.label.startswith("CRIT000001")
    at = screen.go("service_report", crit=report)
    assert table(at, "crit.actions") == [sub]
    fire(at, "crit.actions", "open", {"row": str(sub)})
    assert screen.page == "action"


def test_who_is_no_longer_there_is_not_proposed_for_the_action(screen, world):
    report = a_service_report(world, site=world.plant, contact=world.anne)
    put(world, contact, world.anne, is_active=False)
    at = screen("sales", "new_action", crit=report)
    assert (at.selectbox("new.site").value, at.selectbox("new.contact").value) == (world.plant, world.paul)


def test_the_draft_of_an_action_born_from_a_report_opens_there_and_nowhere_else(screen, world):
    report, other = a_service_report(world), a_service_report(world, client=world.leroy)
    at = screen("sales", "new_action", crit=report)
    send_state(at, "new.detail", {"doc": {"rev": 0, "html": "<p>Proposer un contrat</p>"}})
    assert_says(at, "Draft saved at 10:30")
    at = screen.go("new_action")
    assert at.text_input("new.search.text").value == ""
    at = screen.go("new_action", crit=other)
    assert "Proposer" not in data_of(at, "new.detail")["value"]
    at = screen.go("new_action", crit=report)
    assert_says(at, "Your draft is back.")
    assert data_of(at, "new.detail")["value"] == "<p>Proposer un contrat</p>"


def test_a_report_shows_only_the_actions_that_one_may_see(screen, world):
    report = a_service_report(world)
    theirs = an_action(world, "far", service_report=report)
    assert table(screen("sales", "service_report", crit=report), "crit.actions") == []
    assert table(screen("far", "service_report", crit=report), "crit.actions") == [theirs]


@pytest.mark.parametrize("raw", ["4242", "0", "-1", "abc"])
def test_a_new_action_for_an_unknown_report_gets_a_sentence_or_an_empty_form(screen, world, raw):
    at = screen("sales", "new_action", crit=raw)
    is_empty = "new.search.text" in {each.key for each in at.text_input}
    assert is_empty or "This record doesn't exist or isn't yours to see." in said(at)
