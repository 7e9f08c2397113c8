"""The images inside rich texts: kept in the store, named `attachment:ID` in the text, seen by whoever sees the text.

An image that comes inside the text is drawn again and kept; one that is named is kept when the writer may see it.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from lib.domain import richtext
from lib.domain.documents import Document, is_seen
from lib.domain.errors import Invalid
from lib.domain.files import Files
from lib.domain.sentences import say

if TYPE_CHECKING:
    from lib.domain.context import Context
    from lib.domain.holders import Entity
    from lib.domain.store import Store

P = ParamSpec("P")
R = TypeVar("R")

MAX_IMAGES = 50
"""In one text."""
_INSIDE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,([0-9a-z+/=\s]+)", re.I)
_NAMED = re.compile(r"attachment:([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class StoredText:
    """A text whose images are in the store, and the documents that these are."""

    html: str
    image_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """On whose behalf a text is stored, and where."""

    store: Store
    files: Files | None
    entity: Entity
    entity_id: int | None
    """None while the record doesn't exist yet: `link_images` follows."""
    client_id: int | None
    at: datetime
    person_id: int | None
    may_see: Callable[[Document], bool]
    drops_unreadable: bool = False
    """For what came by e-mail: nobody is there to mend it."""


def with_images_stored(
    ctx: Context, html: str, *, entity: Entity, entity_id: int | None, client_id: int | None, field: str
) -> StoredText:
    """A cleaned text ready to be stored, inside the transaction that stores it; `entity_id` None: not there yet.

    Raises Invalid for `field` when an image can't be kept. An image that the person may not see is left out.
    """
    writing = Writing(
        store=ctx.store, files=ctx.files, entity=entity, entity_id=entity_id, client_id=client_id, at=ctx.now,
        person_id=ctx.person.id, may_see=lambda document: is_seen(ctx, document),
    )  # fmt: skip
    return stored_text(writing, html, field=field)


def stored_text(writing: Writing, html: str, *, field: str) -> StoredText:
    """The same, for whoever writes without being a person."""
    if "attachment:" not in html and "data:" not in html:
        return StoredText(html)
    mine = _linked_to(writing)
    found: dict[str, int | None] = {}

    def source(written: str) -> str | None:
        if written not in found:
            if len(found) >= MAX_IMAGES and not writing.drops_unreadable:
                raise Invalid({field: say("Too many images in this text: {limit} at most.", limit=MAX_IMAGES)})
            found[written] = _image_id(writing, written, mine, field=field) if len(found) < MAX_IMAGES else None
        image_id = found[written]
        if image_id is None:
            return written if writing.files is None and written.startswith("data:") else None
        return f"attachment:{image_id}"

    stored = richtext.with_sources(html, source)
    image_ids = tuple(dict.fromkeys(each for each in found.values() if each))
    new = [each for each in image_ids if each not in mine]
    if writing.entity_id is not None:
        link_images(writing.store, new, writing.entity, writing.entity_id, at=writing.at, person_id=writing.person_id)
    return StoredText(stored, image_ids)


def link_images(
    store: Store, image_ids: Iterable[int], entity: Entity, entity_id: int, *,
    at: datetime, person_id: int | None,
) -> None:  # fmt: skip
    """Let whoever sees a record see the images of its text, once the record is there."""
    store.documents.link(list(image_ids), entity, entity_id, by=person_id, at=at)


def _linked_to(writing: Writing) -> frozenset[int]:
    if writing.entity_id is None:
        return frozenset()
    return writing.store.documents.images_of(writing.entity, writing.entity_id)


def _image_id(writing: Writing, written: str, mine: frozenset[int], *, field: str) -> int | None:
    """The document that an image is or becomes; None when it stays as it is, or is left out."""
    if named := _NAMED.fullmatch(written):
        return _seen_image(writing, int(named[1]), mine)
    if writing.files is None or not written.startswith("data:"):
        return None
    kept = writing.files.keep_image(_data_of(written))
    if kept is None:
        if writing.drops_unreadable:
            return None
        raise Invalid({field: say("An image of this text can't be read, or is too large: remove it or shrink it.")})
    return writing.store.documents.add({
        "client_id": writing.client_id, "sha256": kept.sha256, "name": kept.name, "media_type": kept.media_type,
        "size_bytes": kept.size_bytes, "is_inline": True, "created_by": writing.person_id, "created_at": writing.at,
    })  # fmt: skip


def _seen_image(writing: Writing, image_id: int, mine: frozenset[int]) -> int | None:
    if image_id in mine:
        return image_id
    # Locked: the collector must not take it while it gets one more text.
    document = writing.store.documents.get(image_id, for_update=True)
    return image_id if document and document.is_inline and writing.may_see(document) else None


def _data_of(written: str) -> bytes:
    inside = _INSIDE.fullmatch(written)
    try:
        return base64.b64decode(inside[1]) if inside else b""
    except binascii.Error:
        return b""


# ---- before the transaction


def drawn_first(use_case: Callable[Concatenate[Context, P], R]) -> Callable[Concatenate[Context, P], R]:
    """Draw the images that a command is sent before its transaction begins: nobody waits for that behind its lock.

    Goes above `@command`. Storing the text finds them drawn; what can't be drawn is refused there, at its field.
    """

    @wraps(use_case)
    def run(ctx: Context, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if ctx.files is not None and ctx.open_store is None:
            for number, data in enumerate(_sent(kwargs)):
                if number >= MAX_IMAGES:
                    break
                ctx.files.keep_image(data)
        return use_case(ctx, *args, **kwargs)

    return run


def _sent(values: object) -> Iterator[bytes]:
    """The images inside the texts of a command's arguments."""
    if isinstance(values, str):
        if "data:image/" in values and richtext.problem(values) is None:
            yield from (_data_of(each[0]) for each in _INSIDE.finditer(values))
    elif isinstance(values, Mapping):
        yield from _sent(list(values.values()))
    elif isinstance(values, list | tuple):
        for each in values:
            yield from _sent(each)
