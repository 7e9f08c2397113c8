"""Documents (pièces jointes): files that hang on actions, exchanges, deals, service reports and clients (R29)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from lib.domain.changes import record_change
from lib.domain.checks import is_id
from lib.domain.context import Context, command, once, query
from lib.domain.errors import Invalid, NotAllowed, NotFound
from lib.domain.file_kinds import MB, FileLimits
from lib.domain.files import AcceptedFile
from lib.domain.holders import Entity, Holder, opened_holder, seen_holder
from lib.domain.rights import Operation, Owners, Scope, allowed, require, scope_of
from lib.domain.sentences import Sentence, say
from lib.domain.text import folded

if TYPE_CHECKING:
    from lib.domain.store import Store

PAGE_DOCUMENTS = 50
COUNTED_DOCUMENTS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What is known of a file, whose content lies in the store; without a client while its message waits for one."""

    id: int
    client_id: int | None
    sha256: str
    name: str
    media_type: str
    size_bytes: int
    is_inline: bool = False
    """An image inside a rich text: never listed."""
    created_by: int | None = None
    """None: it came with a message."""
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Link:
    """Where a document hangs; `number` is that of its action, deal or service report."""

    document_id: int
    entity: Entity
    entity_id: int
    number: int | None
    action_id: int | None
    created_by: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LinkedDocument:
    """A document where it hangs; `locked` says why the reader can't remove it from there, None when he can."""

    document: Document
    link: Link
    locked: Sentence | None


@dataclass(frozen=True, slots=True)
class DocumentList:
    """The documents of a record, newest first; `refusal` says why the reader adds none, None when he may.

    `room_bytes` is what may still be added, None without a limit.
    """

    documents: tuple[LinkedDocument, ...]
    refusal: Sentence | None
    room_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """Some of a client's documents, newest first; `total` is counted up to one more than COUNTED_DOCUMENTS."""

    documents: tuple[tuple[Document, Link], ...]
    total: int
    number: int

    @property
    def pages(self) -> int:
        """How many pages can be turned."""
        return max(1, -(-min(self.total, COUNTED_DOCUMENTS) // PAGE_DOCUMENTS))


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose actions' documents are seen: those of his own actions, and of his units' when he sees units."""

    person_id: int
    unit_ids: frozenset[int]
    sees_units: bool
    sees_clients: bool


def reader_of(ctx: Context) -> Reader | None:
    """What the person sees of actions, for lists of what hangs on them; None sees all."""
    actions, sees_clients = scope_of(ctx, Operation.VIEW_ACTIONS), not allowed(ctx, Operation.VIEW_CLIENTS)
    if actions == Scope.ALL and sees_clients:
        return None
    return Reader(ctx.person.id, ctx.unit_ids, actions >= Scope.UNIT, sees_clients)


# ---- reading


@query
def documents_of(ctx: Context, *, entity: object, entity_id: object) -> DocumentList:
    """The documents of a record that the person may see, those of an action's messages included; raises NotFound."""
    holder = opened_holder(ctx, entity=entity, entity_id=entity_id)
    found = ctx.store.documents.of_holder(holder.entity, holder.entity_id)
    rows = tuple(LinkedDocument(document, link, _locked(ctx, holder, document, link)) for document, link in found)
    refusal = adding_refused(ctx, holder)
    return DocumentList(rows, refusal, None if refusal else room_of_client(ctx, client_id=holder.client_id))


@query
def count_documents(ctx: Context, *, action_id: int) -> int:
    """How many documents an action has, for the screen that has opened it."""
    require(ctx, Operation.VIEW_ACTIONS)
    return ctx.store.documents.count_of_action(action_id)


@query
def client_documents(
    ctx: Context, *, client_id: object, page: int = 1, besides: tuple[Entity, int] | None = None, text: object = ""
) -> DocumentPage:
    """One page of the documents that a client has and the person may see, each once; `page` is brought into range.

    `besides` leaves out what hangs on a record already: what remains may be attached to it. `text`: words of the name.
    """
    require(ctx, Operation.VIEW_CLIENTS)
    if not is_id(client_id):
        raise NotFound
    seen, named = reader_of(ctx), folded(text)
    total = ctx.store.documents.count_of_client(
        client_id, seen=seen, besides=besides, named=named, counted=COUNTED_DOCUMENTS + 1
    )
    last = DocumentPage((), total, 1).pages
    number = min(max(1, page), last)
    rows = ctx.store.documents.of_client(
        client_id, seen=seen, besides=besides, named=named, limit=PAGE_DOCUMENTS, skip=(number - 1) * PAGE_DOCUMENTS
    )
    return DocumentPage(tuple(rows), total, number)


@query
def open_document(ctx: Context, *, document_id: object) -> Document:
    """A document that hangs on something that the person may see; raises NotFound."""
    document = ctx.store.documents.get(document_id) if is_id(document_id) else None
    if document is None or not is_seen(ctx, document):
        raise NotFound
    return document


def is_seen(ctx: Context, document: Document) -> bool:
    """Whether the person may see one of the records that a document hangs on. Inside a transaction."""
    links = ctx.store.documents.links([document.id])
    return any(seen_holder(ctx, entity=link.entity, entity_id=link.entity_id) for link in links)


@query
def room_of_client(ctx: Context, *, client_id: int | None) -> int | None:
    """How many bytes of documents a client may still get; None without a limit. Never below 0."""
    limits = _limits(ctx)
    if not (client_id and limits and limits.client_max_mb):
        return None
    return max(0, limits.client_max_mb * MB - ctx.store.documents.used_bytes(client_id))


# ---- adding


def adding_refused(ctx: Context, holder: Holder) -> Sentence | None:
    """Why the person adds no document to a record; None when he may."""
    return allowed(ctx, Operation.ADD_DOCUMENTS, holder.owners)


@query
def check_upload(ctx: Context, *, entity: object, entity_id: object, size_bytes: int = 0) -> None:
    """To be asked before a file is received: raises NotFound, NotAllowed, or Invalid when a quota is used up."""
    holder = opened_holder(ctx, entity=entity, entity_id=entity_id)
    require(ctx, Operation.ADD_DOCUMENTS, holder.owners)
    _check_quotas(ctx, holder.client_id, size_bytes)


@command
@once
def add_document(ctx: Context, *, entity: object, entity_id: object, file: AcceptedFile, request_key: str) -> int:
    """Hang an accepted file on a record; return the document's id, which is the same for the same file sent again.

    Raises NotFound, NotAllowed, or Invalid for `file` when a quota is used up.
    """
    holder = opened_holder(ctx, entity=entity, entity_id=entity_id)
    require(ctx, Operation.ADD_DOCUMENTS, holder.owners)
    for document, link in ctx.store.documents.of_holder(holder.entity, holder.entity_id):
        if (document.sha256, document.name) == (file.sha256, file.name) and link.entity == holder.entity:
            return document.id
    _check_quotas(ctx, holder.client_id, file.size_bytes)
    document_id = kept_document(
        ctx.store, file=file, client_id=holder.client_id, entity=holder.entity, entity_id=holder.entity_id,
        at=ctx.now, person_id=ctx.person.id,
    )  # fmt: skip
    _record(ctx, "add_document", holder, document_id, (None, file.name))
    return document_id


def kept_document(
    store: Store, *, file: AcceptedFile, client_id: int | None, entity: Entity, entity_id: int, at: datetime,
    person_id: int | None, is_inline: bool = False,
) -> int:  # fmt: skip
    """A new row for an accepted file, hung on a record. Asks for no right: what fetches messages has no person."""
    document_id = store.documents.add({
        "client_id": client_id, "sha256": file.sha256, "name": file.name, "media_type": file.media_type,
        "size_bytes": file.size_bytes, "is_inline": is_inline, "created_by": person_id, "created_at": at,
    })  # fmt: skip
    store.documents.link([document_id], entity, entity_id, by=person_id, at=at)
    return document_id


@command
def attach_document(ctx: Context, *, document_id: object, entity: object, entity_id: object) -> None:
    """Hang a document that the client already has on one more of his records; a repeat changes nothing.

    Raises NotFound, NotAllowed; Invalid for `document` when it is of another client.
    """
    holder = opened_holder(ctx, entity=entity, entity_id=entity_id)
    require(ctx, Operation.ADD_DOCUMENTS, holder.owners)
    link_documents(ctx, [document_id], holder)


def link_documents(ctx: Context, document_ids: Iterable[object], holder: Holder) -> None:
    """Hang documents that the person may see on a record of the same client, inside a transaction.

    Asks for no right on the record. Raises NotFound, or Invalid for `document`.
    """
    for document_id in document_ids:
        document = ctx.store.documents.get(document_id, for_update=True) if is_id(document_id) else None
        if document is None or document.is_inline or not is_seen(ctx, document):
            raise NotFound
        if document.client_id != holder.client_id:
            raise Invalid({"document": say("This document is of another client: choose one of this client's.")})
        here = (holder.entity, holder.entity_id)
        if here in {(link.entity, link.entity_id) for link in ctx.store.documents.links([document.id])}:
            continue
        ctx.store.documents.link([document.id], *here, by=ctx.person.id, at=ctx.now)
        _record(ctx, "attach_document", holder, document.id, (None, document.name))


def _check_quotas(ctx: Context, client_id: int | None, size_bytes: int) -> None:
    """Raises Invalid for `file` when the client, or everybody, has no room for so much more."""
    limits = _limits(ctx)
    if limits is None:
        return
    if client_id and limits.client_max_mb:
        used = ctx.store.documents.used_bytes(client_id)
        if used + size_bytes > limits.client_max_mb * MB:
            raise Invalid({"file": say(
                "This client's documents take up all their room: {limit} MB. Remove some first.",
                limit=limits.client_max_mb,
            )})  # fmt: skip
    if limits.all_max_gb and ctx.store.documents.used_bytes(None) + size_bytes > limits.all_max_gb * 1000 * MB:
        raise Invalid({"file": say("There is no more room for files: ask your administrator.")})


def _limits(ctx: Context) -> FileLimits | None:
    return ctx.files.limits if ctx.files else None


# ---- removing


def _locked(ctx: Context, holder: Holder, document: Document, link: Link) -> Sentence | None:
    """Why a document can't be removed from where it hangs; None when the person may."""
    if (link.entity, link.entity_id) != (holder.entity, holder.entity_id):
        return say("It came with a message, and stays with it.")
    if holder.is_sealed:
        return say("A message that was sent or received keeps its documents.")
    mine = {person_id for person_id in (document.created_by, link.created_by) if person_id}
    owners = holder.owners or Owners(frozenset(), frozenset())
    return allowed(ctx, Operation.DELETE_DOCUMENTS, Owners(owners.person_ids | mine, owners.unit_ids))


@command
def remove_document(ctx: Context, *, document_id: object, entity: object, entity_id: object) -> None:
    """Take a document off a record; with the last record it hangs on, its row goes too. The journal keeps its name.

    Raises NotFound, NotAllowed: it is one's own when one added it, or when the record is one's own.
    """
    holder = opened_holder(ctx, entity=entity, entity_id=entity_id)
    document = ctx.store.documents.get(document_id, for_update=True) if is_id(document_id) else None
    if document is None or document.is_inline:
        raise NotFound
    links = ctx.store.documents.links([document.id])
    link = next((each for each in links if (each.entity, each.entity_id) == (holder.entity, holder.entity_id)), None)
    if link is None:
        raise NotFound
    if reason := _locked(ctx, holder, document, link):
        raise NotAllowed(reason)
    ctx.store.documents.unlink([document.id], holder.entity, holder.entity_id)
    _record(ctx, "remove_document", holder, document.id, (document.name, None))


def forget_holder(store: Store, entity: Entity, entity_ids: Iterable[int]) -> None:
    """Take all documents off records that are being deleted; those that hang on nothing else go too."""
    for entity_id in entity_ids:
        store.documents.unlink(None, entity, entity_id)


def _record(
    ctx: Context, operation: str, holder: Holder, document_id: int, name: tuple[str | None, str | None]
) -> None:
    record_change(
        ctx, operation, entity="document", entity_id=document_id, key=f"{holder.entity}:{holder.entity_id}",
        action_id=holder.action_id, fields={"": name},
    )  # fmt: skip
