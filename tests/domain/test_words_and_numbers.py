"""What people type: durations, amounts, texts, dates; and the calendar's proposals."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from lib.domain.calendar import after_working_days, is_working_day, later_today, next_week
from lib.domain.checks import checked_date, checked_id, checked_ids, checked_time
from lib.domain.deals import parsed_amount, shown_deal_number
from lib.domain.durations import parsed_duration, shown_duration
from lib.domain.errors import Invalid
from lib.domain.text import checked_line, cleaned, digits, folded, one_line
from tests.builders import TODAY

NESTED: list[object] = []
for _ in range(20_000):
    NESTED = [NESTED]
FORGED = {
    "a mapping": {"id": 1}, "a list": [1], "bytes": b"1", "a huge whole number": 10**5000, "true": True,
    "a fraction": 1.5, "not a number": float("nan"), "infinity": float("inf"), "a nested list": NESTED,
    "an object": object(), "a word": "x", "a set": {1}, "a pair": (1, 2), "a NUL": "\x00", "a surrogate": "\ud800",
}  # fmt: skip
FORGED_VALUES = pytest.mark.parametrize("name", FORGED)


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [("1:30", 90), ("1.30", 90), ("1,30", 90), ("1h30", 90), ("1 H 30", 90), ("1h", 60), ("90", 90), ("90 min", 90),
     (" 0:01 ", 1), ("24:00", 1440), ("1440", 1440), (90, 90), ("2h05", 125), ("", None), ("  ", None), (None, None)],
)  # fmt: skip
def test_a_duration_is_read_as_people_type_it(typed: object, minutes: int | None) -> None:
    assert parsed_duration(typed) == minutes


@pytest.mark.parametrize(
    "typed",
    ["0", "0:00", "-5", "24:01", "1441", "1:60", "1:5", "1.5", "1h5", "abc", "1:30:00", "99999", "1e3", "½", "1 30",
     0, -1, 1441],
)  # fmt: skip
def test_any_other_duration_is_refused_at_its_field(typed: object) -> None:
    with pytest.raises(Invalid) as refused:
        parsed_duration(typed, field="done_duration")
    assert list(refused.value.fields) == ["done_duration"]


@FORGED_VALUES
def test_a_forged_duration_is_refused(name: str) -> None:
    with pytest.raises(Invalid):
        parsed_duration(FORGED[name])


@pytest.mark.parametrize("minutes", [1, 15, 60, 90, 1440])
def test_a_shown_duration_is_read_back_as_itself(minutes: int) -> None:
    assert parsed_duration(shown_duration(minutes)) == minutes


@pytest.mark.parametrize(
    ("typed", "euros"),
    [("12500", "12500"), ("12 500,50", "12500.50"), ("12\u202f500,5 €", "12500.50"), ("0", "0"), (0, "0"), (12, "12"),
     ("9999999999,99", "9999999999.99"), (Decimal("1.10"), "1.10"), (12.5, "12.5")],
)  # fmt: skip
def test_an_amount_is_read_as_people_type_it(typed: object, euros: str) -> None:
    assert parsed_amount(typed) == Decimal(euros)


def test_an_empty_amount_is_none() -> None:
    assert parsed_amount("") is parsed_amount(None) is parsed_amount(" ") is None


@pytest.mark.parametrize(
    "typed",
    ["12.500", "12.500,50", "1,234,567", "NaN", "sNaN", "Infinity", "1e5", "1_000", "-1", "10000000000", "12k", "0x10"],
)
def test_an_amount_that_could_mean_something_else_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        parsed_amount(typed)
    assert list(refused.value.fields) == ["amount_eur"]


@FORGED_VALUES
def test_a_forged_amount_is_refused(name: str) -> None:
    if name != "a fraction":  # a number field sends one
        with pytest.raises(Invalid):
            parsed_amount(FORGED[name])


def test_a_deal_shows_its_number_on_six_digits() -> None:
    assert shown_deal_number(12) == "F000012"


@FORGED_VALUES
def test_a_forged_choice_date_time_or_set_of_choices_is_refused(name: str) -> None:
    forged = FORGED[name]
    with pytest.raises(Invalid):
        checked_id("nature", forged)
    with pytest.raises(Invalid):
        checked_date("planned_date", forged, today=TODAY)
    with pytest.raises(Invalid):
        checked_time("planned_time", forged)
    with pytest.raises(Invalid):
        checked_ids("participants", [forged])


@pytest.mark.parametrize(
    ("day", "is_accepted"),
    [(date(2026, 3, 4), True), (date(2021, 3, 4), True), (date(2036, 3, 4), True), (date(2020, 1, 1), False),
     (date(2037, 1, 1), False), (date.min, False), (date.max, False), (date(206, 3, 4), False)],
)  # fmt: skip
def test_a_date_is_within_five_years_back_and_ten_ahead(day: date, is_accepted: bool) -> None:
    if is_accepted:
        assert checked_date("planned_date", day, today=TODAY) == day
    else:
        with pytest.raises(Invalid, match="check the year"):
            checked_date("planned_date", day, today=TODAY)


def test_a_moment_counts_for_its_date_and_its_minute() -> None:
    assert checked_date("d", datetime(2026, 3, 4, 10, 30), today=TODAY) == TODAY
    assert checked_time("t", time(10, 30, 59, 999)) == time(10, 30)


def test_controls_bidirectional_marks_and_surrogates_leave_a_text() -> None:
    assert cleaned("a\x00b\u202ec\u2066d\ud800e\u061cf\x85").rstrip("\x85") == "abcdef"
    assert one_line(" a\r\nb\t\u00a0c ") == "a b c"
    assert cleaned(["a"]) == cleaned(None) == cleaned(b"a") == ""


@pytest.mark.parametrize("nothing", ["", "  ", "\u200b", "\ufeff\u00a0", "\u2060\u200d", "\x00", "\u3164"])
def test_a_required_line_that_shows_nothing_is_empty(nothing: str) -> None:
    with pytest.raises(Invalid, match="required"):
        checked_line("title", nothing, max_length=10, required=True)


def test_a_line_that_is_too_long_is_refused() -> None:
    assert checked_line("title", "é" * 10, max_length=10) == "é" * 10
    with pytest.raises(Invalid, match="10 characters"):
        checked_line("title", "x" * 11, max_length=10)


@pytest.mark.parametrize(
    ("text", "found"),
    [("Éléphant d'Œuvre", "elephant d oeuvre"), ("STRASSE Straße", "strasse strasse"), ("A000123/02", "a000123 02"),
     ("𝐀𝐁", "ab"), ("ﬁn ℃ Ａ", "fin c a"), ("田中さん", ""), ("", "")],
)  # fmt: skip
def test_a_text_is_found_without_its_accents_case_or_signs(text: str, found: str) -> None:
    assert folded(text) == found


@pytest.mark.parametrize(
    ("typed", "number"),
    [("04 78 12 34 56", "0478123456"), ("+33 4 78 12 34 56", "0478123456"), ("0033 4 78 12 34 56", "0478123456"),
     ("+33 (0)4 78 12 34 56", "0478123456"), ("04.78", "0478"), ("+33 4 78", "0478"), ("0033 4 78", "0478"),
     ("33478123456", "0478123456"), ("+44 20 7946 0958", "442079460958"), ("3300", "3300")],
)  # fmt: skip
def test_a_phone_number_is_the_same_however_it_is_written(typed: str, number: str) -> None:
    assert digits(typed) == number


FRIDAY, MONDAY = date(2026, 3, 6), date(2026, 3, 9)


@pytest.mark.parametrize(
    ("day", "count", "found"),
    [(FRIDAY, 0, FRIDAY), (FRIDAY, 1, date(2026, 3, 10)), (date(2026, 3, 7), 0, date(2026, 3, 10)),
     (date(2026, 3, 4), 2, FRIDAY), (date(2026, 3, 4), 3, date(2026, 3, 10)), (MONDAY, 0, date(2026, 3, 10))],
)  # fmt: skip
def test_working_days_skip_the_week_end_and_the_holidays(day: date, count: int, found: date) -> None:
    assert after_working_days(day, count, holidays={MONDAY}) == found


def test_next_week_is_the_same_day_or_the_first_working_one_after() -> None:
    assert next_week(date(2026, 3, 2), holidays={MONDAY}) == date(2026, 3, 10)
    assert next_week(date(2026, 3, 4)) == date(2026, 3, 11)
    assert not is_working_day(date(2026, 3, 8))


@pytest.mark.parametrize(
    ("now", "later"),
    [((9, 0), time(11, 0)), ((9, 1), time(11, 15)), ((16, 0), time(18, 0)), ((16, 1), None), ((22, 50), None)],
)
def test_later_today_is_two_hours_from_now_at_a_quarter_within_the_working_day(
    now: tuple[int, int], later: time | None
) -> None:
    assert later_today(datetime(2026, 3, 4, *now)) == later
