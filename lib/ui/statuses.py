"""How statuses, people and natures look: same icon, colour and word in lists, on the file and in the planning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lib.domain.catalog import DealOutcome
from lib.domain.chain import Status, SubAction, is_late
from lib.domain.reference import Reference
from lib.domain.sentences import Sentence, say
from lib.ui.words import _


@dataclass(frozen=True, slots=True)
class Look:
    """A label with its Material icon and its colour of the theme."""

    label: Sentence
    icon: str
    tone: str


STATUSES: Mapping[Status, Look] = {
    Status.TO_PLAN: Look(say("To plan"), "inbox", "orange"),
    Status.PLANNED: Look(say("Planned"), "event", "blue"),
    Status.DONE: Look(say("Done"), "check_circle", "green"),
    Status.CANCELLED: Look(say("Cancelled"), "cancel", "gray"),
}


OUTCOMES: Mapping[DealOutcome, Look] = {
    DealOutcome.OPEN: Look(say("Open deals"), "handshake", "blue"),
    DealOutcome.WON: Look(say("Won deals"), "emoji_events", "green"),
    DealOutcome.LOST: Look(say("Lost deals"), "block", "gray"),
}
"""How the deals of each outcome are called together, and how their stages look."""


def looks_of(sub: SubAction, *, local_now: datetime, has_deal: bool) -> list[str]:
    """The looks of a row of the table: late, done, cancelled, deal (R31)."""
    looks = {
        "late": is_late(sub, local_now),
        "done": sub.status == Status.DONE,
        "cancelled": sub.status == Status.CANCELLED,
        "deal": has_deal,
    }
    return [name for name, is_so in looks.items() if is_so]


def person_name(reference: Reference, person_id: int | None) -> str:
    """A person's name; "(unit's pool)" when nobody has the action yet."""
    person = reference.people.get(person_id or 0)
    return person.name if person else _("(unit's pool)")


def disabled_mark(choice: object, label: str) -> str:
    """A choice's label, marked when it is disabled: visible, but refused for anything new (R9)."""
    return label if getattr(choice, "is_active", True) else _("{choice} (disabled)", choice=label)
