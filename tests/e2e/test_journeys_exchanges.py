"""A journey of messages: one recorded by hand, with a draft on the way."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.screens import (
    editor,
    expect_said,
    expect_title,
    field,
    fr,
    message,
    numbers,
    open_exchanges,
    open_row,
    press,
    write,
)


def test_a_received_message_is_recorded_although_its_writer_was_interrupted(app, enter):
    camille = enter(app, "commercial", "/actions")
    open_row(camille, numbers(camille)[0])
    open_exchanges(camille)
    press(camille, fr("Record a received message"))
    expect_title(camille, fr("Record a received message"))
    field(camille, fr("Subject")).fill("Rappel du mardi")
    write(camille, "Il veut un devis avant vendredi.")
    press(camille, fr("Cancel"))
    expect_said(camille, fr("Your message is kept as a draft."))
    camille.get_by_role("link").filter(has_text="Rappel du mardi").click()
    expect(editor(camille)).to_contain_text("Il veut un devis avant vendredi.")
    editor(camille).focus()
    camille.keyboard.press("F2")
    expect(message(camille, "Rappel du mardi")).to_contain_text(fr("Recorded by hand"))
    expect(camille.get_by_role("link").filter(has_text="Rappel du mardi")).to_have_count(0)
