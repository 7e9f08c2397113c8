"""Accounts and gates for the tests of signing in: hashes that cost nothing and are counted, a clock that is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from lib.domain import accounts
from lib.domain.sign_in import Gate, give_password
from lib.domain.store import Database

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
EMAIL = "claire.martin@example.com"
PASSWORD = "un train bleu sans retard"
NEW_PASSWORD = "trois moutons sur un toit"


class CountingPasswords:
    """Fulfils `lib.domain.sign_in.Passwords` without its cost; `checked` holds what each check compared with."""

    def __init__(self) -> None:
        self.checked: list[str | None] = []
        self.mark = "v2:"

    def hash(self, password: str) -> str:
        return self.mark + password

    def matches(self, password: str, stored: str | None) -> bool:
        self.checked.append(stored)
        return stored is not None and stored.partition(":")[2] == password

    def is_outdated(self, stored: str) -> bool:
        return not stored.startswith(self.mark)

    def is_easy_to_guess(self, password: str, *, about: Sequence[str]) -> bool:
        return password.startswith("easy")


def a_gate(db: Database, *, now: datetime = START, passwords: CountingPasswords | None = None) -> Gate:
    return Gate(db, passwords or CountingPasswords(), now)


def an_account(
    db: Database, *, email: str = EMAIL, password: str = PASSWORD, must_change: bool = False, now: datetime = START
) -> int:
    """The id of a salesperson who can sign in with `password`."""
    made = accounts.add_person(a_gate(db, now=now), email=email, name="Claire Martin", profile="sales")
    give_password(a_gate(db, now=now), person_id=made.person_id, password=password, must_change=must_change)
    return made.person_id
