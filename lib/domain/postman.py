"""The postman: sends what waits in the outbox, again and again until it leaves, fails for good, or a day has passed.

Nobody is connected here: who wrote an e-mail had the right to when he did. A message is taken for a while before it is
sent, outside of any transaction; the outcome is stored after. Whoever stops in between leaves a message of which nobody
knows whether it left: it is sent once more, with the same Message-ID, and not a third time.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import uuid4

from lib.domain import richtext
from lib.domain.changes import Change, journal_text
from lib.domain.documents import Document
from lib.domain.exchanges import Exchange, ExchangeFile, ExchangeState
from lib.domain.outbox import Sender
from lib.domain.sentences import Sentence, kept_sentence, say
from lib.domain.store import Database, Store

LEASE = timedelta(minutes=30)
"""How long a message is taken for: longer than a Mailer may take, so that no two ever send it together."""
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180))
"""After the first failure, the second…; after the last of these, again and again."""
GIVE_UP = timedelta(hours=24)
AT_ONCE = 50
"""Messages sent in one round."""

INTERRUPTED = say("The server stopped while this message was leaving: it may have left already.")


class Outcome(StrEnum):
    """What a try led to."""

    SENT = "sent"
    LATER = "later"
    UNREACHABLE = "unreachable"  # like LATER, and the others needn't be tried now
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outcome of a try, and why it isn't the one wanted."""

    outcome: Outcome
    reason: Sentence | None = None


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file of an e-mail; `chunks` opens its content, which is never in memory whole.

    `cid` is set for an image inside the text, that the text names `cid:…`.
    """

    name: str
    media_type: str
    size_bytes: int
    chunks: Callable[[], Iterator[bytes]] = field(repr=False)
    cid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    """An e-mail to send; addresses are bare, ids without angle brackets."""

    message_id: str
    at: datetime
    from_name: str
    from_address: str
    reply_to: str
    to_name: str
    to: str
    cc: tuple[str, ...]
    subject: str
    html: str
    text: str
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    files: tuple[MailFile, ...] = ()


class Mailer(Protocol):
    """The way to the mail server (`lib.gateways.smtp`)."""

    def send(self, mail: OutgoingMail) -> Delivery:
        """Hand one e-mail over, to all of its recipients or to none; never raises, ends well within LEASE."""


@dataclass(frozen=True, slots=True)
class PostOffice:
    """What sending needs from outside."""

    db: Database
    mailer: Mailer
    sender: Sender
    open_content: Callable[[str], Iterator[bytes]]
    """A document's content by its SHA-256."""
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Due:
    """A message whose turn it is; `was_taken`: somebody began to send it and never said how it ended."""

    exchange_id: int
    tries: int
    was_taken: bool
    last_error: str


@dataclass(slots=True)
class Round:
    """What one round did."""

    sent: int = 0
    later: int = 0
    failed: int = 0


def next_try(now: datetime, *, tries: int, since: datetime) -> datetime | None:
    """When a message that has been tried so often is tried again; None once it has waited for a day."""
    at = now + BACK_OFF[min(tries, len(BACK_OFF)) - 1]
    return at if at < since + GIVE_UP else None


def send_due(office: PostOffice, *, is_stopping: Callable[[], bool] = lambda: False) -> Round:
    """Send what is due, at most AT_ONCE messages; several processes may do so at once."""
    done = Round()
    for _each in range(AT_ONCE):
        if is_stopping():
            break
        due = office.db.read(lambda store: store.outbox.due(office.clock()))
        if due is None or _send(office, due, done) == Outcome.UNREACHABLE:
            break
    return done


def _send(office: PostOffice, due: Due, done: Round) -> Outcome | None:
    """One try of one message; None when somebody else was faster."""
    now = office.clock()
    until = now + LEASE
    is_third = due.was_taken and due.last_error == kept_sentence(INTERRUPTED)
    last_error = kept_sentence(INTERRUPTED) if due.was_taken else due.last_error
    if not office.db.write(
        lambda store: store.outbox.take(due.exchange_id, now=now, until=until, last_error=last_error)
    ):
        return None
    if is_third:
        delivery = Delivery(Outcome.REFUSED, INTERRUPTED)
    else:
        mail = office.db.read(lambda store: _mail(office, store, due.exchange_id))
        delivery = office.mailer.send(mail)
    told = office.db.write(lambda store: _told(store, due, delivery, until=until, now=office.clock()))
    match told:
        case ExchangeState.SENT:
            done.sent += 1
        case ExchangeState.FAILED:
            done.failed += 1
        case _:
            done.later += 1
    return delivery.outcome


def _told(store: Store, due: Due, delivery: Delivery, *, until: datetime, now: datetime) -> ExchangeState:
    """Store the outcome of a try, in the journal under the name of whoever wrote the message."""
    file = store.exchanges.file(due.exchange_id)
    assert file is not None, "what is taken isn't deleted"
    exchange = file.exchange
    if delivery.outcome == Outcome.SENT:
        store.outbox.remove(exchange.id)
        _settled(store, exchange, {"state": ExchangeState.SENT, "at": now}, now=now)
        return ExchangeState.SENT
    next_try_at = None
    if delivery.outcome != Outcome.REFUSED:
        next_try_at = next_try(now, tries=due.tries + 1, since=exchange.at)
    error = kept_sentence(delivery.reason)
    is_ours = store.outbox.postpone(exchange.id, taken_until=until, next_try_at=next_try_at, last_error=error)
    if next_try_at is not None or not is_ours:
        return ExchangeState.QUEUED
    _settled(store, exchange, {"state": ExchangeState.FAILED}, now=now)
    return ExchangeState.FAILED


def _settled(store: Store, exchange: Exchange, values: dict[str, object], *, now: datetime) -> None:
    version = store.exchanges.settle(exchange.id, values=values)
    person_id = exchange.person_id or exchange.created_by
    if version is not None and person_id:
        store.changes.add([Change(
            uuid4().hex, "deliver_exchange", now, person_id, "exchange", exchange.id, "", exchange.action_id, version,
            "state", journal_text(exchange.state), journal_text(values["state"]),
        )])  # fmt: skip


def _mail(office: PostOffice, store: Store, exchange_id: int) -> OutgoingMail:
    """The e-mail of a message, as it leaves."""
    file = store.exchanges.file(exchange_id)
    assert file is not None, "what is taken isn't deleted"
    exchange, sender = file.exchange, office.sender
    person = store.reference().people.get(exchange.person_id or 0)
    name = person.name if person else ""
    answered = store.exchanges.by_message_ids([exchange.in_reply_to] if exchange.in_reply_to else [])
    before = [each.in_reply_to for each in answered.values() if each.in_reply_to]
    html, images = mail_text(richtext.clean(file.body_html), file, office.open_content)
    return OutgoingMail(
        message_id=exchange.message_id or "",
        at=office.clock(),
        from_name=f"{name} ({sender.name})" if name and sender.name else name or sender.name,
        from_address=sender.address,
        reply_to=sender.reply_address(file.row.action_number) if file.row.action_number else sender.address,
        to_name=exchange.correspondent_name,
        to=exchange.correspondent_email,
        cc=tuple(filter(None, exchange.cc.split(", "))),
        subject=exchange.subject,
        html=html,
        text=richtext.text_of(html),
        in_reply_to=exchange.in_reply_to,
        references=tuple(dict.fromkeys([*before, *filter(None, [exchange.in_reply_to])])),
        files=(*images, *(_mail_file(each, office.open_content) for each in file.documents)),
    )


def mail_text(
    html: str, file: ExchangeFile, open_content: Callable[[str], Iterator[bytes]]
) -> tuple[str, list[MailFile]]:
    """A text whose images travel beside it: `cid:…` in place of what only this server, or no mail reader, can show.

    An image that isn't of this message is left out: a forged text sends nobody else's.
    """
    stored = {f"attachment:{image.id}": image for image in file.images}
    found: dict[str, MailFile] = {}

    def beside(source: str) -> str | None:
        if source not in found:
            cid = f"{len(found) + 1}.{file.exchange.message_id}"
            if source in stored:
                found[source] = _mail_file(stored[source], open_content, cid=cid)
            elif source.startswith("data:"):
                found[source] = _data_image(source.removeprefix("data:"), cid)
            else:
                return None
        return f"cid:{found[source].cid}"

    return richtext.with_sources(html, beside), list(found.values())


def _mail_file(document: Document, open_content: Callable[[str], Iterator[bytes]], *, cid: str = "") -> MailFile:
    return MailFile(document.name, document.media_type, document.size_bytes,
                    lambda: open_content(document.sha256), cid)  # fmt: skip


def _data_image(data: str, cid: str) -> MailFile:
    """The image of `image/png;base64,…`, in the form that `richtext.clean` lets pass."""
    media_type, _semicolon, encoded = data.partition(";base64,")
    content = base64.b64decode(encoded + "=" * (-len(encoded) % 4))
    name = f"image.{media_type.rpartition('/')[2]}"
    return MailFile(name, media_type, len(content), lambda: iter([content]), cid)
