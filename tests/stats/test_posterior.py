import numpy as np
import pytest
from scipy import stats

from ab_assets.stats.contrast import arm_estimate, z_test
from ab_assets.stats.normal import expected_losses
from ab_assets.stats.posterior import NormalPrior, normal_posterior
from ab_assets.stats.reasons import Reason


def pair(m_a: float = 10.0, m_b: float = 10.5, v: float = 0.04):  # noqa: ANN201
    return z_test(*(arm_estimate(np.array(100.0), np.array(m), np.array(v)) for m in (m_a, m_b)))


def test_a_flat_prior_leaves_the_likelihood() -> None:
    posterior = normal_posterior(pair())
    assert posterior.mean == pytest.approx(0.5)
    assert posterior.deviation == pytest.approx(np.sqrt(0.08))
    assert posterior.chance_to_win == pytest.approx(stats.norm.cdf(0.5 / np.sqrt(0.08)), rel=1e-14)


@pytest.mark.parametrize("scale", ["absolute", "relative"])
def test_a_prior_is_honoured_on_either_scale(scale: str) -> None:
    # D8: a prior on the absolute scale is silently ignored elsewhere.
    prior = NormalPrior(0.1, 0.2, scale)
    unit = 10.0 if scale == "relative" else 1.0
    precision = 1 / (0.2 * unit) ** 2
    mean = (precision * 0.1 * unit + 0.5 / 0.08) / (precision + 1 / 0.08)
    posterior = normal_posterior(pair(), prior)
    assert posterior.mean == pytest.approx(mean, rel=1e-13)
    assert posterior.deviation == pytest.approx((precision + 1 / 0.08) ** -0.5, rel=1e-13)


def test_losses_are_the_integrals_they_stand_for() -> None:
    posterior = normal_posterior(pair())
    density = stats.norm(0.5, np.sqrt(0.08))
    shipped = density.expect(lambda d: -d, ub=0.0)
    kept = density.expect(lambda d: d, lb=0.0)
    assert posterior.loss_if_shipped == pytest.approx(shipped, rel=1e-8)
    assert posterior.loss_if_kept == pytest.approx(kept, rel=1e-8)


def test_where_lower_is_better_chance_and_losses_turn_round() -> None:
    up, down = normal_posterior(pair()), normal_posterior(pair(), higher_is_better=False)
    assert down.chance_to_win == pytest.approx(1 - float(up.chance_to_win), rel=1e-12)
    assert down.loss_if_shipped == pytest.approx(float(up.loss_if_kept), rel=1e-12)
    assert down.mean == up.mean


@pytest.mark.parametrize(
    ("z", "expected"),
    [
        # mpmath 1.3, 50 digits: φ(z) − z·Φ(−z).
        (0.5, 0.19779655740130603),
        (3.0, 3.821543170477236e-4),
        (8.0, 7.5502624119464989e-17),
        (33.0, 1.2284124472039034e-240),
        (-2.0, 2.0084907026168296),
    ],
)
def test_expected_losses_keep_their_digits_in_the_tail(z: float, expected: float) -> None:
    below, above = expected_losses(np.array(z), np.array(1.0))
    assert below == pytest.approx(expected, rel=2e-13, abs=0)
    assert above == pytest.approx(expected + z, rel=1e-13, abs=0)


def test_a_relative_prior_needs_a_control_mean() -> None:
    posterior = normal_posterior(pair(m_a=0.0), NormalPrior(0.0, 0.1))
    assert posterior.reason == Reason.ZERO_CONTROL_MEAN
    assert np.isnan(posterior.mean)
    assert normal_posterior(pair(m_a=0.0)).reason == 0


@pytest.mark.parametrize("deviation", [0.0, -1.0, np.nan])
def test_a_prior_without_spread_is_a_reason(deviation: float) -> None:
    assert normal_posterior(pair(), NormalPrior(0.0, deviation)).reason == Reason.NOT_POSITIVE
