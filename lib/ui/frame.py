"""The frame around every page: which pages there are, who may open them, and the bar beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import streamlit as st

from lib.domain.context import Context
from lib.domain.inbox import BADGE, count_inbox
from lib.domain.rights import Operation, allowed
from lib.domain.sentences import Sentence, say
from lib.ui import drafting, session
from lib.ui.client_picker import client_picker
from lib.ui.feedback import show_flash
from lib.ui.person_menu import person_menu
from lib.ui.words import _, translate

ICON = Path(__file__).with_name("icon.svg")
_FOUND, _FIND = "frame.client_found", "frame.find"
_HERE = "frame.here"
_INBOX = "frame.inbox"
INBOX_COUNTED_EVERY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Screen:
    """One page: its script, its address, the right it takes; only those with a section stand in the navigation."""

    path: str
    url: str
    title: Sentence
    icon: str
    operation: Operation
    section: Sentence | None = None
    is_first: bool = False


_DAILY, _PLANNING, _CLIENTS = say("Sales"), say("Planning"), say("Clients")
_STEERING, _SETTINGS = say("Steering"), say("Settings")
SCREENS: Mapping[str, Screen] = {
    "my_day": Screen(
        "pages/day/my_day.py", "my-day", say("My day"), "today", Operation.VIEW_ACTIONS, _DAILY, is_first=True
    ),
    "actions": Screen("pages/actions/list.py", "actions", say("Actions"), "checklist", Operation.VIEW_ACTIONS, _DAILY),
    "planning": Screen(
        "pages/planning/person.py",
        "planning",
        say("Detailed planning"),
        "calendar_month",
        Operation.VIEW_ACTIONS,
        _PLANNING,
    ),
    "team_planning": Screen(
        "pages/planning/team.py",
        "team-planning",
        say("Team planning"),
        "view_timeline",
        Operation.VIEW_ACTIONS,
        _PLANNING,
    ),
    "absences": Screen(
        "pages/planning/absences.py", "absences", say("Absences"), "beach_access", Operation.VIEW_ACTIONS, _PLANNING
    ),
    "year": Screen(
        "pages/planning/year.py",
        "year-calendar",
        say("Year calendar"),
        "calendar_view_month",
        Operation.VIEW_ACTIONS,
        _PLANNING,
    ),
    "clients": Screen("pages/clients/list.py", "clients", say("Clients"), "domain", Operation.VIEW_CLIENTS, _CLIENTS),
    "deals": Screen("pages/deals/list.py", "deals", say("Deals"), "handshake", Operation.VIEW_CLIENTS, _CLIENTS),
    "service_reports": Screen(
        "pages/clients/service_reports.py",
        "service-reports",
        say("Service reports"),
        "engineering",
        Operation.VIEW_CLIENTS,
        _CLIENTS,
    ),
    "inbox": Screen(
        "pages/clients/inbox.py", "inbox", say("To attach"), "attach_email", Operation.ATTACH_EXCHANGES, _CLIENTS
    ),
    "workload": Screen(
        "pages/steering/workload.py", "workload", say("Workload"), "monitoring", Operation.VIEW_WORKLOAD, _STEERING
    ),
    "assignments": Screen(
        "pages/steering/assignments.py",
        "assignments",
        say("Assignments"),
        "move_up",
        Operation.ASSIGN_ACTIONS,
        _STEERING,
    ),
    "new_action": Screen(
        "pages/actions/create.py", "new-action", say("New action"), "add_circle", Operation.ADD_ACTIONS
    ),
    "action": Screen("pages/actions/detail.py", "action", say("Action"), "task", Operation.VIEW_ACTIONS),
    "client": Screen("pages/clients/sheet.py", "client", say("Client"), "domain", Operation.VIEW_CLIENTS),
    "edit_client": Screen(
        "pages/clients/edit.py", "edit-client", say("New client"), "domain_add", Operation.EDIT_CLIENTS
    ),
    "exchange": Screen("pages/actions/exchange.py", "exchange", say("Message"), "mail", Operation.ADD_EXCHANGES),
    "report": Screen("pages/actions/report.py", "report", say("Report"), "edit_note", Operation.REPORT_ACTIONS),
    "deal": Screen("pages/deals/detail.py", "deal", say("Deal"), "handshake", Operation.VIEW_CLIENTS),
    "new_deal": Screen("pages/deals/create.py", "new-deal", say("New deal"), "handshake", Operation.ADD_DEALS),
    "templates": Screen(
        "pages/settings/templates.py",
        "templates",
        say("Message templates"),
        "contract_edit",
        Operation.EDIT_PARAMETERS,
        _SETTINGS,
    ),
    "service_report": Screen(
        "pages/clients/service_report.py",
        "service-report",
        say("Service report"),
        "engineering",
        Operation.VIEW_CLIENTS,
    ),
    "new_service_report": Screen(
        "pages/clients/new_service_report.py",
        "new-service-report",
        say("New service report"),
        "engineering",
        Operation.EDIT_SERVICE_REPORTS,
    ),
    "parameters": Screen(
        "pages/settings/parameters.py",
        "parameters",
        say("General parameters"),
        "tune",
        Operation.EDIT_PARAMETERS,
        _SETTINGS,
    ),
}


def go(screen: str, **query: object) -> NoReturn:
    """Leave for another page, its address completed by `query`; never returns."""
    st.switch_page(SCREENS[screen].path, query_params={name: str(value) for name, value in query.items()})


def link(screen: str, label: str, *, icon: str | None = None, help: str | None = None, **query: object) -> None:
    """A link to another page, in a line of text or a bar."""
    parameters = {name: str(value) for name, value in query.items()}
    st.page_link(SCREENS[screen].path, label=label, icon=icon, help=help, query_params=parameters)


def navigation(ctx: Context) -> st.Page:
    """The navigation of a person: what he may open and has a section is listed; the other pages say why they refuse."""
    pages: dict[str, list[st.Page]] = {}
    for name, screen in SCREENS.items():
        section = screen.section if not allowed(ctx, screen.operation) else None
        page = st.Page(
            screen.path,
            title=translate(screen.title) + (_waiting(ctx) if name == "inbox" and section else ""),
            icon=f":material/{screen.icon}:",
            url_path=screen.url,
            default=screen.is_first,
            visibility="visible" if section else "hidden",
        )
        pages.setdefault(translate(section) if section else "", []).append(page)
    return st.navigation(pages, expanded=True)  # else "View 4 more" hides some, in English


def _waiting(ctx: Context) -> str:
    """How many messages wait to be attached, in brackets; counted again when what a session knows is old."""
    counted_at, count = st.session_state.get(_INBOX, (None, 0))
    if counted_at is None or not timedelta() <= ctx.now - counted_at < INBOX_COUNTED_EVERY:
        count = count_inbox(ctx)
        st.session_state[_INBOX] = (ctx.now, count)
    if not count:
        return ""
    return f" ({count})" if count < BADGE else f" ({BADGE - 1}+)"


def forget_inbox_count() -> None:
    """After a message was attached or set aside: the next run counts again."""
    st.session_state.pop(_INBOX, None)


def top_bar(ctx: Context) -> None:
    """In the sidebar, under the navigation: a new action, and the person's own menu."""
    with st.sidebar:
        if not allowed(ctx, Operation.ADD_ACTIONS) and st.button(
            _("New action"), icon=":material/add:", key="frame.new_action", width="stretch"
        ):
            go("new_action")
        if not allowed(ctx, Operation.VIEW_CLIENTS):
            _client_search(ctx)
        person_menu(ctx)


def _client_search(ctx: Context) -> None:
    """Find a client from anywhere; everything about him opens."""
    if found := st.session_state.pop(_FOUND, None):
        go("client", client=found)
    found_by = st.popover(
        _("Find a client"), icon=":material/search:", width="stretch", key=_FIND, on_change="rerun"
    )  # fmt: skip
    if not found_by.open:
        return
    with found_by:
        client_picker(ctx, key="frame.client", label=_("Client"), on_pick=_remember_client)


def _remember_client(client_id: int) -> None:
    st.session_state[_FIND] = False  # else it stays open above the page that it leads to
    st.session_state[_FOUND] = client_id


def open_page(screen: str, *, title: str | None = None) -> Context:
    """Who is here, after checking that he may open this page; else says why and stops. Each page begins with it.

    Called by the page itself, so that no way of running it goes around the check. A page that draws
    its own title gives "".
    """
    ctx = session.context_of_run()
    if ctx is None:
        signed_out()
    if why := allowed(ctx, SCREENS[screen].operation):
        st.warning(translate(why), icon=":material/lock:")
        st.stop()
    _forget_other_pages(screen)
    if title != "":
        st.title(title or translate(SCREENS[screen].title), anchor=False)
    show_flash()
    return ctx


def _forget_other_pages(screen: str) -> None:
    """Forms open afresh, or with their drafts, on another page than the last drawn: their widgets are gone anyway."""
    here = (screen, *sorted(st.query_params.items()))
    if st.session_state.get(_HERE) != here:
        drafting.forget_forms()
        st.session_state[_HERE] = here


def signed_out() -> NoReturn:
    """Say that the session has ended, and how to come back; what was typed is in the drafts."""
    st.warning(_("Your session has ended: sign in again. What you were typing has been kept."), icon=":material/lock:")
    if st.button(_("Sign in"), type="primary", key="frame.sign_in"):
        session.go_to_sign_in()
    st.stop()
