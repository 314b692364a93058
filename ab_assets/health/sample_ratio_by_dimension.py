"""Sample ratio within each value of each dimension: a loss of one platform that the total hides.

What belongs here: the check over one experiment's segments, corrected over all of them. What does
not: the test itself (:mod:`ab_assets.stats.sample_ratio`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import Any

import numpy as np
import polars as pl

from ab_assets.health.finding import Check, Finding, Status
from ab_assets.modules.health_limits import DEFAULT_LIMITS, DimensionSampleRatioLimits
from ab_assets.stats.multiplicity import holm
from ab_assets.stats.sample_ratio import sample_ratio
from ab_assets.stats.sample_ratio_sequential import sequential_sample_ratio

_OTHER = "(other)"
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Segment:
    """Compared units by variation key within one value of a dimension."""

    dimension: str
    value: str
    units: Mapping[str, int] = field(hash=False)

    @property
    def name(self) -> str:
        """``dimension=value``."""
        return f"{self.dimension}={self.value}"


def segments_of(
    frame: pl.DataFrame, dimensions: Sequence[str], largest_values: int
) -> tuple[Segment, ...]:
    """The segments of one experiment, from its rows of ``health/assigned_by_dimension.sql``.

    Of a dimension with more values, the largest stay and the rest is one segment.
    """
    found: list[Segment] = []
    for dimension in dimensions:
        values: dict[str, Counter[str]] = {}
        for row in frame.filter(pl.col(dimension).is_not_null()).iter_rows(named=True):
            values.setdefault(row[dimension], Counter())[row["variation_key"]] += row["units"]
        order = sorted(values, key=lambda value: (-values[value].total(), value))
        kept = {value: values[value] for value in order[:largest_values]}
        if rest := order[largest_values:]:
            others = sum((values[value] for value in rest), Counter[str]())
            kept[_OTHER] = kept.get(_OTHER, Counter()) + others
        found += [Segment(dimension, value, dict(kept[value])) for value in kept]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Tested:
    """One segment and its p-values, corrected over all segments; NaN where there is none."""

    segment: Segment
    expected: Mapping[str, float]
    chi_square: float
    sequential: float

    @property
    def p_value(self) -> float:
        return float(np.fmin(self.chi_square, self.sequential))

    @property
    def row(self) -> dict[str, Any]:
        observed = {key: self.segment.units.get(key, 0) for key in self.expected}
        return {
            "dimension": self.segment.dimension,
            "value": self.segment.value,
            "observed": observed,
            "expected": {key: round(value, 1) for key, value in self.expected.items()},
            "p_value": _known(self.chi_square),
            "sequential_p_value": _known(self.sequential),
        }


def check_sample_ratio_by_dimension(
    experiment_id: str,
    segments: Iterable[Segment],
    weights: Mapping[str, float],
    limits: DimensionSampleRatioLimits = DEFAULT_LIMITS.sample_ratio_by_dimension,
    *,
    whole_fails: bool = False,
) -> Finding:
    """Compares the units of each segment with the weights, by Holm over all of them.

    Both tests of the whole experiment are asked of each segment: the chi-square where every arm
    expects enough units, the sequential one everywhere. Where the whole experiment has a mismatch
    already, this is no second one: the segment says where it is plainest.
    """
    check = Check.SAMPLE_RATIO_BY_DIMENSION
    tested = _tested(segments, weights, limits)
    judged = [item for item in tested if not isnan(item.chi_square)]
    bad = [item for item in tested if item.p_value < limits.alpha]
    detail = {
        "segments": [item.row for item in tested[: max(_SHOWN, len(bad))]],
        "tests": len(tested),
    }
    if not bad or whole_fails:
        smallest = min((item.chi_square for item in judged), default=None)
        message = "no segment has enough units to judge its sample ratio"
        if judged:
            message = f"the units of {len(judged)} segments fit the weights"
        if bad:
            message = f"the mismatch of the whole experiment is plainest in {bad[0].segment.name}"
        return Finding(
            experiment_id, check, Status.PASS, message, 0.0, limits.alpha, smallest, detail
        )
    worst = bad[0].segment
    return Finding(
        experiment_id,
        check,
        Status.FAIL,
        _told(bad),
        value=float(len(bad)),
        threshold=limits.alpha,
        p_value=bad[0].p_value,
        detail=detail,
        distrust=f"sample-ratio mismatch in {worst.name}",
        dimension=worst.dimension,
        dimension_value=worst.value,
    )


def _tested(
    segments: Iterable[Segment], weights: Mapping[str, float], limits: DimensionSampleRatioLimits
) -> list[_Tested]:
    """Every segment that has units in an arm with a weight, the least fitting first."""
    present = [item for item in segments if any(item.units.get(key, 0) for key in weights)]
    if not present:
        return []
    units = np.array([[item.units.get(key, 0) for key in weights] for item in present], float)
    shares = list(weights.values())
    ratio = sample_ratio(units, shares, minimum_expected=limits.minimum_expected)
    chi_square = holm(np.where(ratio.large_enough, ratio.p_value, np.nan))
    sequential = holm(sequential_sample_ratio(units, shares).p_value)
    found = [
        _Tested(
            item,
            dict(zip(weights, ratio.expected[place].tolist(), strict=True)),
            float(chi_square[place]),
            float(sequential[place]),
        )
        for place, item in enumerate(present)
    ]
    return sorted(found, key=lambda item: (isnan(item.p_value), item.p_value))


def _told(bad: Sequence[_Tested]) -> str:
    row = bad[0].row
    seen = " / ".join(f"{count:,}" for count in row["observed"].values())
    wanted = " / ".join(f"{value:,.0f}" for value in row["expected"].values())
    more = "; also " + ", ".join(item.segment.name for item in bad[1:4]) if len(bad) > 1 else ""
    return (
        f"sample-ratio mismatch in {bad[0].segment.name}: {seen} units where {wanted} were "
        f"expected (p = {bad[0].p_value:.2g} over all segments){more}"
    )


def _known(value: float) -> float | None:
    return None if isnan(value) else value
