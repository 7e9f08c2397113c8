"""What the tests of messages share: what the forms send, and a mail server that answers as it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from lib.domain.chain import Chain
from lib.domain.documents import add_document
from lib.domain.exchange_records import record_exchange
from lib.domain.exchanges import ExchangeFile, open_exchange
from lib.domain.files import AcceptedFile
from lib.domain.outbox import Sender, send_exchange
from lib.domain.postman import Delivery, Outcome, OutgoingMail, PostOffice, Round, send_due
from tests.builders import NOW, TODAY, World, a_context, a_key, an_action, the_chain

SENDER = Sender("relais@example.com", "Relais")
SENT = Delivery(Outcome.SENT)


def an_exchange_raw(world: World, **values: Any) -> dict[str, Any]:
    """What the form of a recorded message sends: one received this morning from Anne, at Dupont's."""
    return {
        "direction": "received", "kind": world.message, "contact": world.anne, "on": TODAY, "time": time(9, 0),
        "subject": "Votre offre", "body": "<p>Elle me convient</p>", **values,
    }  # fmt: skip


def a_mail_raw(world: World, **values: Any) -> dict[str, Any]:
    """What the form of an e-mail sends: to Paul, at Dupont's."""
    return {"kind": world.message, "contact": world.paul, "to": "paul@dupont.example", "subject": "Votre offre",
            "body": "<p>La voici</p>", **values}  # fmt: skip


def a_chain(world: World, who: str = "sales", **values: Any) -> Chain:
    """The chain of a new action of `who`, at Dupont's unless told otherwise."""
    return the_chain(world, an_action(world, who, **values))


def recorded(world: World, chain: Chain, who: str = "sales", **values: Any) -> int:
    raw, key = an_exchange_raw(world, **values), a_key()
    return record_exchange(a_context(world, who), action_id=chain.action.id, raw=raw, request_key=key)


def queued(world: World, chain: Chain, who: str = "sales", *, now: datetime = NOW, **values: Any) -> int:
    ctx, raw = a_context(world, who, now=now), a_mail_raw(world, **values)
    return send_exchange(ctx, action_id=chain.action.id, raw=raw, sender=SENDER, request_key=a_key())


def opened(world: World, exchange_id: int, who: str = "admin") -> ExchangeFile:
    return open_exchange(a_context(world, who), exchange_id=exchange_id)


def a_document(world: World, chain: Chain, name: str = "devis.pdf", *, size_bytes: int = 1000) -> int:
    """A document on an action; its content is nowhere."""
    file = AcceptedFile(name, f"{abs(hash(name)):064x}"[-64:], size_bytes, "application/pdf")
    ctx = a_context(world, "admin")
    return add_document(ctx, entity="action", entity_id=chain.action.id, file=file, request_key=a_key())


@dataclass
class FakeServer:
    """Takes messages, or answers what it is told to; fulfils `lib.domain.postman.Mailer`."""

    answers: list[Delivery] = field(default_factory=list)
    mails: list[OutgoingMail] = field(default_factory=list)
    during: Callable[[], object] = lambda: None

    def send(self, mail: OutgoingMail) -> Delivery:
        self.during()
        answer = self.answers.pop(0) if self.answers else SENT
        if answer == SENT:
            self.mails.append(mail)
        return answer


def contents(sha256: str) -> Iterator[bytes]:
    return iter([sha256.encode()])


def an_office(world: World, server: Any, *, now: datetime = NOW, sender: Sender = SENDER) -> PostOffice:
    return PostOffice(world.db, server, sender, contents, lambda: now)


def a_round(world: World, server: Any, *, after: timedelta = timedelta()) -> Round:
    """The postman's round, so long after the moment of the tests."""
    return send_due(an_office(world, server, now=NOW + after))
