"""À rattacher, drawn: received messages without an action, and what to do with the one that is open (R30)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from lib.domain import inbox, richtext
from lib.domain.actions import open_action
from lib.domain.chain import shown_number
from lib.domain.clients import open_client
from lib.domain.context import Context, query
from lib.domain.exchanges import ExchangeFile, open_exchange
from lib.domain.inbox import InboxPage, InboxRow
from lib.domain.lists import ActionFilter, ActionRow, Tab, list_actions
from lib.domain.rights import Operation, allowed
from lib.ui import exchange_panel, feedback, formats, frame, session
from lib.ui.action_table import Cell, Column, Row, action_table
from lib.ui.client_picker import client_picker
from lib.ui.exchange_rows import NOTE_CHARS, subject_of
from lib.ui.kept_choice import keep, kept
from lib.ui.list_bars import draw_pages, shown_count
from lib.ui.reading import record_id
from lib.ui.statuses import STATUSES, person_name
from lib.ui.words import _, plural, translate

FORM = "inbox"
FOUND_AT_MOST = 20
_OPEN, _TAB, _PAGE = "i_open", "i_tab", "i_page"
_CLIENT, _TOLD = "inbox.client", "inbox.told"


def draw(ctx: Context) -> None:
    """The tabs, the message that is open, and the list."""
    _say_what_was_done()
    _draw_reception(ctx)
    is_set_aside = _choose_tab()
    page = inbox.list_inbox(ctx, is_set_aside=is_set_aside, page=record_id(kept(_PAGE)) or 1)
    place = st.container()  # reserved: the table below is never drawn anew by what opens above it
    _draw_table(ctx, page, is_set_aside=is_set_aside)
    with place:
        feedback.show_problem(FORM)
        if opened := record_id(kept(_OPEN)):
            _draw_message(ctx, opened)


def _draw_reception(ctx: Context) -> None:
    """Why no message comes in by itself, or not all of them; nothing while all is well."""
    if missing := session.reception_missing():
        st.caption(":material/info: " + feedback.plain(translate(missing)))
        return
    state = inbox.mailbox_state(ctx, name=session.mailbox_name())
    if state.problem:
        st.warning(feedback.plain(translate(state.problem)), icon=":material/unsubscribe:")
    if state.not_kept:
        st.warning(plural("{count} message couldn't be kept: it is still in the mailbox.",
                          "{count} messages couldn't be kept: they are still in the mailbox.", state.not_kept,
                          count=state.not_kept), icon=":material/move_to_inbox:")  # fmt: skip


def _choose_tab() -> bool:
    """Whether those set aside are shown; the address keeps it."""
    labels = {"waiting": _("To attach"), "aside": _("Those set aside")}

    def write() -> None:
        keep(_TAB, str(st.session_state[_TAB]))
        keep(_PAGE, "")
        _open("")

    asked = kept(_TAB)
    st.session_state[_TAB] = asked if asked in labels else "waiting"
    found = st.segmented_control(
        _("Tab"), list(labels), key=_TAB, required=True, on_change=write, format_func=labels.__getitem__,
        label_visibility="collapsed",
    )  # fmt: skip
    return found == "aside"


# ---- the list


def _draw_table(ctx: Context, page: InboxPage, *, is_set_aside: bool) -> None:
    columns = [
        Column("at", _("Date"), width="8.2rem"),
        Column("sender", _("Sender"), width="2.4fr"),
        Column("client", _("Client"), width="2fr"),
        Column("subject", _("Subject"), width="4fr", opens=True),
        Column("documents", _("Documents"), width="2.6rem", icon=":material/attach_file:", align="center"),
    ]
    versions = {str(each.exchange.id): each.exchange.version for each in page.rows}

    def opened(row: str) -> None:
        _open(row if record_id(row) else "")

    def chose(row: str, choice: str) -> None:
        if row in versions and choice in _GESTURES:
            _decide(choice, int(row), versions[row])

    choices = {
        "set_aside": (_("Set aside"), ":material/inventory_2:"),
        "take_back": (_("Put back into the list"), ":material/undo:"),
    }
    action_table(
        columns, [_row(ctx, each, is_set_aside=is_set_aside) for each in page.rows], key="inbox_table",
        selection="none", menu=choices, current=kept(_OPEN), on_open=opened, on_menu=chose,
        empty=_("Nothing was set aside.") if is_set_aside else _("No message waits: each one has found its action."),
    )  # fmt: skip
    total = shown_count(page.total, inbox.COUNTED_MESSAGES)
    caption = plural("{shown} message", "{shown} messages", page.total, shown=total)
    draw_pages(caption, number=page.number, pages=page.pages, key="inbox", turn=lambda turned: keep(_PAGE, str(turned)))


def _row(ctx: Context, row: InboxRow, *, is_set_aside: bool) -> Row:
    exchange, local = row.exchange, row.exchange.at.astimezone(ctx.zone)
    name, address = row.row.contact_name or exchange.correspondent_name, exchange.correspondent_email
    return Row(
        str(exchange.id),
        {
            "at": Cell(formats.when(local.date(), local.time(), today=ctx.today),
                       hint=formats.full(local.date(), local.time())),
            "sender": Cell(name or address or _("unknown"), note=address if name else ""),
            "client": row.client_name or Cell(_("unknown"), tone="gray"),
            "subject": Cell(subject_of(exchange), note=richtext.excerpt(exchange.body_text, NOTE_CHARS),
                            card=exchange.body_text),
            "documents": str(row.row.documents) if row.row.documents else "",
        },
        menu=["take_back" if is_set_aside else "set_aside"],
    )  # fmt: skip


def _open(row: str) -> None:
    """From a callback: open a message, or none."""
    keep(_OPEN, row)
    feedback.forget(FORM)
    for key in [str(key) for key in st.session_state if str(key).startswith(f"{FORM}.") and str(key) != _TOLD]:
        del st.session_state[key]


# ---- the message that is open


def _draw_message(ctx: Context, exchange_id: int) -> None:
    """Its text, and the ways to be done with it; nothing once it is on an action."""
    client_id = st.session_state.get(_CLIENT)
    read = feedback.attempt(f"{FORM}.read", lambda: _opened(ctx, exchange_id, client_id))
    if read.value is None:
        feedback.show_problem(f"{FORM}.read")
        return
    file, proposed = read.value
    message, ways = st.columns([1.4, 1])
    with message, st.container(border=True):
        exchange_panel.draw_message(ctx, file, on_close=lambda: _open(""))
    with ways, st.container(border=True):
        _draw_ways(ctx, file, proposed)


@query
def _opened(ctx: Context, exchange_id: int, client_id: object) -> tuple[ExchangeFile, list[ActionRow]]:
    """A message that the person may attach, and the actions that it is likely about; raises NotFound."""
    proposed = inbox.propose_actions(ctx, exchange_id=exchange_id, client_id=client_id)
    return open_exchange(ctx, exchange_id=exchange_id), proposed


def _draw_ways(ctx: Context, file: ExchangeFile, proposed: Sequence[ActionRow]) -> None:
    exchange = file.exchange
    client_id = st.session_state.get(_CLIENT) or exchange.client_id
    st.markdown(feedback.bold(_("Attach to an action")))
    _draw_client(ctx, client_id, is_sender_s=client_id == exchange.client_id)
    text = st.text_input(
        _("Find an action"), key="inbox.text", icon=":material/search:", live="300ms", type="search",
        placeholder=_("Number, client, words"), autocomplete="off",
    )  # fmt: skip
    if text and text.strip():
        rows: Sequence[ActionRow] = list_actions(ctx, chosen=ActionFilter(tab=Tab.ALL, text=text)).rows[:FOUND_AT_MOST]
        told = _("No action matches: check the number.")
    else:
        rows = proposed
        told = _("No open action of this client.") if client_id else _("Choose its client, or find an action.")
    _draw_actions(ctx, file, {row.action.id: row for row in rows}, told)
    with st.container(horizontal=True):
        why = allowed(ctx, Operation.ADD_ACTIONS)
        if st.button(
            _("Create an action"), icon=":material/add:", key="inbox.create", disabled=why is not None,
            help=translate(why) if why else _("The message is attached to it once it is created."),
        ):  # fmt: skip
            address = {"client": client_id} if client_id else {}
            frame.go("new_action", **address, message=exchange.id)
        gesture, label, icon = (
            ("take_back", _("Put back into the list"), "undo")
            if exchange.is_set_aside
            else ("set_aside", _("Set aside"), "inventory_2")
        )
        st.button(label, icon=f":material/{icon}:", key=f"inbox.{gesture}", on_click=_decide,
                  args=(gesture, exchange.id, exchange.version))  # fmt: skip


def _draw_client(ctx: Context, client_id: int | None, *, is_sender_s: bool) -> None:
    """Whose actions are proposed: the sender's client, or another that one looks for."""
    if client_id:
        name = feedback.plain(open_client(ctx, client_id=client_id).client.name)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/domain: {name}", width="content",
                        help=_("The sender's address is known there.") if is_sender_s else None)  # fmt: skip
            with st.popover(_("Another client"), icon=":material/swap_horiz:", key="inbox.other"):
                client_picker(ctx, key="inbox.search", label=_("Client"), on_pick=_pick_client)
    else:
        client_picker(ctx, key="inbox.search", label=_("Client"), on_pick=_pick_client)


def _pick_client(client_id: int) -> None:
    st.session_state[_CLIENT] = client_id
    st.session_state.pop("inbox.search.text", None)


def _draw_actions(ctx: Context, file: ExchangeFile, rows: dict[int, ActionRow], empty: str) -> None:
    """One action to choose; the message then goes to it."""
    if not rows:
        st.caption(empty)
        return
    exchange = file.exchange
    if st.session_state.get("inbox.action") not in rows:
        st.session_state["inbox.action"] = next(iter(rows))
    with st.container(height=260 if len(rows) > 4 else "content", border=False):
        st.radio(_("Action"), list(rows), key="inbox.action", label_visibility="collapsed",
                 format_func=lambda each: _action_label(ctx, rows[each]) if each in rows else "")  # fmt: skip
    feedback.show_field_problem(FORM, "action")
    st.button(_("Attach"), type="primary", icon=":material/link:", key="inbox.attach", on_click=_attach,
              args=(exchange.id, exchange.version))  # fmt: skip


def _action_label(ctx: Context, row: ActionRow) -> str:
    """`A000123/02 · Appel · DUPONT SA · mar. 24/11 · C. Martin · Planifiée`."""
    sub, nature = row.sub, ctx.reference.natures.get(row.sub.nature_id)
    parts = (
        shown_number(row.action.number, sub.seq), nature.label if nature else "", row.client_name,
        formats.when(sub.planned_date, sub.planned_time, today=ctx.today), person_name(ctx.reference, sub.assignee_id),
        translate(STATUSES[sub.status].label),
    )  # fmt: skip
    return " · ".join(feedback.plain(part) for part in parts if part)


# ---- gestures


_GESTURES: dict[str, Callable[..., None]] = {"set_aside": inbox.set_aside, "take_back": inbox.take_back}


def _decide(gesture: str, exchange_id: int, version: int) -> None:
    """From a callback: set a message aside, or take it back; one use case."""
    if now := session.current_context():
        feedback.attempt(FORM, lambda: _GESTURES[gesture](now, exchange_id=exchange_id, version=version))
        st.session_state[_TOLD] = gesture


def _attach(exchange_id: int, version: int) -> None:
    """From a callback: attach the message to the action chosen by then."""
    now, action_id = session.current_context(), st.session_state.get("inbox.action")
    if now:
        feedback.attempt(
            FORM,
            lambda: inbox.attach_to_action(now, exchange_id=exchange_id, version=version, action_id=action_id),
        )
        st.session_state[_TOLD] = "attach"


def attach_to_created(ctx: Context, exchange_id: int, sub_action_id: object) -> None:
    """Attach the message that an action was created for; told on the next page, also why it couldn't be."""
    read = feedback.attempt(f"{FORM}.read", lambda: open_exchange(ctx, exchange_id=exchange_id))
    opened = feedback.attempt(f"{FORM}.action", lambda: open_action(ctx, sub_action_id=sub_action_id))
    file, action = read.value, opened.value
    if file is None or action is None:
        return
    version, action_id = file.exchange.version, action.chain.action.id
    done = feedback.attempt(
        FORM, lambda: inbox.attach_to_action(ctx, exchange_id=exchange_id, version=version, action_id=action_id)
    )
    feedback.forget(FORM)
    frame.forget_inbox_count()
    if done.error:
        feedback.flash(translate(done.error.sentence), icon=":material/warning:")
    else:
        feedback.flash(_("The message is attached to the action."))


def _say_what_was_done() -> None:
    """After a gesture that worked: say so, and close the message."""
    last, told = feedback.outcome(FORM), st.session_state.pop(_TOLD, "")
    if last is None or not last.worked or not told:
        return
    sentences = {
        "attach": _("The message is attached to the action."),
        "set_aside": _("The message is set aside."),
        "take_back": _("The message is back in the list."),
    }
    st.toast(sentences[told], icon=":material/check_circle:")
    _open("")
    frame.forget_inbox_count()
