"""Statistics of A/B tests: sufficient statistics in, frozen results of arrays out.

What belongs here: methods on numpy arrays. What does not: anything that knows an experiment, a
table, a file or another package of this project; numpy and scipy are the only imports.

The path of every comparison: moments → an arm's estimate (mean, proportion, ratio) → a contrast
(Welch, CUPED, Lin, strata) → ``compare`` (difference, uplift, posterior, total, always-valid).
"""
