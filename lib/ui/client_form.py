"""The forms of clients, sites and contacts: one way to draw, keep, save and refuse all three (R34).

A form sends the fields that its author changed, with the version that it opened on; its draft is kept on the server.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from uuid import uuid4

import streamlit as st

from lib.domain.client_editing import (
    Double,
    DoubleKind,
    Doubles,
    add_contact,
    add_site,
    change_client,
    change_contact,
    change_site,
    create_client,
)
from lib.domain.client_fields import CLIENT_FIELDS, CONTACT_FIELDS, LABELS, LENGTHS, SITE_FIELDS, form_values
from lib.domain.clients import RELATIONS, Client, Contact, Relation, Site
from lib.domain.context import Context
from lib.domain.rights import looks_at_others
from lib.domain.sentences import say
from lib.ui import drafting, feedback, session
from lib.ui.client_picker import client_label
from lib.ui.feedback import plain
from lib.ui.frame import link
from lib.ui.words import _, plural, translate

ROWS: Mapping[str, Sequence[Sequence[str]]] = {
    "client": (("name", "code"), ("relation",), ("account_manager", "business_activity"), ("phone", "website"),
               ("town", "siret"), ("is_active",)),
    "site": (("name",), ("address",), ("postcode", "town"), ("phone", "coordinates"), ("is_active",)),
    "contact": (("name", "role"), ("phone", "email"), ("site",), ("is_active",)),
}  # fmt: skip
_FIELDS = {"client": CLIENT_FIELDS, "site": SITE_FIELDS, "contact": CONTACT_FIELDS}
_REQUIRED = ("name", "relation")
_REASONS = {
    DoubleKind.SIRET: say("the same SIRET"),
    DoubleKind.NAME: say("the same name"),
    DoubleKind.EMAIL: say("the same e-mail address"),
}
Record = Client | Site | Contact


@dataclass
class RecordForm:
    """One form; `record` is None for a new one, and `sites` those that a contact may work at."""

    ctx: Context
    noun: str
    client_id: int
    record: Record | None = None
    sites: Sequence[Site] = ()
    values: Mapping[str, object] = field(default_factory=dict)
    """What a new one begins with."""

    @property
    def name(self) -> str:
        """What begins the keys of its widgets, and its outcome."""
        return f"client_form.{self.noun}.{self.record.id if self.record else 'new'}"

    @property
    def draft(self) -> tuple[str, int]:
        """Its draft's form and record: of a new site or contact, its client."""
        return (f"edit_{self.noun}", self.record.id) if self.record else (f"new_{self.noun}", self.client_id)

    def key(self, name: str) -> str:
        """The widget's key of a field."""
        return f"{self.name}.{name}"

    # ---- what it holds

    def open(self) -> None:
        """Before it is drawn: what it opens with, once; a draft comes back."""
        state = st.session_state
        if self.key("request") in state and self.key("name") in state:
            return
        opened: dict[str, object] = form_values(self.record) if self.record else self._defaults()
        draft = drafting.opened_draft(self.ctx, *self.draft)
        kept = {name: value for name, value in (draft.content if draft else {}).items() if name in opened}
        state.update({self.key(name): value for name, value in {**opened, **kept}.items()})
        state[self.key("request")], state[self.key("opened")] = uuid4().hex, opened
        # The version travels with the form: read again at saving, it would hide what others changed meanwhile.
        version = self.record.version if self.record else 0
        state[self.key("version")] = draft.version if draft and self.record else version
        if draft:
            drafting.say_it_is_back()

    def _defaults(self) -> dict[str, object]:
        empty: dict[str, object] = {**dict.fromkeys(_FIELDS[self.noun], ""), "is_active": True}
        if self.noun == "client":
            mine = None if looks_at_others(self.ctx) else self.ctx.person.id
            empty |= {"relation": str(Relation.SUSPECT), "account_manager": mine, "business_activity": None}
        if self.noun == "contact":
            empty["site"] = None
        return {**empty, **self.values}

    def edits(self) -> dict[str, object]:
        """The fields that differ from what the form opened with; of a new one, all of them."""
        state = st.session_state
        opened: Mapping[str, object] = state[self.key("opened")]
        typed = {name: state.get(self.key(name), value) for name, value in opened.items()}
        if self.record is None:
            return typed
        return {name: value for name, value in typed.items() if value != opened[name]}

    def keep(self) -> None:
        """Keep what is typed as a draft, and say when."""
        drafting.keep(*self.draft, self.edits(), version=st.session_state[self.key("version")])

    # ---- saving

    def save(self, accepted: Sequence[str] = ()) -> None:
        """A callback: one use case, as whoever is signed in now."""
        now = session.current_context()
        if now is None:
            feedback.forget(self.name)
            return
        if feedback.attempt(self.name, self._use_case(now, accepted)).worked:
            drafting.drop(now, *self.draft)

    def _use_case(self, ctx: Context, accepted: Sequence[str]) -> Callable[[], int]:
        state, edits = st.session_state, self.edits()
        version, key = int(state[self.key("version")]), str(state[self.key("request")])
        match self.noun, self.record:
            case "client", None:
                return partial(create_client, ctx, raw=edits, request_key=key, accepted=accepted)
            case "site", None:
                return partial(add_site, ctx, client_id=self.client_id, raw=edits, request_key=key)
            case _, None:
                return partial(
                    add_contact, ctx, client_id=self.client_id, raw=edits, request_key=key, accepted=accepted
                )
            case _, Client(id=record_id):
                change = partial(change_client, client_id=record_id, accepted=accepted)
            case _, Contact(id=record_id):
                change = partial(change_contact, contact_id=record_id, accepted=accepted)
            case _, record:
                record_id = record.id
                change = partial(change_site, site_id=record_id)

        def run() -> int:
            change(ctx, version=version, edits=edits)
            return record_id

        return run

    def saved_id(self) -> int | None:
        """The record just saved, once; the form is forgotten then."""
        last = feedback.outcome(self.name)
        if last is None or not last.worked or not isinstance(last.value, int):
            return None
        drafting.clear_form(self.name)
        return last.value

    # ---- drawing

    def draw(self) -> None:
        """Every field; of a new one, not whether it is active."""
        for row in ROWS[self.noun]:
            shown = [name for name in row if self.record or name != "is_active"]
            for column, name in zip(st.columns(len(shown)) if shown else [], shown, strict=True):
                with column:
                    self._draw_field(name)
                    feedback.show_field_problem(self.name, name)

    def _draw_field(self, name: str) -> None:
        key, label = self.key(name), translate(LABELS[name]) + (" *" if name in _REQUIRED else "")
        match name:
            case "relation":
                st.segmented_control(label, list(RELATIONS), key=key, required=True,
                                     format_func=lambda each: translate(RELATIONS[each]))  # fmt: skip
            case "account_manager" | "business_activity" | "site":
                choices = self._choices(name)
                if st.session_state.get(key) not in choices:
                    st.session_state[key] = None
                st.selectbox(label, list(choices), index=None, key=key, placeholder=_("Choose"),
                             format_func=lambda each: choices.get(each, ""))  # fmt: skip
            case "is_active":
                st.toggle(label, key=key, help=self._help(name))
            case _:
                length = LENGTHS.get(f"{self.noun}.{name}", LENGTHS[name])
                st.text_input(label, key=key, max_chars=length, help=self._help(name), placeholder=_placeholder(name))

    def _choices(self, name: str) -> dict[int, str]:
        kept = st.session_state[self.key("opened")].get(name)
        reference = self.ctx.reference
        if name == "site":
            return {s.id: s.name for s in self.sites if s.is_active or s.id == kept}
        if name == "business_activity":
            return {each.id: each.label for each in reference.activities.values()}
        return {p.id: p.name for p in reference.people.values() if p.is_active or p.id == kept}

    def _help(self, name: str) -> str | None:
        if name == "is_active":
            return {
                "client": _("Off: no longer found, nor offered for anything new; what was done with it stays."),
                "site": _("Off: no longer offered for anything new; what was done there stays."),
                "contact": _("Off: has gone, and is no longer offered for anything new."),
            }[self.noun]
        if name == "code":
            return _("Empty: the next number is given.")
        return _("Latitude then longitude, as maps give them.") if name == "coordinates" else None

    def draw_problem(self) -> None:
        """By the button that was pressed: what is wrong, what the other side saved, or what looks the same."""
        last = feedback.outcome(self.name)
        if last and isinstance(last.error, Doubles):
            self._draw_doubles(last.error.found)
            return
        names = {name: translate(label) for name, label in LABELS.items()}
        feedback.show_problem(self.name, labels=names, in_words=self._in_words)
        if self.record:
            drafting.draw_conflict_choice(*self.draft, self.name, version=self.record.version)

    def _in_words(self, name: str, value: object) -> str:
        if value in (None, ""):
            return "—"
        if name == "relation" and value in RELATIONS:
            return translate(RELATIONS[str(value)])
        if name in ("account_manager", "business_activity", "site") and isinstance(value, int):
            return self._choices(name).get(value, str(value))
        if name == "is_active":
            return _("yes") if value else _("no")
        return str(value)

    def _draw_doubles(self, found: Sequence[Double]) -> None:
        """What looks the same, each a click away; and the way on."""
        with st.container(border=True):
            told = plural("There is perhaps one already:", "There are perhaps some already:", len(found))
            st.markdown(f":orange[:material/content_copy: {plain(told)}]")
            for double in found:
                who = f"{double.contact.name} — " if double.contact else ""
                reason = translate(_REASONS[double.kind])
                text = f"{plain(who + client_label(double.client))} ({plain(reason)})"
                link("client", text, icon=":material/domain:", client=double.client.id)
            label = _("Save all the same") if self.record else _("Create all the same")
            st.button(label, key=self.key("accept"), icon=":material/done_all:", on_click=self.save,
                      args=([double.key for double in found],))  # fmt: skip


def _placeholder(name: str) -> str | None:
    return {
        "siret": "732 829 320 00074", "phone": "04 78 12 34 56", "website": "https://www.example.org",
        "email": "claire.morin@example.org", "coordinates": "45.764, 4.8357",
    }.get(name)  # fmt: skip
