"""Moving work between people: hundreds at once with preview and undo, rows ticked on two pages, two at once."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, expect

from lib.db.engine import Database
from lib.domain.actions import create_action
from lib.domain.context import Context, command, context_for
from tests.e2e.screens import (
    expect_title,
    fr,
    go_to_page,
    numbers,
    open_screen,
    press,
    rows,
    search,
    show_tab,
    wait_idle,
)

CAMPAIGN = "Relance printanière"
NADIA, INES, CAMILLE = "Nadia Benali", "Inès Carpentier", "Camille Roussel"


@command
def _create(ctx: Context, *, count: int) -> None:
    client = ctx.store.clients.find(["hotel"], start="hotel", limit=1)[0]
    nature = next(iter(ctx.reference.natures.values()))
    for number in range(count):
        raw = {
            "client": client.id, "nature": nature.id, "assignee": ctx.person.id, "detail": f"<p>{CAMPAIGN}</p>",
            "status": "planned", "planned_date": ctx.today + timedelta(days=1 + number % 20), "duration": "0:15",
        }  # fmt: skip
        create_action(ctx, raw=raw, request_key=uuid4().hex)


def a_campaign(data_dir: Path, count: int) -> None:
    """So many planned actions of Nadia's, found by their text, beside those of the demo."""
    db = Database(f"sqlite:///{data_dir / 'relais.db'}")
    reference = db.read(lambda store: store.reference())
    nadia = next(person for person in reference.people.values() if person.name == NADIA)
    zone = ZoneInfo("Europe/Paris")
    _create(context_for(nadia.id, now=datetime.now(UTC), zone=zone, db=db, reference=reference), count=count)
    db.dispose()


def choose_campaign(page: Page) -> None:
    """The first question: all open actions with this text."""
    open_screen(page, fr("Assignments"))
    page.get_by_placeholder(fr("Number, client, words")).fill(CAMPAIGN)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("a_text="))
    wait_idle(page)


def give_to(page: Page, *names: str) -> None:
    """The second question: these people, by the hours that they have left."""
    page.get_by_role("radio", name=fr("Several, by the hours they have left")).click()
    wait_idle(page)
    for name in names:
        page.get_by_role("combobox", name=fr("Salespeople")).click()
        page.get_by_role("option", name=name, exact=True).click()
        expect(page.get_by_test_id("stMultiSelect").filter(has_text=name)).to_be_visible()
    page.keyboard.press("Escape")
    wait_idle(page)


def preview(page: Page) -> None:
    press(page, fr("Preview"))
    expect(page.get_by_text(fr("Load before and after"))).to_be_visible()
    wait_idle(page)


def apply(page: Page, count: int) -> None:
    page.get_by_role("button", name=f"Réaffecter {count} actions").click()


def banner(page: Page) -> Locator:
    """What was just done, with its button."""
    return page.locator(".st-key-operations-banner, .st-key-operations\\.banner")


def bar(page: Page) -> Locator:
    """What is ticked, and what to do with it."""
    return page.locator(".st-key-bulk-bar, .st-key-bulk\\.bar")


def test_a_manager_spreads_five_hundred_actions_after_a_preview_and_takes_it_back(own_app, enter):
    a_campaign(own_app.data_dir, 500)
    manager = enter(own_app, "manager", "/")
    choose_campaign(manager)
    give_to(manager, INES, CAMILLE)
    preview(manager)
    expect(manager.get_by_text("500 actions à réaffecter")).to_be_visible()
    apply(manager, 500)
    expect(banner(manager)).to_contain_text(f"500 actions réaffectées de {NADIA} à")
    for name in (INES, CAMILLE):
        expect(banner(manager)).to_contain_text(name)

    theirs = enter(own_app, "manager", "/actions")
    search(theirs, CAMPAIGN)
    expect(rows(theirs).filter(has_text=CAMILLE)).to_have_count(50)  # Inès answers for another unit
    expect(rows(theirs).filter(has_text=NADIA)).to_have_count(0)

    banner(manager).get_by_role("button", name=fr("Undo")).click()
    expect(manager.get_by_text(fr("Undone: every action has back what it had."))).to_be_visible()
    expect(manager.get_by_text(fr("{person} has undone it on {at}.").partition("{")[0]).first).to_be_visible()
    theirs.reload()
    wait_idle(theirs)
    expect(rows(theirs).filter(has_text=NADIA)).to_have_count(50)


def test_rows_ticked_on_two_pages_are_postponed_together(own_app, enter):
    a_campaign(own_app.data_dir, 60)
    manager = enter(own_app, "manager", "/actions")
    search(manager, CAMPAIGN)
    ticked = numbers(manager)[:2]
    for place in (0, 1):
        rows(manager).nth(place).get_by_role("checkbox").check()
    expect(bar(manager)).to_contain_text("2 sélectionnées")
    go_to_page(manager, 2)
    expect(bar(manager)).to_contain_text("2 sélectionnées")
    ticked.append(numbers(manager)[0])
    rows(manager).first.get_by_role("checkbox").check()
    expect(bar(manager)).to_contain_text("3 sélectionnées")
    press(manager, fr("Postpone…"))
    dialog = manager.get_by_role("dialog")
    for number in ticked:
        expect(dialog).to_contain_text(number)
    dialog.get_by_role("spinbutton", name=fr("Working days")).fill("200")
    dialog.get_by_role("button", name=fr("Postpone"), exact=True).click()
    expect(banner(manager)).to_contain_text("3 actions reportées de 200 jours ouvrés")
    expect(bar(manager)).to_have_count(0)
    wait_idle(manager)
    assert numbers(manager)[-3:] == sorted(ticked)

    banner(manager).get_by_role("button", name=fr("Undo")).click()
    expect(manager.get_by_text(fr("Undone: every action has back what it had."))).to_be_visible()
    wait_idle(manager)
    go_to_page(manager, 1)
    assert numbers(manager)[:2] == ticked[:2]


def test_of_two_who_reassign_the_same_at_once_the_second_is_told_and_moves_nothing(own_app, enter):
    a_campaign(own_app.data_dir, 3)
    manager, admin = enter(own_app, "manager", "/"), enter(own_app, "admin", "/")
    for page, to in ((manager, INES), (admin, CAMILLE)):
        choose_campaign(page)
        give_to(page, to)
        preview(page)
    apply(admin, 3)
    expect(banner(admin)).to_contain_text(CAMILLE)
    apply(manager, 3)
    expect(manager.get_by_text(re.compile("Rien n’a été modifié, à cause de 3 actions"))).to_be_visible()
    expect(banner(manager)).to_have_count(0)

    open_screen(manager, fr("Actions"))
    expect_title(manager, fr("Actions"))
    search(manager, CAMPAIGN)
    show_tab(manager, fr("To do"))
    expect(rows(manager).filter(has_text=CAMILLE)).to_have_count(3)
