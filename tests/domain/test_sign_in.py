"""The rules of signing in, without storage: how long, how often, which passwords, which addresses."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lib.domain.accounts import checked_email
from lib.domain.errors import Invalid
from lib.domain.sign_in import (
    ABSOLUTE,
    FREE_FAILURES_OF_ACCOUNT,
    FREE_FAILURES_OF_ADDRESS,
    IDLE,
    LONGEST_WAIT,
    Failures,
    SignInSession,
    Throttled,
    is_alive,
    network_of,
    new_one_time_password,
    password_problem,
    wait_before_next,
)
from lib.gateways.passwords import Argon2Passwords
from tests.gates import START, CountingPasswords

MINUTE = timedelta(minutes=1)


def a_session(**values: object) -> SignInSession:
    return SignInSession("hash", 1, START, START, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("idle", "age", "alive"),
    [
        (timedelta(0), timedelta(0), True),
        (IDLE, IDLE, True),
        (IDLE + MINUTE, IDLE + MINUTE, False),
        (MINUTE, ABSOLUTE, True),
        (MINUTE, ABSOLUTE + MINUTE, False),
    ],
)
def test_a_session_ends_after_twelve_idle_hours_or_seven_days(idle: timedelta, age: timedelta, alive: bool):
    now = START + timedelta(days=30)
    assert is_alive(SignInSession("hash", 1, now - age, now - idle), now) is alive


def test_a_session_of_somebody_disabled_is_dead():
    assert is_alive(a_session(), START)
    assert not is_alive(a_session(is_active=False), START)


def test_nobody_waits_before_the_last_free_failure():
    for count in range(FREE_FAILURES_OF_ACCOUNT):
        assert wait_before_next(Failures(count, START), free=FREE_FAILURES_OF_ACCOUNT, now=START) == timedelta(0)


def test_each_further_failure_doubles_the_wait_up_to_a_quarter_of_an_hour():
    waits = [wait_before_next(Failures(count, START), free=5, now=START) for count in (5, 6, 7, 8, 50)]
    assert waits == [MINUTE / 2, MINUTE, 2 * MINUTE, 4 * MINUTE, LONGEST_WAIT]


def test_time_passed_since_the_last_failure_counts():
    assert wait_before_next(Failures(6, START), free=5, now=START + MINUTE / 4) == MINUTE * 3 / 4
    assert wait_before_next(Failures(6, START), free=5, now=START + MINUTE) == timedelta(0)


def test_neither_an_account_nor_an_address_has_more_than_ten_free_failures():
    assert max(FREE_FAILURES_OF_ACCOUNT, FREE_FAILURES_OF_ADDRESS) <= 10


@pytest.mark.parametrize(("wait", "words"), [(MINUTE / 2, "1 minute,"), (MINUTE * 3 / 2, "2 minutes,")])
def test_the_refusal_says_how_long_to_wait(wait: timedelta, words: str):
    assert f"wait {words}" in str(Throttled(wait))


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("not an address", "unknown"),
        ("", "unknown"),
    ],
)
def test_failures_are_counted_by_what_one_customer_has(address: str, network: str):
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("", "At least 12"),
        ("eleven char", "At least 12"),
        ("é" * 600, "Too long"),
        ("Claire Martin", "name or address"),
        ("claire.martin", "name or address"),
        ("CLAIRE MARTIN!", "name or address"),
        ("claire.martin@example.com", "name or address"),
        ("easy enough to guess", "Too easy"),
    ],
)
def test_a_password_is_refused_with_its_reason(password: str, words: str):
    problem = password_problem(
        password, name="Claire Martin", email="claire.martin@example.com", passwords=CountingPasswords()
    )
    assert problem is not None
    assert words in str(problem)


COMMON = "123456789012 passwordpassword motdepasse1234 azertyuiop12 aaaaaaaaaaaaaaaa qwertyuiop12 bonjourbonjour"
ABOUT = ["claire.martin@example.com", "claire.martin", "Claire", "Martin"]


@pytest.mark.parametrize("password", [*COMMON.split(), "claire.martin2026", "martinmartinmartin", "relaisrelais"])
def test_what_everybody_tries_first_is_too_easy(password: str):
    assert Argon2Passwords().is_easy_to_guess(password, about=ABOUT)


@pytest.mark.parametrize(
    "password", ["quatre mots sans rapport", "chevalbatterieagrafe", "xK9#vQ2!mZ7$", "日本語のパスワードです"]
)
def test_length_and_surprise_are_enough_without_any_rule_of_composition(password: str):
    assert not Argon2Passwords().is_easy_to_guess(password, about=ABOUT)


def test_a_very_long_password_is_judged_quickly_by_its_beginning():
    assert not Argon2Passwords().is_easy_to_guess("quatre mots sans rapport " * 40, about=[])


def test_a_one_time_password_obeys_the_rules_and_never_repeats():
    made = {new_one_time_password() for _ in range(200)}
    assert len(made) == 200
    for password in list(made)[:5]:
        assert not password_problem(password, name="Claire", email="c@example.com", passwords=Argon2Passwords())


@pytest.mark.parametrize(
    "email", ["", "nobody", "@example.com", "claire@", "claire martin@example.com", "x" * 300 + "@a.fr"]
)
def test_what_is_no_address_is_refused(email: str):
    with pytest.raises(Invalid) as refused:
        checked_email(email)
    assert "email" in refused.value.fields


def test_an_address_is_kept_in_lower_case_without_blanks_around():
    assert checked_email("  Claire.Martin@Example.COM ") == "claire.martin@example.com"
