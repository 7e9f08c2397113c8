"""What a journey needs: a browser a worker, a server of its own with demo data, and a picture when it fails.

`app` is a running Relais, shared by the journeys of a worker; `own_app` is one that a test may stop and start. A
component alone is tried on a small script of `apps/`, run by `serve_script`.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from lib.cli import DEMO_PASSWORD
from lib.db.engine import Database
from lib.domain.sign_in import Gate, sign_in
from lib.gateways.passwords import Argon2Passwords
from tests.e2e.screens import wait_idle
from tests.with_services import free_port

ROOT = Path(__file__).parents[2]
OUTPUT = ROOT / "test-output"
CHROMIUM = os.environ.get("RELAIS_TEST_CHROMIUM") or shutil.which("chromium") or ""
# --no-sandbox: tests run as root in containers. The rest: nothing that a test didn't ask for goes over the network.
CHROMIUM_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
START_LIMIT_S = 60
ACCOUNTS = ("televente", "commercial", "manager", "admin", "lecture")
ACTION_LIMIT_MS = 20_000  # two cores may be serving two workers

Serve = Callable[[Path], str]
Enter = Callable[..., Page]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys of a file run one after the other in one worker: they share its server and its browser."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
            if not CHROMIUM:
                item.add_marker(
                    pytest.mark.skip(reason="no Chromium: RELAIS_TEST_CHROMIUM is unset (make test sets it)")
                )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A journey that failed leaves what its pages showed."""
    report = yield
    if report.failed and report.when in ("setup", "call"):
        name = re.sub(r"\W+", "_", item.nodeid.removeprefix("tests/e2e/"))[:120]
        for number, page in enumerate(getattr(item, "funcargs", {}).get("_pages", [])):
            if not page.is_closed():
                OUTPUT.mkdir(exist_ok=True)
                page.screenshot(path=OUTPUT / f"{name}_{number}.png", full_page=True)
    return report


class Server:
    """A server process on a port of its own, or the one given, its log in `test-output/`."""

    def __init__(self, command: list[str], name: str, environment: dict[str, str], port: int = 0) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = OUTPUT / f"{name}_{self.port}.log"
        self._command = [part.format(port=self.port) for part in command]
        self._environment = dict(os.environ, **environment, RELAIS_PORT=str(self.port))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Serve; returns once a request is answered."""
        OUTPUT.mkdir(exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_LIMIT_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"The server doesn't start: {self.log.read_text('utf-8', 'replace')[-2000:]}")
            time.sleep(0.1)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            return False


class Relais(Server):
    """The whole app, filled with demo data; `settings` are those that the test needs besides."""

    def __init__(self, data_dir: Path, port: int = 0, **settings: str) -> None:
        self.data_dir = data_dir
        super().__init__([*RELAIS, "serve"], "relais", {"RELAIS_DATA_DIR": str(data_dir), **settings}, port)

    def fill(self) -> None:
        """Make the database and its demo data."""
        for command in (["db", "upgrade"], ["demo"]):
            self.run(*command)

    def run(self, *command: str) -> None:
        """A command of `relais`, on the same data and with the same settings."""
        subprocess.run([*RELAIS, *command], cwd=ROOT, env=self._environment, check=True, capture_output=True)


RELAIS = [sys.executable, "-m", "relais"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The worker's Chromium."""
    expect.set_options(timeout=ACTION_LIMIT_MS)
    with sync_playwright() as playwright:
        path = None if CHROMIUM == "playwright" else CHROMIUM
        launched = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        yield launched
        launched.close()


@pytest.fixture
def _pages() -> list[Page]:
    """The pages that the running test opened."""
    return []


@pytest.fixture(scope="session")
def _contexts(browser: Browser) -> dict[str, BrowserContext]:
    """Browsers that tests share, by who sits before them and how they are set: each reads the app's files once."""
    return {}


def _settings(options: dict[str, object]) -> dict[str, object]:
    return {"viewport": {"width": 1280, "height": 900}, "locale": "fr-FR", "timezone_id": "Europe/Paris"} | options


@pytest.fixture
def new_page(browser: Browser, _pages: list[Page]) -> Iterator[Callable[..., Page]]:
    """Opens a page in a browser that nobody has used, in French. Arguments: those of `Browser.new_context`."""
    opened: list[BrowserContext] = []

    def open_page(**options: object) -> Page:
        context = browser.new_context(**_settings(options))  # type: ignore[arg-type]
        context.set_default_timeout(ACTION_LIMIT_MS)
        opened.append(context)
        _pages.append(context.new_page())
        return _pages[-1]

    yield open_page
    for context in opened:
        context.close()


@pytest.fixture
def new_tab(
    browser: Browser, _contexts: dict[str, BrowserContext], _pages: list[Page]
) -> Iterator[Callable[..., Page]]:
    """Opens a tab in a browser that other tests have used: a third of the work of a page in a new one.

    `owner` is who sits before it; the other arguments are those of `Browser.new_context`.
    """
    opened: list[Page] = []

    def open_tab(owner: str = "", **options: object) -> Page:
        settings = _settings(options)
        viewport = settings.pop("viewport")
        key = f"{owner} {sorted(settings.items())}"
        if key not in _contexts:
            _contexts[key] = browser.new_context(**settings)  # type: ignore[arg-type]
            _contexts[key].set_default_timeout(ACTION_LIMIT_MS)
        tab = _contexts[key].new_page()
        tab.set_viewport_size(viewport)  # type: ignore[arg-type]
        opened.append(tab)
        _pages.append(tab)
        return tab

    yield open_tab
    for tab in opened:
        tab.close()


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A page of a browser that nobody has used."""
    return new_page()


@pytest.fixture
def enter(new_tab: Callable[..., Page], _filled: Filled) -> Enter:
    """Opens Relais in a browser of its own, somebody being signed in: `enter(app, "televente", "/actions")`."""

    def open_as(app: Relais, account: str, path: str = "/") -> Page:
        tab = new_tab(account)
        tab.context.add_cookies([{"name": "relais", "value": _filled.tokens[account], "url": app.url}])
        tab.goto(app.url + path)
        wait_idle(tab)
        return tab

    return open_as


@dataclass(frozen=True)
class Filled:
    """A data folder with demo data, to be copied, and the tokens of its accounts, who are signed in."""

    folder: Path
    tokens: Mapping[str, str]


@pytest.fixture(scope="session")
def _filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """Made once a worker."""
    folder = tmp_path_factory.mktemp("demo")
    Relais(folder).fill()
    db = Database(f"sqlite:///{folder}/relais.db")
    gate = Gate(db, Argon2Passwords(), datetime.now(UTC))
    tokens = {
        account: sign_in(
            gate, email=f"{account}@relais.example", password=DEMO_PASSWORD, address="127.0.0.1", user_agent="journey"
        )
        for account in ACCOUNTS
    }
    db.dispose()
    return Filled(folder, tokens)


@pytest.fixture(scope="session")
def app(_filled: Filled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relais]:
    """Relais with demo data, shared: a journey changes only what it made or nobody else looks at."""
    yield from _served(_filled, tmp_path_factory.mktemp("app"))


@pytest.fixture(scope="session")
def _own_port() -> int:
    """The same for each server that has a test to itself: the browsers know its files."""
    return free_port()


@pytest.fixture
def own_app(_filled: Filled, tmp_path: Path, _own_port: int) -> Iterator[Relais]:
    """Relais with demo data for one test, which may change anything, kill it and start it again."""
    yield from _served(_filled, tmp_path / "app", _own_port)


@pytest.fixture
def own_app_with(_filled: Filled, tmp_path: Path, _own_port: int) -> Iterator[Callable[..., Relais]]:
    """`own_app` with settings of the test's: `own_app_with(RELAIS_SMTP_HOST="127.0.0.1")`; once a test."""
    with contextlib.ExitStack() as served:
        start = contextlib.contextmanager(_served)
        yield lambda **settings: served.enter_context(start(_filled, tmp_path / "app", _own_port, **settings))


def _served(filled: Filled, folder: Path, port: int = 0, **settings: str) -> Iterator[Relais]:
    shutil.copytree(filled.folder, folder, dirs_exist_ok=True)
    server = Relais(folder, port, **settings)
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def serve_script() -> Iterator[Serve]:
    """Serves a Streamlit script by itself, for the tests of a component; gives its address."""
    servers: list[Server] = []

    def serve(script: Path) -> str:
        command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port={port}"]
        server = Server([*command, "--server.address=127.0.0.1"], script.stem, {})
        servers.append(server)
        server.start()
        return server.url

    yield serve
    for server in servers:
        server.kill()
