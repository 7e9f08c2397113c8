"""A company's data, of any size: the same rows on both engines, drawn from one seed, loaded in bulk.

Five years of actions whose numbers follow time; about 5 % of the sub-actions are open, most of them recent. The rows
are written as text that both engines read: dates as ISO, booleans as 0 and 1.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import islice

import psycopg
from sqlalchemy.engine import make_url

from lib.db import tables as t
from lib.db.migrate import upgrade
from lib.db.search import document
from lib.domain.clients import Client, ClientFile, Contact, Site, index_words
from lib.domain.rights import STANDARD_PROFILES
from lib.domain.text import folded

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
PEOPLE, UNITS, NATURES, DOMAINS, REASONS = 200, 20, 8, 6, 24
SELLER, ADMIN = 7, PEOPLE + 1
SELLER_UNIT = SELLER
YEARS = 5
ROWS_OF_A_CLIENT = 50
RARE, COMMON = "zircon", "devis"
"""Words searched for: one text in 20,000, and one in five."""
LONG_CHAIN = 12

_NAMES = [
    "Dupont",
    "Martin",
    "Bernard",
    "Petit",
    "Robert",
    "Richard",
    "Durand",
    "Leroy",
    "Moreau",
    "Simon",
    "Laurent",
    "Lefèvre",
    "Michel",
    "Garcia",
    "Roux",
]
_KINDS = [
    "SARL",
    "Établissements",
    "SAS",
    "Ateliers",
    "Transports",
    "Garage",
    "Boulangerie",
    "Menuiserie",
    "Imprimerie",
    "Clinique",
]
_TOWNS = [
    "Lyon",
    "Paris",
    "Besançon",
    "Nîmes",
    "Orléans",
    "Saint-Étienne",
    "Le",
    "Mans",
    "Brest",
    "Tours",
    "Angers",
    "Dijon",
    "Grenoble",
    "Reims",
    "Metz",
]
_SYLLABLES = [
    "ba",
    "co",
    "di",
    "fu",
    "ga",
    "lé",
    "mo",
    "ni",
    "pa",
    "ré",
    "sa",
    "to",
    "vu",
    "cha",
    "pré",
    "tion",
    "ment",
    "eur",
    "age",
    "ance",
]


def _sentences(draw: random.Random) -> list[tuple[str, str]]:
    """Sentences and their folded words; word frequencies fall off as those of a language do."""
    words = ["".join(draw.choices(_SYLLABLES, k=draw.randint(1, 4))) for _ in range(4000)]
    weights = [1 / (rank + 5) for rank in range(len(words))]
    made = []
    for _ in range(20_000):
        line = draw.choices(words, weights, k=draw.randint(5, 14))
        if draw.random() < 0.06:
            line.append(COMMON)
        made.append(" ".join(line).capitalize() + ".")
    return [(line, folded(line)) for line in made]


def _instant(day: date, hour: int = 10) -> str:
    return f"{day} {hour:02d}:00:00.000000"


@cache
def _places(rows: int) -> list[ClientFile]:
    draw, files = random.Random(1), []
    clients = max(20, rows // ROWS_OF_A_CLIENT)
    for number in range(1, clients + 1):
        name = f"{draw.choice(_KINDS)} {draw.choice(_NAMES)} {draw.choice(_NAMES)}"
        phone = f"+33 {draw.randint(1, 5)} " + " ".join(f"{draw.randint(0, 99):02d}" for _ in range(4))
        town = draw.choice(_TOWNS)
        relation = draw.choice(("client", "client", "prospect", "suspect", "former"))
        siret = f"{draw.randrange(10**9):09d}{draw.randrange(10**5):05d}"
        client = Client(number, f"C{number:05d}", name, town, phone, relation, draw.randint(1, PEOPLE), siret=siret)
        site = Site(number, number, "Siège", "1 rue de la Gare", "69000", town, phone)
        contacts = tuple(_contact(draw, key, number, name) for key in (number, clients + number))
        files.append(ClientFile(client, (site,), contacts))
    return files


def _contact(draw: random.Random, key: int, client_id: int, client_name: str) -> Contact:
    name, domain = draw.choice(_NAMES), "-".join(folded(client_name).split())
    phone = " ".join(["06", *(f"{draw.randint(0, 99):02d}" for _ in range(4))])
    return Contact(key, client_id, client_id, f"Camille {name}", "", phone, f"camille.{folded(name)}@{domain}.fr")


Rows = Iterable[Sequence[object]]


def tables(rows: int) -> Iterator[tuple[str, Rows]]:
    """Every table but those of actions, with its rows, in the order of the columns."""
    yield "business_activity", [(1, "Négoce"), (2, "Services")]
    yield "profile", [(i, code, name) for i, (code, (name, _)) in enumerate(STANDARD_PROFILES.items(), 1)]
    yield (
        "profile_right",
        [
            (i, operation.value, int(scope))
            for i, (_, rights) in enumerate(STANDARD_PROFILES.values(), 1)
            for operation, scope in rights.items()
        ],
    )
    yield "org_unit", [(i, f"Agence {i}", "sales", 1 + i % 2, i, 1) for i in range(1, UNITS + 1)]
    people = [(i, f"Vendeur {i:03d}", f"v{i}@example.org", 1, 1, "fr", 1) for i in range(1, PEOPLE + 1)]
    yield "person", [*people, (ADMIN, "Admin", "admin@example.org", 3, 1, "fr", 1)]
    yield "membership", [(i, unit_of(i), 1) for i in range(1, PEOPLE + 1)]
    yield "action_domain", [(i, 1 + i % 2, f"Domaine {i}", i, 1) for i in range(1, DOMAINS + 1)]
    yield "action_nature", [(i, f"Nature {i}", i, 1, "task", 30, 0, None, 1) for i in range(1, NATURES + 1)]
    yield "action_reason", [(i, 1 + i % NATURES, f"Motif {i}", i, 1) for i in range(1, REASONS + 1)]
    yield "action_result", [(i, i, "Fait", 1, 1) for i in range(1, NATURES + 1)]
    files = _places(rows)
    yield (
        "client",
        [(*_values(f.client)[:7], 1 + f.client.id % 2, 1, 1, f.client.siret, "", folded(f.client.name)) for f in files],
    )
    yield "site", [_values(site) for f in files for site in f.sites]
    yield "contact", [_values(contact) for f in files for contact in f.contacts]
    yield "client_word", [(word, f.client.id) for f in files for word in sorted(index_words(f))]


def _values(noun: object) -> tuple[object, ...]:
    return tuple(getattr(noun, name) for name in type(noun).__slots__)  # type: ignore[attr-defined]


def unit_of(person_id: int) -> int:
    """The unit of a salesperson: ten in each."""
    return (person_id - 1) % UNITS + 1


def chains(rows: int) -> Iterator[tuple[tuple[object, ...], list[tuple[object, ...]], list[tuple[int, str]]]]:
    """Actions, each with its sub-actions and their documents of search, until there are `rows` sub-actions."""
    draw = random.Random(2)
    sentences, files = _sentences(draw), _places(rows)
    first_day, days = NOW.date() - timedelta(days=365 * YEARS), 365 * YEARS
    action_id = sub_id = 0
    while sub_id < rows:
        action_id += 1
        share = sub_id / rows
        length = LONG_CHAIN if action_id % 500 == 3 else draw.choices((1, 2, 3, 4, 5, 8), (25, 25, 20, 14, 10, 6))[0]
        length = min(length, rows - sub_id)
        file = files[draw.randrange(len(files))]
        person = draw.randint(1, PEOPLE)
        unit = unit_of(person)
        is_open = draw.random() < (0.62 if share > 0.8 else 0.04)
        day = first_day + timedelta(days=int(days * share) - draw.randint(0, 20))
        subs, docs = [], []
        client = file.client
        names = folded(f"{client.name} {client.town} {file.contacts[0].name}")
        for seq in range(1, length + 1):
            sub_id += 1
            is_last = seq == length
            status = _status(draw, is_open=is_open and is_last)
            if status in ("to_plan", "planned"):
                day = NOW.date() + timedelta(days=draw.randint(-15, 60))
            else:
                day = min(day + timedelta(days=draw.randint(0, 9)), NOW.date() - timedelta(days=1))
            assignee = None if status == "to_plan" and draw.random() < 0.04 else person
            (detail, plain), (report, plain_report) = draw.choice(sentences), draw.choice(sentences)
            if sub_id % 20_000 == 77:
                detail, plain = f"{detail} {RARE}", f"{plain} {RARE}"
            if status != "done":
                report = plain_report = ""
            subs.append(
                _sub_action(
                    draw, sub_id, action_id, seq, client.id, assignee, unit, status, day, detail, report, is_last
                )
            )
            open_now = int(status in ("to_plan", "planned"))
            docs.append(
                (
                    sub_id,
                    f"a{action_id:06d} {seq:02d} {names} {plain} {plain_report} "
                    f"zp{assignee or 0} zu{unit} zo{open_now}",
                )
            )
        is_stalled = subs[-1][11] == "cancelled" and any(sub[11] == "done" for sub in subs)
        action = (action_id, action_id, client.id, None, person, unit, None, length + 1, subs[-1][11], person,
                  _instant(day), 1, int(is_stalled))  # fmt: skip
        yield action, subs, docs


def _status(draw: random.Random, *, is_open: bool) -> str:
    if is_open:
        return draw.choice(("to_plan", "planned"))
    return "cancelled" if draw.random() < 0.04 else "done"


def _sub_action(
    draw: random.Random, sub_id: int, action_id: int, seq: int, client_id: int, assignee: int | None, unit: int,
    status: str, day: date, detail: str, report: str, is_last: bool,
) -> tuple[object, ...]:  # fmt: skip
    hour = draw.randint(8, 18) if draw.random() < 0.6 else None
    clock = None if hour is None else f"{hour:02d}:00:00.000000"
    listed = f"{day} {clock or '23:59:00.000000'}"
    planned: object = day
    if status == "to_plan" and draw.random() < 0.3:
        planned, clock, listed = None, None, "9999-12-31 23:59:00.000000"
    nature, done = draw.randint(1, NATURES), status == "done"
    reporter = draw.randint(1, PEOPLE) if draw.random() < 0.02 else assignee
    return (
        sub_id, action_id, seq, client_id, client_id, client_id, draw.randint(1, DOMAINS), nature,
        draw.randint(1, REASONS), assignee, unit, status, int(status in ("to_plan", "planned")), listed,
        str(planned) if planned else None, clock, 30, f"<p>{detail}</p>", detail,
        str(day) if done else None, clock if done else None, 30 if done else None, nature if done else None,
        f"<p>{report}</p>" if report else "", report, reporter if done else None, _instant(day, 18) if done else None,
        ("none" if is_last else "sub_action") if done else None,
        listed if status == "cancelled" else None, assignee if status == "cancelled" else None, "",
        assignee or 1, _instant(day, 8), 1,
    )  # fmt: skip


# ---- loading


def fill(url: str, rows: int) -> None:
    """Make the database at `url` and load `rows` sub-actions into it."""
    upgrade(url)
    _check_documents()
    if make_url(url).get_backend_name() == "sqlite":
        _fill_sqlite(str(make_url(url).database), rows)
    else:
        _fill_postgres(url, rows)


def _check_documents() -> None:
    """The documents written here are those that the app writes."""
    action, subs, docs = next(chains(10_000))
    file = _places(10_000)[int(str(action[2])) - 1]
    made = document(number=1, seq=1, names=[file.client.name, file.client.town, file.contacts[0].name],
                    texts=[str(subs[0][18]), str(subs[0][24])], assignee_id=subs[0][9], unit_id=int(str(subs[0][10])),
                    is_open=bool(subs[0][12]))  # type: ignore[arg-type]  # fmt: skip
    if made.split() != docs[0][1].split():
        raise AssertionError(f"{made} isn't {docs[0][1]}")


def _batches(rows: int) -> Iterator[tuple[list, list, list]]:
    source = chains(rows)
    while batch := list(islice(source, 5000)):
        actions = [action for action, _, _ in batch]
        yield actions, [s for _, subs, _ in batch for s in subs], [d for _, _, docs in batch for d in docs]


def _fill_sqlite(path: str, rows: int) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF", "cache_size=-400000"):
        connection.execute(f"PRAGMA {pragma}")
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = 'sub_action'"
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    connection.execute("BEGIN")

    def insert(table: str, values: list) -> None:
        if values:
            found = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            names, marks = ", ".join(found[: len(values[0])]), ", ".join("?" * len(values[0]))
            connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)

    for name, values in tables(rows):
        insert(name, list(values))
    for actions, subs, docs in _batches(rows):
        insert("action", actions)
        insert("sub_action", subs)
        connection.executemany("INSERT INTO sub_action_search (rowid, doc) VALUES (?, ?)", docs)
    for _, sql in indexes:
        connection.execute(sql)
    connection.execute("UPDATE counter SET value = (SELECT max(number) FROM action) WHERE name = 'action'")
    connection.execute("UPDATE counter SET value = value + 1 WHERE name = 'reference'")
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA analysis_limit=1000")
    connection.execute("ANALYZE")
    connection.close()


def _fill_postgres(url: str, rows: int) -> None:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # the rows are right: no look at foreign keys
        connection.execute("SET maintenance_work_mem = '512MB'")
        connection.execute("SET synchronous_commit = off")
        indexes = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE indexname ~ '^ix_sub_action_'"
        ).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        for name, values in tables(rows):
            _copy(connection, name, values)
        connection.execute("CREATE TEMP TABLE docs (id integer, doc text)")
        for actions, subs, docs in _batches(rows):
            _copy(connection, "action", actions)
            _copy(connection, "sub_action", subs)
            _copy(connection, "docs", docs)
        connection.execute("INSERT INTO sub_action_search SELECT id, to_tsvector('simple', doc) FROM docs")
        for _, definition in indexes:
            connection.execute(definition)
        connection.execute("UPDATE counter SET value = (SELECT max(number) FROM action) WHERE name = 'action'")
        connection.execute("UPDATE counter SET value = value + 1 WHERE name = 'reference'")
        for name, table in t.metadata.tables.items():
            if "id" in table.c and name != "counter":
                connection.execute(
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT coalesce(max(id), 1) FROM {name}))"
                )
        connection.execute("VACUUM ANALYZE")


def _copy(connection: psycopg.Connection, table: str, rows: Sequence[Sequence[object]]) -> None:
    """Columns that the rows don't reach were added by a later migration and take their defaults, as on SQLite."""
    if not rows:
        return
    found = connection.execute(f"SELECT * FROM {table} LIMIT 0").description or ()
    names = ", ".join(column.name for column in found[: len(rows[0])])
    with connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        lines = ["\t".join("\\N" if v is None else str(v) for v in row) + "\n" for row in rows]
        copy.write("".join(lines))
