import numpy as np
import pytest

from ab_assets.stats.moments import Moments
from ab_assets.stats.reasons import Reason
from ab_assets.stats.uplift_curve import qini_coefficient, uplift_curve


def population(n: int = 4000, seed: int = 1, *, useful: bool = True):  # noqa: ANN201
    rng = np.random.default_rng(seed)
    score = rng.random(n)
    treated = rng.random(n) < 0.5
    effect = 0.4 * score if useful else 0.2
    outcome = (rng.random(n) < 0.2 + treated * effect).astype(float)
    return score, treated, outcome


def binned(score: np.ndarray, treated: np.ndarray, outcome: np.ndarray, bins: int) -> list[Moments]:
    rank = np.argsort(np.argsort(-score, kind="stable"), kind="stable")
    place = rank * bins // len(score)
    arms = []
    for member in (~treated, treated):
        n = np.bincount(place[member], minlength=bins).astype(float)
        sums = np.bincount(place[member], outcome[member], minlength=bins)
        squares = np.bincount(place[member], outcome[member] ** 2, minlength=bins)
        arms.append(Moments.from_sums(n, sums[:, None], squares[:, None]))
    return arms


def by_definition(score: np.ndarray, treated: np.ndarray, outcome: np.ndarray) -> tuple:
    """Radcliffe's Qini curve and the cumulative uplift, unit by unit."""
    order = np.argsort(-score, kind="stable")
    t, y = treated[order], outcome[order]
    n_t, n_c = np.cumsum(t), np.cumsum(~t)
    y_t, y_c = np.cumsum(y * t), np.cumsum(y * ~t)
    with np.errstate(all="ignore"):
        qini = y_t - np.where(n_c > 0, y_c * n_t / n_c, 0.0)
        uplift = np.where((n_t > 0) & (n_c > 0), (y_t / n_t - y_c / n_c) * (n_t + n_c), 0.0)
    share = np.arange(1, len(y) + 1) / len(y)

    def area(curve: np.ndarray) -> float:
        full = np.concatenate([[0.0], curve])
        return float(np.trapezoid(full, np.concatenate([[0.0], share])) - curve[-1] / 2)

    return qini, uplift, area(qini), area(uplift)


def test_bins_of_one_unit_are_the_curves_by_definition() -> None:
    rows = population(300)
    qini, uplift, qini_area, auuc = by_definition(*rows)
    ours = uplift_curve(*binned(*rows, bins=300))
    np.testing.assert_allclose(ours.qini, qini, atol=1e-9)
    np.testing.assert_allclose(ours.uplift, uplift, atol=1e-9)
    assert ours.auuc == pytest.approx(auuc, rel=1e-9)
    assert ours.qini_area == pytest.approx(qini_area, rel=1e-9)


def test_a_score_without_use_is_seldom_called_useful_and_a_useful_one_mostly() -> None:
    def p_value(seed: int, *, useful: bool) -> float:
        rows = population(1500, seed, useful=useful)
        return float(uplift_curve(*binned(*rows, bins=20)).p_value)

    useless = np.array([p_value(seed, useful=False) for seed in range(300)])
    useful = np.array([p_value(seed, useful=True) for seed in range(60)])
    # Monte Carlo error: 1.3 %.
    assert np.mean(useless < 0.05) == pytest.approx(0.05, abs=0.04)
    assert np.mean(useful < 0.05) > 0.8


def test_turning_the_ranking_round_turns_the_area_round() -> None:
    score, treated, outcome = population()
    forwards = uplift_curve(*binned(score, treated, outcome, bins=20)).qini_area
    backwards = uplift_curve(*binned(-score, treated, outcome, bins=20)).qini_area
    assert forwards > 0 > backwards


def test_a_perfect_ranking_has_coefficient_one() -> None:
    _, treated, outcome = population(400)
    # Treated responders, then those who do not respond, then control responders.
    score = np.where(outcome > 0, np.where(treated, 1.0, -1.0), 0.0)
    arms = []
    for member in (~treated, treated):
        blocks = [member & (score == value) for value in (1.0, 0.0, -1.0)]
        n = np.array([block.sum() for block in blocks], float)
        sums = np.array([outcome[block].sum() for block in blocks])
        arms.append(Moments.from_sums(n, sums[:, None], sums[:, None]))
    assert qini_coefficient(*arms) == pytest.approx(1.0, rel=1e-12)
    assert qini_coefficient(*binned(*population(), bins=20)) < 1.0


def test_no_units_in_an_arm_are_a_reason() -> None:
    empty = Moments.from_sums([0, 0], [[0.0], [0.0]], [[0.0], [0.0]])
    full = Moments.from_sums([5, 5], [[2.0], [1.0]], [[2.0], [1.0]])
    assert uplift_curve(empty, full).reason == Reason.NO_UNITS


def test_outcomes_that_do_not_vary_are_a_reason() -> None:
    same = Moments.from_sums([5, 5], [[5.0], [5.0]], [[5.0], [5.0]])
    ours = uplift_curve(same, same)
    assert ours.reason == Reason.ZERO_VARIANCE
    assert np.isnan(ours.p_value)
