"""Absences: who is away when, and the working hours (`?v_tab=hours&v_who=`)."""

from lib.ui import absences, working_hours
from lib.ui.frame import open_page

ctx = open_page("absences")
if absences.choose_tab() == "hours":
    working_hours.draw(ctx)
else:
    absences.draw(ctx)
