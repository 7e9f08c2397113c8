"""Security headers stand on every response, and what fails shows a number only."""

from __future__ import annotations

import base64
import hashlib
import logging
import re

import pytest

from lib.ui import session
from lib.ui.headers import content_security_policy, frame_of, security_headers
from tests.gates import an_account
from tests.web.conftest import Site

ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 303),
        ("GET", "/sign-in", 200),
        ("POST", "/sign-in", 403),
        ("PUT", "/sign-in", 405),
        ("GET", "/health", 200),
        ("GET", "/favicon.png", 200),
        ("GET", "/_stcore/health", 200),
        ("GET", "/_stcore/host-config", 200),
        ("GET", "/media/nothing.png", 404),
        ("GET", "/component/nothing/x.js", 404),
        ("OPTIONS", "/_stcore/health", 204),
        ("POST", "/_stcore/upload_file/a/b", 405),
    ],
)
def test_every_response_carries_the_headers(site: Site, method: str, path: str, status: int):
    answer = site.client.request(method, path)
    assert answer.status_code == status
    for name, value in ALWAYS.items():
        assert answer.headers[name] == value
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "strict-transport-security" not in answer.headers


def test_browsers_are_told_to_insist_on_https_where_there_is_https():
    assert "max-age=31536000" in security_headers("relais.example.com", https=True)["Strict-Transport-Security"]


def test_every_inline_script_of_streamlit_s_page_is_allowed_by_its_hash_and_no_other(site: Site):
    an_account(site.db)
    site.sign_in()
    page = site.get("/")
    scripts = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", page.text, re.DOTALL)
    assert scripts
    policy = page.headers["content-security-policy"]
    for script in scripts:
        assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]


@pytest.mark.parametrize("host", ["evil; script-src *", "a b", "a\r\nX: y", "", "a'", "a,b", "[::1", "a:99999999"])
def test_a_forged_host_adds_nothing_to_the_policy(host: str):
    assert content_security_policy(host) == content_security_policy("")


@pytest.mark.parametrize("host", ["relais.example.com", "127.0.0.1:8501", "[::1]:8501"])
def test_the_page_s_own_websocket_is_allowed(host: str):
    assert f"connect-src 'self' ws://{host} wss://{host};" in content_security_policy(host)


def test_a_failure_shows_its_number_only_and_the_log_has_the_rest(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    an_account(site.db)
    site.sign_in()

    def broken() -> None:
        raise RuntimeError("secret of the storage")

    monkeypatch.setattr(session, "database", broken)
    with caplog.at_level(logging.ERROR, "relais.incidents"):
        answer = site.get("/")
    assert answer.status_code == 500
    number = re.fullmatch(r"Incident ([0-9A-F]{8})", answer.text)
    assert number
    assert number[1] in caplog.text
    assert "secret of the storage" in caplog.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_health_check_says_without_detail_that_the_storage_is_gone(site: Site, monkeypatch: pytest.MonkeyPatch):
    assert site.get("/health").json() == {"status": "ok"}

    def broken() -> None:
        raise RuntimeError("secret of the storage")

    monkeypatch.setattr(session, "database", broken)
    answer = site.get("/health")
    assert (answer.status_code, answer.json()) == (503, {"status": "storage unreachable"})


def test_the_other_editor_s_frame_runs_in_this_server_s_pages_only_and_only_where_it_was_chosen():
    framed = security_headers("relais.example.com", https=False, frame="quill")
    assert "frame-ancestors 'self'" in framed["Content-Security-Policy"]
    assert framed["X-Frame-Options"] == "SAMEORIGIN"
    assert framed["Content-Security-Policy"].count("'sha256-") == 1
    assert "frame-ancestors 'none'" in content_security_policy("relais.example.com")


@pytest.mark.parametrize("file", ["index.html", "bootstrap.min.css", "static/nothing.js"])
def test_the_calendar_s_frame_may_be_framed_by_this_server_s_pages_and_may_do_nothing_else(site: Site, file: str):
    answer = site.get(f"/component/streamlit_calendar.calendar/{file}")
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    policy = answer.headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "frame-ancestors 'self'", "form-action 'none'"} <= set(policy)
    assert not any(rule.startswith(("connect-src", "frame-src")) for rule in policy)


@pytest.mark.parametrize(
    ("path", "editor", "frame"),
    [
        ("/component/streamlit_calendar.calendar/index.html", "tiptap", "calendar"),
        ("/component/streamlit_quill.st_quill/index.html", "quill", "quill"),
        ("/component/streamlit_quill.st_quill/index.html", "tiptap", ""),
        ("/files/12", "tiptap", "file"),
        ("/filesystem", "tiptap", ""),
        ("/component/streamlit_calendars/index.html", "tiptap", ""),
        ("/component/relais.action_table/action_table.js", "quill", ""),
        ("/", "quill", ""),
        ("/year-calendar", "tiptap", ""),
    ],
)
def test_only_the_frames_paths_get_what_frames_need(path: str, editor: str, frame: str):
    assert frame_of(path, editor=editor) == frame
