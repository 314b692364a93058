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
    CROSSOVERS = "crossovers"
    UNKNOWN_VARIATIONS = "unknown_variations"
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

    @property
    def detail_json(self) -> str:
        """The detail as JSON text."""
        return json.dumps(self.detail, sort_keys=True)
