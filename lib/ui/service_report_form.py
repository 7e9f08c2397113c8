"""The fields of a service report as inputs: one form for writing and for changing. Widget keys are `<form>.<field>`."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from lib.domain import richtext
from lib.domain.clients import ClientFile
from lib.domain.context import Context
from lib.domain.durations import shown_duration
from lib.domain.reference import Reference
from lib.domain.service_reports import COLUMNS, LABELS, MAX_EQUIPMENT, MAX_NAME, REQUIRED, technicians
from lib.ui import drafting, feedback, formats
from lib.ui.rich_text import rich_text, text_now
from lib.ui.words import _, translate


def labels() -> dict[str, str]:
    """Every field's label, for the messages above a form."""
    return {name: translate(label) for name, label in LABELS.items()}


@dataclass
class ReportForm:
    """One form being drawn; `values` are what it opens with, `turn` counts how often it was opened afresh."""

    ctx: Context
    reference: Reference
    name: str
    values: Mapping[str, object]
    file: ClientFile | None = None
    turn: int = 0

    def key(self, field: str) -> str:
        """The widget's key of a field."""
        return f"{self.name}.{field}"

    def value(self, field: str) -> Any:
        """What a field holds now: what was typed, else what the form opened with."""
        if field == "body":  # as it is now, also in a callback
            return text_now(str(self.values.get("body") or ""), key=self.key("body"), rev=self.turn)
        return st.session_state.get(self.key(field), self.values.get(field))

    def raw(self) -> dict[str, object]:
        """The typed values, for a use case."""
        return {name: self.value(name) for name in COLUMNS}

    def draw(self) -> None:
        """All fields but the text: who and when, where, on what."""
        technician, done_on, start_time, duration = st.columns([1.6, 1, 1, 0.8])
        with technician:
            self._choose("technician", self._technicians())
        with done_on, self._field("done_on"):
            st.date_input(self._label("done_on"), self._open("done_on"), key=self.key("done_on"), format="DD/MM/YYYY",
                          max_value=self.ctx.today)  # fmt: skip
        with start_time, self._field("start_time"):
            st.time_input(self._label("start_time"), self._open("start_time"), key=self.key("start_time"))
        with duration:
            self._text("duration", max_chars=20, help=_("1:30, 1h30, or 90 for minutes."))
        site, contact = st.columns(2)
        with site:
            self._choose("site", self._sites())
        with contact:
            self._choose("contact", self._contacts())
        equipment, signed_by = st.columns(2)
        with equipment:
            self._text("equipment", max_chars=MAX_EQUIPMENT, help=_("What was worked on: make, type, serial number."))
        with signed_by:
            self._text("signed_by", max_chars=MAX_NAME, help=_("Who signed at the client's, if anybody did."))

    def draw_body(self) -> None:
        """The text's editor; in a fragment, since each pause in the typing runs it again."""
        opened = str(self.values.get("body") or "")
        rich_text(opened, key=self.key("body"), rev=self.turn, label=self._label("body"), height=240)
        feedback.show_field_problem(self.name, "body")

    def draw_buttons(
        self, form: str, record_id: int, label: str, *, save: Callable[[], None], typed: Mapping[str, object],
        version: int, problem: Callable[[], None],
    ) -> None:  # fmt: skip
        """What was refused, by the button that was pressed; then the buttons, and the draft `form` of what is typed."""
        with st.container():
            problem()
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button(label, type="primary", icon=":material/check:", key="save_crit", on_click=save):
                drafting.rerun_after_save(self.name)
            drafting.draw_give_up(form, record_id, self.name)
            drafting.keep(form, record_id, typed, version=version)

    # ---- one function for each kind of input

    def _label(self, field: str) -> str:
        return translate(LABELS[field]) + (" *" if field in REQUIRED else "")

    def _open(self, field: str) -> Any:
        """Put what a field opens with into its widget before it is first drawn; return it, to be its default too.

        Both: callbacks need the value in the session, and a browser that is sent two runs at once is given the default.
        """
        opened = self.values.get(field)
        if field in ("duration", "equipment", "signed_by"):
            opened = shown_duration(opened) if isinstance(opened, int) else str(opened or "")
        st.session_state.setdefault(self.key(field), opened)
        return opened

    @contextmanager
    def _field(self, field: str) -> Iterator[None]:
        """A field's place: its input, and under it what is wrong with it."""
        with st.container(gap="xsmall"):
            yield
            feedback.show_field_problem(self.name, field)

    def _text(self, field: str, *, max_chars: int, help: str) -> None:
        with self._field(field):
            st.text_input(self._label(field), self._open(field), key=self.key(field), max_chars=max_chars, help=help)

    def _choose(self, field: str, choices: Mapping[int, str]) -> None:
        options, opened = list(choices), self._open(field)
        if self.value(field) not in (None, *options):
            st.session_state[self.key(field)] = None
        with self._field(field):
            st.selectbox(
                self._label(field), options, index=options.index(opened) if opened in options else None,
                key=self.key(field), format_func=lambda each: choices.get(each, ""), placeholder=_("Choose"),
            )  # fmt: skip

    def _technicians(self) -> dict[int, str]:
        """Those who may be chosen, and the one that the report has, whatever became of him."""
        kept = self.reference.people.get(_id(self.values.get("technician")))
        return {each.id: each.name for each in technicians(self.ctx)} | ({kept.id: kept.name} if kept else {})

    def _sites(self) -> dict[int, str]:
        """Those in use, and the one that the report has."""
        kept, sites = self.values.get("site"), self.file.sites if self.file else ()
        used = [site for site in sites if site.is_active or site.id == kept]
        return {site.id: f"{site.name} · {site.town}" if site.town else site.name for site in used}

    def _contacts(self) -> dict[int, str]:
        """Those who work at the chosen site, or at none in particular, and the one that the report has."""
        site_id, kept = self.value("site"), self.values.get("contact")
        people = [each for each in self.file.contacts if each.is_active or each.id == kept] if self.file else []
        here = [each for each in people if not (site_id and each.site_id and each.site_id != site_id)]
        return {each.id: " · ".join(part for part in (each.name, each.role, each.phone) if part) for each in here}


def _id(value: object) -> int:
    return value if isinstance(value, int) else 0


def shown_report_value(reference: Reference, file: ClientFile, field: str, value: object) -> str:
    """A field's value in words, whether the journal holds it or somebody has just typed it; "—" when it is empty."""
    if isinstance(value, str):
        with contextlib.suppress(ValueError):  # a typed text, not a value of the journal
            value = json.loads(value)
    if value in (None, ""):
        return "—"
    names: Mapping[str, Mapping[Any, str]] = {
        "technician": {key: person.name for key, person in reference.people.items()},
        "site": {site.id: site.name for site in file.sites},
        "contact": {contact.id: contact.name for contact in file.contacts},
    }
    if field in names:
        return names[field].get(value, str(value))
    if field == "duration" and isinstance(value, int):
        return shown_duration(value)
    if field == "done_on":
        with contextlib.suppress(ValueError):
            return formats.full(date.fromisoformat(str(value)))
    if field == "start_time":
        return str(value)[:5]
    return richtext.excerpt(richtext.text_of(str(value)), 300)
