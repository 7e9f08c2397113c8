"""The parameters, one card each: what it does, its value, who set it when, and what a change touches."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import streamlit as st

from lib.domain.context import Context
from lib.domain.parameters import ParameterState, change_parameter, parameter_states, touched_by
from lib.domain.sentences import Sentence
from lib.ui import feedback, formats, session
from lib.ui.reading import reference_of
from lib.ui.statuses import person_name
from lib.ui.words import _, translate

MOST_IN_SIGHT = 4


def show_parameters(ctx: Context) -> None:
    """Every parameter."""
    reference = reference_of(ctx)
    for state in parameter_states(ctx):
        _card(ctx, state, person_name(reference, state.changed_by_id))


def _card(ctx: Context, state: ParameterState, changed_by: str) -> None:
    parameter, form = state.parameter, f"parameter.{state.parameter.key}"
    value_key = f"{form}.value.{state.version}"  # another version opens with its own value
    with st.container(border=True):
        st.markdown(f"**{translate(parameter.label)}**")
        st.caption(f"`{parameter.key}` · {_type_of(state)} · {_default_of(state)}")
        if parameter.choices:
            _choose(state, parameter.choices, value_key)
        else:
            st.toggle(translate(parameter.help), value=bool(state.value), key=value_key)
        feedback.show_field_problem(form, "value")
        typed = st.session_state.get(value_key, state.value)
        if typed != state.value:
            _confirm(ctx, state, value_key, form)
        if not feedback.problems(form):
            feedback.show_problem(form)
        if state.changed_at:
            local = state.changed_at.astimezone(ctx.zone)
            when = formats.full(local.date(), local.time())
            st.caption(_("Set by {person}, {date}", person=feedback.plain(changed_by), date=when))
        else:
            st.caption(_("Never changed: the default applies."))


def _choose(state: ParameterState, choices: Mapping[StrEnum, Sentence], value_key: str) -> None:
    """All choices in sight; in a list when they are many."""
    options, label = list(choices), translate(state.parameter.help)
    index = [str(each) for each in options].index(str(state.value))

    def shown(choice: StrEnum) -> str:
        return translate(choices[choice])

    if len(options) > MOST_IN_SIGHT:
        st.selectbox(label, options, index=index, format_func=shown, key=value_key, width=560)
    else:
        st.radio(label, options, index=index, format_func=shown, key=value_key, horizontal=True)


def _confirm(ctx: Context, state: ParameterState, value_key: str, form: str) -> None:
    """What the change touches, and the buttons that make it or give it up."""
    touches = state.parameter.touches
    if touches and st.session_state[value_key] is True:
        count = touched_by(ctx, key=state.parameter.key)
        st.info(translate(touches(count)), icon=":material/info:")

    def save() -> None:
        now = session.current_context()
        if now is None:
            return
        done = feedback.attempt(
            form,
            lambda: change_parameter(
                now, key=state.parameter.key, value=st.session_state.get(value_key), version=state.version
            ),
        )
        if done.worked:
            feedback.flash(_("{parameter}: changed for everybody.", parameter=translate(state.parameter.label)))

    def give_up() -> None:
        st.session_state.pop(value_key, None)
        feedback.forget(form)

    with st.container(horizontal=True):
        st.button(_("Apply for everybody"), type="primary", key=f"save_{form}", icon=":material/check:", on_click=save)
        st.button(_("Give up"), key=f"{form}.give_up", on_click=give_up)


def _type_of(state: ParameterState) -> str:
    return (
        _("one of {count} choices", count=len(state.parameter.choices)) if state.parameter.choices else _("yes or no")
    )


def _default_of(state: ParameterState) -> str:
    parameter = state.parameter
    if parameter.choices:
        shown = translate(next(label for choice, label in parameter.choices.items() if choice == parameter.default))
    else:
        shown = _("yes") if parameter.default else _("no")
    return _("default: {value}", value=shown)
