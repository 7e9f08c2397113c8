"""What Python sends to the action table and accepts from it. How it looks and feels: tests/e2e/test_action_table.py"""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.streamlit_events import data_of, fire, send_state

LATER_THAN_ANY_CLOCK = 10**15


def a_page():
    import streamlit as st

    from lib.ui.action_table import Cell, Column, Row, SafeHtml, action_table, select, selected_ids
    from lib.ui.words import use_language

    use_language(st.session_state.get("speak", "fr"))
    log = st.session_state.setdefault("log", [])
    st.text(f"above: {','.join(selected_ids('list'))}")
    st.button("clear", on_click=select, args=("list", []))
    rows = [
        Row("1", {"number": "A1", "client": Cell("DUPONT SA", note="Lyon", card="<b>x</b>")}, ["late"], ["open"]),
        Row("2", {"number": "A2", "client": Cell("DUPONT SA", card=SafeHtml("<b>x</b>"))}),
        Row("3", {"client": Cell("plan.pdf", href="/files/3")}),
    ]
    columns = [Column("number", "N°", sortable=True, opens=True), Column("client", "Client")]
    did = action_table(
        columns,
        rows,
        key="list",
        menu={"open": ("Ouvrir", "")},
        on_menu=lambda row, choice: log.append(f"menu {row} {choice}"),
        on_open=lambda row: log.append(f"open {row}"),
        on_sort=lambda column, descending: log.append(f"sort {column} {descending}"),
    )
    log.extend(f"body {gesture}" for gesture in ("open", "menu", "sort") if did[gesture])
    st.text(f"below: {','.join(did['selected'])}")


@pytest.fixture
def at() -> AppTest:
    return AppTest.from_function(a_page).run()


def selected(at: AppTest) -> list[str]:
    return [text.value.partition(": ")[2] for text in at.text]


def test_a_card_is_html_only_when_declared_safe(at):
    assert not at.exception
    assert [row["cells"] for row in data_of(at, "list")["rows"]] == [
        ["A1", {"text": "DUPONT SA", "note": "Lyon", "card": "<b>x</b>"}],
        ["A2", {"text": "DUPONT SA", "html": "<b>x</b>"}],
        ["", {"text": "plan.pdf", "href": "/files/3"}],
    ]


def test_an_operation_on_safe_html_makes_it_plain_text_again():
    from lib.ui.action_table import SafeHtml

    assert not isinstance(SafeHtml("<b>x</b>") + "<script>", SafeHtml)


def test_the_table_speaks_the_users_language(at):
    assert data_of(at, "list")["labels"]["late"] == "en retard"
    at.session_state["speak"] = "en"
    at.run()
    assert data_of(at, "list")["labels"]["late"] == "late"


def test_ticks_are_known_above_and_below_the_table_until_python_clears_them(at):
    send_state(at, "list", {"selection": {"ids": ["2", "99"], "turn": LATER_THAN_ANY_CLOCK}})
    assert selected(at)[1] == "2,99"
    at.run()
    assert selected(at) == ["2,99", "2,99"]
    at.button[0].click().run()
    assert selected(at) == ["", ""]


def test_ticks_are_not_sent_back_to_the_browser(at):
    before = data_of(at, "list")
    send_state(at, "list", {"selection": {"ids": ["2"], "turn": LATER_THAN_ANY_CLOCK}})
    assert data_of(at, "list") == before


def test_an_older_selection_of_the_browser_does_not_undo_what_python_set(at):
    send_state(at, "list", {"selection": {"ids": ["2"], "turn": LATER_THAN_ANY_CLOCK}})
    at.button[0].click().run()
    send_state(at, "list", {"selection": {"ids": ["2"], "turn": LATER_THAN_ANY_CLOCK}})
    assert selected(at)[1] == ""


@pytest.mark.parametrize(
    ("gesture", "value", "call"),
    [
        ("menu", {"row": "1", "choice": "open"}, "menu 1 open"),
        ("open", {"row": "2"}, "open 2"),
        ("sort", {"column": "number", "descending": True}, "sort number True"),
    ],
)
def test_a_gesture_reaches_its_callback_and_the_page_once(at, gesture, value, call):
    fire(at, "list", gesture, value)
    assert at.session_state["log"] == [call, f"body {gesture}"]
    at.run()
    assert at.session_state["log"] == [call, f"body {gesture}"]


@pytest.mark.parametrize(
    ("gesture", "value"),
    [
        ("menu", {"row": "1"}),
        ("menu", {"row": "1", "choice": ["open"]}),
        ("open", {"row": {"$": 1}}),
        ("open", "1"),
        ("open", {"row": "1", "surprise": "x"}),
        ("sort", {"column": "number", "descending": "yes"}),
    ],
)
def test_a_forged_gesture_is_no_gesture(at, gesture, value):
    fire(at, "list", gesture, value)
    assert not at.exception
    assert at.session_state["log"] == []


@pytest.mark.parametrize(
    "forged",
    [
        "x",
        {"ids": "12", "turn": LATER_THAN_ANY_CLOCK},
        {"ids": [{"a": 1}], "turn": LATER_THAN_ANY_CLOCK},
        {"ids": ["1"], "turn": "now"},
        {"ids": ["1"]},
    ],
)
def test_a_forged_selection_selects_nothing(at, forged):
    send_state(at, "list", {"selection": forged})
    assert not at.exception
    assert selected(at) == ["", ""]
