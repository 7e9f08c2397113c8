"""The schema: made and upgraded by alembic only, in tests too."""

from __future__ import annotations

import warnings
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from lib.db.engine import make_engine
from lib.db.tables import metadata

SEARCH_TABLES = "sub_action_search"
"""Made by the migrations in each engine's words, unknown to the tables (SQLite adds shadow tables of this name)."""


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at `url` to `revision`; makes it when it is new."""
    engine = make_engine(url)
    try:
        with engine.begin() as connection:
            command.upgrade(_config(connection), revision)
    finally:
        engine.dispose()


def current_revision(engine: Engine) -> str | None:
    """The revision of a database; None before the first one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision(engine: Engine) -> str | None:
    """The revision that this release of the code needs."""
    with engine.connect() as connection:
        return ScriptDirectory.from_config(_config(connection)).get_current_head()


def drift(engine: Engine) -> list[object]:
    """What differs between the tables in the code and a migrated database; empty when nothing does."""
    with engine.connect() as connection, warnings.catch_warnings():
        # SQLite can't tell what an index of expressions is made of: PostgreSQL, of the same migrations, does.
        warnings.filterwarnings("ignore", message=".*expression-based index")
        options = {"include_name": include_name, "compare_server_default": False}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Leaves the search tables out of comparisons."""
    return not (kind == "table" and (name or "").startswith(SEARCH_TABLES))
