"""The screens as AppTest runs them: app.py itself, on a database of the test's own, with a real session of sign-in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import event

from lib.db.engine import Database
from lib.ui import session
from tests.builders import NOW, World, a_world
from tests.pages.screens import Screens, Statements, speak_english


@pytest.fixture
def engine_name() -> str:
    """Screens don't know the engine: one is enough here, the domain's tests run on both."""
    return "sqlite"


@pytest.fixture
def world(db: Database) -> World:
    """`a_world`, where everybody reads English."""
    world = a_world(db)
    speak_english(world)
    return world


@pytest.fixture
def screen(world: World, monkeypatch: pytest.MonkeyPatch) -> Screens:
    """`screen(who, page, **query)` runs app.py; nothing is replaced but the database, the clock and the cookie."""
    screens = Screens(world)
    monkeypatch.setattr(session, "database", lambda: world.db)
    monkeypatch.setattr(session, "now", lambda: NOW)
    monkeypatch.setattr(session, "token", lambda: screens.token)
    return screens


@pytest.fixture
def statements(world: World) -> Iterator[Statements]:
    """Counts what a page asks of the database."""
    found = Statements()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            found.sent.append(statement)

    event.listen(world.db.engine, "before_cursor_execute", note)
    yield found
    event.remove(world.db.engine, "before_cursor_execute", note)
