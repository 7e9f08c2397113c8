"""A zip made while it is sent: no more of it in memory than a chunk, whatever it holds."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime

Member = tuple[str, datetime, int, Iterable[bytes]]
"""Name, local moment, size in bytes, content."""


def zipped(members: Iterable[Member]) -> Iterator[bytes]:
    """The zip of files that are stored as they are; of equal names all but the first get a number."""
    out, taken = _Outgoing(), set[str]()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, moment, size, chunks in members:
            info = zipfile.ZipInfo(_free(name, taken), moment.timetuple()[:6])
            info.file_size = size  # tells zipfile whether the 64-bit form is needed
            with archive.open(info, "w") as member:
                for chunk in chunks:
                    member.write(chunk)
                    yield from out.taken()
    yield from out.taken()


def _free(name: str, taken: set[str]) -> str:
    """`name`, or `name (2)`: Windows takes `A.pdf` and `a.pdf` for one."""
    stem, dot, extension = name.rpartition(".")
    found, number = name, 1
    while found.casefold() in taken:
        number += 1
        found = f"{stem} ({number}){dot}{extension}" if dot else f"{name} ({number})"
    taken.add(found.casefold())
    return found


class _Outgoing(io.RawIOBase):
    """What was written since it was taken last; it can't be gone back in, which makes zipfile write forwards only."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self._written.append(bytes(data))  # type: ignore[call-overload]
        return len(self._written[-1])

    def taken(self) -> list[bytes]:
        written, self._written = self._written, []
        return written
