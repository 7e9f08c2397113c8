"""A manager's Monday: a week planned for five people, then a colleague's leave given away; no date is typed."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.planning_board import PlanningBoard
from tests.e2e.screens import (
    choose_client_and_nature,
    expect_said,
    expect_title,
    fr,
    open_screen,
    press,
    wait_idle,
    write,
)

CAMILLE, NADIA, PHILIPPE, INES, THOMAS = (
    "Camille Roussel", "Nadia Benali", "Philippe Garnier", "Inès Carpentier", "Thomas Vidal",
)  # fmt: skip
MONDAY, TUESDAY, THURSDAY, FRIDAY = 0, 1, 3, 4


def open_next_week(page: Page) -> PlanningBoard:
    open_screen(page, fr("Team planning"))
    board = PlanningBoard(page)
    expect(board.lanes).to_have_count(5)
    if page.get_by_role("button", name=fr("Today")).is_disabled():
        board.go_next()
        expect(page.get_by_role("button", name=fr("Today"))).to_be_enabled()
    expect(board.lane(PHILIPPE)).to_contain_text("/ 35:00")  # the new week has come
    wait_idle(page)
    come_to_rest(board)
    return board


def come_to_rest(board: PlanningBoard) -> None:
    """What comes with a new week makes lanes higher: one aims once they stay where they are."""
    last, height = None, board.lanes.last.bounding_box()
    while last != height:
        board.page.wait_for_timeout(700)
        last, height = height, board.lanes.last.bounding_box()


def place_of(board: PlanningBoard, name: str) -> int:
    return board.lanes.locator("b").all_inner_texts().index(name)


def planned_min(board: PlanningBoard, name: str) -> int:
    """The minutes planned in the week shown, as the person's lane tells them: `5:30 / 35:00`."""
    hours, rest = re.findall(r"(\d+):(\d\d) /", board.lane(name).inner_text())[0]
    return int(hours) * 60 + int(rest)


def drop_from_tray(page: Page, board: PlanningBoard, owner: str, name: str, day: int) -> None:
    """The first thing to plan of `owner` goes to a day of somebody's lane; a question takes the first free slot."""
    board.search.fill(owner)
    item = board.tray.locator(".tray-item:visible").first
    taken = str(item.get_attribute("data-id"))
    come_to_rest(board)
    board.drag(item, board.cell(lane=place_of(board, name), day=day))
    question = page.get_by_role("dialog")
    for _question in range(3):
        page.wait_for_timeout(800)  # one comes up, or doesn't
        if not question.count():
            break
        free = page.locator("[class*=st-key-planning-free-0]").get_by_role("button")
        (free if free.count() else page.locator("[class*=st-key-planning-keep]").get_by_role("button")).click()
    expect(question).to_have_count(0)
    expect(board.tray_item(taken)).to_have_count(0)
    board.search.fill("")


def create_in_slot(page: Page, board: PlanningBoard, name: str, day: int) -> None:
    """A click on an empty place of somebody's lane knows him and the day."""
    page.mouse.click(*board.point(board.cell(lane=place_of(board, name), day=day), 0.5, 0.85))
    expect_title(page, fr("New action"))
    choose_client_and_nature(page, client="Hôtel des Terrasses", nature="Appel")
    write(page, "Présenter la nouvelle offre")
    press(page, fr("Create (F2)"))
    expect_said(page, fr("The action is created."))


def test_a_week_is_planned_for_five_people_and_a_leave_given_away_without_typing_a_date(own_app, enter):
    manager = enter(own_app, "manager")
    board = open_next_week(manager)
    names = board.lanes.locator("b").all_inner_texts()
    assert sorted(names) == sorted([CAMILLE, NADIA, PHILIPPE, INES, THOMAS])
    before = {name: planned_min(board, name) for name in names}
    assert before[CAMILLE] > 0, "the demo sends her on leave in a week where she has planned something"

    drop_from_tray(manager, board, NADIA, NADIA, THURSDAY)
    drop_from_tray(manager, board, "Commerce Maintenance CVC", PHILIPPE, MONDAY)
    for name in (INES, THOMAS):
        create_in_slot(manager, board, name, FRIDAY)
        board = open_next_week(manager)
    drop_from_tray(manager, board, CAMILLE, CAMILLE, TUESDAY)  # she is away: it goes to her first free slot
    for name in (NADIA, PHILIPPE, INES, THOMAS):
        assert planned_min(board, name) > before[name], name

    open_screen(manager, fr("Assignments"))
    manager.get_by_role("radio", name=fr("Somebody who leaves or is away")).click()
    wait_idle(manager)
    manager.get_by_role("combobox", name=fr("Whose actions?")).click()
    manager.get_by_role("option", name=CAMILLE, exact=True).click()
    wait_idle(manager)
    manager.get_by_role("button").filter(has_text=fr("Leave")).first.click()  # the coming one, with its dates
    wait_idle(manager)
    manager.get_by_role("combobox", name=fr("Salespeople")).click()
    manager.get_by_role("option", name=PHILIPPE, exact=True).click()
    manager.keyboard.press("Escape")
    wait_idle(manager)
    press(manager, fr("Preview"))
    expect(manager.get_by_text(fr("Load before and after"))).to_be_visible()
    manager.get_by_role("button", name=re.compile(r"^\W*Réaffecter \d+ actions")).click()
    expect(manager.locator("[class*=st-key-operations-banner]")).to_contain_text("réaffectées de " + CAMILLE)

    board = open_next_week(manager)
    expect(board.lane(CAMILLE)).to_contain_text("0:00 / 0:00")
    assert planned_min(board, PHILIPPE) > before[PHILIPPE]
