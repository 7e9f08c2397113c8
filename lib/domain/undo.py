"""Undoing a named operation whole, from the journal, while nothing later depends on it (R33)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from lib.domain.bulk import BulkName, BulkOperation, Refused, RefusedRecord, Touched
from lib.domain.chain import Chain, FollowUp, Status, SubAction, owners_of, shown_number
from lib.domain.changes import Change
from lib.domain.checks import is_id
from lib.domain.context import Context, command, once, query
from lib.domain.errors import NotAllowed, NotFound
from lib.domain.rights import Operation, Scope, allowed, scope_of
from lib.domain.saving import saved_sub_actions
from lib.domain.sentences import Sentence, say

RECENT = 10
_NAMED = 10
_NEEDED: Mapping[str, tuple[Operation, ...]] = {
    BulkName.REASSIGN: (Operation.ASSIGN_ACTIONS, Operation.EDIT_ACTIONS),
    BulkName.POSTPONE: (Operation.EDIT_ACTIONS,),
}
"""The operations that can be undone, and the rights that it takes: on each row as it is, or as it becomes again.

Who gave an action to somebody of another unit (R8) may no longer reach it there, and still takes it back.
"""


_Row = tuple[Chain, SubAction]
"""A chain, and one of its sub-actions: as it is, or as it becomes again."""


@dataclass(frozen=True, slots=True)
class Recent:
    """An operation of late, by whom, and why it can't be undone (None when it can)."""

    operation: BulkOperation
    person: str | Sentence
    why_not: Sentence | None


@query
def recent_operations(ctx: Context) -> list[Recent]:
    """The last operations, the newest first: one's own; everybody's for whoever reassigns everywhere."""
    whose = None if _sees_everybodys(ctx) else ctx.person.id
    return _recents(ctx, ctx.store.bulk_operations.recent(whose, limit=RECENT))


@query
def open_operation(ctx: Context, *, operation_row_id: object) -> Recent:
    """One of them; raises NotFound."""
    (found,) = _recents(ctx, [_opened(ctx, operation_row_id, for_update=False)])
    return found


def _opened(ctx: Context, row_id: object, *, for_update: bool) -> BulkOperation:
    operation = ctx.store.bulk_operations.get(row_id, for_update=for_update) if is_id(row_id) else None
    if operation is None or not (_sees_everybodys(ctx) or operation.person_id == ctx.person.id):
        raise NotFound
    return operation


def _sees_everybodys(ctx: Context) -> bool:
    return scope_of(ctx, Operation.ASSIGN_ACTIONS) == Scope.ALL


def _recents(ctx: Context, operations: Sequence[BulkOperation]) -> list[Recent]:
    """Each with why it can't be undone: what was changed since is asked once for all of them."""
    over = {operation.id: _is_over(ctx, operation) for operation in operations}
    asked = [operation.operation_id for operation in operations if not over[operation.id]]
    touched = ctx.store.bulk_operations.changed_since(asked, limit=1)
    changed = {operation_id: _told(ctx, first).why for operation_id, (first,) in touched.items()}
    return [
        Recent(each, _name(ctx, each.person_id), over[each.id] or changed.get(each.operation_id)) for each in operations
    ]


def _is_over(ctx: Context, operation: BulkOperation) -> Sentence | None:
    """Why an operation can never be undone, or not again."""
    if operation.name not in _NEEDED:
        return say("A cancellation is for good: it can't be undone.")
    if operation.undone_at:
        at = operation.undone_at.astimezone(ctx.zone)
        return say("{person} has undone it on {at}.", person=_name(ctx, operation.undone_by), at=at)
    return None


def _name(ctx: Context, person_id: int | None) -> str | Sentence:
    person = ctx.reference.people.get(person_id or 0)
    return person.name if person else say("someone")


def _told(ctx: Context, touched: Touched) -> RefusedRecord:
    """Which action was changed since, by whom and when."""
    number = touched.label
    if touched.at is None:
        return RefusedRecord(number, say("{number} was changed since.", number=number))
    by, at = _name(ctx, touched.person_id), touched.at.astimezone(ctx.zone)
    return RefusedRecord(number, say("{number} was changed by {person} on {at}.", number=number, person=by, at=at))


@command
@once
def undo_operation(ctx: Context, *, operation_row_id: object, request_key: str) -> int:
    """Give every record of an operation back what it had, as one operation of the journal; return the row's id.

    Raises NotFound for somebody else's, unless one reassigns everywhere; NotAllowed when it was undone already or can't
    be; Refused when a record was changed since, or isn't one's to change: then nothing is undone.
    """
    operation = _opened(ctx, operation_row_id, for_update=True)
    if why := _is_over(ctx, operation):
        raise NotAllowed(why)
    before = _before(ctx.store.changes.of_operation(operation.operation_id))
    chains = ctx.store.actions.locked_chains({change.action_id for change in before if change.action_id})
    _refuse_if_changed(ctx, operation)
    subs = {sub.id: chain.action.id for chain in chains.values() for sub in chain.sub_actions}
    actions = {action_id: _restored(chain, before) for action_id, chain in chains.items()}
    moved = sorted({change.entity_id for change in before if change.entity == "sub_action"},
                   key=lambda each: (subs[each], each))  # fmt: skip
    now = [(chains[subs[each]], chains[subs[each]].get(each)) for each in moved]
    after = [(chain, replace(sub, **_columns(before, "sub_action", sub.id))) for chain, sub in now]
    _refuse_without_right(ctx, operation, after)
    saved_sub_actions(ctx, "undo", after, restored=actions)
    ctx.store.bulk_operations.set_undone(operation.id, by=ctx.person.id, at=ctx.now)
    return operation.id


def _refuse_if_changed(ctx: Context, operation: BulkOperation) -> None:
    touched = ctx.store.bulk_operations.changed_since([operation.operation_id], limit=_NAMED)
    if found := touched.get(operation.operation_id):
        raise Refused([_told(ctx, each) for each in found], count=found[0].count)


def _before(changes: Sequence[Change]) -> list[Change]:
    """For each field of each record, the change that tells what it had first."""
    first: dict[tuple[str, int, str], Change] = {}
    for change in changes:
        first.setdefault((change.entity, change.entity_id, change.field), change)
    return list(first.values())


def _restored(chain: Chain, changes: Sequence[Change]) -> dict[str, Any]:
    """What the action had; what the operation left alone stays, though giving a sub-action back would change it."""
    kept = {name: getattr(chain.action, name) for name in ("responsible_id", "org_unit_id", "status")}
    return kept | _columns(changes, "action", chain.action.id)


def _columns(changes: Sequence[Change], entity: str, entity_id: int) -> dict[str, Any]:
    mine = [change for change in changes if (change.entity, change.entity_id) == (entity, entity_id)]
    return {change.field: _value(change.field, change.old) for change in mine}


_READ: Mapping[str, Callable[[Any], Any]] = {
    "planned_date": date.fromisoformat,
    "planned_time": time.fromisoformat,
    "done_on": date.fromisoformat,
    "done_time": time.fromisoformat,
    "reported_at": datetime.fromisoformat,
    "cancelled_at": datetime.fromisoformat,
    "status": Status,
    "follow_up": FollowUp,
    "participant_ids": frozenset,
}
"""How the journal's JSON becomes a column's value again; numbers and texts are themselves."""


def _value(field: str, text: str) -> Any:
    raw = json.loads(text)
    return raw if raw is None or field not in _READ else _READ[field](raw)


def _refuse_without_right(ctx: Context, operation: BulkOperation, after: Sequence[_Row]) -> None:
    refused = [
        RefusedRecord(shown_number(chain.action.number, sub.seq), why)
        for chain, sub in after
        for needed in _NEEDED[operation.name]
        if (why := allowed(ctx, needed, owners_of(chain.action, chain.get(sub.id))))
        and allowed(ctx, needed, owners_of(chain.action, sub))
    ]
    if refused:
        raise Refused(refused)
