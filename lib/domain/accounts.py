"""People and their accounts: what the server's console does, and what each person does for himself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib.domain.context import Context, command
from lib.domain.errors import Invalid, NotFound
from lib.domain.people import OrgUnit, Person
from lib.domain.reference import Reference
from lib.domain.rights import STANDARD_PROFILES
from lib.domain.sentences import say
from lib.domain.sign_in import MAX_EMAIL_LENGTH, Gate, account_of, give_password, new_one_time_password
from lib.domain.store import Store
from lib.domain.text import checked_line, folded

LANGUAGES = ("fr", "en")


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account as just made, with the password that works until its first use."""

    person_id: int
    one_time_password: str


def checked_email(email: str) -> str:
    """The address in the form that is stored; raises Invalid for `email`."""
    checked_line("email", email, max_length=MAX_EMAIL_LENGTH, required=True)
    account = account_of(email)
    local, at, domain = account.rpartition("@")
    if not (local and at and domain) or " " in account:
        raise Invalid({"email": say("This isn't an e-mail address.")})
    return account


def add_person(
    gate: Gate,
    *,
    email: str,
    name: str,
    profile: str,
    units: Sequence[str] = (),
    preferred: str = "",
    language: str = LANGUAGES[0],
) -> NewAccount:
    """A person with an account, from the console of the server; `profile` is a code, `units` and `preferred` are names.

    Raises Invalid for `email`, `name`, `profile`, `unit` or `preferred`.
    """
    account = checked_email(email)
    line = checked_line("name", name, max_length=120, required=True)

    def add(store: Store) -> int:
        if store.people.by_email(account):
            raise Invalid({"email": say("{email} already has an account.", email=account)})
        reference = store.reference()
        found = [_unit_named(reference, unit) for unit in units]
        first = _unit_named(reference, preferred) if preferred else None
        if first and first not in found:
            raise Invalid({"preferred": say("The preferred unit must be one of the person's units.")})
        person_id = store.people.add(
            {"name": line, "email": account, "profile_id": _profile_id(reference, profile), "language": language}
        )
        store.people.set_units(person_id, [unit.id for unit in found], preferred_id=first.id if first else None)
        return person_id

    gate.db.write(_add_standard_profiles)
    person_id = gate.db.write(add)
    return NewAccount(person_id, _with_one_time_password(gate, person_id))


def renew_password(gate: Gate, *, email: str) -> NewAccount:
    """A new one-time password for somebody who lost his; every session of his ends."""
    person = gate.db.read(lambda store: _person(store, email))
    return NewAccount(person.id, _with_one_time_password(gate, person.id))


def set_active(gate: Gate, *, email: str, is_active: bool) -> None:
    """Let a person in or keep him out, from his next click on."""

    def change(store: Store) -> None:
        person = _person(store, email)
        store.people.update(person.id, {"is_active": is_active})
        if not is_active:
            store.sign_ins.delete_sessions_of(person.id)

    gate.db.write(change)


@command
def choose_language(ctx: Context, *, language: str) -> None:
    """Speak another language to the connected person, from the next run on."""
    if language not in LANGUAGES:
        raise Invalid({"language": say("Choose one of the languages of the list.")})
    ctx.store.people.update(ctx.person.id, {"language": language})


def _add_standard_profiles(store: Store) -> None:
    """To a new database, which has none; afterwards the stored ones count.

    In a transaction of its own, because one reads the reference data only once.
    """
    if not store.reference().profiles:
        for code, (name, rights) in STANDARD_PROFILES.items():
            store.people.add_profile(code, name, rights)


def _with_one_time_password(gate: Gate, person_id: int) -> str:
    password = new_one_time_password()
    give_password(gate, person_id=person_id, password=password, must_change=True)
    return password


def _person(store: Store, email: str) -> Person:
    person = store.people.by_email(account_of(email))
    if person is None:
        raise NotFound(say("Nobody has the e-mail address {email}.", email=account_of(email)))
    return person


def _profile_id(reference: Reference, code: str) -> int:
    for profile in reference.profiles.values():
        if profile.code == code:
            return profile.id
    codes = ", ".join(profile.code for profile in reference.profiles.values())
    raise Invalid({"profile": say("Unknown profile “{code}”: choose among {codes}.", code=code, codes=codes)})


def _unit_named(reference: Reference, name: str) -> OrgUnit:
    for unit in reference.units.values():
        if folded(unit.name) == folded(name):
            return unit
    names = ", ".join(unit.name for unit in reference.units.values()) or "-"
    raise Invalid({"unit": say("Unknown unit “{name}”: choose among {names}.", name=name, names=names)})
