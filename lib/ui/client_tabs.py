"""What hangs on a client besides its actions: deals, documents, messages, service reports."""

from __future__ import annotations

from lib.domain import richtext
from lib.domain.client_sheet import ClientSheet
from lib.domain.context import Context
from lib.domain.deals import Deal, deals_of_client, shown_deal_number
from lib.domain.durations import shown_duration
from lib.domain.exchanges import exchanges_of_client, open_exchange
from lib.domain.holders import Entity
from lib.domain.reference import Reference
from lib.domain.service_reports import ReportRow, service_reports_of_client, shown_report_number
from lib.ui import exchange_panel, formats
from lib.ui.action_table import Cell, Column, Row, action_table
from lib.ui.client_values import person_of
from lib.ui.deal_values import look_of, stage_name
from lib.ui.documents import documents_panel
from lib.ui.exchange_rows import exchange_columns, exchange_rows
from lib.ui.frame import go, link
from lib.ui.kept_choice import keep, kept
from lib.ui.reading import record_id
from lib.ui.words import _

REPORTS_SHOWN = 10
_MESSAGE = "exchange"


def draw_deals(ctx: Context, reference: Reference, sheet: ClientSheet) -> None:
    """Its deals, the newest on top."""
    columns = [
        Column("number", _("No."), width="6rem", opens=True),
        Column("title", _("Title"), width="3fr"),
        Column("stage", _("Stage"), width="2fr"),
        Column("amount", _("Amount (€)"), width="7.5rem", align="end"),
        Column("expected", _("Expected date"), width="9rem"),
        Column("owner", _("Salesperson"), width="2fr"),
    ]
    rows = [_deal(ctx, reference, each) for each in deals_of_client(ctx, client_id=sheet.file.client.id)]
    gestures = action_table(columns, rows, key="client.deals", selection="none",
                            empty=_("No deal with this client yet."))  # fmt: skip
    if gestures["open"]:
        go("deal", deal=record_id(gestures["open"]["row"]))


def _deal(ctx: Context, reference: Reference, deal: Deal) -> Row:
    look = look_of(reference, deal)
    cells: dict[str, str | Cell] = {
        "number": shown_deal_number(deal.number),
        "title": deal.title,
        "stage": Cell(stage_name(reference, deal.stage_id), icon=f":material/{look.icon}:", tone=look.tone),
        "amount": formats.euros(deal.amount_eur),
        "expected": Cell(formats.when(deal.expected_on, today=ctx.today), hint=formats.full(deal.expected_on)),
        "owner": person_of(reference, deal.owner_id),
    }
    return Row(str(deal.id), cells)


def draw_documents(ctx: Context, sheet: ClientSheet) -> None:
    """Whatever file hangs on it or on its actions, as far as the person sees them; and those that are its own."""
    client_id = sheet.file.client.id
    documents_panel(ctx, entity=Entity.CLIENT, entity_id=client_id, client_id=client_id)


def draw_exchanges(ctx: Context, sheet: ClientSheet) -> None:
    """Its newest messages; one opens below the list, and leads to its action."""
    rows = exchanges_of_client(ctx, client_id=sheet.file.client.id)

    def opened(row: str) -> None:
        keep(_MESSAGE, row if record_id(row) else "")

    current = kept(_MESSAGE)
    action_table(exchange_columns(with_action=True), exchange_rows(ctx, rows), key="client.exchanges",
                 selection="none", current=current, on_open=opened, max_height="50vh",
                 empty=_("No message with this client yet: they are written from an action."))  # fmt: skip
    found = next((row for row in rows if str(row.exchange.id) == current), None)
    if found is None:
        return
    file = open_exchange(ctx, exchange_id=found.exchange.id)
    exchange_panel.draw(ctx, file, (), on_gesture=lambda *_asked: None, on_close=lambda: keep(_MESSAGE, ""))
    if found.sub_action_id:
        link("action", _("Open its action, to answer"), icon=":material/arrow_forward:", sub=found.sub_action_id,
             tab="exchanges", exchange=found.exchange.id)  # fmt: skip


def draw_reports(ctx: Context, reference: Reference, sheet: ClientSheet) -> None:
    """Its newest service reports, and the way to all of them."""
    client_id = sheet.file.client.id
    found = service_reports_of_client(ctx, client_id=client_id, limit=REPORTS_SHOWN)
    columns = [
        Column("number", _("No."), width="7.2rem", opens=True),
        Column("date", _("Date"), width="9.7rem"),
        Column("site", _("Site"), width="2fr"),
        Column("technician", _("Technician"), width="2fr"),
        Column("equipment", _("Equipment"), width="2.4fr"),
        Column("duration", _("Duration"), width="4.4rem", align="end"),
        Column("body", _("Work done"), width="2rem", icon=":material/description:", align="center"),
    ]
    rows = [_report(ctx, reference, row) for row in found.rows]
    gestures = action_table(columns, rows, key="client.reports", selection="none",
                            empty=_("No service report for this client yet."))  # fmt: skip
    if found.total > len(rows):
        link("service_reports", _("All its service reports"), icon=":material/build:", c_client=client_id)
    if gestures["open"]:
        go("service_report", crit=record_id(gestures["open"]["row"]))


def _report(ctx: Context, reference: Reference, row: ReportRow) -> Row:
    report, text = row.report, richtext.excerpt(row.report.body_text, 600)
    cells: dict[str, str | Cell] = {
        "number": shown_report_number(report.number),
        "date": Cell(formats.when(report.done_on, report.start_time, today=ctx.today),
                     hint=formats.full(report.done_on, report.start_time)),
        "site": row.site_name,
        "technician": person_of(reference, report.technician_id),
        "equipment": report.equipment,
        "duration": shown_duration(report.duration_min),
        "body": Cell(icon=":material/description:", label=_("Work done"), card=text) if text else Cell(),
    }  # fmt: skip
    return Row(str(report.id), cells)
