"""Checks that belong to no experiment are told from Dagster's own records."""

from collections.abc import Iterator

import dagster as dg
import pytest

from ab_assets.alerts.links import DagsterLinks
from ab_assets.alerts.problem import Severity
from ab_assets.automation.standing_checks import standing_checks
from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.project import read_project
from ab_assets.settings import Settings
from tests.small_world import World
from tests.small_world_copies import loaded_world

LINKS = DagsterLinks("https://dagster.example")
EVENTS = dg.AssetKey(["source", "events"])
WIDE = dg.AssetKey(["habits", "wide_user"])


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> World:
    return loaded_world(tmp_path_factory.mktemp("world"), monkeypatch)


@pytest.fixture
def catalogue(world: World) -> ModuleCatalogue:
    return read_project(Settings()).catalogue


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def evaluate(
    instance: dg.DagsterInstance,
    asset: dg.AssetKey,
    name: str,
    *,
    passed: bool,
    partition: str | None = None,
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR,
) -> None:
    instance.report_runless_asset_event(
        dg.AssetCheckEvaluation(
            asset_key=asset,
            check_name=name,
            passed=passed,
            severity=severity,
            description=f"{name} is {'fine' if passed else 'wrong'}",
            metadata={},
            partition=partition,
        )
    )


def test_what_was_never_evaluated_is_neither_wrong_nor_fine(
    instance: dg.DagsterInstance, catalogue: ModuleCatalogue
) -> None:
    found = standing_checks(instance, catalogue, LINKS)
    assert found.problems == {}
    assert found.passing == frozenset()


def test_the_newest_evaluation_of_a_source_counts(
    instance: dg.DagsterInstance, catalogue: ModuleCatalogue
) -> None:
    evaluate(instance, EVENTS, "volume", passed=True)
    evaluate(instance, EVENTS, "volume", passed=False, severity=dg.AssetCheckSeverity.WARN)
    (problem,) = standing_checks(instance, catalogue, LINKS).problems.values()
    assert problem.identity.subject == "asset:source/events"
    assert problem.severity is Severity.WARN
    assert problem.sentence == "volume is wrong"
    evaluate(instance, EVENTS, "volume", passed=True)
    again = standing_checks(instance, catalogue, LINKS)
    assert again.problems == {}
    assert problem.identity in again.passing


def test_each_tag_of_a_wide_table_stands_for_itself(
    instance: dg.DagsterInstance, catalogue: ModuleCatalogue
) -> None:
    name = "incremental_equals_full"
    evaluate(instance, WIDE, name, passed=False, partition="2025-03-04|habit")
    evaluate(instance, WIDE, name, passed=True, partition="2025-03-04|quiet")
    found = standing_checks(instance, catalogue, LINKS)
    (problem,) = found.problems.values()
    assert (problem.tag, problem.module, problem.severity) == ("habit", "habits", Severity.FAIL)
    assert problem.identity.subject == "asset:habits/wide_user|habit"
    assert problem.link.endswith(
        "/assets/habits/wide_user?view=partitions&partition=2025-03-04%7Chabit"
    )
    assert [identity.subject for identity in found.passing] == ["asset:habits/wide_user|quiet"]
