"""The engine and the transactions: one for each use case, retried as a whole when the storage asks for it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError

from lib.db.store import ReferenceCache, SqlStore
from lib.domain.errors import CarriedOutMeanwhile
from lib.domain.store import Store

R = TypeVar("R")

TRIES = 5
RETRIED_STATES = frozenset({"40001", "40P01", "55P03"})  # serialization failure, deadlock, lock not available
SQLITE_BUSY_MS = (
    15_000  # longer than the longest write transaction, so that waiting is the rule and failing the exception
)
POSTGRES_SETTINGS = (
    "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s -c timezone=UTC"
)


class Database:
    """The storage, seen from a use case: `read` and `write` give a `Store` bound to one transaction."""

    def __init__(self, url: str | URL) -> None:
        self.engine = make_engine(url)
        self._cache = ReferenceCache()

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def read(self, work: Callable[[Store], R]) -> R:
        """Run `work` on one snapshot; nothing that it writes is kept."""
        return self._retried(work, writes=False)

    def write(self, work: Callable[[Store], R]) -> R:
        """Run `work` in one transaction, all or nothing; again from the start, at most 5 times, after a lost race."""
        return self._retried(work, writes=True)

    def _retried(self, work: Callable[[Store], R], *, writes: bool) -> R:
        for attempt in range(1, TRIES + 1):
            try:
                with self.engine.connect() as connection:
                    return self._run(connection, work, writes=writes)
            except (DBAPIError, CarriedOutMeanwhile) as error:
                if attempt == TRIES or not is_worth_retrying(error):
                    raise
                time.sleep(random.uniform(0.01, 0.05) * 2**attempt)  # noqa: S311 - jitter, not a secret
        raise AssertionError("unreachable")

    def _run(self, connection: Connection, work: Callable[[Store], R], *, writes: bool) -> R:
        if self.is_sqlite:
            # IMMEDIATE: a deferred transaction that turns into a writer later fails at once instead of waiting.
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
        result = work(SqlStore(connection, self._cache, self))
        if writes:
            connection.commit()
        else:
            connection.rollback()
        return result

    def dispose(self) -> None:
        """Close the pooled connections."""
        self.engine.dispose()


def is_worth_retrying(error: DBAPIError | CarriedOutMeanwhile) -> bool:
    """A lost race or a lost connection; and a repeated request, whose second run finds the first one's result."""
    if isinstance(error, CarriedOutMeanwhile):
        return True
    if error.connection_invalidated:
        return True
    if isinstance(error, IntegrityError):
        # Two clients who take one code at once: the second run finds it taken.
        return ("request" in str(error.orig) and "key" in str(error.orig)) or "uq_client_code" in str(error.orig)
    state = getattr(error.orig, "sqlstate", None)
    return state in RETRIED_STATES or "database is locked" in str(error.orig)


def make_engine(url: str | URL) -> Engine:
    """The engine for a `sqlite:` or `postgresql:` URL, with the settings that the project's guarantees rest on."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": SQLITE_BUSY_MS / 1000}, pool_size=8, max_overflow=24)
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,  # without it, 9 of 10 requests fail after a restart of the server
        pool_size=8,
        max_overflow=24,
        connect_args={"options": POSTGRES_SETTINGS, "connect_timeout": 5},
    )


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the transactions are ours: sqlite3 would begin them deferred
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={SQLITE_BUSY_MS}",
        "cache_size=-65536",  # KiB
        "mmap_size=1073741824",
    ):
        connection.execute(f"PRAGMA {pragma}")
