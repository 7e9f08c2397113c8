"""Charge de travail: each number leads to its rows, each orphan is mended by a click, the address tells the rest."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from sqlalchemy import func
from sqlalchemy import select as sql_select

from lib.db import tables as t
from lib.domain.workload import open_workload
from lib.ui import list_address
from lib.ui.words import _, use_language
from lib.ui.workload_charts import heat_map
from tests.builders import TODAY, a_context, an_action, put, the_sub
from tests.domain.test_orphans import a_stalled_chain, orphaned
from tests.domain.test_workload import a_planned, an_absence
from tests.pages.screens import assert_says, said
from tests.pages.streamlit_events import click_in_row, data_of, select

TABLE, CHART = "dataframe", "vega_lite_chart"
MONDAY, FRIDAY = date(2026, 3, 2), date(2026, 3, 6)


def table_of(at):
    return next(each.value for each in at.dataframe)


def listed(at):
    """The rows of the list that a click led to."""
    return sorted(int(row["id"]) for row in data_of(at, "list.table")["rows"])


def cell(at, row, column):
    return select(at, TABLE, "workload.table", {"rows": [], "columns": [], "cells": [[row, column]]})


def test_a_manager_reads_his_peoples_hours_and_his_pools(screen, world):
    a_planned(world, on=TODAY, duration="5:30")
    an_action(world, "admin", assignee=None, org_unit=world.tele, duration="1:00")
    at = screen("manager", "workload")
    table = table_of(at).set_index("Salesperson")
    assert list(table.index) == [
        "Colleague", "Manager", "Sales", "Tele Sales", "Two Preferring", "Two Units", "Pool of Terrain",
        "Pool of Téléventes",
    ]  # fmt: skip
    sales = table.loc["Sales"]
    assert [sales[name].strip() for name in ("Planned hours", "Capacity", "W10 02/03")] == ["5:30", "203:00", "5:30"]
    assert sales["Load (%)"] == 3
    assert table.loc["Pool of Téléventes"]["To plan"] == 1


@pytest.mark.parametrize(
    ("column", "opens"),
    [
        ("Planned hours", {"now", "soon", "call"}), ("Load (%)", {"now", "soon", "call"}),
        ("W10 02/03", {"now", "call"}),
        ("W11 09/03", {"soon"}), ("To plan", {"wish"}), ("Hours to plan", {"wish"}), ("Late", {"late", "now"}),
    ],
)  # fmt: skip
def test_a_click_on_a_number_opens_exactly_its_rows(screen, world, column, opens):
    subs = {
        "now": a_planned(world, on=TODAY, planned_time=time(9)),
        "call": a_planned(world, on=FRIDAY),
        "soon": a_planned(world, on=FRIDAY + timedelta(days=7)),
        "late": a_planned(world, on=MONDAY - timedelta(days=1)),
        "wish": an_action(world),
        "other": a_planned(world, "colleague"),
    }
    at = cell(screen("manager", "workload"), 2, column)
    assert screen.page == "actions"
    assert listed(at) == sorted(subs[name] for name in opens)


def test_a_click_on_a_name_opens_the_planning_of_that_week(screen, world):
    at = cell(screen("manager", "workload", w_from="2026-03-16"), 2, "Salesperson")
    assert screen.page == "planning"
    assert (at.query_params["p_who"], at.query_params["p_day"]) == (str(world.sales), "2026-03-16")


def test_a_click_on_a_pools_number_opens_what_waits_in_it(screen, world):
    waiting = an_action(world, "admin", assignee=None, org_unit=world.field)
    an_action(world, "admin", assignee=None, org_unit=world.tele)
    an_action(world)
    at = cell(screen("manager", "workload"), 6, "To plan")
    assert listed(at) == [waiting]


def test_a_click_on_a_cell_of_the_heat_map_opens_its_week(screen, world):
    this_week = a_planned(world, on=TODAY)
    a_planned(world, on=TODAY + timedelta(days=7))
    at = screen("manager", "workload")
    at = select(at, CHART, "workload.heat", {"cell": [{"id": world.sales, "week": 0}]})
    assert listed(at) == [this_week]


def test_a_click_on_a_bar_opens_its_nature(screen, world):
    meeting = a_planned(world, nature=world.meeting)
    a_planned(world)
    at = screen("manager", "workload")
    at = select(at, CHART, "workload.natures", {"bar": [{"id": world.sales, "nature_id": world.meeting}]})
    assert listed(at) == [meeting]


@pytest.mark.parametrize(
    "clicked",
    [
        {"cell": [{"id": 10**6, "week": 0}]}, {"cell": [{"id": 1, "week": 99}]}, {"cell": [{"id": 1, "week": "0"}]},
        {"cell": [{"id": [], "week": {}}]}, {"cell": "x"}, {"cell": []}, {},
    ],
)  # fmt: skip
def test_a_forged_click_on_the_chart_leads_nowhere(screen, world, clicked):
    at = select(screen("manager", "workload"), CHART, "workload.heat", clicked)
    assert not at.exception
    assert screen.page == "workload"


@pytest.mark.parametrize("cells", [[[99, "Late"]], [[-1, "Late"]], [[0, "x"]], [["0", "Late"]], [[0]]])
def test_a_forged_click_on_the_table_leads_nowhere(screen, world, cells):
    selection = {"rows": [], "columns": [], "cells": cells}
    at = select(screen("manager", "workload"), TABLE, "workload.table", selection)
    assert not at.exception
    assert screen.page == "workload"


# ---- the charts


def test_the_heat_map_says_beyond_capacity_and_absence_by_sign_and_word(screen, world):
    for day in range(5):
        a_planned(world, on=MONDAY + timedelta(days=7 + day), duration="8:00")
    an_absence(world, "sales", MONDAY + timedelta(days=14), MONDAY + timedelta(days=27))
    a_planned(world, on=MONDAY + timedelta(days=21))
    load = open_workload(a_context(world, "manager"), weeks=5, person_ids=[world.sales])
    cells = heat_map(load, is_dark=False).spec["data"]["values"]
    assert [cell["text"] for cell in cells] == ["0 %", "▲ 115 %", "absent", "▲ absent", "0 %"]
    assert [cells[1][name] for name in ("planned", "capacity")] == ["40:00 (5)", "35:00"]
    narrow = open_workload(a_context(world, "manager"), weeks=13, person_ids=[world.sales])
    cells = heat_map(narrow, is_dark=True).spec["data"]["values"]
    assert [cell["short"] for cell in cells[:4]] == ["0", "▲115", "abs.", "▲abs."]


@pytest.mark.parametrize(
    ("people", "told"),
    [(0, "0 semaine au-dessus de 100 %"), (1, "1 semaine au-dessus de 100 %"), (2, "2 semaines au-dessus de 100 %")],
)
def test_the_heat_map_counts_its_weeks_in_french_too(world, monkeypatch, people, told):
    for who in ("sales", "colleague")[:people]:
        for day in range(5):
            a_planned(world, who, MONDAY + timedelta(days=7 + day), duration="8:00")
    load = open_workload(a_context(world, "manager"), weeks=2)
    use_language("fr")
    try:
        assert heat_map(load, is_dark=False).alt.replace("\N{NO-BREAK SPACE}", " ").endswith(told)
    finally:
        use_language("en")


def test_people_of_the_same_name_keep_a_line_each(screen, world):
    put(world, t.person, world.colleague, name="Sales")
    load = open_workload(a_context(world, "manager"))
    names = {value["person"] for value in heat_map(load, is_dark=False).spec["data"]["values"]}
    assert {"Sales", "Sales (2)"} <= names
    assert len(names) == len(load.people)


# ---- the address


@pytest.mark.parametrize(
    ("query", "first", "count"),
    [
        ({}, "W10 02/03", 6),
        ({"w_from": "2026-12-31", "w_weeks": "2"}, "W53 28/12", 2),
        ({"w_from": "9999-12-31"}, "W10 02/03", 6),
        ({"w_from": "hier", "w_weeks": "abc"}, "W10 02/03", 6),
        ({"w_weeks": "400"}, "W10 02/03", 6),
        ({"w_weeks": "²"}, "W10 02/03", 6),
        ({"w_who": "abc,99999", "w_unit": "x"}, "W10 02/03", 6),
    ],
)
def test_the_period_is_in_the_address_and_a_forged_one_opens_all_the_same(screen, world, query, first, count):
    at = screen("manager", "workload", **query)
    columns = list(table_of(at).columns)
    assert columns[8] == first
    assert len(columns) == 8 + count


def test_earlier_later_and_this_week_move_by_the_period(screen, world):
    at = screen("manager", "workload", w_weeks="2")
    at.button("workload.later").click().run()
    assert at.query_params["w_from"] == "2026-03-16"
    assert table_of(at).columns[8] == "W12 16/03"
    at.button("workload.earlier").click().run()
    at.button("workload.earlier").click().run()
    assert table_of(at).columns[8] == "W8 16/02"
    at.button("workload.now").click().run()
    assert table_of(at).columns[8] == "W10 02/03"
    at.selectbox("workload.weeks.2").set_value(8).run()
    assert len(table_of(at).columns) == 16


def test_a_quick_second_click_does_not_undo_the_first(screen, world):
    at = screen("manager", "workload", w_weeks="2")
    stale = dict(at.query_params)
    at.button("workload.later").click().run()
    at.query_params.clear()
    at.query_params.update(stale)  # the browser hasn't shown the new address yet
    at.selectbox("workload.weeks.2").set_value(8).run()
    assert (table_of(at).columns[8], len(table_of(at).columns)) == ("W12 16/03", 8 + 8)
    at.query_params.clear()
    at.query_params.update(stale)
    at.segmented_control("workload.side.").set_value("orphans").run()
    at.run()
    assert {name: at.query_params[f"w_{name}"] for name in ("from", "weeks", "side")} == {
        "from": "2026-03-16", "weeks": "8", "side": "orphans",
    }  # fmt: skip


def test_an_address_that_somebody_follows_wins_over_what_was_shown(screen, world):
    at = screen("manager", "workload", w_weeks="2")
    at.button("workload.later").click().run()
    at.query_params.clear()
    at.query_params["w_from"] = "2026-04-13"
    at.run()
    assert list(table_of(at).columns)[8] == "W16 13/04"
    assert len(table_of(at).columns) == 8 + 6


def test_whoever_comes_back_finds_the_period_that_he_left(screen, world):
    at = screen("manager", "workload", w_weeks="2")
    at.button("workload.later").click().run()
    screen.go("my_day")
    at = screen.go("workload")
    assert (at.query_params["w_from"], at.query_params["w_weeks"]) == ("2026-03-16", "2")
    at.button("workload.now").click().run()
    assert "w_from" not in at.query_params
    assert table_of(at).columns[8] == "W10 02/03"


def test_units_and_people_narrow_the_table_and_stand_in_the_address(screen, world):
    at = screen("manager", "workload", w_unit=world.tele)
    assert list(table_of(at)["Salesperson"]) == ["Manager", "Tele Sales", "Two Units", "Pool of Téléventes"]
    at.multiselect("w_who").set_value([str(world.tele_sales)]).run()
    assert list(table_of(at)["Salesperson"]) == ["Tele Sales"]
    assert at.query_params["w_who"] == str(world.tele_sales)


def test_a_manager_without_any_unit_is_told_that_nobody_matches(screen, world):
    put(world, t.person, world.nowhere, profile_id=world.ids["profile_manager"])
    assert_says(screen("nowhere", "workload"), "Nobody matches these filters")


# ---- what nobody takes care of


def headings(at):
    return [each.value for each in at.subheader]


def side(screen, who="manager", **query):
    return screen(who, "workload", w_side="orphans", **query)


def test_the_orphans_are_counted_and_offered_their_fix(screen, world):
    put(world, t.client, world.leroy, account_manager_id=world.sales)
    put(world, t.client, world.dupont, account_manager_id=world.far)  # another unit's
    chain = a_stalled_chain(world)
    at = side(screen)
    assert headings(at)[:2] == ["Clients without any open action (1)", "Actions whose next step never came (1)"]
    assert said(at).count("None: everything here") == 2
    click_in_row(at, "orphans.clients.fix", 0)
    assert screen.page == "new_action"
    assert at.query_params["client"] == str(world.leroy)
    at = side(screen)
    click_in_row(at, "orphans.stalled.open", 0)
    assert screen.page == "action"
    assert at.query_params["sub"] == str(chain)
    at = side(screen)
    click_in_row(at, "orphans.stalled.fix", 0)
    assert screen.page == "new_action"
    assert not at.exception


def test_one_click_moves_an_action_out_of_an_absence(screen, world):
    sub = a_planned(world, on=FRIDAY, planned_time=time(10))
    an_absence(world, "sales", FRIDAY, FRIDAY)
    at = side(screen)
    click_in_row(at, "orphans.away.fix", 0)
    assert the_sub(world, sub).planned_date == date(2026, 3, 9)
    assert_says(at, "A000001/01 is now planned on Monday 9 March 2026 09:00.")
    assert "Planned while the salesperson is away (0)" in headings(at)


def test_one_click_puts_an_action_of_who_left_into_the_pool(screen, world):
    sub = orphaned(world)
    at = side(screen)
    click_in_row(at, "orphans.gone.fix", 0)
    assert the_sub(world, sub).assignee_id is None
    assert_says(at, "A000001/01 now waits in the pool of Terrain.")
    assert "With somebody who left, or is in no sales unit (0)" in headings(at)


def test_the_list_of_those_who_left_is_not_offered_when_its_address_would_be_cut(screen, world, monkeypatch):
    def offered(at):
        return [button.key for button in at.button if button.key == "orphans.gone.list"]

    sub = orphaned(world)
    at = side(screen)
    assert offered(at)
    at.button("orphans.gone.list").click().run()
    assert at.query_params["l_who"] == str(world.colleague)
    assert listed(at) == [sub]
    an_action(world, assignee=world.sales)
    put(world, t.person, world.sales, is_active=False)
    monkeypatch.setattr(list_address, "_MAX_CHARS", len(f"{world.sales},{world.colleague}") - 1)
    at = side(screen)
    assert "With somebody who left, or is in no sales unit (2)" in headings(at)
    assert not offered(at)


def test_a_fix_that_came_too_late_says_why_and_changes_nothing(screen, world):
    sub = orphaned(world)
    at = side(screen)
    put(world, t.person, world.colleague, is_active=True)
    click_in_row(at, "orphans.gone.fix", 0)
    assert_says(at, "Somebody takes care of it by now: look at the list again.")
    assert the_sub(world, sub).assignee_id == world.colleague


@pytest.mark.parametrize("row", [-1, 99])
def test_a_forged_row_is_no_gesture(screen, world, row):
    orphaned(world)
    at = side(screen)
    before = _changes(world)
    click_in_row(at, "orphans.gone.fix", row)
    assert _changes(world) == before


def _changes(world):
    return world.db.read(lambda store: store.connection.scalar(sql_select(func.count()).select_from(t.change)))


def test_a_clients_name_that_looks_like_a_formula_stays_text(screen, world):
    put(world, t.client, world.leroy, account_manager_id=world.sales, name="=1+1")
    assert "'=1+1" in list(table_of(side(screen))["Client"])


def test_what_lacks_a_next_step_is_not_called_in_french_what_ends_a_chain():
    use_language("fr")
    try:
        assert _("Without a next step") == "Sans prochaine étape" != _("No follow-up")
    finally:
        use_language("en")


# ---- what the page costs


@pytest.mark.parametrize(("query", "most"), [({}, 8), ({"w_weeks": "26"}, 8), ({"w_side": "orphans"}, 10)])
def test_the_page_asks_as_little_for_many_as_for_one(screen, world, statements, query, most):
    a_planned(world)
    screen("manager", "my_day")
    one = len(statements.during(lambda: screen.go("workload", **query)))
    for number in range(12):
        a_planned(world, on=TODAY + timedelta(days=number))
    many = len(statements.during(lambda: screen.go("workload", **query)))
    assert many == one <= most
