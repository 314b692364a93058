"""Every card's SQL, executed on DuckDB and on an exported SQLite file, with and without filters."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ab_assets.exporting.files import ExportFormat, write_files
from ab_assets.exporting.reading import read_tables
from ab_assets.metabase.files import read_files
from ab_assets.metabase.sql import resolved, to_sqlite
from ab_assets.settings import PROJECT_ROOT
from ab_assets.warehouse.dialect import portable_subset_problems
from ab_assets.warehouse.statements import StatementLibrary
from tests.small_world import World
from tests.small_world_copies import made_world

FILES = read_files()
REPORT = "flow_report_app.tbl_report_ab_testing_result"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch:
        yield made_world(tmp_path_factory.mktemp("world"), patch)


@pytest.fixture(scope="module")
def sqlite(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "reports.sqlite"
    frames = read_tables(world.warehouse, StatementLibrary(PROJECT_ROOT / "sql"), None)
    write_files(path, frames, ExportFormat.SQLITE)
    return path


def _values(key: str) -> list[dict[str, str]]:
    some = {
        "tag": "habit",
        "module": "habits",
        "experiment": "streak",
        "metric": "visits_per_user",
        "dimension": "platform",
    }
    tags = FILES.cards[key].tags
    every = {tag: some[tag] for tag in tags}
    return [{}, *({tag: some[tag]} for tag in tags), every, dict.fromkeys(tags, "it's none")]


@pytest.mark.parametrize("key", FILES.cards)
def test_a_card_gives_the_same_on_both_engines_with_and_without_each_filter(
    world: World, sqlite: Path, key: str
) -> None:
    card = FILES.cards[key]
    for_sqlite = to_sqlite(card.sql)
    for values in _values(key):
        frame = world.query(resolved(card.sql, values))
        with closing(sqlite3.connect(sqlite)) as connection:
            cursor = connection.execute(resolved(for_sqlite, values))
            rows = cursor.fetchall()
        assert [column[0] for column in cursor.description] == frame.columns
        ours = [tuple(map(_plain, row)) for row in frame.rows()]
        assert sorted(ours) == sorted(tuple(map(_plain, row)) for row in rows)


def _plain(value: object) -> str:
    return f"{value:.9g}" if isinstance(value, int | float) else str(value)


@pytest.mark.parametrize("key", FILES.cards)
def test_a_card_is_in_the_portable_subset(key: str) -> None:
    assert portable_subset_problems(resolved(FILES.cards[key].sql, {})) == []


def test_the_goals_are_told_in_their_units(world: World) -> None:
    (share,) = world.query(
        f"SELECT mean, unit FROM {REPORT} WHERE experiment_key = 'streak' AND dimension = '' "
        "AND metric = 'retention_d1' AND NOT is_control"
    ).rows()
    assert share[1] == "percent"
    # In this company the metric that is a share is no goal.
    sql = FILES.cards["goals"].sql.replace("role = 'goal'", "role = 'secondary'")
    shown = world.query(resolved(sql, {"experiment": "streak"}))
    told = shown.filter(metric="retention_d1")["mean"].to_list()
    assert told == [f"{share[0] * 100:.2f} %"]


def test_a_filter_leaves_the_rows_of_its_value(world: World) -> None:
    sql = FILES.cards["verdicts"].sql
    assert set(world.query(resolved(sql, {}))["tag"]) == {"habit", "shop"}
    assert set(world.query(resolved(sql, {"tag": "shop"}))["tag"]) == {"shop"}
    assert world.query(resolved(sql, {"tag": "' OR 1 = 1 --"})).height == 0
