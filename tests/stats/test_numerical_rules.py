"""Nothing warns, raises or invents a number, whatever is put in (warnings are errors here)."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from ab_assets.stats.always_valid import SequentialPlan
from ab_assets.stats.beta_binomial import beta_posterior
from ab_assets.stats.comparison import compare
from ab_assets.stats.conditional_effects import conditional_effect, interaction_model
from ab_assets.stats.contingency import chi_square, g_test
from ab_assets.stats.contrast import Contrast, student, z_test
from ab_assets.stats.cuped import adjusted_or_plain, cuped_mean_contrast, cuped_ratio_contrast
from ab_assets.stats.fisher_exact import fisher_exact
from ab_assets.stats.growthbook import effect as growthbook
from ab_assets.stats.growthbook import inference
from ab_assets.stats.heterogeneity import cochran_q
from ab_assets.stats.mean import mean_arm, mean_contrast
from ab_assets.stats.moments import Moments
from ab_assets.stats.newcombe import newcombe_interval, newcombe_uplift_interval
from ab_assets.stats.non_inferiority import equivalence, relative_non_inferiority
from ab_assets.stats.posterior import NormalPrior
from ab_assets.stats.power import design_of, power, relative_detectable_effect, units_needed
from ab_assets.stats.proportion import proportion_contrast
from ab_assets.stats.ranks import mann_whitney
from ab_assets.stats.ratio import linearised, ratio_contrast
from ab_assets.stats.regression import lin_contrast
from ab_assets.stats.sample_ratio import sample_ratio
from ab_assets.stats.sample_ratio_sequential import sequential_sample_ratio
from ab_assets.stats.shrinkage import shrunken_effects
from ab_assets.stats.stratification import post_stratified
from ab_assets.stats.uplift import delta, log_ratio

N = np.array([0.0, 1.0, 2.0, 50.0, 1e12, np.nan, np.inf, -3.0])
VALUES = np.array([0.0, 1.0, -1.0, 1e-300, 1e9, 1e160, 1e308, np.nan, np.inf, -np.inf])
GRID = np.array(list(itertools.product(N, VALUES, VALUES)))


def extreme_moments(variables: int, seed: int) -> Moments:
    """Every combination of odd counts, sums and sums of products, four variables wide."""
    rng = np.random.default_rng(seed)
    n = GRID[:, 0]
    sums = np.stack([GRID[rng.permutation(len(GRID)), 1] for _ in range(variables)], axis=-1)
    pairs = variables * (variables + 1) // 2
    products = np.stack([GRID[rng.permutation(len(GRID)), 2] for _ in range(pairs)], axis=-1)
    return Moments.from_sums(n, sums, products, shift=1.0)


CONTROL, TREATMENT = extreme_moments(4, 1), extreme_moments(4, 2)
CONTRASTS: dict[str, Callable[[], Contrast]] = {
    "mean": lambda: mean_contrast(CONTROL, TREATMENT),
    "student": lambda: student(mean_arm(CONTROL), mean_arm(TREATMENT)),
    "z": lambda: z_test(mean_arm(CONTROL), mean_arm(TREATMENT)),
    "proportion": lambda: proportion_contrast(GRID[:, 1], GRID[:, 0], GRID[:, 2], GRID[:, 0]),
    "ratio": lambda: ratio_contrast(CONTROL, TREATMENT),
    "cuped mean": lambda: cuped_mean_contrast(CONTROL, TREATMENT).contrast,
    "cuped ratio": lambda: cuped_ratio_contrast(CONTROL, TREATMENT).contrast,
    "cuped or plain": lambda: adjusted_or_plain(
        cuped_mean_contrast(CONTROL, TREATMENT), mean_contrast(CONTROL, TREATMENT)
    )[0],
    "lin": lambda: lin_contrast(CONTROL, TREATMENT).contrast,
    "lin ratio": lambda: (
        lin_contrast(
            linearised(CONTROL, (0, 1), 2, 3), linearised(TREATMENT, (0, 1), 2, 3)
        ).contrast
    ),
}


@pytest.mark.parametrize("name", CONTRASTS)
def test_a_comparison_of_odd_numbers_is_whole_or_nan_with_a_reason(name: str) -> None:
    result = compare(CONTRASTS[name](), prior=NormalPrior(0.0, 0.1), plan=SequentialPlan(1e4))
    assert result.sequential is not None
    valid = result.reason == 0
    assert valid.sum() < valid.size
    test = result.difference
    for value in (test.p_value, test.log_p_value, test.interval.low, test.standard_error):
        assert np.isnan(value[~valid]).all()
        assert not np.isnan(value[valid]).any()
    assert ((test.p_value[valid] >= 0) & (test.p_value[valid] <= 1)).all()
    assert (test.standard_error[valid] > 0).all()
    parts = (
        (result.uplift.interval.low, result.uplift.reason),
        (result.posterior.chance_to_win, result.posterior.reason),
        (result.posterior.loss_if_shipped, result.posterior.reason),
        (result.total.interval.high, result.total.reason),
        (result.sequential.p_value, result.sequential.reason),
    )
    for value, reason in parts:
        assert np.isnan(value[reason != 0]).all()
        assert not np.isnan(value[reason == 0]).any()


@pytest.mark.parametrize("name", CONTRASTS)
def test_what_follows_a_comparison_is_silent_about_odd_numbers(name: str) -> None:
    contrast = CONTRASTS[name]()
    broken = contrast.reason != 0
    assert np.isnan(log_ratio(contrast, 1.96).interval.low[broken]).all()
    assert np.isnan(delta(contrast, 1.96).interval.low[broken]).all()
    assert not relative_non_inferiority(contrast, 0.02).passed[broken].any()
    assert not equivalence(contrast, -1.0, 1.0).passed[broken].any()


def test_planning_is_silent_about_odd_numbers() -> None:
    design = design_of(CONTRASTS["mean"]())
    for value in (
        power(design, GRID[:, 1], GRID[:, 0]),
        relative_detectable_effect(design, GRID[:, 0]),
        units_needed(design, GRID[:, 2]),
    ):
        assert value.shape == GRID[:, 0].shape


@pytest.mark.parametrize("scale", [1e-150, 1e-9, 1e9, 1e150])
def test_tiny_and_huge_units_of_measure_change_no_p_value(scale: float) -> None:
    rows = np.random.default_rng(3).normal(5.0, 1.0, size=(2, 30, 2))
    plain = compare(cuped_mean_contrast(Moments.of(rows[0]), Moments.of(rows[1])).contrast)
    scaled = compare(
        cuped_mean_contrast(Moments.of(rows[0] * scale), Moments.of(rows[1] * scale)).contrast
    )
    assert scaled.difference.p_value == pytest.approx(float(plain.difference.p_value), rel=1e-9)
    assert scaled.uplift.interval.low == pytest.approx(float(plain.uplift.interval.low), rel=1e-9)


def test_counts_that_are_no_counts_raise_nothing() -> None:
    a, n, b = GRID[:, 1], GRID[:, 0], GRID[:, 2]
    small = ~(np.abs(n) > 1e6)
    p_values = fisher_exact(a[small], n[small], b[small], n[small])
    assert np.isnan(p_values[~(n[small] > 0)]).all()
    assert np.isfinite(p_values).any()
    assert newcombe_interval(a, n, b, n).low.shape == n.shape
    assert newcombe_uplift_interval(a, n, b, n).low.shape == n.shape
    posterior = beta_posterior(a[small], n[small], b[small], n[small])
    broken = posterior.reason != 0
    assert np.isnan(posterior.chance_to_win[broken]).all()
    assert not np.isnan(posterior.chance_to_win[~broken]).any()


def test_tables_of_odd_numbers_raise_nothing() -> None:
    tables = GRID[:, :, None] * np.ones(2)
    for result in (
        chi_square(tables),
        g_test(tables),
        sample_ratio(GRID, np.ones(3)),
        sample_ratio(np.ones(3), GRID),
        sequential_sample_ratio(GRID, np.ones(3)),
        mann_whitney(GRID, GRID[::-1]),
    ):
        broken = result.reason != 0
        assert broken.any()
        assert np.isnan(result.p_value[broken]).all()


def test_groups_of_odd_numbers_raise_nothing() -> None:
    assert cochran_q(GRID, GRID[::-1]).q.shape == (len(GRID),)
    shrunken = shrunken_effects(GRID, GRID[::-1])
    assert np.isnan(shrunken.effect[shrunken.reason != 0]).all()
    odd = Moments(
        CONTROL.n.reshape(-1, 8),
        CONTROL.mean.reshape(-1, 8, 4),
        CONTROL.scatter.reshape(-1, 8, 4, 4),
    )
    strata = mean_contrast(odd, odd)
    assert post_stratified(strata).variance.shape == (100,)


def test_models_of_odd_numbers_raise_nothing() -> None:
    model = interaction_model(CONTROL, TREATMENT)
    assert np.isnan(model.wald_p_value[model.reason != 0]).all()
    assert conditional_effect(CONTROL, TREATMENT, np.zeros(3)).effect.shape == (len(GRID),)


def test_growthbooks_conventions_are_neutral_and_silent() -> None:
    effect = growthbook.mean_effect(CONTROL.select(0), TREATMENT.select(0))
    test = inference.t_test(effect)
    neutral = np.isnan(effect.variance)
    assert (test.p_value[neutral] == 1.0).all()
    assert (test.estimate[neutral] == 0.0).all()
    posterior = inference.posterior(effect)
    assert (posterior.chance_to_win[neutral] == 0.5).all()
    assert inference.sequential_test(effect).p_value.shape == neutral.shape
