"""Dates and numbers as people read them, in both languages."""

from datetime import date, time

import pytest

from lib.ui import formats
from lib.ui.words import use_language

TODAY = date(2026, 11, 24)  # a Tuesday
NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("on", "at", "french", "english"),
    [
        (date(2026, 11, 24), time(14, 30), "aujourd’hui 14:30", "today 14:30"),
        (date(2026, 11, 23), None, "hier", "yesterday"),
        (date(2026, 11, 25), time(9, 5), "demain 09:05", "tomorrow 09:05"),
        (date(2026, 11, 26), None, "dans 2 j", "in 2 days"),
        (date(2026, 11, 21), None, "il y a 3 j", "3 days ago"),
        (date(2026, 11, 30), None, "dans 6 j", "in 6 days"),
        (date(2026, 12, 1), time(14, 30), "mar. 01/12 14:30", "Tue 01/12 14:30"),
        (date(2026, 11, 17), None, "mar. 17/11", "Tue 17/11"),
        (date(2027, 1, 4), None, "lun. 04/01/2027", "Mon 04/01/2027"),
        (None, None, "", ""),
        (None, time(14, 30), "", ""),
    ],
)
def test_a_near_date_is_told_from_today_another_by_its_day(on, at, french, english):
    for language, expected in (("fr", french), ("en", english)):
        use_language(language)
        assert formats.when(on, at, today=TODAY).replace(NBSP, " ") == expected


@pytest.mark.parametrize(
    ("language", "expected"), [("fr", "mardi 24 novembre 2026 14:30"), ("en", "Tuesday 24 November 2026 14:30")]
)
def test_the_full_date_leaves_no_doubt(language, expected):
    use_language(language)
    assert formats.full(TODAY, time(14, 30)) == expected
    assert formats.full(None) == ""


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (0, "0", "0"),
        (999, "999", "999"),
        (1234567, "1\u202f234\u202f567", "1,234,567"),
        (0.5, "0,5", "0.5"),
        (-1200, "-1\u202f200", "-1,200"),
    ],
)
def test_thousands_stand_apart_in_the_way_of_the_language(value, french, english):
    for language, expected in (("fr", french), ("en", english)):
        use_language(language)
        assert formats.number(value) == expected


@pytest.mark.parametrize(
    ("size_bytes", "french", "english"),
    [
        (1, "1 ko", "1 kB"),
        (340_200, "340 ko", "340 kB"),
        (1_234_567, "1,2 Mo", "1.2 MB"),
        (25_000_000, "25 Mo", "25 MB"),
    ],
)
def test_the_size_of_a_file_is_told_as_people_say_it(size_bytes, french, english):
    for language, expected in (("fr", french), ("en", english)):
        use_language(language)
        assert formats.file_size(size_bytes).replace("\u202f", " ").replace("\N{NO-BREAK SPACE}", " ") == expected
