"""The other editor, streamlit-quill, chosen by RELAIS_EDITOR=quill; why it isn't the default: docs/decisions.md.

It runs what a text may hold (`onerror=`) and flattens tables, even read-only: it is fed cleaned text only, and never
one that holds a table. It drops images at addresses that it doesn't know: stored ones get the route's, and theirs back.
"""

from __future__ import annotations

import streamlit as st

from lib.domain.richtext import clean, has_table
from lib.ui.rich_text.shown import show_rich_text
from lib.ui.rich_text.stored import with_addresses, with_attachments
from lib.ui.words import _

# What lib.domain.richtext.clean keeps: no fonts, sizes or indents, which Quill writes as classes.
TOOLBAR = [
    ["bold", "italic", "underline", "strike"],
    [{"list": "bullet"}, {"list": "ordered"}, "blockquote"],
    [{"header": [1, 2, 3, False]}],
    ["link", "image", "clean"],
]


def edited(value: str, *, key: str, rev: int | str, label: str, read_only: bool, placeholder: str) -> str:
    """The HTML typed so far, not cleaned; a text that holds a table is shown as it is and returned unchanged."""
    st.caption(label)
    if read_only or has_table(clean(value)):
        if not read_only:
            st.info(_("This text holds a table, which this editor would lose: it can be read here, not changed."))
        show_rich_text(value, key=key)
        return value
    from streamlit_quill import st_quill  # an optional extra

    typed = st_quill(
        with_addresses(clean(value)), placeholder=placeholder, html=True, toolbar=TOOLBAR, preserve_whitespace=False,
        key=f"{key}.{rev}",
    )  # fmt: skip
    return with_attachments(typed) if isinstance(typed, str) else value


def text_now(value: str, *, key: str, rev: int | str) -> str:
    """What `edited` would return now, for callbacks."""
    typed = st.session_state.get(f"{key}.{rev}")
    return with_attachments(typed) if isinstance(typed, str) else value
