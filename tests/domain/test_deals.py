"""Deals: created from anywhere, moved from stage to stage, changed by whom they concern, linked to actions."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from lib.db import tables as t
from lib.domain.actions import cancel
from lib.domain.catalog import DealOutcome
from lib.domain.deal_links import link_action, link_refused, unlink_action
from lib.domain.deals import (
    COLUMNS,
    LABELS,
    Deal,
    create_deal,
    deal_history,
    deal_owners,
    deals_of_client,
    default_stage,
    edit_deal,
    edit_refused,
    is_overdue,
    move_deal,
    new_deal_refused,
    open_deal,
    open_new_deal,
    outcome_of,
)
from lib.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from lib.domain.rights import Operation, Owners
from tests.builders import (
    NOW,
    TODAY,
    World,
    a_context,
    a_deal,
    a_key,
    a_report,
    an_action,
    an_open_context,
    put,
    remove_right,
    stored_state,
    the_chain,
)
from tests.domain.test_words_and_numbers import FORGED

SOON = TODAY + timedelta(days=20)


def the_deal(world: World, deal_id: int) -> Deal:
    return open_deal(a_context(world, "admin"), deal_id=deal_id).deal


def edited(world: World, deal_id: int, who: str = "sales", version: int = 1, **edits: Any) -> Deal:
    return edit_deal(a_context(world, who), deal_id=deal_id, version=version, edits=edits)


def moved(world: World, deal_id: int, stage: str, who: str = "sales", version: int = 1, reason: Any = "") -> Deal:
    ctx = a_context(world, who)
    return move_deal(ctx, deal_id=deal_id, version=version, stage_id=world.ids[stage], lost_reason=reason)


def problems(call: Any) -> dict[str, str]:
    """The refused fields and their sentences."""
    with pytest.raises(Invalid) as refusal:
        call()
    return {name: told.id for name, told in refusal.value.fields.items()}


# ---- rules


def test_a_deal_belongs_to_its_salesperson_and_its_creator_in_its_unit() -> None:
    assert deal_owners(Deal(client_id=1, title="x", owner_id=3, created_by=4, org_unit_id=5)) == Owners(
        frozenset({3, 4}), frozenset({5})
    )
    assert deal_owners(Deal(client_id=1, title="x")) == Owners(frozenset(), frozenset())


def test_a_new_deal_starts_at_the_first_stage_that_is_not_disabled(world: World) -> None:
    stages = an_open_context(world, "sales").reference.deal_stages
    assert [stage.id for stage in stages.values()] == [
        world.first_stage, world.offer_stage, world.old_stage, world.won_stage, world.lost_stage]  # fmt: skip
    assert default_stage(stages.values()) == stages[world.first_stage]
    assert default_stage([stages[world.old_stage], stages[world.offer_stage]]) == stages[world.offer_stage]
    assert default_stage([]) is None


@pytest.mark.parametrize(
    ("stage", "expected_on", "overdue"),
    [
        ("first_stage", TODAY - timedelta(days=1), True),
        ("first_stage", TODAY, False),
        ("first_stage", None, False),
        ("won_stage", TODAY - timedelta(days=1), False),
        ("lost_stage", TODAY - timedelta(days=1), False),
    ],
)
def test_an_open_deal_is_late_once_its_day_is_over(world, stage, expected_on, overdue) -> None:
    stages = an_open_context(world, "sales").reference.deal_stages
    deal = Deal(client_id=1, title="x", stage_id=world.ids[stage], expected_on=expected_on)
    assert is_overdue(deal, stages, today=TODAY) == overdue


def test_a_deal_without_a_stage_is_taken_for_open(world: World) -> None:
    stages = an_open_context(world, "sales").reference.deal_stages
    assert outcome_of(Deal(client_id=1, title="x"), stages) == DealOutcome.OPEN


# ---- creating


def test_a_deal_is_created_for_a_client_with_all_that_was_typed(world: World) -> None:
    raw = {
        "client": world.dupont, "title": " Contrat  gaz ", "stage": world.offer_stage, "amount_eur": "12 500,50",
        "expected_on": SOON, "owner": world.colleague, "contact": world.anne, "note": "Rappeler\r\nen avril\x00 ",
    }  # fmt: skip
    deal = create_deal(a_context(world, "sales"), raw=raw, request_key=a_key())
    assert the_deal(world, deal) == Deal(
        id=deal, number=1, client_id=world.dupont, title="Contrat gaz", stage_id=world.offer_stage,
        amount_eur=Decimal("12500.50"), expected_on=SOON, owner_id=world.colleague, org_unit_id=world.field,
        contact_id=world.anne, note="Rappeler\nen avril", created_by=world.sales, created_at=NOW,
    )  # fmt: skip


def test_what_is_not_said_is_deduced(world: World) -> None:
    deal = the_deal(world, a_deal(world, "two_preferring"))
    assert (deal.stage_id, deal.owner_id, deal.org_unit_id, deal.closed_on) == (
        world.first_stage, world.two_preferring, world.south, None)  # fmt: skip
    assert the_deal(world, a_deal(world, "nowhere")).org_unit_id is None


def test_a_form_sent_twice_creates_one_deal(world: World) -> None:
    ctx, key = a_context(world, "sales"), a_key()
    raw = {"client": world.dupont, "title": "x"}
    first = create_deal(ctx, raw=raw, request_key=key)
    assert create_deal(ctx, raw=raw, request_key=key) == first
    assert len(deals_of_client(ctx, client_id=world.dupont)) == 1


def test_the_form_of_a_deal_that_an_action_leads_to_knows_its_client_contact_and_responsible(world: World) -> None:
    sub = an_action(world, "sales", contact=world.anne)
    action_id = the_chain(world, sub).action.id
    opening = open_new_deal(a_context(world, "manager"), action_id=action_id)
    assert opening.client is not None
    assert opening.chain is not None
    assert (opening.client.client.id, opening.chain.action.id) == (world.dupont, action_id)
    assert opening.values == {"stage": world.first_stage, "owner": world.sales, "contact": world.anne}
    put(world, t.contact, world.anne, is_active=False)
    put(world, t.person, world.sales, is_active=False)
    assert open_new_deal(a_context(world, "manager"), action_id=action_id).values == {
        "stage": world.first_stage, "owner": world.manager, "contact": None}  # fmt: skip


def test_the_client_of_a_deal_born_from_an_action_is_the_action_s(world: World) -> None:
    sub = an_action(world)
    raw = {"title": "x", "client": world.leroy}
    action_id = the_chain(world, sub).action.id
    deal = create_deal(a_context(world, "sales"), raw=raw, request_key=a_key(), action_id=action_id)
    assert the_deal(world, deal).client_id == world.dupont
    assert the_chain(world, sub).action.deal_id == deal


def test_every_problem_of_a_new_deal_is_told_at_once(world: World) -> None:
    before = stored_state(world.db)
    found = problems(lambda: a_deal(
        world, client=world.asleep, title="", stage=world.old_stage, amount_eur="-1", expected_on="x", owner=world.gone,
        note="x" * 4001,
    ))  # fmt: skip
    assert set(found) == {"client", "title", "stage", "amount_eur", "expected_on", "owner", "note"}
    assert found["stage"] == "{choice} is disabled: choose another one."
    assert stored_state(world.db) == before


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"client": None}, "client"),
        ({"client": 4242}, "client"),
        ({"contact": "zoe"}, "contact"),
        ({"org_unit": "south"}, "org_unit"),
        ({"org_unit": "workshop"}, "org_unit"),
        ({"owner": None}, "owner"),
        ({"owner": 4242}, "owner"),
        ({"stage": None}, "stage"),
        ({"stage": 4242}, "stage"),
        ({"stage": "lost_stage"}, "lost_reason"),
        ({"stage": "lost_stage", "lost_reason": " \u200b "}, "lost_reason"),
        ({"title": "x" * 161}, "title"),
    ],
)
def test_what_makes_no_deal_is_refused_at_its_field(world: World, values: dict[str, Any], field: str) -> None:
    typed = {name: world.ids.get(value, value) if isinstance(value, str) else value for name, value in values.items()}
    before = stored_state(world.db)
    assert list(problems(lambda: a_deal(world, **typed))) == [field]
    assert stored_state(world.db) == before


@pytest.mark.parametrize("name", FORGED)
def test_forged_values_are_refused_at_their_fields_and_never_stored(world: World, name: str) -> None:
    before, fields = stored_state(world.db), ("stage", "owner", "contact", "expected_on", "client")
    found = problems(lambda: a_deal(world, **dict.fromkeys(fields, FORGED[name])))
    assert set(fields) <= set(found)
    assert stored_state(world.db) == before


@pytest.mark.parametrize(
    ("who", "right", "refusal"),
    [
        ("reader", None, NotAllowed),
        ("sales", Operation.ADD_DEALS, NotAllowed),
        ("sales", Operation.VIEW_CLIENTS, NotAllowed),
    ],
)
def test_who_may_not_create_deals_is_told_before_he_types(world, who, right, refusal) -> None:
    if right:
        remove_right(world, "sales", right)
    before = stored_state(world.db)
    with pytest.raises(refusal):
        a_deal(world, who)
    with pytest.raises(refusal):
        open_new_deal(a_context(world, who), client_id=world.dupont)
    assert stored_state(world.db) == before


def test_who_does_not_see_clients_still_creates_the_deal_that_his_report_led_to(world: World) -> None:
    remove_right(world, "sales", Operation.VIEW_CLIENTS)
    sub, ctx = an_action(world), a_context(world, "sales")
    a_report(world, sub, follow_up="deal")
    action_id = the_chain(world, sub).action.id
    assert open_new_deal(ctx, action_id=action_id).client is not None
    deal = create_deal(ctx, raw={"title": "x"}, request_key=a_key(), action_id=action_id)
    assert the_chain(world, sub).action.deal_id == deal
    with pytest.raises(NotFound):
        open_deal(ctx, deal_id=deal)


def test_a_cancelled_action_leads_to_no_deal(world: World) -> None:
    sub = an_action(world)
    cancel(a_context(world, "sales"), sub_action_id=sub, version=1, reason="non")
    chain = the_chain(world, sub)
    assert "cancelled" in str(new_deal_refused(an_open_context(world, "sales"), chain))
    with pytest.raises(NotAllowed):
        open_new_deal(a_context(world, "sales"), action_id=chain.action.id)


# ---- stages


def test_closing_a_deal_notes_the_day_and_reopening_it_forgets_it(world: World) -> None:
    deal = a_deal(world)
    assert moved(world, deal, "offer_stage").closed_on is None
    won = moved(world, deal, "won_stage", version=2)
    assert (won.stage_id, won.closed_on, won.version) == (world.won_stage, TODAY, 3)
    reopened = moved(world, deal, "first_stage", version=3)
    assert (reopened.closed_on, the_deal(world, deal)) == (None, reopened)


def test_a_lost_deal_says_why_and_forgets_it_when_it_goes_on(world: World) -> None:
    deal = a_deal(world)
    before = stored_state(world.db)
    for reason in ("", "  ", "\u200b", None):
        assert list(problems(lambda reason=reason: moved(world, deal, "lost_stage", reason=reason))) == ["lost_reason"]
    assert list(problems(lambda: moved(world, deal, "lost_stage", reason="x" * 301))) == ["lost_reason"]
    assert stored_state(world.db) == before
    lost = moved(world, deal, "lost_stage", reason=" Trop\ncher ")
    assert (lost.lost_reason, lost.closed_on) == ("Trop cher", TODAY)
    assert edited(world, deal, version=2, title="y").lost_reason == "Trop cher"
    assert problems(lambda: edited(world, deal, version=3, lost_reason="")) == {
        "lost_reason": "Say why it is lost: a few words are enough."}  # fmt: skip
    assert moved(world, deal, "offer_stage", version=3).lost_reason == ""


def test_the_day_it_was_won_stays_while_it_stays_won(world: World) -> None:
    deal = a_deal(world, stage=world.won_stage)
    put(world, t.deal, deal, closed_on=date(2026, 1, 5))
    assert edited(world, deal, amount_eur="9000").closed_on == date(2026, 1, 5)
    assert moved(world, deal, "lost_stage", version=2, reason="Rétracté").closed_on == TODAY


def test_a_disabled_stage_is_kept_but_never_chosen(world: World) -> None:
    deal = a_deal(world)
    assert list(problems(lambda: moved(world, deal, "old_stage"))) == ["stage"]
    put(world, t.deal, deal, stage_id=world.old_stage)
    assert edited(world, deal, title="y").stage_id == world.old_stage
    assert moved(world, deal, "offer_stage", version=2).stage_id == world.offer_stage


def test_a_lost_deal_that_came_without_a_reason_is_still_corrected(world: World) -> None:
    deal = a_deal(world)
    put(world, t.deal, deal, stage_id=world.lost_stage)
    assert edited(world, deal, title="y").title == "y"


# ---- editing


def test_another_salesperson_brings_his_unit_unless_it_is_chosen(world: World) -> None:
    deal = a_deal(world, "admin", owner=world.sales)
    assert edited(world, deal, "admin", owner=world.two_units).org_unit_id == world.tele
    chosen = edited(world, deal, "admin", version=2, owner=world.two_preferring, org_unit=world.field)
    assert chosen.org_unit_id == world.field
    assert edited(world, deal, "admin", version=3, org_unit=world.south).org_unit_id == world.south
    assert list(problems(lambda: edited(world, deal, "admin", version=4, org_unit=world.tele))) == ["org_unit"]


def test_what_a_deal_has_stays_good_whatever_became_of_it(world: World) -> None:
    deal = a_deal(world, "sales", contact=world.anne, expected_on=SOON)
    put(world, t.person, world.sales, is_active=False)
    put(world, t.contact, world.anne, is_active=False)
    put(world, t.org_unit, world.field, is_active=False)
    put(world, t.deal, deal, expected_on=date(2010, 1, 1))
    after = edited(world, deal, "admin", title="y", owner=world.sales, contact=world.anne, expected_on=date(2010, 1, 1))
    assert (after.title, after.owner_id, after.org_unit_id) == ("y", world.sales, world.field)


def test_an_edit_that_changes_nothing_writes_nothing(world: World) -> None:
    deal = a_deal(world, amount_eur="12500")
    before = stored_state(world.db)
    assert edited(world, deal, title="Contrat gaz", amount_eur="12500,00", stage=world.first_stage).version == 1
    assert stored_state(world.db) == before


def test_edits_of_different_fields_merge_and_the_same_one_is_a_conflict(world: World) -> None:
    deal = a_deal(world)
    edited(world, deal, "manager", title="Le leur")
    merged = edited(world, deal, "sales", amount_eur="900")
    assert (merged.title, merged.amount_eur, merged.version) == ("Le leur", Decimal(900), 3)
    before = stored_state(world.db)
    with pytest.raises(Conflict) as refused:
        edited(world, deal, "sales", title="Le mien", note="x")
    (change,) = refused.value.changes
    assert (change.field, change.original, change.theirs, change.mine) == (
        "title", '"Contrat gaz"', '"Le leur"', "Le mien")  # fmt: skip
    assert stored_state(world.db) == before


def test_a_deal_that_somebody_else_has_just_moved_is_not_moved_back_in_silence(world: World) -> None:
    deal = a_deal(world)
    moved(world, deal, "won_stage", "manager")
    before = stored_state(world.db)
    with pytest.raises(Conflict) as refused:
        moved(world, deal, "offer_stage")
    assert refused.value.by is not None
    assert (refused.value.by.id, refused.value.changes[0].field) == (world.manager, "stage")
    assert stored_state(world.db) == before


@pytest.mark.parametrize("edits", [{"number": 3}, {"client": 1}, {"created_by": 9}, {"closed_on": TODAY}, {"id": 1}])
def test_fields_that_nobody_types_are_refused(world: World, edits: dict[str, Any]) -> None:
    deal = a_deal(world)
    before = stored_state(world.db)
    assert list(problems(lambda: edited(world, deal, "admin", **edits))) == list(edits)
    assert stored_state(world.db) == before


def test_every_field_of_the_form_has_a_label_and_a_column() -> None:
    assert set(LABELS) == set(COLUMNS) | {"client"}


@pytest.mark.parametrize(
    ("who", "whose", "may"),
    [
        ("sales", "sales", True),
        ("sales", "colleague", False),
        ("colleague", "sales", False),
        ("manager", "sales", True),
        ("manager", "tele_sales", True),
        ("manager", "far", False),
        ("admin", "far", True),
        ("reader", "sales", False),
    ],
)
def test_a_deal_is_changed_by_its_salesperson_and_by_the_managers_of_its_unit(world, who, whose, may) -> None:
    deal = a_deal(world, whose)
    assert (edit_refused(an_open_context(world, who), the_deal(world, deal)) is None) == may
    before = stored_state(world.db)
    if may:
        assert moved(world, deal, "won_stage", who).stage_id == world.won_stage
        return
    for attempt in (lambda: edited(world, deal, who, title="y"), lambda: moved(world, deal, "won_stage", who)):
        with pytest.raises(NotAllowed):
            attempt()
    assert stored_state(world.db) == before


def test_who_gave_a_deal_away_may_still_correct_what_he_created(world: World) -> None:
    deal = a_deal(world, "sales", owner=world.colleague)
    assert edited(world, deal, "sales", title="y").title == "y"
    assert edited(world, deal, "colleague", version=2, title="z").title == "z"


@pytest.mark.parametrize("forged", [None, 0, -1, 4242, True, "1", 1.0, 2**40, [1]])
def test_a_deal_that_is_not_there_reads_like_one_that_is_not_ones_to_see(world: World, forged: Any) -> None:
    ctx = a_context(world, "admin")
    a_deal(world)
    for use_case in (
        lambda: open_deal(ctx, deal_id=forged),
        lambda: deal_history(ctx, deal_id=forged),
        lambda: edit_deal(ctx, deal_id=forged, version=1, edits={"title": "y"}),
        lambda: move_deal(ctx, deal_id=forged, version=1, stage_id=world.won_stage),
        lambda: link_action(ctx, deal_id=forged, action_id=1),
        lambda: unlink_action(ctx, deal_id=forged, sub_action_id=1),
    ):
        with pytest.raises(NotFound):
            use_case()


def test_whoever_sees_clients_reads_any_deal_and_nobody_else(world: World) -> None:
    deal = a_deal(world, "far")
    assert open_deal(a_context(world, "reader"), deal_id=deal).client.client.id == world.dupont
    remove_right(world, "reader", Operation.VIEW_CLIENTS)
    with pytest.raises(NotFound):
        open_deal(a_context(world, "reader"), deal_id=deal)


def test_the_history_tells_each_change_the_newest_first(world: World) -> None:
    deal = a_deal(world, amount_eur="12500")
    edited(world, deal, "manager", amount_eur="900,50", owner=world.colleague)
    moved(world, deal, "won_stage", "colleague", version=2)
    history = deal_history(a_context(world, "reader"), deal_id=deal)
    told = [(c.operation, c.person_id, c.field, c.old, c.new) for c in history]
    assert set(told[:2]) == {
        ("move_deal", world.colleague, "stage_id", str(world.first_stage), str(world.won_stage)),
        ("move_deal", world.colleague, "closed_on", "null", '"2026-03-04"')}  # fmt: skip
    assert set(told[2:4]) == {
        ("edit_deal", world.manager, "amount_eur", '"12500.00"', '"900.50"'),
        ("edit_deal", world.manager, "owner_id", str(world.sales), str(world.colleague))}  # fmt: skip
    assert told[4:] == [("create_deal", world.sales, "", "null", '"Contrat gaz"')]


# ---- linking


def test_an_action_of_the_client_is_linked_to_a_deal_and_taken_out_again(world: World) -> None:
    deal, sub = a_deal(world), an_action(world)
    ctx = a_context(world, "sales")
    assert link_action(ctx, deal_id=deal, action_id=the_chain(world, sub).action.id).action.deal_id == deal
    assert the_chain(world, sub).action.deal_id == deal
    changes = world.db.read(lambda store: store.changes.of_action(the_chain(world, sub).action.id, limit=9))
    assert {(c.entity, c.field) for c in changes if c.operation == "link_deal"} == {
        ("action", "deal_id"), ("sub_action", "deal_id")}  # fmt: skip
    assert unlink_action(ctx, deal_id=deal, sub_action_id=sub).action.deal_id is None
    with pytest.raises(NotFound):
        unlink_action(ctx, deal_id=deal, sub_action_id=sub)


def test_only_an_action_of_the_same_client_without_another_deal_is_linked(world: World) -> None:
    deal, other = a_deal(world), a_deal(world, title="Autre")
    elsewhere, taken = an_action(world, client=world.leroy), an_action(world)
    ctx = a_context(world, "sales")
    link_action(ctx, deal_id=other, action_id=the_chain(world, taken).action.id)
    before = stored_state(world.db)
    for sub in (elsewhere, taken):
        action_id = the_chain(world, sub).action.id
        assert list(problems(lambda action_id=action_id: link_action(ctx, deal_id=deal, action_id=action_id))) == [
            "action"
        ]
    assert stored_state(world.db) == before


def test_linking_is_editing_the_action(world: World) -> None:
    deal, theirs, hidden = a_deal(world), an_action(world, "colleague"), an_action(world, "far")
    cancelled = an_action(world)
    cancel(a_context(world, "sales"), sub_action_id=cancelled, version=1, reason="non")
    before, ctx = stored_state(world.db), a_context(world, "sales")
    for sub, refusal in ((theirs, NotAllowed), (hidden, NotFound), (cancelled, NotAllowed)):
        with pytest.raises(refusal):
            link_action(ctx, deal_id=deal, action_id=the_chain(world, sub).action.id)
    chain = the_chain(world, theirs)
    assert link_refused(an_open_context(world, "sales"), chain.action, chain.last) is not None
    assert link_refused(an_open_context(world, "manager"), chain.action, chain.last) is None
    assert stored_state(world.db) == before


def test_a_chain_whose_deal_is_taken_away_is_stalled_again(world: World) -> None:
    sub, ctx = an_action(world), a_context(world, "sales")
    a_report(world, sub, follow_up="deal")
    assert the_chain(world, sub).action.is_stalled
    deal = a_deal(world)
    assert not link_action(ctx, deal_id=deal, action_id=the_chain(world, sub).action.id).action.is_stalled
    assert unlink_action(ctx, deal_id=deal, sub_action_id=sub).action.is_stalled
