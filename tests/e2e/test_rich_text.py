"""How the editor and F2 behave in a browser: what apps/rich_text_demo.py draws, behind the headers of the real app."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

SERVER = Path(__file__).parent / "apps" / "rich_text_server.py"

PASTE = """(editor, data) => {
    const transfer = new DataTransfer();
    if (data.html) transfer.setData("text/html", data.html);
    if (data.text) transfer.setData("text/plain", data.text);
    if (data.image) {
        const bytes = Uint8Array.from(atob(data.image), (char) => char.charCodeAt(0));
        transfer.items.add(new File([bytes], "photo.png", {type: "image/png"}));
    }
    editor.dispatchEvent(new ClipboardEvent("paste", {clipboardData: transfer, bubbles: true, cancelable: true}));
}"""


@pytest.fixture(scope="module")
def address(serve_script: Callable[[Path], str]) -> str:
    return serve_script(SERVER)


class Screen:
    """The demo in words."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.editor = page.locator(".tiptap")
        self.frame = page.locator(".relais-rich-text .frame")
        self.message = page.locator(".relais-rich-text .message")

    def write(self, text: str) -> None:
        """Type at the end of the text."""
        self.editor.focus()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.type(text)

    def erase(self) -> None:
        self.editor.fill("")

    def tool(self, name: str) -> Locator:
        return self.frame.get_by_role("button", name=name)

    def use(self, name: str) -> None:
        """Press a tool and wait for the caret, which is back in the text a frame later: no hand types before."""
        self.tool(name).click()
        expect(self.editor).to_be_focused()

    def click(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def switch(self, name: str) -> None:
        """As a hand does: it comes, then presses. Within one instant, Streamlit misses the switch (see field.js)."""
        switch = self.page.get_by_text(name, exact=True)
        switch.hover()
        switch.click(delay=50)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def paste(self, *, html: str = "", text: str = "", image: bytes = b"") -> None:
        self.editor.focus()
        data = {"html": html, "text": text, "image": base64.b64encode(image).decode()}
        self.editor.evaluate(PASTE, data)

    def expect_typed(self, html: str) -> None:
        """Wait until Python has received a text that matches the pattern `html` from end to end."""
        expect(self.page.get_by_text(re.compile("^TYPED=")).last).to_have_text(re.compile(f"^TYPED={html}$", re.S))

    def expect_saved(self, text: str) -> None:
        expect(self.page.get_by_text(re.compile("^SAVED=")).last).to_have_text(f"SAVED={text}")


@pytest.fixture
def open_at(new_tab: Callable[..., Page], address: str) -> Callable[..., Screen]:
    def open_path(path: str = "/", **options: object) -> Screen:
        page = new_tab(**options)
        page.goto(address + path)
        screen = Screen(page)
        if path != "/dialog":
            expect(screen.editor).to_be_visible()
        return screen

    return open_path


@pytest.fixture
def screen(open_at: Callable[..., Screen]) -> Screen:
    return open_at("/")


def a_picture(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((width, height), 60).save(file, "PNG")
    return file.getvalue()


def test_what_is_typed_reaches_python_without_leaving_the_editor(screen):
    screen.write(", puis la suite")
    screen.expect_typed("<p>Premier texte, puis la suite</p>")
    expect(screen.editor).to_be_focused()


def test_bold_by_its_button_shows_as_pressed_and_lands_in_the_text(screen):
    screen.erase()
    screen.tool("Gras").click()
    expect(screen.tool("Gras")).to_have_attribute("aria-pressed", "true")
    screen.page.keyboard.type("gras")
    screen.press("Control+B")
    screen.page.keyboard.type(" maigre")
    screen.expect_typed("<p><strong>gras</strong> maigre</p>")
    expect(screen.tool("Gras")).to_have_attribute("aria-pressed", "false")


def test_a_title_is_chosen_by_its_level(screen):
    screen.editor.focus()
    screen.frame.get_by_label("Style de paragraphe").select_option("Titre 2")
    screen.expect_typed("<h2>Premier texte</h2>(<p></p>)?")


@pytest.mark.parametrize(
    ("typed", "href"),
    [
        ("exemple.fr/offre", "https://exemple.fr/offre"),
        ("m.roy@exemple.fr", "mailto:m.roy@exemple.fr"),
        ("04 78 00 00 00", "tel:0478000000"),
    ],
)
def test_a_link_takes_an_address_as_people_type_it(screen, typed, href):
    screen.erase()
    screen.tool("Lien").click()
    expect(screen.frame.get_by_label("Adresse du lien")).to_be_focused()
    screen.page.keyboard.type(typed)
    screen.press("Enter")
    screen.expect_typed(f'<p><a [^>]*href="{href}"[^>]*>{typed}</a></p>')
    expect(screen.editor).to_be_focused()


def test_a_table_is_inserted_grows_and_merges_its_cells(screen):
    screen.use("Insérer un tableau")
    screen.page.keyboard.type("Lot")
    screen.press("Tab")
    screen.page.keyboard.type("Prix")
    screen.tool("Ajouter une ligne dessous").click()
    screen.tool("Ajouter une colonne à droite").click()
    expect(screen.editor.locator("tr")).to_have_count(4)
    expect(screen.editor.locator("tr").first.locator("th")).to_have_count(4)
    cells = screen.editor.locator("td")
    cells.nth(0).click()
    cells.nth(1).click(modifiers=["Shift"])
    screen.tool("Fusionner ou scinder").click()
    expect(screen.editor.locator('td[colspan="2"]')).to_have_count(1)
    screen.expect_typed('.*<p>Lot</p>.*<p>Prix</p>.*colspan="2".*')


def test_tab_in_the_last_cell_adds_a_row(screen):
    screen.use("Insérer un tableau")
    screen.press(*["Tab"] * 9)
    expect(screen.editor.locator("tr")).to_have_count(4)
    expect(screen.editor).to_be_focused()


def test_a_photo_that_is_pasted_is_shrunk(screen):
    screen.paste(image=a_picture(2400, 1200))
    image = screen.editor.locator("img")
    expect(image).to_have_attribute("src", re.compile("^data:image/jpeg;base64,"))
    assert image.evaluate("image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])") == [
        1600,
        800,
    ]
    screen.expect_typed('.*<img [^>]*src="data:image/jpeg;base64,[^>]*>.*')


def test_small_images_from_files_are_kept_as_they_are_and_side_by_side(screen):
    files = [{"name": f"plan{n}.png", "mimeType": "image/png", "buffer": a_picture(40, 20 + n)} for n in (1, 2)]
    screen.frame.locator("input[type=file]").set_input_files(files)
    images = screen.editor.locator("img")
    expect(images).to_have_count(2)
    for image, file in zip(images.all(), files, strict=True):
        expect(image).to_have_attribute("src", f"data:image/png;base64,{base64.b64encode(file['buffer']).decode()}")
    expect(images.first).to_have_attribute("alt", "plan1.png")


STORED = '<img src="attachment:12" alt="plan" width="\\d+"( height="\\d+")?>'
WIDTH = "image => image.decode().then(() => image.naturalWidth)"


def test_a_stored_image_is_seen_resized_copied_and_read_under_the_name_that_the_text_keeps(open_at):
    screen = open_at("/?text=3")
    asked: list[str] = []
    screen.page.on("request", lambda request: asked.append(request.url) if "attachment" in request.url else None)
    image = screen.editor.locator("img")
    expect(image).to_have_attribute("src", "/files/12")
    assert image.evaluate(WIDTH) == 200
    image.click()
    corner = screen.editor.locator('[data-resize-handle="bottom-right"]').bounding_box()
    assert corner
    screen.page.mouse.move(corner["x"] + 2, corner["y"] + 2)
    screen.page.mouse.down()
    screen.page.mouse.move(corner["x"] + 62, corner["y"] + 32, steps=3)
    screen.page.mouse.up()
    screen.expect_typed(f"<p>Plan du site :</p>{STORED}<p>Fin</p>")
    expect(image).to_have_attribute("src", "/files/12")

    screen.editor.get_by_text("Fin").click()  # keys that follow too soon would replace the image, still selected
    expect(screen.editor.locator(".ProseMirror-selectednode")).to_have_count(0)
    screen.write(" !")
    screen.paste(html=f'<p>copiée</p><img src="{screen.page.url.partition("?")[0]}files/12" alt="plan" width="80">')
    expect(screen.editor.locator("img")).to_have_count(2)
    screen.expect_typed(f".*{STORED}<p>Fin !copiée</p>{STORED}(<p></p>)?")
    screen.click("Enregistrer")
    read = screen.page.locator('[class*="st-key-shown_text_"] img')
    expect(read).to_have_count(2)
    assert read.first.evaluate(WIDTH) == 200
    assert not asked
    expect(screen.message).to_be_empty()


def test_a_file_that_is_no_image_is_refused_in_words(screen):
    fake = {"name": "faux.png", "mimeType": "image/png", "buffer": b"not a picture"}
    screen.frame.locator("input[type=file]").set_input_files([fake])
    expect(screen.message).to_have_text("Cette image ne peut pas être lue : faux.png")


def test_a_paste_that_would_make_the_text_too_heavy_is_refused_in_words_and_the_text_kept(screen):
    screen.editor.evaluate(
        """(editor, paste) => {
            const html = '<img src="data:image/png;base64,' + "A".repeat(8_100_000) + '">';
            const transfer = new DataTransfer();
            transfer.setData("text/html", html);
            editor.focus();
            const how = {clipboardData: transfer, bubbles: true, cancelable: true};
            editor.dispatchEvent(new ClipboardEvent("paste", how));
        }"""
    )
    expect(screen.message).to_have_text("Rien n’a été collé : le texte dépasserait 8 Mo.")
    screen.write(" gardé")
    screen.expect_typed("<p>Premier texte gardé</p>")


WORD_LIST = (
    "<p class=MsoNormal>Vu :</p>"
    "<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·  </span>prix</p>"
    "<p class=MsoListParagraph style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>o  </span>remise</p>"
    "<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·  </span>délai</p>"
)
EXCEL_TABLE = (
    "<html><body><table><colgroup><col width=80><col width=64></colgroup>"
    "<tr><td colspan=2>Offre</td></tr><tr><td>Copieurs</td><td align=right>1 200</td></tr></table></body></html>"
)


def test_a_list_from_word_becomes_a_list(screen):
    screen.erase()
    screen.paste(html=WORD_LIST)
    items = "<ul><li><p>prix</p><ul><li><p>remise</p></li></ul></li><li><p>délai</p></li></ul>"
    screen.expect_typed(f"<p>Vu :</p>{items}(<p></p>)?")


def test_cells_from_excel_become_a_table_not_the_picture_that_excel_adds(screen):
    screen.paste(html=EXCEL_TABLE, image=a_picture(20, 20))
    expect(screen.editor.locator("td")).to_have_count(3)
    expect(screen.editor.locator('[colspan="2"]')).to_have_text("Offre")
    expect(screen.editor.locator("img")).to_have_count(0)


def test_a_hostile_paste_runs_nothing_calls_nobody_and_leaves_the_words(screen):
    called: list[str] = []
    screen.page.on("request", lambda request: called.append(request.url) if "evil.example" in request.url else None)
    screen.erase()
    screen.paste(
        html="<p>bon<script>window.pwned=1</script><img src='https://evil.example/p.png' onerror='window.pwned=1'>jour "
        "<a href='javascript:window.pwned=1'>ici</a><iframe src='https://evil.example'></iframe>"
        "<svg onload='window.pwned=1'></svg></p>"
    )
    screen.expect_typed("<p>bonjour ici</p>")
    expect(screen.message).to_contain_text("Certaines images n’ont pas suivi")
    assert screen.page.evaluate("window.pwned") is None
    assert not called


def test_the_enlarged_editor_fills_the_window_above_a_dialog_and_escape_brings_it_back(open_at):
    screen = open_at("/dialog")
    screen.click("Ouvrir le dialogue")
    screen.write(" avant")
    screen.tool("Agrandir").click()
    box = screen.frame.bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 1280, 900)
    screen.page.keyboard.type(" pendant")
    screen.press("Escape")
    expect(screen.tool("Agrandir")).to_have_attribute("aria-pressed", "false")
    expect(screen.page.get_by_role("dialog")).to_be_visible()
    screen.page.keyboard.type(" après")
    screen.expect_typed("<p>Premier texte avant pendant après</p>")


def test_the_editor_takes_the_focus_where_one_comes_to_write(open_at):
    screen = open_at("/dialog")
    screen.click("Ouvrir le dialogue")
    expect(screen.editor).to_be_focused()


def test_f2_saves_with_the_last_words_while_the_focus_is_in_the_editor(screen):
    screen.write(" et fin")
    screen.press("F2")
    screen.expect_saved("<p>Premier texte et fin</p>")


def test_a_click_on_save_right_after_typing_loses_nothing(screen):
    screen.write(" et clic")
    screen.click("Enregistrer")
    screen.expect_saved("<p>Premier texte et clic</p>")


def test_f2_in_a_dialog_presses_the_dialogs_button_not_the_one_behind(open_at):
    screen = open_at("/dialog")
    screen.click("Ouvrir le dialogue")
    screen.write(" du dialogue")
    screen.press("F2")
    screen.expect_saved("<p>Premier texte du dialogue</p>")


def test_f2_in_a_form_sends_the_field_and_the_editor(open_at):
    screen = open_at("/form")
    screen.write(" du formulaire")
    screen.page.get_by_label("Objet").fill("Visite")
    screen.press("F2")
    screen.expect_saved("Visite: <p>Premier texte du formulaire</p>")


def test_a_typed_text_survives_a_change_of_the_page_above(screen):
    screen.write(" gardé")
    screen.switch("Avertir")
    expect(screen.page.get_by_text("Un message au-dessus de l’éditeur")).to_be_visible()
    expect(screen.editor).to_have_text("Premier texte gardé")
    screen.write(" encore")
    screen.expect_typed("<p>Premier texte gardé encore</p>")


def test_one_goes_on_typing_while_a_message_appears_above(screen):
    screen.write(" avertis")
    expect(screen.page.get_by_text("Message pendant la frappe")).to_be_visible()
    # Streamlit builds the editor again; the caret is back in it at once, but a key pressed in those milliseconds is
    # lost: our pages reserve a place for their messages, so that nothing is ever inserted above an editor.
    expect(screen.editor).to_be_focused()
    screen.expect_typed("<p>Premier texte avertis</p>")
    screen.page.keyboard.type(" encore")
    screen.expect_typed("<p>Premier texte avertis encore</p>")


def test_another_text_is_loaded_when_python_says_so_and_undo_never_brings_back_the_first(screen):
    screen.write(" modifié")
    screen.click("Texte suivant")
    expect(screen.editor.locator("h2")).to_have_text("Visite du 24/11")
    expect(screen.editor).not_to_contain_text("Premier")
    expect(screen.tool("Annuler (Ctrl+Z)")).to_be_disabled()
    screen.editor.focus()
    screen.press("Control+Z")
    expect(screen.editor.locator("h2")).to_have_text("Visite du 24/11")
    screen.click("Texte suivant")
    expect(screen.editor.locator("p[data-placeholder]")).to_have_attribute(
        "data-placeholder", "Ce qui s’est dit, ce qui est décidé…"
    )


def test_a_text_that_may_only_be_read_can_not_be_typed_in(screen):
    screen.switch("Lecture seule")
    expect(screen.editor).to_have_attribute("contenteditable", "false")
    expect(screen.tool("Gras")).to_be_hidden()
    expect(screen.tool("Agrandir")).to_be_visible()


def test_tab_reaches_the_toolbar_once_arrows_move_in_it_and_escape_goes_back_to_the_text(screen):
    screen.editor.focus()
    screen.press("Shift+Tab")
    expect(screen.frame.get_by_label("Style de paragraphe")).to_be_focused()
    screen.press("ArrowRight", "ArrowRight")
    expect(screen.tool("Italique")).to_be_focused()
    screen.press("End")
    expect(screen.tool("Agrandir")).to_be_focused()
    screen.press("Shift+Tab")
    expect(screen.page.get_by_role("button", name="Texte suivant")).to_be_focused()
    screen.press("Tab", "Escape")
    expect(screen.editor).to_be_focused()


def test_light_turns_to_dark_at_once_and_the_text_stays(open_at):
    screen = open_at("/", color_scheme="light")
    screen.write(" clair")
    paper = "getComputedStyle(document.querySelector('.relais-rich-text .frame')).backgroundColor"
    light = screen.page.evaluate(paper)
    screen.page.emulate_media(color_scheme="dark")
    screen.page.wait_for_function(f"light => {paper} !== light", arg=light)
    expect(screen.editor).to_have_text("Premier texte clair")


def test_a_saved_text_is_shown_with_the_borders_of_its_table(screen):
    screen.click("Texte suivant")
    expect(screen.editor.locator("table")).to_be_visible()
    screen.click("Enregistrer")
    shown = screen.page.locator(".st-key-shown_text_saved")
    expect(shown.locator("td").first).to_have_css("border-top-style", "solid")
    expect(shown.get_by_role("link", name="direction")).to_have_attribute("target", "_blank")
