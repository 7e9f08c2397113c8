"""The texts of an e-mail: made safe HTML, and the answer told apart from what it quotes."""

from __future__ import annotations

import html as entities
import logging
import re

import quotequail

from lib.domain import richtext

MAX_TEXT_CHARS = 300_000
MAX_TEXT_LINES = 5_000
MAX_SIGNS = 50_000
"""Of `&`, `<` and `>`, which cost most where a text is made HTML."""
MAX_SPLIT_CHARS = 200_000
MAX_DETECTED = 400
"""Characters of a line that is looked at for `X wrote:`."""

_log = logging.getLogger("relais.mail")
_MARK = "_" * 32  # a line of them is where quotequail sees a quotation begin
# How Outlook, Yahoo and Zimbra mark a quotation. Bounded, or a text of "<div <div" would be read a million times.
_QUOTATION = re.compile(
    r"<(?:div|hr|table)\b(?=[^<>]{0,400}(?:"
    r"""\b(?:id|class)\s?=\s?["']?(?:divRplyFwdMsg|appendonsend|zwchr|OutlookMessageHeader|yahoo_quoted|ms-outlook-mobile-reference-message)\b"""
    r"|border-top:\s?solid #[0-9a-f]{6} 1\.0pt))",
    re.I,
)
_FORWARD = re.compile(r"-{2,} ?(?:message d.origine|message original|message transf.r.|original message) ?-{2,}", re.I)
_FROM = re.compile(r"\*?(?:de|from|von) ?:\*? ?\S", re.I)
_SENT = re.compile(r"\*?(?:envoy.|date|sent|.|to|objet|subject|gesendet) ?:\*? ?\S", re.I)
# Patterns of quotequail with two wildcards around these words take quadratic time on a line full of them.
_COSTLY = re.compile(r"\b(?:schrieb|skrev|heeft)\b")
_ANY_TAG = re.compile(r"<[^<>]*>")
_DROPPED = re.compile(r"<(script|style|title)\b", re.I)


def from_html(html: str) -> tuple[str, str] | None:
    """The body and the quotation of an HTML text, both cleaned; None when it is too heavy or too complex to keep."""
    if richtext.problem(html):
        return None
    marked = _QUOTATION.sub(lambda tag: f"<p>{_MARK}</p>{tag[0]}", html, count=1)
    cleaned = richtext.clean(marked)
    body, quoted = _split_html(cleaned)
    return richtext.clean(_without_mark(body)), richtext.clean(_without_mark(quoted))


def _without_mark(html: str) -> str:
    return re.sub(rf"<p>{_MARK}</p>\s*", "", html, count=1)


def _split_html(html: str) -> tuple[str, str]:
    """What stands above the first quotation, and the rest; all of it when nothing is above."""
    text = richtext.text_of(html)
    if len(html) > MAX_SPLIT_CHARS or len(_COSTLY.findall(text)) > 20:
        return html, ""
    try:
        parts = quotequail.quote_html(html, limit=MAX_TEXT_LINES, quote_intro_line=True)
    except Exception as error:  # noqa: BLE001 - a text that it can't read is shown whole
        _log.info("quotation not found: %s", error)
        return html, ""
    body = richtext.clean("".join(part for is_shown, part in parts if is_shown))
    quoted = richtext.clean("".join(part for is_shown, part in parts if not is_shown))
    kept = len(richtext.text_of(body).split()) + len(richtext.text_of(quoted).split())
    if richtext.is_blank(body) or kept < len(text.split()):
        return html, ""
    return body, quoted


def from_text(text: str, *, is_flowed: bool = False) -> tuple[str, str, bool]:
    """The body and the quotation of a plain text as paragraphs, and whether all of it is there."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    max_chars = MAX_TEXT_CHARS if sum(map(text[:MAX_TEXT_CHARS].count, "&<>")) <= MAX_SIGNS else MAX_SIGNS
    lines = text[:max_chars].split("\n")
    is_whole = len(text) <= max_chars and len(lines) <= MAX_TEXT_LINES
    lines = _unflowed(lines[:MAX_TEXT_LINES]) if is_flowed else lines[:MAX_TEXT_LINES]
    body, quoted = _split_lines(lines)
    return _paragraphs(body), _paragraphs(quoted), is_whole


def _unflowed(lines: list[str]) -> list[str]:
    """Lines that a program broke at a blank, joined again (RFC 3676)."""
    joined: list[str] = []
    is_open = False
    for line in lines:
        is_quote = line.startswith(">")
        if is_open and not is_quote and line != "-- ":
            joined[-1] += line
        else:
            joined.append(line)
        is_open = line.endswith(" ") and line != "-- " and not is_quote
    return joined


def _split_lines(lines: list[str]) -> tuple[list[str], list[str]]:
    """What the sender wrote, above, between or below; and what he quotes before. All of it when he wrote nothing."""
    start = _quotation_start(lines)
    if start is None:
        return lines, []
    above, rest = lines[:start], lines[start:]
    first = next((n for n, line in enumerate(rest[:4]) if line.startswith(">")), None)
    end = len(rest)
    if first is not None:  # each quoted line is marked: what isn't is an answer again
        end = next((n for n, line in enumerate(rest) if n > first and line.strip() and line[0] != ">"), end)
    body = [*above, *rest[end:]]
    return (body, rest[:end]) if any(line.strip() for line in body) else (lines, [])


def _quotation_start(lines: list[str]) -> int | None:
    looked_at = [line[:MAX_DETECTED].replace("\u00a0", " ").replace("\u202f", " ") for line in lines]
    for number, line in enumerate(looked_at):
        follows = looked_at[number + 1 : number + 5]
        if _FORWARD.match(line) or (_FROM.match(line) and any(_SENT.match(each) for each in follows)):
            looked_at[number] = _MARK
            break
        if all(each.startswith(">") for each in (line, *follows[:2])) and len(follows) > 1:
            looked_at[number] = _MARK
            break
    shown, *rest = quotequail.quote("\n".join(looked_at), limit=len(lines) + 1, quote_intro_line=True)
    if not rest:
        return None
    return shown[1].count("\n") + 1 if shown[1] else 0


def _paragraphs(lines: list[str]) -> str:
    blocks = re.split(r"\n\s*\n", "\n".join(line.rstrip() for line in lines).strip("\n"))
    written = (entities.escape(block, quote=False).replace("\n", "<br>") for block in blocks if block.strip())
    return richtext.clean("".join(f"<p>{block}</p>" for block in written))


def words_of(html: str) -> str:
    """The text of HTML that can't be kept as it is, without the care of `richtext`, in linear time."""
    pieces = _DROPPED.split(html)
    kept = [pieces[0]]
    for name, rest in zip(pieces[1::2], pieces[2::2], strict=True):
        end = rest.lower().find(f"</{name.lower()}")
        kept.append(rest[end:] if end >= 0 else "")
    text = re.sub(r"(?i)<(?:br|/p|/div|/tr|/li|/h[1-6])\b[^<>]*>", "\n", "".join(kept))
    return entities.unescape(_ANY_TAG.sub("", text))
