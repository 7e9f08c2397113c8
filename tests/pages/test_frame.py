"""What stands around every page: finding a client, the person's menu, the words in his language."""

from __future__ import annotations

import pytest

from lib.db import tables as t
from lib.ui.frame import SCREENS
from tests.builders import a_report, an_action, put
from tests.pages.screens import assert_says, choose, click, said
from tests.pages.streamlit_events import data_of


@pytest.mark.parametrize("typed", ["dupont", "DUP69", "lyon", "lefevre", "04 78 12"])
def test_a_client_is_found_from_any_page_and_everything_about_him_opens(screen, world, typed):
    theirs = an_action(world, "colleague")
    an_action(world, client=world.leroy)
    at = choose(screen("sales", "my_day"), "frame.find", True).run()
    at.text_input("frame.client.text").set_value(typed).run()
    click(at, f"frame.client.pick.{world.dupont}")
    assert screen.page == "client"
    assert [row["id"] for row in data_of(at, "client.actions")["rows"]] == [str(theirs)]
    choose(at, "frame.find", True).run()
    assert at.text_input("frame.client.text").value == ""


def test_a_client_that_is_closed_is_not_proposed(screen, world):
    at = choose(screen("sales", "my_day"), "frame.find", True).run()
    at.text_input("frame.client.text").set_value("dupont").run()
    assert [b.key for b in at.button if str(b.key).startswith("frame.client.pick")] == [
        f"frame.client.pick.{world.dupont}"
    ]


def test_signing_out_ends_the_session_for_every_tab(screen, world):
    at = screen("sales", "my_day")
    at.button("person.sign_out").click().run()
    assert_says(at.run(), "Your session has ended: sign in again.")


def test_a_new_action_is_one_click_away(screen):
    click(screen("sales", "actions"), "frame.new_action")
    assert screen.page == "new_action"


FRENCH = {
    "my_day": "Ma journée",
    "actions": "Actions",
    "new_action": "Nouvelle action",
    "report": "Compte rendu",
    "new_deal": "Nouvelle affaire",
    "parameters": "Paramètres généraux",
}
ENGLISH = (
    "Save",
    "Give up",
    "Enter the report",
    "Choose",
    "To do",
    "Late",
    "Draft",
    "Status",
    "Required",
    "This field",
    "New ",
)


@pytest.mark.parametrize("name", SCREENS)
def test_every_page_speaks_french(screen, world, name):
    first = an_action(world, "admin", org_unit=world.field, assignee=world.sales)
    following = {"nature": world.call, "assignee": world.sales, "detail": "<p>x</p>"}
    sub = a_report(world, first, "admin", follow_up="sub_action", next=following)
    put(world, t.person, world.admin, language="fr")
    query = {"action": {"sub": sub}, "report": {"sub": sub}, "new_deal": {"action": 1}}.get(name, {})
    at = screen("admin", name, **query)
    if name in FRENCH:
        assert at.title[0].value == FRENCH[name]
    words = said(at) + "".join(f"\n{button.label}" for button in at.button)
    words += "".join(f"\n{each.label}" for kind in ("selectbox", "text_input", "multiselect") for each in at.get(kind))
    assert not [word for word in ENGLISH if f"\n{word}" in words]
