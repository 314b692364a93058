import numpy as np
import pytest

from ab_assets.stats.contrast import arm_estimate, z_test
from ab_assets.stats.group_sequential import (
    classical_design,
    crossing_probability,
    decide,
    spending_design,
    with_futility,
)
from ab_assets.stats.spending import spent


@pytest.mark.parametrize(
    "bounds",
    [
        [2.9626, 1.9686],
        [3.7103, 2.5114, 1.9930],
        [4.3326, 2.9631, 2.3590, 2.0141],
        [4.8769, 3.3570, 2.6803, 2.2898, 2.0310],
        [6.9914, 4.8769, 3.9297, 3.3671, 2.9893, 2.7148, 2.5041, 2.3358, 2.1975, 2.0812],
    ],
)
def test_obrien_fleming_spending_gives_the_published_boundaries(bounds: list[float]) -> None:
    # Lan & DeMets 1983; Reboussin et al. 2000 (ld98), two-sided α = 0.05, equal looks.
    looks = len(bounds)
    design = spending_design(np.arange(1, looks + 1) / looks)
    np.testing.assert_allclose(design.efficacy, bounds, atol=5.1e-5)


def test_pocock_spending_gives_the_published_boundaries() -> None:
    design = spending_design([0.2, 0.4, 0.6, 0.8, 1.0], spending="pocock")
    np.testing.assert_allclose(
        design.efficacy, [2.4380, 2.4268, 2.4102, 2.3966, 2.3860], atol=5.1e-5
    )


@pytest.mark.parametrize(
    ("looks", "alpha", "shape", "constant"),
    [
        # Jennison & Turnbull 1999, tables 2.1 and 2.3.
        (5, 0.05, "pocock", 2.413),
        (5, 0.01, "pocock", 2.986),
        (10, 0.05, "pocock", 2.555),
        (2, 0.05, "obrien-fleming", 1.977),
        (5, 0.05, "obrien-fleming", 2.040),
        (10, 0.01, "obrien-fleming", 2.660),
    ],
)
def test_classical_constants_are_the_published_ones(
    looks: int, alpha: float, shape: str, constant: float
) -> None:
    assert classical_design(looks, alpha, shape).efficacy[-1] == pytest.approx(constant, abs=1e-3)


def test_one_look_is_a_fixed_test() -> None:
    assert spending_design([1.0]).efficacy[0] == pytest.approx(1.959963984540054, abs=1e-9)


def test_unequal_looks_spend_all_of_alpha_together() -> None:
    design = spending_design([0.15, 0.5, 0.55, 1.0])
    crossed = crossing_probability(design.fractions, design.efficacy)
    assert crossed.sum() == pytest.approx(0.05, abs=1e-8)
    np.testing.assert_allclose(np.cumsum(crossed), 2 * spent(design.fractions, 0.025), atol=1e-8)


def test_a_look_too_early_to_spend_on_can_not_be_crossed() -> None:
    assert spending_design([0.005, 1.0]).efficacy[0] == np.inf


def test_futility_costs_no_validity_and_leaves_the_power_asked_for() -> None:
    design = with_futility(spending_design([0.25, 0.5, 0.75, 1.0]), power=0.9)
    times = design.fractions
    steps = np.random.default_rng(1).normal(size=(100_000, 4)) * 0.5

    def outcomes(drift: float, *, stop_for_futility: bool) -> float:
        z = (np.cumsum(steps, axis=1) + drift * times) / np.sqrt(times)
        alive, won = np.ones(len(z), bool), np.zeros(len(z), bool)
        for look in range(4):
            won |= alive & (z[:, look] >= design.efficacy[look])
            alive &= z[:, look] < design.efficacy[look]
            if stop_for_futility:
                alive &= z[:, look] > design.futility[look]
        return float(won.mean())

    # Monte Carlo errors: 0.05 % and 0.1 %.
    assert outcomes(0.0, stop_for_futility=False) == pytest.approx(0.025, abs=0.002)
    assert outcomes(design.drift, stop_for_futility=True) == pytest.approx(0.9, abs=0.004)


def test_both_boundaries_meet_at_the_last_look() -> None:
    design = with_futility(spending_design([0.02, 0.5, 1.0]), spending="obrien-fleming")
    assert design.futility[-1] == design.efficacy[-1]
    assert (design.futility[:-1] < design.efficacy[:-1]).all()


def test_a_look_too_early_for_futility_stops_nothing() -> None:
    assert with_futility(spending_design([0.005, 1.0])).futility[0] == -np.inf


def test_a_look_decides_by_its_own_boundary() -> None:
    design = with_futility(spending_design([0.5, 1.0]))
    for z, effective, futile in ((3.5, True, False), (2.5, False, False), (-1.0, False, True)):
        arms = (arm_estimate(np.array(99.0), np.array(m), np.array(0.5)) for m in (0.0, z))
        decision = decide(z_test(*arms), design, 0)
        assert (bool(decision.effective), bool(decision.futile)) == (effective, futile)
        assert bool(decision.effective) == bool(decision.interval.low > 0)


@pytest.mark.parametrize("fractions", [[], [0.0, 1.0], [0.5, 0.5, 1.0], [0.5, 1.2]])
def test_looks_that_do_not_rise_to_one_are_refused(fractions: list[float]) -> None:
    with pytest.raises(ValueError, match="must rise"):
        spending_design(fractions)


def test_nothing_is_spent_before_the_start() -> None:
    assert spent([0.0], 0.025).item() == 0.0
    assert spent([1.0], 0.025, "pocock").item() == pytest.approx(0.025)
