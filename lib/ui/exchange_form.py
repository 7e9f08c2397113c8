"""The form of a message: received, already sent, or an e-mail to send; its draft outlives Cancel (R16, R30)."""

from __future__ import annotations

from uuid import uuid4

import streamlit as st

from lib.domain.chain import shown_number
from lib.domain.context import Context
from lib.domain.drafts import keep_draft
from lib.domain.errors import Conflict
from lib.domain.exchange_records import edit_exchange, record_exchange
from lib.domain.exchanges import open_exchange
from lib.domain.outbox import Sender, send_exchange
from lib.ui import drafting, exchange_template, feedback, session
from lib.ui.exchange_fields import ExchangeForm, labels
from lib.ui.exchange_modes import Mode, Subject, refused_because, starting_values
from lib.ui.frame import go, link
from lib.ui.rich_text import rich_text
from lib.ui.words import _, translate

_KEPT = "message_kept"
"""Told once the page is left: a flash of the callback would pass on the page that is being left."""


def leave_if_over(subject: Subject) -> None:
    """After the message was saved, or its form left: back to the action's messages, with what became of it."""
    name, sub_id = subject.name, subject.file.sub.id
    if drafting.has_given_up(name):
        if st.session_state.pop(_KEPT, False):
            feedback.flash(_("Your message is kept as a draft."))
        go("action", sub=sub_id, tab="exchanges")
    last = feedback.outcome(name)
    if last is None or not last.worked:
        return
    drafting.clear_form(name)
    if subject.is_mail:
        feedback.flash(_("The e-mail is on its way: the list says when it has left."))
    else:
        feedback.flash(_("The message is recorded."))
    go("action", sub=sub_id, tab="exchanges")


def draw(ctx: Context, subject: Subject) -> None:
    """The form, or why there is none."""
    sender, file = session.mail_sender(), subject.file
    number = shown_number(file.chain.action.number, file.sub.seq)
    link("action", _("Back to {number}", number=number), icon=":material/arrow_back:", sub=file.sub.id,
         tab="exchanges")  # fmt: skip
    st.caption(f"{feedback.plain(file.client.client.name)} › {number}")
    draft = drafting.opened_draft(ctx, subject.draft_form, subject.record_id)
    if why := refused_because(ctx, subject, sender):
        feedback.show_problem(subject.name, labels=labels())
        st.warning(feedback.plain(translate(why)), icon=":material/lock:")
        drafting.show_lost(ctx, subject.draft_form, subject.record_id)
        return
    name, state = subject.name, st.session_state
    if f"{name}.request" not in state:
        version = subject.message.exchange.version if subject.message else 0
        state[f"{name}.request"], state[f"{name}.version"] = uuid4().hex, draft.version if draft else version
        state[f"{name}.turn"] = 0
        if draft:
            drafting.say_it_is_back()
    values = {**starting_values(ctx, subject), **(draft.content if draft else {})}
    form = ExchangeForm(ctx, subject, values)
    form.draw_who_and_when()
    exchange_template.draw_picker(ctx, form)
    form.draw_subject()
    _draw_text(form, sender)


@st.fragment
def _draw_text(form: ExchangeForm, sender: Sender) -> None:
    """The text, the documents and the buttons, apart: a pause in the typing keeps the draft, and draws this only."""
    name, subject = form.name, form.subject
    drafting.rerun_if_given_up(name)
    rich_text(form.body_opened, key=form.key("body"), rev=form.turn, label=_("Text"), height=220)
    feedback.show_field_problem(name, "body")
    form.draw_documents(sender if subject.is_mail else None)
    with st.container():  # by the button that was pressed: at the top of a long form nobody would see it
        feedback.show_problem(name, labels=labels())
    label, icon = (_("Send (F2)"), "send") if subject.is_mail else (_("Save (F2)"), "check")
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(label, type="primary", icon=f":material/{icon}:", key="save_exchange", on_click=_save,
                     args=(form,)):  # fmt: skip
            drafting.rerun_after_save(name)
        st.button(_("Cancel"), key=f"{name}.leave", on_click=_leave, args=(form,),
                  help=_("What you typed is kept as a draft."))  # fmt: skip
        drafting.draw_give_up(subject.draft_form, subject.record_id, name)
        drafting.keep(subject.draft_form, subject.record_id, form.typed(), version=form.version)


def _save(form: ExchangeForm) -> None:
    """The form's callback: one use case, as whoever is signed in now."""
    now, subject, name = session.current_context(), form.subject, form.name
    if now is None:
        feedback.forget(name)
        return
    raw, key = form.typed(), st.session_state[f"{name}.request"]
    action_id = subject.file.chain.action.id
    done: feedback.Outcome[object]
    if subject.message and subject.mode == Mode.EDIT:
        exchange_id = subject.message.exchange.id
        done = feedback.attempt(
            name, lambda: edit_exchange(now, exchange_id=exchange_id, version=form.version, raw=raw)
        )
        _follow_version(now, form, exchange_id, done.error)
    elif subject.is_mail:
        raw |= {"answers": subject.message.exchange.id if subject.message else None}
        sender = session.mail_sender()
        done = feedback.attempt(
            name, lambda: send_exchange(now, action_id=action_id, raw=raw, sender=sender, request_key=key)
        )
    else:
        done = feedback.attempt(name, lambda: record_exchange(now, action_id=action_id, raw=raw, request_key=key))
    if done.worked:  # at once: found again, the draft would be sent twice
        drafting.drop(now, subject.draft_form, subject.record_id)


def _follow_version(ctx: Context, form: ExchangeForm, exchange_id: int, error: Exception | None) -> None:
    """What others did has been told: the same click counts the next time."""
    if isinstance(error, Conflict):
        found = feedback.attempt(f"{form.name}.read", lambda: open_exchange(ctx, exchange_id=exchange_id))
        if found.value:
            st.session_state[f"{form.name}.version"] = found.value.exchange.version


def _leave(form: ExchangeForm) -> None:
    """Cancel: the last words go into the draft, which is offered again (R30)."""
    subject, name, content = form.subject, form.name, form.typed()
    draft, now = (subject.draft_form, subject.record_id), session.current_context()
    is_kept = drafting.is_kept(*draft)
    if now and drafting.is_changed(*draft, content):
        done = feedback.attempt(
            name,
            lambda: keep_draft(now, form=draft[0], record_id=draft[1], content=content, version=form.version),
        )
        if not done.worked:
            return
        is_kept = True
    drafting.leave(*draft, name)
    if is_kept:
        st.session_state[_KEPT] = True
