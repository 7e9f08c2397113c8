"""What files may be: a name's extension and the content that goes with it, how large, how many (trust: Files).

Only what stands in `KINDS` is ever taken, and of these what the server's settings allow. A file is what its content
says; its extension must say the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from lib.domain.sentences import Sentence, say
from lib.domain.text import one_line, shows_nothing

MAX_NAME = 200
MAX_MEGAPIXELS = 25
MAX_UNPACKED_MB = 100
MAX_RATIO = 100
MAX_ENTRIES = 10_000
MB = 1_000_000


class Content(StrEnum):
    """What a content is by itself, whatever its name."""

    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"
    GIF = "gif"
    WEBP = "webp"
    TIFF = "tiff"
    HEIC = "heic"
    OLE = "ole"  # the Office files of before 2007, Outlook messages
    DOCX = "docx"
    XLSX = "xlsx"
    PPTX = "pptx"
    ODT = "odt"
    ODS = "ods"
    ODP = "odp"
    ZIP = "zip"
    RTF = "rtf"
    TEXT = "text"


class Shown(StrEnum):
    """How a file is looked at without being downloaded."""

    IMAGE = "image"
    PDF = "pdf"
    TEXT = "text"
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file by its extension: the content that it must have, and what browsers are told that it is."""

    content: Content
    media_type: str
    shown: Shown = Shown.NOT


_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
KINDS: Mapping[str, Kind] = {
    "pdf": Kind(Content.PDF, "application/pdf", Shown.PDF),
    "docx": Kind(Content.DOCX, f"{_OFFICE}wordprocessingml.document"),
    "xlsx": Kind(Content.XLSX, f"{_OFFICE}spreadsheetml.sheet"),
    "pptx": Kind(Content.PPTX, f"{_OFFICE}presentationml.presentation"),
    "odt": Kind(Content.ODT, f"{_OPEN}text"),
    "ods": Kind(Content.ODS, f"{_OPEN}spreadsheet"),
    "odp": Kind(Content.ODP, f"{_OPEN}presentation"),
    "doc": Kind(Content.OLE, "application/msword"),
    "xls": Kind(Content.OLE, "application/vnd.ms-excel"),
    "ppt": Kind(Content.OLE, "application/vnd.ms-powerpoint"),
    "msg": Kind(Content.OLE, "application/vnd.ms-outlook"),
    "rtf": Kind(Content.RTF, "application/rtf"),
    "txt": Kind(Content.TEXT, "text/plain", Shown.TEXT),
    "csv": Kind(Content.TEXT, "text/csv", Shown.TEXT),
    "eml": Kind(Content.TEXT, "message/rfc822", Shown.TEXT),
    "ics": Kind(Content.TEXT, "text/calendar", Shown.TEXT),
    "vcf": Kind(Content.TEXT, "text/vcard", Shown.TEXT),
    "png": Kind(Content.PNG, "image/png", Shown.IMAGE),
    "jpg": Kind(Content.JPEG, "image/jpeg", Shown.IMAGE),
    "jpeg": Kind(Content.JPEG, "image/jpeg", Shown.IMAGE),
    "gif": Kind(Content.GIF, "image/gif", Shown.IMAGE),
    "webp": Kind(Content.WEBP, "image/webp", Shown.IMAGE),
    "heic": Kind(Content.HEIC, "image/heic"),
    "tif": Kind(Content.TIFF, "image/tiff"),
    "tiff": Kind(Content.TIFF, "image/tiff"),
    "zip": Kind(Content.ZIP, "application/zip"),
}
"""Every extension that may be allowed. None that a browser or an office suite runs: no HTML, SVG, script or macro."""

IMAGES: Mapping[Content, str] = {
    Content.PNG: "image/png", Content.JPEG: "image/jpeg", Content.GIF: "image/gif", Content.WEBP: "image/webp"
}  # fmt: skip
"""The images that are opened here, and so drawn again."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What was found in a content; None and 0 where there is nothing to tell."""

    content: Content | None
    is_empty: bool = False
    megapixels: float = 0
    is_broken: bool = False
    unpacked_bytes: int = 0
    packed_bytes: int = 0
    entries: int = 0
    has_macros: bool = False


@dataclass(frozen=True, slots=True)
class FileLimits:
    """What this server takes, to be shown before anybody chooses a file; 0 MB or GB is no limit."""

    extensions: tuple[str, ...]
    file_max_mb: int
    client_max_mb: int
    all_max_gb: int

    @property
    def file_max_bytes(self) -> int:
        """The largest file."""
        return self.file_max_mb * MB


def extension_of(name: str) -> str:
    """What stands behind the last dot of a name, in lower case; empty without one."""
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem else ""


def shown_of(media_type: str) -> Shown:
    """How a document of this media type is looked at."""
    return next((kind.shown for kind in KINDS.values() if kind.media_type == media_type), Shown.NOT)


_PATH = re.compile(r"[/\\]")
_NEVER_IN_NAMES = re.compile(r'[<>:"|?*]')  # what no Windows file may be called
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])", re.I)


def cleaned_name(name: object) -> str:
    """A file's name as it is kept and given back: no path, no control or bidirectional sign, what every system takes.

    At most MAX_NAME characters, its extension kept; `document` when nothing visible is left.
    """
    bare = _NEVER_IN_NAMES.sub("_", one_line(_PATH.split(name)[-1] if isinstance(name, str) else ""))
    bare = "".join(char for char in bare if unicodedata.category(char) not in ("Cf", "Co", "Cn")).strip(" .")
    stem, dot, extension = bare.rpartition(".")
    if not dot or len(extension) > 10:
        stem, dot, extension = bare, "", ""
    stem = stem[: MAX_NAME - len(dot + extension)].strip(" .")
    if shows_nothing(stem) or _RESERVED.fullmatch(stem):
        stem = f"document_{stem}" if _RESERVED.fullmatch(stem) else "document"
    return f"{stem}{dot}{extension}"


def name_problem(name: str, limits: FileLimits) -> Sentence | None:
    """Why a file of this name isn't taken, whatever it holds."""
    extension = extension_of(name)
    if extension in limits.extensions and extension in KINDS:
        return None
    return say(
        "Files of this type aren't taken: {extension}. Types taken: {extensions}.",
        extension=f".{extension}" if extension else say("no extension"),
        extensions=", ".join(limits.extensions),
    )


def too_large(limits: FileLimits) -> Sentence:
    """What is said of a file beyond the limit."""
    return say("This file is too large: {limit} MB at most.", limit=limits.file_max_mb)


def content_problem(name: str, facts: FileFacts) -> Sentence | None:
    """Why a content isn't taken under this name: it is something else, broken, or more than it looks."""
    if facts.is_empty:
        return say("This file is empty.")
    is_bomb = facts.unpacked_bytes > MAX_UNPACKED_MB * MB or facts.entries > MAX_ENTRIES
    if is_bomb or facts.unpacked_bytes > MAX_RATIO * max(facts.packed_bytes, 1):
        return say("This file unpacks to far more than its size: it isn't taken.")
    kind = KINDS[extension_of(name)]
    if facts.content != kind.content:
        return say(
            "This file isn't what its name says: its content isn't that of a .{extension} file.",
            extension=extension_of(name),
        )
    if facts.megapixels > MAX_MEGAPIXELS:
        return say("This image is too large: {limit} megapixels at most.", limit=MAX_MEGAPIXELS)
    if facts.is_broken:
        return say("This file is damaged: it can't be read.")
    if facts.has_macros:
        return say("This file holds macros: it isn't taken. Save it without them.")
    return None
