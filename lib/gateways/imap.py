"""A folder of an IMAP server, read without a trace: nothing is marked or deleted unless the settings say so."""

from __future__ import annotations

import contextlib
import imaplib
import re
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from imap_tools import (
    BaseMailBox,
    MailBox,
    MailboxFolderSelectError,
    MailboxLoginError,
    MailBoxStartTls,
    MailBoxUnencrypted,
)
from imap_tools.errors import ImapToolsError

from lib.config import Settings
from lib.domain.incoming import MAX_MESSAGE_MB, IncomingMessage, MailboxProblem
from lib.domain.sentences import Sentence, say, say_many
from lib.gateways.messages import parsed

R = TypeVar("R")

TIMEOUT_S = 30
MAX_HEADER_BYTES = 256_000
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_LOST = (OSError, imaplib.IMAP4.abort)


@dataclass(frozen=True, slots=True)
class ImapMailbox:
    """Fulfils `lib.domain.incoming.Mailbox`. `security` is tls, starttls or none; `after` is keep, seen or delete."""

    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    after: str = "keep"
    timeout_s: float = TIMEOUT_S

    @property
    def name(self) -> str:
        """Account, server and folder; cut as the table that keeps it is."""
        return f"{self.user}@{self.host}:{self.port}/{self.folder}"[:200]

    @contextlib.contextmanager
    def opened(self) -> Iterator[ImapFolder]:
        """The folder, read-only when nothing is to be changed in it; raises MailboxProblem."""
        with self._told():
            box = self._connected()
        try:
            with self._told():
                _log_in(box, self.user, self.password)
                box.folder.set(self.folder, readonly=self.after == "keep")
                status = box.folder.status(self.folder, ("UIDVALIDITY",))
                # Asked again: before somebody signs in, servers tell less of what they can do.
                _status, told = box.client.capability()
            can_expunge_one = b"UIDPLUS" in told[0].upper().split()
            yield ImapFolder(box, self, int(status["UIDVALIDITY"]), can_expunge_one=can_expunge_one)
        finally:
            with contextlib.suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
                box.logout()

    def _connected(self) -> BaseMailBox:
        if self.security == "none":
            return MailBoxUnencrypted(self.host, self.port, timeout=self.timeout_s)
        trusted = ssl.create_default_context()
        kind = MailBoxStartTls if self.security == "starttls" else MailBox
        return kind(self.host, self.port, timeout=self.timeout_s, ssl_context=trusted)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """What goes wrong with the server as MailboxProblem, in words that say what to look at."""
        try:
            yield
        except MailboxLoginError as error:
            raise MailboxProblem(say("The mail server {host} refuses the account {user}: check user and password.",
                                     host=self.host, user=self.user)) from error  # fmt: skip
        except MailboxFolderSelectError as error:
            raise MailboxProblem(say("There is no folder {folder} in the mailbox {user}: check its name.",
                                     folder=self.folder, user=self.user)) from error  # fmt: skip
        except ssl.SSLError as error:
            raise MailboxProblem(say("No safe connection to the mail server {host}: {reason}.",
                                     host=self.host, reason=error.reason or str(error))) from error  # fmt: skip
        except (*_LOST, EOFError) as error:
            raise MailboxProblem(say("The mail server {host} doesn't answer on port {port}: {reason}.", host=self.host,
                                     port=self.port, reason=str(error) or type(error).__name__)) from error  # fmt: skip
        except (imaplib.IMAP4.error, ImapToolsError) as error:
            raise MailboxProblem(say("The mail server {host} answers: {reason}.",
                                     host=self.host, reason=str(error)[:200])) from error  # fmt: skip

    def run(self, work: Callable[[], R]) -> R:
        """The result of talking to the server; raises MailboxProblem."""
        with self._told():
            return work()


def mailbox_of(settings: Settings) -> ImapMailbox | None:
    """The mailbox of the settings; None while one of them is missing."""
    if reception_missing(settings):
        return None
    return ImapMailbox(settings.imap_host, settings.imap_port, settings.imap_security, settings.imap_user,
                       settings.imap_password, settings.imap_folder, settings.imap_after)  # fmt: skip


def reception_missing(settings: Settings) -> Sentence | None:
    """What the settings lack for answers to come in by themselves, or None."""
    needed = {"RELAIS_IMAP_HOST": settings.imap_host, "RELAIS_IMAP_USER": settings.imap_user,
              "RELAIS_IMAP_PASSWORD": settings.imap_password}  # fmt: skip
    missing = [variable for variable, value in needed.items() if not value]
    if not missing:
        return None
    return say_many(
        "E-mails aren't received here: the server's setting {names} is missing.",
        "E-mails aren't received here: the server's settings {names} are missing.",
        count=len(missing), names=", ".join(missing),
    )  # fmt: skip


def own_addresses(settings: Settings) -> frozenset[str]:
    """The addresses that Relais writes from and reads: what comes from one of them is its own."""
    user = settings.imap_user.lower()
    return frozenset(filter(None, [settings.mail_from[1], user if "@" in user else ""]))


def _log_in(box: BaseMailBox, user: str, password: str) -> None:
    """As most servers know it; names and passwords beyond ASCII need the other way."""
    if user.isascii() and password.isascii():
        box.login(user, password, initial_folder=None)
        return
    try:
        box.login_utf8(user, password, initial_folder=None)
    except imaplib.IMAP4.error as error:
        raise MailboxLoginError(command_result=("NO", [str(error).encode()]), expected="OK") from error


class ImapFolder:
    """Fulfils `lib.domain.incoming.OpenMailbox`.

    imap-tools' own `flag` and `delete` aren't used: both expunge whatever anybody marked as deleted.
    """

    def __init__(self, box: BaseMailBox, mailbox: ImapMailbox, uid_validity: int, *, can_expunge_one: bool) -> None:
        self._box = box
        self._can_expunge_one = can_expunge_one
        self._mailbox = mailbox
        self._uid_validity = uid_validity

    @property
    def uid_validity(self) -> int:
        return self._uid_validity

    def uids_after(self, uid: int) -> list[int]:
        """In order. A server answers `9:*` with its last message, even when that is the fifth."""
        found = self._mailbox.run(lambda: self._box.uids(f"UID {uid + 1}:*", charset=None))
        return sorted(number for each in found if (number := int(each)) > uid)

    def message(self, uid: int) -> IncomingMessage | None:
        size = self._fetched(uid, "(RFC822.SIZE)")
        if size is None:
            return None
        told = _SIZE.search(size[0])
        size_bytes = int(told[1]) if told else 0
        is_heavy = size_bytes > MAX_MESSAGE_MB * 1_000_000
        part = f"BODY.PEEK[HEADER]<0.{MAX_HEADER_BYTES}>" if is_heavy else "BODY.PEEK[]"
        found = self._fetched(uid, f"({part})")
        return None if found is None else parsed(found[1], size_bytes=size_bytes)

    def _fetched(self, uid: int, parts: str) -> tuple[bytes, bytes] | None:
        """What the server says of a message and the literal it sends with it; None when the message has gone."""
        status, data = self._mailbox.run(lambda: self._box.client.uid("FETCH", str(uid), parts))
        told = b" ".join(each if isinstance(each, bytes) else each[0] for each in data if each)
        literal = next((each[1] for each in data if isinstance(each, tuple)), b"")
        return (told, literal) if status == "OK" and f"UID {uid}".encode() in told else None

    def done_with(self, uid: int, *, is_whole: bool) -> None:
        after = self._mailbox.after
        if after == "keep":
            return
        if after == "delete" and is_whole:
            self._command("STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)")
            if self._can_expunge_one:  # else whoever empties the mailbox next takes it along
                self._command("EXPUNGE", str(uid))
        else:
            self._command("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)")

    def _command(self, command: str, *arguments: str) -> Any:
        return self._mailbox.run(lambda: self._box.client.uid(command, *arguments))
