"""Files' contents in a folder: each under its SHA-256, `ab/cd/abcd…`, readable by the app's user only.

The folder may be shared by several servers, as long as it is one file system: a content gets its name by a rename.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from lib.domain.blobs import Blob, StoredBlob

CHUNK = 256 * 1024
"""Bytes read at once: what a download costs in memory."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LEFT_S = 24 * 3600
"""A file being written that is older than this was left by a server that stopped."""


def checked_sha256(sha256: str) -> str:
    """`sha256` when it is one, and so can't lead out of the store; raises FileNotFoundError."""
    if not _SHA256.fullmatch(sha256):
        raise FileNotFoundError(sha256)
    return sha256


class FolderBlobs:
    """Fulfils `lib.domain.blobs.BlobStore`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._drafts = root / "incoming"

    def put(self, chunks: Iterable[bytes]) -> Blob:
        """Written beside, made durable, then renamed: whoever reads sees all of it or nothing."""
        self._make_folders()
        handle, name = tempfile.mkstemp(dir=self._drafts)  # 0600
        try:
            digest, size = hashlib.sha256(), 0
            with open(handle, "wb") as draft:
                for chunk in chunks:
                    digest.update(chunk)
                    size += draft.write(chunk)
                draft.flush()
                os.fsync(draft.fileno())
            self._keep(Path(name), digest.hexdigest())
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
        return Blob(digest.hexdigest(), size)

    def _keep(self, draft: Path, sha256: str) -> None:
        path = self._path(sha256)
        # Young again, for the collector: it takes a content away first and looks at its age then, so that it gives
        # back one that was put here meanwhile, or this finds none and writes it.
        with contextlib.suppress(FileNotFoundError):
            os.utime(path)
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.replace(draft, path)
        for folder in (path.parent, path.parent.parent, self.root):
            _sync(folder)

    def open(self, sha256: str, *, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` to before `end`; raises FileNotFoundError at once, not at the first chunk."""
        file = self._path(sha256).open("rb")

        def read() -> Iterator[bytes]:
            with file:
                file.seek(start)
                left = (end if end is not None else os.fstat(file.fileno()).st_size) - start
                while left > 0 and (chunk := file.read(min(CHUNK, left))):
                    left -= len(chunk)
                    yield chunk

        return read()

    def local(self, sha256: str) -> AbstractContextManager[Path]:
        """The file itself: to be read, never written."""
        path = self._path(sha256)
        if not path.is_file():
            raise FileNotFoundError(sha256)
        return nullcontext(path)

    def exists(self, sha256: str) -> bool:
        """Whether there is such a content."""
        return self._path(sha256).is_file()

    def delete(self, sha256: str, *, stored_before: datetime) -> bool:
        """Whether it was that old, and so was deleted; one that is put again at the same moment is kept."""
        path = self._path(sha256)
        self._make_folders()
        taken = self._drafts / f"{sha256}.gone"
        try:
            os.rename(path, taken)
        except FileNotFoundError:
            return False
        if _instant(taken.stat().st_mtime) < stored_before:
            taken.unlink(missing_ok=True)
            return True
        os.replace(taken, path)
        return False

    def stored(self) -> Iterator[StoredBlob]:
        """Every content; clears away, on its way, what servers that stopped left half written."""
        for draft in self._drafts.glob("*"):
            with contextlib.suppress(FileNotFoundError):
                if draft.stat().st_mtime < time.time() - _LEFT_S:
                    draft.unlink()
        for path in self.root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            with contextlib.suppress(FileNotFoundError):
                found = path.stat()
                yield StoredBlob(path.name, found.st_size, _instant(found.st_mtime))

    def _make_folders(self) -> None:
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._drafts.mkdir(mode=0o700, exist_ok=True)

    def _path(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256[2:4] / checked_sha256(sha256)


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _sync(folder: Path) -> None:
    """Make a rename in this folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
