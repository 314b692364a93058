"""Crossovers and unknown keys: units that saw more than, or other than, one variation.

What belongs here: their rates and limits. What does not: leaving them out (the wide table and the
statistics query do that).
"""

from collections.abc import Iterable

from ab_assets.health.assignment import Assignment
from ab_assets.health.finding import Check, Finding, Status
from ab_assets.modules.health_limits import DEFAULT_LIMITS, CrossoverLimits, UnknownVariationLimits
from ab_assets.stats.sample_ratio import sample_ratio


def check_crossovers(
    experiment_id: str,
    assignment: Assignment,
    keys: Iterable[str],
    limits: CrossoverLimits = DEFAULT_LIMITS.crossovers,
) -> Finding:
    """Holds the share of crossovers against its limits, and compares it between the arms.

    Fewer than ten crossovers are never a failure: a handful of test accounts is not a fault.
    """
    keys = list(keys)
    crossed = sum(assignment.crossovers.values())
    units = assignment.in_or_crossed
    rate = crossed / units if units else 0.0
    by_arm = [assignment.crossovers.get(key, 0) for key in keys]
    sizes = [assignment.compared.get(key, 0) + by_arm[place] for place, key in enumerate(keys)]
    p_value = _difference_by_arm(by_arm, sizes, limits.fewest)
    detail = {
        "crossovers": dict(assignment.crossovers),
        "units": dict(zip(keys, sizes, strict=True)),
    }
    told = f"{crossed:,} of {units:,} units ({rate:.2%}) saw more than one variation"

    def finding(status: Status, message: str, distrust: str = "") -> Finding:
        return Finding(
            experiment_id,
            Check.CROSSOVERS,
            status,
            message,
            value=rate,
            threshold=limits.fail,
            p_value=p_value,
            detail=detail,
            distrust=distrust,
        )

    if crossed >= limits.fewest and rate >= limits.fail:
        return finding(
            Status.FAIL, f"{told}; at {limits.fail:.0%} the experiment is not trusted", "crossovers"
        )
    if p_value is not None and p_value < limits.alpha:
        return finding(
            Status.FAIL,
            f"{told}, and more of them started in one arm (p = {p_value:.2g})",
            "crossover rate differs by arm",
        )
    if crossed >= limits.fewest and rate >= limits.warn:
        return finding(Status.WARN, told)
    return finding(Status.PASS, told)


def check_unknown_variations(
    experiment_id: str,
    assignment: Assignment,
    limits: UnknownVariationLimits = DEFAULT_LIMITS.unknown_variations,
) -> Finding:
    """Counts units that saw only keys the experiment does not have."""
    unknown = sum(assignment.unknown.values())
    largest = sorted(assignment.unknown.items(), key=lambda pair: (-pair[1], pair[0]))[:20]
    named = ", ".join(f"{key!r} ({count:,})" for key, count in largest[:3])
    status, message = Status.PASS, "every exposure names a variation of the experiment"
    if unknown:
        status = Status.WARN if unknown >= limits.fewest else Status.PASS
        message = f"{unknown:,} units saw only keys that are no variation and are left out: {named}"
    return Finding(
        experiment_id,
        Check.UNKNOWN_VARIATIONS,
        status,
        message,
        float(unknown),
        float(limits.fewest),
        detail={"units": dict(largest)},
    )


def _difference_by_arm(crossed: list[int], sizes: list[int], fewest: int) -> float | None:
    """p-value of the crossovers' distribution over the arms, or ``None`` where it says nothing."""
    if sum(crossed) < max(fewest, 1) or sum(size > 0 for size in sizes) <= 1:
        return None
    result = sample_ratio(crossed, sizes)
    return float(result.p_value) if bool(result.large_enough) else None
