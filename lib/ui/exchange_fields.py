"""The fields of a message's form: who, when, what for, the subject and the documents; nothing is checked here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from lib.domain.context import Context
from lib.domain.exchange_forms import MAX_NAME, MAX_SUBJECT
from lib.domain.exchanges import DIRECTIONS, Direction
from lib.domain.mail_addresses import MAX_ADDRESS
from lib.domain.outbox import Sender, weight_problem
from lib.ui import feedback, formats
from lib.ui.exchange_modes import Subject
from lib.ui.rich_text import text_now
from lib.ui.statuses import disabled_mark
from lib.ui.words import _, translate

MAIL = ("kind", "contact", "correspondent_name", "to", "cc", "subject", "documents")
RECORDED = ("direction", "kind", "person", "contact", "correspondent_name", "correspondent_email", "on", "time",
            "subject", "documents")  # fmt: skip


def labels() -> dict[str, str]:
    """Every field's label, for the messages above a form."""
    return {
        "direction": _("Direction"), "kind": _("Kind"), "person": _("Who (of us)"), "contact": _("Contact"),
        "correspondent_name": _("Name"), "correspondent_email": _("E-mail"), "to": _("To (e-mail)"),
        "cc": _("Copy (e-mails)"), "on": _("Date"), "time": _("Time"), "subject": _("Subject"), "body": _("Text"),
        "documents": _("Documents"), "answers": _("Reply by e-mail"),
    }  # fmt: skip


@dataclass
class ExchangeForm:
    """One form being drawn. `values` are what it opens with."""

    ctx: Context
    subject: Subject
    values: Mapping[str, object]

    @property
    def name(self) -> str:
        """What begins the keys of its widgets."""
        return self.subject.name

    @property
    def version(self) -> int:
        """The version of the message that its person saw when the form opened."""
        return int(st.session_state[f"{self.name}.version"])

    @property
    def turn(self) -> int:
        """How often the text was replaced, by a template: the editor then opens afresh."""
        return int(st.session_state.get(f"{self.name}.turn", 0))

    @property
    def body_opened(self) -> str:
        """The text that the editor opened with, this turn."""
        return str(st.session_state.get(f"{self.name}.body_opened", self.values.get("body") or ""))

    def key(self, field: str) -> str:
        """The widget's key of a field."""
        return f"{self.name}.{field}"

    def value(self, field: str) -> Any:
        """What a field holds now: what was typed, else what the form opened with."""
        return st.session_state.get(self.key(field), self.values.get(field))

    def body(self) -> str:
        """The text as it is now, also in a callback."""
        return text_now(self.body_opened, key=self.key("body"), rev=self.turn)

    def typed(self) -> dict[str, object]:
        """All fields as typed, for a use case and for the draft."""
        names = MAIL if self.subject.is_mail else RECORDED
        return {**{name: self.value(name) for name in names}, "body": self.body()}

    def put(self, field: str, value: object) -> None:
        """From a callback: give a field another value."""
        st.session_state[self.key(field)] = value

    def _open(self, field: str, empty: object = None) -> Any:
        """Put what a field opens with into its widget, before it is first drawn; return it, to be its default too."""
        opened = self.values.get(field) or empty
        st.session_state.setdefault(self.key(field), opened)
        return opened

    # ---- drawing

    def draw_who_and_when(self) -> None:
        """Direction, kind and moment, then who of us and who of the client."""
        if self.subject.is_mail:
            rows: tuple[tuple[str, ...], ...] = (("kind", "contact", "to"), ("correspondent_name", "cc"))
        else:
            rows = (("direction", "kind", "on", "time"), ("person", "contact", "correspondent_name",
                                                         "correspondent_email"))  # fmt: skip
        inputs = self._inputs()
        for row in rows:
            shown = [field for field in row if field != "correspondent_name" or not self.value("contact")]
            for column, field in zip(st.columns(len(shown)), shown, strict=True):
                with column:
                    inputs[field](field)
                    feedback.show_field_problem(self.name, field)

    def draw_subject(self) -> None:
        """What it is about, on one line."""
        required = " *" if self.subject.is_mail else ""
        st.text_input(labels()["subject"] + required, self._open("subject", ""), key=self.key("subject"),
                      max_chars=MAX_SUBJECT)  # fmt: skip
        feedback.show_field_problem(self.name, "subject")

    def draw_documents(self, sender: Sender | None) -> None:
        """Those of the action that go with the message; an e-mail says when they are too heavy for it."""
        opened = [each for each in self._open("documents", []) if each in self.subject.documents]
        if self.subject.documents:
            st.session_state[self.key("documents")] = [
                each for each in self.value("documents") or [] if each in self.subject.documents
            ]
            chosen = st.multiselect(
                labels()["documents"], list(self.subject.documents), default=opened, key=self.key("documents"),
                format_func=self._document_label, placeholder=_("Choose among those of the action"),
            )  # fmt: skip
            files = tuple(self.subject.documents[each] for each in chosen if each in self.subject.documents)
            if sender and (heavy := weight_problem(files, self.body(), sender)):
                st.caption(f":orange[:material/weight: {feedback.plain(translate(heavy))}]")
        else:
            st.caption(_("The action has no document yet: add some in its tab, your draft is kept."))
        feedback.show_field_problem(self.name, "documents")
        feedback.show_field_problem(self.name, "answers")

    def _document_label(self, document_id: int) -> str:
        document = self.subject.documents.get(document_id)
        return f"{document.name} ({formats.file_size(document.size_bytes)})" if document else ""

    def _inputs(self) -> Mapping[str, Callable[[str], None]]:
        return {
            "direction": self._choose_direction, "kind": self._choose_kind, "person": self._choose_person,
            "contact": self._choose_contact, "correspondent_name": self._enter_line,
            "correspondent_email": self._enter_line, "to": self._enter_line, "cc": self._enter_line,
            "on": self._enter_date, "time": self._enter_time,
        }  # fmt: skip

    def _choose(self, field: str, choices: Mapping[int, str], *, required: bool, **options: Any) -> None:
        ids, opened = list(choices), self._open(field)
        if self.value(field) not in (None, *ids):
            self.put(field, None)
        st.selectbox(
            labels()[field] + (" *" if required else ""), ids, index=ids.index(opened) if opened in ids else None,
            key=self.key(field), format_func=lambda each: choices.get(each, ""), placeholder=_("Choose"), **options,
        )  # fmt: skip

    def _choose_direction(self, field: str) -> None:
        st.segmented_control(
            labels()[field] + " *", list(Direction), default=self._open(field), key=self.key(field), required=True,
            format_func=lambda each: translate(DIRECTIONS[Direction(each)]),
        )  # fmt: skip

    def _choose_kind(self, field: str) -> None:
        kept = self.values.get(field)
        kinds = [k for k in self.ctx.reference.exchange_kinds.values() if k.is_active or k.id == kept]
        self._choose(field, {kind.id: disabled_mark(kind, kind.label) for kind in kinds}, required=True)

    def _choose_person(self, field: str) -> None:
        kept = self.values.get(field)
        people = [p for p in self.ctx.reference.people.values() if p.is_active or p.id == kept]
        self._choose(field, {person.id: person.name for person in people}, required=True)

    def _choose_contact(self, field: str) -> None:
        """One of the client's; choosing one brings his address."""
        contacts = {c.id: c for c in self.subject.file.client.contacts}

        def bring_address() -> None:
            contact = contacts.get(st.session_state.get(self.key(field)) or 0)
            self.put("to" if self.subject.is_mail else "correspondent_email", contact.email if contact else "")

        names = {c.id: " · ".join(part for part in (c.name, c.role) if part) for c in contacts.values()}
        self._choose(field, names, required=False, on_change=bring_address,
                     help=_("One of the client's contacts; nobody: write a name."))  # fmt: skip

    def _enter_line(self, field: str) -> None:
        required = " *" if field == "to" else ""
        texts = {"cc": _("Several addresses: separate them by commas.")}
        st.text_input(
            labels()[field] + required, self._open(field, ""), key=self.key(field), help=texts.get(field),
            max_chars={"cc": 2_000, "correspondent_name": MAX_NAME}.get(field, MAX_ADDRESS),
        )  # fmt: skip

    def _enter_date(self, field: str) -> None:
        st.date_input(labels()[field] + " *", self._open(field), key=self.key(field), format="DD/MM/YYYY")

    def _enter_time(self, field: str) -> None:
        st.time_input(labels()[field] + " *", self._open(field), key=self.key(field), step=300)
