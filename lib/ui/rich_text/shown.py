"""A saved text as it is read."""

from __future__ import annotations

import streamlit as st

from lib.domain.richtext import clean

STYLE = """<style>
[class*="st-key-shown_text_"] { overflow-x: auto; }
[class*="st-key-shown_text_"] table { border-collapse: collapse; margin: 0.5em 0; }
[class*="st-key-shown_text_"] :is(th, td) {
  border: 1px solid color-mix(in srgb, currentColor 30%, transparent); padding: 4px 8px;
  text-align: left; vertical-align: top;
}
[class*="st-key-shown_text_"] th { background: color-mix(in srgb, currentColor 8%, transparent); }
[class*="st-key-shown_text_"] :is(li, td, th) > p { margin: 0; }
[class*="st-key-shown_text_"] img { max-width: 100%; height: auto; }
[class*="st-key-shown_text_"] blockquote {
  margin-left: 0; padding-left: 1em; border-left: 3px solid color-mix(in srgb, currentColor 30%, transparent);
}
</style>"""


def show_rich_text(html: str, *, key: str) -> None:
    """A saved text, cleaned once more, its tables with borders. Each text of a page has a `key` of its own."""
    with st.container(key=f"shown_text_{key}"):
        st.html(STYLE)
        st.html(clean(html))
