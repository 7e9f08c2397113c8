"""Runs a command of the tests with what it needs around it: Chromium, PostgreSQL, Dovecot; found, installed or started.

    python tests/with_services.py pytest -n 2

The command gets RELAIS_TEST_CHROMIUM (a path, or `playwright` for Playwright's own), RELAIS_TEST_POSTGRES_URL and
RELAIS_TEST_DOVECOT (`tests.dovecot` reads it). What can't be had is left out with a line that says so, and the tests
that need it are skipped; with RELAIS_REQUIRE_ALL=1 it is an error. Ends with the command's own exit code.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

REQUIRE_ALL = os.environ.get("RELAIS_REQUIRE_ALL") == "1"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Where servers put what isn't on the PATH: Debian, Fedora, Homebrew on both kinds of Mac.
POSTGRES_HOMES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)
DOWNLOAD_LIMIT_S = 300


def main(command: list[str]) -> int:
    """The exit code of `command`, run with the services in its environment."""
    environment = dict(os.environ, PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    with contextlib.ExitStack() as services:
        found = {
            "RELAIS_TEST_CHROMIUM": (chromium(), "No Chromium: the journeys in the browser are skipped."),
            "RELAIS_TEST_POSTGRES_URL": (
                services.enter_context(postgres()),
                "No PostgreSQL: only SQLite is tested. Install a server, or name one in RELAIS_TEST_POSTGRES_URL.",
            ),
            "RELAIS_TEST_DOVECOT": (
                services.enter_context(dovecot()),
                "No Dovecot: reading a real mailbox isn't tested. Install dovecot-imapd, 2.3.",
            ),
        }
        for variable, (value, without) in found.items():
            if value:
                environment[variable] = value
            elif REQUIRE_ALL:
                say(f"RELAIS_REQUIRE_ALL=1 but: {without}")
                return 1
            else:
                say(without)
        return subprocess.run(command, env=environment, check=False).returncode


def say(line: str) -> None:
    print(f"tests: {line}", flush=True)


# ---------------------------------------------------------------- Chromium


def chromium() -> str:
    """One that starts: given, Playwright's own, the system's, downloaded, or Debian's package; else empty."""
    for candidate in (os.environ.get("RELAIS_TEST_CHROMIUM", ""), "playwright", *BROWSERS):
        if candidate and starts(candidate):
            return candidate if candidate == "playwright" else shutil.which(candidate) or candidate
    say("installing Chromium (once)…")
    if run_quietly([sys.executable, "-m", "playwright", "install", "chromium"]) and starts("playwright"):
        return "playwright"
    if apt_install("chromium") and starts("chromium"):
        return shutil.which("chromium") or ""
    return ""


def starts(candidate: str) -> bool:
    """Whether a page opens in it: a browser that lacks a library of the system is installed, yet of no use."""
    path = None if candidate == "playwright" else shutil.which(candidate)
    if candidate != "playwright" and path is None:
        return False
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            browser.new_page().goto("about:blank")
            browser.close()
    except PlaywrightError:
        return False
    return True


# -------------------------------------------------------------- PostgreSQL


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """A server's URL: given, on this machine's usual port, or started here and stopped at the end; empty when none."""
    given = os.environ.get("RELAIS_TEST_POSTGRES_URL", "")
    for url in (given, "postgresql://postgres@127.0.0.1:5432/postgres", "postgresql://127.0.0.1:5432/postgres"):
        if url and answers(url):
            yield url
            return
    if given:
        say("RELAIS_TEST_POSTGRES_URL names a server that doesn't answer.")
    binaries = postgres_binaries()
    if binaries is None and REQUIRE_ALL and apt_install("postgresql"):
        binaries = postgres_binaries()
    if binaries is None:
        yield ""
        return
    with started_postgres(binaries) as url:
        yield url


def answers(url: str) -> bool:
    """Whether one can connect there and make databases."""
    with contextlib.suppress(psycopg.Error), psycopg.connect(plain(url), connect_timeout=3) as connection:
        row = connection.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
        return bool(row and row[0])
    return False


def plain(url: str) -> str:
    """The URL without SQLAlchemy's driver, which psycopg doesn't know."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def postgres_binaries() -> Path | None:
    """The folder of the newest installed server's programs."""
    if initdb := shutil.which("initdb"):
        return Path(initdb).resolve().parent
    homes = [home for pattern in POSTGRES_HOMES for home in Path("/").glob(pattern[1:]) if (home / "initdb").exists()]
    return max(
        homes,
        key=lambda home: [int(part) for part in home.parent.name.replace("@", "-").split("-") if part.isdigit()],
        default=None,
    )


@contextlib.contextmanager
def started_postgres(binaries: Path) -> Iterator[str]:
    """A throw-away server on a free port, without the care for crashes that slows writing; empty URL if it fails."""
    folder = Path(tempfile.mkdtemp(prefix="relais-postgres-"))
    as_user: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        as_user = ["runuser", "-u", "postgres", "--"]
        shutil.chown(folder, "postgres")
    port = free_port()
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=200 -c fsync=off"
    pg_ctl = [*as_user, str(binaries / "pg_ctl"), "-D", f"{folder}/data", "-w"]
    initdb = [
        *as_user,
        str(binaries / "initdb"),
        "-D",
        f"{folder}/data",
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "-N",
    ]
    try:
        ready = run_quietly(initdb) and run_quietly([*pg_ctl, "-l", f"{folder}/log", "-o", options, "start"])
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres" if ready else ""
    finally:
        run_quietly([*pg_ctl, "-m", "immediate", "stop"])
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# ----------------------------------------------------------------- Dovecot


@contextlib.contextmanager
def dovecot() -> Iterator[str]:
    """The address of a throw-away IMAP server, started here and stopped at the end; empty when none can be had."""
    given = os.environ.get("RELAIS_TEST_DOVECOT", "")
    if given:
        yield given
        return
    binary = dovecot_binary()
    if binary is None and REQUIRE_ALL and apt_install("dovecot-imapd"):
        binary = dovecot_binary()
    if binary is None:
        yield ""
        return
    with started_dovecot(binary) as address:
        yield address


def dovecot_binary() -> str | None:
    """The server's program, which lies where only root's PATH looks; 2.4 has another language of settings."""
    found = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")
    if found is None:
        return None
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    return found if version.startswith("2.3.") else None


@contextlib.contextmanager
def started_dovecot(binary: str) -> Iterator[str]:
    """A server where any name is an account with one password, and its mailbox is empty; empty address if it fails."""
    folder = Path(tempfile.mkdtemp(prefix="relais-dovecot-"))
    folder.chmod(0o755)
    port, tls_port = free_port(), free_port()
    ready, server = certified(folder), None
    (folder / "conf").write_text(dovecot_settings(folder, port=port, tls_port=tls_port))
    try:
        if ready:
            server = subprocess.Popen([binary, "-F", "-c", f"{folder}/conf"], stderr=subprocess.DEVNULL)
            ready = listens(port)
        yield f"imap://secret@127.0.0.1:{port}?tls_port={tls_port}&certificate={folder}/certificate" if ready else ""
    finally:
        if server is not None:
            server.terminate()
            server.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def certified(folder: Path) -> bool:
    """Whether a certificate for this machine, signed by itself, was made."""
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    return run_quietly([
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
        names, "-keyout", f"{folder}/key", "-out", f"{folder}/certificate",
    ])  # fmt: skip


def dovecot_settings(folder: Path, *, port: int, tls_port: int) -> str:
    """Started by root, it reads mail as the user `mail`; started by anybody else, it is him throughout."""
    owner = pwd.getpwnam("mail") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    mail = folder / "mail"
    mail.mkdir()
    users = ""
    if os.geteuid() == 0:
        os.chown(mail, owner.pw_uid, owner.pw_gid)
    else:
        users = f"default_internal_user = {owner.pw_name}\ndefault_login_user = {owner.pw_name}\n"
    return f"""
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = yes
ssl_cert = <{folder}/certificate
ssl_key = <{folder}/key
disable_plaintext_auth = no
auth_failure_delay = 0
mail_fsync = never
mail_location = maildir:~/Maildir
first_valid_uid = 1
{users}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={mail}/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  # Else a wrong password makes everybody on this machine wait.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


def listens(port: int) -> bool:
    """Whether a server answers there within ten seconds."""
    for _attempt in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        time.sleep(0.1)
    return False


# ------------------------------------------------------------- the machine


def apt_install(package: str) -> bool:
    """Debian's package, where one may install it."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    say(f"apt-get install {package} (once)…")
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    return run_quietly(["apt-get", "update"]) and run_quietly(["apt-get", "install", "--yes", package])


def run_quietly(command: list[str]) -> bool:
    """Whether `command` succeeded; says what it said when it didn't."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=DOWNLOAD_LIMIT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        say(f"{command[0]}: {error}")
        return False
    if done.returncode != 0:
        say(f"{' '.join(command[:3])}… failed: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
