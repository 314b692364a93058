import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import dagster as dg
import polars as pl
import pytest

from ab_assets.cli.project import open_project
from ab_assets.cli.run_command import plan_runs
from ab_assets.settings import PROJECT_ROOT
from ab_assets.warehouse.schema import fixed_table
from tests.same_rows import assert_same_rows
from tests.small_world import World, broken_split, day, streak
from tests.small_world_copies import loaded_world

Errors = Callable[[], str]
HOSTILE = ["x'; drop table y", "../x", "", "habit\n", "habit|2025-03-03", "ü", "x" * 5000]


@pytest.fixture
def errors(capsys: pytest.CaptureFixture[str]) -> Errors:
    return lambda: capsys.readouterr().err


def test_an_unknown_tag_is_refused_with_the_nearest(loaded: World, errors: Errors) -> None:
    assert loaded.ab("run", "--tag", "habitt") == 2
    assert "no module claims tag 'habitt'; did you mean 'habit'?" in errors()


@pytest.mark.parametrize("tag", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_tag_is_refused_and_changes_nothing(loaded: World, tag: str) -> None:
    before = (loaded.root / "ab.duckdb").read_bytes()
    assert loaded.ab("run", "--tag", tag, "--date", str(day(1))) == 2
    assert loaded.ab("report", "--tag", tag) == 2
    assert (loaded.root / "ab.duckdb").read_bytes() == before
    assert not (loaded.root / "dagster").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "say which tags"),
        (["--tag", "habit", "--all"], "either --tag or --all"),
        (["--tag", "habit", "--date", "tomorrow"], "is no date"),
        (["--tag", "habit", "--date", "2025-03-02"], "before the first partition"),
        (["--tag", "habit", "--date", "2999-01-01"], "has not ended yet"),
        (["--tag", "habit", "--from", "2025-03-05", "--to", "2025-03-04"], "lies before --from"),
        (["--tag", "habit", "--from", "2025-03-05", "--to", "2999-01-01"], "has not ended yet"),
        (["--tag", "habit", "--from", "2025-03-01"], "before the first partition"),
        (["--tag", "habit", "--to", "2025-03-05"], "--to needs --from"),
        (["--tag", "habit", "--date", "2025-03-05", "--from", "2025-03-04"], "either --date"),
        (["--tag", "habit", "--date", "2025-03-05", "--to", "2025-03-06"], "either --date"),
    ],
)
def test_days_and_tags_that_make_no_sense_are_wrong_usage(
    loaded: World, errors: Errors, arguments: list[str], told: str
) -> None:
    assert loaded.ab("run", *arguments) == 2
    assert told in errors()


def test_yesterday_before_the_first_partition_is_wrong_usage(
    loaded: World, monkeypatch: pytest.MonkeyPatch, errors: Errors
) -> None:
    monkeypatch.setenv("AB_START_DATE", "2999-01-01")
    assert loaded.ab("run", "--tag", "habit") == 2
    assert "set AB_START_DATE" in errors()


@pytest.fixture(scope="module")
def after_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, dict[str, int]]]:
    """One day of every tag through the command line, on a real instance."""
    with pytest.MonkeyPatch.context() as patch:
        world = loaded_world(tmp_path_factory.mktemp("ran"), patch)
        codes = {
            "every tag": world.ab("run", "--all", "--date", str(day(1))),
            "one tag": world.ab("run", "--tag", "shop", "--tag", "shop", "--date", str(day(1))),
        }
        yield world, codes


def test_a_failed_health_check_is_exit_code_3(after_runs: tuple[World, dict[str, int]]) -> None:
    assert after_runs[1]["every tag"] == 3


def test_without_one_it_is_exit_code_0(after_runs: tuple[World, dict[str, int]]) -> None:
    assert after_runs[1]["one tag"] == 0


def test_all_means_every_tag_of_every_module(after_runs: tuple[World, dict[str, int]]) -> None:
    world = after_runs[0]
    made = world.query(
        "SELECT DISTINCT tag FROM ab.partition_provenance WHERE event_date IS NULL ORDER BY tag"
    )
    assert made["tag"].to_list() == ["habit", "quiet", "shop"]


def test_runs_are_seen_in_dagster_with_their_partition_and_checks(
    after_runs: tuple[World, dict[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = after_runs[0].enter(monkeypatch)
    with world.instance() as instance:
        partition = f"{day(1)}|habit"
        runs = instance.get_runs(dg.RunsFilter(tags={"dagster/partition": partition}))
        assert [run.status for run in runs] == [dg.DagsterRunStatus.SUCCESS]
        key = dg.AssetKey(["habits", "report_user"])
        assert partition in instance.get_materialized_partitions(key)
        check = dg.AssetCheckKey(dg.AssetKey(["habits", "health"]), "sample_ratio")
        storage = instance.event_log_storage
        records = storage.get_asset_check_execution_history(check, limit=5)
        assert sorted(str(record.partition) for record in records) == [
            partition,
            f"{day(1)}|quiet",
        ]


def test_an_instance_gets_the_project_s_configuration(
    after_runs: tuple[World, dict[str, int]],
) -> None:
    own = after_runs[0].root / "dagster" / "dagster.yaml"
    assert own.read_bytes() == (PROJECT_ROOT / "dagster.yaml").read_bytes()


def test_in_full_without_dates_every_day_of_the_phases_in_force_is_planned(
    loaded: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AB_START_DATE", "2025-03-05")
    opened = open_project()
    plan = plan_runs(opened, ("shop",), None, full=True)
    assert plan.full
    # The second phase began on day 4; the first is in force no more.
    assert plan.partitions[0].event_date == day(4)
    assert plan.partitions[-1].event_date == opened.project.settings.yesterday()


def test_growthbook_down_with_a_stored_snapshot_goes_on_and_says_so(
    loaded: World, errors: Errors
) -> None:
    loaded.say(streak(), broken_split(variations=[]))
    assert loaded.make("growthbook/experiments").succeeded
    loaded.snapshot.write_text("no JSON", encoding="utf-8")
    assert loaded.ab("run", "--tag", "quiet", "--date", str(day(1))) == 0
    told = errors()
    assert "GrowthBook gave no new snapshot, the last one stands" in told
    assert str(loaded.snapshot) in told
    assert "Broken_Split" in told  # refused by the snapshot that stands


def test_no_growthbook_configured_uses_the_stored_snapshot(
    loaded: World, monkeypatch: pytest.MonkeyPatch, errors: Errors
) -> None:
    monkeypatch.delenv("GROWTHBOOK_SNAPSHOT")
    assert loaded.ab("run", "--tag", "quiet", "--date", str(day(1))) == 0
    assert "note" not in errors()


def test_growthbook_down_without_a_stored_snapshot_fails(loaded: World, errors: Errors) -> None:
    loaded.execute("DELETE FROM ab.growthbook_pulls WHERE TRUE")
    loaded.snapshot.unlink()
    assert loaded.ab("run", "--tag", "quiet", "--date", str(day(1))) == 1
    assert f"there is no file {loaded.snapshot}" in errors()


def test_a_failed_day_stops_its_tag_and_not_the_others(loaded: World, errors: Errors) -> None:
    # The wide table of habit cannot be written: a column has another type.
    loaded.spoil_wide_table("habit")
    assert loaded.ab("run", "--tag", "habit", "--tag", "quiet", "--date", str(day(1))) == 1
    told = errors()
    assert f"1 of 2 partitions of habit, quiet: habit {day(1)}" in told
    made = loaded.query("SELECT DISTINCT tag FROM ab.partition_provenance WHERE tag <> 'habit'")
    assert made["tag"].to_list() == ["quiet"]


def test_a_dashboard_that_cannot_be_written_is_a_failure(loaded: World, errors: Errors) -> None:
    table = fixed_table("flow_report_app.tbl_report_ab_testing_result")
    columns = (*table.columns[:-1], replace(table.columns[-1], type="DATE"))
    loaded.warehouse.ensure(replace(table, columns=columns))
    assert loaded.ab("run", "--tag", "quiet", "--date", str(day(1))) == 1
    assert "failed: quiet dashboard: schema of flow_report_app" in errors()


_HOLD = """
import sys, time
from pathlib import Path
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
with DuckDBWarehouse(Path(sys.argv[1])).session():
    print("holding", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(loaded: World) -> Iterator[int]:
    command = [sys.executable, "-c", _HOLD, str(loaded.root / "ab.duckdb")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "holding\n"
        yield process.pid
        process.kill()


@pytest.mark.parametrize(
    "command",
    [
        ["run", "--tag", "quiet", "--date", str(day(1))],
        ["report", "--tag", "quiet"],
        ["growthbook", "pull"],
    ],
    ids=" ".join,
)
def test_a_locked_warehouse_names_the_process_that_holds_it(
    loaded: World,
    holder: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
) -> None:
    monkeypatch.setenv("AB_WAREHOUSE_LOCK_SECONDS", "1")
    assert loaded.ab(*command) == 1
    told = capsys.readouterr()
    assert f"process {holder}" in told.err
    assert "AB_WAREHOUSE_LOCK_SECONDS" in told.err
    assert told.out == ""


def _start_run(world: World, *dates: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [PROJECT_ROOT / ".venv/bin/ab-assets", "run", "--tag", "shop", *dates],
        env={**os.environ, **world.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _wait_for_line(process: subprocess.Popen[str], text: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if text in line:
            return
    pytest.fail(f"{text!r} was never said")


def test_an_interrupted_run_ends_with_130_and_leaves_nothing_half_done(made: World) -> None:
    before = made.table("ab.tbl_report_user_shop_shop")
    process = _start_run(made, "--from", str(day(3)), "--to", str(day(8)))
    _wait_for_line(process, str(day(4)))
    time.sleep(1.0)  # somewhere in the middle of the second day
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted; no partition was left half-written" in told
    with made.instance() as instance:
        states = {run.status for run in instance.get_runs()}
    assert dg.DagsterRunStatus.STARTED not in states
    after = made.table("ab.tbl_report_user_shop_shop")
    assert_same_rows(after.filter(event_date=day(3)), before.filter(event_date=day(3)))
    made.make_days("shop", day(4))
    assert_same_rows(
        made.table("ab.tbl_report_user_shop_shop").filter(pl.col("event_date") <= day(4)), before
    )


def test_a_killed_run_is_marked_as_failed_by_the_next_command(made: World) -> None:
    process = _start_run(made, "--date", str(day(4)))
    _wait_for_line(process, str(day(4)))
    deadline = time.monotonic() + 30
    while not _states(made, dg.DagsterRunStatus.STARTED) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.communicate()
    with made.instance() as instance:  # what every command does first
        (run, *_) = instance.get_runs()
        assert run.status is dg.DagsterRunStatus.FAILURE


def _states(world: World, status: dg.DagsterRunStatus) -> int:
    """Runs with a status, as they are stored: opening an instance of ours would mend them."""
    if not (world.root / "dagster" / "history" / "runs.db").exists():
        return 0
    with dg.DagsterInstance.from_config(str(world.root / "dagster")) as instance:
        return len(instance.get_runs(dg.RunsFilter(statuses=[status])))
