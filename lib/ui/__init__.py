"""What pages share and what knows Streamlit: session, guard, feedback, forms, pickers, and the project's own components.

Must not import SQLAlchemy; only `session.py` reaches `lib.db`.
"""
