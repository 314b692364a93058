"""Plans for tests."""

from typing import Any

from ab_assets.planning.request import Judgement, PlannedMetric, PlanRequest
from ab_assets.planning.traffic import Traffic

RATE = PlannedMetric(kind="proportion", baseline=0.1, title="Buyers")
MEAN = PlannedMetric(kind="mean", baseline=10.0, stddev=5.0, title="Visits")
MONITORED = Judgement("always-valid", looks=7)


def a_request(**changes: object) -> PlanRequest:
    """Finding a rise of one point of a rate of ten, with 1,000 users a day."""
    asked: dict[str, Any] = {"metric": RATE, "effect": 0.01, "traffic": Traffic(1000.0)}
    return PlanRequest(**(asked | changes))
