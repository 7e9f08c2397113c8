"""Drafts: what somebody is typing, kept on the server so that no crash, reload or sign-out loses it (R16)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lib.domain.context import Context, command, query
from lib.domain.errors import Invalid
from lib.domain.sentences import say

OF_SUB_ACTION = ("report", "edit")
"""The forms whose record is a sub-action; those of the others are an action, or none yet."""
MAX_CHARS = 16_000_000
"""A draft beyond isn't kept: a rich text stops at 8 MB in the editor, and what is refused at saving must still fit."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One person's form on one record, as typed; `version` is the record's when it was opened.

    The record of `report` and `edit` is a sub-action; that of `new` is the action that goes on, or 0 for a new one;
    that of `deal` is the action that it is born from; that of `new_deal` is the client, or 0; of `edit_deal`, the deal.
    That of `of_crit` is the service report that an action is born from; of `edit_crit`, the one that is changed.
    That of `of_message` and `exchange_reply` is a received message; of `exchange_edit`, the one that is changed; of
    the other forms of messages, their action.
    """

    person_id: int
    form: str
    record_id: int
    content: Mapping[str, object] = field(default_factory=dict)
    version: int = 0
    saved_at: datetime | None = None


@command
def keep_draft(ctx: Context, *, form: str, record_id: int, content: Mapping[str, object], version: int) -> None:
    """Keep what is typed, over what was kept; values are dates, times, texts, numbers, booleans or lists of them."""
    if sum(len(value) for value in content.values() if isinstance(value, str)) > MAX_CHARS:
        raise Invalid({"draft": say("This text is too heavy to be kept as a draft: remove an image.")})
    ctx.store.drafts.put(Draft(ctx.person.id, form, record_id, content, version, ctx.now))


@query
def kept_draft(ctx: Context, *, form: str, record_id: int) -> Draft | None:
    """The person's own draft for this form and record, if any."""
    return ctx.store.drafts.get(ctx.person.id, form, record_id)


@command
def drop_draft(ctx: Context, *, form: str, record_id: int) -> None:
    """Forget a draft: it was saved, or its author gave it up."""
    ctx.store.drafts.delete(ctx.person.id, form, record_id)


@query
def kept_drafts(ctx: Context) -> list[Draft]:
    """All of the person's drafts, newest first: offered again on Ma journée."""
    return ctx.store.drafts.of_person(ctx.person.id)
