"""Messages recorded by hand: received or sent another way than through Relais, changed and deleted by who may (R30)."""

from __future__ import annotations

from lib.domain.actions import opened_chain
from lib.domain.chain import Chain, owners_of
from lib.domain.checks import is_id
from lib.domain.context import Context, command, once
from lib.domain.documents import forget_holder
from lib.domain.errors import NotAllowed, NotFound
from lib.domain.exchange_forms import (
    CheckedExchange,
    Raw,
    chain_to_write_about,
    checked_recorded,
    conflict,
    record,
    text_columns,
)
from lib.domain.exchanges import Exchange, ExchangeFile, ExchangeGesture, ExchangeState, refused
from lib.domain.holders import Entity
from lib.domain.inline_images import drawn_first, link_images, with_images_stored

_JOURNALLED = (
    "direction", "kind_id", "person_id", "contact_id", "correspondent_name", "correspondent_email", "at", "subject",
)  # fmt: skip


@drawn_first
@command
@once
def record_exchange(ctx: Context, *, action_id: object, raw: Raw, request_key: str) -> int:
    """Record a message received, or one already sent, about an action; return its id. Fields: `checked_recorded`.

    Raises Invalid with every problem, NotAllowed, NotFound.
    """
    chain = chain_to_write_about(ctx, action_id)
    checked = checked_recorded(ctx, chain, raw)
    checked.columns["state"] = ExchangeState.RECORDED
    return added(ctx, "record_exchange", chain, checked)


@drawn_first
@command
def edit_exchange(ctx: Context, *, exchange_id: object, version: int, raw: Raw) -> None:
    """Change a message recorded by hand; `version` is the one its form opened on.

    Raises Invalid with every problem, NotAllowed, NotFound, Conflict.
    """
    chain, file = opened_for(ctx, ExchangeGesture.EDIT, exchange_id)
    before = file.exchange
    checked = checked_recorded(ctx, chain, raw, before=before)
    stored = with_images_stored(ctx, checked.body_html, entity=Entity.EXCHANGE, entity_id=before.id,
                                client_id=chain.action.client_id, field="body")  # fmt: skip
    new = checked.columns
    if not ctx.store.exchanges.update(before.id, version=version, values={**new, **text_columns(stored)}):
        raise conflict(ctx, before, version)
    old_ids, new_ids = [each.id for each in file.documents], [each.id for each in checked.documents]
    ctx.store.documents.unlink(set(old_ids) - set(new_ids), Entity.EXCHANGE, before.id)
    ctx.store.documents.link(
        sorted(set(new_ids) - set(old_ids)), Entity.EXCHANGE, before.id, by=ctx.person.id, at=ctx.now
    )
    record(ctx, "edit_exchange", before, version + 1, {
        **{name: (getattr(before, name), new[name]) for name in _JOURNALLED},
        "body": (file.body_html, stored.html), "documents": (old_ids, new_ids),
    })  # fmt: skip


@command
def delete_exchange(ctx: Context, *, exchange_id: object, version: int) -> None:
    """Delete a message recorded by hand, or one that couldn't leave; the journal keeps it, the action its documents.

    Raises NotAllowed, NotFound, Conflict.
    """
    _chain, file = opened_for(ctx, ExchangeGesture.DELETE, exchange_id)
    removed(ctx, "delete_exchange", file, version=version)


def opened_for(ctx: Context, gesture: ExchangeGesture, exchange_id: object) -> tuple[Chain, ExchangeFile]:
    """A message and its action, for a gesture that this person may do on it; raises NotFound, NotAllowed.

    The action's row is locked: gestures on the messages of one action wait for each other.
    """
    file = ctx.store.exchanges.file(exchange_id) if is_id(exchange_id) else None
    if file is None or file.exchange.action_id is None:
        raise NotFound
    chain = opened_chain(ctx, action_id=file.exchange.action_id)
    if reason := refused(ctx, gesture, file.exchange, owners_of(chain.action, *chain.sub_actions)):
        raise NotAllowed(reason)
    return chain, file


def added(ctx: Context, operation: str, chain: Chain, checked: CheckedExchange) -> int:
    """Store a new message of an action, with its images, its documents and its journal; return its id."""
    client_id, document_ids = chain.action.client_id, [each.id for each in checked.documents]
    stored = with_images_stored(ctx, checked.body_html, entity=Entity.EXCHANGE, entity_id=None, client_id=client_id,
                                field="body")  # fmt: skip
    values = {**checked.columns, **text_columns(stored), "client_id": client_id, "action_id": chain.action.id,
              "created_by": ctx.person.id, "created_at": ctx.now}  # fmt: skip
    exchange_id = ctx.store.exchanges.add(values)
    link_images(ctx.store, stored.image_ids, Entity.EXCHANGE, exchange_id, at=ctx.now, person_id=ctx.person.id)
    ctx.store.documents.link(document_ids, Entity.EXCHANGE, exchange_id, by=ctx.person.id, at=ctx.now)
    about = Exchange(id=exchange_id, action_id=chain.action.id, direction=values["direction"], state=values["state"],
                     at=values["at"])  # fmt: skip
    fields: dict[str, tuple[object, object]] = {name: (None, values[name]) for name in _JOURNALLED}
    record(ctx, operation, about, 1, {**fields, "documents": ([], document_ids)})
    return exchange_id


def removed(ctx: Context, operation: str, file: ExchangeFile, *, version: int) -> None:
    """Take a message away, whatever waits of it and its links to documents; the journal keeps what it said."""
    exchange = file.exchange
    if not ctx.store.exchanges.delete(exchange.id, version=version):
        raise conflict(ctx, exchange, version)
    forget_holder(ctx.store, Entity.EXCHANGE, [exchange.id])
    fields: dict[str, tuple[object, object]] = {name: (getattr(exchange, name), None) for name in _JOURNALLED}
    fields |= {"body": (file.body_html, None), "cc": (exchange.cc or None, None)}
    record(ctx, operation, exchange, version + 1, fields)
