"""Affectations: giving many actions to a person, to a unit's pool, or to several people by the hours they have left.

First a preview that says who gets what, what can't follow and whose weeks it fills; then all of it at once (R33).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from lib.domain.bulk import (
    MAX_RECORDS,
    BulkName,
    RefusedRecord,
    carried_out,
    checked_rows,
    opened,
    seen_rows,
    too_many,
)
from lib.domain.chain import NO_DATE, Action, Chain, SubAction, owners_of
from lib.domain.checks import Checks, checked_id, is_id
from lib.domain.context import Context, command, once, query
from lib.domain.errors import Invalid
from lib.domain.fields import FIELDS, check_domain, fitting_unit, locked_because
from lib.domain.lists import ActionFilter, ActionRow, Tab, visibility
from lib.domain.moves import Hours, Move, PersonLoad, holder_of, minutes_of
from lib.domain.people import OrgUnit, Person, UnitKind, checked_unit, person_owners
from lib.domain.rights import Operation, Owners, allowed, require
from lib.domain.sentences import Sentence, say
from lib.domain.spreading import Load, left_after, spread
from lib.domain.workload import Holder


@dataclass(frozen=True, slots=True)
class Target:
    """Who gets the actions: one person, several by the hours they have left, or, with nobody, a unit's pool."""

    person_ids: tuple[int, ...] = ()
    org_unit_id: int | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What applying would do: the moves by date, those that can't follow, and each one's load before and after."""

    moves: tuple[Move, ...]
    refused: tuple[Move, ...]
    missing: tuple[RefusedRecord, ...]
    """Ticked, and no longer there or not one's to see."""
    loads: tuple[PersonLoad, ...]

    @property
    def to_apply(self) -> list[tuple[int, int, int | None, int | None]]:
        """What `apply_assignment` takes: each sub-action with the version that was seen, and who gets it."""
        return [(move.row.sub.id, move.row.sub.version, *move.to) for move in self.moves]


# ---- to whom


def people_to_assign(ctx: Context) -> list[Person]:
    """Who may get actions: the active people of an active sales unit whom one's right reaches, by name."""
    found = [person for person in ctx.reference.people.values() if not _why_not_person(ctx, person)]
    return sorted(found, key=lambda person: (person.name, person.id))


def pools_to_assign(ctx: Context) -> list[OrgUnit]:
    """The units whose pool may get actions, in the order of the units."""
    found = [unit for unit in ctx.reference.units.values() if not _why_not_pool(ctx, unit)]
    return sorted(found, key=lambda unit: (unit.position, unit.id))


def _why_not_person(ctx: Context, person: Person) -> Sentence | None:
    """Why somebody can't get actions in bulk.

    One action may be given to somebody in no sales unit (R8, with a message). Hundreds would be without a unit, which
    no manager would see: put him in one first.
    """
    if not person.is_active:
        return say("{person} is no longer active: choose someone else.", person=person.name)
    if allowed(ctx, Operation.ASSIGN_ACTIONS, person_owners(ctx.reference.memberships, person.id)):
        return say("{person} isn't in one of your units: choose someone of your team.", person=person.name)
    if not ctx.reference.deduced_unit_of(person.id):
        return say("{person} is in no sales unit: choose someone else.", person=person.name)
    return None


def _why_not_pool(ctx: Context, unit: OrgUnit) -> Sentence | None:
    if unit.kind != UnitKind.SALES or not unit.is_active:
        return say("{unit} isn't an active sales unit: choose another one.", unit=unit.name)
    if allowed(ctx, Operation.ASSIGN_ACTIONS, Owners(frozenset(), frozenset({unit.id}))):
        return say("{unit} isn't one of your units: choose another one.", unit=unit.name)
    return None


def _why_not(ctx: Context, holder: Holder) -> Sentence | None:
    """Why a person, or a pool, can't get actions from this one."""
    person, unit = ctx.reference.people.get(holder.person_id or 0), ctx.reference.units.get(holder.org_unit_id or 0)
    if holder.person_id is not None:
        return _why_not_person(ctx, person) if person else say("Unknown choice: choose one of the list.")
    return _why_not_pool(ctx, unit) if unit else say("Choose who gets the actions.")


def checked_target(ctx: Context, person_ids: Collection[object], org_unit_id: object) -> Target:
    """The people, or the pool when there are none; raises Invalid for `target`."""
    checks = Checks()
    ids = tuple(dict.fromkeys(checks.run(lambda each=each: checked_id("target", each)) for each in person_ids))  # type: ignore[misc]
    unit_id = checks.run(lambda: checked_id("target", org_unit_id)) if not ids else None
    for holder in [Holder(person_id=each) for each in ids] or [Holder(org_unit_id=unit_id)]:
        if why := _why_not(ctx, holder):
            checks.problems.setdefault("target", why)
    checks.done()
    return Target(tuple(each for each in ids if each), unit_id)


# ---- which actions


def undated(chosen: ActionFilter) -> ActionFilter:
    """The same choice, of what has no date."""
    return replace(chosen, from_date=NO_DATE.date(), to_date=None)


def _chosen_rows(ctx: Context, chosen: Iterable[ActionFilter]) -> list[ActionRow]:
    """The open sub-actions that any of the filters keeps, by date; raises Invalid above MAX_RECORDS."""
    seen = visibility(ctx)
    found: dict[int, ActionRow] = {}
    for each in chosen:
        kept = replace(each, tab=Tab.TODO, visible_to=seen)
        found |= {row.sub.id: row for row in ctx.store.lists.rows(kept, limit=MAX_RECORDS + 1)}
    if len(found) > MAX_RECORDS:
        raise Invalid({"rows": too_many()})
    return list(found.values())


# ---- the preview


@query
def preview_assignment(
    ctx: Context,
    *,
    chosen: Sequence[ActionFilter] = (),
    sub_action_ids: Collection[object] = (),
    person_ids: Collection[object] = (),
    org_unit_id: object = None,
) -> Preview:
    """What giving the open sub-actions of some filters, or those ticked, to a target would do; nothing is changed.

    Raises NotAllowed, and Invalid for `rows` (more than MAX_RECORDS, or none) and `target`.
    """
    require(ctx, Operation.ASSIGN_ACTIONS)
    checks = Checks()
    target = checks.run(lambda: checked_target(ctx, person_ids, org_unit_id))
    ticked = checks.run(lambda: seen_rows(ctx, sub_action_ids))
    rows = checks.run(lambda: _chosen_rows(ctx, chosen))
    if ticked and rows is not None and not (ticked[0] or ticked[1] or rows):
        checks.problems["rows"] = say("No open action matches this choice: widen it.")
    checks.done()
    assert target
    assert ticked
    assert rows is not None
    every = sorted({row.sub.id: row for row in (*ticked[0], *rows)}.values(), key=_by_date)
    held = {row.sub.id: _why_not_move(ctx, row.action, row.sub) for row in every}
    free = [row for row in every if not held[row.sub.id]]
    hours = Hours(ctx, target.person_ids, free)
    given = _given(target, free, hours)
    moves = [_move(ctx, row, given.get(row.sub.id), held[row.sub.id]) for row in every]
    kept = [move for move in moves if not move.why]
    refused = tuple(move for move in moves if move.why)
    return Preview(tuple(kept), refused, ticked[1], hours.loads(kept))


def _by_date(row: ActionRow) -> tuple[date, int]:
    return row.sub.planned_date or date.max, row.sub.id


def _why_not_move(ctx: Context, action: Action, sub: SubAction) -> Sentence | None:
    """Why an action can't be given to anybody by this person: its state, or his rights on it as it is."""
    return locked_because(ctx, FIELDS["assignee"], action, sub) or allowed(
        ctx, Operation.ASSIGN_ACTIONS, owners_of(action, sub)
    )


def _move(ctx: Context, row: ActionRow, to: Holder | None, held: Sentence | None) -> Move:
    minutes = minutes_of(ctx, row.sub)
    if to is None or held:
        return Move(row, to or Holder(), minutes, held)
    why = _why_not_to(ctx, row.sub, to)
    return Move(row, to, minutes, why, None if why else _handed_over(ctx, row.sub, to).org_unit_id)


def _why_not_to(ctx: Context, sub: SubAction, to: Holder) -> Sentence | None:
    if holder_of(sub) == to:
        return say("Nothing to change: it is there already.")
    try:
        _handed_over(ctx, sub, to)
    except Invalid as invalid:
        return invalid.sentence
    return None


def _handed_over(ctx: Context, sub: SubAction, to: Holder) -> SubAction:
    """The sub-action with its new person, and the unit that follows from him (R8); or in a pool. Raises Invalid.

    Where that unit hasn't its business activity, it goes to another unit of the same person that has it, its own first.
    Without any it is refused (R9): kept, it would be counted where nobody does it, and its form would refuse every
    edit; emptied, something typed would be lost. Such an action is given by its form, where another activity is chosen.
    A disabled one goes along.
    """
    person, units = ctx.reference.people.get(to.person_id or 0), tuple(ctx.reference.units.values())
    asked = None if person else to.org_unit_id
    unit_id = checked_unit(assignee=person, org_unit_id=asked, memberships=ctx.reference.memberships, units=units)
    if person:
        unit_id = fitting_unit(ctx, sub, person.id)
    check_domain(ctx, sub.domain_id, unit_id, sub)
    return replace(sub, assignee_id=to.person_id, org_unit_id=unit_id)


def _lacks_activity(ctx: Context, sub: SubAction, unit_id: int | None) -> bool:
    try:
        check_domain(ctx, sub.domain_id, unit_id, sub)
    except Invalid:
        return True
    return False


def _given(target: Target, rows: Sequence[ActionRow], hours: Hours) -> dict[int, Holder]:
    """Who gets each row: those that fewer of the people can do, for their business activity, are given first."""
    if not target.person_ids:
        return {row.sub.id: Holder(None, target.org_unit_id) for row in rows}
    left = {person_id: hours.remaining(person_id) for person_id in target.person_ids}
    able: dict[tuple[int, ...], list[Load]] = {}
    for row in rows:
        item = Load(row.sub.id, minutes_of(hours.ctx, row.sub), hours.week_of(row.sub))
        able.setdefault(_able(hours.ctx, target, row.sub), []).append(item)
    given: dict[int, Holder] = {}
    for people in sorted(able, key=lambda people: (len(people), people)):
        found = spread(able[people], {person_id: left[person_id] for person_id in people})
        left = left_after(able[people], found, left)
        given |= {sub_id: Holder(person_id) for sub_id, person_id in found.items()}
    return given


def _able(ctx: Context, target: Target, sub: SubAction) -> tuple[int, ...]:
    """Those of whose units one has its business activity; everybody when nobody's has: the refusal tells why."""
    units = {each: ctx.reference.sales_units_of(each) for each in target.person_ids}
    found = [each for each in units if any(not _lacks_activity(ctx, sub, unit.id) for unit in units[each])]
    return tuple(found) or target.person_ids


# ---- applying


@command
@once
def apply_assignment(ctx: Context, *, moves: object, request_key: str) -> int:
    """Give each sub-action of (id, version, person or None, unit of a pool or None) to whom the preview said.

    All of them in one transaction, or none; return the operation's id. Raises Refused when one was changed or reported
    meanwhile, is unknown, isn't one's to give, or can't go there; NotAllowed, and Invalid for `target` and for `rows`.
    """
    require(ctx, Operation.ASSIGN_ACTIONS)
    versions, targets = _checked_moves(ctx, moves)

    def why_not(chain: Chain, sub: SubAction) -> Sentence | None:
        return _why_not_move(ctx, chain.action, sub) or _why_not_to(ctx, sub, targets[sub.id])

    subs = opened(ctx, versions, why_not)
    changes = [(chain, _handed_over(ctx, sub, targets[sub.id])) for chain, sub in subs]
    told = {
        "from": _names(ctx, [holder_of(sub) for _chain, sub in subs]),
        "to": _names(ctx, [targets[sub.id] for _chain, sub in subs]),
    }
    return carried_out(ctx, BulkName.REASSIGN, changes, told)


def _checked_moves(ctx: Context, raw: object) -> tuple[dict[int, int], dict[int, Holder]]:
    rows = raw if isinstance(raw, Sequence) and not isinstance(raw, str | bytes) else ()
    targets: dict[int, Holder] = {}
    for each in rows:
        match each:
            case (int(sub_action_id), _, person_id, unit_id) if is_id(person_id) or is_id(unit_id):
                targets[sub_action_id] = Holder(person_id, None if person_id else unit_id)
            case _:
                raise Invalid({"target": say("Choose who gets the actions.")})
    versions = checked_rows([each[:2] for each in rows])
    for holder in set(targets.values()):
        if why := _why_not(ctx, holder):
            raise Invalid({"target": why})
    return versions, targets


def _names(ctx: Context, holders: Sequence[Holder]) -> list[dict[str, object]]:
    """Who they are and how many actions each has, the most first: `{"person": "…", "count": 3}`, `{"unit": …}`."""
    people, units = ctx.reference.people, ctx.reference.units
    told: list[dict[str, object]] = []
    for holder, count in Counter(holders).most_common():
        if holder.person_id:
            told.append({"person": people[holder.person_id].name, "count": count})
        else:
            unit = units.get(holder.org_unit_id or 0)
            told.append({"unit": unit.name if unit else "", "count": count})
    return told
