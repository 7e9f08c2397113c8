"""What a document hangs on: action, exchange, deal, service report, client; and whose that is (R29, R35)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from lib.domain.chain import owners_of
from lib.domain.checks import is_id
from lib.domain.errors import NotFound
from lib.domain.rights import Operation, Owners, allowed

if TYPE_CHECKING:
    from lib.domain.context import Context


class Entity(StrEnum):
    """The kinds of records that hold documents; the values are stored."""

    ACTION = "action"
    SUB_ACTION = "sub_action"  # the images inside its texts
    EXCHANGE = "exchange"
    DEAL = "deal"
    SERVICE_REPORT = "service_report"
    CLIENT = "client"
    MESSAGE_TEMPLATE = "message_template"  # the images inside its body


@dataclass(frozen=True, slots=True)
class HolderRow:
    """What is stored about a record that holds documents, other than an action."""

    client_id: int | None
    action_id: int | None
    person_ids: frozenset[int]
    unit_ids: frozenset[int]
    is_sealed: bool = False


@dataclass(frozen=True, slots=True)
class Holder:
    """A record that holds documents; `owners` None: everybody's. `view` is the right to see it and what it holds.

    What is sealed keeps its documents: a message that was sent or received is what it was.
    """

    entity: Entity
    entity_id: int
    client_id: int | None
    action_id: int | None
    owners: Owners | None
    view: Operation
    is_sealed: bool = False


def opened_holder(ctx: Context, *, entity: object, entity_id: object) -> Holder:
    """A record that this person may see; raises NotFound else. Inside a transaction."""
    holder = seen_holder(ctx, entity=entity, entity_id=entity_id)
    if holder is None:
        raise NotFound
    return holder


def seen_holder(ctx: Context, *, entity: object, entity_id: object) -> Holder | None:
    """The same, None instead of NotFound."""
    if not isinstance(entity, str) or entity not in set(Entity) or not is_id(entity_id):
        return None
    holder = _loaded(ctx, Entity(entity), entity_id)
    if holder is None:
        return None
    # Whoever sees clients sees all that hangs on them; who may change it is another question.
    owners = None if holder.view == Operation.VIEW_CLIENTS else holder.owners
    return None if allowed(ctx, holder.view, owners) else holder


def _loaded(ctx: Context, entity: Entity, entity_id: int) -> Holder | None:
    if entity == Entity.ACTION:
        return _of_action(ctx, entity, entity_id, action_id=entity_id)
    if entity == Entity.SUB_ACTION:
        return _of_action(ctx, entity, entity_id, action_id=ctx.store.actions.action_id_of(entity_id))
    row = ctx.store.documents.holder(entity, entity_id)
    if row is None:
        return None
    if row.action_id is not None:
        return _of_action(ctx, entity, entity_id, action_id=row.action_id, is_sealed=row.is_sealed)
    if entity in (Entity.CLIENT, Entity.MESSAGE_TEMPLATE):
        return Holder(entity, entity_id, row.client_id, None, None, Operation.VIEW_CLIENTS)
    owners = Owners(row.person_ids, row.unit_ids)
    if row.client_id is None:  # a message that waits for its client: seen by whoever may attach it
        return Holder(entity, entity_id, None, None, owners, Operation.ATTACH_EXCHANGES, row.is_sealed)
    return Holder(entity, entity_id, row.client_id, None, owners, Operation.VIEW_CLIENTS, row.is_sealed)


def _of_action(
    ctx: Context, entity: Entity, entity_id: int, *, action_id: int | None, is_sealed: bool = False
) -> Holder | None:
    chain = ctx.store.actions.chain(action_id) if action_id else None
    if chain is None:
        return None
    owners = owners_of(chain.action, *chain.sub_actions)
    client_id = chain.action.client_id
    return Holder(entity, entity_id, client_id, action_id, owners, Operation.VIEW_ACTIONS, is_sealed)
