"""The Streamlit script: who is here, the navigation his rights give him, and the page that he asked for."""

import streamlit as st

from lib.ui import frame, session
from lib.ui.rich_text import f2_saves

# An entry of our own keeps Streamlit's menu, where one chooses the light or the dark look, in its minimal toolbar.
st.set_page_config(page_title="Relais", page_icon=str(frame.ICON), layout="wide", menu_items={"About": "Relais"})
ctx = session.current_context()
if ctx is None:
    frame.signed_out()
page = frame.navigation(ctx)
f2_saves()
frame.top_bar(ctx)
page.run()
