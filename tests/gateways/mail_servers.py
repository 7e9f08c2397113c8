"""Real mail servers on the loopback, as kind or as difficult as a test wants them."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lib.gateways.smtp import SmtpAccount

USER, PASSWORD = "relais", "s3cret pässword"


@dataclass
class Received:
    """One message as the server took it."""

    sender: str
    recipients: list[str]
    content: bytes
    by: str = ""

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=default)  # type: ignore[arg-type, return-value]


@dataclass
class Manners:
    """How the server treats who comes: answers by recipient, by sender, to the message; or hangs up at DATA."""

    refused: dict[str, str] = field(default_factory=dict)
    of_sender: str = ""
    of_message: str = ""
    hangs_up: bool = False
    received: list[Received] = field(default_factory=list)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd calls it by this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.of_sender:
            return self.of_sender
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it by this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.hangs_up:
            assert server.transport
            server.transport.abort()
            return "421 never said"
        if self.of_message:
            return self.of_message
        assert isinstance(envelope.content, bytes)
        login = session.auth_data.login.decode() if session.auth_data else ""
        self.received.append(Received(envelope.mail_from or "", list(envelope.rcpt_tos), envelope.content, login))
        return "250 kept"


@dataclass
class MailServer:
    """A server that runs, and what it was told to do."""

    manners: Manners
    account: SmtpAccount

    @property
    def received(self) -> list[Received]:
        return self.manners.received


@contextlib.contextmanager
def a_mail_server(
    *,
    security: str = "none",
    tls: tuple[ssl.SSLContext, ssl.SSLContext] | None = None,
    user: str = "",
    password: str = PASSWORD,
    port: int | None = None,
    size_limit: int = 100_000_000,
    **manners: Any,
) -> Iterator[MailServer]:
    """A server, and the account that fits it; `tls` holds the server's context and the client's."""
    kind = Manners(**manners)
    port = port or free_port()
    options: dict[str, Any] = {"data_size_limit": size_limit, "hostname": "127.0.0.1", "port": port}
    if user:
        options |= {"authenticator": _authenticator, "auth_required": True, "auth_require_tls": security != "none"}
    if tls and security == "starttls":
        options |= {"tls_context": tls[0], "require_starttls": True}
    if tls and security == "tls":
        options |= {"ssl_context": tls[0]}
        if user:
            options["auth_require_tls"] = False  # it doesn't see the TLS around it
    controller = Controller(kind, **options)
    controller.start()
    try:
        account = SmtpAccount("127.0.0.1", port, security, user, password, tls[1] if tls else None)
        yield MailServer(kind, account)
    finally:
        controller.stop()


def _authenticator(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    is_right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_right, handled=False, auth_data=data)


def free_port() -> int:
    """A port of the loopback where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def tls_contexts(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """For a server at 127.0.0.1, and for a client that trusts it alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )  # fmt: skip
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cadata=certificate.public_bytes(serialization.Encoding.PEM).decode())
