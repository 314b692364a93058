"""Thresholds of a module file: settable, and refused with their key when they make no sense."""

from pathlib import Path

import pytest

from ab_assets.errors import ConfigurationError
from ab_assets.modules.health_limits import HealthLimits
from tests.modules.builders import load


def refused(folder: Path, **health: object) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(folder, health=health)
    text = str(caught.value)
    assert text.startswith(f"{folder / 'shop' / 'module.yaml'}: health.")
    return text.split(": ", 1)[1]


def test_without_the_key_the_defaults_hold(tmp_path: Path) -> None:
    limits = load(tmp_path).health
    assert limits == HealthLimits()
    assert (limits.sample_ratio.alpha, limits.crossovers.fail, limits.full_day.hours) == (
        0.001,
        0.01,
        24.0,
    )


def test_one_threshold_is_set_without_the_others(tmp_path: Path) -> None:
    limits = load(tmp_path, health={"crossovers": {"warn": 0.005}}).health
    assert (limits.crossovers.warn, limits.crossovers.fail) == (0.005, 0.01)
    assert limits.sample_ratio == HealthLimits().sample_ratio


def test_an_unknown_check_is_refused_with_its_key(tmp_path: Path) -> None:
    assert refused(tmp_path, sample_ration={}).startswith("health.sample_ration: Extra inputs")


def test_an_unknown_threshold_is_refused_with_its_key(tmp_path: Path) -> None:
    told = refused(tmp_path, sample_ratio={"alfa": 0.01})
    assert told.startswith("health.sample_ratio.alfa: Extra inputs")


@pytest.mark.parametrize(
    ("check", "said", "told"),
    [
        ("sample_ratio", {"alpha": 0}, "health.sample_ratio.alpha: Input should be greater than 0"),
        ("crossovers", {"fail": 2}, "health.crossovers.fail: Input should be less than or equal"),
        ("crossovers", {"warn": 0.1}, "health.crossovers: warn may not be above fail"),
        ("event_join", {"warn": 0.5}, "health.event_join: warn may not be above fail"),
        ("event_join", {"minimum_units": 1.5}, "health.event_join.minimum_units: Input should be"),
        ("metric_jump", {"days": 5}, "health.metric_jump: fewest_days may not be above days"),
        ("full_day", {"hours": "long"}, "health.full_day.hours: Input should be a valid number"),
    ],
)
def test_a_threshold_that_makes_no_sense_is_refused_with_its_key(
    tmp_path: Path, check: str, said: dict[str, object], told: str
) -> None:
    assert refused(tmp_path, **{check: said}).startswith(told)


@pytest.mark.parametrize("check", ["metric_missing", "metric_jump"])
def test_a_metric_that_is_ignored_has_to_be_one(tmp_path: Path, check: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"health\.{check}\.ignore: .*no metric 'clicks'"):
        load(tmp_path, health={check: {"ignore": ["clicks"]}})
    assert load(tmp_path, health={check: {"ignore": ["visits"]}})
