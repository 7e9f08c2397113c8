"""Journeys where what is typed is at stake: two people at once, a crash, a sign-out, a quick hand."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from lib.cli import DEMO_PASSWORD
from lib.demo.clients import STORY_DONE
from tests.e2e.screens import (
    create_action,
    decide,
    edit,
    editor,
    expect_draft_kept,
    expect_said,
    expect_status,
    expect_title,
    field,
    fr,
    numbers,
    open_action,
    opened_number,
    press,
    retype,
    save,
    sign_in,
    sign_out,
    start_action,
    start_report,
    sub_action_id,
    wait_idle,
    write,
)

CALL, DOCUMENT = "Appel", "Envoi de document"


@pytest.fixture
def two_editors(app, enter) -> tuple[Page, Page]:
    """Nadia and her manager, each with the same action open for editing."""
    nadia = enter(app, "televente")
    create_action(nadia, client=STORY_DONE, nature=CALL, detail="Texte de départ")
    manager = enter(app, "manager", f"/action?sub={sub_action_id(nadia)}")
    for page in (nadia, manager):
        edit(page)
    return nadia, manager


def test_the_second_to_save_the_same_field_is_told_by_whom_and_loses_nothing(two_editors):
    nadia, manager = two_editors
    retype(nadia, fr("Duration (H.M)"), "0:20")
    save(nadia)
    expect_said(nadia, fr("Saved."))
    retype(manager, fr("Duration (H.M)"), "0:45")
    save(manager)
    warning = manager.get_by_test_id("stAlert").filter(has_text="Nadia Benali")
    expect(warning).to_be_in_viewport()
    for value in ("0:20", "0:45"):
        expect(manager.get_by_test_id("stTable").filter(has_text=value)).to_be_visible()
    expect(field(manager, fr("Duration (H.M)"))).to_have_value("0:45")
    press(manager, fr("Keep my text, on the new version"))
    expect(warning).to_have_count(0)
    save(manager)
    expect_said(manager, fr("Saved."))
    expect_said(manager, "0:45")


def test_who_prefers_what_the_other_saved_finds_it_in_his_editor(two_editors):
    nadia, manager = two_editors
    write(nadia, ", version de Nadia")
    save(nadia)
    expect_said(nadia, fr("Saved."))
    write(manager, ", version du manager")
    save(manager)
    press(manager, fr("Take what was saved"))
    expect(editor(manager)).to_have_text("Texte de départ, version de Nadia")
    expect(manager.get_by_test_id("stTable")).to_have_count(0)


def test_two_people_who_change_different_fields_both_have_them_saved(two_editors):
    nadia, manager = two_editors
    retype(nadia, fr("Duration (H.M)"), "0:20")
    save(nadia)
    expect_said(nadia, fr("Saved."))
    write(manager, ", complété par le manager")
    save(manager)
    expect_said(manager, fr("Saved."))
    expect_said(manager, "Texte de départ, complété par le manager")
    expect_said(manager, "0:20")


def test_a_report_survives_a_crash_of_the_server_a_sign_out_and_a_new_browser(own_app, enter, new_page):
    nadia = enter(own_app, "televente")
    number = create_action(nadia, client=STORY_DONE, nature=CALL, detail="Appeler")
    sub_id = sub_action_id(nadia)
    start_report(nadia)
    write(nadia, "Joint le gérant")
    expect_draft_kept(nadia)
    own_app.kill()
    own_app.start()
    nadia.reload()
    expect(editor(nadia)).to_have_text("Joint le gérant")
    expect_said(nadia, fr("Your draft is back."))

    write(nadia, ", il veut un devis")
    expect_draft_kept(nadia)
    sign_out(nadia)
    elsewhere = new_page()
    sign_in(elsewhere, own_app.url, email="televente@relais.example", password=DEMO_PASSWORD)
    elsewhere.get_by_role("link", name=fr("A report you were typing")).click()
    expect(editor(elsewhere)).to_have_text("Joint le gérant, il veut un devis")
    decide(elsewhere, fr("No follow-up"))
    save(elsewhere)
    assert opened_number(elsewhere) == number
    expect_said(elsewhere, "Joint le gérant, il veut un devis")
    open_action(elsewhere, own_app.url, sub_id)
    expect_status(elsewhere, fr("Done"))


def test_what_is_typed_while_the_server_is_away_is_there_when_it_comes_back(own_app, enter):
    nadia = enter(own_app, "televente")
    create_action(nadia, client=STORY_DONE, nature=CALL, detail="Appeler")
    start_report(nadia)
    write(nadia, "Avant la panne")
    expect_draft_kept(nadia)
    own_app.kill()
    expect(nadia.get_by_test_id("stStatusWidget")).to_be_visible()  # the browser has seen that nobody answers
    write(nadia, ", pendant la panne")
    own_app.start()
    expect(nadia.get_by_test_id("stStatusWidget")).to_have_count(0)
    wait_idle(nadia)
    decide(nadia, fr("No follow-up"))
    write(nadia, ", et après")
    save(nadia)
    expect_said(nadia, "Avant la panne, pendant la panne, et après")


def test_f2_saves_from_within_the_editor_with_the_last_words(app, enter):
    nadia = enter(app, "televente")
    start_action(nadia, client=STORY_DONE, nature=CALL)
    write(nadia, "Tout ce qui est tapé, jusqu’au dernier mot")
    nadia.keyboard.press("F2")
    expect_said(nadia, fr("The action is created."))
    opened_number(nadia)
    expect_said(nadia, "Tout ce qui est tapé, jusqu’au dernier mot")


def test_a_double_click_on_save_makes_one_sub_action(app, enter):
    nadia = enter(app, "televente")
    create_action(nadia, client=STORY_DONE, nature=CALL, detail="Appeler")
    start_report(nadia)
    write(nadia, "Envoyer la plaquette")
    decide(nadia, DOCUMENT)
    button = nadia.get_by_role("button", name=fr("Save (F2)"), exact=True)
    expect(button).to_have_count(1)
    button.dblclick()
    expect_said(nadia, fr("The report of {number} is saved.").rpartition("}")[2])
    assert opened_number(nadia).endswith("/02")
    nadia.reload()
    opened_number(nadia)
    assert numbers(nadia) == ["01", "02"]


def test_giving_up_a_new_action_leaves_no_draft(app, enter):
    nadia = enter(app, "televente")
    start_action(nadia, client=STORY_DONE, nature=CALL)
    write(nadia, "Finalement non")
    expect_draft_kept(nadia)
    press(nadia, fr("Give up"))
    press(nadia, fr("New action"))
    expect_title(nadia, fr("New action"))
    expect(editor(nadia)).to_have_text("")
