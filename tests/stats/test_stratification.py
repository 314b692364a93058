import numpy as np
import pytest

from ab_assets.stats.comparison import compare
from ab_assets.stats.cuped import cuped_mean_contrast
from ab_assets.stats.mean import mean_contrast
from ab_assets.stats.moments import Moments
from ab_assets.stats.reasons import Reason
from ab_assets.stats.regression import lin_contrast
from ab_assets.stats.stratification import post_stratified, stratified_ratio_contrast


def strata_of(runs: int = 1, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcomes, arms and strata of experiments on a population with three unlike strata."""
    rng = np.random.default_rng(seed)
    stratum = rng.choice(3, size=(runs, 600), p=[0.2, 0.3, 0.5])
    treated = rng.random((runs, 600)) < 0.4
    effect = np.array([0.0, 0.5, 1.0])[stratum]
    outcome = 4.0 * stratum + treated * effect + rng.normal(size=stratum.shape)
    return outcome, treated, stratum


def moments_by_stratum(outcome: np.ndarray, member: np.ndarray, stratum: np.ndarray) -> Moments:
    weights = np.stack([member & (stratum == h) for h in range(3)], axis=1).astype(float)
    n = weights.sum(axis=-1)
    sums = (weights * outcome[:, None]).sum(axis=-1)
    return Moments.from_sums(
        n, sums[..., None], (weights * outcome[:, None] ** 2).sum(axis=-1)[..., None]
    )


def test_it_covers_the_populations_effect_over_repeated_samples() -> None:
    outcome, treated, stratum = strata_of(runs=2000)
    strata = mean_contrast(
        moments_by_stratum(outcome, ~treated, stratum),
        moments_by_stratum(outcome, treated, stratum),
    )
    interval = compare(post_stratified(strata)).difference.interval
    truth = 0.3 * 0.5 + 0.5 * 1.0
    # Monte Carlo error: 0.5 %.
    assert np.mean((interval.low <= truth) & (truth <= interval.high)) == pytest.approx(
        0.95, abs=0.015
    )


def test_it_takes_out_what_lies_between_the_strata() -> None:
    outcome, treated, stratum = strata_of()
    arms = [moments_by_stratum(outcome, member, stratum) for member in (~treated, treated)]
    whole = mean_contrast(*(Moments.of(outcome[0, m[0]][:, None]) for m in (~treated, treated)))
    assert post_stratified(mean_contrast(*arms)).variance[0] < 0.3 * whole.variance


def test_strata_coded_as_covariates_of_a_regression_give_the_same_effect() -> None:
    outcome, treated, stratum = strata_of()
    rows = np.column_stack([outcome[0], stratum[0] == 1, stratum[0] == 2]).astype(float)
    regression = lin_contrast(Moments.of(rows[~treated[0]]), Moments.of(rows[treated[0]])).contrast
    arms = [moments_by_stratum(outcome, member, stratum) for member in (~treated, treated)]
    ours = post_stratified(mean_contrast(*arms))
    assert ours.difference[0] == pytest.approx(float(regression.difference), rel=1e-10)
    assert ours.variance[0] == pytest.approx(float(regression.variance), rel=0.02)


def test_variances_and_covariance_of_the_arms_belong_together() -> None:
    outcome, treated, stratum = strata_of()
    arms = [moments_by_stratum(outcome, member, stratum) for member in (~treated, treated)]
    ours = post_stratified(mean_contrast(*arms))
    total = ours.control.variance + ours.treatment.variance - 2 * ours.covariance
    np.testing.assert_allclose(ours.variance, total, rtol=1e-12)


def test_strata_may_be_adjusted_themselves() -> None:
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(2, 4, 50, 2))
    rows[..., 0] += 2 * rows[..., 1]
    arms = Moments.of(rows[0]), Moments.of(rows[1])
    adjusted = post_stratified(cuped_mean_contrast(*arms).contrast)
    assert adjusted.variance < 0.5 * post_stratified(mean_contrast(*arms)).variance


def test_a_stratum_without_enough_units_is_a_reason() -> None:
    full = Moments.of(np.arange(6.0).reshape(2, 3, 1))
    thin = Moments(np.array([3.0, 1.0]), full.mean, full.scatter)
    assert post_stratified(mean_contrast(full, thin)).reason == Reason.EMPTY_STRATUM


def test_a_stratified_ratio_is_the_ratio_of_stratified_sums() -> None:
    rows = 1 + np.random.default_rng(3).random((2, 3, 40, 2))
    ours = stratified_ratio_contrast(Moments.of(rows[0]), Moments.of(rows[1]))
    for arm, estimate in zip(rows, (ours.control, ours.treatment), strict=True):
        sums = arm.mean(axis=(0, 1))
        assert estimate.value == pytest.approx(sums[0] / sums[1], rel=1e-12)


def test_one_stratum_is_no_stratification() -> None:
    rows = 1 + np.random.default_rng(4).random((2, 1, 40, 2))
    from ab_assets.stats.ratio import ratio_contrast

    ours = stratified_ratio_contrast(Moments.of(rows[0]), Moments.of(rows[1]))
    plain = ratio_contrast(Moments.of(rows[0, 0]), Moments.of(rows[1, 0]))
    assert ours.variance == pytest.approx(float(plain.variance), rel=1e-12)
    assert ours.df == pytest.approx(float(plain.df), rel=1e-12)
