"""The report, what it starts with, and what follows it (R21–R25); deals."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from lib.db import tables as t
from lib.domain import actions, reports
from lib.domain.chain import FollowUp, Status, delay_days, is_reported_by_colleague
from lib.domain.deals import create_deal, deals_of_client
from lib.domain.errors import DomainError, Invalid, NotAllowed, NotFound
from lib.domain.parameters import HOLIDAY_REGION, REPORT_PREFILL, Prefill
from lib.domain.reports import ReportPrefill, next_defaults, prefilled, proposed_next
from lib.domain.rights import Operation
from tests.builders import (
    NOW,
    TODAY,
    World,
    a_context,
    a_key,
    a_next,
    a_report,
    a_sub_action,
    an_action,
    an_open_context,
    put,
    remove_right,
    set_parameter,
    stored_state,
    the_chain,
    the_sub,
)

SOON = TODAY + timedelta(days=5)
IMAGE = '<p><img src="data:image/png;base64,iVBORw0KGgo="></p>'


def problems(world: World, sub: int, who: str = "sales", **values: Any) -> set[str]:
    """The fields that refuse this report; nothing is stored."""
    before = stored_state(world.db)
    with pytest.raises(Invalid) as refused:
        a_report(world, sub, who, **values)
    assert stored_state(world.db) == before
    return set(refused.value.fields)


@pytest.mark.parametrize("status", ["to_plan", "planned"])
def test_without_a_follow_up_it_is_done_and_nothing_else(world: World, status: str) -> None:
    sub = an_action(world, status=status, planned_date=TODAY - timedelta(days=2))
    assert a_report(world, sub, done_time=time(9), done_duration="0:20", result=world.reached) == sub
    chain = the_chain(world, sub)
    done = chain.last
    assert (chain.action.status, done.status, done.follow_up) == (Status.DONE, Status.DONE, FollowUp.NONE)
    assert (done.done_on, done.done_time, done.done_duration_min, done.result_id) == (
        TODAY, time(9), 20, world.reached)  # fmt: skip
    assert (done.reported_by, done.reported_at, done.report_text) == (world.sales, NOW, "Intéressé")
    assert delay_days(done) == 2
    assert not is_reported_by_colleague(done)


def test_a_next_action_is_created_with_the_report_and_its_assignee_answers_for_the_chain(world: World) -> None:
    first = an_action(world, "tele_sales")
    second = a_report(
        world, first, "tele_sales", follow_up="sub_action",
        next=a_next(world, "sales", nature=world.meeting, participants=[world.far], status="planned",
                    planned_date=SOON, planned_time=time(14)),
    )  # fmt: skip
    chain = the_chain(world, first)
    assert [(sub.seq, sub.status) for sub in chain.sub_actions] == [(1, Status.DONE), (2, Status.PLANNED)]
    assert (chain.action.status, chain.action.responsible_id) == (Status.PLANNED, world.sales)
    assert (chain.last.id, chain.last.assignee_id, chain.last.org_unit_id) == (second, world.sales, world.field)
    assert (chain.last.participant_ids, chain.last.created_by) == ({world.far}, world.tele_sales)
    changes = world.db.read(lambda store: store.changes.of_action(chain.action.id, limit=99))
    gesture = {c.operation_id for c in changes if c.operation == "enter_report"}
    assert {c.operation_id for c in changes if c.entity_id == second and c.entity == "sub_action"} == gesture


def test_a_next_action_that_is_refused_leaves_the_report_unsaved(world: World) -> None:
    sub = an_action(world)
    assert problems(world, sub, follow_up="sub_action", next=a_next(world, nature=world.fax, detail="")) == {
        "next.nature", "next.detail"}  # fmt: skip
    for forged in (None, [], "x", 5, [1], {"nature": {}}):
        found = problems(world, sub, follow_up="sub_action", next=forged)
        assert {name.split(".")[0] for name in found} == {"next"}


def test_a_deal_is_born_from_a_report_and_linked_to_the_action(world: World) -> None:
    sub, ctx = an_action(world), a_context(world, "sales")
    a_report(world, sub, follow_up="deal")
    action_id = the_chain(world, sub).action.id
    raw = {"title": " Contrat \x00gaz ", "amount_eur": "12 500,50", "expected_on": SOON}
    deal = create_deal(ctx, action_id=action_id, raw=raw, request_key=a_key())
    assert the_chain(world, sub).action.deal_id == deal
    (stored,) = deals_of_client(ctx, client_id=world.dupont)
    assert (stored.id, stored.number, stored.title, stored.amount_eur, stored.owner_id) == (
        deal, 1, "Contrat gaz", Decimal("12500.50"), world.sales)  # fmt: skip
    changes = world.db.read(lambda store: store.changes.of_action(action_id, limit=9))
    assert {(c.entity, c.entity_id, c.field) for c in changes if c.operation == "create_deal"} == {
        ("deal", deal, ""), ("action", action_id, "deal_id"), ("sub_action", sub, "deal_id")}  # fmt: skip


def test_a_deal_follows_only_where_the_profile_creates_deals(world: World) -> None:
    sub = an_action(world)
    remove_right(world, "sales", Operation.ADD_DEALS)
    assert problems(world, sub, follow_up="deal") == {"follow_up"}


def test_a_bad_deal_is_refused_whole(world: World) -> None:
    sub, ctx = an_action(world), a_context(world, "sales")
    action_id, before = the_chain(world, sub).action.id, stored_state(world.db)
    for raw, fields in (
        ({}, {"title"}),
        ({"title": "\u200b", "amount_eur": "NaN", "expected_on": "x"}, {"title", "amount_eur", "expected_on"}),
        ({"title": "x" * 161}, {"title"}),
        ({"title": {"a": 1}, "amount_eur": [1], "expected_on": date.max}, {"title", "amount_eur", "expected_on"}),
    ):
        with pytest.raises(Invalid) as refused:
            create_deal(ctx, action_id=action_id, raw=raw, request_key=a_key())
        assert set(refused.value.fields) == fields
    with pytest.raises(NotFound):
        create_deal(ctx, action_id=10**6, raw={"title": "x"}, request_key=a_key())
    assert stored_state(world.db) == before


def test_a_deal_is_created_on_ones_own_action_that_is_not_cancelled(world: World) -> None:
    sub = an_action(world)
    action_id = the_chain(world, sub).action.id
    for who in ("colleague", "reader"):
        with pytest.raises(NotAllowed):
            create_deal(a_context(world, who), action_id=action_id, raw={"title": "x"}, request_key=a_key())
    a_report(world, sub, "colleague", follow_up="deal")  # now it is his too
    assert create_deal(a_context(world, "colleague"), action_id=action_id, raw={"title": "x"}, request_key=a_key())
    other = an_action(world)
    actions.cancel(a_context(world, "sales"), sub_action_id=other, version=1, reason="non")
    cancelled = the_chain(world, other).action.id
    with pytest.raises(NotAllowed, match="cancelled"):
        create_deal(a_context(world, "sales"), action_id=cancelled, raw={"title": "x"}, request_key=a_key())


def test_a_report_says_something_and_when_and_what_follows(world: World) -> None:
    sub = an_action(world)
    w = world
    for fields, values in (
        ({"report"}, {"report": ""}),
        ({"report"}, {"report": "<p><br></p>"}),
        ({"report"}, {"report": None, "result": None}),
        ({"done_on"}, {"done_on": None}),
        ({"done_on"}, {"done_on": ""}),
        ({"done_on"}, {"done_on": TODAY + timedelta(days=1)}),
        ({"done_on"}, {"done_time": time(10, 31)}),  # in a minute
        ({"done_on"}, {"done_on": date(1926, 3, 4)}),
        ({"done_time"}, {"done_time": "10:00"}),
        ({"done_duration"}, {"done_duration": "beaucoup"}),
        ({"result"}, {"result": w.sent}),  # of another nature
        ({"result"}, {"result": w.busy}),  # disabled
        ({"result"}, {"result": 10**6}),
        *(({"follow_up"}, {"follow_up": each}) for each in ("", None, "NONE", "other", 1, [], {"none": 1}, True)),
        ({"report", "done_on", "done_duration", "follow_up"},
         {"report": 5, "done_on": "x", "done_duration": {}, "follow_up": b"none"}),
    ):  # fmt: skip
        assert problems(world, sub, **values) == fields, values
    a_report(world, sub, done_time=time(10, 30), report="", result=world.reached)  # a result says enough


def test_a_duration_not_told_is_that_of_the_sub_action_else_of_its_nature(world: World) -> None:
    told, untold = an_action(world, duration="40"), an_action(world)
    a_report(world, told)
    put(world, t.sub_action, untold, duration_min=None)
    a_report(world, untold)
    assert (the_sub(world, told).done_duration_min, the_sub(world, untold).done_duration_min) == (40, 15)


def test_a_colleague_reports_and_it_shows(world: World) -> None:
    sub = an_action(world)
    a_report(world, sub, "colleague")
    done = the_sub(world, sub)
    assert (done.assignee_id, done.reported_by) == (world.sales, world.colleague)
    assert is_reported_by_colleague(done)


def test_who_may_not_report_stores_nothing(world: World) -> None:
    sub = an_action(world)
    before = stored_state(world.db)
    for who, error in (("reader", NotAllowed), ("far", NotFound)):
        with pytest.raises(error):
            a_report_of(world, sub, who)
    assert stored_state(world.db) == before


def a_report_of(world: World, sub: int, who: str) -> int:
    raw = {"done_on": TODAY, "report": "<p>x</p>", "follow_up": "none"}
    return reports.enter_report(a_context(world, who), sub_action_id=sub, version=1, raw=raw, request_key=a_key())


# ---- a report that is done


def test_a_report_stays_editable_and_the_rest_does_not(world: World) -> None:
    sub = an_action(world)
    a_report(world, sub)
    ctx = a_context(world, "sales")
    edits = {"report": "<p>Signé</p>", "done_duration": "1h", "done_on": TODAY - timedelta(days=1)}
    done = actions.edit_sub_action(ctx, sub_action_id=sub, version=2, edits=edits).last
    assert (done.report_text, done.done_duration_min, done.done_on) == ("Signé", 60, TODAY - timedelta(days=1))
    assert (done.reported_by, done.status, done.version) == (world.sales, Status.DONE, 3)
    before = stored_state(world.db)
    for edits in ({"duration": 5}, {"assignee": world.far}, {"planned_date": TODAY}, {"detail": "x"},
                  {"status": "to_plan"}, {"report": "<p></p>"}, {"done_on": SOON}, {"result": world.busy}):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            actions.edit_sub_action(ctx, sub_action_id=sub, version=3, edits=edits)
        assert set(refused.value.fields) == set(edits)
    with pytest.raises(NotAllowed, match="report has been entered"):
        a_report(world, sub)
    assert stored_state(world.db) == before


def test_a_disabled_result_stays_on_the_report_that_has_it(world: World) -> None:
    sub = an_action(world)
    a_report(world, sub, result=world.reached)
    put(world, t.action_result, world.reached, is_active=False)
    edits = {"report": "<p>Signé</p>", "result": world.reached}
    edited = actions.edit_sub_action(a_context(world, "sales"), sub_action_id=sub, version=2, edits=edits)
    assert edited.last.result_id == world.reached


def test_an_old_report_or_one_made_of_an_image_is_edited_like_any_other(world: World) -> None:
    sub, ctx = an_action(world), a_context(world, "sales")
    a_report(world, sub, report=IMAGE)
    put(world, t.sub_action, sub, done_on=date(2010, 1, 1))
    edited = actions.edit_sub_action(ctx, sub_action_id=sub, version=2, edits={"done_duration": "1h"})
    assert (edited.last.done_on, edited.last.done_duration_min) == (date(2010, 1, 1), 60)


def test_a_deal_is_linked_to_a_done_action_whatever_its_report_lacks(world: World) -> None:
    sub, ctx = an_action(world), a_context(world, "sales")
    a_report(world, sub)
    put(world, t.sub_action, sub, report_html="", report_text="")
    deal = create_deal(ctx, action_id=the_chain(world, sub).action.id, raw={"title": "x"}, request_key=a_key())
    other = an_action(world)
    a_report(world, other)
    put(world, t.sub_action, other, report_html="", report_text="")  # as an import may have left it
    chain = actions.edit_sub_action(ctx, sub_action_id=other, version=2, edits={"deal": deal})
    assert chain.action.deal_id == deal
    elsewhere = an_action(world, client=world.leroy)
    with pytest.raises(DomainError, match="isn't one of Leroy"):
        actions.edit_sub_action(ctx, sub_action_id=elsewhere, version=1, edits={"deal": deal})


# ---- what a report starts with


@pytest.mark.parametrize(
    ("prefill", "day", "hour"),
    [(Prefill.TODAY, TODAY, time(10, 30)), (Prefill.PLANNED, SOON, time(14)), (Prefill.NONE, None, None)],
)
def test_the_parameter_fills_the_date_and_time_done(world: World, prefill: Prefill, day: Any, hour: Any) -> None:
    set_parameter(world, REPORT_PREFILL.key, prefill.value)
    ctx = an_open_context(world, "sales")
    sub = a_sub_action(nature_id=world.call, planned_date=SOON, planned_time=time(14))
    assert prefilled(sub, ctx.reference, ctx.local_now) == ReportPrefill(day, hour, 15)
    longer = a_sub_action(nature_id=world.call, duration_min=40)
    assert prefilled(longer, ctx.reference, ctx.local_now).duration_min == 40


def test_without_a_stored_parameter_today_is_filled(world: World) -> None:
    ctx = an_open_context(world, "sales")
    found = prefilled(a_sub_action(nature_id=world.call), ctx.reference, datetime(2026, 3, 4, 10, 30))
    assert found == ReportPrefill(TODAY, time(10, 30), 15)


def test_the_nature_proposes_what_comes_next_and_when(world: World) -> None:
    ctx = an_open_context(world, "sales")
    sub = a_sub_action(nature_id=world.call, site_id=world.plant, contact_id=world.anne, domain_id=world.gas)
    proposed = proposed_next(sub, ctx.reference, person_id=world.sales, today=TODAY)
    assert proposed == {
        "nature": world.brochure, "site": world.plant, "contact": world.anne, "domain": world.gas,
        "assignee": world.sales, "org_unit": world.field, "status": "to_plan", "duration": 10,
        "planned_date": date(2026, 3, 9),  # three working days after a Wednesday
    }  # fmt: skip
    for nature in (world.meeting, world.dead_end, world.fax, 10**6):  # none, a disabled one, none, unknown
        assert proposed_next(a_sub_action(nature_id=nature), ctx.reference, person_id=1, today=TODAY) is None


@pytest.mark.parametrize(
    ("region", "today", "expected"),
    [
        ("mainland", date(2026, 4, 1), date(2026, 4, 7)),  # three days on, over Easter Monday
        ("alsace", date(2026, 4, 1), date(2026, 4, 8)),  # and over Good Friday
        ("mainland", date(2026, 12, 23), date(2026, 12, 29)),
        ("alsace", date(2025, 12, 23), date(2025, 12, 30)),  # the 26th is a Friday
        ("reunion", date(2028, 2, 28), date(2028, 3, 2)),
    ],
)
def test_the_next_step_is_proposed_on_a_day_that_the_organisation_works(
    world: World, region: str, today: date, expected: date
) -> None:
    set_parameter(world, HOLIDAY_REGION.key, region)
    ctx = an_open_context(world, "sales")
    proposed = proposed_next(a_sub_action(nature_id=world.call), ctx.reference, person_id=world.sales, today=today)
    assert proposed
    assert proposed["planned_date"] == expected


def test_a_domain_that_the_next_persons_unit_does_not_sell_is_not_proposed(world: World) -> None:
    reference = an_open_context(world, "sales").reference
    for domain, person, expected in (
        (world.gas, world.far, None), (world.coal, world.sales, None), (world.gas, world.sales, world.gas),
    ):  # fmt: skip
        sub = a_sub_action(nature_id=world.call, domain_id=domain)
        found = next_defaults(sub, reference, nature_id=world.meeting, person_id=person, today=TODAY)
        assert found["domain"] == expected


def test_the_next_step_is_the_writer_s_own_when_nobody_is_named(world):
    sub = an_action(world)
    following = {name: value for name, value in a_next(world).items() if name != "assignee"}
    next_id = a_report(world, sub, follow_up="sub_action", next=following)
    assert the_sub(world, next_id).assignee_id == world.ids["sales"]
