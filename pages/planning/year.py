"""Calendrier annuel: the public holidays and absences of a year, per unit or person (`?y_year=&y_unit=&y_who=`)."""

from lib.ui import year_calendar
from lib.ui.frame import open_page

ctx = open_page("year")
year_calendar.draw(ctx, year_calendar.choose(ctx))
