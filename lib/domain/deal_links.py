"""Linking actions to a deal of their client, besides the field of their form and the report (R7)."""

from __future__ import annotations

from lib.domain.actions import linked_deal, opened_chain
from lib.domain.chain import Action, Chain, SubAction, current_sub_action
from lib.domain.context import Context, command
from lib.domain.deals import opened_deal
from lib.domain.errors import Invalid, NotAllowed, NotFound
from lib.domain.fields import FIELDS, locked_because
from lib.domain.sentences import Sentence, say


def link_refused(ctx: Context, action: Action, sub: SubAction) -> Sentence | None:
    """Why this person can't change the deal of an action, as its sub-action stands; None when he can."""
    return locked_because(ctx, FIELDS["deal"], action, sub)


@command
def link_action(ctx: Context, *, deal_id: object, action_id: object) -> Chain:
    """Link an action of the same client to a deal; one that already has another deal keeps it.

    Raises Invalid for `action`, NotAllowed, NotFound.
    """
    deal, chain = opened_deal(ctx, deal_id), opened_chain(ctx, action_id=action_id)
    if chain.action.client_id != deal.client_id:
        raise Invalid({"action": say("This action is about another client: choose one of this deal's client.")})
    if chain.action.deal_id not in (None, deal.id):
        raise Invalid({"action": say("This action is linked to another deal already: unlink it there first.")})
    return _linked(ctx, "link_deal", chain, deal.id)


@command
def unlink_action(ctx: Context, *, deal_id: object, sub_action_id: object) -> Chain:
    """Take the action of a sub-action out of a deal. Raises NotAllowed, and NotFound when it isn't linked to it."""
    deal, chain = opened_deal(ctx, deal_id), opened_chain(ctx, sub_action_id=sub_action_id)
    if chain.action.deal_id != deal.id:
        raise NotFound
    return _linked(ctx, "unlink_deal", chain, None)


def _linked(ctx: Context, operation: str, chain: Chain, deal_id: int | None) -> Chain:
    sub = current_sub_action(chain)
    if why := link_refused(ctx, chain.action, sub):
        raise NotAllowed(why)
    return linked_deal(ctx, operation, chain, sub, deal_id)
