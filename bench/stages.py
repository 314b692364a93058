"""One partition of the big company, stage by stage, as the command makes it.

What belongs here: materialising the assets one after the other through Dagster, each measured. What
does not: what a stage ought to cost (:mod:`bench.floor`).
"""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import dagster as dg

from ab_assets.cli.project import OpenedProject, open_project
from ab_assets.partitions import TagDate
from ab_assets.running import materialise, open_instance
from ab_assets.settings import read_settings
from bench.big_company import MODULE, TAG, BigCompany
from bench.measuring import Cost, measured

if TYPE_CHECKING:
    from datetime import date

STAGES = ("experiment_data", f"{MODULE}/wide_user", f"{MODULE}/health", f"{MODULE}/report_user")
RESULT = "flow_report_app/ab_testing_result"


@dataclass
class Pipeline:
    """The company's assets, ready to be made.

    Call :meth:`close` at the end.
    """

    company: BigCompany
    opened: OpenedProject = field(init=False)
    definitions: dg.Definitions = field(init=False)
    instance: dg.DagsterInstance = field(init=False)

    def __post_init__(self) -> None:
        self.company.enter()
        self.opened = open_project()
        self.definitions = self.opened.definitions
        (self.company.root / "dagster").mkdir(exist_ok=True)
        os.environ["DAGSTER_HOME"] = str(self.company.root / "dagster")
        self.instance = open_instance(read_settings())
        self._make("growthbook/experiments", {})

    def close(self) -> None:
        self.instance.dispose()

    def make_day(self, day: date, *, full: bool = False) -> dict[str, Cost]:
        """Every stage of a day, and the tag's result rows."""
        tags = TagDate(TAG, day).run_tags
        costs = {}
        for stage in STAGES:
            config = {"full": True} if full and stage.endswith("wide_user") else None
            with measured() as costs[stage]:
                self._make(stage, tags, config)
        with measured() as costs[RESULT]:
            self._make(RESULT, {"dagster/partition": TAG})
        return costs

    def _make(
        self, asset: str, tags: dict[str, str], config: dict[str, object] | None = None
    ) -> None:
        key = dg.AssetKey(asset.split("/"))
        op_config = {"__".join(key.path): config} if config else None
        with warnings.catch_warnings():
            # Dagster's own call of something it deprecated.
            warnings.filterwarnings("ignore", message="InitResourceContext.dagster_run")
            outcome = materialise(self.definitions, self.instance, [key], tags, op_config)
        if not outcome.succeeded:
            message = f"{asset}: {outcome.failure}"
            raise SystemExit(message)


def total(costs: dict[str, Cost]) -> Cost:
    """All stages together."""
    return Cost(
        sum(cost.cpu for cost in costs.values()),
        sum(cost.wall for cost in costs.values()),
        max(cost.peak for cost in costs.values()),
    )
