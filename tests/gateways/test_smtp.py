"""Sending for real: mail servers on the loopback take messages whole, or refuse them in words that people read."""

from __future__ import annotations

import socket
import ssl
import threading
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lib.domain.postman import Delivery, MailFile, Outcome, OutgoingMail
from lib.gateways.outgoing import write_mail
from lib.gateways.smtp import SmtpAccount, SmtpMailer
from tests.gateways.mail_servers import PASSWORD, USER, Received, a_mail_server, free_port, tls_contexts

# Signing in without TLS is what some of these tests are about.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def a_file(name: str = "devis.pdf", content: bytes = b"%PDF-1.7", **values: Any) -> MailFile:
    return MailFile(
        **{"name": name, "media_type": "application/pdf", "size_bytes": len(content),
           "chunks": lambda: iter([content]), **values}
    )  # fmt: skip


def a_mail(**values: Any) -> OutgoingMail:
    return OutgoingMail(**{
        "message_id": "0123456789abcdef@example.com", "at": datetime(2026, 3, 4, 9, 30, tzinfo=UTC),
        "from_name": "Zoé Martin (Relais)", "from_address": "relais@example.com",
        "reply_to": "relais+A000123@example.com", "to_name": "Anne Lefèvre", "to": "anne@client.example",
        "cc": (), "subject": "Votre devis n° 12 — énergie", "html": "<p>Bonjour,<br>voilà&nbsp;!</p>",
        "text": "Bonjour,\nvoilà !", **values,
    })  # fmt: skip


def sent(account: SmtpAccount, **values: Any) -> Delivery:
    return SmtpMailer(account).send(a_mail(**values))


def received(**values: Any) -> Received:
    """What a server gets of a mail."""
    with a_mail_server() as server:
        assert sent(server.account, **values) == Delivery(Outcome.SENT)
        assert len(server.received) == 1
        return server.received[0]


def text_of(got: Received, kind: str) -> str:
    """A text of the message, line ends as people count them."""
    body = got.message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    folder: Path = tmp_path_factory.mktemp("tls")
    return tls_contexts(folder)


# ---- what arrives


def test_a_mail_arrives_with_its_people_its_subject_and_both_texts():
    got = received(cc=("paul@client.example", "achats@client.example"))
    message = got.message
    assert (got.sender, got.recipients) == (
        "relais@example.com", ["anne@client.example", "paul@client.example", "achats@client.example"],
    )  # fmt: skip
    assert message["From"] == '"Zoé Martin (Relais)" <relais@example.com>'
    assert message["Reply-To"].addresses[0].addr_spec == "relais+A000123@example.com"
    assert message["To"].addresses[0].display_name == "Anne Lefèvre"
    assert [each.addr_spec for each in message["Cc"].addresses] == ["paul@client.example", "achats@client.example"]
    assert message["Subject"] == "Votre devis n° 12 — énergie"
    assert message["Message-ID"] == "<0123456789abcdef@example.com>"
    assert message["Date"].datetime == datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
    assert text_of(got, "plain") == "Bonjour,\nvoilà !\n"
    assert "<p>Bonjour,<br>voilà&nbsp;!</p>" in text_of(got, "html")
    assert not message.defects
    assert "Auto-Submitted" not in message  # somebody wrote it


def test_an_answer_joins_its_conversation_in_every_mail_reader():
    long = "x" * 200 + "@client.example"
    got = received(in_reply_to=long, references=("first@client.example", long))
    assert f"In-Reply-To: <{long}>\r\n".encode() in got.content
    assert f"References: <first@client.example>\r\n <{long}>\r\n".encode() in got.content


def test_files_arrive_as_they_were_under_their_names():
    got = received(files=(
        a_file("Devis n° 12 – été.pdf", b"%PDF" + bytes(range(256)) * 500),
        a_file("facture.eml", b"From: a\r\n\r\nb", media_type="message/rfc822"),
        a_file("tout.bin", b"", media_type="whatever it says\r\nX-Evil: 1"),
    ))  # fmt: skip
    files = list(got.message.iter_attachments())
    assert [each.get_filename() for each in files] == ["Devis n° 12 – été.pdf", "facture.eml", "tout.bin"]
    assert [each.get_content_type() for each in files] == [
        "application/pdf", "application/octet-stream", "application/octet-stream",
    ]  # fmt: skip
    assert files[0].get_content() == b"%PDF" + bytes(range(256)) * 500
    assert files[1].get_content() == b"From: a\r\n\r\nb"


def test_images_of_the_text_stand_in_it_and_not_among_the_files():
    image = a_file("image.png", PNG, media_type="image/png", cid="1.abc@example.com")
    got = received(html='<p><img src="cid:1.abc@example.com"></p>', files=(image, a_file()))
    assert [each.get_filename() for each in got.message.iter_attachments()] == ["devis.pdf"]
    related = next(each for each in got.message.walk() if each.get_content_type() == "multipart/related")
    shown = next(each for each in related.iter_parts() if each.get_content_type() == "image/png")
    assert (shown["Content-ID"], shown.get_content()) == ("<1.abc@example.com>", PNG)


@pytest.mark.parametrize("text", [".", "..\n.\n", "a\n.\nb\n" * 30_000, "é" * 5_000, "From here\n", ""])
def test_dots_long_lines_and_nothing_at_all_arrive_unchanged(text):
    assert text_of(received(text=text, html="<p>.</p>"), "plain") == text + "\n"


EVIL = [
    "\r\nBcc: evil@example.net",
    "\nX-Evil: 1\n\nbody",
    "\r.\r\nMAIL FROM:<a@b.c>",
    "\x00\x0b\x0c\x1c\x85\u2028X: 1",
]


@pytest.mark.parametrize("evil", EVIL)
def test_nothing_typed_becomes_a_header_or_a_recipient(evil):
    got = received(subject=f"Devis{evil}", from_name=f"Zoé{evil}", to_name=f"Anne{evil}",
                   in_reply_to=f"a{evil}", references=(f"b{evil}",), files=(a_file(f"devis{evil}.pdf"),))  # fmt: skip
    assert got.recipients == ["anne@client.example"]
    assert sorted(name.lower() for name in got.message) == [
        "content-type", "date", "from", "message-id", "mime-version", "reply-to", "subject", "to",
    ]  # fmt: skip
    assert b"\nBcc:" not in got.content
    assert b"\nX-Evil:" not in got.content
    assert all(line.endswith(b"\r\n") for line in got.content.splitlines(keepends=True))


def test_a_name_full_of_addresses_stays_a_name():
    got = received(to_name='Anne" <evil@example.net>, "x', from_name="a@b.c, d")
    assert [each.addr_spec for each in got.message["To"].addresses] == ["anne@client.example"]
    assert [each.addr_spec for each in got.message["From"].addresses] == ["relais@example.com"]


MB = 1 << 20


def heavy(size: int) -> Iterator[bytes]:
    chunk = bytes(range(256)) * 256
    return (chunk for _each in range(size // len(chunk)))


def test_a_mail_of_30_mb_arrives():
    with a_mail_server() as server:
        delivery = sent(server.account, files=(a_file("gros.zip", size_bytes=30 * MB, chunks=lambda: heavy(30 * MB)),))
        assert delivery == Delivery(Outcome.SENT)
        [attached] = server.received[0].message.iter_attachments()
        assert len(attached.get_content()) == 30 * MB


def test_a_heavy_mail_is_never_in_memory_whole(tmp_path):
    with (tmp_path / "mail").open("wb") as out:
        tracemalloc.start()
        write_mail(a_mail(files=(a_file("gros.zip", chunks=lambda: heavy(8 * MB)),)), out)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert out.tell() > 10 * MB
    assert peak < 2 * MB


# ---- accounts


@pytest.mark.parametrize("security", ["starttls", "tls", "none"])
def test_we_sign_in_over_each_kind_of_connection(security, tls):
    with a_mail_server(security=security, tls=tls, user=USER) as server:
        assert sent(server.account) == Delivery(Outcome.SENT)
        assert [each.by for each in server.received] == [USER]


def test_a_wrong_password_is_told_and_shown_nowhere(tls, caplog):
    with a_mail_server(security="starttls", tls=tls, user=USER, password="wrong horse") as server:
        delivery = sent(server.account)
    assert delivery.outcome == Outcome.REFUSED
    assert "refuses our account or its password: 535" in str(delivery.reason)
    assert "wrong horse" not in caplog.text
    assert "wrong horse" not in repr(server.account)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_whose_certificate_nobody_vouches_for_gets_nothing(security, tls):
    with a_mail_server(security=security, tls=tls, user=USER) as server:
        delivery = sent(replace(server.account, tls=None))
        assert not server.received
    assert delivery.outcome == Outcome.UNREACHABLE
    assert "isn't secure" in str(delivery.reason)


def test_a_server_without_starttls_gets_nothing_in_clear():
    with a_mail_server(user="") as server:
        delivery = sent(replace(server.account, security="starttls", user=USER, password=PASSWORD))
        assert not server.received
    assert delivery.outcome == Outcome.REFUSED
    assert "can't do what the settings ask" in str(delivery.reason)


# ---- what a server refuses


@pytest.mark.parametrize(
    ("manners", "outcome", "reason"),
    [
        ({"refused": {"paul@client.example": "550 no such user"}}, Outcome.REFUSED,
         "refuses the recipient paul@client.example: 550 no such user"),
        ({"refused": {"paul@client.example": "450 come back later"}}, Outcome.LATER,
         "refuses the recipient paul@client.example: 450 come back later"),
        ({"of_sender": "553 not yours"}, Outcome.REFUSED, "refuses the sender relais@example.com: 553 not yours"),
        ({"of_message": "554 looks like spam"}, Outcome.REFUSED, "refuses this message: 554 looks like spam"),
        ({"of_message": "452 disk full"}, Outcome.LATER, "refuses this message: 452 disk full"),
        ({"of_message": "552 too big"}, Outcome.REFUSED, "too heavy for the mail server: 552 too big"),
        ({"hangs_up": True}, Outcome.LATER, "hung up"),
        ({"size_limit": 1000}, Outcome.REFUSED, "too heavy for the mail server: 0.0 MB once encoded, 0.0 MB at most"),
    ],
)  # fmt: skip
def test_what_a_server_refuses_is_told_and_reaches_nobody(manners, outcome, reason):
    with a_mail_server(**manners) as server:
        delivery = sent(server.account, cc=("paul@client.example",))
        assert not server.received
    assert delivery.outcome == outcome
    assert reason in str(delivery.reason)


def test_a_server_that_is_down_is_told_at_once():
    delivery = sent(SmtpAccount("127.0.0.1", free_port(), "none"))
    assert delivery.outcome == Outcome.UNREACHABLE
    assert "doesn't answer" in str(delivery.reason)


def test_a_host_that_nobody_knows_is_told():
    assert sent(SmtpAccount("no-such-host.invalid", 25, "none")).outcome == Outcome.UNREACHABLE


def test_a_server_that_never_answers_is_given_up(monkeypatch):
    monkeypatch.setattr("lib.gateways.smtp.STEP_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        delivery = sent(SmtpAccount("127.0.0.1", silent.getsockname()[1], "none"))
    assert delivery.outcome == Outcome.UNREACHABLE


@pytest.mark.parametrize(
    "greeting", [b"554 go away\r\n", b"421 too busy\r\n", b"SSH-2.0-OpenSSH_9\r\n", b"\xff\xfe\x00", b""]
)
def test_whatever_a_stranger_says_we_never_stop_working(greeting):
    with socket.create_server(("127.0.0.1", 0)) as stranger:

        def answer() -> None:
            connection, _address = stranger.accept()
            with connection:
                connection.sendall(greeting)

        threading.Thread(target=answer, daemon=True).start()
        delivery = sent(SmtpAccount("127.0.0.1", stranger.getsockname()[1], "none"))
    assert delivery.outcome in (Outcome.UNREACHABLE, Outcome.LATER)
    assert delivery.reason


# ---- files that can't be read


def gone() -> Iterator[bytes]:
    raise FileNotFoundError


def unreadable() -> Iterator[bytes]:
    yield b"%PDF"
    raise OSError("the disk is ill")


def test_a_document_that_is_lost_fails_for_good_and_one_that_cant_be_read_now_waits():
    with a_mail_server() as server:
        assert sent(server.account, files=(a_file(chunks=gone),)).outcome == Outcome.REFUSED
        assert sent(server.account, files=(a_file(chunks=unreadable),)).outcome == Outcome.LATER
        assert not server.received
