"""Durations: read as people type them, kept in minutes, shown as `1:30` (R10)."""

from __future__ import annotations

import re

from lib.domain.errors import Invalid
from lib.domain.sentences import say
from lib.domain.text import as_typed

MAX_MIN = 24 * 60
"""A sub-action lasts a day at most: beyond, it is a project, or a typing error."""

_HOURS_AND_MINUTES = re.compile(r"(\d{1,2})(?:[:.,]([0-5]\d)|\s*h\s*([0-5]\d)?)", re.IGNORECASE)
_MINUTES = re.compile(r"(\d{1,4})\s*(?:min|mn|m|)", re.IGNORECASE)


def parsed_duration(text: object, *, field: str = "duration") -> int | None:
    """Minutes from `1:30`, `1.30`, `1h30`, `1h`, `90` or `90 min`; None from an empty text.

    `1.30` is the field's H.M: one hour thirty, never 1.3 hours.
    Raises Invalid for `field` on anything else, on zero, and above 24 hours.
    """
    if text is None or (isinstance(text, str) and not text.strip()):
        return None
    typed = as_typed(text)
    if match := _HOURS_AND_MINUTES.fullmatch(typed):
        minutes = int(match[1]) * 60 + int(match[2] or match[3] or 0)
    elif match := _MINUTES.fullmatch(typed):
        minutes = int(match[1])
    else:
        raise Invalid({field: say("Duration not understood: write 1:30, 1h30, or 90 for minutes.")})
    return checked_duration(minutes, field=field)


def checked_duration(minutes: int, *, field: str = "duration") -> int:
    """`minutes` when between 1 minute and 24 hours; else raises Invalid for `field`."""
    if not 0 < minutes <= MAX_MIN:
        raise Invalid({field: say("Duration out of range: from 0:01 to 24:00.")})
    return minutes


def shown_duration(minutes: int | None) -> str:
    """`1:30` from 90; an empty text from None."""
    return "" if minutes is None else f"{minutes // 60}:{minutes % 60:02d}"
