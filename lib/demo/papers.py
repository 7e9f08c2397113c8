"""Small real files for the demo, made here: PDF by hand, pictures by Pillow, notes as text."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw

_A4 = (595, 842)
_MARGIN, _TOP = 56, 780
_WALL, _PAPER, _INK = (70, 80, 96), (250, 249, 245), (120, 130, 148)


def pdf(title: str, lines: Sequence[str]) -> bytes:
    """One A4 page: a title, a rule, then lines of text; characters of Western Europe only."""
    parts = [f"BT /F2 18 Tf {_MARGIN} {_TOP} Td {_shown(title)} Tj ET"]
    parts.append(f"0.6 w {_MARGIN} {_TOP - 14} m {_A4[0] - _MARGIN} {_TOP - 14} l S")
    parts.append(f"BT /F1 11 Tf 16 TL {_MARGIN} {_TOP - 44} Td")
    parts += [f"{_shown(line)} Tj T*" for line in lines]
    content = "\n".join([*parts, "ET"]).encode("cp1252")
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /{} /Encoding /WinAnsiEncoding >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {_A4[0]} {_A4[1]}] /Contents 4 0 R "
         f"/Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>").encode(),
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
        font.format("Helvetica").encode(),
        font.format("Helvetica-Bold").encode(),
    ]  # fmt: skip
    return _assembled(objects)


def _shown(text: str) -> str:
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"({escaped.replace(chr(0x202F), ' ').replace(chr(0xA0), ' ')})"


def _assembled(objects: Sequence[bytes]) -> bytes:
    """The objects, numbered from 1, with the table that says where each begins."""
    out, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def floor_plan(key: str) -> bytes:
    """A PNG: the plan of some rooms along a corridor, with what is installed in them."""
    rng = Random(f"plan {key}")  # noqa: S311 - a drawing
    picture = Image.new("RGB", (640, 420), _PAPER)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((30, 30, 610, 390), outline=_WALL, width=6)
    draw.line((30, 200, 610, 200), fill=_WALL, width=4)
    draw.line((30, 245, 610, 245), fill=_WALL, width=4)
    for top, bottom in ((30, 200), (245, 390)):
        left = 30
        while left < 560:
            right = min(610, left + rng.randint(90, 190))
            draw.line((right, top, right, bottom), fill=_WALL, width=4)
            middle = ((left + right) // 2, (top + bottom) // 2)
            tone = rng.choice(((205, 92, 76), (74, 128, 178), (96, 150, 92)))
            draw.ellipse((middle[0] - 9, middle[1] - 9, middle[0] + 9, middle[1] + 9), fill=tone)
            draw.line((*middle, middle[0], 222), fill=_INK, width=2)
            left = right
    draw.line((40, 222, 600, 222), fill=_INK, width=3)
    return _png(picture)


def photo(key: str) -> bytes:
    """A PNG that stands for a photo of a boiler room: tanks, pipes and gauges."""
    rng = Random(f"photo {key}")  # noqa: S311 - a drawing
    picture = Image.new("RGB", (480, 360), (62, 68, 76))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 300, 480, 360), fill=(98, 94, 88))
    for place in range(3):
        left, height = 40 + place * 145, rng.randint(130, 220)
        shade = rng.randint(150, 200)
        draw.rounded_rectangle((left, 300 - height, left + 95, 300), 22, fill=(shade, shade, shade + 12))
        draw.line((left + 47, 300 - height, left + 47, 40), fill=rng.choice(((176, 84, 60), (60, 112, 160))), width=12)
        draw.ellipse((left + 32, 320 - height, left + 62, 350 - height), fill=(240, 240, 236), outline=(30, 30, 30))
    draw.line((40, 46, 440, 46), fill=(176, 84, 60), width=12)
    return _png(picture)


def _png(picture: Image.Image) -> bytes:
    found = BytesIO()
    picture.save(found, "PNG", optimize=False)
    return found.getvalue()


def notes(*lines: str) -> bytes:
    """A text as somebody types it on his telephone."""
    return "\r\n".join(lines).encode()
