"""What planning at a moment would hit, told with names and hours; explained, never forbidden (R19).

An overlap, an absence, a public holiday, hours that aren't worked, a change of unit: the person chooses what to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from lib.domain.absences import knows_why, shown_kind
from lib.domain.agenda import Agenda, holidays_on, outside_of
from lib.domain.chain import SubAction, owners_of, shown_number
from lib.domain.context import Context
from lib.domain.errors import DomainError
from lib.domain.lists import ActionRow
from lib.domain.rights import Operation, allowed
from lib.domain.sentences import Sentence, say
from lib.domain.spans import Span, span_of, whole_day


class HitKind(StrEnum):
    """What a placement may hit."""

    OVERLAP = "overlap"
    ABSENCE = "absence"
    HOLIDAY = "holiday"
    OUTSIDE = "outside"
    OTHER_UNIT = "other_unit"


@dataclass(frozen=True, slots=True)
class Placement:
    """Where somebody wants a sub-action: a day, perhaps a time (else it has the day, and no hour), and whose."""

    day: date
    time: time | None
    minutes: int
    assignee_id: int | None

    @property
    def span(self) -> Span | None:
        """The hours it takes; None without a time."""
        return span_of(datetime.combine(self.day, self.time), self.minutes) if self.time is not None else None


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that a placement hits, in words; for an overlap that the person may see, of which sub-action."""

    kind: HitKind
    sentence: Sentence
    sub_action_id: int | None = None
    version: int = 0

    @property
    def key(self) -> str:
        """What a person accepts, and the journal keeps: the kind, and which sub-action."""
        return f"{self.kind}:{self.sub_action_id}" if self.sub_action_id else str(self.kind)


class Clash(DomainError):
    """A placement hits something that nobody has accepted yet: nothing is saved, the choices are here.

    `proposals` are free spans of the same person; `swap_with` is the one overlap that could change places with it.
    """

    def __init__(
        self, placement: Placement, hits: Sequence[Hit], proposals: Sequence[Span], swap_with: Hit | None
    ) -> None:
        super().__init__(hits[0].sentence)
        self.placement = placement
        self.hits = tuple(hits)
        self.proposals = tuple(proposals)
        self.swap_with = swap_with


def span_planned(sub: SubAction) -> Span | None:
    """The hours that a planned sub-action takes; None when it has a day only, or isn't planned."""
    if sub.planned_date is None or sub.planned_time is None:
        return None
    return span_of(datetime.combine(sub.planned_date, sub.planned_time), sub.duration_min or 0)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a placement is compared with: the agenda of its person, what he has planned, the unit it would go to."""

    person_name: str
    agenda: Agenda | None
    planned: Sequence[ActionRow] = ()
    unit_before: Sentence | str = ""
    unit_after: Sentence | str = ""
    is_moved_to_other_unit: bool = field(default=False)


def hits_of(ctx: Context, placement: Placement, around: Surroundings, *, without: Iterable[int] = ()) -> list[Hit]:
    """Everything that a placement hits, the overlaps first; `without` are sub-actions that don't count."""
    hits: list[Hit] = []
    span, agenda = placement.span, around.agenda
    if span and agenda:
        left_out = set(without)
        hits += [
            _overlap(ctx, row, taken)
            for row in around.planned
            if row.sub.id not in left_out and (taken := span_planned(row.sub)) and taken.overlaps(span)
        ]
    if agenda:
        hits += _time_off(ctx, placement, around.person_name, agenda)
    if around.is_moved_to_other_unit:
        told = say("the action goes to {person}, and from the unit {before} to {after}", person=around.person_name,
                   before=around.unit_before, after=around.unit_after)  # fmt: skip
        hits.append(Hit(HitKind.OTHER_UNIT, told))
    return hits


def _overlap(ctx: Context, row: ActionRow, taken: Span) -> Hit:
    times = {"start": f"{taken.start:%H:%M}", "end": f"{taken.end:%H:%M}"}
    if allowed(ctx, Operation.VIEW_ACTIONS, owners_of(row.action, row.sub)):
        return Hit(HitKind.OVERLAP, say("an action of another unit, from {start} to {end}", **times))
    nature = ctx.reference.natures.get(row.sub.nature_id)
    told = say(
        "{number} {nature}, {client}, from {start} to {end}",
        number=shown_number(row.action.number, row.sub.seq), nature=nature.label if nature else "",
        client=row.client_name, **times,
    )  # fmt: skip
    return Hit(HitKind.OVERLAP, told, row.sub.id, row.sub.version)


def _time_off(ctx: Context, placement: Placement, name: str, agenda: Agenda) -> list[Hit]:
    """Holiday, absence, hours not worked: of the hours it takes, or of the whole day when it has none."""
    span, hits = placement.span or whole_day(placement.day), []
    holidays = holidays_on(agenda, span)
    for day, holiday in holidays:
        told = say("{day} is a public holiday: {holiday}", day=f"{day:%d/%m/%Y}", holiday=holiday)
        hits.append(Hit(HitKind.HOLIDAY, told))
    absence = agenda.absence_on(span)
    if absence and (placement.span or not agenda.capacity_min(placement.day)):
        last = absence.span.end - timedelta(minutes=1)
        days = {"start": _moment(absence.span.start, absence.start_time), "end": _moment(last, absence.end_time)}
        told = say("{person} is away from {start} to {end}", person=name, **days)
        if knows_why(ctx, absence):
            kind = shown_kind(ctx, absence)
            told = say("{person} is away ({kind}) from {start} to {end}", person=name, kind=kind, **days)
        hits.append(Hit(HitKind.ABSENCE, told))
    outside = outside_of(agenda, span)
    if placement.span is None:
        if not agenda.worked(placement.day) and not holidays:
            told = say("{person} doesn't work on that day", person=name)
            hits.append(Hit(HitKind.OUTSIDE, told))
    elif outside:
        told = say("outside the hours of {person}: from {start} to {end}", person=name,
                   start=f"{outside[0].start:%H:%M}", end=f"{outside[-1].end:%H:%M}")  # fmt: skip
        hits.append(Hit(HitKind.OUTSIDE, told))
    return hits


def _moment(moment: datetime, hour: time | None) -> str:
    return f"{moment:%d/%m/%Y} {hour:%H:%M}" if hour else f"{moment:%d/%m/%Y}"
