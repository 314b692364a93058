"""How large and how long an experiment has to be, before it begins.

What belongs here: a plan asked for, its answer, and where the numbers come from. What does not:
formulas (:mod:`ab_assets.stats`), the power of an experiment that runs
(:mod:`ab_assets.reporting.planning`), Dagster, arguments of the command line.
"""
