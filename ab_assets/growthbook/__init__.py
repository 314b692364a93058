"""GrowthBook as a source: its API, its saved answers, and how both become the domain.

What belongs here: HTTP, payload shapes, refusing nonsense. What does not: what follows from an
experiment's configuration (``ab_assets.experiments``), and Dagster (``ab_assets.resources``).
"""

from ab_assets.growthbook.building import build_snapshot
from ab_assets.growthbook.catalogue import MetricCatalogue, build_catalogue
from ab_assets.growthbook.client import GrowthBookClient
from ab_assets.growthbook.limits import Limits
from ab_assets.growthbook.snapshot_file import read_snapshot_file

__all__ = [
    "GrowthBookClient",
    "Limits",
    "MetricCatalogue",
    "build_catalogue",
    "build_snapshot",
    "read_snapshot_file",
]
