"""Which source the environment names."""

import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from ab_assets.errors import ConfigurationError
from ab_assets.resources.growthbook import GrowthBookResource
from tests.growthbook.payloads import a_payload
from tests.growthbook.server import KEY, GrowthBookServer

VARIABLES = ("GROWTHBOOK_API_URL", "GROWTHBOOK_API_KEY", "GROWTHBOOK_SNAPSHOT")
A_METRIC = {"id": "fact__1", "metricType": "mean"}


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def snapshot_file(tmp_path: Path) -> Path:
    path = tmp_path / "growthbook.json"
    content = {"experiments": [a_payload(id="exp_file")], "factMetrics": [A_METRIC]}
    path.write_text(json.dumps(content))
    return path


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GrowthBookServer]:
    with GrowthBookServer(
        experiments=[a_payload(id="exp_api")], fact_metrics=[A_METRIC, A_METRIC | {"id": "fact__2"}]
    ) as running:
        monkeypatch.setenv("GROWTHBOOK_API_URL", running.url)
        monkeypatch.setenv("GROWTHBOOK_API_KEY", KEY)
        yield running


def pulled(resource: GrowthBookResource) -> list[str]:
    return [experiment.id for experiment in resource.pull().experiments]


def test_the_api_is_pulled_with_address_and_key_of_the_environment(
    server: GrowthBookServer,
) -> None:
    assert pulled(GrowthBookResource()) == ["exp_api"]
    assert server.authorizations == [f"Bearer {KEY}"]


def test_a_snapshot_file_wins_over_the_api(
    server: GrowthBookServer, snapshot_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROWTHBOOK_SNAPSHOT", str(snapshot_file))
    assert pulled(GrowthBookResource()) == ["exp_file"]
    assert server.requests == []


def test_a_snapshot_field_wins_over_everything(
    server: GrowthBookServer, snapshot_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROWTHBOOK_SNAPSHOT", "/nowhere.json")
    assert pulled(GrowthBookResource(snapshot=str(snapshot_file))) == ["exp_file"]


def test_an_address_field_wins_over_the_snapshot_of_the_environment(
    server: GrowthBookServer, snapshot_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROWTHBOOK_SNAPSHOT", str(snapshot_file))
    assert pulled(GrowthBookResource(api_url=server.url)) == ["exp_api"]


def test_a_snapshot_variable_set_to_nothing_counts_as_unset(
    server: GrowthBookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROWTHBOOK_SNAPSHOT", "")
    assert pulled(GrowthBookResource()) == ["exp_api"]


def test_without_any_source_both_ways_are_named() -> None:
    with pytest.raises(
        ConfigurationError, match=r"GROWTHBOOK_API_URL and GROWTHBOOK_API_KEY.*GROWTHBOOK_SNAPSHOT"
    ):
        GrowthBookResource().pull()


@pytest.mark.parametrize("key", [None, ""])
def test_an_address_without_a_key_asks_for_the_key(
    monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    monkeypatch.setenv("GROWTHBOOK_API_URL", "https://gb.example.com")
    if key is not None:
        monkeypatch.setenv("GROWTHBOOK_API_KEY", key)
    with pytest.raises(ConfigurationError, match="GROWTHBOOK_API_KEY is not"):
        GrowthBookResource().pull()


def test_fact_metrics_come_from_the_same_source(
    server: GrowthBookServer, snapshot_file: Path
) -> None:
    assert len(GrowthBookResource().fact_metrics().metrics) == 2
    assert len(GrowthBookResource(snapshot=str(snapshot_file)).fact_metrics().metrics) == 1


def test_the_environment_is_read_when_it_is_used_not_when_it_is_built(
    snapshot_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = GrowthBookResource()
    monkeypatch.setenv("GROWTHBOOK_SNAPSHOT", str(snapshot_file))
    assert pulled(resource) == ["exp_file"]


def test_the_resource_shows_the_key_neither_in_its_repr_nor_in_its_configuration(
    server: GrowthBookServer,
) -> None:
    resource = GrowthBookResource()
    assert resource.pull().source == f"{server.url}/api/v1"
    assert KEY not in repr(resource) + str(resource.model_dump()) + str(resource.pull())
    assert set(type(resource).model_fields) == {"api_url", "snapshot"}


def test_an_asset_gets_a_snapshot_from_the_resource(snapshot_file: Path) -> None:
    @dg.asset
    def experiments(growthbook: GrowthBookResource) -> dg.MaterializeResult:
        return dg.MaterializeResult(metadata={"count": len(growthbook.pull().experiments)})

    result = dg.materialize(
        [experiments], resources={"growthbook": GrowthBookResource(snapshot=str(snapshot_file))}
    )
    event = result.asset_materializations_for_node("experiments")[0]
    assert event.metadata["count"].value == 1
