"""The wall around the pages: whoever isn't signed in is led to the sign-in page, other sites' requests stay outside."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from anyio import to_thread
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from lib.domain import sign_in
from lib.domain.sign_in import SignInSession
from lib.ui import session

# What needs no session: Streamlit's own files and endpoints, the pages of this wall, and the health check.
# Files answer 401 by themselves: whoever asks for one can't show a sign-in page.
_OUTSIDE = ("/_stcore/", "/static/", "/component/", "/media/", "/auth/", "/files/")
_OUTSIDE_EXACTLY = frozenset({"/sign-in", "/sign-out", "/change-password", "/health", "/oauth2callback"})


class Wall:
    """Middleware: a page load without a live session is sent to `/sign-in`; the script checks again at each run."""

    def __init__(self, app: ASGIApp, *, allowed_hosts: tuple[str, ...]) -> None:
        self._app = app
        self._allowed_hosts = allowed_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        if not is_host_allowed(request.headers.get("host", ""), self._allowed_hosts):
            refusal = "This server doesn't answer to that name: add it to RELAIS_ALLOWED_HOSTS."
            await _refuse(scope, receive, send, refusal)
        elif scope["type"] == "websocket":
            if is_same_origin(request):
                await self._app(scope, receive, send)
            else:
                await _refuse(scope, receive, send, "")
        elif is_page(request.url.path) and (address := await _detour(request)):
            response = RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})
            await response(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def is_host_allowed(host: str, allowed: tuple[str, ...]) -> bool:
    """Whether the Host header names this server; else it may be another site that took our address (DNS rebinding)."""
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    return any(
        pattern == "*" or name == pattern or (pattern.startswith("*.") and name.endswith(pattern[1:]))
        for pattern in (each.lower().rstrip(".") for each in allowed)
    )


def is_same_origin(request: HTTPConnection) -> bool:
    """Whether a page of this server asks, or something that isn't a browser and so brings no cookie of anybody's."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()


def is_page(path: str) -> bool:
    """Whether Streamlit would answer its index page, or a file named like one: everything but files and endpoints."""
    name = path.rpartition("/")[2]
    is_file = "." in name and not name.endswith(".html")
    return not (is_file or path in _OUTSIDE_EXACTLY or path.startswith(_OUTSIDE))


def local_path(asked: object) -> str:
    """`asked` when it is a page of this server, else the first one: no link to the sign-in page leads elsewhere."""
    if not isinstance(asked, str) or len(asked) > 2000 or not asked.isprintable() or "\\" in asked:
        return "/"
    try:
        parts = urlsplit(asked)
    except ValueError:
        return "/"
    is_local = not (parts.scheme or parts.netloc) and asked.startswith("/") and not asked.startswith("//")
    return asked if is_local and is_page(parts.path) else "/"


async def session_of(request: HTTPConnection) -> SignInSession | None:
    """The live session of the request's cookie."""
    token = request.cookies.get(session.cookie_name(), "")
    return await to_thread.run_sync(lambda: sign_in.who_is(session.gate(), token=token)) if token else None


async def _detour(request: HTTPConnection) -> str | None:
    """Where a page load must go first."""
    found = await session_of(request)
    if found and not found.must_change:
        return None
    door = "/change-password" if found else "/sign-in"
    query = f"?{request.url.query}" if request.url.query else ""
    target = local_path(request.url.path + query)
    return door if target == "/" else f"{door}?next={quote(target, safe='/')}"


async def _refuse(scope: Scope, receive: Receive, send: Send, sentence: str) -> None:
    if scope["type"] == "websocket":
        await receive()  # the handshake, which closing answers with 403
        await send({"type": "websocket.close", "code": 1008})
    else:
        await PlainTextResponse(sentence, status_code=421)(scope, receive, send)
