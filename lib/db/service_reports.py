"""Service reports' rows: a page's numbers by an index alone, then those rows; numbers given by a counter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
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
from lib.domain.chain import EXCERPT
from lib.domain.lists import COUNTED
from lib.domain.service_reports import ReportFilter, ReportPage, ReportRow, ReportSort, ServiceReport

_R = t.service_report.c
_COLUMNS = [
    func.substr(_R.body_text, 1, EXCERPT).label("body_text") if f.name == "body_text" else _R[f.name]
    for f in fields(ServiceReport)
]
_NAMES = [each.name for each in _COLUMNS]
_ORDERS: dict[ReportSort, list[ColumnElement[Any]]] = {
    ReportSort.DATE: [_R.done_on, _R.number],
    ReportSort.NUMBER: [_R.number],
}
_THIS = select(*_COLUMNS).where(_R.id == bindparam("report_id", type_=Integer))
_LOCKED = _THIS.with_for_update()


class SqlServiceReports:
    """Fulfils `lib.domain.store.ServiceReports`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def get(self, report_id: int, *, for_update: bool = False) -> ServiceReport | None:
        row = self.connection.execute(_LOCKED if for_update else _THIS, {"report_id": report_id}).one_or_none()
        return _report(row) if row else None

    def body(self, report_id: int) -> str:
        """The text, whole, as stored."""
        return self.connection.execute(select(_R.body_html).where(_R.id == report_id)).scalar_one()

    def add(self, values: Mapping[str, Any]) -> tuple[int, int]:
        """The id and the number of the new report."""
        number = next_value(self.connection, "service_report")
        new = insert(t.service_report).values(number=number, **values).returning(_R.id)
        return self.connection.execute(new).scalar_one(), number

    def update(self, report_id: int, *, version: int, values: Mapping[str, Any]) -> bool:
        """Whether the row still had `version`, and so was written."""
        mine = (_R.id == report_id) & (_R.version == version)
        changed = update(t.service_report).where(mine).values(**values, version=version + 1)
        return self.connection.execute(changed).rowcount == 1

    def page(self, chosen: ReportFilter, *, sort: ReportSort, descending: bool, page: int, size: int) -> ReportPage:
        """One page; beyond the last one, the last one. A first page that isn't full is one statement, others two."""
        values = {f.name: value for f in fields(chosen) if (value := getattr(chosen, f.name)) is not None}
        criteria = tuple(sorted(values))
        found = _page(criteria, sort, descending, size)

        def rows(number: int) -> tuple[ReportRow, ...]:
            read = self.connection.execute(found, {**values, "row_skip": (number - 1) * size})
            return tuple(ReportRow(_report(row), *row[len(_NAMES) :]) for row in read)

        mine = rows(page)
        total = len(mine)
        if page > 1 or total == size:
            total = self.connection.scalar(_count(criteria), values) or 0
        last = ReportPage((), total, size=size).pages
        return ReportPage(rows(last) if page > last else mine, total, min(page, last), size)


def _report(row: Any) -> ServiceReport:
    return ServiceReport(**dict(zip(_NAMES, row, strict=False)))


# Built once for each combination of criteria: building a statement costs more than running it.


def _kept(criteria: tuple[str, ...]) -> Select[Any]:
    conditions = {
        "client_id": _R.client_id == bindparam("client_id", type_=Integer),
        "technician_id": _R.technician_id == bindparam("technician_id", type_=Integer),
        "from_date": _R.done_on >= bindparam("from_date", type_=_R.done_on.type),
        "to_date": _R.done_on <= bindparam("to_date", type_=_R.done_on.type),
    }
    return select(_R.number).where(*(conditions[name] for name in criteria))


@lru_cache
def _count(criteria: tuple[str, ...]) -> Select[Any]:
    counted = literal_column(str(COUNTED + 1), Integer)
    return select(func.count()).select_from(_kept(criteria).limit(counted).subquery())


@lru_cache
def _page(criteria: tuple[str, ...], sort: ReportSort, descending: bool, size: int) -> Select[Any]:
    keys: list[ColumnElement[Any]] = list(_ORDERS[sort])
    if sort == ReportSort.NUMBER and criteria:
        # Written so that no index serves it: the whole table would be walked by number for 50 rows of a range.
        keys = [_R.number + literal_column("0")]
    order = [column.desc() if descending else column.asc() for column in keys]
    rows = _kept(criteria).order_by(*order).limit(literal_column(str(size), Integer))
    numbers = rows.offset(bindparam("row_skip", type_=Integer)).subquery()
    return (
        select(*_COLUMNS, t.client.c.name, t.client.c.town, func.coalesce(t.site.c.name, ""))
        .select_from(numbers)
        .join(t.service_report, _R.number == numbers.c.number)
        .join(t.client, t.client.c.id == _R.client_id)
        .outerjoin(t.site, t.site.c.id == _R.site_id)
        .order_by(*order)
    )
