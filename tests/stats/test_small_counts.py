import numpy as np
import pytest
from scipy import stats

from ab_assets.stats.comparison import compare
from ab_assets.stats.fisher_exact import fisher_exact
from ab_assets.stats.newcombe import newcombe_interval, newcombe_uplift_interval, wilson
from ab_assets.stats.proportion import proportion_contrast
from ab_assets.stats.small_counts import small_cells, with_small_counts


def test_fishers_p_is_scipys_on_a_thousand_tables() -> None:
    rng = np.random.default_rng(1)
    n_a, n_b = rng.integers(1, 60, 1000), rng.integers(1, 60, 1000)
    a, b = rng.integers(0, n_a + 1), rng.integers(0, n_b + 1)
    ours = fisher_exact(a, n_a, b, n_b)
    for i in range(1000):
        table = [[a[i], n_a[i] - a[i]], [b[i], n_b[i] - b[i]]]
        assert ours[i] == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-9), table


def test_fishers_p_is_scipys_for_rare_events_among_a_million() -> None:
    counts = (3, 1_000_000, 12, 900_000)
    table = [[3, 999_997], [12, 899_988]]
    assert fisher_exact(*counts) == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-7)


def test_the_lady_tasting_tea_is_fishers_own_figure() -> None:
    # Fisher 1935, The Design of Experiments: 3 of 4 cups right, two-sided 34/70.
    assert fisher_exact(3, 4, 1, 4) == pytest.approx(34 / 70, rel=1e-12)


def test_counts_that_are_no_counts_have_no_p() -> None:
    bad = fisher_exact([5, -1, 0.5, np.nan, 0], [4, 4, 4, 4, 0], 1, 4)
    assert np.isnan(bad).all()


def test_newcombes_interval_is_the_published_one() -> None:
    # Newcombe 1998, Statistics in Medicine 17, 873-890, table II (method 10): 56/70 - 48/80,
    # 9/10 - 3/10, 10/10 - 0/10.
    for (x1, n1, x2, n2), expected in {
        (56, 70, 48, 80): (0.0524, 0.3339),
        (9, 10, 3, 10): (0.1705, 0.8090),
        (10, 10, 0, 10): (0.6075, 1.0),
    }.items():
        interval = newcombe_interval(x2, n2, x1, n1)
        assert (interval.low, interval.high) == pytest.approx(expected, abs=5e-5)


def test_newcombes_interval_is_statsmodels() -> None:
    from statsmodels.stats.proportion import confint_proportions_2indep

    low, high = confint_proportions_2indep(7, 120, 2, 130, compare="diff", method="newcomb")
    ours = newcombe_interval(2, 130, 7, 120)
    assert (ours.low, ours.high) == pytest.approx((low, high), rel=1e-10)


def test_wilson_is_scipys() -> None:
    reference = stats.binomtest(7, 120).proportion_ci(method="wilson")
    assert wilson(7, 120) == pytest.approx((reference.low, reference.high), rel=1e-12)


def test_the_relative_interval_excludes_zero_exactly_where_the_absolute_one_does() -> None:
    a, b = np.meshgrid(np.arange(15), np.arange(15))
    absolute = newcombe_interval(a, 40, b, 55)
    relative = newcombe_uplift_interval(a, 40, b, 55)
    seen = a > 0
    excluded = (absolute.low > 0) | (absolute.high < 0)
    relative_excluded = (relative.low > 0) | (relative.high < 0)
    np.testing.assert_array_equal(excluded[seen], relative_excluded[seen])


def test_without_successes_in_the_control_the_uplift_has_no_upper_end() -> None:
    interval = newcombe_uplift_interval(0, 40, 5, 40)
    assert interval.high == np.inf
    assert -1 <= interval.low < np.inf


@pytest.mark.parametrize("n", [0, np.nan])
def test_no_units_give_no_interval(n: float) -> None:
    assert np.isnan(newcombe_interval(0, n, 1, 4).low)
    assert np.isnan(newcombe_uplift_interval(0, n, 1, 4).high)


def test_small_means_any_cell_below_ten() -> None:
    assert small_cells([10, 9, 95, 50], 100, [10, 50, 50, 92], [100, 100, 100, 101]).tolist() == [
        False,
        True,
        True,
        True,
    ]


def test_only_small_tables_are_replaced() -> None:
    counts = np.array([3, 500]), np.array([50, 1000]), np.array([9, 560]), np.array([50, 1000])
    plain = compare(proportion_contrast(*counts))
    mixed = with_small_counts(plain, *counts)
    assert mixed.exact.tolist() == [True, False]
    assert mixed.comparison.difference.p_value[0] == pytest.approx(
        stats.fisher_exact([[3, 47], [9, 41]]).pvalue
    )
    assert mixed.comparison.difference.p_value[1] == plain.difference.p_value[1]
    assert mixed.comparison.uplift.interval.low[1] == plain.uplift.interval.low[1]


def test_large_tables_are_left_alone() -> None:
    plain = compare(proportion_contrast(500, 1000, 560, 1000))
    assert with_small_counts(plain, 500, 1000, 560, 1000).comparison is plain


def test_no_success_in_either_arm_still_has_an_answer() -> None:
    counts = (0, 50, 0, 60)
    small = with_small_counts(compare(proportion_contrast(*counts)), *counts).comparison
    assert small.difference.p_value == pytest.approx(1.0, rel=1e-12)
    assert small.difference.reason == 0
    assert small.difference.interval.low < 0 < small.difference.interval.high
    assert small.uplift.reason != 0
