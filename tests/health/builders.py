"""Small assignments and days for tests of the checks."""

from datetime import date
from pathlib import Path

from ab_assets.analysis.tag_day import ExperimentDay, TagDay, tag_day
from ab_assets.experiments import Experiment
from ab_assets.health.assignment import Assignment
from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.modules.model import Module
from tests.sql.bench import LEAN, TAG, UTC, a_module, gate

DAY = date(2024, 3, 3)


def an_assignment(*compared: int, exposures: int = 0, **more: dict[str, int]) -> Assignment:
    """Units in arms '0', '1', …"""
    by_key = {str(place): units for place, units in enumerate(compared)}
    return Assignment(by_key, more.get("crossovers", {}), more.get("unknown", {}), exposures)


def a_day(*experiments: Experiment, day: date = DAY, module: Module | None = None) -> TagDay:
    """The tag on a day, with these experiments."""
    module = module or a_module(LEAN, ["visits"])
    catalogue = ModuleCatalogue.of([(Path("retention/module.yaml"), module)])
    return tag_day(catalogue, experiments or (gate(),), TAG, day, UTC)


def an_item(experiment: Experiment, day: date = DAY, module: Module | None = None) -> ExperimentDay:
    """One experiment on a day."""
    (item,) = a_day(experiment, day=day, module=module).experiments
    return item
