"""What a use case is given besides its arguments: who acts, when, and the storage. Nothing here reads a clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from uuid import uuid4

from lib.domain.errors import CarriedOutMeanwhile, DomainError, NotAllowed
from lib.domain.files import Files
from lib.domain.people import Person
from lib.domain.reference import Reference
from lib.domain.rights import Profile
from lib.domain.sentences import say
from lib.domain.store import Database, Store

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Context:
    """The connected person, the instant, the organisation's zone, and the way to the storage.

    `now` is an aware UTC instant. `open_store` and `open_reference` are set by `command` and `query` while a
    transaction is open; before, `open_reference` may hold what the screens draw with.
    """

    person: Person
    now: datetime
    zone: tzinfo
    db: Database
    profile: Profile
    unit_ids: frozenset[int]
    open_store: Store | None = field(default=None, repr=False)
    open_reference: Reference | None = field(default=None, repr=False)
    operation_id: str = ""
    """One for each transaction: the journal groups by it what one gesture changed."""
    files: Files | None = field(default=None, repr=False)
    """Where files are kept; without it no file is taken, and the images of texts stay inside them."""

    @property
    def store(self) -> Store:
        """The open transaction's storage."""
        assert self.open_store is not None, "a use case must be decorated with @command or @query"
        return self.open_store

    @property
    def reference(self) -> Reference:
        """The reference data as the open transaction sees it."""
        assert self.open_reference is not None, "a use case must be decorated with @command or @query"
        return self.open_reference

    @property
    def local_now(self) -> datetime:
        """The instant on the organisation's clock, naive, to the minute."""
        return self.now.astimezone(self.zone).replace(tzinfo=None, second=0, microsecond=0)

    @property
    def today(self) -> date:
        """The organisation's local date."""
        return self.local_now.date()


def context_for(person_id: int, *, now: datetime, zone: tzinfo, db: Database, reference: Reference) -> Context:
    """The context of a person as the reference data describes him now; KeyError when he isn't in it."""
    person = reference.people[person_id]
    return Context(person, now, zone, db, reference.profiles[person.profile_id], reference.unit_ids_of(person_id))


def _joined(ctx: Context, store: Store) -> Context:
    """`ctx` inside a transaction, its person and rights read again: a right taken away acts on the next click."""
    reference = store.reference()
    if ctx.person.id not in reference.people or not reference.people[ctx.person.id].is_active:
        raise NotAllowed(say("Your account is no longer active."))
    fresh = context_for(ctx.person.id, now=ctx.now, zone=ctx.zone, db=ctx.db, reference=reference)
    return replace(
        fresh, open_store=store, open_reference=reference, operation_id=uuid4().hex, files=ctx.files
    )  # fmt: skip


def command(use_case: Callable[Concatenate[Context, P], R]) -> Callable[Concatenate[Context, P], R]:
    """Run a use case in one write transaction, retried as a whole when the storage asks for it; nested ones join it."""

    @wraps(use_case)
    def run(ctx: Context, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if ctx.open_store is not None:
            return use_case(ctx, *args, **kwargs)
        return ctx.db.write(lambda store: use_case(_joined(ctx, store), *args, **kwargs))

    return run


def query(use_case: Callable[Concatenate[Context, P], R]) -> Callable[Concatenate[Context, P], R]:
    """Run a reading use case in one read transaction; nested ones join it."""

    @wraps(use_case)
    def run(ctx: Context, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if ctx.open_store is not None:
            return use_case(ctx, *args, **kwargs)
        return ctx.db.read(lambda store: use_case(_joined(ctx, store), *args, **kwargs))

    return run


def once(use_case: Callable[Concatenate[Context, P], int]) -> Callable[Concatenate[Context, P], int]:
    """Make a command idempotent by its `request_key`, drawn when the form opened: a repeat returns the first result.

    Goes under `@command`. The key is recorded in the same transaction. Of two repeats at the same moment, the loser
    meets its unique constraint, or is refused for what the winner has just changed: its transaction is run again, and
    finds the winner's result.
    """

    @wraps(use_case)
    def run(ctx: Context, /, *args: P.args, **kwargs: P.kwargs) -> int:
        key = str(kwargs.get("request_key", ""))
        if key and (earlier := ctx.store.requests.result_of(key, ctx.person.id)) is not None:
            return earlier
        try:
            result = use_case(ctx, *args, **kwargs)
        except DomainError as error:
            if key and ctx.store.requests.result_of(key, ctx.person.id) is not None:
                raise CarriedOutMeanwhile from error
            raise
        if key:
            ctx.store.requests.add(key, ctx.person.id, use_case.__name__, result, ctx.now)
        return result

    return run
