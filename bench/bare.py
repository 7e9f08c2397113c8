"""The same answers by hand-written SQL through the driver alone: what the use cases are measured against."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from bench.data import NOW
from lib.domain.lists import COUNTED, PAGE_ROWS, TEXT_COUNTED

_SUB = """s.id, s.action_id, s.seq, s.site_id, s.contact_id, s.domain_id, s.nature_id, s.reason_id, s.assignee_id,
    s.org_unit_id, s.status, s.planned_date, s.planned_time, s.duration_min, substr(s.detail_text, 1, 600), s.done_on,
    s.done_time, s.done_duration_min, s.result_id, substr(s.report_text, 1, 600), s.reported_by, s.reported_at,
    s.follow_up, s.cancelled_at, s.cancelled_by, s.cancel_reason, s.created_by, s.created_at, s.version"""
_ACTION = """a.id, a.number, a.client_id, a.origin_id, a.responsible_id, a.org_unit_id, a.deal_id, a.next_seq,
    a.status, a.created_by, a.created_at, a.version"""
_ROWS = f"""SELECT {_SUB}, {_ACTION}, c.name, c.town, coalesce(si.name, ''), coalesce(co.name, ''){{more}}
    FROM ({{ids}}) page JOIN sub_action s ON s.id = page.id JOIN action a ON a.id = s.action_id
    JOIN client c ON c.id = s.client_id LEFT JOIN site si ON si.id = s.site_id
    LEFT JOIN contact co ON co.id = s.contact_id
    ORDER BY s.listed_at {{way}}, s.id {{way}}"""


class Bare:
    """One connection of the driver, set as the app sets its own."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._connection: Any = sqlite3.connect(str(parsed.database), isolation_level=None)
            for pragma in ("synchronous=FULL", "foreign_keys=ON", "cache_size=-65536", "mmap_size=1073741824"):
                self._connection.execute(f"PRAGMA {pragma}")
        else:
            plain = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
            self._connection = psycopg.connect(plain, options="-c timezone=UTC", autocommit=True)

    def close(self) -> None:
        self._connection.close()

    def run(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        """The rows of a statement, written with `?` for both engines."""
        if self.is_sqlite:
            found = self._connection.execute(sql, [str(v) if isinstance(v, date | time) else v for v in values])
        else:
            found = self._connection.execute(sql.replace("?", "%s"), values)
        return found.fetchall() if found.description else []

    # ---- lists: arms are disjoint index ranges, merged in the order of the list

    def page(
        self, arms: Sequence[tuple[str, Sequence[object]]], *, way: str = "ASC", page: int = 1, text: str = ""
    ) -> tuple[int, list[Any]]:
        """The count and one page of what the arms keep, each written as a condition on `sub_action s`."""
        if text:
            return self._found(text, way=way, skip=(page - 1) * PAGE_ROWS)
        total = self.count(arms)
        last = max(1, -(-min(total, COUNTED) // PAGE_ROWS))
        return total, self.rows(arms, way=way, skip=(min(page, last) - 1) * PAGE_ROWS)

    def count(self, arms: Sequence[tuple[str, Sequence[object]]]) -> int:
        each = [f"SELECT * FROM (SELECT 1 FROM sub_action s WHERE {kept} LIMIT {COUNTED + 1}) x{n}"
                for n, (kept, _) in enumerate(arms)]  # fmt: skip
        every = " UNION ALL ".join(each)
        values = [value for _, bound in arms for value in bound]
        found = self.run(f"SELECT count(*) FROM ({every} LIMIT {COUNTED + 1}) y", values)
        return int(found[0][0])

    def rows(self, arms: Sequence[tuple[str, Sequence[object]]], *, way: str = "ASC", skip: int = 0,
             limit: int = PAGE_ROWS) -> list[Any]:  # fmt: skip
        order, last = f"ORDER BY listed_at {way}, id {way}", skip + limit
        each = [f"SELECT * FROM (SELECT s.id, s.listed_at FROM sub_action s WHERE {kept} {order} LIMIT {last}) x{n}"
                for n, (kept, _) in enumerate(arms)]  # fmt: skip
        ids = f"{' UNION ALL '.join(each)} {order} LIMIT {limit} OFFSET {skip}"
        return self.run(_ROWS.format(ids=ids, way=way, more=""), [value for _, bound in arms for value in bound])

    def _found(self, text: str, *, way: str, skip: int) -> tuple[int, list[Any]]:
        """The page among the newest matches, which are counted on the way."""
        if self.is_sqlite:
            found = (f"SELECT rowid AS found FROM sub_action_search WHERE sub_action_search MATCH '{text}' "
                     f"ORDER BY rowid DESC LIMIT {TEXT_COUNTED + 1}")  # fmt: skip
        else:
            found = (f"SELECT id AS found FROM sub_action_search WHERE doc @@ to_tsquery('simple', '{text}') "
                     f"ORDER BY id DESC LIMIT {TEXT_COUNTED + 1}")  # fmt: skip
        ids = (f"SELECT s.id, count(*) OVER () AS total FROM ({found}) f CROSS JOIN sub_action s WHERE s.id = f.found "
               f"ORDER BY s.listed_at {way}, s.id {way} LIMIT {PAGE_ROWS} OFFSET {skip}")  # fmt: skip
        rows = self.run(_ROWS.format(ids=ids, way=way, more=", page.total"))
        return rows[0][-1] if rows else 0, rows

    def words(self, word: str, *groups: Sequence[str]) -> str:
        """A word's beginning and one word of each group, in the engine's language."""
        if self.is_sqlite:
            return " AND ".join([f'"{word}"*', *(f"({' OR '.join(group)})" for group in groups)])
        return " & ".join([f"{word}:*", *(f"({' | '.join(group)})" for group in groups)])

    # ---- the day

    def day(self, person: int, unit: int, now: datetime) -> tuple[list[Any], ...]:
        """The tiles and the four lists of Ma journée."""
        today = datetime.combine(now.date(), time.min)
        tomorrow, monday = today + timedelta(days=1), today - timedelta(days=today.weekday())
        next_monday, open_ = monday + timedelta(days=7), "assignee_id = ? AND is_open" + self._true
        counts = self.run(
            f"""SELECT (SELECT count(*) FROM sub_action WHERE {open_} AND listed_at < ?),
            (SELECT count(*) FROM sub_action WHERE {open_} AND listed_at >= ? AND listed_at < ?),
            (SELECT count(*) FROM sub_action WHERE {open_} AND listed_at >= ? AND listed_at < ?),
            (SELECT count(*) FROM sub_action WHERE {open_} AND status = 'to_plan'),
            (SELECT count(*) FROM sub_action WHERE assignee_id = ? AND {self.closed} AND status = 'done'
                AND listed_at >= ? AND listed_at < ?),
            (SELECT count(*) FROM sub_action WHERE assignee_id IS NULL AND {self.open} AND org_unit_id = ?)""",
            [person, now, person, today, tomorrow, person, monday, next_monday, person, person, monday, next_monday,
             unit],
        )  # fmt: skip
        mine = f"s.{open_} AND s.listed_at >= ? AND s.listed_at < ?"
        unplanned = (
            f"SELECT s.id FROM sub_action s JOIN action a ON a.id = s.action_id WHERE a.responsible_id = ? "
            f"AND a.status = 'to_plan' AND s.{self.open} ORDER BY s.listed_at, s.id LIMIT 10"
        )
        return (
            counts,
            self.rows([(mine, [person, today, tomorrow])]),
            self.rows([(f"s.{open_} AND s.listed_at < ?", [person, today])], limit=10),
            self.rows([(mine, [person, tomorrow, tomorrow + timedelta(days=14)])], limit=10),
            self.run(_ROWS.format(ids=unplanned, way="ASC", more=""), [person]),
        )

    @property
    def _true(self) -> str:
        return " = 1" if self.is_sqlite else ""

    @property
    def open(self) -> str:
        return f"is_open{self._true}"

    @property
    def closed(self) -> str:
        return "is_open = 0" if self.is_sqlite else "NOT is_open"

    # ---- one action

    def file(self, sub_id: int) -> tuple[list[Any], ...]:
        """A chain with its texts, client, sites and contacts."""
        chain = self.run("SELECT action_id FROM sub_action WHERE id = ?", [sub_id])[0][0]
        action = self.run(f"SELECT {_ACTION} FROM action a WHERE a.id = ?", [chain])
        client = [action[0][2]]
        return (
            action,
            self.run(f"SELECT {_SUB} FROM sub_action s WHERE s.action_id = ? ORDER BY s.seq", [chain]),
            self.run("SELECT p.* FROM sub_action_participant p JOIN sub_action s ON s.id = p.sub_action_id "
                     "WHERE s.action_id = ?", [chain]),
            self.run("SELECT detail_html, report_html FROM sub_action WHERE id = ?", [sub_id]),
            self.run("SELECT id, code, name, town, phone, relation, account_manager_id, is_active FROM client "
                     "WHERE id = ?", client),
            self.run("SELECT * FROM site WHERE client_id = ? ORDER BY name, id", client),
            self.run("SELECT * FROM contact WHERE client_id = ? ORDER BY name, id", client),
        )  # fmt: skip

    def clients(self, start: str, *words: str) -> list[Any]:
        """The 20 best clients for beginnings of words, the rarest word first; and their places."""
        true = self._true
        other = (
            "AND EXISTS (SELECT 1 FROM client_word o WHERE o.client_id = w.client_id AND o.word >= ? AND o.word < ?) "
        )
        named = f"c.is_active{true} AND c.folded_name >= ? AND c.folded_name < ?"
        begins = [start, start + "{"]
        found = self.run(
            "SELECT c.id, c.code, c.name, c.town, c.phone, c.relation, c.account_manager_id, c.is_active, "
            "c.business_activity_id, c.siret, c.website, c.version FROM client c "
            f"WHERE c.is_active{true} AND c.id IN (SELECT id FROM (SELECT c.id FROM client c WHERE {named} "
            "ORDER BY c.folded_name, c.id LIMIT 20) x UNION SELECT client_id FROM (SELECT w.client_id "
            f"FROM client_word w WHERE w.word >= ? AND w.word < ? {other * (len(words) - 1)}"
            "ORDER BY w.word LIMIT 150) y) "
            "ORDER BY (c.folded_name >= ? AND c.folded_name < ?) DESC, c.folded_name, c.id LIMIT 20",
            [*begins, *(end for word in words for end in (word, word + "{")), *begins],
        )
        ids = [row[0] for row in found]
        for noun in ("site", "contact"):
            self.run(f"SELECT * FROM {noun} WHERE client_id IN ({', '.join('?' * len(ids))}) ORDER BY name, id", ids)
        return found

    # ---- steering

    def workload(self, bounds: Sequence[date], now: datetime) -> tuple[list[Any], ...]:
        """Minutes planned by holder, week and nature; done by person and week; all that is to plan, or late."""

        def sums(index: str, keys: str, day: str, minutes: str, whose: str) -> list[Any]:
            weeks = " ".join(f"WHEN {day} < ? THEN {number}" for number in range(len(bounds) - 1))
            source = f"sub_action INDEXED BY ix_sub_action_{index}_load" if self.is_sqlite else "sub_action"
            return self.run(
                f"SELECT {keys}, CASE {weeks} END AS week, count(*), coalesce(sum({minutes}), 0) FROM {source} "
                f"WHERE status = '{index}' AND {day} >= ? AND {day} < ? AND {whose} GROUP BY {keys}, week",
                [*bounds[1:], bounds[0], bounds[-1]],
            )

        people = "assignee_id IN (SELECT person_id FROM membership)"
        planned = sums("planned", "assignee_id, org_unit_id, nature_id", "planned_date", "duration_min",
                       f"({people} OR assignee_id IS NULL)")  # fmt: skip
        done = sums("done", "assignee_id", "done_on", "done_duration_min", people)
        waiting = self.run(
            "SELECT sum(CASE WHEN status = 'to_plan' THEN 1 ELSE 0 END), "
            "sum(CASE WHEN listed_at < ? THEN 1 ELSE 0 END), "
            "sum(CASE WHEN status = 'to_plan' THEN duration_min ELSE 0 END)"
            f" FROM sub_action WHERE {self.open} AND ({people} OR assignee_id IS NULL)",
            [now],
        )
        return planned, done, waiting

    def orphans(self) -> tuple[tuple[int, list[Any]], ...]:
        """Clients without an open sub-action and chains without a next step: the first 50, counted up to 1,001."""
        clients = (f"FROM client c WHERE c.is_active{self._true} AND NOT EXISTS "
                   f"(SELECT 1 FROM sub_action s WHERE s.client_id = c.id AND s.{self.open})")  # fmt: skip
        stalled = f"FROM action a WHERE a.is_stalled{self._true}"
        found = []
        for kept, key, order in ((clients, "c.id", "c.name, c.id"), (stalled, "a.id", "a.id + 0")):
            rows = self.run(f"SELECT {key} {kept} ORDER BY {order} LIMIT {PAGE_ROWS}")
            counted = self.run(f"SELECT count(*) FROM (SELECT 1 {kept} LIMIT 1001) x")
            found.append((int(counted[0][0]), rows))
        return tuple(found)

    # ---- a report with its follow-up

    def report(self, sub_id: int, person: int, key: str) -> None:
        """Read what the rules need, then write what the use case writes, in one transaction."""
        self.run("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")
        self.run("SELECT result_id FROM request WHERE key = ? AND person_id = ?", [key, person])
        if not self.is_sqlite:
            self.run(
                "SELECT 1 FROM action WHERE id = (SELECT action_id FROM sub_action WHERE id = ?) FOR UPDATE", [sub_id]
            )
        action, subs, *_ = self.file(sub_id)
        chain, number, client = action[0][0], action[0][1], action[0][2]
        unit = subs[-1][9]
        listed = datetime.combine(NOW.date(), time(9))
        self.run(
            "UPDATE sub_action SET status = 'done', follow_up = 'sub_action', reported_by = ?, reported_at = ?, "
            "done_on = ?, done_time = ?, done_duration_min = 30, report_html = ?, report_text = ?, listed_at = ?, "
            "is_open = ?, version = version + 1 WHERE id = ? AND version = ?",
            [person, NOW.replace(tzinfo=None), NOW.date(), time(9), "<p>fait</p>", "fait", listed, self._bool(False),
             sub_id, subs[-1][-1]],
        )  # fmt: skip
        self._index(sub_id, f"a{number:06d} {subs[-1][2]:02d} fait zp{person} zu{unit} zo0")
        self._journal(person, sub_id, chain, 9)
        seq = self.run("UPDATE action SET next_seq = next_seq + 1 WHERE id = ? RETURNING next_seq", [chain])[0][0] - 1
        new = self.run(
            "INSERT INTO sub_action (action_id, seq, client_id, nature_id, assignee_id, org_unit_id, status, is_open, "
            "listed_at, planned_date, detail_html, detail_text, created_by, created_at) "
            "VALUES (?, ?, ?, 1, ?, ?, 'to_plan', ?, ?, ?, '<p>suite</p>', 'suite', ?, ?) RETURNING id",
            [chain, seq, client, person, unit, self._bool(True), listed, NOW.date(), person, NOW.replace(tzinfo=None)],
        )[0][0]
        self._index(new, f"a{number:06d} {seq:02d} suite zp{person} zu{unit} zo1")
        self._journal(person, new, chain, 1)
        self.run("UPDATE action SET status = 'to_plan', version = version + 1 WHERE id = ?", [chain])
        self._journal(person, chain, chain, 1)
        self.run(
            "INSERT INTO request VALUES (?, ?, 'enter_report', ?, ?)", [key, person, new, NOW.replace(tzinfo=None)]
        )
        self.run("COMMIT")

    def _bool(self, value: bool) -> object:
        return int(value) if self.is_sqlite else value

    def _index(self, sub_id: int, doc: str) -> None:
        key, made = ("rowid", "?") if self.is_sqlite else ("id", "to_tsvector('simple', ?)")
        self.run(f"DELETE FROM sub_action_search WHERE {key} = ?", [sub_id])
        self.run(f"INSERT INTO sub_action_search ({key}, doc) VALUES (?, {made})", [sub_id, doc])

    def _journal(self, person: int, id: int, chain: int, lines: int) -> None:
        values = ["x" * 32, NOW.replace(tzinfo=None), person, id, chain]
        row = "(?, 'enter_report', ?, ?, 'sub_action', ?, ?, 1, 'status', 'null', 'null')"
        self.run(
            "INSERT INTO change (operation_id, operation, at, person_id, entity, entity_id, action_id, version, field, "
            f"old, new) VALUES {', '.join([row] * lines)}",
            values * lines,
        )
