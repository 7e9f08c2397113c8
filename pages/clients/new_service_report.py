"""Nouveau CRIT: what a technician did at a client's (`?client=` names him)."""

from lib.ui import service_report_write
from lib.ui.frame import open_page
from lib.ui.reading import query_id

ctx = open_page("new_service_report")
service_report_write.leave_if_saved()
service_report_write.draw(ctx, client_id=query_id("client"))
