"""What Python accepts from the planning and answers. How it looks and feels: tests/e2e/test_planning_component.py"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib.ui.planning.values import Move
from tests.pages.streamlit_events import data_of, send_state


def a_page():
    from datetime import date, datetime

    import streamlit as st

    from lib.ui.planning import Asked, Band, Done, Item, Lane, Refused, asked, forget_asked, planning, visible
    from lib.ui.words import use_language

    use_language("fr")
    moves = st.session_state.setdefault("moves", [])

    def on_move(move):
        moves.append(move)
        if st.session_state.get("breaks"):
            raise RuntimeError("the database is away")
        answers = {
            "refused": Refused("Cette personne est absente."),
            "asked": Asked(move),
            "noted": Done("Dans le passé."),
        }
        return answers.get(move.id, Done())

    gestures = planning(
        key="plan",
        mode="person",
        items=[
            Item("1", "Appel", datetime(2026, 11, 24, 9), 45, looks=["late"], card=[("Client", "DUPONT SA")]),
            Item("2", "Samedi", datetime(2026, 11, 28, 9), is_movable=False, counts=False),
        ],
        tray=[Item("3", "À caler", wished=date(2026, 11, 25))],
        lanes=[Lane("p", "Aïcha", capacity_min={date(2026, 11, 24): 420, date(2030, 1, 1): 420})],
        bands=[Band(datetime(2026, 11, 24, 12), datetime(2026, 11, 24, 13), "off")],
        view=st.session_state.get("view", "week"),
        day=date(2026, 11, 24),
        window=(date(2026, 11, 23), date(2026, 11, 30)),
        rev=st.session_state.get("rev", 0),
        on_move=on_move,
    )
    st.session_state.setdefault("gestures", []).extend(gestures)
    st.session_state.question = asked("plan")
    st.session_state.visible = visible("plan", st.session_state.get("rev", 0))
    st.button("forget", on_click=forget_asked, args=("plan",))


@pytest.fixture
def at() -> AppTest:
    at = AppTest.from_function(a_page).run()
    assert not at.exception
    return at


def a_move(seq: int = 1, **changes: Any) -> dict[str, Any]:
    move = {"seq": seq, "kind": "move", "id": "1", "version": 1, "start": "2026-11-24T14:00:00", "minutes": 45}
    return {**move, "isAllDay": False, "lane": "p", **changes}


def send(at: AppTest, *ops: Any, client: Any = "tab") -> AppTest:
    """What the browser posts: the gestures that it has no answer for."""
    send_state(at, "plan", {"ops": {"client": client, "turn": 0, "ops": list(ops)}})
    assert not at.exception
    return at


def moves(at: AppTest) -> list[Move]:
    return at.session_state["moves"]


def ack(at: AppTest) -> dict[str, Any]:
    return data_of(at, "plan")["ack"]


def test_a_move_reaches_the_page_whole(at):
    send(at, a_move())
    assert moves(at) == [Move("move", "1", 1, datetime(2026, 11, 24, 14), 45, False, "p", "tab:1")]
    assert ack(at) == {"client": "tab", "seq": 1, "told": []}


def test_a_move_handed_over_twice_is_applied_once(at):
    send(at, a_move())
    send(at, a_move(), a_move(2, kind="resize", minutes=60))
    send(at, a_move(2, kind="resize", minutes=60), a_move())
    at.run()
    assert [(move.kind, move.uid) for move in moves(at)] == [("move", "tab:1"), ("resize", "tab:2")]
    assert ack(at)["seq"] == 2


def test_gestures_are_answered_in_their_order(at):
    send(at, a_move(2), a_move(1, kind="unplan", start=None))
    assert [move.kind for move in moves(at)] == ["unplan", "move"]
    assert moves(at)[0].start is None


def test_an_older_tabs_number_is_not_handled_again_when_it_comes_back(at):
    send(at, a_move(), client="first")
    send(at, a_move(), client="second")
    send(at, a_move(), client="first")
    assert [move.uid for move in moves(at)] == ["first:1", "second:1"]


def test_a_refusal_goes_back_with_its_reason(at):
    send(at, a_move(id="refused"))
    assert ack(at)["told"] == [{"seq": 1, "id": "refused", "text": "Cette personne est absente.", "bad": True}]


def test_a_note_goes_back_quietly(at):
    send(at, a_move(id="noted"))
    assert ack(at)["told"] == [{"seq": 1, "id": "noted", "text": "Dans le passé.", "bad": False}]


def test_a_question_is_kept_until_it_is_forgotten(at):
    send(at, a_move(id="asked"))
    at.run()
    assert at.session_state["question"] == moves(at)[0]
    assert ack(at) == {"client": "tab", "seq": 1, "told": []}
    at.button[0].click().run()
    assert at.session_state["question"] is None


def test_a_surprise_is_answered_with_an_incident_and_never_tried_again(at):
    at.session_state["breaks"] = True
    send(at, a_move())
    send(at, a_move())
    assert len(moves(at)) == 1
    (told,) = ack(at)["told"]
    assert told["bad"]
    assert told["text"].startswith("L’enregistrement a échoué (incident ")
    assert "{" not in told["text"]


def test_the_body_alone_never_applies_an_unknown_clients_old_state(at):
    """As after a restart of the server: the page still holds what it had sent before."""
    send(at, a_move())
    box = at.session_state["plan.box"]
    box.client, box.seqs = "", {}
    at.run()
    assert len(moves(at)) == 1


def test_the_body_makes_up_for_a_callback_that_was_interrupted(at):
    send(at, a_move())
    at.session_state["plan.box"].seqs["tab"] = 0
    at.run()
    assert [move.uid for move in moves(at)] == ["tab:1", "tab:1"]
    at.run()
    assert len(moves(at)) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"id": ""},
        {"id": 1},
        {"id": "x" * 65},
        {"id": "a\nb"},
        {"version": "1"},
        {"version": True},
        {"start": None},
        {"start": "tomorrow"},
        {"start": "2026-02-30T09:00:00"},
        {"start": "1899-12-31T09:00:00"},
        {"start": "2200-01-01T09:00:00"},
        {"start": "2026-11-24T09:00:00+01:00"},
        {"start": "2026-11-24T25:00:00"},
        {"minutes": -15},
        {"minutes": 100_001},
        {"minutes": 30.5},
        {"minutes": None},
        {"isAllDay": 1},
        {"lane": None},
        {"lane": ["p"]},
        {"kind": "delete"},
        {"kind": ["move"]},
        {"kind": "open", "id": {}},
        {"kind": "menu", "choice": None},
        {"kind": "create", "minutes": 0},
        {"kind": "look", "first": "2026-11-23", "after": "2026-11-23", "view": "week", "day": "2026-11-24"},
        {"kind": "look", "first": "2026-11-23", "after": "2099-11-23", "view": "week", "day": "2026-11-24"},
        {"kind": "look", "first": "2026-11-23", "after": "2026-11-30", "view": "year", "day": "2026-11-24"},
    ],
)
def test_a_malformed_gesture_changes_nothing_and_is_answered(at, changes):
    send(at, a_move(**changes))
    assert moves(at) == []
    assert at.session_state["gestures"] == []
    assert at.session_state["visible"] is None
    (told,) = ack(at)["told"]
    assert told["seq"] == 1
    assert told["bad"]
    assert told["text"].startswith("Ce geste n’a pas été compris")


@pytest.mark.parametrize("minutes", [0, 1800])
def test_a_resize_to_nothing_or_to_thirty_hours_is_for_the_page_to_judge(at, minutes):
    send(at, a_move(kind="resize", minutes=minutes))
    assert moves(at)[0].minutes == minutes


@pytest.mark.parametrize("seq", [None, 0, -1, "1", 1.5, True, 2**60])
def test_without_a_number_nothing_is_done(at, seq):
    send(at, a_move(seq=seq), "x", None)
    assert moves(at) == []
    assert ack(at)["seq"] == 0


@pytest.mark.parametrize(
    "sent", ["x", {}, {"client": "tab"}, {"client": "tab", "ops": "x"}, {"client": 1, "ops": []}, []]
)
def test_a_forged_state_does_nothing(at, sent):
    send_state(at, "plan", {"ops": sent})
    assert not at.exception
    assert moves(at) == []


def test_other_gestures_come_back_once(at):
    from lib.ui.planning import Chosen, Opened, Slot

    slot = {"seq": 3, "kind": "create", "start": "2026-11-24T16:00:00", "minutes": 30, "isAllDay": False, "lane": "p"}
    send(at, {"seq": 1, "kind": "open", "id": "1"}, {"seq": 2, "kind": "menu", "id": "1", "choice": "cancel"}, slot)
    at.run()
    assert at.session_state["gestures"] == [
        Opened("1"),
        Chosen("1", "cancel"),
        Slot(datetime(2026, 11, 24, 16), 30, False, "p"),
    ]


def test_where_the_user_went_is_known_until_python_leads_elsewhere(at):
    look = {"seq": 1, "kind": "look", "first": "2026-11-01", "after": "2026-12-01", "view": "month"}
    send(at, {**look, "day": "2026-11-24", "rev": 0})
    first, after, view, day = at.session_state["visible"]
    assert (first, after, view, day) == (date(2026, 11, 1), date(2026, 12, 1), "month", date(2026, 11, 24))
    at.session_state["rev"] = 1
    at.run()
    assert at.session_state["visible"] is None


def test_what_travels_is_naive_and_light(at):
    data = data_of(at, "plan")
    first, second = data["items"]
    assert first == {
        "id": "1", "title": "Appel", "start": "2026-11-24T09:00:00", "minutes": 45, "tone": "blue",
        "looks": ["late"], "card": [["Client", "DUPONT SA"]], "version": 1,
    }  # fmt: skip
    assert (second["isMovable"], second["counts"]) == (False, False)
    assert data["tray"][0]["wished"] == "2026-11-25"
    assert data["lanes"][0]["capacity"] == {"2026-11-24": 420}
    assert data["bands"][0]["lanes"] == ["p"]
    assert data["labels"]["tray"] == "À planifier"


def test_a_hidden_day_with_an_item_is_shown(at):
    assert data_of(at, "plan")["hiddenDays"] == [0]


def test_an_unknown_view_is_the_usual_one(at):
    at.session_state["view"] = "year"
    at.run()
    assert data_of(at, "plan")["view"] == "week"
