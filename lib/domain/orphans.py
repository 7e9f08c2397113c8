"""What nobody takes care of, each with the gesture that mends it: clients and chains without a next step, sub-actions
of somebody who is absent, gone, or in no sales unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lib.domain.absences import Absence
from lib.domain.actions import edit_sub_action, opened_chain
from lib.domain.agenda import SEARCHED_DAYS, Agenda, agendas
from lib.domain.chain import Chain, SubAction
from lib.domain.clashes import Placement, span_planned
from lib.domain.clients import Client
from lib.domain.context import Context, command, query
from lib.domain.durations import shown_duration
from lib.domain.errors import Invalid, NotAllowed
from lib.domain.gestures import Gesture, require_gesture
from lib.domain.lists import PAGE_ROWS, ActionFilter, ActionRow, Tab, list_actions, visibility
from lib.domain.moves import minutes_of
from lib.domain.people import OrgUnit, UnitKind
from lib.domain.planning import proposed_slots
from lib.domain.reference import Reference
from lib.domain.rights import Operation, Scope, require, scope_of
from lib.domain.sentences import say
from lib.domain.spans import Span, minutes_in, whole_day, without
from lib.domain.workload import people_in_charge, units_in_charge

COUNTED = 1_000
"""Orphans beyond are no longer counted: who has a thousand needs another rule, not the exact number."""
LOOKED_AT_DAYS = 183
"""How far ahead planned sub-actions are compared with absences."""


@dataclass(frozen=True, slots=True)
class InCharge:
    """Whose orphans are looked for: those of people, and with units, those that the units answer for."""

    person_ids: frozenset[int]
    unit_ids: frozenset[int] = frozenset()
    activity_ids: frozenset[int] = frozenset()
    """The units' business activities."""


@dataclass(frozen=True, slots=True)
class StalledChain:
    """An action that announced a next step which never came; `sub_action_id` is its last one."""

    action_id: int
    sub_action_id: int
    number: int
    client_id: int
    client_name: str
    responsible_id: int | None


@dataclass(frozen=True, slots=True)
class InAbsence:
    """A planned sub-action on a day when its assignee isn't there."""

    row: ActionRow
    absence: Absence


@dataclass(frozen=True, slots=True)
class Orphans:
    """The first rows of each kind, and how many there are, counted up to one more than COUNTED."""

    clients: tuple[Client, ...]
    client_count: int
    stalled: tuple[StalledChain, ...]
    stalled_count: int
    in_absence: tuple[InAbsence, ...]
    in_absence_count: int
    ownerless: tuple[ActionRow, ...]
    ownerless_count: int
    ownerless_filter: ActionFilter | None
    """The list of the last kind, when somebody is concerned."""


@query
def find_orphans(ctx: Context, *, unit_ids: Iterable[int] = (), person_ids: Iterable[int] = ()) -> Orphans:
    """The orphans of the people in charge (of some units or people only), as far as the person sees actions.

    Who left leaves clients and chains behind, which nobody else would look for: they are found by whoever leads his
    unit, or the chain's. A client without an account manager is nobody's yet: the units of its business activity find
    it, and all units when it has none, for one shown too often is better than one never shown. Once people are asked
    for, only theirs is. Raises NotAllowed.
    """
    require(ctx, Operation.VIEW_WORKLOAD)
    asked, chosen, seen = frozenset(unit_ids), frozenset(person_ids), visibility(ctx)
    units = [unit for unit in units_in_charge(ctx) if not asked or unit.id in asked]
    people = [person.id for person in people_in_charge(ctx, units) if not chosen or person.id in chosen]
    is_everything = not asked and not chosen and scope_of(ctx, Operation.VIEW_WORKLOAD) == Scope.ALL
    within = None if is_everything else _in_charge(ctx, units, people, is_for_units=not chosen)
    store, nobody = ctx.store.orphans, (0, ())
    may_see_clients = scope_of(ctx, Operation.VIEW_CLIENTS) > Scope.NONE
    clients = store.clients_without_step(within, limit=PAGE_ROWS, counted=COUNTED) if may_see_clients else nobody
    stalled = store.stalled(within, seen=seen, limit=PAGE_ROWS, counted=COUNTED)
    absent = _in_absence(ctx, people)
    gone = [] if chosen else _ownerless_people(ctx.reference)
    holders = store.holding_open(gone, unit_ids=asked, seen=seen) if gone else frozenset()
    kept = ActionFilter(tab=Tab.TODO, assignee_ids=holders, org_unit_ids=asked) if holders else None
    page = list_actions(ctx, chosen=kept) if kept else None
    return Orphans(
        tuple(clients[1]), clients[0], tuple(stalled[1]), stalled[0], tuple(absent[:PAGE_ROWS]), len(absent),
        page.rows if page else (), page.total if page else 0, kept,
    )  # fmt: skip


def _in_charge(ctx: Context, units: Sequence[OrgUnit], people: Sequence[int], *, is_for_units: bool) -> InCharge:
    """These people; for whole units also those who left them, and what is nobody's."""
    if not is_for_units:
        return InCharge(frozenset(people))
    unit_ids = frozenset(unit.id for unit in units)
    members = frozenset(m.person_id for m in ctx.reference.memberships if m.org_unit_id in unit_ids)
    return InCharge(members.union(people), unit_ids, frozenset(unit.business_activity_id for unit in units))


def _ownerless_people(reference: Reference) -> list[int]:
    """Those with whom an open sub-action stays undone: no longer active, or in no active sales unit."""
    sales = {unit.id for unit in reference.units.values() if unit.kind == UnitKind.SALES and unit.is_active}
    placed = {m.person_id for m in reference.memberships if m.org_unit_id in sales}
    return [person.id for person in reference.people.values() if not person.is_active or person.id not in placed]


# ---- planned while away


def absence_hit(agenda: Agenda, sub: SubAction) -> Absence | None:
    """The absence that takes a part of a planned sub-action's hours; without an hour, all of its day."""
    if sub.planned_date is None:
        return None
    span = span_planned(sub) or whole_day(sub.planned_date)
    hit = [absence for absence in agenda.absences if absence.span.overlaps(span)]
    if hit and sub.planned_time is None:
        worked = agenda.worked(sub.planned_date) or [span]
        return None if minutes_in(without(worked, [absence.span for absence in hit])) else hit[0]
    return hit[0] if hit else None


def _in_absence(ctx: Context, person_ids: Sequence[int]) -> list[InAbsence]:
    """In the order of their dates, from today on."""
    last = ctx.today + timedelta(days=LOOKED_AT_DAYS)
    rows = ctx.store.orphans.planned_in_absences(
        person_ids, first=ctx.today, last=last, seen=visibility(ctx), limit=COUNTED + 1
    )
    concerned = {row.sub.assignee_id for row in rows if row.sub.assignee_id}
    each = agendas(ctx, person_ids=concerned, first=ctx.today, last=last) if concerned else None
    found = []
    for row in rows:
        if each and row.sub.assignee_id and (absence := absence_hit(each.of(row.sub.assignee_id), row.sub)):
            found.append(InAbsence(row, absence))
    return found


# ---- the one-click fixes


@command
def move_after_absence(ctx: Context, *, sub_action_id: int, version: int) -> Chain:
    """Move a planned sub-action to its assignee's first free time after the absence that it falls into.

    Without an hour, it keeps none: only its day changes. Raises NotAllowed when he isn't absent then, or has no free
    time within 60 days; Conflict, NotFound as every edit. The person's time is locked: two who move something of his at
    once see each other.
    """
    chain = opened_chain(ctx, sub_action_id=sub_action_id)
    sub = chain.get(sub_action_id)
    require_gesture(ctx, Gesture.POSTPONE, chain.action, sub)
    if sub.planned_date is None or sub.assignee_id is None:
        raise NotAllowed(_NOT_ABSENT)
    ctx.store.absences.lock(sub.assignee_id)
    each = agendas(ctx, person_ids=[sub.assignee_id], first=sub.planned_date, last=sub.planned_date)
    that_day = each.of(sub.assignee_id)
    absence = absence_hit(that_day, sub)
    if absence is None:
        raise NotAllowed(_NOT_ABSENT)
    slot = _first_free(ctx, that_day, sub, after=absence.span.end)
    edits: Mapping[str, object] = {
        "planned_date": slot.start.date(),
        "planned_time": slot.start.time() if sub.planned_time else None,
    }
    return edit_sub_action(
        ctx, sub_action_id=sub_action_id, version=version, edits=edits, operation="move_after_absence"
    )


_NOT_ABSENT = say("Nobody is absent at that time any more: look at the list again.")


def _first_free(ctx: Context, agenda: Agenda, sub: SubAction, *, after: datetime) -> Span:
    minutes = minutes_of(ctx, sub)
    slots = proposed_slots(ctx, agenda, sub.id, Placement(after.date(), after.time(), minutes, agenda.person_id))
    if not slots:
        person = ctx.reference.people[agenda.person_id].name
        raise NotAllowed(say(
            "{person} has no free time of {duration} in the {days} days after the absence: choose a date yourself.",
            person=person, duration=shown_duration(minutes), days=SEARCHED_DAYS))  # fmt: skip
    return slots[0]


@command
def put_into_pool(ctx: Context, *, sub_action_id: int, version: int) -> Chain:
    """Take an open sub-action from somebody who can't do it any more, and let it wait in its unit's pool (R8).

    It keeps its unit; without an active sales unit, it goes to the connected person's first one. Raises NotAllowed when
    its assignee is there after all, or when there is no unit to put it in.
    """
    chain = opened_chain(ctx, sub_action_id=sub_action_id)
    sub = chain.get(sub_action_id)
    require_gesture(ctx, Gesture.EDIT, chain.action, sub)
    if not sub.is_open or sub.assignee_id not in _ownerless_people(ctx.reference):
        raise NotAllowed(say("Somebody takes care of it by now: look at the list again."))
    edits = {"assignee": None, "org_unit": _pool_for(ctx, sub)}
    return edit_sub_action(ctx, sub_action_id=sub_action_id, version=version, edits=edits, operation="put_into_pool")


def _pool_for(ctx: Context, sub: SubAction) -> int:
    unit = ctx.reference.units.get(sub.org_unit_id or 0)
    if unit and unit.kind == UnitKind.SALES and unit.is_active:
        return unit.id
    mine = ctx.reference.sales_units_of(ctx.person.id)
    if not mine:
        raise Invalid({"org_unit": say("It has no sales unit, and you are in none: open it and choose one.")})
    return mine[0].id
