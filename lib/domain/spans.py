"""Spans of local time and their arithmetic: what a day's hours, absences and actions take and leave.

Spans are half open, `[start, end)`, and on the wall clock, as every agenda is: an hour planned at 1:30 on a night that
changes the clocks still shows from 1:30 to 2:30.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From `start` to `end`, naive and local; `end` isn't in it."""

    start: datetime
    end: datetime

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return int((self.end - self.start).total_seconds() // 60)

    def overlaps(self, other: Span) -> bool:
        """Whether both share a moment; two that touch don't."""
        return self.start < other.end and other.start < self.end

    def common(self, other: Span) -> Span | None:
        """What both share, if anything."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Span(start, end) if start < end else None


def span_of(start: datetime, minutes: int) -> Span:
    """The span of `minutes` from `start` on."""
    return Span(start, start + timedelta(minutes=minutes))


def whole_day(day: date) -> Span:
    """From midnight to midnight."""
    start = datetime.combine(day, time.min)
    return Span(start, start + timedelta(days=1))


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same moments as `spans`, in order, without overlap nor contact."""
    found: list[Span] = []
    for span in sorted(each for each in spans if each.start < each.end):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What is left of `spans` once `taken` is cut out, in order."""
    cuts, left = merged(taken), []
    for span in merged(spans):
        start = span.start
        for cut in cuts:
            if cut.end <= start:
                continue
            if cut.start >= span.end:
                break
            if cut.start > start:
                left.append(Span(start, cut.start))
            start = cut.end
        if start < span.end:
            left.append(Span(start, span.end))
    return left


def minutes_in(spans: Sequence[Span]) -> int:
    """The minutes of spans that don't overlap."""
    return sum(span.minutes for span in spans)


def days_between(first: date, last: date) -> list[date]:
    """The days from `first` to `last`, both included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
