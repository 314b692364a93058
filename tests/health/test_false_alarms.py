"""Clean experiments looked at every day: the checks stay silent. The long version is in bench/."""

import importlib.util
import sys
from types import ModuleType

import numpy as np
import pytest

from ab_assets.health.finding import Check
from ab_assets.modules.health_limits import DEFAULT_LIMITS
from ab_assets.settings import PROJECT_ROOT
from ab_assets.stats.sample_ratio import sample_ratio
from ab_assets.stats.sample_ratio_sequential import sequential_sample_ratio

LOOKS = 14


@pytest.fixture(scope="module")
def simulation() -> ModuleType:
    """The program of ``bench/``, which is no package."""
    path = PROJECT_ROOT / "bench" / "health_false_alarms.py"
    spec = importlib.util.spec_from_file_location("health_false_alarms", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_no_check_alarms_on_a_few_clean_experiments(simulation: ModuleType) -> None:
    alarms = simulation.simulate(15, seed=7)
    assert alarms.experiments == 15
    assert alarms.on_any_look == {}


def test_the_simulation_sees_what_is_not_clean(simulation: ModuleType) -> None:
    clean = simulation.clean_experiment(np.random.default_rng(5))
    lost = (clean.arm == 1) & (np.arange(clean.arm.size) % 3 == 0)
    clean.joined[lost] = LOOKS  # a third of an arm never arrives
    *_, last = simulation.findings(clean)
    bad = {finding.check for finding in last if finding.distrust}
    assert bad == {Check.SAMPLE_RATIO, Check.SAMPLE_RATIO_BY_DIMENSION}


@pytest.mark.parametrize("weights", [(0.5, 0.5), (0.95, 0.05), (0.34, 0.33, 0.33)])
def test_at_most_one_clean_experiment_in_a_hundred_ever_shows_a_sample_ratio_mismatch(
    weights: tuple[float, ...],
) -> None:
    experiments = 4000
    random = np.random.default_rng(1)
    daily = random.multinomial(400, weights, size=(experiments, LOOKS))
    units = daily.cumsum(axis=1)
    chi_square = sample_ratio(units, weights)
    found = np.fmin(
        np.where(chi_square.large_enough, chi_square.p_value, 1.0),
        sequential_sample_ratio(units, weights).p_value,
    )
    alarmed = (found < DEFAULT_LIMITS.sample_ratio.alpha).any(axis=1)
    assert 0 < alarmed.mean() <= 0.01
