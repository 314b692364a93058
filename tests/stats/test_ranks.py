import numpy as np
import pytest
from scipy import stats

from ab_assets.stats.ranks import mann_whitney
from ab_assets.stats.reasons import Reason


def rows_of(counts: np.ndarray) -> np.ndarray:
    return np.repeat(np.arange(len(counts)), counts)


@pytest.mark.parametrize("continuity", [True, False])
def test_value_counts_give_scipys_answer_on_the_rows(continuity: bool) -> None:
    counts = np.random.default_rng(1).integers(0, 9, size=(2, 40, 12))
    ours = mann_whitney(counts[0], counts[1], continuity=continuity)
    for i in range(40):
        reference = stats.mannwhitneyu(
            rows_of(counts[1, i]),
            rows_of(counts[0, i]),
            method="asymptotic",
            use_continuity=continuity,
        )
        assert ours.statistic[i] == reference.statistic
        assert ours.p_value[i] == pytest.approx(reference.pvalue, rel=1e-10)


def test_the_interval_of_the_superiority_agrees_with_brunner_and_munzel() -> None:
    rng = np.random.default_rng(2)
    control, treatment = rng.integers(0, 20, 300), rng.integers(3, 23, 200)
    counts = [np.bincount(rows, minlength=23) for rows in (control, treatment)]
    ours = mann_whitney(*counts)
    reference = stats.brunnermunzel(control, treatment, distribution="normal")
    reach = (ours.interval.high - ours.interval.low) / 2 / stats.norm.ppf(0.975)
    assert (ours.superiority - 0.5) / reach == pytest.approx(reference.statistic, rel=1e-10)


def test_padding_with_values_nobody_has_changes_nothing() -> None:
    plain, padded = mann_whitney([3, 2, 1], [1, 2, 2]), mann_whitney([3, 0, 2, 1], [1, 0, 2, 2])
    assert padded.p_value == plain.p_value


def test_swapping_the_arms_mirrors_the_superiority() -> None:
    one, other = mann_whitney([3, 2, 1], [1, 2, 2]), mann_whitney([1, 2, 2], [3, 2, 1])
    assert one.superiority == pytest.approx(1 - float(other.superiority))
    assert one.p_value == pytest.approx(float(other.p_value), rel=1e-14)


@pytest.mark.parametrize(
    ("control", "treatment", "reason"),
    [
        ([0, 0], [1, 2], Reason.NO_UNITS),
        ([3, 0], [2, 0], Reason.ZERO_VARIANCE),
        ([-1, 3], [2, 2], Reason.NOT_A_COUNT),
        ([np.nan, 3], [2, 2], Reason.NOT_FINITE),
    ],
)
def test_what_cannot_be_ranked_is_nan_with_a_reason(
    control: list, treatment: list, reason: Reason
) -> None:
    result = mann_whitney(control, treatment)
    assert result.reason == reason
    assert np.isnan(result.p_value)
