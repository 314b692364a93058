"""The statements of ``sql/`` on both engines: the same rows, and the same types without any."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ab_assets.analysis.columns import report_table
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.schema import fixed_table, fixed_tables
from tests.sql.bench import SOURCES, TAG, Bench, a_library
from tests.sql.conftest import empty
from tests.sql.test_golden import STATEMENTS, a_day
from tests.sql.worlds import a_world
from tests.starrocks.stand_in import StarRocksStandIn
from tests.warehouse.starrocks.conftest import Time, warehouse_on

if TYPE_CHECKING:
    from ab_assets.warehouse.interface import Warehouse

Engines = tuple[DuckDBWarehouse, "Warehouse"]


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    folder = tmp_path_factory.mktemp("pipeline")
    with StarRocksStandIn(folder / "cluster.duckdb") as cluster:
        star = warehouse_on(cluster, Time())
        duck = DuckDBWarehouse(folder / "ab.duckdb")
        with star.session(), duck.session():
            for name in SOURCES:
                duck.ensure(fixed_table(name))
                star.ensure(fixed_table(name))
            yield duck, star
        star.close()


@pytest.mark.parametrize("seed", [4])
def test_a_world_has_the_same_wide_rows_and_sums(engines: Engines, seed: int) -> None:
    world = a_world(seed)
    results = []
    for engine in engines:
        empty(engine)  # type: ignore[arg-type]
        bench = Bench(engine, a_library())
        bench.zone, bench.module, bench.experiments = world.zone, world.module, world.experiments
        bench.load(*world.exposures, *world.events)
        reasons = [bench.make(day) for day in world.days]
        last = world.days[-1]
        wide, sums = bench.wide(last), bench.sums(last)[1]
        again = bench.full(last).wide(last)
        results.append((reasons, wide, again, in_order(sums)))
    (reasons, *expected), (found_reasons, *found) = results
    assert found_reasons == reasons
    assert expected[0].height > 0
    for one, other in zip(found, expected, strict=True):
        assert_frame_equal(one, other, check_column_order=True, rel_tol=1e-9)


@pytest.fixture(scope="module")
def empty_tables(engines: Engines) -> Engines:
    """Every table a statement reads, without a row."""
    day = a_day("country", "platform")
    for engine in engines:
        empty(engine)  # type: ignore[arg-type]
        for table in fixed_tables().values():
            engine.ensure(table)
        engine.ensure(report_table("retention", TAG))
        Bench(engine, a_library()).table(day)
    return engines


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_without_rows_has_the_types_it_has_on_duckdb(
    name: str, empty_tables: Engines
) -> None:
    duck, star = empty_tables
    expected, found = duck.fetch(STATEMENTS[name]), star.fetch(STATEMENTS[name])
    assert_frame_equal(found, expected)


def in_order(sums: pl.DataFrame) -> pl.DataFrame:
    return sums.sort(pl.selectors.string() | pl.selectors.boolean())
