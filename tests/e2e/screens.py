"""The screens in words, for the journeys: what a person sees and does, whatever the markup behind it."""

from __future__ import annotations

from functools import cache

from babel.messages.pofile import read_po
from playwright.sync_api import Page, expect

from lib.ui.words import LOCALES


@cache
def _french() -> dict[str, str]:
    with (LOCALES / "fr" / "LC_MESSAGES" / "relais.po").open("rb") as po:
        return {str(message.id): str(message.string) for message in read_po(po, locale="fr")}


def fr(message_id: str) -> str:
    """What a French user reads for a sentence of the code; KeyError when the catalogue hasn't it."""
    return _french()[message_id]


def sign_in(page: Page, address: str, *, email: str, password: str) -> None:
    """From the sign-in page to the first screen."""
    page.goto(f"{address}/sign-in")
    page.get_by_label(fr("E-mail")).fill(email)
    page.get_by_label(fr("Password"), exact=True).fill(password)
    page.get_by_role("button", name=fr("Sign in")).click()
    expect(page.get_by_test_id("stApp")).to_be_visible()
    wait_idle(page)


def wait_idle(page: Page) -> None:
    """Until the script has run and what it drew is there. A fragment's run isn't seen here: wait for a text instead."""
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
    expect(page.locator("[data-stale=true]")).to_have_count(0)
