"""Planning détaillé: one person's days, with the tray of what is to plan (`?p_who=&p_day=&p_view=&p_item=`)."""

import streamlit as st

from lib.ui import gesture_dialogs, planning_moves, planning_panel, planning_person
from lib.ui.frame import open_page
from lib.ui.reading import query_id, reference_of

ctx = open_page("planning")
reference = reference_of(ctx)
person = planning_person.choose(ctx, reference)
if person:
    with st.container(horizontal=True, gap="medium"):
        with st.container():  # first and always there: what opens beside it doesn't draw the calendar anew
            planning_person.draw_calendar(person.id)
        planning_panel.draw(ctx, reference, query_id("p_item"))
planning_moves.answer_question(planning_person.KEY)
gesture_dialogs.answer(ctx)
