"""À rattacher: received messages that found no action by themselves, attached or set aside by people (R30)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lib.domain.actions import opened_chain
from lib.domain.changes import record_change
from lib.domain.checks import is_id
from lib.domain.context import Context, command, query
from lib.domain.errors import NotAllowed, NotFound
from lib.domain.exchange_forms import conflict
from lib.domain.exchange_records import opened_for
from lib.domain.exchanges import Exchange, ExchangeGesture, ExchangeRow
from lib.domain.incoming import MailboxState
from lib.domain.lists import ActionFilter, ActionRow, SortBy, Tab, visibility
from lib.domain.rights import REFUSALS, Operation, Scope, allowed, require, scope_of

PAGE_MESSAGES = 50
COUNTED_MESSAGES = 10_000
BADGE = 100
"""How far the number in the navigation is counted."""
PROPOSED = 20


@dataclass(frozen=True, slots=True)
class InboxScope:
    """Whose messages: those of clients that these people manage, or where they, or these units, have an open action."""

    person_ids: frozenset[int]
    unit_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One line: a message, and the client that its sender's address is known at."""

    row: ExchangeRow
    client_name: str

    @property
    def exchange(self) -> Exchange:
        """The message itself."""
        return self.row.exchange


@dataclass(frozen=True, slots=True)
class InboxPage:
    """One page, newest first; `total` is counted up to COUNTED_MESSAGES."""

    rows: tuple[InboxRow, ...]
    total: int
    number: int

    @property
    def pages(self) -> int:
        """How many pages can be turned."""
        return max(1, -(-self.total // PAGE_MESSAGES))


def _scope(ctx: Context) -> InboxScope | None:
    """What the person sees of the inbox; None sees all. What is nobody's, everybody sees who sees the inbox."""
    match scope_of(ctx, Operation.ATTACH_EXCHANGES):
        case Scope.ALL:
            return None
        case Scope.UNIT:
            mates = {m.person_id for m in ctx.reference.memberships if m.org_unit_id in ctx.unit_ids}
            return InboxScope(frozenset(mates | {ctx.person.id}), ctx.unit_ids)
        case Scope.OWN:
            return InboxScope(frozenset({ctx.person.id}))
    raise NotAllowed(REFUSALS[Operation.ATTACH_EXCHANGES])


# ---- reading


@query
def list_inbox(ctx: Context, *, is_set_aside: bool = False, page: int = 1) -> InboxPage:
    """One page of what waits, or of what was set aside; `page` is brought into range. Raises NotAllowed."""
    within = _scope(ctx)
    total = ctx.store.incoming.count_to_attach(within, is_set_aside=is_set_aside, counted=COUNTED_MESSAGES)
    number = min(max(1, page), InboxPage((), total, 1).pages)
    found = ctx.store.incoming.to_attach(
        within, is_set_aside=is_set_aside, limit=PAGE_MESSAGES, skip=(number - 1) * PAGE_MESSAGES
    )
    return InboxPage(tuple(InboxRow(row, client_name) for row, client_name in found), total, number)


@query
def mailbox_state(ctx: Context, *, name: str) -> MailboxState:
    """How the reading of the mailbox goes, for whoever waits for its messages. Raises NotAllowed."""
    require(ctx, Operation.ATTACH_EXCHANGES)
    return ctx.store.incoming.state(name)


@query
def count_inbox(ctx: Context) -> int:
    """How many messages wait, up to BADGE, for the navigation; 0 for whom the inbox isn't."""
    if allowed(ctx, Operation.ATTACH_EXCHANGES):
        return 0
    return ctx.store.incoming.count_to_attach(_scope(ctx), is_set_aside=False, counted=BADGE)


@query
def propose_actions(ctx: Context, *, exchange_id: object, client_id: object = None) -> list[ActionRow]:
    """The open actions that a message is likely about, each once: of the client chosen, else of its sender's clients.

    First those of the contact who wrote, then those assigned to the person who asks, then the next ones planned; 20 at
    most, none that he doesn't see. Raises NotFound, NotAllowed.
    """
    exchange = _opened(ctx, exchange_id)
    contacts = ctx.store.incoming.contacts_at(exchange.correspondent_email) if exchange.correspondent_email else []
    chosen = client_id if is_id(client_id) else exchange.client_id
    clients = [chosen] if chosen else list(dict.fromkeys(each for _contact_id, each in contacts))[:5]
    seen, found = visibility(ctx), dict[int, ActionRow]()
    for each in clients:
        kept = ActionFilter(tab=Tab.TODO, client_id=each, visible_to=seen)
        page = ctx.store.lists.page(kept, sort=SortBy.DATE, descending=False, page=1)
        for row in page.rows:
            found.setdefault(row.action.id, row)
    writers = {contact_id for contact_id, _client_id in contacts}

    def rank(row: ActionRow) -> tuple[bool, bool]:
        return row.sub.contact_id not in writers, row.sub.assignee_id != ctx.person.id

    return sorted(found.values(), key=rank)[:PROPOSED]


# ---- deciding


@command
def attach_to_action(ctx: Context, *, exchange_id: object, version: int, action_id: object) -> None:
    """Attach a waiting message to an action that the person sees; its documents follow.

    `version` is the one the message was shown with. Raises NotFound, NotAllowed, Conflict.
    """
    before = _opened(ctx, exchange_id)
    chain = opened_chain(ctx, action_id=action_id)
    client_id = chain.action.client_id
    contacts = ctx.store.incoming.contacts_at(before.correspondent_email) if before.correspondent_email else []
    values = {
        "action_id": chain.action.id, "client_id": client_id, "is_set_aside": False,
        "contact_id": next((each for each, its_client in contacts if its_client == client_id), None),
        "person_id": before.person_id or chain.action.responsible_id,
    }  # fmt: skip
    _saved(ctx, "attach_exchange", before, version, values, action_id=chain.action.id)


@command
def detach_from_action(ctx: Context, *, exchange_id: object, version: int) -> Exchange:
    """Send a message that came by e-mail back to the inbox: it joined the wrong action. Its documents follow.

    What it was is returned. Raises NotFound, NotAllowed, Conflict.
    """
    chain, file = opened_for(ctx, ExchangeGesture.DETACH, exchange_id)
    before = file.exchange
    contacts = ctx.store.incoming.contacts_at(before.correspondent_email) if before.correspondent_email else []
    clients = {client_id for _contact_id, client_id in contacts}
    only = clients.pop() if len(clients) == 1 else None
    values = {"action_id": None, "client_id": only, "contact_id": contacts[0][0] if only else None,
              "person_id": None, "is_sender_unknown": False}  # fmt: skip
    _saved(ctx, "detach_exchange", before, version, values, action_id=chain.action.id)
    return before


@command
def set_aside(ctx: Context, *, exchange_id: object, version: int) -> None:
    """Take a message out of the inbox: it is about no action. Raises NotFound, NotAllowed, Conflict."""
    _saved(ctx, "set_aside_exchange", _opened(ctx, exchange_id), version, {"is_set_aside": True})


@command
def take_back(ctx: Context, *, exchange_id: object, version: int) -> None:
    """Put a message that was set aside into the inbox again. Raises NotFound, NotAllowed, Conflict."""
    _saved(ctx, "take_back_exchange", _opened(ctx, exchange_id), version, {"is_set_aside": False})


def _opened(ctx: Context, exchange_id: object) -> Exchange:
    """A message that waits, or was set aside, and that this person may attach; raises NotFound, NotAllowed."""
    within = _scope(ctx)
    if not is_id(exchange_id) or not ctx.store.incoming.is_to_attach(exchange_id, within):
        raise NotFound
    file = ctx.store.exchanges.file(exchange_id)
    assert file is not None, "it was there a statement ago, in the same transaction"
    return file.exchange


def _saved(
    ctx: Context,
    operation: str,
    before: Exchange,
    version: int,
    values: dict[str, Any],
    *,
    action_id: int | None = None,
) -> None:
    """Store and journal what changes of a message; raises Conflict."""
    if not ctx.store.exchanges.update(before.id, version=version, values=values):
        raise conflict(ctx, before, version)
    if "client_id" in values:
        ctx.store.incoming.set_client_of_documents(before.id, values["client_id"])
    fields = {name: (getattr(before, name), new) for name, new in values.items()}
    record_change(
        ctx, operation, entity="exchange", entity_id=before.id, action_id=action_id, version=version + 1, fields=fields
    )
