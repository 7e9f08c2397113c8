"""E-mail addresses: one is one, a list is a list, and nothing in them reaches a mail server's ear as something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.errors import Invalid
from lib.domain.mail_addresses import (
    MAX_RECIPIENTS,
    address_of_action,
    checked_address,
    checked_addresses,
    checked_recipients,
    new_message_id,
)
from tests.domain.test_words_and_numbers import FORGED, FORGED_VALUES


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("anne@client.example", "anne@client.example"),
        ("  Anne.Lefevre@Client.EXAMPLE ", "anne.lefevre@client.example"),
        ("o'brien+devis_1@mail.client.example", "o'brien+devis_1@mail.client.example"),
        ("anne@énergie.fr", "anne@xn--nergie-9ua.fr"),
        (f"{'a' * 64}@client.example", f"{'a' * 64}@client.example"),
    ],
)
def test_an_address_is_read_in_lower_case_its_domain_in_ascii(typed, understood):
    assert checked_address("to", typed) == understood


@pytest.mark.parametrize(
    "typed",
    [
        "anne", "anne@", "@client.example", "anne@client", "anne@@client.example", "anne@client..example",
        ".anne@client.example", "anne.@client.example", "an ne@client.example", "anne@-client.example",
        "anne@client.example, paul@client.example", "anne@client.example;paul@client.example",
        "Anne <anne@client.example>", "<anne@client.example>", "anne@client.example\nBcc: x@y.example",
        "anne@client.example\r\nRCPT TO:<x@y.example>", "anne@client.example\x00", "anne\x0b@client.example",
        "anne\u2028@client.example", "\"anne\"@client.example", "anne@[127.0.0.1]", "lefèvre@client.example",
        "(a)anne@client.example", "anne@client.example>", f"{'a' * 65}@client.example",
        f"a@{'.'.join(['b' * 60] * 5)}.example", "anne@" + "é" * 300 + ".fr", "anne@client.example.",
    ],
)  # fmt: skip
def test_anything_else_is_refused_at_its_field(typed):
    with pytest.raises(Invalid) as refused:
        checked_address("to", typed)
    assert set(refused.value.fields) == {"to"}
    assert "\n" not in str(refused.value)


@FORGED_VALUES
def test_what_a_browser_forges_is_no_address(name):
    with pytest.raises(Invalid):
        checked_address("to", FORGED[name])
    with pytest.raises(Invalid):
        checked_addresses("cc", FORGED[name])


@given(st.text())
def test_whatever_is_typed_gives_one_safe_address_or_is_refused(typed):
    try:
        address = checked_address("to", typed)
    except Invalid:
        return
    assert address.isascii()
    assert len(address) <= 254
    assert address.count("@") == 1
    assert not set(address) & set(' ,;<>()[]\\"\r\n\0:')


@pytest.mark.parametrize("nothing", [None, "", "   "])
def test_an_address_may_be_left_out_where_none_is_required(nothing):
    assert checked_address("email", nothing, required=False) == ""
    assert checked_addresses("cc", nothing) == ()


def test_a_list_is_read_as_mail_programs_write_it_each_address_once():
    typed = "anne@client.example; Paul Œuvrard <Paul@client.example>,anne@client.example,,"
    assert checked_addresses("cc", typed) == ("anne@client.example", "paul@client.example")


@pytest.mark.parametrize(
    "typed", ["a@b.example\nc@d.example", "x <a@b.example> <c@d.example>", "a@b.example c@d.example"]
)
def test_a_list_with_something_else_in_it_is_refused(typed):
    with pytest.raises(Invalid, match="is no e-mail address"):
        checked_addresses("cc", typed)


def test_twenty_people_are_written_to_at_once_and_no_more():
    others = tuple(f"a{number}@b.example" for number in range(MAX_RECIPIENTS))
    assert checked_recipients("a0@b.example", others) == others[1:]
    with pytest.raises(Invalid, match="20 at most"):
        checked_recipients("anne@client.example", others)


def test_answers_go_to_an_address_with_the_number_of_the_action():
    assert address_of_action("relais@example.com", 123) == "relais+A000123@example.com"
    assert address_of_action("re.lais+crm@example.com", 1234567) == "re.lais+crm+A1234567@example.com"


def test_a_message_id_is_given_once():
    ids = {new_message_id("relais@example.com") for _each in range(1000)}
    assert len(ids) == 1000
    assert all(each.endswith("@example.com") for each in ids)
