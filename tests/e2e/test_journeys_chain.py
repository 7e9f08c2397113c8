"""Journeys along a chain of sub-actions, in a real browser."""

from __future__ import annotations

from playwright.sync_api import expect

from lib.demo.clients import STORY_DONE, STORY_TO_PLAY
from tests.e2e.screens import (
    create_action,
    enter_report,
    expect_said,
    expect_status,
    expect_title,
    find_client,
    fr,
    hover_card,
    in_dialog,
    numbers,
    open_more,
    open_row,
    open_row_menu,
    open_screen,
    opened_number,
    plan,
    row,
    search,
    show_tab,
    sub_action_id,
    unplan,
)

CALL, DOCUMENT, MEETING = "Appel", "Envoi de document", "Rendez-vous"


def test_a_prospect_goes_from_the_call_to_the_meeting_of_the_field_salesperson(app, enter):
    nadia = enter(app, "televente")
    find_client(nadia, STORY_TO_PLAY)
    [first] = numbers(nadia)
    chain = first.partition("/")[0]
    open_row(nadia, first)
    enter_report(nadia, result="Joint", text="Intéressé : envoyer la plaquette", follow_up=DOCUMENT)
    assert opened_number(nadia) == f"{chain}/02"
    enter_report(nadia, text="Plaquette envoyée, rendez-vous accepté", follow_up=MEETING, assignee="Camille Roussel")
    assert opened_number(nadia) == f"{chain}/03"
    assert numbers(nadia) == ["01", "02", "03"]
    expect(row(nadia, "03")).to_contain_text("Camille Roussel")
    expect(hover_card(nadia, "01", fr("Report"))).to_contain_text("Intéressé : envoyer la plaquette")

    camille = enter(app, "commercial", "/actions")
    search(camille, chain)
    assert numbers(camille) == [f"{chain}/03"]
    open_row(camille, f"{chain}/03")
    expect_said(camille, fr("responsible: {person}", person="Camille Roussel"))

    manager = enter(app, "manager", f"/actions?l_tab=all&l_text={chain}")
    assert sorted(numbers(manager)) == [f"{chain}/{number}" for number in ("01", "02", "03")]


def test_a_report_for_a_colleague_bears_its_authors_name(app, enter):
    nadia = enter(app, "televente")
    number = create_action(nadia, client=STORY_DONE, nature=CALL, detail="Rappeler la direction")
    manager = enter(app, "manager", f"/action?sub={sub_action_id(nadia)}")
    enter_report(manager, result="Joint", text="Direction jointe à sa place", follow_up=fr("No follow-up"))
    expect(row(manager, "01")).to_contain_text("Nadia Benali← Philippe Garnier")
    expect_status(manager, fr("Done"))

    open_screen(nadia, fr("Actions"))
    show_tab(nadia, fr("Done actions"))
    search(nadia, number.partition("/")[0])
    expect(row(nadia, number)).to_contain_text("Nadia Benali← Philippe Garnier")
    expect(hover_card(nadia, number, fr("Report by a colleague"))).to_contain_text("Direction jointe à sa place")


def test_a_planned_action_is_unplanned_before_it_is_deleted(app, enter):
    nadia = enter(app, "televente")
    number = create_action(nadia, client=STORY_DONE, nature=CALL, detail="Un doublon")
    plan(nadia)
    more = open_more(nadia)
    expect(more.get_by_role("button", name=fr("Delete"))).to_be_disabled()
    expect(more).to_contain_text(fr("A planned sub-action can't be deleted: put it back to plan first, or cancel it."))
    nadia.keyboard.press("Escape")
    unplan(nadia)
    open_more(nadia).get_by_role("button", name=fr("Delete")).click()
    in_dialog(nadia).get_by_role("button", name=fr("Delete for good")).click()
    expect_said(nadia, fr("{number} is deleted.", number=number))
    expect_title(nadia, fr("Actions"))


def test_cancelling_asks_why_and_leaves_a_struck_line_that_nothing_changes(app, enter):
    nadia = enter(app, "televente")
    number = create_action(nadia, client=STORY_DONE, nature=CALL, detail="Appel de courtoisie")
    open_row_menu(nadia, "01").get_by_text(fr("Cancel this action")).click()
    dialog = in_dialog(nadia)
    cancel = dialog.get_by_role("button", name=fr("Cancel this action"))
    cancel.click()
    expect(dialog).to_contain_text(fr("Say why it is cancelled: the comment stays in the history."))
    dialog.get_by_label(fr("Why is it cancelled? *")).fill("Le client a déménagé")
    cancel.click()
    expect_said(nadia, fr("{number} is cancelled.", number=number))
    expect_status(nadia, fr("Cancelled"))
    line = row(nadia, "01")
    expect(line).to_have_attribute("data-looks", "cancelled")
    expect(line.locator(".open")).to_have_css("text-decoration-line", "line-through")
    for label in ("Enter the report", "Edit"):
        expect(nadia.get_by_role("button", name=fr(label), exact=True)).to_be_disabled()
    expect(hover_card(nadia, "01", fr("Reason of the cancellation"))).to_contain_text("Le client a déménagé")
    nadia.goto(f"{nadia.url}&edit=1")
    opened_number(nadia)
    expect(nadia.get_by_role("button", name=fr("Save (F2)"))).to_have_count(0)
