"""Files for tests, good and evil, and a place to keep them."""

from __future__ import annotations

import base64
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from PIL import Image

from lib.domain.context import Context
from lib.domain.file_kinds import KINDS, FileLimits
from lib.domain.files import AcceptedFile
from lib.gateways.blobs import FolderBlobs
from lib.gateways.files import Files
from tests.builders import World, a_context

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n" \
      b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>endobj\ntrailer<</Root 1 0 R>>\n"  # fmt: skip
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
"""What every scanner takes for a virus; in two pieces, or the scanners of the readers of this file would too."""
LIMITS = FileLimits(tuple(KINDS), file_max_mb=5, client_max_mb=0, all_max_gb=0)


def some_files(folder: Path, *, scanner: Sequence[str] = (), limits: FileLimits = LIMITS) -> Files:
    """A store in `folder`, with small limits."""
    return Files(FolderBlobs(folder / "files"), limits, incoming=folder / "incoming", scanner=scanner)


def with_files(world: World, files: Files, who: str = "sales") -> Context:
    """The context of somebody who reaches the files."""
    return replace(a_context(world, who), files=files)


def a_file(files: Files, name: str = "devis.pdf", data: bytes = PDF) -> AcceptedFile:
    """A file that was accepted."""
    return files.accept(name, [data])


def an_image(kind: str = "PNG", size: tuple[int, int] = (40, 30), **options: object) -> bytes:
    """A small picture."""
    out = io.BytesIO()
    picture = Image.new("RGB", size, "teal")
    picture.save(out, kind, **options)
    return out.getvalue()


def a_zip(members: Mapping[str, bytes], *, level: int | None = None) -> bytes:
    """A zip that holds these."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def a_docx(**more: bytes) -> bytes:
    """A Word file, as far as its list of parts tells; `more` adds parts to its folder `word`."""
    parts = {f"word/{name}.bin": data for name, data in more.items()}
    return a_zip({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>", **parts})


def a_png_of(width: int, height: int) -> bytes:
    """A tiny file whose header announces a picture of this size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def inside(data: bytes, kind: str = "png") -> str:
    """A text with an image inside it."""
    return f'<p>Plan</p><p><img src="data:image/{kind};base64,{base64.b64encode(data).decode()}" alt="plan"></p>'


def image_id(html: str) -> int:
    """The document that a stored text shows."""
    found = re.search('src="attachment:([0-9]+)"', html)
    assert found, html
    return int(found[1])
