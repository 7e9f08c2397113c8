"""What is written comes back the same, with its types, on both engines; a stale version writes nothing."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError, StatementError

from lib.db import tables as t
from lib.domain.chain import FollowUp, Status
from lib.domain.changes import Change
from lib.domain.drafts import Draft
from tests.builders import NOW, a_sub_action, an_action, the_chain, the_sub

LATE = datetime(2026, 3, 4, 23, 59, 30, 123456, tzinfo=UTC)


def test_every_field_of_a_sub_action_comes_back(world, db):
    sub_id = an_action(world)
    wanted = a_sub_action(
        id=sub_id, action_id=the_sub(world, sub_id).action_id, seq=1, site_id=world.plant, contact_id=world.anne,
        domain_id=world.gas, nature_id=world.call, reason_id=world.quote, assignee_id=world.colleague,
        org_unit_id=world.tele, status=Status.DONE, planned_date=date(2026, 2, 28), planned_time=time(8, 5),
        duration_min=75, detail_text="Éléphant", done_on=date(2024, 2, 29), done_time=time(0, 0), done_duration_min=1,
        result_id=world.reached, report_text="ß « œ » 😀", reported_by=world.sales, reported_at=LATE,
        follow_up=FollowUp.DEAL, cancelled_at=LATE, cancelled_by=world.admin, cancel_reason="doublon",
        created_by=world.sales, created_at=NOW, version=2, participant_ids=frozenset({world.colleague, world.manager}),
    )  # fmt: skip
    written = {f.name: getattr(wanted, f.name) for f in fields(wanted) if f.name not in ("id", "version")}
    assert db.write(lambda store: store.actions.update_sub_action(sub_id, version=1, values=written))

    assert the_sub(world, sub_id) == wanted


def test_a_long_text_is_whole_when_it_is_asked_for_and_cut_in_lists(world, db):
    long = "é" * 5_000
    sub_id = an_action(world, detail=f"<p>{long}</p>")
    assert db.read(lambda store: store.actions.texts(sub_id))[0] == f"<p>{long}</p>"
    assert the_sub(world, sub_id).detail_text == "é" * 600


@pytest.mark.parametrize("gesture", ["update_sub_action", "delete_sub_action"])
def test_a_stale_version_writes_nothing(world, db, gesture):
    sub_id = an_action(world)
    more = {"values": {"duration_min": 5, "participant_ids": frozenset({world.manager})}} if "update" in gesture else {}
    before = the_chain(world, sub_id)

    assert db.write(lambda store: getattr(store.actions, gesture)(sub_id, version=7, **more)) is False

    assert the_chain(world, sub_id) == before


def test_numbers_are_given_in_order_and_not_used_up_by_a_rollback(world, db):
    class Undone(Exception):
        pass

    def take(store) -> None:
        assert store.actions.next_number() == 1
        raise Undone

    for _ in range(2):
        with pytest.raises(Undone):
            db.write(take)
    assert [db.write(lambda store: store.actions.next_number()) for _ in range(3)] == [1, 2, 3]


def test_what_a_reader_writes_is_not_kept(world, db):
    db.read(lambda store: store.actions.next_number())
    assert db.write(lambda store: store.actions.next_number()) == 1


def test_a_deal_keeps_its_amount_to_the_cent(world, db):
    values = {"client_id": world.dupont, "title": "Contrat", "amount_eur": Decimal("1234567890.12"),
              "expected_on": date(2026, 4, 1), "owner_id": world.sales, "created_by": world.sales,
              "created_at": LATE}  # fmt: skip
    deal_id = db.write(lambda store: store.deals.add(values))
    deal = db.read(lambda store: store.deals.get(deal_id))
    assert deal is not None
    assert (deal.amount_eur, deal.expected_on) == (Decimal("1234567890.12"), date(2026, 4, 1))
    assert [each.id for each in db.read(lambda store: store.deals.of_client(world.dupont))] == [deal_id]


def test_a_draft_comes_back_with_its_types_and_replaces_the_one_before(world, db):
    content = {"done_on": date(2026, 3, 4), "done_time": time(9, 5), "report": "<p>é</p>", "participants": [1, 2],
               "next": {"planned_date": date(2026, 3, 9), "duration": None}}  # fmt: skip
    sub_id = an_action(world)
    for text in ("first", "last"):
        draft = Draft(world.sales, "report", sub_id, content | {"report": text}, 3, LATE)
        db.write(lambda store, draft=draft: store.drafts.put(draft))

    assert db.read(lambda store: store.drafts.get(world.sales, "report", sub_id)) == draft
    assert db.read(lambda store: store.drafts.of_person(world.sales)) == [draft]
    assert db.read(lambda store: store.drafts.get(world.colleague, "report", sub_id)) is None
    db.write(lambda store: store.drafts.delete(world.sales, "report", sub_id))
    assert db.read(lambda store: store.drafts.get(world.sales, "report", sub_id)) is None


def test_the_journal_tells_what_came_after_a_version(world, db):
    values = {f.name: None for f in fields(Change)} | {
        "id": 0, "operation_id": "a" * 32, "operation": "edit", "at": LATE, "person_id": world.sales,
        "entity": "sub_action", "entity_id": 900, "entity_key": "", "action_id": 90, "field": "status",
        "old": "to_plan", "new": "planned",
    }  # fmt: skip
    db.write(lambda store: store.changes.add(Change(**values | {"version": version}) for version in (2, 3, 4)))
    found = db.read(lambda store: store.changes.since("sub_action", 900, 2))
    assert [(change.version, change.at, change.new) for change in found] == [(3, LATE, "planned"), (4, LATE, "planned")]
    assert len(db.read(lambda store: store.changes.of_operation("a" * 32))) == 3
    assert [c.version for c in db.read(lambda store: store.changes.of_action(90, limit=2))] == [4, 3]


def test_a_request_is_known_to_its_person_only(world, db):
    db.write(lambda store: store.requests.add("key", world.sales, "create_action", 12, NOW))
    assert db.read(lambda store: store.requests.result_of("key", world.sales)) == 12
    assert db.read(lambda store: store.requests.result_of("key", world.far)) is None


@pytest.mark.parametrize(
    "wrong",
    [{"status": "lost"}, {"status": "planned", "planned_date": None}, {"status": "done", "done_on": None}, {"seq": 1},
     {"nature_id": 4040}, {"assignee_id": 4040}, {"client_id": 4040}],
    ids=str,
)  # fmt: skip
def test_the_database_itself_refuses_what_no_rule_allows(world, db, wrong):
    sub = the_sub(world, an_action(world))
    values = {"action_id": sub.action_id, "seq": 2, "client_id": world.dupont, "nature_id": world.call,
              "status": "to_plan", "is_open": True, "listed_at": datetime(2026, 3, 4), "created_by": world.sales,
              "created_at": NOW}  # fmt: skip
    with pytest.raises(IntegrityError):
        db.write(lambda store: store.connection.execute(insert(t.sub_action).values(values | wrong)))


def test_an_instant_without_a_zone_is_refused(world, db):
    with pytest.raises(StatementError, match="aware"):
        db.write(lambda store: store.requests.add("key", world.sales, "x", 1, datetime(2026, 3, 4)))


def test_an_instant_comes_back_in_utc_whatever_zone_it_was_said_in(world, db):
    from zoneinfo import ZoneInfo

    db.write(lambda store: store.requests.add("k", world.sales, "x", 1, LATE.astimezone(ZoneInfo("Asia/Tokyo"))))
    stored = db.read(lambda store: store.connection.scalar(select(t.request.c.at)))
    assert (stored, stored.utcoffset().total_seconds()) == (LATE, 0)
