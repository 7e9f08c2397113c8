"""A saved text as it is read."""

from __future__ import annotations

import streamlit as st

from lib.domain.richtext import clean
from lib.ui.rich_text.stored import with_addresses

# The editor's look (frontend/src/rich_text.css); colours by currentColor, since the theme's variables don't reach here.
STYLE = """<style>
[class*="st-key-shown_text_"] { overflow-x: auto; --line: color-mix(in srgb, currentColor 30%, transparent); }
[class*="st-key-shown_text_"] p { margin: 0 0 0.6em; }
[class*="st-key-shown_text_"] :is(h1, h2, h3) { margin: 0.6em 0 0.4em; padding: 0; line-height: 1.25; }
[class*="st-key-shown_text_"] h1 { font-size: 1.6em; }
[class*="st-key-shown_text_"] h2 { font-size: 1.35em; }
[class*="st-key-shown_text_"] h3 { font-size: 1.15em; }
[class*="st-key-shown_text_"] a { color: inherit; text-decoration: underline; }
[class*="st-key-shown_text_"] table { border-collapse: collapse; margin: 0.5em 0; }
[class*="st-key-shown_text_"] :is(th, td) { padding: 4px 8px; border: 1px solid var(--line); }
[class*="st-key-shown_text_"] :is(th, td) { text-align: left; vertical-align: top; }
[class*="st-key-shown_text_"] th { background: color-mix(in srgb, currentColor 8%, transparent); }
[class*="st-key-shown_text_"] :is(li, td, th) > p { margin: 0; }
[class*="st-key-shown_text_"] img { max-width: 100%; height: auto; }
[class*="st-key-shown_text_"] blockquote { margin-left: 0; padding-left: 1em; border-left: 3px solid var(--line); }
</style>"""


def show_rich_text(html: str, *, key: str) -> None:
    """A saved text, cleaned once more, with borders and stored images. Each text of a page has a `key` of its own."""
    with st.container(key=f"shown_text_{key}"):
        st.html(STYLE)
        if clean(html):  # st.html refuses an empty text
            st.html(cleaned_to_read(html))


def cleaned_to_read(html: str) -> str:
    """The cleaned text, its stored images where the browser finds them."""
    return with_addresses(clean(html))
