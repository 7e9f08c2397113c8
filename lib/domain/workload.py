"""Charge de travail: what people have planned, did and can do, by week; each number leads to its rows (R25, R35)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import reduce
from operator import add
from typing import NamedTuple

from lib.domain.agenda import Agenda, agendas
from lib.domain.chain import Status
from lib.domain.checks import checked_date
from lib.domain.context import Context, query
from lib.domain.errors import Invalid
from lib.domain.lists import ActionFilter, Tab, visibility, week_of
from lib.domain.people import OrgUnit, Person, UnitKind
from lib.domain.rights import Operation, Scope, require, scope_of
from lib.domain.spans import days_between
from lib.domain.working_hours import Week

MAX_WEEKS = 26
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Amount:
    """Some sub-actions and their minutes; one without a duration adds none."""

    count: int = 0
    minutes: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.count + other.count, self.minutes + other.minutes)


def total(amounts: Iterable[Amount]) -> Amount:
    """Their sum."""
    return reduce(add, amounts, Amount())


class Number(StrEnum):
    """The numbers of a line that have rows behind them."""

    PLANNED = "planned"
    DONE = "done"
    TO_PLAN = "to_plan"
    LATE = "late"


class Holder(NamedTuple):
    """Who has the work: a person, or a unit's pool."""

    person_id: int | None = None
    org_unit_id: int | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One week of a line: planned by nature, done, and the minutes that the person is there."""

    planned: Mapping[int, Amount] = field(default_factory=dict)
    done: Amount = Amount()
    capacity_min: int = 0
    is_absent: bool = False
    """Away for every hour of a week that has some."""

    @property
    def planned_total(self) -> Amount:
        """Planned, whatever the nature."""
        return total(self.planned.values())

    @property
    def load_pct(self) -> int | None:
        """Planned for each hundred minutes of capacity; None without capacity."""
        return load_pct(self.planned_total.minutes, self.capacity_min)


def load_pct(planned_min: int, capacity_min: int) -> int | None:
    """Planned for each hundred minutes of capacity, rounded up: what exceeds never reads 100; None without capacity."""
    return -(-100 * planned_min // capacity_min) if capacity_min else None


@dataclass(frozen=True, slots=True)
class Line:
    """What one person, or one pool, has: week by week, and whatever the week."""

    holder: Holder
    name: str
    cells: tuple[Cell, ...]
    to_plan: Amount = Amount()
    late: int = 0

    @property
    def planned(self) -> Amount:
        """Planned in the whole period."""
        return total(cell.planned_total for cell in self.cells)

    @property
    def done(self) -> Amount:
        """Done in the whole period."""
        return total(cell.done for cell in self.cells)

    @property
    def capacity_min(self) -> int:
        """The minutes he is there in the whole period."""
        return sum(cell.capacity_min for cell in self.cells)

    def planned_of(self, nature_id: int) -> Amount:
        """Planned in the whole period, of one nature."""
        return total(cell.planned.get(nature_id, Amount()) for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Workload:
    """The people's lines, in the order of the people, then the pools', over the weeks that start on `mondays`."""

    mondays: tuple[date, ...]
    people: tuple[Line, ...]
    pools: tuple[Line, ...]

    @property
    def first(self) -> date:
        """The first day."""
        return self.mondays[0]

    @property
    def last(self) -> date:
        """The last day, included."""
        return self.mondays[-1] + WEEK - timedelta(days=1)

    @property
    def lines(self) -> tuple[Line, ...]:
        """People, then pools."""
        return self.people + self.pools


def rows_behind(
    number: Number, holder: Holder, *, local_now: datetime, first: date, last: date, nature_id: int | None = None
) -> ActionFilter:
    """The filter of the list that shows exactly what a number counts; `first` and `last` bound what has a date."""
    whose = ActionFilter(
        assignee_ids=frozenset({holder.person_id} if holder.person_id else ()),
        org_unit_ids=frozenset({holder.org_unit_id} if holder.org_unit_id else ()),
        is_waiting=holder.person_id is None,
        nature_ids=frozenset({nature_id} if nature_id else ()),
    )
    more: Mapping[Number, Mapping[str, object]] = {
        Number.PLANNED: {"statuses": frozenset({Status.PLANNED}), "from_date": first, "to_date": last},
        Number.DONE: {"tab": Tab.DONE, "from_date": first, "to_date": last},
        Number.TO_PLAN: {"statuses": frozenset({Status.TO_PLAN})},
        Number.LATE: {"late_at": local_now},
    }
    return replace(whose, **more[number])  # type: ignore[arg-type]


# ---- whose


def units_in_charge(ctx: Context) -> list[OrgUnit]:
    """The active sales units whose workload the person looks at, in the order of the units."""
    scope = scope_of(ctx, Operation.VIEW_WORKLOAD)
    found = [
        unit
        for unit in ctx.reference.units.values()
        if unit.kind == UnitKind.SALES
        and unit.is_active
        and (scope == Scope.ALL or (scope == Scope.UNIT and unit.id in ctx.unit_ids))
    ]
    return sorted(found, key=lambda unit: (unit.position, unit.id))


def people_in_charge(ctx: Context, units: Sequence[OrgUnit]) -> list[Person]:
    """The active people of these units, by name; oneself where the right goes no further."""
    if scope_of(ctx, Operation.VIEW_WORKLOAD) == Scope.OWN:
        return [ctx.person]
    unit_ids = {unit.id for unit in units}
    members = {m.person_id for m in ctx.reference.memberships if m.org_unit_id in unit_ids}
    found = [person for person in ctx.reference.people.values() if person.is_active and person.id in members]
    return sorted(found, key=lambda person: (person.name, person.id))


@query
def open_workload(
    ctx: Context,
    *,
    first_monday: object = None,
    weeks: object = 6,
    unit_ids: Iterable[int] = (),
    person_ids: Iterable[int] = (),
) -> Workload:
    """The workload of the people and pools in charge, of some units or people only when they are given.

    The period is brought into range: a Monday, this week's by default, and 1 to 26 weeks. Raises NotAllowed.
    """
    require(ctx, Operation.VIEW_WORKLOAD)
    mondays = _mondays(ctx, first_monday, weeks)
    asked, chosen = frozenset(unit_ids), frozenset(person_ids)
    units = [unit for unit in units_in_charge(ctx) if not asked or unit.id in asked]
    people = [person for person in people_in_charge(ctx, units) if not chosen or person.id in chosen]
    pools = [] if chosen else units
    ids, pool_ids, seen = [p.id for p in people], [u.id for u in pools], visibility(ctx)
    store, bounds = ctx.store.workload, [*mondays, mondays[-1] + WEEK]
    planned: dict[tuple[Holder, int], dict[int, Amount]] = {}
    for holder, week, nature_id, amount in store.planned(ids, pool_ids, bounds=bounds, seen=seen):
        planned.setdefault((holder, week), {})[nature_id] = amount
    done = {(Holder(person_id), week): amount for person_id, week, amount in store.done(ids, bounds=bounds, seen=seen)}
    waiting = store.waiting(ids, pool_ids, local_now=ctx.local_now, seen=seen)
    capacities = _capacities(ctx, ids, mondays)

    def line(holder: Holder, name: str) -> Line:
        cells = tuple(
            Cell(
                planned.get((holder, week), {}),
                done.get((holder, week), Amount()),
                *capacities.get((holder.person_id, week), (0, False)),
            )
            for week in range(len(mondays))
        )
        to_plan, late = waiting.get(holder, (Amount(), 0))
        return Line(holder, name, cells, to_plan, late)

    return Workload(
        mondays,
        tuple(line(Holder(person_id=person.id), person.name) for person in people),
        tuple(line(Holder(org_unit_id=unit.id), unit.name) for unit in pools),
    )


def _mondays(ctx: Context, first: object, weeks: object) -> tuple[date, ...]:
    try:
        day = checked_date("first", first, today=ctx.today) or ctx.today
    except Invalid:
        day = ctx.today
    count = min(max(1, weeks), MAX_WEEKS) if isinstance(weeks, int) else 1
    monday, _ = week_of(day)
    return tuple(monday + number * WEEK for number in range(count))


# ---- capacity


def _capacities(
    ctx: Context, person_ids: Sequence[int], mondays: Sequence[date]
) -> dict[tuple[int | None, int], tuple[int, bool]]:
    """For each person and week: the minutes he is there, and whether he is away for all of it.

    Most people share a week of hours and are there: only the weeks that an absence touches are looked at day by day.
    """
    last = mondays[-1] + WEEK - timedelta(days=1)
    each = agendas(ctx, person_ids=person_ids, first=mondays[0], last=last)
    usual: dict[Week, list[int]] = {}
    found: dict[tuple[int | None, int], tuple[int, bool]] = {}
    for person_id in person_ids:
        agenda = each.of(person_id)
        if agenda.week not in usual:
            there = Agenda(0, mondays[0], last, agenda.week, each.holidays)
            usual[agenda.week] = [there.capacity_between(monday, _sunday(monday)) for monday in mondays]
        for number, (monday, whole) in enumerate(zip(mondays, usual[agenda.week], strict=True)):
            left = whole
            if any(a.starts_on <= _sunday(monday) and a.ends_on >= monday for a in agenda.absences):
                left = sum(agenda.capacity_min(day) for day in days_between(monday, _sunday(monday)))
            found[person_id, number] = (left, whole > 0 and left == 0)
    return found


def _sunday(monday: date) -> date:
    return monday + timedelta(days=6)
