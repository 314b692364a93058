"""The synthetic company of the demo: people, experiments, rows, and the truth behind them.

What belongs here: making rows and a GrowthBook answer out of a seed, and saying what was planted
in them. What does not: loading them anywhere, analysing them, or showing a result; nothing in
this package knows a warehouse, Dagster or a statistic.
"""

from ab_assets.demo.company import Company, build_company
from ab_assets.demo.truth import PlantedTruth

__all__ = ["Company", "PlantedTruth", "build_company"]
