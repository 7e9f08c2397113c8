"""The actions of a client on its sheet: the tabs, the table, the menus and the pages that are everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from lib.domain.client_sheet import ClientSheet
from lib.domain.context import Context
from lib.domain.lists import Page, SortBy, Tab
from lib.domain.reference import Reference
from lib.domain.rights import REFUSALS, Operation
from lib.ui import gesture_dialogs
from lib.ui.action_rows import list_columns, list_rows, menu_labels
from lib.ui.action_table import action_table
from lib.ui.feedback import plain
from lib.ui.frame import go, link
from lib.ui.kept_choice import keep, kept
from lib.ui.list_bars import shown_count
from lib.ui.reading import record_id
from lib.ui.words import _, translate

_SORTS = (SortBy.DATE, SortBy.NUMBER)
"""Of one client, all have the same name."""


@dataclass(frozen=True)
class Asked:
    """What the address and the session ask for; without a tab, no actions are read."""

    tab: Tab | None = None
    sort: SortBy = SortBy.DATE
    descending: bool = False
    page: int = 1


def asked(client_id: int) -> Asked:
    """The tab that the address keeps (`list=`), its sort and its page."""
    found = kept("list")
    tab = Tab(found) if found in set(Tab) else Tab.TODO
    sort, descending = st.session_state.get(f"client.sort.{client_id}.{tab}", (SortBy.DATE, tab != Tab.TODO))
    page = st.session_state.get(f"client.page.{client_id}.{tab}", 1)
    return Asked(tab, sort, descending, page if isinstance(page, int) else 1)


def draw(ctx: Context, reference: Reference, sheet: ClientSheet) -> None:
    """One page of one tab of them, as far as the person sees them."""
    client_id = sheet.file.client.id
    if sheet.actions is None or sheet.counts is None:
        st.caption(f":material/lock: {plain(translate(REFUSALS[Operation.VIEW_ACTIONS]))}")
        return
    now = asked(client_id)
    tab = now.tab or Tab.TODO
    _draw_tabs(sheet, tab)
    memory = f"{client_id}.{tab}"

    def sorted_by(column: str, descending: bool) -> None:
        if column in _SORTS:
            st.session_state[f"client.sort.{memory}"] = (SortBy(column), descending)
            st.session_state[f"client.page.{memory}"] = 1

    def chose(row: str, choice: str) -> None:
        if sub_action_id := record_id(row):
            gesture_dialogs.ask(sub_action_id, choice)

    columns = [column for column in list_columns() if column.id != "client"]
    gestures = action_table(
        columns, list_rows(ctx, reference, sheet.actions.rows), key="client.actions", menu=menu_labels(),
        selection="none", sort=(str(now.sort), now.descending), on_menu=chose, on_sort=sorted_by, empty=_empty(tab),
    )  # fmt: skip
    _draw_pages(sheet.actions, memory)
    if gestures["open"]:
        go("action", sub=record_id(gestures["open"]["row"]))


def _draw_tabs(sheet: ClientSheet, tab: Tab) -> None:
    labels = {Tab.TODO: _("To do"), Tab.DONE: _("Done actions"), Tab.ALL: _("All")}
    counts = sheet.counts or {}

    def write() -> None:
        keep("list", str(st.session_state["client.list"]))

    st.session_state["client.list"] = tab
    with st.container(horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            _("Actions"), list(Tab), key="client.list", required=True, on_change=write, label_visibility="collapsed",
            format_func=lambda each: f"{labels[each]} ({shown_count(counts[each])})",
        )  # fmt: skip
        link("actions", _("In the list of actions"), icon=":material/checklist:", l_client=sheet.file.client.id,
             l_tab=tab)  # fmt: skip


def _draw_pages(page: Page, memory: str) -> None:
    if page.pages < 2:
        return
    turned = f"client.turned.{memory}.{page.number}"  # one widget a page: a default and a value of the session clash

    def turn() -> None:
        st.session_state[f"client.page.{memory}"] = st.session_state[turned]

    width: Any = 152 + 36 * page.pages if page.pages < 6 else "content"
    st.pagination(page.pages, default=page.number, key=turned, on_change=turn, width=width)


def _empty(tab: Tab) -> str:
    return _("Nothing to do for this client.") if tab == Tab.TODO else _("No action yet.")
