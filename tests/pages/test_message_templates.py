"""Modèles de messages: listed, added, changed, disabled by administrators only."""

from __future__ import annotations

import pytest

from lib.db import tables as t
from lib.domain.message_templates import add_template, change_template, message_templates
from tests.builders import World, a_context, a_key, rows_of
from tests.pages.screens import assert_says, choose, click, type_text
from tests.pages.streamlit_events import data_of, fire

BODY = "<p>Bonjour {contact}</p>"


def a_template(world: World, **values: object) -> int:
    raw = {"label": "Offre", "subject": "Offre pour {client}", "body": BODY, **values}
    return add_template(a_context(world, "admin"), raw=raw, request_key=a_key())


def the_only(world: World):
    (found,) = message_templates(a_context(world, "admin"))
    return found


def write(at, html: str):
    return type_text(at, "template.body", html, rev=at.session_state["templates.turn"])


def test_a_template_is_added_with_its_fields(screen, world):
    at = screen("admin", "templates")
    assert_says(at, "{client}", "{planned date}", "{salesperson}")
    assert "No template yet" in data_of(at, "template_table")["labels"]["empty"]
    click(at, "templates.new")
    choose(at, "template.label", "Offre")
    choose(at, "template.subject", "Offre pour {client}")
    write(at, BODY)
    click(at, "save_template")
    assert_says(at, "Saved.")
    found = the_only(world)
    assert (found.label, found.subject, found.body_html, found.is_active) == (
        "Offre",
        "Offre pour {client}",
        BODY,
        True,
    )
    assert [row["id"] for row in data_of(at, "template_table")["rows"]] == [str(found.id)]


def test_a_refusal_stands_at_its_field_and_an_unknown_field_is_told_before(screen, world):
    before = rows_of(world.db, t.message_template, t.change)
    at = click(screen("admin", "templates"), "templates.new")
    choose(at, "template.subject", "Offre pour {societe}").run()
    assert_says(at, "Unknown fields, which stay as they are: {societe}.")
    click(at, "save_template")
    assert_says(at, "Nothing was saved. To mend:", "Write the text of the template.")
    assert at.text_input("template.subject").value == "Offre pour {societe}"
    assert rows_of(world.db, t.message_template, t.change) == before


def test_a_template_is_disabled_and_says_so(screen, world):
    template_id = a_template(world)
    at = fire(screen("admin", "templates"), "template_table", "open", {"row": str(template_id)})
    assert data_of(at, "template.body")["value"] == BODY
    at.toggle("template.is_active").set_value(False).run()
    click(at, "save_template")
    assert not the_only(world).is_active
    assert data_of(at, "template_table")["rows"][0]["cells"][3]["text"] == "Disabled"


def test_who_came_second_is_told_then_saves(screen, world):
    template_id = a_template(world)
    at = fire(screen("admin", "templates"), "template_table", "open", {"row": str(template_id)})
    raw = {"label": "Autre", "subject": "Autre", "body": BODY}
    change_template(a_context(world, "admin"), template_id=template_id, version=1, raw=raw)
    choose(at, "template.label", "Le mien")
    click(at, "save_template")
    assert_says(at, "changed this record in the meantime. Compare, then save again.")
    assert at.text_input("template.label").value == "Le mien"
    click(at, "save_template")
    assert the_only(world).label == "Le mien"


@pytest.mark.parametrize("row", ["x", "4242", "0"])
def test_a_forged_row_opens_nothing(screen, world, row):
    a_template(world)
    at = fire(screen("admin", "templates"), "template_table", "open", {"row": row})
    assert_says(at)
    assert "save_template" not in {each.key for each in at.button}


def test_a_form_left_for_another_page_is_closed(screen, world):
    click(screen("admin", "templates"), "templates.new")
    screen.go("my_day")
    at = screen.go("templates")
    assert "save_template" not in {each.key for each in at.button}
