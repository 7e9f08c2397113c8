"""Saving: every change of an action or a sub-action is stored here, with what follows from it and its journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from lib.domain import richtext
from lib.domain.chain import EXCERPT, Chain, SubAction, chain_status, is_stalled, listed_at, shown_number
from lib.domain.changes import Change, changes_of, record_change
from lib.domain.context import Context
from lib.domain.errors import Conflict
from lib.domain.holders import Entity
from lib.domain.inline_images import link_images, with_images_stored

_NOT_JOURNALLED = {"id", "action_id", "seq", "version", "detail_text", "report_text", "created_by", "created_at"}
JOURNALLED = tuple(f.name for f in fields(SubAction) if f.name not in _NOT_JOURNALLED)


def _columns(ctx: Context, sub: SubAction, texts: Mapping[str, str]) -> dict[str, Any]:
    """The stored columns of a sub-action, those that follow from others included."""
    values: dict[str, Any] = {name: getattr(sub, name) for name in JOURNALLED}
    values |= {"listed_at": listed_at(sub, ctx.zone), "is_open": sub.is_open}
    for name, html in texts.items():
        values |= {f"{name}_html": html, f"{name}_text": richtext.text_of(html)}
    return values


def inserted_sub_action(
    ctx: Context, chain: Chain, sub: SubAction, *, detail_html: str, operation: str = "create"
) -> Chain:
    """The chain with one more sub-action, numbered inside this transaction (R1)."""
    detail = with_images_stored(
        ctx, detail_html, entity=Entity.SUB_ACTION, entity_id=None, client_id=chain.action.client_id, field="detail"
    )
    seq = ctx.store.actions.next_seq(chain.action.id)
    sub = replace(sub, action_id=chain.action.id, seq=seq, created_by=ctx.person.id, created_at=ctx.now)
    sub = replace(sub, detail_text=richtext.text_of(detail.html)[:EXCERPT])
    values = _columns(ctx, sub, {"detail": detail.html})
    values |= {"action_id": sub.action_id, "seq": seq, "created_by": sub.created_by, "created_at": sub.created_at}
    values["client_id"] = chain.action.client_id
    sub = replace(sub, id=ctx.store.actions.add_sub_action(values))
    link_images(ctx.store, detail.image_ids, Entity.SUB_ACTION, sub.id, at=ctx.now, person_id=ctx.person.id)
    label = shown_number(chain.action.number, seq)
    record_change(
        ctx,
        operation,
        entity="sub_action",
        entity_id=sub.id,
        action_id=chain.action.id,
        version=1,
        fields={"": (None, label)},
    )
    return settled(
        ctx, operation, replace(chain, sub_actions=(*chain.sub_actions, sub)), responsible_id=sub.assignee_id
    )


@dataclass
class _Writes:
    """What a change of sub-actions writes, gathered so that many of them take few statements."""

    subs: list[tuple[int, int, Mapping[str, Any]]] = field(default_factory=list)
    actions: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    def carry_out(self, ctx: Context) -> None:
        """Write it all; raises Conflict when a sub-action no longer has the version that was read."""
        if self.subs and not ctx.store.actions.update_sub_actions(self.subs):
            raise Conflict(by=None, at=None)
        if self.actions:
            ctx.store.actions.update_several(self.actions)
        ctx.store.changes.add(self.changes)


def saved_sub_action(
    ctx: Context, operation: str, chain: Chain, after: SubAction, *, texts: Mapping[str, str] | None = None
) -> Chain:
    """The chain with `after` in place of its former self, stored and journalled; raises Conflict after a lost race.

    `texts` maps `detail` or `report` to its new HTML.
    """
    writes = _Writes()
    texts = {name: _with_images_stored(ctx, chain, after, name, html) for name, html in (texts or {}).items()}
    chain = _changed(ctx, writes, operation, chain, after, texts=texts)
    writes.carry_out(ctx)
    return chain


def _with_images_stored(ctx: Context, chain: Chain, sub: SubAction, name: str, html: str) -> str:
    return with_images_stored(
        ctx, html, entity=Entity.SUB_ACTION, entity_id=sub.id, client_id=chain.action.client_id, field=name
    ).html


def saved_sub_actions(
    ctx: Context,
    operation: str,
    changes: Iterable[tuple[Chain, SubAction]],
    *,
    restored: Mapping[int, Mapping[str, Any]] | None = None,
) -> None:
    """Store and journal many sub-actions as they become, each with its chain as it was; raises Conflict.

    Two of one chain follow one another. `restored` are columns of actions, by id, that an undo gives back: they don't
    follow from the sub-actions.
    """
    writes, chains = _Writes(), dict[int, Chain]()
    for chain, after in changes:
        action_id = chain.action.id
        now, columns = chains.get(action_id, chain), (restored or {}).get(action_id, {})
        chains[action_id] = _changed(ctx, writes, operation, now, after, restored=columns)
    writes.carry_out(ctx)


def _changed(
    ctx: Context,
    writes: _Writes,
    operation: str,
    chain: Chain,
    after: SubAction,
    *,
    texts: Mapping[str, str] | None = None,
    restored: Mapping[str, Any] | None = None,
) -> Chain:
    """The chain with `after` in place of its former self, and what follows from it; all is added to `writes`."""
    before, texts = chain.get(after.id), dict(texts or {})
    old_texts = dict(zip(("detail", "report"), ctx.store.actions.texts(after.id), strict=True)) if texts else {}
    values = {
        name: value
        for name, value in _columns(ctx, after, texts).items()
        if name not in JOURNALLED or value != getattr(before, name)
    }
    writes.subs.append((after.id, before.version, values))
    excerpts: dict[str, Any] = {f"{name}_text": richtext.text_of(html)[:EXCERPT] for name, html in texts.items()}
    after = replace(after, version=before.version + 1, **excerpts)
    changed = {name: (getattr(before, name), getattr(after, name)) for name in JOURNALLED}
    writes.changes += changes_of(
        ctx, operation, entity="sub_action", entity_id=after.id, action_id=chain.action.id, version=after.version,
        fields={**changed, **{name: (old_texts[name], html) for name, html in texts.items()}},
    )  # fmt: skip
    chain = replace(chain, sub_actions=tuple(after if sub.id == after.id else sub for sub in chain.sub_actions))
    is_handed_over = after.assignee_id != before.assignee_id and after.id == chain.last.id
    follows = _entailed(chain, responsible_id=after.assignee_id if is_handed_over else None)
    return _changed_action(ctx, writes, operation, chain, follows | dict(restored or {}))


def _changed_action(ctx: Context, writes: _Writes, operation: str, chain: Chain, columns: Mapping[str, Any]) -> Chain:
    """The chain with other columns on its action; what differs is added to `writes`."""
    stalls = is_stalled(replace(chain, action=replace(chain.action, **columns)))
    columns = {**columns, "is_stalled": stalls}
    changed = {
        name: (getattr(chain.action, name), new) for name, new in columns.items() if getattr(chain.action, name) != new
    }
    if not changed:
        return chain
    version = chain.action.version + 1
    writes.actions.append((chain.action.id, {**columns, "version": version}))
    writes.changes += changes_of(
        ctx,
        operation,
        entity="action",
        entity_id=chain.action.id,
        action_id=chain.action.id,
        version=version,
        fields={name: values for name, values in changed.items() if name != "is_stalled"},
    )
    return replace(chain, action=replace(chain.action, **columns, version=version))


def _entailed(chain: Chain, *, responsible_id: int | None) -> dict[str, Any]:
    """The columns of an action that follow from its sub-actions (R5), and from who takes over (R23)."""
    columns: dict[str, Any] = {"status": chain_status(chain.sub_actions)}
    if responsible_id is not None:
        columns["responsible_id"] = responsible_id
    if chain.last.is_open:
        columns["org_unit_id"] = chain.last.org_unit_id
    return columns


def saved_action(ctx: Context, operation: str, chain: Chain, **columns: Any) -> Chain:
    """The chain with other columns on its action, stored and journalled."""
    writes = _Writes()
    chain = _changed_action(ctx, writes, operation, chain, columns)
    writes.carry_out(ctx)
    return chain


def settled(ctx: Context, operation: str, chain: Chain, *, responsible_id: int | None) -> Chain:
    """The chain with what its sub-actions entail: its status (R5), its responsible when somebody takes over (R23)."""
    return saved_action(ctx, operation, chain, **_entailed(chain, responsible_id=responsible_id))
