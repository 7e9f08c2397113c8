"""Journeys of deals, in a real browser."""

from __future__ import annotations

from playwright.sync_api import expect

from lib.demo.clients import STORY_DONE
from tests.e2e.screens import (
    CLIENT_HINT,
    create_action,
    enter_report,
    expect_said,
    expect_status,
    expect_title,
    field,
    fr,
    move_deal,
    opened_deal,
    opened_number,
    press,
    row,
    rows,
    sub_action_id,
    wait_idle,
)

CALL = "Appel"


def test_a_deal_born_from_a_report_is_followed_until_it_is_won(app, enter):
    nadia = enter(app, "televente")
    number = create_action(nadia, client=STORY_DONE, nature=CALL, detail="Sonder le besoin")
    sub_id = sub_action_id(nadia)
    enter_report(nadia, result="Intéressé", text="Demande un devis", follow_up=fr("Create a deal"))
    expect_title(nadia, fr("New deal"))
    title = nadia.get_by_label(fr("Title") + " *")
    expect(title).to_have_value(fr("Deal {client}", client=STORY_DONE))
    nadia.get_by_label(fr("Amount (€)")).fill("12 500,00")
    press(nadia, fr("Create the deal (F2)"))
    assert opened_number(nadia) == number
    expect_status(nadia, fr("Done"))

    nadia.get_by_test_id("stMain").get_by_role("link", name=fr("Deal {client}", client=STORY_DONE)).click()
    deal = opened_deal(nadia)
    expect(rows(nadia)).to_have_attribute("data-id", str(sub_id))
    move_deal(nadia, "Perdue")
    expect(field(nadia, fr("Why is it lost? *").removesuffix(" *"))).to_be_visible()
    wait_idle(nadia)
    move_deal(nadia, "Gagnée")
    expect_said(nadia, fr("The deal is moved."))
    expect_said(nadia, fr("Closed on"))
    wait_idle(nadia)

    nadia.get_by_test_id("stMain").get_by_role("link", name=fr("Back to the deals")).click()
    expect_title(nadia, fr("Deals"))
    nadia.get_by_role("radio", name=fr("Won deals")).click()
    expect(row(nadia, deal)).to_contain_text("12\N{NARROW NO-BREAK SPACE}500")
    press(nadia, fr("New deal"))
    nadia.get_by_placeholder(fr(CLIENT_HINT)).fill(STORY_DONE)
    nadia.get_by_test_id("stMain").get_by_role("button", name=STORY_DONE).first.click()
    field(nadia, fr("Title")).fill("Contrat de dépannage")
    nadia.keyboard.press("F2")
    expect_said(nadia, fr("The deal is created."))
    assert opened_deal(nadia) > deal
