"""The list of actions, drawn: tabs with counts, filters in the address, chips of what is active, table and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import streamlit as st

from lib.domain.chain import Status
from lib.domain.clients import open_client
from lib.domain.context import Context
from lib.domain.errors import DomainError
from lib.domain.lists import COUNTED, ActionFilter, Page, SortBy, Tab, count_actions, list_actions
from lib.domain.reference import Reference
from lib.domain.rights import Operation, allowed
from lib.ui import formats, gesture_dialogs
from lib.ui.action_rows import list_columns, list_rows, menu_labels
from lib.ui.action_table import action_table
from lib.ui.client_picker import client_picker
from lib.ui.frame import go
from lib.ui.statuses import STATUSES, disabled_mark
from lib.ui.words import _, plural, translate

# Keys of the widgets are the names in the address: short, and of this page only.
_PREFIX = "l_"
_FILTERS = ("who", "unit", "domain", "nature", "reason", "status", "from", "to", "late", "pool", "colleague", "text")
_PEOPLE, _UNIT, _DOMAIN, _NATURE = _PREFIX + "who", _PREFIX + "unit", _PREFIX + "domain", _PREFIX + "nature"
_REASON, _STATUS, _FROM, _TO = _PREFIX + "reason", _PREFIX + "status", _PREFIX + "from", _PREFIX + "to"
_LATE, _POOL, _COLLEAGUE, _TEXT = _PREFIX + "late", _PREFIX + "pool", _PREFIX + "colleague", _PREFIX + "text"
_TAB, _PAGE, _CLIENT, _SORT = _PREFIX + "tab", _PREFIX + "page", _PREFIX + "client", "list.sort"
_VISITED = "list.visited"


def draw_filters(ctx: Context, reference: Reference) -> ActionFilter:
    """One line of filters, the rest folded; return what they keep."""
    _open_with_mine(ctx, reference)
    sellers = {m.person_id for m in reference.memberships}
    people = {p.id: p.name for p in reference.people.values() if p.id in sellers}
    text, who, unit, nature, late, more = st.columns([1.7, 1.6, 1.4, 1.4, 1.15, 1.6], vertical_alignment="bottom")
    text.text_input(_("Text"), key=_TEXT, bind="query-params", icon=":material/search:", type="search",
                    placeholder=_("Number, client, words"), on_change=_first_page)  # fmt: skip
    with who:
        _choose(_("Salesperson"), _PEOPLE, people)
    with unit:
        _choose(_("Org. unit"), _UNIT, {u.id: u.name for u in reference.units.values() if u.kind == "sales"})
    with nature:
        _choose(_("Action"), _NATURE, {n.id: disabled_mark(n, n.label) for n in reference.natures.values()})
    late.toggle(_("Late"), key=_LATE, bind="query-params", on_change=_first_page)
    with more.popover(_("More filters"), icon=":material/tune:", key="list.more", width="stretch"):
        _draw_more(ctx, reference)
    chosen = _chosen(ctx)
    _draw_chips(ctx, chosen)
    return chosen


def _open_with_mine(ctx: Context, reference: Reference) -> None:
    """The first time in a session, without filters in the address, a salesperson sees his own actions."""
    if st.session_state.setdefault(_VISITED, False):
        return
    st.session_state[_VISITED] = True
    is_seller = any(m.person_id == ctx.person.id for m in reference.memberships) and ctx.profile.code == "sales"
    if is_seller and not any(name.startswith(_PREFIX) for name in st.query_params):
        st.session_state[_PEOPLE] = [ctx.person.id]


def _choose(label: str, key: str, choices: Mapping[Any, str]) -> None:
    st.multiselect(label, list(choices), key=key, format_func=lambda each: choices.get(each, ""), bind="query-params",
                   placeholder=_("All"), on_change=_first_page)  # fmt: skip


def _draw_more(ctx: Context, reference: Reference) -> None:
    domains = {d.id: disabled_mark(d, d.label) for d in reference.domains.values()}
    reasons = {r.id: disabled_mark(r, r.label) for r in reference.reasons.values()}
    _choose(_("Business activity"), _DOMAIN, domains)
    _choose(_("Action reason"), _REASON, reasons)
    statuses = {str(s): translate(look.label) for s, look in STATUSES.items()}
    _choose(_("Status"), _STATUS, statuses)
    with st.container(horizontal=True):
        for label, key in ((_("From"), _FROM), (_("To"), _TO)):
            st.date_input(label, None, key=key, format="DD/MM/YYYY", bind="query-params", on_change=_first_page)
    st.toggle(_("Waiting in a unit's pool"), key=_POOL, bind="query-params", on_change=_first_page)
    st.toggle(_("Report by a colleague"), key=_COLLEAGUE, bind="query-params", on_change=_first_page)
    client_picker(ctx, key="list.client", label=_("Client"), on_pick=_pick_client)


def _first_page() -> None:
    st.session_state[_PAGE] = 1


def _pick_client(client_id: int) -> None:
    st.query_params[_CLIENT] = str(client_id)
    st.session_state.pop("list.client.text", None)
    _first_page()


def _reset() -> None:
    for name in _FILTERS:
        st.session_state.pop(_PREFIX + name, None)
    st.session_state.update(
        {_PEOPLE: [], _UNIT: [], _DOMAIN: [], _NATURE: [], _REASON: [], _STATUS: [], _FROM: None, _TO: None,
         _LATE: False, _POOL: False, _COLLEAGUE: False, _TEXT: ""}
    )  # fmt: skip
    st.query_params.pop(_CLIENT, None)
    _first_page()


def _chosen(ctx: Context) -> ActionFilter:
    """What the widgets hold, as a filter; what a browser forged is dropped here, and refused nowhere."""
    state = st.session_state

    def ids(key: str) -> frozenset[int]:
        return frozenset(each for each in state.get(key) or () if isinstance(each, int))

    client = st.query_params.get(_CLIENT, "")
    start, end = state.get(_FROM), state.get(_TO)
    return ActionFilter(
        assignee_ids=ids(_PEOPLE),
        org_unit_ids=ids(_UNIT),
        client_id=int(client) if client.isascii() and client.isdigit() and len(client) < 10 else None,
        domain_ids=ids(_DOMAIN),
        nature_ids=ids(_NATURE),
        reason_ids=ids(_REASON),
        statuses=frozenset(Status(each) for each in state.get(_STATUS) or () if each in set(Status)),
        from_date=start if isinstance(start, date) else None,
        to_date=end if isinstance(end, date) else None,
        late_at=ctx.local_now if state.get(_LATE) else None,
        is_waiting=bool(state.get(_POOL)),
        is_by_colleague=bool(state.get(_COLLEAGUE)),
        text=str(state.get(_TEXT) or "")[:200],
    )


def _draw_chips(ctx: Context, chosen: ActionFilter) -> None:
    """What is active and folded away, and the button that resets everything."""
    if chosen == ActionFilter():
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        if chosen.client_id:
            try:
                name = open_client(ctx, client_id=chosen.client_id).client.name
            except DomainError:
                name = "?"
            st.button(name, icon=":material/close:", key="list.chip.client", type="tertiary", on_click=_drop_client)
        for label, keys, is_on in (
            (_("Business activity"), (_DOMAIN,), chosen.domain_ids),
            (_("Action reason"), (_REASON,), chosen.reason_ids),
            (_("Status"), (_STATUS,), chosen.statuses),
            (_("Period"), (_FROM, _TO), chosen.from_date or chosen.to_date),
            (_("Waiting in a unit's pool"), (_POOL,), chosen.is_waiting),
            (_("Report by a colleague"), (_COLLEAGUE,), chosen.is_by_colleague),
        ):
            if is_on:
                st.button(label, icon=":material/close:", key=f"list.chip.{keys[0]}", type="tertiary",
                          on_click=_drop, args=(keys,))  # fmt: skip
        st.button(_("Reset"), icon=":material/filter_alt_off:", key="list.reset", type="tertiary", on_click=_reset)


def _drop(keys: tuple[str, ...]) -> None:
    for key in keys:
        st.session_state[key] = None if key in (_FROM, _TO) else False if key in (_POOL, _COLLEAGUE) else []
    _first_page()


def _drop_client() -> None:
    st.query_params.pop(_CLIENT, None)
    _first_page()


# ---- the table


def draw_table(ctx: Context, reference: Reference, chosen: ActionFilter) -> None:
    """Tabs with their counts, one page of rows, and the pages."""
    tab = _draw_tabs(ctx, chosen)
    chosen = replace(chosen, tab=tab)
    sort, descending = st.session_state.setdefault(_SORT, {}).get(tab, (SortBy.DATE, tab != Tab.TODO))
    page = list_actions(ctx, chosen=chosen, sort=sort, descending=descending, page=_page_number())
    place = st.container()

    def sorted_by(column: str, descending: bool) -> None:
        if column in set(SortBy):
            st.session_state[_SORT] = {**st.session_state[_SORT], tab: (SortBy(column), descending)}
            _first_page()

    def chose(row: str, choice: str) -> None:
        if row.isdigit():
            gesture_dialogs.ask(int(row), choice)

    gestures = action_table(
        list_columns(), list_rows(ctx, reference, page.rows), key="list.table", menu=menu_labels(), selection="none",
        sort=(str(sort), descending), on_menu=chose, on_sort=sorted_by, empty=_empty(tab, chosen),
    )  # fmt: skip
    with place:
        _draw_pages(ctx, page)
    may_add = not allowed(ctx, Operation.ADD_ACTIONS)
    if not page.rows and may_add and st.button(_("New action"), icon=":material/add:", key="list.new"):
        go("new_action")
    if gestures["open"]:
        go("action", sub=gestures["open"]["row"])


def _draw_tabs(ctx: Context, chosen: ActionFilter) -> Tab:
    counts = count_actions(ctx, chosen={tab: replace(chosen, tab=tab) for tab in Tab})
    labels = {Tab.TODO: _("To do"), Tab.DONE: _("Done actions"), Tab.ALL: _("All")}
    found = st.segmented_control(
        _("Tab"), list(Tab), key=_TAB, default=Tab.TODO, required=True, bind="query-params", on_change=_first_page,
        format_func=lambda tab: f"{labels[tab]} ({shown_count(counts[tab])})", label_visibility="collapsed",
    )  # fmt: skip
    return Tab(found) if found in set(Tab) else Tab.TODO


def _page_number() -> int:
    page = st.session_state.get(_PAGE, 1)
    return page if isinstance(page, int) else 1


def _draw_pages(ctx: Context, page: Page) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        total = min(page.total, COUNTED)
        text = plural("{shown} action", "{shown} actions", total, shown=shown_count(page.total))
        st.caption(text)
        if page.pages > 1:
            st.session_state[_PAGE] = page.number
            st.pagination(page.pages, key=_PAGE, bind="query-params")


def shown_count(count: int) -> str:
    """A number, or `10 000+` above what is counted."""
    return f"{formats.number(COUNTED)}+" if count > COUNTED else formats.number(count)


def _empty(tab: Tab, chosen: ActionFilter) -> str:
    if chosen != replace(ActionFilter(), tab=tab):
        return _("No action matches these filters: reset them, or look in another tab.")
    return _("Nothing to do: create an action.") if tab == Tab.TODO else _("No action yet.")
