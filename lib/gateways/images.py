"""Images, opened with care: the formats of the web only, their size looked at before anything is decoded."""

from __future__ import annotations

import io
import threading
import warnings
from pathlib import Path
from typing import IO

from PIL import Image, ImageOps

from lib.domain.file_kinds import IMAGES, MAX_MEGAPIXELS, Content

_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_KEPT_MODES = {"PNG": ("1", "L", "LA", "P", "RGB", "RGBA"), "JPEG": ("L", "RGB"), "WEBP": ("RGB", "RGBA")}
# 25 megapixels are 100 MB once decoded: two at a time, so that many visitors don't take the machine's memory.
_turn = threading.BoundedSemaphore(2)
Source = Path | IO[bytes]


class UnreadableImage(Exception):
    """It is no image, or a damaged one."""


class TooManyPixels(UnreadableImage):
    """It may be one, but would take too much memory."""


def megapixels_of(source: Source) -> float:
    """Millions of pixels, as the header says; raises UnreadableImage when that can't be read."""
    with _opened(source) as image:
        return image.width * image.height / 1_000_000


def check_image(source: Source) -> None:
    """Raises UnreadableImage when the pixels can't be read to the end."""
    with _turn, _opened(source) as image:
        _refuse_large(image)
        _loaded(image)


def drawn_again(data: bytes) -> tuple[bytes, Content]:
    """The image as pixels alone: nothing hidden in it survives, nor where it was taken. Raises UnreadableImage.

    JPEG and WEBP stay what they are; a GIF becomes the PNG of its first frame.
    """
    with _turn, _opened(io.BytesIO(data)) as image:
        _refuse_large(image)
        kind = image.format if image.format in ("JPEG", "WEBP") else "PNG"
        return _written(_upright(_loaded(image)), kind), Content(kind.lower())


def thumbnail(source: Source, *, max_side: int) -> tuple[bytes, str]:
    """The image within a square of `max_side` pixels, and its media type; raises UnreadableImage."""
    with _turn, _opened(source) as image:
        _refuse_large(image)
        image.draft("RGB", (max_side, max_side))  # a JPEG is decoded no larger than needed
        small = _upright(_loaded(image))
        small.thumbnail((max_side, max_side))
        kind = "JPEG" if image.format == "JPEG" else "PNG"
        return _written(small, kind), IMAGES[Content(kind.lower())]


def _opened(source: Source) -> Image.Image:
    try:
        with warnings.catch_warnings():  # of many pixels, which _refuse_large counts itself
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(source, formats=_FORMATS)
    except Image.DecompressionBombError as error:
        raise TooManyPixels from error
    except Exception as error:  # Pillow raises whatever its parsers meet
        raise UnreadableImage from error


def _refuse_large(image: Image.Image) -> None:
    if image.width * image.height > MAX_MEGAPIXELS * 1_000_000:
        raise TooManyPixels


def _loaded(image: Image.Image) -> Image.Image:
    try:
        image.load()
    except Exception as error:
        raise UnreadableImage from error
    return image


def _upright(image: Image.Image) -> Image.Image:
    """Turned as its camera was held."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - a broken note about the camera leaves the picture what it is
        return image


def _written(image: Image.Image, kind: str) -> bytes:
    if image.mode not in _KEPT_MODES[kind]:
        has_alpha = kind != "JPEG" and ("A" in image.getbands() or "transparency" in image.info)
        image = image.convert("RGBA" if has_alpha else "RGB")
    image.info = {key: value for key, value in image.info.items() if key == "transparency" and kind == "PNG"}
    out = io.BytesIO()
    image.save(out, kind, **({"quality": 88} if kind != "PNG" else {}))
    return out.getvalue()
