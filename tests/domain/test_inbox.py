"""À rattacher: who sees which waiting messages, what is proposed, and what becomes of them (R30, R35)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from lib.db import tables as t
from lib.db.reference import reference_changed
from lib.domain.documents import open_document
from lib.domain.errors import Conflict, NotAllowed, NotFound
from lib.domain.exchanges import Exchange, exchanges_of_action
from lib.domain.inbox import (
    BADGE,
    attach_to_action,
    count_inbox,
    detach_from_action,
    list_inbox,
    mailbox_state,
    propose_actions,
    set_aside,
    take_back,
)
from lib.domain.incoming import IncomingFile, IncomingMessage, MailboxState
from lib.domain.receiving import Receiver, receive_message
from lib.domain.rights import Operation, Scope
from tests.builders import NOW, World, a_context, a_report, an_action, put, remove_right, stored_state, the_chain
from tests.domain.mail import opened, queued, recorded
from tests.domain.test_words_and_numbers import FORGED, FORGED_VALUES
from tests.some_files import PDF, some_files

ANNE = "anne@dupont.example"


@pytest.fixture
def office(world: World, tmp_path: Path) -> Receiver:
    put(world, t.contact, world.anne, email=ANNE)
    put(world, t.contact, world.zoe, email="zoe@leroy.example")
    return Receiver(world.db, some_files(tmp_path), lambda: NOW)


def waiting(office: Receiver, name: str = "m1", sender: str = ANNE, **values: Any) -> int:
    """The id of a message that waits."""
    receive_message(office, IncomingMessage(**{
        "message_id": name, "sender_email": sender, "subject": name, "body_html": "<p>x</p>", **values,
    }))  # fmt: skip
    return office.db.read(lambda store: store.exchanges.by_message_ids([name]))[name].id


def seen_by(world: World, who: str, *, is_set_aside: bool = False) -> list[str]:
    return [row.exchange.subject for row in list_inbox(a_context(world, who), is_set_aside=is_set_aside).rows]


def the(world: World, exchange_id: int) -> Exchange:
    return opened(world, exchange_id).exchange


# ---- who sees what


def test_a_salesperson_sees_his_clients_messages_and_nobodys(world, office):
    put(world, t.client, world.dupont, account_manager_id=world.sales)
    put(world, t.client, world.leroy, account_manager_id=world.colleague)
    waiting(office, "of dupont")
    waiting(office, "of leroy", "zoe@leroy.example")
    waiting(office, "of nobody", "quelquun@ailleurs.example")
    assert seen_by(world, "sales") == ["of nobody", "of dupont"]
    assert seen_by(world, "colleague") == ["of nobody", "of leroy"]
    assert seen_by(world, "far") == ["of nobody"]
    assert seen_by(world, "manager") == seen_by(world, "admin") == ["of nobody", "of leroy", "of dupont"]
    assert [count_inbox(a_context(world, who)) for who in ("sales", "far", "admin", "reader")] == [2, 1, 3, 0]


def test_an_open_action_at_a_client_shows_its_messages_until_it_is_done(world, office):
    put(world, t.client, world.leroy, account_manager_id=world.colleague)
    waiting(office, "of leroy", "zoe@leroy.example")
    assert seen_by(world, "sales") == []
    sub_action = an_action(world, client=world.leroy)
    assert seen_by(world, "sales") == ["of leroy"]
    a_report(world, sub_action)
    assert seen_by(world, "sales") == []


def test_a_client_without_a_manager_is_nobodys(world, office):
    waiting(office, "of dupont")
    assert seen_by(world, "far") == ["of dupont"]


def test_the_scope_of_a_unit_is_what_its_members_see_and_its_pool(world, office):
    put(world, t.client, world.leroy, account_manager_id=world.colleague)
    put(world, t.client, world.dupont, account_manager_id=world.far)
    waiting(office, "of leroy", "zoe@leroy.example")
    waiting(office, "of dupont")
    give(world, "sales", Scope.UNIT)
    assert seen_by(world, "sales") == ["of leroy"]
    an_action(world, "admin", assignee=None, org_unit=world.field)
    assert seen_by(world, "sales") == ["of dupont", "of leroy"]


def give(world: World, profile: str, scope: Scope) -> None:
    """The profile attaches messages within another scope."""
    right = t.profile_right.c
    mine = (right.profile_id == world.ids[f"profile_{profile}"]) & (right.operation == Operation.ATTACH_EXCHANGES)

    def write(store: Any) -> None:
        store.connection.execute(update(t.profile_right).where(mine).values(scope=int(scope)))
        reference_changed(store.connection)

    world.db.write(write)


@pytest.mark.parametrize("gesture", [set_aside, take_back, attach_to_action, propose_actions])
def test_who_may_not_attach_a_message_can_do_nothing_with_it(world, office, gesture):
    put(world, t.client, world.dupont, account_manager_id=world.sales)
    message, action = waiting(office), the_chain(world, an_action(world)).action.id
    before = stored_state(world.db)
    asked: dict[str, Any] = {"exchange_id": message} | ({} if gesture is propose_actions else {"version": 1})
    asked |= {"action_id": action} if gesture is attach_to_action else {}
    for who, error in (("far", NotFound), ("reader", NotAllowed)):
        with pytest.raises(error):
            gesture(a_context(world, who), **asked)
    remove_right(world, "sales", Operation.ATTACH_EXCHANGES)
    with pytest.raises(NotAllowed):
        gesture(a_context(world, "sales"), **asked)
    with pytest.raises(NotAllowed):
        list_inbox(a_context(world, "sales"))
    with pytest.raises(NotAllowed):
        mailbox_state(a_context(world, "sales"), name="x")
    assert stored_state(world.db) == before


@FORGED_VALUES
def test_what_a_browser_forges_finds_nothing(world, office, name):
    message, ctx, forged = waiting(office), a_context(world, "admin"), FORGED[name]
    for gesture in (set_aside, take_back):
        with pytest.raises(NotFound):
            gesture(ctx, exchange_id=forged, version=1)
    with pytest.raises(NotFound):
        attach_to_action(ctx, exchange_id=message, version=1, action_id=forged)
    with pytest.raises(NotFound):
        detach_from_action(ctx, exchange_id=forged, version=1)
    with pytest.raises(NotFound):
        propose_actions(ctx, exchange_id=forged)
    propose_actions(ctx, exchange_id=message, client_id=forged)


# ---- lists


def test_the_inbox_is_turned_by_pages_newest_first(world, office):
    for number in range(53):
        waiting(office, f"m{number:02d}", "quelquun@ailleurs.example")
    first = list_inbox(a_context(world, "admin"))
    assert (first.total, first.pages, len(first.rows)) == (53, 2, 50)
    assert first.rows[0].exchange.subject == "m52"
    last = list_inbox(a_context(world, "admin"), page=99)
    assert (last.number, [row.exchange.subject for row in last.rows]) == (2, ["m02", "m01", "m00"])
    assert count_inbox(a_context(world, "admin")) == 53 < BADGE


def test_a_line_names_the_client_and_counts_the_files(world, office):
    waiting(office, "m1", files=(IncomingFile(name="devis.pdf", media_type="x", content=PDF),))
    (row,) = list_inbox(a_context(world, "admin")).rows
    assert (row.client_name, row.row.contact_name, row.row.documents) == ("SARL Dupont & Fils", "Anne Lefèvre", 1)


def test_what_was_recorded_by_hand_or_sent_never_waits(world, office):
    chain = the_chain(world, an_action(world))
    recorded(world, chain)
    queued(world, chain)
    assert list_inbox(a_context(world, "admin")).total == 0


def test_the_state_of_the_mailbox_is_told_to_whoever_waits_for_it(world, office):
    assert mailbox_state(a_context(world, "sales"), name="nowhere") == MailboxState()


# ---- proposals


def test_the_likely_actions_come_first_and_none_that_one_doesnt_see(world, office):
    message = waiting(office)
    mine = an_action(world)
    of_anne = an_action(world, "colleague", contact=world.anne)
    of_another_unit = an_action(world, "far")
    done = an_action(world)
    a_report(world, done)
    an_action(world, client=world.leroy)

    def proposed(who: str, **more: Any) -> list[int]:
        return [row.sub.id for row in propose_actions(a_context(world, who), exchange_id=message, **more)]

    assert proposed("sales") == [of_anne, mine]
    assert set(proposed("admin")) == {of_anne, mine, of_another_unit}
    assert len(proposed("sales", client_id=world.leroy)) == 1


def test_an_unknown_sender_has_nothing_proposed_until_a_client_is_chosen(world, office):
    message, ctx = waiting(office, "m1", "quelquun@ailleurs.example"), a_context(world, "sales")
    sub_action = an_action(world)
    assert propose_actions(ctx, exchange_id=message) == []
    assert [row.sub.id for row in propose_actions(ctx, exchange_id=message, client_id=world.dupont)] == [sub_action]


def test_the_clients_that_share_an_address_are_all_proposed(world, office):
    put(world, t.contact, world.zoe, email=ANNE)
    message = waiting(office)
    subs = {an_action(world), an_action(world, client=world.leroy)}
    assert {row.sub.id for row in propose_actions(a_context(world, "sales"), exchange_id=message)} == subs


# ---- deciding


def test_an_attached_message_is_on_its_action_with_its_documents_and_the_journal_says_who(world, office):
    file = IncomingFile(name="devis.pdf", media_type="x", content=PDF)
    message = waiting(office, "m1", "zoe@leroy.example", files=(file,))
    chain = the_chain(world, an_action(world))
    sales = a_context(world, "sales")
    attach_to_action(sales, exchange_id=message, version=1, action_id=chain.action.id)
    found = opened(world, message)
    assert (found.exchange.action_id, found.exchange.client_id) == (chain.action.id, world.dupont)
    assert (found.exchange.contact_id, found.exchange.person_id, found.exchange.version) == (None, world.sales, 2)
    assert not found.exchange.is_sender_unknown, "somebody has looked at it"
    (document,) = found.documents
    assert document.client_id == world.dupont
    assert open_document(sales, document_id=document.id) == document
    assert [row.exchange.id for row in exchanges_of_action(sales, chain=chain)] == [message]
    changes = world.db.read(lambda store: store.changes.since("exchange", message, 0))
    assert {(change.operation, change.person_id, change.action_id) for change in changes} == {
        ("attach_exchange", world.sales, chain.action.id)
    }
    assert {change.field for change in changes} == {"action_id", "client_id", "contact_id", "person_id"}
    assert list_inbox(a_context(world, "admin")).total == 0


def test_a_message_isnt_attached_to_an_action_that_one_doesnt_see(world, office):
    message, action = waiting(office), the_chain(world, an_action(world, "far")).action.id
    before = stored_state(world.db)
    with pytest.raises(NotFound):
        attach_to_action(a_context(world, "sales"), exchange_id=message, version=1, action_id=action)
    assert stored_state(world.db) == before


def test_of_two_who_attach_the_same_message_one_is_told_by_whom_it_was_done(world, office):
    message, action = waiting(office), the_chain(world, an_action(world)).action.id
    set_aside(a_context(world, "colleague"), exchange_id=message, version=1)
    with pytest.raises(Conflict) as told:
        attach_to_action(a_context(world, "sales"), exchange_id=message, version=1, action_id=action)
    assert told.value.by is not None
    assert told.value.by.id == world.colleague
    attach_to_action(a_context(world, "sales"), exchange_id=message, version=2, action_id=action)
    with pytest.raises(NotFound):
        attach_to_action(a_context(world, "manager"), exchange_id=message, version=2, action_id=action)


def test_what_is_set_aside_leaves_the_inbox_and_can_be_taken_back(world, office):
    message = waiting(office)
    set_aside(a_context(world, "sales"), exchange_id=message, version=1)
    assert seen_by(world, "sales") == []
    assert seen_by(world, "sales", is_set_aside=True) == ["m1"]
    assert count_inbox(a_context(world, "sales")) == 0
    take_back(a_context(world, "manager"), exchange_id=message, version=2)
    assert seen_by(world, "sales") == ["m1"]


def test_a_message_on_the_wrong_action_goes_back_to_the_inbox(world, office):
    chain = the_chain(world, an_action(world))
    file = IncomingFile(name="devis.pdf", media_type="x", content=PDF)
    address = (f"relais+A{chain.action.number:06d}@example.com",)
    message = waiting(office, "m1", "quelquun@ailleurs.example", files=(file,), recipients=address)
    assert the(world, message).is_sender_unknown
    detach_from_action(a_context(world, "sales"), exchange_id=message, version=1)
    found = opened(world, message)
    assert (found.exchange.action_id, found.exchange.client_id, found.exchange.is_sender_unknown) == (None, None, False)
    assert found.documents[0].client_id is None
    assert seen_by(world, "far") == ["m1"]


def test_only_what_came_by_email_goes_back_and_only_by_whoever_sees_it(world, office):
    chain = the_chain(world, an_action(world))
    by_hand = recorded(world, chain)
    with pytest.raises(NotAllowed):
        detach_from_action(a_context(world, "sales"), exchange_id=by_hand, version=1)
    joined = waiting(office, "m1", recipients=(f"relais+A{chain.action.number:06d}@example.com",))
    for who, error in (("far", NotFound), ("reader", NotAllowed)):
        with pytest.raises(error):
            detach_from_action(a_context(world, who), exchange_id=joined, version=1)
    with pytest.raises(Conflict):
        detach_from_action(a_context(world, "sales"), exchange_id=joined, version=9)
    assert the(world, joined).action_id == chain.action.id
