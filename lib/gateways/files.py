"""The files of a server: received beside the store, checked, scanned, and only then kept in it."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from lib.config import Settings
from lib.domain import files as protocols
from lib.domain.blobs import BlobStore
from lib.domain.errors import Invalid
from lib.domain.file_kinds import (
    IMAGES,
    KINDS,
    FileLimits,
    cleaned_name,
    content_problem,
    extension_of,
    name_problem,
    too_large,
)
from lib.domain.files import AcceptedFile
from lib.gateways.blobs import CHUNK, FolderBlobs
from lib.gateways.images import UnreadableImage, drawn_again
from lib.gateways.inspection import facts_of
from lib.gateways.previews import Previews
from lib.gateways.scanner import scanner_problem

_REMEMBERED = 256
_REMEMBERED_S = 3600
"""An image is drawn when its text is sent, and looked up when that is stored: long before it may be collected."""
_LEFT_S = 24 * 3600


class Files:
    """Fulfils `lib.domain.files.Files`."""

    def __init__(self, blobs: BlobStore, limits: FileLimits, *, incoming: Path, scanner: Sequence[str] = ()) -> None:
        self.blobs = blobs
        self.limits = limits
        self.previews: protocols.Previews = Previews(blobs)
        self._incoming = incoming
        self._scanner = scanner
        self._drawn: OrderedDict[str, tuple[float, AcceptedFile]] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def receive(self, name: object) -> Iterator[IncomingFile]:
        """A file on its way in, in a folder of its own until it is accepted."""
        cleaned = cleaned_name(name)
        if problem := name_problem(cleaned, self.limits):
            raise Invalid({"file": problem})
        self._incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._incoming, suffix=f".{extension_of(cleaned)}") as draft:  # 0600
            yield IncomingFile(self, cleaned, draft, self._scanner)

    def accept(self, name: object, chunks: Iterable[bytes]) -> AcceptedFile:
        """Receive a whole file."""
        with self.receive(name) as incoming:
            for chunk in chunks:
                incoming.write(chunk)
            return incoming.accepted()

    def keep_image(self, data: bytes) -> AcceptedFile | None:
        """Draw an image again and keep it; what was kept lately is known by its data."""
        key = hashlib.sha256(data).hexdigest()
        with self._lock:
            drawn_at, kept = self._drawn.get(key, (0.0, None))
        if kept and time.monotonic() - drawn_at < _REMEMBERED_S:
            return kept
        try:
            drawn, content = drawn_again(data)
        except UnreadableImage:
            return None
        blob = self.blobs.put([drawn])
        kept = AcceptedFile(f"image.{content}", blob.sha256, blob.size_bytes, IMAGES[content])
        with self._lock:
            self._drawn[key] = time.monotonic(), kept
            while len(self._drawn) > _REMEMBERED:
                self._drawn.popitem(last=False)
        return kept

    def clear_incoming(self) -> None:
        """Delete what was being received when a server stopped."""
        for path in self._incoming.glob("*"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < time.time() - _LEFT_S:
                    path.unlink()


class IncomingFile:
    """Fulfils `lib.domain.files.Incoming`."""

    def __init__(self, files: Files, name: str, draft: IO[bytes], scanner: Sequence[str]) -> None:
        self._files, self._name, self._draft, self._scanner = files, name, draft, scanner
        self._size = 0

    def write(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self._size += len(chunk)
        if self._size > self._files.limits.file_max_bytes:
            raise Invalid({"file": too_large(self._files.limits)})
        self._draft.write(chunk)

    def accepted(self) -> AcceptedFile:
        """Check, scan and keep what was written."""
        self._draft.flush()
        path = Path(self._draft.name)
        problem = content_problem(self._name, facts_of(path)) or scanner_problem(self._scanner, path)
        if problem:
            raise Invalid({"file": problem})
        blob = self._files.blobs.put(_chunks(path))
        return AcceptedFile(self._name, blob.sha256, blob.size_bytes, KINDS[extension_of(self._name)].media_type)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def files_of(settings: Settings) -> Files:
    """The files of the server with these settings; raises SystemExit when its store needs what isn't installed."""
    limits = FileLimits(
        settings.file_types, settings.file_max_mb, settings.client_files_max_mb, settings.files_max_gb
    )  # fmt: skip
    found = Files(
        _store(settings), limits, incoming=settings.data_dir / "incoming", scanner=settings.file_scanner
    )  # fmt: skip
    found.clear_incoming()
    return found


def _store(settings: Settings) -> BlobStore:
    if not settings.files_url.startswith("s3://"):
        return FolderBlobs(Path(settings.files_url or settings.data_dir / "files"))
    try:
        from lib.gateways.blobs_s3 import S3Blobs  # an optional extra
    except ImportError:
        raise SystemExit("RELAIS_FILES_URL: s3:// needs the extra of that name: pip install 'relais[s3]'.") from None
    return S3Blobs(
        settings.files_url, endpoint=settings.s3_endpoint, key=settings.s3_key, secret=settings.s3_secret
    )  # fmt: skip
