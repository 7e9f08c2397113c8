"""The fields of a sub-action as inputs: one form for creating, editing in place and the next step of a report.

Drawn from the domain's field table: labels, help, required marks, and a lock that says why. Values are the raw ones of
`lib.domain.fields`; nothing is checked here. Widget keys are `<form>.<field>`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from lib.domain.catalog import Choice
from lib.domain.chain import Status
from lib.domain.clients import ClientFile
from lib.domain.context import Context
from lib.domain.deals import Deal, shown_deal_number
from lib.domain.durations import shown_duration
from lib.domain.fields import FIELDS, is_required
from lib.domain.reference import Reference
from lib.domain.sentences import Sentence
from lib.ui import feedback
from lib.ui.rich_text import rich_text
from lib.ui.statuses import STATUSES, disabled_mark, person_name
from lib.ui.words import _, translate

ROWS = (
    ("nature", "reason", "domain"),
    ("site", "contact", "deal"),
    ("status", "planned_date", "planned_time", "duration"),
    ("participants",),
)
"""The fields of the tab Action, line by line; what and where first, then when."""
ACTION_FIELDS = tuple(name for row in ROWS for name in row)


@dataclass
class ActionForm:
    """One form being drawn. `values` are what it opens with; `locked` says why a field can't be changed.

    `problem_prefix` is what the use case puts before its fields' names in its problems (`next.` in a report).
    """

    ctx: Context
    reference: Reference
    name: str
    values: Mapping[str, object]
    file: ClientFile | None = None
    deals: Sequence[Deal] = ()
    locked: Mapping[str, Sentence] = field(default_factory=dict)
    problem_prefix: str = ""
    problem_form: str = ""

    def key(self, name: str) -> str:
        """The widget's key of a field."""
        return f"{self.name}.{name}"

    def value(self, name: str) -> Any:
        """What a field holds now: what was typed, else what the form opened with; nothing when it doesn't apply."""
        return self._held(name) if self._applies(name) else None

    def _held(self, name: str) -> Any:
        return st.session_state.get(self.key(name), self.values.get(name))

    def raw(self, names: Sequence[str]) -> dict[str, object]:
        """The typed values of some fields, for a use case."""
        return {name: self.value(name) for name in names}

    # ---- drawing

    def draw(self, *rows: Sequence[str]) -> None:
        """Some fields, line by line; those that don't apply now are left out."""
        for row in rows:
            shown = [name for name in row if self._applies(name)]
            for column, name in zip(st.columns(len(shown)) if shown else [], shown, strict=True):
                with column:
                    self.draw_field(name)

    def draw_field(self, name: str) -> None:
        """One field: label with its mark, input, and under it what is wrong or why it is locked."""
        _INPUTS[name](self, name)
        if name in self.locked:
            st.caption(f":material/lock: {feedback.plain(translate(self.locked[name]))}")
        feedback.show_field_problem(self.problem_form or self.name, self.problem_prefix + name)

    def draw_detail(self, *, rev: int, height: int = 220) -> str:
        """The detail's editor; returns its HTML as typed so far."""
        html = rich_text(
            str(self.values.get("detail") or ""),
            key=self.key("detail"),
            rev=rev,
            label=self.label("detail"),
            height=height,
            read_only="detail" in self.locked,
        )
        if "detail" in self.locked:
            st.caption(f":material/lock: {feedback.plain(translate(self.locked['detail']))}")
        feedback.show_field_problem(self.problem_form or self.name, self.problem_prefix + "detail")
        return html

    def label(self, name: str) -> str:
        """A field's label, with `*` when it is required now."""
        required = is_required(name, status=self.value("status"), parameters=self.reference.parameters)
        return translate(FIELDS[name].label) + (" *" if required else "")

    def _options(self, name: str) -> dict[str, Any]:
        """What every input takes."""
        text = FIELDS[name].help
        return {
            "key": self.key(name),
            "help": translate(text) if text else None,
            "disabled": name in self.locked,
        }

    def open(self, name: str, value: object = None) -> Any:
        """Put what a field opens with into its widget, before it is first drawn; return it, to be its default too.

        Both: callbacks need the value in the session, and a browser that is sent two runs at once is given the default
        only, without which it shows an empty field and sends that back.
        """
        opened = self.values.get(name) if value is None else value
        st.session_state.setdefault(self.key(name), opened)
        return opened

    def _applies(self, name: str) -> bool:
        """Motif only where the nature has some, participants only where it asks for them (R7)."""
        nature_id = self._held("nature")
        if name == "reason":
            return bool(self.reference.reasons_of(nature_id))
        if name == "participants":
            nature = self.reference.natures.get(nature_id or 0)
            return bool(nature and nature.asks_participants)
        return name != "deal" or bool(self.deals)

    # ---- one function for each kind of input

    def choose(self, name: str, choices: Mapping[int, str], *, on_change: Callable[[], None] | None = None) -> None:
        """A choice by id; a value that is no longer offered opens empty."""
        options = list(choices)
        opened = self.open(name)
        if self.value(name) not in (None, *options):
            st.session_state[self.key(name)] = None
        st.selectbox(
            self.label(name),
            options,
            index=options.index(opened) if opened in options else None,
            format_func=lambda each: choices.get(each, ""),
            placeholder=_("Choose"),
            on_change=on_change or "rerun",
            **self._options(name),
        )

    def choose_place(self, name: str) -> None:
        """The client's sites or contacts; of those that are no longer there, only the one that the form opened with."""
        file, kept = self.file, self.values.get(name)
        if name == "site":
            used = [s for s in file.sites if s.is_active or s.id == kept] if file else []
            found = {s.id: f"{s.name} · {s.town}" if s.town else s.name for s in used}
        else:
            site_id = self.value("site")
            there = [c for c in file.contacts if c.is_active or c.id == kept] if file else []
            here = [c for c in there if not (site_id and c.site_id and c.site_id != site_id)]
            found = {c.id: " · ".join(part for part in (c.name, c.role, c.phone) if part) for c in here}
        self.choose(name, found)

    def choose_domain(self, name: str) -> None:
        """The domains of the unit's business activity; disabled ones are shown, marked."""
        unit_id, kept = self.value("org_unit"), self.reference.domains.get(self._kept(name, "org_unit"))
        self.choose(name, _labels([*self.reference.domains_of_unit(unit_id), *([kept] if kept else [])]))

    def choose_nature(self, name: str) -> None:
        """The natures; another one brings its default duration (R10)."""

        def renew_duration() -> None:
            nature = self.reference.natures.get(st.session_state.get(self.key("nature")) or 0)
            st.session_state[self.key("duration")] = shown_duration(nature.duration_min) if nature else ""

        self.choose(name, _labels(self.reference.natures.values()), on_change=renew_duration)

    def choose_reason(self, name: str) -> None:
        """The reasons under the nature."""
        self.choose(name, _labels(self.reference.reasons_of(self.value("nature"))))

    def choose_origin(self, name: str) -> None:
        """Why the action exists."""
        self.choose(name, _labels(self.reference.origins.values()))

    def choose_deal(self, name: str) -> None:
        """The client's deals."""
        self.choose(name, {deal.id: f"{shown_deal_number(deal.number)} · {deal.title}" for deal in self.deals})

    def choose_people(self, name: str) -> None:
        """Other participants."""
        opened = self.values.get(name)
        kept = sorted(opened) if isinstance(opened, frozenset | set | list) else []
        people = {p.id: p.name for p in self.reference.people.values() if p.is_active or p.id in kept}
        default = self.open(name, kept)
        st.multiselect(
            self.label(name), list(people), default=[each for each in default if each in people],
            format_func=lambda each: people.get(each, ""), placeholder=_("Choose"), **self._options(name),
        )  # fmt: skip

    def choose_assignee(self, name: str) -> None:
        """The salesperson; another one brings his unit (R8)."""

        def renew_unit() -> None:
            person_id = st.session_state.get(self.key("assignee"))
            unit = self.reference.deduced_unit_of(person_id) if person_id else None
            st.session_state[self.key("org_unit")] = unit.id if unit else None

        sellers = {m.person_id for m in self.reference.memberships} | {self.ctx.person.id, self.values.get(name)}
        people = {
            p.id: person_name(self.reference, p.id)
            for p in self.reference.people.values()
            if p.id in sellers and (p.is_active or p.id == self.values.get(name))
        }
        self.choose(name, people, on_change=renew_unit)
        person_id = self.value(name)
        if person_id and not self.reference.sales_units_of(person_id):
            st.caption(_("This person is in no sales unit: the action will have none."))

    def choose_unit(self, name: str) -> None:
        """The salesperson's units; any sales unit once the salesperson is emptied (R8)."""
        person_id = self.value("assignee")
        units = self.reference.sales_units_of(person_id) if person_id else list(self.reference.units.values())
        found = {u.id: u.name for u in units if u.kind == "sales" and u.is_active}
        if kept := self.reference.units.get(self._kept(name, "assignee")):
            found.setdefault(kept.id, kept.name)
        self.choose(name, found)

    def _kept(self, name: str, follows: str) -> int:
        """What the form opened with stays on offer, whatever became of it, until what it follows is changed; else 0."""
        opened, is_same = self.values.get(name), self.value(follows) == self.values.get(follows)
        return opened if is_same and isinstance(opened, int) else 0

    def choose_status(self, name: str) -> None:
        """À planifier or Planifiée; the others come from a report or a cancellation."""
        options = [Status.TO_PLAN, Status.PLANNED]
        opened = self.values.get(name)
        if opened not in (None, *options):
            st.text_input(self.label(name), translate(STATUSES[Status(str(opened))].label), disabled=True)
            return
        default = self.open(name, opened or Status.TO_PLAN)
        st.segmented_control(
            self.label(name),
            options,
            default=default,
            required=True,
            format_func=lambda each: translate(STATUSES[each].label),
            **self._options(name),
        )

    def enter_date(self, name: str) -> None:
        """A date, or none."""
        st.date_input(self.label(name), self.open(name), format="DD/MM/YYYY", **self._options(name))

    def enter_time(self, name: str) -> None:
        """A time, or none."""
        st.time_input(self.label(name), self.open(name), **self._options(name))

    def enter_duration(self, name: str) -> None:
        """A duration as people write it."""
        opened = self.values.get(name)
        text = shown_duration(opened) if isinstance(opened, int) else str(opened or "")
        st.text_input(self.label(name), self.open(name, text), max_chars=20, **self._options(name))


def _labels(choices: Sequence[Choice] | Any) -> dict[int, str]:
    return {choice.id: disabled_mark(choice, choice.label) for choice in choices}


_INPUTS: Mapping[str, Callable[[ActionForm, str], None]] = {
    "site": ActionForm.choose_place,
    "contact": ActionForm.choose_place,
    "domain": ActionForm.choose_domain,
    "nature": ActionForm.choose_nature,
    "reason": ActionForm.choose_reason,
    "participants": ActionForm.choose_people,
    "deal": ActionForm.choose_deal,
    "status": ActionForm.choose_status,
    "planned_date": ActionForm.enter_date,
    "planned_time": ActionForm.enter_time,
    "duration": ActionForm.enter_duration,
    "org_unit": ActionForm.choose_unit,
    "assignee": ActionForm.choose_assignee,
    "origin": ActionForm.choose_origin,
    "done_on": ActionForm.enter_date,
    "done_time": ActionForm.enter_time,
    "done_duration": ActionForm.enter_duration,
}


def labels() -> dict[str, str]:
    """Every field's label, for the messages above a form."""
    own = {name: translate(each.label) for name, each in FIELDS.items()}
    return own | {f"next.{name}": label for name, label in own.items()} | {
        "follow_up": _("Follow-up"), "service_report": _("Service report")
    }  # fmt: skip
