import subprocess
import sys

import pytest

from ab_assets.experiments import (
    Lookback,
    MetricOverrides,
    MetricSetting,
    Namespace,
    Variation,
    config_hash,
)
from ab_assets.experiments.configuration import _instant
from tests.experiments.builders import a_phase, an_experiment, utc

GOAL = MetricSetting(metric_id="fact__1", role="goal")


def test_the_hash_of_a_configuration_never_changes_by_itself() -> None:
    # A new value here means that every partition of every user is made anew: change it knowingly.
    assert config_hash(an_experiment(), a_phase()) == "39aebd451ce1186f"


def test_the_hash_is_the_same_in_another_process() -> None:
    program = (
        "from tests.experiments.builders import *\n"
        "from ab_assets.experiments import config_hash\n"
        "print(config_hash(an_experiment(), a_phase()))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == config_hash(an_experiment(), a_phase())


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "exp_2"},
        {"key": "gate-2"},
        {"type": "multi-armed-bandit"},
        {"hash_attribute": "device_id"},
        {"hash_version": 1},
        {"metrics": (GOAL,)},
        {"stats_engine": "frequentist"},
        {"attribution_model": "experimentDuration"},
        {"lookback": Lookback(since=utc("2026-10-01T00:00"))},
        {"activation_metric": "fact__2"},
        {"in_progress_conversions": "exclude"},
        {"regression_adjustment_enabled": True},
        {"sequential_testing_enabled": True},
        {"sequential_testing_tuning_parameter": 100.0},
        {"variations": an_experiment().variations[::-1]},
        {
            "variations": (
                Variation(id="var_0", key="0", name="Control"),
                Variation(id="var_1", key="on", name="Treatment"),
            )
        },
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_setting_that_changes_a_number_changes_the_hash(changes: dict[str, object]) -> None:
    assert config_hash(an_experiment(**changes), a_phase()) != config_hash(
        an_experiment(), a_phase()
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"index": 1},
        {"started_at": utc("2026-10-01T00:00:00.000001")},
        {"ended_at": utc("2026-11-01T00:00")},
        {"weights": (0.4, 0.6)},
        {"seed": "other"},
        {"coverage": 0.5},
        {"reseeded": True},
        {"namespace": Namespace(id="ns", ranges=((0.0, 0.5),))},
        {"targeting_condition": '{"country":"DE"}'},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_property_of_the_phase_changes_the_hash(changes: dict[str, object]) -> None:
    assert config_hash(an_experiment(), a_phase(**changes)) != config_hash(
        an_experiment(), a_phase()
    )


def test_an_override_of_one_metric_changes_the_hash() -> None:
    changed = MetricSetting(
        metric_id="fact__1", role="goal", overrides=MetricOverrides(window_hours=24.0)
    )
    assert config_hash(an_experiment(metrics=(changed,)), a_phase()) != config_hash(
        an_experiment(metrics=(GOAL,)), a_phase()
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Another name"},
        {"tags": ("retention", "more")},
        {"status": "stopped"},
        {"archived": True},
        {"created_at": utc("2026-01-01T00:00")},
        {"phases": ()},
        {
            "variations": (
                Variation(id="var_0", key="0", name="A"),
                Variation(id="var_1", key="1", name="B"),
            )
        },
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_people_merely_read_leaves_the_hash_alone(changes: dict[str, object]) -> None:
    assert config_hash(an_experiment(**changes), a_phase(name="Renamed")) == config_hash(
        an_experiment(), a_phase()
    )


def test_a_value_without_a_stable_text_is_refused_rather_than_hashed_by_its_address() -> None:
    with pytest.raises(TypeError, match="object has no place"):
        _instant(object())
