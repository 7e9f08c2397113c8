"""A manager reads who has how much, follows a number to its rows, takes it away as a file, and mends an orphan."""

from __future__ import annotations

import csv
import re
import zipfile
from io import BytesIO, StringIO
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.e2e.screens import expect_title, fr, open_screen, press, rows, wait_idle

FIRST_WEEK = 0.24
"""Where the first week's cells stand in the width of the heat map, behind the names."""


def spot(place: Locator, share_of_width: float, y: float) -> tuple[float, float]:
    """A point of something drawn on a canvas, once it stands still."""
    place.scroll_into_view_if_needed()
    before = None
    while (box := place.bounding_box()) != before:
        before = box
        place.page.wait_for_timeout(200)
    assert box is not None
    return box["x"] + share_of_width * box["width"], box["y"] + y


def heat_cell(page: Page, line: int) -> tuple[float, float]:
    """The middle of the first week of a line: a row is 26 px high, under the weeks' names."""
    return spot(page.get_by_test_id("stVegaLiteChart").first, FIRST_WEEK, 24 + 26 * line + 13)


def saved(page: Page, label: str) -> bytes:
    """The file that a button gives."""
    with page.expect_download() as started:
        page.get_by_role("button", name=label, exact=True).click()
    return Path(started.value.path()).read_bytes()


def test_a_manager_follows_a_cell_of_the_heat_map_to_exactly_its_actions(app, enter):
    manager = enter(app, "manager")
    open_screen(manager, fr("Workload"))
    manager.mouse.move(*heat_cell(manager, 0))
    told = manager.locator("#vg-tooltip-element")
    expect(told).to_contain_text(fr("Planned hours"))
    count = int(re.findall(r"\((\d+)\)", told.inner_text())[0])
    manager.mouse.click(*heat_cell(manager, 0))
    expect_title(manager, fr("Actions"))
    expect(manager).to_have_url(re.compile(r"l_who=\d+&l_status=planned&l_from=\d{4}-\d\d-\d\d&l_to="))
    expect(rows(manager)).to_have_count(count)


def test_a_manager_takes_the_workload_away_as_table_and_picture(app, enter):
    manager = enter(app, "manager", "/workload?w_weeks=4")
    table = list(csv.reader(StringIO(saved(manager, "CSV").decode("utf-8-sig")), delimiter=";"))
    assert table[0][:3] == [fr("Salesperson"), fr("Planned hours"), fr("Capacity")]
    assert len(table[0]) == 8 + 4
    assert all(re.fullmatch(r"\d+:\d\d", row[1]) for row in table[1:])
    with zipfile.ZipFile(BytesIO(saved(manager, "XLSX"))) as book:
        assert table[1][0] in book.read("xl/sharedStrings.xml").decode()
    assert saved(manager, "PNG").startswith(b"\x89PNG")
    assert table[1][0] in saved(manager, "SVG").decode()


def test_a_manager_moves_an_action_out_of_an_absence_by_one_click(own_app, enter):
    manager = enter(own_app, "manager", "/workload")
    manager.get_by_test_id("stMain").get_by_text(fr("Without a next step"), exact=True).click()
    heading = manager.get_by_role("heading", name=re.compile(re.escape(fr("Planned while the salesperson is away"))))
    expect(heading).to_be_visible()
    wait_idle(manager)
    before = int(re.findall(r"\((\d+)\)", heading.inner_text())[0])
    assert before > 0
    manager.mouse.click(*spot(manager.get_by_test_id("stDataFrame").nth(2), 0.79, 47))
    expect(manager.get_by_test_id("stToast")).to_contain_text(
        fr("{number} is now planned on {date}.").split("}")[1][:20]
    )
    expect(heading).to_contain_text(f"({before - 1})")


def test_a_salesperson_is_told_why_the_workload_is_not_for_him(app, enter):
    camille = enter(app, "commercial", "/workload")
    expect(camille.get_by_text(fr("Your profile doesn't show the workload."))).to_be_visible()
    expect(camille.get_by_test_id("stSidebarNav").get_by_text(fr("Steering"))).to_have_count(0)


def test_the_period_and_the_unit_are_found_again_by_their_address(app, enter):
    manager = enter(app, "manager", "/workload")
    press(manager, fr("Later"))
    expect(manager).to_have_url(re.compile(r"w_from=\d{4}-\d\d-\d\d"))
    later = manager.url.removeprefix(app.url)
    again = enter(app, "manager", later)
    assert again.url.removeprefix(app.url) == later
    press(again, fr("This week"))
    expect(again).not_to_have_url(re.compile("w_from"))
