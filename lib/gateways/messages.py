"""An e-mail's bytes, understood: never raises for what its sender did to it, and says what couldn't be kept."""

from __future__ import annotations

import hashlib
import mimetypes
import re
import secrets
from base64 import b64decode
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from urllib.parse import unquote

from lib.domain import richtext
from lib.domain.incoming import MAX_MESSAGE_MB, Bounce, IncomingFile, IncomingMessage
from lib.domain.sentences import Sentence, say
from lib.domain.text import one_line
from lib.gateways import message_headers as headers
from lib.gateways import message_texts as texts

MAX_FILES = 60
MAX_PARTS = 500
MAX_DEPTH = 20
MAX_NAME = 200

_CID = re.compile(r"""(<img\b[^<>]{0,2000}?\bsrc\s?=\s?["']?)cid:([^"'\s>]{1,300})""", re.I)
_DATA = re.compile(r"""(<img\b[^<>]{0,2000}?\bsrc\s?=\s?["']?)data:image/(png|jpeg|gif|webp);base64,([^"'<>]+)""", re.I)
_REPORTED = ("message/delivery-status", "text/rfc822-headers", "message/disposition-notification")


@dataclass
class _Found:
    """What the parts of a message hold, gathered in their order."""

    bodies: list[tuple[str, str, bool]] = field(default_factory=list)  # html or text, content, is it flowed
    files: list[IncomingFile] = field(default_factory=list)
    image_ids: dict[str, int] = field(default_factory=dict)  # Content-ID -> place in `files`
    remarks: list[Sentence] = field(default_factory=list)
    reports: dict[str, Message] = field(default_factory=dict)
    original: Message | None = None  # the message of ours that a report brings back
    parts: int = 0


def parsed(content: bytes, *, size_bytes: int | None = None) -> IncomingMessage:
    """The message in `content`; when `size_bytes` is above what is read, only its headers are there."""
    message = message_from_bytes(content, policy=compat32)
    found = _Found()
    limit = MAX_MESSAGE_MB * 1_000_000
    if (size_bytes or len(content)) > limit:
        found.remarks.append(say(
            "This message weighs {size} MB, {limit} MB at most are read: its text and files are in the mailbox only.",
            size=round((size_bytes or len(content)) / 1_000_000), limit=MAX_MESSAGE_MB))  # fmt: skip
    else:
        _gather(message, found, is_report=message.get_content_type() == "multipart/report", depth=0)
    body, quoted = _texts(found)
    senders = headers.addresses(message, "from") or headers.addresses(message, "sender", "reply-to")
    sender_name, sender_email = senders[0] if senders else (headers.header(message, "from"), "")
    replied = headers.ids(message, "in-reply-to")
    return IncomingMessage(
        message_id=next(iter(headers.ids(message, "message-id")), "") or _made_id(content),
        in_reply_to=replied[-1] if replied else "",
        references=headers.ids(message, "references"),
        sender_name=sender_name,
        sender_email=sender_email,
        recipients=headers.recipients(message),
        cc=tuple(email for _name, email in headers.addresses(message, "cc")),
        sent_at=headers.date_of(message),
        subject=headers.header(message, "subject"),
        body_html=body,
        quoted_html=quoted,
        files=tuple(found.files),
        is_automatic=message.get_content_type() == "multipart/report" or headers.is_automatic(message),
        bounce=_bounce(found),
        remarks=tuple(found.remarks),
    )


def _made_id(content: bytes) -> str:
    """The same for the same bytes: a message without an id is still known when it is read again."""
    return f"sha256-{hashlib.sha256(content).hexdigest()}"


# ---- parts


def _gather(part: Message, found: _Found, *, is_report: bool, depth: int) -> None:
    found.parts += 1
    if found.parts > MAX_PARTS or depth > MAX_DEPTH:
        if found.parts == MAX_PARTS + 1 or depth == MAX_DEPTH + 1:
            found.remarks.append(say("This message has too many parts: the last ones are in the mailbox only."))
        return
    kind = part.get_content_type()
    if is_report and kind in _REPORTED:
        found.reports[kind] = part
    elif kind == "message/rfc822":
        _embedded(part, found, is_report=is_report)
    elif part.is_multipart():
        children = [child for child in part.get_payload() if isinstance(child, Message)]
        for child in _best(children) if kind == "multipart/alternative" else children:
            _gather(child, found, is_report=is_report, depth=depth + 1)
    else:
        _leaf(part, kind, found)


def _best(children: list[Message]) -> list[Message]:
    """Of several writings of one text, the richest that is shown here; what is no text (an invitation) besides."""
    html = [c for c in children if c.is_multipart() or c.get_content_type() == "text/html"]
    texts_too = [c for c in children if c.get_content_type() == "text/plain"]
    others = [c for c in children if c not in html and c not in texts_too]
    return (html[-1:] or texts_too[-1:]) + others


def _embedded(part: Message, found: _Found, *, is_report: bool) -> None:
    """A message inside the message: the one of ours that came back, or one that was forwarded as a file."""
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    if not isinstance(inner, Message):
        return
    if is_report:
        found.original = inner
        return
    name = headers.header(inner, "subject") or "message"
    _add_file(found, IncomingFile(name=f"{name[:150]}.eml", media_type="message/rfc822", content=_bytes_of(inner)))


def _bytes_of(message: Message) -> bytes:
    try:
        return message.as_bytes()
    except (ValueError, LookupError, TypeError, AttributeError, KeyError):
        return "\r\n".join(f"{name}: {value}" for name, value in message.raw_items()).encode("utf-8", "replace")


def _leaf(part: Message, kind: str, found: _Found) -> None:
    content = _content(part)
    name, disposition = _file_name(part), _disposition(part)
    if kind.startswith("multipart/"):  # its parts can't be told apart: shown as it is
        found.bodies.append(("text/plain", headers.decoded(content, None), False))
    elif kind in ("text/plain", "text/html") and disposition != "attachment" and not name:
        text = headers.decoded(content, _parameter(part, "charset"))
        found.bodies.append((kind, text, _parameter(part, "format").lower() == "flowed"))
    elif kind == "application/ms-tnef" or name.lower() == "winmail.dat":
        found.remarks.append(say(
            "Outlook packed text or files into winmail.dat, which only Outlook opens: ask the sender to write in HTML."
        ))  # fmt: skip
    elif content or name:
        content_id = headers.raw_header(part, "content-id").strip().strip("<>")
        if content_id and kind.startswith("image/"):
            found.image_ids.setdefault(content_id, len(found.files))
        _add_file(found, IncomingFile(name=name or _named_after(kind), media_type=kind, content=content))


def _add_file(found: _Found, file: IncomingFile) -> None:
    if len(found.files) < MAX_FILES:
        found.files.append(file)
    elif len(found.files) == MAX_FILES:
        remark = say("This message has more than {limit} files: the others are in the mailbox only.", limit=MAX_FILES)
        if remark not in found.remarks:
            found.remarks.append(remark)


def _content(part: Message) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError, TypeError):
        payload = str(part.get_payload()).encode("utf-8", "surrogateescape")
    return payload if isinstance(payload, bytes) else b""


def _parameter(part: Message, name: str) -> str:
    """A parameter of the Content-Type, decoded; nothing when it is missing or broken."""
    return _safely(part, "content-type", name)


def _disposition(part: Message) -> str:
    return headers.raw_header(part, "content-disposition").split(";")[0].strip().lower()


def _file_name(part: Message) -> str:
    """As the sender calls the file: on one line and without a path; which types are taken is asked elsewhere."""
    found = _safely(part, "content-disposition", "filename") or _safely(part, "content-type", "name")
    return re.split(r"[\\/]", headers.shown(found))[-1].strip()[:MAX_NAME]


def _safely(part: Message, header: str, parameter: str) -> str:
    try:
        value = part.get_param(parameter, "", header)
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""
    if isinstance(value, tuple):  # charset, language, percent-decoded text (RFC 2231)
        charset, _language, text = value
        return headers.decoded(str(text).encode("latin-1", "replace"), charset)
    return headers.decoded(str(value).encode("utf-8", "surrogateescape"), None)


def _named_after(kind: str) -> str:
    return f"{kind.partition('/')[0]}{mimetypes.guess_extension(kind) or '.bin'}"


# ---- texts


def _texts(found: _Found) -> tuple[str, str]:
    """The body and the quotation of all text parts, one below the other."""
    bodies, quotations = [], []
    # Drawn by chance: no message can name beforehand what will stand for its images, nor a document of ours.
    prefix = f"in-{secrets.token_hex(8)}-"
    used: set[int] = set()
    for kind, content, is_flowed in found.bodies:
        if kind == "text/html":
            body, quoted = _html_texts(found, _with_placeholders(content, found, prefix, used))
        else:
            body, quoted = _plain_texts(found, content, is_flowed=is_flowed)
        bodies.append(body)
        quotations.append(quoted)
    for place in used:
        file = found.files[place]
        found.files[place] = IncomingFile(
            name=file.name, media_type=file.media_type, content=file.content, placeholder=f"{prefix}{place}"
        )
    known = {f"{prefix}{place}" for place in used}
    return _own_images("".join(bodies), known), _own_images("".join(quotations), known)


def _html_texts(found: _Found, html: str) -> tuple[str, str]:
    if (texts_found := texts.from_html(html)) is not None:
        return texts_found
    found.remarks.append(say("The layout of this message is too complex to be shown: only its words are kept."))
    return _plain_texts(found, texts.words_of(html), is_flowed=False)


def _plain_texts(found: _Found, text: str, *, is_flowed: bool) -> tuple[str, str]:
    body, quoted, is_whole = texts.from_text(text, is_flowed=is_flowed)
    if not is_whole:
        found.remarks.append(say("The text of this message is too long: its end is in the file message.txt."))
        _add_file(found, IncomingFile(name="message.txt", media_type="text/plain", content=text.encode("utf-8")))
    return body, quoted


def _with_placeholders(html: str, found: _Found, prefix: str, used: set[int]) -> str:
    """The HTML with `attachment:` addresses, which cleaning keeps, instead of what names or holds its images."""

    def named(image: re.Match[str]) -> str:
        place = found.image_ids.get(unquote(image[2]))
        return f"{image[1]}{_placed(place)}" if place is not None and place < len(found.files) else image[0]

    def inside(image: re.Match[str]) -> str:
        try:
            content = b64decode(image[3])
        except ValueError:
            content = b""
        if not content:
            return image[0]
        place = len(found.files)
        kind = image[2].lower()
        _add_file(found, IncomingFile(name=f"image.{kind}", media_type=f"image/{kind}", content=content))
        return f"{image[1]}{_placed(place)}" if place < len(found.files) else image[0]

    def _placed(place: int) -> str:
        used.add(place)
        return f"attachment:{prefix}{place}"

    return _DATA.sub(inside, _CID.sub(named, html))


def _own_images(html: str, known: set[str]) -> str:
    """The HTML with its own images only: a stranger's message shows no document of ours by guessing its number."""
    return richtext.with_sources(html, lambda source: source if source.removeprefix("attachment:") in known else None)


# ---- bounces


def _bounce(found: _Found) -> Bounce | None:
    """What a report says of a message that couldn't be delivered at all; None for delays and receipts (RFC 3464)."""
    status = found.reports.get("message/delivery-status")
    if status is None:
        return None
    payload = status.get_payload()
    blocks = [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []
    failed = next((b for b in blocks if headers.raw_header(b, "action").strip().lower() == "failed"), None)
    if failed is None:
        return None
    told = [headers.header(failed, name).partition(";") for name in ("final-recipient", "diagnostic-code")]
    reason = ": ".join(part for each in told if (part := (each[2] or each[0]).strip()))
    original = found.original
    if original is None and (returned := found.reports.get("text/rfc822-headers")) is not None:
        original = message_from_bytes(_content(returned), policy=compat32)
    original_id = next(iter(headers.ids(original, "message-id")), "") if original else ""
    return Bounce(message_id=original_id, reason=one_line(reason or headers.header(failed, "status"))[:500])
