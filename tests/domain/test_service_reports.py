"""Service reports: written by the technician or for him, changed by whom they concern, and what is born from them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from lib.db import tables as t
from lib.domain.actions import create_action, delete_sub_action, open_action
from lib.domain.documents import open_document
from lib.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from lib.domain.file_kinds import FileLimits
from lib.domain.lists import ActionFilter, Tab, list_actions
from lib.domain.people import Membership, OrgUnit, UnitKind
from lib.domain.rights import Operation
from lib.domain.service_reports import (
    COLUMNS,
    LABELS,
    REQUIRED,
    ReportFilter,
    ReportSort,
    ServiceReport,
    edit_refused,
    edit_service_report,
    list_service_reports,
    open_service_report,
    service_reports_of_client,
    shown_report_number,
    technician_unit,
    technicians,
    write_service_report,
)
from lib.gateways.blobs import FolderBlobs
from lib.gateways.files import Files
from tests.builders import (
    TODAY,
    World,
    a_context,
    a_key,
    a_service_report,
    a_service_report_raw,
    an_action,
    an_action_raw,
    an_open_context,
    put,
    remove_right,
    stored_state,
    the_chain,
)
from tests.domain.test_words_and_numbers import FORGED


def stored(world: World, report_id: int) -> ServiceReport:
    return open_service_report(a_context(world, "admin"), report_id=report_id).report


def problems(call: Any) -> dict[str, str]:
    """The refused fields and their sentences."""
    with pytest.raises(Invalid) as refusal:
        call()
    return {name: told.id for name, told in refusal.value.fields.items()}


def edited(world: World, report_id: int, who: str = "technician", version: int = 1, **edits: Any) -> ServiceReport:
    return edit_service_report(a_context(world, who), report_id=report_id, version=version, edits=edits)


# ---- writing


def test_a_report_is_stored_with_its_number_its_unit_and_its_journal(world: World) -> None:
    report_id = a_service_report(
        world, site=world.plant, contact=world.anne, start_time=time(9), equipment=" Chaudière\tB12 ",
        signed_by="Mme Lefèvre", body='<p onclick="x()">Filtre <b>remplacé</b></p><script>x()</script>',
    )  # fmt: skip
    file = open_service_report(a_context(world, "reader"), report_id=report_id)
    assert file.report == ServiceReport(
        id=report_id, number=1, client_id=world.dupont, site_id=world.plant, contact_id=world.anne,
        technician_id=world.technician, org_unit_id=world.workshop, done_on=TODAY, start_time=time(9),
        duration_min=120, equipment="Chaudière B12", body_text="Filtre remplacé", signed_by="Mme Lefèvre",
        created_by=world.technician, created_at=a_context(world, "technician").now,
    )  # fmt: skip
    assert file.body_html == "<p>Filtre <b>remplacé</b></p>"
    assert file.client.client.name == "SARL Dupont & Fils"
    told = world.db.read(lambda store: store.changes.since("service_report", report_id, 0))
    assert {(each.operation, each.person_id, each.version) for each in told} == {
        ("write_service_report", world.technician, 1)
    }
    assert {each.field: each.new for each in told}[""] == '"CRIT000001"'
    assert "body" in {each.field for each in told}


def test_numbers_follow_one_another(world: World) -> None:
    assert [stored(world, a_service_report(world)).number for _ in range(3)] == [1, 2, 3]
    assert shown_report_number(12) == "CRIT000012"


def test_the_same_form_sent_twice_writes_one(world: World) -> None:
    ctx, key = a_context(world, "technician"), a_key()
    first = write_service_report(ctx, raw=a_service_report_raw(world), request_key=key)
    assert write_service_report(ctx, raw=a_service_report_raw(world), request_key=key) == first
    assert list_service_reports(ctx, chosen=ReportFilter()).total == 1


TOMORROW = TODAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"client": None}, "client"),
        ({"client": 4242}, "client"),
        ({"client": "asleep"}, "client"),
        ({"site": "shop"}, "site"),
        ({"contact": "zoe"}, "contact"),
        ({"site": "office", "contact": "anne"}, "contact"),
        ({"technician": None}, "technician"),
        ({"technician": 4242}, "technician"),
        ({"technician": "gone"}, "technician"),
        ({"done_on": None}, "done_on"),
        ({"done_on": TOMORROW}, "done_on"),
        ({"done_on": TODAY, "start_time": time(10, 31)}, "done_on"),
        ({"done_on": date(1999, 1, 1)}, "done_on"),
        ({"duration": ""}, "duration"),
        ({"duration": "soon"}, "duration"),
        ({"duration": "25:00"}, "duration"),
        ({"equipment": "x" * 301}, "equipment"),
        ({"body": ""}, "body"),
        ({"body": "<p><br></p>"}, "body"),
        ({"body": "<p>\u200b</p>"}, "body"),
        ({"body": "<b>" * 20_001}, "body"),
        ({"signed_by": "x" * 121}, "signed_by"),
    ],
)
def test_a_wrong_field_is_told_at_its_place_and_nothing_is_written(world: World, values, field) -> None:
    before = stored_state(world.db)
    values = {name: world.ids.get(each, each) if isinstance(each, str) else each for name, each in values.items()}
    assert set(problems(lambda: a_service_report(world, **values))) == {field}
    assert stored_state(world.db) == before


def test_everything_that_is_missing_is_told_at_once(world: World) -> None:
    ctx = a_context(world, "technician")
    told = problems(lambda: write_service_report(ctx, raw={}, request_key=a_key()))
    assert set(told) == REQUIRED
    assert set(LABELS) == {"client", *COLUMNS}


@pytest.mark.parametrize("field", ["client", "site", "contact", "technician", "done_on", "start_time", "duration"])
def test_a_forged_value_is_refused_at_its_field(world: World, field: str) -> None:
    before = stored_state(world.db)
    for forged in FORGED.values():
        assert field in problems(lambda forged=forged: a_service_report(world, **{field: forged}))
    assert stored_state(world.db) == before


@pytest.mark.parametrize("moment", [(TODAY, time(10, 30)), (TODAY, None), (TODAY - timedelta(days=1), time(23, 59))])
def test_what_has_just_been_done_may_be_told(world: World, moment) -> None:
    done_on, start_time = moment
    assert stored(world, a_service_report(world, done_on=done_on, start_time=start_time)).done_on == done_on


def test_midnight_in_paris_decides_what_today_is(world: World) -> None:
    late = a_context(world, "technician", now=datetime.fromisoformat("2026-03-04T23:30+00:00"))  # the 5th in Paris
    raw = a_service_report_raw(world, done_on=TOMORROW, start_time=time(0, 15))
    assert stored(world, write_service_report(late, raw=raw, request_key=a_key())).done_on == TOMORROW


# ---- whose they are


def units(*kinds: tuple[int, UnitKind, bool]) -> list[OrgUnit]:
    return [OrgUnit(key, f"U{key}", kind, 1, position=key, is_active=active) for key, kind, active in kinds]


@pytest.mark.parametrize(
    ("mine", "preferred", "found"),
    [((1, 2), 0, 2), ((1, 2), 1, 1), ((1, 3), 0, 1), ((3, 4), 3, 4), ((), 0, None), ((4,), 0, 4), ((3,), 3, None)],
)
def test_a_report_is_of_the_unit_that_its_technician_prefers_else_of_a_service_unit(mine, preferred, found) -> None:
    sales, service = UnitKind.SALES, UnitKind.SERVICE
    every = units((1, sales, True), (2, service, True), (3, service, False), (4, UnitKind.SUPPORT, True))
    members = [Membership(7, key, key == preferred) for key in mine] + [Membership(8, 2)]
    unit = technician_unit(7, members, every)
    assert (unit.id if unit else None) == found


RIGHTS = [  # who wrote it, for which technician, who wants to change it, whether he may
    ("technician", "technician", "technician", True),
    ("sales", "technician", "sales", True),
    ("sales", "technician", "technician", True),
    ("technician", "technician", "sales", False),
    ("technician", "technician", "manager", False),
    ("sales", "sales", "manager", True),
    ("sales", "sales", "colleague", False),
    ("technician", "technician", "admin", True),
    ("technician", "technician", "reader", False),
]


@pytest.mark.parametrize(("author", "technician", "who", "may"), RIGHTS)
def test_a_report_is_changed_by_its_technician_its_author_and_whoever_manages_them(
    world: World, author, technician, who, may
) -> None:
    report_id = a_service_report(world, author, technician=world.ids[technician])
    assert (edit_refused(an_open_context(world, who), stored(world, report_id)) is None) == may
    before = stored_state(world.db)
    if may:
        assert edited(world, report_id, who, equipment="Pompe").equipment == "Pompe"
    else:
        with pytest.raises(NotAllowed):
            edited(world, report_id, who, equipment="Pompe")
        assert stored_state(world.db) == before


def test_who_only_reads_writes_none(world: World) -> None:
    before = stored_state(world.db)
    with pytest.raises(NotAllowed):
        a_service_report(world, "reader")
    assert stored_state(world.db) == before


@pytest.mark.parametrize("report_id", [4242, None, "1", True, -1, 2**31])
def test_what_is_not_there_or_not_his_to_see_reads_the_same(world: World, report_id) -> None:
    mine = a_service_report(world)
    with pytest.raises(NotFound) as absent:
        open_service_report(a_context(world, "admin"), report_id=report_id)
    remove_right(world, "sales", Operation.VIEW_CLIENTS)
    with pytest.raises(NotFound) as hidden:
        open_service_report(a_context(world, "sales"), report_id=mine)
    assert str(absent.value) == str(hidden.value)
    for look in (
        lambda ctx: list_service_reports(ctx, chosen=ReportFilter()),
        lambda ctx: service_reports_of_client(ctx, client_id=world.dupont),
    ):
        with pytest.raises(NotAllowed):
            look(a_context(world, "sales"))


def test_technicians_stand_first_among_whom_to_choose(world: World) -> None:
    found = technicians(an_open_context(world, "sales"))
    assert found[0].id == world.technician
    assert world.gone not in {person.id for person in found}
    assert world.admin in {person.id for person in found}


# ---- changing


def test_a_change_is_stored_with_its_journal_and_its_version(world: World) -> None:
    report_id = a_service_report(world)
    after = edited(world, report_id, technician=world.sales, duration="45", body="<p>Joint <i>aussi</i></p>")
    assert (after.technician_id, after.org_unit_id, after.duration_min) == (world.sales, world.field, 45)
    assert (after.version, after.body_text) == (2, "Joint aussi")
    assert stored(world, report_id) == after
    told = world.db.read(lambda store: store.changes.since("service_report", report_id, 1))
    assert {each.field for each in told} == {"technician_id", "org_unit_id", "duration_min", "body"}
    assert {each.version for each in told} == {2}


def test_a_change_that_changes_nothing_writes_nothing(world: World) -> None:
    report_id = a_service_report(world)
    before = stored_state(world.db)
    assert edited(world, report_id, duration="120", body="<p>Filtre remplacé</p>").version == 1
    assert stored_state(world.db) == before


@pytest.mark.parametrize(
    ("edits", "fields"),
    [
        ({"client": 1}, {"client"}),
        ({"number": 7, "created_by": 1}, {"number", "created_by"}),
        ({"body": ""}, {"body"}),
        ({"done_on": TOMORROW}, {"done_on"}),
        ({"technician": None}, {"technician"}),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(world: World, edits, fields) -> None:
    report_id = a_service_report(world)
    before = stored_state(world.db)
    assert set(problems(lambda: edited(world, report_id, **edits))) == fields
    assert stored_state(world.db) == before


def test_what_was_right_when_it_was_written_stays_when_something_else_is_changed(world: World) -> None:
    report_id = a_service_report(world, site=world.plant, contact=world.anne)
    put(world, t.person, world.technician, is_active=False)
    put(world, t.contact, world.anne, site_id=world.office)
    put(world, t.service_report, report_id, done_on=date(2010, 5, 5))
    assert edited(world, report_id, "admin", equipment="Pompe").equipment == "Pompe"


def test_a_place_that_is_no_longer_used_stays_but_isn_t_chosen_again(world: World) -> None:
    report_id = a_service_report(world, site=world.plant, contact=world.anne)
    put(world, t.site, world.plant, is_active=False)
    put(world, t.contact, world.anne, is_active=False)
    assert edited(world, report_id, contact=None).site_id == world.plant
    assert set(problems(lambda: edited(world, report_id, version=2, contact=world.anne))) == {"contact"}
    assert set(problems(lambda: a_service_report(world, site=world.plant))) == {"site"}


IMAGE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)


def test_the_images_of_the_text_move_to_the_store_and_are_seen_with_it(world: World, tmp_path: Path) -> None:
    limits = FileLimits(("png",), file_max_mb=1, client_max_mb=0, all_max_gb=0)
    files = Files(FolderBlobs(tmp_path / "files"), limits, incoming=tmp_path / "incoming")
    ctx = replace(a_context(world, "technician"), files=files)
    raw = a_service_report_raw(world, body=f'<p>Avant</p><img src="{IMAGE}">')
    report_id = write_service_report(ctx, raw=raw, request_key=a_key())
    body = open_service_report(ctx, report_id=report_id).body_html
    (image_id,) = map(int, re.findall(r'src="attachment:([0-9]+)"', body))
    assert open_document(a_context(world, "reader"), document_id=image_id).is_inline
    assert open_service_report(ctx, report_id=report_id).documents == 0
    edits = {"body": f'{body}<img src="attachment:{image_id + 1}">'}  # of somebody else, or nowhere
    after = edit_service_report(ctx, report_id=report_id, version=1, edits=edits)
    assert open_service_report(ctx, report_id=report_id).body_html == body
    assert after.version == 1


def test_two_who_change_different_fields_both_have_it(world: World) -> None:
    report_id = a_service_report(world)
    edited(world, report_id, equipment="Pompe")
    after = edited(world, report_id, "admin", version=1, signed_by="M. Roy")
    assert (after.equipment, after.signed_by, after.version) == ("Pompe", "M. Roy", 3)


def test_two_who_change_the_same_field_are_told_so(world: World) -> None:
    report_id = a_service_report(world)
    edited(world, report_id, body="<p>À moi</p>")
    before = stored_state(world.db)
    with pytest.raises(Conflict) as conflict:
        edited(world, report_id, "admin", version=1, body="<p>Non, à moi</p>")
    (change,) = conflict.value.changes
    assert (change.field, change.theirs, change.mine) == ("body", '"<p>À moi</p>"', "<p>Non, à moi</p>")
    assert conflict.value.by is not None
    assert conflict.value.by.id == world.technician
    assert stored_state(world.db) == before


# ---- lists


def numbers(world: World, **chosen: Any) -> list[int]:
    ctx = a_context(world, "reader")
    return [row.report.number for row in list_service_reports(ctx, chosen=ReportFilter(**chosen)).rows]


def test_a_list_keeps_what_is_asked_the_newest_first(world: World) -> None:
    day = TODAY - timedelta(days=3)
    a_service_report(world, done_on=day)
    a_service_report(world, client=world.leroy, technician=world.sales, site=world.shop)
    a_service_report(world, technician=world.sales, done_on=day)
    assert numbers(world) == [2, 3, 1]
    assert numbers(world, client_id=world.dupont) == [3, 1]
    assert numbers(world, technician_id=world.sales) == [2, 3]
    assert numbers(world, technician_id=world.sales, client_id=world.dupont, to_date=day) == [3]
    assert numbers(world, from_date=day + timedelta(days=1)) == [2]
    assert numbers(world, from_date=TODAY, to_date=day) == []
    ctx = a_context(world, "reader")
    by_number = list_service_reports(ctx, chosen=ReportFilter(), sort=ReportSort.NUMBER, descending=False)
    assert [row.report.number for row in by_number.rows] == [1, 2, 3]
    row = by_number.rows[1]
    assert (row.client_name, row.client_town, row.site_name) == ("Leroy", "Nîmes", "Boutique")


def test_pages_are_of_fifty_and_beyond_the_last_stands_the_last(world: World) -> None:
    for _ in range(53):
        a_service_report(world)
    ctx = a_context(world, "reader")
    pages = [list_service_reports(ctx, chosen=ReportFilter(), page=number) for number in (-1, 1, 2, 99)]
    assert [(page.number, page.pages, page.total, len(page.rows)) for page in pages] == [
        (1, 2, 53, 50), (1, 2, 53, 50), (2, 2, 53, 3), (2, 2, 53, 3)
    ]  # fmt: skip
    assert pages[2].rows[-1].report.number == 1
    first = service_reports_of_client(ctx, client_id=world.dupont, limit=5)
    assert ([row.report.number for row in first.rows], first.total) == ([53, 52, 51, 50, 49], 53)


# ---- the action born from it (R6)


def test_an_action_born_from_a_report_knows_it_and_is_listed_there(world: World) -> None:
    report_id = a_service_report(world)
    sub = an_action(world, service_report=report_id)
    other = an_action(world)
    assert the_chain(world, sub).action.service_report_id == report_id
    born = list_actions(
        a_context(world, "sales"), chosen=ActionFilter(tab=Tab.ALL, service_report_id=report_id)
    )  # fmt: skip
    assert [row.sub.id for row in born.rows] == [sub]
    file = open_action(a_context(world, "sales"), sub_action_id=sub)
    assert file.born_from == stored(world, report_id)
    assert open_action(a_context(world, "sales"), sub_action_id=other).born_from is None


def test_a_report_lists_only_the_actions_that_one_may_see(world: World) -> None:
    report_id = a_service_report(world)
    an_action(world, "far", service_report=report_id)
    chosen = ActionFilter(tab=Tab.ALL, service_report_id=report_id)
    assert [list_actions(a_context(world, who), chosen=chosen).total for who in ("far", "sales", "admin")] == [1, 0, 1]


@pytest.mark.parametrize("report", ["of another", 4242, "x", True, -1])
def test_an_action_of_another_report_or_of_none_there_is_refused(world: World, report) -> None:
    leroys = a_service_report(world, client=world.leroy)
    before = stored_state(world.db)
    ctx = a_context(world, "sales")
    raw = an_action_raw(world, service_report=leroys if report == "of another" else report)
    assert set(problems(lambda: create_action(ctx, raw=raw, request_key=a_key()))) == {"service_report"}
    assert stored_state(world.db) == before


def test_without_the_right_to_see_clients_no_action_is_born_and_no_report_shown(world: World) -> None:
    report_id = a_service_report(world)
    sub = an_action(world, service_report=report_id)
    remove_right(world, "sales", Operation.VIEW_CLIENTS)
    assert set(problems(lambda: an_action(world, service_report=report_id))) == {"service_report"}
    assert open_action(a_context(world, "sales"), sub_action_id=sub).born_from is None


def test_deleting_the_action_leaves_the_report_and_says_so_in_the_journal(world: World) -> None:
    report_id = a_service_report(world)
    sub = an_action(world, service_report=report_id)
    action_id = the_chain(world, sub).action.id
    delete_sub_action(a_context(world, "sales"), sub_action_id=sub, version=1)
    assert stored(world, report_id).id == report_id
    told = world.db.read(lambda store: store.changes.of_action(action_id, limit=50))
    assert {each.old for each in told if each.field == "service_report_id"} == {str(report_id)}
