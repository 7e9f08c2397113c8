"""The workload's sums: minutes by person and week, read from partial indexes alone, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    TextClause,
    and_,
    bindparam,
    case,
    cast,
    column,
    func,
    literal_column,
    null,
    or_,
    select,
    text,
    union_all,
)

from lib.db import tables as t
from lib.domain.lists import Visibility
from lib.domain.workload import Amount, Holder

_SUB: Any = SimpleNamespace(**{each.name: column(each.name, each.type) for each in t.sub_action.c})
"""The columns of a sub-action without their table, which `_from` names."""
_PEOPLE = _SUB.assignee_id.in_(bindparam("people", expanding=True, type_=Integer))
_POOLS = and_(_SUB.assignee_id.is_(None), _SUB.org_unit_id.in_(bindparam("pools", expanding=True, type_=Integer)))


class SqlWorkload:
    """Fulfils `lib.domain.store.Workloads`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.engine = connection.dialect.name

    def planned(
        self, person_ids: Collection[int], pool_ids: Collection[int], *, bounds: Sequence[date], seen: Visibility | None
    ) -> list[tuple[Holder, int, int, Amount]]:
        """Holder, week, nature and what is planned; week n goes from `bounds[n]` to the day before the next one."""
        values = _values(person_ids, pool_ids, seen) | _days(bounds)
        rows = self.connection.execute(_planned(self.engine, len(bounds), seen is not None), values).all()
        return [
            (Holder(person, unit), week, nature, Amount(count, minutes))
            for person, unit, week, nature, count, minutes in rows
        ]

    def done(
        self, person_ids: Collection[int], *, bounds: Sequence[date], seen: Visibility | None
    ) -> list[tuple[int, int, Amount]]:
        """Person, week and what he did."""
        values = _values(person_ids, (), seen) | _days(bounds)
        rows = self.connection.execute(_done(self.engine, len(bounds), seen is not None), values).all()
        return [(person, week, Amount(count, minutes)) for person, week, count, minutes in rows]

    def waiting(
        self, person_ids: Collection[int], pool_ids: Collection[int], *, local_now: datetime, seen: Visibility | None
    ) -> Mapping[Holder, tuple[Amount, int]]:
        """By holder: what is to plan, and how many open ones are late."""
        values = _values(person_ids, pool_ids, seen) | {"local_now": local_now}
        found: dict[Holder, tuple[Amount, int]] = {}
        for person, unit, to_plan, minutes, late in self.connection.execute(
            _waiting(self.engine, seen is not None), values
        ):
            holder = Holder(person, unit)
            amount, number = found.get(holder, (Amount(), 0))
            found[holder] = (amount + Amount(to_plan, minutes), number + late)
        return found


def _values(person_ids: Collection[int], pool_ids: Collection[int], seen: Visibility | None) -> dict[str, Any]:
    values: dict[str, Any] = {"people": list(person_ids), "pools": list(pool_ids)}
    if seen is not None:
        values |= {"me": seen.person_id, "my_units": sorted(seen.unit_ids)}
    return values


def _days(bounds: Sequence[date]) -> dict[str, date]:
    return {f"day_{number}": day for number, day in enumerate(bounds)}


# ---- statements, built once for each number of weeks


def _seen(is_bounded: bool) -> list[ColumnElement[bool]]:
    """What lists show to somebody who doesn't see everything (lib.db.action_ranges)."""
    mine = _SUB.assignee_id == bindparam("me", type_=Integer)
    ours = _SUB.org_unit_id.in_(bindparam("my_units", expanding=True, type_=Integer))
    return [or_(mine, ours)] if is_bounded else []


def _week_of(day: ColumnElement[date], bounds: int) -> tuple[ColumnElement[int], list[ColumnElement[bool]]]:
    """The number of a day's week, and the condition that it is one of them."""
    at = [bindparam(f"day_{number}", type_=day.type) for number in range(bounds)]
    weeks = [(day < after, literal_column(str(number), Integer)) for number, after in enumerate(at[1:])]
    return case(*weeks).label("week"), [day >= at[0], day < at[-1]]


def _minutes(of: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(of), literal_column("0"))


def _from(engine: str, index: str = "") -> TextClause:
    """The sub-actions, of a partial index: SQLite must be told, its planner would rather read every done row."""
    return text(f"sub_action INDEXED BY ix_sub_action_{index}" if index and engine == "sqlite" else "sub_action")


@lru_cache(128)
def _planned(engine: str, bounds: int, is_bounded: bool) -> Any:
    week, within = _week_of(_SUB.planned_date, bounds)
    kept = [_SUB.status == literal_column("'planned'"), *within, *_seen(is_bounded)]
    sums = [week, _SUB.nature_id, func.count(), _minutes(_SUB.duration_min)]
    none, source = cast(null(), Integer).label("nobody"), _from(engine, "planned_load")
    people = select(_SUB.assignee_id, none, *sums).select_from(source).where(_PEOPLE, *kept)
    pools = select(none, _SUB.org_unit_id, *sums).select_from(source).where(_POOLS, *kept)
    return union_all(
        people.group_by(_SUB.assignee_id, literal_column("week"), _SUB.nature_id),
        pools.group_by(_SUB.org_unit_id, literal_column("week"), _SUB.nature_id),
    )


@lru_cache(128)
def _done(engine: str, bounds: int, is_bounded: bool) -> Select[Any]:
    week, within = _week_of(_SUB.done_on, bounds)
    kept = [_SUB.status == literal_column("'done'"), *within, *_seen(is_bounded)]
    sums = select(_SUB.assignee_id, week, func.count(), _minutes(_SUB.done_duration_min))
    return (
        sums.select_from(_from(engine, "done_load"))
        .where(_PEOPLE, *kept)
        .group_by(_SUB.assignee_id, literal_column("week"))
    )


@lru_cache(4)
def _waiting(engine: str, is_bounded: bool) -> Any:
    """One range for each of the four: the late ones are few, and counted from an index alone."""
    nothing, none = literal_column("0", Integer), cast(null(), Integer).label("nobody")
    late = _SUB.is_open & (_SUB.listed_at < bindparam("local_now", type_=_SUB.listed_at.type))
    waits = _SUB.status == literal_column("'to_plan'")
    arms = []
    for columns, group, whose in (
        ((_SUB.assignee_id, none), _SUB.assignee_id, _PEOPLE),
        ((none, _SUB.org_unit_id), _SUB.org_unit_id, _POOLS),
    ):
        kept = [whose, *_seen(is_bounded)]
        to_plan = select(*columns, func.count().label("to_plan"), _minutes(_SUB.duration_min), nothing.label("late"))
        arms.append(to_plan.select_from(_from(engine, "to_plan_load")).where(*kept, waits).group_by(group))
        counted = select(*columns, nothing, nothing.label("no_minutes"), func.count())
        arms.append(counted.select_from(_from(engine)).where(*kept, late).group_by(group))
    return union_all(*arms)
