"""E-mails for tests, as programs write them: valid by default, so that a test says only what matters to it."""

from __future__ import annotations

from collections.abc import Iterable
from email.message import EmailMessage
from email.policy import SMTP

OURS = "relais@example.com"
CLIENT = "anne@dupont.example"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c626001000000ffff03000006000557"
    "bfabd40000000049454e44ae426082"
)


def a_letter(
    text: str | None = "Bonjour,\r\n\r\nMerci.",
    *,
    html: str | None = None,
    files: Iterable[tuple[str, str, bytes]] = (),
    images: Iterable[tuple[str, bytes]] = (),
    **headers: str,
) -> bytes:
    """The bytes of a message from the client to us; a header is named as `in_reply_to`, an empty one is left out."""
    message = EmailMessage(policy=SMTP)
    standard = {"from": f"Anne Lefèvre <{CLIENT}>", "to": OURS, "subject": "Votre visite",
                "date": "Tue, 03 Mar 2026 09:15:00 +0100", "message_id": "<m1@dupont.example>"}  # fmt: skip
    for name, value in {**standard, **headers}.items():
        if value:
            message[name.replace("_", "-").title()] = value
    if text is not None:
        message.set_content(text)
    if html is not None and text is not None:
        message.add_alternative(html, subtype="html")
    elif html is not None:
        message.set_content(html, subtype="html")
    for content_id, content in images:
        whole = message.get_body(("html",))
        assert isinstance(whole, EmailMessage)
        whole.add_related(content, "image", "png", cid=f"<{content_id}>", filename=f"{content_id}.png")
    for name, kind, content in files:
        main, _slash, sub = kind.partition("/")
        message.add_attachment(content, main, sub, filename=name)
    return message.as_bytes()


def a_bounce(message_id: str, *, action: str = "failed", only_headers: bool = False) -> bytes:
    """What a mail server sends back for a message of ours (RFC 3464)."""
    kind = "text/rfc822-headers" if only_headers else "message/rfc822"
    return f"""\
Return-Path: <>\r
From: Mail Delivery Subsystem <MAILER-DAEMON@mx.example>\r
To: {OURS}\r
Subject: Undelivered Mail Returned to Sender\r
Date: Tue, 03 Mar 2026 10:00:00 +0000\r
Message-ID: <bounce1@mx.example>\r
Auto-Submitted: auto-replied\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r
\r
--B\r
Content-Type: text/plain; charset=utf-8\r
\r
I'm sorry to have to inform you that your message could not be delivered.\r
\r
--B\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mx.example\r
\r
Final-Recipient: rfc822; anne@dupont.example\r
Action: {action}\r
Status: 5.1.1\r
Diagnostic-Code: smtp; 550 5.1.1 <anne@dupont.example>: no such user\r
\r
--B\r
Content-Type: {kind}\r
\r
From: {OURS}\r
To: anne@dupont.example\r
Subject: Votre visite\r
Message-ID: <{message_id}>\r
\r
Bonjour\r
--B--\r
""".encode()
