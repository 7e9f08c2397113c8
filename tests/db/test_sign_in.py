"""Signing in against the real storage, on both engines."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from lib.db.engine import Database
from lib.db.tables import counter, credential, sign_in_attempt, sign_in_session
from lib.domain import accounts, sign_in
from lib.domain.errors import Invalid, NotAllowed, NotFound
from lib.domain.sign_in import ABSOLUTE, FAILURE_WINDOW, IDLE, ONE_TIME, TOUCH_EVERY, Throttled
from tests.gates import EMAIL, NEW_PASSWORD, PASSWORD, START, CountingPasswords, a_gate, an_account

SECOND = timedelta(seconds=1)


def enter(db: Database, *, now=START, passwords=None, **values) -> str:
    asked = {"email": EMAIL, "password": PASSWORD, "address": "192.0.2.7", "user_agent": "test"} | values
    return sign_in.sign_in(a_gate(db, now=now, passwords=passwords), **asked)


def who(db: Database, token: str, *, now=START) -> int | None:
    found = sign_in.who_is(a_gate(db, now=now), token=token)
    return found.person_id if found else None


def change(db: Database, token: str, *, now=START, **values) -> str:
    asked = {"current": PASSWORD, "new": NEW_PASSWORD, "repeated": NEW_PASSWORD} | values
    return sign_in.change_password(a_gate(db, now=now), token=token, address="192.0.2.7", user_agent="test", **asked)


def count(db: Database, table) -> int:
    return db.read(lambda store: store.connection.scalar(select(func.count()).select_from(table)))


# ---- sessions


def test_the_right_password_opens_a_session_of_that_person(db: Database):
    person_id = an_account(db)
    assert who(db, enter(db)) == person_id


def test_the_address_is_read_whatever_its_case_and_blanks(db: Database):
    person_id = an_account(db)
    assert who(db, enter(db, email=f"  {EMAIL.upper()} ")) == person_id


def test_a_password_is_the_same_however_its_accents_are_sent(db: Database):
    person_id = an_account(db, password="l'été à la plage")
    assert who(db, enter(db, password="l'e\u0301te\u0301 a\u0300 la plage")) == person_id


def test_only_a_hash_of_the_token_is_stored(db: Database):
    an_account(db)
    token = enter(db)
    stored = db.read(lambda store: store.connection.execute(select(sign_in_session)).one())
    assert len(token) >= 43
    assert token not in map(str, stored)
    assert who(db, stored.token_hash) is None


def test_each_sign_in_has_its_own_token_and_ends_the_one_the_browser_came_with(db: Database):
    person_id = an_account(db)
    planted = enter(db)
    fresh = enter(db, replaces=planted)
    assert fresh != planted
    assert (who(db, planted), who(db, fresh)) == (None, person_id)


@pytest.mark.parametrize("token", ["", "x", "x" * 10_000, "\x00", "\ud800"])
def test_an_invented_token_is_nobody(db: Database, token: str):
    assert who(db, token) is None


def test_use_keeps_a_session_alive_but_not_beyond_seven_days(db: Database):
    person_id = an_account(db)
    token, now = enter(db), START
    while now + IDLE - SECOND < START + ABSOLUTE:
        now += IDLE - SECOND
        assert who(db, token, now=now) == person_id
    assert who(db, token, now=START + ABSOLUTE + SECOND) is None


def test_an_idle_session_is_over(db: Database):
    an_account(db)
    assert who(db, enter(db), now=START + IDLE + SECOND) is None


def test_a_session_is_written_at_most_once_a_minute(db: Database):
    an_account(db)
    token = enter(db)

    def last_seen():
        return db.read(lambda store: store.connection.scalar(select(sign_in_session.c.last_seen_at)))

    who(db, token, now=START + TOUCH_EVERY - SECOND)
    assert last_seen() == START
    who(db, token, now=START + TOUCH_EVERY)
    assert last_seen() == START + TOUCH_EVERY


def test_signing_out_ends_the_session_on_the_server_and_no_other(db: Database):
    person_id = an_account(db)
    here, elsewhere = enter(db), enter(db)
    sign_in.sign_out(a_gate(db), token=here)
    assert (who(db, here), who(db, elsewhere)) == (None, person_id)


def test_disabling_somebody_ends_his_sessions_at_once_for_good(db: Database):
    an_account(db)
    token = enter(db)
    accounts.set_active(a_gate(db), email=EMAIL, is_active=False)
    assert who(db, token) is None
    accounts.set_active(a_gate(db), email=EMAIL, is_active=True)
    assert who(db, token) is None


def test_signing_in_sweeps_away_what_is_over(db: Database):
    an_account(db)
    enter(db)
    with pytest.raises(NotAllowed):
        enter(db, password="wrong", email="nobody@example.com")
    enter(db, now=START + ABSOLUTE + SECOND)
    assert count(db, sign_in_session) == 1
    assert count(db, sign_in_attempt) == 0


def test_a_user_agent_that_is_long_or_holds_controls_is_kept_short_and_clean(db: Database):
    an_account(db)
    enter(db, user_agent="Mozilla\x00\r\n" + "x" * 5000)
    stored = db.read(lambda store: store.connection.scalar(select(sign_in_session.c.user_agent)))
    assert stored.startswith("Mozilla x")
    assert len(stored) == 200


# ---- refusals


@pytest.mark.parametrize(
    "email", [EMAIL, "nobody@example.com", "off@example.com", "", "\x00", "' or 1=1 --", "x" * 5000]
)
def test_every_refusal_reads_the_same_and_costs_one_hash(db: Database, email: str):
    an_account(db)
    an_account(db, email="off@example.com")
    accounts.set_active(a_gate(db), email="off@example.com", is_active=False)
    passwords = CountingPasswords()
    password = PASSWORD if email == "off@example.com" else "wrong"
    with pytest.raises(NotAllowed) as refused:
        enter(db, email=email, password=password, passwords=passwords)
    assert refused.value.sentence == sign_in.WRONG
    assert len(passwords.checked) == 1


def test_a_huge_password_is_refused_without_being_hashed_itself(db: Database):
    an_account(db)
    passwords = CountingPasswords()
    with pytest.raises(NotAllowed):
        enter(db, password="x" * 1_000_000, passwords=passwords)
    assert passwords.checked == [None]


def test_a_one_time_password_expires(db: Database):
    person_id = an_account(db, must_change=True)
    assert who(db, enter(db, now=START + ONE_TIME), now=START + ONE_TIME) == person_id
    with pytest.raises(NotAllowed):
        enter(db, now=START + ONE_TIME + SECOND)


def test_a_hash_of_yesterday_s_settings_is_renewed_at_sign_in(db: Database):
    an_account(db)
    passwords = CountingPasswords()
    passwords.mark = "v3:"
    enter(db, passwords=passwords)
    stored = db.read(lambda store: store.connection.execute(select(credential)).one())
    assert stored.password_hash == f"v3:{PASSWORD}"
    assert (stored.must_change, stored.changed_at) == (False, START)


# ---- throttling


def attempts_admitted(db: Database, tries: list[dict[str, str]]) -> int:
    """How many of these wrong attempts, made at the same instant, were compared with a password at all."""
    passwords = CountingPasswords()
    for each in tries:
        with pytest.raises((NotAllowed, Throttled)):
            enter(db, password="wrong", passwords=passwords, **each)
    return len(passwords.checked)


def test_a_hundred_attempts_on_one_account_are_throttled_after_ten_at_most(db: Database):
    an_account(db)
    assert 3 <= attempts_admitted(db, [{"address": f"192.0.2.{n}"} for n in range(100)]) <= 10


def test_a_hundred_attempts_from_one_address_are_throttled_after_ten_at_most(db: Database):
    assert 3 <= attempts_admitted(db, [{"email": f"person{n}@example.com"} for n in range(100)]) <= 10


def test_unknown_accounts_are_throttled_like_known_ones(db: Database):
    an_account(db)
    known = attempts_admitted(db, [{"address": f"192.0.2.{n}"} for n in range(20)])
    unknown = attempts_admitted(db, [{"email": "no@example.com", "address": f"198.51.100.{n}"} for n in range(20)])
    assert known == unknown


def test_a_hundred_attempts_at_once_are_throttled_as_well(db: Database):
    an_account(db)
    passwords, start = CountingPasswords(), threading.Barrier(20)

    def attempt(number: int) -> None:
        start.wait()
        for _ in range(5):
            with pytest.raises((NotAllowed, Throttled)):
                enter(db, password="wrong", address=f"192.0.2.{number}", passwords=passwords)

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(attempt, range(20)))
    assert len(passwords.checked) <= 10


def test_even_the_right_password_waits_and_the_wait_ends(db: Database):
    person_id = an_account(db)
    attempts_admitted(db, [{}] * 10)
    with pytest.raises(Throttled) as refused:
        enter(db)
    assert who(db, enter(db, now=START + refused.value.wait)) == person_id


def test_success_forgets_the_account_s_failures(db: Database):
    an_account(db)
    attempts_admitted(db, [{}] * 4)
    enter(db)
    assert attempts_admitted(db, [{"address": "192.0.2.9"}] * 4) == 4


def test_an_account_of_one_s_own_doesn_t_buy_more_attempts_on_others(db: Database):
    an_account(db, email="own@example.com")
    for number in range(9):
        attempts_admitted(db, [{"email": f"victim{number}@example.com"}])
        enter(db, email="own@example.com")
    assert attempts_admitted(db, [{"email": f"other{n}@example.com"} for n in range(9)]) <= 1


def test_failures_are_forgotten_after_an_hour(db: Database):
    an_account(db)
    attempts_admitted(db, [{}] * 10)
    later = START + FAILURE_WINDOW + SECOND
    passwords = CountingPasswords()
    with pytest.raises(NotAllowed):
        enter(db, now=later, password="wrong", passwords=passwords)
    assert len(passwords.checked) == 1


# ---- passwords


def test_changing_the_password_ends_the_other_sessions_and_renews_this_one(db: Database):
    person_id = an_account(db)
    here, elsewhere = enter(db), enter(db)
    fresh = change(db, here)
    assert [who(db, each) for each in (here, elsewhere, fresh)] == [None, None, person_id]
    with pytest.raises(NotAllowed):
        enter(db)
    assert who(db, enter(db, password=NEW_PASSWORD)) == person_id


def test_a_chosen_password_is_no_longer_one_to_change(db: Database):
    an_account(db, must_change=True)
    token = enter(db)
    assert sign_in.who_is(a_gate(db), token=token).must_change
    assert not sign_in.who_is(a_gate(db), token=change(db, token)).must_change


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"new": "short", "repeated": "short"}, "new"),
        ({"new": "easy to guess, that", "repeated": "easy to guess, that"}, "new"),
        ({"new": "Claire Martin", "repeated": "Claire Martin"}, "new"),
        ({"new": PASSWORD, "repeated": PASSWORD}, "new"),
        ({"repeated": "something else"}, "repeated"),
        ({"current": "wrong"}, "current"),
    ],
)
def test_a_change_is_refused_at_its_field_and_changes_nothing(db: Database, values, field: str):
    person_id = an_account(db)
    token = enter(db)
    with pytest.raises(Invalid) as refused:
        change(db, token, **values)
    assert list(refused.value.fields) == [field]
    assert who(db, token) == person_id
    assert who(db, enter(db)) == person_id


def test_a_stolen_session_can_t_guess_the_password_either(db: Database):
    an_account(db)
    token, refusals = enter(db), []
    for number in range(20):
        with pytest.raises((Invalid, Throttled)) as refused:
            change(db, token, current=f"wrong {number}")
        refusals.append(refused.type)
    assert refusals.count(Invalid) <= 10


def test_an_ended_session_changes_no_password(db: Database):
    an_account(db)
    token = enter(db)
    sign_in.sign_out(a_gate(db), token=token)
    with pytest.raises(NotAllowed):
        change(db, token)


class ChangedMeanwhile(CountingPasswords):
    """Somebody else's change of the password is stored between this check and the session that would follow."""

    def __init__(self, db: Database) -> None:
        super().__init__()
        self._db = db

    def matches(self, password: str, stored: str | None) -> bool:
        values = update(credential).values(password_hash="v2:changed")
        self._db.write(lambda store: store.connection.execute(values).rowcount)
        return super().matches(password, stored)


def test_a_password_changed_during_the_sign_in_opens_nothing(db: Database):
    an_account(db)
    with pytest.raises(NotAllowed):
        enter(db, passwords=ChangedMeanwhile(db))
    assert count(db, sign_in_session) == 0


# ---- accounts


def test_the_first_account_brings_the_standard_profiles(db: Database):
    made = accounts.add_person(a_gate(db), email=EMAIL, name="Claire Martin", profile="admin")
    reference = db.read(lambda store: store.reference())
    assert {profile.code for profile in reference.profiles.values()} == {"sales", "manager", "admin", "reader"}
    assert reference.profiles[reference.people[made.person_id].profile_id].code == "admin"


def test_a_new_account_enters_once_with_the_password_it_was_given(db: Database):
    made = accounts.add_person(a_gate(db), email=EMAIL, name="Claire Martin", profile="sales")
    found = sign_in.who_is(a_gate(db), token=enter(db, password=made.one_time_password))
    assert (found.person_id, found.must_change) == (made.person_id, True)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": EMAIL.upper()}, "email"),
        ({"email": "nobody"}, "email"),
        ({"name": " "}, "name"),
        ({"profile": "king"}, "profile"),
        ({"units": ["Nowhere"]}, "unit"),
        ({"preferred": "Nowhere"}, "unit"),
    ],
)
def test_an_account_that_can_t_be_made_leaves_no_trace(db: Database, values, field: str):
    an_account(db)
    people = len(db.read(lambda store: store.reference().people))
    asked = {"email": "new@example.com", "name": "New", "profile": "sales"} | values
    with pytest.raises(Invalid) as refused:
        accounts.add_person(a_gate(db), **asked)
    assert list(refused.value.fields) == [field]
    assert len(db.read(lambda store: store.reference().people)) == people


def test_a_lost_password_is_replaced_and_the_old_sessions_end(db: Database):
    person_id = an_account(db)
    token = enter(db)
    attempts_admitted(db, [{}] * 10)
    made = accounts.renew_password(a_gate(db), email=EMAIL)
    assert who(db, token) is None
    assert who(db, enter(db, password=made.one_time_password)) == person_id


def test_nobody_s_account_is_not_found(db: Database):
    with pytest.raises(NotFound):
        accounts.set_active(a_gate(db), email="nobody@example.com", is_active=False)


def test_every_change_to_people_makes_the_reference_data_be_read_again(db: Database):
    an_account(db)

    def version() -> int:
        return db.read(
            lambda store: store.connection.scalar(select(counter.c.value).where(counter.c.name == "reference"))
        )

    before = version()
    accounts.set_active(a_gate(db), email=EMAIL, is_active=False)
    assert version() > before
