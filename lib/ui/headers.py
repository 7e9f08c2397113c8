"""Headers that tell browsers what this server's pages may do, on every response, errors included."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.ui.incidents import logged

_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_YEAR = 365 * 24 * 3600


class SecurityHeaders:
    """Middleware, the outermost: adds the headers; when something below fails, answers an incident's number."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")
        has_started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal has_started
            if message["type"] == "http.response.start":
                has_started = True
                headers = MutableHeaders(scope=message)
                for name, value in security_headers(host, https=self._https).items():
                    headers[name] = value
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:
            if has_started:
                raise
            failure = PlainTextResponse(f"Incident {logged(error)}", status_code=500)
            await failure(scope, receive, send_with_headers)


def security_headers(host: str, *, https: bool) -> dict[str, str]:
    """The headers of a response to a request for `host`."""
    headers = {
        "Content-Security-Policy": content_security_policy(host),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",  # for what is too old for frame-ancestors
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
    if https:
        headers["Strict-Transport-Security"] = f"max-age={_YEAR}; includeSubDomains"
    return headers


def content_security_policy(host: str) -> str:
    """What a page may load and run: what comes from here, and the one inline script of Streamlit's own page.

    'wasm-unsafe-eval' and blob: are for Streamlit's tables and charts. A `host` that isn't one adds nothing.
    """
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'wasm-unsafe-eval' {inline_script_hashes()}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            f"connect-src 'self'{sockets}",
            "worker-src 'self' blob:",
            "frame-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


@cache
def inline_script_hashes() -> str:
    """The hashes of the inline scripts of Streamlit's index page, computed from the installed release."""
    index = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
    digests = [hashlib.sha256(script.encode()).digest() for script in _INLINE_SCRIPT.findall(index)]
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
