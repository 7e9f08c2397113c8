"""The outside world behind Protocols of the domain: passwords, files, mail.

Must not import Streamlit, SQLAlchemy, `lib.ui` or `lib.db`.
"""
