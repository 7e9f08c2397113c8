"""Sub-actions as rows of the action table: one look everywhere, on Ma journée, in the list and in Historique."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from lib.domain import richtext
from lib.domain.chain import (
    Chain,
    Status,
    SubAction,
    delay_days,
    is_reported_by_colleague,
    shown_date,
    shown_number,
)  # fmt: skip
from lib.domain.context import Context
from lib.domain.durations import shown_duration
from lib.domain.gestures import GESTURES, row_menu
from lib.domain.lists import ActionRow
from lib.domain.reference import Reference
from lib.ui import formats
from lib.ui.action_table import Cell, Column, Look, Row
from lib.ui.statuses import STATUSES, looks_of, person_name
from lib.ui.words import _, translate


def menu_labels() -> dict[str, tuple[str, str]]:
    """The choices of a row's menu, by gesture."""
    return {gesture: (translate(rule.label), f":material/{rule.icon}:") for gesture, rule in GESTURES.items()}


def list_columns(*, sortable: bool = True) -> list[Column]:
    """The columns of a list, 1280 px wide with the navigation open."""
    return [
        Column("number", _("No."), width="6.1rem", sortable=sortable, opens=True),
        Column("date", _("Date"), width="9.7rem", sortable=sortable, marks=("late",)),
        Column("client", _("Client / Site"), width="3fr", sortable=sortable, marks=("deal",)),
        Column("contact", _("Contact"), width="1.7fr"),
        Column("nature", _("Action / Reason"), width="2.2fr"),
        Column("domain", _("Activity"), width="1.6fr"),
        Column("assignee", _("Salesperson"), width="2fr"),
        Column("duration", _("Duration"), width="3.4rem", align="end"),
        Column("status", _("Status"), width="7.6rem"),
        Column("detail", _("Detail"), width="2rem", icon=":material/info:", align="center"),
        Column("report", _("Report"), width="2rem", icon=":material/description:", align="center"),
    ]


def list_rows(ctx: Context, reference: Reference, rows: Sequence[ActionRow]) -> list[Row]:
    """The rows of a list, each with the gestures that its state and the person's rights allow (R4)."""
    return [
        Row(
            id=str(row.sub.id),
            cells={
                **_common_cells(ctx, reference, row.sub),
                "number": shown_number(row.action.number, row.sub.seq),
                "client": Cell(row.client_name, note=row.site_name or row.client_town),
                "contact": row.contact_name,
                "domain": _label(reference.domains, row.sub.domain_id),
            },
            looks=_looks(ctx, row.sub, has_deal=row.action.deal_id is not None),
            menu=row_menu(ctx, row.action, row.sub),
        )
        for row in rows
    ]


def history_columns() -> list[Column]:
    """The columns of Historique (R2)."""
    return [
        Column("number", _("No."), width="4rem", opens=True),
        Column("nature", _("Action / Reason"), width="3fr"),
        Column("assignee", _("Salesperson"), width="3fr"),
        Column("date", _("Date"), width="8rem", marks=("late",)),
        Column("delay", _("Planned, delay"), width="3fr"),
        Column("status", _("Status"), width="8rem"),
        Column("detail", _("Detail"), width="2.5rem", icon=":material/info:", align="center"),
        Column("report", _("Report"), width="2.5rem", icon=":material/description:", align="center"),
    ]


def history_rows(ctx: Context, reference: Reference, chain: Chain) -> list[Row]:
    """The whole chain, in the order of its numbers."""
    last_seq = chain.last.seq
    return [
        Row(
            id=str(sub.id),
            cells={**_common_cells(ctx, reference, sub), "number": f"{sub.seq:02d}", "delay": _delay(ctx, sub)},
            looks=_looks(ctx, sub, has_deal=False),
            menu=row_menu(ctx, chain.action, sub, last_seq=last_seq),
        )
        for sub in chain.sub_actions
    ]


def _common_cells(ctx: Context, reference: Reference, sub: SubAction) -> dict[str, str | Cell]:
    on, at = shown_date(sub, ctx.zone)
    look = STATUSES[sub.status]
    nature = reference.natures.get(sub.nature_id)
    return {
        "date": Cell(formats.when(on, at, today=ctx.today), hint=formats.full(on, at)),
        "nature": Cell(
            nature.label if nature else "",
            note=_label(reference.reasons, sub.reason_id),
            icon=f":material/{nature.icon}:" if nature else "",
        ),
        "assignee": _assignee(reference, sub),
        "duration": shown_duration(sub.done_duration_min or sub.duration_min),
        "status": Cell(translate(look.label), icon=f":material/{look.icon}:", tone=look.tone),
        "detail": _text_icon(":material/info:", _("Detail"), sub.detail_text),
        "report": _text_icon(*_report_icon(sub), _report_card(reference, sub)),
    }


def _looks(ctx: Context, sub: SubAction, *, has_deal: bool) -> list[Look]:
    return cast(list[Look], looks_of(sub, local_now=ctx.local_now, has_deal=has_deal))


def _assignee(reference: Reference, sub: SubAction) -> Cell:
    """The salesperson; with the author of the report where it is somebody else (R25)."""
    name = person_name(reference, sub.assignee_id)
    if not is_reported_by_colleague(sub):
        unit = reference.units.get(sub.org_unit_id or 0)
        return Cell(name, note=unit.name if unit and sub.assignee_id is None else "")
    author = person_name(reference, sub.reported_by)
    return Cell(name, note=f"← {author}", hint=_("Report by {author}", author=author))


def _report_icon(sub: SubAction) -> tuple[str, str]:
    if sub.status == Status.CANCELLED:
        return ":material/comment:", _("Reason of the cancellation")
    if is_reported_by_colleague(sub):
        return ":material/record_voice_over:", _("Report by a colleague")
    return ":material/description:", _("Report")


def _report_card(reference: Reference, sub: SubAction) -> str:
    """What the report's hover card says: the result, then the text; for a cancelled one, why."""
    if sub.status == Status.CANCELLED:
        return sub.cancel_reason
    result = _label(reference.results, sub.result_id)
    return "\n".join(part for part in (result, richtext.excerpt(sub.report_text, 600)) if part)


def _text_icon(icon: str, label: str, text: str) -> Cell:
    return Cell(icon=icon, label=label, card=text) if text else Cell()


def _delay(ctx: Context, sub: SubAction) -> str:
    """`planned 20/11, +3 d` for a done one, nothing when it was done on its day."""
    days = delay_days(sub)
    if not days or sub.planned_date is None:
        return ""
    planned = formats.day(sub.planned_date, today=ctx.today)
    return _("planned {date}, {days} d", date=planned, days=f"{days:+d}")


def _label(choices: object, choice_id: int | None) -> str:
    choice = choices.get(choice_id) if choice_id else None  # type: ignore[attr-defined]
    return choice.label if choice else ""
