"""Tests with looks: against published tables and simulation."""

import numpy as np
import pytest

from ab_assets.stats.always_valid import SequentialPlan
from ab_assets.stats.group_sequential import (
    GroupSequentialDesign,
    classical_design,
    spending_design,
)
from ab_assets.stats.power import mean_design, power
from ab_assets.stats.sequential_power import (
    PowerByDrift,
    drift_needed,
    expected_fraction,
    monitored_design,
    power_at_drift,
    single_look,
    size_inflation,
)

# Jennison & Turnbull (1999), α = 0.05: tables 2.2 (R_P) and 2.4 (R_B); looks -> at power .8, .9.
POCOCK = {2: (1.110, 1.100), 3: (1.166, 1.151), 4: (1.202, 1.183), 5: (1.229, 1.207)}
OBRIEN_FLEMING = {2: (1.008, 1.007), 3: (1.017, 1.016), 4: (1.024, 1.022), 5: (1.028, 1.026)}


@pytest.mark.parametrize("looks", POCOCK)
def test_inflation_is_that_of_the_published_tables(looks: int) -> None:
    for target, pocock, obrien_fleming in zip(
        (0.8, 0.9), POCOCK[looks], OBRIEN_FLEMING[looks], strict=True
    ):
        # The tables count findings in the effect's direction alone, which costs Pocock's 0.0003.
        assert size_inflation(classical_design(looks, shape="pocock"), target) == pytest.approx(
            pocock, abs=0.0008
        )
        assert size_inflation(classical_design(looks), target) == pytest.approx(
            obrien_fleming, abs=0.0006
        )


def test_a_single_look_is_the_fixed_test() -> None:
    assert size_inflation(single_look(0.01), 0.9) == 1.0
    assert expected_fraction(single_look(), 2.0) == 1.0
    for drift in (0.0, 1.0, 2.8):
        fixed = power(mean_design(0.0, 1.0), drift / 10, 400)
        assert power_at_drift(single_look(), drift) == pytest.approx(float(fixed), rel=1e-12)


@pytest.mark.parametrize("target", [0.06, 0.5, 0.8, 0.99])
@pytest.mark.parametrize(
    "design",
    [single_look(), spending_design([0.3, 1.0]), monitored_design(10)],
    ids=["fixed", "spending", "monitored"],
)
def test_the_drift_needed_has_the_power_asked_for(
    design: GroupSequentialDesign, target: float
) -> None:
    assert power_at_drift(design, drift_needed(design, target)) == pytest.approx(target, abs=1e-9)


@pytest.mark.parametrize(
    "design",
    [single_look(0.001), spending_design([0.05, 0.4, 0.8], 0.01), monitored_design(28)],
    ids=["fixed", "spending", "monitored"],
)
def test_one_integration_serves_every_drift(design: GroupSequentialDesign) -> None:
    power = PowerByDrift.of(design)
    for drift in (0.0, 0.5, -2.0, 4.0, 9.0, 60.0):
        assert power.power(drift) == pytest.approx(power_at_drift(design, drift), abs=1e-9)


def test_no_drift_is_needed_for_no_more_than_the_error_rate() -> None:
    assert drift_needed(single_look(0.05), 0.05) == 0.0


def test_an_always_valid_test_read_at_the_end_alone_is_the_engines() -> None:
    design = mean_design(0.0, 1.0, plan=SequentialPlan(900))
    drift = 0.2 * np.sqrt(900) / 2
    assert power_at_drift(monitored_design(1), drift) == pytest.approx(
        float(power(design, 0.2, 900)), rel=1e-12
    )


def test_more_looks_find_more_and_never_more_than_alpha_of_nothing() -> None:
    designs = [monitored_design(looks) for looks in (1, 7, 28)]
    powers = [power_at_drift(design, 3.0) for design in designs]
    assert powers == sorted(powers)
    assert all(power_at_drift(design, 0.0) < 0.05 for design in designs)


def test_simulated_experiments_find_and_stop_as_promised() -> None:
    """Sums of real data at daily looks, not the Brownian motion that the integration assumes."""
    design, drift = monitored_design(14), 3.4
    rng = np.random.default_rng(3)
    days = rng.exponential(size=(2, 8000, 14, 50)).mean(axis=3)
    steps = days[1] - days[0] + drift * np.sqrt(2 / 50 / 14)
    seen = np.arange(1, 15)
    z = np.cumsum(steps, axis=1) / np.sqrt(seen * 2 / 50)
    crossed = np.abs(z) >= design.efficacy
    found = crossed.any(axis=1)
    error = 3 * np.sqrt(0.25 / 8000)
    assert found.mean() == pytest.approx(power_at_drift(design, drift), abs=error)
    stopped = np.where(found, crossed.argmax(axis=1) + 1, 14) / 14
    assert stopped.mean() == pytest.approx(expected_fraction(design, drift), abs=error)


def test_the_effects_direction_does_not_matter() -> None:
    design = spending_design([0.5, 1.0])
    assert power_at_drift(design, -2.0) == power_at_drift(design, 2.0)
    assert expected_fraction(design, -2.0) == expected_fraction(design, 2.0)
