"""How the action table feels in a browser: what apps/action_table_demo.py draws, read back from its last line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

DEMO = Path(__file__).parent / "apps" / "action_table_demo.py"


@pytest.fixture(scope="module")
def address(serve_script: Callable[[Path], str]) -> str:
    return serve_script(DEMO)


class Screen:
    """The demo in words."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.card = page.locator(".action-table .card")
        self.choices = page.get_by_role("menuitem")
        self.rows = page.locator(".action-table tbody tr[data-id]")
        self.frame = page.locator(".action-table .frame")

    def row(self, row_id: str) -> Locator:
        return self.page.locator(f".action-table tr[data-id='{row_id}']")

    def box(self, row_id: str) -> Locator:
        return self.row(row_id).get_by_role("checkbox")

    def link(self, row_id: str) -> Locator:
        return self.row(row_id).locator(".open")

    def info(self, row_id: str) -> Locator:
        return self.row(row_id).locator("[data-card]").first

    def menu_button(self, row_id: str) -> Locator:
        return self.row(row_id).get_by_role("button", name="Actions de la ligne")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def click(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def expect_seen(self, *, selected: str = r"\S*", log: str = ".*") -> None:
        """Wait until Python has seen exactly these ticks and these gestures."""
        line = self.page.get_by_text(re.compile(rf"^RUNS=\d+ SELECTED={selected} LOG={log}$", re.S))
        expect(line.last).to_be_attached()

    def expect_seen_by_the_next_run(self, **seen: str) -> None:
        """What a double click or a hover must not have done can only be told after a later gesture has arrived."""
        self.click("Rafraîchir")
        seen["log"] = f"{seen['log']} \\| refresh" if seen.get("log") else "refresh"
        self.expect_seen(**seen)

    def runs(self) -> int:
        line = self.page.get_by_text(re.compile("^RUNS=")).last.inner_text()
        return int(line.removeprefix("RUNS=").split()[0])

    def close_dialog(self) -> None:
        self.press("Escape")
        expect(self.page.get_by_role("dialog")).to_have_count(0)


@pytest.fixture
def open_at(address: str, new_tab: Callable[..., Page]) -> Iterator[Callable[..., Screen]]:
    """Opens the demo at a path; no page may end with an error in the browser."""
    errors: list[str] = []

    def opened(path: str = "/", width: int = 1280, **options: str) -> Screen:
        page = new_tab(viewport={"width": width, "height": 800}, **options)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address + path)
        if path.startswith("/dialog"):
            page.get_by_role("button", name="Ouvrir le dialogue").click()
        page.locator(".action-table tbody tr").first.wait_for()
        expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
        return Screen(page)

    yield opened
    assert errors == []


@pytest.fixture
def screen(open_at: Callable[..., Screen]) -> Screen:
    return open_at("/")


# ---- hover cards


def test_hovering_an_icon_shows_the_formatted_text_without_a_run(screen):
    runs = screen.runs()
    screen.info("0").hover()
    expect(screen.card.locator("b")).to_have_text("le service achats")
    screen.page.mouse.move(5, 5)
    expect(screen.card).to_be_hidden()
    screen.expect_seen_by_the_next_run()
    assert screen.runs() == runs + 1


def test_clicking_an_icon_shows_its_card_at_once(screen):
    screen.info("3").click()
    expect(screen.card).to_be_visible()


def test_markup_in_values_notes_hints_icons_and_plain_cards_is_only_text(open_at):
    screen = open_at("/?rows=123")
    trap = screen.row("101")
    expect(trap.locator("td", has_text="client").locator(".note")).to_contain_text("<img src=x")
    trap.get_by_text("carte").hover()
    expect(screen.card).to_contain_text("</td><script>")
    assert trap.locator("img, script").count() == screen.card.locator("img, script").count() == 0
    assert screen.page.evaluate("window.pwned === undefined")


# ---- ticks


def test_three_quick_clicks_the_last_with_shift_tick_a_range(screen):
    screen.box("0").check()
    screen.box("1").check()
    screen.box("4").click(modifiers=["Shift"])
    screen.expect_seen(selected="0,1,2,3,4")


def test_ticks_grow_over_pages_and_outlive_runs_new_mounts_and_other_screens(screen):
    screen.box("1").check()
    screen.click("Page 2")
    screen.box("50").check()
    screen.expect_seen(selected="1,50")
    screen.click("Page 1")
    expect(screen.box("1")).to_be_checked()
    screen.page.get_by_text("Avertir").click()
    screen.page.get_by_text("Un message au-dessus du tableau").wait_for()
    expect(screen.box("1")).to_be_checked()
    screen.page.get_by_role("link", name="Autre").click()
    screen.page.get_by_text("Autre page").wait_for()
    screen.page.get_by_role("link", name="Liste").click()
    expect(screen.box("1")).to_be_checked()
    screen.box("2").check()
    screen.expect_seen(selected="1,50,2")


def test_python_sets_and_clears_the_ticks(screen):
    screen.box("1").check()
    screen.click("Cocher 3 et 4")
    screen.expect_seen(selected="3,4")
    expect(screen.box("1")).not_to_be_checked()
    expect(screen.box("3")).to_be_checked()
    screen.click("Réaffecter (2)")
    screen.expect_seen(selected="", log="assign 2")
    expect(screen.box("3")).not_to_be_checked()


def test_the_box_of_the_header_ticks_the_whole_page_and_shows_a_part(screen):
    page_box = screen.page.get_by_role("checkbox", name="Sélectionner toute la page")
    page_box.check()
    expect(screen.page.get_by_role("button", name="Réaffecter (50)")).to_be_enabled()
    screen.box("7").uncheck()
    expect(screen.page.get_by_role("button", name="Réaffecter (49)")).to_be_enabled()
    assert page_box.evaluate("box => box.indeterminate")


# ---- row menu


def test_the_menu_offers_what_the_row_allows_and_a_choice_counts_once(screen):
    screen.menu_button("3").click()
    expect(screen.choices).to_have_text([re.compile("Ouvrir")])
    screen.press("Escape")
    screen.menu_button("0").click()
    expect(screen.choices).to_have_count(4)
    screen.choices.filter(has_text="Planifier").click()
    screen.expect_seen(log=r"callback plan 0 \| body plan 0")
    screen.expect_seen_by_the_next_run(log=r"callback plan 0 \| body plan 0")


def test_a_double_click_on_a_choice_applies_it_once_and_opens_no_row(screen):
    screen.row("2").click(position={"x": 300, "y": 10})  # where the second click will land, once the menu has closed
    screen.row("2").click(button="right", position={"x": 300, "y": 10})
    screen.choices.first.dblclick()
    screen.expect_seen_by_the_next_run(log=r"callback report 2 \| body report 2")


def test_the_menu_opens_by_right_click_and_by_key_and_escape_gives_the_row_its_focus_back(screen):
    screen.row("2").click(button="right", position={"x": 300, "y": 10})
    expect(screen.choices.first).to_be_focused()
    screen.press("ArrowUp")
    expect(screen.choices.last).to_be_focused()
    screen.press("Escape")
    expect(screen.choices).to_have_count(0)
    expect(screen.row("2")).to_be_focused()
    screen.press("ContextMenu")
    expect(screen.choices.first).to_be_focused()
    screen.press("ArrowDown", "Enter")
    screen.expect_seen(log=r"callback plan 2 \| body plan 2")
    expect(screen.row("2")).to_be_focused()


def test_a_choice_interrupted_by_the_next_clicks_still_reaches_its_callback_once(open_at):
    screen = open_at("/?slow=1")
    screen.menu_button("0").click()
    screen.choices.filter(has_text="Planifier").click()
    expect(screen.page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "running")
    screen.box("1").check()
    screen.box("2").check()
    screen.expect_seen(selected="1,2", log=r"callback plan 0(?! \| callback).*")


# ---- opening and sorting


def test_a_row_opens_once_by_a_double_click_on_it_or_on_its_link_and_by_enter(screen):
    screen.link("1").dblclick()
    screen.page.get_by_text("Fiche 1").wait_for()
    screen.close_dialog()
    screen.row("2").dblclick(position={"x": 400, "y": 10})
    screen.page.get_by_text("Fiche 2").wait_for()
    screen.close_dialog()
    expect(screen.row("2")).to_be_focused()
    screen.press("ArrowDown", "Enter")
    screen.page.get_by_text("Fiche 3").wait_for()
    screen.close_dialog()
    screen.expect_seen_by_the_next_run(log=r"open 1 \| open 2 \| open 3")


def test_a_header_sorts_on_the_server_up_then_down_and_keeps_the_focus(screen):
    header = screen.page.get_by_role("columnheader", name="Commercial")
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "ascending")
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "descending")
    expect(header.get_by_role("button")).to_be_focused()
    screen.expect_seen(log=r"sort person False \| sort person True")


def test_another_page_begins_at_its_top(screen):
    screen.row("49").scroll_into_view_if_needed()
    screen.click("Page 2")
    expect(screen.row("50")).to_be_in_viewport()


# ---- keyboard


def test_all_rows_are_one_tab_stop_and_arrows_move_in_them(screen):
    assert screen.page.locator(".action-table tbody [tabindex='0']").count() == 1
    screen.row("0").focus()
    screen.press("ArrowDown", "ArrowDown", "ArrowUp")
    expect(screen.row("1")).to_be_focused()
    screen.press("End")
    expect(screen.row("49")).to_be_focused()
    screen.press("PageUp")
    expect(screen.row("39")).to_be_focused()
    screen.press("Home")
    expect(screen.row("0")).to_be_focused()


def test_space_ticks_a_row_and_focus_and_scroll_stay_where_they_are(screen):
    screen.row("40").focus()
    scroll = screen.frame.evaluate("frame => frame.scrollTop")
    screen.press("Space")
    screen.expect_seen(selected="40")
    expect(screen.row("40")).to_be_focused()
    assert screen.frame.evaluate("frame => frame.scrollTop") == scroll > 0


def test_ctrl_a_ticks_the_page(screen):
    screen.row("5").focus()
    screen.press("Control+a")
    expect(screen.page.get_by_role("button", name="Réaffecter (50)")).to_be_enabled()


def test_right_and_left_arrows_show_the_cards_of_the_row_and_escape_hides_them(screen):
    screen.row("3").focus()
    screen.press("ArrowRight")
    expect(screen.card).to_contain_text("le service achats")
    screen.press("ArrowRight")
    expect(screen.card).to_contain_text("Le client accepte l’offre")
    screen.press("ArrowLeft")
    expect(screen.card).to_contain_text("le service achats")
    screen.press("Escape")
    expect(screen.card).to_be_hidden()
    expect(screen.row("3")).to_be_focused()


def test_in_a_dialog_cards_and_menus_lie_on_top_and_escape_closes_only_them(open_at):
    screen = open_at("/dialog")
    dialog = screen.page.get_by_role("dialog")
    screen.info("2").hover()
    expect(screen.card).to_be_visible()
    is_on_top = "card => { const { x, y } = card.getBoundingClientRect(); "
    is_on_top += "return card.contains(document.elementFromPoint(x + 9, y + 9)) }"
    assert screen.card.evaluate(is_on_top)
    screen.press("Escape")
    expect(screen.card).to_be_hidden()
    screen.menu_button("2").click()
    screen.press("Escape")
    expect(screen.choices).to_have_count(0)
    expect(dialog).to_be_visible()
    screen.close_dialog()


# ---- looks


def test_what_colours_say_is_also_said_in_words_and_icons(screen):
    expect(screen.row("5").get_by_role("rowheader")).to_have_accessible_name(
        re.compile("en retard, liée à une affaire")
    )
    expect(screen.row("4").get_by_role("rowheader")).to_have_accessible_name(re.compile("annulée"))
    expect(screen.row("3").get_by_role("rowheader")).to_have_accessible_name(re.compile("terminée"))
    expect(screen.row("5").locator(".late.mark")).to_have_attribute("title", "en retard")
    expect(screen.row("3").get_by_role("img", name="Compte rendu")).to_be_visible()
    expect(screen.page.get_by_role("columnheader", name="Détail")).to_be_visible()


def test_a_cut_name_shows_itself_whole_and_a_near_date_says_which_one(screen):
    client = screen.row("1").get_by_text("Société Générale d’Électricité et de Travaux Publics")
    client.hover()
    expect(client).to_have_attribute("title", re.compile("Val-de-Marne$"))
    expect(screen.row("2").get_by_title("mardi 24 novembre 2026 à 14:30")).to_have_text("dans 2 j")


@pytest.mark.parametrize("width", [1280, 1920])
def test_twelve_columns_fit_beside_the_sidebar_in_dense_rows(open_at, width):
    screen = open_at("/", width=width)
    assert screen.frame.evaluate("frame => frame.scrollWidth === frame.clientWidth")
    heights = screen.rows.evaluate_all("rows => rows.map(row => row.getBoundingClientRect().height)")
    assert 30 <= min(heights) <= max(heights) <= 36


def test_on_a_telephone_the_table_scrolls_inside_itself_and_keeps_ticks_and_menus_in_view(open_at):
    screen = open_at("/", width=390)
    assert screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    screen.frame.evaluate("frame => frame.scrollTo(120, 300)")
    expect(screen.box("10")).to_be_in_viewport()
    expect(screen.menu_button("10")).to_be_in_viewport()
    expect(screen.page.get_by_role("checkbox", name="Sélectionner toute la page")).to_be_in_viewport()


def test_an_empty_list_says_so(open_at):
    screen = open_at("/?rows=0")
    expect(screen.page.locator(".action-table tbody")).to_have_text("Aucune action.")
    expect(screen.page.get_by_role("checkbox", name="Sélectionner toute la page")).to_be_disabled()


def test_the_list_comes_back_with_the_row_one_left_in_view(open_at):
    screen = open_at("/?current=44")
    expect(screen.row("44")).to_be_in_viewport()
    expect(screen.row("44")).to_have_attribute("tabindex", "0")


def test_history_highlights_the_current_step_and_a_click_on_a_number_switches_to_it(open_at):
    screen = open_at("/history")
    expect(screen.page.locator(".action-table [aria-current]")).to_have_attribute("data-id", "4")
    expect(screen.page.locator(".action-table").get_by_role("checkbox")).to_have_count(0)
    screen.row("2").click(position={"x": 200, "y": 10})
    expect(screen.row("4")).to_have_attribute("aria-current", "true")
    screen.link("1").click()
    expect(screen.row("1")).to_have_attribute("aria-current", "true")
    expect(screen.row("1").get_by_role("rowheader")).to_have_accessible_name(re.compile("en cours"))


def test_light_turns_to_dark_at_once_and_ticks_stay(open_at):
    screen = open_at("/", color_scheme="light")
    screen.box("0").check()
    paper = "getComputedStyle(document.querySelector('.action-table tbody td')).backgroundColor"
    light = screen.page.evaluate(paper)
    screen.page.emulate_media(color_scheme="dark")
    screen.page.wait_for_function(f"light => {paper} !== light", arg=light)
    expect(screen.box("0")).to_be_checked()


def test_the_printed_table_is_whole_and_without_controls(screen):
    screen.page.emulate_media(media="print")
    assert screen.frame.evaluate("frame => frame.scrollHeight === frame.clientHeight")
    expect(screen.box("0")).to_be_hidden()
    expect(screen.menu_button("0")).to_be_hidden()
