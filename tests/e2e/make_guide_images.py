"""The pictures of docs/guide.fr.md, taken from the real app on demo data: `make guide`."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from lib.cli import DEMO_PASSWORD
from lib.demo.clients import STORY_DONE, STORY_TO_PLAY
from tests.e2e.conftest import ACTION_LIMIT_MS, CHROMIUM, CHROMIUM_ARGS, ROOT, Relais
from tests.e2e.planning_board import PlanningBoard
from tests.e2e.screens import (
    decide,
    edit,
    expect_title,
    find_client,
    fr,
    hover_card,
    in_dialog,
    numbers,
    open_client,
    open_row,
    open_row_menu,
    open_screen,
    opened_deal,
    press,
    retype,
    row,
    rows,
    save,
    search,
    show_tab,
    sign_in,
    start_action,
    start_report,
    sub_action_id,
    wait_idle,
    write,
)

IMAGES = ROOT / "docs" / "images"
WIDTH, HEIGHT = 1280, 800
COLOURS = 256
MAX_BYTES = 100_000


def main() -> None:
    """Fill a database with demo data, serve it, and take every picture."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="relais-guide-"))
    app = Relais(folder)
    app.fill()
    app.start()
    try:
        with sync_playwright() as playwright:
            path = None if CHROMIUM == "playwright" else CHROMIUM
            browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
            _take_all(lambda account: _opened(browser, app.url, account))
    finally:
        app.kill()
        shutil.rmtree(folder)


def _opened(browser: Browser, address: str, account: str = "") -> Page:
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, locale="fr-FR", timezone_id="Europe/Paris"
    )
    context.set_default_timeout(ACTION_LIMIT_MS)
    page = context.new_page()
    if account:
        sign_in(page, address, email=f"{account}@relais.example", password=DEMO_PASSWORD)
    else:
        page.goto(f"{address}/sign-in")
    return page


def _take_all(opened: Callable[[str], Page]) -> None:
    visitor = opened("")
    visitor.get_by_label(fr("E-mail")).fill("televente@relais.example")
    take(visitor, "connexion")
    nadia = opened("televente")
    expect(rows(nadia).first).to_be_visible()
    take(nadia, "ma-journee")
    _lists(nadia)
    _create(nadia)
    sub_id = _report(nadia)
    _conflict(nadia, opened("manager"), sub_id)
    _plannings(opened("commercial"), opened("manager"))
    _steering(opened("manager"))
    _deals(opened("manager"))
    _service_report(opened("commercial"))
    _messages(opened("commercial"))
    _client(opened("manager"))
    admin = opened("admin")
    open_screen(admin, fr("General parameters"))
    take(admin, "parametres")


def _client(manager: Page) -> None:
    """Everything about the client whose story is told."""
    open_client(manager, STORY_DONE, STORY_DONE)
    manager.get_by_role("radio", name=re.compile(fr("Done actions"))).click()
    expect(rows(manager).filter(has_text="A0").first).to_be_visible()
    wait_idle(manager)
    manager.mouse.move(0, 0)
    take(manager, "synthese-client")


def _lists(nadia: Page) -> None:
    open_screen(nadia, fr("Actions"))
    show_tab(nadia, fr("Done actions"))
    expect(hover_card(nadia, numbers(nadia)[0], fr("Report"))).to_be_visible()
    take(nadia, "liste")


def _create(nadia: Page) -> None:
    start_action(nadia, client=STORY_DONE, nature="Appel")
    write(nadia, "Vérifier que la plaquette a bien été reçue et proposer une date de visite.")
    take(nadia, "nouvelle-action")
    press(nadia, fr("Give up"))


def _report(nadia: Page) -> int:
    """The report of the first call, then the file of what follows; returns its id."""
    find_client(nadia, STORY_TO_PLAY)
    open_row(nadia, numbers(nadia)[0])
    start_report(nadia)
    result = nadia.get_by_role("radiogroup", name=fr("Result"))
    result.get_by_text("Intéressé", exact=True).click()
    write(nadia, "Gérante jointe. Elle change de prestataire au printemps : envoyer la plaquette aujourd’hui.")
    decide(nadia, "Envoi de document")
    expect(nadia.get_by_label(fr("Detail of the next action"))).to_be_visible()
    nadia.set_viewport_size({"width": WIDTH, "height": 1130})
    take(nadia, "compte-rendu")
    nadia.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    save(nadia)
    expect(rows(nadia)).to_have_count(2)
    nadia.get_by_test_id("stToast").first.wait_for(state="hidden")
    open_row_menu(nadia, "02")
    take(nadia, "fiche")
    nadia.get_by_role("menuitem").filter(has_text=fr("Cancel this action")).click()
    reason = in_dialog(nadia).get_by_label(fr("Why is it cancelled? *"))
    reason.fill("Plaquette remise en main propre par Camille")
    take(nadia, "annuler")
    press(nadia, fr("Back"))
    expect(in_dialog(nadia)).to_have_count(0)
    _documents(nadia)
    return sub_action_id(nadia)


def _documents(nadia: Page) -> None:
    """On the file of an action: three files, one of them not taken, and the menu of a row."""
    nadia.get_by_role("radio", name=fr("Documents")).click()
    pages = [Image.new("RGB", (420, 594), "white") for _number in range(2)]
    contract, photo = io.BytesIO(), io.BytesIO()
    pages[0].save(contract, "PDF", save_all=True, append_images=pages[1:])
    Image.effect_noise((640, 480), 60).save(photo, "PNG")
    nadia.locator(".relais-uploader input[type=file]").set_input_files([
        {"name": "Contrat d’entretien.pdf", "mimeType": "application/pdf", "buffer": contract.getvalue()},
        {"name": "Local technique.png", "mimeType": "image/png", "buffer": photo.getvalue()},
        {"name": "Ancien tarif.pdf", "mimeType": "application/pdf", "buffer": b"?"},
    ])  # fmt: skip
    expect(row(nadia, "Contrat d’entretien.pdf")).to_be_visible()
    expect(row(nadia, "Local technique.png")).to_be_visible()
    expect(nadia.locator(".relais-uploader li")).to_have_count(1)  # the refused one stays until it is read
    open_row_menu(nadia, "Local technique.png")
    take(nadia, "pieces-jointes")
    nadia.keyboard.press("Escape")
    nadia.get_by_role("radio", name=fr("Action"), exact=True).click()
    wait_idle(nadia)


def _conflict(nadia: Page, manager: Page, sub_id: int) -> None:
    manager.goto(f"{manager.url.rpartition('/')[0]}/action?sub={sub_id}")
    for page in (manager, nadia):
        edit(page)
    retype(nadia, fr("Duration (H.M)"), "0:20")
    save(nadia)
    expect(nadia.get_by_role("button", name=fr("Edit"), exact=True)).to_be_visible()
    retype(manager, fr("Duration (H.M)"), "0:45")
    save(manager)
    expect(manager.get_by_test_id("stTable")).to_be_in_viewport()
    take(manager, "conflit")


def _plannings(camille: Page, manager: Page) -> None:
    """One person's week with a question and a panel, the lanes, the absences."""
    camille.set_viewport_size({"width": WIDTH, "height": 900})
    open_screen(camille, fr("Detailed planning"))
    camille.get_by_role("button", name=fr("Next period")).click()
    camille.get_by_role("button", name=fr("Next period")).click()
    board = PlanningBoard(camille)
    tray = [str(item.get_attribute("data-id")) for item in board.tray.locator(".tray-item").all()]
    first, second = tray[-1], tray[-2]
    board.drag(board.tray_item(first), board.slot(day=2, at="10:00"))
    board.expect_settled()
    board.drag(board.tray_item(second), board.slot(day=2, at="10:00"))
    expect(camille.get_by_role("dialog")).to_be_visible()
    take(camille, "double-reservation")
    camille.get_by_role("dialog").get_by_role("button").filter(has_text=fr("Put it back where it was")).click()
    expect(camille.get_by_role("dialog")).to_have_count(0)
    board.item(first).click()
    expect(camille.locator(".st-key-planning-panel")).to_be_visible()
    take(camille, "planning")
    open_screen(manager, fr("Team planning"))
    expect(PlanningBoard(manager).lanes.first).to_be_visible()
    take(manager, "planning-multi")
    open_screen(manager, fr("Absences"))
    take(manager, "absences")


def _service_report(camille: Page) -> None:
    """One that an action was born from: the first in her list that says so."""
    open_screen(camille, fr("Actions"))
    camille.get_by_placeholder(fr("Number, client, words")).fill("suite crit")
    camille.keyboard.press("Enter")
    expect(camille).to_have_url(re.compile("l_text=suite"))
    wait_idle(camille)
    open_row(camille, numbers(camille)[0])
    camille.get_by_role("link").filter(has_text=re.compile(r"CRIT\d{6}")).click()
    expect(camille.get_by_role("heading", level=1)).to_contain_text("CRIT")
    expect(rows(camille).first).to_be_visible()
    take(camille, "crit")


def _messages(camille: Page) -> None:
    """The messages of an action with one of them open, then one that waits to be attached."""
    open_screen(camille, fr("Actions"))
    show_tab(camille, fr("All"))
    search(camille, STORY_DONE)
    open_row(camille, numbers(camille)[0])
    camille.get_by_role("radio", name=re.compile(fr("Exchanges"))).click()
    expect(camille.get_by_role("button", name=fr("Record a received message"))).to_be_visible()
    wait_idle(camille)
    rows(camille).filter(has_text=fr("Received by e-mail")).first.locator(".open").click()
    expect(camille.locator(".st-key-exchange-panel")).to_be_visible()
    camille.mouse.move(0, 0)
    camille.set_viewport_size({"width": WIDTH, "height": 900})
    take(camille, "echanges")
    camille.get_by_test_id("stSidebarNav").get_by_role("link", name=fr("To attach")).click()
    expect_title(camille, fr("To attach"))
    rows(camille).first.locator(".open").click()
    expect(camille.get_by_role("button", name=fr("Close"))).to_be_visible()
    camille.mouse.move(0, 0)
    take(camille, "a-rattacher")


def _steering(manager: Page) -> None:
    open_screen(manager, fr("Workload"))
    expect(manager.locator("canvas, [data-testid=stVegaLiteChart]").first).to_be_visible()
    take(manager, "charge")
    open_screen(manager, fr("Assignments"))
    manager.get_by_role("radio", name=fr("Somebody who leaves or is away")).click()
    wait_idle(manager)
    manager.get_by_role("combobox", name=fr("Whose actions?")).click()
    manager.get_by_role("option", name="Camille Roussel", exact=True).click()
    wait_idle(manager)
    manager.get_by_role("button").filter(has_text=fr("Leave")).first.click()
    wait_idle(manager)
    manager.get_by_role("radio", name=fr("Several, by the hours they have left")).click()
    wait_idle(manager)
    for name in ("Philippe Garnier", "Thomas Vidal"):
        chosen = manager.get_by_test_id("stMultiSelect").filter(has_text=name)
        if not chosen.count():
            manager.get_by_role("combobox", name=fr("Salespeople")).click()
            manager.get_by_role("option", name=name, exact=True).click()
            expect(chosen).to_be_visible()
    manager.keyboard.press("Escape")
    press(manager, fr("Preview"))
    expect(manager.get_by_text(fr("Load before and after"))).to_be_visible()
    manager.set_viewport_size({"width": WIDTH, "height": 1130})
    take(manager, "affectations")


def _deals(manager: Page) -> None:
    open_screen(manager, fr("Deals"))
    expect(rows(manager).first).to_be_visible()
    take(manager, "affaires")
    mine = row(manager, "Camille Roussel").first
    mine.locator(".open").click()
    opened_deal(manager)
    take(manager, "affaire")


def take(page: Page, name: str) -> None:
    """One picture, its colours reduced so that the whole guide stays light."""
    wait_idle(page) if page.get_by_test_id("stApp").count() else None
    page.wait_for_timeout(600)  # charts and pictures of letters come after the script
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    file = IMAGES / f"{name}.png"
    image.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(file, optimize=True)
    size = file.stat().st_size
    if size > MAX_BYTES:
        raise SystemExit(f"{file.name} is too heavy: {size} bytes.")
    print(f"{file.relative_to(ROOT)}: {size // 1000} kB")


if __name__ == "__main__":
    main()
