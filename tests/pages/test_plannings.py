"""The plannings as somebody opens them and drops on them; the calendar's own gestures are tested by themselves."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from lib.db import tables as t
from lib.domain.absences import record_absence
from lib.domain.chain import Status
from tests.builders import TODAY, a_context, a_key, a_report, an_action, put, the_sub
from tests.pages.screens import assert_says, click, said
from tests.pages.streamlit_events import data_of, run_fragment, send_state

PERSON, TEAM = "planning.person", "planning.team"


def planned(world, who="sales", at="10:00", **values):
    return an_action(world, who, status="planned", planned_date=TODAY, planned_time=time.fromisoformat(at),
                     duration=60, **values)  # fmt: skip


def dropped(at, key, *ops):
    """The browser sends these gestures; then the page is drawn again."""
    numbered = [{"seq": number, **op} for number, op in enumerate(ops, 1)]
    send_state(at, key, {"ops": {"client": "browser", "again": 0, "ops": numbered}})
    assert not at.exception, at.exception[0]
    return at


def a_drop(world, sub_id, hour, *, kind="move", day=TODAY, minutes=30, lane="sales", version=None, **values):
    return {
        "kind": kind, "id": str(sub_id), "start": f"{day.isoformat()}T{hour}:00", "minutes": minutes,
        "isAllDay": False, "lane": str(world.ids.get(lane, lane)), "version": version or the_sub(world, sub_id).version,
        **values,
    }  # fmt: skip


def items(at, key=PERSON):
    return {each["id"]: each for each in data_of(at, key)["items"]}


def test_ones_own_planning_opens_on_this_week_with_the_tray(screen, world):
    here, waiting = planned(world), an_action(world)
    at = screen("sales", "planning")
    data = data_of(at, PERSON)
    assert list(items(at)) == [str(here)]
    assert [each["id"] for each in data["tray"]] == [str(waiting)]
    assert (data["view"], data["day"]) == ("week", TODAY.isoformat())
    assert at.query_params["p_who"] == str(world.sales)


def test_a_drop_from_the_tray_plans_it(screen, world):
    sub_id = an_action(world)
    at = screen("sales", "planning")
    dropped(at, PERSON, a_drop(world, sub_id, "15:00", kind="plan"))
    assert the_sub(world, sub_id).status == Status.PLANNED
    assert items(at)[str(sub_id)]["start"] == f"{TODAY.isoformat()}T15:00:00"
    assert data_of(at, PERSON)["tray"] == []


def test_a_drop_on_another_one_asks_and_keeping_both_plans_it(screen, world):
    planned(world)
    sub_id = an_action(world)
    at = screen("sales", "planning")
    dropped(at, PERSON, a_drop(world, sub_id, "10:15", kind="plan"))
    assert_says(at, "This slot hits something:", "A000001/01 Appel, SARL Dupont & Fils, from 10:00 to 11:00")
    assert the_sub(world, sub_id).status == Status.TO_PLAN
    assert "wait" in items(at)[str(sub_id)]["looks"], "it stands where it was dropped meanwhile"
    click(at, "planning.keep")
    assert the_sub(world, sub_id).status == Status.PLANNED


def test_putting_it_back_changes_nothing(screen, world):
    planned(world)
    sub_id = an_action(world)
    at = screen("sales", "planning")
    dropped(at, PERSON, a_drop(world, sub_id, "10:15", kind="plan"))
    click(at, "planning.give_up")
    assert the_sub(world, sub_id).status == Status.TO_PLAN
    assert [each["id"] for each in data_of(at, PERSON)["tray"]] == [str(sub_id)]


def test_swapping_and_the_next_free_slot_are_one_click(screen, world):
    first, second = planned(world), planned(world, at="15:00")
    at = screen("sales", "planning")
    dropped(at, PERSON, a_drop(world, second, "10:00", minutes=60))
    click(at, "planning.swap")
    assert (the_sub(world, first).planned_time.hour, the_sub(world, second).planned_time.hour) == (15, 10)
    third = an_action(world)
    run_fragment(at)
    at.run()
    dropped(at, PERSON, {**a_drop(world, third, "10:00", kind="plan"), "seq": 2})
    click(at, "planning.free.0")
    assert the_sub(world, third).planned_time.hour == 11


def test_a_refused_drop_says_why_and_the_item_stays(screen, world):
    sub_id = planned(world)
    at = screen("sales", "planning")
    dropped(at, PERSON, a_drop(world, sub_id, "15:00", minutes=30 * 60))
    (told,) = data_of(at, PERSON)["ack"]["told"]
    assert told["text"] == "Duration out of range: from 0:01 to 24:00."
    assert the_sub(world, sub_id).planned_time.hour == 10


def test_a_past_day_is_allowed_and_says_so(screen, world):
    sub_id = an_action(world)
    at = screen("sales", "planning")
    dropped(at, PERSON, a_drop(world, sub_id, "10:00", kind="plan", day=TODAY - timedelta(days=1)))
    (told,) = data_of(at, PERSON)["ack"]["told"]
    assert (told["text"], told["bad"]) == ("Planned on a day that has passed.", False)


@pytest.mark.parametrize("lane", ["gone", "999999", "far'--", ""])
def test_a_forged_lane_takes_nothing(screen, world, lane):
    sub_id = planned(world)
    at = screen("manager", "planning", p_who=world.sales)
    dropped(at, PERSON, a_drop(world, sub_id, "15:00", lane=lane))
    assert data_of(at, PERSON)["ack"]["told"][0]["bad"]
    assert (the_sub(world, sub_id).planned_time.hour, the_sub(world, sub_id).assignee_id) == (10, world.sales)


def test_an_item_of_somebody_elses_cannot_be_moved_by_its_id(screen, world):
    foreign = planned(world, "far")
    at = screen("sales", "planning")
    dropped(at, PERSON, a_drop(world, foreign, "15:00", lane="far"))
    assert "doesn't exist" in data_of(at, PERSON)["ack"]["told"][0]["text"]
    assert the_sub(world, foreign).planned_time.hour == 10


def test_done_ones_are_there_on_demand_and_do_not_move(screen, world):
    sub_id = planned(world)
    a_report(world, sub_id)
    assert items(screen("sales", "planning")) == {}
    shown = items(screen("sales", "planning", p_done=1))[str(sub_id)]
    assert shown["isMovable"] is False
    assert "done" in shown["looks"]


def test_an_absence_is_a_band_and_leaves_no_hours(screen, world):
    raw = {"person": world.sales, "kind": "leave", "starts_on": TODAY, "ends_on": TODAY}
    record_absence(a_context(world, "sales"), raw=raw, request_key=a_key())
    data = data_of(screen("sales", "planning"), PERSON)
    assert "Leave" in {band["label"] for band in data["bands"]}
    assert data["lanes"][0]["capacity"][TODAY.isoformat()] == 0
    assert data["lanes"][0]["capacity"][(TODAY + timedelta(days=1)).isoformat()] == 420


def test_where_a_cell_is_a_day_the_days_that_an_absence_of_some_hours_takes_whole_are_marked(screen, world):
    raw = {"person": world.sales, "kind": "leave", "starts_on": TODAY, "start_time": time(14),
           "ends_on": TODAY + timedelta(days=1)}  # fmt: skip
    record_absence(a_context(world, "sales"), raw=raw, request_key=a_key())
    bands = data_of(screen("manager", "team_planning", t_who=world.sales), TEAM)["bands"]
    marked = {band["start"][:10] for band in bands if band["kind"] == "leave" and band["isAllDay"]}
    assert marked == {(TODAY + timedelta(days=1)).isoformat()}


def test_what_has_no_duration_lasts_as_its_nature_says_and_can_be_dropped(screen, world):
    sub_id = an_action(world)
    put(world, t.sub_action, sub_id, duration_min=None)
    at = screen("sales", "planning")
    assert data_of(at, PERSON)["tray"][0]["minutes"] == 15


def test_a_second_question_waits_for_the_answer_to_the_first(screen, world):
    planned(world)
    first, second = an_action(world), an_action(world)
    at = screen("sales", "planning")
    dropped(at, PERSON, a_drop(world, first, "10:15", kind="plan"), a_drop(world, second, "10:30", kind="plan"))
    (told,) = data_of(at, PERSON)["ack"]["told"]
    assert (told["id"], told["text"]) == (str(second), "Answer the question that is open first.")
    assert "wait" in items(at)[str(first)]["looks"]


def test_the_team_is_filtered_by_unit_and_its_loads_stay_whole(screen, world):
    call, brochure = planned(world), planned(world, at="15:00", nature=world.brochure)
    at = screen("manager", "team_planning", t_unit=world.field, t_nature=world.brochure)
    data = data_of(at, TEAM)
    names = {lane["title"] for lane in data["lanes"]}
    assert "Tele Sales" not in names
    assert {"Sales", "Colleague"} <= names
    assert list(items(at, TEAM)) == [str(brochure)]
    (lane,) = (lane for lane in data["lanes"] if lane["id"] == str(world.sales))
    assert lane["leftOut"] == {TODAY.isoformat(): 60}
    assert call


def test_a_drop_on_another_lane_gives_it_to_that_person(screen, world):
    sub_id = planned(world)
    at = screen("manager", "team_planning")
    dropped(at, TEAM, a_drop(world, sub_id, "10:00", minutes=60, lane="colleague"))
    assert the_sub(world, sub_id).assignee_id == world.colleague


def test_another_unit_is_asked_before(screen, world):
    sub_id = planned(world)
    at = screen("manager", "team_planning")
    dropped(at, TEAM, a_drop(world, sub_id, "10:00", minutes=60, lane="tele_sales"))
    assert_says(at, "the action goes to Tele Sales, and from the unit Terrain to Téléventes")
    click(at, "planning.keep")
    assert the_sub(world, sub_id).assignee_id == world.tele_sales


def test_an_empty_slot_leads_to_a_new_action_that_knows_it(screen, world):
    at = screen("sales", "planning")
    dropped(at, PERSON, {"kind": "create", "start": f"{TODAY.isoformat()}T14:30:00", "minutes": 45, "isAllDay": False,
                         "lane": str(world.sales)})  # fmt: skip
    assert screen.page == "new_action"
    assert at.session_state["new.planned_time"].hour == 14 or at.time_input("new.planned_time").value.hour == 14


def test_a_quick_second_click_does_not_undo_the_first(screen, world):
    at = screen("manager", "planning", p_who=world.sales)
    stale = dict(at.query_params)
    at.selectbox("planning.who").set_value(world.colleague).run()
    at.query_params.clear()
    at.query_params.update(stale)  # the browser hasn't shown the new address yet
    at.toggle("planning.done").set_value(True).run()
    assert at.selectbox("planning.who").value == world.colleague
    at.run()
    assert (at.query_params["p_who"], at.query_params["p_done"]) == (str(world.colleague), "1")


def test_an_item_opens_its_panel_with_its_gestures(screen, world):
    sub_id = planned(world)
    at = screen("sales", "planning")
    dropped(at, PERSON, {"kind": "open", "id": str(sub_id)})
    assert at.query_params["p_item"] == str(sub_id)
    assert at.button("planning.panel.report")
    assert "SARL Dupont & Fils" in said(at)
    click(at, "planning.panel.close")
    assert "p_item" not in at.query_params


def test_the_panel_follows_a_drop_and_the_page_comes_to_rest(screen, world):
    sub_id = an_action(world)
    at = screen("sales", "planning", p_item=sub_id)
    assert at.button("planning.panel.plan")
    dropped(at, PERSON, a_drop(world, sub_id, "15:00", kind="plan"))
    assert at.button("planning.panel.unplan")


def test_the_action_leads_to_its_planning_ready_to_be_dropped(screen, world):
    an_action(world)
    sub_id = an_action(world)
    at = screen("sales", "planning", p_who=world.sales, p_item=sub_id)
    assert data_of(at, PERSON)["tray"][0]["id"] == str(sub_id)


def test_whoever_is_in_no_unit_reads_that_there_is_nobody_to_plan(screen, world):
    put(world, t.person, world.nowhere, language="en")
    assert_says(screen("nowhere", "planning"), "Nobody to plan for")


def test_a_reader_looks_and_moves_nothing(screen, world):
    sub_id = planned(world)
    at = screen("reader", "planning", p_who=world.sales)
    assert data_of(at, PERSON)["readOnly"] is True
    dropped(at, PERSON, a_drop(world, sub_id, "15:00"))
    assert the_sub(world, sub_id).planned_time.hour == 10


@pytest.mark.parametrize(("page", "key"), [("planning", PERSON), ("team_planning", TEAM)])
def test_where_one_navigates_is_kept_in_the_address(screen, world, page, key):
    prefix = "p_" if page == "planning" else "t_"
    at = screen("manager", page)
    later = TODAY + timedelta(days=9)
    dropped(at, key, {"kind": "look", "first": later.isoformat(), "after": (later + timedelta(days=1)).isoformat(),
                      "view": "day", "day": later.isoformat(), "rev": 0})  # fmt: skip
    run_fragment(at)
    assert (at.query_params[f"{prefix}day"], at.query_params[f"{prefix}view"]) == (later.isoformat(), "day")
