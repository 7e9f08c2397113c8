"""The ways to write a message about an action, and what each form opens with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from html import escape

import streamlit as st

from lib.domain.actions import ActionFile, open_action, open_chain
from lib.domain.chain import current_sub_action, owners_of
from lib.domain.context import Context, query
from lib.domain.documents import Document, documents_of
from lib.domain.drafts import Draft
from lib.domain.errors import NotFound
from lib.domain.exchanges import Direction, ExchangeFile, ExchangeGesture, open_exchange, refused
from lib.domain.holders import Entity
from lib.domain.outbox import Sender, mail_state
from lib.domain.rights import Operation, allowed
from lib.domain.sentences import Sentence, say
from lib.ui import formats
from lib.ui.exchange_rows import correspondent_of
from lib.ui.reading import query_id
from lib.ui.words import _

MAX_QUOTED = 200_000
"""Characters of the text that an answer repeats; a longer one isn't repeated."""
_ANSWERED = re.compile(r"\s*(?:r[e\u00e9]p?|aw|sv)\s*:", re.I)


class Mode(StrEnum):
    """What the form is for; the values stand in the address and in the drafts."""

    RECEIVED = "received"
    SENT = "sent"
    EMAIL = "email"
    REPLY = "reply"
    EDIT = "edit"


@dataclass(frozen=True, slots=True)
class ModeLook:
    """A mode's title, which its button says too, and its icon."""

    label: Sentence
    icon: str


MODES: Mapping[Mode, ModeLook] = {
    Mode.RECEIVED: ModeLook(say("Record a received message"), "call_received"),
    Mode.SENT: ModeLook(say("Record a sent message"), "call_made"),
    Mode.EMAIL: ModeLook(say("Send an e-mail"), "send"),
    Mode.REPLY: ModeLook(say("Reply by e-mail"), "reply"),
    Mode.EDIT: ModeLook(say("Change a recorded message"), "edit"),
}
_OF_ACTION = (Mode.RECEIVED, Mode.SENT, Mode.EMAIL)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a form writes about: an action with its documents by id, and the message that is changed or answered."""

    mode: Mode
    file: ActionFile
    documents: Mapping[int, Document]
    message: ExchangeFile | None = None

    @property
    def is_mail(self) -> bool:
        """It will leave as an e-mail."""
        return self.mode in (Mode.EMAIL, Mode.REPLY)

    @property
    def draft_form(self) -> str:
        """The name of its drafts."""
        return draft_form(self.mode)

    @property
    def record_id(self) -> int:
        """The record of its drafts: the message that is changed or answered, else the action."""
        return self.message.exchange.id if self.message else self.file.chain.action.id

    @property
    def name(self) -> str:
        """The form's name: two records never share a widget."""
        return f"exchange.{self.mode}.{self.record_id}"


def draft_form(mode: Mode) -> str:
    """The name of a mode's drafts."""
    return f"exchange_{mode}"


def opened(ctx: Context) -> Subject:
    """What the address asks for (`exchange=` to change, `reply=` to answer, else `mode=`); raises NotFound."""
    asked = st.query_params.get("mode")
    mode = Mode(asked) if asked in _OF_ACTION else Mode.RECEIVED
    message_id = query_id("exchange") or query_id("reply")
    if message_id:
        mode = Mode.EDIT if query_id("exchange") else Mode.REPLY
    return _opened(ctx, mode, message_id, action_id=query_id("action"), sub_id=query_id("sub"))


@query
def _opened(ctx: Context, mode: Mode, message_id: int | None, *, action_id: int | None, sub_id: int | None) -> Subject:
    message = open_exchange(ctx, exchange_id=message_id) if message_id else None
    if message:
        action_id = message.exchange.action_id
        if action_id is None:
            raise NotFound
    if sub_id is None:
        sub_id = current_sub_action(open_chain(ctx, action_id=action_id)).id
    file = open_action(ctx, sub_action_id=sub_id)
    if action_id not in (None, file.chain.action.id):  # joined to another action meanwhile, or typed by hand
        file = open_action(ctx, sub_action_id=current_sub_action(open_chain(ctx, action_id=action_id)).id)
    found = documents_of(ctx, entity=Entity.ACTION, entity_id=file.chain.action.id).documents
    return Subject(mode, file, {each.document.id: each.document for each in found}, message)


def refused_because(ctx: Context, subject: Subject, sender: Sender) -> Sentence | None:
    """Why this form can't be used by this person now; None when it can."""
    chain = subject.file.chain
    owners = owners_of(chain.action, *chain.sub_actions)
    if subject.message:
        gesture = ExchangeGesture.EDIT if subject.mode == Mode.EDIT else ExchangeGesture.ANSWER
        if why := refused(ctx, gesture, subject.message.exchange, owners):
            return why
    return mail_state(ctx, sender, chain) if subject.is_mail else allowed(ctx, Operation.ADD_EXCHANGES, owners)


def draft_address(draft: Draft) -> dict[str, object] | None:
    """Where a draft is written on; None for a draft of another form."""
    form, _sep, mode = draft.form.partition("_")
    if form != "exchange" or mode not in set(Mode):
        return None
    match Mode(mode):
        case Mode.REPLY:
            return {"reply": draft.record_id}
        case Mode.EDIT:
            return {"exchange": draft.record_id}
        case _:
            return {"action": draft.record_id, "mode": mode}


# ---- what a form opens with


def starting_values(ctx: Context, subject: Subject) -> dict[str, object]:
    """The fields of a form before anybody types; the draft, if there is one, comes over them."""
    kinds = [kind.id for kind in ctx.reference.exchange_kinds.values() if kind.is_active]
    contact = next((c for c in subject.file.client.contacts if c.id == subject.file.sub.contact_id), None)
    email = contact.email if contact else ""
    values: dict[str, object] = {
        "kind": kinds[0] if kinds else None, "contact": contact.id if contact else None, "documents": [],
    }  # fmt: skip
    match subject.mode:
        case Mode.EDIT | Mode.REPLY if subject.message:
            again = _as_it_was if subject.mode == Mode.EDIT else _answer
            return values | again(ctx, subject.message)
        case Mode.EMAIL:
            return values | {"to": email}
    return values | {
        "direction": Direction.RECEIVED if subject.mode == Mode.RECEIVED else Direction.SENT,
        "person": ctx.person.id, "on": ctx.today, "time": ctx.local_now.time(), "correspondent_email": email,
    }  # fmt: skip


def _as_it_was(ctx: Context, message: ExchangeFile) -> dict[str, object]:
    exchange, local = message.exchange, message.exchange.at.astimezone(ctx.zone)
    return {
        "direction": exchange.direction, "kind": exchange.kind_id, "person": exchange.person_id,
        "contact": exchange.contact_id, "correspondent_name": exchange.correspondent_name,
        "correspondent_email": exchange.correspondent_email, "on": local.date(),
        "time": local.time().replace(second=0, microsecond=0), "subject": exchange.subject,
        "body": message.body_html, "documents": [each.id for each in message.documents],
    }  # fmt: skip


def _answer(ctx: Context, message: ExchangeFile) -> dict[str, object]:
    exchange, local = message.exchange, message.exchange.at.astimezone(ctx.zone)
    subject = exchange.subject if _ANSWERED.match(exchange.subject) else f"Re: {exchange.subject}"
    said = _("On {date}, {person} wrote:", date=formats.full(local.date(), local.time()),
             person=correspondent_of(message.row))  # fmt: skip
    quoted = f"<blockquote>{message.body_html}</blockquote>" if 0 < len(message.body_html) <= MAX_QUOTED else ""
    return {
        "contact": exchange.contact_id, "correspondent_name": exchange.correspondent_name,
        "to": exchange.correspondent_email, "subject": subject.strip()[:300],
        "body": f"<p></p><p>{escape(said)}</p>{quoted}" if quoted else "",
    }  # fmt: skip


def taken_back(message: ExchangeFile) -> dict[str, object]:
    """The draft that an e-mail becomes again when its sending is cancelled."""
    exchange = message.exchange
    return {
        "kind": exchange.kind_id, "contact": exchange.contact_id, "correspondent_name": exchange.correspondent_name,
        "to": exchange.correspondent_email, "cc": exchange.cc, "subject": exchange.subject,
        "body": message.body_html, "documents": [each.id for each in message.documents],
    }  # fmt: skip
