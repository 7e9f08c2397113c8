"""The actions of a deal, in the same table as everywhere (R25, R31), and how others of its client are linked to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from lib.domain.chain import shown_number
from lib.domain.context import Context
from lib.domain.deal_links import link_action, link_refused, unlink_action
from lib.domain.deals import DealFile
from lib.domain.lists import ActionFilter, Page, Tab, list_actions
from lib.domain.reference import Reference
from lib.domain.rights import Operation, allowed
from lib.ui import feedback, formats, gesture_dialogs, session
from lib.ui.action_rows import list_columns, list_rows, menu_labels
from lib.ui.action_table import action_table
from lib.ui.feedback import plain
from lib.ui.frame import go
from lib.ui.list_bars import shown_count
from lib.ui.reading import record_id
from lib.ui.words import _, plural, translate

TABLE = "deal.actions"
LINK = "deal.link"
_UNLINK = "unlink"


def draw_actions(ctx: Context, reference: Reference, file: DealFile) -> None:
    """The newest actions linked to the deal, as far as the person sees them; the menu takes one out of it."""
    if why := allowed(ctx, Operation.VIEW_ACTIONS):
        st.caption(f":material/lock: {plain(translate(why))}")
        return
    _say_what_was_linked()
    deal = file.deal
    page = list_actions(ctx, chosen=ActionFilter(tab=Tab.ALL, deal_id=deal.id), descending=True)

    def chose(row: str, choice: str) -> None:
        sub_action_id = record_id(row)
        if sub_action_id and choice == _UNLINK:
            _run(lambda now: unlink_action(now, deal_id=deal.id, sub_action_id=sub_action_id))
        elif sub_action_id:
            gesture_dialogs.ask(sub_action_id, choice)

    rows = [
        row if link_refused(ctx, found.action, found.sub) else replace(row, menu=[*row.menu, _UNLINK])
        for row, found in zip(list_rows(ctx, reference, page.rows), page.rows, strict=True)
    ]
    gestures = action_table(
        list_columns(sortable=False), rows, key=TABLE, selection="none", on_menu=chose,
        menu={**menu_labels(), _UNLINK: (_("Take out of the deal"), ":material/link_off:")},
        empty=_("No linked action to show: create one, or link one of the client's."),
    )  # fmt: skip
    _draw_foot(page)
    _draw_linking(ctx, reference, file)
    if gestures["open"]:
        go("action", sub=record_id(gestures["open"]["row"]))


def _draw_foot(page: Page) -> None:
    if page.total > len(page.rows):
        shown = formats.number(len(page.rows))
        st.caption(_("The {shown} newest of {total}.", shown=shown, total=shown_count(page.total)))
    elif page.total:
        st.caption(plural("{shown} action", "{shown} actions", page.total, shown=formats.number(page.total)))


def _run(use_case: Callable[[Context], object]) -> None:
    """From a callback: one use case, as whoever is signed in now."""
    if now := session.current_context():
        feedback.attempt(LINK, lambda: use_case(now))


def _say_what_was_linked() -> None:
    """What became of the last gesture; one that worked closes the list of what may be linked."""
    last = feedback.outcome(LINK)
    if last and last.worked:
        feedback.forget(LINK)
        st.session_state.pop(f"{LINK}.open", None)
        st.toast(_("Saved."), icon=":material/check_circle:")
    feedback.show_problem(LINK, labels={"action": _("Action")})


def _draw_linking(ctx: Context, reference: Reference, file: DealFile) -> None:
    """On demand: the client's newest actions that have no deal yet."""
    deal = file.deal
    if allowed(ctx, Operation.EDIT_ACTIONS):
        return
    if st.session_state.get(f"{LINK}.open") != deal.id:
        st.button(_("Link an action of the client"), icon=":material/add_link:", key=f"{LINK}.start",
                  on_click=lambda: st.session_state.update({f"{LINK}.open": deal.id}))  # fmt: skip
        return
    found = list_actions(ctx, chosen=ActionFilter(tab=Tab.ALL, client_id=deal.client_id), descending=True)
    free = {
        row.action.id: f"{shown_number(row.action.number)} · {reference.natures[row.sub.nature_id].label}"
        for row in reversed(found.rows)
        if row.action.deal_id is None and not link_refused(ctx, row.action, row.sub)
    }
    if not free:
        st.caption(_("No action of the client can be linked: all have a deal, or aren't yours to change."))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if free:
            st.selectbox(_("Action to link"), list(free), index=None, key=f"{LINK}.action", placeholder=_("Choose"),
                         format_func=lambda each: free.get(each, ""), width=420)  # fmt: skip
            st.button(_("Link it"), type="primary", icon=":material/add_link:", key="save_link",
                      on_click=lambda: _link(deal.id))  # fmt: skip
        st.button(_("Back"), key=f"{LINK}.back", on_click=lambda: st.session_state.pop(f"{LINK}.open", None))


def _link(deal_id: int) -> None:
    action_id = st.session_state.get(f"{LINK}.action")
    if action_id is not None:
        _run(lambda now: link_action(now, deal_id=deal_id, action_id=action_id))
