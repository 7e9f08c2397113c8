"""What follows from the steps of a chain, gesture by gesture as the use cases would have it, with its journal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Any, cast

from lib.demo.chains import Step
from lib.domain.chain import Action, Status, SubAction, chain_status, shown_number
from lib.domain.changes import Change, journal_text
from lib.domain.saving import JOURNALLED

_REPORT = (
    "status",
    "done_on",
    "done_time",
    "done_duration_min",
    "result_id",
    "reported_by",
    "reported_at",
    "follow_up",
)
_CANCEL = ("status", "cancelled_at", "cancelled_by", "cancel_reason")


def as_created(sub: SubAction) -> SubAction:
    """A sub-action before it was reported or cancelled."""
    if sub.is_open:
        return sub
    fresh = SubAction(nature_id=sub.nature_id)
    undone = {name: getattr(fresh, name) for name in (*_REPORT, *_CANCEL)}
    return replace(sub, **undone | {"status": Status.PLANNED if sub.planned_date else Status.TO_PLAN, "version": 1})


@dataclass(frozen=True, slots=True)
class Gesture:
    """One operation of somebody at a moment; all that it changes bears its id."""

    id: str
    operation: str
    at: datetime
    by: int


class Settler:
    """Plays the gestures of one chain on its action; the journal begins at `since`: writing it takes longest."""

    def __init__(self, rng: Random, action: Action, *, since: datetime) -> None:
        self._rng, self._since = rng, since
        self.action = action
        self.changes: list[Change] = []

    def play(self, steps: list[Step]) -> None:
        """Each sub-action created, then reported on or cancelled; a report and the sub-action it creates are one."""
        first = as_created(steps[0].sub)
        self.action = replace(self.action, status=first.status, org_unit_id=first.org_unit_id,
                              responsible_id=first.assignee_id or first.created_by)  # fmt: skip
        closing: Gesture | None = None
        settled: list[SubAction] = []  # all but the one being played
        for step in steps:
            is_of_report = closing is not None and closing.operation == "enter_report"
            creation_id = closing.id if closing and is_of_report else self._new_id()
            self._create(creation_id, as_created(step.sub))
            if not step.sub.is_open:
                closing = self._close(step, settled)
            settled.append(step.sub)

    def link(self, deal_id: int, *, at: datetime, by: int) -> None:
        """The deal that its last report led to."""
        self._settle(Gesture(self._new_id(), "create_deal", at, by), {"deal_id": deal_id})

    def _create(self, gesture_id: str, sub: SubAction) -> None:
        gesture = Gesture(gesture_id, "create", cast(datetime, sub.created_at), sub.created_by)
        self._record(gesture, "sub_action", sub.id, 1, {"": (None, shown_number(self.action.number, sub.seq))})
        columns: dict[str, Any] = {"status": sub.status, "org_unit_id": sub.org_unit_id}
        if sub.assignee_id:
            columns["responsible_id"] = sub.assignee_id
        self._settle(gesture, columns)
        self.action = replace(self.action, next_seq=sub.seq + 1)

    def _close(self, step: Step, settled: list[SubAction]) -> Gesture:
        after, before = step.sub, as_created(step.sub)
        is_done = after.status == Status.DONE
        fields: dict[str, tuple[object, object]] = {n: (getattr(before, n), getattr(after, n)) for n in JOURNALLED}
        if is_done:
            gesture = Gesture(self._new_id(), "enter_report", cast(datetime, after.reported_at), after.reported_by or 0)
            fields["report"] = ("", step.report_html)
        else:
            gesture = Gesture(self._new_id(), "cancel", cast(datetime, after.cancelled_at), after.cancelled_by or 0)
        self._record(gesture, "sub_action", after.id, after.version, fields)
        self._settle(gesture, {"status": chain_status([*settled, after])})
        return gesture

    def _settle(self, gesture: Gesture, columns: dict[str, Any]) -> None:
        changed = {n: (getattr(self.action, n), v) for n, v in columns.items() if getattr(self.action, n) != v}
        if changed:
            self.action = replace(self.action, **columns, version=self.action.version + 1)
            self._record(gesture, "action", self.action.id, self.action.version, changed)

    def _record(
        self, gesture: Gesture, entity: str, entity_id: int, version: int, fields: dict[str, tuple[object, object]]
    ) -> None:
        if gesture.at < self._since:
            return
        self.changes += [
            Change(gesture.id, gesture.operation, gesture.at, gesture.by, entity, entity_id, "", self.action.id,
                   version, name, journal_text(old), journal_text(new))
            for name, (old, new) in fields.items() if old != new
        ]  # fmt: skip

    def _new_id(self) -> str:
        return f"{self._rng.getrandbits(128):032x}"
