"""Journeys through absences: a leave that its manager sees in the year, and a part-time week."""

from __future__ import annotations

import re
from datetime import date, timedelta

from playwright.sync_api import FrameLocator, Page, expect

from tests.e2e.screens import choose, enter_date, expect_said, fr, open_screen, press, wait_idle

TODAY = date.today()  # noqa: DTZ011 - the server's own day, on this machine
MONDAY = TODAY + timedelta(days=7 * 20 - TODAY.weekday())
FRIDAY = MONDAY + timedelta(days=4)
CAMILLE = "Camille Roussel"


def enter_day(page: Page, label: str, day: date) -> None:
    """A date, and the calendar that opens with it put away."""
    enter_date(page, label, day)
    page.keyboard.press("Escape")
    wait_idle(page)


def absence_row(page: Page, name: str, day: date) -> Page:
    return page.get_by_role("row").filter(has_text=name).filter(has_text=f"{day:%d/%m}")


def record_leave(page: Page, first: date, last: date) -> None:
    open_screen(page, fr("Absences"))
    press(page, fr("Record an absence"))
    enter_day(page, fr("First day"), first)
    enter_day(page, fr("Last day"), last)
    press(page, fr("Save (F2)"))
    expect_said(page, fr("Saved."))


def year_of(page: Page) -> FrameLocator:
    return page.frame_locator("iframe[title*='calendar']")


def test_a_salesperson_s_leave_is_seen_by_the_manager_in_the_calendar_of_the_year(own_app, enter):
    camille = enter(own_app, "commercial")
    record_leave(camille, MONDAY, FRIDAY)
    expect(absence_row(camille, CAMILLE, MONDAY)).to_contain_text(fr("Leave"))

    manager = enter(own_app, "manager", f"/year-calendar?y_year={MONDAY.year}&y_unit=1")
    shown = year_of(manager).locator(f".fc-day[data-date='{MONDAY}']").get_by_text(CAMILLE)
    expect(shown).to_be_visible()
    shown.click()
    expect(manager.get_by_text(re.compile(f"{MONDAY:%d/%m}.* – .*{FRIDAY:%d/%m}"))).to_be_visible()
    expect(shown).to_be_visible()  # the frame has not started again
    manager.get_by_role("link", name=fr("Open the absences")).click()
    expect(absence_row(manager, CAMILLE, MONDAY)).to_be_visible()

    reader = enter(own_app, "lecture", f"/year-calendar?y_year={MONDAY.year}&y_unit=1")
    year_of(reader).locator(f".fc-day[data-date='{MONDAY}']").get_by_text(CAMILLE).click()
    expect_said(reader, fr("Absent"))
    expect(reader.get_by_text(fr("Leave"), exact=True)).to_have_count(0)


def test_a_manager_learns_how_many_actions_a_leave_hits_and_opens_them(own_app, enter):
    manager = enter(own_app, "manager", "/absences")
    press(manager, fr("Record an absence"))
    choose(manager, fr("Person"), "Nadia Benali")
    enter_day(manager, fr("First day"), TODAY)
    enter_day(manager, fr("Last day"), TODAY + timedelta(days=7))
    press(manager, fr("Save (F2)"))
    told = manager.get_by_text(re.compile(r"^\W*\w*\W*\d+ actions planifiées pendant cette absence"))
    expect(told).to_be_visible()
    count = re.search(r"(\d+) actions", told.inner_text())
    assert count
    manager.get_by_role("link", name=fr("See them")).click()
    expect(manager).to_have_url(re.compile("l_status=planned"))
    expect_said(manager, f"{count[1]} actions")


def test_a_manager_sets_a_part_time_week_without_wednesdays(own_app, enter):
    manager = enter(own_app, "manager", "/absences?v_tab=hours")
    choose(manager, fr("Whose hours"), CAMILLE)
    expect_said(manager, "35:00")
    for label in ("Morning from", "to (morning)", "Afternoon from", "to (afternoon)"):
        cell = manager.get_by_test_id("stTimeInput").filter(has_text=f"{fr('Wednesday')}, {fr(label)}")
        cell.get_by_role("button").click()
        expect(cell.get_by_role("button")).to_have_count(0)
        wait_idle(manager)
    expect_said(manager, "28:00")
    press(manager, fr("Save (F2)"))
    expect_said(manager, fr("Hours of his own."))
    manager.reload()
    wait_idle(manager)
    expect_said(manager, "28:00")
    press(manager, fr("As the organisation"))
    expect_said(manager, "35:00")
