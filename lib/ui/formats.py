"""How dates and numbers are written on the screens, in the current language; durations are written by the domain.

Short where people scan (`mar. 24/11 14:30`, `hier`, `dans 2 j`), full where they hover. Nothing here reads the clock.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from functools import cache

from babel.dates import format_date, get_day_names
from babel.numbers import format_decimal
from babel.units import format_unit

from lib.ui.words import _, current_language, locale_of

NEAR_DAYS = 6
"""Within this many days a date is told from today: further, the name of the day would be ambiguous anyway."""

_NO_BREAK = "\N{NO-BREAK SPACE}"


def when(on: date | None, at: time | None = None, *, today: date) -> str:
    """`demain 14:30`, `il y a 3 j`, or `mar. 24/11 14:30` when it isn't near; empty without a date."""
    if on is None:
        return ""
    return _with_time(relative(on, today=today) or day(on, today=today), at)


def relative(on: date, *, today: date) -> str:
    """`hier`, `aujourd’hui`, `demain`, `dans 2 j`, `il y a 3 j`; empty further than 6 days away."""
    days = (on - today).days
    match days:
        case -1:
            return _("yesterday")
        case 0:
            return _("today")
        case 1:
            return _("tomorrow")
        case _ if 0 < days <= NEAR_DAYS:
            return _("in {days} days", days=days)
        case _ if -NEAR_DAYS <= days < 0:
            return _("{days} days ago", days=-days)
        case _:
            return ""


def day(on: date, *, today: date) -> str:
    """`mar. 24/11`, with the year when it isn't today's."""
    year = "" if on.year == today.year else f"/{on.year}"
    return f"{_day_names(current_language())[on.weekday()]}{_NO_BREAK}{on.day:02d}/{on.month:02d}{year}"


def full(on: date | None, at: time | None = None) -> str:
    """`mardi 24 novembre 2026 14:30`, for hovers and headings; empty without a date."""
    return "" if on is None else _with_time(format_date(on, "EEEE d MMMM y", locale=locale_of(current_language())), at)


def clock(at: time | datetime) -> str:
    """`14:30`."""
    return f"{at:%H:%M}"


def number(value: float) -> str:
    """`1 234` with French narrow no-break spaces, `1,234` in English; at most two decimals."""
    return str(format_decimal(value, "#,##0.##", locale=locale_of(current_language())))


def euros(amount: Decimal | None) -> str:
    """`12 500,50 €`, cents only where there are some; empty without an amount."""
    return (
        ""
        if amount is None
        else f"{format_decimal(amount, _cents(amount), locale=locale_of(current_language()))}{_NO_BREAK}€"
    )


def _cents(amount: Decimal) -> str:
    return "#,##0" if amount == amount.to_integral_value() else "#,##0.00"


def file_size(size_bytes: int) -> str:
    """`340 ko`, `1,2 Mo` in French, `340 kB`, `1.2 MB` in English: of a thousand, as disks and mail servers count."""
    if size_bytes < 1_000_000:
        return _("{size} kB", size=number(max(round(size_bytes / 1_000), 1)))
    return _("{size} MB", size=number(round(size_bytes / 1_000_000, 1)))


def size(size_bytes: int) -> str:
    """`12 ko`, `1,3 Mo`, `2 Go`: decimal units, rounded up below 1 MB so that nothing is 0."""
    for unit, power in (("gigabyte", 9), ("megabyte", 6)):
        if size_bytes >= 10**power:
            return _unit(size_bytes / 10**power, unit)
    return _unit(-(-size_bytes // 1000), "kilobyte")


def _unit(value: float, unit: str) -> str:
    locale = locale_of(current_language())
    return format_unit(value, f"digital-{unit}", length="short", format="#,##0.#", locale=locale)


def _with_time(text: str, at: time | None) -> str:
    return text if at is None else f"{text} {clock(at)}"


@cache
def _day_names(language: str) -> dict[int, str]:
    return dict(get_day_names("abbreviated", locale=locale_of(language)))
