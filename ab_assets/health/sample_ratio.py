"""Sample ratio: units arrive in the arms as the phase's weights say.

What belongs here: the check over one experiment's arms. What does not: the test itself
(:mod:`ab_assets.stats.sample_ratio`).
"""

from collections.abc import Mapping
from math import isnan

from ab_assets.health.assignment import Assignment
from ab_assets.health.finding import Check, Finding, Status
from ab_assets.stats.sample_ratio import sample_ratio
from ab_assets.stats.sample_ratio_sequential import sequential_sample_ratio

P_VALUE_THRESHOLD = 0.001


def check_sample_ratio(
    experiment_id: str, assignment: Assignment, weights: Mapping[str, float]
) -> Finding:
    """Compares the units in comparisons with the weights of the phase."""
    observed = [assignment.compared.get(key, 0) for key in weights]
    result = sample_ratio(observed, list(weights.values()))
    sequential = float(sequential_sample_ratio(observed, list(weights.values())).p_value)
    expected = dict(zip(weights, result.expected.tolist(), strict=True))
    detail = {
        "observed": dict(zip(weights, observed, strict=True)),
        "expected": {key: round(value, 1) for key, value in expected.items()},
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

    def finding(status: Status, message: str, distrust: str = "") -> Finding:
        return Finding(
            experiment_id,
            Check.SAMPLE_RATIO,
            status,
            message,
            value=float(result.leaked) if leaked else known,
            threshold=P_VALUE_THRESHOLD,
            p_value=known,
            detail=detail,
            distrust=distrust,
        )

    if leaked:
        key, count = next(iter(leaked.items()))
        return finding(
            Status.FAIL,
            f"{count:,} units are in variation {key!r}, which has weight 0",
            "units in a zero-weight arm",
        )
    if not bool(result.large_enough):
        return finding(
            Status.PASS, f"{sum(observed):,} units are too few to judge the sample ratio"
        )
    shares = " / ".join(f"{count:,}" for count in observed)
    wanted = " / ".join(f"{value:,.0f}" for value in expected.values())
    if p_value < P_VALUE_THRESHOLD:
        return finding(
            Status.FAIL,
            f"sample-ratio mismatch: {shares} units where {wanted} were expected "
            f"(p = {p_value:.2g})",
            "sample-ratio mismatch",
        )
    return finding(Status.PASS, f"{shares} units fit the expected {wanted} (p = {p_value:.2g})")
