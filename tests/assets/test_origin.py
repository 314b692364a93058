"""Whatever is sent to the warehouse is sent on somebody's behalf."""

from collections.abc import Callable, Iterator
from functools import wraps

import pytest

from ab_assets.partitions import TagDate
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.origin import current_origin
from tests.small_world import World, day

_CALLS = (
    "execute",
    "fetch",
    "overwrite",
    "overwrite_rows",
    "append",
    "ensure",
    "drop_partitions",
    "columns",
    "tables",
    "read_provenance",
    "load_file",
)
DAY = str(TagDate("shop", day(4)).key)


@pytest.fixture
def origins(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The origins of all calls of a warehouse, without the run, which differs every time."""
    seen = set[str]()

    def recorded(call: Callable[..., object]) -> Callable[..., object]:
        @wraps(call)
        def record(*arguments: object, **named: object) -> object:
            seen.add(current_origin().partition(" run=")[0])
            return call(*arguments, **named)

        return record

    for name in _CALLS:
        monkeypatch.setattr(DuckDBWarehouse, name, recorded(getattr(DuckDBWarehouse, name)))
    yield seen
    assert current_origin() == "ab_assets"


@pytest.mark.parametrize("asset", ["experiment_data", "shop/wide_user", "shop/health"])
def test_a_dated_asset_sends_in_its_own_name(made: World, origins: set[str], asset: str) -> None:
    assert made.make(asset, tag="shop", when=day(4)).succeeded
    assert origins == {f"ab_assets asset={asset} partition={DAY}"}


def test_a_report_is_written_in_its_own_name(made: World, origins: set[str]) -> None:
    assert made.make("shop/report_user", tag="shop", when=day(4)).succeeded
    assert origins == {f"ab_assets asset=shop/report_user partition={DAY}"}


def test_the_dashboard_table_is_written_in_its_own_name(made: World, origins: set[str]) -> None:
    assert made.make("flow_report_app/ab_testing_result", tag="shop").succeeded
    assert origins == {"ab_assets asset=flow_report_app/ab_testing_result partition=shop"}


def test_a_snapshot_of_growthbook_is_kept_in_its_own_name(loaded: World, origins: set[str]) -> None:
    assert loaded.make("growthbook/experiments").succeeded
    assert origins == {"ab_assets asset=growthbook/experiments"}


def test_each_source_is_observed_in_its_own_name(loaded: World, origins: set[str]) -> None:
    assert loaded.make("source/events", "source/exposures").succeeded
    assert origins == {
        "ab_assets asset=source/events",
        "ab_assets asset=source/exposures",
    }


def test_the_run_is_named_too(made: World, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    ensure = DuckDBWarehouse.ensure

    def record(self: DuckDBWarehouse, *arguments: object) -> object:
        seen.append(current_origin())
        return ensure(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(DuckDBWarehouse, "ensure", record)
    outcome = made.make("experiment_data", tag="shop", when=day(4))
    assert {text.rpartition(" ")[2] for text in seen} == {f"run={outcome.run_id}"}


def test_a_command_sends_in_its_own_name(made: World, origins: set[str]) -> None:
    assert made.ab("report", "--tag", "shop") == 0
    assert origins == {"ab_assets asset=cli report"}
