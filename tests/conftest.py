"""What every test may ask for: an empty database on each engine, made by the migrations, its own and quickly.

`db` runs a test twice, on SQLite and on PostgreSQL. Each worker migrates one database an engine, and each test gets
a copy.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from lib.db.engine import Database
from lib.db.migrate import upgrade
from lib.ui.words import use_language

DOVECOT = os.environ.get("RELAIS_TEST_DOVECOT", "")
POSTGRES = os.environ.get("RELAIS_TEST_POSTGRES_URL", "").replace("postgresql+psycopg://", "postgresql://", 1)
KEPT = ("RELAIS_TEST_", "RELAIS_REQUIRE_ALL")
ENGINES = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))


def pytest_configure(config: pytest.Config) -> None:
    """No test touches the data of whoever runs it: no setting of the shell counts, the data folder is a throw-away."""
    for variable in [name for name in os.environ if name.startswith("RELAIS_") and not name.startswith(KEPT)]:
        del os.environ[variable]
    folder = tempfile.TemporaryDirectory(prefix="relais-test-", ignore_cleanup_errors=True)
    config.add_cleanup(folder.cleanup)
    os.environ["RELAIS_DATA_DIR"] = folder.name


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine can't run; `make test` has said why, and the CI allows no such skip."""
    for item in items:
        if item.get_closest_marker("postgres") and not POSTGRES:
            item.add_marker(
                pytest.mark.skip(reason="no PostgreSQL: RELAIS_TEST_POSTGRES_URL is unset (make test sets it)")
            )
        if item.get_closest_marker("dovecot") and not DOVECOT:
            item.add_marker(pytest.mark.skip(reason="no Dovecot: RELAIS_TEST_DOVECOT is unset (make test sets it)"))


@pytest.fixture(autouse=True)
def _english() -> None:
    """Tests read the ids of the code; those about another language say so."""
    use_language("en")


class Server:
    """A place where databases are made and dropped."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self, template: str = "") -> str:
        """URL of a new database, empty or a copy of the one at `template`."""
        raise NotImplementedError

    def drop(self, url: str) -> None:
        raise NotImplementedError


class Files(Server):
    """SQLite: a database is a file, a copy is a copy (nobody has the template open)."""

    def create(self, template: str = "") -> str:
        path = self.folder / f"{uuid.uuid4().hex}.db"
        if template:
            shutil.copyfile(template.removeprefix("sqlite:///"), path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        for path in self.folder.glob(Path(url.removeprefix("sqlite:///")).name + "*"):
            path.unlink()


class Postgres(Server):
    """PostgreSQL: databases of a test bear the worker's name, so that a killed run leaves no riddle."""

    def create(self, template: str = "") -> str:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        name = f"relais_test_{worker}_{uuid.uuid4().hex[:12]}"
        source = template.rpartition("/")[2] or "template0"
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source)))
        return POSTGRES.rpartition("/")[0].replace("postgresql://", "postgresql+psycopg://", 1) + f"/{name}"

    def drop(self, url: str) -> None:
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(url.rpartition("/")[2])))

    @staticmethod
    def _run(statement: sql.Composed) -> None:
        with psycopg.connect(POSTGRES, autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture(scope="session")
def _servers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Server]:
    folder = tmp_path_factory.mktemp("databases")
    return {"sqlite": Files(folder), "postgres": Postgres(folder)}


@pytest.fixture(scope="session")
def _templates(_servers: dict[str, Server]) -> Iterator[dict[str, str]]:
    """URL of each engine's migrated database, made when first asked for."""
    made: dict[str, str] = {}
    yield made
    for engine, url in made.items():
        _servers[engine].drop(url)


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """`sqlite`, then `postgres`."""
    return str(request.param)


@pytest.fixture
def empty_url(engine_name: str, _servers: dict[str, Server]) -> Iterator[str]:
    """URL of a database without any table, for tests of the migrations."""
    url = _servers[engine_name].create()
    yield url
    _servers[engine_name].drop(url)


@pytest.fixture
def db_url(engine_name: str, _servers: dict[str, Server], _templates: dict[str, str]) -> Iterator[str]:
    """URL of a migrated database without data, for tests that open it from several threads or processes."""
    server = _servers[engine_name]
    if engine_name not in _templates:
        url = server.create()
        upgrade(url)
        _templates[engine_name] = url
    url = server.create(_templates[engine_name])
    yield url
    server.drop(url)


@pytest.fixture
def db(db_url: str) -> Iterator[Database]:
    """A migrated database without data, open."""
    database = Database(db_url)
    yield database
    database.dispose()
