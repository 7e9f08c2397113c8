"""Runs a command of the tests with what it needs around it: Chromium and PostgreSQL, found, installed or started.

    python tests/with_services.py pytest -n 2

The command gets RELAIS_TEST_CHROMIUM (a path, or `playwright` for Playwright's own) and RELAIS_TEST_POSTGRES_URL. What
can't be had is left out with a line that says so, and the tests that need it are skipped; with RELAIS_REQUIRE_ALL=1 it
is an error. Ends with the command's own exit code.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
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
