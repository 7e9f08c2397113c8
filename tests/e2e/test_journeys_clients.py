"""A client whose phone number rings: found, seen whole, a person added to it, an action born, all from its sheet."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from lib.demo.clients import STORY_TO_PLAY
from tests.e2e.screens import (
    CLIENT_HINT,
    choose,
    expect_said,
    expect_status,
    expect_title,
    field,
    fr,
    open_client,
    opened_number,
    press,
    rows,
    wait_idle,
    write,
)

WHO, PHONE, EMAIL = "Aurore Delmas", "06 39 98 77 66", "aurore.delmas@terrasses.example"


def number_of(page: Page) -> str:
    """The client's own phone number, as the sheet shows it."""
    return page.get_by_test_id("stMain").get_by_role("link", name=re.compile(r"^04 65 71")).first.inner_text()


def test_a_phone_number_leads_to_the_client_a_new_contact_and_a_new_action(own_app, enter):
    camille = enter(own_app, "commercial", "/clients")
    camille.get_by_placeholder(fr(CLIENT_HINT)).first.fill(STORY_TO_PLAY)
    expect(rows(camille)).to_have_count(1)
    wait_idle(camille)
    rows(camille).first.locator(".open").click()
    expect_title(camille, STORY_TO_PLAY)
    phone = number_of(camille)

    open_client(camille, "+33 " + phone.removeprefix("0")[:11], STORY_TO_PLAY)  # the last digits aren't needed
    press(camille, fr("New contact"))
    dialog = camille.get_by_role("dialog")
    dialog.get_by_label(re.compile(rf"^{fr('Name')}")).fill(WHO)
    dialog.get_by_label(fr("Phone"), exact=True).fill(PHONE)
    dialog.get_by_label(fr("E-mail"), exact=True).fill("aurore.delmas")
    camille.keyboard.press("F2")
    expect_said(camille, fr("E-mail address not understood: write for example claire.morin@example.org."))
    dialog.get_by_label(fr("E-mail"), exact=True).fill(EMAIL)
    camille.keyboard.press("F2")
    expect(dialog).to_have_count(0)
    expect_said(camille, fr("Saved."))
    contact = camille.get_by_role("row").filter(has_text=WHO)
    expect(contact.get_by_role("link", name=PHONE)).to_have_attribute("href", "tel:0639987766")
    expect(contact.get_by_role("link", name=EMAIL)).to_have_attribute("href", f"mailto:{EMAIL}")

    press(camille, fr("Add a sales action"))
    expect_title(camille, fr("New action"))
    choose(camille, fr("Action"), "Appel")
    choose(camille, fr("Contact"), f"{WHO} · {PHONE}")
    write(camille, "Rappeler demain matin")
    press(camille, fr("Create (F2)"))
    number = opened_number(camille)
    expect_status(camille, fr("To plan"))
    camille.get_by_test_id("stMain").get_by_role("link", name=STORY_TO_PLAY).click()
    expect_title(camille, STORY_TO_PLAY)
    expect(camille.get_by_role("row").filter(has_text=number)).to_be_visible()

    # Whoever calls is known by her number at once, in the other colleague's sidebar too.
    nadia = enter(own_app, "televente")
    press(nadia, fr("Find a client"))
    popover = nadia.get_by_test_id("stPopoverBody")
    popover.get_by_placeholder(fr(CLIENT_HINT)).fill("0639 9877")
    expect(popover.get_by_role("button", name=WHO)).to_be_visible()


def test_a_client_that_exists_already_is_told_before_it_is_created_twice(app, enter):
    camille = enter(app, "commercial", "/edit-client")
    expect_title(camille, fr("New client"))
    field(camille, fr("Name")).fill(STORY_TO_PLAY.upper())
    field(camille, fr("Town")).fill("Lyon")
    press(camille, fr("Create (F2)"))
    expect_said(camille, fr("the same name"))
    link = camille.get_by_test_id("stMain").get_by_role("link", name=re.compile(re.escape(STORY_TO_PLAY)))
    link.click()
    expect_title(camille, STORY_TO_PLAY)
