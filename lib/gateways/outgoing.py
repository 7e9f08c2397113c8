"""E-mails as they go over the wire: written to a file, so that what weighs most is never in memory whole."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import IO

from lib.domain.postman import MailFile, OutgoingMail
from lib.domain.text import one_line

# Seven bits: understood by every server on the way, whatever it announces.
_POLICY = SMTP.clone(cte_type="7bit")
_ID = re.compile(r"[!-;=?-~]{1,255}")  # what arrived as the id of a message may be anything
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]{0,80}")
_NESTED = ("message/", "multipart/")  # these may not be written in base64
_LINES = 57 * 1024  # bytes that become whole lines of base64
_STYLE = "table{border-collapse:collapse}td,th{border:1px solid #999;padding:2px 6px}img{max-width:100%}"


def write_mail(mail: OutgoingMail, out: IO[bytes]) -> None:
    """Write the whole message, every line ended by CRLF. Raises what opening or reading a file's content raises.

    `multipart/mixed` of the text and the files, the text being plain and HTML, the HTML with its images beside it.
    """
    images = [each for each in mail.files if each.cid]
    files = [each for each in mail.files if not each.cid]
    _write_headers(mail, out)
    parts: Iterable[Part] = [_Related(_text(mail), images), *files] if images else [_text(mail), *files]
    _write_multipart("mixed", list(parts), out)


class _Related:
    """A text with the images inside it."""

    def __init__(self, text: EmailMessage, images: Sequence[MailFile]) -> None:
        self.parts: list[Part] = [text, *images]


Part = EmailMessage | MailFile | _Related


def _write_headers(mail: OutgoingMail, out: IO[bytes]) -> None:
    headers = EmailMessage(policy=_POLICY)
    headers["Date"] = format_datetime(mail.at)
    headers["From"] = _address(mail.from_name, mail.from_address)
    if mail.reply_to != mail.from_address:
        headers["Reply-To"] = _address(mail.from_name, mail.reply_to)
    headers["To"] = _address(mail.to_name, mail.to)
    if mail.cc:
        headers["Cc"] = tuple(_address("", each) for each in mail.cc)
    headers["Subject"] = one_line(mail.subject)
    headers["MIME-Version"] = "1.0"
    _write_folded(headers, out)
    # Written by hand: a library that folds these long words would encode them, and no reader would know them again.
    for name, ids in (("Message-ID", [mail.message_id]), ("In-Reply-To", [mail.in_reply_to]),
                      ("References", mail.references)):  # fmt: skip
        known = [f"<{each}>" for each in ids if _ID.fullmatch(each)]
        if known:
            folded = "\r\n ".join(known)
            out.write(f"{name}: {folded}\r\n".encode("ascii"))


def _write_folded(headers: EmailMessage, out: IO[bytes]) -> None:
    for name, value in headers.items():
        out.write(_POLICY.fold_binary(name, value))


def _address(name: str, address: str) -> Address:
    """Its parts are given apart: nothing in a name can become an address, or another header."""
    return Address(display_name=one_line(name), addr_spec=address)


def _text(mail: OutgoingMail) -> EmailMessage:
    text = EmailMessage(policy=_POLICY)
    text.set_content(mail.text + "\n", cte="quoted-printable")
    style = f"<style>{_STYLE}</style>"
    html = f'<!DOCTYPE html>\n<html>\n<head><meta charset="utf-8">{style}</head>\n<body>{mail.html}</body>\n</html>\n'
    text.add_alternative(html, subtype="html", cte="quoted-printable")
    del text["MIME-Version"]
    return text


def _write_multipart(kind: str, parts: Sequence[Part], out: IO[bytes]) -> None:
    boundary = f"=_{secrets.token_hex(16)}"
    out.write(f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode("ascii"))
    for part in parts:
        out.write(f"--{boundary}\r\n".encode("ascii"))
        if isinstance(part, EmailMessage):
            out.write(part.as_bytes())
        elif isinstance(part, MailFile):
            _write_file(part, out)
        else:
            _write_multipart("related", part.parts, out)
        out.write(b"\r\n")
    out.write(f"--{boundary}--\r\n".encode("ascii"))


def _write_file(file: MailFile, out: IO[bytes]) -> None:
    is_known = _MEDIA_TYPE.fullmatch(file.media_type) and not file.media_type.startswith(_NESTED)
    headers = EmailMessage(policy=_POLICY)
    headers["Content-Type"] = file.media_type if is_known else "application/octet-stream"
    headers.add_header("Content-Disposition", "inline" if file.cid else "attachment", filename=one_line(file.name))
    if file.cid:
        headers["Content-ID"] = f"<{file.cid}>"
    headers["Content-Transfer-Encoding"] = "base64"
    _write_folded(headers, out)
    out.write(b"\r\n")
    for block in _blocks(file.chunks()):
        out.write(base64.encodebytes(block).replace(b"\n", b"\r\n"))


def _blocks(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of whole lines, but the last."""
    rest = b""
    for chunk in chunks:
        rest += chunk
        whole = len(rest) - len(rest) % _LINES
        for start in range(0, whole, _LINES):
            yield rest[start : start + _LINES]
        rest = rest[whole:]
    if rest:
        yield rest
