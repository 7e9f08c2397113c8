"""What the forms of a message send, checked: who, when, the subject, the text, the documents of an exchange (R30)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from lib.domain import richtext
from lib.domain.actions import client_file_of, opened_chain
from lib.domain.catalog import checked_choice
from lib.domain.chain import Chain, owners_of
from lib.domain.changes import record_change
from lib.domain.checks import Checks, checked_date, checked_id, checked_ids, checked_time
from lib.domain.clients import ClientFile, Contact
from lib.domain.context import Context
from lib.domain.documents import Document
from lib.domain.errors import Conflict, Invalid
from lib.domain.exchanges import Direction, Exchange
from lib.domain.inline_images import StoredText
from lib.domain.mail_addresses import checked_address
from lib.domain.rights import Operation, require
from lib.domain.sentences import say
from lib.domain.text import checked_line

Raw = Mapping[str, object]

MAX_SUBJECT = 300
MAX_NAME = 160
MAX_DOCUMENTS = 50
CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass
class CheckedExchange:
    """The columns of a message as its form said them, its clean text, and the documents that go with it."""

    columns: dict[str, Any] = field(default_factory=dict)
    body_html: str = ""
    documents: tuple[Document, ...] = ()


def chain_to_write_about(ctx: Context, action_id: object) -> Chain:
    """The chain of an action on which this person may record and send; raises NotFound, NotAllowed."""
    chain = opened_chain(ctx, action_id=action_id)
    require(ctx, Operation.ADD_EXCHANGES, owners_of(chain.action, *chain.sub_actions))
    return chain


def checked_recorded(ctx: Context, chain: Chain, raw: Raw, *, before: Exchange | None = None) -> CheckedExchange:
    """A message recorded by hand; raises Invalid with every problem.

    Fields: direction, kind, person, contact, correspondent_name, correspondent_email, on, time, subject, body,
    documents.
    """
    checks, found, file = Checks(), CheckedExchange(), client_file_of(ctx, chain)
    found.columns = {
        "direction": checks.run(lambda: _checked_direction(raw.get("direction"))),
        "kind_id": checks.run(lambda: checked_kind(ctx, raw.get("kind"), kept_id=before.kind_id if before else None)),
        "person_id": checks.run(lambda: _checked_person(ctx, raw.get("person"), before)),
        "at": _checked_moment(ctx, checks, raw),
        "subject": checks.run(lambda: checked_subject(raw.get("subject"))),
    }
    contact = checks.run(lambda: checked_contact(file, raw.get("contact")))
    name = checks.run(lambda: checked_name(raw.get("correspondent_name")))
    email = checks.run(lambda: checked_address("correspondent_email", raw.get("correspondent_email"), required=False))
    if contact is None and name == "" and email == "":  # None: refused already
        checks.problems.setdefault("contact", say("Say with whom: choose a contact, or write a name."))
    found.body_html = checks.run(lambda: checked_body(raw.get("body"))) or ""
    if not found.columns["subject"] and richtext.is_blank(found.body_html):
        checks.problems.setdefault("body", say("Write a subject or a text: an empty message tells nothing."))
    found.documents = checks.run(lambda: checked_documents(ctx, chain, raw.get("documents"))) or ()
    checks.done()
    found.columns |= correspondent(contact, name or "", email or "")
    return found


def correspondent(contact: Contact | None, name: str, email: str) -> dict[str, Any]:
    """The columns of whom the message is with: as the contact was then, whatever becomes of it."""
    return {
        "contact_id": contact.id if contact else None,
        "correspondent_name": contact.name if contact else name,
        "correspondent_email": email or (contact.email.lower() if contact else ""),
    }


def checked_subject(raw: object, *, required: bool = False) -> str:
    """One line; raises Invalid for `subject` when it holds a line end: nobody types one there, a forger does."""
    if isinstance(raw, str) and any(end in raw.strip() for end in "\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"):
        raise Invalid({"subject": say("The subject holds one line only: remove the line breaks.")})
    return checked_line("subject", raw, max_length=MAX_SUBJECT, required=required)


def checked_name(raw: object) -> str:
    """A correspondent's name on one line; raises Invalid for `correspondent_name`."""
    return checked_line("correspondent_name", raw, max_length=MAX_NAME)


def checked_body(raw: object) -> str:
    """The text, clean; empty when it shows nothing. Raises Invalid for `body`."""
    if problem := richtext.problem(raw):
        raise Invalid({"body": problem})
    html = richtext.clean(raw)
    return "" if richtext.is_blank(html) else html


def checked_kind(ctx: Context, raw: object, *, kept_id: int | None = None) -> int | None:
    """The kind of message, which is required; raises Invalid for `kind`."""
    kind_id = checked_id("kind", raw)
    kinds = ctx.reference.exchange_kinds
    return checked_choice("kind", kinds.get(kind_id or 0), kept_id=kept_id)


def checked_contact(file: ClientFile, raw: object) -> Contact | None:
    """One of the client's contacts, or none; raises Invalid for `contact`."""
    contact_id = checked_id("contact", raw)
    contact = next((each for each in file.contacts if each.id == contact_id), None)
    if contact_id and contact is None:
        raise Invalid({
            "contact": say("This contact isn't at {client}: choose one of its own.", client=file.client.name)
        })  # fmt: skip
    return contact


def checked_documents(ctx: Context, chain: Chain, raw: object) -> tuple[Document, ...]:
    """Documents of the action, in the order of their ids; raises Invalid for `documents`."""
    ids = checked_ids("documents", raw)
    if len(ids) > MAX_DOCUMENTS:
        raise Invalid({"documents": say("Too many documents: {max_count} at most.", max_count=MAX_DOCUMENTS)})
    found = ctx.store.exchanges.documents_of_action(chain.action.id, ids) if ids else ()
    if len(found) != len(ids):
        raise Invalid({"documents": say("A document is no longer on the action: choose again.")})
    return tuple(found)


def text_columns(stored: StoredText) -> dict[str, str]:
    """The columns of a text whose images are stored."""
    return {"body_html": stored.html, "body_text": richtext.text_of(stored.html)}


def conflict(ctx: Context, exchange: Exchange, version: int) -> Conflict:
    """Who changed the message since `version`, as the journal knows."""
    changes = ctx.store.changes.since("exchange", exchange.id, version)
    last = changes[-1] if changes else None
    return Conflict(by=ctx.reference.people.get(last.person_id) if last else None, at=last.at if last else None)


def record(
    ctx: Context, operation: str, exchange: Exchange, version: int, fields: Mapping[str, tuple[object, object]]
) -> None:
    """Write what became of a message into the journal, in the open transaction."""
    record_change(ctx, operation, entity="exchange", entity_id=exchange.id, action_id=exchange.action_id,
                  version=version, fields=fields)  # fmt: skip


def _checked_direction(raw: object) -> Direction:
    if isinstance(raw, str) and raw in set(Direction):
        return Direction(raw)
    raise Invalid({"direction": say("Say whether the message was received or sent.")})


def _checked_person(ctx: Context, raw: object, before: Exchange | None) -> int:
    """Who of us: the connected person unless told otherwise; somebody who left stays where he stands already."""
    person_id = checked_id("person", raw) or ctx.person.id
    person = ctx.reference.people.get(person_id)
    if person is None or not (person.is_active or (before and before.person_id == person_id)):
        raise Invalid({"person": say("Unknown choice: choose one of the list.")})
    return person_id


def _checked_moment(ctx: Context, checks: Checks, raw: Raw) -> datetime | None:
    day = checks.run(lambda: checked_date("on", raw.get("on"), today=ctx.today, required=True))
    hour = checks.run(lambda: checked_time("time", raw.get("time")))
    if hour is None:
        checks.problems.setdefault("time", say("A time is required."))
    if day is None or hour is None:
        return None
    at = datetime.combine(day, hour, tzinfo=ctx.zone)
    if at > ctx.now + CLOCKS_DIFFER:
        checks.problems["on"] = say("This message would be of the future: check the date and the time.")
    return at
