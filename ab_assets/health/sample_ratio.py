"""Sample ratio: units arrive in the arms as the phase's weights say.

What belongs here: the check over one experiment's arms. What does not: the test itself
(:mod:`ab_assets.stats.sample_ratio`).
"""

from collections.abc import Mapping, Sequence
from math import isnan
from typing import NamedTuple

from ab_assets.health.assignment import Assignment
from ab_assets.health.finding import Check, Finding, Status
from ab_assets.modules.health_limits import DEFAULT_LIMITS, SampleRatioLimits
from ab_assets.stats.sample_ratio import sample_ratio
from ab_assets.stats.sample_ratio_sequential import sequential_sample_ratio


def check_sample_ratio(
    experiment_id: str,
    assignment: Assignment,
    weights: Mapping[str, float],
    limits: SampleRatioLimits = DEFAULT_LIMITS.sample_ratio,
) -> Finding:
    """Compares the units in comparisons with the weights of the phase.

    The chi-square finds a mismatch soonest, once every arm expects enough units for it to hold. The
    sequential test holds for any number of units and of looks, so it is asked as well.
    """
    observed = [assignment.compared.get(key, 0) for key in weights]
    result = sample_ratio(
        observed, list(weights.values()), minimum_expected=limits.minimum_expected
    )
    sequential = float(sequential_sample_ratio(observed, list(weights.values())).p_value)
    expected = dict(zip(weights, result.expected.tolist(), strict=True))
    detail = {
        "observed": dict(zip(weights, observed, strict=True)),
        "expected": {key: _rounded(value) for key, value in expected.items()},
        "weights": dict(weights),
        "sequential_p_value": None if isnan(sequential) else sequential,
    }
    leaked = {
        key: count
        for key, count, weight in zip(weights, observed, weights.values(), strict=True)
        if weight == 0 and count
    }
    p_value = float(result.p_value)
    known = None if isnan(p_value) else p_value
    chi_square = known if result.large_enough else None
    if leaked:
        verdict = _leak(leaked)
    else:
        verdict = _fit(observed, list(expected.values()), chi_square, sequential, limits.alpha)
    return Finding(
        experiment_id,
        Check.SAMPLE_RATIO,
        verdict.status,
        verdict.message,
        value=float(result.leaked) if leaked else known,
        threshold=limits.alpha,
        p_value=known,
        detail=detail,
        distrust=verdict.distrust,
    )


class _Verdict(NamedTuple):
    status: Status
    message: str
    distrust: str = ""


def _leak(leaked: Mapping[str, int]) -> _Verdict:
    key, count = next(iter(leaked.items()))
    message = f"{count:,} units are in variation {key!r}, which has weight 0"
    return _Verdict(Status.FAIL, message, "units in a zero-weight arm")


def _fit(
    observed: Sequence[int],
    expected: Sequence[float],
    chi_square: float | None,
    sequential: float,
    alpha: float,
) -> _Verdict:
    """What both tests say; ``chi_square`` is None where arms are too small for it."""
    shares = " / ".join(f"{count:,}" for count in observed)
    wanted = " / ".join(f"{value:,.0f}" for value in expected)
    found = sequential if chi_square is None else min(chi_square, sequential)
    if found < alpha:
        message = (
            f"sample-ratio mismatch: {shares} units where {wanted} were expected (p = {found:.2g})"
        )
        return _Verdict(Status.FAIL, message, "sample-ratio mismatch")
    if chi_square is None:
        message = f"{sum(observed):,} units are too few to judge the sample ratio"
        return _Verdict(Status.PASS, message)
    message = f"{shares} units fit the expected {wanted} (p = {chi_square:.2g})"
    return _Verdict(Status.PASS, message)


def _rounded(value: float) -> float | None:
    return None if isnan(value) else round(value, 1)
