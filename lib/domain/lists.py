"""Reading many sub-actions: filters, sorts, pages and counts, as far as the person may see (R25, R31, R35)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from lib.domain.chain import Action, Status, SubAction, owners_of
from lib.domain.context import Context, query
from lib.domain.errors import NotAllowed
from lib.domain.rights import REFUSALS, Operation, Scope, allowed, scope_of
from lib.domain.text import folded

PAGE_ROWS = 50
COUNTED = 10_000
"""A total above is shown as "10 000+": counting on costs time and tells nothing."""
TEXT_COUNTED = 1_000
"""The same where a text is searched: who finds a thousand needs another word, not the next page."""


class Tab(StrEnum):
    """The tabs of the list: À réaliser, Actions réalisées, Toutes."""

    TODO = "todo"
    DONE = "done"
    ALL = "all"


class SortBy(StrEnum):
    """The sorts that an index serves."""

    DATE = "date"
    NUMBER = "number"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Visibility:
    """What a person sees in lists: what is assigned to him, and his units' (empty when his scope is his own)."""

    person_id: int
    unit_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFilter:
    """What a list keeps; empty criteria keep everything, several combine. `late` and `waiting` keep open ones only."""

    tab: Tab = Tab.TODO
    assignee_ids: frozenset[int] = frozenset()
    org_unit_ids: frozenset[int] = frozenset()
    client_id: int | None = None
    deal_id: int | None = None
    service_report_id: int | None = None
    """Keeps the actions born from it."""
    domain_ids: frozenset[int] = frozenset()
    nature_ids: frozenset[int] = frozenset()
    reason_ids: frozenset[int] = frozenset()
    statuses: frozenset[Status] = frozenset()
    from_date: date | None = None
    to_date: date | None = None
    late_at: datetime | None = None
    """Local: keeps what was planned before this moment and is still open."""
    is_waiting: bool = False
    """Keeps what nobody has yet: a unit's pool."""
    is_by_colleague: bool = False
    """Keeps what was reported by somebody else than the assignee (Commercial compte-rendu, R25)."""
    text: str = ""
    visible_to: Visibility | None = field(default=None)
    """Set by the use cases from the rights; None sees everything."""

    @property
    def words(self) -> tuple[str, ...]:
        """The folded words that a row's texts must all contain, as beginnings of words; at most eight."""
        return tuple(folded(self.text).split()[:8])


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One line of a list: the sub-action, its action, and the names that the line shows."""

    sub: SubAction
    action: Action
    client_name: str
    client_town: str
    site_name: str
    contact_name: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `total` is counted up to `counted` + 1."""

    rows: tuple[ActionRow, ...]
    total: int
    number: int
    counted: int = COUNTED

    @property
    def pages(self) -> int:
        """How many pages can be turned: those of the rows counted."""
        return max(1, -(-min(self.total, self.counted) // PAGE_ROWS))


@dataclass(frozen=True, slots=True)
class DayCounts:
    """The tiles of Ma journée."""

    late: int
    today: int
    week: int
    to_plan: int
    done_this_week: int
    waiting_in_units: int


def counted_to(chosen: ActionFilter) -> int:
    """How far the rows that a filter keeps are counted, and its pages turned."""
    return TEXT_COUNTED if chosen.text else COUNTED


def visibility(ctx: Context) -> Visibility | None:
    """What the person sees in lists; None sees all. Raises NotAllowed when he sees no action at all."""
    match scope_of(ctx, Operation.VIEW_ACTIONS):
        case Scope.ALL:
            return None
        case Scope.UNIT:
            return Visibility(ctx.person.id, ctx.unit_ids)
        case Scope.OWN:
            return Visibility(ctx.person.id)
    raise NotAllowed(REFUSALS[Operation.VIEW_ACTIONS])


def _as_seen(chosen: ActionFilter, seen: Visibility | None) -> ActionFilter:
    """The filter within what a person sees; the last day that there is bounds nothing, and has no day after it."""
    return replace(chosen, visible_to=seen, to_date=None if chosen.to_date == date.max else chosen.to_date)


def week_of(day: date) -> tuple[date, date]:
    """Monday and Sunday of a day's week."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


@query
def list_actions(
    ctx: Context, *, chosen: ActionFilter, sort: SortBy = SortBy.DATE, descending: bool = False, page: int = 1
) -> Page:
    """One page of the sub-actions that the filter keeps and the person may see; `page` is brought into range."""
    chosen = _as_seen(chosen, visibility(ctx))
    number = min(max(1, page), COUNTED // PAGE_ROWS)
    return ctx.store.lists.page(chosen, sort=sort, descending=descending, page=number)


@query
def tabbed_actions(
    ctx: Context, *, chosen: ActionFilter, sort: SortBy = SortBy.DATE, descending: bool = False, page: int = 1
) -> tuple[Page, dict[Tab, int]]:
    """One page of the filter's tab, as `list_actions`, and the number on each tab; for filters without a text.

    Two statements.
    """
    chosen = _as_seen(chosen, visibility(ctx))
    counts = ctx.store.lists.tab_counts(chosen)
    number = min(max(1, page), COUNTED // PAGE_ROWS)
    total = counts[chosen.tab]
    return ctx.store.lists.page(chosen, sort=sort, descending=descending, page=number, total=total), counts


@query
def count_actions(ctx: Context, *, chosen: Mapping[str, ActionFilter]) -> dict[str, int]:
    """How many sub-actions each filter keeps, up to one more than `counted_to`: the numbers on tabs."""
    seen = visibility(ctx)
    return {name: ctx.store.lists.count(_as_seen(each, seen)) for name, each in chosen.items()}


@dataclass(frozen=True, slots=True)
class Day:
    """Ma journée of a person or a unit: the counts, today's open sub-actions in order, the next ones, what waits."""

    counts: DayCounts
    today: tuple[ActionRow, ...]
    late: tuple[ActionRow, ...]
    upcoming: tuple[ActionRow, ...]
    unplanned: tuple[ActionRow, ...]


DAY_ROWS = 10


def _is_seen(ctx: Context, row: ActionRow) -> bool:
    return allowed(ctx, Operation.VIEW_ACTIONS, owners_of(row.action, row.sub)) is None


@query
def open_day(ctx: Context, *, person_id: int | None, org_unit_id: int | None = None) -> Day:
    """Ma journée: of a person, or of a whole unit when `person_id` is None."""
    seen = visibility(ctx)
    whose = ActionFilter(
        assignee_ids=frozenset({person_id} if person_id else ()),
        org_unit_ids=frozenset({org_unit_id} if org_unit_id and not person_id else ()),
        visible_to=seen,
    )
    today, lists = ctx.today, ctx.store.lists
    units = ctx.reference.unit_ids_of(person_id) if person_id else frozenset({org_unit_id} if org_unit_id else ())
    if seen is not None:
        units &= seen.unit_ids
    unplanned = lists.unplanned_of(person_id, limit=DAY_ROWS) if person_id else []
    tomorrow = today + timedelta(days=1)

    def rows(limit: int, **more: object) -> tuple[ActionRow, ...]:
        return lists.rows(replace(whose, **more), limit=limit)  # type: ignore[arg-type]

    return Day(
        counts=lists.day_counts(whose, local_now=ctx.local_now, unit_ids=sorted(units)),
        today=rows(PAGE_ROWS, from_date=today, to_date=today),
        late=rows(DAY_ROWS, late_at=datetime.combine(today, time.min)),
        upcoming=rows(DAY_ROWS, from_date=tomorrow, to_date=tomorrow + timedelta(days=13)),
        unplanned=tuple(row for row in unplanned if _is_seen(ctx, row)),
    )
