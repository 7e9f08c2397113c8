"""Fetching the mailbox: each message becomes an exchange in one transaction, and one that fails stops no other (R30).

Nobody acts here, so nothing is journalled: a message that arrives is told by its own row.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from lib.domain import richtext
from lib.domain.changes import Change, journal_text
from lib.domain.documents import kept_document
from lib.domain.errors import Invalid
from lib.domain.exchanges import Direction, ExchangeState
from lib.domain.files import AcceptedFile, Files
from lib.domain.holders import Entity
from lib.domain.incoming import Bounce, IncomingFile, IncomingMessage, Mailbox, MailboxProblem, OpenMailbox, numbers_in
from lib.domain.sentences import say
from lib.domain.store import Database, Store

MAX_SUBJECT = 300
MAX_NAME = 160
MAX_CC = 2_000

_log = logging.getLogger("relais.mail")


class Outcome(StrEnum):
    """What became of a message of the mailbox."""

    JOINED = "joined"  # on its action
    TO_ATTACH = "to_attach"  # in the inbox
    KNOWN = "known"  # it was there already
    GONE = "gone"  # somebody deleted it meanwhile
    NOT_KEPT = "not_kept"  # it went wrong: it stays in the mailbox and is tried again


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one round brought; `left` counts all messages that couldn't be kept so far."""

    outcomes: tuple[Outcome, ...] = ()
    left: int = 0

    def count(self, *outcomes: Outcome) -> int:
        """How many messages ended so."""
        return sum(each in outcomes for each in self.outcomes)


@dataclass(frozen=True, slots=True)
class Receiver:
    """What receiving needs: the storage, the files, the clock, and the addresses that are ours."""

    db: Database
    files: Files
    clock: Callable[[], datetime]
    own_addresses: frozenset[str] = frozenset()

    def is_ours(self, email: str) -> bool:
        """Whether an address is one of ours, with or without an action's number in it."""
        local, _at, domain = email.rpartition("@")
        return f"{local.partition('+')[0]}@{domain}" in self.own_addresses or email in self.own_addresses


# ---- the round


def fetch_mail(
    receiver: Receiver,
    mailbox: Mailbox,
    *,
    retry_all: bool = False,
    is_stopping: Callable[[], bool] = lambda: False,
) -> Fetched:
    """Bring in what came since the last round, and try again what went wrong before (all of it, or what is due).

    Raises MailboxProblem when the server can't be read, which is noted for the screens. Stops when the storage does.
    """
    db, name = receiver.db, mailbox.name
    outcomes: list[Outcome] = []
    try:
        with mailbox.opened() as folder:
            last = db.write(lambda store: store.incoming.begun(name, folder.uid_validity))
            due = db.read(lambda store: store.incoming.not_kept(name, due_at=None if retry_all else receiver.clock()))
            for uid in [*due, *folder.uids_after(last)]:
                if is_stopping():
                    break
                outcomes.append(_fetched(receiver, folder, name, uid))
    except MailboxProblem as problem:
        sentence = problem.sentence
        db.write(lambda store: store.incoming.stopped(name, at=receiver.clock(), problem=sentence))
        raise
    db.write(lambda store: store.incoming.stopped(name, at=receiver.clock(), problem=None))
    return Fetched(tuple(outcomes), db.read(lambda store: store.incoming.state(name)).not_kept)


def _fetched(receiver: Receiver, folder: OpenMailbox, name: str, uid: int) -> Outcome:
    """One message, and what the settings say of it afterwards."""

    def read(store: Store) -> None:
        store.incoming.read_up_to(name, uid)

    try:
        message = folder.message(uid)
        if message is None:
            receiver.db.write(read)
            return Outcome.GONE
        outcome, is_whole = receive_message(receiver, message, also=read)
    except MailboxProblem:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the next messages come in
        _log.exception("message %s of %s couldn't be kept", uid, name)
        told, at = f"{type(error).__name__}: {error}"[:500], receiver.clock()
        # When this fails too, it isn't the message but the storage that is ill: the round ends, and begins here again.
        receiver.db.write(lambda store: store.incoming.set_not_kept(name, uid, at=at, error=told))
        return Outcome.NOT_KEPT
    folder.done_with(uid, is_whole=is_whole)
    return outcome


# ---- one message


def receive_message(
    receiver: Receiver, message: IncomingMessage, *, also: Callable[[Store], None] = lambda store: None
) -> tuple[Outcome, bool]:
    """Keep a message once, in one transaction with `also`; what became of it, and whether all of it was kept.

    The contents of its files are put into their store before, where the collector finds those that no row names.
    """
    if receiver.db.read(lambda store: store.incoming.is_known(message.message_id)):
        receiver.db.write(also)
        return Outcome.KNOWN, False
    message, accepted = _accepted(receiver.files, message)
    at = receiver.clock()

    def keep(store: Store) -> Outcome:
        also(store)  # first: it makes another fetcher of the same mailbox wait, who then finds the message known
        if store.incoming.is_known(message.message_id):
            return Outcome.KNOWN
        return _kept(store, receiver, message, accepted, at=at)

    return receiver.db.write(keep), not message.remarks


def _accepted(
    files: Files, message: IncomingMessage
) -> tuple[IncomingMessage, list[tuple[IncomingFile, AcceptedFile]]]:
    """The files of a message that are taken; the message with what is said of the others."""
    accepted, remarks = list[tuple[IncomingFile, AcceptedFile]](), list(message.remarks)
    for file in message.files:
        if file.placeholder and (image := files.keep_image(file.content)) is not None:
            accepted.append((file, replace(image, name=file.name or image.name)))
            continue
        try:
            taken = files.accept(file.name, [file.content])
        except Invalid as refusal:
            remarks.append(say("The file {name} wasn't kept. {reason}", name=file.name, reason=refusal.sentence))
        else:
            accepted.append((replace(file, placeholder=""), taken))
    return replace(message, remarks=tuple(remarks)), accepted


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message belongs, and whether its sender is known there."""

    action_id: int | None = None
    client_id: int | None = None
    contact_id: int | None = None
    person_id: int | None = None
    is_sender_unknown: bool = False


def _kept(
    store: Store,
    receiver: Receiver,
    message: IncomingMessage,
    accepted: Sequence[tuple[IncomingFile, AcceptedFile]],
    *,
    at: datetime,
) -> Outcome:
    place = place_of(store, message)
    exchange_id = store.incoming.add(_columns(receiver, message, place, at))
    images = dict[str, int]()
    for file, taken in accepted:
        document_id = kept_document(
            store, file=taken, client_id=place.client_id, entity=Entity.EXCHANGE, entity_id=exchange_id, at=at,
            person_id=None, is_inline=bool(file.placeholder),
        )  # fmt: skip
        if file.placeholder:
            images[file.placeholder] = document_id
    if any(file.placeholder for file in message.files):
        body, quoted = _with_images(message.body_html, images), _with_images(message.quoted_html, images)
        store.incoming.set_texts(exchange_id, body_html=body, quoted_html=quoted)
    if message.bounce and message.bounce.message_id:
        _tell_undelivered(store, message.bounce, at=at)
    return Outcome.JOINED if place.action_id else Outcome.TO_ATTACH


def _tell_undelivered(store: Store, bounce: Bounce, *, at: datetime) -> None:
    """The message of ours that came back is marked as failed, in the journal under the name of whoever wrote it."""
    exchange = store.exchanges.by_message_ids([bounce.message_id]).get(bounce.message_id)
    if exchange is None or exchange.state != ExchangeState.SENT:
        return
    if not store.exchanges.update(exchange.id, version=exchange.version, values={"state": ExchangeState.FAILED}):
        return
    store.incoming.set_undelivered(
        exchange.id, say("The recipient's server refused it: {reason}", reason=bounce.reason)
    )
    if person_id := exchange.person_id or exchange.created_by:
        old, new = journal_text(ExchangeState.SENT), journal_text(ExchangeState.FAILED)
        store.changes.add([Change(uuid4().hex, "deliver_exchange", at, person_id, "exchange", exchange.id, "",
                                  exchange.action_id, exchange.version + 1, "state", old, new)])  # fmt: skip


def _columns(receiver: Receiver, message: IncomingMessage, place: Place, at: datetime) -> dict[str, Any]:
    cc = [email for email in message.cc if not receiver.is_ours(email)]
    while len(", ".join(cc)) > MAX_CC:
        cc.pop()
    return {
        "action_id": place.action_id, "client_id": place.client_id, "contact_id": place.contact_id,
        "person_id": place.person_id, "is_sender_unknown": place.is_sender_unknown,
        "direction": Direction.RECEIVED, "state": ExchangeState.RECEIVED,
        "at": min(message.sent_at or at, at),
        "subject": message.subject[:MAX_SUBJECT],
        "body_html": message.body_html, "body_text": richtext.text_of(message.body_html),
        "quoted_html": message.quoted_html,
        "correspondent_name": message.sender_name[:MAX_NAME], "correspondent_email": message.sender_email,
        "cc": ", ".join(cc),
        "message_id": message.message_id, "in_reply_to": message.in_reply_to,
        "is_automatic": message.is_automatic or receiver.is_ours(message.sender_email),
        "remarks": message.remarks, "created_at": at,
    }  # fmt: skip


def _with_images(html: str, images: dict[str, int]) -> str:
    """The HTML that names its images by their documents; those that couldn't be kept are gone."""

    def source(written: str) -> str | None:
        document_id = images.get(written.removeprefix("attachment:"))
        return f"attachment:{document_id}" if document_id else None

    return richtext.with_sources(html, source)


# ---- where it belongs


def place_of(store: Store, message: IncomingMessage) -> Place:
    """The action that a message answers or names in its address; else the client that alone has its sender's address.

    An address with a number is easily guessed, and a sender's name easily taken: a message joins its action all the
    same, lest an answer from another address be lost, but is marked when its sender is neither at the client, nor
    among those written to, nor one of us.
    """
    contacts = store.incoming.contacts_at(message.sender_email) if message.sender_email else []
    answered = [message.bounce.message_id] if message.bounce else []
    thread = store.incoming.thread_of([*answered, message.in_reply_to, *reversed(message.references)])
    found = thread or next(iter(store.incoming.numbered(list(numbers_in(message.recipients)))), None)
    if found is None:
        clients = {client_id for _contact_id, client_id in contacts}
        only = clients.pop() if len(clients) == 1 else None
        return Place(client_id=only, contact_id=contacts[0][0] if only else None)
    contact_id = next((each for each, client_id in contacts if client_id == found.client_id), None)
    is_known = (
        contact_id is not None
        or bool(message.bounce and thread)
        or store.incoming.takes_part(found.action_id, message.sender_email)
    )
    return Place(found.action_id, found.client_id, contact_id, found.person_id, not is_known)
