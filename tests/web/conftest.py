"""The server of asgi.py answering in this process, on a database and at an instant that each test chooses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

import asgi
from lib.db.engine import Database
from lib.ui import session
from tests.gates import EMAIL, PASSWORD, START, CountingPasswords

HOME = "http://127.0.0.1:8501"


@dataclass
class Site:
    """A browser without scripts, and what the server behind it uses for clock and hashes."""

    client: TestClient
    db: Database
    passwords: CountingPasswords = field(default_factory=CountingPasswords)
    now: datetime = START

    def get(self, path: str, **headers: str) -> Response:
        return self.client.get(path, headers=headers)

    def post(self, path: str, form: dict[str, str], **headers: str) -> Response:
        return self.client.post(path, data=form, headers={"origin": HOME} | headers)

    def form_token(self, path: str = "/sign-in") -> str:
        """The token of the form that the page at `path` shows."""
        found = re.search('name="form_token" value="([^"]+)"', self.get(path).text)
        assert found
        return found[1]

    def sign_in(self, password: str = PASSWORD, *, email: str = EMAIL, next: str = "/", **headers: str) -> Response:
        form = {"form_token": self.form_token(), "email": email, "password": password, "next": next, "lang": "en"}
        return self.post("/sign-in", form, **headers)

    def change_password(self, **values: str) -> Response:
        return self.post("/change-password", {"form_token": self.form_token("/change-password"), "lang": "en"} | values)

    @property
    def is_in(self) -> bool:
        """Whether a page load shows the app."""
        return self.get("/").status_code == 200


@pytest.fixture(scope="session")
def _client() -> Iterator[TestClient]:
    options = {"base_url": HOME, "follow_redirects": False, "raise_server_exceptions": False}
    with TestClient(asgi.app, client=("192.0.2.7", 50000), **options) as client:
        yield client


@pytest.fixture
def engine_name() -> str:
    """What HTTP adds doesn't depend on the engine; tests/db tries both."""
    return "sqlite"


@pytest.fixture
def site(_client: TestClient, db: Database, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A browser that nobody has used, before an empty database."""
    _client.cookies.clear()
    found = Site(_client, db)
    monkeypatch.setattr(session, "database", lambda: db)
    monkeypatch.setattr(session, "now", lambda: found.now)
    monkeypatch.setattr(session, "_passwords", found.passwords)
    return found
