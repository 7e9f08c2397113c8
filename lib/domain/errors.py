"""What can go wrong in a use case, each with the sentence that the user will read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from lib.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from lib.domain.people import Person


class DomainError(Exception):
    """A refusal that the user can understand; `sentence` says why and what to do."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


class CarriedOutMeanwhile(Exception):
    """The same request was carried out while this one waited: run the transaction again, which finds its result."""


class Invalid(DomainError):
    """Some fields can't be accepted: `fields` maps a field's name to its sentence."""

    def __init__(self, fields: Mapping[str, Sentence]) -> None:
        super().__init__(next(iter(fields.values())))
        self.fields = dict(fields)


class NotAllowed(DomainError):
    """The person's rights, or the state of the thing, forbid it."""


class NotFound(DomainError):
    """It doesn't exist, or this person may not know that it does: both read the same."""

    def __init__(self, what: Sentence | None = None) -> None:
        super().__init__(what or say("This record doesn't exist or isn't yours to see."))


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """One field that both sides changed: what it was, what is stored now, what this user typed."""

    field: str
    original: object
    theirs: object
    mine: object


class Conflict(DomainError):
    """Someone else saved the same record since the form was opened; what was typed must be kept."""

    def __init__(self, *, by: Person | None, at: datetime | None, changes: Sequence[FieldConflict] = ()) -> None:
        who = by.name if by else say("someone")
        super().__init__(say("{who} changed this record in the meantime. Compare, then save again.", who=who))
        self.by = by
        self.at = at
        self.changes = tuple(changes)
