"""What happens in the demo's chains, before anybody is named: their lengths, natures, endings and moments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from random import Random

from lib.demo.agenda import before_working_days
from lib.demo.organisation import (
    CALL,
    CAMILLE,
    CLEANING,
    CVC,
    DOCUMENT,
    FAIR,
    FAX,
    INES,
    JULIEN,
    MARC,
    MEETING,
    NADIA,
    QUOTE,
    REVIEW,
    TELESALES,
    THOMAS,
    VISIT,
)
from lib.domain.calendar import after_working_days

SUB_ACTIONS, CHAINS = 3_000, 1_150
PAST_DAYS = 425
CANCELLED_LAST, CANCELLED_BETWEEN, DEALS = 95, 25, 60


class Ending(StrEnum):
    """How a chain stands today."""

    DONE = "done"
    DEAL = "deal"
    CANCELLED = "cancelled"
    PLANNED = "planned"
    WISHED = "wished"
    """Still to plan, with a date wished."""
    UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class Plot:
    """A chain to write: the day of its last sub-action, who has it (0: chosen by the unit), in which unit."""

    ending: Ending
    day: date
    unit: int | None
    person: int | None = 0
    """0: somebody of the unit; None: nobody, it waits in the unit's pool."""
    length: int = 1


FIELD_UNITS = (CVC, CLEANING)
_UNITS = (TELESALES,) * 5 + (CVC,) * 6 + (CLEANING,) * 5
ACTIVE = {CAMILLE: CVC, NADIA: TELESALES, THOMAS: CLEANING, INES: CLEANING, MARC: CLEANING, JULIEN: None}
"""Active salespeople and the unit that follows from each (R8)."""
_LENGTHS = (1,) * 28 + (2,) * 25 + (3,) * 22 + (4,) * 13 + (5,) * 7 + (6,) * 3 + (8,) * 2

FIRST: Mapping[bool, tuple[int, ...]] = {  # by whether it begins in telesales
    True: (CALL,) * 9 + (FAIR,),
    False: (CALL,) * 5 + (MEETING,) * 3 + (VISIT,) * 3 + (REVIEW,) * 3 + (FAIR,),
}
NEXT: Mapping[int, tuple[int, ...]] = {
    CALL: (DOCUMENT,) * 5 + (MEETING,) * 3 + (CALL,) * 3,
    DOCUMENT: (MEETING,) * 4 + (QUOTE,) * 3 + (CALL,) * 2,
    MEETING: (DOCUMENT,) * 4 + (VISIT,) * 3 + (MEETING,) + (QUOTE,),
    VISIT: (DOCUMENT,) * 4 + (QUOTE,) * 3 + (VISIT,),
    QUOTE: (QUOTE,) * 2 + (MEETING,) * 3 + (CALL,) * 2,
    FAIR: (CALL,),
    REVIEW: (DOCUMENT,) * 2 + (MEETING,) * 2 + (CALL,),
    FAX: (CALL,),
}
BY_PHONE: Mapping[int, int] = {MEETING: CALL, VISIT: CALL, REVIEW: CALL, FAIR: FAIR}
"""What telesales does where the field would go there."""


def plots(rng: Random, today: date) -> list[Plot]:
    """All chains but the two of the story, whose 4 sub-actions are counted here."""
    found = [*_of_today(rng, today), *_late(rng, today), *_waiting(rng, today), *_ahead(rng, today)]
    endings = [Ending.DEAL] * DEALS + [Ending.CANCELLED] * CANCELLED_LAST
    endings += [Ending.DONE] * (CHAINS - 2 - len(found) - len(endings))
    lengths = _lengths(rng, total=SUB_ACTIONS - 4, count=CHAINS - 2)
    closed = []
    for index, ending in enumerate(endings):
        length = lengths[len(found) + index]
        # Room for the whole chain since the first day, and a past that grows denser towards today.
        oldest = PAST_DAYS - 16 * length
        day = before_working_days(today - timedelta(days=int(oldest * rng.random() ** 1.2)), 1)
        unit = rng.choice(_UNITS) if ending != Ending.DEAL else rng.choice(FIELD_UNITS)
        closed.append(Plot(ending, day, unit, length=length))
    opened = [
        Plot(plot.ending, plot.day, plot.unit, plot.person, length)
        for plot, length in zip(found, lengths, strict=False)
    ]
    return opened + closed


def natures_of(rng: Random, plot: Plot) -> list[int]:
    """The natures of a chain, one following from the other."""
    is_telesales = plot.unit == TELESALES
    chosen = [rng.choice(FIRST[is_telesales])]
    while len(chosen) < plot.length:
        chosen.append(rng.choice(NEXT[chosen[-1]]))
    if is_telesales:
        chosen = [BY_PHONE.get(nature, nature) for nature in chosen]
    if plot.ending == Ending.DEAL and chosen[-1] not in (MEETING, QUOTE):
        chosen[-1] = rng.choice((MEETING, QUOTE))
    return chosen


def _of_today(rng: Random, today: date) -> list[Plot]:
    """Today is filled even on a Sunday: a demo is looked at when one has the time."""
    return [
        Plot(Ending.PLANNED, today, unit, person)
        for person, unit in ACTIVE.items()
        for _ in range(rng.randint(4, 8))
    ]  # fmt: skip


def _late(rng: Random, today: date) -> list[Plot]:
    people = [CAMILLE] * 6 + [NADIA] * 5 + [THOMAS] * 4 + [INES] * 4 + [MARC] * 4 + [JULIEN] * 2
    return [
        Plot(
            Ending.PLANNED if rng.random() < 0.7 else Ending.WISHED,
            before_working_days(today, rng.choice((1, 1, 2, 2, 3, 4, 6, 9, 13))),
            ACTIVE[person],
            person,
        )
        for person in people
    ]


def _waiting(rng: Random, today: date) -> list[Plot]:
    endings = (Ending.UNDATED, Ending.UNDATED, Ending.WISHED)
    return [
        Plot(rng.choice(endings), after_working_days(today, rng.randint(1, 8)), unit, None)
        for unit in (CVC, CLEANING, TELESALES)
        for _ in range(5)
    ]


def _ahead(rng: Random, today: date) -> list[Plot]:
    endings = [Ending.PLANNED] * 105 + [Ending.WISHED] * 28 + [Ending.UNDATED] * 30
    found = []
    for ending in endings:
        person = rng.choice([*ACTIVE, CAMILLE, NADIA, MARC])
        day = after_working_days(today, 1 + int(19 * rng.random() ** 1.5))
        found.append(Plot(ending, day, ACTIVE[person], person))
    return found


def _lengths(rng: Random, *, total: int, count: int) -> list[int]:
    """`count` lengths of chains whose sum is `total`."""
    lengths = [rng.choice(_LENGTHS) for _ in range(count)]
    while (missing := total - sum(lengths)) != 0:
        index = rng.randrange(count)
        if 1 <= lengths[index] + (step := 1 if missing > 0 else -1) <= 8:
            lengths[index] += step
    return lengths
