"""Giving files: chosen, dropped or pasted, sent straight to a route of the server, two at a time.

Knows Streamlit and lib.ui.words, nothing of the business. The browser checks only what spares a useless journey: the
route checks everything again. The browser's part is in frontend/.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import streamlit as st

from lib.ui.words import _, current_language


def uploader(
    *,
    key: str,
    address: str,
    extensions: Sequence[str],
    file_max_bytes: int,
    room_bytes: int | None,
    limits: str,
) -> None:
    """A zone that sends each file by POST to `address`, which holds a query, with `&name=…&key=…`.

    The answer is JSON: `{"id": …}`, or `{"error": sentence}`, which is shown beside the file's name. The script runs
    again a moment after files have arrived; files under way outlive that, a new drawing and a change of page.
    `extensions` are lower case, without dot; `room_bytes` is what may still be added, None without limit; `limits`
    says both in words, before anything is chosen.
    """
    data = {
        "key": key,
        "address": address,
        "extensions": list(extensions),
        "fileMaxBytes": file_max_bytes,
        "roomBytes": room_bytes,
        "limits": limits,
        "lang": current_language(),
        "labels": _labels(extensions, file_max_bytes),
    }
    # `done` is a state that grows, not a trigger: of two triggers in one tick, the first is lost.
    _component()(key=key, data=data, default={"done": None}, on_done_change=_nothing)


@cache
def _component() -> Any:
    """Declared when first drawn, not at import: Streamlit finds the packaged files only while it runs."""
    return st.components.v2.component(
        "relais.uploader", js="uploader.js", css="uploader.css", isolate_styles=False
    )  # not in a shadow root: whether somebody is typing is asked of the page's focus


def _nothing() -> None:
    """Streamlit keeps a component's state only for names that have a callback."""


def _labels(extensions: Sequence[str], file_max_bytes: int) -> dict[str, str]:
    """By the names that the frontend calls them; `{name}`, `{time}` and a file's `{extension}` are filled in there."""
    taken, no_type = ", ".join(extensions), _("no extension")
    wrong_type = _("Files of this type aren't taken: {extension}. Types taken: {extensions}.")
    return {
        "choose": _("Choose files"),
        "hint": _("or drop them here, or paste them (Ctrl+V)"),
        "files": _("Files being sent"),
        "waiting": _("waiting"),
        "checking": _("checking…"),
        "done": _("added"),
        "cancel": _("Cancel {name}"),
        "dismiss": _("Take {name} off this list"),
        "retry": _("Try again"),
        "pasted": _("Screenshot {time}"),
        "folder": _("This is a folder: choose the files in it."),
        "wrongType": wrong_type.replace("{extensions}", taken),
        "noType": wrong_type.replace("{extensions}", taken).replace("{extension}", no_type),
        "empty": _("This file is empty."),
        "tooLarge": _("This file is too large: {limit} MB at most.", limit=file_max_bytes // 1_000_000),
        "noRoom": _("There is no more room for this file."),
        "lost": _("The connection was lost."),
        "failed": _("The server could not take this file."),
    }
