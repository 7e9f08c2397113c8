"""What a file looks like without being downloaded: an image, a page of a PDF as an image, the beginning of a text."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2

from lib.domain.blobs import BlobStore
from lib.domain.file_kinds import Shown, shown_of
from lib.domain.files import Picture
from lib.gateways.images import UnreadableImage, thumbnail

MAX_PAGES = 200
"""Of a PDF: what comes after is read in the downloaded file."""
MAX_SIDE = 2_000
MAX_TEXT = 200_000
PATIENCE_S = 20
"""A PDF made to be slow must not gather all threads of the server behind it."""
_pdfium = threading.Lock()  # it isn't safe in threads


class Previews:
    """Fulfils `lib.domain.files.Previews`."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs

    def pages(self, sha256: str, media_type: str) -> int:
        """How many pictures show it: one of an image, one for each page of a PDF, up to MAX_PAGES; 0 when none do."""
        shown = shown_of(media_type)
        if shown == Shown.PDF:
            with self._blobs.local(sha256) as path, _opened(path) as pdf:
                return min(len(pdf), MAX_PAGES) if pdf else 0
        return int(shown == Shown.IMAGE)

    def picture(self, sha256: str, media_type: str, *, page: int, max_side: int) -> Picture | None:
        """A page, from 1, within a square of `max_side` pixels; None when there is none to show."""
        side, shown = min(max(max_side, 16), MAX_SIDE), shown_of(media_type)
        with self._blobs.local(sha256) as path:
            if shown == Shown.PDF:
                return _page(path, page, side)
            if shown != Shown.IMAGE or page != 1:
                return None
            try:
                return Picture(*thumbnail(path, max_side=side))
            except UnreadableImage:
                return None

    def text(self, sha256: str, media_type: str) -> str | None:
        """The beginning of a text, at most MAX_TEXT characters; None when it isn't one."""
        if shown_of(media_type) != Shown.TEXT:
            return None
        head = b"".join(self._blobs.open(sha256, end=4 * MAX_TEXT))
        wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
        try:
            text = head.decode("utf-16" if wide else "utf-8-sig", "ignore" if wide else "strict")
        except UnicodeDecodeError as error:
            is_cut = error.end >= len(head) - 3  # in the middle of the last letter
            text = head.decode("utf-8-sig" if is_cut else "cp1252", "ignore" if is_cut else "replace")
        return text[:MAX_TEXT]


@contextmanager
def _opened(path: Path) -> Iterator[pypdfium2.PdfDocument | None]:
    """The PDF, for this thread alone; None when it needs a password, is damaged, or another one takes too long."""
    if not _pdfium.acquire(timeout=PATIENCE_S):
        yield None
        return
    try:
        try:
            pdf = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError:
            yield None
            return
        try:
            yield pdf
        finally:
            pdf.close()
    finally:
        _pdfium.release()


def _page(path: Path, number: int, side: int) -> Picture | None:
    with _opened(path) as pdf:
        if pdf is None or not 1 <= number <= min(len(pdf), MAX_PAGES):
            return None
        try:
            page = pdf[number - 1]
            # Whatever the page says its size is, the picture is no larger than asked.
            scale = side / max(*page.get_size(), 1)
            bitmap = page.render(scale=min(scale, 8), may_draw_forms=False)
            image = bitmap.to_pil()
        except (pypdfium2.PdfiumError, ValueError, MemoryError):
            return None
        out = io.BytesIO()
        image.save(out, "PNG")
        page.close()
    return Picture(out.getvalue(), "image/png")
