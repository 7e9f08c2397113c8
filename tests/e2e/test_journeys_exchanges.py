"""Journeys of messages: one recorded with a draft on the way, one sent for real and answered for real."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.dovecot import FOLDER, Account
from tests.e2e.screens import (
    editor,
    expect_said,
    expect_title,
    field,
    fr,
    numbers,
    open_row,
    press,
    rows,
    wait_idle,
    write,
)
from tests.gateways.letters import a_letter
from tests.gateways.mail_servers import a_mail_server


def open_exchanges(page: Page) -> None:
    """The tab of the action that is open."""
    page.get_by_role("radio", name=re.compile(fr("Exchanges"))).click()
    expect(page.get_by_role("button", name=fr("Record a received message"))).to_be_visible()
    wait_idle(page)


def message(page: Page, subject: str) -> Locator:
    """The row of a message."""
    return rows(page).filter(has=page.get_by_text(subject, exact=True))


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


@pytest.mark.dovecot
def test_an_email_leaves_and_its_answer_joins_the_action(own_app_with, enter):
    account = Account()
    account.deliver()
    with a_mail_server() as server:
        app = own_app_with(
            RELAIS_SMTP_HOST="127.0.0.1", RELAIS_SMTP_PORT=str(server.account.port), RELAIS_SMTP_SECURITY="none",
            RELAIS_MAIL_FROM="Relais <relais@example.com>", RELAIS_MAIL_EVERY_S="1", RELAIS_IMAP_HOST="127.0.0.1",
            RELAIS_IMAP_PORT=str(account.port), RELAIS_IMAP_SECURITY="none", RELAIS_IMAP_USER=account.user,
            RELAIS_IMAP_PASSWORD=account.password, RELAIS_IMAP_FOLDER=FOLDER, RELAIS_IMAP_EVERY_S="3600",
        )  # fmt: skip
        camille = enter(app, "commercial", "/actions")
        open_row(camille, numbers(camille)[0])
        open_exchanges(camille)
        press(camille, fr("Send an e-mail"))
        field(camille, fr("To (e-mail)")).fill("anne@dupont.example")
        field(camille, fr("Subject")).fill("Notre offre")
        write(camille, "Bonjour, voici notre offre.")
        press(camille, fr("Send (F2)"))
        expect(message(camille, "Notre offre")).to_contain_text(fr("Sent by e-mail"), timeout=20_000)
        (left,) = server.received
        assert left.message["subject"] == "Notre offre"
        assert re.search(r"relais\+A\d{6}@example\.com", left.message["reply-to"])

        account.deliver(a_letter(
            "C’est d’accord.\r\n\r\nLe mardi 24 novembre, Camille a écrit :\r\n> Bonjour, voici notre offre.\r\n",
            subject="Re: Notre offre", in_reply_to=left.message["message-id"], message_id="<reply@dupont.example>",
        ))  # fmt: skip
        app.run("mail", "fetch")
        camille.reload()
        wait_idle(camille)
        expect(message(camille, "Re: Notre offre")).to_contain_text(fr("Received by e-mail"))
        message(camille, "Re: Notre offre").locator(".open").click()
        panel = camille.locator(".st-key-exchange-panel")
        expect(panel).to_contain_text("C’est d’accord.")
        expect(panel.get_by_text("voici notre offre")).to_be_hidden()
        panel.get_by_text(fr("Quoted text")).click()
        expect(panel.get_by_text("voici notre offre")).to_be_visible()
        press(camille, fr("Reply"))
        expect(field(camille, fr("Subject"))).to_have_value("Re: Notre offre")
        expect(field(camille, fr("To (e-mail)"))).to_have_value("anne@dupont.example")
