"""Planning multi-critères: people as lanes over days, filtered (`?t_unit=&t_who=&t_day=&t_view=&p_item=`)."""

import streamlit as st

from lib.ui import gesture_dialogs, planning_moves, planning_panel, planning_team
from lib.ui.frame import open_page
from lib.ui.reading import query_id, reference_of

ctx = open_page("team_planning")
reference = reference_of(ctx)
team = planning_team.choose(ctx, reference)
if team:
    with st.container(horizontal=True, gap="medium"):
        with st.container():  # first and always there: what opens beside it doesn't draw the lanes anew
            planning_team.draw_lanes(team)
        planning_panel.draw(ctx, reference, query_id("p_item"))
planning_moves.answer_question(planning_team.KEY)
gesture_dialogs.answer(ctx)
