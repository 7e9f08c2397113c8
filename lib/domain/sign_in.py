"""Signing in with a local account: passwords, sessions and the brake on guessing.

These use cases run before anybody is known, so they are given a `Gate` instead of a `Context`.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from lib.domain.errors import DomainError, Invalid, NotAllowed
from lib.domain.sentences import Sentence, say, say_many
from lib.domain.store import Database, Store
from lib.domain.text import folded, one_line

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
TOUCH_EVERY = timedelta(minutes=1)
"""How exact `last_seen_at` is: a finer one would make every click a write."""
ONE_TIME = timedelta(days=7)
"""How long an initial password waits for its first use."""

MIN_PASSWORD_LENGTH = 12
MAX_PASSWORD_BYTES = 1024
MAX_EMAIL_LENGTH = 254
MAX_USER_AGENT_LENGTH = 200

FAILURE_WINDOW = timedelta(hours=1)
FREE_FAILURES_OF_ACCOUNT = 5
FREE_FAILURES_OF_ADDRESS = 10  # an office shares one address
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)

WRONG = say("Wrong e-mail address or password.")
ENDED = say("Your session has ended: sign in again.")


# ---- nouns


@dataclass(frozen=True, slots=True)
class Credential:
    """What a person proves himself with, and what the password rules need to know about him."""

    person_id: int
    name: str
    email: str
    is_active: bool
    password_hash: str = field(repr=False)
    must_change: bool
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class SignInSession:
    """A browser where somebody signed in; the last four fields are the person's, as of now."""

    token_hash: str = field(repr=False)
    person_id: int
    created_at: datetime
    last_seen_at: datetime
    user_agent: str = ""
    is_active: bool = True
    must_change: bool = False
    language: str = "fr"
    email: str = ""


@dataclass(frozen=True, slots=True)
class Failures:
    """Attempts of one account or one address that haven't led to a session, since the start of the window."""

    count: int
    last_at: datetime | None = None


class Passwords(Protocol):
    """The art of keeping passwords, which belongs to a library (`lib.gateways.passwords`)."""

    def hash(self, password: str) -> str: ...

    def matches(self, password: str, stored: str | None) -> bool:
        """Whether `password` is the stored one; without a stored one False, after the same time."""

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made with settings weaker than today's."""

    def is_easy_to_guess(self, password: str, *, about: Sequence[str]) -> bool:
        """Whether it is a common password, a pattern, or made of what is known `about` the person."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What these use cases need from outside: `now` is an aware UTC instant."""

    db: Database
    passwords: Passwords
    now: datetime


class Throttled(DomainError):
    """Too many failures: nothing is even tried before `wait` has passed."""

    def __init__(self, wait: timedelta) -> None:
        minutes = max(1, math.ceil(wait / timedelta(minutes=1)))
        super().__init__(
            say_many(
                "Too many attempts: wait {count} minute, then try again.",
                "Too many attempts: wait {count} minutes, then try again.",
                count=minutes,
            )
        )
        self.wait = wait


# ---- rules


def account_of(email: object) -> str:
    """The form in which an e-mail address is stored and compared."""
    return one_line(email).lower()[:MAX_EMAIL_LENGTH]


def network_of(address: str) -> str:
    """What failures are counted by: an IPv4 address, or the /64 that one customer has of IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed.packed[:8] + bytes(8), 64)).network_address)
    return str(parsed)


def is_alive(session: SignInSession, now: datetime) -> bool:
    """Whether a session still opens the door: used lately, not too old, its person active."""
    return session.is_active and now - session.last_seen_at <= IDLE and now - session.created_at <= ABSOLUTE


def wait_before_next(failures: Failures, *, free: int, now: datetime) -> timedelta:
    """How long to wait from `now`: nothing before `free` failures, then twice as long after each."""
    if failures.count < free or failures.last_at is None:
        return timedelta(0)
    doublings = min(failures.count - free, 10)
    return max(failures.last_at + min(FIRST_WAIT * 2**doublings, LONGEST_WAIT) - now, timedelta(0))


def password_problem(password: str, *, name: str, email: str, passwords: Passwords) -> Sentence | None:
    """Why a new password is refused; None when it isn't. Length and surprise count, not the kinds of characters."""
    if len(password) < MIN_PASSWORD_LENGTH:
        return say("At least {min_length} characters; a phrase is easiest to remember.", min_length=MIN_PASSWORD_LENGTH)
    if len(_bytes(password)) > MAX_PASSWORD_BYTES:
        return say("Too long: {max_length} bytes at most.", max_length=MAX_PASSWORD_BYTES)
    words = [email, *email.split("@"), name, *name.split()]
    if _bare(password) in {_bare(word) for word in words}:
        return say("Your own name or address is the first thing that others would try.")
    if passwords.is_easy_to_guess(password, about=words):
        return say("Too easy to guess: choose something longer, or words that have nothing to do with each other.")
    return None


def hash_of_token(token: str) -> str:
    """What is stored of a session's token: a stolen backup opens nothing."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_one_time_password() -> str:
    """79 bits, without letters that are read one for another: `k7mq-x3np-…`."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))


def _bare(word: str) -> str:
    return folded(word).replace(" ", "")


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


def _normal(password: str) -> str:
    """One form for what looks the same: keyboards differ in how they send an é (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


# ---- use cases


def sign_in(gate: Gate, *, email: str, password: str, address: str, user_agent: str, replaces: str = "") -> str:
    """The token of a new session; the one that the browser came with, `replaces`, ends.

    Raises NotAllowed, in the same words and time, when the account is unknown or inactive or the password wrong; raises
    Throttled after a handful of failures.
    """
    credential = _proven(gate, account=account_of(email), address=address, password=password)
    upgraded = gate.passwords.hash(_normal(password)) if gate.passwords.is_outdated(credential.password_hash) else None

    def open_session(store: Store) -> str:
        _unchanged(store, credential)
        _purge(store, gate.now)
        if replaces:
            store.sign_ins.delete_session(hash_of_token(replaces))
        if upgraded:
            store.sign_ins.set_password(
                credential.person_id, upgraded, must_change=credential.must_change, at=credential.changed_at
            )
        return _new_session(store, gate, credential, user_agent)

    return gate.db.write(open_session)


def sign_out(gate: Gate, *, token: str) -> None:
    """End the session of this token, here and in every tab."""
    gate.db.write(lambda store: store.sign_ins.delete_session(hash_of_token(token)))


def live_session(store: Store, token: str, *, now: datetime) -> SignInSession | None:
    """The live session of a token, in one statement."""
    session = store.sign_ins.session(hash_of_token(token)) if token else None
    return session if session and is_alive(session, now) else None


def who_is(gate: Gate, *, token: str) -> SignInSession | None:
    """The live session of a token, which this use keeps alive."""
    session = gate.db.read(lambda store: live_session(store, token, now=gate.now))
    if session:
        keep_alive(gate, session)
    return session


def keep_alive(gate: Gate, session: SignInSession) -> None:
    """Note that the session was used; at most once a minute, so that most runs of a page write nothing."""
    if gate.now - session.last_seen_at >= TOUCH_EVERY:
        gate.db.write(lambda store: store.sign_ins.touch(session.token_hash, gate.now))


def change_password(
    gate: Gate, *, token: str, current: str, new: str, repeated: str, address: str, user_agent: str
) -> str:
    """Set a person's own password; every session of his ends, and a new one begins here, whose token is returned.

    Raises Invalid for `current`, `new` or `repeated`; NotAllowed when the session has ended; Throttled.
    """
    credential = gate.db.read(lambda store: _credential_behind(store, token, gate.now))
    if problem := password_problem(
        _normal(new), name=credential.name, email=credential.email, passwords=gate.passwords
    ):
        raise Invalid({"new": problem})
    if _normal(new) != _normal(repeated):
        raise Invalid({"repeated": say("The two new passwords differ: type it again.")})
    if _normal(new) == _normal(current):
        raise Invalid({"new": say("This is your current password: choose another one.")})
    try:
        proven = _proven(gate, account=credential.email, address=address, password=current)
    except NotAllowed:
        raise Invalid({"current": say("This isn't your current password.")}) from None
    made = gate.passwords.hash(_normal(new))

    def replace(store: Store) -> str:
        _unchanged(store, proven)
        store.sign_ins.set_password(proven.person_id, made, must_change=False, at=gate.now)
        store.sign_ins.delete_sessions_of(proven.person_id)
        return _new_session(store, gate, proven, user_agent)

    return gate.db.write(replace)


def give_password(gate: Gate, *, person_id: int, password: str, must_change: bool) -> None:
    """Set a person's password from the server's console, or for demo data; his sessions and failures are forgotten."""
    made = gate.passwords.hash(_normal(password))

    def give(store: Store) -> None:
        store.sign_ins.set_password(person_id, made, must_change=must_change, at=gate.now)
        store.sign_ins.delete_sessions_of(person_id)
        if credential := store.sign_ins.credential(person_id):
            store.sign_ins.forget_attempts(credential.email)

    gate.db.write(give)


def _proven(gate: Gate, *, account: str, address: str, password: str) -> Credential:
    """The credential that account and password prove, the attempt being counted before the password is tried.

    Counted before, so that a hundred attempts at once can't all find the count at zero. The slow hash is computed
    outside the transactions, and for unknown accounts too.
    """
    network = network_of(address)

    def admit(store: Store) -> Credential | None:
        store.sign_ins.lock_attempts()
        of_account, of_address = store.sign_ins.failures(
            account=account, address=network, since=gate.now - FAILURE_WINDOW
        )
        wait = max(
            wait_before_next(of_account, free=FREE_FAILURES_OF_ACCOUNT, now=gate.now),
            wait_before_next(of_address, free=FREE_FAILURES_OF_ADDRESS, now=gate.now),
        )
        if wait:
            raise Throttled(wait)
        store.sign_ins.add_attempt(account, network, gate.now)
        return store.sign_ins.credential_of(account)

    credential = gate.db.write(admit)
    tried = _normal(password)
    is_bounded = len(_bytes(tried)) <= MAX_PASSWORD_BYTES
    stored = credential.password_hash if credential and is_bounded else None
    is_right = gate.passwords.matches(tried if is_bounded else "", stored)
    if credential is None or not is_right or not credential.is_active:
        raise NotAllowed(WRONG)
    if credential.must_change and gate.now - credential.changed_at > ONE_TIME:
        raise NotAllowed(WRONG)
    return credential


def _unchanged(store: Store, credential: Credential) -> None:
    """Raises NotAllowed when the password was changed between being proven and being used."""
    stored = store.sign_ins.credential(credential.person_id)
    if stored is None or stored.password_hash != credential.password_hash:
        raise NotAllowed(WRONG)


def _credential_behind(store: Store, token: str, now: datetime) -> Credential:
    session = live_session(store, token, now=now)
    credential = store.sign_ins.credential(session.person_id) if session else None
    if credential is None:
        raise NotAllowed(ENDED)
    return credential


def _new_session(store: Store, gate: Gate, credential: Credential, user_agent: str) -> str:
    token = secrets.token_urlsafe(32)
    store.sign_ins.forget_attempts(credential.email)
    store.sign_ins.add_session(
        SignInSession(
            hash_of_token(token), credential.person_id, gate.now, gate.now, one_line(user_agent)[:MAX_USER_AGENT_LENGTH]
        )
    )
    return token


def _purge(store: Store, now: datetime) -> None:
    store.sign_ins.purge(attempts_before=now - FAILURE_WINDOW, idle_before=now - IDLE, created_before=now - ABSOLUTE)
