"""Fiche CRIT: one service report, read or edited in place (`?crit=`, `&edit=1`), with the actions born from it (R6)."""

import streamlit as st

from lib.domain.service_reports import edit_refused, open_service_report
from lib.ui import feedback, gesture_dialogs, service_report_card, service_report_edit
from lib.ui.frame import go, open_page
from lib.ui.reading import or_stop, query_id, reference_of
from lib.ui.words import _, translate

ctx = open_page("service_report", title="")
report_id = query_id("crit") or 0
if service_report_edit.taken(report_id):
    feedback.flash(_("Saved."))
    go("service_report", crit=report_id)
if service_report_edit.has_given_up(report_id):
    go("service_report", crit=report_id)
file = or_stop(
    lambda: open_service_report(ctx, report_id=report_id),
    back=lambda: go("service_reports"),
    besides=lambda: service_report_edit.show_lost(ctx, report_id),
)
reference = reference_of(ctx)
wants_to_edit = st.query_params.get("edit") == "1"
refused = edit_refused(ctx, file.report) if wants_to_edit else None
is_editing = wants_to_edit and not refused
message = st.empty()
service_report_card.draw_header(ctx, reference, file, is_editing=is_editing)
if refused:
    message.warning(feedback.plain(translate(refused)), icon=":material/lock:")
    service_report_edit.show_lost(ctx, report_id)
if is_editing:
    service_report_edit.draw(ctx, reference, file)
else:
    service_report_card.draw_values(ctx, reference, file)
    service_report_card.draw_tabs(ctx, reference, file)
gesture_dialogs.answer(ctx)
