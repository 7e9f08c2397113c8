"""Tables as files for spreadsheets, in which no text becomes a formula: XLSX and CSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from io import BytesIO, StringIO

import xlsxwriter

from lib.domain.durations import shown_duration

Value = str | int | float | date | None
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
_STARTS_FORMULA = tuple("=+-@\t\r＝＋－＠")
"""What spreadsheets take for the beginning of a formula; the wide ones are read as their narrow twins."""
_MAX_CHARS = 32_767
"""A cell of a spreadsheet holds no more."""
_NO_SHEET = re.compile(r"[\[\]:*?/\\]")
_MINUTES_A_DAY = 24 * 60


class Kind(StrEnum):
    """What a column holds; minutes are shown as hours, `29:45`, amounts with their cents."""

    TEXT = "text"
    NUMBER = "number"
    MINUTES = "minutes"
    AMOUNT = "amount"
    PERCENT = "percent"
    DATE = "date"


_FORMATS = {
    Kind.NUMBER: "#,##0", Kind.AMOUNT: "#,##0.00", Kind.MINUTES: "[h]:mm", Kind.PERCENT: '0" %"',
    Kind.DATE: "dd/mm/yyyy",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A heading and what stands under it."""

    label: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings, all in the reader's language; None is an empty cell."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]


def to_xlsx(tables: Sequence[Table]) -> bytes:
    """A workbook, one sheet for each table: headings that stay in sight, widths that fit, hours that add up."""
    target = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(target, options)
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    formats = {kind: book.add_format({"num_format": pattern}) for kind, pattern in _FORMATS.items()}
    for number, table in enumerate(tables, 1):
        sheet = book.add_worksheet(_NO_SHEET.sub(" ", table.name)[:31].strip("' ") or str(number))
        sheet.freeze_panes(1, 1)
        for place, column in enumerate(table.columns):
            sheet.write_string(0, place, column.label[:_MAX_CHARS], bold)
            shown = [_shown(column.kind, row[place]) for row in table.rows]
            widest = max([len(each) for each in shown] + [len(word) for word in column.label.split()] + [6])
            sheet.set_column(place, place, min(widest + 2, 60))
            for line, row in enumerate(table.rows, 1):
                _write(sheet, line, place, column.kind, row[place], formats.get(column.kind))
        if table.rows:
            sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    book.close()
    return target.getvalue()


def _write(
    sheet: xlsxwriter.worksheet.Worksheet, line: int, place: int, kind: Kind, value: Value,
    look: xlsxwriter.format.Format | None,
) -> None:  # fmt: skip
    match kind, value:
        case _, None:
            pass
        case Kind.MINUTES, int():
            sheet.write_number(line, place, value / _MINUTES_A_DAY, look)
        case Kind.DATE, date():
            sheet.write_datetime(line, place, value, look)
        case ((Kind.NUMBER | Kind.AMOUNT | Kind.PERCENT), int() | float()):
            sheet.write_number(line, place, value, look)
        case _:
            sheet.write_string(line, place, str(value)[:_MAX_CHARS])


def to_csv(table: Table) -> bytes:
    """UTF-8 with its mark and semicolons, as French spreadsheets open it; a text that looks like a formula is quoted
    by an apostrophe."""
    target = StringIO()
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow([guarded(column.label) for column in table.columns])
    for row in table.rows:
        shown = zip(table.columns, row, strict=True)
        writer.writerow([
            guarded(text) if column.kind == Kind.TEXT else text
            for column, value in shown
            for text in [_shown(column.kind, value)]
        ])  # fmt: skip
    return target.getvalue().encode("utf-8-sig")


def guarded(text: str) -> str:
    """`text`, behind an apostrophe when a spreadsheet that opens it as CSV would take it for a formula."""
    return f"'{text}" if text.startswith(_STARTS_FORMULA) else text


def _shown(kind: Kind, value: Value) -> str:
    match kind, value:
        case _, None:
            return ""
        case Kind.MINUTES, int():
            return shown_duration(value)
        case Kind.DATE, date():
            return f"{value:%d/%m/%Y}"
        case Kind.AMOUNT, float():
            return f"{value:.2f}".replace(".", ",")
        case _:
            return str(value)
