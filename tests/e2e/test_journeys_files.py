"""A journey through the documents of an action: given in three ways, looked at, downloaded, removed (R29)."""

from __future__ import annotations

import base64
import io
import re
import zipfile

from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.e2e.screens import (
    create_action,
    edit,
    editor,
    expect_said,
    fr,
    open_row_menu,
    press,
    row,
    rows,
    save,
    wait_idle,
    write,
)

GIVE = """(target, {way, name, type, data}) => {
    const transfer = new DataTransfer();
    const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
    transfer.items.add(new File([bytes], name, {type}));
    const options = {bubbles: true, cancelable: true};
    if (way === "paste") target.dispatchEvent(new ClipboardEvent("paste", {clipboardData: transfer, ...options}));
    else for (const step of ["dragover", "drop"])
        target.dispatchEvent(new DragEvent(step, {dataTransfer: transfer, ...options}));
}"""
PASTED = {"way": "paste", "name": "image.png", "type": "image/png"}
PAGES = [Image.new("RGB", (210, 297), colour) for colour in ("white", "teal")]


def a_pdf() -> bytes:
    """Of two pages."""
    out = io.BytesIO()
    PAGES[0].save(out, "PDF", save_all=True, append_images=PAGES[1:])
    return out.getvalue()


def a_picture() -> bytes:
    out = io.BytesIO()
    PAGES[1].save(out, "PNG")
    return out.getvalue()


def choose_files(page: Page, **files: bytes) -> None:
    """By the button; in a name, `_` stands for the dot of the extension."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=fr("Choose files")).click()
    found = [{"name": name.replace("_", "."), "mimeType": "", "buffer": data} for name, data in files.items()]
    chooser.value.set_files(found)


def give(page: Page, way: str, name: str, kind: str, data: bytes) -> None:
    """`drop` on the zone, or `paste` while nothing is being typed."""
    given = {"way": way, "name": name, "type": kind, "data": base64.b64encode(data).decode()}
    page.locator("body" if way == "paste" else ".relais-uploader .zone").evaluate(GIVE, given)


def line(page: Page, name: str) -> Locator:
    """Of a file on its way."""
    return page.locator(".relais-uploader li").filter(has_text=name)


def expect_count(page: Page, count: int) -> None:
    """On the tab and on the button at the top, once the list has as many rows."""
    expect(page.get_by_role("radio", name=f"{fr('Documents')} {count}")).to_be_checked()
    expect(page.get_by_role("button", name=fr("Documents ({count})", count=count))).to_be_visible()
    expect(rows(page).filter(has=page.locator("a[download]"))).to_have_count(count)
    wait_idle(page)


def lose_the_connection(page: Page) -> None:
    """A file that is cut off says so, and goes by a second click, once."""
    page.route("**/files/upload*", lambda route: route.abort(), times=1)
    choose_files(page, plan_txt=b"Acces par la cour")
    cut = line(page, "plan.txt")
    expect(cut).to_contain_text(fr("The connection was lost."))
    cut.get_by_role("button", name=fr("Try again")).click()
    expect(cut).to_contain_text(fr("added"))


def type_in_a_field(page: Page) -> None:
    """What is pasted into a field is its own, and nothing is given from behind a dialog."""
    press(page, fr("Attach one of the client's documents"))
    searched = page.get_by_role("searchbox", name=fr("Name of the document"))
    searched.focus()
    before = line(page, "").count()
    searched.evaluate(GIVE, {**PASTED, "data": ""})
    assert line(page, "").count() == before
    page.get_by_role("dialog").get_by_role("button", name=fr("Close"), exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    wait_idle(page)


def keep_an_image_in_the_text(page: Page) -> None:
    """Pasted into the detail, stored by itself, and still there after the text was opened and saved again."""
    page.get_by_role("radio", name=fr("Action"), exact=True).click()
    stored = page.locator('[class*="st-key-shown_text_"] img')
    for _time in range(2):
        edit(page)
        if not editor(page).locator("img").count():
            editor(page).evaluate(GIVE, {**PASTED, "data": base64.b64encode(a_picture()).decode()})
            expect(editor(page).locator("img")).to_have_attribute("src", re.compile("^data:"))
        write(page, " !")
        save(page)
        expect(stored).to_have_attribute("src", re.compile(r"^/files/\d+$"))
        assert stored.evaluate("image => image.decode().then(() => image.naturalHeight)") == 297


def test_files_are_given_in_three_ways_looked_at_downloaded_and_removed(app, enter):
    nadia = enter(app, "televente")
    create_action(nadia, client="Hôtel des Terrasses", nature="Appel", detail="Envoyer le contrat")
    nadia.get_by_role("radio", name=fr("Documents")).click()
    expect_said(nadia, fr("No document yet: drop a file above."))

    contract = a_pdf()
    choose_files(nadia, contrat_pdf=contract, faux_pdf=b"MZ no PDF", virus_exe=b"MZ")
    expect(line(nadia, "faux.pdf")).to_contain_text("Ce fichier n’est pas ce que dit son nom")  # says the server
    expect(line(nadia, "virus.exe")).to_contain_text(".exe")  # says the browser
    give(nadia, "drop", "photo.png", "image/png", a_picture())
    expect_count(nadia, 2)
    give(nadia, "paste", "image.png", "image/png", a_picture())
    expect_count(nadia, 3)
    lose_the_connection(nadia)
    expect_count(nadia, 4)
    line(nadia, "faux.pdf").get_by_role("button").click()
    expect(line(nadia, "faux.pdf")).to_have_count(0)
    type_in_a_field(nadia)

    row(nadia, "contrat.pdf").locator(".open").click()
    dialog = nadia.get_by_role("dialog")
    picture = dialog.locator("img")
    assert picture.evaluate("image => image.decode().then(() => image.naturalHeight)") == 1100
    dialog.get_by_role("button", name="2").click()
    expect(picture).to_have_attribute("src", re.compile("page=2"))
    nadia.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    wait_idle(nadia)
    with nadia.expect_download() as download:
        row(nadia, "contrat.pdf").locator("a[download]").click()
    assert download.value.suggested_filename == "contrat.pdf"
    assert download.value.path().read_bytes() == contract

    press(nadia, fr("Documents ({count})", count=4))
    all_of_them = nadia.get_by_test_id("stPopoverBody").get_by_role("link", name=fr("Download all"))
    answer = nadia.request.get(app.url + str(all_of_them.get_attribute("href")))
    assert {"contrat.pdf", "photo.png", "plan.txt"} < set(zipfile.ZipFile(io.BytesIO(answer.body())).namelist())
    nadia.keyboard.press("Escape")

    open_row_menu(nadia, "photo.png").filter(has_text=fr("Remove")).click()
    dialog.get_by_role("button", name=fr("Remove"), exact=True).click()
    expect_said(nadia, fr("{name} is removed.", name="photo.png"))
    expect_count(nadia, 3)

    keep_an_image_in_the_text(nadia)
    expect(nadia.get_by_role("radio", name=f"{fr('Documents')} 3")).to_be_visible()  # it isn't one of the documents
