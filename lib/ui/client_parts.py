"""A client's sites and contacts, added or changed in a dialog, from wherever one needs them."""

from __future__ import annotations

import streamlit as st

from lib.domain.client_editing import open_contact, open_site
from lib.domain.clients import open_client
from lib.domain.context import Context
from lib.domain.rights import Operation, allowed, require
from lib.ui import drafting, feedback, session
from lib.ui.client_form import RecordForm
from lib.ui.words import _, translate

_ASKED, _ADDED, _DONE = "client_part.asked", "client_part.added", "client_part.done"
NEW = 0


def ask(noun: str, client_id: int, part_id: int = NEW) -> None:
    """From a callback: the dialog of a `site` or a `contact` opens when `answer` is reached."""
    st.session_state[_ASKED] = (noun, client_id, part_id)


def draw_buttons(ctx: Context, client_id: int) -> None:
    """The two buttons that add a contact and a site to a client without leaving the page; none for who may not."""
    if allowed(ctx, Operation.EDIT_CLIENTS):
        return
    for noun, label in (("contact", _("New contact")), ("site", _("New site"))):
        st.button(label, icon=":material/add:", key=f"client_part.new_{noun}", type="tertiary", on_click=ask,
                  args=(noun, client_id))  # fmt: skip


def answer(ctx: Context, *, into: str = "") -> None:
    """Last in a page: open the dialog asked for, if any; the form `into` finds what was added by `taken`."""
    st.session_state.pop(_DONE, None)
    asked = st.session_state.pop(_ASKED, None)
    if asked is None:
        return
    noun, client_id, part_id = asked
    found = feedback.attempt("client_part.read", lambda: _opened(ctx, noun, client_id, part_id))
    if found.error:
        st.toast(feedback.plain(translate(found.error.sentence)), icon=":material/lock:")
    if found.value is None:
        return
    feedback.forget(found.value.name)
    _dialog(found.value, into)


def taken(into: str) -> tuple[str, int] | None:
    """What the dialog has just added for the form `into`, once: `site` or `contact`, and its id."""
    return st.session_state.pop(f"{_ADDED}.{into}", None)


def _opened(ctx: Context, noun: str, client_id: int, part_id: int) -> RecordForm:
    require(ctx, Operation.EDIT_CLIENTS)
    sites = open_client(ctx, client_id=client_id).sites if noun == "contact" else ()
    if part_id == NEW:
        alone = [site.id for site in sites if site.is_active]
        values: dict[str, object] = {"site": alone[0]} if len(alone) == 1 and noun == "contact" else {}
        return RecordForm(ctx, noun, client_id, sites=sites, values=values)
    record = open_site(ctx, site_id=part_id) if noun == "site" else open_contact(ctx, contact_id=part_id)
    return RecordForm(ctx, noun, record.client_id, record=record, sites=sites)


def _title(form: RecordForm) -> str:
    if form.record is None:
        return _("New contact") if form.noun == "contact" else _("New site")
    return _("Change a contact") if form.noun == "contact" else _("Change a site")


def _dialog(form: RecordForm, into: str) -> None:
    def save() -> None:
        """All of it in the callback: the run that follows may be interrupted, and the next form must be a new one."""
        form.save()
        if (saved := form.saved_id()) is None:
            return
        st.session_state[_DONE] = True
        if into:
            st.session_state[f"{_ADDED}.{into}"] = (form.noun, saved)
        feedback.flash(_("Saved."))

    def give_up() -> None:
        if now := session.current_context():
            drafting.drop(now, *form.draft)
        drafting.clear_form(form.name)
        st.session_state[_DONE] = True

    @st.dialog(_title(form), dismissible=False, width="medium")
    def show() -> None:
        # Kept until the page is drawn: a rerun asked for meanwhile may take this one's place.
        if st.session_state.get(_DONE):
            st.rerun()
        form.open()
        form.draw()
        form.draw_problem()
        with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
            form.keep()
            st.button(_("Give up"), key=form.key("give_up"), on_click=give_up)
            st.button(_("Save (F2)"), type="primary", icon=":material/check:", key="save_part", on_click=save)

    show()
