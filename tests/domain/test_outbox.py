"""E-mails: stored to leave, sent once, tried again while it may help, given up with a reason, or taken back (R30)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from lib.db import tables as t
from lib.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from lib.domain.exchange_records import delete_exchange, edit_exchange
from lib.domain.exchanges import ExchangeState, Waiting
from lib.domain.outbox import Sender, mail_state, resend_exchange, retract_exchange, send_exchange
from lib.domain.postman import (
    BACK_OFF,
    GIVE_UP,
    INTERRUPTED,
    LEASE,
    Delivery,
    Outcome,
    Round,
    next_try,
    send_due,
)
from lib.domain.sentences import kept_sentence, say, say_many, told_sentence
from tests.builders import NOW, a_context, a_key, an_open_context, put, rows_of, stored_state
from tests.domain.mail import (
    SENDER,
    FakeServer,
    a_chain,
    a_document,
    a_mail_raw,
    a_round,
    an_exchange_raw,
    an_office,
    opened,
    queued,
    recorded,
)

DOWN = Delivery(Outcome.UNREACHABLE, say("The mail server doesn't answer: {error}", error="refused"))
BUSY = Delivery(Outcome.LATER, say("The mail server refuses this message: {answer}", answer="452"))
NO_SUCH_USER = Delivery(Outcome.REFUSED, say("The mail server refuses this message: {answer}", answer="550"))
MINUTE = timedelta(minutes=1)


def state_of(world, exchange_id: int) -> ExchangeState:
    return opened(world, exchange_id).exchange.state


def waiting(world, exchange_id: int) -> Waiting:
    found = opened(world, exchange_id).row.waiting
    assert found
    return found


# ---- writing one


def test_an_email_is_stored_and_leaves_at_the_next_round(world):
    chain, server = a_chain(world), FakeServer()
    document = a_document(world, chain)
    exchange_id = queued(world, chain, cc="anne@dupont.example", documents=[document])
    before = opened(world, exchange_id).exchange
    assert (before.state, before.at, before.person_id, before.contact_id) == (
        ExchangeState.QUEUED, NOW, world.sales, world.paul,
    )  # fmt: skip
    assert a_round(world, server, after=MINUTE) == Round(sent=1)
    after = opened(world, exchange_id)
    assert (after.exchange.state, after.exchange.at, after.row.waiting) == (ExchangeState.SENT, NOW + MINUTE, None)
    assert rows_of(world.db, t.outbox) == {"outbox": 0}
    [mail] = server.mails
    assert (mail.message_id, mail.to, mail.to_name) == (before.message_id, "paul@dupont.example", "Paul Œuvrard")
    assert (mail.from_name, mail.from_address) == ("Sales (Relais)", "relais@example.com")
    assert mail.reply_to == f"relais+A{chain.action.number:06d}@example.com"
    assert (mail.cc, mail.subject, mail.html, mail.text) == (
        ("anne@dupont.example",), "Votre offre", "<p>La voici</p>", "La voici",
    )  # fmt: skip
    assert [each.name for each in mail.files] == ["devis.pdf"]
    assert a_round(world, server, after=2 * MINUTE) == Round()


def test_the_journal_says_who_wrote_it_and_when_it_left(world):
    exchange_id = queued(world, a_chain(world))
    a_round(world, FakeServer())
    changes = world.db.read(lambda store: store.changes.since("exchange", exchange_id, 1))
    assert [(each.operation, each.person_id, each.field, each.new) for each in changes] == [
        ("deliver_exchange", world.sales, "state", '"sent"')
    ]


def test_the_same_form_sent_twice_sends_one_email(world):
    chain, key, server = a_chain(world), a_key(), FakeServer()
    ctx, raw = a_context(world, "sales"), a_mail_raw(world)
    for _each in range(2):
        send_exchange(ctx, action_id=chain.action.id, raw=raw, sender=SENDER, request_key=key)
    a_round(world, server)
    assert len(server.mails) == 1


def test_the_contacts_own_address_is_taken_unless_another_is_given(world):
    put(world, t.contact, world.anne, email="anne@dupont.example")
    exchange = opened(world, queued(world, a_chain(world), contact=world.anne, to="")).exchange
    assert (exchange.correspondent_email, exchange.contact_id) == ("anne@dupont.example", world.anne)


def test_an_address_that_is_a_contacts_is_his(world):
    put(world, t.contact, world.anne, email="anne@dupont.example")
    exchange = opened(world, queued(world, a_chain(world), contact=None, to="Anne@Dupont.example")).exchange
    assert (exchange.contact_id, exchange.correspondent_name) == (world.anne, "Anne Lefèvre")


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"to": ""}, "to", "Paul Œuvrard has no e-mail address"),
        ({"to": "", "contact": None}, "to", "required"),
        ({"to": "a@b.example, c@d.example"}, "to", "is no e-mail address"),
        ({"to": "a@b.example\r\nBcc: c@d.example"}, "to", "is no e-mail address"),
        ({"cc": "a@b.example\nc@d.example"}, "cc", "is no e-mail address"),
        ({"cc": ";".join(f"a{n}@b.example" for n in range(20))}, "cc", "20 at most"),
        ({"subject": " "}, "subject", "required"),
        ({"subject": "a\nBcc: b@c.example"}, "subject", "one line only"),
        ({"body": "<p> </p>"}, "body", "would be empty"),
        ({"kind": None}, "kind", "required"),
        ({"answers": 987654}, "answers", "no longer on this action"),
        ({"answers": "x"}, "answers", "Unknown choice"),
        ({"body": f'<img src="data:image/png;base64,{"A" * 14_000_000}">', "documents": ["heavy"]}, "documents",
         "20 MB at most"),
    ],
)  # fmt: skip
def test_what_cant_be_sent_is_said_at_its_field(world, wrong, field, sentence):
    chain = a_chain(world)
    if wrong.get("documents") == ["heavy"]:
        wrong = {**wrong, "documents": [a_document(world, chain, size_bytes=10_000_000)]}
    before = stored_state(world.db)
    with pytest.raises(Invalid) as refusal:
        queued(world, chain, **wrong)
    assert set(refusal.value.fields) == {field}
    assert sentence in str(refusal.value.fields[field])
    assert stored_state(world.db) == before


@pytest.mark.parametrize(("who", "error"), [("reader", NotAllowed), ("far", NotFound)])
def test_who_may_not_write_about_an_action_sends_nothing(world, who, error):
    chain = a_chain(world)
    before = stored_state(world.db)
    with pytest.raises(error):
        queued(world, chain, who)
    assert stored_state(world.db) == before


def test_without_settings_nothing_is_sent_and_what_is_missing_is_said(world):
    chain, missing = a_chain(world), say("E-mails can't be sent from here: …")
    sender = Sender(missing=missing)
    assert mail_state(an_open_context(world, "sales"), sender, chain) == missing
    assert mail_state(an_open_context(world, "sales"), SENDER, chain) is None
    assert "doesn't record or send" in str(mail_state(an_open_context(world, "reader"), SENDER, chain))
    with pytest.raises(NotAllowed, match="can't be sent from here"):
        send_exchange(a_context(world, "sales"), action_id=chain.action.id, raw=a_mail_raw(world), sender=sender,
                      request_key=a_key())  # fmt: skip


# ---- answering


def a_received(world, chain, **columns: Any) -> int:
    """A message that came by e-mail."""
    exchange_id = recorded(world, chain)
    put(world, t.exchange, exchange_id, **{"state": "received", "message_id": "theirs@dupont.example", **columns})
    return exchange_id


def test_an_answer_names_what_it_answers_and_what_that_answered(world):
    chain, server = a_chain(world), FakeServer()
    answered = a_received(world, chain, in_reply_to="ours@example.com")
    exchange_id = queued(world, chain, answers=answered)
    assert opened(world, exchange_id).exchange.in_reply_to == "theirs@dupont.example"
    a_round(world, server)
    assert server.mails[0].in_reply_to == "theirs@dupont.example"
    assert server.mails[0].references == ("ours@example.com", "theirs@dupont.example")


def test_what_a_machine_wrote_isnt_answered(world):
    chain = a_chain(world)
    with pytest.raises(Invalid, match="A machine wrote this message"):
        queued(world, chain, answers=a_received(world, chain, is_automatic=True))


def test_a_message_of_another_action_isnt_answered_here(world):
    with pytest.raises(Invalid, match="no longer on this action"):
        queued(world, a_chain(world), answers=a_received(world, a_chain(world)))


def test_where_the_server_knows_no_plus_answers_go_to_the_plain_address(world):
    queued(world, a_chain(world))
    server = FakeServer()
    send_due(an_office(world, server, sender=Sender("relais@example.com", "", has_plus=False)))
    assert (server.mails[0].reply_to, server.mails[0].from_name) == ("relais@example.com", "Sales")


# ---- images


def test_images_inside_the_text_travel_beside_it(world):
    server = FakeServer()
    queued(world, a_chain(world), body='<p><img src="data:image/png;base64,iVBORw0KGgo=" alt="Plan"></p>')
    a_round(world, server)
    [image] = server.mails[0].files
    assert f'src="cid:{image.cid}"' in server.mails[0].html
    assert (image.media_type, b"".join(image.chunks())) == ("image/png", b"\x89PNG\r\n\x1a\n")


def test_an_image_of_somebody_elses_message_isnt_sent(world):
    server = FakeServer()
    queued(world, a_chain(world), body='<p>Voici <img src="attachment:1"></p>')
    a_round(world, server)
    assert (server.mails[0].html, server.mails[0].files) == ("<p>Voici </p>", ())


# ---- trying again


def test_a_message_waits_longer_after_each_failure_and_a_day_at_most():
    since, now, tries, waits = NOW, NOW, 0, []
    while True:
        tries += 1
        following = next_try(now, tries=tries, since=since)
        if following is None:
            break
        waits.append(following - now)
        now = following
    assert waits[: len(BACK_OFF)] == list(BACK_OFF)
    assert set(waits[len(BACK_OFF) :]) == {BACK_OFF[-1]}
    assert timedelta(hours=20) < now - since < GIVE_UP


def test_a_server_that_was_down_gets_the_message_once_it_is_back(world):
    exchange_id, server = queued(world, a_chain(world)), FakeServer([DOWN, BUSY])
    assert a_round(world, server) == Round(later=1)
    assert waiting(world, exchange_id) == Waiting(1, NOW + MINUTE, False, DOWN.reason)
    assert a_round(world, server, after=MINUTE / 2) == Round()
    assert a_round(world, server, after=MINUTE) == Round(later=1)
    assert waiting(world, exchange_id) == Waiting(2, NOW + 6 * MINUTE, False, BUSY.reason)
    assert state_of(world, exchange_id) == ExchangeState.QUEUED
    assert a_round(world, server, after=6 * MINUTE) == Round(sent=1)
    assert state_of(world, exchange_id) == ExchangeState.SENT


def test_while_the_server_is_down_the_others_arent_tried(world):
    chain = a_chain(world)
    for _each in range(3):
        queued(world, chain)
    server = FakeServer([DOWN])
    assert a_round(world, server) == Round(later=1)
    assert a_round(world, server) == Round(sent=2)


def test_one_message_that_must_wait_keeps_no_other_from_leaving(world):
    chain, server = a_chain(world), FakeServer([BUSY])
    queued(world, chain)
    queued(world, chain)
    assert a_round(world, server) == Round(sent=1, later=1)


def test_after_a_day_it_is_given_up_with_the_last_reason(world):
    exchange_id, after = queued(world, a_chain(world)), timedelta()
    while state_of(world, exchange_id) == ExchangeState.QUEUED:
        a_round(world, FakeServer([DOWN]), after=after)
        after = (waiting(world, exchange_id).next_try_at or NOW) - NOW
    assert waiting(world, exchange_id).last_error == DOWN.reason
    assert waiting(world, exchange_id).next_try_at is None
    assert a_round(world, FakeServer(), after=2 * GIVE_UP) == Round()


def test_what_is_refused_for_good_says_why_and_isnt_tried_again(world):
    exchange_id = queued(world, a_chain(world))
    assert a_round(world, FakeServer([NO_SUCH_USER])) == Round(failed=1)
    assert state_of(world, exchange_id) == ExchangeState.FAILED
    assert waiting(world, exchange_id) == Waiting(1, None, False, NO_SUCH_USER.reason)
    assert a_round(world, FakeServer(), after=timedelta(days=2)) == Round()


def test_a_failed_message_is_sent_again_under_the_same_id_when_asked(world):
    exchange_id, server = queued(world, a_chain(world)), FakeServer([NO_SUCH_USER])
    a_round(world, server)
    failed = opened(world, exchange_id).exchange
    later = a_context(world, "sales", now=NOW + timedelta(days=3))
    with pytest.raises(Conflict):
        resend_exchange(later, exchange_id=exchange_id, version=failed.version - 1, sender=SENDER)
    resend_exchange(later, exchange_id=exchange_id, version=failed.version, sender=SENDER)
    assert (waiting(world, exchange_id).tries, waiting(world, exchange_id).last_error) == (0, None)
    assert a_round(world, server, after=timedelta(days=3)) == Round(sent=1)
    assert server.mails[0].message_id == failed.message_id
    with pytest.raises(NotAllowed, match="couldn't leave"):
        resend_exchange(later, exchange_id=exchange_id, version=4, sender=SENDER)


def test_a_failed_message_may_be_deleted_and_a_sent_one_not(world):
    chain = a_chain(world)
    failed, sent = queued(world, chain), queued(world, chain)
    a_round(world, FakeServer([NO_SUCH_USER]))
    ctx = a_context(world, "sales")
    delete_exchange(ctx, exchange_id=failed, version=2)
    assert rows_of(world.db, t.outbox, t.exchange) == {"outbox": 0, "exchange": 1}
    with pytest.raises(NotAllowed, match="isn't deleted"):
        delete_exchange(ctx, exchange_id=sent, version=2)
    with pytest.raises(NotAllowed, match="stays as it was written"):
        edit_exchange(ctx, exchange_id=sent, version=2, raw=an_exchange_raw(world))


# ---- taking back


def test_a_message_that_waits_is_taken_back_and_given_to_the_form_again(world):
    exchange_id, server = queued(world, a_chain(world)), FakeServer()
    file = retract_exchange(a_context(world, "sales"), exchange_id=exchange_id, version=1)
    assert (file.exchange.subject, file.body_html) == ("Votre offre", "<p>La voici</p>")
    assert rows_of(world.db, t.outbox, t.exchange) == {"outbox": 0, "exchange": 0}
    assert a_round(world, server) == Round()


@pytest.mark.parametrize(("who", "error"), [("colleague", NotAllowed), ("reader", NotAllowed), ("far", NotFound)])
def test_nobody_takes_back_or_sends_again_what_somebody_else_wrote(world, who, error):
    exchange_id = queued(world, a_chain(world))
    before = stored_state(world.db)
    with pytest.raises(error):
        retract_exchange(a_context(world, who), exchange_id=exchange_id, version=1)
    with pytest.raises(error):
        resend_exchange(a_context(world, who), exchange_id=exchange_id, version=1, sender=SENDER)
    assert stored_state(world.db) == before


def test_a_message_that_is_leaving_isnt_taken_back(world):
    exchange_id, said = queued(world, a_chain(world)), []

    def take_back() -> None:
        with pytest.raises(NotAllowed) as refusal:
            retract_exchange(a_context(world, "sales"), exchange_id=exchange_id, version=1)
        said.append(str(refusal.value))

    a_round(world, FakeServer(during=take_back))
    assert said == ["This message is leaving right now: it can't be taken back."]
    assert state_of(world, exchange_id) == ExchangeState.SENT
    with pytest.raises(NotAllowed, match="no longer waits"):
        retract_exchange(a_context(world, "sales"), exchange_id=exchange_id, version=2)


# ---- several at once, and in the middle


def test_two_postmen_at_once_never_send_the_same_message(world):
    chain = a_chain(world)
    ids = {queued(world, chain) for _each in range(12)}
    servers, together = [FakeServer() for _each in range(4)], Barrier(4)

    def work(server: FakeServer) -> Round:
        together.wait(timeout=10)
        return a_round(world, server)

    with ThreadPoolExecutor(4) as pool:
        rounds = list(pool.map(work, servers))
    assert sum(each.sent for each in rounds) == 12
    sent = [mail.message_id for server in servers for mail in server.mails]
    assert len(sent) == len(set(sent)) == 12
    assert {state_of(world, each) for each in ids} == {ExchangeState.SENT}


def test_nobody_else_sends_what_somebody_is_sending(world):
    queued(world, a_chain(world))
    others: list[Round] = []
    server = FakeServer(during=lambda: others.append(a_round(world, FakeServer(), after=LEASE - MINUTE)))
    assert a_round(world, server) == Round(sent=1)
    assert others == [Round()]


class Killed(BaseException):
    """As a power cut: nothing of the program runs any more."""


class Dying(FakeServer):
    """Takes the message, and then the postman is no more."""

    def send(self, mail: Any) -> Delivery:
        super().send(mail)
        raise Killed


def test_a_postman_who_dies_after_sending_costs_one_duplicate_under_the_same_id(world):
    exchange_id, dying = queued(world, a_chain(world)), Dying()
    with pytest.raises(Killed):
        a_round(world, dying)
    assert waiting(world, exchange_id).is_leaving
    assert a_round(world, dying, after=LEASE) == Round()
    with pytest.raises(Killed):
        a_round(world, dying, after=LEASE + MINUTE)
    assert waiting(world, exchange_id).last_error == INTERRUPTED
    assert a_round(world, dying, after=2 * LEASE + 2 * MINUTE) == Round(failed=1)
    assert [mail.message_id for mail in dying.mails] == [opened(world, exchange_id).exchange.message_id] * 2
    assert (state_of(world, exchange_id), waiting(world, exchange_id).last_error) == (ExchangeState.FAILED, INTERRUPTED)


def test_a_postman_who_dies_before_sending_costs_nothing(world):
    queued(world, a_chain(world))
    server = FakeServer(during=lambda: (_ for _ in ()).throw(Killed))
    with pytest.raises(Killed):
        a_round(world, server)
    server = FakeServer()
    assert a_round(world, server, after=LEASE + MINUTE) == Round(sent=1)
    assert len(server.mails) == 1


def test_a_postman_who_is_asked_to_stop_begins_no_other_message(world):
    chain = a_chain(world)
    for _each in range(3):
        queued(world, chain)
    server = FakeServer()
    assert send_due(an_office(world, server), is_stopping=lambda: bool(server.mails)) == Round(sent=1)


@pytest.mark.parametrize(
    "sentence",
    [None, say("Received"), say("Too long: {max_length} characters at most.", max_length=3),
     say_many("{count} egg", "{count} eggs", count=2, at=datetime(2026, 1, 1))],
)  # fmt: skip
def test_a_reason_is_kept_to_be_told_in_the_readers_language(sentence):
    told = told_sentence(kept_sentence(sentence))
    assert (told is None) == (sentence is None)
    assert sentence is None or (str(told), told) == (str(sentence), told_sentence(kept_sentence(told)))
