"""Received e-mails: each one once, on its action or waiting for somebody; one that fails stops no other (R30)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from lib.db import tables as t
from lib.domain.changes import journal_text
from lib.domain.documents import documents_of
from lib.domain.exchanges import Direction, ExchangeFile, ExchangeState, exchanges_of_action
from lib.domain.incoming import Bounce, IncomingFile, IncomingMessage, MailboxProblem
from lib.domain.outbox import resend_exchange
from lib.domain.receiving import Fetched, Outcome, Receiver, fetch_mail, receive_message
from lib.domain.sentences import say
from tests.builders import NOW, World, a_context, put, rows_of
from tests.domain.mail import SENDER, FakeServer, a_chain, a_round, opened, queued, recorded
from tests.some_files import EICAR, PDF, an_image, some_files

ANNE = "anne@dupont.example"
STRANGER = "quelquun@ailleurs.example"


@pytest.fixture
def office(world: World, tmp_path: Path) -> Receiver:
    """What receives: Anne's address is known at Dupont's, Zoé's at Leroy's."""
    put(world, t.contact, world.anne, email=ANNE)
    put(world, t.contact, world.zoe, email="zoe@leroy.example")
    return Receiver(world.db, some_files(tmp_path), lambda: NOW, frozenset({"relais@example.com"}))


def a_message(**values: Any) -> IncomingMessage:
    """A message from Anne, about nothing in particular."""
    return IncomingMessage(**{
        "message_id": "m1@dupont.example", "sender_name": "Anne", "sender_email": ANNE, "subject": "Votre visite",
        "recipients": ("relais@example.com",), "body_html": "<p>Bonjour</p>", **values,
    })  # fmt: skip


def arrived(world: World, office: Receiver, **values: Any) -> ExchangeFile:
    """What became of a message, as stored."""
    message = a_message(**values)
    receive_message(office, message)
    found = world.db.read(lambda store: store.exchanges.by_message_ids([message.message_id]))
    return opened(world, found[message.message_id].id)


def sent(world: World, **values: Any) -> tuple[Any, Any]:
    """A chain and the e-mail that left about it."""
    chain = a_chain(world, **values)
    exchange_id = queued(world, chain)
    a_round(world, FakeServer())
    return chain, opened(world, exchange_id).exchange


# ---- where it belongs


def test_an_answer_joins_the_action_of_the_message_that_it_answers(world, office):
    chain, mail = sent(world)
    for number, thread in enumerate(({"in_reply_to": mail.message_id}, {"references": ("x@y", mail.message_id)})):
        found = arrived(world, office, message_id=f"m{number}@dupont.example", **thread).exchange
        assert (found.action_id, found.client_id, found.contact_id) == (chain.action.id, world.dupont, world.anne)
        assert (found.person_id, found.is_sender_unknown) == (world.sales, False)
        assert (found.direction, found.state, found.at) == (Direction.RECEIVED, ExchangeState.RECEIVED, NOW)


def test_the_number_in_the_address_finds_the_action_when_nothing_is_answered(world, office):
    chain = a_chain(world)
    address = f"relais+A{chain.action.number:06d}@example.com"
    found = arrived(world, office, in_reply_to="unknown@x", recipients=("relais@example.com", address)).exchange
    assert (found.action_id, found.is_sender_unknown) == (chain.action.id, False)


def test_what_is_answered_counts_more_than_the_number_in_the_address(world, office):
    (chain, mail), other = sent(world), a_chain(world)
    address = f"relais+A{other.action.number:06d}@example.com"
    found = arrived(world, office, in_reply_to=mail.message_id, recipients=(address,)).exchange
    assert found.action_id == chain.action.id


def test_a_number_that_no_action_has_leads_to_the_inbox(world, office):
    found = arrived(world, office, recipients=("relais+A999999@example.com",)).exchange
    assert (found.action_id, found.client_id) == (None, world.dupont)


def test_a_stranger_with_the_right_number_joins_the_action_and_is_marked(world, office):
    chain = a_chain(world)
    address = f"relais+A{chain.action.number:06d}@example.com"
    found = arrived(world, office, sender_email=STRANGER, sender_name="Anne Lefèvre", recipients=(address,)).exchange
    assert (found.action_id, found.contact_id, found.is_sender_unknown) == (chain.action.id, None, True)


def test_a_stranger_stays_one_however_often_he_writes(world, office):
    chain = a_chain(world)
    address = f"relais+A{chain.action.number:06d}@example.com"
    for number in range(2):
        found = arrived(world, office, message_id=f"{number}@x", sender_email=STRANGER, recipients=(address,),
                        cc=("complice@ailleurs.example",)).exchange  # fmt: skip
        assert found.is_sender_unknown
    accomplice = arrived(world, office, sender_email="complice@ailleurs.example", recipients=(address,)).exchange
    assert accomplice.is_sender_unknown


def test_whoever_was_written_to_or_stood_in_copy_or_is_one_of_us_is_no_stranger(world, office):
    chain = a_chain(world)
    queued(world, chain, contact=None, to="chef@dupont.example", cc="copie_1@dupont.example")
    address = f"relais+A{chain.action.number:06d}@example.com"
    known = ["chef@dupont.example", "copie_1@dupont.example", "colleague@example.org"]
    for number, email in enumerate([*known, "copiex1@dupont.example", "pie_1@dupont.example", ""]):
        found = arrived(world, office, message_id=f"{number}@x", sender_email=email, recipients=(address,)).exchange
        assert found.is_sender_unknown == (email not in known), email


def test_a_contact_of_another_client_is_a_stranger_there(world, office):
    chain = a_chain(world)
    address = f"relais+A{chain.action.number:06d}@example.com"
    found = arrived(world, office, sender_email="zoe@leroy.example", recipients=(address,)).exchange
    assert (found.client_id, found.contact_id, found.is_sender_unknown) == (world.dupont, None, True)


def test_without_thread_or_number_it_waits_with_the_client_of_its_sender(world, office):
    a_chain(world)  # the only open action of the client: a proposal, not a decision
    found = arrived(world, office).exchange
    assert (found.action_id, found.client_id, found.contact_id) == (None, world.dupont, world.anne)
    assert (found.is_sender_unknown, found.is_set_aside) == (False, False)


def test_an_address_that_two_clients_share_decides_for_none(world, office):
    put(world, t.contact, world.zoe, email=ANNE)
    found = arrived(world, office).exchange
    assert (found.client_id, found.contact_id) == (None, None)


def test_an_unknown_sender_waits_without_a_client(world, office):
    for number, email in enumerate((STRANGER, "")):
        found = arrived(world, office, message_id=f"{number}@x", sender_email=email).exchange
        assert (found.action_id, found.client_id, found.contact_id) == (None, None, None)


# ---- what is kept


def test_a_message_is_kept_once_however_often_it_comes(world, office):
    chain, mail = sent(world)
    before = rows_of(world.db, t.exchange)
    message = a_message(in_reply_to=mail.message_id, files=(IncomingFile(name="a.pdf", media_type="", content=PDF),))
    outcomes = [receive_message(office, message)[0] for _ in range(3)]
    assert outcomes == [Outcome.JOINED, Outcome.KNOWN, Outcome.KNOWN]
    assert rows_of(world.db, t.exchange)["exchange"] == before["exchange"] + 1
    assert rows_of(world.db, t.document) == {"document": 1}
    assert len(exchanges_of_action(a_context(world, "sales"), chain=chain)) == 2


def test_our_own_message_that_comes_back_is_known(world, office):
    _chain, mail = sent(world)
    assert receive_message(office, a_message(message_id=mail.message_id))[0] == Outcome.KNOWN


def test_what_comes_from_our_own_address_is_marked_as_automatic(world, office):
    for number, (email, expected) in enumerate(
        [("relais@example.com", True), ("relais+A000001@example.com", True), (ANNE, False)]
    ):
        found = arrived(world, office, message_id=f"{number}@x", sender_email=email).exchange
        assert found.is_automatic == expected
    assert arrived(world, office, message_id="auto@x", is_automatic=True).exchange.is_automatic


def test_texts_dates_and_copies_are_kept_within_their_bounds(world, office):
    file = arrived(world, office, subject="x" * 900, sender_name="y" * 900, quoted_html="<p>Mardi ?</p>",
                   sent_at=NOW + timedelta(days=400), cc=("relais+A000001@example.com", "paul@dupont.example",
                                                          *(f"{n}@dupont.example" for n in range(300))))  # fmt: skip
    found = file.exchange
    assert (len(found.subject), len(found.correspondent_name), found.at) == (300, 160, NOW)
    assert found.cc.startswith("paul@dupont.example, 0@dupont.example")
    assert len(found.cc) <= 2000
    assert (file.body_html, found.body_text, file.quoted_html) == ("<p>Bonjour</p>", "Bonjour", "<p>Mardi ?</p>")
    old = datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert arrived(world, office, message_id="old@x", sent_at=old).exchange.at == old


def test_files_become_documents_and_those_refused_are_named(world, office):
    chain, mail = sent(world)
    files = [("devis.pdf", PDF), ("virus.exe", b"MZ"), ("faux.pdf", EICAR), ("../é\u0301.pdf", PDF), ("vide.pdf", b"")]
    kept = tuple(IncomingFile(name=name, media_type="x", content=content) for name, content in files)
    file = arrived(world, office, in_reply_to=mail.message_id, files=kept, remarks=(say("Said before."),))
    assert [each.name for each in file.documents] == ["devis.pdf", "é\u0301.pdf"] or len(file.documents) == 2
    assert {(each.client_id, each.created_by, each.is_inline) for each in file.documents} == {
        (world.dupont, None, False)
    }
    told = [str(each) for each in file.exchange.not_kept]
    assert told[0] == "Said before."
    assert [each.split(".")[0] for each in told[1:]] == [
        "The file virus", "The file faux", "The file vide",
    ]  # fmt: skip
    assert all(" wasn't kept. " in each for each in told[1:])
    listed = documents_of(a_context(world, "sales"), entity="action", entity_id=chain.action.id)
    assert len(listed.documents) == 2


def test_a_message_of_which_something_is_lost_says_so_to_whoever_would_delete_it(world, office):
    whole = receive_message(office, a_message())
    file = IncomingFile(name="virus.exe", media_type="x", content=b"MZ")
    not_whole = receive_message(office, a_message(message_id="m2@x", files=(file,)))
    assert (whole, not_whole) == ((Outcome.TO_ATTACH, True), (Outcome.TO_ATTACH, False))


def test_images_inside_the_text_are_documents_of_the_message(world, office):
    image = IncomingFile(name="photo.png", media_type="image/png", content=an_image(), placeholder="in-1")
    broken = replace(image, name="cassée.png", content=b"\x89PNG", placeholder="in-2")
    html = '<p>a <img src="attachment:in-1"> b <img src="attachment:in-2"></p>'
    file = arrived(world, office, files=(image, broken), body_html=html, quoted_html=html)
    (stored,) = file.images
    assert file.body_html == file.quoted_html == f'<p>a <img src="attachment:{stored.id}"> b </p>'
    assert (stored.is_inline, stored.client_id, file.documents) == (True, world.dupont, ())
    assert len(file.exchange.not_kept) == 1


def test_nothing_is_kept_when_something_goes_wrong_in_between(world, office, monkeypatch):
    before = rows_of(world.db, t.exchange, t.document, t.document_link)

    def break_down(*_arguments: object, **_values: object) -> int:
        raise OSError("disk")

    monkeypatch.setattr("lib.domain.receiving.kept_document", break_down)
    file = IncomingFile(name="devis.pdf", media_type="x", content=PDF)
    with pytest.raises(OSError, match="disk"):
        receive_message(office, a_message(files=(file,)))
    assert rows_of(world.db, t.exchange, t.document, t.document_link) == before


# ---- bounces


def test_a_message_that_comes_back_is_marked_as_failed_and_can_be_sent_again(world, office):
    chain, mail = sent(world)
    bounce = Bounce(message_id=mail.message_id, reason="anne: 550 no such user")
    found = arrived(world, office, sender_email="mailer-daemon@mx.example", is_automatic=True, bounce=bounce).exchange
    assert (found.action_id, found.is_automatic, found.is_sender_unknown) == (chain.action.id, True, False)
    file = opened(world, mail.id)
    assert file.exchange.state == ExchangeState.FAILED
    assert file.row.waiting is not None
    assert str(file.row.waiting.last_error) == "The recipient's server refused it: anne: 550 no such user"
    (change,) = world.db.read(lambda store: store.changes.since("exchange", mail.id, mail.version))
    assert (change.person_id, change.old, change.new) == (world.sales, journal_text("sent"), journal_text("failed"))
    resend_exchange(a_context(world, "sales"), exchange_id=mail.id, version=file.exchange.version, sender=SENDER)
    assert a_round(world, FakeServer()).sent == 1


def test_a_bounce_of_what_we_never_sent_changes_nothing(world, office):
    chain = a_chain(world)
    by_hand = recorded(world, chain)
    for number, message_id in enumerate(("", "unknown@x")):
        bounce = Bounce(message_id=message_id, reason="x")
        found = arrived(world, office, message_id=f"{number}@x", sender_email="", bounce=bounce).exchange
        assert found.action_id is None
    assert opened(world, by_hand).exchange.state == ExchangeState.RECORDED


# ---- the round


@dataclass
class FakeMailbox:
    """A folder in memory; fulfils `lib.domain.incoming.Mailbox` and `OpenMailbox`."""

    letters: dict[int, IncomingMessage | Exception | None] = field(default_factory=dict)
    uid_validity: int = 7
    name: str = "relais@mail.example/INBOX"
    done: list[tuple[int, bool]] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)

    @contextlib.contextmanager
    def opened(self) -> Iterator[FakeMailbox]:
        yield self

    def uids_after(self, uid: int) -> list[int]:
        return sorted(each for each in self.letters if each > uid)

    def message(self, uid: int) -> IncomingMessage | None:
        self.asked.append(uid)
        found = self.letters[uid]
        if isinstance(found, Exception):
            raise found
        return found

    def done_with(self, uid: int, *, is_whole: bool) -> None:
        self.done.append((uid, is_whole))


def letters(*numbers: int) -> dict[int, IncomingMessage | Exception | None]:
    return {number: a_message(message_id=f"m{number}@dupont.example") for number in numbers}


def test_only_what_is_new_is_read(world, office):
    mailbox = FakeMailbox(letters(1, 2))
    assert fetch_mail(office, mailbox).outcomes == (Outcome.TO_ATTACH, Outcome.TO_ATTACH)
    assert fetch_mail(office, mailbox) == Fetched()
    mailbox.letters |= {**letters(3), 4: None}
    assert fetch_mail(office, mailbox).outcomes == (Outcome.TO_ATTACH, Outcome.GONE)
    assert fetch_mail(office, mailbox) == Fetched()
    assert mailbox.asked == [1, 2, 3, 4]
    assert mailbox.done == [(1, True), (2, True), (3, True)]


def test_a_mailbox_numbered_anew_is_read_again_without_doubles(world, office):
    mailbox = FakeMailbox(letters(5, 6))
    fetch_mail(office, mailbox)
    again = FakeMailbox({1: mailbox.letters[5], 2: mailbox.letters[6], 3: letters(7)[7]}, uid_validity=8)
    assert fetch_mail(office, again).outcomes == (Outcome.KNOWN, Outcome.KNOWN, Outcome.TO_ATTACH)
    assert again.done == [(1, False), (2, False), (3, True)], "what was known isn't deleted: it may not be whole here"
    assert rows_of(world.db, t.exchange) == {"exchange": 3}


def test_a_message_that_goes_wrong_stops_no_other_and_is_tried_again(world, office):
    mailbox = FakeMailbox({**letters(1, 3), 2: ValueError("unreadable")})
    found = fetch_mail(office, mailbox)
    assert found.outcomes == (Outcome.TO_ATTACH, Outcome.NOT_KEPT, Outcome.TO_ATTACH)
    assert found.left == 1
    assert mailbox.done == [(1, True), (3, True)], "it stays in the mailbox"
    assert fetch_mail(office, mailbox) == Fetched((), 1)
    later = replace(office, clock=lambda: NOW + timedelta(hours=2))
    assert fetch_mail(later, mailbox) == Fetched((Outcome.NOT_KEPT,), 1)
    mailbox.letters[2] = a_message(message_id="m2@dupont.example")
    assert fetch_mail(office, mailbox, retry_all=True) == Fetched((Outcome.TO_ATTACH,), 0)
    assert fetch_mail(later, mailbox, retry_all=True) == Fetched()


def test_a_storage_that_fails_ends_the_round_which_begins_there_again(world, office, monkeypatch):
    mailbox = FakeMailbox(letters(1, 2))
    real = type(world.db).write
    down = [False]

    def write(db: Any, work: Any) -> Any:
        if down[0]:
            raise ConnectionError("the storage is down")
        return real(db, work)

    monkeypatch.setattr(type(world.db), "write", write)
    first = mailbox.message

    def message(uid: int) -> IncomingMessage | None:
        down[0] = uid == 2
        return first(uid)

    monkeypatch.setattr(mailbox, "message", message)
    with pytest.raises(ConnectionError):
        fetch_mail(office, mailbox)
    down[0] = False
    monkeypatch.setattr(mailbox, "message", first)
    assert fetch_mail(office, mailbox) == Fetched((Outcome.TO_ATTACH,), 0)
    assert rows_of(world.db, t.exchange, t.message_not_kept) == {"exchange": 2, "message_not_kept": 0}


def test_a_server_that_goes_away_is_noted_and_what_was_read_is_kept(world, office):
    problem = MailboxProblem(say("The mail server {host} answers: {reason}.", host="h", reason="bye"))
    mailbox = FakeMailbox({**letters(1, 3), 2: problem})
    with pytest.raises(MailboxProblem):
        fetch_mail(office, mailbox)
    state = world.db.read(lambda store: store.incoming.state(mailbox.name))
    assert (str(state.problem), state.not_kept, state.read_at) == ("The mail server h answers: bye.", 0, None)
    mailbox.letters[2] = letters(2)[2]
    assert len(fetch_mail(office, mailbox).outcomes) == 2
    state = world.db.read(lambda store: store.incoming.state(mailbox.name))
    assert (state.problem, state.read_at) == (None, NOW)


def test_a_mailbox_that_never_opened_says_why(world, office):
    class Closed(FakeMailbox):
        @contextlib.contextmanager
        def opened(self) -> Iterator[FakeMailbox]:
            raise MailboxProblem(say("The mail server {host} answers: {reason}.", host="h", reason="no"))
            yield

    with pytest.raises(MailboxProblem):
        fetch_mail(office, Closed())
    assert world.db.read(lambda store: store.incoming.state(Closed().name)).problem is not None
    assert fetch_mail(office, FakeMailbox(letters(1))).count(Outcome.TO_ATTACH) == 1


def test_a_server_that_stops_ends_the_round_between_two_messages(world, office):
    mailbox = FakeMailbox(letters(1, 2, 3))
    assert len(fetch_mail(office, mailbox, is_stopping=lambda: len(mailbox.asked) == 2).outcomes) == 2


def test_two_that_read_the_same_mailbox_at_once_keep_each_message_once(world, office):
    def read(_number: int) -> Fetched:
        return fetch_mail(office, FakeMailbox(letters(*range(1, 13))))

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(read, range(4)))
    assert sum(each.count(Outcome.TO_ATTACH) for each in found) == 12
    assert sum(each.count(Outcome.NOT_KEPT) for each in found) == 0
    ids = world.db.read(lambda store: store.connection.scalars(select(t.exchange.c.message_id)).all())
    assert len(ids) == len(set(ids)) == 12
