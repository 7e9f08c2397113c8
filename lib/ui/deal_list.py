"""The list of deals, drawn: filters in the address, what stands in each stage, the table, the pages, and the files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import copy_context
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st

from lib.domain.catalog import DealOutcome
from lib.domain.context import Context
from lib.domain.deal_lists import (
    DealFilter,
    DealPage,
    DealRow,
    DealSort,
    all_deals,
    list_deals,
    sum_deals,
    weighted_eur,
)
from lib.domain.deals import is_overdue, outcome_of, parsed_amount, shown_deal_number
from lib.domain.errors import Invalid
from lib.domain.lists import COUNTED
from lib.domain.reference import Reference
from lib.domain.rights import Operation, allowed, looks_at_others
from lib.ui import exports, formats
from lib.ui.action_table import Cell, Column, Look, Row, action_table
from lib.ui.client_picker import client_picker
from lib.ui.deal_values import look_of, owner_name, stage_name
from lib.ui.feedback import plain
from lib.ui.frame import go
from lib.ui.list_address import CLIENT, DATE, IDS, PAGE, TEXT, Kind, ListAddress, sort_of
from lib.ui.list_bars import client_chip, draw_chips, draw_pages_of, page_of, shown_count, sort_asked, sorts_by
from lib.ui.reading import record_id
from lib.ui.statuses import OUTCOMES, disabled_mark
from lib.ui.words import _, plural, translate

TABLE = "deals.table"
_ALL = "all"
_TABS = (*DealOutcome, _ALL)


def _tab(text: str) -> str:
    if text not in _TABS:
        raise ValueError(text)
    return text


address = ListAddress(
    "d_",
    {
        "tab": Kind(str(DealOutcome.OPEN), _tab, str), "who": IDS, "unit": IDS, "stage": IDS, "client": CLIENT,
        "min": TEXT, "max": TEXT, "from": DATE, "to": DATE, "sort": sort_of(DealSort), "page": PAGE,
    },
    witness="tab",
)  # fmt: skip


def draw(ctx: Context, reference: Reference) -> None:
    """The whole page."""
    address.follow(_default(ctx))
    chosen = _draw_filters(ctx, reference, _draw_title(ctx))
    _draw_tiles(ctx, reference, chosen)
    _draw_table(ctx, reference, chosen)


def _default(ctx: Context) -> dict[str, str]:
    """A salesperson first sees his own deals."""
    is_seller = any(m.person_id == ctx.person.id for m in ctx.reference.memberships) and not looks_at_others(ctx)
    return {"who": str(ctx.person.id)} if is_seller else {}


def _draw_title(ctx: Context) -> object:
    """The title, the tabs beside it, and the way to a new deal; returns the tab."""
    labels = {each: translate(look.label) for each, look in OUTCOMES.items()} | {_ALL: _("All")}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(_("Deals"), anchor=False, width="content")
        found = st.segmented_control(
            _("Tab"), list(_TABS), key=address.key("tab"), required=True, on_change=address.first_page,
            format_func=lambda each: labels.get(each, ""), label_visibility="collapsed",
        )  # fmt: skip
        st.space("stretch")
        if not allowed(ctx, Operation.ADD_DEALS) and st.button(
            _("New deal"), type="primary", icon=":material/add:", key="deals.new"
        ):
            client_id = address.value("client")
            go("new_deal", **({"client": client_id} if client_id else {}))
    return found


# ---- filters


def _draw_filters(ctx: Context, reference: Reference, tab: object) -> DealFilter:
    """One line of filters, the rest folded; return what they keep."""
    sellers = {m.person_id for m in reference.memberships}
    who, unit, stage, more = st.columns([1.6, 1.6, 1.6, 1.2], vertical_alignment="bottom")
    with who:
        _choose(_("Salesperson"), "who", {p.id: p.name for p in reference.people.values() if p.id in sellers})
    with unit:
        _choose(_("Org. unit"), "unit", {u.id: u.name for u in reference.units.values() if u.kind == "sales"})
    with stage:
        _choose(_("Stage"), "stage", {s.id: disabled_mark(s, s.label) for s in reference.deal_stages.values()})
    with more.popover(_("More filters"), icon=":material/tune:", key="deals.more", width="stretch"):
        _draw_more(ctx)
    chosen = _chosen(tab)
    _draw_chips(ctx, chosen)
    return chosen


def _choose(label: str, name: str, choices: Mapping[Any, str]) -> None:
    address.put(name, [each for each in address.value(name) if each in choices])
    st.multiselect(label, list(choices), key=address.key(name), format_func=lambda each: choices.get(each, ""),
                   placeholder=_("Any"), on_change=address.first_page)  # fmt: skip


def _draw_more(ctx: Context) -> None:
    with st.container(horizontal=True):
        for label, name in ((_("Amount from (€)"), "min"), (_("to (€)"), "max")):
            with st.container(gap="xsmall"):
                st.text_input(label, key=address.key(name), max_chars=30, on_change=address.first_page)
                if _amount(name) is None and str(address.value(name)).strip():
                    told = _("Amount not understood.")
                    st.markdown(f":red[:material/error: {told}]")
    with st.container(horizontal=True):
        for label, name in ((_("Expected from"), "from"), (_("Expected to"), "to")):
            st.date_input(label, None, key=address.key(name), format="DD/MM/YYYY", on_change=address.first_page)
    client_picker(ctx, key="deals.client", label=_("Client"), on_pick=_pick_client)


def _pick_client(client_id: int) -> None:
    address.put("client", client_id)
    st.session_state.pop("deals.client.text", None)
    address.first_page()


def _amount(name: str) -> Decimal | None:
    with suppress(Invalid):
        return parsed_amount(address.value(name))
    return None


def _chosen(tab: object) -> DealFilter:
    """What the widgets hold, as a filter; what a browser forged is dropped here, and refused nowhere."""

    def ids(name: str) -> frozenset[int]:
        return frozenset(each for each in address.value(name) if isinstance(each, int))

    start, end = address.value("from"), address.value("to")
    return DealFilter(
        outcome=next((each for each in DealOutcome if each == tab), None),
        stage_ids=ids("stage"),
        owner_ids=ids("who"),
        org_unit_ids=ids("unit"),
        client_id=address.value("client"),
        amount_from=_amount("min"),
        amount_to=_amount("max"),
        expected_from=start if isinstance(start, date) else None,
        expected_to=end if isinstance(end, date) else None,
    )


def _draw_chips(ctx: Context, chosen: DealFilter) -> None:
    """What is active and folded away, and the button that resets everything."""
    if replace(chosen, outcome=None) == DealFilter():
        return
    labels = {
        "min": _("Amount from (€)"), "max": _("to (€)"), "from": _("Expected from"), "to": _("Expected to"),
    }  # fmt: skip
    if chosen.client_id:
        labels["client"] = client_chip(ctx, chosen.client_id)
    draw_chips(address, labels, key="deals")


# ---- what stands in each stage


def _draw_tiles(ctx: Context, reference: Reference, chosen: DealFilter) -> None:
    """A tile for each stage that holds something; a click keeps that stage only, another one all of them again."""
    sums = sum_deals(ctx, chosen=replace(chosen, stage_ids=frozenset()))
    if not sums:
        return
    with st.grid(max(4, min(len(sums), 6)), min_column_width=150):
        for each in sums:
            is_kept = chosen.stage_ids == {each.stage_id}
            count = plural("{shown} deal", "{shown} deals", each.count, shown=formats.number(each.count))
            weighted = formats.euros(weighted_eur(each, reference.deal_stages))
            amount, stage = formats.euros(each.amount_eur), plain(stage_name(reference, each.stage_id))
            st.button(
                f"**{stage}** · {count}  \n{amount}", key=f"deals.tile.{each.stage_id}", width="stretch",
                icon=":material/filter_alt:" if is_kept else None, help=_("Weighted: {amount}", amount=weighted),
                on_click=_keep_stage, args=(None if is_kept else each.stage_id,),
            )  # fmt: skip
    if chosen.outcome in (DealOutcome.WON, DealOutcome.LOST):
        return  # nothing is hoped for any more
    whole = sum((each.amount_eur for each in sums), Decimal())
    weighted_sum = sum((weighted_eur(each, reference.deal_stages) for each in sums), Decimal())
    told = _("Together {amount}, weighted by the probability of their stages {weighted}.",
             amount=formats.euros(whole), weighted=formats.euros(weighted_sum))  # fmt: skip
    st.caption(told)


def _keep_stage(stage_id: int | None) -> None:
    address.put("stage", [stage_id] if stage_id else [])
    address.first_page()


# ---- the table


def _sort() -> tuple[DealSort, bool]:
    """The sort asked for; else by expected date, the first to come on top."""
    return sort_asked(address, DealSort) or (DealSort.EXPECTED, False)


def _draw_table(ctx: Context, reference: Reference, chosen: DealFilter) -> None:
    sort, descending = _sort()
    page = list_deals(ctx, chosen=chosen, sort=sort, descending=descending, page=page_of(address))
    caption = plural("{shown} deal", "{shown} deals", min(page.total, COUNTED), shown=shown_count(page.total))
    draw_pages_of(address, caption, number=page.number, pages=page.pages, key="deals")
    gestures = action_table(
        _columns(), [_row(ctx, reference, row) for row in page.rows], key=TABLE, selection="none",
        sort=(str(sort), descending), on_sort=sorts_by(address, DealSort), empty=_empty(chosen),
    )  # fmt: skip
    address.write()
    _draw_exports(ctx, reference, chosen, page)
    if gestures["open"]:
        go("deal", deal=record_id(gestures["open"]["row"]))


def _columns() -> list[Column]:
    return [
        Column("number", _("No."), width="5rem", sortable=True, opens=True),
        Column("title", _("Title"), width="3fr"),
        Column("client", _("Client"), width="2.6fr", sortable=True),
        Column("stage", _("Stage"), width="8.6rem"),
        Column("amount", _("Amount (€)"), width="6.5rem", sortable=True, align="end"),
        Column("expected", _("Expected date"), width="8.8rem", sortable=True, marks=("late",)),
        Column("owner", _("Salesperson"), width="2fr"),
    ]


def _row(ctx: Context, reference: Reference, row: DealRow) -> Row:
    deal, look = row.deal, look_of(reference, row.deal)
    unit, outcome = reference.units.get(deal.org_unit_id or 0), outcome_of(deal, reference.deal_stages)
    looks: dict[Look, bool] = {
        "late": is_overdue(deal, reference.deal_stages, today=ctx.today),
        "done": outcome == DealOutcome.WON,
        "cancelled": outcome == DealOutcome.LOST,
    }
    cells: dict[str, str | Cell] = {
        "number": shown_deal_number(deal.number),
        "title": deal.title,
        "client": Cell(row.client_name, note=row.client_town),
        "stage": Cell(stage_name(reference, deal.stage_id), icon=f":material/{look.icon}:", tone=look.tone),
        "amount": formats.euros(deal.amount_eur),
        "expected": Cell(formats.when(deal.expected_on, today=ctx.today), hint=formats.full(deal.expected_on)),
        "owner": Cell(owner_name(reference, deal), note=unit.name if unit else ""),
    }
    return Row(str(deal.id), cells, looks=[name for name, is_so in looks.items() if is_so])


def _empty(chosen: DealFilter) -> str:
    if replace(chosen, outcome=None) != DealFilter():
        return _("No deal matches these filters: reset them, or look in another tab.")
    return _("No deal here yet: create one, or let a report lead to one.")


# ---- the same as files


def _draw_exports(ctx: Context, reference: Reference, chosen: DealFilter, page: DealPage) -> None:
    """Files, made when they are asked for: as many rows as a list counts."""
    if not page.rows:
        return
    here = copy_context()  # a file is made later, in another thread: its words are those of this page all the same
    sort, descending = _sort()

    def later(make: Callable[[], bytes]) -> Callable[[], bytes]:
        return lambda: here.copy().run(make)

    def table() -> exports.Table:
        return _table_of(reference, all_deals(ctx, chosen=chosen, sort=sort, descending=descending))

    files: tuple[tuple[str, str, str, str, Callable[[], bytes]], ...] = (
        ("XLSX", "table_view", "xlsx", exports.XLSX, lambda: exports.to_xlsx([table()])),
        ("CSV", "csv", "csv", exports.CSV, lambda: exports.to_csv(table())),
    )
    name = _("deals-{day}", day=ctx.today.isoformat())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_("These deals as a file:"), width="content")
        for label, icon, ending, mime, make in files:
            st.download_button(label, later(make), f"{name}.{ending}", mime, key=f"deals.export.{label}",
                               on_click="ignore", icon=f":material/{icon}:")  # fmt: skip
        if page.total > COUNTED:
            st.caption(_("The first {count} only: narrow the filters.", count=formats.number(COUNTED)))


def _table_of(reference: Reference, rows: tuple[DealRow, ...]) -> exports.Table:
    kind = exports.Kind
    columns = [
        exports.Column(_("No.")), exports.Column(_("Title")), exports.Column(_("Client")), exports.Column(_("Town")),
        exports.Column(_("Stage")), exports.Column(_("Amount (€)"), kind.AMOUNT),
        exports.Column(_("Expected date"), kind.DATE), exports.Column(_("Closed on"), kind.DATE),
        exports.Column(_("Salesperson")), exports.Column(_("Org. unit")), exports.Column(_("Reason of the loss")),
    ]  # fmt: skip
    return exports.Table(_("Deals"), columns, [_values(reference, row) for row in rows])


def _values(reference: Reference, row: DealRow) -> list[exports.Value]:
    deal, unit = row.deal, reference.units.get(row.deal.org_unit_id or 0)
    amount = None if deal.amount_eur is None else float(deal.amount_eur)
    return [
        shown_deal_number(deal.number), deal.title, row.client_name, row.client_town,
        stage_name(reference, deal.stage_id), amount, deal.expected_on, deal.closed_on, owner_name(reference, deal),
        unit.name if unit else "", deal.lost_reason,
    ]  # fmt: skip
