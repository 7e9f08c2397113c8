"""What a browser, or somebody who forges its requests, meets at the door."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.websockets import WebSocketDisconnect

from lib.config import settings
from lib.domain import accounts
from lib.domain.sign_in import ABSOLUTE, IDLE
from lib.ui import session, sign_in_page
from tests.gates import EMAIL, NEW_PASSWORD, PASSWORD, a_gate, an_account
from tests.web.conftest import HOME, Site

SECOND = timedelta(seconds=1)
SOCKET = HOME.replace("http://", "ws://") + "/_stcore/stream"


# ---- the wall


@pytest.mark.parametrize(
    "path", ["/", "/actions", "/actions?l_tab=all&q=a%26b", "/index.html", "/action/", "/x/y.html"]
)
def test_a_page_without_a_session_leads_to_the_sign_in_page_and_back(site: Site, path: str):
    answer = site.get(path)
    assert answer.status_code == 303
    target = urlsplit(answer.headers["location"])
    assert target.path == "/sign-in"
    assert parse_qs(target.query).get("next", ["/"]) == [path]


@pytest.mark.parametrize("path", ["/_stcore/health", "/health", "/favicon.png", "/sign-in"])
def test_what_the_sign_in_page_and_the_watchers_need_is_open(site: Site, path: str):
    assert site.get(path).status_code == 200


def test_whoever_is_signed_in_gets_the_page(site: Site):
    an_account(site.db)
    site.sign_in()
    assert '<div id="root">' in site.get("/actions").text


def test_an_unknown_host_name_isn_t_answered(site: Site):
    assert site.get("/sign-in", host="evil.example").status_code == 421


def test_another_site_s_page_opens_no_websocket_here(site: Site):
    for headers in ({"origin": "http://evil.example"}, {"origin": "http://127.0.0.1:9999"}, {"host": "evil.example"}):
        with (
            pytest.raises(WebSocketDisconnect),
            site.client.websocket_connect(SOCKET, headers=headers) as socket,
        ):
            socket.receive()


def test_a_page_of_this_server_opens_its_websocket(site: Site):
    with site.client.websocket_connect(SOCKET, headers={"origin": HOME}):
        pass  # accepted: a refusal raises


# ---- signing in


def test_the_right_password_opens_the_page_that_was_asked_for(site: Site):
    an_account(site.db)
    answer = site.sign_in(next="/actions?l_tab=all")
    assert (answer.status_code, answer.headers["location"]) == (303, "/actions?l_tab=all")
    assert site.is_in


def test_the_session_s_cookie_is_out_of_reach_of_scripts_and_other_sites(site: Site):
    an_account(site.db)
    cookie = site.sign_in().headers["set-cookie"]
    name, *flags = cookie.split("; ")
    assert name.startswith("relais=")
    assert set(flags) == {"HttpOnly", "Path=/", "SameSite=lax", f"Max-Age={7 * 24 * 3600}"}


def test_over_https_the_cookies_are_secure_and_bound_to_this_host(site: Site, monkeypatch: pytest.MonkeyPatch):
    secure = replace(settings(), public_url="https://relais.example.com")
    monkeypatch.setattr(session, "settings", lambda: secure)
    monkeypatch.setattr(sign_in_page, "settings", lambda: secure)
    an_account(site.db)
    shown = site.get("/sign-in")
    token = shown.text.split('name="form_token" value="')[1].split('"')[0]
    form = {"form_token": token, "email": EMAIL, "password": PASSWORD}
    # The client keeps no secure cookie that comes over http: it is sent by hand.
    entered = site.post("/sign-in", form, cookie=f"__Host-relais-form={token}")
    for answer, name in ((shown, "__Host-relais-form="), (entered, "__Host-relais=")):
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(name)
        assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


def test_the_form_tells_password_managers_what_is_what(site: Site):
    page = site.get("/sign-in").text
    for part in ('autocomplete="username"', 'autocomplete="current-password"', 'for="email"', 'for="password"'):
        assert part in page
    assert "<script" not in page


def test_a_wrong_password_keeps_the_address_and_not_the_password(site: Site):
    an_account(site.db)
    answer = site.sign_in("my secret typo")
    assert answer.status_code == 403
    assert f'value="{EMAIL}"' in answer.text
    assert "Wrong e-mail address or password." in answer.text
    assert "my secret typo" not in answer.text


def test_what_was_typed_comes_back_as_text_only(site: Site):
    answer = site.sign_in(email='"><script>alert(1)</script>', next='/"><script>alert(1)</script>')
    assert "<script" not in answer.text


def test_accounts_can_t_be_told_from_strangers(site: Site):
    an_account(site.db)
    an_account(site.db, email="off@example.com")
    accounts.set_active(a_gate(site.db), email="off@example.com", is_active=False)
    answers = []
    for email, password in ((EMAIL, "wrong"), ("nobody@example.com", "wrong"), ("off@example.com", PASSWORD)):
        answer = site.sign_in(password, email=email)
        headers = {name: value for name, value in answer.headers.items() if name not in ("date", "content-length")}
        answers.append((answer.status_code, answer.text.replace(email, "…"), headers))
    assert answers[0] == answers[1] == answers[2]
    assert len(site.passwords.checked) == 3


def test_a_hundred_attempts_are_throttled_after_ten_at_most(site: Site):
    an_account(site.db)
    answers = [site.sign_in(f"wrong {number}") for number in range(100)]
    assert len(site.passwords.checked) <= 10
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0
    assert "Too many attempts" in answers[-1].text


OTHER_SITES = [
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "http:evil.example",
    "evil.example",
    "javascript:alert(1)",
    "/%09/evil.example",
]
NO_PAGES = ["/\t/evil.example", "/x\r\nSet-Cookie: a=b", "", "/" * 3000, "/sign-in", "/sign-out", "/_stcore/health"]


@pytest.mark.parametrize("elsewhere", OTHER_SITES + NO_PAGES)
def test_signing_in_never_leads_elsewhere(site: Site, elsewhere: str):
    an_account(site.db)
    answer = site.sign_in(next=elsewhere)
    assert answer.status_code == 303
    target = urlsplit(answer.headers["location"])
    assert (target.scheme, target.netloc) == ("", "")
    assert not answer.headers["location"].startswith("//")
    assert target.path not in ("/sign-in", "/sign-out")
    assert "a=b" not in answer.headers.get("set-cookie", "")
    assert site.client.get("/sign-in", params={"next": elsewhere}).headers["location"] == answer.headers["location"]


# ---- forged forms


def test_a_form_that_this_server_didn_t_draw_is_refused(site: Site):
    an_account(site.db)
    token = site.form_token()
    right = {"form_token": token, "email": EMAIL, "password": PASSWORD}
    forged = [
        ({**right, "form_token": ""}, {}),
        ({**right, "form_token": "x" * 43}, {}),
        (right, {"origin": "http://evil.example"}),
        (right, {"origin": "null"}),
        (right, {"origin": "http://127.0.0.1:9999"}),
        (right, {"sec-fetch-site": "cross-site"}),
        (right, {"sec-fetch-site": "same-site"}),
        (right, {"cookie": "relais-form="}),
    ]
    for form, headers in forged:
        answer = site.post("/sign-in", form, **headers)
        assert answer.status_code == 403
        assert "relais=" not in answer.headers.get("set-cookie", "")
    assert not site.passwords.checked
    assert site.sign_in().status_code == 303


@pytest.mark.parametrize("body", [b"x" * 10_000_000, b"\xff\xfe", b"a=1&" * 5000, b"", b"%00=%00", b"form_token=%ff"])
def test_a_body_that_is_no_form_of_ours_is_refused(site: Site, body: bytes):
    headers = {"content-type": "application/x-www-form-urlencoded", "origin": HOME}
    assert site.client.post("/sign-in", content=body, headers=headers).status_code == 403


def test_a_token_planted_in_the_browser_is_never_adopted(site: Site):
    an_account(site.db)
    site.client.cookies.set("relais", "planted-by-somebody")
    site.sign_in()
    assert site.client.cookies.get("relais", domain="127.0.0.1") != "planted-by-somebody"
    site.client.cookies.clear()
    site.client.cookies.set("relais", "planted-by-somebody")
    assert not site.is_in


# ---- ending


def test_signing_out_ends_the_session_on_the_server(site: Site):
    an_account(site.db)
    site.sign_in()
    token = site.client.cookies["relais"]
    answer = site.post("/sign-out", {})
    assert answer.headers["location"] == "/sign-in"
    assert 'relais=""; ' in answer.headers["set-cookie"]
    site.client.cookies.set("relais", token)
    assert not site.is_in


def test_neither_a_link_nor_another_site_signs_anybody_out(site: Site):
    an_account(site.db)
    site.sign_in()
    assert site.get("/sign-out").headers["location"] == "/"
    site.post("/sign-out", {}, origin="http://evil.example")
    assert site.is_in


@pytest.mark.parametrize("after", [IDLE + SECOND, ABSOLUTE + SECOND])
def test_a_session_that_is_over_leads_back_to_the_sign_in_page(site: Site, after: timedelta):
    an_account(site.db)
    site.sign_in()
    assert site.is_in
    site.now += after
    assert not site.is_in
    assert "Sign in" in site.get("/sign-in?lang=en").text


def test_a_disabled_person_is_out_at_the_next_page(site: Site):
    an_account(site.db)
    site.sign_in()
    accounts.set_active(a_gate(site.db), email=EMAIL, is_active=False)
    assert not site.is_in


def test_whoever_is_signed_in_isn_t_asked_again(site: Site):
    an_account(site.db)
    site.sign_in()
    assert site.get("/sign-in?next=/actions").headers["location"] == "/actions"


# ---- changing the password


def test_a_one_time_password_opens_only_the_page_where_one_chooses_one_s_own(site: Site):
    an_account(site.db, must_change=True)
    site.sign_in(next="/actions")
    assert site.get("/actions").headers["location"] == "/change-password?next=/actions"
    new = {"current": PASSWORD, "new": NEW_PASSWORD, "repeated": NEW_PASSWORD, "next": "/actions"}
    assert site.change_password(**new).headers["location"] == "/actions"
    assert site.is_in


def test_a_refused_password_says_why_at_its_field(site: Site):
    an_account(site.db)
    site.sign_in()
    assert f'value="{EMAIL}" autocomplete="username"' in site.get("/change-password").text
    answer = site.change_password(current=PASSWORD, new="short", repeated="short")
    assert answer.status_code == 422
    assert 'id="new-error"' in answer.text
    assert "At least 12 characters" in answer.text
    assert "short" not in answer.text.replace("shortcut", "")


def test_changing_the_password_gives_this_browser_a_new_token(site: Site):
    an_account(site.db)
    site.sign_in()
    before = site.client.cookies["relais"]
    site.change_password(current=PASSWORD, new=NEW_PASSWORD, repeated=NEW_PASSWORD)
    assert site.client.cookies["relais"] != before
    assert site.is_in
    site.client.cookies.clear()
    site.client.cookies.set("relais", before)
    assert not site.is_in


def test_without_a_session_there_is_no_password_to_change(site: Site):
    assert site.get("/change-password").headers["location"].startswith("/sign-in")
    assert site.post("/change-password", {"new": NEW_PASSWORD}).headers["location"].startswith("/sign-in")


# ---- languages


@pytest.mark.parametrize(
    ("path", "accepted", "language"),
    [
        ("/sign-in", "", "fr"),
        ("/sign-in", "de-DE,de;q=0.9", "fr"),
        ("/sign-in", "en-GB,en;q=0.9,fr;q=0.5", "en"),
        ("/sign-in", "de,fr;q=0.8,en;q=0.5", "fr"),
        ("/sign-in?lang=en", "fr", "en"),
        ("/sign-in?lang=xx", "en", "en"),
    ],
)
def test_the_page_speaks_the_browser_s_language_and_french_otherwise(
    site: Site, path: str, accepted: str, language: str
):
    page = site.get(path, **{"accept-language": accepted}).text
    assert f'<html lang="{language}">' in page
    assert ("Mot de passe" if language == "fr" else "Password") in page
