"""What the tests of the storage share: a small organisation, a larger company, and the statements that are sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from sqlalchemy import event

from bench.data import fill
from lib.db.engine import Database
from tests.builders import World, a_world
from tests.conftest import ENGINES, Server

COMPANY_ROWS = 3_000


@pytest.fixture
def world(db: Database) -> World:
    """`a_world` in an empty database of each engine."""
    return a_world(db)


@pytest.fixture(scope="module", params=ENGINES)
def company(request: pytest.FixtureRequest, _servers: dict[str, Server]) -> Iterator[Database]:
    """The benchmarks' company with some thousands of sub-actions, to be read only."""
    server = _servers[request.param]
    url = server.create()
    fill(url, COMPANY_ROWS)
    database = Database(url)
    yield database
    database.dispose()
    server.drop(url)


Sent = list[tuple[str, object]]


@contextmanager
def sent_by(db: Database) -> Iterator[Sent]:
    """The statements with their values that reach the driver meanwhile, without BEGIN."""
    sent: Sent = []

    def note(_connection, _cursor, statement, values, _context, _many) -> None:
        if not statement.startswith("BEGIN"):
            sent.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def sent() -> Callable[[Database], AbstractContextManager[Sent]]:
    """`with sent(db) as statements:` lists what is sent meanwhile."""
    return sent_by


@pytest.fixture
def count_queries() -> Callable[[Database, Callable[[], object]], int]:
    """How many statements a call sends."""

    def count(db: Database, run: Callable[[], object]) -> int:
        with sent_by(db) as statements:
            run()
        return len(statements)

    return count
