"""GrowthBook's own conventions, for users who want to see its number first and ours beside it.

What belongs here: every place where GrowthBook computes differently from the methods one level up,
written as it does it (delta-method uplift, normal posterior of the uplift, neutral answers instead
of missing ones, and so on). What does not: anything a default result is made from.
"""
