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
from lib.domain.documents import is_seen
from lib.domain.errors import Invalid
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


def with_images_stored(
    ctx: Context, html: str, *, entity: Entity, entity_id: int | None, client_id: int | None, field: str
) -> StoredText:
    """A cleaned text ready to be stored, inside the transaction that stores it.

    `entity_id` is None while the record isn't there yet: then `link_images` follows. Raises Invalid for `field` when an
    image can't be kept. An image that the person may not see is left out.
    """
    if "attachment:" not in html and "data:" not in html:
        return StoredText(html)
    mine = ctx.store.documents.images_of(entity, entity_id) if entity_id is not None else frozenset[int]()
    found: dict[str, int | None] = {}

    def source(written: str) -> str | None:
        if written.startswith("data:") and ctx.files is None:
            return written
        if written not in found:
            if len(found) >= MAX_IMAGES:
                raise Invalid({field: say("Too many images in this text: {limit} at most.", limit=MAX_IMAGES)})
            is_named = _NAMED.fullmatch(written)
            found[written] = (
                _seen_image(ctx, int(is_named[1]), mine) if is_named else _kept_image(ctx, written, client_id, field)
            )
        return f"attachment:{found[written]}" if found[written] else None

    stored = richtext.with_sources(html, source)
    image_ids = tuple(dict.fromkeys(each for each in found.values() if each))
    if entity_id is not None:
        new = [each for each in image_ids if each not in mine]
        link_images(ctx.store, new, entity, entity_id, at=ctx.now, person_id=ctx.person.id)
    return StoredText(stored, image_ids)


def link_images(
    store: Store, image_ids: Iterable[int], entity: Entity, entity_id: int, *,
    at: datetime, person_id: int | None,
) -> None:  # fmt: skip
    """Let whoever sees a record see the images of its text, once the record is there."""
    store.documents.link(list(image_ids), entity, entity_id, by=person_id, at=at)


def _kept_image(ctx: Context, written: str, client_id: int | None, field: str) -> int | None:
    """The row of an image that came inside the text, its content in the store; None for an address of another kind."""
    if ctx.files is None or not written.startswith("data:"):
        return None
    kept = ctx.files.keep_image(_data_of(written))
    if kept is None:
        raise Invalid({field: say("An image of this text can't be read, or is too large: remove it or shrink it.")})
    return ctx.store.documents.add({
        "client_id": client_id, "sha256": kept.sha256, "name": kept.name, "media_type": kept.media_type,
        "size_bytes": kept.size_bytes, "is_inline": True, "created_by": ctx.person.id, "created_at": ctx.now,
    })  # fmt: skip


def _seen_image(ctx: Context, image_id: int, mine: frozenset[int]) -> int | None:
    """The image that a text names, when it has it already or its writer sees it elsewhere."""
    if image_id in mine:
        return image_id
    # Locked: the collector must not take it while it gets one more text.
    document = ctx.store.documents.get(image_id, for_update=True)
    return image_id if document and document.is_inline and is_seen(ctx, document) else None


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
