import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.small_world import World
from tests.small_world_copies import made_world

TREND = "flow_report_app.tbl_report_trend"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch:
        yield made_world(tmp_path_factory.mktemp("world"), patch)


def test_parquet_holds_every_row_in_its_type(world: World, tmp_path: Path) -> None:
    assert world.ab("export", str(tmp_path)) == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {
        "tbl_experiment_health.parquet",
        "tbl_report_ab_testing_result.parquet",
        "tbl_report_trend.parquet",
    }
    read = pl.read_parquet(tmp_path / "tbl_report_trend.parquet")
    there = world.query(f"SELECT * FROM {TREND}")
    assert_frame_equal(read, there.sort(there.columns, nulls_last=True), check_dtypes=False)
    assert read.schema["event_date"] == pl.Date
    assert read.schema["is_control"] == pl.Boolean


def test_sqlite_has_times_as_utc_text_and_is_the_same_twice(world: World, tmp_path: Path) -> None:
    path = tmp_path / "reports.sqlite"
    assert world.ab("export", str(path), "--format", "sqlite") == 0
    first = path.read_bytes()
    assert world.ab("export", str(path), "--format", "sqlite") == 0
    assert path.read_bytes() == first
    with closing(sqlite3.connect(path)) as connection:
        row = connection.execute(
            "SELECT event_date, phase_start, is_control, abs_diff FROM tbl_report_trend "
            "WHERE tag = 'shop' AND is_control ORDER BY event_date"
        ).fetchone()
    assert row == ("2025-03-06", "2025-03-06T00:00:00Z", 1, None)
    assert [item.name for item in tmp_path.iterdir()] == ["reports.sqlite"]


def test_csv_of_one_tag(world: World, tmp_path: Path) -> None:
    assert world.ab("export", str(tmp_path), "--format", "csv", "--tag", "shop") == 0
    read = pl.read_csv(tmp_path / "tbl_report_trend.csv")
    assert set(read["tag"]) == {"shop"}
    assert read["phase_start"][0] == "2025-03-06T00:00:00Z"


@pytest.mark.parametrize(("form", "said"), [("sqlite", "is a folder"), ("csv", "is a file")])
def test_a_target_of_the_wrong_kind_is_refused(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str, said: str
) -> None:
    target = tmp_path if form == "sqlite" else tmp_path / "a"
    (tmp_path / "a").write_text("mine")
    assert world.ab("export", str(target), "--format", form) == 2
    assert said in capsys.readouterr().err
    assert (tmp_path / "a").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_said(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a").write_text("mine")
    assert world.ab("export", str(tmp_path / "a" / "b")) == 1
    assert "cannot be written" in capsys.readouterr().err
