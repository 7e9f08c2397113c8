"""Journeys through lists and settings: finding one's work, sharing a list, changing a rule for everybody."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from lib.demo.clients import STORY_DONE
from tests.e2e.screens import (
    choose_language,
    create_action,
    expect_said,
    expect_title,
    filter_by,
    fr,
    go_to_page,
    hover_card,
    numbers,
    open_row,
    open_screen,
    opened_number,
    press,
    row,
    rows,
    search,
    set_parameter,
    show_tab,
    sort_by,
    start_action,
    wait_idle,
)

CALL = "Appel"


def test_a_filtered_list_is_found_again_after_a_file_and_by_its_address(app, enter):
    manager = enter(app, "manager", "/actions")
    show_tab(manager, fr("Done actions"))
    filter_by(manager, fr("Action"), CALL)
    sort_by(manager, fr("Client / Site"))
    go_to_page(manager, 2)
    found = numbers(manager)
    expect(manager).to_have_url(re.compile(r"l_nature=\d+"))
    expect(rows(manager).filter(has_text=CALL)).to_have_count(len(found))
    open_row(manager, found[3])
    manager.get_by_role("link", name=fr("Back to the list")).click()
    expect_title(manager, fr("Actions"))
    assert numbers(manager) == found

    elsewhere = enter(app, "manager", manager.url.removeprefix(app.url))
    assert numbers(elsewhere) == found


def test_sorting_by_a_header_turns_the_list_and_a_second_click_turns_it_back(app, enter):
    manager = enter(app, "manager", "/actions?l_tab=done")
    sort_by(manager, fr("No."))
    ascending = numbers(manager)
    assert ascending == sorted(ascending)
    sort_by(manager, fr("No."))
    descending = numbers(manager)
    assert descending == sorted(descending, reverse=True)
    assert descending[0] > ascending[0]


def test_detail_and_report_are_read_by_hovering_without_leaving_the_list(app, enter):
    nadia = enter(app, "televente", "/actions?l_tab=done")
    search(nadia, STORY_DONE)
    number = numbers(nadia)[-1]  # of the demo: other journeys add newer ones
    for what in ("Detail", "Report"):
        expect(hover_card(nadia, number, fr(what))).to_be_visible()
        expect(hover_card(nadia, number, fr(what))).not_to_be_empty()
    expect_title(nadia, fr("Actions"))


def test_a_rows_menu_is_used_by_the_keyboard_alone(app, enter):
    nadia = enter(app, "televente")
    number = create_action(nadia, client=STORY_DONE, nature=CALL, detail="Au clavier")
    open_screen(nadia, fr("Actions"))
    search(nadia, number.partition("/")[0])
    expect(rows(nadia)).to_have_count(1)
    row(nadia, number).focus()
    nadia.keyboard.press("Shift+F10")
    first = nadia.get_by_role("menuitem").first
    expect(first).to_have_text(re.compile(fr("Enter the report")))
    expect(first).to_be_focused()
    nadia.keyboard.press("Enter")
    expect_title(nadia, fr("Report"))
    expect_said(nadia, fr("Back to {number}", number=number))


def test_a_parameter_changed_by_an_admin_acts_at_once_in_an_open_form(own_app, enter):
    nadia = enter(own_app, "televente")
    start_action(nadia, client=STORY_DONE, nature=CALL)
    press(nadia, fr("Create (F2)"))
    expect_said(nadia, fr("Nothing was saved. To mend: {fields}.", fields=fr("Detail")))
    admin = enter(own_app, "admin")
    open_screen(admin, fr("General parameters"))
    set_parameter(admin, "DETAIL_ACTION_COMMERCIAL_OBLIGATOIRE", False)
    press(nadia, fr("Create (F2)"))
    expect_said(nadia, fr("The action is created."))
    opened_number(nadia)
    expect_said(nadia, fr("No detail."))


def test_somebody_who_reads_english_chooses_it_for_himself(own_app, enter):
    nadia = enter(own_app, "televente")
    choose_language(nadia, "English")
    expect(nadia.get_by_role("heading", level=1)).to_have_text("My day")
    nadia.reload()
    wait_idle(nadia)
    expect(nadia.get_by_role("heading", level=1)).to_have_text("My day")
    camille = enter(own_app, "commercial")
    expect_title(camille, fr("My day"))
