"""Every sentence that the code can show has its French, with the same placeholders; the catalogue has nothing else."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from lib.domain.sentences import say, say_many
from lib.ui.words import LOCALES, _, plural, translate, use_language

ROOT = Path(__file__).parents[1]
SOURCES = (ROOT / "lib", ROOT / "pages", ROOT / "app.py", ROOT / "asgi.py")
KEYWORDS = {"_": None, "say": None, "plural": (1, 2), "say_many": (1, 2)}


def catalogue(language: str) -> Catalog:
    with (LOCALES / language / "LC_MESSAGES" / "relais.po").open("rb") as po:
        return read_po(po, locale=language)


def said() -> dict[str | tuple[str, ...], str]:
    """Each message id of the code, and where it is said first."""
    found: dict[str | tuple[str, ...], str] = {}
    for source in SOURCES:
        for path in sorted(source.rglob("*.py")) if source.is_dir() else [source] * source.exists():
            for line, ids, *_rest in extract_from_file("python", path, keywords=KEYWORDS):
                found.setdefault(ids, f"{path.relative_to(ROOT)}:{line}")
    return found


def entries(language: str) -> Iterator[Message]:
    return (message for message in catalogue(language) if message.id)


def placeholders(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in Formatter().parse(text) if name is not None}


def test_every_sentence_has_its_french():
    french = catalogue("fr")
    missing = []
    for ids, place in said().items():
        one = ids[0] if isinstance(ids, tuple) else ids
        message = french.get(one)
        texts = (
            message.string if message and isinstance(message.string, (list, tuple)) else [message and message.string]
        )
        if message is None or message.id != ids or not all(texts):
            missing.append(f"{place}  {ids!r}")
    assert not missing, "without French (locales/fr/LC_MESSAGES/relais.po):\n" + "\n".join(missing)


def test_the_catalogue_holds_nothing_that_the_code_no_longer_says():
    in_code = said()
    unused = [message.id for message in entries("fr") if message.id not in in_code]
    assert not unused


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_translation_has_the_placeholders_of_its_id(language):
    wrong = []
    for message in entries(language):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
        # The form for one may leave the count out: "une action".
        expected = set().union(*map(placeholders, ids))
        wrong += [text for text in texts if text and placeholders(text) | {"count"} != expected | {"count"}]
    assert not wrong


def test_french_is_set_as_printers_set_it():
    """Typographic apostrophes; before a sign of two parts, a space that no line ends at."""
    straight = re.compile(r"'|\.\.\.| [:;!?»]|« ")
    texts = [t for message in entries("fr") for t in (message.string if message.pluralizable else [message.string])]
    assert not [text for text in texts if straight.search(text)]


def test_no_entry_is_left_doubtful():
    assert not [message.id for message in entries("fr") if message.fuzzy]


def test_a_sentence_within_a_sentence_is_translated_too():
    use_language("fr")
    assert translate(say("in {days} days", days=say("tomorrow"))).replace("\N{NO-BREAK SPACE}", " ") == "dans demain j"


def test_what_has_no_translation_is_shown_in_english():
    use_language("fr")
    assert _("No such sentence, {name}.", name="Zoé") == "No such sentence, Zoé."


def test_counts_follow_the_rule_of_the_language():
    use_language("en")
    assert [plural("{count} egg", "{count} eggs", n) for n in (0, 1, 2)] == ["0 eggs", "1 egg", "2 eggs"]
    assert translate(say_many("{count} egg", "{count} eggs", count=1)) == "1 egg"


def test_dates_inside_a_sentence_are_said_in_full():
    assert _("Due on {on}.", on=date(2026, 11, 4)) == "Due on 04/11/2026."


def test_a_brace_in_a_value_is_only_a_brace():
    assert _("Hello {name}", name="{0} {days}") == "Hello {0} {days}"


def test_an_unknown_language_speaks_the_default_one():
    use_language("xx")
    assert _("yesterday") == "hier"
