"""The images of a text that the server keeps: `attachment:12` in the text, at the address of a route on the screen."""

from __future__ import annotations

import re

FILES = "/files/"
"""Where the route of lib.ui.file_routes answers a document, followed by its id."""
# On what `clean` returned, or the other editor wrote: attributes in double quotes.
_KEPT = re.compile(r'(<img\b[^>]*? src=")attachment:([0-9a-z-]{1,64}")', re.I)
_SHOWN = re.compile(rf'(<img\b[^>]*? src="){FILES}([0-9a-z-]{{1,64}}")', re.I)


def with_addresses(html: str) -> str:
    """A cleaned text whose images a browser can load."""
    return _KEPT.sub(rf"\g<1>{FILES}\2", html)


def with_attachments(html: str) -> str:
    """What `with_addresses` made, typed in since, as it is to be stored."""
    return _SHOWN.sub(r"\1attachment:\2", html)
