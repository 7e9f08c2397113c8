"""Deals (affaires): sales opportunities of a client, born from anywhere or as the follow-up of a report (R23)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from lib.domain.actions import checked_client, client_file_of, linked_deal, opened_chain
from lib.domain.catalog import DealOutcome, DealStage, checked_choice
from lib.domain.chain import Chain, Status, current_sub_action, owners_of
from lib.domain.changes import Change, record_change
from lib.domain.checks import Checks, checked_date, checked_id, is_id
from lib.domain.clients import ClientFile, checked_place, open_client
from lib.domain.conflicts import refuse_conflict_on
from lib.domain.context import Context, command, once, query
from lib.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from lib.domain.fields import Raw
from lib.domain.rights import Operation, Owners, allowed, require
from lib.domain.sentences import Sentence, say
from lib.domain.text import as_typed, checked_line, cleaned, shows_nothing

MAX_TITLE = 160
MAX_NOTE = 4000
MAX_LOST_REASON = 300
MAX_AMOUNT_EUR = Decimal("9999999999.99")
_AMOUNT = re.compile(r"-?[0-9]{1,15}(?:[.,][0-9]{1,2})?")
"""No thousands sign: `12.500` is twelve thousand for one reader, twelve and a half for another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A sales opportunity of a client; `number` is shown as F000012. `closed_on` is the day it was won or lost."""

    id: int = 0
    number: int = 0
    client_id: int
    title: str
    stage_id: int | None = None
    amount_eur: Decimal | None = None
    expected_on: date | None = None
    owner_id: int | None = None
    org_unit_id: int | None = None
    contact_id: int | None = None
    closed_on: date | None = None
    lost_reason: str = ""
    note: str = ""
    created_by: int = 0
    created_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class DealFile:
    """Everything the screen of one deal shows, its actions apart: those are a list like any other."""

    deal: Deal
    client: ClientFile


LABELS: Mapping[str, Sentence] = {
    "client": say("Client"),
    "title": say("Title"),
    "stage": say("Stage"),
    "amount_eur": say("Amount (€)"),
    "expected_on": say("Expected date"),
    "owner": say("Salesperson"),
    "org_unit": say("Org. unit"),
    "contact": say("Contact"),
    "note": say("Note"),
    "lost_reason": say("Reason of the loss"),
}
"""The fields of the form, in its order."""
COLUMNS: Mapping[str, str] = {
    "title": "title", "stage": "stage_id", "amount_eur": "amount_eur", "expected_on": "expected_on",
    "owner": "owner_id", "org_unit": "org_unit_id", "contact": "contact_id", "note": "note",
    "lost_reason": "lost_reason",
}  # fmt: skip
"""The fields that stay editable, and how the journal calls them."""


# ---- rules


def shown_deal_number(number: int) -> str:
    """`F000012`."""
    return f"F{number:06d}"


def default_stage(stages: Iterable[DealStage]) -> DealStage | None:
    """Where a new deal starts: the first stage that isn't disabled; None when there is none."""
    return next((stage for stage in stages if stage.is_active), None)


def deal_owners(deal: Deal) -> Owners:
    """Whose a deal is: its salesperson's and its creator's, in its unit."""
    people = {deal.owner_id, deal.created_by}
    units = {deal.org_unit_id}
    return Owners(frozenset(each for each in people if each), frozenset(each for each in units if each))


def edit_refused(ctx: Context, deal: Deal) -> Sentence | None:
    """Why this person can't change a deal; None when he can."""
    return allowed(ctx, Operation.EDIT_DEALS, deal_owners(deal))


def outcome_of(deal: Deal, stages: Mapping[int, DealStage]) -> DealOutcome:
    """Whether a deal goes on, was won, or was lost."""
    stage = stages.get(deal.stage_id or 0)
    return stage.outcome if stage else DealOutcome.OPEN


def is_overdue(deal: Deal, stages: Mapping[int, DealStage], *, today: date) -> bool:
    """It was expected before today, and still goes on."""
    is_past = deal.expected_on is not None and deal.expected_on < today
    return is_past and outcome_of(deal, stages) == DealOutcome.OPEN


def parsed_amount(text: object, *, field: str = "amount_eur") -> Decimal | None:
    """Euros from `12 500,50`; None when empty. Raises Invalid for `field`."""
    if text is None or (isinstance(text, str) and not text.strip()):
        return None
    bare = "".join(as_typed(text).split()).removesuffix("€")
    if not _AMOUNT.fullmatch(bare):
        raise Invalid({field: say("Amount not understood: write for example 12500 or 12500,50.")})
    amount = Decimal(bare.replace(",", "."))
    if not 0 <= amount <= MAX_AMOUNT_EUR:
        raise Invalid({field: say("Amount out of range: from 0 to 9,999,999,999 euros.")})
    return amount


# ---- reading


@query
def deals_of_client(ctx: Context, *, client_id: int) -> list[Deal]:
    """The deals of a client, newest first."""
    require(ctx, Operation.VIEW_CLIENTS)
    return ctx.store.deals.of_client(client_id)


def opened_deal(ctx: Context, deal_id: object, *, for_update: bool = False) -> Deal:
    """A deal that this person may see; raises NotFound. Inside a transaction."""
    deal = ctx.store.deals.get(deal_id, for_update=for_update) if is_id(deal_id) else None
    if deal is None or allowed(ctx, Operation.VIEW_CLIENTS):
        raise NotFound
    return deal


@query
def open_deal(ctx: Context, *, deal_id: object) -> DealFile:
    """A deal with its client; raises NotFound."""
    deal = opened_deal(ctx, deal_id)
    return DealFile(deal, open_client(ctx, client_id=deal.client_id))


@query
def deal_history(ctx: Context, *, deal_id: object) -> list[Change]:
    """What was changed in a deal, the newest first; raises NotFound."""
    return ctx.store.changes.since("deal", opened_deal(ctx, deal_id).id, 0)[::-1]


# ---- creating


@dataclass(frozen=True, slots=True)
class NewDeal:
    """What the form of a new deal opens with: the client and the action, where they are known, and the raw fields."""

    client: ClientFile | None
    chain: Chain | None
    values: Mapping[str, object]


@query
def open_new_deal(ctx: Context, *, action_id: object = None, client_id: object = None) -> NewDeal:
    """The form of a new deal, born from an action, for a client, or from nowhere.

    Raises NotFound, NotAllowed: what can't be saved isn't offered for typing.
    """
    if action_id is not None:
        chain = _chain_that_leads(ctx, action_id, for_update=False)
        file = client_file_of(ctx, chain)
        return NewDeal(file, chain, _defaults(ctx, chain, file))
    require(ctx, Operation.ADD_DEALS)
    require(ctx, Operation.VIEW_CLIENTS)
    client = None if client_id is None else open_client(ctx, client_id=client_id)
    return NewDeal(client, None, _defaults(ctx, None, client))


@command
@once
def create_deal(ctx: Context, *, raw: Raw, request_key: str, action_id: object = None) -> int:
    """Create a deal (fields of LABELS) and return its id; with an action, link that one in the same transaction.

    The client is the action's, or else the one in `raw`. Raises Invalid with every problem, NotAllowed, NotFound.
    """
    chain = None if action_id is None else _chain_that_leads(ctx, action_id)
    if chain is None:
        require(ctx, Operation.ADD_DEALS)
        require(ctx, Operation.VIEW_CLIENTS)
    checks = Checks()
    file = checks.run(lambda: client_file_of(ctx, chain) if chain else checked_client(ctx, raw.get("client")))
    deal = checks.run(lambda: _checked(ctx, file, {**_defaults(ctx, chain, file), **raw}))
    checks.done()
    assert file is not None
    assert deal is not None
    born = {"client_id": file.client.id, "created_by": ctx.person.id, "created_at": ctx.now}
    deal_id = ctx.store.deals.add(_typed(deal) | born)
    record_change(
        ctx, "create_deal", entity="deal", entity_id=deal_id, action_id=chain.action.id if chain else None, version=1,
        fields={"": (None, deal.title)},
    )  # fmt: skip
    if chain:
        linked_deal(ctx, "create_deal", chain, current_sub_action(chain), deal_id)
    return deal_id


def new_deal_refused(ctx: Context, chain: Chain) -> Sentence | None:
    """Why this person can't create a deal from an action; None when he can."""
    if chain.action.status == Status.CANCELLED:
        return say("The action is cancelled: a deal is linked to one that goes on.")
    return allowed(ctx, Operation.ADD_DEALS, owners_of(chain.action, *chain.sub_actions))


def _chain_that_leads(ctx: Context, action_id: object, *, for_update: bool = True) -> Chain:
    """The chain that a deal may be born from."""
    chain = opened_chain(ctx, action_id=action_id, for_update=for_update)
    if why := new_deal_refused(ctx, chain):
        raise NotAllowed(why)
    return chain


def _defaults(ctx: Context, chain: Chain | None, file: ClientFile | None) -> dict[str, object]:
    """What a new deal gets where nothing was said: whoever is responsible for its action, else the connected person."""
    stage = default_stage(ctx.reference.deal_stages.values())
    spoken_to = current_sub_action(chain).contact_id if chain else None
    responsible = ctx.reference.people.get((chain.action.responsible_id if chain else None) or 0)
    return {
        "stage": stage.id if stage else None,
        "owner": responsible.id if responsible and responsible.is_active else ctx.person.id,
        "contact": next((c.id for c in file.contacts if c.id == spoken_to and c.is_active), None) if file else None,
    }


# ---- changing


@command
def edit_deal(ctx: Context, *, deal_id: object, version: int, edits: Raw, operation: str = "edit_deal") -> Deal:
    """Save the fields that the person changed; `version` is the one he saw when the form opened.

    Edits of other fields than those changed meanwhile are merged; the same field changed by both raises Conflict.
    Raises Invalid, NotAllowed, NotFound.
    """
    before = opened_deal(ctx, deal_id, for_update=True)
    require(ctx, Operation.EDIT_DEALS, deal_owners(before))
    if unknown := {name: say("Unknown field.") for name in edits if name not in COLUMNS}:
        raise Invalid(unknown)
    columns = {name: COLUMNS[name] for name in edits}
    refuse_conflict_on(ctx, "deal", before.id, stored=before.version, version=version, edits=edits, columns=columns)
    after = _checked(ctx, open_client(ctx, client_id=before.client_id), edits, before=before)
    old, new = _typed(before), _typed(after)
    changed = {name: (old[name], new[name]) for name in new if old[name] != new[name]}
    if not changed:
        return before
    values = {name: new[name] for name in changed}
    if not ctx.store.deals.update(before.id, version=before.version, values=values):
        raise Conflict(by=None, at=None)
    after = replace(after, version=before.version + 1)
    record_change(ctx, operation, entity="deal", entity_id=after.id, version=after.version, fields=changed)
    return after


@command
def move_deal(ctx: Context, *, deal_id: object, version: int, stage_id: object, lost_reason: object = "") -> Deal:
    """Move a deal to another stage; one that is lost says why. Raises as `edit_deal`."""
    edits: dict[str, object] = {"stage": stage_id}
    stage = ctx.reference.deal_stages.get(stage_id) if is_id(stage_id) else None
    if stage and stage.outcome == DealOutcome.LOST:
        edits["lost_reason"] = lost_reason
    return edit_deal(ctx, deal_id=deal_id, version=version, edits=edits, operation="move_deal")


# ---- checking


def _checked(ctx: Context, file: ClientFile | None, raw: Raw, *, before: Deal | None = None) -> Deal:
    """The deal from what was typed, completed from `before`; without a client, the rest is checked all the same."""
    checks, typed = Checks(), {**(_as_raw(before) if before else {}), **raw}
    title = checks.run(lambda: checked_line("title", typed.get("title"), max_length=MAX_TITLE, required=True))
    stage = checks.run(lambda: _checked_stage(ctx, typed.get("stage"), before))
    amount = checks.run(lambda: parsed_amount(typed.get("amount_eur")))
    expected = checks.run(lambda: _checked_day(ctx, typed.get("expected_on"), before))
    owner_id = checks.run(lambda: _checked_owner(ctx, typed.get("owner"), before))
    unit_id = checks.run(lambda: _checked_unit(ctx, owner_id, raw, before))
    contact_id = checks.run(lambda: _checked_contact(file, typed.get("contact"), before))
    note = checks.run(lambda: _checked_note(typed.get("note")))
    reason = checks.run(lambda: _checked_lost_reason(stage, typed, before, is_sent="lost_reason" in raw))
    checks.done()
    assert stage
    deal = Deal(
        client_id=file.client.id if file else 0, title=title or "", stage_id=stage.id, amount_eur=amount,
        expected_on=expected, owner_id=owner_id, org_unit_id=unit_id, contact_id=contact_id, note=note or "",
        lost_reason=reason or "", closed_on=_closed_on(ctx, stage, before),
    )  # fmt: skip
    if before:
        kept = {name: getattr(before, name) for name in ("id", "number", "created_by", "created_at")}
        deal = replace(deal, **kept)
    return deal


def _closed_on(ctx: Context, stage: DealStage, before: Deal | None) -> date | None:
    """Closing it notes the day, reopening it forgets it; once won, it stays won on the day it was."""
    if stage.outcome == DealOutcome.OPEN:
        return None
    is_same = before is not None and outcome_of(before, ctx.reference.deal_stages) == stage.outcome
    return before.closed_on or ctx.today if before and is_same else ctx.today


def _checked_stage(ctx: Context, raw: object, before: Deal | None) -> DealStage:
    stage = ctx.reference.deal_stages.get(checked_id("stage", raw) or 0)
    if stage is None:
        raise Invalid({"stage": say("Unknown choice: choose one of the list.")})
    checked_choice("stage", stage, kept_id=before.stage_id if before else None)
    return stage


def _checked_day(ctx: Context, raw: object, before: Deal | None) -> date | None:
    """A day; the one that the deal has stays good, however old."""
    if before and raw == before.expected_on:
        return before.expected_on
    return checked_date("expected_on", raw, today=ctx.today)


def _checked_owner(ctx: Context, raw: object, before: Deal | None) -> int | None:
    """Somebody active; the one that the deal has stays good, whatever became of him."""
    owner_id = checked_id("owner", raw)
    if before and owner_id == before.owner_id:
        return owner_id
    person = ctx.reference.people.get(owner_id or 0)
    if person is None:
        raise Invalid({"owner": say("Choose whose deal it is.")})
    if not person.is_active:
        raise Invalid({"owner": say("{person} is no longer active: choose someone else.", person=person.name)})
    return person.id


def _checked_unit(ctx: Context, owner_id: int | None, raw: Raw, before: Deal | None) -> int | None:
    """One of the salesperson's sales units; unless it is chosen, the one deduced from him (R8)."""
    unit_id = checked_id("org_unit", raw.get("org_unit"))
    if before and before.owner_id == owner_id and ("org_unit" not in raw or unit_id == before.org_unit_id):
        return before.org_unit_id
    if unit_id is None or owner_id is None:
        deduced = ctx.reference.deduced_unit_of(owner_id) if owner_id else None
        return deduced.id if deduced else None
    if unit_id not in {unit.id for unit in ctx.reference.sales_units_of(owner_id)}:
        raise Invalid({"org_unit": say("The salesperson isn't in this unit: choose one of his.")})
    return unit_id


def _checked_contact(file: ClientFile | None, raw: object, before: Deal | None) -> int | None:
    contact_id = checked_id("contact", raw)
    if file and not (before and contact_id == before.contact_id):
        checked_place(file, site_id=None, contact_id=contact_id)
    return contact_id


def _checked_note(raw: object) -> str:
    text = cleaned(raw).strip()
    if len(text) > MAX_NOTE:
        raise Invalid({"note": say("Too long: {max_length} characters at most.", max_length=MAX_NOTE)})
    return text


def _checked_lost_reason(stage: DealStage | None, typed: Raw, before: Deal | None, *, is_sent: bool) -> str:
    """Why it is lost, asked when it becomes so; nothing while it isn't. An imported one without a reason stays so."""
    if stage is None or stage.outcome != DealOutcome.LOST:
        return ""
    reason = checked_line("lost_reason", typed.get("lost_reason"), max_length=MAX_LOST_REASON)
    is_new = before is None or before.stage_id != stage.id
    if (is_new or is_sent) and shows_nothing(reason):
        raise Invalid({"lost_reason": say("Say why it is lost: a few words are enough.")})
    return reason


_NOT_TYPED = ("id", "number", "client_id", "created_by", "created_at", "version")


def _typed(deal: Deal) -> dict[str, Any]:
    """The columns that the form fills in, or that follow from it."""
    return {name: getattr(deal, name) for name in Deal.__slots__ if name not in _NOT_TYPED}


def _as_raw(deal: Deal) -> dict[str, object]:
    """A stored deal as a form would send it."""
    return {name: getattr(deal, column) for name, column in COLUMNS.items()}
