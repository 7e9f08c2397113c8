"""Modèles de messages, drawn: the templates that messages start from, and the form of one (R30)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

import streamlit as st

from lib.domain.context import Context
from lib.domain.errors import Conflict
from lib.domain.exchange_forms import MAX_SUBJECT
from lib.domain.message_templates import (
    FIELD_NAMES,
    MAX_LABEL,
    MessageTemplate,
    add_template,
    change_template,
    message_templates,
    unknown_fields,
)
from lib.domain.richtext import excerpt, text_of
from lib.ui import drafting, feedback, session
from lib.ui.action_table import Cell, Column, Row, action_table
from lib.ui.reading import record_id
from lib.ui.rich_text import rich_text, text_now
from lib.ui.statuses import disabled_mark
from lib.ui.words import _, translate

FORM = "template"
_NEW = 0
_OPEN, _VERSION, _TURN = "template.open", "template.version", "templates.turn"
_FIELDS = ("label", "kind", "subject", "position", "is_active")


def draw(ctx: Context) -> None:
    """The form of the one that is open, and the list."""
    if (last := feedback.outcome(FORM)) and last.worked:
        _close()
        st.toast(_("Saved."), icon=":material/check_circle:")
    if _OPEN in st.session_state and _key("label") not in st.session_state:
        _close()  # its fields went when another page was drawn
    fields = ", ".join(f"`{{{translate(name)}}}`" for name in FIELD_NAMES.values())
    st.markdown(
        _("A message starts from a template; these fields are filled from the action: {fields}.", fields=fields)
    )
    is_open = _OPEN in st.session_state
    st.button(_("Add a template"), type="secondary" if is_open else "primary", icon=":material/add:",
              key="templates.new", on_click=_open, args=(_NEW, None))  # fmt: skip
    place = st.container()  # reserved: the table below is never drawn anew by what opens above it
    templates = {each.id: each for each in message_templates(ctx)}
    _draw_table(ctx, templates)
    with place:
        if is_open:
            _draw_form(ctx, templates.get(st.session_state[_OPEN]))


def _draw_table(ctx: Context, templates: Mapping[int, MessageTemplate]) -> None:
    columns = [
        Column("label", _("Template"), width="2fr", opens=True),
        Column("kind", _("Kind"), width="1.4fr"),
        Column("subject", _("Subject"), width="4fr"),
        Column("state", _("State"), width="8rem"),
    ]

    def opened(row: str) -> None:
        template = templates.get(record_id(row) or 0)
        if template:
            _open(template.id, template)

    action_table(columns, [_row(ctx, each) for each in templates.values()], key="template_table", selection="none",
                 on_open=opened, empty=_("No template yet: add the messages that you write often."))  # fmt: skip


def _row(ctx: Context, template: MessageTemplate) -> Row:
    kind = ctx.reference.exchange_kinds.get(template.kind_id or 0)
    cells: dict[str, str | Cell] = {
        "label": template.label,
        "kind": kind.label if kind else "",
        "subject": Cell(template.subject, note=excerpt(text_of(template.body_html), 110),
                        card=text_of(template.body_html)),
        "state": Cell(_("Offered"), icon=":material/check:", tone="green") if template.is_active
        else Cell(_("Disabled"), icon=":material/block:", tone="gray"),
    }  # fmt: skip
    return Row(str(template.id), cells, looks=() if template.is_active else ("done",))


# ---- the form


def _key(field: str) -> str:
    return f"{FORM}.{field}"


def _open(template_id: int, template: MessageTemplate | None) -> None:
    """From a callback: open the form, on a template or on a new one."""
    drafting.clear_form(FORM)
    state = st.session_state
    state[_OPEN], state[_VERSION], state[_key("request")] = (
        template_id,
        template.version if template else 0,
        uuid4().hex,
    )
    state[_TURN] = int(state.get(_TURN, 0)) + 1
    state[_key("label")], state[_key("subject")] = (template.label, template.subject) if template else ("", "")
    state[_key("kind")] = template.kind_id if template else None
    state[_key("position")] = template.position if template else 0
    state[_key("is_active")] = template.is_active if template else True
    state[_key("body_opened")] = template.body_html if template else ""


def _close() -> None:
    drafting.clear_form(FORM)


def _labels() -> dict[str, str]:
    return {
        "label": _("Name"), "kind": _("Kind"), "subject": _("Subject"), "body": _("Text"), "position": _("Order"),
        "is_active": _("Offered"),
    }  # fmt: skip


def _draw_form(ctx: Context, template: MessageTemplate | None) -> None:
    labels = _labels()
    with st.container(border=True):
        st.markdown(feedback.bold(_("Change a template") if template else _("Add a template")))
        feedback.show_problem(FORM, labels=labels)
        name, kind, order = st.columns([3, 2, 1])
        with name:
            st.text_input(labels["label"] + " *", key=_key("label"), max_chars=MAX_LABEL)
            feedback.show_field_problem(FORM, "label")
        with kind:
            kinds = {k.id: disabled_mark(k, k.label) for k in ctx.reference.exchange_kinds.values()
                     if k.is_active or (template and template.kind_id == k.id)}  # fmt: skip
            st.selectbox(labels["kind"], list(kinds), index=None, key=_key("kind"),
                         format_func=lambda each: kinds.get(each, ""),
                         placeholder=_("As the author chooses"))  # fmt: skip
            feedback.show_field_problem(FORM, "kind")
        with order:
            st.number_input(labels["position"], min_value=0, max_value=9999, key=_key("position"))
            feedback.show_field_problem(FORM, "position")
        st.text_input(labels["subject"] + " *", key=_key("subject"), max_chars=MAX_SUBJECT)
        feedback.show_field_problem(FORM, "subject")
        st.toggle(labels["is_active"], key=_key("is_active"))
        _draw_text(template)


@st.fragment
def _draw_text(template: MessageTemplate | None) -> None:
    """The text and the buttons, apart: a pause in the typing draws nothing else."""
    if (last := feedback.outcome(FORM)) and last.worked:
        st.rerun()
    state = st.session_state
    html = rich_text(
        str(state.get(_key("body_opened"), "")), key=_key("body"), rev=_turn(), label=_("Text"), height=200
    )
    feedback.show_field_problem(FORM, "body")
    typed = MessageTemplate(label="", subject=str(state.get(_key("subject")) or ""), body_html=html)
    if unknown := unknown_fields(typed):
        told = _(
            "Unknown fields, which stay as they are: {fields}.", fields=", ".join(f"{{{each}}}" for each in unknown)
        )
        st.caption(f":orange[:material/warning: {feedback.plain(told)}]")
    with st.container(horizontal=True):
        if st.button(_("Save (F2)"), type="primary", icon=":material/check:", key="save_template", on_click=_save):
            st.rerun()
        if st.button(_("Give up"), key=_key("give_up"), on_click=_close):
            st.rerun()


def _turn() -> int:
    return int(st.session_state.get(_TURN, 0))


def _save() -> None:
    """The form's callback: one use case, as whoever is signed in now."""
    now, state = session.current_context(), st.session_state
    if now is None or _OPEN not in state:
        return
    raw = {name: state.get(_key(name)) for name in _FIELDS}
    raw["body"] = text_now(str(state.get(_key("body_opened"), "")), key=_key("body"), rev=_turn())
    template_id, version, key = state[_OPEN], int(state[_VERSION]), state[_key("request")]
    if not template_id:
        feedback.attempt(FORM, lambda: add_template(now, raw=raw, request_key=key))
        return
    done = feedback.attempt(FORM, lambda: change_template(now, template_id=template_id, version=version, raw=raw))
    if isinstance(done.error, Conflict):  # what others did has been told: the same click counts the next time
        found = feedback.attempt(f"{FORM}.read", lambda: message_templates(now))
        state[_VERSION] = next((each.version for each in found.value or () if each.id == template_id), version)
