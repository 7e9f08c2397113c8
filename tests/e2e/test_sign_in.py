"""Coming in and going out, in a browser, on a server that holds nothing but its accounts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from lib.db.engine import Database
from lib.db.migrate import upgrade
from lib.domain import accounts
from lib.domain.sign_in import Gate, give_password
from lib.gateways.passwords import Argon2Passwords
from tests.e2e.conftest import Relais
from tests.e2e.screens import expect_title, fr, open_person_menu, sign_in, sign_out
from tests.gates import EMAIL, NEW_PASSWORD, PASSWORD


class Door:
    """A fresh server and the console of its accounts."""

    def __init__(self, folder: Path) -> None:
        upgrade(url := f"sqlite:///{folder}/relais.db")
        self.db = Database(url)
        self.server = Relais(folder)
        self.server.start()

    @property
    def gate(self) -> Gate:
        return Gate(self.db, Argon2Passwords(), datetime.now(UTC))

    def account(self, email: str, *, must_change: bool = False) -> str:
        """Its address, for PASSWORD."""
        made = accounts.add_person(self.gate, email=email, name="Claire Martin", profile="sales")
        give_password(self.gate, person_id=made.person_id, password=PASSWORD, must_change=must_change)
        return email


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    found = Door(tmp_path_factory.mktemp("door"))
    yield found
    found.server.kill()
    found.db.dispose()


def type_password(page: Page, password: str) -> None:
    page.get_by_label(fr("Password"), exact=True).fill(password)
    page.get_by_role("button", name=fr("Sign in")).click()


def test_a_deep_link_leads_through_the_sign_in_page_to_the_page_itself(door: Door, page: Page):
    """The first request of a fresh server, which Streamlit would answer with "page not found"."""
    email = door.account(EMAIL)
    page.goto(f"{door.server.url}/actions?l_tab=all")
    expect(page.get_by_role("heading", name=fr("Sign in"))).to_be_visible()
    page.get_by_label(fr("E-mail")).fill(email)
    type_password(page, "wrong")
    expect(page.get_by_role("alert")).to_have_text(fr("Wrong e-mail address or password."))
    expect(page.get_by_label(fr("E-mail"))).to_have_value(email)
    type_password(page, PASSWORD)
    expect_title(page, fr("Actions"))
    expect(page.get_by_text("Page not found")).to_have_count(0)
    assert "relais" not in page.evaluate("document.cookie").replace("_streamlit", "")


def test_signing_out_in_one_tab_signs_out_the_other(door: Door, page: Page):
    email = door.account("tabs@example.com")
    sign_in(page, door.server.url, email=email, password=PASSWORD, path="/actions")
    other = page.context.new_page()
    other.goto(f"{door.server.url}/actions")
    expect_title(other, fr("Actions"))
    sign_out(page)
    open_person_menu(other)
    other.get_by_text("English").click()
    expect(
        other.get_by_text(fr("Your session has ended: sign in again. What you were typing has been kept."))
    ).to_be_visible()
    other.get_by_role("button", name=fr("Sign in")).click()
    expect(other.get_by_label(fr("E-mail"))).to_be_visible()
    other.get_by_label(fr("E-mail")).fill(email)
    type_password(other, PASSWORD)
    expect_title(other, fr("Actions"))


def test_a_disabled_person_is_out_at_the_next_click(door: Door, page: Page):
    email = door.account("leaver@example.com")
    sign_in(page, door.server.url, email=email, password=PASSWORD, path="/actions")
    accounts.set_active(door.gate, email=email, is_active=False)
    open_person_menu(page)
    page.get_by_text("English").click()
    expect(
        page.get_by_text(fr("Your session has ended: sign in again. What you were typing has been kept."))
    ).to_be_visible()


def test_a_one_time_password_must_be_changed_before_anything_is_shown(door: Door, page: Page):
    email = door.account("new@example.com", must_change=True)
    page.goto(f"{door.server.url}/actions")
    page.get_by_label(fr("E-mail")).fill(email)
    type_password(page, PASSWORD)
    expect(page.get_by_role("heading", name=fr("Choose your password"))).to_be_visible()
    page.goto(f"{door.server.url}/actions")
    expect(page.get_by_role("heading", name=fr("Choose your password"))).to_be_visible()
    page.get_by_label(fr("One-time password")).fill(PASSWORD)
    page.get_by_label(fr("New password"), exact=True).fill(NEW_PASSWORD)
    page.get_by_label(fr("New password, again")).fill(NEW_PASSWORD)
    page.get_by_role("button", name=fr("Save")).click()
    expect_title(page, fr("Actions"))


def test_the_policy_of_the_headers_stops_nothing_that_the_pages_need(door: Door, page: Page):
    refused: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Content-Security-Policy" in message.text:
            refused.append(message.text)

    page.on("console", note)
    sign_in(page, door.server.url, email=door.account("policy@example.com"), password=PASSWORD, path="/actions")
    expect_title(page, fr("Actions"))
    page.goto(f"{door.server.url}/new-action")
    expect_title(page, fr("New action"))
    assert not refused


def test_the_page_works_without_scripts_on_a_phone_in_english(door: Door, new_page: Callable[..., Page]):
    page = new_page(java_script_enabled=False, viewport={"width": 390, "height": 844}, locale="en-GB")
    email = door.account("phone@example.com", must_change=True)
    page.goto(door.server.url)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/change-password")
    box = page.locator("main").bounding_box()
    assert box
    assert box["width"] <= 390


def test_a_surprise_shows_its_number_and_the_log_the_rest(door: Door, page: Page):
    sign_in(page, door.server.url, email=door.account("surprise@example.com"), password=PASSWORD, path="/actions")
    open_person_menu(page)
    with broken_storage(door):
        page.get_by_text("English").click()
        shown = page.get_by_test_id("stAlert").filter(has_text="incident")
        expect(shown).to_be_visible()
        number = re.search(r"incident ([0-9A-F]{8})", shown.inner_text())
        assert number
        assert "no such table" not in page.content()
        log = door.server.log.read_text("utf-8")
        assert number[1] in log
        assert "no such table" in log
        page.reload()
        expect(page.locator("body")).to_have_text(re.compile(r"^Incident [0-9A-F]{8}$"))


@contextmanager
def broken_storage(door: Door) -> Iterator[None]:
    """A table that every run needs is away for a while."""

    def rename(old: str, new: str) -> None:
        with door.db.engine.begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")

    rename("sign_in_session", "elsewhere")
    yield
    rename("elsewhere", "sign_in_session")
