"""The routes of files: who gets in, what is asked each time, what is sent with a file, how a body is received."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from httpx2 import Response
from sqlalchemy import select

from lib.db import tables as t
from lib.domain.accounts import set_active
from lib.domain.actions import edit_sub_action
from lib.domain.sign_in import give_password
from lib.gateways.files import Files
from lib.ui import session
from tests.builders import World, a_key, a_world, an_action, put, rows_of, the_chain, the_sub
from tests.gates import PASSWORD, START, a_gate
from tests.some_files import PDF, an_image, image_id, inside, some_files, with_files
from tests.web.conftest import HOME, Site


@dataclass
class Desk:
    """A browser of somebody, before the actions of a small organisation."""

    site: Site
    world: World
    files: Files
    action_id: int

    def as_(self, who: str) -> Desk:
        gate = a_gate(self.world.db, now=START, passwords=self.site.passwords)
        give_password(gate, person_id=self.world.ids[who], password=PASSWORD, must_change=False)
        put(self.world, t.person, self.world.ids[who], language="en")
        self.site.client.cookies.clear()
        assert self.site.sign_in(email=f"{who}@example.org").status_code == 303
        return self

    def upload(self, name: str = "devis.pdf", data: object = PDF, **asked: object) -> Response:
        headers = {"origin": HOME, **asked.pop("headers", {})}  # type: ignore[dict-item]
        asked = {"entity": "action", "entity_id": self.action_id, "name": name, "key": a_key(), **asked}
        return self.site.client.post("/files/upload", params=asked, content=data, headers=headers)

    def get(self, path: str, **headers: str) -> Response:
        return self.site.get(path, **headers)


@pytest.fixture
def desk(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    files, world = some_files(tmp_path), a_world(site.db)
    monkeypatch.setattr(session, "files", lambda: files)
    return Desk(site, world, files, the_chain(world, an_action(world)).action.id).as_("sales")


def nothing_was_taken(desk: Desk) -> bool:
    is_empty = rows_of(desk.world.db, t.document) == {"document": 0}
    return is_empty and not list(desk.files.blobs.stored()) and not list(desk.files._incoming.glob("*"))


# ---- receiving


def test_a_file_that_is_sent_becomes_a_document_and_comes_back_the_same(desk: Desk):
    answer = desk.upload("Devis été n°1.pdf")
    assert answer.status_code == 201
    assert answer.json() == {"id": 1, "name": "Devis été n°1.pdf"}
    back = desk.get("/files/1")
    assert (back.status_code, back.content) == (200, PDF)
    assert back.headers["content-type"] == "application/pdf"
    assert back.headers["content-disposition"] == (
        "attachment; filename=\"Devis _t_ n_1.pdf\"; filename*=UTF-8''Devis%20%C3%A9t%C3%A9%20n%C2%B01.pdf"
    )
    assert back.headers["x-content-type-options"] == "nosniff"
    assert back.headers["cache-control"] == "no-store"
    assert back.headers["cross-origin-resource-policy"] == "same-origin"
    assert back.headers["content-length"] == str(len(PDF))
    assert "default-src 'none'" in back.headers["content-security-policy"]


def test_an_upload_sent_twice_is_one_document(desk: Desk):
    key = a_key()
    assert desk.upload(key=key).json() == desk.upload(key=key).json()
    assert rows_of(desk.world.db, t.document) == {"document": 1}


@pytest.mark.parametrize(
    ("name", "data", "refusal"),
    [
        ("virus.exe", b"MZ", "Files of this type aren't taken: .exe"),
        ("devis.pdf", b"MZ", "isn't what its name says"),
        ("notes.txt", b"", "This file is empty."),
        ("../../../etc/passwd", b"root", "aren't taken: no extension"),
    ],
)
def test_a_file_that_isn_t_taken_is_answered_with_the_reason(desk: Desk, name: str, data: bytes, refusal: str):
    answer = desk.upload(name, data)
    assert answer.status_code == 422
    assert refusal in answer.json()["error"]
    assert nothing_was_taken(desk)


def test_refusals_speak_the_language_of_the_person(desk: Desk):
    put(desk.world, t.person, desk.world.sales, language="fr")
    assert "n’est pas accepté" in desk.upload("virus.exe").json()["error"]


def test_a_file_that_announces_too_much_is_refused_before_it_is_read(desk: Desk):
    def body() -> Iterator[bytes]:
        read.append(1)
        yield b""

    read: list[int] = []
    answer = desk.upload("a.txt", body(), headers={"content-length": "5000001"})
    assert (answer.status_code, read) == (413, [])
    assert answer.json()["error"] == "This file is too large: 5 MB at most."
    assert nothing_was_taken(desk)


def test_a_file_that_grows_beyond_the_limit_is_cut_off(desk: Desk):
    sent = (b"a" * 100_000 for _ in range(100))
    assert desk.upload("a.txt", sent).status_code == 413
    assert nothing_was_taken(desk)


@pytest.mark.parametrize("length", ["-1", "x", "1e9", ""])
def test_a_length_that_is_none_changes_nothing(desk: Desk, length: str):
    assert desk.upload("a.txt", iter([b"abc"]), headers={"content-length": length}).status_code in (201, 400)


@pytest.mark.parametrize(
    ("who", "status"), [("colleague", 201), ("manager", 201), ("reader", 403), ("far", 404), ("nowhere", 404)]
)
def test_the_right_is_asked_before_the_body_is_read(desk: Desk, monkeypatch: pytest.MonkeyPatch, who: str, status: int):
    received: list[object] = []
    receive = desk.files.receive
    monkeypatch.setattr(desk.files, "receive", lambda name: (received.append(name), receive(name))[1])
    assert desk.as_(who).upload().status_code == status
    assert bool(received) == (status == 201)


@pytest.mark.parametrize(
    "asked",
    [
        {"entity": "person"},
        {"entity": ""},
        {"entity_id": "0"},
        {"entity_id": "1 or 1=1"},
        {"entity_id": "99999999999999999999"},
        {"entity_id": ""},
        {"entity_id": 999},
    ],
)
def test_what_no_record_is_takes_no_file(desk: Desk, asked: dict[str, object]):
    assert desk.upload(**asked).status_code == 404
    assert nothing_was_taken(desk)


@pytest.mark.parametrize("key", ["", "x" * 65, "../", "a b"])
def test_an_upload_without_a_key_of_a_page_is_refused(desk: Desk, key: str):
    assert desk.upload(key=key).status_code == 422


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_another_site_s_page_sends_no_file(desk: Desk, headers: dict[str, str]):
    assert desk.upload(headers=headers).status_code == 403
    assert nothing_was_taken(desk)


def test_an_upload_that_says_no_origin_is_refused(desk: Desk):
    asked = {"entity": "action", "entity_id": desk.action_id, "name": "a.pdf", "key": a_key()}
    assert desk.site.client.post("/files/upload", params=asked, content=PDF).status_code == 403


# ---- who gets in


SIGNED_OUT = "Votre session est terminée\N{NO-BREAK SPACE}: reconnectez-vous."
PATHS = ["/files/1", "/files/1/preview", "/files/zip/action/1"]


@pytest.mark.parametrize("path", PATHS)
def test_without_a_live_session_there_is_no_file(desk: Desk, path: str):
    desk.upload()
    for cookie in (None, "planted"):
        desk.site.client.cookies.clear()
        if cookie:
            desk.site.client.cookies.set("relais", cookie)
        answer = desk.get(path)
        assert (answer.status_code, answer.json()) == (401, {"error": SIGNED_OUT})
    assert desk.upload().status_code == 401


def test_a_person_disabled_or_with_a_one_time_password_gets_no_file(desk: Desk):
    desk.upload()
    assert desk.get("/files/1").status_code == 200
    gate = a_gate(desk.world.db, now=START)
    set_active(gate, email="sales@example.org", is_active=False)
    assert desk.get("/files/1").status_code == 401


@pytest.mark.parametrize("path", PATHS)
def test_another_unit_s_files_aren_t_there(desk: Desk, path: str):
    desk.upload()
    assert desk.get(path).status_code == 200
    desk.as_("far")
    hidden, absent = desk.get(path), desk.get(path.replace("1", "999"))
    assert hidden.status_code == absent.status_code == 404
    assert hidden.json() == absent.json()


@pytest.mark.parametrize(
    "path",
    ["/files/0", "/files/-1", "/files/abc", "/files/1e3", "/files/٣", "/files/99999999999", "/files/1/preview/2",
     "/files/zip/action/x", "/files/zip/person/1", "/files/..%2f..%2fetc%2fpasswd"],
)  # fmt: skip
def test_a_forged_address_leads_nowhere(desk: Desk, path: str):
    desk.upload()
    answer = desk.get(path)
    # What isn't one of these routes is Streamlit's, which refuses it or shows its page: no file in any case.
    assert answer.status_code in (400, 404) or '<div id="root">' in answer.text


def test_a_content_that_is_missing_says_so(desk: Desk):
    desk.upload()
    [blob] = desk.files.blobs.stored()
    with desk.files.blobs.local(blob.sha256) as path:
        path.unlink()
    answer = desk.get("/files/1")
    assert answer.status_code == 404
    assert "missing on the server" in answer.json()["error"]
    with zipfile.ZipFile(io.BytesIO(desk.get("/files/zip/action/1").content)) as archive:
        assert archive.namelist() == ["devis.pdf.txt"]


# ---- parts


@pytest.mark.parametrize(
    ("asked", "status", "content"),
    [
        ("bytes=0-3", 206, PDF[:4]),
        ("bytes=5-", 206, PDF[5:]),
        ("bytes=-4", 206, PDF[-4:]),
        ("bytes=0-99999", 206, PDF),
        ("bytes=99999-", 416, b""),
        ("bytes=-", 416, b""),
        ("bytes=4-2", 416, b""),
        ("bytes=0-1,3-4", 200, PDF),
        ("lines=0-1", 200, PDF),
        ("bytes=٣-", 200, PDF),
    ],
)
def test_a_part_of_a_file_can_be_asked_for(desk: Desk, asked: str, status: int, content: bytes):
    desk.upload()
    answer = desk.site.client.get("/files/1", headers={"range": asked.encode()})
    assert (answer.status_code, answer.content) == (status, content)


def test_a_head_request_gets_the_size_and_no_content(desk: Desk):
    desk.upload()
    answer = desk.site.client.head("/files/1")
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", str(len(PDF)))


# ---- previews


def test_a_pdf_an_image_and_a_text_are_previewed_and_nothing_else(desk: Desk):
    for name, data in (("a.pdf", PDF), ("b.png", an_image()), ("c.txt", b"<script>alert(1)</script>"), ("d.zip", ZIP)):
        assert desk.upload(name, data).status_code == 201
    types = [desk.get(f"/files/{n}/preview?side=100").headers["content-type"] for n in (1, 2, 3)]
    assert types == ["image/png", "image/png", "text/plain; charset=utf-8"]
    for path in ("/files/4/preview", "/files/1/preview?page=2", "/files/2/preview?page=2"):
        assert desk.get(path).status_code == 404
    text = desk.get("/files/3/preview")
    assert text.headers["x-content-type-options"] == "nosniff"
    assert text.headers["cache-control"] == "private, no-cache"


ZIP = (lambda out: (zipfile.ZipFile(out, "w").writestr("a", "a"), out.getvalue())[1])(io.BytesIO())


def test_a_preview_that_the_browser_has_is_asked_about_and_not_drawn_again(desk: Desk):
    desk.upload()
    seen = desk.get("/files/1/preview")
    again = {"if-none-match": seen.headers["etag"]}
    assert desk.get("/files/1/preview", **again).status_code == 304
    desk.as_("far")
    assert desk.get("/files/1/preview", **again).status_code == 404


def test_an_image_of_a_text_is_shown_where_it_stands_to_whoever_sees_the_text(desk: Desk):
    ctx = replace(with_files(desk.world, desk.files), now=START)
    sub_id = the_chain_sub(desk)
    version = the_sub(desk.world, sub_id).version
    edit_sub_action(ctx, sub_action_id=sub_id, version=version, edits={"detail": inside(an_image())})
    stored = desk.world.db.read(
        lambda store: store.connection.scalar(select(t.sub_action.c.detail_html).where(t.sub_action.c.id == sub_id))
    )
    path = f"/files/{image_id(stored)}"
    shown = desk.get(path)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
    assert "content-disposition" not in shown.headers
    assert desk.get(path, **{"if-none-match": shown.headers["etag"]}).status_code == 304
    assert desk.as_("far").get(path).status_code == 404


def the_chain_sub(desk: Desk) -> int:
    only = select(t.sub_action.c.id).where(t.sub_action.c.action_id == desk.action_id)
    return desk.world.db.read(lambda store: store.connection.scalar(only))


# ---- all of them


def test_all_documents_of_an_action_come_in_one_zip(desk: Desk):
    desk.upload("a.txt", b"one")
    desk.upload("A.txt", b"two")
    desk.upload("été.txt", b"three")
    answer = desk.get(f"/files/zip/action/{desk.action_id}")
    assert answer.headers["content-disposition"].startswith('attachment; filename="A000001.zip"')
    assert "content-length" not in answer.headers
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "été.txt": b"three", "A.txt": b"two", "a (2).txt": b"one"
        }  # fmt: skip


def test_an_action_without_documents_has_no_zip(desk: Desk):
    assert desk.get(f"/files/zip/action/{desk.action_id}").status_code == 404
