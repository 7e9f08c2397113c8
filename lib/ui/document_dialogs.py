"""What is done with one document, in a dialog: looked at, removed, or one of the client's attached (R29)."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from lib.domain.context import Context
from lib.domain.documents import Document, attach_document, client_documents, open_document, remove_document
from lib.domain.holders import Entity
from lib.ui import feedback, formats, frame, session
from lib.ui.feedback import plain
from lib.ui.rich_text.stored import FILES
from lib.ui.words import _, translate

FORM = "documents.dialog"
_OPEN = "documents.open"
_PROPOSED = 20
_SIDE = 1100
"""Pixels of the longer side: a page of paper that can be read, hardly higher than the window."""
_TEXT_HEIGHT, _PAGES_PX = 520, 420


class Place(NamedTuple):
    """The record whose documents are shown."""

    entity: Entity
    entity_id: int
    client_id: int | None


def address_of(document_id: int) -> str:
    """Where the browser finds a document."""
    return f"{FILES}{document_id}"


def ask(what: str, place: Place, document_id: int) -> None:
    """From a callback: open the dialog `preview`, `remove` or `attach`; `answer` draws it until it is closed."""
    feedback.forget(FORM)
    st.session_state.pop(f"{FORM}.page", None)
    st.session_state.pop(f"{FORM}.text", None)
    st.session_state[_OPEN] = (what, place, document_id)


def close() -> None:
    """From a callback, or before a rerun."""
    st.session_state.pop(_OPEN, None)


def answer(ctx: Context, place: Place) -> None:
    """The dialog that was asked for on this record, if any: on each run, since files may arrive behind it."""
    what, asked, document_id = st.session_state.get(_OPEN, ("", None, 0))
    if asked != place:
        return
    if what == "attach":
        _attach(place)
        return
    found = _opened(ctx, document_id)
    if found.error:
        close()
        st.toast(plain(translate(found.error.sentence)), icon=":material/search_off:")
    if found.value:
        _remove(place, found.value) if what == "remove" else _preview(found.value)


def _opened(ctx: Context, document_id: int) -> feedback.Outcome[Document]:
    return feedback.attempt(f"{FORM}.read", lambda: open_document(ctx, document_id=document_id))


# ---- looking


def _preview(document: Document) -> None:
    @st.dialog(plain(document.name), width="large", icon=":material/visibility:", on_dismiss=close)
    def show() -> None:
        now = session.current_context() or frame.signed_out()
        if _opened(now, document.id).error:  # somebody removed it meanwhile, or took the right away
            feedback.show_problem(f"{FORM}.read")
            return
        try:
            _draw_preview(now, document)
        except FileNotFoundError:
            st.warning(_("The content of this file is missing on the server: tell your administrator."))

    show()


def _draw_preview(ctx: Context, document: Document) -> None:
    """The buttons first: a page of paper is higher than the dialog."""
    previews = ctx.files.previews if ctx.files else None
    about = (document.sha256, document.media_type)
    text = previews.text(*about) if previews else None
    pages = previews.pages(*about) if previews and text is None else 0
    with st.container(horizontal=True, vertical_alignment="center"):
        st.link_button(_("Download"), address_of(document.id), icon=":material/download:")
        page = st.pagination(pages, key=f"{FORM}.page", width=_PAGES_PX) if pages > 1 else 1
    if text is not None:
        st.code(text, language=None, wrap_lines=True, height=_TEXT_HEIGHT)
    elif pages:
        st.markdown(f"![{plain(document.name)}]({address_of(document.id)}/preview?page={page}&side={_SIDE})")
    else:
        st.info(_("There is no preview of this document: download it."), icon=":material/visibility_off:")


# ---- removing


def _remove(place: Place, document: Document) -> None:
    @st.dialog(_("Remove this document?"), on_dismiss=close)
    def show() -> None:
        st.markdown(feedback.bold(document.name))
        st.markdown(_("It stays wherever else it is attached. Attached nowhere else, it is deleted for good."))
        feedback.show_problem(FORM)
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button(_("Back"), key=f"{FORM}.back"):
                close()
                st.rerun()
            if st.button(_("Remove"), type="primary", icon=":material/delete_forever:", key=f"{FORM}.remove"):
                _do_remove(place, document)

    show()


def _do_remove(place: Place, document: Document) -> None:
    now = session.current_context() or frame.signed_out()
    done = feedback.attempt(
        FORM,
        lambda: remove_document(now, document_id=document.id, entity=place.entity, entity_id=place.entity_id),
    )
    if done.worked:
        close()
        feedback.flash(_("{name} is removed.", name=document.name))
        st.rerun()
    st.rerun(scope="fragment")


# ---- attaching what the client already has


def _attach(place: Place) -> None:
    @st.dialog(_("Attach one of the client's documents"), width="medium", on_dismiss=close)
    def show() -> None:
        now = session.current_context() or frame.signed_out()
        text = st.text_input(
            _("Name of the document"), key=f"{FORM}.text", live="300ms", type="search", icon=":material/search:",
            autocomplete="off", placeholder=_("A part of its name"),
        )  # fmt: skip
        feedback.show_problem(FORM)
        besides = (place.entity, place.entity_id)
        found = client_documents(now, client_id=place.client_id, besides=besides, text=text)
        if not found.documents:
            st.caption(_("No other document of this client matches.") if text else
                       _("This client has no other document."))  # fmt: skip
        for document, _link in found.documents[:_PROPOSED]:
            at = document.created_at.astimezone(now.zone)
            about = f"{formats.size(document.size_bytes)}, {formats.day(at.date(), today=now.today)}"
            st.button(
                f"{plain(document.name)} ({about})", key=f"{FORM}.attach.{document.id}", type="tertiary",
                icon=":material/add:", width="stretch", on_click=_do_attach, args=(place, document.id),
            )  # fmt: skip
        if found.total > _PROPOSED:
            st.caption(_("The newest are shown: type a part of the name."))
        if st.button(_("Close"), type="primary", key=f"{FORM}.close"):
            close()
            st.rerun()

    show()


def _do_attach(place: Place, document_id: int) -> None:
    """From a callback; the dialog stays for the next one."""
    if now := session.current_context():
        feedback.attempt(
            FORM,
            lambda: attach_document(now, document_id=document_id, entity=place.entity, entity_id=place.entity_id),
        )
