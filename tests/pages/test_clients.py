"""Clients on the screens: found, seen whole on one sheet, created and changed, as each kind of person."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest

from lib.db import tables as t
from lib.domain.clients import Client, open_client
from tests.builders import TODAY, World, a_context, a_report, an_action, put, rows_of
from tests.domain.test_client_editing import SIRET, changed, created
from tests.pages.screens import assert_says, choose, click, said
from tests.pages.streamlit_events import data_of, fire


def the_client(world: World, client_id: int) -> Client:
    return open_client(a_context(world, "admin"), client_id=client_id).client


def cells(at: Any, key: str) -> list[list[str]]:
    """What each cell of a table says, row by row."""
    return [
        [cell if isinstance(cell, str) else cell.get("text", "") for cell in row["cells"]]
        for row in data_of(at, key)["rows"]
    ]


def names(at: Any) -> list[str]:
    return [row[0] for row in cells(at, "clients.table")]


# ---- the list


def test_a_salesperson_first_sees_his_own_clients_and_everybody_s_while_he_types(screen, world):
    put(world, t.client, world.leroy, account_manager_id=world.sales)
    at = screen("sales", "clients")
    assert names(at) == ["Leroy"]
    at.text_input("cl_text").set_value("06 11 22").run()
    assert names(at) == ["SARL Dupont & Fils"]
    assert cells(at, "clients.table")[0][-1] == "Anne Lefèvre"
    at.text_input("cl_text").set_value("").run()
    assert names(at) == ["Leroy"]


@pytest.mark.parametrize("who", ["manager", "admin", "reader"])
def test_others_first_see_all_clients(screen, world, who):
    assert names(screen(who, "clients")) == ["Leroy", "SARL Dupont & Fils"]


def test_a_chosen_colleague_s_clients_stay_chosen_while_one_types(screen, world):
    put(world, t.client, world.leroy, account_manager_id=world.colleague)
    at = screen("sales", "clients", cl_who=world.colleague)
    at.text_input("cl_text").set_value("du").run()
    assert names(at) == []
    assert_says(at, "0 client")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"cl_text": "dup"}, ["SARL Dupont & Fils"]),
        ({"cl_relation": "suspect"}, ["Leroy"]),
        ({"cl_relation": "friend,suspect"}, ["Leroy"]),
        ({"cl_all": "1"}, ["Dupont Ancien", "Leroy", "SARL Dupont & Fils"]),
        ({"cl_who": "abc", "cl_page": "-3"}, ["Leroy", "SARL Dupont & Fils"]),
        ({"cl_text": "%_'\"*(", "cl_page": "999"}, ["Leroy", "SARL Dupont & Fils"]),
    ],
)
def test_the_address_filters_the_list_and_a_forged_one_opens_it_all_the_same(screen, world, query, found):
    put(world, t.client, world.leroy, relation="suspect")
    assert names(screen("admin", "clients", **query)) == found


def test_a_name_that_nobody_has_begins_a_new_client(screen, world):
    at = screen("sales", "clients", cl_text="Ferrand")
    click(at, "clients.create")
    assert screen.page == "edit_client"
    assert at.text_input("client_form.client.new.name").value == "Ferrand"


def test_a_row_opens_the_sheet(screen, world):
    at = screen("admin", "clients")
    fire(at, "clients.table", "open", {"row": str(world.leroy)})
    assert screen.page == "client"
    assert_says(at, "Leroy")


def test_the_sidebar_leads_to_the_sheet(screen, world):
    at = choose(screen("reader", "my_day"), "frame.find", True).run()
    at.text_input("frame.client.text").set_value("04.72.00").run()
    (found,) = [button for button in at.button if button.key.startswith("frame.client.pick.")]
    assert found.label.replace("\\", "") == "SARL Dupont & Fils · Lyon · DUP69 — Siège 04.72.00.11.22"
    found.click().run()
    assert screen.page == "client"


# ---- the sheet


def test_a_client_without_anything_shows_what_is_missing_and_the_way_to_it(screen, world):
    at = screen("sales", "client", client=world.dupont)
    assert_says(at, "SARL Dupont & Fils", "No next contact", "[+33 4 78 12 34 56](tel:0478123456)")
    click(at, "client.plan")
    assert screen.page == "new_action"
    assert at.session_state["new.client"] == world.dupont


def test_the_sheet_shows_the_next_and_the_last_contact_and_both_tabs_of_actions(screen, world):
    done = an_action(world, contact=world.anne)
    a_report(world, done, done_on=TODAY - timedelta(days=2))
    an_action(
        world, status="planned", planned_date=TODAY + timedelta(days=1), planned_time=time(14), contact=world.paul
    )
    at = screen("sales", "client", client=world.dupont)
    told = [link.proto.label.replace("\\", "").replace("\N{NO-BREAK SPACE}", " ") for link in at.get("page_link")]
    assert "**tomorrow 14:00** · Appel · Paul Œuvrard · Sales" in told
    assert "2 days ago · Appel · Anne Lefèvre · Sales" in told
    assert [row[0] for row in cells(at, "client.actions")] == ["A000002/01"]
    at.segmented_control("client.list").set_value("done").run()
    assert [row[0] for row in cells(at, "client.actions")] == ["A000001/01"]
    assert at.query_params["list"] == "done"
    assert at.segmented_control("client.list").options == ["To do (1)", "Done actions (1)", "All (2)"]


def test_another_unit_s_contact_is_said_by_its_day_only(screen, world):
    an_action(world, "far", status="planned", planned_date=TODAY + timedelta(days=1), detail="<p>Secret</p>")
    at = screen("sales", "client", client=world.dupont, list="all")
    assert_says(at, "tomorrow · by another unit")
    assert cells(at, "client.actions") == []
    assert "Secret" not in said(at)


def test_contacts_and_sites_are_dialled_written_to_and_seen_on_a_map_elsewhere(screen, world):
    put(world, t.contact, world.anne, email="anne@acme.example")
    put(world, t.site, world.plant, latitude=45.7, longitude=4.88)
    at = screen("reader", "client", client=world.dupont)
    anne = data_of(at, "client.contact.table")["rows"][0]["cells"]
    assert [cell["href"] for cell in anne[1:3]] == ["tel:0611223344", "mailto:anne@acme.example"]
    site = next(row["cells"] for row in data_of(at, "client.site.table")["rows"] if row["id"] == str(world.plant))
    assert site[3]["href"].startswith("https://www.openstreetmap.org/?mlat=45.700000&mlon=4.880000")


def test_who_has_gone_is_shown_on_demand(screen, world):
    put(world, t.contact, world.anne, is_active=False)
    at = screen("sales", "client", client=world.dupont)
    assert [row[0] for row in cells(at, "client.contact.table")] == ["Paul Œuvrard"]
    at.toggle("client.contacts").set_value(True).run()
    assert [row[0] for row in cells(at, "client.contact.table")] == ["Anne Lefèvre", "Paul Œuvrard"]


@pytest.mark.parametrize("tab", ["deals", "documents", "exchanges", "reports", "zzz"])
def test_each_tab_opens_from_the_address_for_a_reader_too(screen, world, tab):
    at = screen("reader", "client", client=world.dupont, tab=tab)
    assert at.segmented_control("client.tab").value == (tab if tab != "zzz" else "actions")
    assert not at.warning


@pytest.mark.parametrize(
    ("who", "buttons"),
    [
        ("sales", {"client.new_action", "client.new_deal", "client.new_service_report", "client.edit_client",
                   "client.new_contact", "client.new_site", "client.plan"}),
        ("reader", set()),
    ],
)  # fmt: skip
def test_the_sheet_offers_what_the_profile_may_do(screen, world, who, buttons):
    at = screen(who, "client", client=world.dupont)
    assert {button.key for button in at.button if str(button.key).startswith("client.")} == buttons
    assert data_of(at, "client.contact.table")["columns"][0]["opens"] == (who == "sales")


def test_an_inactive_client_says_so_and_asks_for_nothing(screen, world):
    at = screen("sales", "client", client=world.asleep)
    assert_says(at, "Dupont Ancien", "Inactive")
    assert "No next contact" not in said(at)


@pytest.mark.parametrize("raw", ["abc", "", "0", "-1", "99999", "9" * 40, "²"])
@pytest.mark.parametrize("name", ["client", "edit_client"])
def test_a_forged_client_gets_a_sentence_and_a_way_back(screen, world, name, raw):
    at = screen("admin", name, client=raw)
    assert_says(at, "This record doesn't exist or isn't yours to see.")
    click(at, "reading.back")
    assert screen.page == "clients"


# ---- creating and changing


def opened(at: Any, noun: str, record: object = "new") -> str:
    return f"client_form.{noun}.{record}"


def test_a_new_client_is_created_and_his_sheet_opens(screen, world):
    at = screen("sales", "edit_client")
    form = opened(at, "client")
    assert at.session_state[f"{form}.account_manager"] == world.sales
    choose(at, f"{form}.name", "Ferrand")
    choose(at, f"{form}.siret", "732 829 320 00074")
    click(at, "save_client")
    assert screen.page == "client"
    assert_says(at, "The client is created.", "Ferrand", "732 829 320 00074")
    client = the_client(world, int(at.query_params["client"]))
    assert (client.siret, client.relation, client.account_manager_id) == (SIRET, "suspect", world.sales)


def test_errors_stand_at_their_fields_and_what_was_typed_stays(screen, world):
    at = screen("sales", "edit_client")
    form = opened(at, "client")
    for name, value in {"name": "", "siret": "123", "phone": "x"}.items():
        choose(at, f"{form}.{name}", value)
    click(at, "save_client")
    assert_says(at, "Nothing was saved. To mend: Name, SIRET, Phone.", "This field is required.")
    assert at.text_input(f"{form}.siret").value == "123"


def test_a_double_is_shown_before_and_created_only_when_it_is_wanted(screen, world):
    first = created(world, siret=SIRET)
    before = rows_of(world.db, t.client)
    at = screen("sales", "edit_client")
    form = opened(at, "client")
    choose(at, f"{form}.name", "Ferrand mecanique")
    choose(at, f"{form}.siret", SIRET)
    click(at, "save_client")
    assert_says(at, "There are perhaps some already:")
    told = [link for link in at.get("page_link") if link.proto.page == "client"]
    assert {link.proto.query_string for link in told} == {f"client={first}"}
    assert rows_of(world.db, t.client) == before
    click(at, f"{form}.accept")
    assert screen.page == "client"
    assert rows_of(world.db, t.client) == {"client": before["client"] + 1}


def test_only_what_was_changed_is_saved_so_that_a_colleague_s_change_stays(screen, world):
    at = screen("sales", "edit_client", client=world.dupont)
    form = opened(at, "client", world.dupont)
    changed(world, world.dupont, "colleague", town="Bron")
    choose(at, f"{form}.phone", "04 65 71 00 00")
    click(at, "save_client")
    assert screen.page == "client"
    client = the_client(world, world.dupont)
    assert (client.phone, client.town) == ("04 65 71 00 00", "Bron")


def test_the_same_field_changed_by_a_colleague_is_told_and_one_chooses(screen, world):
    at = screen("sales", "edit_client", client=world.dupont)
    form = opened(at, "client", world.dupont)
    changed(world, world.dupont, "colleague", town="Bron")
    choose(at, f"{form}.town", "Meylan")
    click(at, "save_client")
    assert_says(at, "Colleague changed this record in the meantime. Compare, then save again.")
    assert the_client(world, world.dupont).town == "Bron"
    click(at, f"{form}.mine")
    click(at, "save_client")
    assert the_client(world, world.dupont).town == "Meylan"


def test_what_was_being_typed_comes_back(screen, world):
    at = screen("sales", "edit_client", client=world.dupont)
    form = opened(at, "client", world.dupont)
    at.text_input(f"{form}.town").set_value("Meylan").run()
    assert_says(at, "Draft saved at 10:30")
    screen.go("my_day")
    at = screen.go("edit_client", client=world.dupont)
    assert at.text_input(f"{form}.town").value == "Meylan"
    click(at, f"{form}.give_up")
    assert screen.page == "client"
    assert the_client(world, world.dupont).town == "Lyon"


def test_a_contact_is_added_and_changed_from_the_sheet(screen, world):
    at = screen("sales", "client", client=world.dupont)
    click(at, "client.new_contact")
    form = opened(at, "contact")
    choose(at, f"{form}.name", "Claire Morin")
    choose(at, f"{form}.email", "claire.morin@acme.fr")
    click(at, "save_part")
    assert "Claire Morin" in [row[0] for row in cells(at, "client.contact.table")]
    contact = open_client(a_context(world, "sales"), client_id=world.dupont).contacts[1]
    fire(at, "client.contact.table", "open", {"row": str(contact.id)})
    form = opened(at, "contact", contact.id)
    assert at.text_input(f"{form}.email").value == "claire.morin@acme.fr"
    choose(at, f"{form}.is_active", False)
    click(at, "save_part")
    assert [row[0] for row in cells(at, "client.contact.table")] == ["Anne Lefèvre", "Paul Œuvrard"]


def test_a_site_is_added_from_the_sheet(screen, world):
    at = screen("sales", "client", client=world.dupont)
    click(at, "client.new_site")
    form = opened(at, "site")
    choose(at, f"{form}.name", "Atelier")
    choose(at, f"{form}.coordinates", "45.36, 5.59")
    click(at, "save_part")
    assert "Atelier" in [row[0] for row in cells(at, "client.site.table")]


def test_a_reader_who_forges_a_click_gets_no_dialog(screen, world):
    at = screen("reader", "client", client=world.dupont)
    at.session_state["client_part.asked"] = ("contact", world.dupont, 0)
    at.run()
    assert_says(at, "Your profile doesn't change clients.")
    assert not [button for button in at.button if button.key == "save_part"]


def test_a_contact_added_from_a_new_action_is_chosen_in_it(screen, world):
    at = screen("sales", "new_action", client=world.dupont)
    click(at, "client_part.new_contact")
    form = opened(at, "contact")
    choose(at, f"{form}.name", "Claire Morin")
    click(at, "save_part")
    contact = next(
        each
        for each in open_client(a_context(world, "sales"), client_id=world.dupont).contacts
        if each.name == "Claire Morin"
    )
    assert at.selectbox("new.contact").value == contact.id
    click(at, "client_part.new_site")
    choose(at, f"{opened(at, 'site')}.name", "Atelier")
    click(at, "save_part")
    assert at.selectbox("new.contact").value == contact.id
    assert "Atelier" in at.selectbox("new.site").options


def test_the_file_of_an_action_leads_to_its_client(screen, world):
    at = screen("reader", "action", sub=an_action(world))
    (link,) = [link for link in at.get("page_link") if link.proto.page == "client"]
    assert link.proto.query_string == f"client={world.dupont}"
