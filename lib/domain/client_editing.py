"""Creating and changing clients, their sites and their contacts; doubles are told before anything is saved (R34)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from lib.domain.changes import Change, record_change
from lib.domain.checks import is_id
from lib.domain.client_fields import checked_client, checked_contact, checked_site
from lib.domain.clients import Client, Contact, Relation, Site, open_client
from lib.domain.context import Context, command, once, query
from lib.domain.errors import Conflict, DomainError, FieldConflict, Invalid, NotFound
from lib.domain.rights import Operation, require
from lib.domain.sentences import say
from lib.domain.text import folded

MAX_DOUBLES = 5
"""Of each kind that are told."""
_FOLDED_CHARS = 160
_NAMES = {"account_manager_id": "account_manager", "business_activity_id": "business_activity", "site_id": "site",
          "latitude": "coordinates", "longitude": "coordinates"}  # fmt: skip
"""The form's field behind a column, where the names differ."""
_NOUNS: Mapping[type, str] = {Client: "client", Site: "site", Contact: "contact"}


# ---- doubles


class DoubleKind(StrEnum):
    """By what two records look like the same."""

    SIRET = "siret"
    NAME = "name"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Double:
    """A client that looks like the one being saved; for an e-mail address, the contact who has it already."""

    kind: DoubleKind
    client: Client
    contact: Contact | None = None

    @property
    def key(self) -> str:
        """What a person accepts."""
        return f"{self.kind}:{self.contact.id if self.contact else self.client.id}"


class Doubles(DomainError):
    """Records that look the same exist and nobody has accepted them yet: nothing is saved, they are told here."""

    def __init__(self, found: Sequence[Double]) -> None:
        super().__init__(say("There is perhaps one already: look at these before saving."))
        self.found = tuple(found)


def _refuse_doubles(found: Sequence[Double], accepted: Collection[str]) -> None:
    if [each for each in found if each.key not in accepted]:
        raise Doubles(found)


def _doubles_of_client(ctx: Context, columns: Mapping[str, Any], before: Client | None) -> list[Double]:
    """Other clients of the same SIRET, or the same name; a field that stays as it was warned once is enough."""
    found: list[Double] = []
    siret = columns.get("siret")
    if siret and siret != (before.siret if before else ""):
        same = ctx.store.clients.like(siret=siret, limit=MAX_DOUBLES)
        found += [Double(DoubleKind.SIRET, client) for client in same]
    name = _folded(columns.get("name", ""))
    if name and name != (_folded(before.name) if before else ""):
        same = ctx.store.clients.like(folded_name=name, limit=MAX_DOUBLES)
        found += [Double(DoubleKind.NAME, client) for client in same]
    mine = before.id if before else None
    return [double for double in found if double.client.id != mine]


def _doubles_of_contact(ctx: Context, columns: Mapping[str, Any], before: Contact | None) -> list[Double]:
    email = columns.get("email")
    if not email or email == (before.email if before else ""):
        return []
    same = ctx.store.clients.with_email(email, limit=MAX_DOUBLES)
    mine = before.id if before else None
    return [Double(DoubleKind.EMAIL, client, contact) for client, contact in same if contact.id != mine]


# ---- clients


@command
@once
def create_client(ctx: Context, *, raw: Mapping[str, object], request_key: str, accepted: Collection[str] = ()) -> int:
    """Create a client; return its id. Without a code it is given the next one.

    Raises Invalid with every problem, and Doubles unless the key of each is among `accepted`.
    """
    require(ctx, Operation.EDIT_CLIENTS)
    columns = checked_client(ctx, raw, before=None)
    _refuse_doubles(_doubles_of_client(ctx, columns, None), accepted)
    columns["code"] = _free_code(ctx, columns["code"])
    client_id = ctx.store.clients.add("client", {**columns, "folded_name": _folded(columns["name"])})
    ctx.store.clients.index(client_id)
    _record(ctx, "create_client", "client", client_id, 1, {name: (None, value) for name, value in columns.items()})
    return client_id


@command
def change_client(
    ctx: Context, *, client_id: object, version: int, edits: Mapping[str, object], accepted: Collection[str] = ()
) -> None:
    """Change the fields of a client that `edits` holds; `version` is the one that its form opened on.

    Raises Invalid, Doubles, NotFound, and Conflict when somebody changed one of these fields since.
    """
    require(ctx, Operation.EDIT_CLIENTS)
    before = _locked_client(ctx, client_id)
    columns = checked_client(ctx, edits, before=before)
    _refuse_conflict(ctx, "client", before, version, columns)
    _refuse_doubles(_doubles_of_client(ctx, columns, before), accepted)
    if columns.get("code", before.code) != before.code:
        columns["code"] = _free_code(ctx, columns["code"])
    after = replace(before, **columns)
    _save(ctx, "change_client", before, columns, client_id=before.id, folded_name=_folded(after.name),
          with_actions=(before.name, before.town) != (after.name, after.town))  # fmt: skip


def _free_code(ctx: Context, typed: str) -> str:
    """The code typed, which nobody else has; else the next one of ours that nobody has."""
    clients = ctx.store.clients
    if typed and clients.has_code(typed):
        raise Invalid({"code": say("Another client has this code: choose another one, or leave it empty.")})
    code = typed
    while not code or (not typed and clients.has_code(code)):
        code = f"C{clients.next_number():05d}"
    return code


def has_been_met(ctx: Context, client_id: int) -> None:
    """A meeting took place: a suspect becomes a prospect, in the transaction of its report, and the journal says so."""
    client = ctx.store.clients.get(client_id, for_update=True)
    if client is None or client.relation != Relation.SUSPECT:
        return
    changed = {"relation": str(Relation.PROSPECT)}
    ctx.store.clients.update("client", client_id, version=client.version, values=changed)
    fields = {"relation": (client.relation, changed["relation"])}
    _record(ctx, "meet_client", "client", client_id, client.version + 1, fields)


# ---- sites


@query
def open_site(ctx: Context, *, site_id: object) -> Site:
    """A site to change; raises NotFound, and NotAllowed to whom may not change clients."""
    require(ctx, Operation.EDIT_CLIENTS)
    site = ctx.store.clients.site(site_id) if is_id(site_id) else None
    if site is None:
        raise NotFound
    return site


@command
@once
def add_site(ctx: Context, *, client_id: object, raw: Mapping[str, object], request_key: str) -> int:
    """Add a site to a client; return its id. Raises Invalid with every problem, NotFound."""
    require(ctx, Operation.EDIT_CLIENTS)
    client = _locked_client(ctx, client_id)
    columns = checked_site(raw, before=None)
    return _add(ctx, "add_site", "site", client.id, columns)


@command
def change_site(ctx: Context, *, site_id: object, version: int, edits: Mapping[str, object]) -> None:
    """Change the fields of a site that `edits` holds, or say that it is no longer used.

    Raises Invalid with every problem, NotFound, Conflict.
    """
    client_id = open_site(ctx, site_id=site_id).client_id
    _locked_client(ctx, client_id)
    before = open_site(ctx, site_id=site_id)  # as it is now that nobody else changes it
    columns = checked_site(edits, before=before)
    _refuse_conflict(ctx, "site", before, version, columns)
    _save(ctx, "change_site", before, columns, client_id=client_id)


# ---- contacts


@query
def open_contact(ctx: Context, *, contact_id: object) -> Contact:
    """A contact to change; raises NotFound, and NotAllowed to whom may not change clients."""
    require(ctx, Operation.EDIT_CLIENTS)
    contact = ctx.store.clients.contact(contact_id) if is_id(contact_id) else None
    if contact is None:
        raise NotFound
    return contact


@command
@once
def add_contact(
    ctx: Context, *, client_id: object, raw: Mapping[str, object], request_key: str, accepted: Collection[str] = ()
) -> int:
    """Add a contact to a client; return its id. Raises Invalid with every problem, Doubles, NotFound."""
    require(ctx, Operation.EDIT_CLIENTS)
    client = _locked_client(ctx, client_id)
    columns = checked_contact(raw, sites=open_client(ctx, client_id=client.id).sites, before=None)
    _refuse_doubles(_doubles_of_contact(ctx, columns, None), accepted)
    return _add(ctx, "add_contact", "contact", client.id, columns)


@command
def change_contact(
    ctx: Context, *, contact_id: object, version: int, edits: Mapping[str, object], accepted: Collection[str] = ()
) -> None:
    """Change the fields of a contact that `edits` holds, or say that he has gone.

    Raises Invalid with every problem, Doubles, NotFound, Conflict.
    """
    client_id = open_contact(ctx, contact_id=contact_id).client_id
    _locked_client(ctx, client_id)
    before = open_contact(ctx, contact_id=contact_id)
    columns = checked_contact(edits, sites=open_client(ctx, client_id=client_id).sites, before=before)
    _refuse_conflict(ctx, "contact", before, version, columns)
    _refuse_doubles(_doubles_of_contact(ctx, columns, before), accepted)
    _save(ctx, "change_contact", before, columns, client_id=client_id,
          with_actions=before.name != columns.get("name", before.name))  # fmt: skip


# ---- what they share


def _locked_client(ctx: Context, client_id: object) -> Client:
    """A client whose other writers wait: its words follow from it, its sites and its contacts together."""
    client = ctx.store.clients.get(client_id, for_update=True) if is_id(client_id) else None
    if client is None:
        raise NotFound
    return client


def _folded(name: str) -> str:
    return folded(name)[:_FOLDED_CHARS]


def _add(ctx: Context, operation: str, noun: str, client_id: int, columns: Mapping[str, Any]) -> int:
    row_id = ctx.store.clients.add(noun, {**columns, "client_id": client_id})
    ctx.store.clients.index(client_id)
    fields = {name: (None, value) for name, value in {**columns, "client_id": client_id}.items()}
    _record(ctx, operation, noun, row_id, 1, fields)
    return row_id


def _save(
    ctx: Context, operation: str, before: Client | Site | Contact, columns: Mapping[str, Any], *, client_id: int,
    folded_name: str = "", with_actions: bool = False,
) -> None:  # fmt: skip
    changed = {name: (getattr(before, name), value) for name, value in columns.items()}
    if all(old == new for old, new in changed.values()):
        return
    noun = _NOUNS[type(before)]
    written = {**columns, "folded_name": folded_name} if noun == "client" else columns
    if not ctx.store.clients.update(noun, before.id, version=before.version, values=written):
        raise Conflict(by=None, at=None)
    ctx.store.clients.index(client_id, with_actions=with_actions)
    _record(ctx, operation, noun, before.id, before.version + 1, changed)


def _refuse_conflict(
    ctx: Context, noun: str, before: Client | Site | Contact, version: int, columns: Mapping[str, Any]
) -> None:
    """Raises Conflict when somebody changed one of these columns since `version`; others are free to merge."""
    if before.version == version:
        return
    changes = ctx.store.changes.since(noun, before.id, version)
    first: dict[str, Change] = {change.field: change for change in reversed(changes) if change.field in columns}
    if first or not changes:  # no trace of that version: nothing can be merged safely
        last = changes[-1] if changes else None
        raise Conflict(
            by=ctx.reference.people.get(last.person_id) if last else None,
            at=last.at if last else None,
            changes=[
                FieldConflict(_NAMES.get(name, name), json.loads(first[name].old), getattr(before, name), columns[name])
                for name in columns
                if name in first
            ],
        )


def _record(
    ctx: Context, operation: str, noun: str, row_id: int, version: int, fields: Mapping[str, tuple[object, object]]
) -> None:
    record_change(ctx, operation, entity=noun, entity_id=row_id, version=version, fields=fields)
