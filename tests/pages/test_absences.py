"""Absences, working hours and the calendar of a year, as each kind of person sees and uses them."""

from __future__ import annotations

import json
from datetime import date, time, timedelta

import pytest
from streamlit.proto.Common_pb2 import StringArray
from streamlit.proto.WidgetStates_pb2 import WidgetState

from lib.db import tables as t
from lib.domain.absences import Absence, change_absence, record_absence
from lib.domain.parameters import HOLIDAY_REGION
from lib.domain.working_hours import Period, set_week
from tests.builders import TODAY, World, a_context, a_key, an_action, put, rows_of, set_parameter
from tests.pages.screens import assert_says, choose, click, said
from tests.pages.streamlit_events import data_of, fire, forge

MONDAY, FRIDAY = date(2026, 3, 9), date(2026, 3, 13)


def an_absence(world: World, who: str = "sales", by: str = "admin", **values: object) -> int:
    raw = {"person": world.ids[who], "kind": "leave", "starts_on": MONDAY, "ends_on": FRIDAY, **values}
    return record_absence(a_context(world, by), raw=raw, request_key=a_key())


def stored(world: World) -> list[Absence]:
    days = {"first": TODAY - timedelta(days=4000), "last": TODAY + timedelta(days=4000)}
    return world.db.read(lambda store: store.absences.between(list(world.ids.values()), **days))


def table(at):
    """The rows of the table: its id, what each cell says, its menu."""
    return [
        (row["id"], [cell if isinstance(cell, str) else cell.get("text", "") for cell in row["cells"]], row["menu"])
        for row in data_of(at, "absence_table")["rows"]
    ]


def opens_form(screen, who="sales", **query):
    return click(screen(who, "absences", **query), "absence.new")


def fill(at, **values):
    for name, value in values.items():
        choose(at, f"absence.{name}", value)
    return at


# ---- the list


def test_one_sees_the_absences_of_one_s_units_and_changes_one_s_own(screen, world):
    mine, hers, far = an_absence(world), an_absence(world, "colleague", kind="sick", note="x"), an_absence(world, "far")
    rows = table(screen("sales", "absences"))
    assert {row[0] for row in rows} == {str(mine), str(hers)}
    assert (str(mine), ["Sales", "Mon 09/03 – Fri 13/03", "Leave", ""], ["edit", "delete"]) in [
        (row[0], [cell.replace("\N{NO-BREAK SPACE}", " ") for cell in row[1]], row[2]) for row in rows
    ]
    assert str(far) in {row[0] for row in table(screen("admin", "absences"))}


@pytest.mark.parametrize(
    ("who", "kind", "note"),
    [
        ("colleague", "Absent", ""),
        ("reader", "Absent", ""),
        ("sales", "Sick leave", "Dentist"),
        ("manager", "Sick leave", "Dentist"),
        ("admin", "Sick leave", "Dentist"),
    ],
)
def test_a_sick_leave_is_told_as_such_to_him_and_to_his_managers_only(screen, world, who, kind, note):
    an_absence(world, kind="sick", note="Dentist")
    at = screen(who, "absences")
    ((_id, cells, menu),) = table(at)
    assert cells[2:] == [kind, note]
    assert bool(menu) == (who not in ("colleague", "reader"))
    year = screen(who, "year", y_who=world.sales)
    shown = json.dumps(sent_to_calendar(year)) + said(year)
    assert ("Sick leave" in shown) == (kind != "Absent")
    assert "Dentist" not in shown


def test_past_absences_are_shown_on_demand(screen, world):
    an_absence(world, starts_on=date(2026, 1, 5), ends_on=date(2026, 1, 9))
    at = screen("sales", "absences")
    assert table(at) == []
    at.toggle("v_past").set_value(True).run()
    assert len(table(at)) == 1


@pytest.mark.parametrize(("query", "count"), [({"v_who": "colleague"}, 1), ({"v_who": "far"}, 2), ({"v_who": "x"}, 2)])
def test_the_list_is_of_the_person_in_the_address_when_one_may_see_him(screen, world, query, count):
    an_absence(world), an_absence(world, "colleague"), an_absence(world, "far")
    query = {"v_who": world.ids.get(query["v_who"], query["v_who"])}
    assert len(table(screen("sales", "absences", **query))) == count


# ---- the form


def test_a_salesperson_records_his_week_of_leave_and_is_told_what_it_hits(screen, world):
    for day in (MONDAY, FRIDAY, FRIDAY + timedelta(days=3)):
        an_action(world, status="planned", planned_date=day)
    at = opens_form(screen)
    fill(at, starts_on=MONDAY, ends_on=FRIDAY, note="Ski")
    click(at, "save_absence")
    assert_says(at, "Saved.", "2 actions are planned during this absence.")
    (found,) = stored(world)
    assert (found.person_id, found.kind, found.starts_on, found.ends_on, found.note, found.start_time) == (
        world.sales, "leave", MONDAY, FRIDAY, "Ski", None,
    )  # fmt: skip
    assert len(table(at)) == 1
    (link,) = [each for each in at.get("page_link") if "actions" in each.proto.page]
    assert dict(part.split("=") for part in link.proto.query_string.split("&")) == {
        "l_who": str(world.sales), "l_from": "2026-03-09", "l_to": "2026-03-13", "l_status": "planned",
    }  # fmt: skip


def test_an_absence_of_some_hours_counts_the_actions_of_its_days_and_says_so(screen, world):
    an_action(world, status="planned", planned_date=MONDAY, planned_time=time(16))
    at = opens_form(screen)
    at.toggle("absence.by_hour").set_value(True).run()
    click(fill(at, starts_on=MONDAY, end_time=time(12)), "save_absence")
    assert_says(at, "1 action is planned on these days.")


def test_an_absence_that_hits_nothing_says_nothing_more(screen, world):
    at = fill(opens_form(screen), starts_on=MONDAY, ends_on=FRIDAY)
    click(at, "save_absence")
    assert "planned during" not in said(at)


def test_hours_are_typed_on_demand(screen, world):
    at = opens_form(screen, "manager", v_who=world.sales)
    at.toggle("absence.by_hour").set_value(True).run()
    fill(at, starts_on=MONDAY, ends_on=MONDAY, start_time=time(9), end_time=time(12, 30), kind="training")
    click(at, "save_absence")
    (found,) = stored(world)
    assert (found.person_id, found.kind, found.start_time, found.end_time) == (
        world.sales, "training", time(9), time(12, 30),
    )  # fmt: skip


def test_errors_stand_at_their_fields_and_what_was_typed_is_kept(screen, world):
    at = opens_form(screen)
    fill(at, starts_on=FRIDAY, ends_on=MONDAY, note="Ski")
    click(at, "save_absence")
    assert_says(at, "Nothing was saved. To mend: Last day.", "The absence ends before it starts: check both dates.")
    assert at.text_input("absence.note").value == "Ski"
    assert at.date_input("absence.starts_on").value == FRIDAY
    assert stored(world) == []
    fill(at, ends_on=FRIDAY)
    click(at, "save_absence")
    assert len(stored(world)) == 1


def test_an_absence_over_another_is_refused_with_its_dates(screen, world):
    an_absence(world)
    at = fill(opens_form(screen), starts_on=FRIDAY, ends_on=FRIDAY)
    click(at, "save_absence")
    assert_says(at, "Another absence already stands from 09/03/2026 to 13/03/2026: change that one.")


def test_without_a_last_day_it_is_the_first_one(screen, world):
    click(fill(opens_form(screen), starts_on=MONDAY), "save_absence")
    assert stored(world)[0].ends_on == MONDAY


def test_without_any_day_both_are_asked_for(screen, world):
    at = click(opens_form(screen), "save_absence")
    assert_says(at, "Nothing was saved. To mend: First day, Last day.")


def test_saving_twice_records_once(screen, world):
    at = fill(opens_form(screen), starts_on=MONDAY, ends_on=MONDAY)
    at.button("save_absence").click()
    at.run()
    assert not at.exception
    assert len(stored(world)) == 1


def test_the_form_offers_only_the_people_one_manages(screen, world):
    assert opens_form(screen).selectbox("absence.person").options == ["Sales"]
    managed = opens_form(screen, "manager").selectbox("absence.person").options
    assert "Colleague" in managed
    assert "Far" not in managed
    assert not [each for each in screen("reader", "absences").button if each.key == "absence.new"]


@pytest.mark.parametrize(
    ("field", "forged"),
    [
        ("person", {"string_value": "Far"}),
        ("person", {"string_value": "1 OR 1=1"}),
        ("kind", {"string_array_value": StringArray(data=["<script>"])}),
        ("starts_on", {"string_array_value": StringArray(data=["0000-00-00"])}),
        ("ends_on", {"string_array_value": StringArray(data=["9999-12-31"])}),
        ("note", {"string_value": "x" * 500}),
    ],
)
def test_a_forged_field_records_nothing_for_anybody_else(screen, world, field, forged):
    at = fill(opens_form(screen), starts_on=MONDAY, ends_on=FRIDAY)
    assert_says(forge(at, f"absence.{field}", **forged))
    click(at, "save_absence")
    assert all(each.ends_on in (MONDAY, FRIDAY) and len(each.note) <= 200 for each in stored(world))
    assert {each.person_id for each in stored(world)} <= {world.sales}
    assert {each.kind for each in stored(world)} <= {"leave"}


def test_an_absence_is_changed_from_its_row(screen, world):
    absence_id = an_absence(world)
    at = screen("sales", "absences")
    fire(at, "absence_table", "menu", {"row": str(absence_id), "choice": "edit"})
    assert at.selectbox("absence.person").disabled
    fill(at, kind="training", ends_on=MONDAY)
    click(at, "save_absence")
    (found,) = stored(world)
    assert (found.kind, found.ends_on, found.version) == ("training", MONDAY, 2)


def test_an_absence_changed_by_somebody_else_meanwhile_is_told_before_it_is_overwritten(screen, world):
    absence_id = an_absence(world)
    at = screen("sales", "absences")
    fire(at, "absence_table", "menu", {"row": str(absence_id), "choice": "edit"})
    raw = {"kind": "sick", "starts_on": MONDAY, "ends_on": FRIDAY}
    change_absence(a_context(world, "manager"), absence_id=absence_id, version=1, raw=raw)
    fill(at, note="Ski")
    click(at, "save_absence")
    assert_says(at, "Manager changed this record in the meantime. Compare, then save again.")
    assert stored(world)[0].note == ""
    click(at, "save_absence")
    assert (stored(world)[0].note, stored(world)[0].version) == ("Ski", 3)


def test_an_absence_is_deleted_after_a_question(screen, world):
    absence_id = an_absence(world)
    at = screen("sales", "absences")
    for button, left in (("absence.back", 1), ("save_delete_absence", 0)):
        fire(at, "absence_table", "menu", {"row": str(absence_id), "choice": "delete"})
        assert_says(at, "Delete the absence of Sales")
        click(at, button)
        assert len(stored(world)) == left
    assert_says(at, "The absence is deleted.")


@pytest.mark.parametrize("choice", ["edit", "delete", "open", "x"])
@pytest.mark.parametrize("row", ["far", "4242", "x", ""])
def test_a_forged_row_opens_nobody_else_s_absence(screen, world, row, choice):
    theirs = an_absence(world, "far")
    at = screen("sales", "absences")
    fire(at, "absence_table", "menu", {"row": str(theirs) if row == "far" else row, "choice": choice})
    assert not at.exception
    assert not [each for each in at.button if each.key in ("save_absence", "save_delete_absence")]
    assert len(stored(world)) == 1


def test_a_right_taken_away_acts_on_the_next_save(screen, world):
    at = fill(opens_form(screen), starts_on=MONDAY, ends_on=FRIDAY)
    put(world, t.person, world.sales, profile_id=world.profile_reader)
    at.button("save_absence").click().run()
    assert not at.exception
    assert stored(world) == []


# ---- working hours


def weeks(world: World):
    return dict(world.db.read(lambda store: store.reference()).weeks)


def test_a_manager_sets_a_part_time_week_and_gives_it_back(screen, world):
    at = screen("manager", "absences", v_tab="hours", v_who=world.sales)
    assert_says(at, "As the organisation, which keeps the usual hours.", "**35:00**")
    for half in (0, 1):
        for end in ("start", "end"):
            choose(at, f"hours.{world.sales}.2.{half}.{end}", None)
    assert_says(at.run(), "**28:00**")
    click(at, "save_hours")
    assert {period.weekday for period in weeks(world)[world.sales]} == {0, 1, 3, 4}
    assert_says(at, "Hours of his own.", "**28:00**")
    click(at, f"hours.{world.sales}.back")
    assert weeks(world) == {}
    assert_says(at, "As the organisation, which keeps the usual hours.", "**35:00**")


def test_hours_that_make_no_week_are_refused_and_kept(screen, world):
    at = screen("manager", "absences", v_tab="hours", v_who=world.sales)
    choose(at, f"hours.{world.sales}.0.0.end", time(8))
    click(at, "save_hours")
    assert_says(at, "Monday: a period ends after it starts, check the hours.")
    assert at.time_input(f"hours.{world.sales}.0.0.end").value == time(8)
    assert weeks(world) == {}


def test_hours_that_somebody_else_set_meanwhile_are_told_before_they_are_overwritten(screen, world):
    at = screen("manager", "absences", v_tab="hours", v_who=world.sales)
    set_week(a_context(world, "admin"), person_id=world.sales, hours=[(0, time(9), time(12))], seen=())
    choose(at, f"hours.{world.sales}.0.0.start", time(10))
    click(at, "save_hours")
    assert_says(at, "someone changed this record in the meantime. Compare, then save again.")
    assert weeks(world)[world.sales] == (Period(0, time(9), time(12)),)
    click(at, "save_hours")
    assert len(weeks(world)[world.sales]) == 10


def test_the_organisation_s_hours_are_the_administrator_s_and_everybody_else_s_default(screen, world):
    at = screen("admin", "absences", v_tab="hours")
    assert_says(at, "Nobody has set them yet: these are the usual hours.")
    choose(at, "hours.0.4.1.end", time(16, 30))
    click(at, "save_hours")
    assert_says(at, "For everybody who has no hours of his own.", "**34:00**")
    assert_says(screen("manager", "absences", v_tab="hours", v_who=world.sales), "As the organisation.", "**34:00**")


@pytest.mark.parametrize(
    ("who", "whose", "may"),
    [("sales", "sales", False), ("manager", 0, False), ("manager", "colleague", True), ("reader", 0, False),
     ("admin", "far", True)],
)  # fmt: skip
def test_who_may_not_set_hours_reads_them_with_the_reason(screen, world, who, whose, may):
    at = screen(who, "absences", v_tab="hours", v_who=world.ids[whose] if whose else 0)
    assert ("Your profile doesn't change these working hours." in said(at)) != may
    assert at.time_input(f"hours.{world.ids[whose] if whose else 0}.0.0.start").disabled != may
    assert bool([each for each in at.button if each.key == "save_hours"]) == may


@pytest.mark.parametrize("who", ["far", "4242", "x"])
def test_hours_of_somebody_else_are_not_opened_by_a_forged_address(screen, world, who):
    at = screen("manager", "absences", v_tab="hours", v_who=world.ids.get(who, who))
    assert at.selectbox("v_who").value == world.manager


def test_another_person_s_hours_open_afresh(screen, world):
    set_week(a_context(world, "admin"), person_id=world.sales, hours=[(0, time(8), time(12))], seen=())
    at = screen("manager", "absences", v_tab="hours", v_who=world.sales)
    assert at.time_input(f"hours.{world.sales}.0.0.start").value == time(8)
    choose(at, f"hours.{world.sales}.0.0.start", time(10))
    at.selectbox("v_who").set_value(world.colleague).run()
    assert at.time_input(f"hours.{world.colleague}.0.0.start").value == time(9)
    assert at.query_params["v_who"] == str(world.colleague)


def test_a_click_that_still_sends_the_address_of_before_does_not_go_back(screen, world):
    at = screen("manager", "absences", v_tab="hours")
    at.selectbox("v_who").set_value(world.sales).run()
    at.query_params.pop("v_who")  # the browser hadn't shown the new address when it sent the click
    choose(at, f"hours.{world.sales}.0.0.start", time(10)).run()
    assert at.selectbox("v_who").value == world.sales
    assert at.time_input(f"hours.{world.sales}.0.0.start").value == time(10)
    at.query_params["v_who"] = str(world.sales)
    at.run()
    at.query_params["v_who"] = str(world.colleague)  # typed by somebody
    assert at.run().selectbox("v_who").value == world.colleague


def test_hours_left_for_another_page_open_as_they_are_stored(screen, world):
    at = screen("manager", "absences", v_tab="hours", v_who=world.sales)
    choose(at, f"hours.{world.sales}.0.0.start", time(10)).run()
    screen.go("my_day")
    at = screen.go("absences", v_tab="hours", v_who=world.sales)
    assert at.time_input(f"hours.{world.sales}.0.0.start").value == time(9)


def test_a_form_left_for_another_page_is_closed(screen, world):
    at = fill(opens_form(screen), starts_on=MONDAY).run()
    screen.go("my_day")
    at = screen.go("absences")
    assert not [each for each in at.button if each.key == "save_absence"]


# ---- the calendar of a year


def calendar_of(at):
    (found,) = at.get("component_instance")
    return found.proto


def sent_to_calendar(at):
    return json.loads(calendar_of(at).json_args)


def click_event(at, event_id):
    """What the frame sends when an event is clicked."""
    value = {"callback": "eventClick", "eventClick": {"event": {"id": event_id}, "view": {}}}
    states = at._tree.get_widget_states()
    states.widgets.append(WidgetState(id=calendar_of(at).id, json_value=json.dumps(value)))
    return at._run(states)


def test_the_year_shows_the_unit_s_absences_and_the_region_s_holidays_to_be_read_only(screen, world):
    an_absence(world), an_absence(world, "far"), an_absence(world, "colleague", ends_on=MONDAY, end_time=time(12))
    set_parameter(world, HOLIDAY_REGION.key, "alsace")
    at = screen("manager", "year", y_unit=world.field)
    sent = sent_to_calendar(at)
    events = {(each["title"], each["start"], each.get("end")) for each in sent["events"]}
    assert ("Sales", "2026-03-09", "2026-03-14") in events
    assert ("Colleague", "2026-03-09", "2026-03-10") in events
    assert not [each for each in events if each[0] == "Far"]
    assert "2026-12-26" in {start for _title, start, _end in events}
    assert sent["options"]["editable"] is False
    assert (sent["options"]["initialView"], sent["options"]["locale"]) == ("multiMonthYear", "en")
    assert (sent["callbacks"], sent["license_key"]) == (["eventClick"], "GPL-My-Project-Is-Open-Source")


def test_a_click_on_an_absence_or_a_holiday_reads_it(screen, world):
    absence_id = an_absence(world, kind="training", note="Excel")
    at = screen("manager", "year", y_who=world.sales)
    assert_says(at, "Click an absence to read it.")
    assert_says(click_event(at, str(absence_id)), "**Sales**", "Training", "Excel")
    assert_says(click_event(at, "holiday.2026-05-01"), "Fête du Travail")


@pytest.mark.parametrize("forged", ["4242", "", "far", 1, None, {"id": 1}])
def test_a_forged_click_reads_nothing(screen, world, forged):
    theirs = an_absence(world, "far", note="Secret")
    at = screen("sales", "year")
    assert_says(click_event(at, str(theirs) if forged == "far" else forged), "Click an absence to read it.")
    assert "Secret" not in said(at)


def test_the_year_and_whose_it_is_stand_in_the_address(screen, world):
    at = screen("manager", "year", y_who=world.sales, y_year=2027)
    assert sent_to_calendar(at)["options"]["initialDate"] == "2027-01-01"
    click(at, "year.turn.2")
    assert at.query_params["y_year"] == "2028"
    assert sent_to_calendar(at)["options"]["initialDate"] == "2028-01-01"
    at.selectbox("year.whose").set_value(("unit", world.field)).run()
    assert "y_who" not in at.query_params
    assert at.query_params["y_unit"] == str(world.field)
    click(at, "year.turn.1")
    assert sent_to_calendar(at)["options"]["initialDate"] == TODAY.isoformat()


@pytest.mark.parametrize(
    "query",
    [{"y_year": "x"}, {"y_year": "1"}, {"y_year": "99999"}, {"y_who": "far"}, {"y_unit": "south"}, {"y_who": "x"},
     {"y_unit": "4242"}],
)  # fmt: skip
def test_a_forged_year_or_person_opens_one_s_own_and_the_current_year(screen, world, query):
    query = {name: world.ids.get(value, value) for name, value in query.items()}
    at = screen("sales", "year", **query)
    assert sent_to_calendar(at)["options"]["initialDate"] == TODAY.isoformat()
    assert at.selectbox("year.whose").value == ("who", world.sales)


@pytest.mark.parametrize(
    ("who", "first"),
    [("sales", "My own year"), ("manager", "Unit Terrain"), ("admin", "Unit Terrain"), ("nowhere", "My own year")],
)
def test_the_year_opens_on_what_one_looks_at(screen, who, first):
    assert screen(who, "year").selectbox("year.whose").options[0] == first


def test_looking_writes_nothing(screen, world):
    an_absence(world)
    before = rows_of(world.db, t.absence, t.working_hours, t.change)
    for who in ("sales", "manager", "admin", "reader"):
        for page, query in (("absences", {}), ("absences", {"v_tab": "hours"}), ("year", {})):
            screen(who, page, **query)
    assert rows_of(world.db, t.absence, t.working_hours, t.change) == before
