"""The demo is what was promised, and is stored as if people had typed it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import Table, select, text

from lib import demo
from lib.db import tables as t
from lib.db.clients import SqlClients
from lib.db.engine import Database
from lib.db.search import index_sub_actions
from lib.demo.absences import absence_rows
from lib.demo.clients import STORY_DONE, STORY_TO_PLAY
from lib.domain import richtext
from lib.domain.absences import AbsenceKind, absences_between, overlapping
from lib.domain.actions import create_action, open_chain
from lib.domain.chain import Action, Chain, FollowUp, Status, SubAction, chain_status, is_late, listed_at
from lib.domain.clients import checked_place
from lib.domain.context import Context, context_for
from lib.domain.errors import DomainError
from lib.domain.lists import ActionFilter, list_actions
from lib.domain.reference import Reference
from lib.domain.reports import enter_report
from lib.domain.working_hours import week_minutes
from tests.demo.conftest import PARIS, PASSWORD, TODAY, Demo, all_rows, seeded
from tests.gates import CountingPasswords

# One worker for the file: each makes the demo of its own.
pytestmark = pytest.mark.xdist_group("demo")

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def reference_of(db: Database) -> Reference:
    return db.read(lambda store: store.reference())


def chains_of(told: Demo) -> list[Chain]:
    """Every chain with whole texts, read from the rows themselves."""
    names, action_names = [f.name for f in fields(SubAction)], [f.name for f in fields(Action)]
    participants: defaultdict[int, set[int]] = defaultdict(set)
    for row in told.rows(t.sub_action_participant):
        participants[row["sub_action_id"]].add(row["person_id"])
    subs: defaultdict[int, list[SubAction]] = defaultdict(list)
    for row in sorted(told.rows(t.sub_action), key=lambda each: each["seq"]):
        columns = {name: row[name] for name in names if name != "participant_ids"}
        columns["follow_up"] = FollowUp(row["follow_up"]) if row["follow_up"] else None
        columns |= {"status": Status(row["status"]), "participant_ids": frozenset(participants[row["id"]])}
        subs[row["action_id"]].append(SubAction(**columns))
    return [
        Chain(Action(**{name: row[name] for name in action_names}), tuple(subs[row["id"]]))
        for row in told.rows(t.action)
    ]


def context_of(db: Database, email: str) -> Context:
    reference = reference_of(db)
    person = next(each for each in reference.people.values() if each.email == email)
    return context_for(person.id, now=NOW, zone=PARIS, db=db, reference=reference)


# ---- what was promised


def test_it_holds_as_much_as_the_readme_says(told):
    counts = {table.name: len(told.rows(table)) for table in (t.person, t.client, t.sub_action, t.action, t.deal)}
    assert counts == {"person": 12, "client": 150, "sub_action": 3000, "action": 1150, "deal": 69}
    kinds = Counter(unit["kind"] for unit in told.rows(t.org_unit))
    assert kinds["sales"] == 3
    assert len({unit["business_activity_id"] for unit in told.rows(t.org_unit)}) == len(told.rows(t.org_unit))


def test_people_show_each_case_of_the_deduced_unit(told):
    reference = reference_of(told.db)
    units = {person.name: [u.name for u in reference.sales_units_of(person.id)] for person in reference.people.values()}
    preferred = {m.person_id for m in reference.memberships if m.is_preferred}
    ids = {person.name: person.id for person in reference.people.values()}
    assert len(units["Thomas Vidal"]) == 2
    assert ids["Thomas Vidal"] in preferred
    assert reference.deduced_unit_of(ids["Thomas Vidal"]).name == "Commerce Nettoyage & propreté"
    assert len(units["Inès Carpentier"]) == 2
    assert ids["Inès Carpentier"] not in preferred
    assert reference.deduced_unit_of(ids["Inès Carpentier"]).name == units["Inès Carpentier"][0]
    assert reference.unit_ids_of(ids["Julien Faure"]) == frozenset()
    assert [p.name for p in reference.people.values() if not p.is_active] == ["Bernard Petit"]


def test_each_kind_of_label_has_a_disabled_value(told):
    for table in (t.action_domain, t.action_nature, t.action_reason, t.origin):
        assert {row["is_active"] for row in told.rows(table)} == {True, False}


def test_each_account_announced_lets_somebody_in(told):
    emails = [account.email.partition("@")[0] for account in told.accounts]
    assert emails == ["televente", "commercial", "manager", "admin", "lecture"]
    people = {person["email"]: person for person in told.rows(t.person)}
    credentials = {row["person_id"]: row for row in told.rows(t.credential)}
    for account in told.accounts:
        credential = credentials[people[account.email]["id"]]
        assert credential["password_hash"].endswith(PASSWORD)
        assert not credential["must_change"]
    assert people["bernard.petit@relais.example"]["id"] not in credentials


def test_accounts_are_told_again_while_their_password_is_the_demos(told):
    hasher = CountingPasswords()
    assert demo.untouched_accounts(told.db, password=PASSWORD, hasher=hasher) == told.accounts
    assert len(hasher.checked) == 1
    assert demo.untouched_accounts(told.db, password="another one", hasher=hasher) == []


def test_most_is_done_and_every_way_of_being_open_is_there(told):
    subs = [sub for chain in chains_of(told) for sub in chain.sub_actions]
    shares = {status: round(100 * count / 3000) for status, count in Counter(sub.status for sub in subs).items()}
    assert shares[Status.CANCELLED] == 4
    assert shares[Status.DONE] == 88
    opened = [sub for sub in subs if sub.is_open]
    midnight = datetime.combine(TODAY, time.min)
    assert len([sub for sub in opened if is_late(sub, midnight)]) == 25
    assert len([sub for sub in opened if sub.assignee_id is None]) == 15
    assert {sub.planned_date is None for sub in opened if sub.status == Status.TO_PLAN} == {True, False}
    assert max(sub.planned_date for sub in opened if sub.planned_date) <= TODAY + timedelta(days=28)
    assert len([sub for sub in subs if sub.reported_by and sub.reported_by != sub.assignee_id]) > 50
    assert all(sub.cancel_reason for sub in subs if sub.status == Status.CANCELLED)


def test_each_active_salesperson_has_a_day_full_but_not_too_full(told):
    reference = reference_of(told.db)
    technicians = {row["technician_id"] for row in told.rows(t.service_report)}
    sales = {
        p.id for p in reference.people.values() if p.is_active and reference.profiles[p.profile_id].code == "sales"
    } - technicians
    today = Counter(
        sub.assignee_id for chain in chains_of(told) for sub in chain.sub_actions
        if sub.is_open and sub.planned_date == TODAY
    )  # fmt: skip
    assert set(today) == sales
    assert all(4 <= count <= 8 for count in today.values())


def test_one_action_in_ten_or_so_is_linked_to_a_deal_of_its_client(told):
    deals = {deal["id"]: deal for deal in told.rows(t.deal)}
    linked = [chain.action for chain in chains_of(told) if chain.action.deal_id]
    assert 90 <= len(linked) <= 150
    assert all(deals[action.deal_id]["client_id"] == action.client_id for action in linked)


def test_phone_numbers_belong_to_nobody(told):
    rows = [row for table in (t.client, t.site, t.contact) for row in told.rows(table)]
    assert {row["phone"][:8] for row in rows} == {"01 99 00", "04 65 71", "06 39 98"}
    assert all(row["email"].endswith(".example") for row in told.rows(t.contact))


# ---- stored as if typed


def test_what_follows_from_a_chain_is_what_the_domain_says(told):
    rows = {row["id"]: row for row in told.rows(t.sub_action)}
    for chain in chains_of(told):
        assert chain.action.status == chain_status(chain.sub_actions)
        assert chain.action.next_seq == len(chain.sub_actions) + 1
        assert chain.action.org_unit_id == chain.last.org_unit_id
        takers = [sub.assignee_id for sub in chain.sub_actions if sub.assignee_id]
        assert chain.action.responsible_id == (takers[-1] if takers else chain.action.created_by)
        for sub in chain.sub_actions:
            row = rows[sub.id]
            assert row["listed_at"] == listed_at(sub, PARIS)
            assert row["is_open"] == sub.is_open
            assert row["client_id"] == chain.action.client_id
            for name in ("detail", "report"):
                assert row[f"{name}_html"] == richtext.clean(row[f"{name}_html"])
                assert row[f"{name}_text"] == richtext.text_of(row[f"{name}_html"])
            assert row["detail_text"]


def test_numbers_follow_each_other_without_a_hole(told):
    chains = chains_of(told)
    assert [chain.action.number for chain in chains] == list(range(1, 1151))
    assert sorted(chains, key=lambda chain: chain.action.created_at) == chains
    for chain in chains:
        assert [sub.seq for sub in chain.sub_actions] == list(range(1, len(chain.sub_actions) + 1))


def test_a_chain_goes_forward_in_time_and_tells_nothing_of_the_future(told):
    start_of_today = datetime.combine(TODAY, time.min, PARIS)
    for chain in chains_of(told):
        ended = chain.action.created_at
        for sub in chain.sub_actions:
            assert sub.created_at >= ended
            over_at = sub.reported_at or sub.cancelled_at
            assert sub.is_open == (over_at is None)
            assert sub.is_open is False or sub is chain.last
            if sub.done_on:
                done_at = datetime.combine(sub.done_on, sub.done_time, PARIS)
                assert sub.created_at < done_at + timedelta(minutes=sub.done_duration_min) <= over_at
                assert sub.done_on.weekday() < 5
            if sub.planned_date and sub.planned_date != TODAY:
                assert sub.planned_date.weekday() < 5
            ended = over_at or ended
        assert ended < start_of_today


def test_a_report_says_something_and_its_follow_up_is_there(told):
    reference = reference_of(told.db)
    for chain in chains_of(told):
        for sub, following in zip(chain.sub_actions, [*chain.sub_actions[1:], None], strict=True):
            if sub.status != Status.DONE:
                continue
            assert sub.report_text
            assert sub.result_id in {result.id for result in reference.results_of(sub.nature_id)}
            assert (sub.follow_up == FollowUp.SUB_ACTION) == (following is not None)
            if following:
                assert (following.created_by, following.created_at) == (sub.reported_by, sub.reported_at)
            if sub.follow_up == FollowUp.DEAL:
                assert chain.action.deal_id


def test_people_units_places_and_labels_fit_together(told):
    reference = reference_of(told.db)
    files = told.db.read(lambda store: {row["id"]: store.clients.file(row["id"]) for row in told.rows(t.client)})
    for chain in chains_of(told):
        for sub in chain.sub_actions:
            checked_place(files[chain.action.client_id], site_id=sub.site_id, contact_id=sub.contact_id)
            assert sub.domain_id in {domain.id for domain in reference.domains_of_unit(sub.org_unit_id)}
            assert sub.reason_id is None or sub.reason_id in {r.id for r in reference.reasons_of(sub.nature_id)}
            assert not sub.participant_ids or reference.natures[sub.nature_id].asks_participants
            if sub.assignee_id:
                units = {unit.id for unit in reference.sales_units_of(sub.assignee_id)}
                assert sub.org_unit_id in units or (sub.org_unit_id is None and not units)
            if sub.is_open:
                chosen = (reference.natures[sub.nature_id], reference.domains[sub.domain_id])
                assert all(each.is_active for each in chosen)
                assert sub.assignee_id is None or reference.people[sub.assignee_id].is_active


def test_documents_of_the_search_are_those_of_a_later_change(told):
    sql = text(
        "select rowid, doc from sub_action_search" if told.db.is_sqlite else "select id, doc from sub_action_search"
    )
    with told.db.engine.connect() as connection:
        before = dict(iter(connection.execute(sql)))
        assert len(before) == 3000
        connection.exec_driver_sql("SAVEPOINT s")
        for sub_action_id in range(1, 3001, 29):
            index_sub_actions(connection, [sub_action_id])
        assert dict(iter(connection.execute(sql))) == before
        connection.rollback()


def test_words_of_clients_are_those_of_a_later_change(told):
    with told.db.engine.connect() as connection:
        before = connection.execute(
            select(t.client_word).order_by(t.client_word.c.word, t.client_word.c.client_id)
        ).all()
        connection.exec_driver_sql("SAVEPOINT s")
        for client_id in range(1, 151, 7):
            SqlClients(connection).index(client_id)
        after = connection.execute(
            select(t.client_word).order_by(t.client_word.c.word, t.client_word.c.client_id)
        ).all()
        assert after == before
        connection.rollback()


def test_the_journal_tells_the_versions_of_what_it_follows(told):
    changes = told.rows(t.change)
    assert {change["operation"] for change in changes} == {
        "create", "enter_report", "cancel", "create_deal", "write_service_report", "record_exchange", "add_document",
        "add_template",
    }  # fmt: skip
    latest: dict[tuple[str, int], int] = {}
    for change in changes:
        key = (change["entity"], change["entity_id"])
        if key[0] == "document":  # whose rows have no version
            continue
        assert change["version"] >= latest.get(key, 1)
        latest[key] = change["version"]
    versions = {("action", row["id"]): row["version"] for row in told.rows(t.action)}
    for table in (t.sub_action, t.deal, t.service_report, t.exchange, t.message_template):
        versions |= {(table.name, row["id"]): row["version"] for row in told.rows(table)}
    assert latest == {key: versions[key] for key in latest}


# ---- when it is made


def test_the_same_day_gives_the_same_rows(told, db, tables: list[Table]):
    assert demo.is_empty(db)
    seeded(db)
    for table in tables:
        assert all_rows(db, table) == told.rows(table), table.name


@pytest.mark.parametrize("today", [date(2027, 2, 28), date(2028, 1, 1), date(2028, 2, 29)])
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_any_day_will_do(db, today):
    seeded(db, today)
    assert len(all_rows(db, t.sub_action)) == 3000
    assert [row for row in all_rows(db, t.sub_action) if row["is_open"] and row["planned_date"] == today]


def test_it_refuses_a_database_that_holds_anything(told):
    assert not demo.is_empty(told.db)
    with pytest.raises(DomainError, match="empty database"):
        seeded(told.db)
    assert len(told.rows(t.person)) == 12


# ---- used


def test_the_story_is_told_once_and_waits_to_be_played(told):
    chains = {chain.action.client_id: chain for chain in chains_of(told)}
    clients = {row["name"]: row["id"] for row in told.rows(t.client)}
    done, to_play = chains[clients[STORY_DONE]], chains[clients[STORY_TO_PLAY]]
    assert [sub.status for sub in done.sub_actions] == [Status.DONE, Status.DONE, Status.PLANNED]
    ctx = context_of(told.db, "manager@relais.example")
    assert open_chain(ctx, action_id=done.action.id).action.responsible_id == done.last.assignee_id
    assert [(sub.status, sub.planned_date) for sub in to_play.sub_actions] == [(Status.TO_PLAN, None)]


def test_a_newcomer_plays_the_story_and_new_numbers_follow_the_demos(own_demo):
    db = own_demo
    telesales = context_of(db, "televente@relais.example")
    [row] = list_actions(telesales, chosen=ActionFilter(text="hotel terrasses")).rows
    assert row.sub.assignee_id == telesales.person.id
    field = next(
        p for p in telesales.db.read(lambda s: s.reference()).people.values() if p.email.startswith("commercial")
    )
    natures = {nature.label: nature.id for nature in reference_of(db).natures.values()}

    def report(sub_action_id: int, **following: object) -> int:
        raw = {
            "done_on": TODAY, "report": "<p>Fait.</p>", "follow_up": "sub_action",
            "next": {"status": "to_plan", "detail": "<p>La suite.</p>", **following},
        }  # fmt: skip
        return enter_report(telesales, sub_action_id=sub_action_id, version=1, raw=raw, request_key=str(sub_action_id))

    document = report(row.sub.id, nature=natures["Envoi de document"], assignee=telesales.person.id)
    meeting = report(document, nature=natures["Rendez-vous"], assignee=field.id)
    chain = open_chain(context_of(db, "manager@relais.example"), action_id=row.action.id)
    assert [sub.seq for sub in chain.sub_actions] == [1, 2, 3]
    assert chain.last.id == meeting == 3002
    assert chain.action.responsible_id == field.id
    raw = {"client": row.action.client_id, "nature": natures["Appel"], "status": "to_plan", "detail": "<p>Neuf.</p>",
           "assignee": telesales.person.id}  # fmt: skip
    created = create_action(telesales, raw=raw, request_key="new")
    assert open_chain(telesales, action_id=db.read(lambda s: s.actions.action_id_of(created))).action.number == 1151


# ---- absences and hours


def test_somebody_of_the_manager_s_unit_is_away_next_week_with_actions_planned(told):
    ctx = context_of(told.db, "manager@relais.example")
    monday = TODAY + timedelta(days=7 - TODAY.weekday())
    friday = monday + timedelta(days=4)
    people = {each.name: each.id for each in reference_of(told.db).people.values()}
    camille = people["Camille Roussel"]
    (away,) = absences_between(ctx, person_ids=[camille], first=monday, last=friday)
    assert (away.kind, away.starts_on, away.ends_on) == ("leave", monday, friday)
    chosen = ActionFilter(
        assignee_ids=frozenset({camille}), statuses=frozenset({Status.PLANNED}), from_date=monday, to_date=friday
    )
    assert list_actions(ctx, chosen=chosen).total >= 3


def test_absences_are_such_as_people_could_have_typed(told):
    ctx = context_of(told.db, "admin@relais.example")
    everybody = list(reference_of(told.db).people)
    far = timedelta(days=400)
    found = absences_between(ctx, person_ids=everybody, first=TODAY - far, last=TODAY + far)
    assert len(found) == len(told.rows(t.absence))
    assert {each.kind for each in found} == set(AbsenceKind)
    assert any(each.end_time for each in found if each.kind == AbsenceKind.TRAINING)  # half a day
    for absence in found:
        assert absence.span.start < absence.span.end
        assert absence.created_at
        assert absence.created_at < NOW
        assert overlapping(absence, found) is None


def test_nothing_was_done_by_somebody_who_was_away(told):
    away = [(row["person_id"], row["starts_on"], row["ends_on"]) for row in told.rows(t.absence)]
    for row in told.rows(t.sub_action):
        if row["done_on"] and row["done_on"] < TODAY - timedelta(days=TODAY.weekday()):
            assert not any(row["reported_by"] == who and a <= row["done_on"] <= b for who, a, b in away)


def test_one_person_works_part_time(told):
    weeks = reference_of(told.db).weeks
    ((person_id, week),) = weeks.items()
    assert reference_of(told.db).people[person_id].name == "Inès Carpentier"
    assert week_minutes(week) == 28 * 60
    assert not [period for period in week if period.weekday == 2]


@pytest.mark.parametrize("today", [date(2026, 11, 29), date(2026, 11, 30), date(2028, 2, 29), date(2026, 12, 31)])
def test_next_week_s_leave_is_next_week_whatever_the_day(today):
    first = absence_rows(today)[t.absence][0]
    assert 0 < (first["starts_on"] - today).days <= 7
    assert first["starts_on"].weekday() == 0
    assert (first["ends_on"] - first["starts_on"]).days == 4
