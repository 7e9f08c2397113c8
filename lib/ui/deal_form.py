"""The fields of a deal as inputs: one form for creating and for editing. Widget keys are `<form>.<field>`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import streamlit as st

from lib.domain.catalog import DealOutcome
from lib.domain.clients import ClientFile
from lib.domain.context import Context
from lib.domain.deals import COLUMNS, LABELS, MAX_LOST_REASON, MAX_NOTE, MAX_TITLE
from lib.domain.reference import Reference
from lib.ui import feedback
from lib.ui.statuses import disabled_mark
from lib.ui.words import _, translate

_REQUIRED = ("client", "title", "stage", "owner", "lost_reason")


def labels() -> dict[str, str]:
    """Every field's label, for the messages above a form."""
    return {name: translate(label) for name, label in LABELS.items()}


@dataclass
class DealForm:
    """One form being drawn; `values` are what it opens with."""

    ctx: Context
    reference: Reference
    name: str
    values: Mapping[str, object]
    file: ClientFile | None = None

    def key(self, field: str) -> str:
        """The widget's key of a field."""
        return f"{self.name}.{field}"

    def value(self, field: str) -> Any:
        """What a field holds now: what was typed, else what the form opened with."""
        return st.session_state.get(self.key(field), self.values.get(field))

    def raw(self) -> dict[str, object]:
        """The typed values, for a use case; why it is lost counts only where it is."""
        return {name: self.value(name) for name in COLUMNS if name != "lost_reason" or self._is_lost()}

    def _is_lost(self) -> bool:
        stage = self.reference.deal_stages.get(self.value("stage") or 0)
        return stage is not None and stage.outcome == DealOutcome.LOST

    # ---- drawing

    def draw(self) -> None:
        """All the fields: what it is, how far it is, whose it is."""
        self._text("title", max_chars=MAX_TITLE)
        stage, amount, expected = st.columns(3)
        with stage:
            self._choose("stage", {s.id: disabled_mark(s, s.label) for s in self.reference.deal_stages.values()})
        with amount:
            self._text("amount_eur", max_chars=30, placeholder="12 500,00")
        with expected:
            self._day("expected_on")
        if self._is_lost():
            self._text("lost_reason", max_chars=MAX_LOST_REASON)
        owner, unit, contact = st.columns(3)
        with owner:
            self._choose_owner()
        with unit:
            self._choose("org_unit", self._units())
        with contact:
            self._choose("contact", self._contacts())
        with self._field("note"):
            st.text_area(self._label("note"), self._open("note"), key=self.key("note"), max_chars=MAX_NOTE, height=110)

    def _label(self, field: str) -> str:
        return translate(LABELS[field]) + (" *" if field in _REQUIRED else "")

    def _open(self, field: str) -> Any:
        """Put what a field opens with into its widget before it is first drawn; return it, to be its default too.

        Both: callbacks need the value in the session, and a browser that is sent two runs at once is given the default.
        """
        opened = self.values.get(field)
        if field in ("title", "amount_eur", "note", "lost_reason"):
            opened = str(opened or "")
        st.session_state.setdefault(self.key(field), opened)
        return opened

    @contextmanager
    def _field(self, field: str) -> Iterator[None]:
        """A field's place: its input, and under it what is wrong with it."""
        with st.container(gap="xsmall"):
            yield
            feedback.show_field_problem(self.name, field)

    def _text(self, field: str, *, max_chars: int, placeholder: str = "") -> None:
        with self._field(field):
            st.text_input(self._label(field), self._open(field), key=self.key(field), max_chars=max_chars,
                          placeholder=placeholder)  # fmt: skip

    def _day(self, field: str) -> None:
        with self._field(field):
            st.date_input(self._label(field), self._open(field), key=self.key(field), format="DD/MM/YYYY")

    def _choose(self, field: str, choices: Mapping[int, str], **how: Any) -> None:
        options, opened = list(choices), self._open(field)
        if self.value(field) not in (None, *options):
            st.session_state[self.key(field)] = None
        with self._field(field):
            st.selectbox(
                self._label(field), options, index=options.index(opened) if opened in options else None,
                key=self.key(field), format_func=lambda each: choices.get(each, ""), placeholder=_("Choose"), **how,
            )  # fmt: skip

    def _choose_owner(self) -> None:
        """Those who sell; another one brings his unit (R8)."""

        def renew_unit() -> None:
            person_id = st.session_state.get(self.key("owner"))
            unit = self.reference.deduced_unit_of(person_id) if person_id else None
            st.session_state[self.key("org_unit")] = unit.id if unit else None

        kept = self.values.get("owner")
        sellers = {m.person_id for m in self.reference.memberships} | {self.ctx.person.id, kept}
        people = self.reference.people.values()
        found = {p.id: p.name for p in people if p.id in sellers and (p.is_active or p.id == kept)}
        self._choose("owner", found, on_change=renew_unit)

    def _units(self) -> dict[int, str]:
        """The salesperson's sales units; what the form opened with stays on offer until he is changed."""
        owner_id, kept = self.value("owner"), self.reference.units.get(_id(self.values.get("org_unit")))
        found = {u.id: u.name for u in self.reference.sales_units_of(owner_id)} if owner_id else {}
        if kept and owner_id == self.values.get("owner"):
            found.setdefault(kept.id, kept.name)
        return found

    def _contacts(self) -> dict[int, str]:
        kept = self.values.get("contact")
        here = [c for c in self.file.contacts if c.is_active or c.id == kept] if self.file else []
        return {c.id: " · ".join(part for part in (c.name, c.role, c.phone) if part) for c in here}


def _id(value: object) -> int:
    return value if isinstance(value, int) else 0
