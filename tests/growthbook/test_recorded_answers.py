"""Answers recorded from a real server, where they lie beside the checkout."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ab_assets.errors import GrowthBookError
from ab_assets.experiments import (
    Experiment,
    MetricOverrides,
    MetricSetting,
    Namespace,
    RegressionAdjustment,
    Snapshot,
)
from ab_assets.growthbook.client import GrowthBookClient
from ab_assets.growthbook.snapshot_file import read_catalogue_file, read_snapshot_file
from tests.experiments.builders import utc
from tests.growthbook.conftest import Time
from tests.growthbook.server import GrowthBookServer, answers

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
RECORDED = DATA / "growthbook"

pytestmark = pytest.mark.skipif(
    not RECORDED.is_dir(), reason=f"no recorded answers beside the checkout ({RECORDED})"
)


def recorded(name: str) -> Snapshot:
    return read_snapshot_file(RECORDED / f"{name}.json")


def paywall(name: str = "experiment_get") -> Experiment:
    return next(item for item in recorded(name).experiments if item.key == "paywall-v2")


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("experiment_get", ["paywall-v2"]),
        ("experiment_results", ["paywall-v2"]),
        ("experiments_list_page1", ["exp-0", "exp-1", "exp-2", "exp-3", "paywall-v2"]),
        ("experiments_list_tag_subscribe", ["exp-4", "paywall-v2"]),
    ],
)
def test_every_recorded_experiment_is_accepted(name: str, keys: list[str]) -> None:
    snapshot = recorded(name)
    assert [experiment.key for experiment in snapshot.experiments] == keys
    assert snapshot.refused == ()


def test_the_cookie_cats_experiment_is_accepted() -> None:
    experiment = read_snapshot_file(DATA / "cookie_cats" / "growthbook.json").experiments[0]
    assert [variation.name for variation in experiment.variations] == ["gate_30", "gate_40"]
    assert experiment.phases[0].weights == (0.5, 0.5)


def test_only_the_page_of_several_is_called_incomplete() -> None:
    assert "(5 of 14 experiments)" in recorded("experiments_list_page1").notices[0]
    assert recorded("experiments_list_tag_subscribe").notices == ()


def test_the_second_phase_randomised_again_and_is_taken_over_whole() -> None:
    first, second = paywall().phases
    assert (first.reseeded, second.reseeded) == (False, True)
    assert second.started_at == utc("2026-10-10T00:00")
    assert second.ended_at == utc("2026-11-21T17:45:51.290")
    assert second.weights == (0.8, 0.2)
    assert second.coverage == 0.8
    assert second.namespace == Namespace(id="ns-x", ranges=((0.0, 0.5),))
    assert second.targeting_condition == '{"country":{"$in":["US","DE"]}}'


def test_roles_come_from_the_lists_of_the_experiment() -> None:
    assert paywall().metrics == (
        MetricSetting(metric_id="fact__2ChGVEdu1xe9Gnz8cj6adG", role="goal"),
        MetricSetting(
            metric_id="fact__2ChGVEe3CCDEjseoC95e9S", role="secondary", overrides=MetricOverrides()
        ),
    )


def test_the_open_phase_of_the_results_answer_has_no_end() -> None:
    assert paywall("experiment_results").phases[1].ended_at is None


def test_the_recorded_fact_metrics_are_all_read() -> None:
    catalogue = read_catalogue_file(RECORDED / "fact_metrics.json")
    assert catalogue.refused == ()
    assert [metric.metric_type for metric in catalogue.metrics] == [
        "proportion",
        "proportion",
        "mean",
    ]
    assert catalogue.metrics[2].window.hours is None
    assert catalogue.metrics[2].regression_adjustment == RegressionAdjustment(enabled=True, days=14)


@pytest.mark.parametrize(
    "name", ["data_sources", "fact_tables", "features_DOES_NOT_MATCH_SPEC", "sdk_payload", "errors"]
)
def test_a_recorded_answer_without_experiments_is_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(GrowthBookError, match="expected a saved answer of GET"):
        recorded(name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("bad_key", r"refused the key \(401 Invalid API key\)"),
        ("no_auth", "400 Missing Authorization header"),
        ("unknown_param", 'Unrecognized key: "foo"'),
        ("limit", "Too big: expected number to be <=100"),
        ("unknown_experiment", "Could not find experiment with that id"),
        ("unknown_route", "404 Unknown API endpoint"),
    ],
)
def test_every_recorded_error_becomes_a_sentence(
    server: GrowthBookServer, client: Callable[..., GrowthBookClient], name: str, message: str
) -> None:
    error = json.loads((RECORDED / "errors.json").read_text())[name]
    server.script = [answers(error["status"], error["body"])]
    with pytest.raises(GrowthBookError, match=message):
        client().pull()


def test_the_recorded_rate_limit_is_waited_for_as_long_as_it_truly_lasts(
    server: GrowthBookServer, client: Callable[..., GrowthBookClient], time: Time
) -> None:
    limit = json.loads((RECORDED / "errors.json").read_text())["429"]
    server.script = [answers(429, limit["body"], limit["headers"])]
    client().pull()
    assert time.waits == [18]


def test_recorded_experiments_come_through_the_api_as_through_a_file(
    server: GrowthBookServer, client: Callable[..., GrowthBookClient]
) -> None:
    page = json.loads((RECORDED / "experiments_list_page1.json").read_text())
    server.experiments = page["experiments"]
    assert client(page_size=2).pull().experiments == recorded("experiments_list_page1").experiments
