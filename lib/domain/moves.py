"""What giving actions to others changes: whose weeks they fill, now and then, and the hours that each has left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lib.domain.agenda import Agendas, agendas
from lib.domain.chain import Status, SubAction
from lib.domain.context import Context
from lib.domain.lists import ActionRow, week_of
from lib.domain.people import Person
from lib.domain.sentences import Sentence
from lib.domain.workload import MAX_WEEKS, WEEK, Amount, Holder, load_pct

USUAL_MIN = 30
"""How long an action takes that has no duration, and whose nature has none."""
_FEWEST_WEEKS = 4
"""Looked at in any case: what has no date must have hours to go by."""


def holder_of(sub: SubAction) -> Holder:
    """Who has a sub-action: a person, else its unit's pool."""
    return Holder(sub.assignee_id, None if sub.assignee_id else sub.org_unit_id)


def minutes_of(ctx: Context, sub: SubAction) -> int:
    """How long it takes, as far as one knows."""
    nature = ctx.reference.natures.get(sub.nature_id)
    return sub.duration_min or (nature.duration_min if nature else 0) or USUAL_MIN


@dataclass(frozen=True, slots=True)
class Move:
    """One action of a preview: who has it, who gets it, and why it can't follow (None when it can)."""

    row: ActionRow
    to: Holder
    minutes: int
    why: Sentence | None = None
    org_unit_id: int | None = None
    """The unit that the action goes to."""

    @property
    def changes_unit(self) -> bool:
        """It leaves its unit, and perhaps whoever sees no other."""
        return self.org_unit_id != self.row.sub.org_unit_id

    @property
    def came_from(self) -> Holder:
        """Who has it now: a person, else its unit's pool."""
        return holder_of(self.row.sub)


@dataclass(frozen=True, slots=True)
class Week:
    """One person's week, from `first` (today in the current one) to its Sunday: planned minutes, now and then."""

    first: date
    capacity_min: int
    before_min: int
    after_min: int


@dataclass(frozen=True, slots=True)
class PersonLoad:
    """What the moves change for a person: his weeks, and what he has to plan."""

    person_id: int
    name: str
    weeks: tuple[Week, ...]
    to_plan_before: Amount
    to_plan_after: Amount

    @property
    def capacity_min(self) -> int:
        """The minutes that he is there."""
        return sum(week.capacity_min for week in self.weeks)

    @property
    def before_min(self) -> int:
        """Planned now."""
        return sum(week.before_min for week in self.weeks)

    @property
    def after_min(self) -> int:
        """Planned once the moves are applied."""
        return sum(week.after_min for week in self.weeks)

    @property
    def before_pct(self) -> int | None:
        """Planned now, for each hundred minutes that he is there."""
        return load_pct(self.before_min, self.capacity_min)

    @property
    def after_pct(self) -> int | None:
        """The same once the moves are applied."""
        return load_pct(self.after_min, self.capacity_min)


class Hours:
    """The weeks of the people concerned, from today on: the minutes they are there, and what is planned.

    What is late, or planned beyond the last week, takes of no week in particular, as what has no date.
    """

    def __init__(self, ctx: Context, person_ids: Iterable[int], rows: Sequence[ActionRow]) -> None:
        self.ctx, self.rows = ctx, rows
        last = max((row.sub.planned_date for row in rows if row.sub.planned_date), default=ctx.today)
        monday = week_of(ctx.today)[0]
        count = min(max(_FEWEST_WEEKS, (week_of(last)[0] - monday).days // 7 + 1), MAX_WEEKS)
        self.mondays = [monday + number * WEEK for number in range(count)]
        holders = {row.sub.assignee_id for row in rows if row.sub.assignee_id}
        self.people = sorted(holders | set(person_ids))
        bounds = [ctx.today, *self.mondays[1:], self.mondays[-1] + WEEK]
        self.starts = bounds[:-1]
        self.agendas: Agendas = agendas(
            ctx, person_ids=self.people, first=ctx.today, last=bounds[-1] - timedelta(days=1)
        )
        self.planned: Counter[tuple[int, date]] = Counter()
        # Whoever may see them: the hours are taken.
        for holder, week, _nature, amount in ctx.store.workload.planned(self.people, (), bounds=bounds, seen=None):
            self.planned[holder.person_id or 0, self.mondays[week]] += amount.minutes
        self.waiting: Mapping[Holder, tuple[Amount, int]] = ctx.store.workload.waiting(
            self.people, (), local_now=ctx.local_now, seen=None
        )

    def week_of(self, sub: SubAction) -> date | None:
        """The Monday of its week, when it is one of these and its day is still to come."""
        if sub.planned_date is None or sub.planned_date < self.ctx.today:
            return None
        monday = week_of(sub.planned_date)[0]
        return monday if monday <= self.mondays[-1] else None

    def remaining(self, person_id: int) -> dict[date, int]:
        """What he has left each week once the rows are taken from whoever has them."""
        mine = self._planned_of([row for row in self.rows if row.sub.assignee_id == person_id])
        return {
            monday: self._capacity(person_id, number) - self.planned[person_id, monday] + mine[monday]
            for number, monday in enumerate(self.mondays)
        }

    def loads(self, moves: Sequence[Move]) -> tuple[PersonLoad, ...]:
        """For each person who gives or gets something, in the order of their names."""
        people = {each for move in moves for each in (move.came_from.person_id, move.to.person_id) if each}
        named = sorted((self.ctx.reference.people[each] for each in people), key=lambda p: (p.name, p.id))
        return tuple(self._load(person, moves) for person in named)

    def _load(self, person: Person, moves: Sequence[Move]) -> PersonLoad:
        lost = [move.row for move in moves if move.came_from.person_id == person.id]
        won = [move.row for move in moves if move.to.person_id == person.id]
        minus, plus = self._planned_of(lost), self._planned_of(won)
        weeks = tuple(
            Week(self.starts[number], self._capacity(person.id, number), before, before - minus[monday] + plus[monday])
            for number, monday in enumerate(self.mondays)
            for before in [self.planned[person.id, monday]]
        )
        to_plan, _late = self.waiting.get(Holder(person.id), (Amount(), 0))
        given, got = _to_plan(lost), _to_plan(won)
        after = Amount(to_plan.count - given.count + got.count, to_plan.minutes - given.minutes + got.minutes)
        return PersonLoad(person.id, person.name, weeks, to_plan, after)

    def _planned_of(self, rows: Iterable[ActionRow]) -> Counter[date]:
        found: Counter[date] = Counter()
        for row in rows:
            monday = self.week_of(row.sub)
            if monday and row.sub.status == Status.PLANNED:
                found[monday] += row.sub.duration_min or 0
        return found

    def _capacity(self, person_id: int, number: int) -> int:
        sunday = self.mondays[number] + timedelta(days=6)
        return self.agendas.of(person_id).capacity_between(self.starts[number], sunday)


def _to_plan(rows: Iterable[ActionRow]) -> Amount:
    mine = [row.sub.duration_min or 0 for row in rows if row.sub.status == Status.TO_PLAN]
    return Amount(len(mine), sum(mine))
