"""Documents in the storage: an index behind each question, the same few statements for three as for three hundred."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

import pytest

from lib.domain.context import Context
from lib.domain.documents import client_documents, count_documents, documents_of, kept_document, open_document
from lib.domain.files import AcceptedFile
from lib.domain.holders import Entity
from tests.builders import NOW, World, a_context, an_action, the_chain
from tests.db.test_plans import plans

FILE = AcceptedFile("devis.pdf", "ab" * 32, 10, "application/pdf")


@pytest.fixture
def action_id(world: World) -> int:
    return the_chain(world, an_action(world)).action.id


def put_documents(world: World, action_id: int, count: int) -> list[int]:
    """Documents of an action, without the checks of whoever adds them one by one."""

    def write(store: object) -> list[int]:
        return [
            kept_document(
                store, file=FILE, client_id=world.dupont, entity=Entity.ACTION, entity_id=action_id, at=NOW,
                person_id=world.sales,
            )
            for _ in range(count)
        ]  # fmt: skip

    return world.db.write(write)


def reads(ctx: Context, world: World, action_id: int, document_id: int) -> dict[str, Callable[[], object]]:
    return {
        "of an action": lambda: documents_of(ctx, entity="action", entity_id=action_id),
        "count": lambda: count_documents(ctx, action_id=action_id),
        "of a client": lambda: client_documents(ctx, client_id=world.dupont),
        "to attach": lambda: client_documents(ctx, client_id=world.dupont, besides=(Entity.DEAL, 1)),
        "by name": lambda: client_documents(ctx, client_id=world.dupont, text="devis"),
        "one": lambda: open_document(ctx, document_id=document_id),
    }


def test_as_many_statements_for_three_documents_as_for_three_hundred(world: World, action_id: int, count_queries):
    ctx = a_context(world, "sales")
    [first, *_] = put_documents(world, action_id, 3)
    few = {name: count_queries(world.db, read) for name, read in reads(ctx, world, action_id, first).items()}
    put_documents(world, action_id, 300)
    many = {name: count_queries(world.db, read) for name, read in reads(ctx, world, action_id, first).items()}
    assert many == few
    assert few["count"] <= 2
    assert max(few.values()) <= 6


@pytest.mark.parametrize("who", ["sales", "admin"])
def test_no_question_reads_all_documents_or_all_links(world: World, action_id: int, who: str):
    ctx = a_context(world, who)
    [first, *_] = put_documents(world, action_id, 100)
    for name, read in reads(ctx, world, action_id, first).items():
        for plan in plans(world.db, read):
            whole = re.findall(r"Seq Scan on document\w*|SCAN document\w*(?! USING).*|SCAN (?:l|d)\b.*", plan)
            assert not whole, f"{name}: {plan}"


def test_what_a_client_uses_is_summed_by_its_index(world: World, action_id: int):
    put_documents(world, action_id, 10)
    [plan] = plans(world.db, lambda: world.db.read(lambda store: store.documents.used_bytes(world.dupont)))
    assert "ix_document_client_id" in plan
    assert world.db.read(lambda store: store.documents.used_bytes(world.dupont)) == 100
    assert world.db.read(lambda store: store.documents.used_bytes(None)) == 100


def test_a_document_given_to_one_more_record_and_the_collector_wait_for_each_other(world: World):
    """Whichever comes first, nobody is told that he has a document that is gone."""
    for _ in range(10):
        row = {"client_id": world.dupont, "sha256": "0" * 64, "name": "a.pdf", "media_type": "application/pdf"}
        document_id = world.db.write(
            lambda store, row=row: store.documents.add(row | {"size_bytes": 1, "created_at": NOW})
        )
        start, given = threading.Barrier(2), list[bool]()

        def give(store, document_id: int = document_id) -> bool:
            if store.documents.get(document_id, for_update=True) is None:
                return False
            store.documents.link([document_id], Entity.CLIENT, world.dupont, by=None, at=NOW)
            return True

        def collect(store, document_id: int = document_id) -> int:
            return store.documents.forget_unnamed([document_id], is_inline=False)

        def run(work, results: list, start: threading.Barrier = start) -> None:
            start.wait()
            results.append(world.db.write(work))

        threads = [threading.Thread(target=run, args=each) for each in ((give, given), (collect, []))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        is_there = world.db.read(lambda store, one=document_id: store.documents.get(one)) is not None
        assert given == [is_there]
