"""The panel beside a planning: the item that was clicked, its detail, its last report, and what may be done with it."""

from __future__ import annotations

import streamlit as st

from lib.domain.actions import ActionFile, open_action
from lib.domain.boards import Board
from lib.domain.chain import shown_date, shown_number
from lib.domain.context import Context
from lib.domain.errors import DomainError
from lib.domain.gestures import GESTURES, Gesture, row_menu
from lib.domain.reference import Reference
from lib.ui import formats, frame, gesture_dialogs
from lib.ui.feedback import bold, plain
from lib.ui.rich_text import show_rich_text
from lib.ui.statuses import STATUSES, person_name
from lib.ui.words import _, translate

_OPEN = "planning.item"
WIDTH_PX = 280


def open_item(sub_action_id: int) -> None:
    """Show it beside the planning from the next run on; the address says so."""
    st.query_params["p_item"] = str(sub_action_id)


def _close() -> None:
    st.query_params.pop("p_item", None)


def refresh(board: Board) -> None:
    """From the planning's fragment: make the page draw the panel again once its item has changed."""
    shown: tuple[int, int] | None = st.session_state.get(_OPEN)
    versions = {row.sub.id: row.sub.version for row in (*board.rows, *board.tray)}
    if shown and (now := versions.get(shown[0], shown[1])) != shown[1]:
        st.session_state[_OPEN] = (shown[0], now)  # at once: the page draws the calendar before the panel
        st.rerun()


def draw(ctx: Context, reference: Reference, sub_action_id: int | None) -> None:
    """The panel of an item; nothing when none is open, or it isn't there any more."""
    st.session_state[_OPEN] = None
    if sub_action_id is None:
        return
    try:
        file = open_action(ctx, sub_action_id=sub_action_id)
    except DomainError as error:
        st.caption(plain(translate(error.sentence)))
        st.button(_("Close"), key="planning.panel.close", icon=":material/close:", on_click=_close)
        return
    st.session_state[_OPEN] = (file.sub.id, file.sub.version)
    with st.container(border=True, width=WIDTH_PX, key="planning.panel"):
        _draw_head(ctx, reference, file)
        _draw_texts(file)
        _draw_buttons(ctx, file)


def _draw_head(ctx: Context, reference: Reference, file: ActionFile) -> None:
    sub, look = file.sub, STATUSES[file.sub.status]
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(bold(shown_number(file.chain.action.number, sub.seq)))
        st.button("", key="planning.panel.close", icon=":material/close:", type="tertiary", help=_("Close"),
                  on_click=_close)  # fmt: skip
    nature = reference.natures.get(sub.nature_id)
    client = file.client.client
    st.markdown(f"{plain(nature.label if nature else '')} — {bold(client.name)}")
    on, at = shown_date(sub, ctx.zone)
    st.markdown(f":{look.tone}[:material/{look.icon}: {plain(translate(look.label))}] {formats.full(on, at)}")
    contact = next((each for each in file.client.contacts if each.id == sub.contact_id), None)
    lines = [client.town, contact.name if contact else "", contact.phone if contact else client.phone,
             person_name(reference, sub.assignee_id)]  # fmt: skip
    st.caption("  \n".join(plain(line) for line in lines if line))


def _draw_texts(file: ActionFile) -> None:
    if file.detail_html:
        with st.expander(_("Detail"), expanded=True):
            show_rich_text(file.detail_html, key=f"panel.{file.sub.id}")
    reported = [sub for sub in file.chain.sub_actions if sub.report_text]
    if reported:
        last = reported[-1]
        label = _("Last report ({number})", number=f"{last.seq:02d}")
        with st.expander(label):
            st.text(last.report_text)


def _draw_buttons(ctx: Context, file: ActionFile) -> None:
    frame.link("action", _("Open the action"), icon=":material/open_in_new:", sub=file.sub.id)
    menu = [g for g in row_menu(ctx, file.chain.action, file.sub, last_seq=file.last_seq) if g != Gesture.ADD_NEXT]
    for gesture in menu:
        rule = GESTURES[gesture]
        st.button(
            translate(rule.label), key=f"planning.panel.{gesture}", icon=f":material/{rule.icon}:", width="stretch",
            type="primary" if gesture == Gesture.REPORT else "secondary",
            on_click=gesture_dialogs.ask, args=(file.sub.id, gesture),
        )  # fmt: skip
