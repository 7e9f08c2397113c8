"""What a browser may send in place of a choice of the list: the page goes on, and stores nothing that isn't one."""

from __future__ import annotations

import pytest
from streamlit.proto.Common_pb2 import StringArray

from lib.domain.chain import Status
from tests.builders import TODAY, a_report, an_action, rows_of, stored_state, the_chain, the_sub
from tests.pages.screens import assert_says, choose, click, type_text
from tests.pages.streamlit_events import data_of, forge

WORD = {"string_value": "1 OR 1=1"}
WORDS = {"string_array_value": StringArray(data=["4242", "<script>"])}
DATES = {"string_array_value": StringArray(data=["0000-00-00"])}


@pytest.mark.parametrize(
    ("key", "forged"),
    [
        ("l_who", WORDS),
        ("l_unit", WORDS),
        ("l_nature", WORDS),
        ("l_domain", WORDS),
        ("l_reason", WORDS),
        ("l_status", WORDS),
        ("l_from", DATES),
        ("l_to", DATES),
        ("l_tab", WORDS),
        ("l_text", {"string_value": "\x00%"}),
        ("l_late", {"bool_value": True}),
        ("list.client.text", WORD),
        ("frame.client.text", {"string_value": "%" * 999}),
        ("person.language.en", WORDS),
    ],
)
def test_a_forged_filter_leaves_the_list_standing(screen, world, key, forged):
    an_action(world)
    at = choose(screen("sales", "actions"), "frame.find", True).run()
    assert_says(forge(at, key, **forged))
    assert data_of(at, "list.table")["columns"]


def test_a_forged_day_shows_nothing_of_another_unit(screen, world):
    an_action(world, "far", status="planned", planned_date=TODAY)
    at = screen("manager", "my_day")
    assert_says(forge(at, "day.whose", string_value="Far"))
    assert data_of(at, "day.then")["rows"] == []


@pytest.mark.parametrize(
    ("field", "forged"),
    [
        ("nature", WORD),
        ("reason", WORD),
        ("site", WORD),
        ("contact", WORD),
        ("assignee", {"string_value": "Admin'--"}),
        ("org_unit", {"string_value": "Sud"}),
        ("status", {"string_array_value": StringArray(data=["Done"])}),
        ("planned_date", DATES),
        ("duration", {"string_value": "9" * 400}),
    ],
)
def test_a_forged_field_of_an_edit_is_never_stored(screen, world, field, forged):
    sub = an_action(world)
    at = screen("sales", "action", sub=sub, edit=1)
    assert_says(forge(at, f"edit.{sub}.{field}", **forged))
    click(at, "save_edit")
    after = the_sub(world, sub)
    assert after.status == Status.TO_PLAN
    assert after.org_unit_id != world.south
    assert after.duration_min == 15


def test_a_locked_field_of_an_edit_stays_locked(screen, world):
    sub = an_action(world)
    a_report(world, sub)
    at = screen("sales", "action", sub=sub, edit=1)
    choose(at, f"edit.{sub}.duration", "3:00")
    choose(at, f"edit.{sub}.nature", world.brochure)
    before = stored_state(world.db)
    at.button("save_edit").click().run()
    assert_says(at)
    assert stored_state(world.db) == before


@pytest.mark.parametrize(
    ("key", "forged", "sentence"),
    [
        ("title", {"string_value": "\u200b \n"}, "Nothing was saved. To mend: Title."),
        ("amount_eur", {"string_value": "NaN"}, "Amount not understood"),
        ("amount_eur", {"string_value": "-1"}, "Amount out of range"),
        ("amount_eur", {"string_value": "1e9"}, "Amount not understood"),
    ],
)
def test_a_forged_field_of_a_deal_is_told_and_never_stored(screen, world, key, forged, sentence):
    sub = an_action(world)
    action_id = the_chain(world, sub).action.id
    at = screen("sales", "new_deal", action=action_id)
    assert_says(forge(at, f"deal.{action_id}.{key}", **forged))
    assert_says(click(at, "save_deal"), sentence)
    assert rows_of(world.db)["deal"] == 0


@pytest.mark.parametrize("field", ["result", "done_on", "done_time", "done_duration"])
def test_a_forged_field_of_a_report_is_never_stored(screen, world, field):
    sub = an_action(world)
    at = type_text(screen("sales", "report", sub=sub), f"report.{sub}.report", "<p>x</p>")
    choose(at, f"report.{sub}.follow_up", "none").run()
    sent = {"result": WORDS, "done_on": DATES}.get(field, WORD)
    assert_says(forge(at, f"report.{sub}.{field}", **sent))
    click(at, "save_report")
    done = the_sub(world, sub)
    assert done.result_id is None
    assert done.done_duration_min in (None, 15)
