"""The small organisation that most tests of the domain live in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import delete, update

from lib.db import tables as t
from lib.db.engine import Database
from lib.db.migrate import upgrade
from lib.db.search import search
from lib.db.store import SqlStore
from tests.builders import World, a_world
from tests.conftest import Server


@pytest.fixture(scope="session")
def _domain_databases(_servers: dict[str, Server]) -> Iterator[dict[str, Database]]:
    """One database of each engine for all these tests: emptying it costs less than making one."""
    made: dict[str, Database] = {}
    yield made
    for engine_name, database in made.items():
        database.dispose()
        _servers[engine_name].drop(database.engine.url.render_as_string(hide_password=False))


@pytest.fixture
def world(engine_name: str, _servers: dict[str, Server], _domain_databases: dict[str, Database]) -> World:
    """`a_world` on each engine, in a database where nothing else is left but ids that were given."""
    if engine_name not in _domain_databases:
        url = _servers[engine_name].create()
        upgrade(url)
        _domain_databases[engine_name] = Database(url)
    database = _domain_databases[engine_name]
    database.write(_emptied)  # type: ignore[arg-type]
    return a_world(database)


def _emptied(store: SqlStore) -> None:
    for table in (search, *reversed(t.metadata.sorted_tables)):
        if table is not t.counter:
            store.connection.execute(delete(table))
    numbers = t.counter.c.name.in_(["action", "client", "deal", "service_report"])
    store.connection.execute(update(t.counter).where(numbers).values(value=0))
