"""What the business is: nouns, rules and use cases, one noun a file.

Must not import Streamlit, SQLAlchemy, pandas, the environment, the clock, or any other folder of the project;
`richtext.py` alone may use nh3. Clock, user and storage come in a `Context`, so that a test chooses them.
"""
