"""Reading a real mailbox, on Dovecot: what is new, without a trace unless asked, and in words what goes wrong."""

from __future__ import annotations

import socket
import threading

import pytest

from lib.domain.incoming import MailboxProblem
from lib.gateways import imap
from tests.dovecot import FOLDER, Account
from tests.gateways.letters import a_letter

pytestmark = pytest.mark.dovecot


@pytest.fixture
def account() -> Account:
    """With an empty folder."""
    found = Account()
    found.deliver()
    return found


def letters(*names: str) -> list[bytes]:
    return [a_letter(subject=name, message_id=f"<{name}@dupont.example>") for name in names]


def problem(account: Account, **values: object) -> str:
    with pytest.raises(MailboxProblem) as told, account.mailbox(**values).opened() as folder:
        folder.uids_after(0)
    return str(told.value)


def test_new_messages_come_in_their_order_and_the_mailbox_keeps_no_trace(account):
    account.deliver(*letters("un", "deux", "trois"))
    with account.mailbox().opened() as folder:
        first, *rest = folder.uids_after(0)
        assert [folder.message(uid).subject for uid in (first, *rest)] == ["un", "deux", "trois"]
        assert folder.uids_after(first) == rest
        assert folder.uids_after(rest[-1]) == []
        assert folder.message(99) is None
        for uid in (first, *rest):
            folder.done_with(uid, is_whole=True)
    assert account.flags() == {"un": set(), "deux": set(), "trois": set()}


def test_what_was_read_is_marked_when_the_settings_say_so(account):
    account.deliver(*letters("un", "deux"))
    with account.mailbox(after="seen").opened() as folder:
        folder.done_with(folder.uids_after(0)[0], is_whole=True)
    assert account.flags() == {"un": {"\\Seen"}, "deux": set()}


def test_what_was_read_is_deleted_when_the_settings_say_so_and_nothing_else(account):
    account.deliver(*letters("un", "deux", "trois", "quatre"))
    with account.opened() as box:
        box.client.uid("STORE", "4", "+FLAGS", r"(\Deleted)")  # by somebody's mail program, who may change his mind
    with account.mailbox(after="delete").opened() as folder:
        first, second, *_rest = folder.uids_after(0)
        folder.done_with(first, is_whole=True)
        folder.done_with(second, is_whole=False)
    assert account.flags() == {"deux": {"\\Seen"}, "trois": set(), "quatre": {"\\Deleted"}}


def test_a_folder_numbered_anew_says_so(account):
    account.deliver(*letters("un"))
    with account.mailbox().opened() as folder:
        before = folder.uid_validity
    account.renumbered()
    with account.mailbox().opened() as folder:
        assert folder.uid_validity != before
        assert len(folder.uids_after(0)) == 1


def test_of_a_heavy_message_only_the_headers_are_fetched(account, monkeypatch):
    account.deliver(a_letter("x" * 80 + "\r\n" * 600_000, subject="lourd"))
    monkeypatch.setattr(imap, "MAX_MESSAGE_MB", 1)
    monkeypatch.setattr("lib.gateways.messages.MAX_MESSAGE_MB", 1)
    with account.mailbox().opened() as folder:
        found = folder.message(1)
    assert (found.subject, found.body_html, len(found.remarks)) == ("lourd", "", 1)
    assert found.message_id == "m1@dupont.example"


def test_the_connection_is_secured_and_the_server_s_certificate_checked(account, monkeypatch):
    account.deliver(*letters("un"))
    tls = {"security": "tls", "port": account.tls_port}
    assert "No safe connection to the mail server 127.0.0.1" in problem(account, **tls)
    assert "No safe connection to the mail server 127.0.0.1" in problem(account, security="starttls")
    monkeypatch.setenv("SSL_CERT_FILE", account.certificate)
    for secured in (tls, {"security": "starttls"}):
        with account.mailbox(**secured).opened() as folder:
            assert folder.message(1).subject == "un"


def test_what_goes_wrong_is_said_in_words(account):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        assert "127.0.0.1 doesn't answer on port" in problem(account, port=nobody.getsockname()[1])
    told = problem(account, password="wrong-password")
    assert told == f"The mail server 127.0.0.1 refuses the account {account.user}: check user and password."
    assert "refuses the account" in problem(account, password="faux-mot-de-passé")
    assert problem(account, folder="Nowhere").startswith("There is no folder Nowhere in the mailbox")
    assert "doesn't answer" in problem(account, host="nowhere.invalid")


def test_a_server_that_says_nothing_is_given_up(account):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        told = problem(account, port=silent.getsockname()[1], timeout_s=0.3)
    assert "doesn't answer on port" in told


def test_a_connection_lost_in_the_middle_is_said_in_words(account):
    account.deliver(*letters("un"))
    with account.mailbox().opened() as folder:
        folder._box.client.sock.shutdown(socket.SHUT_RDWR)
        with pytest.raises(MailboxProblem, match="doesn't answer"):
            folder.message(1)


def test_the_password_is_told_to_nobody(account):
    assert account.password not in repr(account.mailbox())


def test_two_readers_don_t_disturb_each_other(account):
    account.deliver(*letters("un", "deux"))
    seen: list[list[int]] = []

    def read() -> None:
        with account.mailbox().opened() as folder:
            seen.append(folder.uids_after(0))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert seen == [[1, 2], [1, 2]]


def test_a_folder_with_a_name_beyond_ascii_is_found(account):
    with account.opened() as box:
        box.folder.create("À traiter")
        box.append(letters("ici")[0], "À traiter")
    with account.mailbox(folder="À traiter").opened() as folder:
        assert folder.message(1).subject == "ici"
    assert FOLDER not in account.mailbox(folder="À traiter").name
