"""What a file holds, found by its content and not by its name."""

from __future__ import annotations

import codecs
import re
import struct
import zipfile
from collections.abc import Iterable
from pathlib import Path

from lib.domain.file_kinds import IMAGES, MAX_ENTRIES, MAX_MEGAPIXELS, Content, FileFacts
from lib.gateways.images import TooManyPixels, UnreadableImage, check_image, megapixels_of

_HEAD = 1024
_SIGNATURES = (  # where, what, content
    (0, b"\x89PNG\r\n\x1a\n", Content.PNG),
    (0, b"\xff\xd8\xff", Content.JPEG),
    (0, b"GIF87a", Content.GIF),
    (0, b"GIF89a", Content.GIF),
    (8, b"WEBP", Content.WEBP),
    (0, b"II*\0", Content.TIFF),
    (0, b"MM\0*", Content.TIFF),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Content.OLE),
    (0, b"{\\rtf", Content.RTF),
)
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1")
_OFFICE_PARTS = {
    "word/document.xml": Content.DOCX,
    "xl/workbook.xml": Content.XLSX,
    "xl/workbook.bin": None,  # .xlsb, which none of the kinds is
    "ppt/presentation.xml": Content.PPTX,
}
_OPEN_TYPES = {
    b"application/vnd.oasis.opendocument.text": Content.ODT,
    b"application/vnd.oasis.opendocument.spreadsheet": Content.ODS,
    b"application/vnd.oasis.opendocument.presentation": Content.ODP,
}
_DIRECTORY_END, _ZIP64_END = b"PK\x05\x06", b"PK\x06\x07"
_MAX_DIRECTORY = 4_000_000
"""Bytes of a zip's list of entries, which zipfile reads whole."""
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


def facts_of(path: Path) -> FileFacts:
    """What the file at `path` holds; reads as little of it as tells."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        return FileFacts(None, is_empty=True)
    if b"%PDF-" in head:
        return FileFacts(Content.PDF)
    if head.startswith((b"PK\x03\x04", _DIRECTORY_END)):
        return _zip_facts(path)
    if head[4:8] == b"ftyp":
        return FileFacts(Content.HEIC if head[8:12] in _HEIC_BRANDS else None)
    for offset, signature, content in _SIGNATURES:
        if head.startswith(signature, offset) and (content != Content.WEBP or head.startswith(b"RIFF")):
            return _image_facts(path, content) if content in IMAGES else FileFacts(content)
    return FileFacts(Content.TEXT if _is_text(path) else None)


def _image_facts(path: Path, content: Content) -> FileFacts:
    try:
        megapixels = megapixels_of(path)
        if megapixels <= MAX_MEGAPIXELS:
            check_image(path)
    except TooManyPixels:
        return FileFacts(content, megapixels=float("inf"))
    except UnreadableImage:
        return FileFacts(content, is_broken=True)
    return FileFacts(content, megapixels=megapixels)


def _zip_facts(path: Path) -> FileFacts:
    """The totals that the list of entries announces; the list itself is measured before it is read."""
    entries, directory_bytes = _announced(path)
    if entries > MAX_ENTRIES or directory_bytes > _MAX_DIRECTORY:
        return FileFacts(Content.ZIP, entries=max(entries, MAX_ENTRIES + 1))
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            names = {info.filename for info in infos}
            unpacked, packed = sum(i.file_size for i in infos), sum(i.compress_size for i in infos)
            opened = archive.open("mimetype").read(100).strip() if "mimetype" in names else b""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError, struct.error):
        return FileFacts(Content.ZIP, is_broken=True)
    return FileFacts(
        _office_content(names, opened),
        # Never less than what all entries together take: those that overlap count each.
        unpacked_bytes=unpacked, packed_bytes=min(packed, path.stat().st_size), entries=len(infos),
        has_macros=any(name.rpartition("/")[2].lower() == "vbaproject.bin" for name in names),
    )  # fmt: skip


def _announced(path: Path) -> tuple[int, int]:
    """How many entries, in how many bytes, the end of a zip announces; too many when that needs the 64-bit form."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 65_557 - 20))
        tail = file.read()
    end = tail.rfind(_DIRECTORY_END)
    if end < 0 or len(tail) < end + 22:
        return 0, 0  # zipfile finds no end either
    if _ZIP64_END in tail[max(0, end - 20) : end]:
        return MAX_ENTRIES + 1, 0
    entries, directory_bytes = struct.unpack("<HI", tail[end + 10 : end + 16])
    return entries, directory_bytes


def _office_content(names: Iterable[str], mimetype: bytes) -> Content | None:
    names = set(names)
    if mimetype in _OPEN_TYPES:
        return _OPEN_TYPES[mimetype]
    if "[Content_Types].xml" in names:
        return next((content for part, content in _OFFICE_PARTS.items() if part in names), Content.ZIP)
    return Content.ZIP


def _is_text(path: Path) -> bool:
    """Whether it decodes as UTF-8 or UTF-16, or as Windows-1252 without holes, and holds no control characters."""
    with path.open("rb") as file:
        start = file.read(4)
    wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return any(_decodes(path, encoding) for encoding in (["utf-16"] if wide else ["utf-8-sig", "cp1252"]))


def _decodes(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding, newline="") as text:
            while piece := text.read(65_536):
                if _NO_TEXT.search(piece):
                    return False
    except UnicodeDecodeError:
        return False
    return True
