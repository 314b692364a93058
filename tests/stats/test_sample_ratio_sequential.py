import numpy as np
import pytest
from scipy import stats
from scipy.special import gammaln

from ab_assets.stats.looks import running_p_value
from ab_assets.stats.reasons import Reason
from ab_assets.stats.sample_ratio import sample_ratio_by_dimension
from ab_assets.stats.sample_ratio_sequential import sequential_sample_ratio


def test_one_concentration_is_the_dirichlet_multinomial_over_the_multinomial() -> None:
    units, theta, k = np.array([480, 520, 500]), np.array([0.3, 0.3, 0.4]), 100.0
    reference = stats.dirichlet_multinomial.logpmf(units, k * theta, 1500)
    reference -= stats.multinomial.logpmf(units, 1500, theta)
    ours = sequential_sample_ratio(units, theta, (k,)).log_e_value
    assert ours == pytest.approx(reference, rel=1e-10)


def test_several_concentrations_are_averaged() -> None:
    both = sequential_sample_ratio([480, 560], [1, 1], (1e2, 1e4)).log_e_value
    single = [sequential_sample_ratio([480, 560], [1, 1], (k,)).log_e_value for k in (1e2, 1e4)]
    assert both == pytest.approx(np.logaddexp(*single) - np.log(2), rel=1e-12)


def test_the_e_value_has_expectation_one_under_the_weights() -> None:
    n, counts = 60, np.arange(61)
    units = np.column_stack([counts, n - counts])
    e = np.exp(sequential_sample_ratio(units, [0.3, 0.7]).log_e_value)
    assert e @ stats.binom.pmf(counts, n, 0.3) == pytest.approx(1.0, rel=1e-10)


def test_healthy_experiments_read_daily_hardly_ever_alarm() -> None:
    # Read daily for 30 days, a chi-square at .01 alarms in 7 % of them.
    daily = np.random.default_rng(1).multinomial(1000, [0.5, 0.5], size=(3000, 30))
    p = running_p_value(sequential_sample_ratio(daily.cumsum(axis=1), [1, 1]).p_value)
    # Monte Carlo error: 0.2 %.
    assert (p[:, -1] <= 0.01).mean() < 0.01


def test_a_mismatch_is_found() -> None:
    daily = np.random.default_rng(2).multinomial(1000, [0.51, 0.49], size=(200, 90))
    p = running_p_value(sequential_sample_ratio(daily.cumsum(axis=1), [1, 1]).p_value)
    found = (p <= 0.001).argmax(axis=1)
    assert (p[:, -1] <= 0.001).mean() > 0.85
    assert 30 < np.median(found[p[:, -1] <= 0.001]) < 60


def test_zero_weight_arms_are_left_out_and_counted() -> None:
    ours = sequential_sample_ratio([480, 560, 7], [1, 1, 0])
    plain = sequential_sample_ratio([480, 560], [1, 1])
    assert ours.log_e_value == pytest.approx(float(plain.log_e_value), rel=1e-13)
    assert ours.leaked == 7


def test_before_the_first_unit_there_is_no_evidence() -> None:
    assert sequential_sample_ratio([0, 0], [1, 1]).p_value == 1.0


def test_without_weights_there_is_a_reason() -> None:
    ours = sequential_sample_ratio([5, 5], [0, 0])
    assert ours.reason == Reason.NO_WEIGHT
    assert np.isnan(ours.p_value)


def test_large_counts_do_not_overflow() -> None:
    ours = sequential_sample_ratio([10**9, 10**9 + 10**6], [1, 1])
    assert ours.p_value == pytest.approx(np.exp(-float(ours.log_e_value)), rel=1e-12)
    assert np.isfinite(gammaln(2e9))


def test_dimension_values_are_corrected_for_each_other_and_small_ones_left_out() -> None:
    ratio, adjusted = sample_ratio_by_dimension([[100, 100], [100, 150], [105, 95], [2, 3]], [1, 1])
    assert adjusted[1] == pytest.approx(3 * ratio.p_value[1])
    assert np.isnan(adjusted[3])
    assert np.isfinite(ratio.p_value[3])
