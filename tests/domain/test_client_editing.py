"""Clients, sites and contacts created and changed: checked at each field, doubles told, found by their new words."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.db import tables as t
from lib.domain.client_editing import (
    Doubles,
    add_contact,
    add_site,
    change_client,
    change_contact,
    change_site,
    create_client,
    open_contact,
    open_site,
)
from lib.domain.client_fields import (
    CLIENT_FIELDS,
    CONTACT_FIELDS,
    SITE_FIELDS,
    checked_coordinates,
    checked_siret,
    form_values,
    is_siret,
    shown_coordinates,
    shown_siret,
)
from lib.domain.clients import Client, Site, find_clients, open_client
from lib.domain.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from lib.domain.lists import ActionFilter, Tab, list_actions
from tests.builders import World, a_context, a_key, an_action, put, rows_of, stored_state
from tests.domain.test_words_and_numbers import FORGED
from tests.naughty_strings import NAUGHTY

SIRET, SIRET_OF_THE_POST = "73282932000074", "35600000000048"
CLIENT = {"name": "Ferrand Mécanique", "relation": "suspect"}


def created(world: World, who: str = "sales", *, accepted: tuple[str, ...] = (), **values: Any) -> int:
    return create_client(a_context(world, who), raw={**CLIENT, **values}, request_key=a_key(), accepted=accepted)


def site_added(world: World, client_id: int = 0, who: str = "sales", **values: Any) -> int:
    raw = {"name": "Atelier", **values}
    return add_site(a_context(world, who), client_id=client_id or world.dupont, raw=raw, request_key=a_key())


def contact_added(world: World, client_id: int = 0, who: str = "sales", **values: Any) -> int:
    accepted = values.pop("accepted", ())
    raw, ctx = {"name": "Claire Morin", **values}, a_context(world, who)
    return add_contact(ctx, client_id=client_id or world.dupont, raw=raw, request_key=a_key(), accepted=accepted)


def the_client(world: World, client_id: int) -> Client:
    return open_client(a_context(world, "reader"), client_id=client_id).client


def changed(world: World, client_id: int, who: str = "sales", *, accepted: tuple[str, ...] = (), **values: Any) -> None:
    before = the_client(world, client_id)
    ctx = a_context(world, who)
    change_client(ctx, client_id=client_id, version=before.version, edits=values, accepted=accepted)


def names_found(world: World, typed: str) -> list[str]:
    return [hit.client.name for hit in find_clients(a_context(world, "reader"), text=typed)]


# ---- numbers and addresses


@pytest.mark.parametrize("number", [SIRET, SIRET_OF_THE_POST, "35600000049837"])
def test_a_siret_has_fourteen_digits_and_its_key(number: str) -> None:
    assert is_siret(number)


@given(st.text("0123456789", min_size=13, max_size=13))
def test_of_ten_last_digits_one_makes_a_siret(start: str) -> None:
    if not start.startswith("356000000"):
        assert sum(is_siret(f"{start}{last}") for last in range(10)) == 1


@pytest.mark.parametrize("typed", ["732 829 320 00074", "732.829.320.00074", " 73282932000074 ", "732-829-320-00074"])
def test_a_siret_is_read_in_any_spacing_and_shown_in_groups(typed: str) -> None:
    assert checked_siret(typed) == SIRET
    assert checked_siret(shown_siret(SIRET)) == SIRET


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("45.764, 4.8357", (45.764, 4.8357)), ("45,764; 4,8357", (45.764, 4.8357)), ("-20.88 55.45", (-20.88, 55.45)),
        ("48,4", (48.0, 4.0)), ("0,0", (0.0, 0.0)), ("", (None, None)), ("  ", (None, None)),
    ],
)  # fmt: skip
def test_coordinates_are_read_as_maps_give_them(typed: str, place: tuple[float | None, float | None]) -> None:
    assert checked_coordinates(typed) == place


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_shown_coordinates_are_read_back_within_a_decimetre(latitude: float, longitude: float) -> None:
    shown = shown_coordinates(Site(1, 1, "x", latitude=latitude, longitude=longitude))
    again = checked_coordinates(shown)
    assert again == (pytest.approx(latitude, abs=1e-6), pytest.approx(longitude, abs=1e-6))


# ---- what is refused


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("name", ["", "  ", "\u2800", None, "x" * 161]),
        ("code", ["a b", "é", "x" * 21, "=1", "DUP69"]),
        ("siret", ["7328293200007", "73282932000075", "732829320000744", "abc", "７３２８２９３２００００７４"]),
        ("phone", ["12", "appelez", "1" * 16, "06 11 22 33 44 <b>", "x" * 31]),
        ("website", ["javascript:alert(1)", "http://acme.fr", "ftp://acme.fr", "//acme.fr", "https://", "https://a",
                     "https://acme.fr@evil.example", "https://acme.fr/<b>", "acme .fr", f"https://{'a' * 200}.fr"]),
        ("relation", ["", None, "friend", 3, ["client"]]),
        ("account_manager", [4242, "1", True, -1]),
        ("business_activity", [4242, "1", True]),
        ("town", ["x" * 81]),
    ],
)  # fmt: skip
def test_what_makes_no_client_is_refused_at_its_field(world: World, field: str, values: list[object]) -> None:
    before = stored_state(world.db)
    for value in values:
        with pytest.raises(Invalid) as refused:
            created(world, **{field: value})
        assert list(refused.value.fields) == [field], value
    assert stored_state(world.db) == before


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("name", ["", "x" * 121]), ("address", ["x" * 201]), ("town", ["x" * 81]), ("phone", ["abc"]),
        ("postcode", ["6", "69 003!", "x" * 11]),
        ("coordinates", ["45", "91, 4", "45, 181", "a, b", "45.1.2, 4", "nan, nan", "45, 4, 3", "1e2, 3"]),
    ],
)  # fmt: skip
def test_what_makes_no_site_is_refused_at_its_field(world: World, field: str, values: list[object]) -> None:
    before = stored_state(world.db)
    for value in values:
        with pytest.raises(Invalid) as refused:
            site_added(world, **{field: value})
        assert list(refused.value.fields) == [field], value
    assert stored_state(world.db) == before


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("name", ["", "x" * 121]), ("role", ["x" * 81]), ("phone", ["abc"]),
        ("email", ["claire", "claire@", "@acme.fr", "a@b", "a b@acme.fr", "a@acme..fr", "a@acme.fr\nBcc: x@y.fr",
                   "a@acme.fr, b@acme.fr", "Claire <a@acme.fr>", "é@acme.fr", "x" * 65 + "@acme.fr"]),
    ],
)  # fmt: skip
def test_what_makes_no_contact_is_refused_at_its_field(world: World, field: str, values: list[object]) -> None:
    before = stored_state(world.db)
    for value in values:
        with pytest.raises(Invalid) as refused:
            contact_added(world, **{field: value})
        assert list(refused.value.fields) == [field], value
    assert stored_state(world.db) == before


def test_every_problem_is_told_at_once(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        created(world, name="", siret="1", phone="x", relation="x")
    assert list(refused.value.fields) == ["name", "siret", "phone", "relation"]


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_value_in_any_field_is_refused_or_counts_as_empty(world: World, forged: str) -> None:
    value = FORGED[forged]
    for fields, use_case in ((CLIENT_FIELDS, created), (SITE_FIELDS, site_added), (CONTACT_FIELDS, contact_added)):
        for field in fields:
            with suppress(DomainError):  # anything else is a surprise
                use_case(world, **{field: value})
    for record in (change_client, change_site, change_contact):
        name = record.__name__.removeprefix("change_")
        with pytest.raises(NotFound):
            record(a_context(world, "sales"), **{f"{name}_id": value}, version=1, edits={})


@pytest.mark.parametrize("naughty", NAUGHTY, ids=range(len(NAUGHTY)))
def test_a_naughty_name_is_stored_clean_or_refused_and_found_again(world: World, naughty: str) -> None:
    with suppress(Invalid):
        name = the_client(world, created(world, name=naughty)).name
        assert name
        assert not set(name) & set("\x00\u202e\n\r\ud800")


@pytest.mark.parametrize("who", ["reader"])
def test_whoever_may_not_edit_clients_changes_nothing(world: World, who: str) -> None:
    before, ctx = stored_state(world.db), a_context(world, who)
    for attempt in (
        lambda: created(world, who),
        lambda: changed(world, world.dupont, who, name="X"),
        lambda: site_added(world, who=who),
        lambda: contact_added(world, who=who),
        lambda: change_site(ctx, site_id=world.plant, version=1, edits={"name": "X"}),
        lambda: change_contact(ctx, contact_id=world.anne, version=1, edits={"name": "X"}),
        lambda: open_site(ctx, site_id=world.plant),
        lambda: open_contact(ctx, contact_id=world.anne),
    ):
        with pytest.raises(NotAllowed) as refused:
            attempt()
        assert refused.value.sentence.id == "Your profile doesn't change clients."
    assert stored_state(world.db) == before


# ---- creating


def test_a_client_gets_a_code_of_ours_when_none_is_typed(world: World) -> None:
    created(world, name="Pris", code="C00002")
    first, second, third = (the_client(world, created(world, name=name)).code for name in ("A", "B", "C"))
    assert [first, second, third] == ["C00001", "C00003", "C00004"]


def test_a_new_client_is_stored_as_typed_and_journalled(world: World) -> None:
    client_id = created(
        world, code="FER38", siret="732 829 320 00074", town=" Lyon ", phone="04 65 71 00 00",
        website="ferrand.example", account_manager=world.far, business_activity=world.water,
    )  # fmt: skip
    assert the_client(world, client_id) == Client(
        client_id, "FER38", "Ferrand Mécanique", "Lyon", "04 65 71 00 00", "suspect", world.far, True, world.water,
        SIRET, "https://ferrand.example",
    )  # fmt: skip
    told = world.db.read(lambda store: store.changes.since("client", client_id, 0))
    assert {(each.operation, each.person_id) for each in told} == {("create_client", world.sales)}
    assert {"name", "siret", "account_manager_id"} <= {each.field for each in told}


def test_the_same_form_sent_twice_creates_one(world: World) -> None:
    ctx, key = a_context(world, "sales"), a_key()
    first = create_client(ctx, raw=CLIENT, request_key=key)
    assert create_client(ctx, raw=CLIENT, request_key=key) == first
    contact = add_contact(ctx, client_id=first, raw={"name": "A"}, request_key=key + "c")
    assert add_contact(ctx, client_id=first, raw={"name": "A"}, request_key=key + "c") == contact


def test_two_who_take_one_code_at_once_get_one_client_and_one_sentence(world: World) -> None:
    start = Barrier(2)

    def take(name: str) -> str:
        start.wait()
        try:
            return str(created(world, name=name, code="ONE"))
        except Invalid as refused:
            return str(refused.fields["code"])

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(take, ("Un", "Deux")))
    assert sorted(each.isdigit() for each in results) == [False, True]
    assert "Another client has this code: choose another one, or leave it empty." in results


# ---- doubles


def test_a_client_of_the_same_siret_or_name_is_told_before_anything_is_saved(world: World) -> None:
    first = created(world, siret=SIRET)
    before = stored_state(world.db)
    with pytest.raises(Doubles) as told:
        created(world, name="FERRAND mécanique", siret=SIRET)
    assert [each.key for each in told.value.found] == [f"siret:{first}", f"name:{first}"]
    with pytest.raises(Doubles):  # only what was told counts
        created(world, siret=SIRET, accepted=(f"name:{first}",))
    assert stored_state(world.db) == before
    assert created(world, siret=SIRET, accepted=(f"siret:{first}", f"name:{first}")) != first


def test_a_contact_of_the_same_address_is_told_wherever_he_is(world: World) -> None:
    first = contact_added(world, world.leroy, email="claire.morin@acme.fr")
    before = stored_state(world.db)
    with pytest.raises(Doubles) as told:
        contact_added(world, email="CLAIRE.MORIN@acme.fr")
    (double,) = told.value.found
    assert (double.key, double.client.id) == (f"email:{first}", world.leroy)
    assert stored_state(world.db) == before
    contact_added(world, email="claire.morin@acme.fr", accepted=(f"email:{first}",))


def test_what_was_accepted_once_isn_t_asked_at_each_change(world: World) -> None:
    first = created(world, siret=SIRET)
    second = created(world, siret=SIRET, accepted=(f"siret:{first}", f"name:{first}"))
    changed(world, second, town="Voiron")
    with pytest.raises(Doubles):
        changed(world, second, name="Leroy")


def test_no_name_and_no_siret_are_nobody_s_double(world: World) -> None:
    created(world, name="…", siret="")
    created(world, name="!!", siret="")
    contact_added(world, email="")
    contact_added(world, email="")


# ---- changing


def test_a_changed_name_is_found_at_once_on_the_client_and_in_the_lists_of_actions(world: World) -> None:
    an_action(world)
    changed(world, world.dupont, name="Nouvelle Raison", town="Brest")
    assert names_found(world, "dupont fils") == []
    assert names_found(world, "raison brest") == ["Nouvelle Raison"]
    page = list_actions(a_context(world, "sales"), chosen=ActionFilter(tab=Tab.ALL, text="raison brest"))
    assert page.total == 1


def test_a_changed_contact_is_found_at_once_in_the_lists_of_actions_too(world: World) -> None:
    an_action(world, contact=world.anne)
    ctx = a_context(world, "sales")
    change_contact(ctx, contact_id=world.anne, version=1, edits={"name": "Anne Nouveaunom", "site": world.plant})
    assert names_found(world, "nouveaunom") == ["SARL Dupont & Fils"]
    assert list_actions(ctx, chosen=ActionFilter(tab=Tab.ALL, text="nouveaunom")).total == 1


def test_a_site_is_added_changed_and_taken_out_of_use(world: World) -> None:
    ctx = a_context(world, "sales")
    site_id = site_added(world, postcode="38500", town="Voiron", coordinates="45.36, 5.59")
    assert names_found(world, "voiron") == ["SARL Dupont & Fils"]
    raw = {"town": "Moirans", "coordinates": "", "is_active": False}
    change_site(ctx, site_id=site_id, version=1, edits=raw)
    site = open_site(ctx, site_id=site_id)
    assert (site.town, site.is_active, site.latitude, site.version) == ("Moirans", False, None, 2)
    assert names_found(world, "voiron") == []


def test_a_client_put_to_sleep_is_no_longer_found_and_its_actions_stay(world: World) -> None:
    sub = an_action(world)
    changed(world, world.dupont, is_active=False)
    assert names_found(world, "dupont") == []
    assert list_actions(a_context(world, "sales"), chosen=ActionFilter()).rows[0].sub.id == sub


def test_saving_what_nobody_changed_writes_nothing(world: World) -> None:
    before = stored_state(world.db)
    changed(world, world.dupont)
    file = open_client(a_context(world, "reader"), client_id=world.dupont)
    ctx = a_context(world, "sales")
    change_client(ctx, client_id=world.dupont, version=1, edits=form_values(file.client))
    for site in file.sites:
        change_site(ctx, site_id=site.id, version=1, edits=form_values(site))
    for contact in file.contacts:
        change_contact(ctx, contact_id=contact.id, version=1, edits=form_values(contact))
    assert stored_state(world.db) == before


def test_a_contact_s_site_is_one_of_the_client_s_own_and_used(world: World) -> None:
    for site in (world.shop, 4242):
        with pytest.raises(Invalid) as refused:
            contact_added(world, site=site)
        assert list(refused.value.fields) == ["site"]
    put(world, t.site, world.plant, is_active=False)
    with pytest.raises(Invalid):
        contact_added(world, site=world.plant)
    raw = {"name": "Anne Lefèvre", "site": world.plant}  # she worked there already
    change_contact(a_context(world, "sales"), contact_id=world.anne, version=1, edits=raw)


def test_a_manager_who_has_left_stays_where_he_is_but_is_given_no_client(world: World) -> None:
    with pytest.raises(Invalid):
        changed(world, world.dupont, account_manager=world.gone)
    put(world, t.client, world.dupont, account_manager_id=world.gone)
    changed(world, world.dupont, town="Bron")
    assert the_client(world, world.dupont).account_manager_id == world.gone


# ---- two at once


def test_who_changes_the_same_field_on_an_old_version_is_told_what_the_other_typed(world: World) -> None:
    changed(world, world.dupont, "colleague", town="Bron", phone="04 65 71 11 11")
    ctx, before = a_context(world, "sales"), stored_state(world.db)
    with pytest.raises(Conflict) as told:
        change_client(ctx, client_id=world.dupont, version=1, edits={"town": "Meylan", "code": "DUP38"})
    assert told.value.by is not None
    assert told.value.by.id == world.colleague
    (field,) = told.value.changes
    assert (field.field, field.original, field.theirs, field.mine) == ("town", "Lyon", "Bron", "Meylan")
    assert stored_state(world.db) == before


def test_two_who_change_different_fields_both_have_it(world: World) -> None:
    changed(world, world.dupont, "colleague", town="Bron")
    ctx = a_context(world, "sales")
    change_client(ctx, client_id=world.dupont, version=1, edits={"phone": "04 65 71 11 11"})
    client = the_client(world, world.dupont)
    assert (client.town, client.phone, client.version) == ("Bron", "04 65 71 11 11", 3)


def test_an_old_value_that_would_be_refused_today_is_nobody_s_business_until_it_is_changed(world: World) -> None:
    put(world, t.client, world.dupont, phone="demander Paul", siret="123")
    changed(world, world.dupont, town="Bron")
    assert the_client(world, world.dupont).phone == "demander Paul"
    with pytest.raises(Invalid):
        changed(world, world.dupont, phone="demander Anne")


def test_many_who_add_contacts_at_once_leave_every_word_behind(world: World) -> None:
    names = ("Alix", "Basile", "Cyprien", "Dorothée", "Eusèbe", "Firmin")
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(lambda name: contact_added(world, name=name), names))
    assert rows_of(world.db, t.contact) == {"contact": 3 + len(names)}
    for name in names:
        assert names_found(world, name) == ["SARL Dupont & Fils"]
