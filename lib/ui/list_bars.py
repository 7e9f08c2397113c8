"""What every list draws around its table: how many rows, the pages, what is active, and what a header sorts by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Literal, TypeVar

import streamlit as st

from lib.domain.clients import open_client
from lib.domain.context import Context
from lib.domain.errors import DomainError
from lib.domain.lists import COUNTED
from lib.ui import formats
from lib.ui.feedback import plain
from lib.ui.list_address import ListAddress
from lib.ui.words import _

S = TypeVar("S", bound=StrEnum)


def shown_count(count: int, counted: int = COUNTED) -> str:
    """A number, or `10 000+` above what is counted."""
    return f"{formats.number(counted)}+" if count > counted else formats.number(count)


def draw_pages(caption: str, *, number: int, pages: int, key: str, turn: Callable[[int], None]) -> None:
    """The count in words, and the numbers of the pages when there are several; `turn` is called with the one chosen."""
    turned = f"{key}.page.{number}"  # one widget a page: Streamlit warns of a default and a value of the session

    def chosen() -> None:
        turn(st.session_state[turned])

    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(caption)
        if pages > 1:
            # Left to itself, a bar of few pages is drawn too narrow for their numbers, and "1 2" becomes "1".
            width: int | Literal["content"] = 152 + 36 * pages if pages < 6 else "content"
            st.pagination(pages, default=number, key=turned, on_change=chosen, width=width)


def draw_pages_of(address: ListAddress, caption: str, *, number: int, pages: int, key: str) -> None:
    """`draw_pages` of a list whose page stands in its address."""
    address.put("page", number)
    draw_pages(caption, number=number, pages=pages, key=key, turn=lambda page: address.put("page", page))


def page_of(address: ListAddress) -> int:
    """The page asked for; the first one when it is none."""
    page = address.value("page")
    return page if isinstance(page, int) else 1


def sort_asked(address: ListAddress, sorts: type[S]) -> tuple[S, bool] | None:
    """The sort asked for and whether it is turned round; None when none is."""
    asked = str(address.value("sort"))
    name = asked.removeprefix("-")
    return (sorts(name), asked.startswith("-")) if name in set(sorts) else None


def sorts_by(address: ListAddress, sorts: type[StrEnum]) -> Callable[[str, bool], None]:
    """What a click on a header does: its column's sort, from the first page; what a browser made up sorts nothing."""

    def sorted_by(column: str, descending: bool) -> None:
        if column in set(sorts):
            address.put("sort", ("-" if descending else "") + column)
            address.first_page()

    return sorted_by


def client_chip(ctx: Context, client_id: int) -> str:
    """The name of the client that a list is narrowed to."""
    try:
        return open_client(ctx, client_id=client_id).client.name
    except DomainError:
        return _("Unknown client")


def draw_chips(address: ListAddress, labels: Mapping[str, str], *, key: str) -> None:
    """What is active, each with the cross that empties it, and the button that resets everything."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        for name, label in labels.items():
            if address.value(name):
                st.button(plain(label), icon=":material/close:", key=f"{key}.chip.{name}", type="tertiary",
                          on_click=address.reset, args=(name,))  # fmt: skip
        st.button(
            _("Reset"), icon=":material/filter_alt_off:", key=f"{key}.reset", type="tertiary", on_click=address.reset
        )
