"""The pages outside Streamlit, drawn by the server: signing in and out, changing one's password.

They work without scripts and with password managers. A form is accepted when it comes from this server's own page: same
origin, and a token that is both in the form and in a cookie.
"""

from __future__ import annotations

import logging
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import streamlit
from anyio import to_thread
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from lib.config import settings
from lib.domain import sign_in
from lib.domain.errors import DomainError, Invalid, NotAllowed
from lib.domain.sentences import say
from lib.domain.sign_in import ABSOLUTE, MAX_EMAIL_LENGTH, MAX_PASSWORD_BYTES, SignInSession, Throttled, account_of
from lib.ui import session
from lib.ui.wall import is_same_origin, local_path, session_of
from lib.ui.words import LANGUAGES, _, current_language, language_name, translate, use_language

_log = logging.getLogger("relais.sign_in")
_ROOT = Path(__file__).parents[2]
_MAX_FORM_BYTES = 16_384
_STALE = NotAllowed(say("This page had been open for too long: please try again."))

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a page."""

    name: str
    label: str
    type: str
    autocomplete: str
    max_length: int = MAX_PASSWORD_BYTES
    value: str = ""
    error: str = ""
    has_focus: bool = False


# ---- routes


async def show_sign_in(request: Request) -> Response:
    """The form; straight on for whoever is signed in already."""
    _speak(request)
    found = await session_of(request)
    if found and not found.must_change:
        return _go(local_path(request.query_params.get("next")))
    return _sign_in_page(request, asked=request.query_params.get("next", ""))


async def do_sign_in(request: Request) -> Response:
    """Open a session, under a new token whatever the browser came with."""
    form = await _form(request)
    _speak(request, form)
    email, asked = form.get("email", ""), form.get("next", "")
    if not _is_ours(request, form):
        return _sign_in_page(request, asked=asked, email=email, refusal=_STALE)
    try:
        token = await to_thread.run_sync(
            lambda: sign_in.sign_in(
                session.gate(),
                email=email,
                password=form.get("password", ""),
                address=_address(request),
                user_agent=request.headers.get("user-agent", ""),
                replaces=request.cookies.get(session.cookie_name(), ""),
            )
        )
    except (NotAllowed, Throttled) as refusal:
        # What isn't an address may be a password typed in the wrong field.
        account = account_of(email) if "@" in email else "(no address)"
        _log.warning("refused for %r from %s: %s", account, _address(request), refusal)
        return _sign_in_page(request, asked=asked, email=email, refusal=refusal)
    _log.info("signed in: %r from %s", account_of(email), _address(request))
    return _with_session(_go(local_path(asked)), token)


async def do_sign_out(request: Request) -> Response:
    """End the session, in every tab; only a page of this server can ask for it."""
    if not is_same_origin(request):
        return _go("/")
    if token := request.cookies.get(session.cookie_name()):
        await to_thread.run_sync(lambda: sign_in.sign_out(session.gate(), token=token))
    response = _go("/sign-in")
    _forget(response)
    return response


async def show_change_password(request: Request) -> Response:
    """The form, for whoever has a session, the only page for whoever has a one-time password."""
    found = await session_of(request)
    if found is None:
        return _go("/sign-in?next=/change-password")
    _speak(request, language=found.language)
    return _change_page(request, found, asked=request.query_params.get("next", ""))


async def do_change_password(request: Request) -> Response:
    """Set the password; the other sessions end and this browser gets a new one."""
    form = await _form(request)
    found = await session_of(request)
    if found is None:
        return _go("/sign-in?next=/change-password")
    _speak(request, form, language=found.language)
    asked = form.get("next", "")
    if not _is_ours(request, form):
        return _change_page(request, found, asked=asked, refusal=_STALE)
    try:
        token = await to_thread.run_sync(
            lambda: sign_in.change_password(
                session.gate(),
                token=request.cookies[session.cookie_name()],
                current=form.get("current", ""),
                new=form.get("new", ""),
                repeated=form.get("repeated", ""),
                address=_address(request),
                user_agent=request.headers.get("user-agent", ""),
            )
        )
    except (Invalid, NotAllowed, Throttled) as refusal:
        return _change_page(request, found, asked=asked, refusal=refusal)
    _log.info("password changed by person %s from %s", found.person_id, _address(request))
    return _with_session(_go(local_path(asked)), token)


async def back_to_the_app(_request: Request) -> Response:
    """Signing out is a POST, so that no link or image does it."""
    return _go("/")


ROUTES = [
    Route("/sign-in", show_sign_in, methods=["GET"]),
    Route("/sign-in", do_sign_in, methods=["POST"]),
    Route("/sign-out", back_to_the_app, methods=["GET"]),
    Route("/sign-out", do_sign_out, methods=["POST"]),
    Route("/change-password", show_change_password, methods=["GET"]),
    Route("/change-password", do_change_password, methods=["POST"]),
]


# ---- pages


def _sign_in_page(request: Request, *, asked: str, email: str = "", refusal: DomainError | None = None) -> Response:
    email = email[:MAX_EMAIL_LENGTH]
    fields = [
        Field("email", _("E-mail"), "email", "username", MAX_EMAIL_LENGTH, email, has_focus=not email),
        Field("password", _("Password"), "password", "current-password", has_focus=bool(email)),
    ]
    page = {
        "title": _("Sign in"),
        "lead": "",
        "fields": fields,
        "button": _("Sign in"),
        "help": _("Forgotten password? Ask an administrator for a new one."),
        "sign_out": "",
        "username": "",  # the form has a field for it
    }
    return _page(request, page, asked=asked, refusal=refusal)


def _change_page(request: Request, found: SignInSession, *, asked: str, refusal: DomainError | None = None) -> Response:
    errors = refusal.fields if isinstance(refusal, Invalid) else {}
    said = {name: translate(sentence) for name, sentence in errors.items()}
    fields = [
        Field(
            name,
            label,
            "password",
            autocomplete,
            error=said.get(name, ""),
            has_focus=name == next(iter(said), "current"),
        )
        for name, label, autocomplete in (
            ("current", _("One-time password") if found.must_change else _("Current password"), "current-password"),
            ("new", _("New password"), "new-password"),
            ("repeated", _("New password, again"), "new-password"),
        )
    ]
    page = {
        "title": _("Choose your password") if found.must_change else _("Change the password"),
        "lead": _("The one that you were given works only once.") if found.must_change else "",
        "fields": fields,
        "button": _("Save"),
        "help": _("At least 12 characters; a phrase is easiest to remember. Your other sessions will end."),
        "sign_out": _("Sign out"),
        "username": found.email,  # password managers ask whose password it is
    }
    return _page(request, page, asked=asked, refusal=refusal)


def _page(request: Request, page: Mapping[str, object], *, asked: str, refusal: DomainError | None) -> Response:
    form_token = request.cookies.get(_form_cookie(), "")
    if len(form_token) < 32:
        form_token = secrets.token_urlsafe(32)
    language, target, path = current_language(), local_path(asked), request.url.path
    other = next(code for code in LANGUAGES if code != language)
    query = {"lang": other} | ({"next": target} if target != "/" else {})
    html = _template().render(
        page,
        action=path,
        error="" if refusal is None or isinstance(refusal, Invalid) else translate(refusal.sentence),
        hidden={"form_token": form_token, "next": target, "lang": language},
        language=language,
        subtitle=_("Sales actions"),
        other_language="" if page["sign_out"] else other,
        other_name=language_name(other),
        other_address=f"{path}?{urlencode(query)}",
    )
    response = HTMLResponse(html, status_code=_status(refusal))
    if isinstance(refusal, Throttled):
        response.headers["Retry-After"] = str(int(refusal.wait.total_seconds()) + 1)
    _set_cookie(response, _form_cookie(), form_token)
    if path == "/sign-in" and session.cookie_name() in request.cookies:
        _forget(response)  # it opens nothing any more
    response.headers["Cache-Control"] = "no-store"
    return response


@cache
def _template() -> Template:
    """The page, in the colours and the font that Streamlit's pages have."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    theme = tomllib.loads((_ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
    looks = {}
    for look, brand, border in (("light", "primaryColor", "grayColor"), ("dark", "linkColor", "grayColor")):
        colours = {name: value for name, value in theme[look].items() if isinstance(value, str)}
        looks[look] = colours | {"brand": colours[brand], "controlBorder": colours[border]}
    static = Path(streamlit.__file__).parent / "static"
    fonts = sorted(static.glob("static/media/SourceSansVF-Upright*.woff2"))
    font = f"/{fonts[0].relative_to(static).as_posix()}" if fonts else ""
    return environment.get_template("sign_in_page.html", globals={**looks, "font": font})


# ---- requests and responses


async def _form(request: Request) -> Form:
    """The fields of a posted form; empty when it is too big or no form, which no page of ours sends."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_FORM_BYTES:
            return {}
    try:
        return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=20))
    except ValueError:
        return {}


def _is_ours(request: Request, form: Form) -> bool:
    """Whether the form comes from a page that this server drew for this browser."""
    sent, kept = form.get("form_token", ""), request.cookies.get(_form_cookie(), "")
    same_token = secrets.compare_digest(sent.encode(), kept.encode())
    return bool(kept) and same_token and is_same_origin(request)


def _speak(request: Request, form: Form | None = None, *, language: str = "") -> None:
    """Use the language that is asked for, else the person's, else the first of the browser's that we speak."""
    asked = (form or {}).get("lang") or request.query_params.get("lang")
    accepted = [
        part.split(";")[0].strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")
    ]
    choices = (asked, language, *accepted, settings().language)
    use_language(next(code for code in choices if code in LANGUAGES))


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _status(refusal: DomainError | None) -> int:
    match refusal:
        case None:
            return 200
        case Invalid():
            return 422
        case Throttled():
            return 429
        case _:
            return 403


def _go(address: str) -> Response:
    return RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})


def _form_cookie() -> str:
    return session.cookie_name() + "-form"


def _with_session(response: Response, token: str) -> Response:
    _set_cookie(response, session.cookie_name(), token, max_age_s=int(ABSOLUTE.total_seconds()))
    return response


def _set_cookie(response: Response, name: str, value: str, *, max_age_s: int | None = None) -> None:
    response.set_cookie(
        name, value, max_age=max_age_s, path="/", secure=settings().https, httponly=True, samesite="lax"
    )


def _forget(response: Response) -> None:
    response.delete_cookie(session.cookie_name(), path="/", secure=settings().https, httponly=True, samesite="lax")
