"""The command `relais`: what is done from the server's own console."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import OperationalError

from lib.config import Settings, cookie_secret, settings
from lib.db import migrate
from lib.db.engine import Database
from lib.domain import accounts, collecting
from lib.domain.errors import DomainError
from lib.domain.postman import PostOffice, send_due
from lib.domain.receiving import Outcome, Receiver, fetch_mail
from lib.domain.sign_in import ONE_TIME, Gate
from lib.gateways.files import files_of
from lib.gateways.imap import mailbox_of, own_addresses, reception_missing
from lib.gateways.passwords import Argon2Passwords
from lib.gateways.smtp import mailer_of, sender_of

ROOT = Path(__file__).parents[1]
DEMO_PASSWORD = "relais-demo-2026"  # noqa: S105 - printed, and good for a database that held nothing
Arguments = argparse.Namespace


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it worked, else 1 after one line that says why it didn't."""
    arguments = _parser().parse_args(argv)
    run: Callable[[Arguments], int | None] = arguments.run
    try:
        return run(arguments) or 0
    except DomainError as refusal:
        return _failed(str(refusal))
    except OperationalError as error:
        return _failed(f"The database doesn't answer as it should: {str(error.orig).strip().splitlines()[0]}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="relais", description="Relais, from the server's console.")
    commands = parser.add_subparsers(required=True, metavar="command")

    db = _group(commands, "db", "the database's tables")
    _command(db, "upgrade", "make the tables, or bring them to this version", _upgrade)
    _command(db, "check", "say whether the tables are those that this version needs", _check)

    demo = _command(commands, "demo", "fill an empty database with demo data and print its accounts", _demo)
    demo.add_argument("--if-empty", action="store_true", help="do nothing when the database already holds people")

    person = _group(commands, "person", "people and their accounts")
    add = _command(person, "add", "make an account and print its one-time password", _add_person)
    add.add_argument("--email", help="asked for when it isn't given, as are name and profile")
    add.add_argument("--name")
    add.add_argument("--profile", help="sales, manager, admin or reader")
    add.add_argument("--unit", action="append", default=[], metavar="NAME", help="may be given several times")
    add.add_argument("--preferred", default="", metavar="NAME", help="the unit that this person's actions go to")
    add.add_argument("--language", choices=accounts.LANGUAGES, default=None)
    for name, what, run in (
        ("password", "print a new one-time password; the person's sessions end", _renew_password),
        ("disable", "keep somebody out, from the next click on", lambda a: _set_active(a, is_active=False)),
        ("enable", "let somebody in again", lambda a: _set_active(a, is_active=True)),
    ):
        _command(person, name, what, run).add_argument("email")

    files = _group(commands, "files", "documents and the images of texts")
    gc = _command(files, "gc", "delete what nothing names any more and is older than a day", _collect_files)
    gc.add_argument("--dry-run", action="store_true", help="only say how much that is")

    mail = _group(commands, "mail", "e-mails about actions")
    _command(mail, "send", "send the e-mails that are due, as the server does by itself", _send_mail)
    fetch = _command(mail, "fetch", "read what is new in the mailbox, as the server does by itself", _fetch_mail)
    fetch.add_argument("--retry", action="store_true", help="try again all messages that couldn't be kept")

    serve = _command(commands, "serve", "serve the app", _serve)
    serve.add_argument("--reload", action="store_true", help="watch the code and run it again when it changes")
    return parser


def _group(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, what: str
) -> argparse._SubParsersAction[argparse.ArgumentParser]:
    return commands.add_parser(name, help=what, description=what).add_subparsers(required=True, metavar="command")


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    what: str,
    run: Callable[[Arguments], int | None],
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=what, description=what)
    parser.set_defaults(run=run)
    return parser


# ---- the database


def _upgrade(_arguments: Arguments) -> None:
    migrate.upgrade(settings().database_url)


def _check(_arguments: Arguments) -> int:
    if problem := _schema_problem():
        return _failed(problem)
    print("The tables are those of this version.")
    return 0


def _schema_problem() -> str:
    """What keeps this version from working with the database's tables; empty when nothing does."""
    engine = _database().engine
    found, needed = migrate.current_revision(engine), migrate.newest_revision(engine)
    engine.dispose()
    if found == needed:
        return ""
    return f"The tables are at revision {found or 'none'}, this version needs {needed}: run relais db upgrade."


def _demo(arguments: Arguments) -> None:
    from lib import demo  # its texts are of no use to the other commands

    db, found, hasher = _ready_database(), settings(), Argon2Passwords()
    if arguments.if_empty and not demo.is_empty(db):
        made = demo.untouched_accounts(db, password=DEMO_PASSWORD, hasher=hasher)
    else:
        print("Writing the demo data...", file=sys.stderr)
        today = datetime.now(found.time_zone).date()
        made = demo.seed(
            db, today=today, password=DEMO_PASSWORD, hasher=hasher, zone=found.time_zone, files=files_of(found)
        )  # fmt: skip
    if made:
        print(f"Accounts of the demo, password {DEMO_PASSWORD}:")
    for account in made:
        print(f"  {account.email:<32} {account.role:<16} {account.name}")


# ---- people


def _add_person(arguments: Arguments) -> None:
    made = accounts.add_person(
        _gate(),
        email=arguments.email or _asked("E-mail"),
        name=arguments.name or _asked("Name"),
        profile=arguments.profile or _asked("Profile (sales, manager, admin or reader)"),
        units=arguments.unit,
        preferred=arguments.preferred,
        language=arguments.language or settings().language,
    )
    _print_password(made.one_time_password)


def _renew_password(arguments: Arguments) -> None:
    _print_password(accounts.renew_password(_gate(), email=arguments.email).one_time_password)


def _set_active(arguments: Arguments, *, is_active: bool) -> None:
    accounts.set_active(_gate(), email=arguments.email, is_active=is_active)


def _print_password(password: str) -> None:
    print(f"{password}\nGood for one use within {ONE_TIME.days} days, at {settings().public_url}/sign-in")


# ---- files


def _collect_files(arguments: Arguments) -> None:
    db, files = _ready_database(), files_of(settings())
    found = collecting.collect(db, files.blobs, now=datetime.now(UTC), is_trial=arguments.dry_run)
    print(
        f"{'Would be deleted' if arguments.dry_run else 'Deleted'}: {found.images} images of texts,"
        f" {found.documents} documents, {found.blobs} contents ({found.size_bytes / 1_000_000:.1f} MB)"
    )


# ---- e-mails


def _send_mail(_arguments: Arguments) -> int:
    sender, mailer = sender_of(settings()), mailer_of(settings())
    if mailer is None:
        return _failed(str(sender.missing))
    blobs = files_of(settings()).blobs
    done = send_due(PostOffice(_ready_database(), mailer, sender, blobs.open, lambda: datetime.now(UTC)))
    print(f"{done.sent} sent, {done.later} to be tried again, {done.failed} failed.")
    return 1 if done.failed else 0


def _fetch_mail(arguments: Arguments) -> int:
    mailbox = mailbox_of(settings())
    if mailbox is None:
        return _failed(str(reception_missing(settings())))
    ours = own_addresses(settings())
    receiver = Receiver(_ready_database(), files_of(settings()), lambda: datetime.now(UTC), ours)
    done = fetch_mail(receiver, mailbox, retry_all=arguments.retry)
    joined, waiting = done.count(Outcome.JOINED), done.count(Outcome.TO_ATTACH)
    print(f"{joined} joined their action, {waiting} to attach, {done.count(Outcome.KNOWN)} known already.")
    if done.left:
        return _failed(f"{done.left} couldn't be kept: they are still in the mailbox, and the log says why.")
    return 0


# ---- the server


def _serve(arguments: Arguments) -> None:
    """Becomes `streamlit run asgi.py`: same process, so that stopping one stops the other."""
    _ready_database()
    found = settings()
    files_of(found)  # here, a store that can't be had stops the start with its one line
    print(f"Relais: {found.public_url}", flush=True)
    os.chdir(ROOT)
    options = server_options(found, reload=arguments.reload)
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "asgi.py"), *options]
    os.execve(sys.executable, command, os.environ | server_environment(found))  # noqa: S606 - our own command


def server_options(found: Settings, *, reload: bool = False) -> list[str]:
    """What Streamlit is told besides .streamlit/config.toml: what differs from one server to the next."""
    options = [f"--server.address={found.host}", f"--server.port={found.port}", f"--logger.level={found.log_level}"]
    options += [f"--server.allowedHosts={host}" for host in found.allowed_hosts]
    options += [f"--server.corsAllowedOrigins={found.public_url}"]
    if reload:
        options += ["--server.fileWatcherType=auto", "--server.runOnSave=true"]
    return options


def server_environment(found: Settings) -> dict[str, str]:
    """The secret goes by the environment: any user of the machine reads a command line."""
    return {"STREAMLIT_SERVER_COOKIE_SECRET": cookie_secret(found)}


# ---- helpers


def _database() -> Database:
    return Database(settings().database_url)


def _ready_database() -> Database:
    """The database, if its tables are those of this version."""
    if problem := _schema_problem():
        raise SystemExit(problem)
    return _database()


def _gate() -> Gate:
    return Gate(_ready_database(), Argon2Passwords(), datetime.now(UTC))


def _asked(what: str) -> str:
    """What somebody types; nothing when nobody sits at the console, which the rules then refuse."""
    return input(f"{what}: ") if sys.stdin.isatty() else ""


def _failed(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1
