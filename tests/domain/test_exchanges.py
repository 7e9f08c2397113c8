"""Messages of an action: recorded by hand, seen with the action, changed by their author, never silently lost (R30)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from lib.db import tables as t
from lib.domain.actions import delete_sub_action
from lib.domain.documents import documents_of, remove_document
from lib.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from lib.domain.exchange_records import delete_exchange, edit_exchange, record_exchange
from lib.domain.exchanges import (
    Direction,
    Exchange,
    ExchangeCount,
    ExchangeGesture,
    ExchangeState,
    exchange_count,
    exchanges_of_action,
    exchanges_of_client,
    open_exchange,
    refused,
)
from lib.domain.rights import Operation, Owners
from tests.builders import (
    NOW,
    TODAY,
    a_context,
    a_key,
    a_next,
    a_report,
    an_action,
    an_open_context,
    put,
    remove_right,
    rows_of,
    stored_state,
    the_chain,
)
from tests.domain.mail import a_chain, a_document, an_exchange_raw, opened, queued, recorded
from tests.domain.test_words_and_numbers import FORGED, FORGED_VALUES

# ---- recording


def test_a_received_message_is_kept_with_who_when_and_what(world):
    chain = a_chain(world)
    document = a_document(world, chain)
    file = opened(world, recorded(world, chain, documents=[document]))
    exchange = file.exchange
    assert (exchange.direction, exchange.state) == (Direction.RECEIVED, ExchangeState.RECORDED)
    assert (exchange.client_id, exchange.action_id, exchange.contact_id) == (world.dupont, chain.action.id, world.anne)
    assert (exchange.person_id, exchange.created_by) == (world.sales, world.sales)
    assert exchange.at == datetime(2026, 3, 4, 8, 0, tzinfo=UTC)  # nine o'clock in Paris
    assert (exchange.subject, exchange.body_text, file.body_html) == (
        "Votre offre", "Elle me convient", "<p>Elle me convient</p>",
    )  # fmt: skip
    assert [each.id for each in file.documents] == [document]
    assert (file.row.contact_name, file.row.action_number) == ("Anne Lefèvre", chain.action.number)


def test_somebody_who_is_no_contact_is_written_down_by_name(world):
    sent = {"direction": "sent", "contact": None, "correspondent_name": "  Le\tgardien ", "person": world.colleague}
    exchange = opened(
        world, recorded(world, a_chain(world), correspondent_email="Garde@dupont.example", **sent)
    ).exchange
    assert (exchange.contact_id, exchange.correspondent_name) == (None, "Le gardien")
    assert (exchange.correspondent_email, exchange.person_id) == ("garde@dupont.example", world.colleague)


def test_a_contact_is_kept_as_he_was_called_then(world):
    put(world, t.contact, world.anne, email="anne@dupont.example")
    exchange = opened(world, recorded(world, a_chain(world))).exchange
    assert (exchange.correspondent_name, exchange.correspondent_email) == ("Anne Lefèvre", "anne@dupont.example")


def test_texts_are_cleaned_before_they_are_kept(world):
    body = '<p onclick="x()">Bonjour<script>alert(1)</script><img src="https://evil.example/x.png"></p>'
    assert opened(world, recorded(world, a_chain(world), body=body)).body_html == "<p>Bonjour</p>"


def test_the_same_form_sent_twice_gives_one_message(world):
    chain, key = a_chain(world), a_key()
    ctx, raw = a_context(world, "sales"), an_exchange_raw(world)
    first = record_exchange(ctx, action_id=chain.action.id, raw=raw, request_key=key)
    assert record_exchange(ctx, action_id=chain.action.id, raw=raw, request_key=key) == first
    assert rows_of(world.db, t.exchange) == {"exchange": 1}


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"direction": None}, "direction", "received or sent"),
        ({"kind": None}, "kind", "required"),
        ({"contact": None}, "contact", "Say with whom"),
        ({"contact": None, "correspondent_email": "x"}, "correspondent_email", "no e-mail address"),
        ({"on": None}, "on", "date is required"),
        ({"time": None}, "time", "time is required"),
        ({"on": TODAY + timedelta(days=1)}, "on", "future"),
        ({"time": time(10, 36)}, "on", "future"),  # it is half past ten
        ({"subject": "", "body": "<p><br></p>"}, "body", "empty message"),
        ({"subject": "x" * 301}, "subject", "300 characters"),
        ({"subject": "a\r\nBcc: b@c.example"}, "subject", "one line only"),
        ({"subject": "a\u2028b"}, "subject", "one line only"),
        ({"body": "<div>" * 3000}, "body", "too complex"),
        ({"body": "x" * 16_000_000}, "body", "too heavy"),
        ({"documents": [987654]}, "documents", "no longer on the action"),
        ({"documents": list(range(1, 60))}, "documents", "50 at most"),
        ({"person": 987654}, "person", "Unknown choice"),
    ],
)
def test_what_is_missing_or_wrong_is_said_at_its_field(world, wrong, field, sentence):
    chain = a_chain(world)
    before = stored_state(world.db)
    with pytest.raises(Invalid) as refusal:
        recorded(world, chain, **wrong)
    assert set(refusal.value.fields) == {field}
    assert sentence in str(refusal.value.fields[field])
    assert stored_state(world.db) == before


def test_every_problem_is_told_at_once(world):
    with pytest.raises(Invalid) as refusal:
        recorded(world, a_chain(world), direction="", kind=None, on=None, time=None, contact=None, subject="", body="")
    assert set(refusal.value.fields) == {"direction", "kind", "on", "time", "contact", "body"}


@FORGED_VALUES
def test_what_a_browser_forges_is_refused_with_words(world, name):
    chain = a_chain(world)
    for field in ("direction", "kind", "person", "contact", "on", "time", "documents"):
        with pytest.raises(Invalid) as refusal:
            recorded(world, chain, **{field: FORGED[name]})
        assert set(refusal.value.fields) == {field}


def test_a_disabled_kind_is_refused_and_kept_where_it_is(world):
    chain = a_chain(world)
    with pytest.raises(Invalid, match="disabled"):
        recorded(world, chain, kind=world.telegram)
    exchange_id = recorded(world, chain)
    put(world, t.exchange, exchange_id, kind_id=world.telegram)
    edited(world, exchange_id, kind=world.telegram, subject="Autre")
    assert opened(world, exchange_id).exchange.kind_id == world.telegram


def test_another_clients_contact_and_documents_are_refused(world):
    chain, other = a_chain(world), a_chain(world, client=world.leroy)
    document = a_document(world, other)
    with pytest.raises(Invalid) as refusal:
        recorded(world, chain, contact=world.zoe, documents=[document])
    assert set(refusal.value.fields) == {"contact", "documents"}


def test_a_document_that_came_with_a_message_may_go_with_the_next_one(world):
    chain = a_chain(world)
    document = a_document(world, chain)
    recorded(world, chain, documents=[document])
    remove_document(a_context(world, "admin"), document_id=document, entity="action", entity_id=chain.action.id)
    assert [each.id for each in opened(world, recorded(world, chain, documents=[document])).documents] == [document]


# ---- whose it is


@pytest.mark.parametrize(
    ("who", "error"),
    [("sales", None), ("colleague", None), ("manager", None), ("admin", None),
     ("far", NotFound), ("tele_sales", NotFound), ("technician", NotFound), ("reader", NotAllowed)],
)  # fmt: skip
def test_whoever_sees_an_action_writes_about_it_unless_his_profile_only_reads(world, who, error):
    chain = a_chain(world)
    before = stored_state(world.db)
    if error is None:
        assert recorded(world, chain, who)
    else:
        with pytest.raises(error):
            recorded(world, chain, who)
        assert stored_state(world.db) == before


@pytest.mark.parametrize("who", ["far", "tele_sales", "technician"])
def test_who_doesnt_see_the_action_doesnt_see_its_messages(world, who):
    chain = a_chain(world)
    exchange_id = recorded(world, chain)
    ctx = a_context(world, who)
    with pytest.raises(NotFound):
        open_exchange(ctx, exchange_id=exchange_id)
    with pytest.raises(NotAllowed):
        exchanges_of_action(ctx, chain=chain)
    with pytest.raises(NotAllowed):
        exchange_count(ctx, chain=chain)
    assert exchanges_of_client(ctx, client_id=world.dupont) == []


@pytest.mark.parametrize("exchange_id", [0, -1, 10**9, None, "1", True, [1], 10**40])
def test_a_message_that_isnt_there_is_not_found(world, exchange_id):
    with pytest.raises(NotFound):
        open_exchange(a_context(world, "admin"), exchange_id=exchange_id)


def everybody_sees(world, who: str) -> set[int]:
    """The messages of a client by the rule of one action at a time, which the list must agree with."""
    seen = set()
    for row in exchanges_of_client(a_context(world, "admin"), client_id=world.dupont, limit=1000):
        try:
            open_exchange(a_context(world, who), exchange_id=row.exchange.id)
            seen.add(row.exchange.id)
        except NotFound:
            pass
    return seen


@pytest.mark.parametrize(
    "who", ["sales", "colleague", "tele_sales", "far", "two_units", "manager", "reader", "nowhere"]
)
def test_a_client_shows_the_messages_of_the_actions_that_one_sees(world, who):
    subs = [
        an_action(world), an_action(world, "tele_sales"), an_action(world, "far"), an_action(world, "two_units"),
        an_action(world, assignee=None, org_unit=world.field), an_action(world, assignee=None, org_unit=world.south),
        an_action(world, "nowhere"),
    ]  # fmt: skip
    handed = an_action(world)
    a_report(world, handed, follow_up="sub_action", next=a_next(world, "tele_sales"))
    for sub in [*subs, handed]:
        recorded(world, the_chain(world, sub), "admin")
    waiting = recorded(world, the_chain(world, subs[0]), "admin")
    put(world, t.exchange, waiting, action_id=None)
    listed = {row.exchange.id for row in exchanges_of_client(a_context(world, who), client_id=world.dupont)}
    assert listed == everybody_sees(world, who)
    assert waiting in listed


def test_a_clients_messages_are_the_newest_first_and_lead_to_their_actions(world):
    sub = an_action(world)
    following = a_report(world, sub, follow_up="sub_action", next=a_next(world))
    chain = the_chain(world, sub)
    ids = [recorded(world, chain, time=time(hour, 0)) for hour in (8, 10, 9)]
    rows = exchanges_of_client(a_context(world, "sales"), client_id=world.dupont, limit=2)
    assert [row.exchange.id for row in rows] == [ids[1], ids[2]]
    assert {(row.action_number, row.sub_action_id) for row in rows} == {(chain.action.number, following)}


def test_without_the_right_to_see_clients_nothing_of_them_is_shown(world):
    remove_right(world, "sales", Operation.VIEW_CLIENTS)
    with pytest.raises(NotAllowed):
        exchanges_of_client(a_context(world, "sales"), client_id=world.dupont)


# ---- the tab


def test_the_tab_counts_messages_and_turns_red_for_a_reminder(world):
    chain, ctx = a_chain(world), a_context(world, "sales")
    assert exchange_count(ctx, chain=chain) == ExchangeCount(0, has_reminder=False)
    recorded(world, chain)
    assert exchange_count(ctx, chain=chain) == ExchangeCount(1, has_reminder=False)
    recorded(world, chain, kind=world.reminder)
    assert exchange_count(ctx, chain=chain) == ExchangeCount(2, has_reminder=True)


def test_the_tab_lists_messages_with_their_beginning_and_their_documents(world):
    chain = a_chain(world)
    recorded(world, chain, body=f"<p>{'long ' * 200}</p>", documents=[a_document(world, chain)])
    queued(world, chain)
    sent, received = exchanges_of_action(a_context(world, "sales"), chain=chain)
    assert (sent.exchange.state, sent.documents, sent.waiting is not None) == (ExchangeState.QUEUED, 0, True)
    assert (received.documents, received.waiting, len(received.exchange.body_text)) == (1, None, 300)


# ---- changing


def edited(world, exchange_id: int, who: str = "sales", *, version: int = 1, **values: Any) -> None:
    edit_exchange(a_context(world, who), exchange_id=exchange_id, version=version, raw=an_exchange_raw(world, **values))


def test_a_recorded_message_is_corrected_and_the_journal_says_what_was(world):
    chain = a_chain(world)
    first, second = a_document(world, chain, "a.pdf"), a_document(world, chain, "b.pdf")
    exchange_id = recorded(world, chain, documents=[first])
    edited(world, exchange_id, subject="Mon offre", body="<p>Autre</p>", kind=world.reminder, documents=[second])
    file = opened(world, exchange_id)
    assert (file.exchange.subject, file.body_html, file.exchange.version) == ("Mon offre", "<p>Autre</p>", 2)
    assert [each.id for each in file.documents] == [second]
    changes = world.db.read(lambda store: store.changes.since("exchange", exchange_id, 1))
    assert {each.field for each in changes} == {"subject", "body", "kind_id", "documents"}
    assert {each.action_id for each in changes} == {chain.action.id}
    there = documents_of(a_context(world, "sales"), entity="action", entity_id=chain.action.id)
    assert {each.document.id for each in there.documents} == {first, second}


def test_two_people_dont_overwrite_each_other(world):
    exchange_id = recorded(world, a_chain(world))
    edited(world, exchange_id, "manager", subject="Un")
    before = stored_state(world.db)
    with pytest.raises(Conflict) as conflict:
        edited(world, exchange_id, subject="Deux")
    assert conflict.value.by
    assert conflict.value.by.id == world.manager
    with pytest.raises(Conflict):
        delete_exchange(a_context(world, "sales"), exchange_id=exchange_id, version=1)
    assert stored_state(world.db) == before


def test_a_deleted_message_is_told_by_the_journal_and_leaves_the_documents_to_the_action(world):
    chain = a_chain(world)
    document = a_document(world, chain)
    exchange_id = recorded(world, chain, documents=[document])
    delete_exchange(a_context(world, "sales"), exchange_id=exchange_id, version=1)
    with pytest.raises(NotFound):
        opened(world, exchange_id)
    told = {
        each.field: each.old for each in world.db.read(lambda store: store.changes.since("exchange", exchange_id, 1))
    }
    assert told["subject"] == '"Votre offre"'
    assert told["body"] == '"<p>Elle me convient</p>"'
    there = documents_of(a_context(world, "sales"), entity="action", entity_id=chain.action.id)
    assert [each.document.id for each in there.documents] == [document]


@pytest.mark.parametrize(
    ("who", "error"),
    [("sales", None), ("manager", None), ("admin", None), ("colleague", NotAllowed), ("reader", NotAllowed),
     ("far", NotFound)],
)  # fmt: skip
def test_a_message_is_changed_by_its_author_and_whoever_may_change_the_action(world, who, error):
    exchange_id = recorded(world, a_chain(world), "sales")
    before = stored_state(world.db)
    if error is None:
        edited(world, exchange_id, who, subject="Autre")
        delete_exchange(a_context(world, who), exchange_id=exchange_id, version=2)
        return
    with pytest.raises(error):
        edited(world, exchange_id, who, subject="Autre")
    with pytest.raises(error):
        delete_exchange(a_context(world, who), exchange_id=exchange_id, version=1)
    assert stored_state(world.db) == before


def test_a_colleague_corrects_what_he_recorded_himself(world):
    exchange_id = recorded(world, a_chain(world), "colleague")
    edited(world, exchange_id, "colleague", subject="Autre")
    assert opened(world, exchange_id).exchange.subject == "Autre"


RECEIVED, SENT = Direction.RECEIVED, Direction.SENT
GESTURES = {
    (RECEIVED, ExchangeState.RECORDED): {"edit", "delete", "answer"},
    (SENT, ExchangeState.RECORDED): {"edit", "delete"},
    (RECEIVED, ExchangeState.RECEIVED): {"answer", "detach"},
    (SENT, ExchangeState.QUEUED): {"retract"},
    (SENT, ExchangeState.SENT): set(),
    (SENT, ExchangeState.FAILED): {"delete", "resend"},
}


@pytest.mark.parametrize(("direction", "state"), GESTURES)
def test_each_state_allows_its_own_gestures_and_says_why_not_the_others(world, direction, state):
    ctx = an_open_context(world, "sales")
    owners = Owners(frozenset({world.sales}), frozenset())
    exchange = Exchange(direction=direction, state=state, at=NOW, created_by=world.sales)
    reasons = {gesture: refused(ctx, gesture, exchange, owners) for gesture in ExchangeGesture}
    assert {str(gesture) for gesture, reason in reasons.items() if reason is None} == GESTURES[direction, state]


def test_what_a_machine_wrote_is_never_answered(world):
    ctx = an_open_context(world, "sales")
    exchange = Exchange(direction=RECEIVED, state=ExchangeState.RECEIVED, at=NOW, is_automatic=True)
    reason = refused(ctx, ExchangeGesture.ANSWER, exchange, Owners(frozenset({world.sales}), frozenset()))
    assert str(reason) == "A machine wrote this message: it isn't answered."


def test_an_action_with_messages_is_cancelled_and_not_deleted(world):
    sub = an_action(world)
    recorded(world, the_chain(world, sub))
    before = stored_state(world.db)
    with pytest.raises(NotAllowed, match="cancel it rather"):
        delete_sub_action(a_context(world, "admin"), sub_action_id=sub, version=1)
    assert stored_state(world.db) == before
