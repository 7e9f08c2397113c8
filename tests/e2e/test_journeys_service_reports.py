"""A journey of a technical visit: its CRIT is written, a sales action is born from it, and each leads to the other."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from lib.demo.clients import STORY_DONE
from tests.e2e.screens import (
    choose,
    editor,
    expect_said,
    expect_title,
    field,
    fr,
    open_screen,
    opened_number,
    press,
    row,
    wait_idle,
    write,
)

PUMP = "Pompe de relevage, local poubelles"


def write_crit(page: Page) -> str:
    """From the list of CRIT; returns its number."""
    open_screen(page, fr("Service reports"))
    press(page, fr("New service report"))
    expect_title(page, fr("New service report"))
    page.get_by_test_id("stMain").get_by_placeholder(fr("Name, code, town, contact, e-mail, SIRET or phone")).fill(STORY_DONE)  # noqa: E501  # fmt: skip
    page.get_by_test_id("stMain").get_by_role("button", name=STORY_DONE).first.click()
    expect(page.get_by_role("button", name=fr("Change"), exact=True)).to_be_visible()
    wait_idle(page)
    choose(page, fr("Technician"), "Karim Haddad")
    field(page, fr("Time spent")).fill("1h15")
    field(page, fr("Equipment")).fill(PUMP)
    write(page, "Flotteur remplacé ; la seconde pompe est à bout.")
    page.keyboard.press("F2")
    expect_said(page, fr("The service report is saved."))
    heading = page.get_by_role("heading", level=1).filter(has_text=re.compile(r"^CRIT\d{6}"))
    expect(heading).to_be_visible()
    wait_idle(page)
    return heading.inner_text().split()[0]


def test_a_sales_action_is_born_from_a_crit_and_each_leads_to_the_other(app, enter):
    camille = enter(app, "commercial")
    crit = write_crit(camille)
    press(camille, fr("Create a sales action"))
    expect_title(camille, fr("New action"))
    expect(editor(camille)).to_contain_text(re.compile(rf"Suite au {crit} du .*\({PUMP}\)"))
    choose(camille, fr("Action"), "Relance devis")
    write(camille, "proposer le remplacement des deux pompes.")
    press(camille, fr("Create (F2)"))
    number = opened_number(camille)
    expect(camille.get_by_test_id("stMain").get_by_text("proposer le remplacement").first).to_be_visible()

    camille.get_by_role("link").filter(has_text=crit).click()
    expect(camille.get_by_role("heading", level=1)).to_contain_text(crit)
    expect(row(camille, number)).to_contain_text("Relance devis")
    row(camille, number).locator(".open").click()
    assert opened_number(camille) == number
