import numpy as np
import pytest
from scipy import stats

from ab_assets.stats.contingency import chi_square, g_test
from ab_assets.stats.reasons import Reason

TABLES = np.random.default_rng(1).integers(1, 60, size=(50, 3, 4))


@pytest.mark.parametrize(("ours", "kind"), [(chi_square, "pearson"), (g_test, "log-likelihood")])
def test_many_tables_in_one_call_are_scipys_one_by_one(ours, kind: str) -> None:  # noqa: ANN001
    result = ours(TABLES)
    for i, table in enumerate(TABLES):
        reference = stats.chi2_contingency(table, correction=False, lambda_=kind)
        assert result.statistic[i] == pytest.approx(reference.statistic, rel=1e-12)
        assert result.p_value[i] == pytest.approx(reference.pvalue, rel=1e-10, abs=0)
        np.testing.assert_allclose(result.expected[i], reference.expected_freq, rtol=1e-12)


@pytest.mark.parametrize("ours", [chi_square, g_test])
def test_empty_arms_and_categories_are_not_counted(ours) -> None:  # noqa: ANN001
    padded = np.zeros((4, 5))
    padded[:3, 1:] = TABLES[0]
    assert ours(padded).df == 6
    assert ours(padded).p_value == pytest.approx(float(ours(TABLES[0]).p_value), rel=1e-12)


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ([[0, 0], [0, 0]], Reason.NO_UNITS),
        ([[5, 0], [7, 0]], Reason.TOO_FEW_GROUPS),
        ([[5, -1], [7, 2]], Reason.NOT_A_COUNT),
        ([[5, np.nan], [7, 2]], Reason.NOT_FINITE),
    ],
)
def test_what_cannot_be_tested_is_nan_with_a_reason(table: list, reason: Reason) -> None:
    result = chi_square(table)
    assert result.reason == reason
    assert np.isnan(result.p_value)


def test_a_tiny_p_value_is_not_zero() -> None:
    assert 0 < chi_square([[900, 100], [100, 900]]).p_value < 1e-250
