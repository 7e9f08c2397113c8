"""From the mail server to the actions: `relais mail fetch` and the server's own round, on Dovecot and both engines."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from lib import cli
from lib.config import load
from lib.db import tables as t
from lib.db.engine import Database
from lib.domain.exchanges import Exchange, ExchangeState
from lib.domain.inbox import mailbox_state
from lib.domain.postman import send_due
from lib.gateways.smtp import SmtpMailer
from lib.ui import session
from tests.builders import World, a_context, a_world, put
from tests.domain.mail import a_chain, an_office, opened, queued
from tests.dovecot import FOLDER, Account
from tests.gateways.letters import CLIENT, OURS, a_bounce, a_letter
from tests.gateways.mail_servers import a_mail_server
from tests.some_files import PDF, an_image

pytestmark = pytest.mark.dovecot


@pytest.fixture
def world(db: Database) -> World:
    """Anne's address is known at Dupont's."""
    found = a_world(db)
    put(found, t.contact, found.anne, email=CLIENT)
    return found


@pytest.fixture
def account() -> Account:
    found = Account()
    found.deliver()
    return found


@pytest.fixture
def console(account: Account, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """`relais mail fetch`, its exit code, with other settings than the usual ones where they are given."""

    def fetch(*options: str, **others: str) -> int:
        found = load({
            "RELAIS_DATA_DIR": str(tmp_path), "RELAIS_MAIL_FROM": OURS,
            "RELAIS_DATABASE_URL": world.db.engine.url.render_as_string(hide_password=False),
            "RELAIS_IMAP_HOST": "127.0.0.1", "RELAIS_IMAP_PORT": str(account.port), "RELAIS_IMAP_SECURITY": "none",
            "RELAIS_IMAP_USER": account.user, "RELAIS_IMAP_PASSWORD": account.password, "RELAIS_IMAP_FOLDER": FOLDER,
            "RELAIS_IMAP_EVERY_S": "1", **others,
        })  # fmt: skip
        for module in (cli, session):
            monkeypatch.setattr(module, "settings", lambda: found)
        return cli.main(["mail", "fetch", *options])

    return fetch


def exchanges(world: World) -> dict[str, Exchange]:
    """All received messages, by their subjects."""
    ids = world.db.read(
        lambda store: store.connection.scalars(  # type: ignore[attr-defined]
            select(t.exchange.c.id).where(t.exchange.c.direction == "received")
        ).all()
    )
    found = [opened(world, each).exchange for each in ids]
    return {each.subject: each for each in found}


def sent_for_real(world: World, **values: Any) -> tuple[Any, int, EmailMessage]:
    """A chain, the e-mail that left about it, and what the client's server got."""
    chain = a_chain(world)
    exchange_id = queued(world, chain, **values)
    with a_mail_server() as server:
        assert send_due(an_office(world, SmtpMailer(server.account))).sent == 1
        got = message_from_bytes(server.received[0].content, policy=default)
    assert isinstance(got, EmailMessage)
    return chain, exchange_id, got


def test_an_answer_to_an_email_comes_back_to_its_action_with_its_file(world, account, console, capsys):
    chain, sent_id, mail = sent_for_real(world)
    answer = a_letter(
        "Entendu pour jeudi.\r\n\r\nLe 3 mars 2026 à 10:12, Relais <relais@example.com> a écrit :\r\n> La voici",
        subject="Re: Votre offre", in_reply_to=str(mail["Message-ID"]), references=str(mail["Message-ID"]),
        to=str(mail["Reply-To"]), files=[("bon pour accord.pdf", "application/pdf", PDF)],
    )  # fmt: skip
    without_thread = a_letter("Et aussi", subject="autre", to=str(mail["Reply-To"]), message_id="<m2@dupont.example>")
    account.deliver(answer, without_thread)
    assert console() == 0
    assert capsys.readouterr().out == "2 joined their action, 0 to attach, 0 known already.\n"
    found = exchanges(world)
    assert {each.action_id for each in found.values()} == {chain.action.id}
    assert {each.contact_id for each in found.values()} == {world.anne}
    file = opened(world, found["Re: Votre offre"].id, "sales")
    assert (file.body_html, file.exchange.in_reply_to) == (
        "<p>Entendu pour jeudi.</p>", opened(world, sent_id).exchange.message_id,
    )  # fmt: skip
    assert "La voici" in file.quoted_html
    assert [each.name for each in file.documents] == ["bon pour accord.pdf"]
    assert account.flags() == {"Re: Votre offre": set(), "autre": set()}, "the mailbox is as it was"
    assert console() == 0
    assert capsys.readouterr().out == "0 joined their action, 0 to attach, 0 known already.\n"


def test_everything_that_comes_in_is_kept_or_told(world, account, console, capsys):
    _chain, sent_id, mail = sent_for_real(world)
    ours = str(mail["Message-ID"])
    odd = [
        a_letter(None, html="<p>Bonjour <b>vous</b><script>alert(1)</script></p>", subject="html", message_id="<1@x>"),
        a_letter(subject="winmail", message_id="<2@x>", files=[("winmail.dat", "application/ms-tnef", b"x\x9f>\"")]),
        b"Auto-Submitted: auto-replied\r\n" + a_letter(subject="absent", message_id="<3@x>", in_reply_to=ours),
        a_letter("loop", subject="loop", message_id="<4@x>", **{"from": f"Relais <{OURS}>"}),
        a_bounce(ours.strip("<>")),
        a_letter("même", subject="twice", message_id="<5@x>"),
        a_letter("même", subject="twice", message_id="<5@x>"),
        b'Subject: broken\r\nContent-Type: multipart/mixed; boundary="B\r\n\r\n--B\r\nContent-Type: ;;\r\n\r\n\xff\xfe',
        a_letter(subject="evil", message_id="<6@x>", files=[("../../etc/passwd", "text/plain", b"x"),
                                                            ("a\u202efdp.exe", "application/pdf", PDF),
                                                            ("..\\devis.pdf", "application/pdf", PDF)]),
        a_letter("x", html='<p><img src="cid:a">', subject="image", message_id="<7@x>", images=[("a", an_image())]),
        a_letter("x" * 70 + "\r\n" + ("y" * 70 + "\r\n") * 450_000, subject="lourd", message_id="<8@x>"),
    ]  # fmt: skip
    account.deliver(*odd)
    assert console(RELAIS_IMAP_AFTER="delete") == 0
    assert capsys.readouterr().out == "2 joined their action, 8 to attach, 1 known already.\n"
    found = exchanges(world)
    assert {name for name, each in found.items() if each.is_automatic} == {
        "absent", "loop", "Undelivered Mail Returned to Sender",
    }  # fmt: skip
    assert opened(world, sent_id).exchange.state == ExchangeState.FAILED
    assert "alert" not in opened(world, found["html"].id).body_html
    told = {name: [str(said) for said in each.not_kept] for name, each in found.items() if each.not_kept}
    assert told.keys() == {"winmail", "evil", "lourd"}
    assert "only Outlook opens" in told["winmail"][0]
    assert "weighs 32 MB, 30 MB at most" in told["lourd"][0]
    assert [said.split(" wasn't")[0] for said in told["evil"]] == ["The file passwd", "The file afdp.exe"]
    assert [each.name for each in opened(world, found["evil"].id).documents] == ["devis.pdf"]
    assert opened(world, found["lourd"].id).body_html == ""
    # What isn't whole here stays there; so does the double, of which nobody looked at the rest.
    assert account.flags() == {name: {"\\Seen"} for name in ("winmail", "evil", "lourd", "twice")}


def test_a_folder_numbered_anew_brings_no_doubles(world, account, console, capsys):
    account.deliver(a_letter(subject="un"), a_letter("sans", subject="deux", message_id=""))
    assert console() == 0
    account.renumbered()
    account.deliver(a_letter(subject="trois", message_id="<m3@dupont.example>"))
    assert console() == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == "0 joined their action, 2 to attach, 0 known already."
    assert second.startswith("0 joined their action, ")
    assert set(exchanges(world)) == {"un", "deux", "trois"}


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"RELAIS_IMAP_PASSWORD": "wrong"}, "refuses the account"),
        ({"RELAIS_IMAP_PORT": "1"}, "doesn't answer on port 1"),
        ({"RELAIS_IMAP_FOLDER": "Nowhere"}, "There is no folder Nowhere"),
        ({"RELAIS_IMAP_SECURITY": "tls"}, "No safe connection"),
    ],
)
def test_what_keeps_the_mailbox_from_being_read_is_said_and_kept_for_the_screens(
    world, account, console, capsys, setting, said
):
    assert console(**setting) == 1
    assert said in capsys.readouterr().err
    state = mailbox_state(a_context(world, "sales"), name=session.mailbox_name())
    assert said in str(state.problem)
    assert console() == 0


def test_without_settings_what_is_missing_is_said(world, console, capsys):
    assert console(RELAIS_IMAP_HOST="", RELAIS_IMAP_PASSWORD="") == 1
    assert capsys.readouterr().err == (
        "E-mails aren't received here: the server's settings RELAIS_IMAP_HOST, RELAIS_IMAP_PASSWORD are missing.\n"
    )
    assert session.fetch_rounds() is None
    assert "RELAIS_IMAP_HOST" in str(session.reception_missing())


def test_a_message_that_cant_be_kept_is_told_and_tried_again(world, account, console, capsys, monkeypatch):
    account.deliver(a_letter(subject="un"), a_letter(subject="deux", message_id="<2@x>"))
    with monkeypatch.context() as broken:
        broken.setattr("lib.gateways.imap.parsed", lambda content, **_more: 1 / 0 if b"un" in content[:400] else None)
        assert console(RELAIS_IMAP_AFTER="delete") == 1
    assert "1 couldn't be kept: they are still in the mailbox" in capsys.readouterr().err
    assert account.flags().keys() == {"un", "deux"}
    assert console("--retry") == 0
    assert set(exchanges(world)) == {"un"}


def test_the_server_reads_the_mailbox_beside_its_pages(world, account, console, monkeypatch):
    assert console() == 0
    monkeypatch.setattr(session, "database", lambda: world.db)
    rounds = session.fetch_rounds()
    assert rounds is not None
    rounds.start()
    try:
        account.deliver(a_letter(subject="tout seul"))
        for _attempt in range(100):
            if "tout seul" in exchanges(world):
                break
            time.sleep(0.1)
    finally:
        rounds.stop()
    assert "tout seul" in exchanges(world)
