"""Journeys on the plannings, with real drags of the mouse in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from lib.domain.lists import week_of
from lib.domain.public_holidays import HolidayRegion, public_holidays
from tests.e2e.planning_board import HALF_HOUR_PX, PlanningBoard
from tests.e2e.screens import (
    create_action,
    expect_status,
    field,
    fr,
    open_action,
    press,
    row,
    sub_action_id,
    wait_idle,
)

MEETING = "Rendez-vous"
CLIENT = "Hôtel des Terrasses"
TUESDAY, WEDNESDAY, THURSDAY = 1, 2, 3


def quiet_weeks() -> Iterator[date]:
    """The Mondays of weeks that the demo has left empty, without a public holiday."""
    monday = week_of(datetime.now(ZoneInfo("Europe/Paris")).date())[0] + timedelta(weeks=30)
    while True:
        if not public_holidays(monday, monday + timedelta(days=6), region=HolidayRegion.MAINLAND):
            yield monday
        monday += timedelta(weeks=1)


_WEEKS = quiet_weeks()


@pytest.fixture
def monday() -> date:
    """Of a week that no other journey plans in."""
    return next(_WEEKS)


def an_action(page: Page, nature: str = MEETING) -> str:
    """A new action to plan; the id of its sub-action."""
    create_action(page, client=CLIENT, nature=nature, detail="Préparer la visite")
    return str(sub_action_id(page))


def open_planning(page: Page, server: str, query: str) -> PlanningBoard:
    page.goto(f"{server}/{query}")
    wait_idle(page)
    board = PlanningBoard(page)
    expect(board.calendar).to_be_visible()
    return board


def top_of(board: PlanningBoard, sub_id: str) -> tuple[float, float]:
    """Where one takes a bar so that its beginning, and not its middle, lands on the slot."""
    return board.point(board.item(sub_id), 0.5, 0.12)


def times(item: Locator, text: str) -> None:
    """The bar shows this time."""
    expect(item).to_contain_text(text)


def test_an_action_is_dropped_on_a_slot_moved_pulled_and_put_back(app, enter, monday):
    camille = enter(app, "commercial")
    sub_id = an_action(camille)
    camille.get_by_role("link", name=fr("Salesperson's planning")).click()
    wait_idle(camille)
    board = PlanningBoard(camille)
    expect(board.tray_item(sub_id)).to_be_visible()
    expect(board.tray.locator(".tray-item").first).to_have_attribute("data-id", sub_id)

    board = open_planning(camille, app.url, f"planning?p_day={monday}&p_view=week&p_item={sub_id}")
    board.drag(board.tray_item(sub_id), board.slot(day=THURSDAY, at="10:00"))
    board.expect_settled()
    times(board.item(sub_id), "10:00")
    expect(board.tray_item(sub_id)).to_have_count(0)

    board.drag(top_of(board, sub_id), board.slot(day=TUESDAY, at="15:00"))
    board.expect_settled()
    times(board.item(sub_id), "15:00")
    board.scroll_to(0, 300)  # away from the edge, near which a drag scrolls
    board.resize(board.item(sub_id), y=2 * HALF_HOUR_PX)
    board.expect_settled()
    expect(board.load(day=TUESDAY)).to_contain_text("2:00 / 7:00")

    open_action(camille, app.url, int(sub_id))
    expect_status(camille, fr("Planned"))
    expect(camille.get_by_text("15:00").first).to_be_visible()

    board = open_planning(camille, app.url, f"planning?p_day={monday}&p_view=week")
    board.drag(board.item(sub_id), board.tray_list)
    board.expect_settled()
    expect(board.tray_item(sub_id)).to_be_visible()
    open_action(camille, app.url, int(sub_id))
    expect_status(camille, fr("To plan"))


def test_a_double_booking_is_explained_and_the_two_are_swapped(app, enter, monday):
    camille = enter(app, "commercial")
    first, second = an_action(camille), an_action(camille)
    board = open_planning(camille, app.url, f"planning?p_day={monday}&p_view=week")
    board.drag(board.tray_item(first), board.slot(day=WEDNESDAY, at="10:00"))
    board.expect_settled()
    board.drag(board.tray_item(second), board.slot(day=WEDNESDAY, at="15:00"))
    board.expect_settled()

    board.drag(top_of(board, second), board.slot(day=WEDNESDAY, at="10:00"))
    expect(camille.get_by_role("dialog")).to_contain_text(f"{CLIENT}, de 10:00 à 11:00")
    press(camille, fr("Swap the two"))
    expect(camille.get_by_role("dialog")).to_have_count(0)
    times(board.item(second), "10:00")
    times(board.item(first), "15:00")

    board.drag(top_of(board, first), board.slot(day=WEDNESDAY, at="10:30"))
    expect(camille.get_by_role("dialog")).to_be_visible()
    press(camille, fr("Put it back where it was"))
    expect(camille.get_by_role("dialog")).to_have_count(0)
    times(board.item(first), "15:00")


def test_two_at_once_the_second_is_refused_springs_back_and_sees_the_first_without_reloading(app, enter, monday):
    camille = enter(app, "commercial")
    sub_id = an_action(camille)
    board = open_planning(camille, app.url, f"planning?p_day={monday}&p_view=week")
    board.drag(board.tray_item(sub_id), board.slot(day=TUESDAY, at="10:00"))
    board.expect_settled()
    manager = enter(app, "manager")
    theirs = open_planning(manager, app.url, f"planning?p_who=1&p_day={monday}&p_view=week")
    expect(theirs.item(sub_id)).to_be_visible()

    theirs.drag(top_of(theirs, sub_id), theirs.slot(day=TUESDAY, at="16:00"), drop=False)
    board.drag(top_of(board, sub_id), board.slot(day=TUESDAY, at="14:00"))
    board.expect_settled()
    manager.mouse.up()

    expect(theirs.refusal).to_contain_text("Camille Roussel")
    times(theirs.item(sub_id), "14:00")
    times(board.item(sub_id), "14:00")
    board.drag(top_of(board, sub_id), board.slot(day=TUESDAY, at="11:00"))
    times(theirs.item(sub_id), "11:00")  # within one poll, by itself


def test_from_one_lane_to_another_the_unit_is_confirmed_and_the_chain_changes_hands(app, enter, monday):
    camille = enter(app, "commercial")
    sub_id = an_action(camille)
    board = open_planning(camille, app.url, f"planning?p_day={monday}&p_view=week")
    board.drag(board.tray_item(sub_id), board.slot(day=TUESDAY, at="10:00"))
    board.expect_settled()
    manager = enter(app, "manager")
    lanes = open_planning(manager, app.url, f"team-planning?t_who=1,2&t_day={monday}&t_view=week")
    expect(lanes.lane("Camille Roussel")).to_contain_text("1:00 / 35:00")

    lanes.drag(lanes.item(sub_id), lanes.cell(lane=1, day=WEDNESDAY))
    expect(manager.get_by_role("dialog")).to_contain_text("Télévente")
    press(manager, fr("Change the unit"))
    expect(manager.get_by_role("dialog")).to_have_count(0)
    expect(lanes.lane("Camille Roussel")).to_contain_text("0:00 / 35:00")
    expect(lanes.lane("Nadia Benali")).to_contain_text("1:00 / ")

    open_action(manager, app.url, int(sub_id))
    expect(row(manager, "01")).to_contain_text("Nadia Benali")


def test_an_item_opens_beside_the_calendar_and_an_empty_slot_begins_a_new_action(app, enter, monday):
    camille = enter(app, "commercial")
    sub_id = an_action(camille)
    board = open_planning(camille, app.url, f"planning?p_day={monday}&p_view=week")
    board.drag(board.tray_item(sub_id), board.slot(day=TUESDAY, at="10:00"))
    board.expect_settled()
    board.item(sub_id).click()
    panel = camille.locator(".st-key-planning-panel")
    expect(panel).to_contain_text("Préparer la visite")
    board.choose(board.item(sub_id), fr("Unplan"))
    expect(board.tray_item(sub_id)).to_be_visible()

    camille.mouse.click(*board.slot(day=THURSDAY, at="14:30"))
    expect(camille.get_by_role("heading", level=1)).to_have_text(fr("New action"))
    wait_idle(camille)
    expect(field(camille, fr("Time"))).to_contain_text(re.compile("14.*30", re.DOTALL))


def test_view_and_day_stay_in_the_address_for_the_next_visit(app, enter, monday):
    camille = enter(app, "commercial")
    board = open_planning(camille, app.url, f"planning?p_day={monday}&p_view=week")
    board.go_next()
    board.show("Jour")
    camille.wait_for_url("**p_view=day**")
    camille.reload()
    wait_idle(camille)
    expect(PlanningBoard(camille).active_view).to_have_text("Jour")
