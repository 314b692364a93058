"""The asset graph, one family a module.

Each asset is thin: context in, SQL and statistics called, result out.

What belongs here: assets. What does not: rules, SQL text, statistics, schedules.
"""
