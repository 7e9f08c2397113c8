"""A received message on its action: what is told about it, and the way back when it is about another one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lib.domain.exchanges import open_exchange
from lib.domain.incoming import IncomingFile, IncomingMessage, MailboxState
from lib.domain.receiving import Receiver, receive_message
from lib.domain.rights import Operation
from lib.domain.sentences import say
from lib.ui import session
from tests.builders import NOW, World, a_context, an_action, remove_right, the_chain
from tests.pages.screens import assert_says, click, said
from tests.some_files import some_files


@pytest.fixture
def received(world: World, tmp_path: Path) -> tuple[int, int]:
    """An action of the salesperson, and a message to its address from somebody whom nobody knows."""
    sub = an_action(world)
    receiver = Receiver(world.db, some_files(tmp_path), lambda: NOW)
    receive_message(receiver, IncomingMessage(
        message_id="m1@x", sender_name="Anne Lefèvre", sender_email="quelquun@ailleurs.example", subject="Devis",
        recipients=(f"relais+A{the_chain(world, sub).action.number:06d}@example.com",), body_html="<p>Bonjour</p>",
        files=(IncomingFile(name="programme.exe", media_type="x", content=b"MZ"),),
    ))  # fmt: skip
    return sub, world.db.read(lambda store: store.exchanges.by_message_ids(["m1@x"]))["m1@x"].id


def test_an_unknown_sender_and_a_refused_file_are_told_above_the_text(screen, received):
    sub, exchange_id = received
    at = screen("sales", "action", sub=sub, tab="exchanges", exchange=exchange_id)
    assert_says(at, "Unknown sender: this address is none of the client's.")
    assert_says(at, "The file programme.exe wasn't kept. Files of this type aren't taken: .exe.")


def test_a_message_about_another_action_goes_back_to_those_to_attach(screen, world, received):
    sub, exchange_id = received
    at = screen("sales", "action", sub=sub, tab="exchanges", exchange=exchange_id)
    click(at, "exchange.do.detach")
    assert_says(at, "The message is among those to attach again.")
    assert open_exchange(a_context(world, "admin"), exchange_id=exchange_id).exchange.action_id is None


def test_the_way_back_is_offered_to_whoever_attaches_messages(screen, world, received):
    sub, exchange_id = received
    remove_right(world, "sales", Operation.ATTACH_EXCHANGES)
    at = screen("sales", "action", sub=sub, tab="exchanges", exchange=exchange_id)
    assert "exchange.do.detach" not in [each.key for each in at.button]


def test_the_inbox_says_why_nothing_comes_in(screen, world, monkeypatch):
    at = screen("sales", "inbox")
    assert_says(at, "E-mails aren't received here")
    problem = say("The mail server {host} answers: {reason}.", host="mail.example", reason="no")
    state = MailboxState(NOW, problem, not_kept=2)
    monkeypatch.setattr(session, "reception_missing", lambda: None)
    monkeypatch.setattr("lib.domain.inbox.mailbox_state", lambda ctx, name: state)
    at.run()
    assert_says(at, "The mail server mail.example answers")
    assert_says(at, "2 messages couldn't be kept")
    state = replace(state, problem=None, not_kept=0)
    at.run()
    assert "mail.example" not in said(at)
