"""The list of actions, drawn: tabs with counts, filters in the address, chips of what is active, table and pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import streamlit as st

from lib.domain.chain import Status
from lib.domain.context import Context
from lib.domain.lists import ActionFilter, SortBy, Tab, count_actions, counted_to, list_actions
from lib.domain.reference import Reference
from lib.domain.rights import Operation, allowed, looks_at_others
from lib.ui import bulk_bar, gesture_dialogs, operations
from lib.ui.action_rows import list_columns, list_rows, menu_labels
from lib.ui.action_table import action_table
from lib.ui.client_picker import client_picker
from lib.ui.frame import go
from lib.ui.list_address import actions as address
from lib.ui.list_bars import client_chip, draw_chips, draw_pages_of, page_of, shown_count, sort_asked, sorts_by
from lib.ui.reading import record_id
from lib.ui.statuses import STATUSES, disabled_mark
from lib.ui.words import _, plural, translate

TABLE = "list.table"
"""The table's key: what is ticked in it is known by it."""


def draw_filters(ctx: Context, reference: Reference) -> ActionFilter:
    """One line of filters, the rest folded; return what they keep."""
    address.follow(_default(ctx, reference))
    sellers = {m.person_id for m in reference.memberships}
    people = {p.id: p.name for p in reference.people.values() if p.id in sellers}
    text, who, unit, nature, late, more = st.columns([1.7, 1.6, 1.4, 1.4, 1.15, 1.6], vertical_alignment="bottom")
    text.text_input(_("Text"), key=address.key("text"), icon=":material/search:", type="search", live="500ms",
                    placeholder=_("Number, client, words"), on_change=address.first_page)  # fmt: skip
    with who:
        _choose(_("Salesperson"), "who", people)
    with unit:
        _choose(_("Org. unit"), "unit", {u.id: u.name for u in reference.units.values() if u.kind == "sales"})
    with nature:
        _choose(_("Action"), "nature", {n.id: disabled_mark(n, n.label) for n in reference.natures.values()})
    late.toggle(_("Late"), key=address.key("late"), on_change=address.first_page)
    with more.popover(_("More filters"), icon=":material/tune:", key="list.more", width="stretch"):
        _draw_more(ctx, reference)
    chosen = _chosen(ctx)
    _draw_chips(ctx, chosen)
    return chosen


def _default(ctx: Context, reference: Reference) -> dict[str, str]:
    """A salesperson first sees his own actions."""
    is_seller = any(m.person_id == ctx.person.id for m in reference.memberships) and not looks_at_others(ctx)
    return {"who": str(ctx.person.id)} if is_seller else {}


def _choose(label: str, name: str, choices: Mapping[Any, str]) -> None:
    address.put(name, [each for each in address.value(name) if each in choices])
    st.multiselect(label, list(choices), key=address.key(name), format_func=lambda each: choices.get(each, ""),
                   placeholder=_("Any"), on_change=address.first_page)  # fmt: skip


def _draw_more(ctx: Context, reference: Reference) -> None:
    domains = {d.id: disabled_mark(d, d.label) for d in reference.domains.values()}
    reasons = {r.id: disabled_mark(r, r.label) for r in reference.reasons.values()}
    _choose(_("Business activity"), "domain", domains)
    _choose(_("Action reason"), "reason", reasons)
    _choose(_("Status"), "status", {str(s): translate(look.label) for s, look in STATUSES.items()})
    with st.container(horizontal=True):
        for label, name in ((_("From"), "from"), (_("To"), "to")):
            st.date_input(label, None, key=address.key(name), format="DD/MM/YYYY", on_change=address.first_page)
    st.toggle(_("Waiting in a unit's pool"), key=address.key("pool"), on_change=address.first_page)
    st.toggle(_("Report by a colleague"), key=address.key("colleague"), on_change=address.first_page)
    client_picker(ctx, key="list.client", label=_("Client"), on_pick=_pick_client)


def _pick_client(client_id: int) -> None:
    address.put("client", client_id)
    st.session_state.pop("list.client.text", None)
    address.first_page()


def _chosen(ctx: Context) -> ActionFilter:
    """What the widgets hold, as a filter; what a browser forged is dropped here, and refused nowhere."""

    def ids(name: str) -> frozenset[int]:
        return frozenset(each for each in address.value(name) if isinstance(each, int))

    start, end = address.value("from"), address.value("to")
    return ActionFilter(
        assignee_ids=ids("who"),
        org_unit_ids=ids("unit"),
        client_id=address.value("client"),
        domain_ids=ids("domain"),
        nature_ids=ids("nature"),
        reason_ids=ids("reason"),
        statuses=frozenset(Status(each) for each in address.value("status") if each in set(Status)),
        from_date=start if isinstance(start, date) else None,
        to_date=end if isinstance(end, date) else None,
        late_at=ctx.local_now if address.value("late") is True else None,
        is_waiting=address.value("pool") is True,
        is_by_colleague=address.value("colleague") is True,
        text=str(address.value("text")).strip()[:200],
    )


def _draw_chips(ctx: Context, chosen: ActionFilter) -> None:
    """What is active and folded away, and the button that resets everything."""
    if chosen == ActionFilter():
        return
    labels = {
        "domain": _("Business activity"),
        "reason": _("Action reason"),
        "status": _("Status"),
        "from": _("From"),
        "to": _("To"),
        "pool": _("Waiting in a unit's pool"),
        "colleague": _("Report by a colleague"),
    }
    if chosen.client_id:
        labels["client"] = client_chip(ctx, chosen.client_id)
    draw_chips(address, labels, key="list")


# ---- the table


def draw_table(ctx: Context, reference: Reference, chosen: ActionFilter) -> None:
    """Tabs with their counts, one page of rows, and the pages."""
    tab = _draw_tabs(ctx, chosen)
    chosen = replace(chosen, tab=tab)
    sort, descending = _sort(tab)
    page = list_actions(ctx, chosen=chosen, sort=sort, descending=descending, page=page_of(address))
    total = min(page.total, page.counted)
    caption = plural("{shown} action", "{shown} actions", total, shown=shown_count(page.total, page.counted))
    draw_pages_of(address, caption, number=page.number, pages=page.pages, key="list")
    operations.draw_just_done(ctx)
    bulk_bar.draw(ctx, TABLE)

    def chose(row: str, choice: str) -> None:
        if sub_action_id := record_id(row):
            gesture_dialogs.ask(sub_action_id, choice)

    gestures = action_table(
        list_columns(), list_rows(ctx, reference, page.rows), key=TABLE, menu=menu_labels(),
        selection="multi" if bulk_bar.may_tick(ctx) else "none",
        sort=(str(sort), descending), on_menu=chose, on_sort=sorts_by(address, SortBy), empty=_empty(tab, chosen),
    )  # fmt: skip
    address.write()
    may_add = not allowed(ctx, Operation.ADD_ACTIONS)
    if not page.rows and may_add and st.button(_("New action"), icon=":material/add:", key="list.new"):
        go("new_action")
    if gestures["open"]:
        go("action", sub=record_id(gestures["open"]["row"]))


def _draw_tabs(ctx: Context, chosen: ActionFilter) -> Tab:
    counts = count_actions(ctx, chosen={tab: replace(chosen, tab=tab) for tab in Tab})
    labels = {Tab.TODO: _("To do"), Tab.DONE: _("Done actions"), Tab.ALL: _("All")}
    found = st.segmented_control(
        _("Tab"), list(Tab), key=address.key("tab"), required=True, on_change=address.first_page,
        format_func=lambda tab: f"{labels[tab]} ({shown_count(counts[tab], counted_to(chosen))})",
        label_visibility="collapsed",
    )  # fmt: skip
    return Tab(found) if found in set(Tab) else Tab.TODO


def _sort(tab: Tab) -> tuple[SortBy, bool]:
    """The sort asked for; else by date: what comes first on top of what is to do, the newest on top of the rest."""
    return sort_asked(address, SortBy) or (SortBy.DATE, tab != Tab.TODO)


def _empty(tab: Tab, chosen: ActionFilter) -> str:
    if chosen != replace(ActionFilter(), tab=tab):
        return _("No action matches these filters: reset them, or look in another tab.")
    return _("Nothing to do: create an action.") if tab == Tab.TODO else _("No action yet.")
