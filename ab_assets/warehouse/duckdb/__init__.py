"""The embedded warehouse.

What belongs here: everything that knows it is DuckDB that runs the SQL. What does not: the
translation of SQL text (dialect.py) and what every warehouse shares.
"""
