"""The console's commands: what they do, and one clear line when they can't."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from lib import cli
from lib.config import Settings, load
from lib.db import migrate
from lib.db.engine import Database
from lib.domain import sign_in
from lib.gateways.blobs import FolderBlobs
from tests.gates import EMAIL


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A server whose database doesn't exist yet."""
    found = load({"RELAIS_DATA_DIR": str(tmp_path), "RELAIS_PUBLIC_URL": "https://relais.example.com"})
    monkeypatch.setattr(cli, "settings", lambda: found)
    return found


@pytest.fixture
def upgraded(settings: Settings) -> Settings:
    migrate.upgrade(settings.database_url)
    return settings


def add_person(*more: str) -> int:
    return cli.main(["person", "add", "--email", EMAIL, "--name", "Claire Martin", "--profile", "sales", *more])


def test_the_database_is_made_then_found_up_to_date(settings: Settings, capsys: pytest.CaptureFixture[str]):
    assert cli.main(["db", "check"]) == 1
    assert "run relais db upgrade" in capsys.readouterr().err
    assert cli.main(["db", "upgrade"]) == 0
    assert cli.main(["db", "check"]) == 0


@pytest.mark.parametrize("command", [["serve"], ["demo"], ["person", "enable", EMAIL]])
def test_nothing_is_tried_on_tables_of_another_version(settings: Settings, command: list[str]):
    with pytest.raises(SystemExit, match="run relais db upgrade"):
        cli.main(command)


def test_a_new_person_gets_a_password_for_one_use(upgraded: Settings, capsys: pytest.CaptureFixture[str]):
    assert add_person() == 0
    password, where = capsys.readouterr().out.strip().splitlines()
    assert "https://relais.example.com/sign-in" in where
    db = Database(upgraded.database_url)
    gate = replace(cli._gate(), db=db)
    token = sign_in.sign_in(gate, email=EMAIL, password=password, address="192.0.2.7", user_agent="test")
    found = sign_in.who_is(gate, token=token)
    assert found
    assert found.must_change
    db.dispose()


def test_a_refusal_is_one_line_and_a_failure_for_scripts(upgraded: Settings, capsys: pytest.CaptureFixture[str]):
    add_person()
    capsys.readouterr()
    assert add_person() == 1
    assert capsys.readouterr().err == f"{EMAIL} already has an account.\n"
    assert cli.main(["person", "disable", "nobody@example.com"]) == 1
    assert capsys.readouterr().err == "Nobody has the e-mail address nobody@example.com.\n"


def test_disabling_and_enabling_a_person(upgraded: Settings):
    add_person()
    db = Database(upgraded.database_url)
    for command, is_active in (("disable", False), ("enable", True)):
        assert cli.main(["person", command, EMAIL]) == 0
        person = db.read(lambda store: store.people.by_email(EMAIL))
        assert person
        assert person.is_active is is_active
    db.dispose()


def test_an_unreachable_database_is_one_line_without_its_password(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    gone = replace(settings, database_url="postgresql+psycopg://relais:topsecret@127.0.0.1:1/relais")
    monkeypatch.setattr(cli, "settings", lambda: gone)
    assert cli.main(["db", "check"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "topsecret" not in said


def test_the_server_gets_its_settings_and_no_secret_on_its_command_line(settings: Settings):
    options = cli.server_options(settings)
    environment = cli.server_environment(settings)
    assert "--server.address=127.0.0.1" in options
    assert "--server.allowedHosts=relais.example.com" in options
    assert "--server.corsAllowedOrigins=https://relais.example.com" in options
    secret = environment["STREAMLIT_SERVER_COOKIE_SECRET"]
    assert len(secret) >= 32
    assert secret not in " ".join(options)
    assert cli.server_environment(settings)["STREAMLIT_SERVER_COOKIE_SECRET"] == secret


def test_what_nothing_names_is_counted_then_collected(upgraded: Settings, capsys: pytest.CaptureFixture[str]):
    blobs = FolderBlobs(upgraded.data_dir / "files")
    blob = blobs.put([b"left"] * 1_000_000)
    with blobs.local(blob.sha256) as path:
        os.utime(path, (0, 0))
    assert cli.main(["files", "gc", "--dry-run"]) == 0
    assert "Would be deleted: 0 images of texts, 0 documents, 1 contents (4.0 MB)" in capsys.readouterr().out
    assert blobs.exists(blob.sha256)
    assert cli.main(["files", "gc"]) == 0
    assert not blobs.exists(blob.sha256)


def test_the_demos_accounts_are_told_each_time_the_app_starts(upgraded: Settings, capsys: pytest.CaptureFixture[str]):
    assert cli.main(["demo", "--if-empty"]) == 0
    told = capsys.readouterr().out
    assert f"password {cli.DEMO_PASSWORD}:\n  televente@relais.example " in told
    assert cli.main(["demo", "--if-empty"]) == 0
    assert capsys.readouterr().out == told
    assert cli.main(["demo"]) == 1
    assert "empty database only" in capsys.readouterr().err
