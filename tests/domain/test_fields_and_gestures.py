"""Which fields may be edited (R15) and what a row's menu offers (R4, R27, R28): the whole tables."""

from __future__ import annotations

import re

import pytest

from lib.domain import fields
from lib.domain.chain import Status
from lib.domain.errors import NotAllowed
from lib.domain.fields import FIELDS, is_required, locked_because
from lib.domain.gestures import GESTURES, Gesture, refusal, require_gesture, row_menu
from lib.domain.parameters import DATE_REQUIRED, DETAIL_REQUIRED
from lib.domain.rights import STANDARD_PROFILES, Operation, Scope
from tests.domain.test_rights_and_units import ME, MY_UNIT, RELATIONS, a_bare_context, an_owned

REPORT_FIELDS = {"done_on", "done_time", "done_duration", "result", "report"}
ROW_FIELDS = {
    "client": {"client"},
    "origin": {"origin"},
    "deal": {"deal"},
    "report, its date and duration": REPORT_FIELDS,
    "what, who, when, detail": set(FIELDS) - {"client", "origin", "deal"} - REPORT_FIELDS,
}


def documented() -> dict[tuple[str, Status], str]:
    """The cells of the table that the module's docstring shows, by field and status."""
    rows = re.findall(r"^\| (.+?) *\| (.+?) *\| (.+?) *\| (.+?) *\|$", fields.__doc__ or "", re.M)
    head, *body = [row for row in rows if not row[0].startswith("-")]
    assert head == ("Field", "À planifier, Planifiée", "Terminée", "Annulée")
    cells = {}
    for row, is_open, done, cancelled in body:
        for name in ROW_FIELDS[row]:
            cells |= {(name, Status.TO_PLAN): is_open, (name, Status.PLANNED): is_open}
            cells |= {(name, Status.DONE): done, (name, Status.CANCELLED): cancelled}
    return cells


DOCUMENTED = documented()


def test_the_documented_table_speaks_of_every_field() -> None:
    assert {name for name, _ in DOCUMENTED} == set(FIELDS)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("name", FIELDS)
def test_a_field_is_locked_just_as_the_table_says(name: str, status: Status) -> None:
    cell = DOCUMENTED[name, status]
    for edit in Scope:
        for report in Scope:
            ctx = a_bare_context({Operation.EDIT_ACTIONS: edit, Operation.REPORT_ACTIONS: report})
            for relation, ((action, sub), least) in RELATIONS.items():
                if relation.startswith(("waiting", "done")):
                    continue  # of one status only
                needed = report if cell == "editable, right report" else edit
                is_open = cell.startswith("editable") and needed >= least
                sub = type(sub)(**{f: getattr(sub, f) for f in sub.__dataclass_fields__} | {"status": status})
                why = locked_because(ctx, FIELDS[name], action, sub)
                assert (why is None) == is_open, f"{relation}, edit {edit!r}, report {report!r}: {why}"


@pytest.mark.parametrize("date_required", [True, False])
@pytest.mark.parametrize("detail_required", [True, False])
def test_the_parameters_and_the_status_decide_what_must_be_filled(date_required: bool, detail_required: bool) -> None:
    parameters = {DATE_REQUIRED.key: date_required, DETAIL_REQUIRED.key: detail_required}
    for status in (Status.TO_PLAN, Status.PLANNED):
        required = {name for name in FIELDS if is_required(name, status=status, parameters=parameters)}
        expected = {"client", "nature", "done_on"}
        expected |= {"planned_date"} if date_required or status == Status.PLANNED else set()
        expected |= {"detail"} if detail_required else set()
        assert required == expected


def test_without_stored_parameters_the_detail_is_required_and_the_date_is_not() -> None:
    assert is_required("detail", status=Status.TO_PLAN, parameters={})
    assert not is_required("planned_date", status=Status.TO_PLAN, parameters={})


G = Gesture
# The last sub-action of a chain, assigned to oneself: what each status offers to each profile.
MENUS = {
    Status.TO_PLAN: {
        "sales": {G.REPORT, G.EDIT, G.PLAN, G.POSTPONE, G.CANCEL, G.DELETE},
        "manager": {G.REPORT, G.EDIT, G.PLAN, G.POSTPONE, G.CANCEL, G.DELETE},
        "admin": {G.REPORT, G.EDIT, G.PLAN, G.POSTPONE, G.CANCEL, G.DELETE},
    },
    Status.PLANNED: {
        "sales": {G.REPORT, G.EDIT, G.UNPLAN, G.POSTPONE, G.CANCEL},
        "manager": {G.REPORT, G.EDIT, G.UNPLAN, G.POSTPONE, G.CANCEL},
        "admin": {G.REPORT, G.EDIT, G.UNPLAN, G.POSTPONE, G.CANCEL},
    },
    Status.DONE: {
        "sales": {G.EDIT, G.EDIT_REPORT, G.ADD_NEXT},
        "manager": {G.EDIT, G.EDIT_REPORT, G.ADD_NEXT, G.DELETE},
        "admin": {G.EDIT, G.EDIT_REPORT, G.ADD_NEXT, G.DELETE},
    },
    Status.CANCELLED: {"sales": {G.ADD_NEXT}, "manager": {G.ADD_NEXT, G.DELETE}, "admin": {G.ADD_NEXT, G.DELETE}},
}


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("profile", STANDARD_PROFILES)
def test_the_menu_of_ones_own_last_row(profile: str, status: Status) -> None:
    action, sub = an_owned(assignee_id=ME, org_unit_id=MY_UNIT, status=status)
    ctx = a_bare_context(dict(STANDARD_PROFILES[profile][1]))
    menu = row_menu(ctx, action, sub, last_seq=sub.seq)
    assert set(menu) == MENUS[status].get(profile, set())
    for gesture in GESTURES:
        if gesture in menu:
            require_gesture(ctx, gesture, action, sub, last_seq=sub.seq)
        else:
            with pytest.raises(NotAllowed):
                require_gesture(ctx, gesture, action, sub, last_seq=sub.seq)


@pytest.mark.parametrize("status", Status)
def test_a_salesperson_only_reports_on_a_colleagues_row(status: Status) -> None:
    action, sub = an_owned(org_unit_id=MY_UNIT, status=status)
    ctx = a_bare_context(dict(STANDARD_PROFILES["sales"][1]))
    expected = {Status.DONE: [G.EDIT_REPORT], Status.CANCELLED: []}.get(status, [G.REPORT])
    assert row_menu(ctx, action, sub, last_seq=1) == expected


@pytest.mark.parametrize("status", Status)
def test_an_earlier_row_offers_neither_deleting_nor_adding(status: Status) -> None:
    action, sub = an_owned(assignee_id=ME, status=status)
    ctx = a_bare_context(dict(STANDARD_PROFILES["admin"][1]))
    assert not {G.DELETE, G.ADD_NEXT} & set(row_menu(ctx, action, sub, last_seq=2))
    assert not {G.DELETE, G.ADD_NEXT} & set(row_menu(ctx, action, sub))
    assert refusal(ctx, G.DELETE, action, sub, last_seq=2)


def test_nothing_ever_happens_to_a_cancelled_row_but_its_deletion_and_what_follows_it() -> None:
    action, sub = an_owned(status=Status.CANCELLED)
    ctx = a_bare_context(dict(STANDARD_PROFILES["admin"][1]))
    for gesture in set(Gesture) - {G.DELETE, G.ADD_NEXT}:
        why = refusal(ctx, gesture, action, sub, last_seq=1)
        assert "cancelled" in str(why).lower()
