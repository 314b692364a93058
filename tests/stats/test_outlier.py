"""A value beside a few earlier ones."""

import numpy as np
import pytest
from scipy.stats import median_abs_deviation

from ab_assets.stats.outlier import outlier


def test_the_deviation_is_the_median_absolute_one_scaled_to_the_normal() -> None:
    history = [1.0, 5.0, 2.0, 8.0, 3.0, 4.0, 4.5]
    found = outlier(10.0, history)
    expected = median_abs_deviation(history, scale="normal") * 7 / 6.2
    assert found.deviation == pytest.approx(expected, rel=1e-4)
    assert found.centre == 4.0
    assert found.z == pytest.approx(6.0 / found.deviation)


def test_a_single_wild_day_before_does_not_hide_a_jump() -> None:
    calm = [1.0, 1.2, 0.9, 1.1, 1.0, 0.8, 1.1, 0.95, 1.05, 1.0, 1.15, 0.9, 1.0, 1.1]
    assert outlier(9.0, [*calm, 50.0]).p_value < 1e-4


@pytest.mark.parametrize("history", [[], [1.0], [2.0, 2.0, 2.0], [1.0, 1.0, 1.0, 1.0, 9.0]])
def test_a_history_that_does_not_vary_gives_no_p_value(history: list[float]) -> None:
    assert np.isnan(outlier(3.0, history).p_value)


@pytest.mark.parametrize("days", [5, 7, 14, 28])
def test_false_alarms_stay_below_what_is_promised(days: int) -> None:
    values = np.random.default_rng(days).standard_normal((1500, days + 1))
    p_values = np.array([outlier(row[-1], row[:-1]).p_value for row in values])
    for alpha in (0.05, 0.01):
        assert (p_values < alpha).mean() <= 1.3 * alpha
    assert (p_values < 0.05).mean() >= 0.02
