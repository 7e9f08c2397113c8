"""Who is behind this run, and the way to the storage: the one place of lib/ui that joins the screens to lib.db.

Nothing about identity is kept in Streamlit's session: its id is a bearer secret that stands in upload addresses, and
a second websocket that sends it takes the session over. Each run looks the cookie up again, so that signing out,
disabling a person or lowering a right acts on the next click.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from urllib.parse import quote, urlsplit

import streamlit as st
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib.config import settings
from lib.db.engine import Database
from lib.domain import sign_in
from lib.domain.context import Context, context_for
from lib.domain.files import Files
from lib.domain.incoming import MailboxProblem
from lib.domain.outbox import Sender
from lib.domain.postman import PostOffice, send_due
from lib.domain.receiving import Receiver, fetch_mail
from lib.domain.sentences import Sentence
from lib.domain.sign_in import Gate, SignInSession
from lib.domain.store import Store
from lib.gateways import imap
from lib.gateways.files import files_of
from lib.gateways.passwords import Argon2Passwords
from lib.gateways.rounds import Rounds
from lib.gateways.smtp import mailer_of, sender_of
from lib.ui.words import use_language

_log = logging.getLogger("relais.mail")
_OWNER = "session_owner"
_passwords = Argon2Passwords()
_of_run: ContextVar[Context | None] = ContextVar("context_of_run")


@cache
def database() -> Database:
    """The process's only engine; in no cache of Streamlit's, which any visitor can clear for everybody."""
    return Database(settings().database_url)


@cache
def files() -> Files:
    """The process's way to the files."""
    return files_of(settings())


def mail_sender() -> Sender:
    """From whom e-mails leave, and what the settings lack for that."""
    return sender_of(settings())


def mail_rounds() -> Rounds | None:
    """The sending of e-mails beside the pages, not begun yet; None where the settings allow none."""
    mailer = mailer_of(settings())
    if mailer is None:
        return None
    office = PostOffice(database(), mailer, mail_sender(), files().blobs.open, now)
    return Rounds("sending of e-mails", lambda stops: send_due(office, is_stopping=stops),
                  every_s=settings().mail_every_s)  # fmt: skip


def reception_missing() -> Sentence | None:
    """What the settings lack for e-mails to come in by themselves, or None."""
    return imap.reception_missing(settings())


def mailbox_name() -> str:
    """The mailbox that is read, as its state is kept; empty when the settings name none."""
    mailbox = imap.mailbox_of(settings())
    return mailbox.name if mailbox else ""


def fetch_rounds() -> Rounds | None:
    """The reading of the mailbox beside the pages, not begun yet; None where the settings name none."""
    mailbox = imap.mailbox_of(settings())
    if mailbox is None:
        return None
    receiver = Receiver(database(), files(), now, imap.own_addresses(settings()))

    told = [""]  # the last problem, so that a server that is down for a day doesn't fill the log

    def fetch(is_stopping: Callable[[], bool]) -> None:
        problem = ""
        try:
            fetch_mail(receiver, mailbox, is_stopping=is_stopping)
        except MailboxProblem as error:
            problem = str(error)
        if problem != told[0]:
            _log.warning("%s", problem or "The mailbox is read again.")
        told[0] = problem

    return Rounds("reading of the mailbox", fetch, every_s=settings().imap_every_s)


def now() -> datetime:
    """The instant; the clock is read here and in lib/cli.py only."""
    return datetime.now(UTC)


def gate() -> Gate:
    """What the use cases of signing in need."""
    return Gate(database(), _passwords, now())


def cookie_name() -> str:
    """The cookie that holds the token; its prefix over HTTPS keeps other hosts of the domain from setting it."""
    return "__Host-relais" if settings().https else "relais"


def token() -> str:
    """The token that came with the handshake of this run's websocket; scripts of the page can't read it."""
    return st.context.cookies.get(cookie_name(), "")


def identify(store: Store, at: datetime) -> SignInSession | None:
    """The live session behind this run.

    The seam of identity. Tests replace it by one that returns a session of theirs, since AppTest has no cookies. Other
    sources are to be asked here too: `st.user` holds the claims of OIDC (`st.login`) or the headers of a trusted proxy
    (`server.trustedUserHeaders`), to be mapped to a person by issuer and subject.
    """
    return sign_in.live_session(store, token(), now=at)


def current_context() -> Context | None:
    """The connected person as of now, in whose language the words are from here on; None when nobody is signed in.

    Two statements when the reference data hasn't changed. A person who must choose a password first is nobody yet.
    """
    at = now()

    found = database().read(lambda store: _with_context(store, identify(store, at), at))
    _of_run.set(found[1] if found else None)
    if found is None:
        return None
    session, ctx = found
    sign_in.keep_alive(gate(), session)
    _forget_what_others_typed(ctx.person.id)
    use_language(ctx.person.language)
    return ctx


def context_of_token(token: str) -> Context | None:
    """Whose request it is that brings this cookie, as of now; for the routes outside of Streamlit. None: nobody's."""
    at = now()
    found = database().read(lambda store: _with_context(store, sign_in.live_session(store, token, now=at), at))
    if found is None:
        return None
    sign_in.keep_alive(gate(), found[0])
    return found[1]


def _with_context(store: Store, session: SignInSession | None, at: datetime) -> tuple[SignInSession, Context] | None:
    """A live session with its person's context; None for somebody who must choose a password first."""
    if session is None or session.must_change:
        return None
    zone, reference = settings().time_zone, store.reference()
    ctx = context_for(session.person_id, now=at, zone=zone, db=database(), reference=reference)
    return session, replace(ctx, open_reference=reference, files=files())


def context_of_run() -> Context | None:
    """Whom app.py found when this run began, for the page that it runs; looked up where there is no app.py.

    Good for once: a page that a later run draws without app.py, in the same thread, must not find who was here before.
    """
    found = _of_run.get(None)
    _of_run.set(None)
    return found or current_context()


def sign_out() -> None:
    """End the session on the server, then show the sign-in page."""
    sign_in.sign_out(gate(), token=token())
    go_to("/sign-in")


def go_to_sign_in() -> None:
    """Leave for the sign-in page, from where one comes back to this page."""
    here = urlsplit(st.context.url or "/")
    query = f"?{here.query}" if here.query else ""
    go_to(f"/sign-in?next={quote((here.path or '/') + query, safe='/')}")


def go_to(address: str) -> None:
    """Make the browser leave Streamlit for another page of this server, in the same tab.

    The message of `st.login` and `st.logout`, which offer no address of one's own; links of Streamlit open a new tab.
    """
    context = get_script_run_ctx()
    if context is not None:
        message = ForwardMsg()
        message.auth_redirect.url = address
        context.enqueue(message)


def _forget_what_others_typed(person_id: int) -> None:
    """A Streamlit session taken over or left open belongs to whoever is signed in now, without the other's entries."""
    if st.session_state.get(_OWNER, person_id) != person_id:
        st.session_state.clear()
    st.session_state[_OWNER] = person_id
