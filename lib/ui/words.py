"""The words of the screens in the user's language: message ids are plain English, catalogues stand in locales/.

`_("Save")` in screens, `plural("{count} action", "{count} actions", n)` for counts, `translate(sentence)` for what the
domain says. A missing French entry shows the English id; `tests/test_words.py` refuses such a gap.
"""

from __future__ import annotations

import gettext
import io
from contextvars import ContextVar
from datetime import date, datetime, time
from functools import cache
from pathlib import Path

import streamlit as st
from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib.domain.sentences import Sentence

LANGUAGES = ("fr", "en")
"""The first is the default of a new person."""

LOCALES = Path(__file__).parents[2] / "locales"
_SESSION_KEY = "language"
_language: ContextVar[str] = ContextVar("language")


def _(message_id: str, /, **values: object) -> str:
    """`message_id` in the current language, its `{named}` values filled in."""
    text = _catalogue(current_language()).gettext(message_id)
    return text.format(**_shown(values)) if values else text


def plural(one: str, many: str, n: int, /, **values: object) -> str:
    """`one` or `many` by `n` and by the language's own rule (French: 0 is singular); both may show `{count}`."""
    text = _catalogue(current_language()).ngettext(one, many, n)
    return text.format(**_shown({"count": n, **values}))


def translate(sentence: Sentence) -> str:
    """What the domain said, in the current language; sentences among its values are translated too."""
    if sentence.plural and sentence.count is not None:
        return plural(sentence.id, sentence.plural, sentence.count, **sentence.values)
    return _(sentence.id, **sentence.values)


def use_language(code: str) -> None:
    """Speak `code` from here on: in this run and, for its callbacks and fragments, in the rest of the session.

    An unknown code speaks the default language.
    """
    known = code if code in LANGUAGES else LANGUAGES[0]
    _language.set(known)
    if get_script_run_ctx(suppress_warning=True) is not None:
        st.session_state[_SESSION_KEY] = known


def current_language() -> str:
    """The code last given to `use_language`, in this thread or else in this session; French before that.

    Callbacks and fragments run without app.py, perhaps in a new thread: they find their language in the session.
    """
    code = _language.get("")
    if not code:
        in_session = get_script_run_ctx(suppress_warning=True) is not None
        code = st.session_state.get(_SESSION_KEY, LANGUAGES[0]) if in_session else LANGUAGES[0]
        _language.set(code)
    return code


def language_name(code: str) -> str:
    """The language's name in itself, for the menu where one chooses it."""
    return (locale_of(code).language_name or code).capitalize()


@cache
def locale_of(code: str) -> Locale:
    """Babel's names of days and ways of writing numbers; English is Europe's, which writes 24/11 for the 24th."""
    return Locale.parse({"en": "en_GB"}.get(code, code))


def _shown(values: dict[str, object]) -> dict[str, object]:
    return {name: _shown_value(value) for name, value in values.items()}


def _shown_value(value: object) -> object:
    """What the domain gives raw, because it knows no language: sentences, and dates, which a text says in full."""
    match value:
        case Sentence():
            return translate(value)
        case datetime():
            return f"{value:%d/%m/%Y %H:%M}"
        case date():
            return f"{value:%d/%m/%Y}"
        case time():
            return f"{value:%H:%M}"
        case _:
            return value


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    """The catalogue read from its .po at first use: no compiled file to build, commit or forget."""
    path = LOCALES / language / "LC_MESSAGES" / "relais.po"
    compiled = io.BytesIO()
    with path.open("rb") as po:
        write_mo(compiled, read_po(po, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
