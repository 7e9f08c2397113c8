"""Rich text: the editor, F2 to save, and a saved text shown; the browser's part is in frontend/.

Knows Streamlit, lib.ui.words and the cleaning of lib.domain.richtext, nothing of the business. What the editor returns
is what a browser sent, perhaps forged: the use case refuses what is too heavy and cleans the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import streamlit as st

from lib.config import settings
from lib.domain.richtext import clean
from lib.ui.rich_text import quill
from lib.ui.rich_text.shown import show_rich_text
from lib.ui.rich_text.stored import FILES
from lib.ui.words import _, current_language

__all__ = ["f2_saves", "rich_text", "show_rich_text", "text_now"]

PAUSE_MS = 600
"""What is typed reaches Python after such a pause, when the editor loses the focus, and at F2."""
MAX_SIZE = 8_000_000
"""Characters. Far below the 25 MB past which Streamlit closes the connection, and saves nothing."""
MAX_IMAGE_PX = 1600


@cache
def _component(name: str) -> Any:
    """`rich_text` or `f2_saves`; declared when first drawn: Streamlit finds the packaged files only while it runs.

    Not in a shadow root: there, Chromium hides selections from the editor.
    """
    return st.components.v2.component(f"relais.{name}", js=f"{name}-*.js", css=f"{name}-*.css", isolate_styles=False)


def rich_text(
    value: str,
    *,
    key: str,
    rev: int | str = 0,
    label: str,
    height: int = 320,
    read_only: bool = False,
    autofocus: bool = False,
    placeholder: str = "",
    on_change: Callable[[], None] | None = None,
) -> str:
    """The HTML of the editor as typed so far, or `value` while nothing was typed. NOT cleaned.

    `value` opens once: another text needs another `key` (name the record in it: two records must never share one) or,
    after saving or cancelling, another `rev`. Outside `st.form` each pause in the typing reruns the script: call it in
    a fragment, where a draft is saved too. In `st.form` nothing is sent before the submit. One a page or dialog: each
    rerun sends the whole text. `height` in px.
    """
    if settings().editor == "quill":
        return quill.edited(value, key=key, rev=rev, label=label, read_only=read_only, placeholder=placeholder)
    data = {
        "id": key,
        "rev": rev,
        "value": clean(value),
        "label": label,
        "height": height,
        "readOnly": read_only,
        "autofocus": autofocus,
        "placeholder": placeholder,
        "lang": current_language(),
        "pauseMs": PAUSE_MS,
        "maxSize": MAX_SIZE,
        "maxImagePx": MAX_IMAGE_PX,
        "files": FILES,
        "labels": _labels(),
    }
    result = _component("rich_text")(key=key, data=data, default={"doc": None}, on_doc_change=on_change or _nothing)
    typed = _typed(result.get("doc"), rev)
    return value if typed is None else typed


def text_now(value: str, *, key: str, rev: int | str = 0) -> str:
    """What `rich_text` would return now, for callbacks.

    A callback's arguments are frozen when its button is drawn: a click right after typing would save without the last
    words.
    """
    if settings().editor == "quill":
        return quill.text_now(value, key=key, rev=rev)
    state = st.session_state.get(key)
    typed = _typed(state.get("doc"), rev) if isinstance(state, Mapping) else None
    return value if typed is None else typed


def f2_saves() -> None:
    """F2 clicks the nearest visible button whose key starts with `save`, in the open dialog if any.

    Unlike `st.button(shortcut="F2")`, also from within a field or the editor, whose last words are sent first. Drawn
    once, by the frame: a listener that came and went with each form would miss the keys pressed meanwhile.
    """
    _component("f2_saves")(key="f2_saves", height=1)


def _typed(doc: object, rev: int | str) -> str | None:
    """What the browser sent for this `rev`; None if nothing yet, or something else than the editor sends."""
    match doc:
        case {"rev": sent, "html": str(html)} if sent == rev:
            return html
        case _:
            return None


def _nothing() -> None:
    """Streamlit keeps a component's state only for names that have a callback."""


def _labels() -> dict[str, Any]:
    """By the names that the frontend calls them."""
    return {
        "toolbar": _("Formatting"),
        "paragraphStyle": _("Paragraph style"),
        "paragraph": _("Paragraph"),
        "heading": _("Heading"),
        "bold": _("Bold (Ctrl+B)"),
        "italic": _("Italic (Ctrl+I)"),
        "underline": _("Underline (Ctrl+U)"),
        "strike": _("Strikethrough"),
        "bulletList": _("Bulleted list"),
        "orderedList": _("Numbered list"),
        "blockquote": _("Quotation"),
        "link": _("Link"),
        "image": _("Insert an image"),
        "insertTable": _("Insert a table"),
        "clearFormat": _("Clear formatting"),
        "undo": _("Undo (Ctrl+Z)"),
        "redo": _("Redo (Ctrl+Y)"),
        "enlarge": _("Enlarge or reduce the editor (Esc)"),
        "linkAddress": _("Address of the link"),
        "linkApply": _("Apply"),
        "linkRemove": _("Remove the link"),
        "table": _("Table"),
        "addRowAfter": _("Add a row below"),
        "addColumnAfter": _("Add a column to the right"),
        "deleteRow": _("Delete the row"),
        "deleteColumn": _("Delete the column"),
        "mergeOrSplit": _("Merge or split the cells"),
        "toggleHeaderRow": _("Header row"),
        "deleteTable": _("Delete the table"),
        "short": {
            "addRowAfter": _("+ row"),
            "addColumnAfter": _("+ column"),
            "deleteRow": _("− row"),
            "deleteColumn": _("− column"),
            "mergeOrSplit": _("merge / split"),
            "toggleHeaderRow": _("header"),
            "deleteTable": _("delete table"),
        },
        "imagesLeftOut": _("Some images were left out: paste them one by one, or insert them from a file."),
        "unreadableImage": _("This image can't be read: {name}"),
        "imageTooHeavy": _("The image was left out: the text would exceed {limit} MB."),
        "pasteTooHeavy": _("Nothing was pasted: the text would exceed {limit} MB."),
        "tooHeavy": _("The text exceeds {limit} MB: nothing more is saved until an image is removed."),
    }
