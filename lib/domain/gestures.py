"""What may be done with a sub-action, by its status, its place in the chain and the rights (R4, R15, R27, R28).

One table: screens offer what it allows and say why it refuses the rest; use cases refuse with the same sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lib.domain.chain import Action, Status, SubAction, owners_of
from lib.domain.context import Context
from lib.domain.errors import NotAllowed
from lib.domain.rights import Operation, Owners, allowed
from lib.domain.sentences import Sentence, say


class Gesture(StrEnum):
    """One thing that a row's menu or a button can do."""

    REPORT = "report"
    EDIT = "edit"
    EDIT_REPORT = "edit_report"
    PLAN = "plan"
    UNPLAN = "unplan"
    POSTPONE = "postpone"
    CANCEL = "cancel"
    DELETE = "delete"
    ADD_NEXT = "add_next"


_DONE = say("It is done: its report has been entered.")
_CANCELLED = say("A cancelled sub-action can never be changed again.")
_NOT_DONE = say("No report has been entered yet.")


@dataclass(frozen=True, slots=True)
class GestureRule:
    """The label and icon on a menu, the right it takes, and the statuses that refuse it."""

    label: Sentence
    icon: str
    operation: Operation
    refused: Mapping[Status, Sentence] = field(default_factory=dict)


_ONLY_OPEN = {Status.DONE: _DONE, Status.CANCELLED: _CANCELLED}
GESTURES: Mapping[Gesture, GestureRule] = {
    Gesture.REPORT: GestureRule(say("Enter the report"), "edit_note", Operation.REPORT_ACTIONS, _ONLY_OPEN),
    Gesture.EDIT: GestureRule(say("Edit"), "edit", Operation.EDIT_ACTIONS, {Status.CANCELLED: _CANCELLED}),
    Gesture.EDIT_REPORT: GestureRule(
        say("Edit the report"),
        "edit_note",
        Operation.REPORT_ACTIONS,
        {Status.TO_PLAN: _NOT_DONE, Status.PLANNED: _NOT_DONE, Status.CANCELLED: _CANCELLED},
    ),
    Gesture.PLAN: GestureRule(
        say("Plan"), "event", Operation.EDIT_ACTIONS, {**_ONLY_OPEN, Status.PLANNED: say("It is already planned.")}
    ),
    Gesture.UNPLAN: GestureRule(
        say("Unplan"), "inbox", Operation.EDIT_ACTIONS, {**_ONLY_OPEN, Status.TO_PLAN: say("It isn't planned yet.")}
    ),
    Gesture.POSTPONE: GestureRule(say("Postpone"), "event_upcoming", Operation.EDIT_ACTIONS, _ONLY_OPEN),
    Gesture.CANCEL: GestureRule(say("Cancel this action"), "cancel", Operation.CANCEL_ACTIONS, _ONLY_OPEN),
    Gesture.DELETE: GestureRule(
        say("Delete"),
        "delete",
        Operation.DELETE_ACTIONS,
        {Status.PLANNED: say("A planned sub-action can't be deleted: put it back to plan first, or cancel it.")},
    ),
    Gesture.ADD_NEXT: GestureRule(say("Add a next step"), "add_task", Operation.ADD_ACTIONS),
}


def refusal(
    ctx: Context,
    gesture: Gesture,
    action: Action,
    sub: SubAction,
    *,
    last_seq: int | None = None,
    owners: Owners | None = None,
) -> Sentence | None:
    """Why `gesture` can't be done on `sub`, or None when it can.

    `last_seq` is the highest number of the chain, when it is known: deleting and adding depend on it. `owners` are the
    sub-action's, for whoever asks about several gestures.
    """
    rule = GESTURES[gesture]
    if sub.status in rule.refused:
        return rule.refused[sub.status]
    if gesture in (Gesture.DELETE, Gesture.ADD_NEXT) and last_seq is not None and sub.seq != last_seq:
        return say("Only the last sub-action of the chain: the chain keeps no hole.")
    if gesture == Gesture.ADD_NEXT and sub.is_open:
        return say("The chain goes on by itself: enter the report of the open sub-action and choose what follows.")
    owners = owners or owners_of(action, sub)
    if gesture == Gesture.DELETE and not sub.is_open and (why := allowed(ctx, Operation.DELETE_HISTORY, owners)):
        return why
    return allowed(ctx, rule.operation, owners)


def require_gesture(
    ctx: Context, gesture: Gesture, action: Action, sub: SubAction, *, last_seq: int | None = None
) -> None:
    """Raises NotAllowed with the reason of `refusal`, if there is one."""
    if why := refusal(ctx, gesture, action, sub, last_seq=last_seq):
        raise NotAllowed(why)


def row_menu(ctx: Context, action: Action, sub: SubAction, *, last_seq: int | None = None) -> list[Gesture]:
    """What a row's menu offers: exactly the gestures that nothing refuses (R4)."""
    hidden = {Gesture.ADD_NEXT, Gesture.DELETE} if last_seq is None else set()
    owners = owners_of(action, sub)
    return [
        g for g in GESTURES if g not in hidden and not refusal(ctx, g, action, sub, last_seq=last_seq, owners=owners)
    ]
