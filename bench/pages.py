"""How long each page's script takes on a big database, beside an empty page, by Streamlit's own test runner."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import select
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from bench.clients import fill_client
from bench.data import ADMIN, NOW, SELLER, SELLER_UNIT
from bench.report import PageTime
from lib.db import tables as t
from lib.domain.sign_in import SignInSession

ROOT = Path(__file__).parents[1]
RUNS = 20
OF_ADMIN = ("parameters", "workload", "assignments", "team_planning")
"""What a salesperson may not open, and the lanes, which an administrator sees at their fullest: 40 people."""
BIG_CLIENT = 1
EMPTY = "import streamlit as st\nst.title('Empty')\n"


def page_times(url: str) -> list[PageTime]:
    """Medians for every page of the app, as a salesperson sees it; settings and the workload as an administrator."""
    os.environ["RELAIS_DATABASE_URL"] = url
    from lib.config import settings
    from lib.ui import session
    from lib.ui.frame import SCREENS

    settings.cache_clear()
    session.database.cache_clear()
    with mock.patch.object(session, "now", return_value=NOW):
        empty = _median(AppTest.from_string(EMPTY, default_timeout=60), "")
        sub_id, action_id = session.database().read(_an_open_sub_action)
        session.database().write(_fill_the_client)
        times = []
        for name, screen in SCREENS.items():
            who = ADMIN if name in OF_ADMIN else SELLER
            signed_in = SignInSession("", who, created_at=NOW, last_seen_at=NOW)
            with mock.patch.object(session, "identify", return_value=signed_in):
                app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
                if name != "new_action":
                    query = {"sub": sub_id, "action": action_id, "client": BIG_CLIENT}
                    app.query_params.update({key: str(value) for key, value in query.items()})
                times.append(PageTime(screen.path, _median(app, screen.url), empty))
    return times


def _fill_the_client(store: Any) -> None:
    """One client on which much hangs, all of it the salesperson's: his sheet at its fullest."""
    fill_client(store.connection, BIG_CLIENT, person_id=SELLER, unit_id=SELLER_UNIT, nature_id=1)


def _an_open_sub_action(store: Any) -> tuple[int, int]:
    mine = select(t.sub_action.c.id, t.sub_action.c.action_id)
    mine = mine.where(t.sub_action.c.assignee_id == SELLER, t.sub_action.c.is_open).limit(1)
    return tuple(store.connection.execute(mine).one())


def _median(app: AppTest, address: str) -> float:
    """Of the runs after the first ones, which import and compile."""
    times = []
    for _ in range(RUNS + 2):
        if address:
            app._page_hash = calc_hash(address)  # as if typed; `switch_page` knows only what a first run registered
        start = time.perf_counter()
        app.run()
        times.append((time.perf_counter() - start) * 1000)
        if app.exception:
            raise RuntimeError(f"{address}: {app.exception[0].message}")
        shown = getattr(app, "_registered_pages", {}).get(app._finished_page_script_hash, {}) if address else {}
        if address and shown.get("url_pathname") not in (address, ""):
            raise RuntimeError(f"{address} led to {shown}")
    return statistics.median(times[2:])
