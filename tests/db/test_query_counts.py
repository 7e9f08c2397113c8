"""How many statements each gesture sends, BEGIN and COMMIT apart: a number that doesn't grow with the data."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from lib.domain.actions import create_action, edit_sub_action, open_action
from lib.domain.boards import open_board, people_to_plan
from lib.domain.clients import find_clients
from lib.domain.lists import ActionFilter, Tab, count_actions, list_actions, open_day
from lib.domain.planning import place
from lib.domain.reports import enter_report
from tests.builders import a_context, a_key, a_next, a_report, a_report_raw, an_action, an_action_raw


@pytest.fixture
def ctx(world):
    """A salesperson; the reference data is cached, as in any process that has answered once."""
    return a_context(world, "sales")


def test_a_short_list_is_two_statements_and_a_longer_one_three(world, ctx, count_queries):
    for _ in range(3):
        an_action(world)
    chosen = ActionFilter(tab=Tab.ALL)
    assert count_queries(world.db, lambda: list_actions(ctx, chosen=chosen)) == 2
    for _ in range(50):
        an_action(world)
    assert count_queries(world.db, lambda: list_actions(ctx, chosen=chosen)) == 3


def test_a_text_is_searched_by_one_statement(world, ctx, count_queries):
    for _ in range(60):
        an_action(world)
    chosen = ActionFilter(tab=Tab.ALL, text="contrat")
    assert count_queries(world.db, lambda: list_actions(ctx, chosen=chosen)) == 2
    assert list_actions(ctx, chosen=chosen).total == 60


def test_the_counts_of_the_tabs_are_one_statement_each(world, ctx, count_queries):
    an_action(world)
    chosen = {str(tab): ActionFilter(tab=tab) for tab in Tab}
    assert count_queries(world.db, lambda: count_actions(ctx, chosen=chosen)) == 1 + 3


def test_a_day_is_its_counts_and_its_four_lists(world, ctx, count_queries):
    an_action(world)
    assert count_queries(world.db, lambda: open_day(ctx, person_id=ctx.person.id)) == 1 + 1 + 4


def test_opening_an_action_takes_as_many_statements_for_a_chain_of_one_as_for_a_chain_of_six(world, ctx, count_queries):
    sub = an_action(world)
    first = count_queries(world.db, lambda: open_action(ctx, sub_action_id=sub))
    for _ in range(5):
        sub = a_report(world, sub, follow_up="sub_action", next=a_next(world))
    assert len(open_action(ctx, sub_action_id=sub).chain.sub_actions) == 6
    assert count_queries(world.db, lambda: open_action(ctx, sub_action_id=sub)) == first <= 9


def test_writing_takes_a_known_number_of_statements(world, ctx, count_queries):
    raw = an_action_raw(world, assignee=ctx.person.id)
    made: list[int] = []
    assert count_queries(world.db, lambda: made.append(create_action(ctx, raw=raw, request_key=a_key()))) <= 20
    edits = {"planned_date": ctx.today}
    assert count_queries(world.db, lambda: edit_sub_action(ctx, sub_action_id=made[0], version=1, edits=edits)) <= 16
    raw = a_report_raw(follow_up="sub_action", next=a_next(world))
    report = {"sub_action_id": made[0], "version": 2, "raw": raw, "request_key": a_key()}
    assert count_queries(world.db, lambda: enter_report(ctx, **report)) <= 30


def test_a_planning_asks_the_same_for_one_person_and_for_many(world, ctx, count_queries):
    days = {"first": ctx.today, "last": ctx.today + timedelta(days=6)}
    an_action(world, status="planned", planned_date=ctx.today)
    one = count_queries(world.db, lambda: open_board(ctx, person_ids=[ctx.person.id], **days))
    everybody = [person.id for person in people_to_plan(ctx)]
    assert count_queries(world.db, lambda: open_board(ctx, person_ids=everybody, **days)) == one == 4


def test_a_drop_takes_a_known_number_of_statements(world, ctx, count_queries):
    sub = an_action(world)
    drop = {"sub_action_id": sub, "version": 1, "day": ctx.today + timedelta(days=5), "at": time(10), "minutes": 30,
            "assignee_id": ctx.person.id, "request_key": a_key()}  # fmt: skip
    assert count_queries(world.db, lambda: place(ctx, **drop)) <= 24


@pytest.mark.parametrize(("typed", "statements"), [("dup", 2), ("dup ly", 3), ("lefevre", 4), ("dup lefevre", 5)])
def test_finding_a_client_weighs_several_words_and_reads_places_only_to_say_by_whom(
    world, ctx, count_queries, typed, statements
):
    assert count_queries(world.db, lambda: find_clients(ctx, text=typed)) == statements


def test_the_reference_data_is_read_once_for_each_of_its_versions(world, ctx, count_queries):
    look = lambda: world.db.read(lambda store: store.reference())  # noqa: E731
    assert count_queries(world.db, look) == 1
    from lib.db.reference import reference_changed

    world.db.write(lambda store: reference_changed(store.connection))
    assert count_queries(world.db, look) > 5
    assert count_queries(world.db, look) == 1
