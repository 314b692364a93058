import numpy as np
import pytest

from ab_assets.stats.moments import Moments, merged, triangle_side, unpacked


def packed_sums(rows: np.ndarray, shift: float) -> tuple[float, np.ndarray, np.ndarray]:
    shifted = rows - shift
    products = shifted.T @ shifted
    return float(len(rows)), shifted.sum(axis=0), products[np.triu_indices(rows.shape[1])]


def test_covariance_from_sums_is_numpys() -> None:
    rows = np.random.default_rng(1).normal(size=(200, 3)) @ np.array(
        [[1.0, 0.3, 0.0], [0.0, 2.0, 0.5], [0.0, 0.0, 1.0]]
    )
    moments = Moments.from_sums(*packed_sums(rows, 0.5), shift=0.5)
    np.testing.assert_allclose(moments.covariance, np.cov(rows.T), rtol=1e-12)
    np.testing.assert_allclose(moments.mean, rows.mean(axis=0), rtol=1e-12)


def test_a_gram_matrix_is_the_same_numbers_in_one_row() -> None:
    rows = np.array([[1.0, 5.0], [2.0, 7.0], [4.0, 1.0]])
    n, sums, products = packed_sums(rows, 0.0)
    from_gram = Moments.from_gram([n, *sums, *products])
    np.testing.assert_allclose(from_gram.scatter, Moments.of(rows).scatter, rtol=1e-14)


def test_a_mean_of_1e9_with_variance_1_survives() -> None:
    rows = 1e9 + np.random.default_rng(2).normal(size=(100_000, 1))
    shifted = rows - 1e9
    moments = Moments.from_sums(len(rows), shifted.sum(0), (shifted**2).sum(0), shift=1e9)
    assert moments.variance().item() == pytest.approx(np.var(rows - 1e9, ddof=1), rel=1e-12)


@pytest.mark.parametrize("base", [1e6, 1e7, 1e8])
def test_large_means_do_not_turn_variances_wrong_or_negative(base: float) -> None:
    # D9: raw sums of squares give 0.00988, -0.032 and 8.19 here instead of 0.01.
    rows = base + 0.1 * np.random.default_rng(3).normal(size=(10_000, 1))
    shifted = rows - base
    moments = Moments.from_sums(len(rows), shifted.sum(0), (shifted**2).sum(0), shift=base)
    assert moments.variance().item() == pytest.approx(0.01, rel=0.05)


def test_a_constant_metric_has_variance_exactly_zero() -> None:
    values = np.full(1_000_003, 0.1)
    moments = Moments.from_sums(len(values), [np.cumsum(values)[-1]], [np.cumsum(values**2)[-1]])
    assert moments.variance().item() == 0.0


@pytest.mark.parametrize("n", [2, 36, 56, 1_000, 100_003])
@pytest.mark.parametrize("shift", [1 / 3, 0.1, 1 / 7, 1e9 / 7])
def test_zeros_around_any_shift_have_a_mean_of_exactly_zero(n: int, shift: float) -> None:
    other = np.random.default_rng(5).normal(size=n)
    centred = np.column_stack([np.full(n, 0.0 - shift), other])
    # Added one after the other, which rounds most.
    sums = np.cumsum(centred, axis=0)[-1]
    products = [np.cumsum(centred[:, i] * centred[:, j])[-1] for i, j in ((0, 0), (0, 1), (1, 1))]
    moments = Moments.from_sums(n, sums, products, shift=[shift, 0.0])
    assert moments.mean[0] == 0.0
    assert moments.variance() == 0.0
    assert moments.scatter[0, 1] == 0.0


def test_impossible_sums_keep_their_negative_variance() -> None:
    assert Moments.from_sums(100, [510.0], [810.0]).variance().item() < 0


def test_merging_groups_is_reading_them_together() -> None:
    rows = np.random.default_rng(4).normal(5, 2, size=(60, 2))
    together = merged([Moments.of(rows[:10]), Moments.of(rows[10:11]), Moments.of(rows[11:])])
    np.testing.assert_allclose(together.scatter, Moments.of(rows).scatter, rtol=1e-12)
    np.testing.assert_allclose(together.mean, rows.mean(axis=0), rtol=1e-12)
    assert together.n.item() == 60


def test_merging_with_an_empty_group_changes_nothing() -> None:
    full = Moments.of([[1.0], [3.0]])
    empty = Moments.from_sums(0, [0.0], [0.0])
    for together in (full + empty, empty + full):
        assert together.mean.item() == 2.0
        assert together.scatter.item() == 2.0
    assert np.isnan((empty + empty).mean.item())


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_units_have_no_variance(n: int) -> None:
    assert np.isnan(Moments.from_sums(n, [1.0 * n], [1.0 * n]).variance().item())
    assert np.isnan(Moments.from_sums(n, [1.0 * n], [1.0 * n]).covariance.item())


def test_selecting_variables_reorders_means_and_products() -> None:
    moments = Moments.of([[1.0, 10.0], [2.0, 30.0]]).select(1, 0)
    assert moments.mean.tolist() == [20.0, 1.5]
    assert moments.variance().item() == 200.0


def test_leading_axes_are_comparisons() -> None:
    rows = np.random.default_rng(5).normal(size=(4, 7, 30, 2))
    moments = Moments.of(rows)
    assert moments.covariance.shape == (4, 7, 2, 2)
    np.testing.assert_allclose(moments.covariance[2, 3], np.cov(rows[2, 3].T), rtol=1e-12)


def test_a_length_that_is_no_triangle_is_refused_with_the_rule() -> None:
    with pytest.raises(ValueError, match="need"):
        triangle_side(5)


def test_unpacking_a_triangle_is_symmetric() -> None:
    matrix = unpacked(np.arange(6.0), 3)
    np.testing.assert_array_equal(matrix, matrix.T)
