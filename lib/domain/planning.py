"""Planning by a drop on a slot: place, move, resize, give to somebody, put back, swap (R17–R19).

A move is one transaction: date, time, duration, status, person and unit. What it hits raises Clash until the person
has accepted it; the choice is journalled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from lib.domain.actions import edit_sub_action, opened_chain, unplan
from lib.domain.agenda import SEARCHED_DAYS, Agenda, agendas, free_slots
from lib.domain.boards import MAX_ITEMS
from lib.domain.chain import Chain, Status, SubAction
from lib.domain.changes import record_change
from lib.domain.checks import Checks, checked_date, checked_id, checked_time, is_id
from lib.domain.clashes import Clash, Hit, HitKind, Placement, Surroundings, hits_of, span_planned
from lib.domain.context import Context, command, once
from lib.domain.durations import checked_duration
from lib.domain.errors import Invalid, NotAllowed
from lib.domain.fields import fitting_unit
from lib.domain.gestures import Gesture, refusal, require_gesture
from lib.domain.lists import ActionFilter, ActionRow
from lib.domain.moves import minutes_of
from lib.domain.sentences import say
from lib.domain.spans import Span

_PROPOSALS = 3
_GONE = say("The other one isn't there any more: look at the planning again.")


class Choice(StrEnum):
    """What somebody chose when a drop hit something; the values are journalled."""

    KEEP_BOTH = "keep_both"
    SWAP = "swap"
    NEXT_FREE = "next_free"


@command
@once
def place(
    ctx: Context,
    *,
    sub_action_id: object,
    version: int,
    day: object,
    at: object,
    minutes: object,
    assignee_id: object,
    accepted: Collection[str] = (),
    choice: Choice = Choice.KEEP_BOTH,
    request_key: str,
) -> int:
    """Plan or move a sub-action: its day, time (or none), duration and person, in one go; return its id.

    Raises Clash for what it hits and `accepted` (keys of hits) doesn't name; NotAllowed for a done or cancelled
    one, or without the right; Invalid for a value out of range or an inactive person; Conflict for a stale version.
    """
    chain = opened_chain(ctx, sub_action_id=sub_action_id)
    sub = chain.get(int(sub_action_id))  # type: ignore[call-overload]
    require_gesture(ctx, _gesture(sub), chain.action, sub)
    placement = checked_placement(ctx, day=day, at=at, minutes=minutes, assignee_id=assignee_id)
    around = _around(ctx, sub, placement)
    hits = hits_of(ctx, placement, around, without={sub.id})
    after = _moved(ctx, sub, placement, version=version)  # first: nobody is asked about what can't be done anyway
    if not {hit.key for hit in hits} <= set(accepted):
        raise _clash(ctx, chain, sub, placement, hits, around)
    if hits or choice != Choice.KEEP_BOTH:
        _record_choice(ctx, after, sub.id, choice, hits)
    return sub.id


@command
@once
def put_back(ctx: Context, *, sub_action_id: object, version: int, request_key: str) -> int:
    """Back to the tray: `unplan`, once however often it is asked; return the sub-action's id."""
    chain = opened_chain(ctx, sub_action_id=sub_action_id)
    unplan(ctx, sub_action_id=chain.get(int(sub_action_id)).id, version=version)  # type: ignore[call-overload]
    return int(sub_action_id)  # type: ignore[call-overload]


@command
@once
def swap(
    ctx: Context, *, sub_action_id: object, version: int, day: object, at: object, minutes: object,
    assignee_id: object, other_id: object, other_version: int, accepted: Collection[str] = (), request_key: str,
) -> int:  # fmt: skip
    """Put a sub-action where another one is, and that one where the first was, in one transaction; return the first's.

    The other takes the first one's day, time and person, and keeps its own duration; when the first came from the
    tray, the other goes there. Raises as `place`, and Clash when either would hit a third thing.
    """
    if not is_id(sub_action_id) or not is_id(other_id) or sub_action_id == other_id:
        raise Invalid({"other": say("Unknown choice: choose one of the list.")})
    chains = _opened_in_order(ctx, sub_action_id, other_id)
    sub, other = chains[sub_action_id].get(sub_action_id), chains[other_id].get(other_id)
    for each in (sub, other):
        require_gesture(ctx, _gesture(each), chains[each.id].action, each)
    placement = checked_placement(ctx, day=day, at=at, minutes=minutes, assignee_id=assignee_id)
    around = _around(ctx, sub, placement)
    taken = span_planned(other)
    if not (taken and placement.span and taken.overlaps(placement.span)):
        raise NotAllowed(_GONE)
    hits = hits_of(ctx, placement, around, without={sub.id, other.id})
    if not {hit.key for hit in hits} <= set(accepted) or not _takes_place_of(ctx, other, sub):
        raise _clash(ctx, chains[sub.id], sub, placement, hits_of(ctx, placement, around, without={sub.id}), around)
    if sub.status == Status.TO_PLAN:
        unplan(ctx, sub_action_id=other.id, version=other_version)
    else:
        _moved(ctx, other, _place_of(sub, minutes=minutes_of(ctx, other)), version=other_version)
    after = _moved(ctx, sub, placement, version=version)
    _record_choice(ctx, after, sub.id, Choice.SWAP, [Hit(HitKind.OVERLAP, _GONE, other.id)])
    return sub.id


def _gesture(sub: SubAction) -> Gesture:
    return Gesture.PLAN if sub.status == Status.TO_PLAN else Gesture.POSTPONE


def checked_placement(ctx: Context, *, day: object, at: object, minutes: object, assignee_id: object) -> Placement:
    """A placement from what a browser sent; raises Invalid with every problem."""
    checks = Checks()
    on = checks.run(lambda: checked_date("planned_date", day, today=ctx.today, required=True))
    hour = checks.run(lambda: checked_time("planned_time", at))
    lasts = checks.run(lambda: _checked_minutes(minutes))
    person_id = checks.run(lambda: checked_id("assignee", assignee_id))
    person = ctx.reference.people.get(person_id or 0)
    if person_id and person is None:
        checks.problems["assignee"] = say("Unknown choice: choose one of the list.")
    elif person and not person.is_active:
        told = say("{person} is no longer active: choose someone else.", person=person.name)
        checks.problems["assignee"] = told
    checks.done()
    assert on
    assert lasts
    return Placement(on, hour, lasts, person_id)


def _checked_minutes(raw: object) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return checked_duration(raw)
    raise Invalid({"duration": say("Duration not understood: write 1:30, 1h30, or 90 for minutes.")})


def _opened_in_order(ctx: Context, *sub_action_ids: int) -> dict[int, Chain]:
    """The chains of sub-actions, locked in the order of their actions: two who swap at once never deadlock."""
    order = sorted((ctx.store.actions.action_id_of(each) or 0, each) for each in sub_action_ids)
    return {each: opened_chain(ctx, sub_action_id=each) for _action_id, each in order}


def _around(ctx: Context, sub: SubAction, placement: Placement) -> Surroundings:
    """What surrounds a placement; its person's time is locked, so that two drops at once see each other."""
    person = ctx.reference.people.get(placement.assignee_id or 0)
    if person is None:
        return Surroundings("", None)
    ctx.store.absences.lock(person.id)
    until = placement.day + timedelta(days=SEARCHED_DAYS)
    agenda = agendas(ctx, person_ids=[person.id], first=placement.day - timedelta(days=1), last=until).of(person.id)
    planned = _planned_of(ctx, person.id, placement.day, placement.day + timedelta(days=1))
    units = ctx.reference.units
    before, after = units.get(sub.org_unit_id or 0), units.get(fitting_unit(ctx, sub, person.id) or 0)
    is_moved = person.id != sub.assignee_id and before is not None and after != before
    nowhere = say("no sales unit")
    return Surroundings(
        person.name, agenda, planned, unit_before=before.name if before else nowhere,
        unit_after=after.name if after else nowhere, is_moved_to_other_unit=is_moved,
    )  # fmt: skip


def _planned_of(ctx: Context, person_id: int, first: date, last: date) -> tuple[ActionRow, ...]:
    """What somebody has planned, whoever may see it."""
    kept = ActionFilter(
        assignee_ids=frozenset({person_id}), statuses=frozenset({Status.PLANNED}),
        from_date=first - timedelta(days=1), to_date=last,
    )  # fmt: skip
    return ctx.store.lists.rows(kept, limit=MAX_ITEMS)


def _clash(
    ctx: Context, chain: Chain, sub: SubAction, placement: Placement, hits: list[Hit], around: Surroundings
) -> Clash:
    """The hits with their ways out: free slots of the person, and the one to swap with if all would be well then."""
    proposals: list[Span] = []
    if around.agenda and placement.assignee_id:
        proposals = proposed_slots(ctx, around.agenda, sub.id, placement)
    overlaps = [hit for hit in hits if hit.kind == HitKind.OVERLAP]
    swap_with = overlaps[0] if len(overlaps) == 1 and overlaps[0].sub_action_id else None
    if swap_with and swap_with.sub_action_id:
        theirs = opened_chain(ctx, sub_action_id=swap_with.sub_action_id, for_update=False)
        other = theirs.get(swap_with.sub_action_id)
        if refusal(ctx, Gesture.POSTPONE, theirs.action, other) or not _takes_place_of(ctx, other, sub):
            swap_with = None
    return Clash(placement, hits, proposals, swap_with)


def proposed_slots(ctx: Context, agenda: Agenda, sub_action_id: int, placement: Placement) -> list[Span]:
    """Three free slots of the person, from the moment wanted on, never in the past."""
    wanted = datetime.combine(placement.day, placement.time or time.min)
    since = max(wanted, ctx.local_now)
    until = since.date() + timedelta(days=SEARCHED_DAYS)
    if until > agenda.last:
        agenda = agendas(ctx, person_ids=[agenda.person_id], first=since.date(), last=until).of(agenda.person_id)
    rows = _planned_of(ctx, agenda.person_id, since.date(), until)
    busy = [span for row in rows if row.sub.id != sub_action_id and (span := span_planned(row.sub))]
    return free_slots(agenda, busy, minutes=placement.minutes, since=since, until=until, count=_PROPOSALS)


def _place_of(sub: SubAction, *, minutes: int) -> Placement:
    assert sub.planned_date is not None, "what is planned has a date"
    return Placement(sub.planned_date, sub.planned_time, minutes, sub.assignee_id)


def _takes_place_of(ctx: Context, other: SubAction, sub: SubAction) -> bool:
    """Whether `other` would hit nothing where `sub` is now; the tray takes everything."""
    if sub.status == Status.TO_PLAN:
        return True
    there = _place_of(sub, minutes=minutes_of(ctx, other))
    if there.assignee_id is None:
        return False
    return not hits_of(ctx, there, _around(ctx, other, there), without={sub.id, other.id})


def _moved(ctx: Context, sub: SubAction, placement: Placement, *, version: int) -> Chain:
    """The chain with a sub-action at a placement; an unchanged field isn't sent, so that it can't conflict."""
    wanted = {
        "status": Status.PLANNED, "planned_date": placement.day, "planned_time": placement.time,
        "duration": placement.minutes, "assignee": placement.assignee_id,
    }  # fmt: skip
    now = {
        "status": sub.status, "planned_date": sub.planned_date, "planned_time": sub.planned_time,
        "duration": sub.duration_min, "assignee": sub.assignee_id,
    }  # fmt: skip
    edits = {name: value for name, value in wanted.items() if value != now[name]}
    if "assignee" in edits and placement.assignee_id is None:
        raise NotAllowed(say("Drop it on somebody's lane: what is planned is somebody's."))
    if edits.keys() & {"planned_date", "planned_time"}:  # a day and its hour are one answer
        edits |= {"planned_date": placement.day, "planned_time": placement.time}
    if "assignee" in edits and placement.assignee_id:
        edits["org_unit"] = fitting_unit(ctx, sub, placement.assignee_id)
    operation = "plan" if sub.status == Status.TO_PLAN else "reassign" if "assignee" in edits else "move"
    return edit_sub_action(ctx, sub_action_id=sub.id, version=version, edits=edits, operation=operation)


def _record_choice(ctx: Context, chain: Chain, sub_action_id: int, choice: Choice, hits: Iterable[Hit]) -> None:
    # Which, and no words: whoever reads this journal may not know of the other action, nor why somebody is away.
    told = {"choice": choice.value, "hits": [hit.key for hit in hits]}
    record_change(
        ctx, "clash", entity="sub_action", entity_id=sub_action_id, action_id=chain.action.id,
        version=chain.get(sub_action_id).version, fields={"clash": (None, told)},
    )  # fmt: skip
