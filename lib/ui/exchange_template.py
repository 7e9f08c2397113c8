"""Starting a message from a template: it fills the subject and the text, and loses nothing of what was typed."""

from __future__ import annotations

import streamlit as st

from lib.domain import richtext
from lib.domain.context import Context
from lib.domain.exchanges import Direction
from lib.domain.message_templates import FilledMessage, message_from_template, message_templates
from lib.ui import feedback, session
from lib.ui.exchange_fields import ExchangeForm
from lib.ui.exchange_modes import Mode
from lib.ui.words import _


def draw_picker(ctx: Context, form: ExchangeForm) -> None:
    """The templates to start from, for what we write; below, what the chosen one couldn't fill."""
    if form.subject.mode == Mode.EDIT or not _is_ours(form):
        return
    templates = {each.id: each.label for each in message_templates(ctx) if each.is_active}
    if not templates:
        return
    st.selectbox(
        _("Template"), list(templates), index=None, key=form.key("template"), on_change=_fill, args=(form,),
        format_func=lambda each: templates.get(each, ""), placeholder=_("Start from a template"), width=360,
        help=_("Fills the subject and the text; what you have typed stays below."),
    )  # fmt: skip
    problem = form.key("template")
    feedback.show_problem(problem)
    last = feedback.outcome(problem)
    if last and isinstance(last.value, FilledMessage):
        lacking = [f"{{{name}}}" for name in (*last.value.without_value, *last.value.unknown)]
        if lacking:
            told = _("To complete by hand: {fields}.", fields=", ".join(lacking))
            st.caption(f":orange[:material/warning: {feedback.plain(told)}]")


def _is_ours(form: ExchangeForm) -> bool:
    return form.subject.is_mail or form.value("direction") == Direction.SENT


def _fill(form: ExchangeForm) -> None:
    """From the picker's callback: the template's subject and text, for the contact chosen by then."""
    now, state = session.current_context(), st.session_state
    template_id = state.get(form.key("template"))
    if now is None or template_id is None:
        return
    sub_id, contact_id, before = form.subject.file.sub.id, form.value("contact"), feedback.outcome(form.key("template"))
    done = feedback.attempt(
        form.key("template"),
        lambda: message_from_template(now, template_id=template_id, sub_action_id=sub_id, contact_id=contact_id),
    )
    if done.value is None:
        return
    earlier = before.value if before and isinstance(before.value, FilledMessage) else None
    typed = form.body()
    if earlier and richtext.text_of(richtext.clean(typed)) == richtext.text_of(earlier.body_html):
        typed = ""  # nothing but the template chosen before
    state[form.key("body_opened")] = done.value.body_html + ("" if richtext.is_blank(richtext.clean(typed)) else typed)
    state[form.key("turn")] = form.turn + 1
    if str(form.value("subject") or "").strip() in ("", earlier.subject if earlier else ""):
        form.put("subject", done.value.subject)
    if done.value.kind_id:
        form.put("kind", done.value.kind_id)
