"""What a check found: one row of ``ab.experiment_health``.

What belongs here: the record and its statuses. What does not: any check.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """How bad it is."""

    PASS = "pass"  # noqa: S105 (a status)
    WARN = "warn"
    FAIL = "fail"


class Check(StrEnum):
    """The checks, by the name they have in tables, alerts and the UI."""

    CONSERVATION = "conservation"
    SAMPLE_RATIO = "sample_ratio"
    SAMPLE_RATIO_BY_DIMENSION = "sample_ratio_by_dimension"
    CROSSOVERS = "crossovers"
    UNKNOWN_VARIATIONS = "unknown_variations"
    EVENT_JOIN = "event_join"
    PRE_EXPOSURE_BIAS = "pre_exposure_bias"
    COVARIATE_COVERAGE = "covariate_coverage"
    METRIC_MISSING = "metric_missing"
    METRIC_JUMP = "metric_jump"
    ENROLMENT = "enrolment"
    CONFIGURATION = "configuration"
    FULL_DAY = "full_day"
    DESIGN = "design"
    REPLAY = "replay"

    @property
    def is_structural(self) -> bool:
        """Whether a failure means that the tables are wrong, not the experiment."""
        return self is Check.CONSERVATION


@dataclass(frozen=True, slots=True)
class Finding:
    """One check of one experiment on one day.

    Attributes:
        value: What was measured, as the check's sentence says.
        threshold: What it was held against.
        detail: Observed and expected per variation key.
        message: One plain sentence.
        distrust: Why the experiment's results are not to be trusted; empty where they are.
        dimension: Where the fault lies in one segment: its dimension.
        dimension_value: And its value.
    """

    experiment_id: str
    check: Check
    status: Status
    message: str
    value: float | None = None
    threshold: float | None = None
    p_value: float | None = None
    detail: Mapping[str, object] = field(default_factory=dict, hash=False)
    distrust: str = ""
    dimension: str = ""
    dimension_value: str = ""

    @property
    def detail_json(self) -> str:
        """The detail as JSON text."""
        return json.dumps(self.detail, sort_keys=True)
