"""Serves planning_demo.py behind the headers of the real app: what the browser would refuse there is refused here."""

import sys
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

sys.path.insert(0, str(Path(__file__).parents[3]))

from lib.ui.headers import SecurityHeaders

app = st.App(
    Path(__file__).with_name("planning_demo.py"),
    middleware=[Middleware(SecurityHeaders, https=False)],
)
