import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from ab_assets.stats.heterogeneity import cochran_q
from ab_assets.stats.interaction import interaction
from ab_assets.stats.mean import mean_arm
from ab_assets.stats.meta_analysis import dersimonian_laird, inverse_variance
from ab_assets.stats.moments import Moments
from ab_assets.stats.reasons import Reason
from ab_assets.stats.shrinkage import empirical_prior, shrunken_effects

EFFECTS = np.array([0.095, 0.277, 0.367, 0.664, 0.462, 0.185])
VARIANCES = np.array([0.033, 0.031, 0.050, 0.011, 0.043, 0.023])


def test_fixed_effects_are_statsmodels() -> None:
    pooled = inverse_variance(EFFECTS, VARIANCES)
    reference = combine_effects(EFFECTS, VARIANCES, method_re="dl")
    assert pooled.estimate == pytest.approx(reference.mean_effect_fe, rel=1e-12)
    assert pooled.standard_error == pytest.approx(reference.sd_eff_w_fe, rel=1e-12)


def test_random_effects_are_statsmodels() -> None:
    pooled = dersimonian_laird(EFFECTS, VARIANCES)
    reference = combine_effects(EFFECTS, VARIANCES, method_re="dl")
    assert pooled.between_variance == pytest.approx(reference.tau2, rel=1e-12)
    assert pooled.estimate == pytest.approx(reference.mean_effect_re, rel=1e-12)
    assert pooled.standard_error == pytest.approx(reference.sd_eff_w_re, rel=1e-12)
    summary = reference.summary_frame().loc["random effect"]
    assert pooled.interval.low == pytest.approx(summary["ci_low"], rel=1e-10)


def test_cochrans_q_is_statsmodels() -> None:
    ours = cochran_q(EFFECTS, VARIANCES)
    reference = combine_effects(EFFECTS, VARIANCES, method_re="dl").test_homogeneity()
    assert ours.q == pytest.approx(reference.statistic, rel=1e-12)
    assert ours.p_value == pytest.approx(reference.pvalue, rel=1e-10)
    assert ours.share == pytest.approx(1 - reference.df / reference.statistic, rel=1e-12)


def test_studies_without_a_result_are_left_out() -> None:
    effects = np.append(EFFECTS, [np.nan, 1.0])
    variances = np.append(VARIANCES, [1.0, 0.0])
    assert dersimonian_laird(effects, variances).estimate == pytest.approx(
        float(dersimonian_laird(EFFECTS, VARIANCES).estimate), rel=1e-14
    )
    assert cochran_q(effects, variances).df == 5


def test_nothing_to_pool_is_a_reason() -> None:
    assert inverse_variance([np.nan], [1.0]).reason == Reason.TOO_FEW_GROUPS
    assert cochran_q([1.0, np.nan], [1.0, 1.0]).reason == Reason.TOO_FEW_GROUPS
    assert np.isnan(cochran_q([1.0, np.nan], [1.0, 1.0]).p_value)


def test_the_heterogeneity_test_keeps_its_size() -> None:
    rng = np.random.default_rng(1)
    variances = rng.uniform(0.5, 2.0, size=(4000, 5))
    p_values = cochran_q(rng.normal(0.7, np.sqrt(variances)), variances).p_value
    # Monte Carlo error: 0.35 %.
    assert np.mean(p_values < 0.05) == pytest.approx(0.05, abs=0.011)


def test_shrunken_effects_are_closer_to_the_truth_than_the_groups_own() -> None:
    rng = np.random.default_rng(2)
    truth = rng.normal(0.0, 0.5, size=(500, 12))
    seen = rng.normal(truth, 1.0)
    ours = shrunken_effects(seen, np.ones_like(seen))
    assert np.mean((ours.effect - truth) ** 2) < 0.5 * np.mean((seen - truth) ** 2)
    covered = np.abs(ours.effect - truth) <= 1.96 * ours.deviation
    # Morris' intervals are a little wide by design. Monte Carlo error: 0.3 %.
    assert 0.94 < np.mean(covered) < 0.985


def test_equal_effects_are_pulled_onto_their_mean() -> None:
    ours = shrunken_effects([1.0, 1.2, 0.8, 1.0, 1.0], [1.0, 2.0, 2.0, 3.0, 1.0])
    np.testing.assert_allclose(ours.shrinkage, 0.5)
    np.testing.assert_allclose(ours.effect, [1.0, 1.1, 0.9, 1.0, 1.0])


def test_fewer_than_four_groups_are_left_as_they_are() -> None:
    ours = shrunken_effects([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    assert ours.effect.tolist() == [1.0, 2.0, 3.0]
    np.testing.assert_allclose(ours.deviation**2, [1.0, 2.0, 3.0])


def test_a_group_without_an_effect_has_none_after_shrinking() -> None:
    ours = shrunken_effects([1.0, 2.0, np.nan], [1.0, 1.0, 1.0])
    assert ours.reason.tolist() == [0, 0, Reason.NOT_FINITE]
    assert np.isnan(ours.effect[2])


def test_a_prior_learnt_from_past_effects_has_their_mean_and_true_spread() -> None:
    rng = np.random.default_rng(3)
    noise = np.full(4000, 0.02**2)
    prior = empirical_prior(rng.normal(rng.normal(0.01, 0.03, 4000), 0.02), noise, "absolute")
    assert prior.mean == pytest.approx(0.01, abs=0.002)
    assert prior.deviation == pytest.approx(0.03, abs=0.002)
    assert prior.scale == "absolute"


def test_an_interaction_is_the_coefficient_of_the_two_by_two_regression() -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(4)
    first, second = rng.integers(0, 2, 400), rng.integers(0, 2, 400)
    outcome = 1 + 0.5 * first + 0.2 * second + 0.7 * first * second + rng.normal(size=400)
    cells = [
        mean_arm(Moments.of(outcome[(first == i) & (second == j)][:, None]))
        for i, j in ((0, 0), (1, 0), (0, 1), (1, 1))
    ]
    ours = interaction(*cells)
    design = sm.add_constant(np.column_stack([first, second, first * second]))
    fit = sm.OLS(outcome, design).fit(cov_type="HC2")
    assert ours.difference == pytest.approx(fit.params[3], rel=1e-10)
    # HC2 in a saturated design is the sum of the four s²/n.
    assert np.sqrt(ours.variance) == pytest.approx(fit.bse[3], rel=1e-10)


def test_an_empty_cell_makes_the_interaction_a_reason() -> None:
    full = mean_arm(Moments.of([[1.0], [2.0]]))
    empty = mean_arm(Moments.from_sums(0, [0.0], [0.0]))
    assert interaction(full, full, empty, full).reason == Reason.NO_UNITS
