"""Synthèse client: everything about a client on one screen, as far as the person sees it (R34)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from lib.domain.chain import Action, SubAction, is_late, owners_of, shown_date
from lib.domain.checks import is_id
from lib.domain.clients import Client, ClientFile, Relation
from lib.domain.context import Context, query
from lib.domain.errors import NotFound
from lib.domain.lists import ActionFilter, Page, SortBy, Tab, tabbed_actions
from lib.domain.rights import Operation, allowed, require


@dataclass(frozen=True, slots=True)
class Overview:
    """What the storage knows of a client at a glance; `message` is the last one's instant and direction."""

    client: Client
    deals: int
    service_reports: int
    message: tuple[datetime, str] | None
    last: tuple[Action, SubAction] | None
    following: tuple[Action, SubAction] | None


class TouchKind(StrEnum):
    """How one was, or will be, in contact with a client."""

    ACTION = "action"
    ELSEWHERE = "elsewhere"
    """An action that the person may not see: he learns its day, and nothing else."""
    RECEIVED = "received"
    SENT = "sent"


@dataclass(frozen=True, slots=True)
class Touch:
    """One contact with a client: when, and for an action that the person sees, which."""

    kind: TouchKind
    on: date | None
    at: time | None = None
    sub: SubAction | None = None
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class ClientSheet:
    """A client with its places and people, the last and the next contact, and how much hangs on it."""

    file: ClientFile
    last: Touch | None
    following: Touch | None
    deals: int
    service_reports: int
    actions: Page | None = None
    counts: dict[Tab, int] | None = None

    @property
    def lacks_next_step(self) -> bool:
        """Whether somebody should do something: a client that one works with, and nothing is to be done."""
        client = self.file.client
        is_worked_with = client.is_active and client.relation not in (Relation.FORMER, Relation.OFF_TARGET)
        return is_worked_with and self.following is None


@query
def open_sheet(
    ctx: Context, *, client_id: object, tab: Tab | None = None, sort: SortBy = SortBy.DATE, descending: bool = False,
    page: int = 1,
) -> ClientSheet:  # fmt: skip
    """The sheet of a client, with a page of one tab of its actions when asked for; raises NotFound."""
    require(ctx, Operation.VIEW_CLIENTS)
    found = ctx.store.clients.overview(client_id) if is_id(client_id) else None
    if found is None:
        raise NotFound
    file = ClientFile(found.client, *ctx.store.clients.places(found.client.id))
    actions, counts = None, None
    if tab and not allowed(ctx, Operation.VIEW_ACTIONS):
        mine = ActionFilter(tab=tab, client_id=found.client.id)
        actions, counts = tabbed_actions(ctx, chosen=mine, sort=sort, descending=descending, page=page)
    return ClientSheet(
        file, _last(ctx, found), _touch(ctx, found.following), found.deals, found.service_reports, actions, counts
    )


def _touch(ctx: Context, pair: tuple[Action, SubAction] | None) -> Touch | None:
    if pair is None:
        return None
    action, sub = pair
    on, at = shown_date(sub, ctx.zone)
    late = is_late(sub, ctx.local_now)
    if allowed(ctx, Operation.VIEW_ACTIONS, owners_of(action, sub)):
        return Touch(TouchKind.ELSEWHERE, on, is_late=late)
    return Touch(TouchKind.ACTION, on, at, sub, late)


def _last(ctx: Context, found: Overview) -> Touch | None:
    """The last thing done, or the last message when it came later."""
    done = _touch(ctx, found.last)
    if found.message is None:
        return done
    instant, direction = found.message
    local = instant.astimezone(ctx.zone)
    message = Touch(TouchKind(direction), local.date(), local.time().replace(second=0, microsecond=0))
    if done is None or done.on is None:
        return message
    return message if (message.on, message.at) > (done.on, done.at or time.max) else done
