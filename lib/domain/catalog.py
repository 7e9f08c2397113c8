"""What an action can be about: business activities, action domains, natures, reasons, origins; messages, deals.

Disabled values stay visible on existing records and in the choices, marked; they are refused for anything new.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lib.domain.errors import Invalid
from lib.domain.sentences import say


@dataclass(frozen=True, slots=True)
class BusinessActivity:
    """What a unit sells; it filters the action domains offered."""

    id: int
    label: str


@dataclass(frozen=True, slots=True)
class ActionDomain:
    """A line of business of an action, the CRM's own list; belongs to one business activity."""

    id: int
    business_activity_id: int
    label: str
    position: int = 0
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class ActionNature:
    """A type of action, with its defaults: duration, what comes next, and after how many working days."""

    id: int
    label: str
    duration_min: int
    icon: str = "task"
    asks_participants: bool = False
    next_nature_id: int | None = None
    next_delay_days: int = 1
    position: int = 0
    is_active: bool = True
    is_meeting: bool = False
    """One meets the client: its report makes a suspect a prospect (R34)."""


@dataclass(frozen=True, slots=True)
class ActionReason:
    """The second level under a nature (Motif action)."""

    id: int
    nature_id: int
    label: str
    position: int = 0
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class ActionResult:
    """A short outcome offered by a nature's report: Joint, Absent, À rappeler…"""

    id: int
    nature_id: int
    label: str
    position: int = 0
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Origin:
    """Why the action exists: campaign, renegotiation… (R11)."""

    id: int
    label: str
    position: int = 0
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class ExchangeKind:
    """What a message was for: message, relance, prise de contact… A reminder (relance) is counted in red (R30)."""

    id: int
    label: str
    position: int = 0
    is_active: bool = True
    is_reminder: bool = False


class DealOutcome(StrEnum):
    """What a stage means for a deal: it goes on, or it is over one way or the other. The values are stored."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class DealStage:
    """A step that deals go through; of an amount there, `probability_pct` percent are to be hoped for."""

    id: int
    label: str
    position: int = 0
    is_active: bool = True
    outcome: DealOutcome = DealOutcome.OPEN
    probability_pct: int = 0


Choice = ActionDomain | ActionNature | ActionReason | ActionResult | Origin | ExchangeKind | DealStage


def checked_choice(
    field: str, chosen: Choice | None, *, kept_id: int | None = None, required: bool = True
) -> int | None:
    """The id of an active choice; a disabled one passes only when the record already has it (`kept_id`, R9).

    Raises Invalid for `field`.
    """
    if chosen is None:
        if required:
            raise Invalid({field: say("This field is required.")})
        return None
    if not chosen.is_active and chosen.id != kept_id:
        raise Invalid({field: say("{choice} is disabled: choose another one.", choice=chosen.label)})
    return chosen.id
