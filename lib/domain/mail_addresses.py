"""E-mail addresses: checked as strictly as mail servers read them, and the action's number that ours carry."""

from __future__ import annotations

import re
import secrets

from lib.domain.errors import Invalid
from lib.domain.sentences import say
from lib.domain.text import cleaned

MAX_ADDRESS = 254  # RFC 5321, 4.5.3.1.3, without its angle brackets
MAX_LOCAL = 64
MAX_RECIPIENTS = 20

_ATOM = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@(?P<domain>(?:{_LABEL}\.)+{_LABEL})")
_NAMED = re.compile(r"[^<>]*<([^<>]*)>")
_SEPARATORS = re.compile(r"[,;]")


def checked_address(field: str, raw: object, *, required: bool = True) -> str:
    """One address in lower case, its domain in ASCII; empty when there is none. Raises Invalid for `field`.

    One only: no name, no list, no line end, nothing that a header could take for another.
    """
    text = raw.strip(" \t") if isinstance(raw, str) else ""
    if not text:
        if required or (raw is not None and not isinstance(raw, str)):
            raise Invalid({field: say("An e-mail address is required.")})
        return ""
    address = parsed_address(text)
    if address is None:
        shown = cleaned(text).replace("\n", " ")[:80]
        raise Invalid({field: say("“{address}” is no e-mail address: write one, such as name@example.com.",
                                  address=shown)})  # fmt: skip
    return address


def parsed_address(text: str) -> str | None:
    """`text` as an address in lower case, its domain in ASCII; None when it is none."""
    local, _at, domain = text.rpartition("@")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    address = f"{local}@{domain}".lower()
    found = _ADDRESS.fullmatch(address)
    return address if found and len(address) <= MAX_ADDRESS and len(found["local"]) <= MAX_LOCAL else None


def checked_addresses(field: str, raw: object) -> tuple[str, ...]:
    """The addresses of a list separated by commas or semicolons, each once, in its order; `Name <address>` is read too.

    Raises Invalid for `field`, and names the first that is none.
    """
    if raw is not None and not isinstance(raw, str):
        raise Invalid({field: say("An e-mail address is required.")})
    found: dict[str, None] = {}
    for part in filter(None, (each.strip(" \t") for each in _SEPARATORS.split(raw or ""))):
        named = _NAMED.fullmatch(part)
        found[checked_address(field, named[1] if named else part)] = None
    return tuple(found)


def checked_recipients(to: str, cc: tuple[str, ...]) -> tuple[str, ...]:
    """`cc` without the main recipient; raises Invalid for `cc` beyond MAX_RECIPIENTS in all."""
    others = tuple(each for each in cc if each != to)
    if len(others) + 1 > MAX_RECIPIENTS:
        raise Invalid({"cc": say("Too many recipients: {max_count} at most.", max_count=MAX_RECIPIENTS)})
    return others


# ---- our own addresses


def address_of_action(address: str, number: int) -> str:
    """`relais+A000123@example.com`: where answers about an action are sent, from `relais@example.com`."""
    local, _at, domain = address.rpartition("@")
    return f"{local}+A{number:06d}@{domain}"


def new_message_id(address: str) -> str:
    """A Message-ID without its angle brackets, which nobody else makes, in the domain of `address`."""
    return f"{secrets.token_hex(16)}@{address.rpartition('@')[2] or 'relais.invalid'}"
