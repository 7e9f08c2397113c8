"""Lists of deals: each filter and sort keeps what it says, by an index, in a number of statements that doesn't grow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import insert, text

from lib.db import tables as t
from lib.db.deals import SqlDeals
from lib.db.engine import Database
from lib.domain.catalog import DealOutcome
from lib.domain.deal_lists import (
    DealFilter,
    DealRow,
    DealSort,
    StageSum,
    all_deals,
    list_deals,
    sum_deals,
    weighted_eur,
)
from lib.domain.deals import Deal, open_deal
from lib.domain.errors import NotAllowed
from lib.domain.lists import COUNTED, PAGE_ROWS
from lib.domain.rights import Operation
from tests.builders import NOW, TODAY, World, a_context, a_deal, a_world, remove_right
from tests.conftest import ENGINES, Server
from tests.db.conftest import sent_by
from tests.db.test_plans import plans

DEALS = 2_400
STAGES = ("first_stage", "offer_stage", "won_stage", "lost_stage")
OWNERS = (("sales", "field"), ("colleague", "field"), ("tele_sales", "tele"), ("far", "south"))
CLIENTS = ("dupont", "leroy", "asleep")


def _deal_row(world: World, number: int) -> dict[str, object]:
    owner, unit = OWNERS[number % 4]
    return {
        "number": number, "client_id": world.ids[CLIENTS[number % 3]], "title": f"Contrat {number}",
        "stage_id": world.ids[STAGES[number // 5 % 4]], "owner_id": world.ids[owner], "org_unit_id": world.ids[unit],
        "amount_eur": None if number % 7 == 0 else Decimal(number * 37 % 9000) + Decimal("0.25"),
        "expected_on": None if number % 11 == 0 else TODAY + timedelta(days=number * 13 % 400 - 200),
        "created_by": world.sales, "created_at": NOW,
    }  # fmt: skip


@pytest.fixture(scope="module", params=ENGINES)
def portfolio(request: pytest.FixtureRequest, _servers: dict[str, Server]) -> Iterator[World]:
    """`a_world` with some thousands of deals, to be read only."""
    from lib.db.migrate import upgrade

    server = _servers[request.param]
    url = server.create()
    upgrade(url)
    database = Database(url)
    world = a_world(database)
    rows = [_deal_row(world, number) for number in range(1, DEALS + 1)]
    database.write(lambda store: store.connection.execute(insert(t.deal), rows))  # type: ignore[attr-defined]
    with database.engine.begin() as connection:
        connection.execute(text("analyze"))
    yield world
    database.dispose()
    server.drop(url)


def criteria(world: World) -> dict[str, DealFilter]:
    return {
        "none": DealFilter(),
        "stage": DealFilter(stage_ids=frozenset({world.offer_stage})),
        "stages": DealFilter(stage_ids=frozenset({world.offer_stage, world.won_stage})),
        "owner": DealFilter(owner_ids=frozenset({world.sales})),
        "unit": DealFilter(org_unit_ids=frozenset({world.south})),
        "client": DealFilter(client_id=world.leroy),
        "amounts": DealFilter(amount_from=Decimal(100), amount_to=Decimal(4000)),
        "from an amount": DealFilter(amount_from=Decimal(8900)),
        "to an amount": DealFilter(amount_to=Decimal(50)),
        "dates": DealFilter(expected_from=TODAY, expected_to=TODAY + timedelta(days=30)),
        "from a date": DealFilter(expected_from=TODAY + timedelta(days=190)),
        "to a date": DealFilter(expected_to=TODAY - timedelta(days=190)),
        "open": DealFilter(outcome=DealOutcome.OPEN),
        "won": DealFilter(outcome=DealOutcome.WON),
        "lost": DealFilter(outcome=DealOutcome.LOST),
        "all at once": DealFilter(
            outcome=DealOutcome.OPEN, stage_ids=frozenset({world.offer_stage, world.won_stage}),
            owner_ids=frozenset({world.sales, world.far}), org_unit_ids=frozenset({world.field, world.south}),
            client_id=world.dupont, amount_from=Decimal(1), expected_to=TODAY,
        ),
    }  # fmt: skip


CRITERIA = ("none", "stage", "stages", "owner", "unit", "client", "amounts", "from an amount", "to an amount", "dates",
            "from a date", "to a date", "open", "won", "lost", "all at once")  # fmt: skip


def is_kept(world: World, chosen: DealFilter, deal: Deal) -> bool:
    """What the filter says, in Python."""
    amount, expected = deal.amount_eur, deal.expected_on
    outcomes = {
        world.first_stage: DealOutcome.OPEN, world.offer_stage: DealOutcome.OPEN, world.won_stage: DealOutcome.WON,
        world.lost_stage: DealOutcome.LOST,
    }  # fmt: skip
    return (
        (chosen.outcome is None or outcomes[deal.stage_id or 0] == chosen.outcome)
        and (not chosen.stage_ids or deal.stage_id in chosen.stage_ids)
        and (not chosen.owner_ids or deal.owner_id in chosen.owner_ids)
        and (not chosen.org_unit_ids or deal.org_unit_id in chosen.org_unit_ids)
        and chosen.client_id in (None, deal.client_id)
        and (chosen.amount_from is None or (amount is not None and amount >= chosen.amount_from))
        and (chosen.amount_to is None or (amount is not None and amount <= chosen.amount_to))
        and (chosen.expected_from is None or (expected is not None and expected >= chosen.expected_from))
        and (chosen.expected_to is None or (expected is not None and expected <= chosen.expected_to))
    )


def key_of(sort: DealSort, row: DealRow) -> tuple[object, ...]:
    deal = row.deal
    match sort:
        case DealSort.EXPECTED:
            return deal.expected_on or date.max, deal.id
        case DealSort.AMOUNT:
            return -1 if deal.amount_eur is None else deal.amount_eur, deal.id
        case DealSort.CLIENT:
            return row.client_name, deal.client_id, deal.id
    return (deal.number,)


@pytest.mark.parametrize("criterion", CRITERIA)
def test_a_filter_keeps_what_it_says_and_the_sums_are_of_the_same_deals(portfolio: World, criterion: str) -> None:
    ctx, chosen = a_context(portfolio, "reader"), criteria(portfolio)[criterion]
    every = {r.deal.id: r.deal for r in all_deals(ctx, chosen=DealFilter(), sort=DealSort.NUMBER, descending=False)}
    assert len(every) == DEALS
    wanted = {key for key, deal in every.items() if is_kept(portfolio, chosen, deal)}
    found = all_deals(ctx, chosen=chosen, sort=DealSort.NUMBER, descending=False)
    assert [row.deal.id for row in found] == sorted(wanted)
    assert list_deals(ctx, chosen=chosen).total == len(wanted)
    assert 0 < len(wanted) <= DEALS
    sums = sum_deals(ctx, chosen=chosen)
    assert {each.stage_id: (each.count, each.amount_eur) for each in sums} == {
        stage: (len(mine), sum((every[key].amount_eur or Decimal() for key in mine), Decimal()))
        for stage in portfolio.ids.values()
        if (mine := [key for key in wanted if every[key].stage_id == stage])
    }
    order = [portfolio.ids[name] for name in STAGES]
    assert [each.stage_id for each in sums] == sorted((each.stage_id for each in sums), key=order.index)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", DealSort)
def test_pages_follow_one_another_in_the_order_asked_for(portfolio: World, sort: DealSort, descending: bool) -> None:
    ctx, chosen = a_context(portfolio, "reader"), DealFilter(owner_ids=frozenset({portfolio.sales}))
    first = list_deals(ctx, chosen=chosen, sort=sort, descending=descending)
    assert (len(first.rows), first.total, first.number, first.pages) == (PAGE_ROWS, DEALS // 4, 1, 12)
    found = [
        row
        for number in range(1, first.pages + 1)
        for row in list_deals(ctx, chosen=chosen, sort=sort, descending=descending, page=number).rows
    ]
    keys = [key_of(sort, row) for row in found]
    assert keys == sorted(keys, reverse=descending)
    assert len({row.deal.id for row in found}) == DEALS // 4
    assert (found[0].client_name, found[0].client_town) in {
        ("SARL Dupont & Fils", "Lyon"), ("Leroy", "Nîmes"), ("Dupont Ancien", "")}  # fmt: skip


@pytest.mark.parametrize("page", [0, -3, 13, 10**9])
def test_a_page_that_is_not_there_is_the_nearest_one(portfolio: World, page: int) -> None:
    chosen = DealFilter(owner_ids=frozenset({portfolio.sales}))
    found = list_deals(a_context(portfolio, "reader"), chosen=chosen, page=page)
    assert found.number == (1 if page < 1 else 12)
    assert found.rows


def test_deals_of_a_stage_of_another_outcome_are_none(portfolio: World) -> None:
    ctx = a_context(portfolio, "reader")
    chosen = DealFilter(outcome=DealOutcome.WON, stage_ids=frozenset({portfolio.first_stage}))
    assert list_deals(ctx, chosen=chosen).total == 0
    assert all_deals(ctx, chosen=chosen, sort=DealSort.NUMBER, descending=False) == ()
    assert sum_deals(ctx, chosen=chosen) == []


def test_what_is_hoped_for_is_the_stage_s_share_to_the_cent(portfolio: World) -> None:
    stages = portfolio.db.read(lambda store: store.reference()).deal_stages
    for stage, amount, share in (("first_stage", "1234.55", "123.46"), ("won_stage", "10", "10"),
                                 ("lost_stage", "10", "0")):  # fmt: skip
        assert weighted_eur(StageSum(portfolio.ids[stage], 1, Decimal(amount)), stages) == Decimal(share)
    assert weighted_eur(StageSum(0, 1, Decimal(10)), stages) == 0


def test_the_total_is_counted_up_to_a_limit(portfolio: World) -> None:
    def read(store):
        return SqlDeals(store.connection).page(
            DealFilter(), sort=DealSort.NUMBER, descending=False, page=1, size=PAGE_ROWS, counted=100
        )  # fmt: skip

    assert portfolio.db.read(read).total == 101
    assert COUNTED == 10_000


@pytest.mark.parametrize("sort", DealSort)
@pytest.mark.parametrize("criterion", CRITERIA)
def test_no_list_of_deals_is_read_without_an_index(portfolio: World, criterion: str, sort: DealSort) -> None:
    ctx, chosen = a_context(portfolio, "reader"), criteria(portfolio)[criterion]
    for plan in plans(portfolio.db, lambda: list_deals(ctx, chosen=chosen, sort=sort, descending=True)):
        assert re.findall(r"(?:SCAN|Seq Scan on) (?:deal|client)\b(?!_)(?! USING).*", plan) == [], plan


@pytest.mark.parametrize("sort", [DealSort.EXPECTED, DealSort.AMOUNT, DealSort.NUMBER])
@pytest.mark.parametrize("descending", [False, True])
def test_a_whole_list_is_read_in_the_order_of_an_index(portfolio: World, sort: DealSort, descending: bool) -> None:
    """Sorting first would read every deal, however many there are."""

    def read(store) -> None:
        how = {"sort": sort, "descending": descending, "page": 1, "size": PAGE_ROWS, "counted": 0}
        SqlDeals(store.connection).page(DealFilter(), **how)

    (plan,) = plans(portfolio.db, lambda: portfolio.db.read(read))
    index = {"expected": "ix_deal_expected_on", "amount": "ix_deal_amount_eur", "number": "uq_deal_number"}[sort]
    assert index in plan or (sort == DealSort.NUMBER and "sqlite_autoindex_deal_1" in plan), plan


@pytest.mark.parametrize("criterion", ["stage", "owner", "unit"])
def test_the_deals_of_one_stage_owner_or_unit_are_read_by_date(portfolio: World, criterion: str) -> None:
    def read(store) -> None:
        how = {"sort": DealSort.EXPECTED, "descending": False, "page": 1, "size": PAGE_ROWS, "counted": 0}
        SqlDeals(store.connection).page(criteria(portfolio)[criterion], **how)

    (plan,) = plans(portfolio.db, lambda: portfolio.db.read(read))
    index = {"stage": "ix_deal_stage_id", "owner": "ix_deal_owner_id", "unit": "ix_deal_org_unit_id"}[criterion]
    assert index in plan, plan


def test_a_list_is_three_statements_whatever_its_length_and_the_sums_are_one(portfolio: World) -> None:
    ctx = a_context(portfolio, "reader")
    for chosen in (DealFilter(), DealFilter(amount_to=Decimal(500))):
        with sent_by(portfolio.db) as sent:
            list_deals(ctx, chosen=chosen)
        assert len(sent) == 3
        with sent_by(portfolio.db) as sent:
            sum_deals(ctx, chosen=chosen)
        assert len(sent) == 2


def test_opening_a_deal_takes_few_statements(db: Database) -> None:
    world = a_world(db)
    deal, ctx = a_deal(world), a_context(world, "sales")
    with sent_by(db) as sent:
        open_deal(ctx, deal_id=deal)
    assert len(sent) <= 5


def test_the_list_is_for_whoever_sees_clients(db: Database) -> None:
    world = a_world(db)
    a_deal(world)
    assert list_deals(a_context(world, "reader"), chosen=DealFilter()).total == 1
    remove_right(world, "reader", Operation.VIEW_CLIENTS)
    ctx = a_context(world, "reader")
    for read in (
        lambda: list_deals(ctx, chosen=DealFilter()),
        lambda: sum_deals(ctx, chosen=DealFilter()),
        lambda: all_deals(ctx, chosen=DealFilter(), sort=DealSort.NUMBER, descending=False),
    ):
        with pytest.raises(NotAllowed):
            read()
