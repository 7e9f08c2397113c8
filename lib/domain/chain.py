"""The chain: an action and its numbered sub-actions, and the rules that read it (R1–R5). Nouns and rules only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from enum import StrEnum

from lib.domain.rights import Owners

NO_DATE = datetime(9999, 12, 31, 23, 59)
"""Where a sub-action without a date sorts: after every date."""
END_OF_DAY = time(23, 59)
"""A date without a time is kept until its day is over."""


class Status(StrEnum):
    """Where a sub-action stands (Statut)."""

    TO_PLAN = "to_plan"
    PLANNED = "planned"
    DONE = "done"
    CANCELLED = "cancelled"


OPEN = frozenset({Status.TO_PLAN, Status.PLANNED})


class FollowUp(StrEnum):
    """What a report decided (Suite à donner)."""

    NONE = "none"
    SUB_ACTION = "sub_action"
    DEAL = "deal"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubAction:
    """One thing to do. Dates and times planned and done are local to the organisation; `_at` are UTC instants.

    `detail_text` and `report_text` are the beginnings (EXCERPT characters) of the rich texts, which are loaded apart.
    """

    id: int = 0
    action_id: int = 0
    seq: int = 1
    site_id: int | None = None
    contact_id: int | None = None
    domain_id: int | None = None
    nature_id: int
    reason_id: int | None = None
    assignee_id: int | None = None
    org_unit_id: int | None = None
    status: Status = Status.TO_PLAN
    planned_date: date | None = None
    planned_time: time | None = None
    duration_min: int | None = None
    detail_text: str = ""
    done_on: date | None = None
    done_time: time | None = None
    done_duration_min: int | None = None
    result_id: int | None = None
    report_text: str = ""
    reported_by: int | None = None
    reported_at: datetime | None = None
    follow_up: FollowUp | None = None
    cancelled_at: datetime | None = None
    cancelled_by: int | None = None
    cancel_reason: str = ""
    created_by: int = 0
    created_at: datetime | None = None
    version: int = 1
    participant_ids: frozenset[int] = frozenset()

    @property
    def is_open(self) -> bool:
        """Still to be done: À planifier or Planifiée."""
        return self.status in OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One file on one client; `status` and `responsible_id` follow from its sub-actions (R5, R23)."""

    id: int = 0
    number: int
    client_id: int
    origin_id: int | None = None
    responsible_id: int | None = None
    org_unit_id: int | None = None
    deal_id: int | None = None
    service_report_id: int | None = None
    next_seq: int = 1
    status: Status = Status.TO_PLAN
    created_by: int = 0
    created_at: datetime | None = None
    version: int = 1
    is_stalled: bool = False
    """Kept beside what it follows from, for the list of chains without a next step."""


@dataclass(frozen=True, slots=True)
class Chain:
    """An action with all its sub-actions, in the order of their numbers."""

    action: Action
    sub_actions: tuple[SubAction, ...] = field(default=())

    def get(self, sub_action_id: int) -> SubAction:
        """One of its sub-actions; KeyError when it isn't of this chain."""
        for sub in self.sub_actions:
            if sub.id == sub_action_id:
                return sub
        raise KeyError(sub_action_id)

    @property
    def last(self) -> SubAction:
        """The sub-action with the highest number."""
        return self.sub_actions[-1]


EXCERPT = 600
"""Characters of a rich text that lists and chains carry: a hover card's worth."""


def shown_number(number: int, seq: int | None = None) -> str:
    """`A000123`, or `A000123/02` (R1)."""
    return f"A{number:06d}" if seq is None else f"A{number:06d}/{seq:02d}"


def chain_status(sub_actions: Iterable[SubAction]) -> Status:
    """Status of the whole action: that of its last sub-action that isn't cancelled; Annulée when all are (R5)."""
    alive = [sub for sub in sub_actions if sub.status != Status.CANCELLED]
    return alive[-1].status if alive else Status.CANCELLED


def is_stalled(chain: Chain) -> bool:
    """Nothing is open, though the last report announced a next step or a deal: it was cancelled, deleted, or forgotten.

    A chain that ended with Sans suite is over, and one of which everything was cancelled was given up on purpose.
    """
    alive = [sub for sub in chain.sub_actions if sub.status != Status.CANCELLED]
    if not alive or alive[-1].is_open:
        return False
    if alive[-1].follow_up == FollowUp.DEAL:
        return chain.action.deal_id is None
    return alive[-1].follow_up == FollowUp.SUB_ACTION


def current_sub_action(chain: Chain) -> SubAction:
    """The one to show when the action is opened: the last that isn't cancelled, else the last."""
    alive = [sub for sub in chain.sub_actions if sub.status != Status.CANCELLED]
    return alive[-1] if alive else chain.last


def shown_date(sub: SubAction, zone: tzinfo) -> tuple[date | None, time | None]:
    """The date and time of Historique and the lists: planned, then of the report, or of the cancellation (R3)."""
    if sub.status == Status.DONE:
        return sub.done_on, sub.done_time
    if sub.status == Status.CANCELLED and sub.cancelled_at:
        local = sub.cancelled_at.astimezone(zone)
        return local.date(), local.time().replace(second=0, microsecond=0, tzinfo=None)
    return sub.planned_date, sub.planned_time


def listed_at(sub: SubAction, zone: tzinfo) -> datetime:
    """Where it sorts in lists: its shown local date and time; the day's end without a time, NO_DATE without a date."""
    day, hour = shown_date(sub, zone)
    return datetime.combine(day, hour or END_OF_DAY) if day else NO_DATE


def is_late(sub: SubAction, local_now: datetime) -> bool:
    """Still open though its planned moment has passed; without a time, once its day is over."""
    if not sub.is_open or sub.planned_date is None:
        return False
    return datetime.combine(sub.planned_date, sub.planned_time or END_OF_DAY) < local_now


def is_reported_by_colleague(sub: SubAction) -> bool:
    """The report was written by somebody else than the assignee (R25)."""
    return sub.reported_by is not None and sub.reported_by != sub.assignee_id


def delay_days(sub: SubAction) -> int | None:
    """Days from the planned date to the day it was done; negative when early, None with nothing to compare."""
    return (sub.done_on - sub.planned_date).days if sub.done_on and sub.planned_date else None


def owners_of(action: Action, *subs: SubAction) -> Owners:
    """Whose a sub-action is, or several: assignee, creator, author of the report, the action's responsible; its unit.

    A chain is seen by whoever owns any part of it: the field salesperson must read what telesales wrote before.
    """
    people = {action.responsible_id}
    for each in subs:
        people |= {each.assignee_id, each.created_by, each.reported_by}
    units = {each.org_unit_id for each in subs}
    is_waiting = any(each.is_open and each.assignee_id is None for each in subs)
    return Owners(frozenset(p for p in people if p), frozenset(u for u in units if u), is_waiting)
