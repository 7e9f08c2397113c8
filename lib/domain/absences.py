"""Absences: leave, training and the like, of a person from a day to another, perhaps from or until an hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from lib.domain.changes import record_change
from lib.domain.checks import Checks, checked_date, checked_id, checked_time, is_id
from lib.domain.context import Context, command, once, query
from lib.domain.errors import Conflict, Invalid, NotFound
from lib.domain.people import Person, person_owners
from lib.domain.rights import Operation, allowed, require
from lib.domain.sentences import Sentence, say
from lib.domain.spans import Span
from lib.domain.text import cleaned

MAX_NOTE = 200


class AbsenceKind(StrEnum):
    """Why somebody doesn't work; the values are stored."""

    LEAVE = "leave"
    SICK = "sick"
    TRAINING = "training"
    OTHER = "other"


KINDS: Mapping[AbsenceKind, Sentence] = {
    AbsenceKind.LEAVE: say("Leave"),
    AbsenceKind.SICK: say("Sick leave"),
    AbsenceKind.TRAINING: say("Training"),
    AbsenceKind.OTHER: say("Other absence"),
}
ABSENT = say("Absent")
"""What colleagues read, whatever the kind, where it is no business of theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """From `starts_on`, perhaps at an hour, to `ends_on`, included, perhaps until an hour."""

    id: int = 0
    person_id: int
    kind: AbsenceKind
    starts_on: date
    start_time: time | None = None
    ends_on: date
    end_time: time | None = None
    note: str = ""
    created_by: int = 0
    created_at: datetime | None = None
    version: int = 1

    @property
    def span(self) -> Span:
        """The local moments that it takes."""
        start = datetime.combine(self.starts_on, self.start_time or time.min)
        if self.end_time:
            return Span(start, datetime.combine(self.ends_on, self.end_time))
        return Span(start, datetime.combine(self.ends_on, time.min) + timedelta(days=1))


def overlapping(absence: Absence, others: Sequence[Absence]) -> Absence | None:
    """The first of the same person's other absences that shares a moment with this one."""
    same = (each for each in others if each.person_id == absence.person_id and each.id != absence.id)
    return next((each for each in same if each.span.overlaps(absence.span)), None)


def knows_why(ctx: Context, absence: Absence) -> bool:
    """Whether somebody may read the kind and the note: the person himself, and whoever manages his absences."""
    owners = person_owners(ctx.reference.memberships, absence.person_id)
    return absence.person_id == ctx.person.id or not allowed(ctx, Operation.EDIT_ABSENCES, owners)


def shown_kind(ctx: Context, absence: Absence) -> Sentence:
    """The kind, to whoever may know it; to others only that he is absent."""
    return KINDS[absence.kind] if knows_why(ctx, absence) else ABSENT


def people_shown(ctx: Context) -> list[Person]:
    """The active people whose absences somebody looks at, in the order of their names; himself among them."""
    return _people(ctx, Operation.VIEW_ACTIONS)


def people_managed(ctx: Context, operation: Operation) -> list[Person]:
    """The active people whose absences (EDIT_ABSENCES) or hours (EDIT_HOURS) somebody may change."""
    return _people(ctx, operation)


def _people(ctx: Context, operation: Operation) -> list[Person]:
    members = ctx.reference.memberships
    found = [p for p in ctx.reference.people.values() if p.is_active]
    return [p for p in found if not allowed(ctx, operation, person_owners(members, p.id))]


@query
def absences_between(ctx: Context, *, person_ids: Sequence[int], first: date, last: date) -> list[Absence]:
    """The absences of people that touch these days: everybody who sees actions may know who isn't there."""
    require(ctx, Operation.VIEW_ACTIONS)
    found = ctx.store.absences.between([each for each in person_ids if is_id(each)], first, last)
    return [each if knows_why(ctx, each) else replace(each, kind=AbsenceKind.OTHER, note="") for each in found]


@query
def open_absence(ctx: Context, *, absence_id: object) -> Absence:
    """An absence to change; raises NotFound, and NotAllowed to whom may not change it."""
    absence = ctx.store.absences.get(absence_id) if is_id(absence_id) else None
    if absence is None:
        raise NotFound
    require(ctx, Operation.EDIT_ABSENCES, person_owners(ctx.reference.memberships, absence.person_id))
    return absence


@command
@once
def record_absence(ctx: Context, *, raw: Mapping[str, object], request_key: str) -> int:
    """Record an absence (fields person, kind, starts_on, start_time, ends_on, end_time, note); return its id.

    Raises Invalid with every problem, NotAllowed for somebody else's without the right.
    """
    absence = _checked(ctx, raw)
    values = _columns(absence) | {"created_by": ctx.person.id, "created_at": ctx.now}
    absence_id = ctx.store.absences.add(values)
    _record(ctx, "add_absence", absence_id, 1, {name: (None, value) for name, value in _columns(absence).items()})
    return absence_id


@command
def change_absence(ctx: Context, *, absence_id: object, version: int, raw: Mapping[str, object]) -> None:
    """Change an absence; `version` is the one its form opened on. Raises Invalid, NotAllowed, NotFound, Conflict."""
    before = _opened(ctx, absence_id)
    after = _checked(ctx, {**raw, "person": before.person_id}, before=before)
    if not ctx.store.absences.update(before.id, version=version, values=_columns(after)):
        raise _conflict(ctx, before.id, version)
    old, new = _columns(before), _columns(after)
    _record(ctx, "change_absence", before.id, version + 1, {name: (old[name], new[name]) for name in new})


@command
def delete_absence(ctx: Context, *, absence_id: object, version: int) -> None:
    """Delete an absence; the journal keeps it. Raises NotAllowed, NotFound, Conflict."""
    before = _opened(ctx, absence_id)
    if not ctx.store.absences.delete(before.id, version=version):
        raise _conflict(ctx, before.id, version)
    gone = {name: (value, None) for name, value in _columns(before).items()}
    _record(ctx, "delete_absence", before.id, version + 1, gone)


def _conflict(ctx: Context, absence_id: int, version: int) -> Conflict:
    """Who changed it since `version`, as the journal knows."""
    changes = ctx.store.changes.since("absence", absence_id, version)
    last = changes[-1] if changes else None
    return Conflict(by=ctx.reference.people.get(last.person_id) if last else None, at=last.at if last else None)


def _opened(ctx: Context, absence_id: object) -> Absence:
    absence = open_absence(ctx, absence_id=absence_id)
    ctx.store.absences.lock(absence.person_id)
    return absence


def _checked(ctx: Context, raw: Mapping[str, object], *, before: Absence | None = None) -> Absence:
    checks = Checks()
    person_id = checks.run(lambda: checked_id("person", raw.get("person")))
    if person_id is None or person_id not in ctx.reference.people:
        checks.problems.setdefault("person", say("Choose whose absence it is."))
    else:
        require(ctx, Operation.EDIT_ABSENCES, person_owners(ctx.reference.memberships, person_id))
    kind = checks.run(lambda: _checked_kind(raw.get("kind")))
    starts_on = checks.run(lambda: _checked_day(ctx, "starts_on", raw, before.starts_on if before else None))
    ends_on = checks.run(lambda: _checked_day(ctx, "ends_on", raw, before.ends_on if before else None))
    start_time = checks.run(lambda: _checked_hour("start_time", raw))
    end_time = checks.run(lambda: _checked_hour("end_time", raw))
    note = cleaned(raw.get("note") or "").strip()
    if len(note) > MAX_NOTE:
        checks.problems["note"] = say("Too long: {max_length} characters at most.", max_length=MAX_NOTE)
    if starts_on and ends_on and ends_on < starts_on:
        checks.problems["ends_on"] = say("The absence ends before it starts: check both dates.")
    checks.done()
    assert person_id
    assert kind
    assert starts_on
    assert ends_on
    absence = Absence(
        id=before.id if before else 0, person_id=person_id, kind=kind, starts_on=starts_on, start_time=start_time,
        ends_on=ends_on, end_time=end_time, note=note,
    )  # fmt: skip
    if absence.span.end <= absence.span.start:
        raise Invalid({"end_time": say("The absence ends before it starts: check the times.")})
    ctx.store.absences.lock(person_id)
    if other := overlapping(absence, ctx.store.absences.between([person_id], starts_on, ends_on)):
        raise Invalid({"starts_on": say(
            "Another absence already stands from {start} to {end}: change that one.",
            start=f"{other.starts_on:%d/%m/%Y}", end=f"{other.ends_on:%d/%m/%Y}")})  # fmt: skip
    return absence


def _checked_kind(raw: object) -> AbsenceKind:
    if isinstance(raw, str) and raw in set(AbsenceKind):
        return AbsenceKind(raw)
    raise Invalid({"kind": say("Choose what kind of absence it is.")})


def _checked_day(ctx: Context, field: str, raw: Mapping[str, object], kept: date | None) -> date | None:
    """A day; the one that the absence already has stays good, however old."""
    if kept is not None and raw.get(field) == kept:
        return kept
    return checked_date(field, raw.get(field), today=ctx.today, required=True)


def _checked_hour(field: str, raw: Mapping[str, object]) -> time | None:
    """An hour inside the day: from midnight, or until midnight, is what a day without hours says already."""
    found = checked_time(field, raw.get(field))
    return None if found == time.min else found


_NOT_TYPED = {"id", "created_by", "created_at", "version"}


def _columns(absence: Absence) -> dict[str, Any]:
    return {name: getattr(absence, name) for name in Absence.__slots__ if name not in _NOT_TYPED}


def _record(
    ctx: Context, operation: str, absence_id: int, version: int, fields: Mapping[str, tuple[object, object]]
) -> None:
    record_change(ctx, operation, entity="absence", entity_id=absence_id, version=version, fields=fields)
