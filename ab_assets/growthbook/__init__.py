"""GrowthBook as a source: its API, its saved answers, and how both become the domain.

What belongs here: HTTP, payload shapes, refusing nonsense. What does not: what follows from an
experiment's configuration (``ab_assets.experiments``), and Dagster (``ab_assets.resources``).
"""
