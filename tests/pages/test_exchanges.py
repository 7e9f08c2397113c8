"""Échanges on the file of an action: recorded, sent, answered, taken back, as each kind of person may."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from lib.db import tables as t
from lib.domain.drafts import kept_drafts
from lib.domain.exchange_records import record_exchange
from lib.domain.exchanges import ExchangeFile, ExchangeState, exchanges_of_action, open_exchange
from lib.domain.message_templates import add_template
from lib.domain.outbox import Sender, send_exchange
from lib.ui import session
from tests.builders import TODAY, World, a_context, a_key, an_action, put, rows_of, the_chain
from tests.pages.screens import assert_says, choose, click, said, type_text
from tests.pages.streamlit_events import data_of, fire, run_fragment

SENDER = Sender("relais@example.com", "Relais")
WATCHED = (t.exchange, t.outbox, t.change, t.request)


@pytest.fixture
def mail(monkeypatch):
    """The settings have a mail server."""
    monkeypatch.setattr(session, "mail_sender", lambda: SENDER)


@pytest.fixture
def sub(world) -> int:
    """A call of the salesperson with Anne, whose address is known."""
    put(world, t.contact, world.anne, email="anne@dupont.example")
    for name in ("message", "reminder"):  # the migration's own have the same labels
        put(world, t.exchange_kind, world.ids[name], is_active=False)
    return an_action(world, contact=world.anne, status="planned", planned_date=TODAY)


def a_message(world: World, sub: int, who: str = "sales", **values: object) -> int:
    """A message received from Anne and recorded by hand."""
    raw = {"direction": "received", "kind": kind(world), "contact": world.anne, "on": TODAY, "time": time(9),
           "subject": "Prix du gaz", "body": "<p>Combien ?</p>", **values}  # fmt: skip
    action_id = the_chain(world, sub).action.id
    return record_exchange(a_context(world, who), action_id=action_id, raw=raw, request_key=a_key())


def an_email(world: World, sub: int, who: str = "sales", state: str = "queued", **values: object) -> int:
    """An e-mail to Anne, in a state of its way."""
    raw = {"kind": kind(world), "to": "anne@dupont.example", "subject": "Notre offre", "body": "<p>Voici</p>", **values}
    action_id = the_chain(world, sub).action.id
    ctx = a_context(world, who)
    exchange_id = send_exchange(ctx, action_id=action_id, raw=raw, sender=SENDER, request_key=a_key())
    put(world, t.exchange, exchange_id, state=state)
    return exchange_id


def kind(world: World, label: str = "Message") -> int:
    kinds = world.db.read(lambda store: store.reference().exchange_kinds).values()
    return next(each.id for each in kinds if each.label == label and each.is_active)


def stored(world: World, sub: int) -> list[ExchangeFile]:
    """The messages of the action, newest first."""
    ctx = a_context(world, "admin")
    rows = exchanges_of_action(ctx, chain=the_chain(world, sub))
    return [open_exchange(ctx, exchange_id=row.exchange.id) for row in rows]


def tab(screen, sub: int, who: str = "sales", **query: object):
    return screen(who, "action", sub=sub, tab="exchanges", **query)


def table(at) -> dict[str, tuple[list[str], list[str]]]:
    """The cells of each message's row and its menu."""
    return {
        row["id"]: ([cell if isinstance(cell, str) else cell.get("text", "") for cell in row["cells"]], row["menu"])
        for row in data_of(at, "exchange_table")["rows"]
    }


def tab_label(at) -> str:
    """What the tab says, with its icon and colour."""
    (tabs,) = [each for each in at.get("button_group") if each.key == "card.tab"]
    return str(tabs.options[-1])


def form(screen, sub: int, mode: str, who: str = "sales"):
    """The form of a new message, and the beginning of its widgets' keys."""
    at = screen(who, "exchange", sub=sub, mode=mode)
    return at, f"exchange.{mode}.{the_action(screen.world, sub)}"


def the_action(world: World, sub: int) -> int:
    return the_chain(world, sub).action.id


# ---- the tab


def test_the_tab_says_how_many_and_is_red_when_one_is_a_reminder(screen, world, sub):
    assert tab_label(tab(screen, sub)) == "Exchanges"
    assert "No message yet" in data_of(screen.at, "exchange_table")["labels"]["empty"]
    a_message(world, sub)
    assert tab_label(screen.at.run()) == "Exchanges 1"
    a_message(world, sub, kind=kind(world, "Relance"), subject="Relance")
    assert tab_label(screen.at.run()) == ":red[:material/notification_important: Exchanges 2]"


def test_each_message_says_who_wrote_to_whom_when_about_what_and_how_it_stands(screen, world, sub):
    first, second = a_message(world, sub), an_email(world, sub)
    rows = table(tab(screen, sub))
    assert list(rows) == [str(second), str(first)], "newest first"
    cells = [cell.replace("\N{NO-BREAK SPACE}", " ") for cell in rows[str(first)][0]]
    assert cells == ["", "today 09:00", "Anne Lefèvre", "Prix du gaz", "Message", "Recorded by hand", ""]
    assert rows[str(second)][0][2:6] == ["Sales", "Notre offre", "Message", "Waiting to leave"]


def test_a_message_opens_with_its_text_what_it_repeats_and_who_is_in_copy(screen, world, sub):
    exchange_id = an_email(world, sub, cc="paul@dupont.example", state="sent")
    put(world, t.exchange, exchange_id, quoted_html="<p>Bonjour Camille</p>")
    at = fire(tab(screen, sub), "exchange_table", "open", {"row": str(exchange_id)})
    assert_says(at, "Voici", "Bonjour Camille", "Copy: paul@dupont.example", "anne@dupont.example")
    assert [each.label for each in at.expander] == ["Quoted text"]
    assert at.query_params["exchange"] == str(exchange_id)
    click(at, "exchange.close")
    assert "Bonjour Camille" not in said(at)


def test_without_a_mail_server_messages_are_recorded_and_the_tab_says_what_is_missing(screen, sub):
    at = tab(screen, sub)
    assert_says(at, "E-mails can't be sent from here: the server's settings RELAIS_SMTP_HOST, RELAIS_MAIL_FROM")
    assert [at.button(f"exchanges.new.{mode}").disabled for mode in ("received", "sent", "email")] == [
        False, False, True,
    ]  # fmt: skip
    click(at, "exchanges.new.received")
    assert screen.page == "exchange"


@pytest.mark.parametrize(("who", "may"), [("sales", True), ("colleague", True), ("manager", True), ("reader", False)])
def test_who_may_not_write_reads_and_is_told_why(screen, mail, world, sub, who, may):
    exchange_id = a_message(world, sub)
    at = tab(screen, sub, who, exchange=exchange_id)
    assert_says(at, "Combien ?")
    buttons = [at.button(f"exchanges.new.{mode}") for mode in ("received", "sent", "email")]
    assert [each.disabled for each in buttons] == [not may] * 3
    assert may or {each.help for each in buttons} == {"Your profile doesn't record or send messages here."}
    assert bool(table(at)[str(exchange_id)][1]) == may


def test_who_may_not_see_the_action_sees_none_of_its_messages(screen, world, sub):
    exchange_id = a_message(world, sub)
    for query in ({"exchange": exchange_id}, {"reply": exchange_id}, {"sub": sub}):
        at = screen("far", "exchange", **query)
        assert_says(at, "This record doesn't exist or isn't yours to see.")
        assert "Prix du gaz" not in said(at)


# ---- recording by hand


def test_a_received_message_is_recorded_in_a_few_gestures(screen, world, sub):
    at, name = form(screen, sub, "received")
    assert at.selectbox(f"{name}.contact").value == world.anne
    assert at.text_input(f"{name}.correspondent_email").value == "anne@dupont.example"
    choose(at, f"{name}.subject", "Question")
    type_text(at, f"{name}.body", "<p>Un tarif ?</p><script>x</script>")
    click(at, "save_exchange")
    assert (screen.page, at.query_params["tab"]) == ("action", "exchanges")
    assert_says(at, "The message is recorded.")
    (found,) = stored(world, sub)
    exchange = found.exchange
    assert (exchange.direction, exchange.state, exchange.person_id) == ("received", ExchangeState.RECORDED, world.sales)
    assert (exchange.subject, found.body_html, exchange.contact_id) == ("Question", "<p>Un tarif ?</p>", world.anne)


def test_a_refusal_stands_at_its_field_and_what_was_typed_is_kept(screen, world, sub):
    before = rows_of(world.db, *WATCHED)
    at, name = form(screen, sub, "sent")
    choose(at, f"{name}.on", TODAY + timedelta(days=1))
    choose(at, f"{name}.correspondent_email", "pas une adresse")
    click(at, "save_exchange")
    assert_says(
        at, "Nothing was saved. To mend:", "This message would be of the future", "is no e-mail address",
        "Write a subject or a text",
    )  # fmt: skip
    assert at.date_input(f"{name}.on").value == TODAY + timedelta(days=1)
    assert rows_of(world.db, *WATCHED) == before


def test_cancelling_keeps_a_draft_that_the_tab_and_the_day_offer_again(screen, world, sub):
    at, name = form(screen, sub, "received")
    choose(at, f"{name}.subject", "À suivre").run()
    type_text(at, f"{name}.body", "<p>Derniers mots</p>")
    click(at, f"{name}.leave")
    assert_says(at, "Your message is kept as a draft.")
    assert screen.page == "action"
    links = [each.proto.label for each in at.get("page_link")]
    assert any("Go on with your draft" in label and "À suivre" in label for label in links)
    assert any("A message you were writing" in each.proto.label for each in screen.go("my_day").get("page_link"))
    at = screen.go("exchange", action=the_action(world, sub), mode="received")
    assert_says(at, "Your draft is back.")
    assert at.text_input(f"{name}.subject").value == "À suivre"
    click(at, "save_exchange")
    assert [each.body_html for each in stored(world, sub)] == ["<p>Derniers mots</p>"]
    assert kept_drafts(a_context(world, "sales")) == []


def test_cancelling_an_untouched_form_leaves_no_draft_and_giving_up_forgets_it(screen, world, sub):
    at, name = form(screen, sub, "received")
    click(at, f"{name}.leave")
    assert kept_drafts(a_context(world, "sales")) == []
    at, name = form(screen, sub, "received")
    choose(at, f"{name}.subject", "Pour rien").run()
    click(at, f"{name}.leave")
    assert_says(at, "Your message is kept as a draft.")
    assert len(kept_drafts(a_context(world, "sales"))) == 1
    at, name = form(screen, sub, "received")
    click(at, f"{name}.give_up")
    assert kept_drafts(a_context(world, "sales")) == []


def test_a_recorded_message_is_changed_by_its_author_and_by_whoever_may_change_the_action(screen, world, sub):
    exchange_id = a_message(world, sub, "colleague")
    assert table(tab(screen, sub, "colleague"))[str(exchange_id)][1] == ["answer", "edit", "delete"]
    assert table(tab(screen, sub, "sales"))[str(exchange_id)][1] == ["answer", "edit", "delete"]
    other = a_message(world, sub)
    assert table(tab(screen, sub, "colleague"))[str(other)][1] == ["answer"]
    at = fire(tab(screen, sub), "exchange_table", "menu", {"row": str(exchange_id), "choice": "edit"})
    assert screen.page == "exchange"
    name = f"exchange.edit.{exchange_id}"
    assert at.text_input(f"{name}.subject").value == "Prix du gaz"
    choose(at, f"{name}.subject", "Prix de l'eau")
    click(at, "save_exchange")
    assert {each.exchange.subject for each in stored(world, sub)} == {"Prix de l'eau", "Prix du gaz"}
    at = screen("colleague", "exchange", exchange=other)
    assert_says(at, "Only its author, or whoever may change the action, changes this message.")


def test_deleting_asks_first(screen, world, sub):
    exchange_id = a_message(world, sub)
    ask = {"row": str(exchange_id), "choice": "delete"}
    at = fire(tab(screen, sub), "exchange_table", "menu", ask)
    assert_says(at, "Delete the message “Prix du gaz”?")
    click(at, "exchanges.back")
    assert len(stored(world, sub)) == 1
    click(fire(at, "exchange_table", "menu", ask), "save_delete_exchange")
    assert_says(at, "The message is deleted.")
    assert stored(world, sub) == []
    assert tab_label(at) == "Exchanges"


# ---- e-mails


def test_an_email_waits_in_the_outbox_and_the_tab_says_so(screen, mail, world, sub):
    at, name = form(screen, sub, "email")
    assert at.text_input(f"{name}.to").value == "anne@dupont.example"
    choose(at, f"{name}.subject", "Notre offre")
    type_text(at, f"{name}.body", "<p>Bonjour</p>")
    click(at, "save_exchange")
    assert_says(at, "The e-mail is on its way: the list says when it has left.")
    (found,) = stored(world, sub)
    assert (found.exchange.state, found.exchange.correspondent_email) == (ExchangeState.QUEUED, "anne@dupont.example")
    assert rows_of(world.db, t.outbox) == {"outbox": 1}
    put(world, t.exchange, found.exchange.id, state="sent")
    assert table(run_fragment(at))[str(found.exchange.id)][0][5] == "Sent by e-mail"


def test_an_email_without_address_or_text_is_refused_at_its_fields(screen, mail, world, sub):
    before = rows_of(world.db, *WATCHED)
    at, name = form(screen, sub, "email")
    choose(at, f"{name}.to", "anne@dupont.example, paul@x.example")
    click(at, "save_exchange")
    assert_says(at, "is no e-mail address", "Write a text: this e-mail would be empty.")
    assert at.text_input(f"{name}.to").value == "anne@dupont.example, paul@x.example"
    assert rows_of(world.db, *WATCHED) == before


def test_another_contact_brings_his_address(screen, mail, world, sub):
    put(world, t.contact, world.paul, email="paul@dupont.example")
    at, name = form(screen, sub, "email")
    at.selectbox(f"{name}.contact").set_value(world.paul).run()
    assert at.text_input(f"{name}.to").value == "paul@dupont.example"


def test_an_answer_opens_with_its_recipient_its_subject_and_what_it_answers(screen, mail, world, sub):
    exchange_id = a_message(world, sub)
    put(world, t.exchange, exchange_id, state="received", message_id="abc@dupont.example")
    at = tab(screen, sub, exchange=exchange_id)
    click(at, "exchange.do.answer")
    assert screen.page == "exchange"
    name = f"exchange.reply.{exchange_id}"
    assert at.text_input(f"{name}.subject").value == "Re: Prix du gaz"
    assert at.text_input(f"{name}.to").value == "anne@dupont.example"
    assert "Combien" in data_of(at, f"{name}.body")["value"]
    click(at, "save_exchange")
    sent = stored(world, sub)[0].exchange
    assert (sent.in_reply_to, sent.direction) == ("abc@dupont.example", "sent")


def test_what_couldn_t_leave_says_why_and_is_sent_again(screen, mail, world, sub):
    exchange_id = an_email(world, sub, state="failed")

    def give_up(store):
        store.connection.execute(t.outbox.update().values(next_try_at=None, tries=3, last_error=""))

    world.db.write(give_up)
    at = tab(screen, sub, exchange=exchange_id)
    assert table(at)[str(exchange_id)][1] == ["resend", "delete"]
    click(at, "exchange.do.resend")
    assert_says(at, "The message waits to leave again.")
    assert stored(world, sub)[0].exchange.state == ExchangeState.QUEUED


def test_what_still_waits_is_taken_back_and_becomes_a_draft(screen, mail, world, sub):
    exchange_id = an_email(world, sub, body="<p>Trop vite</p>")
    at = tab(screen, sub)
    fire(at, "exchange_table", "menu", {"row": str(exchange_id), "choice": "retract"})
    assert screen.page == "exchange"
    assert_says(at, "Your draft is back.")
    name = f"exchange.email.{the_action(world, sub)}"
    assert at.text_input(f"{name}.subject").value == "Notre offre"
    assert "Trop vite" in data_of(at, f"{name}.body")["value"]
    assert stored(world, sub) == []


def test_what_has_left_meanwhile_can_t_be_taken_back(screen, mail, world, sub):
    exchange_id = an_email(world, sub)
    at = tab(screen, sub)
    put(world, t.exchange, exchange_id, state="sent")
    fire(at, "exchange_table", "menu", {"row": str(exchange_id), "choice": "retract"})
    assert_says(at, "This message no longer waits: it can't be taken back.")
    assert len(stored(world, sub)) == 1


def test_a_template_fills_what_it_knows_and_loses_nothing_that_was_typed(screen, mail, world, sub):
    raw = {"label": "Offre", "subject": "Offre pour {client}", "body": "<p>Bonjour {contact}, le {heure}</p>"}
    template_id = add_template(a_context(world, "admin"), raw=raw, request_key=a_key())
    at, name = form(screen, sub, "email")
    type_text(at, f"{name}.body", "<p>Déjà écrit</p>")
    at.selectbox(f"{name}.template").set_value(template_id).run()
    assert at.text_input(f"{name}.subject").value == "Offre pour SARL Dupont & Fils"
    html = data_of(at, f"{name}.body")["value"]
    assert html == "<p>Bonjour Anne Lefèvre, le {heure}</p><p>Déjà écrit</p>"
    assert_says(at, "To complete by hand: {heure}.")


# ---- what a browser may forge, and what pages cost


@pytest.mark.parametrize("query", [{"mode": "x"}, {"reply": "x"}, {"exchange": "0"}, {"action": "4242"}, {}])
def test_a_forged_address_shows_no_trace(screen, sub, query):
    at = screen("sales", "exchange", **query)
    assert_says(at, "This record doesn't exist or isn't yours to see.")


@pytest.mark.parametrize(
    ("field", "forged"),
    [("to", "anne@dupont.example\r\nBcc: all@example.org"), ("cc", "a@b.example\nBcc: all@example.org"),
     ("subject", "Offre\r\nBcc: all@example.org")],
)  # fmt: skip
def test_a_line_end_in_a_field_of_one_line_sends_nothing(screen, mail, world, sub, field, forged):
    before = rows_of(world.db, *WATCHED)
    at, name = form(screen, sub, "email")
    choose(at, f"{name}.subject", "Offre")
    type_text(at, f"{name}.body", "<p>Bonjour</p>")
    choose(at, f"{name}.{field}", forged)
    click(at, "save_exchange")
    assert_says(at, "Nothing was saved. To mend:")
    assert rows_of(world.db, *WATCHED) == before


@pytest.mark.parametrize("gesture", [{"row": "x", "choice": "delete"}, {"row": "4242", "choice": "resend"},
                                     {"row": "1", "choice": "x"}])  # fmt: skip
def test_a_forged_gesture_does_nothing(screen, world, sub, gesture):
    a_message(world, sub)
    before = rows_of(world.db, *WATCHED)
    assert_says(fire(tab(screen, sub), "exchange_table", "menu", gesture))
    assert rows_of(world.db, *WATCHED) == before


def test_the_reader_s_forged_click_sends_nothing(screen, mail, world, sub):
    exchange_id = an_email(world, sub, state="failed")
    before = rows_of(world.db, *WATCHED)
    at = tab(screen, sub, "reader")
    fire(at, "exchange_table", "menu", {"row": str(exchange_id), "choice": "resend"})
    assert_says(at, "Your profile doesn't record or send messages here.")
    assert rows_of(world.db, *WATCHED) == before


def test_the_tab_costs_the_same_for_fifty_messages_as_for_one(screen, world, statements, sub):
    a_message(world, sub)
    tab(screen, sub)
    one = len(statements.during(lambda: screen.at.run()))
    for _number in range(20):
        a_message(world, sub)
    assert len(statements.during(lambda: screen.at.run())) == one <= 14


def test_a_pause_in_the_typing_costs_the_person_and_the_draft(screen, world, statements, sub):
    at, name = form(screen, sub, "received")
    type_text(at, f"{name}.body", "<p>Vu</p>")
    assert len(statements.during(lambda: run_fragment(at))) <= 4
    assert_says(at, "Draft saved at 10:30")
