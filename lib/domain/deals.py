"""Deals (affaires): sales opportunities; one is born from a report whose follow-up is `deal` (R23)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from lib.domain.chain import Status, current_sub_action, owners_of
from lib.domain.changes import record_change
from lib.domain.checks import Checks, checked_date
from lib.domain.context import Context, command, once, query
from lib.domain.errors import Invalid, NotAllowed
from lib.domain.rights import Operation, require
from lib.domain.sentences import say
from lib.domain.text import as_typed, checked_line


@dataclass(frozen=True, slots=True)
class Deal:
    """A sales opportunity of a client; `number` is shown as F000012."""

    id: int
    number: int
    client_id: int
    title: str
    amount_eur: Decimal | None = None
    expected_on: date | None = None
    owner_id: int | None = None


MAX_AMOUNT_EUR = Decimal("9999999999.99")
_AMOUNT = re.compile(r"-?[0-9]{1,15}(?:[.,][0-9]{1,2})?")
"""No thousands sign: `12.500` is twelve thousand for one reader, twelve and a half for another."""


def shown_deal_number(number: int) -> str:
    """`F000012`."""
    return f"F{number:06d}"


def parsed_amount(text: object) -> Decimal | None:
    """Euros from `12 500,50`; None when empty. Raises Invalid for `amount_eur`."""
    if text is None or (isinstance(text, str) and not text.strip()):
        return None
    bare = "".join(as_typed(text).split()).removesuffix("€")
    if not _AMOUNT.fullmatch(bare):
        raise Invalid({"amount_eur": say("Amount not understood: write for example 12500 or 12500,50.")})
    amount = Decimal(bare.replace(",", "."))
    if not 0 <= amount <= MAX_AMOUNT_EUR:
        raise Invalid({"amount_eur": say("Amount out of range: from 0 to 9,999,999,999 euros.")})
    return amount


def checked_deal(ctx: Context, raw: Mapping[str, object]) -> dict[str, object]:
    """The columns of a deal from what was typed: title, amount_eur, expected_on. Raises Invalid with every problem."""
    checks = Checks()
    values: dict[str, object] = {
        "title": checks.run(lambda: checked_line("title", raw.get("title"), max_length=160, required=True)),
        "amount_eur": checks.run(lambda: parsed_amount(raw.get("amount_eur"))),
        "expected_on": checks.run(lambda: checked_date("expected_on", raw.get("expected_on"), today=ctx.today)),
    }
    checks.done()
    return values


@query
def deals_of_client(ctx: Context, *, client_id: int) -> list[Deal]:
    """The deals of a client, newest first."""
    require(ctx, Operation.VIEW_CLIENTS)
    return ctx.store.deals.of_client(client_id)


@command
@once
def create_deal(ctx: Context, *, action_id: int, raw: Mapping[str, object], request_key: str) -> int:
    """Create a deal for an action's client and link the action to it, in one transaction; return the deal's id."""
    from lib.domain.actions import linked_deal, opened_chain  # deals and actions know each other

    chain = opened_chain(ctx, action_id=action_id)
    require(ctx, Operation.ADD_DEALS, owners_of(chain.action, *chain.sub_actions))
    if chain.action.status == Status.CANCELLED:
        raise NotAllowed(say("The action is cancelled: a deal is linked to one that goes on."))
    values = checked_deal(ctx, raw)
    deal_id = ctx.store.deals.add(
        {
            **values,
            "client_id": chain.action.client_id,
            "owner_id": chain.action.responsible_id or ctx.person.id,
            "created_by": ctx.person.id,
            "created_at": ctx.now,
        }
    )
    record_change(
        ctx, "create_deal", entity="deal", entity_id=deal_id, action_id=action_id, version=1,
        fields={"": (None, values["title"])},
    )  # fmt: skip
    linked_deal(ctx, "create_deal", chain, current_sub_action(chain), deal_id)
    return deal_id
