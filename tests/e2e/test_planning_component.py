"""How the plannings feel in a browser: what apps/planning_demo.py draws, behind the headers of the real app."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.planning_board import HALF_HOUR_PX, PlanningBoard

SERVER = Path(__file__).parent / "apps" / "planning_server.py"


@pytest.fixture(scope="module")
def address(serve_script: Callable[[Path], str]) -> str:
    return serve_script(SERVER)


class Screen(PlanningBoard):
    """The demo in words."""

    def expect_log(self, pattern: str = ".*") -> None:
        """Wait until Python has seen exactly these gestures."""
        line = self.page.get_by_text(re.compile(rf"^RUNS=\d+ VISIBLE=.* LOG={pattern}$", re.S))
        expect(line.last).to_be_attached()

    def expect_place(self, pattern: str) -> None:
        line = self.page.get_by_text(re.compile(rf"^RUNS=\d+ VISIBLE={pattern} LOG=", re.S))
        expect(line.last).to_be_attached()

    def expect_mobile(self, start: str, minutes: int = 60, lane: str = "p0") -> None:
        """Where Python has the item that most tests move."""
        expect(self.page.get_by_text(f"MOBILE={start}:00 {minutes} {lane}", exact=True).last).to_be_attached()

    def expect_nothing_new(self, log: str = "") -> None:
        """That a gesture did nothing can only be told after a later one has arrived."""
        self.item("n").click()
        self.expect_log(f"{log} \\| open n" if log else "open n")

    def log(self) -> str:
        return self.page.get_by_text(re.compile("^RUNS=")).last.inner_text().partition(" LOG=")[2]

    def runs(self) -> int:
        line = self.page.get_by_text(re.compile("^RUNS=")).last.inner_text()
        return int(line.removeprefix("RUNS=").split()[0])

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def click(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def switch(self, name: str) -> None:
        self.page.get_by_text(name, exact=True).click()
        expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")

    def slow_down(self, seconds: str) -> None:
        field = self.page.get_by_label("Lenteur (s)")
        field.fill(seconds)
        field.press("Enter")
        expect(self.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")

    def close_dialog(self) -> None:
        self.page.get_by_role("dialog", name="Action").wait_for()
        self.press("Escape")
        expect(self.page.get_by_role("dialog", name="Action")).to_have_count(0)

    def top(self, item: str) -> float:
        """Below the first line: a drag over an edge may have scrolled."""
        return self.item(item).evaluate(
            "item => Math.round(item.getBoundingClientRect().top"
            " - item.closest('.ec-body').getBoundingClientRect().top)"
        )

    def middle_of_lane(self, number: int) -> float:
        return self.point(self.lanes.nth(number))[1]


@pytest.fixture
def open_at(address: str, new_tab: Callable[..., Page]) -> Iterator[Callable[..., Screen]]:
    """Opens the demo; no page may end with an error in the browser, or have asked anybody else than its server."""
    errors: list[str] = []

    def opened(path: str = "/", width: int = 1280, **options: object) -> Screen:
        page = new_tab(viewport={"width": width, "height": 950}, **options)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: _is_ours(request.url, address) or errors.append(request.url))
        page.goto(address + path)
        page.locator(".relais-planning .ec-event").first.wait_for()
        expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        return Screen(page)

    yield opened
    assert errors == []


def _is_ours(url: str, address: str) -> bool:
    # Streamlit itself asks for its own statistics' settings, which our headers refuse.
    return url.startswith((address, address.replace("http", "ws"), "data:", "blob:", "https://data.streamlit.io/"))


@pytest.fixture
def person(open_at: Callable[..., Screen]) -> Screen:
    return open_at("/")


@pytest.fixture
def lanes(open_at: Callable[..., Screen]) -> Screen:
    return open_at("/lanes")


# ---- one person


def test_an_item_moved_by_hand_keeps_the_wall_clock_in_new_york(open_at):
    screen = open_at("/", timezone_id="America/New_York")
    width = screen.cell(day=0).bounding_box()["width"]
    screen.drag_by(screen.item("m"), x=width, y=2 * HALF_HOUR_PX)
    screen.expect_mobile("2026-11-25 10:00")
    screen.expect_settled()
    expect(screen.item("m").locator("time")).to_have_text("10:00")


def test_pulling_an_items_end_changes_its_duration(person):
    person.resize(person.item("m"), y=HALF_HOUR_PX)
    person.expect_mobile("2026-11-24 09:00", minutes=90)


def test_from_the_tray_to_a_slot(person):
    person.drag(person.tray_item("t0"), person.slot(day=4, at="10:00"))
    person.expect_log("plan t0 2026-11-27 10:00:00 45 p0")
    person.expect_settled()
    expect(person.tray_item("t0")).to_have_count(0)
    expect(person.item("t0").locator("time")).to_have_text("10:00")
    expect(person.tray.locator("h4")).to_have_text("À planifier (8)")


def test_from_a_slot_back_to_the_tray(person):
    person.drag(person.item("m"), person.tray_list)
    person.expect_log("unplan m None 60 p0")
    expect(person.tray_item("m")).to_contain_text("1:00")
    expect(person.item("m")).to_have_count(0)


def test_the_tray_is_outlined_while_something_is_dragged(person):
    person.drag(person.item("m"), person.slot(day=3, at="9:00"), drop=False)
    assert person.tray.evaluate("tray => getComputedStyle(tray).outlineStyle") == "dashed"
    person.page.mouse.up()
    person.expect_settled()


@pytest.mark.parametrize("item", ["m", "t0"])
def test_dropped_outside_any_slot_it_goes_back_and_nothing_is_sent(person, item):
    top = person.top("m")
    start = person.item("m") if item == "m" else person.tray_item("t0")
    person.drag(start, person.title)
    person.expect_nothing_new()
    assert person.top("m") == top
    expect(person.tray_item("t0")).to_be_visible()


def test_an_item_let_go_outside_the_planning_goes_back(person):
    top = person.top("m")
    person.drag(person.item("m"), (640.0, 30.0))
    person.expect_nothing_new()
    assert person.top("m") == top


def test_escape_gives_a_drag_from_the_tray_up(person):
    person.drag(person.tray_item("t1"), person.slot(day=4, at="11:00"), drop=False)
    expect(person.root.locator(".preview")).to_have_count(1)
    person.press("Escape")
    person.page.mouse.up()
    expect(person.root.locator(".preview")).to_have_count(0)
    person.expect_nothing_new()


def test_a_finger_takes_from_the_tray_after_a_long_press(open_at):
    screen = open_at("/", has_touch=True)
    start, end = screen.point(screen.tray_item("t0")), screen.slot(day=4, at="10:00")
    touch = screen.page.context.new_cdp_session(screen.page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    send("touchStart", start)
    expect(screen.root.locator(".ghost")).to_be_visible()
    for step in (0.3, 0.6, 1):
        send("touchMove", (start[0] + (end[0] - start[0]) * step, start[1] + (end[1] - start[1]) * step))
    send("touchEnd")
    screen.expect_log("plan t0 2026-11-27 10:00:00 45 p0")


def test_a_click_on_an_empty_slot_asks_for_a_new_item(person):
    person.page.mouse.click(*person.slot(day=4, at="10:30"))
    person.expect_log("create 2026-11-27 10:30:00 30 False p0")


def test_a_time_drawn_over_empty_slots_asks_for_a_new_item_of_that_length(person):
    person.drag(person.slot(day=4, at="9:00"), person.slot(day=4, at="10:30"))
    person.expect_log("create 2026-11-27 09:00:00 105 False p0")


def test_a_click_opens_and_so_does_enter_in_the_tray(person):
    person.item("m").click()
    person.expect_log("open m")
    person.close_dialog()
    person.tray_item("t0").focus()
    person.press("Enter")
    person.expect_log(r"open m \| open t0")
    person.close_dialog()
    person.tray_item("t1").click()
    person.expect_log(r"open m \| open t0 \| open t1")


def test_the_hover_card_tells_more_without_a_run(person):
    runs = person.runs()
    person.item("m").hover()
    expect(person.card).to_contain_text("Aïcha Benali")
    expect(person.card).to_contain_text("mar. 24 nov., 09:00 – 10:00")
    person.page.mouse.move(5, 5)
    expect(person.card).to_be_hidden()
    person.tray_item("t1").hover()
    expect(person.card).to_contain_text("Orléans")
    assert person.runs() == runs


def test_the_menu_holds_what_the_items_state_allows(person):
    person.open_menu(person.item("m"))
    expect(person.choices).to_have_text([re.compile("Saisir le compte rendu"), re.compile("Annuler l’action")])
    person.choices.nth(1).click()
    person.expect_log("menu m cancel")


def test_the_menu_opens_by_its_sign_and_by_the_keyboard(person):
    person.item("n").hover()
    person.item("n").locator(".dots").click()
    expect(person.choices).to_have_text(["Appeler"])
    person.press("Escape")
    expect(person.choices).to_have_count(0)
    person.tray_item("t0").focus()
    person.press("Shift+F10", "Enter")
    person.expect_log("menu t0 cancel")


def test_an_item_without_choices_has_no_menu(person):
    person.item("deal").click(button="right")
    expect(person.choices).to_have_count(0)


def test_shift_and_arrows_move_in_one_go_and_keep_the_focus(person):
    person.item("m").focus()
    person.press("Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowRight")
    person.expect_mobile("2026-11-25 09:30")
    person.expect_log("move m 2026-11-25 09:30:00 60 p0")
    person.expect_settled()
    assert person.has_focus(person.item("m"))
    person.press("Control+Shift+ArrowDown")
    person.expect_mobile("2026-11-25 09:30", minutes=75)


def test_arrows_go_from_item_to_item_and_the_calendar_is_one_tab_stop(person):
    person.item("m").focus()
    person.press("ArrowDown")
    assert person.has_focus(person.item("n"))
    expect(person.calendar.locator(".ec-event[tabindex='0']")).to_have_count(1)


def test_a_done_item_does_not_move(person):
    top = person.top("done")
    person.drag_by(person.item("done"), y=2 * HALF_HOUR_PX)
    person.item("done").focus()
    person.press("Shift+ArrowDown")
    person.expect_nothing_new(person.log())
    assert person.top("done") == top


def test_read_only_nothing_moves_and_nothing_is_made(person):
    person.switch("Lecture seule")
    expect(person.item("m")).not_to_have_class(re.compile("ec-draggable"))
    top = person.top("m")
    person.drag_by(person.item("m"), y=2 * HALF_HOUR_PX)
    person.drag(person.tray_item("t3"), person.slot(day=4, at="10:00"))
    person.page.mouse.click(*person.slot(day=4, at="10:30"))
    assert not re.search("move|plan|create", person.log())
    person.expect_nothing_new(person.log())
    assert person.top("m") == top


def test_without_a_tray_the_calendar_has_all_the_width(person):
    person.switch("Sans bac")
    expect(person.tray).to_be_hidden()


def test_the_tray_is_filtered_as_one_types(person):
    runs = person.runs()
    person.search.fill("lefevre")
    expect(person.tray.locator(".tray-item:visible")).to_have_count(1)
    expect(person.tray_item("t1")).to_be_visible()
    person.search.fill("orleans")
    expect(person.tray_item("t1")).to_be_visible()
    person.search.fill("nulle part")
    expect(person.tray).to_contain_text("Aucun résultat.")
    assert person.runs() == runs


def test_a_wished_day_stands_in_the_tray_and_lightly_on_its_day(person):
    expect(person.tray_item("t2")).to_contain_text("souhaité le jeu. 26 nov.")
    expect(person.wish("t2")).to_be_visible()
    expect(person.load(day=3)).to_have_text("0:30 / 7:00")
    person.drag(person.tray_item("t2"), person.slot(day=3, at="9:00"))
    expect(person.wish("t2")).to_have_count(0)
    expect(person.load(day=3)).to_have_text("1:30 / 7:00")


def test_each_day_shows_its_load_without_what_does_not_count(person):
    expect(person.load(day=0)).to_have_text("1:45 / 7:00")
    expect(person.load(day=2)).to_have_text("5:00 / 7:00")


def test_markup_is_only_text(person):
    expect(person.item("b").locator(".title")).to_have_text("<b>Œuvre & Fils</b>")
    person.item("b").hover()
    expect(person.card).to_contain_text("<i>rien</i>")


def test_late_done_and_cancelled_are_said_not_only_coloured(person):
    expect(person.item("late")).to_contain_text("en retard")
    expect(person.item("late").locator(".late-sign")).to_be_visible()
    expect(person.item("done")).to_contain_text("terminée")
    expect(person.item("cancelled")).to_contain_text("annulée")


def test_a_whole_day_is_moved_in_its_row_and_not_into_the_hours(person):
    width = person.cell(day=0).bounding_box()["width"]
    person.drag(person.item("whole"), person.slot(day=3, at="10:00"))
    person.drag_by(person.item("whole"), x=width)
    person.expect_log("move whole 2026-11-26 00:00:00 240 p0")


# ---- answers


def test_a_move_into_the_past_is_made_and_quietly_noted(person):
    person.drag(person.item("m"), person.slot(day=0, at="12:00"))
    expect(person.message).to_have_text("Placée dans le passé.")
    expect(person.message).to_have_attribute("role", "status")


def test_when_the_server_fails_the_item_goes_back_and_says_so(person):
    person.switch("Panne")
    top = person.top("m")
    person.drag_by(person.item("m"), y=2 * HALF_HOUR_PX)
    expect(person.refusal).to_contain_text("L’enregistrement a échoué (incident")
    expect(person.refusal).to_have_attribute("role", "alert")
    person.expect_settled()
    assert person.top("m") == top


def test_a_question_keeps_the_item_where_it_was_dropped_until_it_is_answered(person):
    width = person.cell(day=0).bounding_box()["width"]
    person.scroll_to(0, 400)
    person.drag(person.item("n"), person.slot(day=4, at="18:30"))
    dialog = person.page.get_by_role("dialog", name="Journée pleine")
    dialog.wait_for()
    expect(person.item("n")).to_have_class(re.compile("wait"))
    asked_at = person.point(person.item("n"))
    dialog.get_by_role("button", name="Garder quand même").click()
    expect(dialog).to_have_count(0)
    person.expect_settled()
    assert abs(person.point(person.item("n"))[0] - asked_at[0]) < width / 2


def test_a_question_given_up_puts_the_item_back(person):
    person.scroll_to(0, 400)
    before = person.point(person.item("n"))
    person.drag(person.item("n"), person.slot(day=4, at="18:30"))
    dialog = person.page.get_by_role("dialog", name="Journée pleine")
    dialog.get_by_role("button", name="Renoncer").click()
    expect(dialog).to_have_count(0)
    person.expect_settled()
    assert person.point(person.item("n")) == before


def test_a_resize_past_what_is_allowed_is_refused_by_the_page_in_its_words(person):
    person.item("m").focus()
    for _ in range(48):
        person.press("Control+Shift+ArrowDown")
    expect(person.refusal).to_contain_text("au plus 12 h")
    person.expect_settled()
    person.expect_mobile("2026-11-24 09:00", minutes=60)


# ---- navigation


def test_every_navigation_is_told(person):
    person.show("Jour")
    person.expect_place("day 2026-11-24 2026-11-25 2026-11-24")
    person.show("Mois")
    person.expect_place("month 2026-11-01 .*|month 2026-10-26 .*")
    person.show("Liste")
    person.expect_place("list 2026-11-23 2026-11-30 2026-11-24")
    person.show("Semaine")
    person.expect_place("week 2026-11-23 2026-11-30 2026-11-24")
    person.go_next()
    person.expect_place("week 2026-11-30 2026-12-07 2026-12-01")


def test_python_can_lead_somewhere_else(person):
    person.click("Semaine suivante")
    expect(person.title).to_contain_text("30 nov.")
    person.expect_place("week 2026-11-30 2026-12-07 2026-12-01")


def test_when_something_appears_above_calendar_view_and_scroll_stay(lanes):
    lanes.show("Semaine (heures)")
    lanes.scroll_to(260, 0)
    lanes.root.evaluate("root => { window.board = root; }")
    lanes.switch("Bandeau")
    lanes.page.get_by_text("Un bandeau au-dessus").wait_for()
    expect(lanes.active_view).to_have_text("Semaine (heures)")
    lanes.page.wait_for_function("Math.abs(document.querySelector('.ec-main').scrollLeft - 260) < 2")
    assert lanes.root.evaluate("root => root === window.board")
    expect(lanes.root).to_have_count(1)


# ---- people as lanes


def test_a_whole_day_moves_to_another_whole_day_in_every_view(lanes):
    lanes.drag(lanes.item("whole"), lanes.cell(lane=2, day=0))
    lanes.expect_log("move whole 2026-11-23 00:00:00 240 p2")
    lanes.expect_settled()
    lanes.show("Semaine (heures)")
    lanes.drag(lanes.point(lanes.item("whole"), 0.2), lanes.point(lanes.cell(lane=5, day=0), 0.2))
    lanes.expect_log(r"move whole 2026-11-23 00:00:00 240 p2 \| move whole 2026-11-23 00:00:00 240 p5")


def test_from_lane_to_lane_and_day_to_day_the_time_stays(lanes):
    lanes.drag(lanes.item("m"), lanes.cell(lane=3, day=3))
    lanes.expect_mobile("2026-11-26 09:00", lane="p3")


def test_the_load_follows_the_move_and_overload_is_signed(lanes):
    expect(lanes.lane("Personne 3")).to_contain_text("2:00 / 28:00")
    lanes.drag(lanes.item("m"), lanes.cell(lane=3, day=3))
    expect(lanes.lane("Personne 3")).to_contain_text("3:00 / 28:00")
    lanes.show("Jour")
    lanes.go_next()
    expect(lanes.lane("Personne 4")).to_contain_text("▲ 9:00 / 0:00")
    expect(lanes.lane("Personne 4")).to_contain_text("surchargé")


def test_a_refused_move_springs_back_each_time_with_its_reason(lanes):
    before = lanes.point(lanes.item("m"))
    for _ in range(2):
        lanes.drag(lanes.item("m"), lanes.cell(lane=1, day=3))
        expect(lanes.refusal).to_contain_text("Personne 1 est en congé")
        lanes.expect_settled()
        assert lanes.point(lanes.item("m")) == before
        lanes.refusal.click()
        expect(lanes.message).to_be_hidden()


def test_hours_of_lanes_move_and_resize(lanes):
    lanes.show("Semaine (heures)")
    lanes.expect_place("week_hours 2026-11-23 2026-11-30 2026-11-24")
    start = lanes.point(lanes.item("m"))
    lanes.drag(start, (start[0] + 48, lanes.middle_of_lane(4)))
    lanes.expect_mobile("2026-11-24 11:00", lane="p4")
    lanes.expect_settled()
    lanes.resize(lanes.item("m"), x=24)
    lanes.expect_mobile("2026-11-24 11:00", minutes=120, lane="p4")


def test_from_the_tray_to_a_lane(lanes):
    lanes.drag(lanes.tray_item("t1"), lanes.cell(lane=6, day=4))
    lanes.expect_log("plan t1 2026-11-27 09:00:00 30 p6")
    expect(lanes.lane("Personne 6")).to_contain_text("0:30 / 28:00")


def test_by_keyboard_from_lane_to_lane(lanes):
    lanes.item("m").focus()
    lanes.press("Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowRight")
    lanes.expect_mobile("2026-11-25 09:00", lane="p2")


def test_two_quick_moves_before_a_slow_server_are_both_kept_and_nothing_jumps_or_dims(lanes):
    lanes.slow_down("1.0")
    lanes.drag(lanes.item("m"), lanes.cell(lane=5, day=1))
    lanes.drag(lanes.item("m"), lanes.cell(lane=6, day=1))
    seen = lanes.page.evaluate_handle("""() => {
        const seen = {tops: new Set(), opacities: new Set()};
        const look = () => {
            const item = document.querySelector(".calendar [data-id=m]")?.closest(".ec-event");
            if (item && item.isConnected) seen.tops.add(Math.round(item.getBoundingClientRect().top));
            let opacity = 1;
            for (let at = document.querySelector(".relais-planning"); at; at = at.parentElement)
                opacity *= Number(getComputedStyle(at).opacity);
            seen.opacities.add(opacity);
            requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
        return seen;
    }""")
    lanes.expect_mobile("2026-11-24 09:00", lane="p6")
    lanes.expect_settled()
    lanes.expect_log(r"move m 2026-11-24 09:00:00 60 p5 \| move m 2026-11-24 09:00:00 60 p6")
    assert seen.evaluate("seen => [seen.tops.size, [...seen.opacities]]") == [1, [1]]


def test_another_click_while_a_move_is_saved_neither_loses_nor_repeats_it(lanes):
    lanes.slow_down("1.0")
    lanes.drag(lanes.item("m"), lanes.cell(lane=2, day=1))
    expect(lanes.item("m")).to_have_class(re.compile("wait"))
    lanes.click("Rafraîchir")
    lanes.expect_mobile("2026-11-24 09:00", lane="p2")
    lanes.expect_settled()
    lanes.expect_log("move m 2026-11-24 09:00:00 60 p2")


def test_what_others_change_appears_where_one_is_and_moves_on_with_its_new_version(lanes):
    lanes.scroll_to(0, 40)
    scroll = lanes.scroll()
    lanes.click("Modifier ailleurs")
    expect(lanes.item("m")).to_contain_text("Mobile bis")
    assert lanes.scroll() == scroll
    lanes.drag(lanes.item("m"), lanes.cell(lane=2, day=1))
    lanes.expect_mobile("2026-11-24 09:00", lane="p2")


def test_a_move_sent_again_to_a_server_that_is_slow_to_answer_is_made_once(lanes):
    lanes.slow_down("9.0")
    lanes.drag(lanes.item("m"), lanes.cell(lane=2, day=1))
    expect(lanes.refusal).to_contain_text("Enregistrement en attente")
    lanes.expect_mobile("2026-11-24 09:00", lane="p2")
    lanes.expect_settled()
    lanes.expect_log("move m 2026-11-24 09:00:00 60 p2")


def test_leaving_right_after_a_drop_still_saves_it_once(lanes):
    lanes.drag(lanes.item("m"), lanes.cell(lane=2, day=1))
    lanes.page.get_by_role("link", name="Autre", exact=True).click()
    lanes.page.get_by_text("Autre page").wait_for()
    lanes.page.get_by_role("link", name="Multi-critères", exact=True).click()
    lanes.expect_mobile("2026-11-24 09:00", lane="p2")
    lanes.expect_log("move m 2026-11-24 09:00:00 60 p2")


def test_forty_people_and_five_hundred_items_are_drawn(open_at):
    screen = open_at("/lanes?people=40&items=500")
    expect(screen.lanes).to_have_count(40)
    screen.drag(screen.item("m"), screen.cell(lane=2, day=1))
    screen.expect_mobile("2026-11-24 09:00", lane="p2")
