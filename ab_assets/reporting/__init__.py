"""From sufficient statistics to report rows, and how people read them.

What belongs here: the report frame, its type, trust, and its forms for the UI and the terminal.
What does not: SQL, statistics' formulas, Dagster assets.
"""
