"""Collecting what nothing names any more: images out of every text, documents without a record, contents without a row.

Safe while people work. What is younger than a day is left alone: a file is in the store before its row is written, and
an image before its text is. Whoever puts a content again makes it young.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from lib.domain.blobs import BlobStore, StoredBlob
from lib.domain.store import Database

GRACE = timedelta(days=1)
BATCH = 500
"""Rows or contents looked at in one transaction."""


@dataclass(frozen=True, slots=True)
class Collected:
    """How many images, documents and contents nothing named, and what the contents took."""

    images: int = 0
    documents: int = 0
    blobs: int = 0
    size_bytes: int = 0


def collect(db: Database, blobs: BlobStore, *, now: datetime, is_trial: bool = False) -> Collected:
    """Delete it, or only count it; what a trial finds in the rows isn't yet missing when it looks at the contents."""
    before = now - GRACE
    images = _rows(db, before, is_trial=is_trial, is_inline=True)
    documents = _rows(db, before, is_trial=is_trial, is_inline=False)
    gone = [
        blob
        for several in _batches(blob for blob in blobs.stored() if blob.stored_at < before)
        for blob in _unnamed(db, several)
        if is_trial or blobs.delete(blob.sha256, stored_before=before)
    ]
    return Collected(images, documents, len(gone), sum(blob.size_bytes for blob in gone))


def _unnamed(db: Database, blobs: Sequence[StoredBlob]) -> list[StoredBlob]:
    named = db.read(lambda store: store.documents.named([blob.sha256 for blob in blobs]))
    return [blob for blob in blobs if blob.sha256 not in named]


def _rows(db: Database, before: datetime, *, is_trial: bool, is_inline: bool) -> int:
    """How many rows nothing named, and so went; looked at in the order of their ids, a batch at a time."""
    count, last = 0, 0
    while ids := _older(db, before, after=last, is_inline=is_inline):
        count, last = count + _forgotten(db, ids, is_trial=is_trial, is_inline=is_inline), ids[-1]
    return count


def _older(db: Database, before: datetime, *, after: int, is_inline: bool) -> Sequence[int]:
    return db.read(lambda store: store.documents.older(before, after=after, is_inline=is_inline, limit=BATCH))


def _forgotten(db: Database, ids: Sequence[int], *, is_trial: bool, is_inline: bool) -> int:
    run = db.read if is_trial else db.write  # what a reading transaction writes isn't kept
    return run(lambda store: store.documents.forget_unnamed(ids, is_inline=is_inline))


def _batches(blobs: Iterator[StoredBlob]) -> Iterator[Sequence[StoredBlob]]:
    while several := list(islice(blobs, BATCH)):
        yield several
