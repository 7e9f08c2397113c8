"""The routes of files, outside of Streamlit: upload, download, preview, all of a record as one zip (R29).

Each request brings the session's cookie, and the right on what it names is asked anew. Streamlit's own media addresses
need no session: no private file ever goes there.

POST /files/upload?entity=action&entity_id=12&name=devis.pdf&key=…   the body is the file; answers {"id", "name"}
GET  /files/12                a document, to be kept; an image inside a text, to be shown
GET  /files/12/preview        as an image (`page`, `side`) or as plain text
GET  /files/zip/action/12     all documents of a record
A refusal answers {"error": a sentence in the person's language}.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import wraps
from typing import TypeVar
from urllib.parse import quote

from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from lib.config import settings
from lib.domain.chain import shown_number
from lib.domain.context import Context
from lib.domain.deals import shown_deal_number
from lib.domain.documents import Document, LinkedDocument, add_document, check_upload, documents_of, open_document
from lib.domain.errors import DomainError, Invalid, NotAllowed, NotFound
from lib.domain.file_kinds import IMAGES, too_large
from lib.domain.files import Files, Incoming
from lib.domain.holders import Entity
from lib.domain.sentences import Sentence, say
from lib.ui import session
from lib.ui.reading import record_id
from lib.ui.wall import is_same_origin
from lib.ui.words import translate, use_language
from lib.ui.zipping import Member, zipped

T = TypeVar("T")
_WRITTEN_AT_ONCE = 1_000_000
"""Bytes gathered before a thread writes them: what an upload costs in memory."""
DEFAULT_SIDE = 1200
_KEY = re.compile(r"[0-9A-Za-z_-]{1,64}")
_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")
_SIGNED_OUT = say("Your session is over: sign in again.")
_MISSING = say("The content of this file is missing on the server: tell your administrator.")
_log = logging.getLogger("relais.files")

Handler = Callable[[Request, Context], Awaitable[Response]]


def _for_whoever_is_signed_in(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """The handler with the context of the request's cookie; its refusals as answers. 401 without a live session."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        token = request.cookies.get(session.cookie_name(), "")
        ctx = await _in_thread(lambda: session.context_of_token(token)) if token else None
        if ctx is None:
            use_language(settings().language)
            return _refusal(401, _SIGNED_OUT)
        use_language(ctx.person.language)
        try:
            return await handler(request, ctx)
        except NotFound as error:
            return _refusal(404, error.sentence)
        except NotAllowed as error:
            return _refusal(403, error.sentence)
        except DomainError as error:
            return _refusal(422, error.sentence)
        except FileNotFoundError as error:
            _log.error("the content %s isn't in the store", error)
            return _refusal(404, _MISSING)

    return answer


# ---- receiving


@_for_whoever_is_signed_in
async def upload(request: Request, ctx: Context) -> Response:
    """Receive one file for a record: the right is asked before the body is read, the size while it is."""
    if not is_same_origin(request) or "origin" not in request.headers:
        return _refusal(403, say("This request doesn't come from a page of this server."))
    asked, files = request.query_params, session.files()
    entity, entity_id, key = asked.get("entity"), record_id(asked.get("entity_id", "")), asked.get("key", "")
    if not _KEY.fullmatch(key):
        return _refusal(422, say("This page had been open for too long: please try again."))
    announced = record_id(request.headers.get("content-length", "")) or 0
    if announced > files.limits.file_max_bytes:
        return _refusal(413, too_large(files.limits))
    await _in_thread(lambda: check_upload(ctx, entity=entity, entity_id=entity_id, size_bytes=announced))
    try:
        with files.receive(asked.get("name")) as incoming:
            if not await _received(request, incoming):
                return _refusal(413, too_large(files.limits))
            accepted = await _in_thread(incoming.accepted)
    except ClientDisconnect:
        return Response(status_code=400)
    document_id = await _in_thread(
        lambda: add_document(ctx, entity=entity, entity_id=entity_id, file=accepted, request_key=key)
    )
    return JSONResponse({"id": document_id, "name": accepted.name}, status_code=201, headers=_NOT_KEPT)


async def _received(request: Request, incoming: Incoming) -> bool:
    """Whether the body was written to its end; False as soon as it is too large."""
    waiting = bytearray()

    async def write() -> None:
        chunk = bytes(waiting)
        waiting.clear()
        await _in_thread(lambda: incoming.write(chunk))

    try:
        async for chunk in request.stream():
            waiting += chunk
            if len(waiting) >= _WRITTEN_AT_ONCE:
                await write()
        await write()
    except Invalid:
        return False
    return True


# ---- giving


@_for_whoever_is_signed_in
async def download(request: Request, ctx: Context) -> Response:
    """A document as it was received, or a part of it; an image inside a text is shown where it stands."""
    document = await _opened(request, ctx)
    if document.is_inline and document.media_type in IMAGES.values():
        etag = f'"{document.sha256}"'
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=_ASKED_AGAIN | {"ETag": etag})
        return await _content(request, document, headers=_ASKED_AGAIN | {"ETag": etag})
    return await _content(request, document, headers=_NOT_KEPT | _attachment(document.name))


async def _content(request: Request, document: Document, *, headers: Mapping[str, str]) -> Response:
    files, size = session.files(), document.size_bytes
    start, end, status = 0, size, 200
    if (asked := request.headers.get("range")) and (part := _part(asked, size)):
        start, end = part
        status = 206
    elif asked and _RANGE.fullmatch(asked):
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    chunks = await _in_thread(lambda: files.blobs.open(document.sha256, start=start, end=end))
    # An encoding of its own keeps Streamlit from compressing it, and so from hiding how long it is.
    more = {"Content-Length": str(end - start), "Accept-Ranges": "bytes", "Content-Encoding": "identity", **headers}
    if status == 206:
        more["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    if request.method == "HEAD":
        return Response(headers=more, media_type=document.media_type)
    return StreamingResponse(chunks, status, headers=more, media_type=document.media_type)


def _part(asked: str, size: int) -> tuple[int, int] | None:
    """From where to before where, of the one range asked for; None when it can't be given, or isn't one."""
    found = _RANGE.fullmatch(asked)
    if not found or found[0] == "bytes=-":
        return None
    first, last = found[1], found[2]
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    return (start, end) if start < end else None


@_for_whoever_is_signed_in
async def preview(request: Request, ctx: Context) -> Response:
    """What a document looks like: a picture of it or of one of its pages, drawn here, or the beginning of its text."""
    document = await _opened(request, ctx)
    page = record_id(request.query_params.get("page", "1")) or 1
    side = record_id(request.query_params.get("side", "")) or DEFAULT_SIDE
    etag = f'"{document.sha256}-{page}-{side}"'
    headers = _ASKED_AGAIN | {"ETag": etag}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    about, previews = (document.sha256, document.media_type), session.files().previews
    text = await _in_thread(lambda: previews.text(*about))
    if text is not None:
        return Response(text, headers=headers, media_type="text/plain; charset=utf-8")
    picture = await _in_thread(lambda: previews.picture(*about, page=page, max_side=side))
    if picture is None:
        return _refusal(404, say("There is no preview of this document: download it."))
    return Response(picture.data, headers=headers, media_type=picture.media_type)


@_for_whoever_is_signed_in
async def download_all(request: Request, ctx: Context) -> Response:
    """All documents of a record in one zip, made while it is sent."""
    entity, entity_id = request.path_params["entity"], record_id(request.path_params["entity_id"])
    found = await _in_thread(lambda: documents_of(ctx, entity=entity, entity_id=entity_id))
    if not found.documents:
        raise NotFound(say("There is no document here."))
    chunks = zipped(_members(ctx, session.files(), found.documents, missing=translate(_MISSING)))
    headers = _NOT_KEPT | _attachment(f"{_record_name(found.documents[0])}.zip")
    return StreamingResponse(chunks, headers=headers, media_type="application/zip")


def _members(ctx: Context, files: Files, documents: Sequence[LinkedDocument], *, missing: str) -> Iterator[Member]:
    for each in documents:
        document = each.document
        moment = document.created_at.astimezone(ctx.zone)
        try:
            chunks = files.blobs.open(document.sha256)
        except FileNotFoundError:  # the others are worth having
            _log.error("the content %s isn't in the store", document.sha256)
            yield f"{document.name}.txt", moment, len(missing.encode()), [missing.encode()]
        else:
            yield document.name, moment, document.size_bytes, chunks


def _record_name(linked: LinkedDocument) -> str:
    number = linked.link.number
    if number is None:
        return "documents"
    return shown_deal_number(number) if linked.link.entity == Entity.DEAL else shown_number(number)


# ---- answering

_NOT_KEPT = {"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin"}
_ASKED_AGAIN = {"Cache-Control": "private, no-cache", "Cross-Origin-Resource-Policy": "same-origin"}
"""The browser may keep it, and asks each time whether it may still show it."""


def _attachment(name: str) -> dict[str, str]:
    """To be saved under its name, never opened in this server's pages."""
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name)
    return {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"}


def _refusal(status: int, sentence: Sentence) -> Response:
    return JSONResponse({"error": translate(sentence)}, status_code=status, headers=_NOT_KEPT)


async def _opened(request: Request, ctx: Context) -> Document:
    document_id = record_id(request.path_params["document_id"])
    return await _in_thread(lambda: open_document(ctx, document_id=document_id))


async def _in_thread(work: Callable[[], T]) -> T:
    return await to_thread.run_sync(work)


ROUTES = [
    Route("/files/upload", upload, methods=["POST"]),
    Route("/files/zip/{entity}/{entity_id}", download_all, methods=["GET"]),
    Route("/files/{document_id}", download, methods=["GET"]),
    Route("/files/{document_id}/preview", preview, methods=["GET"]),
]
