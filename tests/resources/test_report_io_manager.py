from datetime import date
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest

from ab_assets.analysis.columns import report_table
from ab_assets.errors import WarehouseError
from ab_assets.partitions import TagDate
from ab_assets.reporting.frame_type import to_pandas
from ab_assets.resources.report_io_manager import ReportIOManager
from ab_assets.resources.warehouse import WarehouseResource
from ab_assets.warehouse.frames import empty_frame, frame_of
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.statements import Statement

DAY = date(2025, 3, 3)
TABLE = report_table("shop", "shop")
NEEDED = {
    "tag": "shop",
    "module": "shop",
    "event_date": DAY,
    "experiment_id": "exp_1",
    "metric": "revenue",
    "dimension": "",
    "dimension_value": "",
    "variation_key": "0",
    "is_control": True,
    "users": 7,
    "trust": "ok",
}


@pytest.fixture
def resource(tmp_path: Path) -> WarehouseResource:
    return WarehouseResource(path=str(tmp_path / "ab.duckdb"), lock_seconds=1.0)


@pytest.fixture
def warehouse(resource: WarehouseResource) -> Warehouse:
    return resource.open()


def _frame(**changes: object) -> pd.DataFrame:
    return to_pandas(frame_of(TABLE, [NEEDED | changes]))


def _write(
    resource: WarehouseResource,
    frame: pd.DataFrame,
    key: str = TagDate("shop", DAY).key,
    **metadata: str,
) -> dict[str, object]:
    context = dg.build_output_context(
        asset_key=dg.AssetKey(["shop", "report_user"]),
        partition_key=key,
        run_id="run_1",
        output_metadata={name: dg.MetadataValue.text(text) for name, text in metadata.items()},
    )
    ReportIOManager(warehouse=resource).handle_output(context, frame)
    return {name: item.value for name, item in context.get_logged_metadata().items()}


def _users(warehouse: Warehouse) -> list[object]:
    text = f"SELECT event_date, users FROM {TABLE.qualified} ORDER BY event_date"
    return warehouse.fetch(Statement("users", text, {})).rows()


def test_a_report_replaces_its_partition_and_no_other(
    resource: WarehouseResource, warehouse: Warehouse
) -> None:
    other = date(2025, 3, 4)
    _write(resource, _frame(event_date=other), TagDate("shop", other).key)
    _write(resource, _frame())
    _write(resource, _frame(users=8))
    assert _users(warehouse) == [(DAY, 8), (other, 7)]


def test_what_the_rows_were_made_from_is_recorded_with_them(
    resource: WarehouseResource, warehouse: Warehouse
) -> None:
    _write(resource, _frame(), config_hash="c0ffee", sql_hash="beef", reason="none")
    (record,) = warehouse.read_provenance(TABLE.qualified, "shop", DAY)
    assert (record.config_hash, record.sql_hash, record.reason) == ("c0ffee", "beef", "none")
    assert (record.run_id, record.path, record.row_count) == ("run_1", "cumulative", 1)


def test_rows_and_table_are_told_to_dagster(resource: WarehouseResource) -> None:
    told = _write(resource, _frame())
    assert told["dagster/row_count"] == 1
    assert told["dagster/table_name"] == "ab.tbl_report_user_shop_shop"


def test_an_empty_report_empties_its_partition(
    resource: WarehouseResource, warehouse: Warehouse
) -> None:
    _write(resource, _frame())
    assert _write(resource, to_pandas(empty_frame(TABLE)))["dagster/row_count"] == 0
    assert _users(warehouse) == []


def test_what_could_not_be_computed_is_null(
    resource: WarehouseResource, warehouse: Warehouse
) -> None:
    _write(resource, _frame(mean=float("nan")))
    text = f"SELECT mean, p_value, variation_name FROM {TABLE.qualified}"
    assert warehouse.fetch(Statement("nulls", text, {})).rows() == [(None, None, None)]


def test_rows_of_another_day_change_nothing(
    resource: WarehouseResource, warehouse: Warehouse
) -> None:
    _write(resource, _frame())
    with pytest.raises(WarehouseError):
        _write(resource, _frame(event_date=date(2025, 3, 4)))
    assert _users(warehouse) == [(DAY, 7)]


def test_a_key_of_another_kind_is_refused(resource: WarehouseResource) -> None:
    with pytest.raises(dg.DagsterInvariantViolationError, match="not to 'shop'"):
        _write(resource, _frame(), key="shop")


def test_a_report_is_read_by_sql_and_not_through_dagster(resource: WarehouseResource) -> None:
    context = dg.build_input_context(asset_key=dg.AssetKey(["shop", "report_user"]))
    with pytest.raises(NotImplementedError, match="by SQL"):
        ReportIOManager(warehouse=resource).load_input(context)
