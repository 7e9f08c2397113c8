"""Surprises: the log gets everything, the user a number to quote."""

from __future__ import annotations

import logging
import secrets

import streamlit as st

from lib.ui.words import _

_log = logging.getLogger("relais.incidents")


def logged(error: BaseException) -> str:
    """The number under which the log now holds `error` with its trace."""
    number = secrets.token_hex(4).upper()
    _log.error("incident %s: %s", number, type(error).__name__, exc_info=error)
    return number


def show_incident(error: Exception) -> bool:
    """Log what a page didn't expect and show its number only; True tells Streamlit that it has been shown."""
    st.error(
        _(
            "Something went wrong on our side (incident {number}). Try again; if it lasts, give this number to"
            " whoever runs the server.",
            number=logged(error),
        ),
        icon=":material/report:",
    )
    return True
