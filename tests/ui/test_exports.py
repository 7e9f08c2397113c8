"""Files for spreadsheets and pictures: text stays text, hours add up, French letters are drawn, colours can be read."""

from __future__ import annotations

import csv
import re
import zipfile
from datetime import date
from io import BytesIO, StringIO
from xml.etree import ElementTree

import pytest

from lib.domain.workload import Amount, Cell, Holder, Line, Workload
from lib.ui.exports import Column, Kind, Table, guarded, to_csv, to_xlsx
from lib.ui.pictures import on_paper, palette, to_png, to_svg
from lib.ui.words import use_language
from lib.ui.workload_charts import COLOURS, heat_map, together
from tests.test_theme import contrast

_NS = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
FORMULAS = ["=1+1", "+33 4 78", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1", "＠A1"]
TABLE = Table(
    "Charge: de [travail] / équipe",
    [
        Column("Commercial"), Column("Heures planifiées", Kind.MINUTES), Column("À planifier", Kind.NUMBER),
        Column("Charge (%)", Kind.PERCENT), Column("Semaine", Kind.DATE),
    ],
    [
        ["Éléonore Lefèvre", 330, 17, 85, date(2026, 11, 23)],
        ["Pot commun", 2105, 0, None, None],
    ],
)  # fmt: skip


def sheet_of(book: bytes, number: int = 1) -> ElementTree.Element:
    with zipfile.ZipFile(BytesIO(book)) as parts:
        return ElementTree.fromstring(parts.read(f"xl/worksheets/sheet{number}.xml"))


def strings_of(book: bytes) -> list[str]:
    with zipfile.ZipFile(BytesIO(book)) as parts:
        shared = ElementTree.fromstring(parts.read("xl/sharedStrings.xml"))
    return ["".join(part.text or "" for part in each.iter(f"{{{_NS['x']}}}t")) for each in shared]


def value_of(sheet: ElementTree.Element, place: str) -> str:
    found = sheet.find(f".//x:c[@r='{place}']/x:v", _NS)
    return "" if found is None else found.text or ""


# ---- spreadsheets


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_becomes_a_formula_in_a_workbook(text):
    book = to_xlsx([Table("t", [Column(text)], [[text]])])
    sheet = sheet_of(book)
    assert sheet.find(".//x:f", _NS) is None
    assert {cell.get("t") for cell in sheet.iterfind(".//x:c", _NS)} == {"s"}
    assert set(strings_of(book)) == {text.replace("\r", "_x000D_")}


def test_hours_are_numbers_that_a_spreadsheet_adds_up():
    sheet = sheet_of(to_xlsx([TABLE]))
    assert float(value_of(sheet, "B2")) * 24 * 60 == pytest.approx(330)
    assert float(value_of(sheet, "B3")) * 24 * 60 == pytest.approx(2105)
    assert (value_of(sheet, "C2"), value_of(sheet, "D2"), value_of(sheet, "D3")) == ("17", "85", "")
    with zipfile.ZipFile(BytesIO(to_xlsx([TABLE]))) as parts:
        assert "[h]:mm" in parts.read("xl/styles.xml").decode()


def test_the_headings_stay_in_sight_and_the_widths_fit():
    sheet = sheet_of(to_xlsx([TABLE]))
    pane = sheet.find(".//x:pane", _NS)
    assert pane is not None
    assert (pane.get("topLeftCell"), pane.get("state")) == ("B2", "frozen")
    widths = [float(each.get("width", 0)) for each in sheet.iterfind(".//x:col", _NS)]
    assert widths[0] >= len("Éléonore Lefèvre")


def test_a_sheet_has_a_name_that_spreadsheets_accept():
    book = to_xlsx([TABLE, Table("///", [Column("a")], []), Table("x" * 99, [Column("a")], [])])
    with zipfile.ZipFile(BytesIO(book)) as parts:
        names = re.findall(r'<sheet name="([^"]*)"', parts.read("xl/workbook.xml").decode())
    assert names[0].startswith("Charge  de")
    assert all(0 < len(name) <= 31 and not re.search(r"[\[\]:*?/\\]", name) for name in names)


def test_a_text_longer_than_a_cell_is_cut_and_the_rest_stays():
    book = to_xlsx([Table("t", [Column("a")], [["x" * 40_000], ["y"]])])
    assert sorted(map(len, strings_of(book))) == [1, 1, 32_767]


def test_a_csv_opens_in_a_french_spreadsheet():
    made = to_csv(TABLE)
    assert made.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(StringIO(made.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows == [
        ["Commercial", "Heures planifiées", "À planifier", "Charge (%)", "Semaine"],
        ["Éléonore Lefèvre", "5:30", "17", "85", "23/11/2026"],
        ["Pot commun", "35:05", "0", "", ""],
    ]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_looks_like_a_formula_is_guarded_in_a_csv(text):
    made = to_csv(Table("t", [Column(text)], [[text]])).decode("utf-8-sig")
    rows = list(csv.reader(StringIO(made, newline=""), delimiter=";"))
    assert rows == [[f"'{text}"], [f"'{text}"]]


@pytest.mark.parametrize("text", ["Dupont", "", "1+1", "é=", 'd\'Aix; "SARL"\nLyon'])
def test_other_texts_go_through_a_csv_unchanged(text):
    made = to_csv(Table("t", [Column("a"), Column("b")], [[text, "x"]])).decode("utf-8-sig")
    assert list(csv.reader(StringIO(made, newline=""), delimiter=";"))[1] == [text, "x"]
    assert guarded(text) == text


def test_a_negative_number_is_no_formula():
    assert to_csv(Table("t", [Column("n", Kind.NUMBER)], [[-5]])).endswith(b"-5\r\n")


# ---- pictures


def a_workload() -> Workload:
    monday = date(2026, 11, 23)
    cells = (Cell({1: Amount(3, 2500)}, Amount(), 2100), Cell({}, Amount(), 0, True))
    return Workload((monday, date(2026, 11, 30)), (Line(Holder(person_id=1), "Éléonore Lefèvre", cells),), ())


def picture() -> dict:
    use_language("fr")
    return on_paper(together([heat_map(a_workload(), is_dark=False)], title="Charge de travail", weeks=8))


def test_a_picture_of_lines_holds_the_words_of_the_screen():
    svg = to_svg(picture()).decode()
    for words in ("Éléonore Lefèvre", "S48 23/11", "▲ 120 %", "absent", "Charge de travail"):
        assert words in svg
    assert "<script" not in svg


def test_a_picture_of_points_is_large_enough_to_print():
    png = to_png(picture())
    assert png.startswith(b"\x89PNG\r\n")
    width, height = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    assert width > 1000
    assert height > 100


def test_a_picture_fetches_nothing():
    spec = {"data": {"url": "http://127.0.0.1:9/secret.csv"}, "mark": "bar", "encoding": {"x": {"field": "a"}}}
    with pytest.raises(ValueError, match=r"(?i)not allowed|denied|disallowed|External data"):
        to_svg(on_paper(spec))


def test_the_charts_wear_the_themes_colours():
    assert len(palette()) == len(palette(is_dark=True)) == 8


@pytest.mark.parametrize("is_dark", [False, True])
def test_the_words_of_the_heat_map_can_be_read_on_every_band(is_dark):
    bands, ink = COLOURS[is_dark]
    assert min(contrast(ink, band) for band in bands) >= 4.5
