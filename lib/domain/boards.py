"""Boards: what the plannings show of some people over some days, and the hours that they are there (R19)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from lib.domain.agenda import Agendas, agendas
from lib.domain.chain import Status, SubAction, owners_of
from lib.domain.checks import is_id
from lib.domain.clashes import span_planned
from lib.domain.context import Context, query
from lib.domain.lists import ActionFilter, ActionRow, Tab, visibility
from lib.domain.people import Person, UnitKind
from lib.domain.rights import Operation, allowed
from lib.domain.spans import Span

MAX_LANES = 40
MAX_ITEMS = 2_000
MAX_TRAY = 100


@dataclass(frozen=True, slots=True)
class Board:
    """What a planning shows from `first` to `last`: rows by date, hours taken out of sight, what is to plan.

    `taken` are the spans, by person, of actions that this person may not see: they are busy, and say nothing more.
    `is_cut` and `is_tray_cut` say that there is more than the rows and the tray hold; then loads are partial too.
    `left_out_min` are the minutes planned by (person, day) that the rows don't show: loads tell the whole.
    """

    first: date
    last: date
    rows: tuple[ActionRow, ...]
    taken: tuple[tuple[int, Span], ...]
    left_out_min: Mapping[tuple[int, date], int]
    tray: tuple[ActionRow, ...]
    agendas: Agendas
    is_cut: bool = False
    is_tray_cut: bool = False


@query
def people_to_plan(ctx: Context) -> list[Person]:
    """The active members of sales units whose planning this person may open: his units' people, or everybody."""
    reference = ctx.reference
    units = {unit.id for unit in reference.units.values() if unit.kind == UnitKind.SALES and unit.is_active}
    seen = visibility(ctx)
    within = units if seen is None else units & seen.unit_ids
    ids = {m.person_id for m in reference.memberships if m.org_unit_id in within} | (
        {ctx.person.id} if any(m.person_id == ctx.person.id for m in reference.memberships) else set()
    )
    return [person for person in reference.people.values() if person.id in ids and person.is_active]


@query
def open_board(
    ctx: Context,
    *,
    person_ids: Collection[object],
    first: date,
    last: date,
    chosen: ActionFilter | None = None,
    pool_unit_ids: Collection[int] = (),
    with_done: bool = False,
) -> Board:
    """The planning of people from `first` to `last`, both included, of what this person may see.

    `chosen` narrows the rows shown (units, domains, natures, statuses), never the hours taken nor the loads. The tray
    holds what is to plan for these people, and what waits in the pools of `pool_unit_ids`. At most MAX_LANES people.
    """
    chosen, known = chosen or ActionFilter(), {person.id for person in people_to_plan(ctx)}
    people = [each for each in person_ids if is_id(each) and each in known][:MAX_LANES]
    planned, done = _rows_of(ctx, people, first, last, with_done=with_done or Status.DONE in chosen.statuses)
    rows, hidden = [], []
    left_out: Counter[tuple[int, date]] = Counter()
    for row in (*planned[:MAX_ITEMS], *done[:MAX_ITEMS]):
        person_id, day = row.sub.assignee_id or 0, row.sub.planned_date or first
        if allowed(ctx, Operation.VIEW_ACTIONS, owners_of(row.action, row.sub)):
            if span := span_planned(row.sub):
                hidden.append((person_id, span))
            else:
                left_out[person_id, day] += row.sub.duration_min or 0
        elif _keeps(chosen, row.sub):
            rows.append(row)
        elif row.sub.is_open:
            left_out[person_id, day] += row.sub.duration_min or 0
    tray, is_tray_cut = _tray(ctx, chosen, people, pool_unit_ids)
    return Board(
        first=first,
        last=last,
        rows=tuple(rows),
        taken=tuple(hidden),
        left_out_min=left_out,
        tray=tray,
        agendas=agendas(ctx, person_ids=people, first=first, last=last),
        is_cut=max(len(planned), len(done)) > MAX_ITEMS,
        is_tray_cut=is_tray_cut,
    )


def _rows_of(
    ctx: Context, people: list[int], first: date, last: date, *, with_done: bool
) -> tuple[tuple[ActionRow, ...], tuple[ActionRow, ...]]:
    """What these people have planned, whoever may see it; and what they have done, as far as one may."""
    if not people:
        return (), ()
    # Since the day before: what starts in the evening may last into the first day.
    mine = ActionFilter(
        assignee_ids=frozenset(people), statuses=frozenset({Status.PLANNED}),
        from_date=first - timedelta(days=1), to_date=last,
    )  # fmt: skip
    planned = ctx.store.lists.rows(mine, limit=MAX_ITEMS + 1)
    if not with_done:
        return planned, ()
    done = replace(mine, tab=Tab.DONE, statuses=frozenset(), from_date=first, visible_to=visibility(ctx))
    return planned, ctx.store.lists.rows(done, limit=MAX_ITEMS + 1)


def _keeps(chosen: ActionFilter, sub: SubAction) -> bool:
    """Whether the criteria that a planning offers keep a sub-action."""
    return (
        (not chosen.statuses or sub.status in chosen.statuses)
        and (not chosen.org_unit_ids or sub.org_unit_id in chosen.org_unit_ids)
        and (not chosen.domain_ids or sub.domain_id in chosen.domain_ids)
        and (not chosen.nature_ids or sub.nature_id in chosen.nature_ids)
    )


def _tray(
    ctx: Context, chosen: ActionFilter, people: list[int], pool_unit_ids: Collection[int]
) -> tuple[tuple[ActionRow, ...], bool]:
    """What is to plan, and whether there is more."""
    if chosen.statuses and Status.TO_PLAN not in chosen.statuses:
        return (), False
    to_plan = replace(
        chosen, tab=Tab.TODO, statuses=frozenset({Status.TO_PLAN}), assignee_ids=frozenset(people),
        visible_to=visibility(ctx),
    )  # fmt: skip
    theirs = ctx.store.lists.rows(to_plan, limit=MAX_TRAY + 1) if people else ()
    waiting: tuple[ActionRow, ...] = ()
    if pool_unit_ids:
        pool = replace(to_plan, assignee_ids=frozenset(), org_unit_ids=frozenset(pool_unit_ids), is_waiting=True)
        waiting = ctx.store.lists.rows(pool, limit=MAX_TRAY + 1)
    return theirs[:MAX_TRAY] + waiting[:MAX_TRAY], max(len(theirs), len(waiting)) > MAX_TRAY
