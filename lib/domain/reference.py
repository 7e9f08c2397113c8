"""Reference data: the few thousand rows that every rule reads and that change rarely, as one immutable snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lib.domain.catalog import (
    ActionDomain,
    ActionNature,
    ActionReason,
    ActionResult,
    BusinessActivity,
    DealStage,
    ExchangeKind,
    Origin,
)
from lib.domain.people import Membership, OrgUnit, Person, deduced_unit, sales_units_of
from lib.domain.rights import Profile

if TYPE_CHECKING:
    from lib.domain.working_hours import Week


@dataclass(frozen=True, slots=True)
class Reference:
    """People, units, label tables, profiles and parameter values as of `version`; mappings are in display order."""

    version: int
    people: Mapping[int, Person]
    profiles: Mapping[int, Profile]
    units: Mapping[int, OrgUnit]
    memberships: tuple[Membership, ...]
    activities: Mapping[int, BusinessActivity]
    domains: Mapping[int, ActionDomain]
    natures: Mapping[int, ActionNature]
    reasons: Mapping[int, ActionReason]
    results: Mapping[int, ActionResult]
    origins: Mapping[int, Origin]
    exchange_kinds: Mapping[int, ExchangeKind]
    deal_stages: Mapping[int, DealStage]
    parameters: Mapping[str, object]
    weeks: Mapping[int | None, Week]
    """The working hours that were set, by person; the organisation's under None."""

    def unit_ids_of(self, person_id: int) -> frozenset[int]:
        """Every unit that a person belongs to."""
        return frozenset(m.org_unit_id for m in self.memberships if m.person_id == person_id)

    def deduced_unit_of(self, person_id: int) -> OrgUnit | None:
        """The unit deduced from an assignee (R8)."""
        return deduced_unit(person_id, self.memberships, tuple(self.units.values()))

    def sales_units_of(self, person_id: int) -> list[OrgUnit]:
        """The active sales units of a person."""
        return sales_units_of(person_id, self.memberships, tuple(self.units.values()))

    def domains_of_unit(self, org_unit_id: int | None) -> list[ActionDomain]:
        """The domains of the business activity of a unit, disabled ones included (R9); all of them without a unit."""
        unit = self.units.get(org_unit_id or 0)
        return [d for d in self.domains.values() if unit is None or d.business_activity_id == unit.business_activity_id]

    def reasons_of(self, nature_id: int | None) -> list[ActionReason]:
        """The reasons under a nature, disabled ones included."""
        return [reason for reason in self.reasons.values() if reason.nature_id == nature_id]

    @property
    def reminder_kind_ids(self) -> frozenset[int]:
        """The kinds of message that are reminders (relances), disabled ones included."""
        return frozenset(kind.id for kind in self.exchange_kinds.values() if kind.is_reminder)

    def results_of(self, nature_id: int | None) -> list[ActionResult]:
        """The outcomes that a nature's report offers."""
        return [result for result in self.results.values() if result.nature_id == nature_id]
