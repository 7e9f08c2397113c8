"""The mail server that messages leave by: one connection for each, all recipients or none, every failure in words."""

from __future__ import annotations

import base64
import logging
import smtplib
import socket
import ssl
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

from lib.config import Settings
from lib.domain.outbox import Sender
from lib.domain.postman import Delivery, Outcome, OutgoingMail
from lib.domain.sentences import Sentence, say, say_many
from lib.domain.text import one_line
from lib.gateways.outgoing import write_mail

STEP_S = 30
"""How long the server may take to answer."""
TRANSFER_S = 600
"""How long a whole message may take on its way; with what follows, well within `lib.domain.postman.LEASE`."""
ACCEPTING_S = 600
"""How long the server may look at a message before it takes it (RFC 5321, 4.5.3.2.6): giving up sooner repeats it."""
IN_MEMORY = 1_000_000
_BLOCK = 1 << 16
_LONGEST_ANSWER = 200
_TOO_HEAVY = {523, 552}

_log = logging.getLogger("relais.mail")


@dataclass(frozen=True, slots=True)
class SmtpAccount:
    """Where and as whom we send. `security`: `starttls`, `tls` from the first byte, or `none`."""

    host: str
    port: int
    security: str
    user: str = ""
    password: str = field(default="", repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    """Whom to trust: the system's authorities unless told otherwise."""


class _Stopped(Exception):
    """Sending can't go on: what that means for the message."""

    def __init__(self, outcome: Outcome, reason: Sentence) -> None:
        super().__init__(str(reason))
        self.delivery = Delivery(outcome, reason)


class SmtpMailer:
    """Fulfils `lib.domain.postman.Mailer`."""

    def __init__(self, account: SmtpAccount) -> None:
        self._account = account

    def send(self, mail: OutgoingMail) -> Delivery:
        """Hand one message over, to all of its recipients or to none; never raises."""
        try:
            with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as message:
                _write(mail, message)
                with self._connected() as server:
                    _hand_over(server, mail, message)
        except _Stopped as stopped:
            _log.warning("message %s: %s", mail.message_id, stopped)
            return stopped.delivery
        except Exception:  # noqa: BLE001 - a message must not keep the others from leaving, whatever is wrong with it
            _log.exception("message %s couldn't be sent", mail.message_id)
            return Delivery(Outcome.LATER, say("Sending stopped for a reason that the server's log tells."))
        _log.info("message %s left", mail.message_id)
        return Delivery(Outcome.SENT)

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """The server, secured and signed in to; what goes wrong with the connection is told for what it means."""
        with _told(Outcome.UNREACHABLE):
            server = self._opened()
        try:
            with _told(Outcome.UNREACHABLE):
                self._secure(server)
                if self._account.user:
                    _sign_in(server, self._account)
            with _told(Outcome.LATER):
                yield server
        finally:
            _leave(server)

    def _opened(self) -> smtplib.SMTP:
        account = self._account
        if account.security == "tls":
            return smtplib.SMTP_SSL(account.host, account.port, timeout=STEP_S, context=self._context())
        return smtplib.SMTP(account.host, account.port, timeout=STEP_S)

    def _secure(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        if self._account.security == "starttls":
            server.starttls(context=self._context())
            server.ehlo()

    def _context(self) -> ssl.SSLContext:
        return self._account.tls or ssl.create_default_context()


def mailer_of(settings: Settings) -> SmtpMailer | None:
    """The mail server of the settings; None where they name none, or nobody to send as."""
    if _missing(settings):
        return None
    return SmtpMailer(SmtpAccount(
        settings.smtp_host, settings.smtp_port, settings.smtp_security, settings.smtp_user, settings.smtp_password
    ))  # fmt: skip


def sender_of(settings: Settings) -> Sender:
    """From whom e-mails leave, and what the settings lack for that."""
    name, address = settings.mail_from
    missing = _missing(settings)
    told = None
    if missing:
        told = say_many(
            "E-mails can't be sent from here: the server's setting {names} is missing.",
            "E-mails can't be sent from here: the server's settings {names} are missing.",
            count=len(missing), names=", ".join(missing),
        )  # fmt: skip
    return Sender(address, name, settings.mail_max_mb, settings.mail_plus == "on", told)


def _missing(settings: Settings) -> list[str]:
    needed = {"RELAIS_SMTP_HOST": settings.smtp_host, "RELAIS_MAIL_FROM": settings.mail_from[1]}
    return [variable for variable, value in needed.items() if not value]


# ---- one message


def _write(mail: OutgoingMail, message: IO[bytes]) -> None:
    try:
        write_mail(mail, message)
    except OSError as error:  # the store of files, or the disk
        _log.warning("message %s: %s", mail.message_id, error)
        if isinstance(error, FileNotFoundError):
            raise _Stopped(Outcome.REFUSED, say("A document of this message is no longer stored.")) from error
        raise _Stopped(Outcome.LATER, say("The documents of this message can't be read now.")) from error


def _hand_over(server: smtplib.SMTP, mail: OutgoingMail, message: IO[bytes]) -> None:
    size = message.seek(0, 2)
    _check_size(server, size)
    options = [f"size={size}"] if server.has_extn("size") else []
    refused = say("The mail server refuses the sender {address}: {answer}", address=mail.from_address, answer="")
    _expect(server.mail(mail.from_address, options), refused)
    for address in (mail.to, *mail.cc):
        refused = say("The mail server refuses the recipient {address}: {answer}", address=address, answer="")
        _expect(server.rcpt(address), refused)
    refused = say("The mail server refuses this message: {answer}", answer="")
    _expect(server.docmd("DATA"), refused, expected=354)
    _stream(server, message)
    _socket(server).settimeout(ACCEPTING_S)
    _expect(server.getreply(), refused)


def _stream(server: smtplib.SMTP, message: IO[bytes]) -> None:
    """The message, a dot doubled where a line begins with one, then the end of it."""
    message.seek(0)
    ends_at = time.monotonic() + TRANSFER_S
    block = bytearray()
    for line in message:
        block += b"." + line if line.startswith(b".") else line
        if len(block) >= _BLOCK:
            if time.monotonic() > ends_at:
                raise TimeoutError("the message takes too long to go")
            _socket(server).sendall(block)
            block.clear()
    _socket(server).sendall(bytes(block) + b".\r\n")


def _socket(server: smtplib.SMTP) -> socket.socket:
    if server.sock is None:
        raise smtplib.SMTPServerDisconnected("connection closed")
    return server.sock


def _check_size(server: smtplib.SMTP, size: int) -> None:
    announced = server.esmtp_features.get("size", "").strip()
    if announced.isdigit() and 0 < int(announced) < size:
        raise _Stopped(Outcome.REFUSED, _too_heavy(size, int(announced)))


def _too_heavy(size: int, limit: int) -> Sentence:
    return say(
        "This e-mail is too heavy for the mail server: {size} MB once encoded, {limit} MB at most.",
        size=f"{size / 1_000_000:.1f}", limit=f"{limit / 1_000_000:.1f}",
    )  # fmt: skip


def _expect(reply: tuple[int, bytes], refused: Sentence, *, expected: int = 250) -> None:
    """Goes on after a good answer. 4xx: another time; 5xx: never, for the reason given."""
    code, answer = reply
    if code == expected or (expected == 250 and code == 251):
        return
    told = Sentence(refused.id, {**refused.values, "answer": _shown(code, answer)})
    if code in _TOO_HEAVY:
        told = say("This e-mail is too heavy for the mail server: {answer}", answer=_shown(code, answer))
    raise _Stopped(Outcome.REFUSED if 500 <= code < 600 else Outcome.LATER, told)


def _sign_in(server: smtplib.SMTP, account: SmtpAccount) -> None:
    if f"{account.user}{account.password}".isascii():
        server.login(account.user, account.password)
        return
    # The library's own sign-in knows ASCII only (RFC 4616 wants UTF-8).
    secret = f"\0{account.user}\0{account.password}".encode()
    code, answer = server.docmd("AUTH", f"PLAIN {base64.b64encode(secret).decode('ascii')}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, answer)


@contextmanager
def _told(when_cut_off: Outcome) -> Iterator[None]:
    """What the library raises, as an outcome with its reason; `when_cut_off` is what a lost connection means."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        told = say("The mail server refuses our account or its password: {answer}", answer=_answer_of(error))
        raise _Stopped(Outcome.REFUSED if error.smtp_code >= 500 else Outcome.UNREACHABLE, told) from error
    except smtplib.SMTPNotSupportedError as error:
        told = say("The mail server can't do what the settings ask: {error}", error=_shortened(str(error)))
        raise _Stopped(Outcome.REFUSED, told) from error
    except smtplib.SMTPServerDisconnected as error:
        told = say("The mail server hung up: {error}", error=_shortened(str(error)))
        raise _Stopped(when_cut_off, told) from error
    except smtplib.SMTPResponseException as error:
        told = say("The mail server turns us away: {answer}", answer=_answer_of(error))
        raise _Stopped(Outcome.UNREACHABLE, told) from error
    except ssl.SSLError as error:
        told = say("The connection to the mail server isn't secure: {error}", error=_shortened(str(error)))
        raise _Stopped(Outcome.UNREACHABLE, told) from error
    except (ConnectionResetError, BrokenPipeError) as error:
        told = say("The mail server hung up: {error}", error=_shortened(str(error)))
        raise _Stopped(when_cut_off, told) from error
    except OSError as error:
        told = say("The mail server doesn't answer: {error}", error=_shortened(str(error)))
        raise _Stopped(Outcome.UNREACHABLE, told) from error


def _leave(server: smtplib.SMTP) -> None:
    """Say goodbye where somebody still listens; what was refused isn't half sent, since nothing follows it."""
    if server.sock is None:
        return
    try:
        server.sock.settimeout(STEP_S)
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()


def _answer_of(error: smtplib.SMTPResponseException) -> str:
    return _shown(error.smtp_code, error.smtp_error)


def _shown(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return _shortened(f"{code} {text}")


def _shortened(text: str) -> str:
    return one_line(text)[:_LONGEST_ANSWER]
