"""Fiche affaire: one deal, read or edited in place (`?deal=`, `&edit=1`), with its actions and its history."""

import streamlit as st

from lib.domain.deals import edit_refused, open_deal
from lib.ui import deal_card, deal_edit, feedback, gesture_dialogs
from lib.ui.frame import go, open_page
from lib.ui.reading import or_stop, query_id, reference_of
from lib.ui.words import _, translate

ctx = open_page("deal", title="")
deal_id = query_id("deal") or 0
if deal_edit.taken(deal_id):
    feedback.flash(_("Saved."))
    go("deal", deal=deal_id)
if deal_edit.has_given_up(deal_id):
    go("deal", deal=deal_id)
deal_card.leave_lost(deal_id)
file = or_stop(lambda: open_deal(ctx, deal_id=deal_id), back=lambda: go("deals"))
reference = reference_of(ctx)
wants_to_edit = st.query_params.get("edit") == "1"
refused = edit_refused(ctx, file.deal) if wants_to_edit else None
is_editing = wants_to_edit and not refused
message = st.empty()
deal_card.draw_header(ctx, reference, file, is_editing=is_editing)
if refused:
    message.warning(feedback.plain(translate(refused)), icon=":material/lock:")
if is_editing:
    deal_edit.draw(ctx, reference, file)
else:
    deal_card.draw_values(ctx, reference, file)
deal_card.draw_tabs(ctx, reference, file)
gesture_dialogs.answer(ctx)
