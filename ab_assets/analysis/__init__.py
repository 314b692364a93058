"""From configuration and rows to statements and sufficient statistics, for one tag and one day.

What belongs here: what a partition is made of and which statement makes it, framework-free, over
the small warehouse interface. What does not: Dagster, report frames, statistics.
"""
