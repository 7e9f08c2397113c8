"""Deployment settings: what the environment may say, what is understood, and what stops the start with one line."""

import re
import stat
from pathlib import Path

import pytest

from lib.config import SETTINGS, cookie_secret, load

DOCS = Path(__file__).parents[1] / "docs" / "deploy.md"


def test_an_empty_environment_serves_this_machine_only_from_the_data_folder():
    found = load({})
    assert (found.host, found.port, found.public_url, found.https) == (
        "127.0.0.1",
        8501,
        "http://127.0.0.1:8501",
        False,
    )
    assert found.database_url == f"sqlite:///{Path('data').resolve()}/relais.db"
    assert found.allowed_hosts == ("127.0.0.1", "localhost")
    assert (str(found.time_zone), found.language, found.editor) == ("Europe/Paris", "fr", "tiptap")


def test_an_empty_value_counts_as_unset():
    assert load({"RELAIS_PORT": "", "RELAIS_TIME_ZONE": " "}) == load({})


def test_a_public_https_address_makes_cookies_secure_and_is_answered_to():
    found = load({"RELAIS_PUBLIC_URL": "https://relais.example.com/", "RELAIS_HOST": "0.0.0.0"})
    assert found.https
    assert found.public_url == "https://relais.example.com"
    assert found.allowed_hosts == ("relais.example.com", "localhost", "127.0.0.1")


@pytest.mark.parametrize("written", ["postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"])
def test_a_postgresql_address_is_understood_however_it_is_handed_out(written):
    assert load({"RELAIS_DATABASE_URL": written}).database_url == "postgresql+psycopg://u:p@h/d"


@pytest.mark.parametrize(
    ("variable", "text", "expected"),
    [
        ("RELAIS_PORT", "eighty", "1 to 65535"),
        ("RELAIS_PORT", "0", "1 to 65535"),
        ("RELAIS_PORT", "99999", "1 to 65535"),
        ("RELAIS_PORT", "٨٥", "1 to 65535"),
        ("RELAIS_HOST", "http://localhost", "0.0.0.0"),
        ("RELAIS_TIME_ZONE", "Paris", "Europe/Paris"),
        ("RELAIS_TIME_ZONE", "../etc/passwd", "Europe/Paris"),
        ("RELAIS_LANGUAGE", "de", "fr, en"),
        ("RELAIS_EDITOR", "word", "tiptap, quill"),
        ("RELAIS_LOG_LEVEL", "loud", "debug, info"),
        ("RELAIS_PUBLIC_URL", "relais.example.com", "https://relais.example.com"),
        ("RELAIS_PUBLIC_URL", "https://example.com/relais", "without path"),
        ("RELAIS_DATABASE_URL", "mysql://h/d", "postgresql://"),
        ("RELAIS_DATABASE_URL", "relais.db", "sqlite:///file"),
        ("RELAIS_SECRET", "short", "32 characters"),
        ("RELAIS_SMTP_SECURITY", "ssl", "starttls, tls, none"),
        ("RELAIS_MAIL_FROM", "Relais", "Relais <relais@example.com>"),
        ("RELAIS_MAIL_FROM", "Relais <relais@example.com", "Relais <relais@example.com>"),
        ("RELAIS_MAIL_FROM", "relais@example.com, b@example.com", "Relais <relais@example.com>"),
        ("RELAIS_MAIL_MAX_MB", "0", "1 to 2000"),
        ("RELAIS_MAIL_EVERY_S", "0", "1 to 3600"),
    ],
)
def test_a_wrong_setting_stops_with_one_line_that_names_it_and_what_it_may_hold(variable, text, expected):
    with pytest.raises(SystemExit) as stopped:
        load({variable: text})
    line = str(stopped.value)
    assert line.startswith(f"{variable}: ")
    assert expected in line
    assert "\n" not in line


def test_secrets_are_never_shown_not_even_wrong_ones():
    with pytest.raises(SystemExit, match="not shown") as stopped:
        load({"RELAIS_DATABASE_URL": "mysql://me:hunter2@h/d"})
    assert "hunter2" not in str(stopped.value)
    assert "hunter2" not in repr(load({"RELAIS_DATABASE_URL": "postgres://me:hunter2@h/d"}))
    assert "hunter2" not in repr(load({"RELAIS_SMTP_PASSWORD": "hunter2"}))


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("", ("", "")),
        ("Relais@Example.com", ("", "relais@example.com")),
        ("Relais <relais@example.com>", ("Relais", "relais@example.com")),
        ('"Énergie, SA" <relais@example.com>', ("Énergie, SA", "relais@example.com")),
    ],
)
def test_the_sender_is_an_address_and_perhaps_a_name(written, understood):
    assert load({"RELAIS_MAIL_FROM": written}).mail_from == understood


def test_a_misspelt_setting_is_refused_rather_than_ignored():
    with pytest.raises(SystemExit, match="did you mean RELAIS_DATABASE_URL"):
        load({"RELAIS_DATABSE_URL": "sqlite:///x"})


def test_the_cookie_secret_is_made_once_and_kept_for_its_owner_only(tmp_path):
    found = load({"RELAIS_DATA_DIR": str(tmp_path)})
    first = cookie_secret(found)
    assert len(first) >= 32
    assert cookie_secret(found) == first
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_given_cookie_secret_is_used_and_not_written(tmp_path):
    found = load({"RELAIS_DATA_DIR": str(tmp_path), "RELAIS_SECRET": "x" * 40})
    assert cookie_secret(found) == "x" * 40
    assert not list(tmp_path.iterdir())


def test_the_deployment_guide_lists_every_setting_as_the_code_has_it():
    rows = re.findall(r"^\| `(RELAIS_\w+)` \| (.*?) \| (.*) \|$", DOCS.read_text("utf-8"), re.MULTILINE)
    assert rows == [(s.variable, f"`{s.default}`" if s.default else "", s.meaning) for s in SETTINGS]
