"""The screens, one short script each, in a folder an area: open the page, draw, call one use case a gesture.

A page is at most 80 lines and must not import `lib.db`, `lib.gateways` or SQLAlchemy; rules belong to `lib.domain`. Never
put a page in this folder itself: Streamlit would run it without app.py, so without sign-in.
"""
