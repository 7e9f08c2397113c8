"""The store of files' contents, as the domain asks for it: each content lies under its own SHA-256, once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Blob:
    """A content in the store."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """A content as the store lists it; `stored_at` is when it was put there last."""

    sha256: str
    size_bytes: int
    stored_at: datetime


class BlobStore(Protocol):
    """Contents by their SHA-256, in 64 hexadecimal digits; none is ever held in memory whole."""

    def put(self, chunks: Iterable[bytes]) -> Blob:
        """Keep a content, complete or not at all; one that is there already is young again, for the collector."""

    def open(self, sha256: str, *, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` to before `end`, in chunks; FileNotFoundError when there is no such content."""

    def local(self, sha256: str) -> AbstractContextManager[Path]:
        """A content as a file to read, for as long as it is looked at; FileNotFoundError when there is none."""

    def exists(self, sha256: str) -> bool:
        """Whether there is such a content."""

    def delete(self, sha256: str, *, stored_before: datetime) -> bool:
        """Whether the content was there since before that instant, and so was deleted."""

    def stored(self) -> Iterator[StoredBlob]:
        """Every content, in no order."""
