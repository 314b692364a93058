"""Power by the noncentral t, against statsmodels."""

from itertools import product

import numpy as np
import pytest
from statsmodels.stats.power import TTestIndPower

from ab_assets.stats.small_sample_power import t_detectable, t_power, t_units

GRID = list(product((0.5, 0.2), (0.05, 0.01), (0.2, 0.5, 1.2)))


@pytest.mark.parametrize(("share", "alpha", "size"), GRID)
def test_power_is_statsmodels(share: float, alpha: float, size: float) -> None:
    ratio = share / (1 - share)
    for control in (4, 20, 45):
        reference = TTestIndPower().power(size, control, alpha, ratio=ratio)
        ours = t_power(size, control * (1 + ratio), share, alpha)
        assert ours == pytest.approx(reference, rel=1e-6)


@pytest.mark.parametrize(("share", "alpha", "size"), GRID)
def test_units_are_statsmodels(share: float, alpha: float, size: float) -> None:
    ratio = share / (1 - share)
    control = TTestIndPower().solve_power(size, None, alpha, 0.8, ratio=ratio)
    assert t_units(size, 0.8, share, alpha) == pytest.approx(control / (1 - share), rel=1e-6)


@pytest.mark.parametrize(("share", "alpha"), list(product((0.5, 0.2), (0.05, 0.01))))
def test_statsmodels_gives_the_detectable_effect_the_power_asked_for(
    share: float, alpha: float
) -> None:
    effect = float(t_detectable(30 / (1 - share), 0.8, share, alpha))
    ratio = share / (1 - share)
    assert TTestIndPower().power(effect, 30, alpha, ratio=ratio) == pytest.approx(0.8, rel=1e-9)


def test_power_grows_with_size_to_certainty() -> None:
    power = t_power(0.5, np.geomspace(4, 9e5, 60))
    assert (np.diff(power) >= 0).all()
    assert power[-1] == 1.0


def test_what_cannot_be_is_nan() -> None:
    assert np.isnan(t_units(1e-6))
    assert np.isnan(t_detectable(3))
    assert np.isnan(t_power(1.0, 2))
