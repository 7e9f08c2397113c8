"""Who may do what, on whose records (R35); and the unit that follows from a person (R8)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lib.domain.chain import Action, Status, owners_of
from lib.domain.context import Context
from lib.domain.errors import Invalid, NotAllowed
from lib.domain.people import Membership, OrgUnit, UnitKind, checked_unit, deduced_unit
from lib.domain.rights import REFUSALS, STANDARD_PROFILES, Operation, Scope, allowed, require, scope_of
from tests.builders import NOW, PARIS, a_person, a_profile, a_sub_action

ME, OTHER, MY_UNIT, OTHER_UNIT = 1, 2, 10, 20


def a_bare_context(rights: dict[Operation, Scope]) -> Context:
    """A person of one unit with these rights; rules of rights read nothing else."""
    return Context(a_person(id=ME), NOW, PARIS, None, a_profile(rights), frozenset({MY_UNIT}))  # type: ignore[arg-type]


def an_owned(responsible_id: int | None = OTHER, **sub: Any) -> tuple[Action, Any]:
    """Somebody else's planned sub-action of another unit, unless told otherwise."""
    values = {"assignee_id": OTHER, "org_unit_id": OTHER_UNIT, "created_by": OTHER, "status": Status.PLANNED, **sub}
    return Action(id=1, number=1, client_id=1, responsible_id=responsible_id), a_sub_action(**values)


# What it is to me, and the least scope that reaches it.
RELATIONS = {
    "assigned to me": (an_owned(assignee_id=ME), Scope.OWN),
    "created by me": (an_owned(created_by=ME), Scope.OWN),
    "reported by me": (an_owned(reported_by=ME), Scope.OWN),
    "of a chain I am responsible for": (an_owned(responsible_id=ME), Scope.OWN),
    "waiting in my unit": (an_owned(assignee_id=None, org_unit_id=MY_UNIT), Scope.OWN),
    "a colleague's of my unit": (an_owned(org_unit_id=MY_UNIT), Scope.UNIT),
    "done in my unit without an assignee": (
        an_owned(assignee_id=None, org_unit_id=MY_UNIT, status=Status.DONE), Scope.UNIT),
    "waiting in another unit": (an_owned(assignee_id=None), Scope.ALL),
    "somebody else's of another unit": (an_owned(), Scope.ALL),
    "of a person in no unit": (an_owned(org_unit_id=None), Scope.ALL),
}  # fmt: skip


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("operation", Operation)
def test_an_operation_reaches_as_far_as_its_scope(operation: Operation, scope: Scope, relation: str) -> None:
    (action, sub), least = RELATIONS[relation]
    ctx = a_bare_context({operation: scope})
    owners = owners_of(action, sub)
    if scope >= least:
        assert allowed(ctx, operation, owners) is None
        require(ctx, operation, owners)
    else:
        assert allowed(ctx, operation, owners) == REFUSALS[operation]
        with pytest.raises(NotAllowed):
            require(ctx, operation, owners)


def test_without_a_record_an_operation_is_allowed_from_the_least_scope_on() -> None:
    for scope in Scope:
        refusal = allowed(a_bare_context({Operation.ADD_DEALS: scope}), Operation.ADD_DEALS)
        assert (refusal is None) == (scope > Scope.NONE)


O = Operation  # noqa: E741 - read as a column's head
EXPECTED = {
    #                     sales       manager     admin      reader
    O.VIEW_ACTIONS:      (Scope.UNIT, Scope.UNIT, Scope.ALL, Scope.ALL),
    O.ADD_ACTIONS:       (Scope.OWN,  Scope.UNIT, Scope.ALL, Scope.NONE),
    O.EDIT_ACTIONS:      (Scope.OWN,  Scope.UNIT, Scope.ALL, Scope.NONE),
    O.REPORT_ACTIONS:    (Scope.UNIT, Scope.UNIT, Scope.ALL, Scope.NONE),
    O.CANCEL_ACTIONS:    (Scope.OWN,  Scope.UNIT, Scope.ALL, Scope.NONE),
    O.DELETE_ACTIONS:    (Scope.OWN,  Scope.UNIT, Scope.ALL, Scope.NONE),
    O.DELETE_HISTORY:    (Scope.NONE, Scope.UNIT, Scope.ALL, Scope.NONE),
    O.VIEW_CLIENTS:      (Scope.ALL,  Scope.ALL,  Scope.ALL, Scope.ALL),
    O.ADD_DEALS:         (Scope.OWN,  Scope.UNIT, Scope.ALL, Scope.NONE),
    O.EDIT_PARAMETERS:   (Scope.NONE, Scope.NONE, Scope.ALL, Scope.NONE),
    O.EDIT_PEOPLE:       (Scope.NONE, Scope.NONE, Scope.ALL, Scope.NONE),
    O.EDIT_ABSENCES:     (Scope.OWN,  Scope.UNIT, Scope.ALL, Scope.NONE),
    O.EDIT_HOURS:        (Scope.NONE, Scope.UNIT, Scope.ALL, Scope.NONE),
    O.VIEW_WORKLOAD:     (Scope.NONE, Scope.UNIT, Scope.ALL, Scope.NONE),
    O.ASSIGN_ACTIONS:    (Scope.NONE, Scope.UNIT, Scope.ALL, Scope.NONE),
    O.EDIT_CLIENTS:      (Scope.ALL,  Scope.ALL,  Scope.ALL, Scope.NONE),
    O.EDIT_DEALS:        (Scope.OWN,  Scope.UNIT, Scope.ALL, Scope.NONE),
    O.ADD_DOCUMENTS:     (Scope.UNIT, Scope.UNIT, Scope.ALL, Scope.NONE),
    O.DELETE_DOCUMENTS:  (Scope.OWN,  Scope.UNIT, Scope.ALL, Scope.NONE),
    O.ADD_EXCHANGES:     (Scope.UNIT, Scope.UNIT, Scope.ALL, Scope.NONE),
    O.ATTACH_EXCHANGES:  (Scope.OWN,  Scope.ALL,  Scope.ALL, Scope.NONE),
    O.EDIT_SERVICE_REPORTS: (Scope.OWN, Scope.UNIT, Scope.ALL, Scope.NONE),
}  # fmt: skip


@pytest.mark.parametrize("operation", Operation)
def test_the_standard_profiles_give_just_these_rights(operation: Operation) -> None:
    for code, expected in zip(("sales", "manager", "admin", "reader"), EXPECTED[operation], strict=True):
        assert scope_of(a_bare_context(dict(STANDARD_PROFILES[code][1])), operation) == expected, code


# ---- R8


def a_unit(id: int, *, position: int = 0, **values: Any) -> OrgUnit:
    return OrgUnit(**{"id": id, "name": f"Unit {id}", "kind": UnitKind.SALES, "business_activity_id": 1,
                      "position": position, **values})  # fmt: skip


UNITS = [a_unit(1, position=3), a_unit(2, position=1), a_unit(3, position=2), a_unit(4, is_active=False),
         a_unit(5, kind=UnitKind.SERVICE), a_unit(6, kind=UnitKind.SUPPORT)]  # fmt: skip


@pytest.mark.parametrize(
    ("units", "preferred", "found"),
    [
        ((1,), None, 1),  # one: it
        ((1, 3), 1, 1),  # several with a preferred one: it
        ((1, 3), None, 3),  # several without: the first of the list
        ((1, 2, 3), None, 2),
        ((), None, None),  # none
        ((5, 6), 5, None),  # only sales units count
        ((5, 1), 5, 1),  # a preferred unit that sells nothing doesn't count
        ((4, 1), 4, 1),  # nor one that is closed
        ((4,), 4, None),
    ],
)
def test_the_unit_follows_from_the_person(units: tuple[int, ...], preferred: int | None, found: int | None) -> None:
    memberships = [Membership(ME, unit, unit == preferred) for unit in units] + [Membership(OTHER, 2, True)]
    deduced = deduced_unit(ME, memberships, UNITS)
    assert (deduced.id if deduced else None) == found
    assert checked_unit(assignee=a_person(id=ME), org_unit_id=None, memberships=memberships, units=UNITS) == found


@pytest.mark.parametrize(
    ("assignee", "asked", "stored"),
    [
        ("in 1 and 3", 1, 1),
        ("in 1 and 3", 2, "org_unit"),  # not one of his
        ("in 1 and 3", 5, "org_unit"),
        ("in 1 and 3", 99, "org_unit"),
        ("nobody", 2, 2),  # then any sales unit, whose pool it waits in
        ("nobody", None, "org_unit"),
        ("nobody", 4, "org_unit"),
        ("nobody", 5, "org_unit"),
        ("nobody", 99, "org_unit"),
        ("gone", None, "assignee"),
        ("gone", 1, "assignee"),
    ],
)
def test_an_action_goes_to_a_unit_of_its_assignee_or_to_a_pool(
    assignee: str, asked: int | None, stored: int | str
) -> None:
    person = None if assignee == "nobody" else a_person(id=ME, is_active=assignee != "gone")
    memberships = [Membership(ME, 1), Membership(ME, 3)]
    if isinstance(stored, int):
        assert checked_unit(assignee=person, org_unit_id=asked, memberships=memberships, units=UNITS) == stored
        return
    with pytest.raises(Invalid) as refused:
        checked_unit(assignee=person, org_unit_id=asked, memberships=memberships, units=UNITS)
    assert list(refused.value.fields) == [stored]


def test_a_right_taken_away_leaves_the_others_alone() -> None:
    ctx = a_bare_context(dict(STANDARD_PROFILES["admin"][1]))
    less = replace(ctx, profile=a_profile({**ctx.profile.rights, Operation.DELETE_HISTORY: Scope.NONE}))
    assert allowed(less, Operation.DELETE_HISTORY)
    assert not allowed(less, Operation.DELETE_ACTIONS)
