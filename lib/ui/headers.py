"""Headers that tell browsers what this server's pages may do, on every response, errors included."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

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
        framed = self._editor == "quill" and scope["path"].startswith(_QUILL)
        has_started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal has_started
            if message["type"] == "http.response.start":
                has_started = True
                headers = MutableHeaders(scope=message)
                for name, value in security_headers(host, https=self._https, framed=framed).items():
                    headers[name] = value
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:
            if has_started:
                raise
            failure = PlainTextResponse(f"Incident {logged(error)}", status_code=500)
            await failure(scope, receive, send_with_headers)


def security_headers(host: str, *, https: bool, framed: bool = False) -> dict[str, str]:
    """The headers of a response to a request for `host`; `framed` is what this server's pages show in a frame."""
    headers = {
        "Content-Security-Policy": content_security_policy(host, framed=framed),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN" if framed else "DENY",  # for what is too old for frame-ancestors
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
    if https:
        headers["Strict-Transport-Security"] = f"max-age={_YEAR}; includeSubDomains"
    return headers


def content_security_policy(host: str, *, framed: bool = False) -> str:
    """What a page may load and run: what comes from here, and the inline script of Streamlit's, or the frame's, page.

    'wasm-unsafe-eval' and blob: are for Streamlit's tables and charts. A `host` that isn't one adds nothing.
    """
    scripts = inline_script_hashes(_quill_index() if framed else _streamlit_index())
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
            "frame-ancestors 'self'" if framed else "frame-ancestors 'none'",
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
