"""Measures on big data sets; nothing here is imported by the app, and what it makes is thrown away."""
