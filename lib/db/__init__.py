"""Tables and queries (SQLAlchemy Core) that fulfil the domain's Protocols, on SQLite and PostgreSQL by one code path.

Must not import Streamlit, pandas, `lib.ui` or `lib.gateways`, and holds no rule of the business. No ORM: mapped classes
break under Streamlit's reload and threads; Core tables don't.
"""
