"""A service report edited in place: only the fields that differ are saved, so that others' edits merge (R16, R20)."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lib.domain.context import Context
from lib.domain.durations import shown_duration
from lib.domain.reference import Reference
from lib.domain.service_reports import COLUMNS, ServiceReportFile, edit_service_report
from lib.ui import drafting, feedback, session
from lib.ui.client_picker import client_label
from lib.ui.rich_text import text_now
from lib.ui.service_report_form import ReportForm, labels, shown_report_value
from lib.ui.words import _

FORM = "edit_crit"


def _name(report_id: int) -> str:
    return f"crit.edit.{report_id}"


def taken(report_id: int) -> bool:
    """Whether the last save worked; once."""
    last = feedback.outcome(_name(report_id))
    if last is None or not last.worked:
        return False
    drafting.clear_form(_name(report_id))
    return True


def has_given_up(report_id: int) -> bool:
    """Whether the form was just given up; once."""
    return drafting.has_given_up(_name(report_id))


def show_lost(ctx: Context, report_id: int) -> None:
    """What was typed for a report that can no longer be changed."""
    name = _name(report_id)
    drafting.show_lost(ctx, FORM, report_id, text_now("", key=f"{name}.body", rev=drafting.turn(name)))


def draw(ctx: Context, reference: Reference, file: ServiceReportFile) -> None:
    """Every field, then the buttons; a draft is kept and offered again."""
    report, state = file.report, st.session_state
    name = _name(report.id)
    draft = drafting.opened_draft(ctx, FORM, report.id)
    if f"{name}.version" not in state:
        # The version travels with the form: read again at saving, it would hide what others changed meanwhile.
        state[f"{name}.version"] = draft.version if draft else report.version
        state[f"{name}.opened"] = _opening(file)
        if draft:
            drafting.say_it_is_back()
    opened: dict[str, object] = state[f"{name}.opened"]
    values = {**opened, **(draft.content if draft else {})}
    form = ReportForm(ctx, reference, name, values, file=file.client, turn=drafting.turn(name))
    st.text_input(labels()["client"], client_label(file.client.client), disabled=True, key=f"{name}.client_shown",
                  help=_("The client of a service report doesn't change: write one for the right client."))  # fmt: skip
    form.draw()
    _draw_text(form, file, opened)


@st.fragment
def _draw_text(form: ReportForm, file: ServiceReportFile, opened: dict[str, object]) -> None:
    """The text and the buttons; a pause in the typing keeps the draft."""
    drafting.rerun_if_given_up(form.name)
    if f"{form.name}.version" not in st.session_state:  # what others saved was taken: the page opens the form afresh
        st.rerun()
    form.draw_body()

    def save() -> None:
        now = session.current_context()
        if now is None:
            feedback.forget(form.name)
            return
        version, edits = int(st.session_state[f"{form.name}.version"]), _edits(form, opened)
        use_case = partial(edit_service_report, now, report_id=file.report.id, version=version, edits=edits)
        if feedback.attempt(form.name, use_case).worked:
            drafting.drop(now, FORM, file.report.id)

    form.draw_buttons(
        FORM, file.report.id, _("Save (F2)"), save=save, typed=_edits(form, opened),
        version=st.session_state[f"{form.name}.version"], problem=lambda: _show_problem(form, file),
    )  # fmt: skip


def _opening(file: ServiceReportFile) -> dict[str, object]:
    """What the form opens with, as its widgets hold it."""
    report = file.report
    opened = {name: getattr(report, column) for name, column in COLUMNS.items() if name != "body"}
    return opened | {"duration": shown_duration(report.duration_min), "body": file.body_html}


def _edits(form: ReportForm, opened: dict[str, object]) -> dict[str, object]:
    """The fields that differ from what the form opened with."""
    return {name: value for name, value in form.raw().items() if (value or None) != (opened.get(name) or None)}


def _show_problem(form: ReportForm, file: ServiceReportFile) -> None:
    """Why the last save was refused; for a conflict, what the other side saved and how to go on."""
    name = form.name
    in_words = partial(shown_report_value, form.reference, file.client)
    feedback.show_problem(name, labels=labels(), in_words=in_words)
    drafting.draw_conflict_choice(FORM, file.report.id, name, version=file.report.version)
