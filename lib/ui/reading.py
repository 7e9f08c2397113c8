"""Reading use cases as screens need them: the reference data, and one record that may not be there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from lib.domain.context import Context
from lib.domain.errors import DomainError
from lib.domain.reference import Reference
from lib.ui.words import _, translate

T = TypeVar("T")


def reference_of(ctx: Context) -> Reference:
    """The reference data as of the beginning of this run."""
    return ctx.reference


def or_stop(
    read: Callable[[], T], *, back: Callable[[], None] | None = None, besides: Callable[[], None] | None = None
) -> T:
    """What `read` gives; when it is refused or not there, says so with a way back, and the page ends here.

    `besides` draws what else there is to say then, such as what was typed.
    """
    try:
        return read()
    except DomainError as error:
        st.warning(translate(error.sentence), icon=":material/search_off:")
        if back and st.button(_("Back"), icon=":material/arrow_back:", key="reading.back"):
            back()
        if besides:
            besides()
        st.stop()


def query_id(name: str) -> int | None:
    """A record's id from the page's address; None when it isn't there, or isn't a number."""
    return record_id(st.query_params.get(name, ""))


def record_id(raw: str) -> int | None:
    """A record's id as a browser sends it; None when it isn't one."""
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else None
