"""What gathers around the demo's actions: as people could have typed, sent, received and handed it in."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time

import pytest

from lib.db import tables as t
from lib.domain.actions import open_action
from lib.domain.documents import client_documents, documents_of
from lib.domain.exchanges import exchange_count, exchanges_of_action
from lib.domain.holders import Entity
from lib.domain.inbox import list_inbox
from lib.domain.message_templates import message_templates, unknown_fields
from lib.domain.people import UnitKind
from lib.domain.service_reports import ReportFilter, list_service_reports, open_service_report, shown_report_number
from tests.demo.conftest import PARIS, TODAY, Demo, files
from tests.demo.test_demo import context_of, reference_of

pytestmark = pytest.mark.xdist_group("demo")

MIDNIGHT = datetime.combine(TODAY, time.min, PARIS).astimezone(UTC)


# ---- clients


def checks(digits: str) -> bool:
    """Luhn's sum, as INSEE's numbers have it."""
    doubled = [int(d) * (1 + place % 2) for place, d in enumerate(reversed(digits))]
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def test_sirets_check_and_are_of_no_company_that_exists(told: Demo) -> None:
    sirets = [row["siret"] for row in told.rows(t.client) if row["siret"]]
    assert 120 < len(sirets) == len(set(sirets))
    for siret in sirets:
        assert len(siret) == 14
        assert siret.startswith("0")  # no SIREN that was ever given does
        assert checks(siret)
        assert checks(siret[:9])


def test_sites_of_the_web_belong_to_nobody_and_places_lie_in_their_towns(told: Demo) -> None:
    websites = [row["website"] for row in told.rows(t.client) if row["website"]]
    assert len(websites) > 100
    assert all(each.startswith("https://www.") and each.endswith(".example") for each in websites)
    placed = [row for row in told.rows(t.site) if row["latitude"] is not None]
    assert len(placed) > 80
    for row in placed:
        assert 44.9 < row["latitude"] < 48.9
        assert 2.3 < row["longitude"] < 6.2


# ---- deals


def test_every_stage_has_deals_and_the_first_ones_led_to_by_no_report(told: Demo) -> None:
    stages = {row["id"]: row["label"] for row in told.rows(t.deal_stage)}
    counts = Counter(stages[row["stage_id"]] for row in told.rows(t.deal))
    assert set(counts) == set(stages.values())
    assert min(counts.values()) >= 4
    linked = {row["deal_id"] for row in told.rows(t.action)}
    assert sum(row["id"] not in linked for row in told.rows(t.deal)) == 9
    assert all(row["owner_id"] and row["created_at"] < MIDNIGHT for row in told.rows(t.deal))


# ---- service reports


def test_technicians_have_written_reports_of_what_is_over(told: Demo) -> None:
    reference = reference_of(told.db)
    reports = told.rows(t.service_report)
    assert [row["number"] for row in reports] == list(range(1, 37))
    assert sorted(reports, key=lambda row: row["created_at"]) == reports
    for row in reports:
        assert reference.units[row["org_unit_id"]].kind == UnitKind.SERVICE
        assert reference.people[row["technician_id"]].is_active
        start = datetime.combine(row["done_on"], row["start_time"], PARIS)
        assert start < row["created_at"] < MIDNIGHT
        assert row["done_on"].weekday() < 5
    by_technician = Counter(row["technician_id"] for row in reports)
    assert len(by_technician) == 2
    assert max(row["done_on"] for row in reports) > TODAY.replace(day=1)


def test_some_actions_were_born_from_a_report_and_say_so_in_their_first_line(told: Demo) -> None:
    reports = {row["id"]: row for row in told.rows(t.service_report)}
    born = [row for row in told.rows(t.action) if row["service_report_id"]]
    assert len(born) == 12
    firsts = {row["action_id"]: row for row in told.rows(t.sub_action) if row["seq"] == 1}
    for action in born:
        report, first = reports[action["service_report_id"]], firsts[action["id"]]
        assert report["client_id"] == action["client_id"]
        assert report["created_at"] < action["created_at"]
        assert (report["site_id"], report["contact_id"]) == (first["site_id"], first["contact_id"])
        assert first["detail_text"].startswith(f"Suite au {shown_report_number(report['number'])} du ")
    assert sum(action["status"] in ("to_plan", "planned") for action in born) >= 4
    ctx = context_of(told.db, "admin@relais.example")
    assert list_service_reports(ctx, chosen=ReportFilter()).total == 36
    sub = firsts[born[0]["id"]]["id"]
    assert open_action(ctx, sub_action_id=sub).born_from
    assert open_service_report(ctx, report_id=born[0]["service_report_id"]).body_html


# ---- exchanges


def test_messages_are_with_contacts_of_the_client_and_none_is_of_the_future(told: Demo) -> None:
    contacts = {row["id"]: row for row in told.rows(t.contact)}
    actions = {row["id"]: row for row in told.rows(t.action)}
    by_message_id = {row["message_id"]: row for row in told.rows(t.exchange) if row["message_id"]}
    attached = [row for row in told.rows(t.exchange) if row["action_id"]]
    assert 60 <= len(attached) <= 80
    for row in attached:
        contact, action = contacts[row["contact_id"]], actions[row["action_id"]]
        assert row["client_id"] == action["client_id"] == contact["client_id"]
        assert (row["correspondent_name"], row["correspondent_email"]) == (contact["name"], contact["email"])
        assert action["created_at"] <= row["at"] < MIDNIGHT
        assert row["body_text"]
        assert "{" not in row["body_text"] + row["subject"]
        assert bool(row["message_id"]) == (row["state"] != "recorded")
        if row["in_reply_to"]:
            first = by_message_id[row["in_reply_to"]]
            assert first["action_id"] == row["action_id"]
            assert first["at"] < row["at"]
    assert {row["state"] for row in attached} == {"recorded", "sent", "received"}
    kinds = {row["id"]: row["label"] for row in told.rows(t.exchange_kind)}
    assert {kinds[row["kind_id"]] for row in attached} == set(kinds.values())
    assert told.rows(t.outbox) == []


@pytest.mark.parametrize("who", ["televente", "commercial"])
def test_a_reminder_waits_on_an_open_action_of_the_accounts_to_try(told: Demo, who: str) -> None:
    ctx = context_of(told.db, f"{who}@relais.example")
    reminders = {row["id"] for row in told.rows(t.exchange_kind) if row["is_reminder"]}
    mine = {row["action_id"]: row for row in told.rows(t.sub_action)
            if row["is_open"] and row["assignee_id"] == ctx.person.id}  # fmt: skip
    about = [row["action_id"] for row in told.rows(t.exchange) if row["kind_id"] in reminders and row["action_id"] in mine]  # noqa: E501  # fmt: skip
    assert about
    chain = open_action(ctx, sub_action_id=mine[about[0]]["id"]).chain
    assert exchange_count(ctx, chain=chain).has_reminder
    assert exchanges_of_action(ctx, chain=chain)


def test_two_messages_wait_to_be_attached_one_from_nobody_known(told: Demo) -> None:
    inbox = list_inbox(context_of(told.db, "manager@relais.example"))
    assert len(inbox.rows) == 2
    assert {row.exchange.client_id is None for row in inbox.rows} == {True, False}


def test_three_templates_have_fields_that_mean_something(told: Demo) -> None:
    templates = message_templates(context_of(told.db, "admin@relais.example"))
    assert [each.label for each in templates] == [
        "Envoi de la plaquette", "Confirmation de rendez-vous", "Relance de devis"
    ]  # fmt: skip
    assert [unknown_fields(each) for each in templates] == [(), (), ()]
    assert all("{" in each.body_html for each in templates)


# ---- documents


def test_documents_are_real_files_of_what_they_say(told: Demo) -> None:
    documents = told.rows(t.document)
    assert {row["media_type"] for row in documents} == {"application/pdf", "image/png", "text/plain"}
    previews = files().previews
    for sha256, media_type in {(row["sha256"], row["media_type"]) for row in documents}:
        assert files().blobs.exists(sha256)
        if media_type == "text/plain":
            assert previews.text(sha256, media_type)
        else:
            assert previews.pages(sha256, media_type) == 1
            picture = previews.picture(sha256, media_type, page=1, max_side=400)
            assert picture
            assert len(picture.data) > 500
    assert max(row["size_bytes"] for row in documents) < 50_000


def test_documents_hang_on_records_of_their_client(told: Demo) -> None:
    documents = {row["id"]: row for row in told.rows(t.document)}
    tables = {"action": t.action, "exchange": t.exchange, "deal": t.deal, "service_report": t.service_report}
    records = {name: {row["id"]: row for row in told.rows(table)} for name, table in tables.items()}
    links = told.rows(t.document_link)
    assert {link["entity"] for link in links} == {"action", "exchange", "deal", "service_report", "client"}
    for link in links:
        document = documents[link["document_id"]]
        client_id = (
            link["entity_id"] if link["entity"] == "client"
            else records[link["entity"]][link["entity_id"]]["client_id"]
        )  # fmt: skip
        assert document["client_id"] == client_id
        assert document["created_at"] < MIDNIGHT
    brochures = [row for row in documents.values() if row["name"] == "Présentation de la société.pdf"]
    assert len(brochures) == 30
    assert len({row["sha256"] for row in brochures}) == 1  # kept once


def test_the_told_story_has_its_message_its_answer_and_its_documents(told: Demo) -> None:
    ctx = context_of(told.db, "commercial@relais.example")
    client = next(row for row in told.rows(t.client) if row["name"] == "Résidence Les Glycines")
    exchanges = [row for row in told.rows(t.exchange) if row["client_id"] == client["id"]]
    assert {row["direction"] for row in exchanges} == {"sent", "received"}
    assert client_documents(ctx, client_id=client["id"]).total >= 3
    (action,) = {row["action_id"] for row in exchanges}
    assert documents_of(ctx, entity=Entity.ACTION, entity_id=action).documents
