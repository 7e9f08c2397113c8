"""French public holidays by region: the one place of the domain that asks the package `holidays` (decision 20)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import lru_cache

from holidays import country_holidays


class HolidayRegion(StrEnum):
    """Where the organisation works; the values are stored, and are our own words."""

    MAINLAND = "mainland"
    ALSACE = "alsace"
    MOSELLE = "moselle"
    GUADELOUPE = "guadeloupe"
    MARTINIQUE = "martinique"
    GUYANE = "guyane"
    REUNION = "reunion"
    MAYOTTE = "mayotte"


_SUBDIVISIONS: Mapping[HolidayRegion, str | None] = {  # as ISO 3166-2 numbers them
    HolidayRegion.MAINLAND: None,
    HolidayRegion.ALSACE: "6AE",
    HolidayRegion.MOSELLE: "57",
    HolidayRegion.GUADELOUPE: "971",
    HolidayRegion.MARTINIQUE: "972",
    HolidayRegion.GUYANE: "973",
    HolidayRegion.REUNION: "974",
    HolidayRegion.MAYOTTE: "976",
}


@lru_cache(maxsize=64)
def _of_year(year: int, region: HolidayRegion) -> Mapping[date, str]:
    return dict(country_holidays("FR", years=year, subdiv=_SUBDIVISIONS[region], language="fr"))


def public_holidays(first: date, last: date, *, region: HolidayRegion) -> dict[date, str]:
    """The public holidays from `first` to `last`, both included, with their French names."""
    found = {day: name for year in range(first.year, last.year + 1) for day, name in _of_year(year, region).items()}
    return {day: name for day, name in sorted(found.items()) if first <= day <= last}
