"""Received e-mails: what the outside world hands over, and how each one becomes an exchange of the right action (R30).

Nobody acts here: what arrives by itself is told by its own row, and the journal begins when somebody touches it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lib.domain.errors import DomainError
from lib.domain.sentences import Sentence

MAX_MESSAGE_MB = 30
"""A heavier message isn't read: its exchange says so, and it stays in the mailbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingFile:
    """A file that came with a message; `placeholder` is what stands for it in the text when it is an image inside."""

    name: str
    media_type: str
    content: bytes
    placeholder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """What a mail server says when it couldn't deliver: which message of ours, and why."""

    message_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingMessage:
    """A message as it was understood: texts cleaned, addresses in lower case, ids without angle brackets.

    `message_id` is made from its content when it has none. `recipients` are all addresses that it was sent or
    delivered to. `remarks` tell what of it couldn't be kept; then its original must not be deleted.
    """

    message_id: str
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    sender_name: str = ""
    sender_email: str = ""
    recipients: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    sent_at: datetime | None = None
    subject: str = ""
    body_html: str = ""
    quoted_html: str = ""
    files: tuple[IncomingFile, ...] = ()
    is_automatic: bool = False
    bounce: Bounce | None = None
    remarks: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """An action that a message belongs to, its client, and who of us it is for."""

    action_id: int
    client_id: int
    person_id: int | None


@dataclass(frozen=True, slots=True)
class MailboxState:
    """How the reading of a mailbox goes: when it last worked, why it doesn't, how many messages couldn't be kept."""

    read_at: datetime | None = None
    problem: Sentence | None = None
    not_kept: int = 0


class MailboxProblem(DomainError):
    """The mail server can't be read now; the sentence says what to look at."""


class OpenMailbox(Protocol):
    """One folder of a mail server, while connected to it."""

    @property
    def uid_validity(self) -> int:
        """Changes when the server numbered its messages anew."""
        ...

    def uids_after(self, uid: int) -> Sequence[int]:
        """The numbers of the messages that came after `uid`, in order."""
        ...

    def message(self, uid: int) -> IncomingMessage | None:
        """A message, or None when it has gone meanwhile; raises what its content makes go wrong."""
        ...

    def done_with(self, uid: int, *, is_whole: bool) -> None:
        """Leave, mark or delete a stored message, as the settings say; never delete one of which something is lost."""
        ...


class Mailbox(Protocol):
    """A folder of a mail server."""

    @property
    def name(self) -> str:
        """Account, server and folder: what its progress is kept under."""
        ...

    def opened(self) -> AbstractContextManager[OpenMailbox]:
        """Connected, until the end of the block; raises MailboxProblem, and so may everything done with it."""
        ...


_TOKEN = re.compile(r"\+a([0-9]{6,9})@")


def numbers_in(addresses: Sequence[str]) -> Iterator[int]:
    """The numbers of actions that addresses bear: `relais+A000123@example.org` has 123."""
    for address in addresses:
        if found := _TOKEN.search(address.lower()):
            yield int(found[1])
