"""Keeping on the server what is being typed, and offering it again (R16)."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from lib.domain import richtext
from lib.domain.context import Context
from lib.domain.drafts import Draft, drop_draft, keep_draft, kept_draft
from lib.domain.errors import Conflict, DomainError
from lib.ui import feedback, formats, session
from lib.ui.feedback import bold
from lib.ui.rich_text import show_rich_text
from lib.ui.words import _, translate

_FORMS = (
    "new.",
    "edit.",
    "report.",
    "deal.",
    "crit.",
    "exchange.",
    "documents.",
    "client_form.",
    "draft.",
    "given_up.",
)


def opened_draft(ctx: Context, form: str, record_id: int) -> Draft | None:
    """The draft that this form opens with; read once, when the form is opened."""
    key = f"draft.{form}.{record_id}"
    if key not in st.session_state:
        st.session_state[key] = kept_draft(ctx, form=form, record_id=record_id)
    return st.session_state[key]


def keep(form: str, record_id: int, content: Mapping[str, object], *, version: int) -> None:
    """Keep what is typed, when it differs from what was last seen; says when it was kept.

    As whoever is signed in now: the form may have been open for hours.
    """
    seen_key, saved_key = f"draft.{form}.{record_id}.seen", f"draft.{form}.{record_id}.saved"
    seen = st.session_state.get(seen_key)
    if seen is None:  # what the form opened with isn't worth a draft
        st.session_state[seen_key] = dict(content)
        return
    if seen != content:
        ctx = session.current_context()
        if ctx is None:
            _say_session_ended()
            return
        try:
            keep_draft(ctx, form=form, record_id=record_id, content=content, version=version)
        except DomainError as error:
            st.caption(f":red[:material/error: {translate(error.sentence)}]")
            return
        st.session_state[seen_key] = dict(content)
        st.session_state[saved_key] = ctx.local_now
    if saved := st.session_state.get(saved_key):
        st.caption(_("Draft saved at {time}", time=formats.clock(saved)))


def rerun_after_save(form: str) -> None:
    """Draw the page with what became of a save; if nobody is signed in any more, leave the text where it can be read.

    `save` forgets the last outcome then.
    """
    if feedback.outcome(form):
        st.rerun()
    _say_session_ended()
    st.stop()


def _say_session_ended() -> None:
    st.error(
        _("Your session has ended: what you type from now on isn't kept. Copy it, then sign in again."),
        icon=":material/lock:",
    )


def say_it_is_back() -> None:
    """Tell, on the page that opens with it, that a draft was found."""
    st.toast(_("Your draft is back."), icon=":material/restore_page:", duration="long")


def show_lost(ctx: Context, form: str, record_id: int, typed: str = "") -> None:
    """What was typed for something that can no longer be saved, to be read or copied elsewhere, then forgotten.

    `typed` is what the editor holds now, if it was on the page until this run; the draft says it later.
    """
    draft = opened_draft(ctx, form, record_id)
    typed = st.session_state.setdefault(f"draft.{form}.{record_id}.lost", typed)
    texts = [draft.content.get(name) for name in ("report", "detail", "body")] if draft else []
    html = richtext.clean(next((str(text) for text in (typed, *texts) if text), ""))
    if not html and not draft:
        return
    with st.container(border=True):
        st.markdown(bold(_("What you typed")))
        show_rich_text(html, key="draft.lost")
        if st.button(_("Forget it"), key="draft.forget", icon=":material/delete:"):
            drop(ctx, form, record_id)
            st.rerun()


def drop(ctx: Context, form: str, record_id: int) -> None:
    """Forget the draft, here and on the server."""
    drop_draft(ctx, form=form, record_id=record_id)
    st.session_state.pop(f"draft.{form}.{record_id}", None)
    clear_form(f"draft.{form}.{record_id}")


def draw_conflict_choice(form: str, record_id: int, name: str, *, version: int) -> None:
    """After a save refused by a conflict: mine over what was saved, whose version is `version`, or what was saved."""
    last = feedback.outcome(name)
    if not (last and isinstance(last.error, Conflict)):
        return

    def take_mine() -> None:
        st.session_state[f"{name}.version"] = version
        feedback.forget(name)

    def take_theirs() -> None:
        if now := session.current_context():
            drop(now, form, record_id)
        clear_form(name)
        st.session_state[f"turn.{name}"] = turn(name) + 1

    with st.container(horizontal=True):
        st.button(_("Keep my text, on the new version"), key=f"{name}.mine", on_click=take_mine)
        st.button(_("Take what was saved"), key=f"{name}.theirs", on_click=take_theirs)


def turn(name: str) -> int:
    """How often what was saved was taken: the editor, which stays on the page, then opens with it."""
    return int(st.session_state.get(f"turn.{name}", 0))


def draw_give_up(form: str, record_id: int, name: str, *, label: str = "", help: str | None = None) -> None:
    """The button that forgets a form and its draft; `name` begins its widgets' keys. See `has_given_up`.

    In the callback: leaving the editor starts a run too, and the run of two that is interrupted may be this click's.
    """

    def forget() -> None:
        if now := session.current_context():
            drop(now, form, record_id)
        clear_form(name)
        st.session_state[f"given_up.{name}"] = True

    st.button(label or _("Give up"), key=f"{name}.give_up", help=help, on_click=forget)


def rerun_if_given_up(name: str) -> None:
    """First in a form's fragment: the page decides what comes next."""
    if f"given_up.{name}" in st.session_state:
        st.rerun()


def is_changed(form: str, record_id: int, content: Mapping[str, object]) -> bool:
    """Whether what is typed differs from what the form opened with, and from what was kept last."""
    return st.session_state.get(f"draft.{form}.{record_id}.seen", content) != content


def is_kept(form: str, record_id: int) -> bool:
    """Whether the server holds a draft of this form: the one that it opened with, or one kept since."""
    key = f"draft.{form}.{record_id}"
    return st.session_state.get(key) is not None or f"{key}.saved" in st.session_state


def leave(form: str, record_id: int, name: str) -> None:
    """From a callback: forget the form and keep its draft, to be offered again; see `has_given_up`."""
    st.session_state.pop(f"draft.{form}.{record_id}", None)
    clear_form(f"draft.{form}.{record_id}")
    clear_form(name)
    st.session_state[f"given_up.{name}"] = True


def has_given_up(name: str) -> bool:
    """First in a form's page: whether the form was given up; once."""
    return bool(st.session_state.pop(f"given_up.{name}", False))


def forget_forms() -> None:
    """Forget every form of the session: what was typed is in the drafts, what was stored may have changed."""
    for key in [str(key) for key in st.session_state if str(key).startswith(_FORMS)]:
        del st.session_state[key]


def clear_form(name: str) -> None:
    """Forget what the widgets of a form hold: the next time, it opens afresh."""
    for key in [str(key) for key in st.session_state if str(key).startswith(f"{name}.")]:
        del st.session_state[key]
