"""Files' contents in an S3-compatible store, through s3fs; needs the extra `s3` and is imported only when it is set."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import s3fs

from lib.domain.blobs import Blob, StoredBlob
from lib.gateways.blobs import CHUNK, checked_sha256

_PART = 8 * 1024 * 1024
"""Bytes of a part of an upload or of a block read ahead: what one of them costs in memory."""


class S3Blobs:
    """Fulfils `lib.domain.blobs.BlobStore`; keys are `prefix/ab/cd/abcd…`."""

    def __init__(self, location: str, *, endpoint: str = "", key: str = "", secret: str = "") -> None:
        self._root = location.removeprefix("s3://").rstrip("/")
        self._fs = s3fs.S3FileSystem(
            key=key or None,
            secret=secret or None,
            endpoint_url=endpoint or None,
            use_listings_cache=False,  # other servers write too
            skip_instance_cache=True,
            default_block_size=_PART,
            config_kwargs={"connect_timeout": 10, "read_timeout": 60, "retries": {"max_attempts": 3}},
        )

    def put(self, chunks: Iterable[bytes]) -> Blob:
        """Its name is known at its end: written to a file of this machine first, then sent; whole or not at all."""
        with tempfile.TemporaryFile(prefix="relais-") as draft:
            digest, size = hashlib.sha256(), 0
            for chunk in chunks:
                digest.update(chunk)
                size += draft.write(chunk)
            sha256 = digest.hexdigest()
            draft.seek(0)
            # Sent again even when it is there: that makes it young again, for the collector.
            with self._fs.open(self._key(sha256), "wb", block_size=_PART) as kept:
                while chunk := draft.read(CHUNK):
                    kept.write(chunk)
        return Blob(sha256, size)

    def open(self, sha256: str, *, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` to before `end`; raises FileNotFoundError at once, not at the first chunk."""
        size = int(self._fs.info(self._key(sha256))["size"])
        stop = size if end is None else min(end, size)

        def read() -> Iterator[bytes]:
            for offset in range(start, stop, _PART):
                yield self._fs.cat_file(self._key(sha256), start=offset, end=min(offset + _PART, stop))

        return read()

    @contextmanager
    def local(self, sha256: str) -> Iterator[Path]:
        """A copy on this machine, for as long as it is looked at."""
        with tempfile.NamedTemporaryFile(prefix="relais-") as copy:
            for chunk in self.open(sha256):
                copy.write(chunk)
            copy.flush()
            yield Path(copy.name)

    def exists(self, sha256: str) -> bool:
        """Whether there is such a content."""
        return bool(self._fs.exists(self._key(sha256)))

    def delete(self, sha256: str, *, stored_before: datetime) -> bool:
        """Whether it was that old, and so was deleted. S3 can't do both at once: hence the collector's day of grace."""
        try:
            found = self._fs.info(self._key(sha256))
        except FileNotFoundError:
            return False
        if _utc(found["LastModified"]) >= stored_before:
            return False
        self._fs.rm_file(self._key(sha256))
        return True

    def stored(self) -> Iterator[StoredBlob]:
        """Every content, a folder of names at a time."""
        for first in range(256):
            for path, found in self._fs.find(f"{self._root}/{first:02x}", detail=True).items():
                name = path.rpartition("/")[2]
                if found["type"] == "file" and self._key(name) == path:
                    yield StoredBlob(name, int(found["size"]), _utc(found["LastModified"]))

    def _key(self, sha256: str) -> str:
        return f"{self._root}/{sha256[:2]}/{sha256[2:4]}/{checked_sha256(sha256)}"


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)
