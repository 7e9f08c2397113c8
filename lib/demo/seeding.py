"""Storing the demo: rows in bulk, with the columns, counters and search documents that the use cases would write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, tzinfo
from random import Random
from typing import Protocol, cast

from sqlalchemy import Connection, func, insert, select, text, update

from lib.db import tables as t
from lib.db.engine import Database
from lib.db.reference import load_reference, reference_changed
from lib.db.search import add_documents
from lib.db.store import SqlStore
from lib.demo.absences import absence_rows
from lib.demo.chains import Author, Story
from lib.demo.clients import client_files
from lib.demo.deals import add_deals
from lib.demo.desk import Desk
from lib.demo.documents import Archive
from lib.demo.messages import Correspondence
from lib.demo.organisation import KNOWN_ACCOUNTS, PEOPLE, Rows, email_of, organisation_rows, profile_rows
from lib.demo.plots import CANCELLED_BETWEEN, Ending, plots
from lib.demo.rows import chain_rows, client_rows
from lib.demo.told import told_stories
from lib.demo.visits import Visit, planned_visits, write_visits
from lib.domain.errors import DomainError
from lib.domain.files import Files
from lib.domain.rights import STANDARD_PROFILES
from lib.domain.sentences import say


class Hasher(Protocol):
    """Hashes passwords, as `lib.domain.sign_in.Passwords` does."""

    def hash(self, password: str) -> str: ...

    def matches(self, password: str, stored: str | None) -> bool: ...


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody to sign in as; `role` is the name of the profile."""

    email: str
    name: str
    role: str


def is_empty(db: Database) -> bool:
    """Nobody and nothing is stored yet; the profiles that a new database starts with don't count."""
    with db.engine.connect() as connection:
        return _is_empty(connection)


def _is_empty(connection: Connection) -> bool:
    return not any(connection.scalar(select(func.count()).select_from(each)) for each in (t.person, t.client, t.action))


def seed(
    db: Database, *, today: date, password: str, hasher: Hasher, zone: tzinfo, files: Files | None = None
) -> list[Account]:
    """Fill an empty database, the same for the same day; return the accounts to try, which share `password`.

    Raises DomainError when the database holds anything. `zone` is the organisation's; without `files`, no documents.
    """
    password_hash = hasher.hash(password)

    def fill(store: object) -> None:
        mine = cast(SqlStore, store)
        if not _is_empty(mine.connection):
            raise DomainError(say("Demo data goes into an empty database only."))
        _fill(mine, today=today, password_hash=password_hash, zone=zone, files=files)

    db.write(fill)
    return _accounts()


def untouched_accounts(db: Database, *, password: str, hasher: Hasher) -> list[Account]:
    """The accounts to try of a database that was filled before, those whose password is still `password`."""
    emails = [account.email for account in _accounts()]
    stored = select(t.person.c.email, t.credential.c.password_hash).join_from(t.person, t.credential)
    with db.engine.connect() as connection:
        rows = connection.execute(stored.where(t.person.c.email.in_(emails), t.person.c.is_active)).all()
    # They share one hash until somebody changes his: each is tried once.
    right = {each for each in {row.password_hash for row in rows} if hasher.matches(password, each)}
    kept = {row.email for row in rows if row.password_hash in right}
    return [account for account in _accounts() if account.email in kept]


def _accounts() -> list[Account]:
    return [Account(email_of(key), PEOPLE[key][0], STANDARD_PROFILES[PEOPLE[key][2]][0]) for key in KNOWN_ACCOUNTS]


def _fill(store: SqlStore, *, today: date, password_hash: str, zone: tzinfo, files: Files | None) -> None:
    connection = store.connection
    rng = Random(f"relais {today}")  # noqa: S311 - believable, not secret
    profiles, profile_ids = profile_rows({r.code: r.id for r in connection.execute(select(t.profile))})
    _insert(connection, profiles)
    _insert(connection, organisation_rows(today, password_hash=password_hash, profile_ids=profile_ids))
    _insert(connection, absence_rows(today))
    clients = client_files(rng)
    _insert(connection, client_rows(clients))
    author = Author(rng, load_reference(connection, 0), clients, today, zone)
    between = CANCELLED_BETWEEN
    stories = told_stories(author)
    for plot in plots(rng, today):
        is_one = between > 0 and plot.length >= 3 and plot.ending == Ending.DONE and rng.random() < 0.2
        between -= is_one
        stories.append(author.write(plot, cancelled_between=is_one))
    visits = planned_visits(author, stories)
    rows, documents = chain_rows(rng, author, stories)
    _insert(connection, rows)
    add_documents(connection, documents)
    for name, table in (("action", t.action), ("client", t.client), ("deal", t.deal)):
        count = select(func.count()).select_from(table).scalar_subquery()
        connection.execute(update(t.counter).where(t.counter.c.name == name).values(value=count))
    _restart_sequences(connection)
    _fill_around(Desk(rng, store, author.reference, zone, files), author, stories, visits)
    reference_changed(connection)
    _restart_sequences(connection)


def _fill_around(desk: Desk, author: Author, stories: list[Story], visits: list[Visit]) -> None:
    """What gathers around the actions, by the use cases: nothing that they would refuse."""
    write_visits(desk, visits)
    add_deals(desk, author)
    archive = Archive(desk, author, desk.files) if desk.files else None
    Correspondence(desk, author, stories).write(archive.brochure() if archive else None)
    if archive:
        archive.fill(stories, visits)


def _insert(connection: Connection, rows: Rows) -> None:
    for table, mine in rows.items():
        if mine:
            connection.execute(insert(table), mine)


def _restart_sequences(connection: Connection) -> None:
    """On PostgreSQL, ids that were given don't count for those that come."""
    if connection.dialect.name == "postgresql":
        for table in t.metadata.sorted_tables:
            if "id" in table.c and connection.scalar(select(func.count()).select_from(table)):
                name = table.name
                restart = f"select setval(pg_get_serial_sequence('{name}', 'id'), (select max(id) from {name}))"  # noqa: S608
                connection.execute(text(restart))
