"""What is taken in: by name, size and content, after the scanner; what is drawn again; what is shown."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest
from PIL import Image

from lib.config import load
from lib.domain.errors import Invalid
from lib.domain.file_kinds import FileLimits, cleaned_name
from lib.gateways import previews
from lib.gateways.blobs import FolderBlobs
from lib.gateways.blobs_s3 import S3Blobs
from lib.gateways.files import Files, files_of
from tests.naughty_strings import NAUGHTY
from tests.some_files import EICAR, PDF, a_docx, a_file, a_png_of, a_zip, an_image, some_files


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return some_files(tmp_path)


def nothing_is_left(files: Files) -> bool:
    return not list(files.blobs.stored()) and not list(files._incoming.glob("*"))


GOOD = [
    ("devis.pdf", PDF, "application/pdf"),
    ("DEVIS.PDF", PDF, "application/pdf"),
    ("lettre.docx", a_docx(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("table.ods", a_zip({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}),
     "application/vnd.oasis.opendocument.spreadsheet"),
    ("vieux.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "application/msword"),
    ("plan.png", an_image(), "image/png"),
    ("photo.jpeg", an_image("JPEG"), "image/jpeg"),
    ("photo.webp", an_image("WEBP"), "image/webp"),
    ("photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0", "image/heic"),
    ("notes.txt", "déjà vu".encode(), "text/plain"),
    ("notes.txt", "déjà vu".encode("cp1252"), "text/plain"),
    ("notes.txt", "déjà vu".encode("utf-16"), "text/plain"),
    ("liste.csv", b"a;b\r\n1;2\r\n", "text/csv"),
    ("tout.zip", a_zip({"a.txt": b"a"}), "application/zip"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "media_type"), GOOD, ids=[name for name, *_ in GOOD])
def test_a_file_that_is_what_its_name_says_is_taken(files: Files, name: str, data: bytes, media_type: str):
    accepted = a_file(files, name, data)
    assert (accepted.name, accepted.size_bytes, accepted.media_type) == (name, len(data), media_type)
    assert b"".join(files.blobs.open(accepted.sha256)) == data


BAD = [
    ("virus.exe", b"MZ", "aren't taken: .exe"),
    ("page.html", b"<script>", "aren't taken: .html"),
    ("dessin.svg", b"<svg/>", "aren't taken: .svg"),
    ("sans", b"x", "aren't taken: no extension"),
    (".pdf", PDF, "aren't taken: no extension"),
    ("devis.pdf.exe", PDF, "aren't taken: .exe"),
    ("devis.pdf", b"MZ\x90\0", "isn't what its name says"),
    ("photo.png", an_image("JPEG"), "isn't what its name says"),
    ("lettre.docx", a_zip({"a.txt": b"a"}), "isn't what its name says"),
    ("lettre.docx", a_docx().replace(b"word/document", b"xl/worksheets"), "isn't what its name says"),
    ("notes.txt", b"MZ\x90\0", "isn't what its name says"),
    ("notes.txt", b"\x81\x8d", "isn't what its name says"),
    ("notes.txt", b"", "is empty"),
    ("plan.png", an_image()[:-30], "is damaged"),
    ("tout.zip", a_zip({"a": b"a"})[:-10], "is damaged"),
    ("bombe.zip", a_zip({"a": b"0" * 3_000_000}), "unpacks to far more"),
    ("bombe.docx", a_docx(image=b"0" * 3_000_000), "unpacks to far more"),
    ("nombreux.zip", a_zip({f"{n}": b"" for n in range(10_001)}), "unpacks to far more"),
    ("grande.png", a_png_of(10_000, 10_000), "25 megapixels at most"),
    ("immense.png", a_png_of(60_000, 60_000), "25 megapixels at most"),
    ("lourd.txt", b"a" * 5_000_001, "5 MB at most"),
]


@pytest.mark.parametrize(("name", "data", "refusal"), BAD, ids=[f"{name} {refusal}" for name, _data, refusal in BAD])
def test_any_other_is_refused_with_the_reason_and_nothing_of_it_is_kept(
    files: Files, name: str, data: bytes, refusal: str
):
    with pytest.raises(Invalid, match=refusal):
        a_file(files, name, data)
    assert nothing_is_left(files)


def test_a_document_with_macros_is_refused(files: Files):
    with_macros = a_zip({"[Content_Types].xml": b"", "word/document.xml": b"", "word/vbaProject.bin": b"Sub"})
    with pytest.raises(Invalid, match="holds macros"):
        a_file(files, "lettre.docx", with_macros)


def test_a_zip_of_a_gigabyte_is_refused_for_what_its_list_announces(files: Files, tmp_path: Path):
    bomb = bytearray(a_zip({"a": b"x" * 1000}, level=0))
    at = bomb.rfind(b"PK\x01\x02") + 24
    bomb[at : at + 4] = (1_000_000_000).to_bytes(4, "little")
    with pytest.raises(Invalid, match="unpacks to far more"):
        a_file(files, "bombe.zip", bytes(bomb))


def test_a_file_is_refused_as_soon_as_it_is_too_large(files: Files):
    with files.receive("a.txt") as incoming:
        for _ in range(5):
            incoming.write(b"a" * 1_000_000)
        with pytest.raises(Invalid, match="5 MB at most"):
            incoming.write(b"a")


def test_a_server_may_allow_fewer_types(tmp_path: Path):
    files = some_files(tmp_path, limits=FileLimits(("pdf",), 5, 0, 0))
    a_file(files)
    with pytest.raises(Invalid, match="Types taken: pdf"):
        a_file(files, "plan.png", an_image())


# ---- names


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("C:\\Users\\me\\devis.pdf", "devis.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("a\u202egpj.exe.pdf", "agpj.exe.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie_ x.pdf"),
        ('a"<b>|?*:.pdf', "a__b_____.pdf"),
        ("CON.txt", "document_CON.txt"),
        ("  . é.pdf. ", "é.pdf"),
        ("\u200b.pdf", "pdf"),
        ("x" * 500 + ".pdf", "x" * 196 + ".pdf"),
        ("a" + "b" * 500, "a" + "b" * 199),
        (None, "document"),
        (12, "document"),
        ("e\u0301.pdf", "é.pdf"),
    ],
)
def test_a_name_is_kept_without_what_could_do_harm(written: object, kept: str):
    assert cleaned_name(written) == kept


@pytest.mark.parametrize("name", NAUGHTY)
def test_no_name_leads_anywhere_and_cleaning_again_changes_nothing(name: str):
    cleaned = cleaned_name(f"{name}.pdf")
    assert cleaned_name(cleaned) == cleaned
    assert 0 < len(cleaned) <= 200
    assert not set(cleaned) & set('/\\\0\r\n"<>|?*:')
    assert not cleaned.startswith(".")


# ---- the scanner


def a_scanner(folder: Path, body: str) -> list[str]:
    """A scanner that looks at the file named last, whose bytes are `data`."""
    script = folder / "scanner.py"
    script.write_text(f"import sys\ndata = open(sys.argv[-1], 'rb').read()\n{body}\n")
    return [sys.executable, str(script)]


def test_a_virus_is_refused_where_a_scanner_looks(tmp_path: Path):
    files = some_files(tmp_path, scanner=a_scanner(tmp_path, "sys.exit(b'EICAR' in data)"))
    a_file(files, "sain.txt", b"rien")
    with pytest.raises(Invalid, match="virus scanner refuses"):
        a_file(files, "virus.txt", EICAR)
    assert len(list(files.blobs.stored())) == 1


@pytest.mark.parametrize(
    "command", [["/no/such/scanner"], [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]]
)
def test_a_scanner_that_breaks_down_lets_nothing_pass(tmp_path: Path, command: list[str]):
    files = some_files(tmp_path, scanner=command)
    with pytest.raises(Invalid, match="virus scanner"):
        a_file(files)
    assert nothing_is_left(files)


# ---- images drawn again


def test_an_image_is_drawn_again_without_what_it_hides(files: Files):
    exif = Image.Exif()
    exif[0x010E] = "taken at the client's"
    kept = files.keep_image(an_image("JPEG", exif=exif) + b"<script>alert(1)</script>")
    assert kept is not None
    data = b"".join(files.blobs.open(kept.sha256))
    assert b"taken at" not in data
    assert b"<script" not in data
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.size) == ("JPEG", (40, 30))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_each_kind_of_image_of_a_text_is_kept_once(files: Files, kind: str):
    assert files.keep_image(an_image(kind)) == files.keep_image(an_image(kind))
    assert len(list(files.blobs.stored())) == 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_images_of_every_depth_are_drawn(files: Files, mode: str):
    out = io.BytesIO()
    Image.new(mode, (8, 8)).save(out, "PNG")
    assert files.keep_image(out.getvalue())


@pytest.mark.parametrize("data", [b"", b"GIF89a", a_png_of(10_000, 10_000), a_png_of(60_000, 60_000), an_image()[:60]])
def test_what_is_no_image_or_too_large_isn_t_kept(files: Files, data: bytes):
    assert files.keep_image(data) is None
    assert nothing_is_left(files)


# ---- what is shown


def test_a_pdf_is_shown_page_by_page_as_images_of_a_bounded_size(files: Files):
    pdf = a_file(files)
    about = (pdf.sha256, pdf.media_type)
    assert files.previews.pages(*about) == 1
    picture = files.previews.picture(*about, page=1, max_side=100_000)
    assert picture is not None
    with Image.open(io.BytesIO(picture.data)) as image:
        assert (image.format, max(image.size) <= 2000) == ("PNG", True)
    assert files.previews.picture(*about, page=2, max_side=100) is None


def test_a_damaged_pdf_shows_nothing_and_breaks_nothing(files: Files):
    pdf = a_file(files, data=b"%PDF-1.7 and then nothing")
    assert files.previews.pages(pdf.sha256, pdf.media_type) == 0
    assert files.previews.picture(pdf.sha256, pdf.media_type, page=1, max_side=100) is None


def test_behind_a_pdf_that_takes_too_long_the_others_show_nothing(files: Files, monkeypatch: pytest.MonkeyPatch):
    pdf = a_file(files)
    monkeypatch.setattr(previews, "PATIENCE_S", 0.01)
    with previews._pdfium:
        assert files.previews.picture(pdf.sha256, pdf.media_type, page=1, max_side=100) is None
    assert files.previews.picture(pdf.sha256, pdf.media_type, page=1, max_side=100) is not None


@pytest.mark.parametrize("box", ["0 0 0 0", "0 0 100000000 1", "-5 -5 5 5", "0 0 1 1"])
def test_a_page_of_any_size_is_a_picture_of_a_bounded_one(files: Files, box: str):
    pdf = a_file(files, data=PDF.replace(b"0 0 200 100", box.encode()))
    picture = files.previews.picture(pdf.sha256, pdf.media_type, page=1, max_side=300)
    if picture:
        with Image.open(io.BytesIO(picture.data)) as image:
            assert max(image.size) <= 301


def test_an_image_is_shown_small(files: Files):
    plan = a_file(files, "plan.png", an_image(size=(400, 200)))
    picture = files.previews.picture(plan.sha256, plan.media_type, page=1, max_side=100)
    assert picture is not None
    with Image.open(io.BytesIO(picture.data)) as image:
        assert image.size == (100, 50)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_text_is_shown_whatever_its_encoding(files: Files, encoding: str):
    text = a_file(files, "notes.txt", ("déjà " * 50_000).encode(encoding))
    shown = files.previews.text(text.sha256, text.media_type)
    assert shown is not None
    assert shown[:10] == "déjà déjà "
    assert len(shown) <= 200_000


# ---- settings


def test_files_are_kept_in_the_data_folder_unless_told_otherwise(tmp_path: Path):
    found = files_of(load({"RELAIS_DATA_DIR": str(tmp_path)}))
    assert isinstance(found.blobs, FolderBlobs)
    assert found.blobs.root == tmp_path / "files"
    assert found.limits.file_max_mb == 100
    in_s3 = load({"RELAIS_FILES_URL": "s3://relais/files", "RELAIS_S3_KEY": "k", "RELAIS_S3_SECRET": "hunter2"})
    assert isinstance(files_of(in_s3).blobs, S3Blobs)
    assert "hunter2" not in repr(in_s3)


def test_without_its_extra_s3_stops_the_start_with_one_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "lib.gateways.blobs_s3", None)
    with pytest.raises(SystemExit, match="needs the extra"):
        files_of(load({"RELAIS_FILES_URL": "s3://relais"}))


@pytest.mark.parametrize(
    ("variable", "text", "expected"),
    [
        ("RELAIS_FILES_URL", "files", "absolute folder"),
        ("RELAIS_FILES_URL", "s3://", "s3://bucket"),
        ("RELAIS_FILES_URL", "s3://key:secret@bucket", "s3://bucket"),
        ("RELAIS_FILE_MAX_MB", "0", "1 to 2000"),
        ("RELAIS_FILE_MAX_MB", "ten", "whole number"),
        ("RELAIS_FILE_TYPES", "pdf,exe", "extensions separated by commas"),
        ("RELAIS_FILE_SCANNER", "clamdscan 'x", "quoted as a shell"),
    ],
)
def test_a_wrong_setting_says_what_it_may_hold(variable: str, text: str, expected: str):
    with pytest.raises(SystemExit, match=expected):
        load({variable: text})


def test_what_a_stopped_server_was_receiving_is_cleared_away_at_the_next_start(tmp_path: Path):
    (tmp_path / "incoming").mkdir()
    left = tmp_path / "incoming" / "left.pdf"
    left.write_bytes(b"half")
    os.utime(left, (0, 0))
    files_of(load({"RELAIS_DATA_DIR": str(tmp_path)}))
    assert not left.exists()
