"""What pages share and what knows Streamlit: session, guard, feedback, forms, pickers, our own components.

Must not import SQLAlchemy; only `session.py` reaches `lib.db`.
"""
