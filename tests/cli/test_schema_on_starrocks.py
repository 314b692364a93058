"""``ab-assets schema`` with a cluster; its stand-in speaks the protocol and answers with DuckDB."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ab_assets.cli.project import open_project
from ab_assets.warehouse.schema import fixed_tables
from tests.small_world import SHOP, World
from tests.starrocks.stand_in import StarRocksStandIn

SCHEMAS = ("ab", "ab_source", "flow_report_app")
ORIGIN = "/* ab_assets asset=cli schema */"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[StarRocksStandIn]:
    with StarRocksStandIn(tmp_path / "cluster.duckdb", databases=SCHEMAS) as running:
        yield running


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cluster: StarRocksStandIn) -> World:
    world = World(tmp_path)
    (world.modules / "shop").mkdir(parents=True)
    (world.modules / "shop" / "module.yaml").write_text(SHOP, encoding="utf-8")
    return world.enter(monkeypatch, AB_WAREHOUSE_URL=f"{cluster.url}&replication_num=3")


def test_the_printed_ddl_has_the_copies_of_the_url_and_asks_nobody(
    world: World, cluster: StarRocksStandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.ab("schema") == 0
    shown = capsys.readouterr().out
    assert shown.startswith("CREATE DATABASE IF NOT EXISTS ")
    assert set(re.findall(r'"replication_num" = "(\d+)"', shown)) == {"3"}
    assert cluster.statements == []


def test_the_option_wins_over_the_url(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert world.ab("schema", "--replication", "2") == 0
    shown = capsys.readouterr().out
    assert set(re.findall(r'"replication_num" = "(\d+)"', shown)) == {"2"}


def test_the_difference_changes_nothing(
    world: World, cluster: StarRocksStandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.ab("schema", "--diff") == 0
    lines = capsys.readouterr().out.splitlines()
    assert {f"create {table}" for table in fixed_tables()} < set(lines)
    assert cluster.texts("CREATE |ALTER |DROP |INSERT ") == []


def test_what_is_applied_leaves_no_difference(
    world: World, cluster: StarRocksStandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.ab("schema", "--apply") == 0
    sent = cluster.texts("CREATE TABLE")
    assert len(sent) == len(capsys.readouterr().out.splitlines())
    assert all('"replication_num" = "3"' in text for text in sent)
    assert world.ab("schema", "--diff") == 0
    assert capsys.readouterr().out == ""


def test_a_new_measure_is_added_in_the_command_s_name(
    world: World, cluster: StarRocksStandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    world.ab("schema", "--apply")
    module = world.modules / "shop" / "module.yaml"
    more = SHOP.replace("columns:\n", "columns:\n  payments: \"count_if(event_name = 'pay')\"\n")
    metric = "metrics:\n  payments_per_user: {type: mean, column: payments}\n"
    module.write_text(more.replace("metrics:\n", metric), encoding="utf-8")
    capsys.readouterr()
    assert world.ab("schema", "--apply") == 0
    assert capsys.readouterr().out == "added ab.tbl_wide_user_shop_shop: payments DOUBLE\n"
    (sent,) = cluster.texts("ALTER TABLE")
    assert sent.startswith(f"{ORIGIN} ALTER TABLE ab.tbl_wide_user_shop_shop ADD COLUMN `payments`")


def test_a_column_of_another_type_is_refused(
    world: World, cluster: StarRocksStandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    table = fixed_tables()["ab.growthbook_pulls"]
    changed = replace(table.columns[-1], type="DATE")
    open_project().warehouse.ensure(replace(table, columns=(*table.columns[:-1], changed)))
    cluster.forget_statements()
    assert world.ab("schema", "--apply") == 2
    shown = capsys.readouterr()
    assert re.search(r"^refuse ab\.growthbook_pulls: .* is DATE in the warehouse", shown.out, re.M)
    assert cluster.texts("CREATE |ALTER ") == []
