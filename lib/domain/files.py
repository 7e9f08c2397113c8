"""Files as use cases ask for them: received, checked and kept, before a document's row names them."""

from __future__ import annotations

from collections.abc import Iterable
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


class Files(Protocol):
    """The way to the files: what is taken in, and where the contents lie."""

    limits: FileLimits
    blobs: BlobStore

    def accept(self, name: object, chunks: Iterable[bytes]) -> AcceptedFile:
        """Receive a file chunk by chunk, check its name, size and content, have it scanned, keep its content.

        Raises Invalid for `file` with what is wrong; nothing is kept then.
        """

    def keep_image(self, data: bytes) -> AcceptedFile | None:
        """Draw an image again and keep that; None when it can't be read or is too large. The same data is kept once."""
