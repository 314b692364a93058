"""Whether an experiment can be trusted: every check, one family a module.

What belongs here: the rules, over counts the warehouse gave. What does not: Dagster's checks (they
show these findings) and what a report makes of them.
"""
