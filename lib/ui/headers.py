"""Headers that tell browsers what this server's pages may do, on every response, errors included."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.ui.incidents import logged

_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_YEAR = 365 * 24 * 3600
_QUILL = "/component/streamlit_quill."
"""Where the frame of the other editor comes from, on servers that chose it (RELAIS_EDITOR=quill)."""
_CALENDAR = "/component/streamlit_calendar."
"""Where the frame of the calendar of a year comes from."""
_CALENDAR_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""Its own scripts and styles, a font in its styles, and nothing to speak with but the page around it."""

_FILES = "/files/"
"""Where the files that people send come from (lib.ui.file_routes)."""
_FILE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""Whatever such a file is, and whatever a browser takes it for: it loads and runs nothing."""

Frame = Literal["", "quill", "calendar", "file"]
"""Which of the pages that this server's pages show in a frame a path belongs to, or a file of somebody's, if any."""


class SecurityHeaders:
    """Middleware, the outermost: adds the headers; when something below fails, answers an incident's number."""

    def __init__(self, app: ASGIApp, *, https: bool, editor: str = "tiptap") -> None:
        self._app = app
        self._https = https
        self._editor = editor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")
        frame = frame_of(scope["path"], editor=self._editor)
        has_started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal has_started
            if message["type"] == "http.response.start":
                has_started = True
                headers = MutableHeaders(scope=message)
                for name, value in security_headers(host, https=self._https, frame=frame).items():
                    headers[name] = value
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:
            if has_started:
                raise
            failure = PlainTextResponse(f"Incident {logged(error)}", status_code=500)
            await failure(scope, receive, send_with_headers)


def frame_of(path: str, *, editor: str) -> Frame:
    """The frame that a path is in; that of the other editor only on servers that chose it."""
    if path.startswith(_FILES):
        return "file"
    if path.startswith(_CALENDAR):
        return "calendar"
    return "quill" if editor == "quill" and path.startswith(_QUILL) else ""


def security_headers(host: str, *, https: bool, frame: Frame = "") -> dict[str, str]:
    """The headers of a response to a request for `host`; `frame` is what this server's pages show in a frame."""
    headers = {
        "Content-Security-Policy": content_security_policy(host, frame=frame),
        "X-Content-Type-Options": "nosniff",
        # For what is too old for frame-ancestors.
        "X-Frame-Options": "SAMEORIGIN" if frame in ("quill", "calendar") else "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
    if https:
        headers["Strict-Transport-Security"] = f"max-age={_YEAR}; includeSubDomains"
    return headers


def content_security_policy(host: str, *, frame: Frame = "") -> str:
    """What a page may load and run: what comes from here, and the inline script of Streamlit's, or the frame's, page.

    'wasm-unsafe-eval' and blob: are for Streamlit's tables and charts. A `host` that isn't one adds nothing.
    """
    if frame == "file":
        return _FILE_POLICY
    if frame == "calendar":
        return _CALENDAR_POLICY
    scripts = inline_script_hashes(_quill_index() if frame else _streamlit_index())
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'wasm-unsafe-eval' {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            f"connect-src 'self'{sockets}",
            "worker-src 'self' blob:",
            "frame-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'" if frame else "frame-ancestors 'none'",
        )
    )


def _streamlit_index() -> Path:
    return Path(streamlit.__file__).parent / "static" / "index.html"


def _quill_index() -> Path:
    found = find_spec("streamlit_quill")  # an optional extra; its package isn't imported for that
    folder = Path(found.origin).parent if found and found.origin else Path()
    return folder / "frontend" / "build" / "index.html"


@cache
def inline_script_hashes(index: Path) -> str:
    """The hashes of the inline scripts of a page of the installed release; none without the page."""
    if not index.is_file():
        return ""
    digests = [hashlib.sha256(script.encode()).digest() for script in _INLINE_SCRIPT.findall(index.read_text("utf-8"))]
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
