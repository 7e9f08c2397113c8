"""Documents (pièces jointes) of a record, drawn: given, listed, looked at, taken away; one panel everywhere (R29)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import streamlit as st

from lib.domain.chain import shown_number
from lib.domain.context import Context
from lib.domain.deals import shown_deal_number
from lib.domain.documents import Document, Link, client_documents, documents_of, room_of_client
from lib.domain.file_kinds import FileLimits, extension_of
from lib.domain.holders import Entity
from lib.domain.rights import Operation, Owners, allowed
from lib.domain.sentences import Sentence
from lib.domain.service_reports import shown_report_number
from lib.ui import document_dialogs, formats
from lib.ui.action_table import Cell, Column, Row, action_table
from lib.ui.document_dialogs import Place, address_of
from lib.ui.feedback import plain
from lib.ui.reading import record_id
from lib.ui.rich_text.stored import FILES
from lib.ui.uploader import uploader
from lib.ui.words import _, plural, translate

_IN_POPOVER, _POPOVER_PX = 10, 360
_ICONS: Mapping[str, tuple[str, ...]] = {
    "picture_as_pdf": ("pdf",),
    "image": ("png", "jpg", "jpeg", "gif", "webp", "heic", "tif", "tiff"),
    "table": ("xlsx", "ods", "xls", "csv"),
    "slideshow": ("pptx", "odp", "ppt"),
    "article": ("docx", "odt", "doc", "rtf", "txt"),
    "mail": ("eml", "msg"),
    "folder_zip": ("zip",),
}
_ICON_OF = {extension: icon for icon, extensions in _ICONS.items() for extension in extensions}


class _Listed(NamedTuple):
    """A document where it hangs; `locked` says why the reader can't remove it from there."""

    document: Document
    link: Link
    locked: Sentence | None


class _Shown(NamedTuple):
    """What there is to draw; `refusal` says why the reader adds nothing."""

    listed: list[_Listed]
    refusal: Sentence | None
    room_bytes: int | None
    pages: int = 1


def documents_panel(ctx: Context, *, entity: Entity, entity_id: int, client_id: int | None) -> None:
    """All of a tab: the zone where files are given, what the client already has, the list, and its dialogs.

    A client's own shows whatever hangs on him and what is his. Once a page for each record; not inside a dialog.
    """
    place = Place(entity, entity_id, client_id)
    key = f"documents.{entity}.{entity_id}"
    shown = _of_client(ctx, place, key) if entity == Entity.CLIENT else _of_record(ctx, place)
    _draw_giving(ctx, place, key, shown)
    _draw_list(ctx, place, key, shown)
    if shown.pages > 1:
        st.pagination(shown.pages, key=f"{key}.page")
    document_dialogs.answer(ctx, place)


def documents_button(
    ctx: Context, *, entity: Entity, entity_id: int, count: int, on_open_tab: Callable[[], None]
) -> None:
    """The button at the top of a page: to download one, or all; what it lists is read once it is opened."""
    label = _("Documents ({count})", count=count)
    popover = st.popover(label, icon=":material/attach_file:", key="documents.button", on_change="rerun")
    if not popover.open:
        return
    with popover, st.container(width=_POPOVER_PX):
        found = documents_of(ctx, entity=entity, entity_id=entity_id).documents
        if found:
            columns = [Column("name", _("Name")), Column("size", _("Size"), width="5rem", align="end")]
            rows = [
                Row(str(each.document.id), {"name": _name(each.document, ""), "size": _size(each.document)})
                for each in found[:_IN_POPOVER]
            ]
            action_table(columns, rows, key="documents.button.table", selection="none")
            more = len(found) - _IN_POPOVER
            if more > 0:
                st.caption(plural("{count} more in the tab.", "{count} more in the tab.", more))
        else:
            st.caption(_("No document yet."))
        with st.container(horizontal=True):
            _link_zip(entity, entity_id, len(found))
            st.button(_("Open the tab"), icon=":material/tab:", key="documents.button.tab", on_click=on_open_tab)


# ---- reading


def _of_record(ctx: Context, place: Place) -> _Shown:
    found = documents_of(ctx, entity=place.entity, entity_id=place.entity_id)
    listed = [_Listed(each.document, each.link, each.locked) for each in found.documents]
    return _Shown(listed, found.refusal, found.room_bytes)


def _of_client(ctx: Context, place: Place, key: str) -> _Shown:
    """Of a client, what the reader may see of everything; he removes what hangs on the client itself."""
    page = st.session_state.get(f"{key}.page", 1)
    found = client_documents(ctx, client_id=place.entity_id, page=page if isinstance(page, int) else 1)

    def locked(document: Document, link: Link) -> Sentence | None:
        mine = frozenset(each for each in (document.created_by, link.created_by) if each)
        return allowed(ctx, Operation.DELETE_DOCUMENTS, Owners(mine, frozenset()))

    listed = [_Listed(document, link, locked(document, link)) for document, link in found.documents]
    refusal = allowed(ctx, Operation.ADD_DOCUMENTS)
    room_bytes = None if refusal else room_of_client(ctx, client_id=place.entity_id)
    return _Shown(listed, refusal, room_bytes, found.pages)


# ---- giving


def _draw_giving(ctx: Context, place: Place, key: str, shown: _Shown) -> None:
    """The zone, greyed with the reason when nothing may be added; below, what concerns all of the list."""
    files = ctx.files
    if shown.refusal or files is None:
        why = translate(shown.refusal) if shown.refusal else _("This server takes no files.")
        st.button(_("Choose files"), icon=":material/add:", key=f"{key}.refused", disabled=True, help=why)
        st.caption(f":material/lock: {plain(why)}")
    else:
        uploader(
            key=f"{key}.files",
            address=f"{FILES}upload?entity={place.entity}&entity_id={place.entity_id}",
            extensions=files.limits.extensions,
            file_max_bytes=files.limits.file_max_bytes,
            room_bytes=shown.room_bytes,
            limits=_limits(files.limits, shown.room_bytes),
        )
    with st.container(horizontal=True):
        if place.client_id and place.entity != Entity.CLIENT:
            st.button(
                _("Attach one of the client's documents"), icon=":material/add_link:", key=f"{key}.attach",
                disabled=shown.refusal is not None, help=translate(shown.refusal) if shown.refusal else None,
                on_click=document_dialogs.ask, args=("attach", place, 0),
            )  # fmt: skip
        if place.entity != Entity.CLIENT:
            _link_zip(place.entity, place.entity_id, len(shown.listed))


def _limits(limits: FileLimits, room: int | None) -> str:
    """The settings in words, before anything is chosen."""
    sizes = _("{size} a file", size=formats.size(limits.file_max_bytes))
    if room is not None:
        sizes += ", " + _("{size} left for this client", size=formats.size(room))
    return f"{sizes}. {', '.join(limits.extensions)}."


def _link_zip(entity: Entity, entity_id: int, count: int) -> None:
    if count > 1:
        st.link_button(_("Download all"), f"{FILES}zip/{entity}/{entity_id}", icon=":material/folder_zip:")


# ---- the list


def _draw_list(ctx: Context, place: Place, key: str, shown: _Shown) -> None:
    def opened(row: str) -> None:
        if document_id := record_id(row):
            document_dialogs.ask("preview", place, document_id)

    def chose(row: str, choice: str) -> None:
        if (document_id := record_id(row)) and choice in ("preview", "remove"):
            document_dialogs.ask(choice, place, document_id)

    empty = _("No document yet.") if shown.refusal else _("No document yet: drop a file above.")
    action_table(
        _columns(), [_row(ctx, place, each) for each in shown.listed], key=f"{key}.table", selection="none",
        menu={
            "preview": (_("Preview"), ":material/visibility:"),
            "remove": (_("Remove"), ":material/delete:"),
        },
        empty=empty, on_open=opened, on_menu=chose,
    )  # fmt: skip


def _columns() -> list[Column]:
    return [
        Column("name", _("Name"), width="3fr", opens=True),
        Column("size", _("Size"), width="5rem", align="end"),
        Column("by", _("Added by"), width="1.3fr"),
        Column("at", _("Date"), width="9rem"),
        Column("download", _("Download"), width="2.4rem", icon=":material/download:", align="center"),
    ]


def _row(ctx: Context, place: Place, listed: _Listed) -> Row:
    document, link, locked = listed
    at = link.created_at.astimezone(ctx.zone)
    person = ctx.reference.people.get(link.created_by or 0)
    is_here = (link.entity, link.entity_id) == (place.entity, place.entity_id)
    cells: dict[str, str | Cell] = {
        "name": _name(document, "" if is_here else _where(link), is_linked=False),
        "size": _size(document),
        "by": person.name if person else _("received by e-mail"),
        "at": Cell(formats.when(at.date(), at.time(), today=ctx.today), hint=formats.full(at.date(), at.time())),
        "download": Cell(icon=":material/download:", label=_("Download {name}", name=document.name),
                         href=address_of(document.id)),
    }  # fmt: skip
    return Row(str(document.id), cells, menu=["preview", *(["remove"] if is_here and not locked else [])])


def _name(document: Document, note: str, *, is_linked: bool = True) -> Cell:
    icon = _ICON_OF.get(extension_of(document.name), "draft")
    return Cell(document.name, note=note, icon=f":material/{icon}:", href=address_of(document.id) if is_linked else "")


def _size(document: Document) -> str:
    return formats.size(document.size_bytes)


def _where(link: Link) -> str:
    """What a document hangs on, as a line under its name."""
    match link.entity, link.number:
        case Entity.ACTION, int(number):
            return _("Action {number}", number=shown_number(number))
        case Entity.EXCHANGE, int(number):
            return _("Message of {number}", number=shown_number(number))
        case Entity.EXCHANGE, _no_number:
            return _("Message")
        case Entity.DEAL, int(number):
            return _("Deal {number}", number=shown_deal_number(number))
        case Entity.SERVICE_REPORT, int(number):
            return shown_report_number(number)
        case _:
            return ""
