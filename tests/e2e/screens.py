"""The screens in words, for the journeys: what a person sees and does, whatever the markup behind it.

A page is named after who sits before it: `create_action(nadia, client="Hôtel des Terrasses", nature="Appel", …)`.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from urllib.parse import parse_qs, quote, quote_plus, urlsplit

from babel.messages.pofile import read_po
from playwright.sync_api import Locator, Page, expect

from lib.ui.words import LOCALES


@cache
def _french() -> dict[str, str]:
    with (LOCALES / "fr" / "LC_MESSAGES" / "relais.po").open("rb") as po:
        return {str(message.id): str(message.string) for message in read_po(po, locale="fr")}


def fr(message_id: str, **values: object) -> str:
    """What a French user reads for a sentence of the code; KeyError when the catalogue hasn't it."""
    return _french()[message_id].format(**values) if values else _french()[message_id]


CLIENT_HINT = "Name, code, town, contact, e-mail, SIRET or phone"


# ---- coming and going


def sign_in(page: Page, address: str, *, email: str, password: str, path: str = "/") -> None:
    """From the sign-in page to the first screen, or to the one that was asked for."""
    page.goto(f"{address}/sign-in?next={quote(path, safe='')}")
    page.get_by_label(fr("E-mail")).fill(email)
    page.get_by_label(fr("Password"), exact=True).fill(password)
    page.get_by_role("button", name=fr("Sign in")).click()
    expect(page.get_by_test_id("stApp")).to_be_visible()
    wait_idle(page)


def sign_out(page: Page) -> None:
    """By the person's menu, back to the sign-in page."""
    open_person_menu(page)
    page.get_by_role("button", name=fr("Sign out")).click()
    expect(page.get_by_role("button", name=fr("Sign in"))).to_be_visible()


def open_person_menu(page: Page) -> None:
    page.locator(".st-key-person\\.menu, .st-key-person-menu").get_by_role("button").click()


def choose_language(page: Page, name: str) -> None:
    """In the person's menu."""
    open_person_menu(page)
    page.get_by_test_id("stPopoverBody").get_by_text(name, exact=True).click()
    wait_idle(page)
    page.keyboard.press("Escape")


def open_screen(page: Page, title: str) -> None:
    """By the navigation."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
    expect_title(page, title)


def expect_title(page: Page, title: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    wait_idle(page)


def wait_idle(page: Page) -> None:
    """Until the script has run and what it drew is there. A fragment's run isn't seen here: wait for a text instead."""
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
    expect(page.locator("[data-stale=true]")).to_have_count(0)


def sub_action_id(page: Page) -> int:
    """Of the file that is open."""
    return int(parse_qs(urlsplit(page.url).query)["sub"][0])


# ---- fields, buttons, messages


def field(page: Page, label: str) -> Locator:
    """An input by its label, required or not."""
    return page.get_by_label(re.compile(rf"^{re.escape(label)}( \*)?$"))


def choose(page: Page, label: str, choice: str) -> None:
    """In a list of choices."""
    box = page.get_by_role("combobox", name=re.compile(rf"^{re.escape(label)}( \*)?$"))
    box.click()
    box.fill(choice)
    page.get_by_role("option", name=choice, exact=True).click()
    expect(box).to_have_value(choice)
    wait_idle(page)


def enter_date(page: Page, label: str, day: date) -> None:
    """Day, month and year, as one types them."""
    page.get_by_role("spinbutton", name=re.compile(rf"^day, {re.escape(label)}")).click()
    page.keyboard.type(f"{day:%d%m%Y}")
    page.keyboard.press("Tab")


def press(page: Page, label: str) -> None:
    """A button, by its whole label; as people do, once the page is drawn: what unfolds moves it, and shows it twice."""
    wait_idle(page)
    button = page.get_by_role("button", name=label, exact=True)
    expect(button).to_have_count(1)
    button.click()


def retype(page: Page, label: str, text: str) -> None:
    """Another value in a field of text."""
    field(page, label).fill(text)
    field(page, label).press("Enter")


def save(page: Page) -> None:
    """The form's green button."""
    press(page, fr("Save (F2)"))


def editor(page: Page) -> Locator:
    return page.locator(".tiptap:visible")


def write(page: Page, text: str) -> None:
    """At the end of the rich text."""
    editor(page).focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(text)


def expect_draft_kept(page: Page) -> None:
    expect(page.get_by_text(fr("Draft saved at {time}").partition("{")[0])).to_be_visible()


def expect_said(page: Page, sentence: str) -> None:
    """What the screen says, in a message that passes or beside a field."""
    expect(page.get_by_text(sentence).first).to_be_visible()


# ---- the file of an action


def create_action(
    page: Page, *, client: str, nature: str, detail: str = "", status: str = "", on: date | None = None
) -> str:
    """By the button of every screen; returns the number, as in `A000123/01`."""
    start_action(page, client=client, nature=nature)
    if status:
        page.get_by_role("radio", name=status).click()
    if on:
        enter_date(page, fr("Planned date"), on)
    if detail:
        write(page, detail)
    press(page, fr("Create (F2)"))
    expect_said(page, fr("The action is created."))
    return opened_number(page)


def start_action(page: Page, *, client: str, nature: str) -> None:
    """The client and the nature, on the page of a new action."""
    press(page, fr("New action"))
    expect_title(page, fr("New action"))
    choose_client_and_nature(page, client=client, nature=nature)


def choose_client_and_nature(page: Page, *, client: str, nature: str) -> None:
    """On the page of a new action, however one came there."""
    page.get_by_placeholder(fr(CLIENT_HINT)).fill(client)
    page.get_by_test_id("stMain").get_by_role("button", name=client).first.click()
    expect(page.get_by_role("button", name=fr("Change"), exact=True)).to_be_visible()
    wait_idle(page)
    choose(page, fr("Action"), nature)


def opened_number(page: Page) -> str:
    """Of the file that is open."""
    heading = page.get_by_role("heading", level=1).filter(has_text=re.compile(r"^A\d{6}.\d\d"))
    expect(heading).to_be_visible()
    wait_idle(page)
    return heading.inner_text().split()[0]


def open_action(page: Page, address: str, sub_id: int) -> None:
    """By its address, as from a mail."""
    page.goto(f"{address}/action?sub={sub_id}")
    opened_number(page)


def expect_status(page: Page, status: str) -> None:
    """In the header of the file."""
    expect(page.get_by_test_id("stMain").locator(".stMarkdownBadge").first).to_contain_text(status)


def plan(page: Page) -> None:
    """Where the dialog proposes."""
    press(page, fr("Plan"))
    in_dialog(page).get_by_role("button", name=fr("Plan"), exact=True).click()
    expect(in_dialog(page)).to_have_count(0)
    expect_status(page, fr("Planned"))
    wait_idle(page)


def unplan(page: Page) -> None:
    press(page, fr("Unplan"))
    expect_status(page, fr("To plan"))
    wait_idle(page)


def in_dialog(page: Page) -> Locator:
    return page.get_by_role("dialog").filter(has=page.locator(".st-key-save_gesture"))


def open_more(page: Page) -> Locator:
    """Cancel and delete, behind the button More."""
    wait_idle(page)  # a run that draws the button again closes what it opened
    page.get_by_role("button", name=fr("More")).click()
    body = page.get_by_test_id("stPopoverBody")
    expect(body).to_be_visible()
    return body


def edit(page: Page) -> None:
    """The pencil of the file."""
    press(page, fr("Edit"))
    expect(page.get_by_role("button", name=fr("Save (F2)"), exact=True)).to_be_visible()
    wait_idle(page)


def start_report(page: Page) -> None:
    """From the file of an open sub-action."""
    press(page, fr("Enter the report"))
    expect_title(page, fr("Report"))


def enter_report(page: Page, *, text: str, result: str = "", follow_up: str, assignee: str = "") -> None:
    """From the file of an open sub-action to the one that it leads to."""
    start_report(page)
    if result:
        page.get_by_role("radiogroup", name=fr("Result")).get_by_text(result, exact=True).click()
    write(page, text)
    decide(page, follow_up)
    if assignee:
        choose(page, fr("Salesperson"), assignee)
    save(page)
    expect_said(page, fr("The report of {number} is saved.").rpartition("}")[2])


def decide(page: Page, follow_up: str) -> None:
    """What follows; returns once what it unfolds is there, and only once."""
    page.get_by_role("radiogroup", name=re.compile(fr("Follow-up"))).get_by_text(follow_up, exact=True).click()
    unfolded = {
        fr("No follow-up"): fr("The action will be done; its report can still be edited."),
        fr("Create a deal"): fr("The action will be done; the form of the new deal opens, linked to the action."),
    }.get(follow_up, fr("Detail of the next action"))
    expect(page.get_by_text(unfolded).first).to_be_visible()
    # What moves down stands twice on the page until the run ends.
    expect(page.get_by_role("button", name=fr("Save (F2)"), exact=True)).to_have_count(1)


def open_exchanges(page: Page) -> None:
    """The tab of the action that is open."""
    page.get_by_role("radio", name=re.compile(fr("Exchanges"))).click()
    expect(page.get_by_role("button", name=fr("Record a received message"))).to_be_visible()
    wait_idle(page)


def message(page: Page, subject: str) -> Locator:
    """The row of a message."""
    return rows(page).filter(has=page.get_by_text(subject, exact=True))


# ---- lists of actions


def rows(page: Page) -> Locator:
    return page.locator(".action-table tbody tr[data-id]")


def row(page: Page, text: str) -> Locator:
    """The one with this text in a cell."""
    return rows(page).filter(has=page.get_by_text(text, exact=True))


def numbers(page: Page) -> list[str]:
    """Of the rows, from top to bottom."""
    expect(rows(page).first).to_be_visible()
    return rows(page).locator(".open").all_inner_texts()


def open_row(page: Page, number: str) -> None:
    """By a click on its number; comes back when its file is open."""
    row(page, number).locator(".open").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(number)
    wait_idle(page)


def open_row_menu(page: Page, text: str) -> Locator:
    """By a click on the three dots; returns its choices."""
    wait_idle(page)
    row(page, text).get_by_role("button", name=fr("Row actions")).click()
    return page.get_by_role("menuitem")


def hover_card(page: Page, text: str, what: str) -> Locator:
    """The detail or the report of a row, shown by hovering its icon."""
    page.mouse.move(0, 0)
    row(page, text).locator("td[data-card]").filter(has=page.get_by_label(what, exact=True)).hover()
    return page.locator(".action-table .card")


def open_client(page: Page, typed: str, name: str) -> None:
    """From anywhere, by whatever one has of him: everything about him opens."""
    press(page, fr("Find a client"))
    popover = page.get_by_test_id("stPopoverBody")
    popover.get_by_placeholder(fr(CLIENT_HINT)).fill(typed)
    popover.get_by_role("button", name=name).click()
    expect_title(page, name)


def find_client(page: Page, name: str) -> None:
    """From anywhere: all his actions are listed."""
    open_client(page, name, name)
    page.get_by_role("radio", name=re.compile(rf"^{re.escape(fr('All'))} \(")).click()
    wait_idle(page)
    page.get_by_role("link", name=fr("In the list of actions")).click()
    expect_title(page, fr("Actions"))


def show_tab(page: Page, label: str) -> None:
    """À réaliser, Actions réalisées or Toutes."""
    tab = page.get_by_role("radio", name=re.compile(rf"^{re.escape(label)} \("))
    tab.click()
    expect(tab).to_be_checked()
    count = tab.inner_text().partition("(")[2].rstrip(")")
    expect(page.get_by_test_id("stCaptionContainer").filter(has_text=re.compile(rf"^{count} action"))).to_be_visible()
    wait_idle(page)


def search(page: Page, text: str) -> None:
    """In the list's text filter."""
    page.get_by_placeholder(fr("Number, client, words")).fill(text)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"l_text={re.escape(quote_plus(text))}"))
    wait_idle(page)


def filter_by(page: Page, label: str, choice: str) -> None:
    """One more choice in a filter above the list."""
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=choice, exact=True).click()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stMultiSelect").filter(has_text=choice)).to_be_visible()
    wait_idle(page)


def sort_by(page: Page, label: str) -> None:
    """By a click on a column's header; comes back when the list has turned."""
    header = page.get_by_role("columnheader", name=label)
    was = header.get_attribute("aria-sort")
    header.get_by_role("button").click()
    now = "descending" if was == "ascending" else "ascending"
    expect(header).to_have_attribute("aria-sort", now)
    wait_idle(page)


def go_to_page(page: Page, number: int) -> None:
    """Of the list, once what the last gesture moved stands still; comes back when its rows are others."""
    wait_idle(page)
    first = rows(page).first.get_attribute("data-id")
    page.get_by_test_id("stPaginationPage").get_by_text(str(number), exact=True).click()
    expect(rows(page).first).not_to_have_attribute("data-id", str(first))
    wait_idle(page)


# ---- deals


def opened_deal(page: Page) -> str:
    """The number of the deal whose file is open."""
    heading = page.get_by_role("heading", level=1).filter(has_text=re.compile(r"^F\d{6}"))
    expect(heading).to_be_visible()
    wait_idle(page)
    return heading.inner_text().split()[0]


def move_deal(page: Page, stage: str) -> None:
    """By a click on its stages; one that is lost is asked why before it moves."""
    page.get_by_role("radiogroup", name=fr("Stage")).get_by_text(stage, exact=True).click()


# ---- parameters


def set_parameter(page: Page, key: str, value: bool) -> None:
    """Switch it, and apply it for everybody."""
    card = page.get_by_test_id("stLayoutWrapper").filter(has=page.get_by_text(key, exact=True)).last
    card.get_by_role("switch").or_(card.get_by_role("checkbox")).set_checked(value, force=True)
    press(page, fr("Apply for everybody"))
    expect_said(page, fr("{parameter}: changed for everybody.").rpartition("}")[2])
