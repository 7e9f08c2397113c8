"""Exchanges (échanges): messages about an action, received from and sent to its client (R30). Nouns and reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from lib.domain.actions import opened_chain
from lib.domain.chain import Chain, owners_of
from lib.domain.checks import is_id
from lib.domain.context import Context, query
from lib.domain.documents import Document, Reader, reader_of
from lib.domain.errors import NotFound
from lib.domain.richtext import clean
from lib.domain.rights import Operation, Owners, Scope, allowed, require, scope_of
from lib.domain.sentences import Sentence, say, told_sentence

EXCERPT = 300
"""Characters of a message that lists carry."""
OF_CLIENT = 50
"""Messages that a client's screen shows at once."""
OF_ACTION = 200
"""The same of an action: anybody may write to its address."""


class Direction(StrEnum):
    """Which way a message went; the values are stored."""

    RECEIVED = "received"
    SENT = "sent"


class ExchangeState(StrEnum):
    """Where a message stands; the values are stored."""

    RECORDED = "recorded"  # by hand: it went another way than through Relais
    RECEIVED = "received"  # fetched from the mailbox
    QUEUED = "queued"  # waits to leave, or to be tried again
    SENT = "sent"
    FAILED = "failed"  # given up, until somebody sends it again


DIRECTIONS: Mapping[Direction, Sentence] = {Direction.RECEIVED: say("Received"), Direction.SENT: say("Sent")}
STATES: Mapping[ExchangeState, Sentence] = {
    ExchangeState.RECORDED: say("Recorded by hand"),
    ExchangeState.RECEIVED: say("Received by e-mail"),
    ExchangeState.QUEUED: say("Waiting to leave"),
    ExchangeState.SENT: say("Sent by e-mail"),
    ExchangeState.FAILED: say("Not sent"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One message; `body_text` is its beginning (EXCERPT characters), the whole is loaded apart.

    Without an action, and perhaps without a client, it is a received one that waits to be attached.
    """

    id: int = 0
    client_id: int | None = None
    action_id: int | None = None
    contact_id: int | None = None
    kind_id: int | None = None
    direction: Direction
    state: ExchangeState
    person_id: int | None = None
    """Of us: who sent it, or whom it was sent to."""
    at: datetime
    """When it was said, written or sent; while it waits, when it was last asked to leave."""
    subject: str = ""
    body_text: str = ""
    correspondent_name: str = ""
    correspondent_email: str = ""
    cc: str = ""
    """Addresses separated by a comma and a space."""
    message_id: str | None = None
    """Of the e-mail, without its angle brackets."""
    in_reply_to: str = ""
    is_automatic: bool = False
    is_set_aside: bool = False
    is_sender_unknown: bool = False
    """It joined its action by itself, though its sender isn't known to have anything to do with it."""
    remarks: str = ""
    """Kept sentences, one a line: see `not_kept`."""
    created_by: int | None = None
    created_at: datetime | None = None
    version: int = 1

    @property
    def not_kept(self) -> tuple[Sentence, ...]:
        """What of a received message couldn't be kept, in sentences."""
        return tuple(told for line in self.remarks.split("\n") if (told := told_sentence(line)))


@dataclass(frozen=True, slots=True)
class Waiting:
    """How far an e-mail that hasn't left is: tries so far, the next one, and why the last one failed."""

    tries: int = 0
    next_try_at: datetime | None = None
    is_leaving: bool = False
    """Somebody is sending it right now, or stopped in the middle of it."""
    last_error: Sentence | None = None


@dataclass(frozen=True, slots=True)
class ExchangeRow:
    """One line of a list of messages. `sub_action_id` is the last of its action, for a link; `waiting` is set for an
    e-mail that hasn't left."""

    exchange: Exchange
    contact_name: str = ""
    action_number: int | None = None
    sub_action_id: int | None = None
    documents: int = 0
    waiting: Waiting | None = None


@dataclass(frozen=True, slots=True)
class ExchangeFile:
    """A message whole; the texts are clean."""

    row: ExchangeRow
    body_html: str
    quoted_html: str
    documents: tuple[Document, ...] = ()
    images: tuple[Document, ...] = ()
    """Those inside the text."""

    @property
    def exchange(self) -> Exchange:
        """The message itself."""
        return self.row.exchange


@dataclass(frozen=True, slots=True)
class ExchangeCount:
    """What the tab says: how many messages, and whether one of them is a reminder (relance), which shows in red."""

    count: int
    has_reminder: bool


class ExchangeGesture(StrEnum):
    """What can be done with one message."""

    EDIT = "edit"
    DELETE = "delete"
    RETRACT = "retract"
    RESEND = "resend"
    ANSWER = "answer"
    DETACH = "detach"


_STATES_OF: Mapping[ExchangeGesture, tuple[frozenset[ExchangeState], Sentence]] = {
    ExchangeGesture.EDIT: (
        frozenset({ExchangeState.RECORDED}),
        say("A message that went by e-mail stays as it was written."),
    ),
    ExchangeGesture.DELETE: (
        frozenset({ExchangeState.RECORDED, ExchangeState.FAILED}),
        say("A message that went by e-mail isn't deleted."),
    ),
    ExchangeGesture.RETRACT: (
        frozenset({ExchangeState.QUEUED}),
        say("This message no longer waits: it can't be taken back."),
    ),
    ExchangeGesture.RESEND: (
        frozenset({ExchangeState.FAILED}),
        say("Only a message that couldn't leave is sent again."),
    ),
    ExchangeGesture.ANSWER: (
        frozenset({ExchangeState.RECEIVED, ExchangeState.RECORDED}),
        say("Only a received message is answered."),
    ),
    ExchangeGesture.DETACH: (
        frozenset({ExchangeState.RECEIVED}),
        say("Only a message received by e-mail goes back to the inbox."),
    ),
}


def refused(ctx: Context, gesture: ExchangeGesture, exchange: Exchange, owners: Owners) -> Sentence | None:
    """Why a gesture isn't possible on a message of the action of `owners`, or None.

    What somebody wrote is changed by himself, and by whoever may change the action.
    """
    if reason := allowed(ctx, Operation.ADD_EXCHANGES, owners):
        return reason
    states, reason = _STATES_OF[gesture]
    if exchange.state not in states:
        return reason
    if gesture == ExchangeGesture.ANSWER:
        if exchange.direction != Direction.RECEIVED:
            return reason
        return say("A machine wrote this message: it isn't answered.") if exchange.is_automatic else None
    if gesture == ExchangeGesture.DETACH:
        return allowed(ctx, Operation.ATTACH_EXCHANGES)
    if exchange.created_by != ctx.person.id and allowed(ctx, Operation.EDIT_ACTIONS, owners):
        return say("Only its author, or whoever may change the action, changes this message.")
    return None


# ---- reading


@query
def exchanges_of_action(ctx: Context, *, chain: Chain) -> list[ExchangeRow]:
    """The newest messages of an action that this person has open: one statement, since the chain is at hand."""
    require(ctx, Operation.VIEW_ACTIONS, owners_of(chain.action, *chain.sub_actions))
    return ctx.store.exchanges.of_action(chain.action.id, limit=OF_ACTION)


@query
def exchange_count(ctx: Context, *, chain: Chain) -> ExchangeCount:
    """What the tab of an action says: one statement."""
    require(ctx, Operation.VIEW_ACTIONS, owners_of(chain.action, *chain.sub_actions))
    return ctx.store.exchanges.count_of(chain.action.id, ctx.reference.reminder_kind_ids)


@query
def exchanges_of_client(ctx: Context, *, client_id: object, limit: int = OF_CLIENT) -> list[ExchangeRow]:
    """The newest messages of a client that this person may see: those of actions that he sees, and those of none."""
    require(ctx, Operation.VIEW_CLIENTS)
    if not is_id(client_id):
        raise NotFound
    seen = reader_of(ctx)
    if scope_of(ctx, Operation.VIEW_ACTIONS) == Scope.NONE:
        seen = Reader(0, frozenset(), sees_units=False, sees_clients=True)
    return ctx.store.exchanges.of_client(client_id, seen=seen, limit=limit)


@query
def open_exchange(ctx: Context, *, exchange_id: object) -> ExchangeFile:
    """A message whole; raises NotFound when it isn't there, or isn't this person's to see."""
    file = ctx.store.exchanges.file(exchange_id) if is_id(exchange_id) else None
    if file is None:
        raise NotFound
    exchange = file.exchange
    if exchange.action_id:
        opened_chain(ctx, action_id=exchange.action_id, for_update=False)
    elif allowed(ctx, Operation.VIEW_CLIENTS if exchange.client_id else Operation.ATTACH_EXCHANGES):
        raise NotFound
    return replace(file, body_html=clean(file.body_html), quoted_html=clean(file.quoted_html))
