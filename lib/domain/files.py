"""Files as use cases and screens ask for them: received, checked and kept, before a document's row names them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from lib.domain.blobs import BlobStore
from lib.domain.file_kinds import FileLimits


@dataclass(frozen=True, slots=True)
class AcceptedFile:
    """A file that was checked and whose content is in the store; what a browser sends never makes one."""

    name: str
    sha256: str
    size_bytes: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Picture:
    """An image drawn here, to be shown by a browser."""

    data: bytes
    media_type: str


class Incoming(Protocol):
    """A file on its way in, beside the store. Both raise Invalid for `file` with what is wrong."""

    def write(self, chunk: bytes) -> None:
        """Take the next bytes; refused as soon as the file is too large."""

    def accepted(self) -> AcceptedFile:
        """Check the content, have it scanned, keep it."""


class Previews(Protocol):
    """What documents look like, for whoever may open them."""

    def pages(self, sha256: str, media_type: str) -> int:
        """How many pictures show it, up to a limit; 0 when none do."""

    def picture(self, sha256: str, media_type: str, *, page: int, max_side: int) -> Picture | None:
        """A page, from 1, within a square of so many pixels; None when there is none to show."""

    def text(self, sha256: str, media_type: str) -> str | None:
        """The beginning of a text; None when it isn't one."""


class Files(Protocol):
    """The way to the files: what is taken in, where the contents lie, what they look like."""

    limits: FileLimits
    blobs: BlobStore
    previews: Previews

    def receive(self, name: object) -> AbstractContextManager[Incoming]:
        """Begin to receive a file; raises Invalid for `file` when its name says that it isn't taken.

        Nothing is left of it when it isn't accepted.
        """

    def accept(self, name: object, chunks: Iterable[bytes]) -> AcceptedFile:
        """Receive a whole file, as `receive` does."""

    def keep_image(self, data: bytes) -> AcceptedFile | None:
        """Draw an image again and keep that; None when it can't be read or is too large. The same data is kept once."""
