"""The schema is made by the migrations alone, and is the one that the code describes."""

from __future__ import annotations

from sqlalchemy import inspect, text

from lib.db import migrate
from lib.db.engine import Database
from lib.db.tables import LIST_INDEXES, metadata


def test_an_empty_database_is_brought_to_the_newest_revision_without_drift(empty_url):
    assert migrate.current_revision(Database(empty_url).engine) is None

    migrate.upgrade(empty_url)

    engine = Database(empty_url).engine
    assert migrate.current_revision(engine) == migrate.newest_revision(engine)
    assert migrate.drift(engine) == []
    assert set(inspect(engine).get_table_names()) >= set(metadata.tables) | {"sub_action_search"}
    engine.dispose()


def test_upgrading_twice_changes_nothing(db_url):
    db = Database(db_url)
    with db.engine.begin() as connection:
        connection.execute(text("update counter set value = 41 where name = 'action'"))

    migrate.upgrade(db_url)

    with db.engine.connect() as connection:
        assert connection.scalar(text("select value from counter where name = 'action'")) == 41
    db.dispose()


def test_the_drift_test_sees_a_missing_index_and_a_missing_column(db):
    with db.engine.begin() as connection:
        connection.execute(text("drop index ix_sub_action_open"))
        connection.execute(text("alter table client drop column phone"))

    found = str(migrate.drift(db.engine))

    assert "ix_sub_action_open" in found
    assert "phone" in found


def test_the_indexes_of_lists_have_the_columns_that_the_code_says(db):
    made = {index["name"]: tuple(index["column_names"]) for index in inspect(db.engine).get_indexes("sub_action")}

    for name, columns in LIST_INDEXES.items():
        assert made[f"ix_sub_action_{name}"] == columns


def test_clients_of_an_older_database_are_found_by_their_contacts_e_mail_and_listed_by_name(empty_url):
    migrate.upgrade(empty_url, "0003")
    engine = Database(empty_url).engine
    with engine.begin() as connection:
        connection.execute(text("insert into client (code, name) values ('C00001', 'Éts Œuvrard')"))
        row = "insert into contact (client_id, name, email) select id, 'Anne', 'Anne.Roy@Acme.fr' from client"
        connection.execute(text(row))
        connection.execute(text("insert into client_word (word, client_id) select 'acme', id from client"))
        for label in ("Rendez-vous", "Appel"):
            add = "insert into action_nature (label, duration_min) values (:label, 30)"
            connection.execute(text(add), {"label": label})

    migrate.upgrade(empty_url)

    with engine.connect() as connection:
        words = set(connection.scalars(text("select word from client_word")))
        assert words == {"anne.roy@acme.fr", "anne", "roy", "acme", "fr"}
        assert connection.scalar(text("select folded_name from client")) == "ets oeuvrard"
        assert connection.scalar(text("select email from contact")) == "anne.roy@acme.fr"
        assert connection.scalar(text("select value from counter where name = 'client'")) == 1
        meetings = text("select label from action_nature where is_meeting")
        assert list(connection.scalars(meetings)) == ["Rendez-vous"]
    engine.dispose()
