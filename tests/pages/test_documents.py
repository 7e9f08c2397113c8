"""Documents on the file of an action: given, listed, looked at, removed, attached; by role, refused in a sentence."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from lib.domain.documents import add_document, documents_of
from lib.domain.holders import Entity
from lib.domain.rights import Operation
from lib.gateways.files import Files
from lib.ui import session
from tests.builders import a_context, a_key, an_action, remove_right, stored_state, the_chain
from tests.pages.screens import Screens, assert_says, choose, click
from tests.pages.streamlit_events import data_of, fire, run_fragment, send_state
from tests.some_files import PDF, a_file, an_image, some_files

LONG = "Un nom qui n'en finit pas " * 7 + "!.pdf"


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    found = some_files(tmp_path)
    monkeypatch.setattr(session, "files", lambda: found)
    return found


@pytest.fixture
def documents(screen, world, files) -> Documents:
    return Documents(screen, world, files)


class Documents:
    """The tab of a new action of `sales`."""

    def __init__(self, screen: Screens, world, files: Files) -> None:
        self.screen, self.world, self.files = screen, world, files
        self.sub = an_action(world)
        self.action = the_chain(world, self.sub).action.id
        self.key = f"documents.action.{self.action}"

    def add(self, name: str = "devis.pdf", data: bytes = PDF, *, who: str = "sales", entity: str = "action",
            entity_id: int = 0) -> int:  # fmt: skip
        """As the route does."""
        file = a_file(self.files, name, data)
        ctx = a_context(self.world, who)
        entity_id = entity_id or self.action
        return add_document(ctx, entity=entity, entity_id=entity_id, file=file, request_key=a_key())

    def open(self, who: str = "sales", tab: str = "documents"):
        return self.screen(who, "action", sub=self.sub, tab=tab)

    def rows(self) -> dict[str, list[str]]:
        """The choices of each row's menu, by name."""
        rows = data_of(self.screen.at, f"{self.key}.table")["rows"]
        return {row["cells"][0]["text"]: row["menu"] for row in rows}

    def do(self, choice: str, document_id: int):
        return fire(self.screen.at, f"{self.key}.table", "menu", {"row": str(document_id), "choice": choice})

    def names(self) -> list[str]:
        found = documents_of(a_context(self.world, "admin"), entity="action", entity_id=self.action)
        return [each.document.name for each in found.documents]


def test_the_limits_are_shown_before_a_file_is_chosen_and_an_empty_tab_says_what_to_do(documents):
    at = documents.open()
    zone = data_of(at, f"{documents.key}.files")
    assert zone["address"] == f"/files/upload?entity=action&entity_id={documents.action}"
    assert zone["limits"].startswith("5 MB a file. pdf, docx")
    assert zone["extensions"][0] == "pdf"
    assert (zone["fileMaxBytes"], zone["roomBytes"]) == (5_000_000, None)
    assert data_of(at, f"{documents.key}.table")["labels"]["empty"] == "No document yet: drop a file above."
    assert at.get("link_button") == []


def test_a_file_that_has_arrived_is_listed_and_counted_on_the_tab_and_the_button(documents):
    at = documents.open()
    documents.add(LONG)
    documents.add("photo.png", an_image())
    send_state(at, f"{documents.key}.files", {"done": {"turn": 1}})
    assert list(documents.rows()) == ["photo.png", LONG]
    assert "Documents (2)" in [each.proto.popover.label for each in at.get("popover")]
    assert "Documents 2" in at.button_group("card.tab").options
    (zip_link,) = at.get("link_button")
    assert zip_link.proto.url == f"/files/zip/action/{documents.action}"


def test_a_row_tells_who_gave_it_when_and_downloads_it_by_the_route(documents):
    document = documents.add()
    documents.open("colleague")
    (row,) = data_of(documents.screen.at, f"{documents.key}.table")["rows"]
    name, size, by, at, download = row["cells"]
    assert (name["text"], size, by, at["text"]) == ("devis.pdf", "1 kB", "Sales", "today 10:30")
    assert (download["href"], download["label"]) == (f"/files/{document}", "Download devis.pdf")


@pytest.mark.parametrize(
    ("who", "may_add", "menu"),
    [
        ("sales", True, ["preview", "remove"]),
        ("colleague", True, ["preview"]),
        ("manager", True, ["preview", "remove"]),
        ("reader", False, ["preview"]),
    ],
)
def test_each_role_finds_what_it_may_do_and_why_not(documents, who, may_add, menu):
    documents.add()
    at = documents.open(who)
    assert documents.rows() == {"devis.pdf": menu}
    assert bool([each for each in at.get("bidi_component") if each.key == f"{documents.key}.files"]) == may_add
    assert at.button(f"{documents.key}.attach").disabled != may_add
    if not may_add:
        assert_says(at, "Your profile doesn't add documents here.")


def test_a_document_is_removed_after_the_question(documents):
    document = documents.add()
    documents.open()
    at = documents.do("remove", document)
    assert_says(at, "It stays wherever else it is attached.")
    at.button("documents.dialog.remove").click()
    run_fragment(at)
    assert documents.names() == []
    assert_says(at, "devis.pdf is removed.")
    assert documents.rows() == {}


def test_a_right_taken_away_while_the_question_is_open_counts_and_a_forged_choice_too(documents, world):
    document = documents.add()
    documents.open()
    at = documents.do("remove", document)
    remove_right(world, "sales", Operation.DELETE_DOCUMENTS)
    before = stored_state(world.db)
    at.button("documents.dialog.remove").click()
    run_fragment(at)
    assert_says(at, "Your profile doesn't remove this document.")
    assert stored_state(world.db) == before
    documents.open("colleague")
    at = documents.do("remove", document)
    at.button("documents.dialog.remove").click()
    run_fragment(at)
    assert_says(at, "Your profile doesn't remove this document.")
    assert stored_state(world.db) == before


@pytest.mark.parametrize("row", ["0", "999", "x", "-1", "99999999999999"])
def test_a_forged_row_opens_nothing(documents, row):
    documents.add()
    documents.open()
    at = documents.do("preview", row)
    assert not at.exception
    assert at.get("dialog") == []


def test_a_text_is_read_a_picture_is_shown_by_the_route_and_the_rest_says_so(documents):
    text = documents.add("notes.txt", "Accès par la cour".encode())
    picture = documents.add("photo.png", an_image())
    other = documents.add("vieux.rtf", b"{\\rtf1 x}")
    documents.open("reader")
    at = documents.do("preview", text)
    assert at.code[0].value == "Accès par la cour"
    assert_says(documents.do("preview", picture), f"/files/{picture}/preview?page=1&side=1100")
    assert_says(documents.do("preview", other), "There is no preview of this document: download it.")


def test_a_content_that_is_missing_is_told(documents, files):
    document = documents.add("notes.txt", b"perdu")
    files.blobs.delete(a_file(files, "notes.txt", b"perdu").sha256, stored_before=datetime.max.replace(tzinfo=UTC))
    documents.open()
    assert_says(documents.do("preview", document), "The content of this file is missing on the server")


def test_what_the_client_has_is_found_by_its_name_and_attached(documents, world):
    for name in ("Contrat_2025.pdf", "Été.pdf"):
        documents.add(name, entity=Entity.CLIENT, entity_id=world.dupont)
    at = documents.open()
    click(at, f"{documents.key}.attach")
    offered = [each.label for each in at.button if str(each.key).startswith("documents.dialog.attach.")]
    assert [label.partition(" (")[0].replace("\\", "") for label in offered] == ["Été.pdf", "Contrat_2025.pdf"]
    choose(at, "documents.dialog.text", "ete")
    run_fragment(at)
    (found,) = [each for each in at.button if str(each.key).startswith("documents.dialog.attach.")]
    found.click()
    run_fragment(at)
    assert documents.names() == ["Été.pdf"]
    assert_says(at, "No other document of this client matches.")
    at.button("documents.dialog.close").click()
    run_fragment(at)
    assert documents.rows() == {"Été.pdf": ["preview", "remove"]}


def test_the_dialog_is_forgotten_on_another_page(documents):
    document = documents.add()
    documents.open()
    documents.do("preview", document)
    documents.screen.go("actions")
    at = documents.screen.go("action", sub=documents.sub, tab="documents")
    assert at.get("dialog") == []


def test_the_button_at_the_top_downloads_one_or_all_and_leads_to_the_tab(documents):
    document = documents.add()
    documents.add("photo.png", an_image())
    at = documents.open(tab="action")
    assert not [each for each in at.get("bidi_component") if each.key == "documents.button.table"]
    choose(at, "documents.button", True).run()
    rows = data_of(at, "documents.button.table")["rows"]
    assert rows[1]["cells"][0]["href"] == f"/files/{document}"
    (zip_link,) = at.get("link_button")
    assert zip_link.proto.url == f"/files/zip/action/{documents.action}"
    click(at, "documents.button.tab")
    assert set(documents.rows()) == {"devis.pdf", "photo.png"}


def test_a_client_s_screen_shows_what_hangs_anywhere_and_removes_what_hangs_on_the_client(documents, world):
    documents.add()
    documents.add("plan.txt", b"plan", entity=Entity.CLIENT, entity_id=world.dupont)
    for who, menu in (("sales", ["preview", "remove"]), ("reader", ["preview"])):
        at = documents.screen(who, "client", client=world.dupont, tab="documents")
        rows = data_of(at, f"documents.client.{world.dupont}.table")["rows"]
        assert [(row["cells"][0]["text"], row["cells"][0].get("note"), row["menu"]) for row in rows] == [
            ("plan.txt", None, menu), ("devis.pdf", "Action A000001", ["preview"])
        ]  # fmt: skip
