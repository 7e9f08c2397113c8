"""Plain text as people type it: cleaned, bounded, and folded for searching."""

from __future__ import annotations

import re
import unicodedata

from lib.domain.errors import Invalid
from lib.domain.sentences import say

# Controls that can hide or reorder what a reader sees (Unicode UAX #9; "Trojan Source", CVE-2021-42574).
_BIDI = "\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNWANTED = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f{_BIDI}\ud800-\udfff]")
_BLANKS = re.compile(r"\s+")
_NOT_A_WORD = re.compile(r"[^0-9a-z]+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "’": "'"})


def without_controls(text: str) -> str:
    """`text` without control, bidirectional or surrogate characters, its line ends made `\\n`."""
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def cleaned(text: object) -> str:
    """`text` in NFC and without_controls; anything but a string counts as empty."""
    return unicodedata.normalize("NFC", without_controls(text)) if isinstance(text, str) else ""


def one_line(text: object) -> str:
    """`text` cleaned, its runs of blanks made one space, its ends trimmed."""
    return _BLANKS.sub(" ", cleaned(text)).strip()


def checked_line(field: str, text: object, *, max_length: int, required: bool = False) -> str:
    """`text` on one line; raises Invalid for `field` when it is too long, or empty though required."""
    line = one_line(text)
    if len(line) > max_length:
        raise Invalid({field: say("Too long: {max_length} characters at most.", max_length=max_length)})
    if required and not line:
        raise Invalid({field: say("This field is required.")})
    return line


def folded(text: object) -> str:
    """Lower case, without accents or punctuation, words separated by one space: what is stored for searching.

    Done here because SQLite's lower() and LIKE fold ASCII only, and both engines must find the same rows.
    """
    lowered = cleaned(text).lower().translate(_LIGATURES)
    bare = "".join(char for char in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(char))
    return _NOT_A_WORD.sub(" ", bare).strip()


def digits(text: object) -> str:
    """The digits of a phone number, French international prefix turned into 0: `+33 4 78…` and `04 78…` are equal."""
    found = re.sub(r"\D", "", cleaned(text))
    found = found.removeprefix("00")
    return "0" + found[2:].removeprefix("0") if found.startswith("33") and len(found) >= 11 else found
