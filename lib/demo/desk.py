"""The demo's people at work: use cases run as somebody at a moment of the past, so that nothing is refused later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, tzinfo
from random import Random

from lib.db.store import SqlStore
from lib.domain.context import Context, context_for
from lib.domain.files import Files
from lib.domain.reference import Reference

_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip


class Desk:
    """Gives out contexts inside the one transaction that writes the demo."""

    def __init__(self, rng: Random, store: SqlStore, reference: Reference, zone: tzinfo, files: Files | None) -> None:
        self.rng, self.store, self.reference, self.zone, self.files = rng, store, reference, zone, files

    def at(self, person_id: int, now: datetime) -> Context:
        """Somebody's context at a moment; its operation has an id of the demo's own, the same for the same day."""
        ctx = context_for(person_id, now=now, zone=self.zone, db=self.store, reference=self.reference)
        operation = f"{self.rng.getrandbits(128):032x}"
        return replace(
            ctx, open_store=self.store, open_reference=self.reference, operation_id=operation, files=self.files
        )  # fmt: skip


def in_french(day: date) -> str:
    """`jeudi 5 novembre 2026`."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"
