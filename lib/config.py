"""Deployment settings, read once from the environment and typed; the business has parameters of its own.

A wrong value stops the program with one line that says which setting, what it holds and what it may hold.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import secrets
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from lib.domain.file_kinds import KINDS

MIN_SECRET_LENGTH = 32
MAX_FILE_MB = 2_000


@dataclass(frozen=True, slots=True)
class Settings:
    """What differs from one server to the next; each field is the setting RELAIS_<FIELD>."""

    data_dir: Path
    database_url: str = field(repr=False)  # may hold a password
    host: str
    port: int
    public_url: str
    allowed_hosts: tuple[str, ...]
    secret: str = field(repr=False)
    time_zone: ZoneInfo
    language: str
    editor: str
    log_level: str
    files_url: str
    s3_endpoint: str
    s3_key: str = field(repr=False)
    s3_secret: str = field(repr=False)
    file_max_mb: int
    client_files_max_mb: int
    files_max_gb: int
    file_types: tuple[str, ...]
    file_scanner: tuple[str, ...]
    smtp_host: str
    smtp_port: int
    smtp_security: str
    smtp_user: str
    smtp_password: str = field(repr=False)
    mail_from: tuple[str, str]
    """A name, which may be empty, and an address."""
    mail_plus: str
    mail_max_mb: int
    mail_every_s: int
    imap_host: str
    imap_port: int
    imap_security: str
    imap_user: str
    imap_password: str = field(repr=False)
    imap_folder: str
    imap_after: str
    imap_every_s: int

    @property
    def https(self) -> bool:
        """Whether browsers reach the app over HTTPS: decides on secure cookies and HSTS."""
        return self.public_url.startswith("https://")


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table: `default` as one would write it; `read` raises ValueError with what is expected."""

    name: str
    default: str
    meaning: str
    read: Callable[[str], object]

    @property
    def variable(self) -> str:
        return f"RELAIS_{self.name.upper()}"


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError("one of " + ", ".join(choices))
        return text.lower()

    return read


def _path(text: str) -> Path:
    return Path(text).expanduser().resolve()


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise ValueError("a number from 1 to 65535")
    return int(text)


def _host(text: str) -> str:
    if "/" in text or " " in text:
        raise ValueError("an address or a host name, such as 127.0.0.1 or 0.0.0.0")
    return text


def _hosts(text: str) -> tuple[str, ...]:
    return tuple(_host(host.strip()) for host in text.split(",") if host.strip())


def _url(text: str) -> str:
    parts = urlsplit(text)
    if text and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/")):
        raise ValueError("an address without path, such as https://relais.example.com")
    return text.rstrip("/")


def _database_url(text: str) -> str:
    """SQLAlchemy's form; what hosting services hand out (`postgres://`) is taken too."""
    scheme, colon, rest = text.partition("://")
    if scheme in ("postgres", "postgresql", "postgresql+psycopg") and rest:
        return f"postgresql+psycopg://{rest}"
    if text and (scheme != "sqlite" or not colon or not rest.startswith("/")):
        raise ValueError("sqlite:///file or postgresql://user:password@host/database")
    return text


def _time_zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError("a name of the IANA database, such as Europe/Paris") from error


def _secret(text: str) -> str:
    if text and len(text) < MIN_SECRET_LENGTH:
        raise ValueError(f"at least {MIN_SECRET_LENGTH} characters, made by chance")
    return text


def _files_url(text: str) -> str:
    parts = urlsplit(text)
    is_bucket = parts.scheme == "s3" and parts.netloc and not (parts.query or parts.fragment or "@" in parts.netloc)
    if text and not (is_bucket or Path(text).is_absolute()):
        raise ValueError("an absolute folder, or s3://bucket/prefix")
    return text.rstrip("/")


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise ValueError("a whole number")
    return int(text)


def _size_mb(text: str) -> int:
    if not 1 <= (size := _count(text)) <= MAX_FILE_MB:
        raise ValueError(f"a whole number from 1 to {MAX_FILE_MB}")
    return size


def _file_types(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(each.strip().lower().removeprefix(".") for each in text.split(",") if each.strip()))
    if not found or not set(found) <= set(KINDS):
        raise ValueError("extensions separated by commas, of these: " + ", ".join(KINDS))
    return found


def _mail_from(text: str) -> tuple[str, str]:
    """`relais@example.com` or `Relais <relais@example.com>`."""
    found = re.fullmatch(r"(?:([^<>\x00-\x1f]*)<)?([a-z0-9._+-]+@[a-z0-9.-]+\.[a-z0-9-]+)(>?)", text, re.IGNORECASE)
    if text and (not found or bool(found[3]) != (found[1] is not None)):
        raise ValueError("an address, or a name and an address: Relais <relais@example.com>")
    return ((found[1] or "").strip(' "'), found[2].lower()) if found else ("", "")


def _seconds(text: str) -> int:
    if not 1 <= (seconds := _count(text)) <= 3600:
        raise ValueError("a whole number from 1 to 3600")
    return seconds


def _command(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise ValueError("a command, quoted as a shell would have it") from error


SETTINGS = (
    Setting("data_dir", "data", "Folder of what the server keeps: the embedded database, files, the secret", _path),
    Setting(
        "database_url",
        "",
        "Database: `sqlite:///file` or `postgresql://user:password@host/database`."
        " Empty: `relais.db` in the data folder",
        _database_url,
    ),
    Setting("host", "127.0.0.1", "Address to listen on. `0.0.0.0` opens it to the network: put HTTPS in front", _host),
    Setting("port", "8501", "Port to listen on", _port),
    Setting(
        "public_url",
        "",
        "Address that people type, such as `https://relais.example.com`. With https,"
        " cookies are secure and HSTS is sent. Empty: `http://HOST:PORT`",
        _url,
    ),
    Setting(
        "allowed_hosts",
        "",
        "Host names that the server answers to, separated by commas."
        " Empty: those of the two addresses above, and localhost",
        _hosts,
    ),
    Setting(
        "secret",
        "",
        f"Key that signs cookies, {MIN_SECRET_LENGTH} characters or more, the same on all nodes."
        " Empty: made once and kept in the data folder",
        _secret,
    ),
    Setting("time_zone", "Europe/Paris", "Zone of the organisation's dates and hours", _time_zone),
    Setting("language", "fr", "Language of the sign-in page and of a new person: `fr` or `en`", _one_of("fr", "en")),
    Setting(
        "editor",
        "tiptap",
        "Rich text editor: `tiptap`, or `quill` (needs the extra of that name)",
        _one_of("tiptap", "quill"),
    ),
    Setting(
        "log_level",
        "info",
        "What the log holds: `debug`, `info`, `warning` or `error`",
        _one_of("debug", "info", "warning", "error"),
    ),
    Setting(
        "files_url",
        "",
        "Where files are kept: a folder that all servers share, or `s3://bucket/prefix` (needs the extra `s3`)."
        " Empty: `files` in the data folder",
        _files_url,
    ),
    Setting("s3_endpoint", "", "Address of an S3-compatible store other than Amazon's", _url),
    Setting("s3_key", "", "Name of the S3 account. Empty: what the machine provides", str),
    Setting("s3_secret", "", "Secret of the S3 account", str),
    Setting("file_max_mb", "100", f"Largest file, in MB, up to {MAX_FILE_MB}", _size_mb),
    Setting("client_files_max_mb", "2000", "Room for the files of one client, in MB. 0: no limit", _count),
    Setting("files_max_gb", "100", "Room for all files, in GB. 0: no limit", _count),
    Setting(
        "file_types",
        ",".join(KINDS),
        "Types of files taken, by extension. Others than these can't be allowed, only fewer",
        _file_types,
    ),
    Setting(
        "file_scanner",
        "",
        "Command that looks at each file before it is kept, such as `clamdscan --fdpass --no-summary`: its path is"
        " added, and any answer but 0 refuses it",
        _command,
    ),
    Setting(
        "smtp_host", "", "Mail server that e-mails leave by, such as `smtp.example.com`. Empty: none is sent", _host
    ),
    Setting("smtp_port", "587", "Its port: mostly 587 with `starttls`, 465 with `tls`, 25 with `none`", _port),
    Setting(
        "smtp_security",
        "starttls",
        "How the connection is secured: `starttls`, `tls` from the start, or `none` (for this machine only)",
        _one_of("starttls", "tls", "none"),
    ),
    Setting("smtp_user", "", "Account to sign in with. Empty: the server asks for none", str),
    Setting("smtp_password", "", "Its password", str),
    Setting(
        "mail_from",
        "",
        "From whom e-mails leave, such as `Relais <relais@example.com>`; the name of who writes stands before this one",
        _mail_from,
    ),
    Setting(
        "mail_plus",
        "on",
        "`on`: answers go to `relais+A000123@…`, and so to their action; `off` where the mail server doesn't deliver"
        " such addresses",
        _one_of("on", "off"),
    ),
    Setting(
        "mail_max_mb", "20", "Most that the documents of one e-mail may weigh, in MB; sending adds a third", _size_mb
    ),
    Setting("mail_every_s", "5", "Seconds between two looks at the e-mails that wait to leave", _seconds),
    Setting("imap_host", "", "Mail server that answers are read from, such as `imap.example.com`. Empty: none", _host),
    Setting("imap_port", "993", "Its port: mostly 993 with `tls`, 143 with `starttls` or `none`", _port),
    Setting(
        "imap_security",
        "tls",
        "How the connection is secured: `tls` from the start, `starttls`, or `none` (for this machine only)",
        _one_of("tls", "starttls", "none"),
    ),
    Setting("imap_user", "", "Account of the mailbox, which Relais should have to itself", str),
    Setting("imap_password", "", "Its password", str),
    Setting("imap_folder", "INBOX", "Folder that is read: all of it the first time, then what is new", str),
    Setting(
        "imap_after",
        "keep",
        "What becomes of a message in the mailbox once it is stored: `keep` it untouched, mark it as `seen`,"
        " or `delete` it if all of it was kept",
        _one_of("keep", "seen", "delete"),
    ),
    Setting("imap_every_s", "60", "Seconds between two looks at the mailbox", _seconds),
)

_HIDDEN = ("secret", "database_url", "s3_key", "s3_secret", "smtp_password", "imap_password")
_ALL_INTERFACES = ("0.0.0.0", "::")  # noqa: S104 — names them, listens to nothing

# Read by the tests and the CI only.
_ELSEWHERE = ("RELAIS_TEST_", "RELAIS_REQUIRE_ALL", "RELAIS_BENCH_")


@cache
def settings() -> Settings:
    """The settings of this process; its data folder exists and can be written."""
    found = load(os.environ)
    try:
        found.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SystemExit(f"RELAIS_DATA_DIR: {found.data_dir} can't be made: {error.strerror}.") from None
    if not os.access(found.data_dir, os.W_OK | os.X_OK):
        raise SystemExit(f"RELAIS_DATA_DIR: {found.data_dir} can't be written.")
    return found


def load(environment: Mapping[str, str]) -> Settings:
    """Settings from `environment`; raises SystemExit with one line for the first that is wrong or unknown."""
    known = [setting.variable for setting in SETTINGS]
    for variable in environment:
        if variable.startswith("RELAIS_") and variable not in known and not variable.startswith(_ELSEWHERE):
            close = difflib.get_close_matches(variable, known, n=1)
            hint = f"did you mean {close[0]}?" if close else "docs/deploy.md lists them."
            raise SystemExit(f"{variable} is no setting of Relais: {hint}")
    values: dict[str, Any] = {setting.name: _value(setting, environment) for setting in SETTINGS}
    values["database_url"] = values["database_url"] or f"sqlite:///{values['data_dir']}/relais.db"
    reached = "localhost" if values["host"] in _ALL_INTERFACES else values["host"]
    values["public_url"] = values["public_url"] or f"http://{reached}:{values['port']}"
    values["allowed_hosts"] = values["allowed_hosts"] or _own_hosts(values["host"], values["public_url"])
    return Settings(**values)


def cookie_secret(settings: Settings) -> str:
    """The key that signs cookies: the setting, else one made once and kept in the data folder, for its owner only."""
    if settings.secret:
        return settings.secret
    path = settings.data_dir / "secret"
    if not path.exists():
        _write_once(path, secrets.token_urlsafe(48))
    return path.read_text("ascii")


def _write_once(path: Path, text: str) -> None:
    """Complete or not there, also when two processes start at once: the first link wins."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text, "ascii")
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _value(setting: Setting, environment: Mapping[str, str]) -> object:
    text = environment.get(setting.variable, "").strip() or setting.default
    try:
        return setting.read(text)
    except ValueError as expected:
        held = "what it holds (not shown)" if setting.name in _HIDDEN else f"“{text}”"
        raise SystemExit(f"{setting.variable}: {held} won't do; expected {expected}.") from None


def _own_hosts(host: str, public_url: str) -> tuple[str, ...]:
    """The names in a browser's address bar; one that stands for all interfaces is none of them."""
    names = [urlsplit(public_url).hostname or "", host, "localhost", "127.0.0.1"]
    return tuple(dict.fromkeys(name for name in names if name not in _ALL_INTERFACES))
