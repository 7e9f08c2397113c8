"""Spans of local time: what two share, what is left of some once others are cut out."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.spans import Span, days_between, merged, minutes_in, span_of, whole_day, without

DAY = datetime(2026, 3, 2)


def span(start: int, end: int) -> Span:
    """From an hour of a Monday to another; past 24 it is the next day's."""
    return Span(DAY + timedelta(hours=start), DAY + timedelta(hours=end))


def moments(spans: list[Span]) -> set[int]:
    """The quarters of an hour that spans hold, counted from the Monday's midnight: what they mean, one by one."""
    quarter = timedelta(minutes=15)
    return {n for each in spans for n in range((each.start - DAY) // quarter, (each.end - DAY) // quarter)}


quarters = st.integers(0, 4 * 72)
span_lists = st.lists(
    st.tuples(quarters, quarters).map(
        lambda ends: Span(DAY + timedelta(minutes=15 * ends[0]), DAY + timedelta(minutes=15 * ends[1]))
    ),
    max_size=12,
)


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        (span(9, 12), span(10, 11), span(10, 11)),
        (span(9, 12), span(11, 14), span(11, 12)),
        (span(9, 12), span(12, 14), None),
        (span(9, 12), span(13, 14), None),
        (span(22, 26), span(24, 25), span(24, 25)),
    ],
)
def test_two_spans_that_touch_share_nothing(one: Span, other: Span, shared: Span | None) -> None:
    assert one.common(other) == other.common(one) == shared
    assert one.overlaps(other) == other.overlaps(one) == (shared is not None)


@pytest.mark.parametrize(
    ("spans", "taken", "left"),
    [
        ([span(9, 12)], [], [span(9, 12)]),
        ([span(9, 12)], [span(9, 12)], []),
        ([span(9, 12)], [span(8, 13)], []),
        ([span(9, 12)], [span(10, 11)], [span(9, 10), span(11, 12)]),
        ([span(9, 12), span(14, 18)], [span(11, 15)], [span(9, 11), span(15, 18)]),
        ([span(14, 18), span(9, 12)], [span(17, 20), span(7, 10)], [span(10, 12), span(14, 17)]),
        ([span(9, 12)], [span(12, 14), span(7, 9)], [span(9, 12)]),
        ([span(9, 12), span(12, 14)], [], [span(9, 14)]),
        ([span(12, 9)], [], []),
        ([span(9, 12)], [span(11, 10)], [span(9, 12)]),
    ],
)
def test_what_is_left_once_some_is_taken(spans: list[Span], taken: list[Span], left: list[Span]) -> None:
    assert without(spans, taken) == left


@given(span_lists)
def test_merging_keeps_the_same_moments_in_order_and_apart(spans: list[Span]) -> None:
    found = merged(spans)
    assert moments(found) == moments(spans)
    assert all(a.end < b.start for a, b in pairwise(found))
    assert merged(found) == found
    assert minutes_in(found) == 15 * len(moments(spans))


@given(span_lists, span_lists)
def test_what_is_left_is_every_moment_that_nothing_takes(spans: list[Span], taken: list[Span]) -> None:
    left = without(spans, taken)
    assert moments(left) == moments(spans) - moments(taken)
    assert not any(each.overlaps(cut) for each in left for cut in merged(taken))


@pytest.mark.parametrize("night", [date(2026, 3, 29), date(2026, 10, 25)])
def test_a_night_that_changes_the_clocks_is_read_on_the_wall_clock(night: date) -> None:
    assert whole_day(night).minutes == 24 * 60
    planned = span_of(datetime.combine(night, datetime.min.time()) + timedelta(minutes=90), 60)
    assert (planned.start.hour, planned.start.minute) == (1, 30)
    assert (planned.end.hour, planned.end.minute) == (2, 30)


@pytest.mark.parametrize(
    ("first", "last", "count", "among"),
    [
        (date(2028, 2, 28), date(2028, 3, 1), 3, date(2028, 2, 29)),
        (date(2026, 2, 28), date(2026, 3, 1), 2, date(2026, 3, 1)),
        (date(2026, 12, 31), date(2027, 1, 1), 2, date(2027, 1, 1)),
        (date(2026, 3, 29), date(2026, 3, 29), 1, date(2026, 3, 29)),
    ],
)
def test_days_are_counted_with_both_ends(first: date, last: date, count: int, among: date) -> None:
    found = days_between(first, last)
    assert len(found) == count
    assert among in found
    assert days_between(last, first - timedelta(days=1)) == [] or first != last
