from pathlib import Path

import pytest
from dagster import AssetExecutionContext, MaterializeResult, asset, materialize

from ab_assets.errors import ConfigurationError
from ab_assets.resources.warehouse import WarehouseResource
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.starrocks.errors import Patience
from ab_assets.warehouse.starrocks.warehouse import StarRocksWarehouse
from ab_assets.warehouse.statements import Statement

WITH_PASSWORD = "starrocks://me:hunter2@fe:9030/ab"  # noqa: S105


def test_the_environment_names_the_warehouse(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AB_WAREHOUSE_URL", f"duckdb://{tmp_path}/ab.duckdb")
    warehouse = WarehouseResource().open()
    assert isinstance(warehouse, DuckDBWarehouse)
    assert warehouse.path == tmp_path / "ab.duckdb"


def test_a_file_can_be_given_instead(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AB_WAREHOUSE_URL", WITH_PASSWORD)
    warehouse = WarehouseResource(path=str(tmp_path / "x.duckdb"), lock_seconds=1).open()
    assert isinstance(warehouse, DuckDBWarehouse)
    assert warehouse.path == tmp_path / "x.duckdb"


def test_no_secret_is_in_the_resource_or_its_warehouse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AB_WAREHOUSE_URL", WITH_PASSWORD)
    resource = WarehouseResource()
    shown = f"{resource!r} {resource.model_dump()} {resource.open()!r}"
    assert "hunter2" not in shown


def test_the_patience_with_a_cluster_is_that_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AB_WAREHOUSE_URL", WITH_PASSWORD)
    monkeypatch.setenv("AB_WAREHOUSE_PATIENCE_SECONDS", "3")
    warehouse = WarehouseResource().open()
    assert isinstance(warehouse, StarRocksWarehouse)
    assert (warehouse._patience.seconds, warehouse._patience.denied_seconds) == (3.0, 3.0)


def test_a_refused_user_is_not_asked_for_as_long_as_a_silent_cluster(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AB_WAREHOUSE_URL", WITH_PASSWORD)
    warehouse = WarehouseResource().open()
    assert isinstance(warehouse, StarRocksWarehouse)
    assert warehouse._patience == Patience()


def test_who_cannot_wait_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AB_WAREHOUSE_URL", WITH_PASSWORD)
    with WarehouseResource().opened(longest_wait_seconds=2.0) as warehouse:
        assert isinstance(warehouse, StarRocksWarehouse)
        assert warehouse._patience.seconds == 2.0
    with WarehouseResource(path=str(tmp_path / "x.duckdb")).opened(2.0) as file:
        assert isinstance(file, DuckDBWarehouse)
        assert file._lock_seconds == 2.0


def test_a_wrong_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AB_WAREHOUSE_LOCK_SECONDS", "soon")
    with pytest.raises(ConfigurationError, match="AB_WAREHOUSE_LOCK_SECONDS"):
        WarehouseResource().open()


def test_an_asset_gets_the_warehouse_from_the_resource(tmp_path: Path) -> None:
    @asset
    def one(context: AssetExecutionContext, warehouse: WarehouseResource) -> MaterializeResult:
        frame = warehouse.open().fetch(Statement("one.sql", "SELECT 1 AS one"))
        return MaterializeResult(metadata={"one": frame.item()})

    result = materialize(
        [one], resources={"warehouse": WarehouseResource(path=str(tmp_path / "ab.duckdb"))}
    )
    assert result.asset_materializations_for_node("one")[0].metadata["one"].value == 1
