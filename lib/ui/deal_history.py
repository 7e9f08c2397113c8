"""Who changed what in a deal, and when, from the journal."""

from __future__ import annotations

from lib.domain.changes import Change
from lib.domain.context import Context
from lib.domain.deals import DealFile, deal_history
from lib.domain.reference import Reference
from lib.ui import formats
from lib.ui.action_table import Cell, Column, Row, action_table
from lib.ui.deal_form import labels
from lib.ui.deal_values import FIELD_OF, shown_deal_value
from lib.ui.statuses import person_name
from lib.ui.words import _

_SHOWN = 200
"""Changes shown: one who looks further back asks the journal itself."""


def draw_history(ctx: Context, reference: Reference, file: DealFile) -> None:
    """One line for each field that was changed, the newest first."""
    columns = [
        Column("at", _("Date"), width="10rem"),
        Column("person", _("By"), width="2fr"),
        Column("field", _("Field"), width="2fr"),
        Column("old", _("Before"), width="3fr"),
        Column("new", _("After"), width="3fr"),
    ]
    changes = deal_history(ctx, deal_id=file.deal.id)[:_SHOWN]
    rows = [_row(ctx, reference, file, change) for change in changes]
    action_table(columns, rows, key="deal.history", selection="none", empty=_("Nothing was changed yet."))


def _row(ctx: Context, reference: Reference, file: DealFile, change: Change) -> Row:
    local = change.at.astimezone(ctx.zone)
    field = FIELD_OF.get(change.field, change.field)
    label = {**labels(), "closed_on": _("Closed on"), "": _("Created")}.get(field, field)
    old, new = (shown_deal_value(reference, file.client, field, value) for value in (change.old, change.new))
    cells: dict[str, str | Cell] = {
        "at": Cell(formats.when(local.date(), local.time(), today=ctx.today),
                   hint=formats.full(local.date(), local.time())),
        "person": person_name(reference, change.person_id),
        "field": label, "old": old, "new": new,
    }  # fmt: skip
    return Row(str(change.id), cells)
