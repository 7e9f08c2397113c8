"""Plain text as people type it: cleaned, bounded, and folded for searching."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from unicodedata import category

from lib.domain.errors import Invalid
from lib.domain.sentences import say

# Controls that can hide or reorder what a reader sees (Unicode UAX #9; "Trojan Source", CVE-2021-42574).
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNWANTED = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f{_BIDI}\ud800-\udfff]")
# Drawn as nothing, yet letters or symbols to Unicode: Hangul fillers and the empty Braille cell.
_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"
_UNSEEN = {"Cf", "Cc", "Mn", "Zs", "Zl", "Zp"}
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


def as_typed(value: object) -> str:
    """A text or a number as somebody would type it, trimmed; anything else that a browser sent is no answer: `?`."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool) and -(10**15) < value < 10**15:
        return f"{value:.15g}"
    return "?"


def shows_nothing(text: str) -> bool:
    """Whether a reader would see nothing: blanks, marks without a letter, characters of no width."""
    return all(char.isspace() or char in _BLANK_LETTERS or category(char) in _UNSEEN for char in text)


def checked_line(field: str, text: object, *, max_length: int, required: bool = False) -> str:
    """`text` on one line; raises Invalid for `field` when it is too long, or empty though required."""
    line = one_line(text)
    if len(line) > max_length:
        raise Invalid({field: say("Too long: {max_length} characters at most.", max_length=max_length)})
    if required and shows_nothing(line):
        raise Invalid({field: say("This field is required.")})
    return line


def folded(text: object) -> str:
    """Lower case, without accents or punctuation, words separated by one space: what is stored for searching.

    Done here because SQLite's lower() and LIKE fold ASCII only, and both engines must find the same rows.
    """
    lowered = unicodedata.normalize("NFKD", cleaned(text)).lower().translate(_LIGATURES)
    bare = "".join(char for char in lowered if not unicodedata.combining(char))
    return _NOT_A_WORD.sub(" ", bare).strip()


def digits(text: object) -> str:
    """The digits of a phone number, French international prefix turned into 0: `+33 4 78…` and `04 78…` are equal."""
    typed = cleaned(text).strip()
    found = re.sub(r"[^0-9]", "", typed)
    is_international = typed.startswith(("+", "00"))
    found = found.removeprefix("00")
    is_french = found.startswith("33") and (is_international or len(found) >= 11)
    return "0" + found[2:].removeprefix("0") if is_french else found
