"""One message, open: who wrote to whom, when, how it stands, its text, what it repeats, its documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from lib.domain.context import Context
from lib.domain.exchanges import DIRECTIONS, Direction, ExchangeFile, ExchangeGesture, ExchangeState
from lib.ui import formats
from lib.ui.exchange_rows import (
    DIRECTION_ICONS,
    GESTURES,
    STATE_LOOKS,
    correspondent_of,
    kind_cell,
    subject_of,
    waiting_text,
)
from lib.ui.feedback import plain
from lib.ui.rich_text import show_rich_text
from lib.ui.rich_text.stored import FILES
from lib.ui.words import _, translate

Asked = Callable[[int, int, ExchangeGesture], None]


def draw(
    ctx: Context,
    file: ExchangeFile,
    gestures: Sequence[ExchangeGesture],
    *,
    on_gesture: Asked,
    on_close: Callable[[], None],
) -> None:
    """The message whole, with the buttons of what can be done with it."""
    with st.container(border=True, key="exchange.panel"):
        draw_message(ctx, file, on_close=on_close)
        if gestures:
            with st.container(horizontal=True):
                for gesture in gestures:
                    label, icon = GESTURES[gesture]
                    st.button(translate(label), icon=f":material/{icon}:", key=f"exchange.do.{gesture}",
                              on_click=on_gesture, args=(file.exchange.id, file.exchange.version, gesture))  # fmt: skip


def draw_message(ctx: Context, file: ExchangeFile, *, on_close: Callable[[], None]) -> None:
    """What it is, who wrote to whom, the text, what it repeats folded, and the documents."""
    exchange_id = file.exchange.id
    with st.container(horizontal=True, vertical_alignment="center"):
        _draw_title(ctx, file)
        st.space("stretch")
        st.button(_("Close"), key="exchange.close", icon=":material/close:", type="tertiary", on_click=on_close)
    _draw_people(ctx, file)
    if told := waiting_text(ctx, file.row):
        state = file.exchange.state
        tell = st.error if state == ExchangeState.FAILED else st.warning
        tell(plain(told), icon=f":material/{STATE_LOOKS[state].icon}:")
    if file.body_html:
        show_rich_text(file.body_html, key=f"exchange.body.{exchange_id}")
    else:
        st.caption(_("No text."))
    if file.quoted_html:
        with st.expander(_("Quoted text"), icon=":material/format_quote:"):
            show_rich_text(file.quoted_html, key=f"exchange.quoted.{exchange_id}")
    _draw_documents(file)


def _draw_documents(file: ExchangeFile) -> None:
    """Each one downloads by a click; the server's route checks the right again."""
    if file.documents:
        with st.container(horizontal=True):
            for each in file.documents:
                size = formats.file_size(each.size_bytes)
                st.markdown(f":material/attach_file: [{plain(each.name)}]({FILES}{each.id}) ({plain(size)})",
                            width="content")  # fmt: skip


def _draw_title(ctx: Context, file: ExchangeFile) -> None:
    exchange = file.exchange
    state, kind = STATE_LOOKS[exchange.state], kind_cell(ctx, exchange)
    icon, direction = DIRECTION_ICONS[exchange.direction], translate(DIRECTIONS[exchange.direction])
    st.markdown(f":material/{icon}: **{plain(subject_of(exchange))}**", help=direction, width="content")
    if kind.text:
        st.badge(plain(kind.text), icon=kind.icon or None, color="red" if kind.tone else "gray")
    st.badge(translate(state.label), icon=f":material/{state.icon}:", color=state.tone)  # type: ignore[arg-type]


def _draw_people(ctx: Context, file: ExchangeFile) -> None:
    exchange, local = file.exchange, file.exchange.at.astimezone(ctx.zone)
    person = ctx.reference.people.get(exchange.person_id or 0)
    them, address = correspondent_of(file.row), exchange.correspondent_email
    them = f"{them} <{address}>" if address and address != them else them
    us = person.name if person else _("us")
    sender, reader = (them, us) if exchange.direction == Direction.RECEIVED else (us, them)
    parts = [_("From {sender} to {reader}", sender=sender, reader=reader)]
    if exchange.cc:
        parts.append(_("Copy: {addresses}", addresses=exchange.cc))
    parts.append(formats.full(local.date(), local.time()))
    st.caption(" · ".join(plain(part) for part in parts))
    if exchange.is_automatic:
        st.caption(":material/smart_toy: " + _("A machine wrote this message: it isn't answered."))
    if exchange.is_sender_unknown:
        st.warning(_("Unknown sender: this address is none of the client's. Check who writes before you answer."),
                   icon=":material/person_alert:")  # fmt: skip
    for remark in exchange.not_kept:
        st.caption(":material/warning: " + plain(translate(remark)))
