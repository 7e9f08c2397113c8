"""Rights: which operations a profile may do, and on whose records (R35).

`allowed` serves the screens, `require` the use cases, `scope_of` the queries: three readers of one table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from lib.domain.errors import NotAllowed
from lib.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from lib.domain.context import Context


class Operation(StrEnum):
    """What somebody may want to do. The values are stored in `profile_right`."""

    VIEW_ACTIONS = "view_actions"
    ADD_ACTIONS = "add_actions"
    EDIT_ACTIONS = "edit_actions"
    REPORT_ACTIONS = "report_actions"
    CANCEL_ACTIONS = "cancel_actions"
    DELETE_ACTIONS = "delete_actions"
    DELETE_HISTORY = "delete_history"
    VIEW_CLIENTS = "view_clients"
    ADD_DEALS = "add_deals"
    EDIT_PARAMETERS = "edit_parameters"
    EDIT_PEOPLE = "edit_people"
    EDIT_ABSENCES = "edit_absences"
    EDIT_HOURS = "edit_hours"
    VIEW_WORKLOAD = "view_workload"
    ASSIGN_ACTIONS = "assign_actions"
    EDIT_CLIENTS = "edit_clients"
    EDIT_DEALS = "edit_deals"
    ADD_DOCUMENTS = "add_documents"
    DELETE_DOCUMENTS = "delete_documents"
    ADD_EXCHANGES = "add_exchanges"
    ATTACH_EXCHANGES = "attach_exchanges"
    EDIT_SERVICE_REPORTS = "edit_service_reports"


class Scope(IntEnum):
    """On whose records; each one includes the ones before."""

    NONE = 0
    OWN = 1
    UNIT = 2
    ALL = 3


REFUSALS: Mapping[Operation, Sentence] = {
    Operation.VIEW_ACTIONS: say("Your profile doesn't show actions."),
    Operation.ADD_ACTIONS: say("Your profile doesn't create actions."),
    Operation.EDIT_ACTIONS: say("Your profile doesn't change this action."),
    Operation.REPORT_ACTIONS: say("Your profile doesn't report on this action."),
    Operation.CANCEL_ACTIONS: say("Your profile doesn't cancel this action."),
    Operation.DELETE_ACTIONS: say("Your profile doesn't delete this action."),
    Operation.DELETE_HISTORY: say("Your profile doesn't delete done or cancelled actions."),
    Operation.VIEW_CLIENTS: say("Your profile doesn't show clients."),
    Operation.ADD_DEALS: say("Your profile doesn't create deals."),
    Operation.EDIT_PARAMETERS: say("Only an administrator changes the parameters."),
    Operation.EDIT_PEOPLE: say("Only an administrator manages people."),
    Operation.EDIT_ABSENCES: say("Your profile doesn't change this person's absences."),
    Operation.EDIT_HOURS: say("Your profile doesn't change these working hours."),
    Operation.VIEW_WORKLOAD: say("Your profile doesn't show the workload."),
    Operation.ASSIGN_ACTIONS: say("Your profile doesn't reassign actions in bulk."),
    Operation.EDIT_CLIENTS: say("Your profile doesn't change clients."),
    Operation.EDIT_DEALS: say("Your profile doesn't change this deal."),
    Operation.ADD_DOCUMENTS: say("Your profile doesn't add documents here."),
    Operation.DELETE_DOCUMENTS: say("Your profile doesn't remove this document."),
    Operation.ADD_EXCHANGES: say("Your profile doesn't record or send messages here."),
    Operation.ATTACH_EXCHANGES: say("Your profile doesn't attach received messages."),
    Operation.EDIT_SERVICE_REPORTS: say("Your profile doesn't write this service report."),
}


@dataclass(frozen=True, slots=True)
class Profile:
    """A named set of rights; an operation that isn't listed is not given."""

    id: int
    code: str
    name: str
    rights: Mapping[Operation, Scope]


def _on_actions(
    scope: Scope, *, view: Scope, report: Scope, history: Scope = Scope.NONE, steering: Scope = Scope.NONE
) -> dict[Operation, Scope]:
    return {
        Operation.VIEW_ACTIONS: view,
        Operation.ADD_ACTIONS: scope,
        Operation.EDIT_ACTIONS: scope,
        Operation.REPORT_ACTIONS: report,
        Operation.CANCEL_ACTIONS: scope,
        Operation.DELETE_ACTIONS: scope,
        Operation.DELETE_HISTORY: history,
        Operation.VIEW_CLIENTS: Scope.ALL,
        Operation.ADD_DEALS: scope,
        Operation.EDIT_ABSENCES: scope,
        Operation.EDIT_HOURS: steering,
        Operation.VIEW_WORKLOAD: steering,
        Operation.ASSIGN_ACTIONS: steering,
        Operation.EDIT_CLIENTS: Scope.ALL,  # a client is everybody's
        Operation.EDIT_DEALS: scope,
        Operation.ADD_DOCUMENTS: view,
        Operation.DELETE_DOCUMENTS: scope,
        Operation.ADD_EXCHANGES: view,
        Operation.ATTACH_EXCHANGES: Scope.ALL if steering else Scope.OWN,
        Operation.EDIT_SERVICE_REPORTS: scope,
    }


STANDARD_PROFILES: Mapping[str, tuple[str, Mapping[Operation, Scope]]] = {
    # code: (label, rights). A salesperson reports for a colleague of his unit (R25) but changes only what is his.
    "sales": ("Commercial", _on_actions(Scope.OWN, view=Scope.UNIT, report=Scope.UNIT)),
    "manager": (
        "Manager",
        _on_actions(Scope.UNIT, view=Scope.UNIT, report=Scope.UNIT, history=Scope.UNIT, steering=Scope.UNIT),
    ),
    "admin": (
        "Administrateur",
        {
            **_on_actions(Scope.ALL, view=Scope.ALL, report=Scope.ALL, history=Scope.ALL, steering=Scope.ALL),
            Operation.EDIT_PARAMETERS: Scope.ALL,
            Operation.EDIT_PEOPLE: Scope.ALL,
        },
    ),
    "reader": ("Lecture seule", {Operation.VIEW_ACTIONS: Scope.ALL, Operation.VIEW_CLIENTS: Scope.ALL}),
}
"""The profiles that a new database starts with; afterwards the stored ones count."""


@dataclass(frozen=True, slots=True)
class Owners:
    """Whose record it is: what a scope is measured against."""

    person_ids: frozenset[int]
    unit_ids: frozenset[int]
    is_waiting: bool = False
    """Nobody has it yet: it waits in its unit's pool, where each member may take it as his own (R8)."""


def scope_of(ctx: Context, operation: Operation) -> Scope:
    """The scope on which the connected person may do `operation`."""
    return ctx.profile.rights.get(operation, Scope.NONE)


def allowed(ctx: Context, operation: Operation, owners: Owners | None = None) -> Sentence | None:
    """None when the connected person may do `operation` on the record of `owners` (or on any at all); else why not."""
    scope = scope_of(ctx, operation)
    if scope == Scope.ALL or (owners is None and scope > Scope.NONE):
        return None
    if owners is not None:
        is_in_unit = bool(owners.unit_ids & ctx.unit_ids)
        is_own = ctx.person.id in owners.person_ids or (owners.is_waiting and is_in_unit)
        if (scope >= Scope.OWN and is_own) or (scope >= Scope.UNIT and is_in_unit):
            return None
    return REFUSALS[operation]


def looks_at_others(ctx: Context) -> bool:
    """Whether the person's work is others' work too: he manages it, or only reads it."""
    return scope_of(ctx, Operation.EDIT_ACTIONS) != Scope.OWN and scope_of(ctx, Operation.VIEW_ACTIONS) >= Scope.UNIT


def require(ctx: Context, operation: Operation, owners: Owners | None = None) -> None:
    """Raises NotAllowed, with the reason, unless `operation` is allowed."""
    if reason := allowed(ctx, operation, owners):
        raise NotAllowed(reason)
