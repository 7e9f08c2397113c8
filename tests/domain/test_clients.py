"""Clients: found by whatever one has of them, listed, and seen at a glance with the last and the next contact (R34)."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from lib.db import tables as t
from lib.domain.client_editing import add_contact, add_site, change_contact, create_client
from lib.domain.client_sheet import TouchKind, open_sheet
from lib.domain.clients import (
    BEST_HITS,
    ClientFilter,
    checked_place,
    find_clients,
    index_words,
    list_clients,
    open_client,
    search_words,
)
from lib.domain.errors import Invalid, NotAllowed, NotFound
from lib.domain.lists import PAGE_ROWS, Tab
from lib.domain.reports import enter_report
from lib.domain.rights import Operation
from tests.builders import (
    NOW,
    TODAY,
    World,
    a_context,
    a_key,
    a_report,
    a_report_raw,
    an_action,
    put,
    remove_right,
    stored_state,
    the_sub,
)
from tests.domain.test_words_and_numbers import FORGED

SIRET = "73282932000074"


def a_client(world: World, name: str = "Ferrand", **values: Any) -> int:
    raw = {"name": name, "relation": "prospect", **values}
    return create_client(a_context(world, "sales"), raw=raw, request_key=a_key())


def a_contact(world: World, client_id: int, name: str = "Claire Morin", **values: Any) -> int:
    raw = {"name": name, **values}
    return add_contact(a_context(world, "sales"), client_id=client_id, raw=raw, request_key=a_key())


def found(world: World, typed: object) -> list[tuple[str, str]]:
    """The clients' names, each with the contact or the site by which it was found."""
    hits = find_clients(a_context(world, "reader"), text=typed)  # type: ignore[arg-type]
    return [(hit.client.name, part.name if (part := hit.contact or hit.site) else "") for hit in hits]


# ---- finding


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("SARL Dupont 69", ["69", "sarl", "dupont"]),
        ("Dupont 04.78.12", ["047812", "dupont"]),
        ("732 829 320 00074", [SIRET]),
        ("+33 (0)4 78", ["0478"]),
        ("Claire.Morin@Acme.FR", ["claire.morin@acme.fr"]),
        ("<claire.morin@acme.fr>", ["claire.morin@acme.fr"]),
        ("@acme.fr", ["acme", "fr"]),
        ("acme.fr", ["acme", "fr"]),
        ("a b c d e f g h", ["a", "b", "c", "d", "e", "f"]),
        ("1 1 " * 5_000 + "x", ["1" * 60]),
        ("x", []),
        ("", []),
    ],
)
def test_a_typed_text_looks_for_words_numbers_and_addresses(typed: str, words: list[str]) -> None:
    assert search_words(typed) == words


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_text_looks_for_nothing(world: World, forged: str) -> None:
    assert find_clients(a_context(world, "sales"), text=FORGED[forged]) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "by"),
    [
        ("claire.morin@acme-froid.fr", "Claire Morin"),
        ("CLAIRE.MORIN@ACME", "Claire Morin"),
        ("acme-froid", "Claire Morin"),
        ("morin froid", "Claire Morin"),
        ("06 39 98 12 34", "Claire Morin"),
        ("+33639981234", "Claire Morin"),
        ("0033 6 39.98", "Claire Morin"),
        ("ferrand 0639", "Claire Morin"),
        ("atelier", "Atelier nord"),
        ("38500", "Atelier nord"),
        ("04-65-71", "Atelier nord"),
        ("732 829 320", ""),
        ("73282932000074", ""),
        ("7328 2932", ""),
        ("ferrand lyon", ""),
    ],
)
def test_a_client_is_found_by_what_one_has_and_says_by_whom(world: World, typed: str, by: str) -> None:
    client = a_client(world, "Ferrand Mécanique", siret=SIRET, town="Lyon")
    a_contact(world, client, "Zoé Absente")
    a_contact(world, client, phone="06 39 98 12 34", email="Claire.Morin@acme-froid.fr")
    site = {"name": "Atelier nord", "postcode": "38500", "town": "Voiron", "phone": "04 65 71 00 01"}
    add_site(a_context(world, "sales"), client_id=client, raw=site, request_key=a_key())
    assert found(world, typed) == [("Ferrand Mécanique", by)]


@pytest.mark.parametrize("siret", ["33803220800012", "00552013500012"])
def test_a_siret_that_looks_like_an_international_number_is_found_at_each_key(world: World, siret: str) -> None:
    client = a_client(world)
    put(world, t.client, client, siret=siret)
    world.db.write(lambda store: store.clients.index(client))
    for typed in range(4, 15):
        assert found(world, siret[:typed]) == [("Ferrand", "")]


def test_the_names_that_begin_so_come_first_then_the_others_by_name(world: World) -> None:
    for name in ("Zeta Dupont", "Dupont Zinc", "Alpha Dupont"):
        a_client(world, name)
    assert [name for name, _by in found(world, "dupont")] == [
        "Dupont Zinc", "Alpha Dupont", "SARL Dupont & Fils", "Zeta Dupont",
    ]  # fmt: skip


def test_at_most_twenty_are_found_and_the_rarest_word_leads(world: World) -> None:
    def seed(store: Any) -> None:
        for number in range(300):
            values = {"code": f"X{number}", "name": f"Garage {number:03d}", "folded_name": f"garage {number:03d}"}
            client = store.clients.add("client", values)
            words = ["garage", f"{number:03d}", *(["rare"] if number == 299 else [])]
            store.connection.execute(insert(t.client_word), [{"word": w, "client_id": client} for w in words])

    world.db.write(seed)
    assert len(found(world, "garage")) == BEST_HITS
    assert [name for name, _by in found(world, "garage rare")] == ["Garage 299"]
    assert [name for name, _by in found(world, "ra ga")] == ["Garage 299"]


def test_whoever_may_not_see_clients_finds_none(world: World) -> None:
    remove_right(world, "reader", Operation.VIEW_CLIENTS)
    ctx = a_context(world, "reader")
    for read in (
        lambda: find_clients(ctx, text="dupont"),
        lambda: list_clients(ctx, chosen=ClientFilter()),
        lambda: open_sheet(ctx, client_id=world.dupont),
    ):
        with pytest.raises(NotAllowed):
            read()


# ---- listing


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ({}, ["Ferrand", "Leroy", "SARL Dupont & Fils"]),
        ({"with_inactive": True}, ["Dupont Ancien", "Ferrand", "Leroy", "SARL Dupont & Fils"]),
        ({"relations": {"suspect"}}, ["Ferrand"]),
        ({"relations": {"suspect", "prospect"}}, ["Ferrand", "Leroy", "SARL Dupont & Fils"]),
        ({"managers": {"sales"}}, ["Ferrand"]),
        ({"managers": {"sales"}, "relations": {"prospect"}}, []),
        ({"text": "le"}, ["Leroy", "SARL Dupont & Fils"]),
        ({"text": "ferr", "managers": {"sales"}}, ["Ferrand"]),
        ({"text": "ferr", "managers": {"far"}}, []),
        ({"text": "lyon dup", "relations": {"prospect"}}, ["SARL Dupont & Fils"]),
        ({"text": "l"}, ["Ferrand", "Leroy", "SARL Dupont & Fils"]),  # too short to be searched
        ({"text": "zzz"}, []),
    ],
)
def test_clients_are_listed_by_name_as_far_as_the_filter_keeps_them(
    world: World, chosen: dict[str, Any], names: list[str]
) -> None:
    a_client(world, relation="suspect", account_manager=world.sales)
    values = {
        "relations": frozenset(chosen.get("relations", ())),
        "manager_ids": frozenset(world.ids[who] for who in chosen.get("managers", ())),
        "text": chosen.get("text", ""),
        "with_inactive": chosen.get("with_inactive", False),
    }
    page = list_clients(a_context(world, "reader"), chosen=ClientFilter(**values))
    assert ([row.client.name for row in page.rows], page.total) == (names, len(names))


def test_pages_have_fifty_rows_and_one_beyond_the_last_is_the_last(world: World) -> None:
    def seed(store: Any) -> None:
        for number in range(PAGE_ROWS + 1):
            name = f"Zz {number:03d}"
            store.clients.add("client", {"code": f"X{number}", "name": name, "folded_name": name.lower()})

    world.db.write(seed)
    ctx = a_context(world, "reader")
    first, last = (list_clients(ctx, chosen=ClientFilter(), page=page) for page in (1, 99))
    assert (len(first.rows), first.total, first.pages) == (PAGE_ROWS, PAGE_ROWS + 3, 2)
    assert (len(last.rows), last.number) == (3, 2)


# ---- the sheet


def sheet(world: World, who: str = "sales", client: int = 0, **values: Any) -> Any:
    return open_sheet(a_context(world, who), client_id=client or world.dupont, **values)


def test_a_client_without_anything_lacks_a_next_step(world: World) -> None:
    found = sheet(world, "reader", tab=Tab.TODO)
    assert (found.last, found.following, found.lacks_next_step) == (None, None, True)
    assert (found.actions.rows, found.counts) == ((), {Tab.TODO: 0, Tab.DONE: 0, Tab.ALL: 0})
    assert found.file == open_client(a_context(world, "reader"), client_id=world.dupont)


@pytest.mark.parametrize("values", [{"relation": "former"}, {"relation": "off_target"}, {"is_active": False}], ids=str)
def test_nobody_is_asked_to_call_a_client_that_is_over(world: World, values: dict[str, Any]) -> None:
    put(world, t.client, world.dupont, **values)
    assert not sheet(world).lacks_next_step


def test_the_next_contact_is_the_first_open_action_and_the_last_one_the_newest_report(world: World) -> None:
    done, older = an_action(world), an_action(world)
    a_report(world, older, done_on=TODAY - timedelta(days=9))
    a_report(world, done, done_on=TODAY - timedelta(days=2), done_time=time(9))
    an_action(world, status="planned", planned_date=TODAY + timedelta(days=3))
    soon = an_action(world, status="planned", planned_date=TODAY + timedelta(days=1), planned_time=time(14))
    an_action(world)  # to plan, without a date: last of all
    an_action(world, client=world.leroy, status="planned", planned_date=TODAY)
    found = sheet(world, tab=Tab.TODO)
    assert (found.last.kind, found.last.on, found.last.at, found.last.sub.id) == (
        TouchKind.ACTION, TODAY - timedelta(days=2), time(9), done,
    )  # fmt: skip
    assert (found.following.on, found.following.at, found.following.sub.id) == (
        TODAY + timedelta(days=1), time(14), soon,
    )  # fmt: skip
    assert not found.lacks_next_step
    assert found.counts == {Tab.TODO: 3, Tab.DONE: 2, Tab.ALL: 5}
    assert found.actions.rows[0].sub.id == soon


def test_a_contact_that_is_late_says_so(world: World) -> None:
    an_action(world, status="planned", planned_date=TODAY - timedelta(days=1))
    assert sheet(world).following.is_late


def test_another_unit_s_contact_is_known_by_its_day_only(world: World) -> None:
    an_action(world, "far", status="planned", planned_date=TODAY + timedelta(days=4), planned_time=time(8))
    found = sheet(world, "sales", tab=Tab.ALL).following
    assert (found.kind, found.on, found.at, found.sub) == (TouchKind.ELSEWHERE, TODAY + timedelta(days=4), None, None)
    assert sheet(world, "sales", tab=Tab.ALL).actions.rows == ()
    assert sheet(world, "admin").following.kind == TouchKind.ACTION


@pytest.mark.parametrize(
    ("direction", "state", "days", "kind"),
    [
        ("received", "received", 1, TouchKind.RECEIVED), ("sent", "sent", 1, TouchKind.SENT),
        ("sent", "recorded", 1, TouchKind.SENT), ("sent", "queued", 1, TouchKind.ACTION),
        ("sent", "failed", 1, TouchKind.ACTION), ("received", "received", 3, TouchKind.ACTION),
    ],
)  # fmt: skip
def test_a_message_that_came_later_is_the_last_contact(
    world: World, direction: str, state: str, days: int, kind: TouchKind
) -> None:
    a_report(world, an_action(world), done_on=TODAY - timedelta(days=2))
    at = NOW - timedelta(days=days)
    values = {"client_id": world.dupont, "direction": direction, "state": state, "at": at, "created_at": at}
    world.db.write(lambda store: store.connection.execute(insert(t.exchange).values(**values)))  # type: ignore[attr-defined]
    assert sheet(world).last.kind == kind


def test_an_action_counts_from_the_moment_it_is_saved_and_no_longer_once_it_is_over(world: World) -> None:
    sub = an_action(world, status="planned", planned_date=TODAY)
    assert sheet(world, tab=Tab.TODO).counts[Tab.TODO] == 1
    a_report(world, sub)
    found = sheet(world, tab=Tab.DONE)
    assert (found.following, found.last.on, found.counts[Tab.DONE]) == (None, TODAY, 1)


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_client_has_no_sheet(world: World, forged: str) -> None:
    with pytest.raises(NotFound):
        open_sheet(a_context(world, "sales"), client_id=FORGED[forged])


# ---- who has gone


def test_who_has_gone_stays_where_he_was_and_is_refused_for_anything_new(world: World) -> None:
    sub = an_action(world, contact=world.anne, site=world.plant)
    anne = open_client(a_context(world, "sales"), client_id=world.dupont).contacts[0]
    raw = {"name": anne.name, "phone": anne.phone, "site": anne.site_id, "is_active": False}
    change_contact(a_context(world, "sales"), contact_id=anne.id, version=anne.version, edits=raw)
    with pytest.raises(Invalid) as refused:
        an_action(world, contact=world.anne)
    assert refused.value.fields["contact"].id == "{contact} is no longer there: choose another contact."
    from lib.domain.actions import edit_sub_action

    edits = {"planned_date": TODAY + timedelta(days=1)}
    edit_sub_action(a_context(world, "sales"), sub_action_id=sub, version=1, edits=edits)
    assert the_sub(world, sub).contact_id == world.anne
    assert found(world, "06 11 22 33")[0][1] == "Anne Lefèvre"  # who calls is known all the same


def test_a_site_that_is_no_longer_used_passes_only_where_it_was(world: World) -> None:
    put(world, t.site, world.plant, is_active=False)
    file = open_client(a_context(world, "sales"), client_id=world.dupont)
    with pytest.raises(Invalid):
        checked_place(file, site_id=world.plant, contact_id=None)
    checked_place(file, site_id=world.plant, contact_id=None, kept=(world.plant, None))


# ---- a suspect that was met


def test_the_report_of_a_meeting_makes_a_suspect_a_prospect_and_says_so_in_the_journal(world: World) -> None:
    put(world, t.client, world.dupont, relation="suspect")
    sub = an_action(world, nature=world.meeting)
    a_report(world, sub)
    client = open_client(a_context(world, "sales"), client_id=world.dupont).client
    assert (client.relation, client.version) == ("prospect", 2)
    (told,) = world.db.read(lambda store: store.changes.since("client", world.dupont, 0))
    report = world.db.read(lambda store: store.changes.since("sub_action", sub, 1))
    assert (told.field, told.old, told.new, told.person_id) == ("relation", '"suspect"', '"prospect"', world.sales)
    assert {each.operation_id for each in report} == {told.operation_id}


@pytest.mark.parametrize(
    ("relation", "nature", "report"),
    [("suspect", "call", {}), ("client", "meeting", {}), ("former", "meeting", {}), ("off_target", "meeting", {})],
)
def test_no_other_relation_and_no_other_report_changes_it(
    world: World, relation: str, nature: str, report: dict[str, Any]
) -> None:
    put(world, t.client, world.dupont, relation=relation)
    a_report(world, an_action(world, nature=world.ids[nature]), **report)
    client = open_client(a_context(world, "sales"), client_id=world.dupont).client
    assert (client.relation, client.version) == (relation, 1)


def test_a_report_that_is_refused_leaves_the_suspect_alone(world: World) -> None:
    put(world, t.client, world.dupont, relation="suspect")
    sub = an_action(world, nature=world.meeting)
    before = stored_state(world.db)
    raw = a_report_raw(follow_up="sub_action", next={"nature": None})
    with pytest.raises(Invalid):
        enter_report(a_context(world, "sales"), sub_action_id=sub, version=1, raw=raw, request_key=a_key())
    assert stored_state(world.db) == before
    assert open_client(a_context(world, "sales"), client_id=world.dupont).client.relation == "suspect"


def test_the_words_of_a_client_are_those_of_all_its_parts(world: World) -> None:
    file = open_client(a_context(world, "reader"), client_id=world.dupont)
    assert index_words(file) >= {"sarl", "dupont", "fils", "dup69", "lyon", "0478123456", "usine", "69200", "oeuvrard"}
