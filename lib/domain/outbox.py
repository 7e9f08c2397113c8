"""The outbox: e-mails about an action, written here, which leave on their own once stored (R30).

`lib.domain.postman` sends them; a use case only stores them, in the transaction of everything else.
"""

from __future__ import annotations

from dataclasses import dataclass

from lib.domain.actions import client_file_of
from lib.domain.chain import Chain, owners_of
from lib.domain.checks import Checks, checked_id
from lib.domain.clients import ClientFile, Contact
from lib.domain.context import Context, command, once
from lib.domain.documents import Document
from lib.domain.errors import Invalid, NotAllowed
from lib.domain.exchange_forms import (
    CheckedExchange,
    Raw,
    chain_to_write_about,
    checked_body,
    checked_contact,
    checked_documents,
    checked_kind,
    checked_name,
    checked_subject,
    conflict,
    correspondent,
    record,
)
from lib.domain.exchange_records import added, opened_for, removed
from lib.domain.exchanges import (
    Direction,
    ExchangeFile,
    ExchangeGesture,
    ExchangeState,
    refused,
)
from lib.domain.inline_images import drawn_first
from lib.domain.mail_addresses import (
    address_of_action,
    checked_address,
    checked_addresses,
    checked_recipients,
    new_message_id,
)
from lib.domain.rights import Operation, allowed
from lib.domain.sentences import Sentence, say


@dataclass(frozen=True, slots=True)
class Sender:
    """From whom the organisation's e-mails leave; `missing` says why none can, where the settings don't allow it."""

    address: str = ""
    name: str = ""
    max_mb: int = 20
    """Of the documents and images of one e-mail, before they are encoded, which adds a third."""
    has_plus: bool = True
    """Whether answers go to an address that carries the action's number; its server must deliver `name+anything@`."""
    missing: Sentence | None = None

    def reply_address(self, number: int) -> str:
        """Where the answers to an e-mail about an action go."""
        return address_of_action(self.address, number) if self.has_plus else self.address


def mail_state(ctx: Context, sender: Sender, chain: Chain) -> Sentence | None:
    """Why no e-mail can be sent about an action, in words, or None: settings that are missing, or rights."""
    return allowed(ctx, Operation.ADD_EXCHANGES, owners_of(chain.action, *chain.sub_actions)) or sender.missing


def weight_problem(documents: tuple[Document, ...], html: str, sender: Sender) -> Sentence | None:
    """Why documents and the images of a text are too heavy for one e-mail, or None; said before sending."""
    size_mb = (sum(each.size_bytes for each in documents) + len(html) * 3 / 4) / 1_000_000
    if size_mb <= sender.max_mb:
        return None
    return say(
        "This e-mail would weigh {size} MB, {limit} MB at most: take documents away, or send several e-mails.",
        size=f"{size_mb:.1f}", limit=sender.max_mb,
    )  # fmt: skip


@drawn_first
@command
@once
def send_exchange(ctx: Context, *, action_id: object, raw: Raw, sender: Sender, request_key: str) -> int:
    """Send an e-mail about an action: stored with its outbox row, it leaves within seconds; return its id.

    Fields: kind, contact, correspondent_name, to (the contact's address unless given), cc, subject, body, documents,
    answers (the id of the received message that it answers). Raises Invalid with every problem, NotAllowed, NotFound.
    """
    chain = chain_to_write_about(ctx, action_id)
    if sender.missing:
        raise NotAllowed(sender.missing)
    checked = _checked_mail(ctx, chain, raw, sender)
    checked.columns |= {"direction": Direction.SENT, "state": ExchangeState.QUEUED, "person_id": ctx.person.id,
                        "at": ctx.now, "message_id": new_message_id(sender.address)}  # fmt: skip
    exchange_id = added(ctx, "send_exchange", chain, checked)
    ctx.store.outbox.queue(exchange_id, at=ctx.now)
    return exchange_id


@command
def resend_exchange(ctx: Context, *, exchange_id: object, version: int, sender: Sender) -> None:
    """Ask for another try of an e-mail that couldn't leave, with the same Message-ID.

    Raises NotAllowed, NotFound, Conflict.
    """
    _chain, file = opened_for(ctx, ExchangeGesture.RESEND, exchange_id)
    if sender.missing:
        raise NotAllowed(sender.missing)
    exchange, values = file.exchange, {"state": ExchangeState.QUEUED, "at": ctx.now}
    if not ctx.store.exchanges.update(exchange.id, version=version, values=values):
        raise conflict(ctx, exchange, version)
    ctx.store.outbox.queue(exchange.id, at=ctx.now)
    record(ctx, "resend_exchange", exchange, version + 1, {"state": (exchange.state, ExchangeState.QUEUED)})


@command
def retract_exchange(ctx: Context, *, exchange_id: object, version: int) -> ExchangeFile:
    """Take back an e-mail that still waits; what it was is returned, for the form to start from again.

    Raises NotAllowed once somebody is sending it, NotFound, Conflict.
    """
    _chain, file = opened_for(ctx, ExchangeGesture.RETRACT, exchange_id)
    if not ctx.store.outbox.drop(file.exchange.id):
        raise NotAllowed(say("This message is leaving right now: it can't be taken back."))
    removed(ctx, "retract_exchange", file, version=version)
    return file


def _checked_mail(ctx: Context, chain: Chain, raw: Raw, sender: Sender) -> CheckedExchange:
    checks, found, file = Checks(), CheckedExchange(), client_file_of(ctx, chain)
    contact = checks.run(lambda: checked_contact(file, raw.get("contact")))
    to = checks.run(lambda: _checked_to(raw.get("to"), contact))
    cc = checks.run(lambda: checked_recipients(to or "", checked_addresses("cc", raw.get("cc"))))
    name = checks.run(lambda: checked_name(raw.get("correspondent_name")))
    found.columns = {
        "kind_id": checks.run(lambda: checked_kind(ctx, raw.get("kind"))),
        "subject": checks.run(lambda: checked_subject(raw.get("subject"), required=True)),
        "in_reply_to": checks.run(lambda: _checked_answer(ctx, chain, raw.get("answers"))) or "",
    }
    found.body_html = checks.run(lambda: checked_body(raw.get("body"))) or ""
    found.documents = checks.run(lambda: checked_documents(ctx, chain, raw.get("documents"))) or ()
    if not found.body_html and not found.documents:
        checks.problems.setdefault("body", say("Write a text: this e-mail would be empty."))
    if heavy := weight_problem(found.documents, found.body_html, sender):
        checks.problems.setdefault("documents", heavy)
    checks.done()
    assert to
    found.columns |= correspondent(contact or _contact_at(file, to), name or "", to)
    found.columns["cc"] = ", ".join(cc or ())
    return found


def _checked_to(raw: object, contact: Contact | None) -> str:
    if contact is not None and (raw is None or raw == ""):
        if not contact.email:
            raise Invalid({"to": say("{contact} has no e-mail address: write one.", contact=contact.name)})
        raw = contact.email
    return checked_address("to", raw)


def _contact_at(file: ClientFile, address: str) -> Contact | None:
    """The client's contact who has this address, if one has."""
    return next((each for each in file.contacts if each.email.lower() == address), None)


def _checked_answer(ctx: Context, chain: Chain, raw: object) -> str:
    """The Message-ID of the received message that this one answers, if any."""
    answered_id = checked_id("answers", raw)
    if answered_id is None:
        return ""
    file = ctx.store.exchanges.file(answered_id)
    if file is None or file.exchange.action_id != chain.action.id:
        raise Invalid({"answers": say("The message that you answer is no longer on this action.")})
    owners = owners_of(chain.action, *chain.sub_actions)
    if reason := refused(ctx, ExchangeGesture.ANSWER, file.exchange, owners):
        raise Invalid({"answers": reason})
    return file.exchange.message_id or ""
