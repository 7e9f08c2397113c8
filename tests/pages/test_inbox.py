"""À rattacher: what waits is read, attached to an action, to a new one, set aside; by whom it may."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lib.db import tables as t
from lib.domain.drafts import kept_drafts
from lib.domain.exchanges import Exchange, open_exchange
from lib.domain.inbox import set_aside
from lib.domain.incoming import IncomingMessage
from lib.domain.receiving import Receiver, receive_message
from tests.builders import NOW, World, a_context, an_action, put, rows_of, the_chain
from tests.pages.screens import assert_says, choose, click, said
from tests.pages.streamlit_events import data_of, fire
from tests.some_files import some_files

ANNE = "anne@dupont.example"


@pytest.fixture
def office(world: World, tmp_path: Path) -> Receiver:
    put(world, t.contact, world.anne, email=ANNE)
    return Receiver(world.db, some_files(tmp_path), lambda: NOW)


def waiting(office: Receiver, subject: str = "Devis", sender: str = ANNE, **values: Any) -> int:
    """A message that found no action."""
    receive_message(office, IncomingMessage(**{
        "message_id": subject, "sender_email": sender, "subject": subject, "body_html": "<p>Bonjour</p>", **values,
    }))  # fmt: skip
    return office.db.read(lambda store: store.exchanges.by_message_ids([subject]))[subject].id


def the(world: World, exchange_id: int) -> Exchange:
    return open_exchange(a_context(world, "admin"), exchange_id=exchange_id).exchange


def listed(at) -> dict[str, list[str]]:
    return {
        row["id"]: [cell if isinstance(cell, str) else cell.get("text", "") for cell in row["cells"]]
        for row in data_of(at, "inbox_table")["rows"]
    }


def test_what_waits_is_listed_with_the_client_its_sender_is_known_at(screen, world, office):
    known, unknown = waiting(office), waiting(office, "Question", "x@y.example", sender_name="Quelqu'un")
    rows = listed(screen("admin", "inbox"))
    assert [cell.replace("\N{NO-BREAK SPACE}", " ") for cell in rows[str(known)]] == [
        "today 10:30", "Anne Lefèvre", "SARL Dupont & Fils", "Devis", "",
    ]  # fmt: skip
    assert rows[str(unknown)][1:4] == ["Quelqu'un", "unknown", "Question"]


def test_nothing_to_attach_says_so(screen):
    at = screen("sales", "inbox")
    assert "No message waits" in data_of(at, "inbox_table")["labels"]["empty"]
    at.segmented_control("i_tab").set_value("aside").run()
    assert "Nothing was set aside." in data_of(at, "inbox_table")["labels"]["empty"]


def test_the_navigation_says_how_many_wait(screen, world, office, monkeypatch):
    from lib.ui import frame

    titles: list[str] = []
    real = frame.st.navigation

    def watch(pages, **options):
        titles[:] = [page.title for found in pages.values() for page in found]
        return real(pages, **options)

    monkeypatch.setattr(frame.st, "navigation", watch)
    screen("admin", "my_day")
    assert "To attach" in titles
    exchange_id = waiting(office)
    screen("admin", "inbox", i_open=exchange_id)
    assert "To attach (1)" in titles
    click(screen.at, "inbox.set_aside")
    screen.at.run()
    assert "To attach" in titles


def test_a_message_goes_to_the_action_proposed_first(screen, world, office):
    sub = an_action(world, contact=world.anne)
    exchange_id = waiting(office)
    at = fire(screen("sales", "inbox"), "inbox_table", "open", {"row": str(exchange_id)})
    assert_says(at, "Bonjour", "SARL Dupont & Fils")
    assert at.radio("inbox.action").value == the_chain(world, sub).action.id
    click(at, "inbox.attach")
    assert_says(at, "The message is attached to the action.")
    assert the(world, exchange_id).action_id == the_chain(world, sub).action.id
    assert listed(at) == {}


def test_an_action_is_found_by_its_number(screen, world, office):
    an_action(world)
    other = an_action(world, client=world.leroy)
    exchange_id = waiting(office, sender="x@y.example")
    at = screen("sales", "inbox", i_open=exchange_id)
    assert_says(at, "Choose its client, or find an action.")
    choose(at, "inbox.text", "A000002").run()
    click(at, "inbox.attach")
    assert the(world, exchange_id).action_id == the_chain(world, other).action.id


def test_another_client_s_actions_are_proposed_once_he_is_chosen(screen, world, office):
    sub = an_action(world, client=world.leroy)
    exchange_id = waiting(office, sender="x@y.example")
    at = screen("sales", "inbox", i_open=exchange_id)
    choose(at, "inbox.search.text", "leroy").run()
    click(at, f"inbox.search.pick.{world.leroy}")
    assert at.radio("inbox.action").value == the_chain(world, sub).action.id


def test_a_message_set_aside_is_found_again_and_put_back(screen, world, office):
    exchange_id = waiting(office)
    at = fire(screen("sales", "inbox"), "inbox_table", "menu", {"row": str(exchange_id), "choice": "set_aside"})
    assert_says(at, "The message is set aside.")
    assert listed(at) == {}
    at.segmented_control("i_tab").set_value("aside").run()
    fire(at, "inbox_table", "menu", {"row": str(exchange_id), "choice": "take_back"})
    assert_says(at, "The message is back in the list.")
    assert not the(world, exchange_id).is_set_aside


def test_an_action_is_created_for_a_message_and_has_it(screen, world, office):
    exchange_id = waiting(office)
    at = screen("sales", "inbox", i_open=exchange_id)
    click(at, "inbox.create")
    assert screen.page == "new_action"
    assert_says(at, "The message is attached to it once it is created.")
    assert at.selectbox("new.contact").value == world.anne
    assert "Devis" in data_of(at, "new.detail")["value"]
    choose(at, "new.nature", world.call).run()
    click(at, "save_new")
    assert screen.page == "action"
    assert_says(at, "The action is created.", "The message is attached to the action.")
    assert the(world, exchange_id).action_id == the_chain(world, int(at.query_params["sub"])).action.id
    assert kept_drafts(a_context(world, "sales")) == []


def test_an_action_created_for_a_message_that_a_colleague_attached_stands_and_says_so(screen, world, office):
    exchange_id = waiting(office)
    at = screen("sales", "new_action", client=world.dupont, message=exchange_id)
    choose(at, "new.nature", world.call).run()
    set_aside(a_context(world, "admin"), exchange_id=exchange_id, version=1)
    put(world, t.exchange, exchange_id, action_id=the_chain(world, an_action(world, "colleague")).action.id)
    click(at, "save_new")
    assert screen.page == "action"
    assert_says(at, "The action is created.", "This record doesn't exist or isn't yours to see.")


def test_a_colleague_who_was_faster_is_named(screen, world, office):
    an_action(world)
    exchange_id = waiting(office)
    at = screen("sales", "inbox", i_open=exchange_id)
    set_aside(a_context(world, "admin"), exchange_id=exchange_id, version=1)
    click(at, "inbox.attach")
    assert_says(at, "Admin changed this record in the meantime.")
    assert the(world, exchange_id).action_id is None


@pytest.mark.parametrize(
    "query", [{"i_open": "x"}, {"i_open": "4242"}, {"i_tab": "x"}, {"i_page": "99"}, {"i_page": "x"}]
)
def test_a_forged_address_opens_the_list(screen, world, office, query):
    waiting(office)
    assert len(listed(screen("admin", "inbox", **query))) == 1
    assert_says(screen.at)


def test_a_forged_row_or_action_changes_nothing(screen, world, office):
    theirs = an_action(world, "far")
    exchange_id = waiting(office, sender="x@y.example")
    before = rows_of(world.db, t.change)
    at = screen("sales", "inbox", i_open=exchange_id)
    for row, choice in (("4242", "set_aside"), (str(exchange_id), "delete"), ("x", "set_aside")):
        fire(at, "inbox_table", "menu", {"row": row, "choice": choice})
    choose(at, "inbox.text", "A000001").run()
    assert_says(at, "No action matches: check the number.")
    assert "inbox.attach" not in {each.key for each in at.button}
    assert the(world, exchange_id).action_id is None
    assert the_chain(world, theirs)
    assert rows_of(world.db, t.change) == before


def test_another_s_message_reads_as_if_it_did_not_exist(screen, world, office):
    put(world, t.client, world.dupont, account_manager_id=world.far)
    exchange_id = waiting(office, "Secret", body_html="<p>Prix confidentiel</p>")
    at = screen("tele_sales", "inbox", i_open=exchange_id)
    assert listed(at) == {}
    assert "Prix confidentiel" not in said(at)


def test_the_list_costs_the_same_for_many_as_for_one(screen, world, office, statements):
    waiting(office)
    screen("admin", "inbox")
    one = len(statements.during(lambda: screen.at.run()))
    for number in range(20):
        waiting(office, f"Question {number}")
    assert len(statements.during(lambda: screen.at.run())) == one <= 6
