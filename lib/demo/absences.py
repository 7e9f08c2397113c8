"""Who of the demo is away in the coming weeks, and who works part-time: rows that depend on the day only."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from lib.db import tables as t
from lib.demo.organisation import CAMILLE, HELENE, INES, MARC, NADIA, PHILIPPE, SOPHIE, THOMAS, Rows
from lib.domain.absences import AbsenceKind
from lib.domain.working_hours import DEFAULT_WEEK

WEDNESDAY = 2
NOON = time(12, 30)


class Away(NamedTuple):
    """From a weekday of a week (0 is the current one) to another, perhaps until or from an hour; who wrote it."""

    person: int
    kind: AbsenceKind
    week: int
    weekday: int
    to_week: int
    to_weekday: int
    note: str = ""
    start_time: time | None = None
    end_time: time | None = None
    by: int | None = None


LEAVE, SICK, TRAINING, OTHER = AbsenceKind.LEAVE, AbsenceKind.SICK, AbsenceKind.TRAINING, AbsenceKind.OTHER
AWAY = (
    Away(CAMILLE, LEAVE, 1, 0, 1, 4, "Congés posés de longue date"),  # next week: her actions wait for somebody else
    Away(NADIA, TRAINING, 2, 1, 2, 1, "Télévente : traiter les objections", end_time=NOON, by=PHILIPPE),
    Away(THOMAS, LEAVE, 3, 0, 4, 4, "Fermeture de la crèche"),
    Away(INES, TRAINING, 2, 3, 2, 4, "Hygiène et désinfection"),
    Away(MARC, SICK, 0, 0, 0, 4, "Arrêt de travail", by=HELENE),
    Away(MARC, LEAVE, 8, 0, 8, 4),
    Away(PHILIPPE, OTHER, 2, 3, 2, 3, "Rendez-vous personnel", start_time=time(14)),
    Away(PHILIPPE, LEAVE, 5, 0, 5, 4),
    Away(NADIA, LEAVE, 6, 0, 6, 4),
    Away(CAMILLE, LEAVE, 11, 0, 12, 4, "Ski"),
    Away(HELENE, LEAVE, -16, 0, -14, 4),
    Away(HELENE, TRAINING, -5, 2, -5, 3, "Paie"),
    Away(HELENE, LEAVE, 4, 0, 4, 4),
    Away(SOPHIE, LEAVE, -12, 0, -11, 4),
    Away(SOPHIE, SICK, -3, 1, -3, 2, by=HELENE),
)
"""The past ones are of people who report on nothing: no action is done while its author is away."""


def absence_rows(today: date) -> Rows:
    """The absences around `today`, and the week of whoever doesn't work on Wednesdays."""
    monday = today - timedelta(days=today.weekday())

    def day(week: int, weekday: int) -> date:
        return monday + timedelta(weeks=week, days=weekday)

    def written(away: Away) -> datetime:
        return datetime.combine(min(day(away.week, 0) - timedelta(days=20), today - timedelta(days=1)), time(9), UTC)

    absences: list[dict[str, Any]] = [
        {
            "id": number, "person_id": away.person, "kind": away.kind.value, "note": away.note, "version": 1,
            "starts_on": day(away.week, away.weekday), "start_time": away.start_time,
            "ends_on": day(away.to_week, away.to_weekday), "end_time": away.end_time,
            "created_by": away.by or away.person, "created_at": written(away),
        }
        for number, away in enumerate(AWAY, 1)
    ]  # fmt: skip
    part_time = [period for period in DEFAULT_WEEK if period.weekday != WEDNESDAY]
    hours = [
        {"id": number, "person_id": INES, "weekday": each.weekday, "start_time": each.start, "end_time": each.end}
        for number, each in enumerate(part_time, 1)
    ]
    return {t.absence: absences, t.working_hours: hours}
