"""The server: Streamlit's app.py behind the wall, with the pages that Streamlit can't draw. `relais serve` runs it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from anyio import to_thread
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from streamlit.runtime.pages_manager import PagesManager

from lib.config import settings
from lib.ui import file_routes, session, sign_in_page
from lib.ui.headers import SecurityHeaders
from lib.ui.incidents import logged, show_incident
from lib.ui.wall import Wall


async def health(_request: Request) -> Response:
    """For whatever watches the server: 200 while it reaches its storage, else 503; no detail, which the log has."""
    try:
        await to_thread.run_sync(lambda: session.database().read(lambda store: store.reference().version))
    except Exception as error:  # noqa: BLE001 - whatever it is, the answer is that it doesn't work
        logged(error)
        return JSONResponse({"status": "storage unreachable"}, status_code=503)
    return JSONResponse({"status": "ok"})


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Send and receive e-mails beside the pages; close the storage's connections at the end."""
    rounds = [each for each in (session.mail_rounds(), session.fetch_rounds()) if each]
    for each in rounds:
        each.start()
    yield
    for each in rounds:
        await to_thread.run_sync(each.stop)
    session.database().dispose()


# Else the first run of a fresh server takes the folder pages/ for Streamlit's own, and a deep link isn't found.
PagesManager.uses_pages_directory = False

logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
logging.getLogger("relais").setLevel(settings().log_level.upper())

app = st.App(
    Path(__file__).with_name("app.py"),
    routes=[*sign_in_page.ROUTES, *file_routes.ROUTES, Route("/health", health, methods=["GET"])],
    middleware=[
        Middleware(SecurityHeaders, https=settings().https, editor=settings().editor),
        Middleware(Wall, allowed_hosts=settings().allowed_hosts),
    ],
    lifespan=lifespan,
    on_script_error=show_incident,
)
