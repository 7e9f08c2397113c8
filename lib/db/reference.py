"""Reading the reference data whole, and marking that it changed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, select, update

from lib.db import tables as t
from lib.db.parameters import parameter_value
from lib.domain.catalog import (
    ActionDomain,
    ActionNature,
    ActionReason,
    ActionResult,
    BusinessActivity,
    DealOutcome,
    DealStage,
    ExchangeKind,
    Origin,
)
from lib.domain.people import Membership, OrgUnit, Person, UnitKind
from lib.domain.reference import Reference
from lib.domain.rights import Operation, Profile, Scope
from lib.domain.working_hours import Period, Week

Noun = TypeVar("Noun")
REFERENCE = "reference"
"""The counter whose value is the version of the reference data."""


def reference_changed(connection: Connection) -> None:
    """Make every process read the reference data again from its next transaction on."""
    connection.execute(update(t.counter).where(t.counter.c.name == REFERENCE).values(value=t.counter.c.value + 1))


def load_reference(connection: Connection, version: int) -> Reference:
    """All the reference data, in display order."""
    operations = {each.value for each in Operation}
    rights: defaultdict[int, dict[Operation, Scope]] = defaultdict(dict)
    for row in connection.execute(select(t.profile_right)):
        if row.operation in operations:  # a right of a later release means nothing to this one
            rights[row.profile_id][Operation(row.operation)] = Scope(row.scope)
    people = connection.execute(select(t.person).order_by(t.person.c.name)).mappings()
    units = connection.execute(select(t.org_unit).order_by(t.org_unit.c.position, t.org_unit.c.id)).mappings()
    members = connection.execute(select(t.membership).order_by(t.membership.c.person_id, t.membership.c.org_unit_id))
    return Reference(
        version=version,
        people={row["id"]: Person(**row) for row in people},
        profiles={r.id: Profile(r.id, r.code, r.name, rights[r.id]) for r in connection.execute(select(t.profile))},
        units={row["id"]: OrgUnit(**{**row, "kind": UnitKind(row["kind"])}) for row in units},
        memberships=tuple(Membership(row.person_id, row.org_unit_id, row.is_preferred) for row in members),
        activities={r.id: BusinessActivity(r.id, r.label) for r in connection.execute(select(t.business_activity))},
        domains=_labels(connection, t.action_domain, ActionDomain),
        natures=_labels(connection, t.action_nature, ActionNature),
        reasons=_labels(connection, t.action_reason, ActionReason),
        results=_labels(connection, t.action_result, ActionResult),
        origins=_labels(connection, t.origin, Origin),
        exchange_kinds=_labels(connection, t.exchange_kind, ExchangeKind),
        deal_stages=_deal_stages(connection),
        parameters={r.key: parameter_value(r.key, r.value) for r in connection.execute(select(t.parameter))},
        weeks=_weeks(connection),
    )


def _weeks(connection: Connection) -> dict[int | None, Week]:
    found: defaultdict[int | None, list[Period]] = defaultdict(list)
    for row in connection.execute(select(t.working_hours)):
        found[row.person_id].append(Period(row.weekday, row.start_time, row.end_time))
    return {person_id: tuple(sorted(periods)) for person_id, periods in found.items()}


def _deal_stages(connection: Connection) -> dict[int, DealStage]:
    stages = _labels(connection, t.deal_stage, DealStage)
    return {key: replace(stage, outcome=DealOutcome(stage.outcome)) for key, stage in stages.items()}


def _labels(connection: Connection, table: Table, noun: type[Noun]) -> dict[int, Noun]:
    rows: Any = connection.execute(select(table).order_by(table.c.position, table.c.id)).mappings()
    return {row["id"]: noun(**row) for row in rows}
