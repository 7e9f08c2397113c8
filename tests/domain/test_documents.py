"""Documents: who sees, adds and removes them, on what; what a browser forges; quotas; repeats (R29, R35)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from lib.db import tables as t
from lib.domain.actions import delete_sub_action
from lib.domain.context import Context
from lib.domain.documents import (
    add_document,
    attach_document,
    check_upload,
    client_documents,
    count_documents,
    documents_of,
    open_document,
    remove_document,
)
from lib.domain.errors import DomainError, Invalid, NotAllowed, NotFound
from lib.domain.files import AcceptedFile
from lib.domain.holders import Entity
from lib.domain.rights import Operation
from lib.gateways.files import Files
from tests.builders import NOW, World, a_context, a_key, an_action, remove_right, rows_of, the_chain, the_sub
from tests.some_files import LIMITS, a_file, some_files, with_files

WATCHED = (t.document, t.document_link, t.change, t.request)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return some_files(tmp_path)


@pytest.fixture
def quote(files: Files) -> AcceptedFile:
    return a_file(files)


def an_action_id(world: World, who: str = "sales", **values: object) -> int:
    return the_chain(world, an_action(world, who, **values)).action.id


def added(world: World, file: AcceptedFile, entity: Entity, entity_id: int, who: str = "sales") -> int:
    return add_document(a_context(world, who), entity=entity, entity_id=entity_id, file=file, request_key=a_key())


def put_row(world: World, table: object, **values: object) -> int:
    """A row of what other slices write."""
    row = insert(table).values(**values).returning(table.c.id)
    return world.db.write(lambda store: store.connection.execute(row).scalar_one())


def a_deal(world: World, **values: object) -> int:
    return put_row(world, t.deal, **{
        "number": 1, "client_id": world.dupont, "title": "Contrat", "owner_id": world.sales, "org_unit_id": world.field,
        "created_by": world.sales, "created_at": NOW, **values,
    })  # fmt: skip


def an_exchange(world: World, **values: object) -> int:
    return put_row(world, t.exchange, **{
        "client_id": world.dupont, "direction": "received", "state": "received", "at": NOW, "created_at": NOW, **values,
    })  # fmt: skip


def a_service_report(world: World, **values: object) -> int:
    return put_row(world, t.service_report, **{
        "number": 1, "client_id": world.dupont, "technician_id": world.technician, "org_unit_id": world.workshop,
        "done_on": NOW.date(), "duration_min": 60, "created_by": world.technician, "created_at": NOW, **values,
    })  # fmt: skip


# ---- adding


def test_a_document_of_an_action_is_its_client_s_too(world: World, quote: AcceptedFile):
    action_id = an_action_id(world)
    document_id = added(world, quote, Entity.ACTION, action_id)
    [linked] = documents_of(a_context(world, "sales"), entity="action", entity_id=action_id).documents
    assert (linked.document.id, linked.document.name, linked.document.client_id) == (
        document_id, "devis.pdf", world.dupont
    )  # fmt: skip
    assert (linked.document.created_by, linked.link.number, linked.locked) == (world.sales, 1, None)
    [(document, link)] = client_documents(a_context(world, "sales"), client_id=world.dupont).documents
    assert (document.id, link.entity, link.action_id) == (document_id, Entity.ACTION, action_id)
    assert count_documents(a_context(world, "sales"), action_id=action_id) == 1
    assert not client_documents(a_context(world, "sales"), client_id=world.leroy).documents


def test_a_request_sent_twice_and_a_file_dropped_twice_give_one_document(world: World, quote: AcceptedFile):
    action_id, key = an_action_id(world), a_key()
    asked = {"entity": "action", "entity_id": action_id, "file": quote}
    first = add_document(a_context(world, "sales"), **asked, request_key=key)
    assert add_document(a_context(world, "sales"), **asked, request_key=key) == first
    assert add_document(a_context(world, "sales"), **asked, request_key=a_key()) == first
    assert rows_of(world.db, t.document, t.document_link) == {"document": 1, "document_link": 1}


def test_the_journal_tells_who_added_and_removed_what(world: World, quote: AcceptedFile):
    action_id = an_action_id(world)
    document_id = added(world, quote, Entity.ACTION, action_id)
    remove_document(a_context(world, "sales"), document_id=document_id, entity="action", entity_id=action_id)
    c = t.change.c
    told = select(c.operation, c.person_id, c.action_id, c.entity_key, c.old, c.new).where(c.entity == "document")
    rows = world.db.read(lambda store: store.connection.execute(told.order_by(c.id)).all())
    assert [tuple(row) for row in rows] == [
        ("add_document", world.sales, action_id, f"action:{action_id}", "null", '"devis.pdf"'),
        ("remove_document", world.sales, action_id, f"action:{action_id}", '"devis.pdf"', "null"),
    ]
    assert rows_of(world.db, t.document, t.document_link) == {"document": 0, "document_link": 0}


@pytest.mark.parametrize(
    ("who", "adds", "removes"),
    [
        ("sales", None, None),  # his own action
        ("colleague", None, NotAllowed),  # of the same unit: adds, and removes what is his
        ("manager", None, None),
        ("admin", None, None),
        ("reader", NotAllowed, NotAllowed),
        ("far", NotFound, NotFound),  # of another unit
        ("nowhere", NotFound, NotFound),
    ],
)
def test_each_profile_adds_to_and_removes_from_an_action_what_its_rights_say(
    world: World, files: Files, quote: AcceptedFile, who: str, adds: type[DomainError] | None,
    removes: type[DomainError] | None,
):  # fmt: skip
    action_id = an_action_id(world)
    document_id = added(world, quote, Entity.ACTION, action_id)
    other = a_file(files, "plan.txt", b"plan")
    for expected, gesture in (
        (adds, lambda: added(world, other, Entity.ACTION, action_id, who)),
        (removes, lambda: remove_document(
            a_context(world, who), document_id=document_id, entity="action", entity_id=action_id)),
    ):  # fmt: skip
        before = rows_of(world.db, *WATCHED)
        if expected is None:
            gesture()
        else:
            with pytest.raises(expected):
                gesture()
            assert rows_of(world.db, *WATCHED) == before


def test_what_one_added_oneself_is_one_s_own_to_remove(world: World, quote: AcceptedFile):
    action_id = an_action_id(world)
    document_id = added(world, quote, Entity.ACTION, action_id, "colleague")
    remove_document(a_context(world, "colleague"), document_id=document_id, entity="action", entity_id=action_id)


def test_the_screen_is_told_why_not(world: World, quote: AcceptedFile):
    action_id = an_action_id(world)
    added(world, quote, Entity.ACTION, action_id)
    seen = documents_of(a_context(world, "reader"), entity="action", entity_id=action_id)
    assert str(seen.refusal) == "Your profile doesn't add documents here."
    assert str(seen.documents[0].locked) == "Your profile doesn't remove this document."
    assert documents_of(a_context(world, "sales"), entity="action", entity_id=action_id).refusal is None


@pytest.mark.parametrize(
    ("who", "sees"),
    [("sales", True), ("colleague", True), ("manager", True), ("admin", True), ("reader", True), ("far", False),
     ("tele_sales", False), ("nowhere", False)],
)  # fmt: skip
def test_a_document_is_opened_by_whoever_sees_what_it_hangs_on(world: World, quote: AcceptedFile, who: str, sees: bool):
    action_id = an_action_id(world)
    document_id = added(world, quote, Entity.ACTION, action_id)
    ctx = a_context(world, who)
    listed = [document.id for document, _ in client_documents(ctx, client_id=world.dupont).documents]
    assert listed == ([document_id] if sees else [])
    if sees:
        assert open_document(ctx, document_id=document_id).name == "devis.pdf"
    else:
        with pytest.raises(NotFound):
            open_document(ctx, document_id=document_id)


def test_a_pool_s_document_is_seen_by_its_unit_even_by_whoever_sees_only_his_own(world: World, quote: AcceptedFile):
    set_scope(world, "sales", Operation.VIEW_ACTIONS, 1)
    waiting, taken = an_action_id(world, org_unit=world.field), an_action_id(world)
    for action_id in (waiting, taken):
        added(world, quote, Entity.ACTION, action_id)
    listed = client_documents(a_context(world, "colleague"), client_id=world.dupont).documents
    assert [link.action_id for _, link in listed] == [waiting]


def set_scope(world: World, profile: str, operation: Operation, scope: int) -> None:
    remove_right(world, profile, operation)
    given = {"profile_id": world.ids[f"profile_{profile}"], "operation": operation, "scope": scope}
    world.db.write(lambda store: store.connection.execute(insert(t.profile_right).values(**given)))


def test_a_right_taken_away_counts_at_the_next_request(world: World, quote: AcceptedFile):
    action_id = an_action_id(world)
    ctx = a_context(world, "sales")
    document_id = added(world, quote, Entity.ACTION, action_id)
    remove_right(world, "sales", Operation.VIEW_ACTIONS)
    with pytest.raises(NotFound):
        open_document(ctx, document_id=document_id)


# ---- other records


def test_what_hangs_on_client_deal_and_report_is_seen_with_the_clients(world: World, files: Files):
    deal_id, report_id = a_deal(world), a_service_report(world)
    on_client = added(world, a_file(files, "a.txt", b"a"), Entity.CLIENT, world.dupont, "far")
    on_deal = added(world, a_file(files, "b.txt", b"b"), Entity.DEAL, deal_id)
    on_report = added(world, a_file(files, "c.txt", b"c"), Entity.SERVICE_REPORT, report_id, "technician")
    for who in ("reader", "far", "nowhere"):
        listed = client_documents(a_context(world, who), client_id=world.dupont).documents
        assert {(document.id, link.entity) for document, link in listed} == {
            (on_client, Entity.CLIENT), (on_deal, Entity.DEAL), (on_report, Entity.SERVICE_REPORT)
        }  # fmt: skip
    with pytest.raises(NotAllowed):
        added(world, a_file(files), Entity.DEAL, deal_id, "far")
    with pytest.raises(NotAllowed):
        added(world, a_file(files), Entity.CLIENT, world.dupont, "reader")
    remove_right(world, "sales", Operation.VIEW_CLIENTS)
    with pytest.raises(NotFound):
        open_document(a_context(world, "far"), document_id=on_client)


def test_a_message_s_documents_are_its_action_s_and_stay_with_it(world: World, files: Files, quote: AcceptedFile):
    action_id = an_action_id(world)
    waiting = an_exchange(world, state="recorded", action_id=action_id)
    document_id = added(world, quote, Entity.EXCHANGE, waiting)
    put_state(world, waiting, "received")
    own_id = added(world, a_file(files, "plan.txt", b"plan"), Entity.ACTION, action_id)
    found = documents_of(a_context(world, "sales"), entity="action", entity_id=action_id)
    assert [(each.document.id, each.locked is None) for each in found.documents] == [
        (own_id, True),
        (document_id, False),
    ]
    assert count_documents(a_context(world, "sales"), action_id=action_id) == 2
    for entity, entity_id in (("action", action_id), ("exchange", waiting)):
        with pytest.raises((NotFound, NotAllowed)):
            remove_document(a_context(world, "admin"), document_id=document_id, entity=entity, entity_id=entity_id)
    with pytest.raises(NotFound):
        open_document(a_context(world, "far"), document_id=document_id)


def put_state(world: World, exchange_id: int, state: str) -> None:
    change = t.exchange.update().where(t.exchange.c.id == exchange_id).values(state=state)
    world.db.write(lambda store: store.connection.execute(change))


def test_the_documents_of_a_message_that_waits_are_seen_by_whoever_may_attach_it(world: World, quote: AcceptedFile):
    exchange_id = an_exchange(world, client_id=None, person_id=world.sales, state="recorded")
    document_id = added(world, quote, Entity.EXCHANGE, exchange_id, "admin")
    for who in ("sales", "manager", "admin"):
        open_document(a_context(world, who), document_id=document_id)
    for who in ("colleague", "reader"):
        with pytest.raises(NotFound):
            open_document(a_context(world, who), document_id=document_id)
    world.db.write(lambda store: store.documents.set_client(Entity.EXCHANGE, exchange_id, world.dupont))
    assert open_document(a_context(world, "sales"), document_id=document_id).client_id == world.dupont


# ---- attaching what the client has


def test_a_document_that_the_client_has_is_attached_and_goes_with_the_last_record(world: World, quote: AcceptedFile):
    first, second = an_action_id(world), an_action_id(world)
    ctx = a_context(world, "sales")
    document_id = added(world, quote, Entity.ACTION, first)
    besides = (Entity.ACTION, second)
    assert [d.id for d, _ in client_documents(ctx, client_id=world.dupont, besides=besides).documents] == [document_id]
    for _ in range(2):
        attach_document(ctx, document_id=document_id, entity="action", entity_id=second)
    assert not client_documents(ctx, client_id=world.dupont, besides=besides).documents
    assert rows_of(world.db, t.document, t.document_link) == {"document": 1, "document_link": 2}
    remove_document(ctx, document_id=document_id, entity="action", entity_id=first)
    assert open_document(ctx, document_id=document_id).name == "devis.pdf"
    remove_document(ctx, document_id=document_id, entity="action", entity_id=second)
    with pytest.raises(NotFound):
        open_document(ctx, document_id=document_id)


def test_nobody_attaches_what_he_can_t_see_nor_another_client_s(world: World, quote: AcceptedFile):
    hidden, here = an_action_id(world, "far"), an_action_id(world)
    of_leroy = an_action_id(world, client=world.leroy)
    for source, refusal in ((hidden, NotFound), (of_leroy, Invalid)):
        document_id = added(world, quote, Entity.ACTION, source, "admin")
        before = rows_of(world.db, *WATCHED)
        with pytest.raises(refusal):
            attach_document(a_context(world, "sales"), document_id=document_id, entity="action", entity_id=here)
        assert rows_of(world.db, *WATCHED) == before


# ---- forged


FORGED = [None, 0, -1, 2**31, 2**63, True, "1", 1.5, [1], {"id": 1}, "'; DROP TABLE document"]


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_id_is_not_found_and_changes_nothing(world: World, quote: AcceptedFile, forged: object):
    action_id = an_action_id(world)
    document_id = added(world, quote, Entity.ACTION, action_id)
    ctx, before = a_context(world, "admin"), rows_of(world.db, *WATCHED)
    for gesture in (
        lambda: open_document(ctx, document_id=forged),
        lambda: documents_of(ctx, entity="action", entity_id=forged),
        lambda: documents_of(ctx, entity=forged, entity_id=action_id),
        lambda: client_documents(ctx, client_id=forged),
        lambda: check_upload(ctx, entity=forged, entity_id=action_id),
        lambda: attach_document(ctx, document_id=forged, entity="action", entity_id=action_id),
        lambda: attach_document(ctx, document_id=document_id, entity="client", entity_id=forged),
        lambda: remove_document(ctx, document_id=forged, entity="action", entity_id=action_id),
        lambda: remove_document(ctx, document_id=document_id, entity="deal", entity_id=forged),
        lambda: add_document(ctx, entity="action", entity_id=forged, file=quote, request_key=a_key()),
    ):
        with pytest.raises(NotFound):
            gesture()
    assert rows_of(world.db, *WATCHED) == before


@pytest.mark.parametrize("entity", ["Action", "person", "sub-action", "", "document"])
def test_documents_hang_on_nothing_but_what_holds_them(world: World, quote: AcceptedFile, entity: str):
    with pytest.raises(NotFound):
        add_document(a_context(world, "admin"), entity=entity, entity_id=1, file=quote, request_key=a_key())


# ---- quotas


def test_a_client_s_room_and_everybody_s_are_limited(world: World, tmp_path: Path):
    files = some_files(tmp_path, limits=replace(LIMITS, client_max_mb=1))
    ctx, action_id = with_files(world, files), an_action_id(world)
    first = a_file(files, "a.txt", b"a" * 600_000)
    add_document(ctx, entity="action", entity_id=action_id, file=first, request_key=a_key())
    second = a_file(files, "b.txt", b"b" * 600_000)
    with pytest.raises(Invalid, match="all their room: 1 MB"):
        add_document(ctx, entity="action", entity_id=action_id, file=second, request_key=a_key())
    with pytest.raises(Invalid, match="all their room"):
        check_upload(ctx, entity="action", entity_id=action_id, size_bytes=400_001)
    check_upload(ctx, entity="action", entity_id=action_id, size_bytes=400_000)
    elsewhere = an_action_id(world, client=world.leroy)
    add_document(ctx, entity="action", entity_id=elsewhere, file=second, request_key=a_key())


def test_nothing_more_is_taken_once_the_server_is_full(world: World, files: Files, quote: AcceptedFile):
    action_id = an_action_id(world)
    world.db.write(lambda store: store.documents.add({
        "client_id": world.leroy, "sha256": "0" * 64, "name": "x", "media_type": "text/plain",
        "size_bytes": 10**9, "created_at": NOW}))  # fmt: skip
    full = replace(a_context(world, "sales"), files=limited(files))
    with pytest.raises(Invalid, match="no more room"):
        add_document(full, entity="action", entity_id=action_id, file=quote, request_key=a_key())


def limited(files: Files) -> Files:
    files.limits = replace(LIMITS, all_max_gb=1)
    return files


# ---- lists


def test_a_client_s_documents_come_by_pages_newest_first(world: World):
    action_id = an_action_id(world)
    ctx: Context = a_context(world, "sales")
    for number in range(53):
        file = AcceptedFile(f"{number}.txt", f"{number:064x}", 1, "text/plain")
        added(world, file, Entity.ACTION, action_id)
    first = client_documents(ctx, client_id=world.dupont)
    assert (len(first.documents), first.total, first.pages) == (50, 53, 2)
    assert first.documents[0][0].name == "52.txt"
    last = client_documents(ctx, client_id=world.dupont, page=99)
    assert ([document.name for document, _ in last.documents], last.number) == (["2.txt", "1.txt", "0.txt"], 2)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["Été_2025.txt", "Contrat cadre 2025.txt"]),
        ("ETE", ["Été_2025.txt"]),
        ("contrat 2025", ["Contrat cadre 2025.txt"]),
        ("cadre 2025 %", ["Contrat cadre 2025.txt"]),
        ("%", ["Été_2025.txt", "Contrat cadre 2025.txt"]),
        ("devis", []),
        (12, ["Été_2025.txt", "Contrat cadre 2025.txt"]),
    ],
)
def test_a_client_s_document_is_found_by_words_of_its_name(world: World, files: Files, text: object, found: list[str]):
    action_id = an_action_id(world)
    for name in ("Contrat cadre 2025.txt", "Été_2025.txt"):
        added(world, a_file(files, name, name.encode()), Entity.ACTION, action_id)
    listed = client_documents(a_context(world, "sales"), client_id=world.dupont, text=text)
    assert [document.name for document, _ in listed.documents] == found
    assert listed.total == len(found)


def test_the_room_left_is_told_to_whoever_may_add(world: World, tmp_path: Path):
    files = some_files(tmp_path, limits=replace(LIMITS, client_max_mb=1))
    action_id = an_action_id(world)
    added(world, a_file(files, "plan.txt", b"x" * 400_000), Entity.ACTION, action_id)
    for who, room_bytes in (("sales", 600_000), ("reader", None)):
        found = documents_of(with_files(world, files, who), entity="action", entity_id=action_id)
        assert found.room_bytes == room_bytes
    found = documents_of(a_context(world, "sales"), entity="action", entity_id=action_id)
    assert found.room_bytes is None


def test_what_is_deleted_takes_its_documents_along_but_those_that_hang_elsewhere(world: World, files: Files):
    sub_id = an_action(world)
    action_id = the_chain(world, sub_id).action.id
    gone = added(world, a_file(files, "a.txt", b"a"), Entity.ACTION, action_id)
    kept = added(world, a_file(files, "b.txt", b"b"), Entity.ACTION, action_id)
    ctx = a_context(world, "sales")
    attach_document(ctx, document_id=kept, entity="client", entity_id=world.dupont)
    delete_sub_action(ctx, sub_action_id=sub_id, version=the_sub(world, sub_id).version)
    with pytest.raises(NotFound):
        open_document(ctx, document_id=gone)
    [(document, link)] = client_documents(ctx, client_id=world.dupont).documents
    assert (document.id, link.entity) == (kept, Entity.CLIENT)
