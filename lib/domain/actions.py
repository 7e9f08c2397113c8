"""What people do with actions: create, edit, plan, unplan, cancel, delete (R6–R20, R27, R28); reports apart.

Each use case: load, permit, decide, save, record, in one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from lib.domain import drafts, richtext
from lib.domain.catalog import checked_choice
from lib.domain.chain import (
    Action,
    Chain,
    Status,
    SubAction,
    owners_of,
    shown_number,
)
from lib.domain.changes import record_change
from lib.domain.checks import Checks, checked_id, is_id
from lib.domain.clients import Client, ClientFile
from lib.domain.conflicts import refuse_conflict
from lib.domain.context import Context, command, once, query
from lib.domain.documents import forget_holder
from lib.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from lib.domain.fields import FIELDS, Raw, checked_fields, locked_because
from lib.domain.gestures import Gesture, require_gesture
from lib.domain.holders import Entity
from lib.domain.inline_images import drawn_first
from lib.domain.rights import Operation, allowed, require
from lib.domain.saving import JOURNALLED, inserted_sub_action, saved_action, saved_sub_action, settled
from lib.domain.sentences import say
from lib.domain.text import cleaned, shows_nothing

if TYPE_CHECKING:
    from lib.domain.deals import Deal
    from lib.domain.service_reports import ServiceReport

MAX_REASON = 2000
_ACTION_KEPT = ("number", "client_id", "origin_id", "responsible_id", "org_unit_id", "deal_id",
                "service_report_id", "created_by")  # fmt: skip

# ---- loading


def opened_chain(
    ctx: Context, *, action_id: object = None, sub_action_id: object = None, for_update: bool = True
) -> Chain:
    """A chain that this person may see, locked against other writers; raises NotFound else. Inside a transaction."""
    if sub_action_id is not None:
        action_id = ctx.store.actions.action_id_of(sub_action_id) if is_id(sub_action_id) else None
    chain = ctx.store.actions.chain(action_id, for_update=for_update) if is_id(action_id) else None
    if chain is None or allowed(ctx, Operation.VIEW_ACTIONS, owners_of(chain.action, *chain.sub_actions)):
        raise NotFound
    return chain


@query
def open_chain(ctx: Context, *, action_id: object) -> Chain:
    """A chain that this person may see; raises NotFound."""
    return opened_chain(ctx, action_id=action_id, for_update=False)


@dataclass(frozen=True, slots=True)
class ActionFile:
    """Everything the screen of one action shows: the chain, the sub-action chosen, its texts, its client."""

    chain: Chain
    sub: SubAction
    detail_html: str
    report_html: str
    client: ClientFile
    deal: Deal | None = None
    born_from: ServiceReport | None = None
    """The service report behind it, as far as the person may see it (R6)."""
    documents: int = 0
    """How many there are, those of its messages included (R29)."""

    @property
    def last_seq(self) -> int:
        """The highest number of the chain."""
        return self.chain.last.seq


@query
def open_action(ctx: Context, *, sub_action_id: object) -> ActionFile:
    """The file of a sub-action; raises NotFound."""
    chain = opened_chain(ctx, sub_action_id=sub_action_id, for_update=False)
    sub = chain.get(int(sub_action_id))  # type: ignore[call-overload]
    detail, report, documents = ctx.store.actions.texts_and_documents(sub.id, chain.action.id)
    deal = ctx.store.deals.get(chain.action.deal_id) if chain.action.deal_id else None
    return ActionFile(
        chain, sub, richtext.clean(detail), richtext.clean(report), client_file_of(ctx, chain), deal,
        _born_from(ctx, chain), documents,
    )  # fmt: skip


def _born_from(ctx: Context, chain: Chain) -> ServiceReport | None:
    report_id = chain.action.service_report_id
    if report_id is None or allowed(ctx, Operation.VIEW_CLIENTS):
        return None
    return ctx.store.service_reports.get(report_id)


def client_file_of(ctx: Context, chain: Chain) -> ClientFile:
    """The client of a chain, with the sites and contacts to choose from."""
    file = ctx.store.clients.file(chain.action.client_id)
    assert file is not None, "a foreign key keeps every action's client"
    return file


# ---- create


@drawn_first
@command
@once
def create_action(ctx: Context, *, raw: Raw, request_key: str) -> int:
    """Create an action with its sub-action 01 (R6, R7); return that one's id. Raises Invalid with every problem.

    `raw` may name the `service_report` that it is born from.
    """
    require(ctx, Operation.ADD_ACTIONS)
    checks = Checks()
    file = checks.run(lambda: checked_client(ctx, raw.get("client")))
    if file is None:  # the rest is checked all the same, but what belongs to a client
        file, raw = _NO_CLIENT, {n: value for n, value in raw.items() if n not in _OF_CLIENT}
    origin_id = checks.run(lambda: _checked_origin(ctx, raw.get("origin")))
    deal_id = checks.run(lambda: _checked_deal(ctx, file, raw.get("deal")))
    report_id = checks.run(lambda: _checked_service_report(ctx, file, raw.get("service_report")))
    checked = checks.run(lambda: checked_fields(ctx, file, raw))
    checks.done()
    assert checked is not None
    action = Action(number=ctx.store.actions.next_number(), client_id=file.client.id, origin_id=origin_id,
                    deal_id=deal_id, service_report_id=report_id, status=checked.columns["status"],
                    org_unit_id=checked.columns["org_unit_id"],
                    responsible_id=checked.columns["assignee_id"] or ctx.person.id,
                    created_by=ctx.person.id, created_at=ctx.now)  # fmt: skip
    kept = {f.name: getattr(action, f.name) for f in fields(Action) if f.name not in ("id", "version", "is_stalled")}
    chain = Chain(replace(action, id=ctx.store.actions.add(kept)))
    return inserted_sub_action(ctx, chain, SubAction(**checked.columns), detail_html=checked.detail_html or "").last.id


@drawn_first
@command
@once
def add_next(ctx: Context, *, action_id: int, raw: Raw, request_key: str) -> int:
    """Go on with a chain whose last sub-action is over, without a report to decide it; return the new one's id."""
    chain = opened_chain(ctx, action_id=action_id)
    require_gesture(ctx, Gesture.ADD_NEXT, chain.action, chain.last, last_seq=chain.last.seq)
    checked = checked_fields(ctx, client_file_of(ctx, chain), raw)
    return inserted_sub_action(ctx, chain, SubAction(**checked.columns), detail_html=checked.detail_html or "").last.id


_OF_CLIENT = ("site", "contact", "deal", "service_report")
_NO_CLIENT = ClientFile(Client(0, "", ""), (), ())


def checked_client(ctx: Context, raw: object) -> ClientFile:
    """An active client by its id; raises Invalid for `client`."""
    client_id = checked_id("client", raw)
    file = ctx.store.clients.file(client_id) if client_id else None
    if file is None:
        raise Invalid({"client": say("Choose a client: type 2 letters of its name, code or town.")})
    if not file.client.is_active:
        raise Invalid({"client": say("{client} is no longer active: choose another client.", client=file.client.name)})
    return file


def _checked_origin(ctx: Context, raw: object) -> int | None:
    origin_id = checked_id("origin", raw)
    if origin_id and origin_id not in ctx.reference.origins:
        raise Invalid({"origin": say("Unknown choice: choose one of the list.")})
    return checked_choice("origin", ctx.reference.origins.get(origin_id or 0), required=False)


def _checked_deal(ctx: Context, file: ClientFile, raw: object) -> int | None:
    deal_id = checked_id("deal", raw)
    if deal_id and deal_id not in {deal.id for deal in ctx.store.deals.of_client(file.client.id)}:
        raise Invalid({"deal": say("This deal isn't one of {client}: choose one of its own.", client=file.client.name)})
    return deal_id


def _checked_service_report(ctx: Context, file: ClientFile, raw: object) -> int | None:
    """The report that the action is born from: one of the client's that this person may see."""
    report_id = checked_id("service_report", raw)
    report = ctx.store.service_reports.get(report_id) if report_id else None
    if report_id and (not report or report.client_id != file.client.id or allowed(ctx, Operation.VIEW_CLIENTS)):
        told = say("This service report isn't one of {client}: choose its client.", client=file.client.name)
        raise Invalid({"service_report": told})
    return report_id


# ---- edit


@drawn_first
@command
def edit_sub_action(ctx: Context, *, sub_action_id: int, version: int, edits: Raw, operation: str = "edit") -> Chain:
    """Save the fields that the person changed; `version` is the one he saw when the form opened (R15, R20).

    Edits of other fields than those changed meanwhile are merged; the same field changed by both raises Conflict, with
    what was, what is and what was typed. Raises Invalid for locked fields and bad values.
    """
    from lib.domain.reports import checked_report

    chain = opened_chain(ctx, sub_action_id=sub_action_id)
    sub = chain.get(sub_action_id)
    unknown = {name: say("Unknown field.") for name in edits if name not in FIELDS}
    locked = {n: why for n in edits if n in FIELDS and (why := locked_because(ctx, FIELDS[n], chain.action, sub))}
    if unknown or locked:
        raise Invalid({**unknown, **locked})
    refuse_conflict(ctx, sub, version=version, edits=edits)
    file, rest = client_file_of(ctx, chain), {name: value for name, value in edits.items() if name != "deal"}
    if "deal" in edits:
        chain = linked_deal(ctx, operation, chain, sub, _checked_deal(ctx, file, edits["deal"]))
        sub = chain.get(sub_action_id)
    if not rest:
        return chain
    if sub.status == Status.DONE:
        name, stored = "report", _stored_text(ctx, sub, "report", rest)
        columns, html = checked_report(ctx, rest, before=sub, has_report=bool(stored))
    else:
        name, stored = "detail", _stored_text(ctx, sub, "detail", rest) if "detail" in rest else ""
        checked = checked_fields(ctx, file, rest, before=sub)
        columns, html = checked.columns, checked.detail_html
    texts = {name: html} if html is not None and html != stored else {}
    after = replace(sub, **columns)
    return chain if after == sub and not texts else saved_sub_action(ctx, operation, chain, after, texts=texts)


def _stored_text(ctx: Context, sub: SubAction, name: str, edits: Raw) -> str:
    """The HTML of a text when it is edited, or may be only an image; else its excerpt, which says that there is one."""
    excerpt = sub.detail_text if name == "detail" else sub.report_text
    if excerpt and name not in edits:
        return excerpt
    detail, report = ctx.store.actions.texts(sub.id)
    return detail if name == "detail" else report


def linked_deal(ctx: Context, operation: str, chain: Chain, sub: SubAction, deal_id: int | None) -> Chain:
    """The chain with its action linked to a deal, or to none any more.

    Told on the sub-action too, whose version the form holds: two people who choose at once don't overwrite each other.
    """
    old = chain.action.deal_id
    if deal_id == old:
        return chain
    if not ctx.store.actions.update_sub_action(sub.id, version=sub.version, values={}):
        raise Conflict(by=None, at=None)
    after = replace(sub, version=sub.version + 1)
    record_change(ctx, operation, entity="sub_action", entity_id=sub.id, action_id=chain.action.id,
                  version=after.version, fields={"deal_id": (old, deal_id)})  # fmt: skip
    chain = replace(chain, sub_actions=tuple(after if each.id == sub.id else each for each in chain.sub_actions))
    return saved_action(ctx, operation, chain, deal_id=deal_id)


# ---- plan, cancel, delete


@command
def plan(ctx: Context, *, sub_action_id: int, version: int, planned_date: object, planned_time: object = None) -> Chain:
    """À planifier becomes Planifiée at a date, perhaps a time (R17)."""
    chain = opened_chain(ctx, sub_action_id=sub_action_id)
    require_gesture(ctx, Gesture.PLAN, chain.action, chain.get(sub_action_id))
    edits = {"status": Status.PLANNED, "planned_date": planned_date, "planned_time": planned_time}
    return edit_sub_action(ctx, sub_action_id=sub_action_id, version=version, edits=edits, operation="plan")


@command
def unplan(ctx: Context, *, sub_action_id: int, version: int) -> Chain:
    """Planifiée becomes À planifier again; its date stays as a wish (R17)."""
    chain = opened_chain(ctx, sub_action_id=sub_action_id)
    require_gesture(ctx, Gesture.UNPLAN, chain.action, chain.get(sub_action_id))
    edits = {"status": Status.TO_PLAN}
    return edit_sub_action(ctx, sub_action_id=sub_action_id, version=version, edits=edits, operation="unplan")


@command
def postpone(
    ctx: Context, *, sub_action_id: int, version: int, planned_date: object, planned_time: object = None
) -> Chain:
    """Move an open sub-action to another date; its status stays."""
    chain = opened_chain(ctx, sub_action_id=sub_action_id)
    require_gesture(ctx, Gesture.POSTPONE, chain.action, chain.get(sub_action_id))
    edits = {"planned_date": planned_date, "planned_time": planned_time}
    return edit_sub_action(ctx, sub_action_id=sub_action_id, version=version, edits=edits, operation="postpone")


@command
def cancel(ctx: Context, *, sub_action_id: int, version: int, reason: object) -> Chain:
    """Cancel a sub-action for good, with a comment that says why (R27)."""
    chain = opened_chain(ctx, sub_action_id=sub_action_id)
    sub = chain.get(sub_action_id)
    require_gesture(ctx, Gesture.CANCEL, chain.action, sub)
    text = checked_reason(reason)
    refuse_conflict(ctx, sub, version=version, edits={"status": Status.CANCELLED})
    after = replace(sub, status=Status.CANCELLED, cancelled_at=ctx.now, cancelled_by=ctx.person.id, cancel_reason=text)
    return saved_sub_action(ctx, "cancel", chain, after)


def checked_reason(reason: object) -> str:
    """The comment of a cancellation; raises Invalid for `reason` when it says nothing, or is too long."""
    text = cleaned(reason).strip()
    if shows_nothing(text):
        raise Invalid({"reason": say("Say why it is cancelled: the comment stays in the history.")})
    if len(text) > MAX_REASON:
        raise Invalid({"reason": say("Too long: {max_length} characters at most.", max_length=MAX_REASON)})
    return text


@command
def delete_sub_action(ctx: Context, *, sub_action_id: int, version: int) -> int | None:
    """Delete the last sub-action of a chain, and the action with its only one (R28); return the id before it."""
    chain = opened_chain(ctx, sub_action_id=sub_action_id)
    sub = chain.get(sub_action_id)
    require_gesture(ctx, Gesture.DELETE, chain.action, sub, last_seq=chain.last.seq)
    if len(chain.sub_actions) == 1 and ctx.store.exchanges.count_of(chain.action.id, ()).count:
        raise NotAllowed(say("Messages were exchanged about this action: cancel it rather than delete it."))
    detail, report = ctx.store.actions.texts(sub.id)
    if sub.version != version or not ctx.store.actions.delete_sub_action(sub.id, version=version):
        refuse_conflict(ctx, sub, version=version, edits={"status": Status.CANCELLED, "detail": ""})
        raise Conflict(by=None, at=None)
    label = shown_number(chain.action.number, sub.seq)
    record_change(
        ctx, "delete", entity="sub_action", entity_id=sub.id, action_id=chain.action.id, version=version,
        fields={"": (label, None), "detail": (detail, ""), "report": (report, "")}
        | {name: (getattr(sub, name), None) for name in JOURNALLED},
    )  # fmt: skip
    forget_holder(ctx.store, Entity.SUB_ACTION, [sub.id])
    for form in drafts.OF_SUB_ACTION:  # one's own: a colleague who is typing may still read and copy his text
        ctx.store.drafts.delete(ctx.person.id, form, sub.id)
    rest = chain.sub_actions[:-1]
    if not rest:
        record_change(
            ctx, "delete", entity="action", entity_id=chain.action.id, action_id=chain.action.id,
            version=chain.action.version, fields={name: (getattr(chain.action, name), None) for name in _ACTION_KEPT},
        )  # fmt: skip
        forget_holder(ctx.store, Entity.ACTION, [chain.action.id])
        ctx.store.actions.delete(chain.action.id)
        return None
    settled(ctx, "delete", replace(chain, sub_actions=rest), responsible_id=None)
    return rest[-1].id
