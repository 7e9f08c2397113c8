"""What acts on the next click: a parameter, a language, a right taken away, a session that ended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lib.db import tables as t
from lib.domain.accounts import choose_language, set_active
from lib.domain.drafts import kept_drafts
from lib.domain.parameters import DATE_REQUIRED, DETAIL_REQUIRED, REPORT_PREFILL, change_parameter
from lib.ui import session
from tests.builders import TODAY, a_context, an_action, put, rows_of, stored_state, the_sub
from tests.pages.screens import Screens, assert_says, choose, click, said, type_text
from tests.pages.streamlit_events import fire, forge, run_fragment, send_state

ENDED = "Your session has ended: sign in again. What you were typing has been kept."


def value_key(parameter, version=0):
    return f"parameter.{parameter.key}.value.{version}"


# ---- parameters


def test_a_parameter_changed_by_the_administrator_acts_on_the_salespersons_next_save(screen, world):
    sales, admin = screen, Screens(world)
    at = sales("sales", "new_action", client=world.dupont)
    choose(at, "new.nature", world.call).run()
    click(at, "save_new")
    assert_says(at, "Nothing was saved. To mend: Detail.")

    with browser_of(sales, "admin"):
        settings = admin("admin", "parameters")
        settings.toggle(value_key(DETAIL_REQUIRED)).set_value(False).run()
        assert_says(settings, "Detail required")
        click(settings, f"save_parameter.{DETAIL_REQUIRED.key}")
        assert_says(settings, "Detail required: changed for everybody.", "Set by Admin, Wednesday 4 March 2026 10:30")

    click(at, "save_new")
    assert sales.page == "action"
    assert the_sub(world, int(at.query_params["sub"])).detail_text == ""


@contextmanager
def browser_of(screens: Screens, who: str) -> Iterator[None]:
    """For a while, the cookie of somebody else is sent."""
    before, screens.who = screens.who, who
    yield
    screens.who = before


def test_switching_a_rule_on_says_how_many_actions_it_concerns(screen, world):
    an_action(world)
    at = screen("admin", "parameters")
    at.toggle(value_key(DATE_REQUIRED)).set_value(True).run()
    assert_says(at, "1 action to plan has no date.")
    click(at, f"parameter.{DATE_REQUIRED.key}.give_up")
    assert at.toggle(value_key(DATE_REQUIRED)).value is False


def test_a_parameter_that_somebody_else_set_meanwhile_is_compared(screen, world):
    at = screen("admin", "parameters")
    at.radio(value_key(REPORT_PREFILL)).set_value("none").run()
    change_parameter(a_context(world, "admin"), key=REPORT_PREFILL.key, value="planned", version=0)
    click(at, f"save_parameter.{REPORT_PREFILL.key}")
    assert_says(at, "Admin changed this record in the meantime. Compare, then save again.")
    assert at.radio(value_key(REPORT_PREFILL, 1)).value == "planned"


def test_the_prefill_of_reports_follows_the_parameter_at_once(screen, world):
    sub = an_action(world)
    change_parameter(a_context(world, "admin"), key=REPORT_PREFILL.key, value="none", version=0)
    at = screen("sales", "report", sub=sub)
    assert at.date_input(f"report.{sub}.done_on").value is None


@pytest.mark.parametrize("forged", [{"string_value": "x"}, {"json_value": "[1]"}, {"int_value": 7}])
def test_a_forged_parameter_changes_nothing(screen, world, forged):
    before = stored_state(world.db)
    at = screen("admin", "parameters")
    forge(at, value_key(DETAIL_REQUIRED), **forged)
    assert not at.exception
    for button in at.button:
        if button.key == f"save_parameter.{DETAIL_REQUIRED.key}":
            click(at, button.key)
            assert_says(at, "Unknown value for this parameter: choose one of the list.")
            break
    assert stored_state(world.db) == before


# ---- language


def test_another_language_speaks_from_the_next_run_on_and_in_the_next_session(screen):
    at = screen("sales", "my_day")
    at.segmented_control("person.language.en").set_value("fr").run()
    assert not at.exception
    assert at.title[0].value == "Ma journée"
    assert screen("sales", "my_day").title[0].value == "Ma journée"


def test_a_language_chosen_in_another_tab_is_followed_and_not_fought(screen, world):
    at = screen("sales", "my_day")
    choose_language(a_context(world, "sales"), language="fr")
    for _click in range(2):
        assert at.run().title[0].value == "Ma journée"


# ---- trust


FORMS = ["action", "edit", "report", "new_action", "new_deal", "parameters", "actions", "my_day", "absences", "year"]


def opened(screen, world, who, name):
    sub = an_action(world, "sales")
    if name == "edit":
        return screen(who, "action", sub=sub, edit=1)
    query = {"action": {"sub": sub}, "report": {"sub": sub}, "new_deal": {"action": 1}}.get(name, {})
    return screen(who, name, **query)


@pytest.mark.parametrize("name", FORMS)
def test_signing_out_elsewhere_ends_every_page_at_the_next_click(screen, world, name):
    at = opened(screen, world, "admin", name)
    screen.sign_out()
    at.run()
    assert_says(at, ENDED)
    assert not at.title
    assert "Dupont" not in said(at)


@pytest.mark.parametrize("name", FORMS)
def test_a_person_disabled_is_out_at_the_next_click(screen, world, name):
    at = opened(screen, world, "admin", name)
    set_active(session.gate(), email="admin@example.org", is_active=False)
    assert_says(at.run(), ENDED)


@pytest.mark.parametrize(
    ("name", "save"),
    [("edit", "save_edit"), ("report", "save_report"), ("new_action", "save_new"), ("new_deal", "save_deal")],
)
def test_a_save_after_the_session_ended_stores_nothing(screen, world, name, save):
    at = opened(screen, world, "sales", name)
    before = stored_state(world.db)
    screen.sign_out()
    click(at, save)
    assert_says(at, ENDED)
    assert stored_state(world.db) == before


@pytest.mark.parametrize(
    ("name", "save", "why"),
    [
        ("edit", "save_edit", "Your profile doesn't change this action."),
        ("report", "save_report", "Your profile doesn't report on this action."),
        ("new_action", "save_new", "Your profile doesn't create actions."),
        ("new_deal", "save_deal", "Your profile doesn't create deals."),
    ],
)
def test_a_right_taken_away_acts_on_the_next_save(screen, world, name, save, why):
    at = opened(screen, world, "sales", name)
    if name == "edit":
        choose(at, "edit.1.duration", "45")
    before = stored_state(world.db)
    put(world, t.person, world.sales, profile_id=world.profile_reader)
    click(at, save)
    assert_says(at, why)
    assert stored_state(world.db) == before


def test_a_gesture_after_the_session_ended_does_nothing(screen, world):
    sub = an_action(world, status="planned", planned_date=TODAY)
    at = screen("sales", "actions")
    screen.sign_out()
    fire(at, "list.table", "menu", {"row": str(sub), "choice": "unplan"})
    assert_says(at, ENDED)
    assert the_sub(world, sub).version == 1


def test_what_was_being_typed_is_back_after_signing_in_again(screen, world):
    at = screen("sales", "new_action", client=world.dupont)
    choose(at, "new.nature", world.call).run()
    screen.sign_out()
    type_text(at, "new.detail", "<p>x</p>")
    assert_says(at.run(), ENDED)
    at = screen("sales", "new_action")
    assert_says(at, "Your draft is back.")
    assert at.selectbox("new.nature").value == world.call


def test_a_tab_taken_over_by_somebody_else_holds_nothing_of_the_first(screen, world):
    at = screen("sales", "new_action", client=world.dupont)
    send_state(at, "new.detail", {"doc": {"rev": 0, "html": "<p>Confidentiel</p>"}})
    screen.who = ""
    screen.sign_in("far")
    at.run()
    at = screen.go("new_action")
    assert at.text_input("new.search.text").value == ""
    assert "Confidentiel" not in said(at)
    assert kept_drafts(a_context(world, "far")) == []
    assert len(kept_drafts(a_context(world, "sales"))) == 1
    assert rows_of(world.db)["action"] == 0


def test_whoever_must_choose_a_password_first_is_nobody_yet(screen, world):
    def oblige(store):
        store.sign_ins.set_password(world.sales, "x", must_change=True, at=a_context(world, "sales").now)

    world.db.write(oblige)
    at = screen("sales", "my_day")
    assert not at.title
    assert len(at.warning) == 1


@pytest.mark.parametrize(
    ("name", "text", "save"),
    [
        ("edit", "edit.1.detail", "save_edit"),
        ("report", "report.1.report", "save_report"),
        ("new_action", "new.detail", "save_new"),
    ],
)
def test_who_types_on_after_the_session_ended_is_warned_and_keeps_the_text_in_sight(screen, world, name, text, save):
    warning = "Your session has ended: what you type from now on isn't kept. Copy it, then sign in again."
    at = opened(screen, world, "sales", name)
    screen.sign_out()
    type_text(at, text, "<p>Dix minutes de travail</p>")
    assert_says(run_fragment(at), warning)
    at.button(save).click()
    assert_says(run_fragment(at), warning)
    assert at.session_state[text]["doc"]["html"] == "<p>Dix minutes de travail</p>"
