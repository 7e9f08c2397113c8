"""Nouvelle affaire: opened by a report whose follow-up is a deal (`?action=`), linked to that action when saved."""

import streamlit as st

from lib.domain.actions import open_chain
from lib.ui import deal_form
from lib.ui.frame import go, open_page
from lib.ui.reading import or_stop, query_id

ctx = open_page("new_deal")
chain = or_stop(lambda: open_chain(ctx, action_id=query_id("action")), back=lambda: go("actions"))
message = st.empty()
deal_form.leave_if_saved(chain)
with message.container():
    deal_form.show_problem(chain)
deal_form.draw(ctx, chain)
