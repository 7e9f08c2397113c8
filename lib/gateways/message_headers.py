"""Headers of an e-mail, whatever a program put into them: unknown charsets, bare bytes, addresses that are none.

Read from the raw lines: the standard library's own header objects raise on some of what comes in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from itertools import count

from lib.domain.text import one_line

MAX_HEADER_CHARS = 20_000
MAX_ADDRESSES = 200
MAX_REFERENCES = 50
MAX_EMAIL = 254
MAX_ID = 255

_ADDRESS = re.compile(r"[^\s<>\"(),;:@\[\]]{1,64}@[^\s<>\"(),;:@\[\]]{1,190}")
_ENCODED_WORD = re.compile(r"=\?[^?\s]{1,60}\?[bq]\?[^?\s]*\?=", re.I)
_PUT_ASIDE = re.compile(r"word-([0-9]{1,5})-put-aside")
_ID = re.compile(r"<([^<>\s]{1,998})>")
_OWN_ADDRESS = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to")


def decoded(content: bytes, charset: str | None) -> str:
    """Bytes as text, in the charset said if it is one, else in UTF-8, else as Windows writes; never raises."""
    for candidate in (charset or "", "utf-8"):
        try:
            return content.decode(candidate)
        except (LookupError, ValueError):
            continue
    try:
        return content.decode(charset or "cp1252", "replace")
    except (LookupError, ValueError):
        return content.decode("cp1252", "replace")


def raw_headers(message: Message, name: str) -> Iterator[str]:
    """The values of a header as they came, unfolded, bare bytes made text."""
    for each, value in message.raw_items():
        if each.lower() == name:
            text = str(value)[:MAX_HEADER_CHARS]
            yield decoded(text.encode("utf-8", "surrogateescape"), None).replace("\r", " ").replace("\n", " ")


def raw_header(message: Message, name: str) -> str:
    """The first value of a header as it came, or an empty text."""
    return next(raw_headers(message, name), "")


def header(message: Message, name: str) -> str:
    """The first value of a header as a reader sees it, on one line."""
    return shown(raw_header(message, name))


def shown(text: str) -> str:
    """A header's text with its encoded words (`=?utf-8?q?…?=`) decoded."""
    if "=?" not in text:
        return one_line(text)
    try:
        parts = decode_header(text)
    except (HeaderParseError, ValueError):
        return one_line(text)
    return one_line("".join(p if isinstance(p, str) else decoded(p, charset) for p, charset in parts))


def addresses(message: Message, *names: str) -> list[tuple[str, str]]:
    """Names and e-mail addresses of headers, in their order; the addresses in lower case, without doubles."""
    found: dict[str, str] = {}
    for name in names:
        for value in raw_headers(message, name):
            for label, address in _pairs(value):
                email = one_line(address).lower()
                if _ADDRESS.fullmatch(email) and len(email) <= MAX_EMAIL and len(found) < MAX_ADDRESSES:
                    found.setdefault(email, shown(label))
    return [(label, email) for email, label in found.items()]


def _pairs(value: str) -> list[tuple[str, str]]:
    """What the standard library reads, else whatever looks like an address.

    Encoded words are put aside: the library takes a colon or an at sign inside one for its own.
    """
    words = _ENCODED_WORD.findall(value)
    numbers = count()
    bare = _ENCODED_WORD.sub(lambda _word: f"word-{next(numbers)}-put-aside", value)
    try:
        pairs = [(label, address) for label, address in getaddresses([bare]) if "@" in address]
    except RecursionError:
        pairs = []
    found = pairs or [("", address) for address in _ADDRESS.findall(bare)]
    return [(_PUT_ASIDE.sub(lambda word: _nth(words, word), label), address) for label, address in found]


def _nth(words: list[str], found: re.Match[str]) -> str:
    """The word that was put aside; what the sender himself wrote like that stays."""
    number = int(found[1])
    return words[number] if number < len(words) else found[0]


def recipients(message: Message) -> tuple[str, ...]:
    """Every address that the message was sent or delivered to, the hidden ones included where a server noted them."""
    return tuple(email for _label, email in addresses(message, "to", "cc", *_OWN_ADDRESS))


def ids(message: Message, name: str) -> tuple[str, ...]:
    """The message ids in a header, without their brackets; the last ones when there are many."""
    text = raw_header(message, name)
    found = _ID.findall(text) or [word for word in text.split() if "@" in word and len(word) <= MAX_ID]
    return tuple(each for each in found[-MAX_REFERENCES:] if len(each) <= MAX_ID)


def date_of(message: Message) -> datetime | None:
    """When the message says that it was sent; None when it doesn't, or says nonsense."""
    try:
        found = parsedate_to_datetime(raw_header(message, "date"))
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
    return found if found.year >= 1990 else None


def is_automatic(message: Message) -> bool:
    """Whether no person wrote it: an answering machine, a server, a mass mailing (RFC 3834 and common practice)."""
    if raw_header(message, "auto-submitted").strip().lower() not in ("", "no"):
        return True
    if raw_header(message, "precedence").strip().lower() in ("bulk", "junk", "list", "auto_reply"):
        return True
    named = ("x-autoreply", "x-autorespond", "x-auto-response-suppress", "x-failed-recipients", "x-autogenerated")
    if any(raw_header(message, name) for name in named):
        return True
    if any(value.strip() == "<>" for value in raw_headers(message, "return-path")):
        return True
    senders = [email for _label, email in addresses(message, "from")]
    return any(email.startswith(("mailer-daemon@", "postmaster@")) for email in senders)
