"""A planning in words, for whoever drives one in Chromium: items, tray, cells, real drags of the mouse.

    board = PlanningBoard(page)
    board.drag(board.tray_item("12"), board.cell(lane=2, day=1))
    board.expect_settled()

An element found before a drop is gone after it: ask for it again.
"""

from __future__ import annotations

from playwright.sync_api import FloatRect, Locator, Page, expect

Point = tuple[float, float]
HALF_HOUR_PX = 30
"""In the hours of a person's day or week."""


class PlanningBoard:
    """The only planning of a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.locator(".relais-planning")
        self.calendar = self.root.locator(".calendar")
        self.tray = self.root.locator(".tray")
        self.tray_list = self.tray.locator(".list")
        self.search = self.tray.locator(".search")
        self.card = self.root.locator(".card")
        self.choices = self.root.get_by_role("menuitem")
        self.message = self.root.locator(".message")
        self.refusal = self.root.locator(".message.bad")
        self.lanes = self.root.locator(".lane")
        self.title = self.calendar.locator(".ec-title")
        self.active_view = self.calendar.locator(".ec-button.ec-active")

    # ---- places

    def item(self, item_id: str) -> Locator:
        """A bar of the calendar; the first of its pieces when it goes over several days."""
        return self.calendar.locator(f".ec-event:has([data-id='{item_id}'])").first

    def wish(self, item_id: str) -> Locator:
        """The light chip on the day wished for an item of the tray."""
        return self.calendar.locator(f".ec-event:has([data-wish='{item_id}'])")

    def tray_item(self, item_id: str) -> Locator:
        return self.tray.locator(f".tray-item[data-id='{item_id}']")

    def lane(self, title: str) -> Locator:
        """A person's header: name and load."""
        return self.lanes.filter(has_text=title)

    def load(self, *, day: int) -> Locator:
        """One person's planned and available hours, in the header of the day (0: the first shown)."""
        return self.calendar.locator(".day-load .load").nth(day)

    def cell(self, *, day: int, lane: int = 0, days: int = 5) -> Locator:
        """A day of a lane, or a person's column in the views by hours; `days` is how many are shown."""
        return self.calendar.locator(".ec-body .ec-grid .ec-day").nth(lane * days + day)

    def slot(self, *, day: int, at: str) -> Point:
        """The point of a person's day or week where the time `at` ("9:30") stands."""
        hours, minutes = at.split(":")
        label = self.calendar.locator(f".ec-body .ec-sidebar time[datetime*='T{int(hours):02d}:00']")
        if not label.count():
            raise LookupError(f"No line of {hours}:00 on this planning.")
        label.scroll_into_view_if_needed()
        line, column = _box(label), _box(self.cell(day=day))
        y = line["y"] + line["height"] / 2 + HALF_HOUR_PX * int(minutes) / 30 + 2
        return column["x"] + column["width"] / 2, y

    @staticmethod
    def point(place: Locator | Point, x: float = 0.5, y: float = 0.5) -> Point:
        """A point inside an element, as shares of its width and height."""
        if isinstance(place, tuple):
            return place
        place.scroll_into_view_if_needed()
        box = _box(place)
        return box["x"] + box["width"] * x, box["y"] + box["height"] * y

    # ---- gestures

    def drag(self, start: Locator | Point, end: Locator | Point, *, drop: bool = True) -> None:
        """With the mouse; `drop=False` keeps the button down. An item is taken where its middle is."""
        goal = self.point(end)
        taken = self.point(start)
        mouse = self.page.mouse
        mouse.move(*taken)
        mouse.down()
        mouse.move(taken[0] + 8, taken[1] + 3)  # a drag starts after 5 px only
        mouse.move(*goal, steps=8)
        for _ in range(2):  # a lane that is passed grows with what is dragged, and the goal moves
            self.page.wait_for_timeout(60)
            mouse.move(*self.point(end))
        if drop:
            mouse.up()

    def drag_by(self, item: Locator, *, x: float = 0, y: float = 0) -> None:
        """By so many pixels."""
        start = self.point(item)
        self.drag(start, (start[0] + x, start[1] + y))

    def resize(self, item: Locator, *, x: float = 0, y: float = 0) -> None:
        """Pull its end: downwards (`y`) in a person's hours, to the right (`x`) in the lanes' hours."""
        item.hover()
        box = _box(item)
        right, bottom = box["x"] + box["width"], box["y"] + box["height"]
        start = (right - 3, box["y"] + box["height"] / 2) if x else (box["x"] + box["width"] / 3, bottom - 3)
        self.drag(start, (start[0] + x, start[1] + y))

    def show(self, view: str) -> None:
        """By the name of the button, "Semaine"."""
        self.calendar.get_by_role("button", name=view, exact=True).click()
        expect(self.active_view).to_have_text(view)

    def go_next(self) -> None:
        self.calendar.locator("button.ec-next").click()

    def go_back(self) -> None:
        self.calendar.locator("button.ec-prev").click()

    def open_menu(self, item: Locator) -> None:
        item.click(button="right")
        expect(self.choices.first).to_be_visible()

    def choose(self, item: Locator, choice: str) -> None:
        """From an item's menu."""
        self.open_menu(item)
        self.choices.filter(has_text=choice).click()

    # ---- what is seen

    def expect_settled(self) -> None:
        """Nothing waits for the server any more."""
        expect(self.root.locator(".wait")).to_have_count(0)

    def has_focus(self, item: Locator) -> bool:
        return bool(item.evaluate("item => item === document.activeElement"))

    def scroll(self) -> Point:
        """How far the calendar is scrolled."""
        x, y = self.calendar.locator(".ec-main").evaluate("main => [main.scrollLeft, main.scrollTop]")
        return x, y

    def scroll_to(self, x: float, y: float) -> None:
        self.calendar.locator(".ec-main").evaluate("(main, [x, y]) => main.scrollTo(x, y)", [x, y])


def _box(element: Locator) -> FloatRect:
    box = element.bounding_box()
    if box is None:
        raise LookupError(f"Not visible: {element}")
    return box
