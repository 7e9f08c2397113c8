"""Creating, editing, planning, cancelling and deleting, accepted and refused, in the database of each engine."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest

from lib.db import tables as t
from lib.domain import actions
from lib.domain.chain import Status
from lib.domain.errors import DomainError, Invalid, NotAllowed, NotFound
from lib.domain.parameters import DATE_REQUIRED, DETAIL_REQUIRED
from tests.builders import (
    NOW,
    TODAY,
    World,
    a_context,
    a_key,
    an_action,
    an_action_raw,
    put,
    set_parameter,
    stored_state,
    the_chain,
    the_sub,
)

SOON = TODAY + timedelta(days=5)


def problems(world: World, who: str = "sales", **values: Any) -> set[str]:
    """The fields that refuse this new action; nothing is stored."""
    before = stored_state(world.db)
    ctx = a_context(world, who)
    with pytest.raises(Invalid) as refused:
        actions.create_action(ctx, raw=an_action_raw(world, **values), request_key=a_key())
    assert stored_state(world.db) == before
    return set(refused.value.fields)


# ---- create


def test_a_new_action_is_numbered_01_and_belongs_to_its_assignee(world: World) -> None:
    first, second = an_action(world, origin=world.campaign), an_action(world, assignee=world.two_preferring)
    chain = the_chain(world, first)
    assert (chain.action.number, chain.last.seq, chain.action.status) == (1, 1, Status.TO_PLAN)
    assert (chain.action.responsible_id, chain.action.origin_id) == (world.sales, world.campaign)
    assert (chain.last.org_unit_id, chain.last.duration_min) == (world.field, 15)
    assert the_chain(world, second).action.number == 2
    assert the_sub(world, second).org_unit_id == world.south


def test_an_action_without_an_assignee_waits_in_a_pool_and_its_creator_answers_for_it(world: World) -> None:
    sub = an_action(world, org_unit=world.tele)
    assert (the_sub(world, sub).assignee_id, the_sub(world, sub).org_unit_id) == (None, world.tele)
    assert the_chain(world, sub).action.responsible_id == world.sales


def test_an_assignee_in_no_sales_unit_leaves_the_unit_empty(world: World) -> None:
    for who in ("nowhere", "technician"):
        assert the_sub(world, an_action(world, assignee=world.ids[who])).org_unit_id is None


def test_participants_are_kept_only_where_the_nature_asks_for_them(world: World) -> None:
    both = [world.colleague, world.far]
    assert the_sub(world, an_action(world, nature=world.meeting, participants=both)).participant_ids == set(both)
    assert the_sub(world, an_action(world, nature=world.call, participants=both)).participant_ids == frozenset()


def test_everything_wrong_is_told_at_once_at_its_field(world: World) -> None:
    found = problems(
        world, nature=world.fax, duration="x", planned_date=date(1900, 1, 1), planned_time="x", detail="<p><br></p>",
        site=world.shop, contact=world.zoe, status="done", participants=[world.gone], reason=world.survey,
        domain=world.coal, origin=world.old_campaign,
    )  # fmt: skip
    assert found >= {"nature", "duration", "planned_date", "planned_time", "detail", "site", "contact", "status",
                     "participants", "reason", "domain", "origin"}  # fmt: skip


def test_a_missing_client_does_not_hide_the_other_problems(world: World) -> None:
    assert problems(world, client=None, duration="x", detail="", site=world.plant) == {"client", "duration", "detail"}


def test_bad_choices_are_refused_one_by_one(world: World) -> None:
    w = world
    cases: list[tuple[str, dict[str, Any]]] = [
        ("client", {"client": None}), ("client", {"client": 10**6}), ("nature", {"nature": None}),
        ("nature", {"nature": 10**6}), ("nature", {"nature": w.fax}),
        ("domain", {"domain": w.coal}), ("domain", {"domain": w.pipes}), ("domain", {"domain": 10**6}),
        ("reason", {"reason": w.survey}), ("reason", {"reason": w.of_brochure}), ("reason", {"reason": 10**6}),
        ("origin", {"origin": w.old_campaign}), ("origin", {"origin": 10**6}),
        ("site", {"site": w.shop}), ("contact", {"contact": w.zoe}),
        ("contact", {"site": w.office, "contact": w.anne}),  # she works at the plant
        ("deal", {"deal": 10**6}),
        ("assignee", {"assignee": w.gone, "org_unit": None}), ("assignee", {"assignee": 10**6, "org_unit": None}),
        ("org_unit", {"assignee": w.sales, "org_unit": w.south}), ("org_unit", {"org_unit": w.closed}),
        ("org_unit", {"org_unit": w.workshop}), ("org_unit", {"org_unit": None}),
        ("participants", {"nature": w.meeting, "participants": [w.gone]}),
        ("participants", {"nature": w.meeting, "participants": [10**6]}),
        ("planned_date", {"status": "planned"}), ("planned_date", {"planned_time": time(9)}),
        ("planned_date", {"planned_date": date(2000, 1, 1)}), ("planned_date", {"planned_date": date(9999, 12, 31)}),
        ("duration", {"duration": "1:60"}), ("duration", {"duration": "25:00"}),
        *(("status", {"status": each}) for each in ("done", "cancelled", "", None, "TO_PLAN", "gone")),
    ]  # fmt: skip
    for field, values in cases:
        assert problems(world, **values) == {field}, values


def test_an_unknown_nature_is_told_apart_from_a_missing_one(world: World) -> None:
    for nature, sentence in ((None, "required"), (10**6, "Unknown choice"), ("x", "Unknown choice")):
        raw = an_action_raw(world, nature=nature)
        with pytest.raises(Invalid, match=sentence):
            actions.create_action(a_context(world, "sales"), raw=raw, request_key=a_key())


def test_the_contact_of_the_site_or_of_none_in_particular_is_accepted(world: World) -> None:
    for site, contact in ((world.plant, world.anne), (world.office, world.paul), (None, world.anne)):
        sub = the_sub(world, an_action(world, site=site, contact=contact))
        assert (sub.site_id, sub.contact_id) == (site, contact)


@pytest.mark.parametrize(
    "blank", ["", None, "<p><br></p>", "<p> &nbsp;</p>", "<p>\u200b</p>", "<table><tr><td></td></tr>"]
)
def test_a_detail_that_says_nothing_is_refused_as_long_as_the_parameter_requires_one(world: World, blank: Any) -> None:
    assert problems(world, detail=blank) == {"detail"}
    set_parameter(world, DETAIL_REQUIRED.key, False)
    assert the_sub(world, an_action(world, detail=blank)).detail_text == ""


def test_the_date_is_required_as_soon_as_the_parameter_says_so(world: World) -> None:
    assert the_sub(world, an_action(world)).planned_date is None
    set_parameter(world, DATE_REQUIRED.key, True)
    assert problems(world) == {"planned_date"}
    assert the_sub(world, an_action(world, planned_date=SOON)).planned_date == SOON


def test_a_reader_creates_nothing(world: World) -> None:
    before = stored_state(world.db)
    with pytest.raises(NotAllowed, match="doesn't create"):
        actions.create_action(a_context(world, "reader"), raw=an_action_raw(world), request_key=a_key())
    assert stored_state(world.db) == before


# ---- what a context is worth


def test_a_right_taken_away_acts_on_the_next_click(world: World) -> None:
    ctx = a_context(world, "sales")
    put(world, t.person, world.sales, profile_id=world.profile_reader)
    with pytest.raises(NotAllowed, match="doesn't create"):
        actions.create_action(ctx, raw=an_action_raw(world), request_key=a_key())


def test_a_person_who_left_does_nothing_any_more(world: World) -> None:
    ctx, sub = a_context(world, "sales"), an_action(world)
    put(world, t.person, world.sales, is_active=False)
    with pytest.raises(NotAllowed, match="no longer active"):
        actions.open_action(ctx, sub_action_id=sub)


def test_what_is_absent_and_what_is_somebody_elses_read_the_same(world: World) -> None:
    sub, before = an_action(world), stored_state(world.db)
    stranger = a_context(world, "far")
    said = set()
    for wanted in (sub, 10**6, 0, -1, True, "1", None, 1.0, [1], {}, 10**30):
        with pytest.raises(NotFound) as refused:
            actions.open_action(stranger, sub_action_id=wanted)
        said.add(str(refused.value))
    assert len(said) == 1
    for gesture in (
        lambda: actions.plan(stranger, sub_action_id=sub, version=1, planned_date=SOON),
        lambda: actions.cancel(stranger, sub_action_id=sub, version=1, reason="x"),
        lambda: actions.delete_sub_action(stranger, sub_action_id=sub, version=1),
        lambda: actions.edit_sub_action(stranger, sub_action_id=sub, version=1, edits={"duration": 5}),
        lambda: actions.postpone(stranger, sub_action_id=sub, version=1, planned_date=SOON),
        lambda: actions.add_next(stranger, action_id=1, raw={}, request_key=a_key()),
        lambda: actions.open_chain(stranger, action_id=1),
    ):
        with pytest.raises(NotFound):
            gesture()
    assert stored_state(world.db) == before


def test_a_colleague_of_the_unit_sees_the_action_and_changes_nothing(world: World) -> None:
    sub = an_action(world, planned_date=SOON, status="planned")
    before, colleague = stored_state(world.db), a_context(world, "colleague")
    assert actions.open_action(colleague, sub_action_id=sub).sub.id == sub
    for gesture in (
        lambda: actions.unplan(colleague, sub_action_id=sub, version=1),
        lambda: actions.postpone(colleague, sub_action_id=sub, version=1, planned_date=TODAY),
        lambda: actions.cancel(colleague, sub_action_id=sub, version=1, reason="x"),
        lambda: actions.edit_sub_action(colleague, sub_action_id=sub, version=1, edits={"duration": 5}),
    ):
        with pytest.raises(DomainError, match="doesn't"):
            gesture()
    assert stored_state(world.db) == before


def test_whoever_is_of_the_unit_takes_what_waits_in_its_pool(world: World) -> None:
    sub = an_action(world, "manager", org_unit=world.field)
    taken = actions.edit_sub_action(
        a_context(world, "colleague"), sub_action_id=sub, version=1, edits={"assignee": world.colleague}
    )
    assert (taken.last.assignee_id, taken.action.responsible_id) == (world.colleague, world.colleague)


# ---- edit


def edit(world: World, sub: int, who: str = "sales", *, version: int | None = None, **edits: Any) -> Any:
    seen = the_sub(world, sub).version if version is None else version
    return actions.edit_sub_action(a_context(world, who), sub_action_id=sub, version=seen, edits=edits).get(sub)


def test_disabled_values_stay_on_the_record_that_has_them_and_are_refused_elsewhere(world: World) -> None:
    sub = an_action(world, domain=world.gas, reason=world.quote)
    for table, label_id in (
        (t.action_nature, world.call),
        (t.action_domain, world.gas),
        (t.action_reason, world.quote),
    ):
        put(world, table, label_id, is_active=False)
    kept = edit(world, sub, duration="45", domain=world.gas, reason=world.quote, nature=world.call)
    assert (kept.nature_id, kept.domain_id, kept.reason_id) == (world.call, world.gas, world.quote)
    assert problems(world, domain=world.gas, reason=world.quote) == {"nature", "domain", "reason"}
    reference = a_context(world, "sales").db.read(lambda store: store.reference())
    assert not reference.domains[world.gas].is_active  # still offered, marked
    assert world.coal in {each.id for each in reference.domains_of_unit(world.field)}


def test_a_person_or_unit_that_closed_since_stays_on_the_record(world: World) -> None:
    sub = an_action(world, "colleague", assignee=world.colleague)
    put(world, t.person, world.colleague, is_active=False)
    put(world, t.org_unit, world.field, is_active=False)
    assert edit(world, sub, "manager", duration="45").assignee_id == world.colleague


def test_another_assignee_brings_his_unit_with_him(world: World) -> None:
    sub = an_action(world)
    assert edit(world, sub, assignee=world.two_preferring).org_unit_id == world.south
    assert edit(world, sub, assignee=world.nowhere).org_unit_id is None
    with pytest.raises(Invalid) as refused:
        edit(world, sub, org_unit=world.tele)
    assert list(refused.value.fields) == ["org_unit"]
    pooled = edit(world, sub, assignee=None, org_unit=world.tele)
    assert (pooled.assignee_id, pooled.org_unit_id) == (None, world.tele)


def test_the_unit_chosen_with_a_new_assignee_stays_though_he_prefers_another(world: World) -> None:
    sub = an_action(world)
    assert edit(world, sub, assignee=world.two_preferring, org_unit=world.field).org_unit_id == world.field


def test_a_unit_of_another_activity_asks_for_another_domain_and_the_same_activity_keeps_it(world: World) -> None:
    sub = an_action(world, domain=world.gas)
    put(world, t.action_domain, world.gas, is_active=False)
    with pytest.raises(Invalid) as refused:
        edit(world, sub, assignee=world.two_preferring)
    assert list(refused.value.fields) == ["domain"]
    assert edit(world, sub, assignee=world.tele_sales).domain_id == world.gas


def test_no_action_begins_at_a_client_that_is_no_longer_active(world: World) -> None:
    assert problems(world, client=world.asleep) == {"client"}


def test_the_client_and_the_origin_never_change(world: World) -> None:
    sub = an_action(world, origin=world.campaign)
    before = stored_state(world.db)
    for name, value in (("client", world.leroy), ("origin", None), ("seq", 9), ("id", 9), ("", 1)):
        with pytest.raises(Invalid) as refused:
            edit(world, sub, "admin", **{name: value})
        assert list(refused.value.fields) == [name]
    assert stored_state(world.db) == before


def test_saving_what_is_already_stored_leaves_no_trace(world: World) -> None:
    sub = an_action(world)
    before = stored_state(world.db)
    edit(world, sub, duration="0:15", detail="<p>Proposer le contrat</p>", nature=world.call)
    assert stored_state(world.db) == before


def test_a_detail_made_of_one_image_is_a_detail(world: World) -> None:
    image = '<p><img src="data:image/png;base64,iVBORw0KGgo="></p>'
    sub = an_action(world, detail=image)
    assert edit(world, sub, duration="45").duration_min == 45


def test_a_wish_of_long_ago_does_not_forbid_other_edits(world: World) -> None:
    sub = an_action(world, planned_date=TODAY)
    put(world, t.sub_action, sub, planned_date=date(2010, 1, 1))
    assert edit(world, sub, duration="45").planned_date == date(2010, 1, 1)


def test_what_was_made_required_since_holds_new_actions_and_what_is_sent_not_an_old_one(world: World) -> None:
    set_parameter(world, DETAIL_REQUIRED.key, False)
    old = an_action(world, detail="")
    set_parameter(world, DETAIL_REQUIRED.key, True)
    set_parameter(world, DATE_REQUIRED.key, True)
    moved = edit(world, old, "manager", assignee=world.tele_sales)
    assert (moved.assignee_id, moved.org_unit_id, moved.planned_date) == (world.tele_sales, world.tele, None)
    assert edit(world, old, "manager", duration="45").duration_min == 45
    for sent in ({"planned_date": None}, {"detail": "<p></p>"}):
        with pytest.raises(Invalid) as refused:
            edit(world, old, "manager", **sent)
        assert list(refused.value.fields) == list(sent)
    assert problems(world, detail="") == {"detail", "planned_date"}


def test_planning_and_postponing_ask_for_a_date_whatever_the_parameters_say(world: World) -> None:
    sub = an_action(world)
    for use_case in (actions.plan, actions.postpone):
        set_parameter(world, DATE_REQUIRED.key, use_case is actions.postpone)
        with pytest.raises(Invalid) as refused:
            use_case(a_context(world, "sales"), sub_action_id=sub, version=1, planned_date=None)
        assert list(refused.value.fields) == ["planned_date"]
    with pytest.raises(Invalid):
        edit(world, sub, status="planned")
    set_parameter(world, DATE_REQUIRED.key, False)
    planned = edit(world, sub, status="planned", planned_date=SOON)
    with pytest.raises(Invalid):
        actions.postpone(a_context(world, "sales"), sub_action_id=sub, version=planned.version, planned_date=None)


def test_a_disabled_nature_and_domain_follow_their_action_to_another_person(world: World) -> None:
    sub = an_action(world, domain=world.gas)
    put(world, t.action_domain, world.gas, is_active=False)
    put(world, t.action_nature, world.call, is_active=False)
    moved = edit(world, sub, "manager", assignee=world.tele_sales)
    assert (moved.assignee_id, moved.nature_id, moved.domain_id) == (world.tele_sales, world.call, world.gas)


def test_every_edit_is_journalled_with_what_was_and_what_is(world: World) -> None:
    sub = an_action(world)
    edit(world, sub, "manager", duration="45", detail="<p>Autre chose</p>", contact=world.paul)
    changes = world.db.read(lambda store: store.changes.since("sub_action", sub, 1))
    assert {(c.field, c.old, c.new) for c in changes} == {
        ("duration_min", "15", "45"), ("contact_id", "null", str(world.paul)),
        ("detail", '"<p>Proposer le contrat</p>"', '"<p>Autre chose</p>"'),
    }  # fmt: skip
    assert {(c.person_id, c.at, c.version, c.operation) for c in changes} == {(world.manager, NOW, 2, "edit")}
    assert len({c.operation_id for c in changes}) == 1


def test_a_reason_given_to_another_nature_since_stays_on_the_records_that_have_it(world: World) -> None:
    sub_id = an_action(world, reason=world.quote)
    put(world, t.action_reason, world.quote, nature_id=world.brochure)
    edited = edit(world, sub_id, planned_date=SOON)
    assert (edited.planned_date, edited.reason_id) == (SOON, world.quote)
