"""From the action to the client's mail server and back to the action: kept while it is down, sent when it is back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import anyio
import pytest
from anyio import to_thread

import asgi
from lib import cli
from lib.config import Settings, load
from lib.db.engine import Database
from lib.domain.documents import add_document
from lib.domain.exchanges import ExchangeState
from lib.domain.files import AcceptedFile
from lib.domain.outbox import send_exchange
from lib.domain.postman import Round, send_due
from lib.gateways.blobs import FolderBlobs
from lib.gateways.rounds import Rounds
from lib.gateways.smtp import SmtpMailer, mailer_of, sender_of
from lib.ui import session
from tests.builders import NOW, World, a_context, a_key, a_world
from tests.domain.mail import SENDER, a_chain, a_mail_raw, an_office, opened, queued
from tests.gateways.mail_servers import PASSWORD, USER, MailServer, a_mail_server, free_port

# Signing in without TLS is what some of these tests are about.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@pytest.fixture
def world(db: Database) -> World:
    return a_world(db)


def until(is_so: Callable[[], object], *, within_s: float = 10) -> None:
    ends_at = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < ends_at, "not in time"
        time.sleep(0.02)


def test_a_message_waits_for_a_server_that_is_down_and_reaches_it_with_its_document(world: World, tmp_path: Path):
    chain, blobs = a_chain(world), FolderBlobs(tmp_path)
    chunk = b"%PDF-1.7" + bytes(range(256)) * 4095 + bytes(248)  # a MiB
    blob = blobs.put(chunk for _each in range(4))
    document = add_document(
        a_context(world, "sales"), entity="action", entity_id=chain.action.id, request_key=a_key(),
        file=AcceptedFile("Devis été.pdf", blob.sha256, blob.size_bytes, "application/pdf"),
    )  # fmt: skip
    sender, port = replace(SENDER, max_mb=40), free_port()
    exchange_id = send_exchange(
        a_context(world, "sales"), action_id=chain.action.id, raw=a_mail_raw(world, documents=[document]),
        sender=sender, request_key=a_key(),
    )  # fmt: skip
    with a_mail_server(port=port) as server:
        account = server.account
    office = replace(an_office(world, SmtpMailer(account), sender=sender), open_content=blobs.open)
    assert send_due(office) == Round(later=1)
    waiting = opened(world, exchange_id).row.waiting
    assert waiting
    assert "doesn't answer" in str(waiting.last_error)
    later = replace(office, clock=lambda: NOW + timedelta(minutes=2))
    with a_mail_server(port=port) as server:
        assert send_due(later) == Round(sent=1)
        [got] = server.received
    [attached] = got.message.iter_attachments()
    assert attached.get_filename() == "Devis été.pdf"
    assert attached.get_content() == chunk * 4
    exchange = opened(world, exchange_id).exchange
    assert (exchange.state, f"<{exchange.message_id}>") == (ExchangeState.SENT, got.message["Message-ID"])


@pytest.fixture
def mail_settings(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """The settings of a server that sends, for the console and for the pages; others where they are given."""

    def made(**others: str) -> Settings:
        found = load({
            "RELAIS_DATA_DIR": str(tmp_path), "RELAIS_MAIL_FROM": "Relais <relais@example.com>",
            "RELAIS_DATABASE_URL": world.db.engine.url.render_as_string(hide_password=False),
            "RELAIS_SMTP_HOST": "127.0.0.1", "RELAIS_SMTP_SECURITY": "none", "RELAIS_MAIL_EVERY_S": "1", **others,
        })  # fmt: skip
        for module in (cli, session):
            monkeypatch.setattr(module, "settings", lambda: found)
        return found

    return made


def test_the_console_sends_what_is_due(world: World, mail_settings: Callable[..., Settings], capsys):
    queued(world, a_chain(world))
    with a_mail_server(user=USER) as server:
        port = str(server.account.port)
        account = {"RELAIS_SMTP_PORT": port, "RELAIS_SMTP_USER": USER, "RELAIS_SMTP_PASSWORD": PASSWORD}
        mail_settings(**account)
        assert cli.main(["mail", "send"]) == 0
        assert capsys.readouterr().out == "1 sent, 0 to be tried again, 0 failed.\n"
        assert cli.main(["mail", "send"]) == 0
        assert len(server.received) == 1


def test_the_console_says_what_failed_and_what_the_settings_lack(world: World, mail_settings, capsys):
    queued(world, a_chain(world))
    with a_mail_server(of_message="554 spam") as server:
        mail_settings(RELAIS_SMTP_PORT=str(server.account.port))
        assert cli.main(["mail", "send"]) == 1
    assert capsys.readouterr().out == "0 sent, 0 to be tried again, 1 failed.\n"
    mail_settings(RELAIS_SMTP_HOST="", RELAIS_MAIL_FROM="")
    assert cli.main(["mail", "send"]) == 1
    told = "E-mails can't be sent from here: the server's settings RELAIS_SMTP_HOST, RELAIS_MAIL_FROM are missing.\n"
    assert capsys.readouterr().err == told


@pytest.mark.parametrize(
    ("lacking", "names"),
    [({}, ""), ({"RELAIS_SMTP_HOST": ""}, "RELAIS_SMTP_HOST is"), ({"RELAIS_MAIL_FROM": ""}, "RELAIS_MAIL_FROM is")],
)
def test_what_the_settings_lack_is_known_before_anybody_writes(mail_settings, lacking, names):
    found = mail_settings(**lacking)
    sender = sender_of(found)
    assert (sender.missing is None) == (names == "")
    assert names in str(sender.missing or "")
    assert (mailer_of(found) is None) == bool(names)
    assert (session.mail_rounds() is None) == bool(names)


def test_the_server_sends_beside_its_pages_and_ends_with_them(world: World, mail_settings, monkeypatch):
    chain = a_chain(world)
    monkeypatch.setattr(session, "database", lambda: world.db)

    async def serve(server: MailServer) -> None:
        # Not by a client of the whole app: Streamlit starts once in a process.
        async with asgi.lifespan(asgi.app):
            for number in (1, 2):
                await to_thread.run_sync(lambda: queued(world, chain))
                await to_thread.run_sync(lambda number=number: until(lambda: len(server.received) == number))

    with a_mail_server() as server:
        mail_settings(RELAIS_SMTP_PORT=str(server.account.port))
        with ThreadPoolExecutor(1) as apart:  # a browser of this worker may hold the thread's event loop
            apart.submit(anyio.run, serve, server).result()
        queued(world, chain)
        time.sleep(1.5)
        assert len(server.received) == 2


# ---- rounds


@pytest.fixture
def rounds() -> Iterator[Callable[..., Rounds]]:
    made: list[Rounds] = []

    def start(job: Callable[[Callable[[], bool]], object], every_s: float = 0.01) -> Rounds:
        made.append(Rounds("a test", job, every_s=every_s))
        made[-1].start()
        return made[-1]

    yield start
    for each in made:
        each.stop()


def test_what_goes_wrong_in_one_round_doesnt_keep_the_next_from_coming(rounds, caplog):
    done = []

    def job(_is_stopping: object) -> None:
        done.append(1)
        if len(done) == 1:
            raise OSError("the storage is away")

    rounds(job)
    until(lambda: len(done) >= 3)
    assert "a test went wrong" in caplog.text
    assert "the storage is away" in caplog.text


def test_a_round_under_way_is_asked_to_end_and_no_other_begins(rounds):
    begun = []

    def job(is_stopping: Callable[[], bool]) -> None:
        begun.append(1)
        until(is_stopping)

    running = rounds(job)
    until(lambda: begun)
    start = time.monotonic()
    running.stop()
    assert time.monotonic() - start < 5
    time.sleep(0.1)
    assert len(begun) == 1


def test_a_round_that_never_ends_doesnt_keep_the_server_from_ending(rounds):
    running = rounds(lambda _is_stopping: time.sleep(1))
    start = time.monotonic()
    running.stop(within_s=0.1)
    assert time.monotonic() - start < 0.9
