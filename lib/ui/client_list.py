"""The list of clients, drawn: what one looks for, two filters in the address, the table and its pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lib.domain.clients import RELATIONS, ClientFilter, ClientHit, list_clients
from lib.domain.context import Context
from lib.domain.reference import Reference
from lib.domain.rights import Operation, allowed, looks_at_others
from lib.ui.action_table import Cell, Column, Row, action_table
from lib.ui.client_picker import matched_by
from lib.ui.client_values import person_of, relation_look
from lib.ui.frame import go
from lib.ui.list_address import FLAG, IDS, PAGE, TEXT, Kind, ListAddress
from lib.ui.list_bars import draw_pages_of, page_of, shown_count
from lib.ui.reading import record_id
from lib.ui.words import _, plural, translate

TABLE = "clients.table"
_MINE = "clients.mine"
_MAX_TYPED = 200


def _relations(text: str) -> list[str]:
    return [each for each in text.split(",") if each in RELATIONS]


address = ListAddress(
    "cl_",
    {"text": TEXT, "who": IDS, "relation": Kind([], _relations, ",".join), "all": FLAG, "page": PAGE},
    witness="text",
)


def draw(ctx: Context, reference: Reference) -> None:
    """The whole page."""
    address.follow(_default(ctx))
    may_edit = not allowed(ctx, Operation.EDIT_CLIENTS)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(_("Clients"), anchor=False, width="content")
        st.space("stretch")
        if may_edit and st.button(_("New client"), type="primary", icon=":material/add:", key="clients.new"):
            go("edit_client")
    chosen = _draw_filters(ctx, reference)
    _draw_table(ctx, reference, chosen, may_edit=may_edit)


def _default(ctx: Context) -> dict[str, str]:
    """A salesperson first sees his own clients."""
    is_seller = any(m.person_id == ctx.person.id for m in ctx.reference.memberships) and not looks_at_others(ctx)
    return {"who": str(ctx.person.id)} if is_seller else {}


# ---- filters


def _draw_filters(ctx: Context, reference: Reference) -> ClientFilter:
    def typed() -> None:
        _look_at_all_while_typing(ctx)
        address.first_page()

    text, who, relation, inactive = st.columns([2.6, 1.6, 1.8, 1.1], vertical_alignment="bottom")
    text.text_input(
        _("Client"), key=address.key("text"), icon=":material/search:", type="search", live="300ms", on_change=typed,
        placeholder=_("Name, code, town, contact, e-mail, SIRET or phone"), max_chars=_MAX_TYPED, autocomplete="off",
    )  # fmt: skip
    with who:
        _choose(_("Account manager"), "who", {p.id: p.name for p in reference.people.values()})
    with relation:
        _choose(_("Relation"), "relation", {each: translate(label) for each, label in RELATIONS.items()})
    inactive.toggle(_("Inactive ones too"), key=address.key("all"), on_change=address.first_page)
    return _chosen()


def _look_at_all_while_typing(ctx: Context) -> None:
    """What is looked for may be a colleague's: one's own are kept apart again once the field is empty."""
    text, mine = str(address.value("text")).strip(), [ctx.person.id]
    if text and address.value("who") == mine:
        address.put("who", [])
        st.session_state[_MINE] = True
    elif not text and st.session_state.pop(_MINE, False) and not address.value("who"):
        address.put("who", mine)


def _choose(label: str, name: str, choices: Mapping[Any, str]) -> None:
    address.put(name, [each for each in address.value(name) if each in choices])
    st.multiselect(label, list(choices), key=address.key(name), format_func=lambda each: choices.get(each, ""),
                   placeholder=_("Any"), on_change=address.first_page)  # fmt: skip


def _chosen() -> ClientFilter:
    """What the widgets hold, as a filter; what a browser forged is dropped here, and refused nowhere."""
    return ClientFilter(
        text=str(address.value("text")).strip()[:_MAX_TYPED],
        relations=frozenset(each for each in address.value("relation") if each in RELATIONS),
        manager_ids=frozenset(each for each in address.value("who") if isinstance(each, int)),
        with_inactive=address.value("all") is True,
    )


# ---- the table


def _draw_table(ctx: Context, reference: Reference, chosen: ClientFilter, *, may_edit: bool) -> None:
    page = list_clients(ctx, chosen=chosen, page=page_of(address))
    shown = shown_count(page.total, page.counted)
    caption = plural("{shown} client", "{shown} clients", min(page.total, page.counted), shown=shown)
    draw_pages_of(address, caption, number=page.number, pages=page.pages, key="clients")
    gestures = action_table(
        _columns(with_match=bool(chosen.text)),
        [_row(reference, row) for row in page.rows],
        key=TABLE,
        selection="none",
        empty=_empty(chosen),
    )
    address.write()
    if not page.rows and may_edit and chosen.text:
        label = _("Create “{name}”", name=chosen.text)
        if st.button(label, icon=":material/add:", key="clients.create"):
            go("edit_client", name=chosen.text)
    if gestures["open"]:
        go("client", client=record_id(gestures["open"]["row"]))


def _columns(*, with_match: bool) -> list[Column]:
    return [
        Column("name", _("Client"), width="3fr", opens=True),
        Column("code", _("Code"), width="6rem"),
        Column("town", _("Town"), width="1.6fr"),
        Column("phone", _("Phone"), width="9rem"),
        Column("relation", _("Relation"), width="8.5rem"),
        Column("manager", _("Account manager"), width="2fr"),
        *([Column("by", _("Found by"), width="2.4fr")] if with_match else []),
    ]


def _row(reference: Reference, hit: ClientHit) -> Row:
    client, look = hit.client, relation_look(hit.client.relation)
    part = hit.contact or hit.site
    cells: dict[str, str | Cell] = {
        "name": client.name,
        "code": client.code,
        "town": client.town,
        "phone": client.phone,
        "relation": Cell(translate(look.label), icon=f":material/{look.icon}:", tone=look.tone),
        "manager": person_of(reference, client.account_manager_id),
        "by": Cell(part.name, note=part.phone, hint=matched_by(hit)) if part else "",
    }
    return Row(str(client.id), cells, looks=[] if client.is_active else ["cancelled"])


def _empty(chosen: ClientFilter) -> str:
    if chosen.text:
        return _("No client matches: check the spelling, or try the town or the phone number.")
    if chosen != ClientFilter():
        return _("No client matches these filters: empty the account manager to see everybody's.")
    return _("No client yet: create one.")
