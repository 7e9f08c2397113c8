"""Passwords: hashed by Argon2id (pwdlib), judged by zxcvbn (how many guesses a patient attacker needs)."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from functools import cached_property

from pwdlib import PasswordHash

HASHES_AT_ONCE = 4  # each takes 64 MiB and 0.1 s: a flood of attempts must not take the machine
EASY_GUESSES = 10**8  # zxcvbn's border between "somewhat guessable" and "safely unguessable"
JUDGED_LENGTH = 72  # zxcvbn's own bound: its time grows with the cube of the length


class Argon2Passwords:
    """Fulfils `lib.domain.sign_in.Passwords`."""

    def __init__(self, hasher: PasswordHash | None = None) -> None:
        self._hasher = hasher or PasswordHash.recommended()
        self._turn = threading.BoundedSemaphore(HASHES_AT_ONCE)

    def hash(self, password: str) -> str:
        with self._turn:
            return self._hasher.hash(_encoded(password))

    def matches(self, password: str, stored: str | None) -> bool:
        with self._turn:
            is_right = self._hasher.verify(_encoded(password), stored or self._nobodys)
        return is_right and stored is not None

    def is_outdated(self, stored: str) -> bool:
        return self._hasher.current_hasher.check_needs_rehash(stored)

    def is_easy_to_guess(self, password: str, *, about: Sequence[str]) -> bool:
        """Common passwords and words, keyboard runs, repeats, dates, and what is known `about` the person, combined."""
        # A megabyte of word lists: only when somebody chooses a password.
        from zxcvbn import zxcvbn  # type: ignore[import-untyped]

        with _judging:
            judged = zxcvbn(password[:JUDGED_LENGTH], user_inputs=["relais", *about])
        return bool(judged["guesses"] < EASY_GUESSES)

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash(secrets.token_bytes(32))


# zxcvbn keeps what it is told about the person in a global table.
_judging = threading.Lock()


def _encoded(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
