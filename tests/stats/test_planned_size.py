"""Sizes and effects in closed form, against statsmodels' solvers."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import brentq
from statsmodels.stats.power import NormalIndPower, normal_power_het

from ab_assets.stats.planned_size import (
    PlannedArms,
    detectable,
    drift_of_effect,
    units_for_effect,
)
from ab_assets.stats.power import proportion_design, units_needed
from ab_assets.stats.sequential_power import drift_needed, power_at_drift, single_look

GRID = list(product((0.5, 0.1, 2 / 3), (0.05, 0.01, 0.025), (0.8, 0.9, 0.5)))


@pytest.mark.parametrize(("share", "alpha", "power"), GRID)
def test_units_of_a_mean_are_statsmodels_before_rounding(
    share: float, alpha: float, power: float
) -> None:
    reference = NormalIndPower().solve_power(
        0.1, nobs1=None, alpha=alpha, power=power, ratio=share / (1 - share)
    )
    arms = PlannedArms(10.0, 25.0, treatment_share=share)
    drift = drift_needed(single_look(alpha), power)
    assert units_for_effect(arms, 0.5, drift) == pytest.approx(reference / (1 - share), rel=1e-6)


@pytest.mark.parametrize(("share", "alpha", "power"), GRID)
def test_the_detectable_effect_of_a_mean_is_statsmodels(
    share: float, alpha: float, power: float
) -> None:
    """Its power, inverted here: its own solver stops some 1e-6 before the root."""
    reference = brentq(
        lambda size: NormalIndPower().power(size, 1000, alpha, share / (1 - share)) - power,
        1e-3,
        2.0,
        xtol=1e-14,
    )
    arms = PlannedArms(10.0, 25.0, treatment_share=share)
    drift = drift_needed(single_look(alpha), power)
    ours = detectable(arms, 1000 / (1 - share), drift)
    assert ours / 5 == pytest.approx(reference, rel=1e-9)


@pytest.mark.parametrize(
    ("effect", "share", "alpha"), list(product((0.02, 0.1), (0.5, 0.2), (0.05,)))
)
def test_power_at_the_drift_of_an_effect_is_statsmodels(
    effect: float, share: float, alpha: float
) -> None:
    reference = NormalIndPower().power(effect, 2000, alpha, ratio=share / (1 - share))
    drift = drift_of_effect(
        PlannedArms(0.0, 1.0, treatment_share=share), effect, 2000 / (1 - share)
    )
    assert power_at_drift(single_look(alpha), float(drift)) == pytest.approx(reference, rel=1e-6)


@pytest.mark.parametrize(
    ("rate", "effect", "share"), list(product((0.02, 0.4), (0.01, -0.015), (0.5, 0.8)))
)
def test_power_and_units_of_a_proportion_are_statsmodels_with_unpooled_variances(
    rate: float, effect: float, share: float
) -> None:
    after = rate + effect
    deviation = np.sqrt(rate * (1 - rate) + after * (1 - after) * (1 - share) / share)

    def reference(control: float) -> float:
        return float(normal_power_het(effect, control, 0.05, deviation, deviation))

    arms = PlannedArms(rate, is_rate=True, treatment_share=share)
    drift = float(drift_of_effect(arms, effect, 2000 / (1 - share)))
    assert power_at_drift(single_look(), drift) == pytest.approx(reference(2000), rel=1e-6)
    control = brentq(lambda n: reference(n) - 0.8, 10, 1e6, xtol=1e-9)
    ours = units_for_effect(arms, effect, drift_needed(single_look(), 0.8))
    assert ours * (1 - share) == pytest.approx(control, rel=1e-6)


def test_units_of_a_proportion_are_those_of_the_engine_that_reports_use() -> None:
    for rate, effect, share in product((0.02, 0.4), (0.01, -0.015), (0.5, 0.8)):
        arms = PlannedArms(rate, is_rate=True, treatment_share=share)
        ours = units_for_effect(arms, effect, drift_needed(single_look(), 0.8))
        design = proportion_design(rate, effect, treatment_share=share)
        assert np.ceil(ours) == units_needed(design, effect)


@pytest.mark.parametrize("fall", [False, True])
def test_a_detectable_rate_needs_exactly_the_units_it_was_found_with(*, fall: bool) -> None:
    arms = PlannedArms([0.02, 0.3, 0.9], is_rate=True, treatment_share=0.2, variance_reduction=0.3)
    effect = detectable(arms, 60_000, 2.8, fall=fall)
    assert ((effect < 0) == fall).all()
    np.testing.assert_allclose(units_for_effect(arms, effect, 2.8), 60_000, rtol=1e-10)


def test_what_no_rate_can_be_is_nan() -> None:
    arms = PlannedArms(0.95, is_rate=True)
    assert np.isnan(units_for_effect(arms, 0.06, 2.8))
    assert np.isnan(detectable(arms, 50, 2.8))
    assert np.isnan(detectable(arms, 0, 2.8))


def test_an_adjustment_saves_its_share_of_the_units() -> None:
    plain, adjusted = PlannedArms(1.0, 4.0), PlannedArms(1.0, 4.0, variance_reduction=0.4)
    saved = units_for_effect(adjusted, 0.1, 2.8) / units_for_effect(plain, 0.1, 2.8)
    assert saved == pytest.approx(0.6, rel=1e-12)
