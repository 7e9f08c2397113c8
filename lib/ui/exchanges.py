"""Échanges, on the file of an action: its messages, the one that is open, and the ways to write another (R30)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import streamlit as st

from lib.domain.actions import ActionFile, open_chain
from lib.domain.chain import Chain, owners_of
from lib.domain.context import Context, query
from lib.domain.drafts import Draft, keep_draft, kept_draft, kept_drafts
from lib.domain.exchange_records import delete_exchange
from lib.domain.exchanges import (
    Exchange,
    ExchangeCount,
    ExchangeFile,
    ExchangeGesture,
    ExchangeRow,
    ExchangeState,
    exchange_count,
    exchanges_of_action,
    open_exchange,
    refused,
)
from lib.domain.inbox import detach_from_action
from lib.domain.outbox import Sender, mail_state, resend_exchange, retract_exchange
from lib.domain.rights import Operation, allowed
from lib.ui import exchange_panel, feedback, formats, frame, session
from lib.ui.action_table import action_table
from lib.ui.exchange_modes import MODES, Mode, draft_address, draft_form, taken_back
from lib.ui.exchange_rows import GESTURES, REMINDER_ICON, exchange_columns, exchange_rows, subject_of
from lib.ui.kept_choice import keep, kept
from lib.ui.reading import record_id
from lib.ui.words import _, translate

FORM = "exchanges"
POLL_S = 4
_OPEN = "exchange"
_WANTED, _ASKED = "exchanges.wanted", "exchanges.asked"


@dataclass(frozen=True, slots=True)
class Tab:
    """What the tab shows; only its label's count is read while it is closed."""

    count: ExchangeCount
    rows: Sequence[ExchangeRow] = ()
    drafts: Sequence[Draft] = ()

    @property
    def label(self) -> str:
        """The tab's name with the number of messages, in red when one of them is a reminder (relance)."""
        label = _("Exchanges {count}", count=self.count.count) if self.count.count else _("Exchanges")
        return f":red[:material/{REMINDER_ICON}: {label}]" if self.count.has_reminder else label


@query
def read(ctx: Context, chain: Chain, *, is_open: bool) -> Tab:
    """What the tab needs now."""
    if not is_open:
        return Tab(exchange_count(ctx, chain=chain))
    rows, reminders = exchanges_of_action(ctx, chain=chain), ctx.reference.reminder_kind_ids
    count = ExchangeCount(len(rows), any(row.exchange.kind_id in reminders for row in rows))
    return Tab(count, rows, kept_drafts(ctx))


def draw(ctx: Context, file: ActionFile, tab: Tab) -> None:
    """The tab: what may be written, what was being written, the messages, and the one that is open."""
    sender, rows = session.mail_sender(), tab.rows
    _carry_out(ctx, file)
    _draw_buttons(ctx, file, sender)
    _draw_drafts(ctx, file, tab)
    if any(row.exchange.state == ExchangeState.QUEUED for row in rows):
        _draw_again_and_again(file.chain.action.id)
    else:
        _draw_list(ctx, file.chain, rows)


def _draw_buttons(ctx: Context, file: ActionFile, sender: Sender) -> None:
    """The three ways to write; a greyed one says why."""
    recording = allowed(ctx, Operation.ADD_EXCHANGES, owners_of(file.chain.action, *file.chain.sub_actions))
    with st.container(horizontal=True):
        for mode in (Mode.RECEIVED, Mode.SENT, Mode.EMAIL):
            look, why = MODES[mode], mail_state(ctx, sender, file.chain) if mode == Mode.EMAIL else recording
            if st.button(
                translate(look.label), icon=f":material/{look.icon}:", key=f"exchanges.new.{mode}",
                disabled=why is not None, help=translate(why) if why else None,
            ):  # fmt: skip
                frame.go("exchange", sub=file.sub.id, mode=mode)
    if sender.missing and not recording:
        st.caption(f":material/info: {feedback.plain(translate(sender.missing))}")


def _draw_drafts(ctx: Context, file: ActionFile, tab: Tab) -> None:
    """What this person was writing about the action and hasn't saved: offered again."""
    ids = {row.exchange.id for row in tab.rows}
    for draft in tab.drafts:
        place = draft_address(draft)
        if place is None or draft.record_id not in (ids if "action" not in place else {file.chain.action.id}):
            continue
        address: dict[str, Any] = {**place, "sub": file.sub.id}
        frame.link("exchange", _draft_label(ctx, draft), icon=":material/restore_page:", **address)


def _draft_label(ctx: Context, draft: Draft) -> str:
    subject = str(draft.content.get("subject") or "")
    local = draft.saved_at.astimezone(ctx.zone) if draft.saved_at else ctx.local_now
    when = formats.when(local.date(), local.time(), today=ctx.today)
    if subject:
        return _("Go on with your draft “{subject}” ({when})", subject=feedback.plain(subject), when=when)
    return _("Go on with your draft ({when})", when=when)


# ---- the list


@st.fragment(run_every=POLL_S)
def _draw_again_and_again(action_id: int) -> None:
    """The list while an e-mail waits to leave: its state changes on its own."""
    ctx = session.current_context() or frame.signed_out()
    if _WANTED in st.session_state or _is_done():
        st.rerun()
    chain = open_chain(ctx, action_id=action_id)
    _draw_list(ctx, chain, exchanges_of_action(ctx, chain=chain))


def _draw_list(ctx: Context, chain: Chain, rows: Sequence[ExchangeRow]) -> None:
    owners = owners_of(chain.action, *chain.sub_actions)
    menus = {
        row.exchange.id: [each for each in GESTURES if not refused(ctx, each, row.exchange, owners)] for row in rows
    }
    versions = {str(row.exchange.id): row.exchange.version for row in rows}

    def opened(row: str) -> None:
        keep(_OPEN, row if record_id(row) else "")

    def chose(row: str, choice: str) -> None:
        if row in versions and choice in set(ExchangeGesture):
            ask(int(row), versions[row], ExchangeGesture(choice))

    problem = st.container()  # reserved: the table below is never drawn anew by what opens above it
    current = kept(_OPEN)
    action_table(
        exchange_columns(), exchange_rows(ctx, rows, menus=menus), key="exchange_table", selection="none",
        menu={each: (translate(label), f":material/{icon}:") for each, (label, icon) in GESTURES.items()},
        current=current, on_open=opened, on_menu=chose, max_height="50vh",
        empty=_("No message yet: record one, or send an e-mail."),
    )  # fmt: skip
    with problem:
        feedback.show_problem(FORM)
        _draw_question(rows)
    if current in versions:
        file = open_exchange(ctx, exchange_id=int(current))
        exchange_panel.draw(ctx, file, menus[file.exchange.id], on_gesture=ask, on_close=_close)


def _close() -> None:
    keep(_OPEN, "")


# ---- gestures


_AT_ONCE = {ExchangeGesture.RESEND, ExchangeGesture.RETRACT, ExchangeGesture.DETACH}


def ask(exchange_id: int, version: int, gesture: ExchangeGesture) -> None:
    """From a callback: carry out a gesture on a message, or remember that its page or its question is asked for."""
    feedback.forget(FORM)
    st.session_state.pop(_ASKED, None)
    now = session.current_context() if gesture in _AT_ONCE else None
    match gesture:
        case ExchangeGesture.ANSWER | ExchangeGesture.EDIT:
            st.session_state[_WANTED] = (exchange_id, gesture)
        case ExchangeGesture.DELETE:
            st.session_state[_ASKED] = (exchange_id, version)
        case ExchangeGesture.DETACH:
            if now:
                feedback.attempt(FORM, lambda: detach_from_action(now, exchange_id=exchange_id, version=version))
        case ExchangeGesture.RESEND | ExchangeGesture.RETRACT:
            sender = session.mail_sender()
            if now and gesture == ExchangeGesture.RESEND:
                feedback.attempt(
                    FORM, lambda: resend_exchange(now, exchange_id=exchange_id, version=version, sender=sender)
                )
            elif now:
                feedback.attempt(FORM, lambda: retract_exchange(now, exchange_id=exchange_id, version=version))


def _is_done() -> bool:
    last = feedback.outcome(FORM)
    return last is not None and last.worked


def _carry_out(ctx: Context, file: ActionFile) -> None:
    """What a callback asked for: leave for the form, which has what was taken back as its draft; or say it is done."""
    if wanted := st.session_state.pop(_WANTED, None):
        exchange_id, gesture = wanted
        name = "reply" if gesture == ExchangeGesture.ANSWER else "exchange"
        frame.go("exchange", sub=file.sub.id, **{name: exchange_id})
    if not _is_done():
        return
    message = getattr(feedback.outcome(FORM), "value", None)
    feedback.forget(FORM)
    if isinstance(message, ExchangeFile):
        _write_again(ctx, file, message)
    was_asked = st.session_state.pop(_ASKED, None) is not None
    text = _("The message is deleted.") if was_asked else _("The message waits to leave again.")
    if isinstance(message, Exchange):
        text = _("The message is among those to attach again.")
        frame.forget_inbox_count()
    st.toast(text, icon=":material/check_circle:")


def _write_again(ctx: Context, file: ActionFile, message: ExchangeFile) -> NoReturn:
    """What was taken back is a draft again, before what the same form's draft held; its form opens."""
    rows = exchanges_of_action(ctx, chain=file.chain) if message.exchange.in_reply_to else []
    answered = next((row for row in rows if row.exchange.message_id == message.exchange.in_reply_to), None)
    mode, record_id = (Mode.REPLY, answered.exchange.id) if answered else (Mode.EMAIL, file.chain.action.id)
    content, earlier = taken_back(message), kept_draft(ctx, form=draft_form(mode), record_id=record_id)
    if earlier and earlier.content.get("body"):
        content["body"] = f"{content['body']}<hr>{earlier.content['body']}"
    keep_draft(ctx, form=draft_form(mode), record_id=record_id, content=content, version=0)
    feedback.flash(_("The message hasn't left: it is a draft again."))
    address: dict[str, Any] = {"reply": record_id} if answered else {"mode": mode}
    frame.go("exchange", sub=file.sub.id, **address)


def _draw_question(rows: Sequence[ExchangeRow]) -> None:
    """The question before a message is deleted."""
    asked = st.session_state.get(_ASKED)
    row = next((row for row in rows if asked and row.exchange.id == asked[0]), None)
    if row is None or asked is None:
        return

    def delete() -> None:
        if now := session.current_context():
            feedback.attempt(FORM, lambda: delete_exchange(now, exchange_id=asked[0], version=asked[1]))

    with st.container(border=True):
        told = _("Delete the message “{subject}”? The journal keeps it, the action its documents.",
                 subject=subject_of(row.exchange))  # fmt: skip
        st.markdown(feedback.bold(told))
        with st.container(horizontal=True):
            st.button(_("Delete for good"), type="primary", icon=":material/delete_forever:", on_click=delete,
                      key="save_delete_exchange")  # fmt: skip
            st.button(_("Back"), key="exchanges.back", on_click=_forget_question)


def _forget_question() -> None:
    feedback.forget(FORM)
    st.session_state.pop(_ASKED, None)
