"""Planning, postponing, cancelling and deleting in their dialogs: done, or refused in a sentence with the text kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from lib.domain.actions import cancel, edit_sub_action
from lib.domain.chain import Status
from lib.ui import session
from tests.builders import TODAY, a_context, a_report, an_action, rows_of, stored_state, the_chain, the_sub
from tests.pages import screens
from tests.pages.screens import assert_says, choose
from tests.pages.streamlit_events import run_fragment


def asks(screen, sub, gesture, who="sales"):
    """The dialog of a gesture, opened from the file."""
    at = screen(who, "action", sub=sub)
    at.button(f"card.{gesture}").click().run()
    assert_says(at)
    return at


def press(at, key="save_gesture"):
    at.button(key).click()
    return run_fragment(at)


def test_planning_takes_the_date_and_says_when(screen, world):
    sub = an_action(world)
    at = asks(screen, sub, "plan")
    choose(choose(at, "gesture.date", TODAY), "gesture.time", time(14, 30))
    assert_says(press(at), "A000001/01 is planned: today 14:30.")
    planned = the_sub(world, sub)
    assert (planned.status, planned.planned_date, planned.planned_time) == (Status.PLANNED, TODAY, time(14, 30))


def test_planning_without_a_date_is_refused_at_the_field(screen, world):
    sub = an_action(world)
    before = stored_state(world.db)
    at = asks(screen, sub, "plan")
    choose(at, "gesture.date", None)
    assert_says(press(at), "A date is required.")
    assert stored_state(world.db) == before
    choose(at, "gesture.date", TODAY)
    press(at)
    assert the_sub(world, sub).status == Status.PLANNED


@pytest.mark.parametrize(("button", "days"), [(0, 0), (1, 1), (2, 7)])
def test_postponing_is_one_click(screen, world, button, days):
    sub = an_action(world, status="planned", planned_date=TODAY, planned_time=time(9))
    at = asks(screen, sub, "postpone")
    press(at, f"gesture.postpone.{button}")
    assert the_sub(world, sub).planned_date == TODAY + timedelta(days=days)
    assert the_sub(world, sub).status == Status.PLANNED


EASTER_EVE, MONDAY_BEFORE, AFTER_EASTER = date(2026, 4, 3), date(2026, 3, 30), date(2026, 4, 7)


@pytest.mark.parametrize(("today", "button"), [(EASTER_EVE, 1), (MONDAY_BEFORE, 2)])
def test_a_public_holiday_is_never_proposed(screen, world, monkeypatch, today, button):
    sub = an_action(world, status="planned", planned_date=TODAY, planned_time=time(9))
    now = datetime.combine(today, time(9), UTC)
    monkeypatch.setattr(session, "now", lambda: now)
    monkeypatch.setattr(screens, "NOW", now)  # and so when the person signed in
    press(asks(screen, sub, "postpone"), f"gesture.postpone.{button}")
    assert the_sub(world, sub).planned_date == AFTER_EASTER


def test_the_dialog_of_planning_opens_on_the_next_day_that_is_worked(screen, world, monkeypatch):
    sub = an_action(world)
    now = datetime.combine(EASTER_EVE, time(9), UTC)
    monkeypatch.setattr(session, "now", lambda: now)
    monkeypatch.setattr(screens, "NOW", now)
    assert asks(screen, sub, "plan").date_input("gesture.date").value == AFTER_EASTER


def test_a_date_changed_by_somebody_else_meanwhile_is_told_before_it_is_overwritten(screen, world):
    sub = an_action(world, status="planned", planned_date=TODAY)
    at = asks(screen, sub, "postpone")
    theirs = TODAY + timedelta(days=20)
    edit_sub_action(a_context(world, "manager"), sub_action_id=sub, version=1, edits={"planned_date": theirs})
    assert_says(press(at, "gesture.postpone.1"), "Manager changed this record in the meantime.")
    assert the_sub(world, sub).planned_date == theirs
    press(at, "gesture.postpone.1")
    assert the_sub(world, sub).planned_date == TODAY + timedelta(days=1), "told, it is his to decide"


def test_cancelling_needs_its_reason_and_keeps_what_is_typed(screen, world):
    sub = an_action(world)
    at = asks(screen, sub, "cancel")
    assert_says(press(at), "Say why it is cancelled: the comment stays in the history.")
    assert the_sub(world, sub).status == Status.TO_PLAN
    choose(at, "gesture.reason", "Client parti")
    assert_says(press(at), "A000001/01 is cancelled.", "Client parti")
    assert the_sub(world, sub).status == Status.CANCELLED


def test_deleting_takes_the_last_step_then_the_action_with_its_only_one(screen, world):
    first = an_action(world)
    following = {"nature": world.call, "assignee": world.sales, "detail": "<p>x</p>"}
    second = a_report(world, first, follow_up="sub_action", next=following)
    press(asks(screen, second, "delete"))
    assert len(the_chain(world, first).sub_actions) == 1
    only = an_action(world)
    press(asks(screen, only, "delete"))  # where it leads to is seen in a browser: AppTest knows no page in a fragment
    assert rows_of(world.db)["action"] == 1


def test_what_became_of_it_meanwhile_is_told_in_the_dialog(screen, world):
    sub = an_action(world)
    at = asks(screen, sub, "plan")
    cancel(a_context(world, "manager"), sub_action_id=sub, version=1, reason="Doublon")
    assert_says(press(at), "A cancelled sub-action can never be changed again.")


def test_back_changes_nothing(screen, world):
    sub = an_action(world)
    before = stored_state(world.db)
    press(asks(screen, sub, "cancel"), "gesture.back")
    assert stored_state(world.db) == before


@pytest.mark.parametrize("gesture", ["plan", "cancel", "delete"])
def test_a_dialog_left_open_past_the_session_stores_nothing(screen, world, gesture):
    sub = an_action(world)
    at = asks(screen, sub, gesture)
    if gesture == "cancel":
        choose(at, "gesture.reason", "Client parti")
    before = stored_state(world.db)
    screen.sign_out()
    assert_says(press(at), "Your session has ended: sign in again.")
    assert stored_state(world.db) == before
