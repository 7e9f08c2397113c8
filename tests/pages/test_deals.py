"""Deals as each kind of person finds, reads, creates, moves and changes them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from streamlit.proto.Common_pb2 import StringArray

from lib.db import tables as t
from lib.domain.deal_links import link_action
from lib.domain.deal_lists import DealFilter, DealSort, all_deals
from lib.domain.deals import Deal, edit_deal, move_deal, open_deal
from lib.domain.drafts import kept_drafts
from lib.domain.rights import Operation
from lib.ui.deal_list import _table_of
from lib.ui.exports import to_csv, to_xlsx
from tests.builders import (
    TODAY,
    World,
    a_context,
    a_deal,
    a_report,
    an_action,
    put,
    remove_right,
    rows_of,
    stored_state,
    the_chain,
)
from tests.pages.screens import assert_says, choose, click, said
from tests.pages.streamlit_events import data_of, fire, forge
from tests.ui.test_exports import sheet_of, strings_of, value_of

SOON = TODAY + timedelta(days=20)
NOT_THERE = "This record doesn't exist or isn't yours to see."


def the_deal(world: World, deal_id: int) -> Deal:
    return open_deal(a_context(world, "admin"), deal_id=deal_id).deal


def only_deal(world: World) -> Deal:
    (row,) = all_deals(
        a_context(world, "admin"), chosen=DealFilter(), sort=DealSort.NUMBER, descending=False
    )  # fmt: skip
    return row.deal


def keys(at) -> set[str]:
    return {each.key for each in at.button}


def listed(at) -> list[int]:
    return [int(row["id"]) for row in data_of(at, "deals.table")["rows"]]


def fill(at, form, **values):
    for name, value in values.items():
        choose(at, f"{form}.{name}", value)
    return at


def move(at, deal, stage, version=1):
    at.segmented_control(f"deal.move.{deal}.{version}").set_value(stage)
    return at.run()


# ---- the list


def test_a_salesperson_first_sees_his_own_open_deals_and_a_manager_everybody_s(screen, world):
    mine, theirs = a_deal(world), a_deal(world, "colleague")
    won = a_deal(world, stage=world.won_stage)
    at = screen("sales", "deals")
    assert listed(at) == [mine]
    assert listed(screen("manager", "deals")) == [mine, theirs]
    assert listed(screen("reader", "deals", d_tab="all")) == [mine, theirs, won]


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({}, "abc"), ({"d_stage": "offer_stage"}, "b"), ({"d_who": "colleague"}, "b"), ({"d_unit": "south"}, "c"),
        ({"d_client": "leroy"}, "c"), ({"d_min": "1000"}, "b"), ({"d_max": "999,99"}, "a"),
        ({"d_from": SOON}, "b"), ({"d_to": TODAY}, "a"), ({"d_tab": "won"}, "d"), ({"d_tab": "lost"}, ""),
        ({"d_tab": "all"}, "abcd"), ({"d_tab": "all", "d_stage": "won_stage"}, "d"), ({"d_sort": "-number"}, "cba"),
        ({"d_sort": "amount"}, "cab"), ({"d_sort": "client"}, "cab"), ({"d_sort": "-expected"}, "cba"),
    ],
)  # fmt: skip
def test_filters_and_sorts_stand_in_the_address(screen, world, query, kept):
    found = {
        a_deal(world, amount_eur="500", expected_on=TODAY): "a",
        a_deal(world, "colleague", stage=world.offer_stage, amount_eur="1000", expected_on=SOON): "b",
        a_deal(world, "far", client=world.leroy): "c",
        a_deal(world, stage=world.won_stage, amount_eur="9"): "d",
    }
    query = {name: world.ids.get(value, value) for name, value in query.items()}
    assert "".join(found[each] for each in listed(screen("admin", "deals", **query))) == kept


@pytest.mark.parametrize(
    "forged",
    [
        {"d_tab": "x"}, {"d_who": "abc"}, {"d_stage": "4242"}, {"d_client": "4242"}, {"d_min": "NaN"}, {"d_max": "-5"},
        {"d_from": "9999-12-31"}, {"d_to": "x"}, {"d_sort": "--number"}, {"d_sort": "title"}, {"d_page": "99999"},
        {"d_page": "²"}, {"d_min": "9" * 300}, {"d_unit": "1e3,,²"},
    ],
)  # fmt: skip
def test_a_forged_filter_opens_the_list_all_the_same(screen, world, forged):
    a_deal(world)
    at = screen("admin", "deals", **forged)
    assert data_of(at, "deals.table")["labels"]["empty"]


@pytest.mark.parametrize("key", ["d_tab", "d_who", "d_unit", "d_stage", "d_from", "d_to"])
def test_a_forged_widget_leaves_the_list_standing(screen, world, key):
    a_deal(world)
    at = screen("admin", "deals")
    forged = ["0000-00-00"] if key in ("d_from", "d_to") else ["4242", "<script>"]
    assert_says(forge(at, key, string_array_value=StringArray(data=forged)))
    assert data_of(at, "deals.table")["columns"]


def test_an_amount_that_is_none_is_told_and_ignored(screen, world):
    deal = a_deal(world)
    at = screen("admin", "deals", d_min="beaucoup")
    assert_says(at, "Amount not understood.")
    assert listed(at) == [deal]


def test_the_tiles_tell_what_stands_in_each_stage_and_keep_one(screen, world):
    a_deal(world, amount_eur="1000"), a_deal(world, amount_eur="500,50")
    offer = a_deal(world, stage=world.offer_stage, amount_eur="4000")
    at = screen("sales", "deals")
    tile = {each.key: each.label for each in at.button if (each.key or "").startswith("deals.tile")}
    assert tile == {
        f"deals.tile.{world.first_stage}": "**À qualifier** · 2 deals  \n1,500.50\N{NO-BREAK SPACE}€",
        f"deals.tile.{world.offer_stage}": "**Devis envoyé** · 1 deal  \n4,000\N{NO-BREAK SPACE}€",
    }
    assert_says(at, "Together 5,500.50\N{NO-BREAK SPACE}€, weighted by the probability of their stages 2,150.05")
    click(at, f"deals.tile.{world.offer_stage}")
    assert listed(at) == [offer]
    assert at.query_params["d_stage"] == str(world.offer_stage)
    click(at, f"deals.tile.{world.offer_stage}")
    assert len(listed(at)) == 3
    click(at, f"deals.tile.{world.first_stage}")
    click(at, "deals.reset")
    assert "d_stage" not in at.query_params


def test_lists_of_many_pages_are_turned_and_a_header_sorts_from_the_first(screen, world):
    for number in range(52):
        a_deal(world, amount_eur=str(number))
    at = screen("sales", "deals", d_page=2)
    assert len(listed(at)) == 2
    fire(at, "deals.table", "sort", {"column": "amount", "descending": True})
    assert (len(listed(at)), at.query_params["d_sort"]) == (50, "-amount")
    fire(at, "deals.table", "sort", {"column": "title", "descending": True})
    assert at.query_params["d_sort"] == "-amount"


@pytest.mark.parametrize("row", ["deal", "4242", "x", ""])
def test_a_row_opens_its_file(screen, world, row):
    deal = a_deal(world)
    at = screen("reader", "deals")
    fire(at, "deals.table", "open", {"row": str(deal) if row == "deal" else row})
    assert screen.page == "deal"
    assert_says(at, "Contrat gaz" if row == "deal" else NOT_THERE)


def test_rows_show_how_a_deal_stands(screen, world):
    late = a_deal(world, expected_on=TODAY - timedelta(days=1))
    won = a_deal(world, stage=world.won_stage, expected_on=TODAY - timedelta(days=1))
    lost = a_deal(world, stage=world.lost_stage, lost_reason="Trop cher")
    looks = {int(r["id"]): r["looks"] for r in data_of(screen("sales", "deals", d_tab="all"), "deals.table")["rows"]}
    assert looks == {late: ["late"], won: ["done"], lost: ["cancelled"]}


def test_an_empty_list_says_what_fills_it(screen, world):
    at = screen("admin", "deals")
    assert data_of(at, "deals.table")["labels"]["empty"].startswith("No deal here yet")
    assert "deals.new" in keys(at)
    assert "deals.new" not in keys(screen("reader", "deals"))
    at = screen("sales", "deals")
    assert data_of(at, "deals.table")["labels"]["empty"].startswith("No deal matches these filters")


def test_the_files_hold_the_deals_of_the_list_and_no_formula(world):
    a_deal(world, title="=1+1", amount_eur="12500,50", expected_on=SOON)
    rows = all_deals(a_context(world, "admin"), chosen=DealFilter(), sort=DealSort.NUMBER, descending=False)
    reference = world.db.read(lambda store: store.reference())
    table = _table_of(reference, rows)
    book = to_xlsx([table])
    assert value_of(sheet_of(book), "F2") == "12500.5"
    assert "=1+1" in strings_of(book)
    assert "F000001;'=1+1;SARL Dupont & Fils;Lyon;À qualifier;12500,50;24/03/2026;;Sales;Terrain;" in to_csv(
        table
    ).decode("utf-8-sig")


# ---- the file


def test_the_file_shows_the_deal_its_linked_actions_and_who_reported_for_another(screen, world):
    deal = a_deal(world, contact=world.anne, amount_eur="12500", expected_on=TODAY - timedelta(days=2), note="À suivre")
    sub, other = an_action(world), an_action(world)
    link_action(a_context(world, "sales"), deal_id=deal, action_id=the_chain(world, sub).action.id)
    a_report(world, sub, "colleague")
    at = screen("sales", "deal", deal=deal)
    assert_says(at, "F000001  Contrat gaz", "À qualifier", "Late", "12,500 € × 10 %")
    assert_says(at, "Anne Lefèvre", "À suivre")
    assert "deal.link.start" in keys(at)
    assert "deal.link.start" not in keys(screen("reader", "deal", deal=deal))
    (row,) = data_of(at, "deal.actions")["rows"]
    assert row["id"] == str(sub)
    assert {"text": "Sales", "note": "← Colleague", "hint": "Report by Colleague"} in row["cells"]
    assert str(other) not in {each["id"] for each in data_of(at, "deal.actions")["rows"]}


def test_the_action_shows_its_deal_as_a_link_to_whoever_sees_clients(screen, world):
    deal, sub = a_deal(world), an_action(world)
    link_action(a_context(world, "sales"), deal_id=deal, action_id=the_chain(world, sub).action.id)
    at = screen("sales", "action", sub=sub)
    (found,) = [each.proto for each in at.get("page_link") if each.proto.page.endswith("deal")]
    assert (found.label, found.query_string) == ("Deal F000001 · Contrat gaz", f"deal={deal}")
    remove_right(world, "sales", Operation.VIEW_CLIENTS)
    at = screen("sales", "action", sub=sub)
    assert not [each for each in at.get("page_link") if each.proto.page.endswith("deal")]
    assert_says(at, "F000001 · Contrat gaz")


@pytest.mark.parametrize("raw", ["abc", "", "0", "-1", "99999", "9" * 40, "1e3", "²"])
def test_a_forged_address_gets_a_sentence_and_a_way_back(screen, world, raw):
    a_deal(world)
    at = screen("admin", "deal", deal=raw)
    assert_says(at, NOT_THERE)
    click(at, "reading.back")
    assert screen.page == "deals"


@pytest.mark.parametrize(
    ("who", "may"), [("sales", True), ("manager", True), ("admin", True), ("colleague", False), ("reader", False)]
)
def test_who_may_not_change_a_deal_reads_it_with_the_reason(screen, world, who, may):
    deal = a_deal(world)
    at = screen(who, "deal", deal=deal)
    stages, edit = at.segmented_control(f"deal.move.{deal}.1"), at.button("deal.card.edit")
    assert (stages.disabled, edit.disabled) == (not may, not may)
    assert ("Your profile doesn't change this deal." in (edit.help or "")) != may
    at = screen.go("deal", deal=deal, edit=1)
    assert ("save_deal" in keys(at)) == may
    assert ("Your profile doesn't change this deal." in said(at)) != may


def test_a_click_on_a_stage_moves_the_deal_there(screen, world):
    deal = a_deal(world)
    at = move(screen("sales", "deal", deal=deal), deal, world.won_stage)
    assert_says(at, "The deal is moved.", "Closed on")
    assert (the_deal(world, deal).stage_id, the_deal(world, deal).closed_on) == (world.won_stage, TODAY)
    move(at, deal, world.offer_stage, version=2)
    assert the_deal(world, deal).closed_on is None


def test_a_lost_deal_is_asked_why_first(screen, world):
    deal = a_deal(world)
    at = move(screen("sales", "deal", deal=deal), deal, world.lost_stage)
    assert the_deal(world, deal).stage_id == world.first_stage
    click(at, "save_lost")
    assert_says(at, "Say why it is lost: a few words are enough.")
    click(at, "deal.move.back")
    assert "save_lost" not in keys(at)
    move(at, deal, world.lost_stage)
    choose(at, "deal.move.reason", "Trop cher")
    click(at, "save_lost")
    assert (the_deal(world, deal).stage_id, the_deal(world, deal).lost_reason) == (world.lost_stage, "Trop cher")
    assert_says(at, "The deal is moved.", "Trop cher")


def test_a_move_over_somebody_else_s_is_told_and_the_next_click_counts(screen, world):
    deal = a_deal(world)
    at = screen("sales", "deal", deal=deal)
    move_deal(a_context(world, "manager"), deal_id=deal, version=1, stage_id=world.won_stage)
    move(at, deal, world.offer_stage)
    assert_says(at, "Manager changed this record in the meantime. Compare, then save again.")
    assert the_deal(world, deal).stage_id == world.won_stage
    move(at, deal, world.offer_stage, version=2)
    assert the_deal(world, deal).stage_id == world.offer_stage


def test_a_right_taken_away_acts_on_the_next_click(screen, world):
    deal = a_deal(world)
    at = screen("sales", "deal", deal=deal)
    put(world, t.person, world.sales, profile_id=world.profile_reader)
    before = stored_state(world.db)
    assert_says(move(at, deal, world.won_stage), "Your profile doesn't change this deal.")
    assert stored_state(world.db) == before


@pytest.mark.parametrize("forged", [["4242"], ["Ancienne étape"], ["<script>"], []])
def test_a_forged_stage_moves_nothing(screen, world, forged):
    deal = a_deal(world)
    at = screen("sales", "deal", deal=deal)
    assert_says(forge(at, f"deal.move.{deal}.1", string_array_value=StringArray(data=forged)))
    assert (the_deal(world, deal).stage_id, the_deal(world, deal).version) == (world.first_stage, 1)


def test_the_history_tab_tells_each_change_in_words(screen, world):
    deal = a_deal(world, amount_eur="12500")
    ctx = a_context(world, "manager")
    edit_deal(ctx, deal_id=deal, version=1, edits={"amount_eur": "900,50", "owner": world.colleague})
    move_deal(ctx, deal_id=deal, version=2, stage_id=world.won_stage)
    at = screen("sales", "deal", deal=deal, tab="history")
    rows = {tuple(each if isinstance(each, str) else each.get("text") for each in row["cells"][1:])
            for row in data_of(at, "deal.history")["rows"]}  # fmt: skip
    assert rows == {
        ("Manager", "Stage", "À qualifier", "Gagnée"),
        ("Manager", "Closed on", "—", "Wednesday 4 March 2026"),
        ("Manager", "Amount (€)", "12,500\N{NO-BREAK SPACE}€", "900.50\N{NO-BREAK SPACE}€"),
        ("Manager", "Salesperson", "Sales", "Colleague"),
        ("Sales", "Created", "—", "Contrat gaz"),
    }


def test_the_documents_tab_is_there(screen, world):
    deal = a_deal(world)
    at = screen("sales", "deal", deal=deal, tab="documents")
    assert data_of(at, f"documents.deal.{deal}.table")["rows"] == []


# ---- linking


def test_actions_of_the_client_are_linked_on_demand_and_taken_out(screen, world):
    deal, sub = a_deal(world), an_action(world)
    an_action(world, client=world.leroy), an_action(world, "colleague")
    at = click(screen("sales", "deal", deal=deal), "deal.link.start")
    assert at.selectbox("deal.link.action").options == ["A000001 · Appel"]
    click(choose(at, "deal.link.action", the_chain(world, sub).action.id), "save_link")
    assert the_chain(world, sub).action.deal_id == deal
    assert [row["id"] for row in data_of(at, "deal.actions")["rows"]] == [str(sub)]
    fire(at, "deal.actions", "menu", {"row": str(sub), "choice": "unlink"})
    assert the_chain(world, sub).action.deal_id is None
    click(at, "deal.link.start")
    click(at, "deal.link.back")
    assert "save_link" not in keys(at)


@pytest.mark.parametrize("row", ["theirs", "4242", "x", ""])
def test_a_forged_gesture_takes_nothing_out_of_a_deal(screen, world, row):
    deal, theirs = a_deal(world, "colleague"), an_action(world, "colleague")
    link_action(a_context(world, "colleague"), deal_id=deal, action_id=the_chain(world, theirs).action.id)
    at = screen("sales", "deal", deal=deal)
    before = stored_state(world.db)
    fire(at, "deal.actions", "menu", {"row": str(theirs) if row == "theirs" else row, "choice": "unlink"})
    assert_says(at)
    assert stored_state(world.db) == before


def test_a_new_action_of_the_deal_opens_with_its_client_and_itself(screen, world):
    deal = a_deal(world)
    at = click(screen("sales", "deal", deal=deal), "deal.card.new_action")
    assert screen.page == "new_action"
    assert at.selectbox("new.deal").value == deal


def test_who_sees_no_action_is_told_so_in_their_tab(screen, world):
    remove_right(world, "reader", Operation.VIEW_ACTIONS)
    assert_says(screen("reader", "deal", deal=a_deal(world)), "Your profile doesn't show actions.")


# ---- editing


def test_a_deal_is_edited_in_place(screen, world):
    deal = a_deal(world, amount_eur="12500")
    at = click(screen("sales", "deal", deal=deal), "deal.card.edit")
    assert at.text_input(f"deal.edit.{deal}.amount_eur").value == "12500"
    fill(at, f"deal.edit.{deal}", title="Contrat eau", amount_eur="9 000", expected_on=SOON, contact=world.anne)
    at.selectbox(f"deal.edit.{deal}.owner").set_value(world.colleague).run()
    assert at.selectbox(f"deal.edit.{deal}.org_unit").value == world.field
    click(at, "save_deal")
    assert_says(at, "Saved.")
    found = the_deal(world, deal)
    assert (found.title, found.amount_eur, found.expected_on, found.contact_id, found.owner_id, found.version) == (
        "Contrat eau", Decimal(9000), SOON, world.anne, world.colleague, 2)  # fmt: skip
    assert not kept_drafts(a_context(world, "sales"))


def test_errors_stand_at_their_fields_and_what_was_typed_is_kept(screen, world):
    deal = a_deal(world)
    at = screen("sales", "deal", deal=deal, edit=1)
    fill(at, f"deal.edit.{deal}", title=" ", amount_eur="beaucoup", stage=world.lost_stage).run()
    click(at, "save_deal")
    assert_says(at, "Nothing was saved. To mend: Title, Amount (€), Reason of the loss.",
                "Amount not understood: write for example 12500 or 12500,50.")  # fmt: skip
    assert at.text_input(f"deal.edit.{deal}.amount_eur").value == "beaucoup"
    assert the_deal(world, deal).version == 1


def test_an_edit_over_somebody_else_s_shows_both_and_lets_one_choose(screen, world):
    deal = a_deal(world, amount_eur="100")
    at = screen("sales", "deal", deal=deal, edit=1)
    edit_deal(a_context(world, "manager"), deal_id=deal, version=1, edits={"amount_eur": "200"})
    fill(at, f"deal.edit.{deal}", amount_eur="300")
    click(at, "save_deal")
    assert_says(at, "Manager changed this record in the meantime. Compare, then save again.")
    assert the_deal(world, deal).amount_eur == 200
    click(at, f"deal.edit.{deal}.mine")
    click(at, "save_deal")
    assert the_deal(world, deal).amount_eur == 300
    at = screen.go("deal", deal=deal, edit=1)
    edit_deal(a_context(world, "manager"), deal_id=deal, version=3, edits={"amount_eur": "400"})
    click(fill(at, f"deal.edit.{deal}", amount_eur="500"), "save_deal")
    click(at, f"deal.edit.{deal}.theirs")
    assert at.text_input(f"deal.edit.{deal}.amount_eur").value == "400"


def test_what_was_typed_is_kept_as_a_draft_and_offered_again(screen, world):
    deal = a_deal(world)
    at = screen("sales", "deal", deal=deal, edit=1)
    fill(at, f"deal.edit.{deal}", note="Le directeur rappelle lundi").run()
    screen.go("my_day")
    links = {each.proto.query_string for each in screen.at.get("page_link")}
    assert f"deal={deal}&edit=1" in links
    at = screen.go("deal", deal=deal, edit=1)
    assert at.text_area(f"deal.edit.{deal}.note").value == "Le directeur rappelle lundi"
    click(at, f"deal.edit.{deal}.give_up")
    assert "save_deal" not in keys(at)
    assert the_deal(world, deal).note == ""
    assert not kept_drafts(a_context(world, "sales"))


WORD = {"string_value": "1 OR 1=1"}


@pytest.mark.parametrize(
    ("field", "forged"),
    [("stage", WORD), ("owner", {"string_value": "Gone"}), ("org_unit", {"string_value": "Sud"}), ("contact", WORD),
     ("expected_on", {"string_array_value": StringArray(data=["0000-00-00"])}), ("title", {"string_value": "\x00"}),
     ("amount_eur", {"string_value": "9" * 400})],
)  # fmt: skip
def test_a_forged_field_of_an_edit_is_never_stored(screen, world, field, forged):
    deal = a_deal(world)
    before = the_deal(world, deal)
    at = screen("sales", "deal", deal=deal, edit=1)
    assert_says(forge(at, f"deal.edit.{deal}.{field}", **forged))
    click(at, "save_deal")
    after = the_deal(world, deal)
    assert (after.stage_id, after.owner_id, after.org_unit_id, after.title, after.note, after.amount_eur) == (
        before.stage_id, before.owner_id, before.org_unit_id, before.title, before.note, None)  # fmt: skip


# ---- creating


def test_a_deal_is_created_from_the_list_for_a_client_that_is_searched(screen, world):
    at = click(screen("sales", "deals"), "deals.new")
    assert screen.page == "new_deal"
    assert "save_deal" not in keys(at)
    choose(at, "deal.new.client_text.text", "dup").run()
    click(at, f"deal.new.client_text.pick.{world.dupont}")
    assert at.text_input("deal.new.title").value == "Deal SARL Dupont & Fils"
    fill(at, "deal.new", amount_eur="12 500", contact=world.anne)
    click(at, "save_deal")
    assert screen.page == "deal"
    assert_says(at, "The deal is created.")
    found = only_deal(world)
    assert (found.client_id, found.amount_eur, found.contact_id, found.owner_id, found.stage_id, found.org_unit_id) == (
        world.dupont, Decimal(12500), world.anne, world.sales, world.first_stage, world.field)  # fmt: skip
    assert not kept_drafts(a_context(world, "sales"))


def test_another_client_renames_the_deal_and_empties_its_contact(screen, world):
    at = screen("sales", "new_deal", client=world.dupont)
    fill(at, "deal.new", contact=world.anne).run()
    click(at, "deal.new.other")
    choose(at, "deal.new.client_text.text", "leroy").run()
    click(at, f"deal.new.client_text.pick.{world.leroy}")
    assert (at.text_input("deal.new.title").value, at.selectbox("deal.new.contact").value) == ("Deal Leroy", None)
    click(at, "save_deal")
    assert only_deal(world).client_id == world.leroy


def test_saving_twice_creates_one(screen, world):
    at = screen("sales", "new_deal", client=world.dupont)
    at.button("save_deal").click()
    at.run()
    assert not at.exception
    assert rows_of(world.db, t.deal) == {"deal": 1}


@pytest.mark.parametrize("forged", ["abc", "0", "4242", "²", ""])
def test_a_forged_client_gets_a_sentence_and_a_way_back(screen, forged):
    at = screen("sales", "new_deal", client=forged)
    assert_says(at, NOT_THERE)
    click(at, "reading.back")
    assert screen.page == "deals"


def test_without_a_deal_the_report_is_saved_and_said_to_be(screen, world):
    sub = an_action(world, contact=world.anne)
    a_report(world, sub, follow_up="deal")
    action_id = the_chain(world, sub).action.id
    at = screen("sales", "new_deal", action=action_id)
    assert at.selectbox(f"deal.{action_id}.contact").value == world.anne
    assert at.button(f"deal.{action_id}.give_up").help == "The report is saved all the same."
    click(at, f"deal.{action_id}.give_up")
    assert screen.page == "action"
    assert_says(at, "The report is saved, without a deal: it can still be created from the action.")
    assert rows_of(world.db, t.deal) == {"deal": 0}
    click(at, "card.new_deal")
    assert screen.page == "new_deal"


def test_an_open_action_leads_to_a_deal_without_a_word_about_a_report(screen, world):
    sub = an_action(world)
    at = click(screen("sales", "action", sub=sub), "card.new_deal")
    action_id = the_chain(world, sub).action.id
    assert at.button(f"deal.{action_id}.give_up").help in (None, "")
    click(at, "save_deal")
    assert screen.page == "action"
    assert_says(at, "The deal is created and linked to A000001.")
    assert "card.new_deal" not in keys(at)


def test_a_profile_that_sees_no_client_still_creates_and_edits(screen, world):
    """Both forms asked for the client's file with a right that the profile hasn't: an incident (issue 2)."""
    remove_right(world, "sales", Operation.VIEW_CLIENTS)
    sub = an_action(world)
    a_report(world, sub, follow_up="deal")
    action_id = the_chain(world, sub).action.id
    at = click(screen("sales", "new_deal", action=action_id), "save_deal")
    assert screen.page == "action"
    other = an_action(world)
    for each in (sub, other):
        at = screen.go("action", sub=each, edit=1)
        assert_says(at)
        assert "save_edit" in keys(at)
    assert at.query_params["sub"] == str(other)
    deal = the_chain(world, sub).action.deal_id
    at = screen.go("action", sub=sub, edit=1)
    assert at.selectbox(f"edit.{sub}.deal").value == deal
    assert screen.go("deals").warning[0].value == "Your profile doesn't show clients."
    assert screen.go("new_deal").warning[0].value == "Your profile doesn't show clients."


def test_looking_writes_nothing(screen, world):
    deal = a_deal(world)
    before = stored_state(world.db)
    for who in ("sales", "manager", "admin", "reader"):
        screen(who, "deals")
        for query in ({}, {"tab": "history"}, {"tab": "documents"}, {"edit": 1}):
            screen.go("deal", deal=deal, **query)
    assert stored_state(world.db) == before
