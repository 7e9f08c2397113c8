"""A choice that the page's address keeps, and that a quick second click doesn't undo.

A click sends the address that the browser shows. When it follows another one at once, that is the address of before
the first: it must not be taken for somebody's wish to go back.
"""

from __future__ import annotations

import streamlit as st


def kept(key: str) -> str:
    """What stands under `key` of the address, or was just written there."""
    asked, sent = st.query_params.get(key, ""), st.session_state.get(_memory(key))
    if sent is None:
        return asked
    before, after, is_new = sent
    if asked == before != after:
        return after
    if asked == after and is_new:  # the run of the click itself: the browser hasn't answered yet
        st.session_state[_memory(key)] = (before, after, False)
        return after
    del st.session_state[_memory(key)]
    return asked


def keep(key: str, value: str) -> None:
    """From a callback: write `value` under `key` of the address; an empty one takes it out."""
    st.session_state[_memory(key)] = (st.query_params.get(key, ""), value, True)
    if value:
        st.query_params[key] = value
    else:
        st.query_params.pop(key, None)


def _memory(key: str) -> str:
    return f"kept_choice.{key}"
