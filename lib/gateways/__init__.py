"""The outside world behind Protocols of the domain: password hashing today; mail, files and imports later.

Must not import Streamlit, SQLAlchemy, `lib.ui` or `lib.db`.
"""
