"""The same company through the wire protocols and on DuckDB: every table says the same."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
import pytest

from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.statements import Statement
from ab_assets.warehouse.url import open_warehouse
from tests.same_rows import assert_same_rows
from tests.small_world import SCHEMAS, World, build_world, day
from tests.starrocks.stand_in import StarRocksStandIn

DAYS = {"habit": (day(1), day(2)), "shop": (day(3), day(4))}
# What says when, from where and by which run a row was made.
_VOLATILE = (
    "run_id",
    "computed_at",
    "pulled_at",
    "first_seen_at",
    "loaded_at",
    "reason",
    "path",
    "source",
    "source_file",
)
_STAGES = "ab_stage_"


@dataclass(frozen=True)
class Pipelines:
    """The tables of both warehouses, and what the cluster was sent."""

    embedded: dict[str, pl.DataFrame]
    wired: dict[str, pl.DataFrame]
    texts: list[str]


def everything(warehouse: Warehouse) -> dict[str, pl.DataFrame]:
    found = {}
    with warehouse.session():
        for schema in SCHEMAS:
            for name in warehouse.tables(schema):
                text = f"SELECT * FROM {schema}.{name}"
                frame = warehouse.fetch(Statement("question", text))
                free = [column for column in _VOLATILE if column in frame.columns]
                frame = frame.drop(free)
                if "detail" in frame.columns:  # of health: when a configuration was first seen
                    seen = r'"first_seen_at": "[^"]*"'
                    frame = frame.with_columns(pl.col("detail").str.replace_all(seen, ""))
                found[f"{schema}.{name}"] = frame.sort(frame.columns, nulls_last=True)
    return found


def work(world: World, *, load: bool) -> None:
    """From files to the dashboard, by the commands a scheduler calls."""
    if load:
        for target in ("exposures", "events"):
            assert world.ab("load", target, str(world.root / f"{target}.parquet")) == 0
    assert world.ab("growthbook", "pull") == 0
    for tag, days in DAYS.items():
        first, last = days[0].isoformat(), days[-1].isoformat()
        # 3: done, and the planted sample-ratio mismatch was found.
        assert world.ab("run", "--tag", tag, "--from", first, "--to", last) in {0, 3}


@pytest.fixture(scope="module")
def pipelines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipelines]:
    root = tmp_path_factory.mktemp("pipelines")
    world = build_world(root / "embedded")
    other = world.copy_to(root / "wired")
    with pytest.MonkeyPatch.context() as patch:
        world.enter(patch)
        work(world, load=False)
        embedded = everything(world.warehouse)
    with (
        StarRocksStandIn(root / "cluster.duckdb") as cluster,
        pytest.MonkeyPatch.context() as patch,
    ):
        other.enter(patch, AB_WAREHOUSE_URL=cluster.url)
        work(other, load=True)
        warehouse = open_warehouse(cluster.url)
        wired = everything(warehouse)
        yield Pipelines(embedded, wired, cluster.texts())
        warehouse.close()  # type: ignore[attr-defined]


def test_both_warehouses_have_the_same_tables(pipelines: Pipelines) -> None:
    assert set(pipelines.wired) == set(pipelines.embedded)
    assert any(name.startswith("ab.tbl_report_user_") for name in pipelines.wired)


def test_reports_and_the_dashboard_are_equal(pipelines: Pipelines) -> None:
    names = [name for name in pipelines.embedded if "report" in name]
    assert names == [
        "ab.tbl_report_user_habits_habit",
        "ab.tbl_report_user_shop_shop",
        "flow_report_app.tbl_experiment_health",
        "flow_report_app.tbl_report_ab_testing_result",
        "flow_report_app.tbl_report_trend",
    ]
    for name in names:
        assert pipelines.embedded[name].height > 0
        assert_same_rows(pipelines.wired[name], pipelines.embedded[name])


def test_every_other_table_is_equal_too(pipelines: Pipelines) -> None:
    for name, frame in pipelines.embedded.items():
        assert_same_rows(pipelines.wired[name], frame)


def test_no_staging_table_is_left(pipelines: Pipelines) -> None:
    assert not [name for name in pipelines.wired if _STAGES in name]


def test_every_statement_says_on_whose_behalf_it_is_sent(pipelines: Pipelines) -> None:
    written = [text for text in pipelines.texts if "INSERT OVERWRITE" in text]
    assert len(written) > 10
    origins = [text.partition("*/")[0] for text in written]
    assert all("asset=" in text and "run=" in text for text in origins)


def test_every_overwrite_names_its_partition(pipelines: Pipelines) -> None:
    written = [text for text in pipelines.texts if "INSERT OVERWRITE" in text]
    assert all("PARTITION (" in text for text in written)
