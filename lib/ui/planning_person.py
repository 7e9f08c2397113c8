"""Planning détaillé: one person's calendar with the tray of what is to plan (R18, R19)."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from lib.domain.boards import Board, open_board, people_to_plan
from lib.domain.context import Context
from lib.domain.people import Person
from lib.domain.reference import Reference
from lib.domain.rights import Operation, allowed, looks_at_others
from lib.ui import frame, gesture_dialogs, planning_address, planning_panel, session
from lib.ui.action_rows import menu_labels
from lib.ui.planning import Chosen, Gesture, Opened, Slot, planning
from lib.ui.planning_items import bands_of, bounds_of, items_of, lanes_of, say_if_cut, tray_of, with_question
from lib.ui.planning_moves import answer_move, question_of, show_question
from lib.ui.reading import record_id
from lib.ui.words import _

KEY = "planning.person"
PREFIX = "p_"
_ADDRESS = "planning.address"
HEIGHT_PX = 640
POLL_S = 5
"""How soon a move made elsewhere shows; one board a poll."""


def choose(ctx: Context, reference: Reference) -> Person | None:
    """The line above the calendar: whose, coloured by what, with what is done or not; None when there is nobody."""
    people = {person.id: person for person in people_to_plan(ctx)}
    if not people:
        st.info(_("Nobody to plan for: you are in no sales unit."), icon=":material/event_busy:")
        return None
    _follow(ctx, people)
    who, colour, done = st.columns([2.2, 1.6, 1.2], vertical_alignment="bottom")
    who.selectbox(_("Salesperson"), list(people), key="planning.who", format_func=lambda each: people[each].name)
    _colour_choice(colour)
    done.toggle(_("Done actions too"), key="planning.done")
    person = people[st.session_state["planning.who"]]
    planning_address.write_all(PREFIX, _ADDRESS, _held())
    return person


def _held() -> dict[str, str]:
    """What the widgets hold, as the address says it."""
    state = st.session_state
    return {
        "who": str(state.get("planning.who", "")),
        "done": "1" if state.get("planning.done") else "",
        "colour": "status" if state.get("planning.colour") == "status" else "",
    }


def _follow(ctx: Context, people: dict[int, Person]) -> None:
    """The address first, when somebody wishes it; else what the widgets hold or held; else oneself."""
    state, names = st.session_state, ("who", "done", "colour")
    asked = {name: str(st.query_params.get(PREFIX + name, ""))[:20] for name in names}
    is_wished = planning_address.is_a_wish(_ADDRESS, asked)
    drawn_before = "planning.who" in state
    wanted = asked if is_wished else _held() if drawn_before else planning_address.last_written(_ADDRESS)
    who = record_id(wanted.get("who", ""))
    mine = ctx.person.id if ctx.person.id in people and not looks_at_others(ctx) else next(iter(people))
    state["planning.who"] = who if who in people else mine
    state["planning.done"] = wanted.get("done") == "1"
    state["planning.colour"] = "status" if wanted.get("colour") == "status" else "nature"


def _colour_choice(where: st.delta_generator.DeltaGenerator) -> None:
    labels = {"nature": _("By nature"), "status": _("By status")}
    where.segmented_control(_("Colour"), list(labels), key="planning.colour", required=True,
                            format_func=lambda each: labels[each])  # fmt: skip


@st.fragment(run_every=POLL_S)
def draw_calendar(person_id: int) -> None:
    """The calendar: drawn again after each drop, and every few seconds for what others moved."""
    ctx = session.current_context() or frame.signed_out()
    shown = planning_address.shown(PREFIX, KEY, "person", today=ctx.today)
    board = open_board(
        ctx, person_ids=[person_id], first=shown.first, last=shown.after - timedelta(days=1),
        with_done=bool(st.session_state.get("planning.done")),
    )  # fmt: skip
    gestures = _draw(ctx, board, shown)
    answer_gestures(gestures, person_id=person_id)
    say_if_cut(board)
    show_question(KEY)
    planning_panel.refresh(board)


def _draw(ctx: Context, board: Board, shown: planning_address.Shown) -> list[Gesture]:
    reference, colour = ctx.reference, str(st.session_state.get("planning.colour", "nature"))
    items, tray = with_question(
        items_of(ctx, reference, board, colour=colour), tray_of(ctx, reference, board, colour=colour), question_of(KEY)
    )
    tray.sort(key=lambda item: item.id != st.query_params.get("p_item"))  # what one came to plan, at hand
    opens, closes = bounds_of(items)
    return planning(
        key=KEY, items=items, tray=tray, lanes=lanes_of(reference, board), mode="person",
        bands=bands_of(ctx, board, by_hour=shown.view in ("day", "week")), menu=menu_labels(), view=shown.view,
        day=shown.day, window=(board.first, shown.after), on_move=answer_move, rev=shown.rev,
        slot_min=opens, slot_max=closes, read_only=bool(allowed(ctx, Operation.EDIT_ACTIONS)), height=HEIGHT_PX,
    )  # fmt: skip


def answer_gestures(gestures: list[Gesture], *, person_id: int | None) -> None:
    """What a click on an item, its menu, or an empty slot leads to: the page draws it, not the fragment."""
    for gesture in gestures:
        match gesture:
            case Opened(id) if sub_action_id := record_id(id):
                planning_panel.open_item(sub_action_id)
                st.rerun()
            case Chosen(id, choice) if sub_action_id := record_id(id):
                gesture_dialogs.ask(sub_action_id, choice)
                st.rerun()
            case Slot(start, minutes, is_all_day, lane):
                at = {} if is_all_day else {"at": f"{start:%H:%M}", "minutes": minutes}
                who = record_id(lane) or person_id or ""
                frame.go("new_action", who=who, day=start.date().isoformat(), **at)
