"""Deals: rows by version, their numbers from a counter; lists by index ranges, and sums by stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    update,
)

from lib.db import tables as t
from lib.db.counters import next_value
from lib.domain.deal_lists import DealFilter, DealPage, DealRow, DealSort, StageSum
from lib.domain.deals import Deal

_D = t.deal.c
_NAMES = [f.name for f in fields(Deal)]
_COLUMNS = [_D[name] for name in _NAMES]
_THIS = bindparam("this_id", type_=Integer)
_GET = select(*_COLUMNS).where(_D.id == _THIS)
_LOCKED = _GET.with_for_update()
_OF_CLIENT = select(*_COLUMNS).where(_D.client_id == _THIS).order_by(_D.id.desc())
_ORDERS: dict[DealSort, list[ColumnElement[Any]]] = {
    DealSort.EXPECTED: [t.EXPECTED_ORDER, _D.id],
    DealSort.AMOUNT: [t.AMOUNT_ORDER, _D.id],
    DealSort.CLIENT: [t.client.c.name, t.client.c.id, _D.id],
    DealSort.NUMBER: [_D.number],
}
_SHAPES = 128
"""Statements kept built, one for each combination of criteria lately asked for."""


class SqlDeals:
    """Fulfils `lib.domain.store.Deals`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def get(self, deal_id: int, *, for_update: bool = False) -> Deal | None:
        row = self.connection.execute(_LOCKED if for_update else _GET, {"this_id": deal_id}).one_or_none()
        return _deal_of(row) if row else None

    def of_client(self, client_id: int) -> list[Deal]:
        return [_deal_of(row) for row in self.connection.execute(_OF_CLIENT, {"this_id": client_id})]

    def add(self, values: Mapping[str, Any]) -> int:
        number = next_value(self.connection, "deal")
        result = self.connection.execute(insert(t.deal).values(number=number, **values).returning(_D.id))
        return result.scalar_one()

    def update(self, deal_id: int, *, version: int, values: Mapping[str, Any]) -> bool:
        """Whether the row still had `version`, and so was written."""
        mine = (_D.id == deal_id) & (_D.version == version)
        changed = update(t.deal).where(mine).values(**values, version=version + 1)
        return self.connection.execute(changed).rowcount == 1

    def page(
        self, chosen: DealFilter, *, sort: DealSort, descending: bool, page: int, size: int, counted: int
    ) -> DealPage:
        """One page; beyond the last one, the last one. The total is counted up to one more than `counted`."""
        shape, values = _shape(chosen)
        rows = self._rows(shape, values, sort, descending, limit=size, skip=(page - 1) * size)
        if page == 1 and (len(rows) < size or not counted):
            return DealPage(rows, len(rows))
        total = self.connection.scalar(_count(shape, counted + 1), values) or 0
        last = DealPage((), total).pages
        if page > last:
            rows = self._rows(shape, values, sort, descending, limit=size, skip=(last - 1) * size)
        return DealPage(rows, total, min(page, last))

    def sums(self, chosen: DealFilter) -> list[StageSum]:
        """What stands in each stage; one statement."""
        shape, values = _shape(chosen)
        found = self.connection.execute(_sums(shape), values)
        return [StageSum(stage or 0, count, _to_cents(amount)) for stage, count, amount in found]

    def _rows(
        self, shape: Shape, values: Mapping[str, Any], sort: DealSort, descending: bool, *, limit: int, skip: int
    ) -> tuple[DealRow, ...]:
        found = self.connection.execute(_page(shape, sort, descending, limit, skip == 0), {**values, "row_skip": skip})
        return tuple(DealRow(_deal_of(row), row[-2], row[-1]) for row in found)


def _deal_of(row: Any) -> Deal:
    return Deal(**dict(zip(_NAMES, row, strict=False)))


def _to_cents(amount: Any) -> Decimal:
    return Decimal(amount or 0).quantize(Decimal("0.01"))


# ---- statements, built once for each shape of filter: building them costs more than running them

Shape = tuple[str, ...]
"""The criteria that a filter has; their values are bound."""
_BOUNDS: dict[str, tuple[ColumnElement[Any], Any]] = {
    "amount": (t.AMOUNT_ORDER, _D.amount_eur),
    "expected": (t.EXPECTED_ORDER, _D.expected_on),
}


def _shape(chosen: DealFilter) -> tuple[Shape, dict[str, Any]]:
    values: dict[str, Any] = {}
    for name, ids in (
        ("stage_id", chosen.stage_ids), ("owner_id", chosen.owner_ids), ("org_unit_id", chosen.org_unit_ids),
    ):  # fmt: skip
        if ids:
            values[name] = sorted(ids)
    for name in ("client_id", "amount_from", "amount_to", "expected_from", "expected_to"):
        if (value := getattr(chosen, name)) is not None:
            values[name] = value
    return tuple(values), values


def _condition(name: str) -> ColumnElement[bool]:
    if name == "client_id":
        return _D.client_id == bindparam(name, type_=Integer)
    if name in ("stage_id", "owner_id", "org_unit_id"):
        return _D[name].in_(bindparam(name, expanding=True, type_=Integer))
    order, column = _BOUNDS[name.partition("_")[0]]
    bound: Any = bindparam(name, type_=column.type)
    # What has no amount or date is within no bound, though it has its place in the order.
    return (order >= bound if name.endswith("_from") else order <= bound) & column.is_not(None)


def _kept(shape: Shape, *columns: ColumnElement[Any]) -> Select[Any]:
    return select(*columns).where(*map(_condition, shape))


def _number(value: int) -> Any:
    """A limit as a constant: a planner that doesn't know it plans for a tenth of the table."""
    return literal_column(str(value), Integer)


@lru_cache(_SHAPES)
def _count(shape: Shape, limit: int) -> Select[Any]:
    return select(func.count()).select_from(_kept(shape, _D.id).limit(_number(limit)).subquery())


@lru_cache(_SHAPES)
def _page(shape: Shape, sort: DealSort, descending: bool, limit: int, is_first: bool) -> Select[Any]:
    order = [each.desc() if descending else each.asc() for each in _ORDERS[sort]]
    ids = _kept(shape, _D.id.label("id")).select_from(t.deal)
    if sort == DealSort.CLIENT:
        ids = ids.join(t.client, t.client.c.id == _D.client_id)
    ids = ids.order_by(*order).limit(_number(limit))
    found = (ids if is_first else ids.offset(bindparam("row_skip", type_=Integer))).subquery()
    return (
        select(*_COLUMNS, t.client.c.name, t.client.c.town)
        .select_from(found)
        .join(t.deal, _D.id == found.c.id)
        .join(t.client, t.client.c.id == _D.client_id)
        .order_by(*order)
    )


@lru_cache(_SHAPES)
def _sums(shape: Shape) -> Select[Any]:
    return _kept(shape, _D.stage_id, func.count(), func.sum(_D.amount_eur)).group_by(_D.stage_id)
