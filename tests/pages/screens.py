"""Opening pages of app.py as somebody, and reading what they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from lib.db import tables as t
from lib.db.reference import reference_changed
from lib.domain.sign_in import SignInSession, hash_of_token
from lib.ui.frame import SCREENS
from tests.builders import NOW, World
from tests.pages.streamlit_events import ROOT, go_to_page, name_of_page


@dataclass
class Screens:
    """Opens pages as somebody; `at` is the tab of the browser that was opened last."""

    world: World
    who: str = ""
    at: AppTest = field(init=False)

    def __call__(self, who: str, screen: str, **query: object) -> AppTest:
        """The page `screen` in a new tab, opened by the world's person `who`, signed in; "" is a visitor."""
        self.sign_in(who)
        self.at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
        return self.go(screen, **query)

    def go(self, screen: str, **query: object) -> AppTest:
        """Another page in the same tab, as by typing its address."""
        go_to_page(self.at, SCREENS[screen].url, {name: str(value) for name, value in query.items()})
        assert not self.at.exception, self.at.exception[0]
        return self.at

    @property
    def token(self) -> str:
        """What the browser's cookie holds."""
        return f"token of {self.who}" if self.who else ""

    def sign_in(self, who: str) -> None:
        """The browser sends the cookie of `who` from now on."""
        self.sign_out()
        self.who = who
        if who:
            opened = SignInSession(hash_of_token(self.token), self.world.ids[who], NOW, NOW)
            self.world.db.write(lambda store: store.sign_ins.add_session(opened))

    def sign_out(self) -> None:
        """The session ends on the server; the browser still sends its cookie."""
        self.world.db.write(lambda store: store.sign_ins.delete_session(hash_of_token(self.token)))

    @property
    def page(self) -> str:
        """The name in `SCREENS` of the page that is shown now."""
        url = name_of_page(self.at)
        return next(name for name, each in SCREENS.items() if url == ("" if each.is_first else each.url))


def speak_english(world: World) -> None:
    """Everybody reads the ids of the code, as in the other tests."""

    def write(store: Any) -> None:
        store.connection.execute(update(t.person).values(language="en"))
        reference_changed(store.connection)

    world.db.write(write)


def said(at: AppTest) -> str:
    """Every text that the page shows, one a line; a name's Markdown escapes taken off."""
    kinds = ("title", "warning", "error", "info", "markdown", "caption", "text", "toast")
    lines = [str(element.value) for kind in kinds for element in at.get(kind)]
    lines += [str(element.proto.body) for element in at.get("html")]
    return "\n".join(lines).replace("\\", "")


def assert_says(at: AppTest, *sentences: str) -> None:
    """The page shows these sentences, and no exception."""
    assert not at.exception, at.exception[0]
    for sentence in sentences:
        assert sentence in said(at)


def choose(at: AppTest, key: str, value: object) -> AppTest:
    """Give a widget, of whatever kind, a value, without running the page."""
    at.session_state[key] = value
    return at


def click(at: AppTest, key: str) -> AppTest:
    """Click a button and run the page."""
    at.button(key).click().run()
    assert not at.exception, at.exception[0]
    return at


def type_text(at: AppTest, key: str, html: str, *, rev: int = 0) -> AppTest:
    """What the rich text editor holds from now on."""
    at.session_state[key] = {"doc": {"rev": rev, "html": html}}
    return at


@dataclass
class Statements:
    """The SQL statements sent during a run."""

    sent: list[str] = field(default_factory=list)

    def during(self, run: Callable[[], object]) -> list[str]:
        """The statements of one run, without the BEGINs."""
        self.sent.clear()
        run()
        return list(self.sent)
