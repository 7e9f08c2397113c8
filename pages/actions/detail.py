"""Fiche action: one sub-action with its chain; read, or edited in place (`?sub=`, `&edit=1`)."""

import streamlit as st

from lib.domain.actions import open_action
from lib.ui import action_card, action_edit, feedback, gesture_dialogs
from lib.ui.frame import go, open_page
from lib.ui.reading import or_stop, query_id, reference_of
from lib.ui.words import _, translate

ctx = open_page("action", title="")
sub_id = query_id("sub")
if sub_id and action_edit.taken(sub_id):
    feedback.flash(_("Saved."))
    go("action", sub=sub_id)
if sub_id and action_edit.has_given_up(sub_id):
    go("action", sub=sub_id)
file = or_stop(
    lambda: open_action(ctx, sub_action_id=sub_id),
    back=lambda: go("actions"),
    besides=lambda: action_edit.show_lost(ctx, sub_id or 0),
)
reference = reference_of(ctx)
wants_to_edit = st.query_params.get("edit") == "1"
refused = action_edit.refused_because(ctx, file) if wants_to_edit else None
is_editing = wants_to_edit and not refused
message = st.empty()

action_card.draw_header(ctx, reference, file, is_editing=is_editing)
if refused:
    message.warning(feedback.plain(translate(refused)), icon=":material/lock:")
    action_edit.show_lost(ctx, file.sub.id)
if is_editing:
    action_edit.draw(ctx, reference, file)
else:
    action_card.draw_tabs(ctx, reference, file)
action_card.draw_history(ctx, reference, file)
gesture_dialogs.answer(ctx)
