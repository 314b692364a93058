import math

import numpy as np
import pytest
from scipy import stats
from scipy.special import betaln

from ab_assets.stats.beta_binomial import BetaPrior, beta_posterior
from ab_assets.stats.beta_difference import beta_difference_interval
from ab_assets.stats.posterior import normal_posterior
from ab_assets.stats.proportion import proportion_z_contrast
from ab_assets.stats.reasons import Reason


def millers_sum(a_1: int, b_1: int, a_2: int, b_2: int) -> float:
    """P(second > first) as a finite sum (Miller 2014), for whole parameters."""
    return math.fsum(
        math.exp(
            betaln(a_1 + i, b_1 + b_2) - math.log(b_2 + i) - betaln(1 + i, b_2) - betaln(a_1, b_1)
        )
        for i in range(a_2)
    )


@pytest.mark.parametrize(
    "counts", [(2, 1000, 8, 1000), (10, 1000, 20, 1000), (50, 500, 70, 520), (0, 10, 3, 4)]
)
def test_the_chance_to_win_is_millers_sum(counts: tuple[int, int, int, int]) -> None:
    x_a, n_a, x_b, n_b = counts
    expected = millers_sum(x_a + 1, n_a - x_a + 1, x_b + 1, n_b - x_b + 1)
    assert beta_posterior(*counts).chance_to_win == pytest.approx(expected, rel=1e-11)


def test_published_chances_and_losses_come_out() -> None:
    few = beta_posterior([2, 10], 1000, [8, 20], 1000)
    np.testing.assert_allclose(few.chance_to_win, [0.967647, 0.965704], atol=5e-7)
    assert few.loss_if_shipped[1] == pytest.approx(7.6350e-5, abs=5e-10)


def test_chance_and_losses_are_those_of_a_50_digit_quadrature() -> None:
    # Reference: mpmath 1.3, 30 digits, ∫f_B·F_A and ∫F_B·(1 − F_A).
    ours = beta_posterior([2, 0, 0, 50], [1000, 10, 1, 500], [8, 0, 1, 70], [1000, 10, 1, 520])
    np.testing.assert_allclose(
        ours.chance_to_win,
        [0.96764715922575, 0.5, 0.833333333333333, 0.956383903709195],
        rtol=2e-14,
    )
    np.testing.assert_allclose(
        ours.loss_if_shipped,
        [4.45993004015707e-5, 0.0398550724637681, 0.0333333333333333, 0.000362102171941118],
        rtol=1e-13,
    )


def test_a_sharp_posterior_beside_a_vague_one_is_resolved() -> None:
    assert beta_posterior(5, 10, 500_000, 10**6).chance_to_win == pytest.approx(0.5, abs=1e-13)


def test_swapping_the_arms_swaps_the_losses() -> None:
    one, other = beta_posterior(10, 100, 17, 120), beta_posterior(17, 120, 10, 100)
    assert one.chance_to_win == pytest.approx(1 - float(other.chance_to_win), rel=1e-12)
    assert one.loss_if_shipped == pytest.approx(float(other.loss_if_kept), rel=1e-12)


def test_large_counts_agree_with_the_normal_posterior() -> None:
    counts = (100_000, 10**6, 100_400, 10**6)
    exact, normal = beta_posterior(*counts), normal_posterior(proportion_z_contrast(*counts))
    assert exact.chance_to_win == pytest.approx(float(normal.chance_to_win), abs=1e-5)
    assert exact.loss_if_shipped == pytest.approx(float(normal.loss_if_shipped), rel=1e-3)


def test_a_prior_counts_as_much_as_its_weight() -> None:
    with_prior = beta_posterior(30, 100, 40, 100, BetaPrior.of(0.2, weight=50))
    with_units = beta_posterior(39, 148, 49, 148)
    assert with_prior.chance_to_win == pytest.approx(float(with_units.chance_to_win), rel=1e-12)


def test_the_control_may_have_a_prior_of_its_own() -> None:
    prior = BetaPrior(20.0, 80.0)
    ours = beta_posterior(30, 100, 40, 100, control_prior=prior)
    assert ours.control_mean == pytest.approx(50 / 200)
    assert ours.treatment_mean == pytest.approx(41 / 102)


@pytest.mark.parametrize(
    "counts", [(10, 1000, 20, 1000), (5, 10, 0, 10), (0, 50, 0, 50), (50, 50, 49, 50), (0, 5, 5, 5)]
)
def test_the_interval_holds_the_middle_of_the_difference(counts: tuple) -> None:
    interval = beta_difference_interval(*counts, alpha=0.1)
    x_a, n_a, x_b, n_b = counts
    p = np.linspace(0, 1, 200_001)
    mass = np.diff(stats.beta.cdf(p, x_b + 1, n_b - x_b + 1))
    middle = (p[1:] + p[:-1]) / 2
    for end, below in ((interval.low, 0.05), (interval.high, 0.95)):
        reached = mass @ stats.beta.sf(middle - float(end), x_a + 1, n_a - x_a + 1)
        assert reached == pytest.approx(below, abs=2e-6)


def test_among_many_rows_each_interval_holds_its_own_middle() -> None:
    rng = np.random.default_rng(2)
    x_a, x_b = rng.integers(100, 300, (2, 400))
    n_a, n_b = ((x * np.exp(rng.uniform(0.7, 4.6, 400))).astype(int) for x in (x_a, x_b))
    interval = beta_difference_interval(x_a, n_a, x_b, n_b)
    # The distribution of the difference, by the midpoint rule over quantiles of one posterior.
    quantiles = (np.arange(4000) + 0.5) / 4000
    p_b = stats.beta.ppf(quantiles, (x_b + 1)[:, None], (n_b - x_b + 1)[:, None])
    for end, below in ((interval.low, 0.025), (interval.high, 0.975)):
        reached = stats.beta.sf(
            p_b - end[:, None], (x_a + 1)[:, None], (n_a - x_a + 1)[:, None]
        ).mean(axis=1)
        assert np.abs(reached - below).max() < 1e-4


def test_rows_are_answered_in_blocks_without_a_seam() -> None:
    successes = np.arange(5000) % 40
    many = beta_posterior(successes, 60, 20, 60).chance_to_win
    assert many[4999] == pytest.approx(
        float(beta_posterior(successes[4999], 60, 20, 60).chance_to_win)
    )


@pytest.mark.parametrize(
    ("counts", "prior", "reason"),
    [
        ((5, 4, 1, 4), BetaPrior(), Reason.NOT_A_COUNT),
        ((1, np.nan, 1, 4), BetaPrior(), Reason.NOT_FINITE),
        ((1, 4, 1, 4), BetaPrior(0.0, 1.0), Reason.NOT_POSITIVE),
    ],
)
def test_what_has_no_posterior_is_nan_with_a_reason(
    counts: tuple, prior: BetaPrior, reason: Reason
) -> None:
    ours = beta_posterior(*counts, prior)
    assert ours.reason == reason
    assert np.isnan(ours.chance_to_win)
    assert np.isnan(beta_difference_interval(*counts, prior).low)


def test_no_units_leave_the_prior() -> None:
    assert beta_posterior(0, 0, 0, 0).chance_to_win == pytest.approx(0.5, abs=1e-14)
