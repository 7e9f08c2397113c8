"""The calendar of a year, drawn: public holidays and absences of a unit or of a person, to be read only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import streamlit as st
from streamlit_calendar import calendar

from lib.domain.absences import Absence, absences_between, knows_why, people_shown
from lib.domain.agenda import holidays_between
from lib.domain.context import Context
from lib.domain.people import Person, UnitKind
from lib.domain.rights import Operation, Scope, looks_at_others, scope_of
from lib.ui import frame
from lib.ui.absences import LOOKS, look_of, period
from lib.ui.feedback import bold, plain
from lib.ui.formats import day
from lib.ui.kept_choice import keep, kept
from lib.ui.reading import record_id
from lib.ui.words import _, current_language, translate

LICENSE = "GPL-My-Project-Is-Open-Source"
"""What FullCalendar's premium plugins, which the component bundles, ask of a project under the GPL."""
FIRST_YEAR, LAST_YEAR = 2000, 2100
_WHOSE, _YEAR = "year.whose", "y_year"
_HOLIDAYS_LOOK = "green"
_HEIGHT_PX = 720

_CSS = """
.fc {{ font-family: system-ui, sans-serif; font-size: 12px; color: {text}; --fc-border-color: {border};
  --fc-page-bg-color: transparent; --fc-today-bg-color: {today}; --fc-bg-event-opacity: 1; }}
.fc a {{ color: inherit; text-decoration: none; }}
.fc .fc-multimonth {{ border: 0; align-content: flex-start; }}
.fc .fc-daygrid-day-frame {{ min-height: 30px; }}
.fc .fc-multimonth-month {{ padding: 0 6px 10px; }}
.fc .fc-multimonth-title {{ font-size: 13px; font-weight: 600; padding: 4px 0; }}
.fc .fc-col-header-cell {{ font-weight: 500; }}
.fc .fc-daygrid-day-number {{ padding: 1px 3px; }}
.fc .fc-multimonth-daygrid, .fc .fc-multimonth-header-table {{ background: transparent; }}
.fc .fc-day-sat, .fc .fc-day-sun {{ background-color: {weekend}; }}
.fc .fc-day-disabled {{ background-color: transparent; }}
.fc .fc-event {{ font-size: 11px; }}
.fc .fc-daygrid-event {{ cursor: pointer; border-width: 0 0 0 3px; }}
.fc .fc-bg-event .fc-event-title {{ display: none; }}
.fc-theme-standard .fc-popover {{ background: {page}; color: {text}; }}
"""


@dataclass(frozen=True, slots=True)
class Year:
    """Which year of whom: the people, and whether they are a unit's."""

    year: int
    people: Mapping[int, Person]
    whose: str
    is_unit: bool

    @property
    def days(self) -> tuple[date, date]:
        """Its first and last day."""
        return date(self.year, 1, 1), date(self.year, 12, 31)


def choose(ctx: Context) -> Year:
    """The line above the calendar: a unit or a person, and the year; the address keeps them."""
    options = _options(ctx)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        whose = _choose_whose(ctx, options)
        year = _choose_year(ctx)
    kind, found = whose
    people = {person.id: person for person in people_shown(ctx)}
    if kind == "unit":
        people = {each.id: each for each in people.values() if found in ctx.reference.unit_ids_of(each.id)}
    else:
        people = {found: people.get(found, ctx.person)}
    return Year(year, people, f"{kind}.{found}", kind == "unit")


def _options(ctx: Context) -> dict[tuple[str, int], str]:
    """The units and the people whose absences one sees, with their names; sales units first for those who manage."""
    sees_all = scope_of(ctx, Operation.VIEW_ACTIONS) == Scope.ALL
    units = [u for u in ctx.reference.units.values() if u.is_active and (sees_all or u.id in ctx.unit_ids)]
    units.sort(key=lambda unit: unit.kind != UnitKind.SALES)
    people = people_shown(ctx)
    mine = {("who", ctx.person.id): _("My own year")}
    found = {("unit", unit.id): _("Unit {unit}", unit=unit.name) for unit in units}
    found |= {("who", person.id): person.name for person in people if person.id != ctx.person.id}
    return {**found, **mine} if looks_at_others(ctx) else {**mine, **found}


def _choose_whose(ctx: Context, options: Mapping[tuple[str, int], str]) -> tuple[str, int]:
    def write() -> None:
        chosen, found = st.session_state[_WHOSE]
        for kind in ("who", "unit"):
            keep(f"y_{kind}", str(found) if kind == chosen else "")

    asked = [(kind, record_id(kept(f"y_{kind}")) or 0) for kind in ("who", "unit")]
    st.session_state[_WHOSE] = next((each for each in asked if each in options), next(iter(options)))
    return st.selectbox(_("Whose year"), list(options), key=_WHOSE, format_func=options.__getitem__, on_change=write,
                         width=320)  # fmt: skip


def _choose_year(ctx: Context) -> int:
    asked = record_id(kept(_YEAR)) or 0
    year = asked if FIRST_YEAR <= asked <= LAST_YEAR else ctx.today.year

    def go_to(year: int) -> None:
        keep(_YEAR, str(year))

    turns = (
        ("", ":material/chevron_left:", _("Year before"), year - 1),
        (str(year), None, _("Back to this year"), ctx.today.year),
        ("", ":material/chevron_right:", _("Year after"), year + 1),
    )
    for place, (label, icon, told, wanted) in enumerate(turns):
        st.button(label, icon=icon, help=told, key=f"year.turn.{place}", on_click=go_to, args=(wanted,),
                  disabled=not FIRST_YEAR <= wanted <= LAST_YEAR)  # fmt: skip
    return year


# ---- the calendar


def draw(ctx: Context, chosen: Year) -> None:
    """The legend, what was clicked, twelve months, and the public holidays in words."""
    first, last = chosen.days
    absences = absences_between(ctx, person_ids=list(chosen.people), first=first, last=last)
    holidays = holidays_between(ctx.reference, first, last)
    _draw_legend(ctx, absences)
    place = st.container()  # reserved: an element that comes above the calendar would make its frame start again
    key = f"year.{chosen.year}.{chosen.whose}"
    gesture = calendar(
        events=_events(ctx, chosen, absences, holidays),
        options=_options_of(chosen, today=ctx.today),
        custom_css=_css(),
        callbacks=["eventClick"],
        license_key=LICENSE,
        key=key,
    )
    with place:
        _draw_clicked(ctx, chosen, absences, holidays, _clicked(gesture))
    named = " · ".join(f"{day(on, today=first)} {name}" for on, name in holidays.items())
    st.caption(_("Public holidays of {year}: {days}", year=chosen.year, days=plain(named)))


def _options_of(chosen: Year, *, today: date) -> dict[str, Any]:
    return {
        "initialView": "multiMonthYear",
        "initialDate": (today if today.year == chosen.year else chosen.days[0]).isoformat(),
        "multiMonthMaxColumns": 4,
        "aspectRatio": 2,  # rows as low as _CSS allows: the year stands on one screen
        "multiMonthMinWidth": 190,  # four columns on a screen of 1280
        "headerToolbar": False,
        "locale": current_language(),
        "firstDay": 1,
        "height": _HEIGHT_PX,
        "editable": False,
        "selectable": False,
        "navLinks": False,
        "fixedWeekCount": False,
        "showNonCurrentDates": False,
        "dayMaxEvents": False,  # a week grows with those who are away
        "timeZone": "UTC",  # the days are the organisation's, whatever the browser's zone
    }


def _events(
    ctx: Context, chosen: Year, absences: Sequence[Absence], holidays: Mapping[date, str]
) -> list[dict[str, Any]]:
    """Whole days, as a year shows them; `end` is the day after."""
    found = [
        {"id": f"holiday.{on}", "title": name, "start": on.isoformat(), "allDay": True, "display": "background",
         "backgroundColor": _theme(f"{_HOLIDAYS_LOOK}BackgroundColor")}
        for on, name in holidays.items()
    ]  # fmt: skip
    for absence in absences:
        look = look_of(ctx, absence)
        name = chosen.people[absence.person_id].name if chosen.is_unit else translate(look.label)
        found.append({
            "id": str(absence.id), "title": name, "start": absence.starts_on.isoformat(),
            "end": (absence.ends_on + timedelta(days=1)).isoformat(), "allDay": True,
            "backgroundColor": _theme(f"{look.tone}BackgroundColor"), "borderColor": _theme(f"{look.tone}Color"),
            "textColor": _theme(f"{look.tone}TextColor"),
        })  # fmt: skip
    return found


def _theme(name: str) -> str:
    """A colour of the look that this browser shows; a frame doesn't know the page's variables."""
    look = "dark" if st.context.theme.type == "dark" else "light"
    return str(st.get_option(f"theme.{look}.{name}"))


def _css() -> str:
    return _CSS.format(
        text=_theme("textColor"), border=_theme("borderColor"), page=_theme("backgroundColor"),
        weekend=_theme("secondaryBackgroundColor"), today=_theme("yellowBackgroundColor"),
    )  # fmt: skip


def _draw_legend(ctx: Context, absences: Sequence[Absence]) -> None:
    """The colours that the year may show: those of the kinds only where somebody may know them."""
    kinds = list(dict.fromkeys(look_of(ctx, absence) for absence in absences)) or list(LOOKS.values())[:1]
    marks = [f":{look.tone}-badge[:material/{look.icon}: {plain(translate(look.label))}]" for look in kinds]
    holiday = plain(_("Public holiday"))
    marks.append(f":{_HOLIDAYS_LOOK}-badge[:material/celebration: {holiday}]")
    st.markdown(" ".join(marks))


# ---- what was clicked


def _clicked(gesture: object) -> str:
    """The id of the event that was clicked last; empty when there is none, whatever the browser sent."""
    match gesture:
        case {"callback": "eventClick", "eventClick": {"event": {"id": str(found)}}}:
            return found
    return ""


def _draw_clicked(
    ctx: Context, chosen: Year, absences: Sequence[Absence], holidays: Mapping[date, str], clicked: str
) -> None:
    """The absence or the holiday behind a click."""
    absence = next((each for each in absences if str(each.id) == clicked), None)
    on = next((on for on in holidays if clicked == f"holiday.{on}"), None)
    with st.container(horizontal=True, vertical_alignment="center"):
        if absence:
            look, person = look_of(ctx, absence), chosen.people[absence.person_id]
            note = plain(absence.note) if knows_why(ctx, absence) else ""
            st.markdown(
                f"{bold(person.name)} :{look.tone}-badge[:material/{look.icon}: {plain(translate(look.label))}] "
                f"{plain(period(absence, today=ctx.today))}{' · ' if note else ''}{note}"
            )
            frame.link("absences", _("Open the absences"), icon=":material/beach_access:", v_who=person.id)
        elif on:
            st.markdown(f"{bold(holidays[on])} · {plain(day(on, today=ctx.today))}")
        else:
            st.caption(_("Click an absence to read it."))
