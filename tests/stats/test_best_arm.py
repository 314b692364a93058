import numpy as np
import pytest
from scipy import stats

from ab_assets.stats.bandit import arm_posterior, beta_draws, posterior_draws, thompson_weights
from ab_assets.stats.best_arm import best_arm
from ab_assets.stats.contrast import arm_estimate
from ab_assets.stats.posterior import posterior_summary
from ab_assets.stats.reasons import Reason


def test_two_arms_are_the_closed_form() -> None:
    # D10: simulated weights err by up to .006.
    ours = best_arm([0.0, 0.3], [0.1, 0.2])
    closed = posterior_summary(np.array(0.3), np.array(np.hypot(0.1, 0.2)))
    assert ours.probability[1] == pytest.approx(float(closed.chance_to_win), rel=1e-12)
    assert ours.expected_loss[1] == pytest.approx(float(closed.loss_if_shipped), rel=1e-10)
    assert ours.expected_loss[0] == pytest.approx(float(closed.loss_if_kept), rel=1e-12)


def test_probabilities_sum_to_one_however_unlike_the_spreads_are() -> None:
    # D10: Gauss-Hermite centred on one arm sums to .9965 or 1.0195 here.
    rng = np.random.default_rng(1)
    means, deviations = rng.normal(size=(200, 5)), 10.0 ** rng.uniform(-4, 1, size=(200, 5))
    total = best_arm(means, deviations).probability.sum(axis=-1)
    np.testing.assert_allclose(total, 1.0, rtol=0, atol=1e-12)


def test_equal_arms_share_equally() -> None:
    np.testing.assert_allclose(best_arm([1.0] * 4, 0.3).probability, 0.25, atol=1e-13)


def test_it_agrees_with_simulation() -> None:
    means, deviations = np.array([0.0, 0.1, -0.2]), np.array([0.3, 0.1, 0.6])
    draws = posterior_draws(means, deviations, 400_000, np.random.default_rng(2))
    won = np.bincount(draws.argmax(axis=1), minlength=3) / len(draws)
    ours = best_arm(means, deviations)
    # Monte Carlo error: 0.08 %.
    np.testing.assert_allclose(ours.probability, won, atol=0.003)
    np.testing.assert_allclose(ours.expected_loss, draws.max(axis=1).mean() - means, atol=0.004)


def test_permuting_the_arms_permutes_the_answer() -> None:
    order = [2, 0, 1]
    means, deviations = np.array([0.0, 0.1, 0.2]), np.array([0.1, 0.2, 0.3])
    np.testing.assert_allclose(
        best_arm(means[order], deviations[order]).probability,
        best_arm(means, deviations).probability[order],
        rtol=1e-13,
    )


@pytest.mark.parametrize(
    ("mean", "deviation", "reason"),
    [(np.nan, 1.0, Reason.NOT_FINITE), (0.0, 0.0, Reason.NOT_POSITIVE)],
)
def test_an_arm_without_a_posterior_is_a_reason_for_its_row_alone(
    mean: float, deviation: float, reason: Reason
) -> None:
    ours = best_arm([[mean, 0.0], [0.0, 0.0]], [[deviation, 1.0], [1.0, 1.0]])
    assert ours.reason.tolist() == [reason, 0]
    assert np.isnan(ours.probability[0]).all()
    np.testing.assert_allclose(ours.probability[1], 0.5)


def test_the_floor_keeps_every_arm_observed() -> None:
    weights = thompson_weights([0.0, 0.0, 50.0], 1.0, floor=0.05)
    np.testing.assert_allclose(weights, [0.05, 0.05, 0.9], atol=1e-12)


def test_an_arms_posterior_weighs_prior_and_data_by_their_precision() -> None:
    arm = arm_estimate(np.array(50.0), np.array(3.0), np.array(0.5))
    mean, deviation = arm_posterior(arm, 1.0, 2.0)
    assert mean == pytest.approx((3 / 0.5 + 1 / 4) / (1 / 0.5 + 1 / 4))
    assert deviation == pytest.approx((1 / 0.5 + 1 / 4) ** -0.5)
    assert arm_posterior(arm)[0] == 3.0


def test_draws_follow_their_posteriors() -> None:
    rng = np.random.default_rng(3)
    normal = posterior_draws([1.0], [2.0], 4000, rng)[:, 0]
    beta = beta_draws([3.0], [5.0], 4000, rng)[:, 0]
    assert stats.kstest(normal, stats.norm(1, 2).cdf).pvalue > 1e-3
    assert stats.kstest(beta, stats.beta(3, 5).cdf).pvalue > 1e-3
