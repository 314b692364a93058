"""Rates that are claimed, by simulation with fixed seeds; longer runs are in bench/."""

import numpy as np
import pytest

from ab_assets.stats.comparison import Comparison, compare
from ab_assets.stats.contrast import Contrast, arm_estimate, z_test
from ab_assets.stats.cuped import cuped_ratio_contrast
from ab_assets.stats.difference import difference_test
from ab_assets.stats.mean import mean_contrast
from ab_assets.stats.moments import Moments
from ab_assets.stats.newcombe import newcombe_interval
from ab_assets.stats.proportion import proportion_contrast
from ab_assets.stats.ratio import ratio_contrast
from ab_assets.stats.uplift import delta, fieller

RUNS = 100_000
Z = 1.959963984540054


def gaussian(noise: float, lift: float) -> Contrast:
    """Pairs whose arms' means have standard error ``noise``, the control's mean being 1."""
    rng = np.random.default_rng(1)
    n, variance = np.full(RUNS, 1e9), np.full(RUNS, noise**2)
    means = (rng.normal(mean, noise, RUNS) for mean in (1.0, 1.0 + lift))
    return z_test(*(arm_estimate(n, mean, variance) for mean in means))


@pytest.mark.parametrize(("noise", "lift"), [(0.05, 0.2), (0.1, 0.0), (0.1, 0.2), (0.3, 0.2)])
def test_fiellers_interval_covers_however_noisy_the_control_is(noise: float, lift: float) -> None:
    # D2: the delta interval covers .934 at a noise of .3, and misses on one side only.
    covered = fieller(gaussian(noise, lift), Z).contains(lift)
    # Monte Carlo error: 0.07 %.
    assert covered.mean() == pytest.approx(0.95, abs=0.003)


@pytest.mark.parametrize(
    ("noise", "power_delta", "power_fieller"), [(0.05, 0.7645, 0.8074), (0.1, 0.1795, 0.2936)]
)
def test_fieller_finds_the_lifts_the_delta_interval_hides(
    noise: float, power_delta: float, power_fieller: float
) -> None:
    pair = gaussian(noise, 0.2)
    ours, other = fieller(pair, Z), delta(pair, Z)
    # Monte Carlo error: 0.15 %.
    assert (~ours.contains(0.0)).mean() == pytest.approx(power_fieller, abs=0.006)
    assert (~other.contains(0.0)).mean() == pytest.approx(power_delta, abs=0.006)


def revenue(units: int, runs: int) -> Comparison:
    """Rare, skewed revenue in both arms, no effect."""
    rng = np.random.default_rng(2)
    shape = (runs, 2, units)
    rows = np.where(rng.random(shape) < 0.05, rng.lognormal(2.0, 1.5, shape), 0.0)[..., None]
    return compare(mean_contrast(Moments.of(rows[:, 0]), Moments.of(rows[:, 1])))


@pytest.mark.parametrize(("units", "runs"), [(200, 6000), (1000, 3000)])
def test_skewed_revenue_is_not_called_changed_too_often(units: int, runs: int) -> None:
    # D2: by the delta interval of the uplift a true null is rejected in .198 and .118 of cases.
    result = revenue(units, runs)
    # Monte Carlo error: 0.3 % and 0.4 %.
    assert (result.difference.p_value < 0.05).mean() < 0.055
    hidden = delta(result.contrast, result.difference.critical_value)
    rejected = ~hidden.contains(0.0) & (hidden.reason == 0)
    assert rejected.mean() > 0.09


def test_welchs_test_keeps_its_size_with_unequal_small_arms() -> None:
    rng = np.random.default_rng(3)
    moments = [
        Moments.of(rng.normal(0.0, spread, size=(20_000, n, 1)))
        for n, spread in ((5, 3.0), (20, 1.0))
    ]
    p_values = difference_test(mean_contrast(*moments)).p_value
    # Monte Carlo error: 0.15 %.
    assert np.mean(p_values < 0.05) == pytest.approx(0.05, abs=0.006)


def test_p_values_are_uniform_where_nothing_differs() -> None:
    rng = np.random.default_rng(4)
    counts = rng.binomial(5000, 0.2, size=(2, 40_000))
    p_values = difference_test(proportion_contrast(counts[0], 5000, counts[1], 5000)).p_value
    shares = np.histogram(p_values, bins=10, range=(0, 1))[0] / len(p_values)
    # Monte Carlo error of each tenth: 0.15 %; discreteness adds a little.
    np.testing.assert_allclose(shares, 0.1, atol=0.012)


def test_ratio_intervals_cover_plain_and_adjusted() -> None:
    rng = np.random.default_rng(5)
    runs, n = 2000, 250
    moments = []
    for lift in (0.0, 0.03):
        habit = rng.gamma(4.0, 1.0, size=(runs, n))
        rate = 0.3 + 0.02 * habit
        before, after = (rng.poisson(habit) + 1.0 for _ in range(2))
        rows = [
            after * (rate + lift) + rng.normal(0, 0.4, after.shape),
            after,
            before * rate + rng.normal(0, 0.4, before.shape),
            before,
        ]
        moments.append(Moments.of(np.stack(rows, axis=-1)))
    truth = 0.03
    for contrast in (ratio_contrast(*moments), cuped_ratio_contrast(*moments).contrast):
        interval = compare(contrast).difference.interval
        covered = ((interval.low <= truth) & (truth <= interval.high)).mean()
        # Monte Carlo error: 0.5 %.
        assert covered == pytest.approx(0.95, abs=0.016)


def test_newcombes_interval_covers_where_successes_are_few() -> None:
    rng = np.random.default_rng(6)
    a, b = rng.binomial(60, 0.03, 20_000), rng.binomial(60, 0.08, 20_000)
    interval = newcombe_interval(a, 60, b, 60)
    covered = ((interval.low <= 0.05) & (interval.high >= 0.05)).mean()
    # Monte Carlo error: 0.15 %.
    assert 0.94 < covered < 0.985


def test_credible_intervals_of_a_true_prior_hold_the_effect() -> None:
    from ab_assets.stats.posterior import NormalPrior, normal_posterior

    rng = np.random.default_rng(7)
    effect = rng.normal(0.0, 0.02, RUNS)
    seen = rng.normal(10.0 * effect, 0.3)
    n, variance = np.full(RUNS, 1e9), np.full(RUNS, 0.045)
    control = arm_estimate(n, np.full(RUNS, 10.0), variance)
    posterior = normal_posterior(
        z_test(control, arm_estimate(n, 10.0 + seen, variance)), NormalPrior(0.0, 0.02)
    )
    inside = (posterior.interval.low <= 10 * effect) & (10 * effect <= posterior.interval.high)
    # Monte Carlo errors: 0.07 % and 0.3 %.
    assert inside.mean() == pytest.approx(0.95, abs=0.003)
    sure = posterior.chance_to_win > 0.75
    assert (effect[sure] > 0).mean() == pytest.approx(
        float(posterior.chance_to_win[sure].mean()), abs=0.01
    )
