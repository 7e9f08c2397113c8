"""A mailbox of one's own on the tests' IMAP server, filled and looked at as any mail program would."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from imap_tools import MailBoxUnencrypted

from lib.gateways.imap import ImapMailbox
from tests.conftest import DOVECOT

FOLDER = "Relais"


@dataclass(frozen=True)
class Account:
    """An account that nobody else uses: on this server any name is one."""

    user: str = field(default_factory=lambda: f"relais-{uuid.uuid4().hex[:12]}")

    @property
    def password(self) -> str:
        return urlsplit(DOVECOT).username or ""

    @property
    def port(self) -> int:
        return urlsplit(DOVECOT).port or 0

    @property
    def tls_port(self) -> int:
        return int(parse_qs(urlsplit(DOVECOT).query)["tls_port"][0])

    @property
    def certificate(self) -> str:
        """The file to trust, by SSL_CERT_FILE."""
        return parse_qs(urlsplit(DOVECOT).query)["certificate"][0]

    def mailbox(self, **values: Any) -> ImapMailbox:
        """What Relais reads it with."""
        found = {"host": "127.0.0.1", "port": self.port, "security": "none", "user": self.user,
                 "password": self.password, "folder": FOLDER, "timeout_s": 5, **values}  # fmt: skip
        return ImapMailbox(**found)

    @contextlib.contextmanager
    def opened(self) -> Iterator[MailBoxUnencrypted]:
        with MailBoxUnencrypted("127.0.0.1", self.port, timeout=5).login(self.user, self.password) as box:
            if not box.folder.exists(FOLDER):
                box.folder.create(FOLDER)
            box.folder.set(FOLDER)
            yield box

    def deliver(self, *letters: bytes) -> None:
        """New messages arrive."""
        with self.opened() as box:
            for letter in letters:
                box.append(letter, FOLDER)

    def flags(self) -> dict[str, set[str]]:
        """The subjects of what lies there, with their flags."""
        with self.opened() as box:
            return {each.subject: set(each.flags) for each in box.fetch(mark_seen=False)}

    def renumbered(self) -> None:
        """Everything is as it was, but for the numbers of the messages: the folder has another UIDVALIDITY."""
        with self.opened() as box:
            letters = [each.obj.as_bytes() for each in box.fetch(mark_seen=False)]
            box.folder.set("INBOX")
            box.folder.delete(FOLDER)
        with self.opened() as box:
            for letter in letters:
                box.append(letter, FOLDER)
