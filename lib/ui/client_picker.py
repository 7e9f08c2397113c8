"""Choosing a client among thousands: the server searches as one types and proposes the 20 best."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lib.domain.clients import MIN_QUERY, Client, ClientHit, find_clients
from lib.domain.context import Context
from lib.ui.feedback import plain
from lib.ui.words import _


def client_label(client: Client) -> str:
    """`DUPONT SA · Lyon · C00012`."""
    return " · ".join(part for part in (client.name, client.town, client.code) if part)


def matched_by(hit: ClientHit) -> str:
    """The contact or the site that a client was found by, with its phone number; empty when by itself."""
    part = hit.contact or hit.site
    return " ".join(each for each in (part.name, part.phone) if each) if part else ""


def client_picker(ctx: Context, *, key: str, label: str, on_pick: Callable[[int], None]) -> None:
    """A search field with its proposals below it; `on_pick` is called with the client's id, as a callback."""
    text = st.text_input(
        label,
        key=f"{key}.text",
        live="300ms",
        type="search",
        icon=":material/search:",
        placeholder=_("Name, code, town, contact, e-mail, SIRET or phone"),
        help=_("Type 2 letters or digits; the 20 best are proposed."),
        autocomplete="off",
    )
    if not text or len(text.strip()) < MIN_QUERY:
        return
    found = find_clients(ctx, text=text)
    if not found:
        st.caption(_("No client matches: check the spelling, or try the town or the phone number."))
    with st.container(height=240 if len(found) > 6 else "content", gap=None, border=bool(found)):
        for hit in found:
            client, by = hit.client, matched_by(hit)
            st.button(
                plain(client_label(client)) + (f" — {plain(by)}" if by else ""),
                key=f"{key}.pick.{client.id}",
                type="tertiary",
                icon=":material/domain:",
                width="stretch",
                on_click=on_pick,
                args=(client.id,),
            )
