"""Images inside texts: moved to the store at saving, seen with the record, collected when no text shows them."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lib.db import tables as t
from lib.domain.actions import create_action, delete_sub_action, edit_sub_action, open_action
from lib.domain.collecting import Collected, collect
from lib.domain.context import Context
from lib.domain.documents import add_document, client_documents, documents_of, open_document, remove_document
from lib.domain.drafts import keep_draft
from lib.domain.errors import Conflict, Invalid, NotFound
from lib.domain.reports import enter_report
from lib.gateways.files import Files
from tests.builders import (
    NOW,
    World,
    a_context,
    a_key,
    a_next,
    a_report_raw,
    an_action,
    an_action_raw,
    rows_of,
    the_chain,
    the_sub,
)
from tests.some_files import a_file, a_png_of, an_image, image_id, inside, some_files, with_files

LATER = timedelta(days=2)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return some_files(tmp_path)


def save_detail(ctx: Context, world: World, sub_id: int, html: str) -> str:
    """The detail as stored after saving `html`."""
    edit_sub_action(ctx, sub_action_id=sub_id, version=the_sub(world, sub_id).version, edits={"detail": html})
    return open_action(ctx, sub_action_id=sub_id).detail_html


def test_an_image_of_a_detail_moves_to_the_store_and_is_its_record_s(world: World, files: Files):
    ctx, sub_id = with_files(world, files), an_action(world)
    html = save_detail(ctx, world, sub_id, inside(an_image()))
    assert "data:" not in html
    assert 'alt="plan"' in html
    image = open_document(a_context(world, "colleague"), document_id=image_id(html))
    assert (image.is_inline, image.media_type, image.client_id) == (True, "image/png", world.dupont)
    assert files.blobs.exists(image.sha256)
    with pytest.raises(NotFound):
        open_document(a_context(world, "far"), document_id=image.id)
    action_id = the_chain(world, sub_id).action.id
    assert not documents_of(ctx, entity="action", entity_id=action_id).documents
    assert not client_documents(ctx, client_id=world.dupont).documents


def test_a_new_action_and_a_report_with_its_next_step_keep_their_images(world: World, files: Files):
    ctx = with_files(world, files)
    sub_id = create_action(ctx, raw=an_action_raw(world, detail=inside(an_image())), request_key=a_key())
    first = image_id(open_action(ctx, sub_action_id=sub_id).detail_html)
    following = {**a_next(world), "detail": inside(an_image("JPEG"), "jpeg")}
    raw = a_report_raw(report=inside(an_image("WEBP"), "webp"), follow_up="sub_action", next=following)
    version = the_sub(world, sub_id).version
    next_id = enter_report(ctx, sub_action_id=sub_id, version=version, raw=raw, request_key=a_key())
    report = image_id(open_action(ctx, sub_action_id=sub_id).report_html)
    detail = image_id(open_action(ctx, sub_action_id=next_id).detail_html)
    assert len({first, report, detail}) == 3
    for each in (first, report, detail):
        assert open_document(ctx, document_id=each).is_inline


def test_saving_again_keeps_the_image_and_the_same_image_twice_is_one(world: World, files: Files):
    ctx, sub_id = with_files(world, files), an_action(world)
    html = save_detail(ctx, world, sub_id, inside(an_image()) * 2)
    assert len(set(re.findall("attachment:[0-9]+", html))) == 1
    again = save_detail(ctx, world, sub_id, html + "<p>Fin</p>")
    assert image_id(again) == image_id(html)
    assert rows_of(world.db, t.document, t.document_link) == {"document": 1, "document_link": 1}


def test_a_text_copied_to_another_record_brings_the_images_that_its_writer_sees(world: World, files: Files):
    ctx = with_files(world, files)
    source, target = an_action(world), an_action(world, org_unit=world.field)
    html = save_detail(ctx, world, source, inside(an_image()))
    assert image_id(save_detail(ctx, world, target, html)) == image_id(html)
    hidden = an_action(world, "far")
    theirs = save_detail(with_files(world, files, "far"), world, hidden, inside(an_image("JPEG"), "jpeg"))
    forged = f'<p>x<img src="attachment:{image_id(theirs)}"><img src="attachment:999"><img src="attachment:abc"></p>'
    assert save_detail(ctx, world, target, forged) == "<p>x</p>"
    with pytest.raises(NotFound):
        open_document(ctx, document_id=image_id(theirs))


def test_a_document_is_no_image_of_a_text_nor_an_image_of_a_text_a_document(world: World, files: Files):
    ctx, sub_id = with_files(world, files), an_action(world)
    action_id = the_chain(world, sub_id).action.id
    asked = {"entity": "action", "entity_id": action_id, "request_key": a_key()}
    document_id = add_document(ctx, file=a_file(files, "plan.png", an_image()), **asked)
    assert save_detail(ctx, world, sub_id, f'<p>x<img src="attachment:{document_id}"></p>') == "<p>x</p>"
    html = save_detail(ctx, world, sub_id, inside(an_image()))
    with pytest.raises(NotFound):
        remove_document(ctx, document_id=image_id(html), entity="sub_action", entity_id=sub_id)


@pytest.mark.parametrize("data", [b"GIF89a", a_png_of(10_000, 10_000)])
def test_an_image_that_can_t_be_kept_is_refused_at_its_field_and_nothing_is_saved(
    world: World, files: Files, data: bytes
):
    ctx, sub_id = with_files(world, files), an_action(world)
    before = rows_of(world.db, t.document, t.change)
    with pytest.raises(Invalid) as refused:
        save_detail(ctx, world, sub_id, inside(data))
    assert "can't be read, or is too large" in str(refused.value.fields["detail"])
    assert rows_of(world.db, t.document, t.change) == before


def test_a_text_holds_so_many_images_and_no_more(world: World, files: Files):
    ctx, sub_id = with_files(world, files), an_action(world)
    with pytest.raises(Invalid, match="50 at most"):
        save_detail(ctx, world, sub_id, "".join(inside(an_image(size=(n, 1))) for n in range(1, 52)))


def test_without_a_store_images_stay_inside_the_text(world: World):
    ctx, sub_id = a_context(world, "sales"), an_action(world)
    assert "data:image/png" in save_detail(ctx, world, sub_id, inside(an_image()))


def test_images_are_drawn_before_anybody_waits_for_the_lock(
    world: World, files: Files, monkeypatch: pytest.MonkeyPatch
):
    order: list[str] = []
    keep_image, write = files.keep_image, world.db.write
    monkeypatch.setattr(files, "keep_image", lambda data: (order.append("image"), keep_image(data))[1])
    monkeypatch.setattr(world.db, "write", lambda work: (order.append("transaction"), write(work))[1])
    save_detail(with_files(world, files), world, an_action(world), inside(an_image()))
    last = len(order) - order[::-1].index("transaction") - 1
    assert order[last - 1 :] == ["image", "transaction", "image"]


# ---- collecting


def collected(world: World, files: Files, *, after: timedelta = LATER, is_trial: bool = False) -> Collected:
    """What is collected so long after NOW; the contents are as old as the rows."""
    for blob in files.blobs.stored():
        if blob.stored_at > NOW or blob.stored_at.year < 2026:
            with files.blobs.local(blob.sha256) as path:
                os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    return collect(world.db, files.blobs, now=NOW + after, is_trial=is_trial)


def test_an_image_that_no_text_shows_any_more_is_collected_after_a_day(world: World, files: Files):
    ctx, sub_id = with_files(world, files), an_action(world)
    html = save_detail(ctx, world, sub_id, inside(an_image()))
    assert collected(world, files) == Collected()
    save_detail(ctx, world, sub_id, "<p>sans image</p>")
    assert collected(world, files, after=timedelta(hours=23)) == Collected()
    assert collected(world, files, is_trial=True).images == 1
    found = collected(world, files)
    assert (found.images, found.blobs) == (1, 1)
    assert collected(world, files) == Collected()
    with pytest.raises(NotFound):
        open_document(ctx, document_id=image_id(html))


def test_an_image_that_somebody_is_typing_about_stays(world: World, files: Files):
    ctx, sub_id = with_files(world, files), an_action(world)
    html = save_detail(ctx, world, sub_id, inside(an_image()))
    keep_draft(ctx, form="edit", record_id=sub_id, content={"detail": html}, version=1)
    save_detail(ctx, world, sub_id, "<p>sans image</p>")
    assert collected(world, files).images == 0


def test_contents_of_documents_stay_and_those_of_none_go(world: World, files: Files):
    ctx, action_id = with_files(world, files), the_chain(world, an_action(world)).action.id
    kept, left = a_file(files), a_file(files, "abandon.txt", b"never linked")
    add_document(ctx, entity="action", entity_id=action_id, file=kept, request_key=a_key())
    found = collected(world, files)
    assert (found.documents, found.blobs, found.size_bytes) == (0, 1, left.size_bytes)
    assert files.blobs.exists(kept.sha256)
    assert not files.blobs.exists(left.sha256)


def test_what_a_deleted_action_leaves_is_collected(world: World, files: Files):
    ctx, sub_id = with_files(world, files), an_action(world)
    save_detail(ctx, world, sub_id, inside(an_image()))
    delete_sub_action(ctx, sub_action_id=sub_id, version=the_sub(world, sub_id).version)
    assert rows_of(world.db, t.document, t.document_link) == {"document": 0, "document_link": 0}
    assert collected(world, files).blobs == 1


def test_a_save_that_is_refused_leaves_only_what_is_collected(world: World, files: Files):
    ctx, sub_id = with_files(world, files), an_action(world)
    version = the_sub(world, sub_id).version
    save_detail(ctx, world, sub_id, "<p>autre</p>")
    edits = {"detail": inside(an_image())}
    with pytest.raises(Conflict):
        edit_sub_action(ctx, sub_action_id=sub_id, version=version, edits=edits)
    assert rows_of(world.db, t.document) == {"document": 0}
    assert collected(world, files).blobs == 1


def test_an_upload_in_flight_survives_the_collector(world: World, files: Files):
    """The content is old, since somebody else's document had it; then it is put again, and no row names it yet."""
    old = a_file(files)
    with files.blobs.local(old.sha256) as path:
        os.utime(path, (0, 0))
    again = a_file(files)
    assert collect(world.db, files.blobs, now=datetime.now(UTC)).blobs == 0
    assert files.blobs.exists(again.sha256)


def test_a_content_put_again_while_it_is_being_deleted_is_given_back(world: World, files: Files):
    blob = a_file(files)
    with files.blobs.local(blob.sha256) as path:
        os.utime(path, (0, 0))
    [listed] = files.blobs.stored()
    a_file(files)  # between the list and the deletion
    assert not files.blobs.delete(listed.sha256, stored_before=datetime.now(UTC) - timedelta(days=1))
    assert files.blobs.exists(blob.sha256)


def test_every_row_of_a_large_store_is_looked_at(world: World, files: Files, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lib.domain.collecting.BATCH", 2)
    ctx, sub_id = with_files(world, files), an_action(world)
    many = "".join(inside(an_image(size=(n, 1))) for n in range(1, 6))
    save_detail(ctx, world, sub_id, many)
    save_detail(ctx, world, sub_id, inside(an_image(size=(3, 1))))
    found = collected(world, files)
    assert (found.images, found.blobs) == (5, 4)  # the third was sent again: its content stays
    assert rows_of(world.db, t.document) == {"document": 1}
