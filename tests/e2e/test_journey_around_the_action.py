"""All that surrounds an action, in one sitting: a phone number, an e-mail, its answer, a deal, the client's file."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from lib.demo.clients import STORY_TO_PLAY
from tests.dovecot import FOLDER, Account
from tests.e2e.screens import (
    choose,
    enter_report,
    expect_title,
    field,
    fr,
    message,
    open_client,
    open_exchanges,
    opened_deal,
    opened_number,
    press,
    row,
    rows,
    wait_idle,
    write,
)
from tests.gateways.letters import a_letter
from tests.gateways.mail_servers import MailServer, a_mail_server

ANSWER = "C’est d’accord.\r\n\r\nLe mardi 24 novembre, Camille a écrit :\r\n> Bonjour, voici notre offre.\r\n"


def mail_settings(server: MailServer, account: Account) -> dict[str, str]:
    """Of an app that sends by one server and is answered in the mailbox of another."""
    return {
        "RELAIS_SMTP_HOST": "127.0.0.1", "RELAIS_SMTP_PORT": str(server.account.port), "RELAIS_SMTP_SECURITY": "none",
        "RELAIS_MAIL_FROM": "Relais <relais@example.com>", "RELAIS_MAIL_EVERY_S": "1",
        "RELAIS_IMAP_HOST": "127.0.0.1", "RELAIS_IMAP_PORT": str(account.port), "RELAIS_IMAP_SECURITY": "none",
        "RELAIS_IMAP_USER": account.user, "RELAIS_IMAP_PASSWORD": account.password, "RELAIS_IMAP_FOLDER": FOLDER,
        "RELAIS_IMAP_EVERY_S": "3600",
    }  # fmt: skip


def show(page: Page, tab: str) -> None:
    """One of the tabs of a client or an action."""
    page.get_by_test_id("stMain").get_by_role("radio", name=re.compile(rf"^{re.escape(tab)}")).click()
    wait_idle(page)


def create_call_from_a_phone_number(page: Page, phone: str) -> str:
    """Whoever calls is found by his number, and an action is begun from his screen; returns its number."""
    open_client(page, phone, STORY_TO_PLAY)
    press(page, fr("Add a sales action"))
    expect_title(page, fr("New action"))
    choose(page, fr("Action"), "Appel")
    write(page, "Envoyer notre offre")
    press(page, fr("Create (F2)"))
    return opened_number(page)


def give_a_document(page: Page) -> None:
    show(page, fr("Documents"))
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=fr("Choose files")).click()
    chooser.value.set_files([{"name": "offre.txt", "mimeType": "text/plain", "buffer": b"Notre offre : 12 500 EUR"}])
    expect(row(page, "offre.txt")).to_be_visible()
    wait_idle(page)


def send_with_the_document(page: Page) -> None:
    open_exchanges(page)
    press(page, fr("Send an e-mail"))
    field(page, fr("To (e-mail)")).fill("anne@dupont.example")
    field(page, fr("Subject")).fill("Notre offre")
    write(page, "Bonjour, voici notre offre.")
    choose_document = page.get_by_role("combobox", name=fr("Documents"))
    choose_document.click()
    page.get_by_role("option", name=re.compile("offre.txt")).click()
    page.keyboard.press("Escape")
    press(page, fr("Send (F2)"))
    expect(message(page, "Notre offre")).to_contain_text(fr("Sent by e-mail"), timeout=20_000)


def read_the_answer(page: Page) -> None:
    """It stands in the list, what it quotes is folded, and an answer to it is begun with its subject and address."""
    message(page, "Re: Notre offre").locator(".open").click()
    panel = page.locator(".st-key-exchange-panel")
    expect(panel).to_contain_text("C’est d’accord.")
    expect(panel.get_by_text("voici notre offre")).to_be_hidden()
    panel.get_by_text(fr("Quoted text")).click()
    expect(panel.get_by_text("voici notre offre")).to_be_visible()


@pytest.mark.dovecot
def test_from_a_phone_number_to_an_answered_email_and_a_deal_in_one_sitting(own_app_with, enter):
    account = Account()
    account.deliver()
    with a_mail_server() as server:
        app = own_app_with(**mail_settings(server, account))
        camille = enter(app, "commercial", "/clients")
        camille.get_by_role("searchbox").first.fill(STORY_TO_PLAY)
        expect(rows(camille)).to_have_count(1)
        wait_idle(camille)
        rows(camille).first.locator(".open").click()
        expect_title(camille, STORY_TO_PLAY)
        phone = camille.get_by_test_id("stMain").get_by_role("link", name=re.compile(r"^04 65 71")).first.inner_text()

        number = create_call_from_a_phone_number(camille, phone.replace(" ", "."))
        give_a_document(camille)
        send_with_the_document(camille)
        (left,) = server.received
        assert re.search(rf"relais\+{number[:7]}@example\.com", left.message["reply-to"])
        assert [part.get_filename() for part in left.message.iter_attachments()] == ["offre.txt"]

        account.deliver(a_letter(
            ANSWER, subject="Re: Notre offre", in_reply_to=left.message["message-id"],
            message_id="<reply@dupont.example>",
        ))  # fmt: skip
        app.run("mail", "fetch")
        camille.reload()
        wait_idle(camille)
        expect(message(camille, "Re: Notre offre")).to_contain_text(fr("Received by e-mail"))
        read_the_answer(camille)

        enter_report(camille, result="Intéressé", text="Accord de principe", follow_up=fr("Create a deal"))
        expect_title(camille, fr("New deal"))
        press(camille, fr("Create the deal (F2)"))
        assert opened_number(camille) == number
        camille.get_by_test_id("stMain").get_by_role("link", name=fr("Deal {client}", client=STORY_TO_PLAY)).click()
        opened_deal(camille)

        camille.get_by_test_id("stMain").get_by_role("link", name=STORY_TO_PLAY).first.click()
        expect_title(camille, STORY_TO_PLAY)
        show(camille, fr("Exchanges"))
        expect(row(camille, "Re: Notre offre")).to_be_visible()
        show(camille, fr("Documents"))
        expect(row(camille, "offre.txt")).to_be_visible()
        show(camille, fr("Deals"))
        expect(row(camille, fr("Deal {client}", client=STORY_TO_PLAY))).to_be_visible()
