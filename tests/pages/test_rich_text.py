"""What Python sends to the editor and accepts from it. How it feels in a browser: tests/e2e/test_rich_text.py"""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from lib.config import settings
from tests.pages.streamlit_events import data_of, send_state

TABLE = "<table><tbody><tr><td><p>12</p></td></tr></tbody></table>"


def a_page():
    import streamlit as st

    from lib.ui.rich_text import f2_saves, rich_text, show_rich_text, text_now
    from lib.ui.words import use_language

    memory = st.session_state
    use_language(memory.get("speak", "fr"))
    f2_saves()
    stored = memory.get("stored", "<p>avant</p>")
    rev = memory.get("revision", 0)
    read_only = memory.get("read_only", False)
    typed = rich_text(stored, key="text", rev=rev, label="Détail", height=200, read_only=read_only)
    st.text(f"[{typed}]")

    def save():
        memory.saved = text_now(stored, key="text", rev=rev)

    st.button("save", key="save_text", on_click=save)
    show_rich_text(memory.get("saved", ""), key="saved")


@pytest.fixture
def at() -> AppTest:
    return AppTest.from_function(a_page)


@pytest.fixture
def quill(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("streamlit_quill", reason="the extra `quill` isn't installed")
    monkeypatch.setenv("RELAIS_EDITOR", "quill")
    settings.cache_clear()
    yield
    settings.cache_clear()


def typed(at: AppTest) -> str:
    assert not at.exception
    return at.text[0].value[1:-1]


def test_the_stored_text_counts_until_something_is_typed(at):
    assert typed(at.run()) == "<p>avant</p>"
    assert typed(send_state(at, "text", {"doc": {"rev": 0, "html": "<p>après</p>"}})) == "<p>après</p>"


def test_an_emptied_text_is_empty_and_not_the_stored_one(at):
    assert typed(send_state(at.run(), "text", {"doc": {"rev": 0, "html": ""}})) == ""


def test_what_was_typed_for_another_revision_is_forgotten(at):
    send_state(at.run(), "text", {"doc": {"rev": 0, "html": "<p>brouillon</p>"}})
    at.session_state["revision"] = 1
    at.session_state["stored"] = "<p>enregistré</p>"
    assert typed(at.run()) == "<p>enregistré</p>"
    assert data_of(at, "text")["value"] == "<p>enregistré</p>"


def test_a_callback_reads_the_words_that_came_with_the_click(at):
    send_state(at.run(), "text", {"doc": {"rev": 0, "html": "<p>fin</p>"}})
    at.button(key="save_text").click().run()
    assert at.session_state["saved"] == "<p>fin</p>"


def test_the_value_can_be_given_by_session_state(at):
    at.session_state["text"] = {"doc": {"rev": 0, "html": "<p>donné</p>"}}
    assert typed(at.run()) == "<p>donné</p>"


@pytest.mark.parametrize(
    "forged",
    [None, 12, "x", [], {}, {"html": "<p>x</p>"}, {"rev": 0}, {"rev": 0, "html": 12}, {"rev": 0, "html": ["x"]}],
)
def test_what_no_editor_would_send_changes_nothing(at, forged):
    assert typed(send_state(at.run(), "text", {"doc": forged})) == "<p>avant</p>"


def test_the_browser_gets_a_cleaned_text_and_words_in_the_users_language(at):
    at.session_state["stored"] = "<p onclick=alert(1)>x<script>alert(1)</script></p>"
    data = data_of(at.run(), "text")
    assert data["value"] == "<p>x</p>"
    assert data["labels"]["bold"] == "Gras (Ctrl+B)"
    assert data["lang"] == "fr"
    at.session_state["speak"] = "en"
    data = data_of(at.run(), "text")
    assert data["labels"]["bold"] == "Bold (Ctrl+B)"
    assert data["lang"] == "en"


def test_the_browser_is_told_that_a_text_may_only_be_read(at):
    at.session_state["read_only"] = True
    assert data_of(at.run(), "text")["readOnly"] is True


def test_a_saved_text_is_shown_cleaned_and_an_empty_one_without_error(at):
    at.session_state["saved"] = f"{TABLE}<img src=x onerror=alert(1)>"
    at.run()
    assert next(html.proto.body for html in at.get("html")) == TABLE
    at.session_state["saved"] = ""
    assert not at.run().exception


def test_quill_opens_a_cleaned_text_without_table(at, quill):
    at.session_state["stored"] = "<p>x<img src=x onerror=alert(1)></p>"
    assert typed(at.run()) == "<p>x</p>"
    (editor,) = at.get("component_instance")
    assert "onerror" not in editor.proto.json_args


def test_quill_never_opens_a_text_that_holds_a_table(at, quill):
    at.session_state["stored"] = TABLE
    assert typed(at.run()) == TABLE
    assert not at.get("component_instance")
    assert "tableau" in at.info[0].value


STORED = '<p>plan</p><img src="attachment:12" alt="a &gt; b">'


def test_a_stored_image_is_read_at_the_address_of_its_route_and_edited_under_its_name(at):
    at.session_state["saved"] = at.session_state["stored"] = STORED
    at.run()
    assert next(html.proto.body for html in at.get("html")) == STORED.replace("attachment:", "/files/")
    assert (data_of(at, "text")["value"], data_of(at, "text")["files"]) == (STORED, "/files/")


def test_quill_shows_a_stored_image_and_gives_it_back_under_its_name(at, quill):
    at.session_state["stored"] = STORED
    assert typed(at.run()) == STORED
    (editor,) = at.get("component_instance")
    assert "/files/12" in editor.proto.json_args
    at.session_state["text.0"] = STORED.replace("attachment:", "/files/") + "<p>suite</p>"
    at.button(key="save_text").click().run()
    assert at.session_state["saved"] == STORED + "<p>suite</p>"
