"""Compte rendu: what happened, and what follows (`?sub=`); one column, nothing else on the way."""

import streamlit as st

from lib.domain.actions import open_action
from lib.ui import reporting
from lib.ui.frame import go, open_page
from lib.ui.reading import or_stop, query_id, reference_of

ctx = open_page("report")
file = or_stop(lambda: open_action(ctx, sub_action_id=query_id("sub")), back=lambda: go("actions"))
reference = reference_of(ctx)
message = st.empty()
reporting.leave_if_saved(ctx, file)
with message.container():
    reporting.show_problem(reference, file)
reporting.draw(ctx, reference, file)
