"""Two people at one record: what each changed decides whether both can have it (R20)."""

from __future__ import annotations

from collections.abc import Mapping

from lib.domain.chain import SubAction
from lib.domain.changes import Change
from lib.domain.context import Context
from lib.domain.errors import Conflict, FieldConflict
from lib.domain.fields import FIELDS, Raw


def refuse_conflict(ctx: Context, sub: SubAction, *, version: int, edits: Raw) -> None:
    """Raises Conflict when somebody changed a field of `edits` since `version`; other fields are free to merge."""
    columns = {name: FIELDS[name].column for name in edits}
    refuse_conflict_on(
        ctx, "sub_action", sub.id, stored=sub.version, version=version, edits=edits, columns=columns
    )  # fmt: skip


def refuse_conflict_on(
    ctx: Context, entity: str, entity_id: int, *, stored: int, version: int, edits: Raw, columns: Mapping[str, str]
) -> None:
    """The same for any record: `stored` is its version now, `columns` says what the journal calls each field."""
    if version == stored:
        return
    changes = ctx.store.changes.since(entity, entity_id, version)
    by_column = {columns[name]: name for name in edits}
    latest: dict[str, Change] = {by_column[change.field]: change for change in changes if change.field in by_column}
    first = {by_column[c.field]: c for c in reversed(changes) if c.field in by_column}
    if latest or not changes:  # no trace of that version: nothing can be merged safely
        last = changes[-1] if changes else None
        raise Conflict(
            by=ctx.reference.people.get(last.person_id) if last else None,
            at=last.at if last else None,
            changes=[FieldConflict(name, first[name].old, change.new, edits[name]) for name, change in latest.items()],
        )
