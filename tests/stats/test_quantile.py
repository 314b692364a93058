import numpy as np
import pytest
from scipy import stats

from ab_assets.stats.contrast import ArmEstimate, z_test
from ab_assets.stats.difference import difference_test
from ab_assets.stats.moments import Moments
from ab_assets.stats.quantile import (
    bounding_ranks,
    clustered_quantile_arm,
    order_statistic_interval,
    quantile_arm,
)
from ab_assets.stats.reasons import Reason

BOUNDS = {"value": 5.0, "lower": 4.9, "upper": 5.1}


def arm_of(values: np.ndarray, share: float) -> ArmEstimate:
    ordered = np.sort(values, axis=-1)
    n = ordered.shape[-1]
    lower, upper = bounding_ranks(n, share)
    return quantile_arm(
        n,
        share,
        value=np.quantile(ordered, share, axis=-1),
        lower=ordered[..., int(lower) - 1],
        upper=ordered[..., int(upper) - 1],
    )


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_the_values_at_the_ranks_cover_the_quantile_at_least_as_often_as_promised(
    share: float,
) -> None:
    lower, upper = bounding_ranks(2000, share)
    # Between two order statistics lies the quantile with a binomial probability: exact, no rows.
    covered = stats.binom.cdf(upper - 1, 2000, share) - stats.binom.cdf(lower - 1, 2000, share)
    assert 0.95 <= covered < 0.96


def test_the_variance_is_the_asymptotic_one_of_a_known_density() -> None:
    values = np.random.default_rng(1).normal(size=(400, 4000))
    estimated = arm_of(values, 0.9).variance
    density = stats.norm.pdf(stats.norm.ppf(0.9))
    # One estimate has a relative error of 30 %, the mean of 400 one of 1.5 %.
    assert np.mean(estimated) == pytest.approx(0.9 * 0.1 / 4000 / density**2, rel=0.04)


def test_the_test_of_two_quantiles_keeps_its_size() -> None:
    values = np.random.default_rng(2).exponential(size=(2, 1500, 1000))
    p_values = difference_test(z_test(arm_of(values[0], 0.75), arm_of(values[1], 0.75))).p_value
    # Monte Carlo error: 0.6 %.
    assert np.mean(p_values < 0.05) == pytest.approx(0.05, abs=0.018)


@pytest.mark.parametrize("unit", [1.0, 1e-3, 1e-6])
def test_the_unit_of_measure_changes_no_p_value(unit: float) -> None:
    # D7: an absolute floor of 1e-5 turns p = .0391 into .995.
    values = np.random.default_rng(3).exponential(size=(2, 1, 3000))
    values[1] *= 1.1

    def p_value(scale: float) -> float:
        arms = (arm_of(arm * scale, 0.9) for arm in values)
        return difference_test(z_test(*arms)).p_value.item()

    assert p_value(unit) == pytest.approx(p_value(1.0), rel=1e-9)


def test_events_of_the_same_unit_widen_the_variance() -> None:
    # Four identical events a unit: four times the variance of as many independent ones.
    below = (np.arange(1000) < 500) * 4.0
    units = Moments.of(np.column_stack([below, np.full(1000, 4.0)]))
    clustered = clustered_quantile_arm(units, 0.5, **BOUNDS)
    independent = quantile_arm(4000, 0.5, **BOUNDS)
    assert clustered.variance / independent.variance == pytest.approx(4.0, rel=2e-3)
    assert clustered.n == 1000


def event_arms(rng: np.random.Generator, units: int, share: float) -> dict[str, ArmEstimate]:
    """An arm of units with several events each, those of one unit being alike."""
    unit = np.repeat(np.arange(units), rng.poisson(6.0, units) + 1)
    values = rng.normal(rng.normal(size=units)[unit], 0.7)
    ordered, events = np.sort(values), np.bincount(unit)
    lower, upper = bounding_ranks(len(values), share)
    quantile = ordered[int(share * len(values))]
    bounds = {
        "value": quantile,
        "lower": ordered[int(lower) - 1],
        "upper": ordered[int(upper) - 1],
    }
    below = np.bincount(unit, values <= quantile)
    return {
        "clustered": clustered_quantile_arm(
            Moments.of(np.column_stack([below, events])), share, **bounds
        ),
        "independent": quantile_arm(len(values), share, **bounds),
    }


def test_the_clustered_test_keeps_its_size_where_the_independent_one_does_not() -> None:
    rng = np.random.default_rng(4)
    rejected = {"clustered": 0, "independent": 0}
    runs, units, share = 400, 300, 0.75
    for _ in range(runs):
        pairs = [event_arms(rng, units, share) for _ in range(2)]
        for kind in rejected:
            test = difference_test(z_test(*(pair[kind] for pair in pairs)))
            rejected[kind] += int(test.p_value < 0.05)
    # Monte Carlo error: 1.1 %.
    assert rejected["clustered"] / runs == pytest.approx(0.05, abs=0.035)
    assert rejected["independent"] / runs > 0.2


def test_independent_events_need_no_widening() -> None:
    below = (np.arange(1000) < 500) * 1.0
    units = Moments.of(np.column_stack([below, np.ones(1000)]))
    clustered = clustered_quantile_arm(units, 0.5, **BOUNDS)
    assert clustered.variance == pytest.approx(
        float(quantile_arm(1000, 0.5, **BOUNDS).variance), rel=2e-3
    )


@pytest.mark.parametrize(("n", "share"), [(10, 0.99), (0, 0.5), (1000, 0.0), (1000, 1.0)])
def test_too_few_values_have_no_bounding_ranks(n: int, share: float) -> None:
    assert np.isnan(bounding_ranks(n, share)).all()


@pytest.mark.parametrize(
    ("lower", "upper", "reason"),
    [
        (np.nan, np.nan, Reason.QUANTILE_OUT_OF_REACH),
        (5.0, 5.0, Reason.ZERO_VARIANCE),
        (5.2, 4.8, Reason.NEGATIVE_VARIANCE),
    ],
)
def test_unusable_bounds_are_a_reason(lower: float, upper: float, reason: Reason) -> None:
    arm = quantile_arm(1000, 0.5, value=5.0, lower=lower, upper=upper)
    assert arm.reason == reason
    assert np.isnan(difference_test(z_test(arm, quantile_arm(1000, 0.5, **BOUNDS))).p_value)


def test_one_arms_interval_is_the_pair_of_bounding_values() -> None:
    interval = order_statistic_interval(4.8, 5.2)
    assert (interval.low, interval.high, interval.level) == (4.8, 5.2, 0.95)
