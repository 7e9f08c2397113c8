"""Named operations on many sub-actions: postpone, cancel, reassign. One transaction, all or nothing (R33).

Each has one id in the journal and one row that tells it, so that it can be undone whole (`lib.domain.undo`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from lib.domain.actions import checked_reason
from lib.domain.agenda import proposed_day
from lib.domain.chain import Chain, Status, SubAction, owners_of, shown_number
from lib.domain.checks import checked_date, is_id
from lib.domain.context import Context, command, once, query
from lib.domain.errors import DomainError, Invalid, NotFound
from lib.domain.gestures import Gesture, refusal
from lib.domain.lists import ActionRow
from lib.domain.rights import Operation, allowed
from lib.domain.saving import saved_sub_actions
from lib.domain.sentences import Sentence, say, say_many

MAX_RECORDS = 1_000
"""Of one operation: it locks them all until it ends."""
MAX_WORKING_DAYS = 250
_NAMED = 10
"""Records that a refusal names; of the rest, it says how many."""


class BulkName(StrEnum):
    """What was done; the values are stored."""

    REASSIGN = "reassign"
    POSTPONE = "postpone"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkOperation:
    """One operation as it is remembered; `told` is what its sentence needs, names as they were then."""

    id: int = 0
    operation_id: str
    name: str
    person_id: int
    at: datetime
    record_count: int
    told: Mapping[str, Any] = field(default_factory=dict)
    undone_at: datetime | None = None
    undone_by: int | None = None


@dataclass(frozen=True, slots=True)
class Touched:
    """An action that something else has changed since an operation: its number, who changed it last, and when."""

    label: str
    person_id: int | None
    at: datetime | None
    count: int
    """Of the operation's actions, how many were changed since."""


@dataclass(frozen=True, slots=True)
class RefusedRecord:
    """A sub-action that can't follow, by its number (empty when one may not know it), and why."""

    number: str
    why: Sentence


class Refused(DomainError):
    """Some of the records can't follow, so none was touched; `records` are all of those, or the first of `count`."""

    def __init__(self, records: Sequence[RefusedRecord], *, count: int = 0) -> None:
        numbers, count = [each.number for each in records if each.number][:_NAMED], count or len(records)
        listed = ", ".join(numbers) + ("…" if count > len(numbers) else "")
        super().__init__(say_many(
            "Nothing was changed, because of {count} action: {numbers}. {why}",
            "Nothing was changed, because of {count} actions: {numbers}. {why}",
            count=count, numbers=listed, why=records[0].why))  # fmt: skip
        self.records = tuple(records)


# ---- which records


@dataclass(frozen=True, slots=True)
class Selection:
    """Some rows as they are now: those that a gesture is allowed on, and the others with their reasons."""

    rows: tuple[ActionRow, ...]
    refused: tuple[RefusedRecord, ...]

    @property
    def versions(self) -> list[tuple[int, int]]:
        """What the operations take: the rows as they were seen."""
        return [(row.sub.id, row.sub.version) for row in self.rows]


@query
def open_selection(ctx: Context, *, sub_action_ids: Collection[object], gesture: Gesture) -> Selection:
    """The rows that were ticked, split by what `gesture` allows; at most MAX_RECORDS of them. Raises Invalid."""
    rows, missing = seen_rows(ctx, sub_action_ids)
    whys = [(row, refusal(ctx, gesture, row.action, row.sub)) for row in rows]
    refused = [RefusedRecord(number_of(row), why) for row, why in whys if why]
    return Selection(tuple(row for row, why in whys if not why), (*refused, *missing))


def seen_rows(ctx: Context, sub_action_ids: Collection[object]) -> tuple[list[ActionRow], tuple[RefusedRecord, ...]]:
    """The rows of some ids that this person may see, by date; and one refusal for each of the others."""
    ids = {each for each in sub_action_ids if is_id(each)}
    if len(sub_action_ids) > MAX_RECORDS:
        raise Invalid({"rows": too_many()})
    found = [
        row
        for row in ctx.store.lists.of_ids(ids)
        if not allowed(ctx, Operation.VIEW_ACTIONS, owners_of(row.action, row.sub))
    ]
    missing = len(ids) - len(found) + sum(not is_id(each) for each in sub_action_ids)
    return found, (RefusedRecord("", NotFound().sentence),) * missing


def too_many() -> Sentence:
    """Why so many records can't go in one operation."""
    return say("At most {count} actions at once: narrow the choice, or go in several steps.", count=MAX_RECORDS)


def number_of(row: ActionRow) -> str:
    """`A000123/02`."""
    return shown_number(row.action.number, row.sub.seq)


def checked_rows(raw: object) -> dict[int, int]:
    """The version seen of each sub-action, from (id, version) pairs; raises Invalid for `rows`."""
    unknown = Invalid({"rows": say("Unknown choice: choose one of the list.")})
    if not isinstance(raw, Sequence) or isinstance(raw, str | bytes):
        raise unknown
    found: dict[int, int] = {}
    for each in raw:
        match each:
            case (sub_action_id, int(version)) if is_id(sub_action_id) and sub_action_id not in found:
                found[sub_action_id] = version
            case _:
                raise unknown
    if not found:
        raise Invalid({"rows": say("Choose at least one action.")})
    if len(found) > MAX_RECORDS:
        raise Invalid({"rows": too_many()})
    return found


# ---- carrying out


Change = tuple[Chain, SubAction]
"""A chain, and one of its sub-actions: as it is, or as it becomes."""


def opened(
    ctx: Context, versions: Mapping[int, int], why_not: Callable[[Chain, SubAction], Sentence | None]
) -> list[Change]:
    """The sub-actions, their chains locked in the order of their ids; raises Refused unless every one can follow.

    One that is unknown or somebody else's, one that was changed since its version was seen, one that `why_not` refuses.
    """
    action_ids = ctx.store.actions.action_ids_of(versions)
    chains = ctx.store.actions.locked_chains(set(action_ids.values()))
    found, refused = [], []
    for sub_action_id in sorted(versions, key=lambda each: (action_ids.get(each, 0), each)):
        chain = chains.get(action_ids.get(sub_action_id, 0))
        sub = next((each for each in chain.sub_actions if each.id == sub_action_id), None) if chain else None
        if chain is None or sub is None or _is_hidden(ctx, chain):
            refused.append(RefusedRecord("", NotFound().sentence))
            continue
        why = _changed_since(ctx, sub, versions[sub_action_id]) or why_not(chain, sub)
        if why:
            refused.append(RefusedRecord(shown_number(chain.action.number, sub.seq), why))
        found.append((chain, sub))
    if refused:
        raise Refused(refused)
    return found


def _is_hidden(ctx: Context, chain: Chain) -> bool:
    return allowed(ctx, Operation.VIEW_ACTIONS, owners_of(chain.action, *chain.sub_actions)) is not None


def _changed_since(ctx: Context, sub: SubAction, version: int) -> Sentence | None:
    if sub.version == version:
        return None
    changes = ctx.store.changes.since("sub_action", sub.id, version)
    person = ctx.reference.people.get(changes[-1].person_id) if changes else None
    return say("{who} changed it in the meantime: look again.", who=person.name if person else say("someone"))


def carried_out(ctx: Context, name: BulkName, changes: Sequence[Change], told: Mapping[str, Any]) -> int:
    """Save the sub-actions as they become, in the order given, and the operation's row; return its id."""
    saved_sub_actions(ctx, name, changes)
    return ctx.store.bulk_operations.add(BulkOperation(
        operation_id=ctx.operation_id, name=name, person_id=ctx.person.id, at=ctx.now, record_count=len(changes),
        told=told,
    ))  # fmt: skip


# ---- postpone, cancel


@command
@once
def postpone_all(
    ctx: Context, *, rows: object, to_date: object = None, working_days: object = None, request_key: str
) -> int:
    """Move open sub-actions to a date, or by some working days (public holidays apart), each keeping its time.

    Working days count from the planned date, from today for what is late or has no date. Those that are there already
    stay untouched. Return the operation's id. Raises Invalid, Refused.
    """
    versions = checked_rows(rows)
    day = checked_date("planned_date", to_date, today=ctx.today)
    days = _checked_days(working_days) if day is None else 0
    changes = [
        (chain, replace(sub, planned_date=day or proposed_day(ctx.reference, _start(ctx, sub), days)))
        for chain, sub in opened(ctx, versions, lambda chain, sub: refusal(ctx, Gesture.POSTPONE, chain.action, sub))
    ]
    moved = [(chain, after) for chain, after in changes if after != chain.get(after.id)]
    if not moved:
        raise Invalid({"planned_date": say("They are all on that day already: choose another one.")})
    told = {"date": day.isoformat()} if day else {"days": days}
    return carried_out(ctx, BulkName.POSTPONE, moved, told)


def _checked_days(raw: object) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool) and 0 < raw <= MAX_WORKING_DAYS:
        return raw
    raise Invalid({"planned_date": say("Choose a date, or from 1 to {count} working days.", count=MAX_WORKING_DAYS)})


def _start(ctx: Context, sub: SubAction) -> date:
    return max(sub.planned_date or ctx.today, ctx.today)


@command
@once
def cancel_all(ctx: Context, *, rows: object, reason: object, request_key: str) -> int:
    """Cancel open sub-actions for good, with one comment that says why (R27); return the operation's id.

    Raises Invalid, Refused. It is told among the operations, and can't be undone: what is cancelled never changes.
    """
    versions, text = checked_rows(rows), checked_reason(reason)

    def cancelled(sub: SubAction) -> SubAction:
        return replace(
            sub, status=Status.CANCELLED, cancelled_at=ctx.now, cancelled_by=ctx.person.id, cancel_reason=text
        )

    subs = opened(ctx, versions, lambda chain, sub: refusal(ctx, Gesture.CANCEL, chain.action, sub))
    changes = [(chain, cancelled(sub)) for chain, sub in subs]
    return carried_out(ctx, BulkName.CANCEL, changes, {"reason": text[:200]})
