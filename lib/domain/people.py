"""People, the units they belong to, and the rule that deduces a unit from a person (R8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lib.domain.errors import Invalid
from lib.domain.rights import Owners
from lib.domain.sentences import say


class UnitKind(StrEnum):
    """Kinds of organisational unit; only sales units take sales actions."""

    SALES = "sales"
    SERVICE = "service"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the app; a salesperson is a person in a sales unit."""

    id: int
    name: str
    email: str
    profile_id: int
    is_active: bool = True
    language: str = "fr"
    version: int = 1


@dataclass(frozen=True, slots=True)
class OrgUnit:
    """A unit of a kind, with one business activity."""

    id: int
    name: str
    kind: UnitKind
    business_activity_id: int
    position: int = 0
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's place in a unit; at most one of a person's memberships is preferred."""

    person_id: int
    org_unit_id: int
    is_preferred: bool = False


def person_owners(memberships: Sequence[Membership], person_id: int) -> Owners:
    """Whose are the hours and absences of a person: his own, in all his units."""
    return Owners(frozenset({person_id}), frozenset(m.org_unit_id for m in memberships if m.person_id == person_id))


def sales_units_of(person_id: int, memberships: Sequence[Membership], units: Sequence[OrgUnit]) -> list[OrgUnit]:
    """The active sales units of a person, in the order of the list of units."""
    mine = {membership.org_unit_id for membership in memberships if membership.person_id == person_id}
    found = [unit for unit in units if unit.id in mine and unit.kind == UnitKind.SALES and unit.is_active]
    return sorted(found, key=lambda unit: (unit.position, unit.id))


def deduced_unit(person_id: int, memberships: Sequence[Membership], units: Sequence[OrgUnit]) -> OrgUnit | None:
    """The unit that an action of this person goes to (R8).

    Among the sales units he belongs to: the preferred one, else the first of the list; None when he is in none.
    """
    candidates = sales_units_of(person_id, memberships, units)
    preferred = {m.org_unit_id for m in memberships if m.person_id == person_id and m.is_preferred}
    return next((unit for unit in candidates if unit.id in preferred), candidates[0] if candidates else None)


def checked_unit(
    *, assignee: Person | None, org_unit_id: int | None, memberships: Sequence[Membership], units: Sequence[OrgUnit]
) -> int | None:
    """The unit to store for an assignee (or none) and the unit asked for (R8).

    With an assignee: one of his sales units, by default the deduced one, None when he is in none. Without: any active
    sales unit, in whose pool the action waits. Raises Invalid for `org_unit` or `assignee`.
    """
    if assignee is None:
        unit = next((unit for unit in units if unit.id == org_unit_id), None)
        if unit is None:
            raise Invalid({"org_unit": say("Choose a sales unit, or a salesperson: the action has to wait somewhere.")})
        if unit.kind != UnitKind.SALES or not unit.is_active:
            raise Invalid({"org_unit": say("{unit} isn't an active sales unit: choose another one.", unit=unit.name)})
        return unit.id
    if not assignee.is_active:
        raise Invalid({"assignee": say("{person} is no longer active: choose someone else.", person=assignee.name)})
    if org_unit_id is None:
        deduced = deduced_unit(assignee.id, memberships, units)
        return deduced.id if deduced else None
    if org_unit_id not in {unit.id for unit in sales_units_of(assignee.id, memberships, units)}:
        raise Invalid(
            {"org_unit": say(
                "{person} isn't in this unit: empty the salesperson first to give the action to another unit.",
                person=assignee.name)}
        )  # fmt: skip
    return org_unit_id
