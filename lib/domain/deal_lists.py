"""Reading many deals: filters, sorts, pages, and what stands in each stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from lib.domain.catalog import DealOutcome, DealStage
from lib.domain.context import Context, query
from lib.domain.deals import Deal
from lib.domain.lists import COUNTED, PAGE_ROWS
from lib.domain.rights import Operation, require


class DealSort(StrEnum):
    """The sorts that an index serves."""

    EXPECTED = "expected"
    AMOUNT = "amount"
    CLIENT = "client"
    NUMBER = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class DealFilter:
    """What a list of deals keeps; empty criteria keep everything, several combine, bounds are included."""

    outcome: DealOutcome | None = None
    stage_ids: frozenset[int] = frozenset()
    owner_ids: frozenset[int] = frozenset()
    org_unit_ids: frozenset[int] = frozenset()
    client_id: int | None = None
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    expected_from: date | None = None
    expected_to: date | None = None


@dataclass(frozen=True, slots=True)
class DealRow:
    """One line of a list: the deal and the names that the line shows."""

    deal: Deal
    client_name: str
    client_town: str


@dataclass(frozen=True, slots=True)
class DealPage:
    """One page of a list; `total` is counted up to COUNTED + 1."""

    rows: tuple[DealRow, ...]
    total: int
    number: int = 1

    @property
    def pages(self) -> int:
        """How many pages can be turned: those of the rows counted."""
        return max(1, -(-min(self.total, COUNTED) // PAGE_ROWS))


@dataclass(frozen=True, slots=True)
class StageSum:
    """How many deals stand in a stage, and what they are worth together; those without an amount count as nothing."""

    stage_id: int
    count: int
    amount_eur: Decimal


def weighted_eur(total: StageSum, stages: Mapping[int, DealStage]) -> Decimal:
    """What is to be hoped for of a stage's amount, by its probability, to the cent."""
    stage = stages.get(total.stage_id)
    share = total.amount_eur * (stage.probability_pct if stage else 0) / 100
    return share.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _by_stages(ctx: Context, chosen: DealFilter) -> DealFilter | None:
    """The filter with its outcome said by stages, which the deals' own index knows; None when no stage is left."""
    if chosen.outcome is None:
        return chosen
    ids = frozenset(each.id for each in ctx.reference.deal_stages.values() if each.outcome == chosen.outcome)
    ids = ids & chosen.stage_ids if chosen.stage_ids else ids
    return replace(chosen, outcome=None, stage_ids=ids) if ids else None


@query
def list_deals(
    ctx: Context, *, chosen: DealFilter, sort: DealSort = DealSort.EXPECTED, descending: bool = False, page: int = 1
) -> DealPage:
    """One page of the deals that the filter keeps; `page` is brought into range."""
    require(ctx, Operation.VIEW_CLIENTS)
    kept = _by_stages(ctx, chosen)
    if kept is None:
        return DealPage((), 0)
    number = min(max(1, page), COUNTED // PAGE_ROWS)
    return ctx.store.deals.page(
        kept, sort=sort, descending=descending, page=number, size=PAGE_ROWS, counted=COUNTED
    )  # fmt: skip


@query
def all_deals(ctx: Context, *, chosen: DealFilter, sort: DealSort, descending: bool) -> tuple[DealRow, ...]:
    """All that the filter keeps, for a file: as many rows as a list counts."""
    require(ctx, Operation.VIEW_CLIENTS)
    kept = _by_stages(ctx, chosen)
    if kept is None:
        return ()
    found = ctx.store.deals.page(kept, sort=sort, descending=descending, page=1, size=COUNTED, counted=0)
    return found.rows


@query
def sum_deals(ctx: Context, *, chosen: DealFilter) -> list[StageSum]:
    """What stands in each stage, in the order of the stages; those that hold nothing are left out."""
    require(ctx, Operation.VIEW_CLIENTS)
    kept = _by_stages(ctx, chosen)
    places = {stage_id: place for place, stage_id in enumerate(ctx.reference.deal_stages)}
    found = ctx.store.deals.sums(kept) if kept else []
    return sorted(found, key=lambda each: places.get(each.stage_id, len(places)))
