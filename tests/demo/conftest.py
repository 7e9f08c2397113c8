"""A demo an engine: made once for all tests of this folder, which read it, or write to a copy."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Table, select

from lib import demo
from lib.db import tables as t
from lib.db.engine import Database
from lib.db.migrate import upgrade
from lib.domain.file_kinds import FileLimits
from lib.gateways.blobs import FolderBlobs
from lib.gateways.files import Files
from tests.gates import CountingPasswords

PARIS = ZoneInfo("Europe/Paris")
TODAY = date(2026, 11, 24)
"""A Tuesday."""
PASSWORD = "un mot de passe de demonstration"


@cache
def files() -> Files:
    """A store of files that all the demos share; it goes with the process."""
    folder = tempfile.mkdtemp(prefix="relais-demo-files-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    limits = FileLimits(("pdf", "png", "txt"), file_max_mb=5, client_max_mb=100, all_max_gb=1)
    return Files(FolderBlobs(Path(folder) / "files"), limits, incoming=Path(folder) / "incoming")


def seeded(db: Database, today: date = TODAY) -> list[demo.Account]:
    return demo.seed(db, today=today, password=PASSWORD, hasher=CountingPasswords(), zone=PARIS, files=files())


@dataclass(frozen=True)
class Demo:
    """A database with demo data, its address, and the accounts that were announced."""

    db: Database
    url: str
    accounts: list[demo.Account]

    def rows(self, table: Table) -> list[dict[str, Any]]:
        """A table's rows in a fixed order."""
        return all_rows(self.db, table)


def all_rows(db: Database, table: Table) -> list[dict[str, Any]]:
    with db.engine.connect() as connection:
        rows = connection.execute(select(table).order_by(*table.primary_key)).mappings()
        return [dict(row) for row in rows]


@pytest.fixture(scope="session")
def _demos() -> Iterator[dict[str, Demo]]:
    made: dict[str, Demo] = {}
    yield made
    for each in made.values():
        each.db.dispose()


@pytest.fixture
def told(engine_name: str, _servers: Any, _demos: dict[str, Demo], request: pytest.FixtureRequest) -> Demo:
    """The demo, shared: read only."""
    if engine_name not in _demos:
        url = _servers[engine_name].create()
        upgrade(url)
        db = Database(url)
        _demos[engine_name] = Demo(db, url, seeded(db))
        request.session.config.add_cleanup(lambda: _servers[engine_name].drop(url))
    return _demos[engine_name]


@pytest.fixture
def own_demo(db: Database) -> Database:
    """A demo that a test may write to."""
    seeded(db)
    return db


@pytest.fixture
def tables() -> list[Table]:
    """Every table, in an order that foreign keys allow."""
    return list(t.metadata.sorted_tables)
