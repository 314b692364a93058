"""Dagster's files as this process keeps them open: the same as Dagster's own classes see."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log.sqlite import SqliteEventLogStorage

from ab_assets.instance_files import KeptEventLog, open_home
from ab_assets.running import materialise
from tests.small_world import clear_environment


@dg.asset(check_specs=[dg.AssetCheckSpec("whole", asset="made")])
def made() -> dg.MaterializeResult:
    return dg.MaterializeResult(
        metadata={"rows": 3}, check_results=[dg.AssetCheckResult(passed=True, description="all")]
    )


DEFINITIONS = dg.Definitions(assets=[made])


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clear_environment(monkeypatch)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with open_home(tmp_path) as instance:
        assert isinstance(instance.event_log_storage, KeptEventLog)
        yield instance


def test_another_process_sees_each_run_while_the_files_are_still_open(
    kept: dg.DagsterInstance,
) -> None:
    runs = [materialise(DEFINITIONS, kept, [made.key]).run_id for _ in range(6)]
    with dg.DagsterInstance.get() as other:
        assert type(other.event_log_storage) is SqliteEventLogStorage
        assert {run.run_id for run in other.get_runs()} == set(runs)
        types = {run: [entry.dagster_event_type for entry in other.all_logs(run)] for run in runs}
        event = other.get_latest_materialization_event(made.key)
    assert len({tuple(found) for found in types.values()}) == 1
    assert dg.DagsterEventType.ASSET_CHECK_EVALUATION in types[runs[0]]
    assert event is not None
    assert event.run_id == runs[-1]


def test_runs_that_another_process_made_are_seen(kept: dg.DagsterInstance) -> None:
    with dg.DagsterInstance.get() as other:
        run = materialise(DEFINITIONS, other, [made.key]).run_id
    assert [entry.run_id for entry in kept.all_logs(run)][:1] == [run]
    assert materialise(DEFINITIONS, kept, [made.key]).succeeded
    assert len(kept.get_runs()) == 2


def test_only_a_few_files_are_open_however_many_runs_there_are(
    kept: dg.DagsterInstance, tmp_path: Path
) -> None:
    for _ in range(6):
        materialise(DEFINITIONS, kept, [made.key])
    opened = {str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()}
    shards = {path for path in opened if path.startswith(str(tmp_path)) and path.endswith(".db")}
    assert 2 <= len({path for path in shards if "/history/runs/" in path}) <= 4


def test_a_home_with_another_storage_is_left_to_it(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text(
        f"event_log_storage:\n  module: dagster._core.storage.event_log\n"
        f"  class: ConsolidatedSqliteEventLogStorage\n  config: {{base_dir: {tmp_path}/one}}\n",
        encoding="utf-8",
    )
    with open_home(tmp_path) as instance:
        assert type(instance.event_log_storage).__name__ == "ConsolidatedSqliteEventLogStorage"


_OPENS_AT_ONCE = """
import sys, time
from pathlib import Path
from ab_assets.instance_files import open_home
home = Path(sys.argv[1])
print("ready", flush=True)
while not (home / "go").exists():
    time.sleep(0.001)
open_home(home).dispose()
"""


def test_processes_that_make_a_home_at_once_all_get_it(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _OPENS_AT_ONCE, str(tmp_path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    (tmp_path / "go").touch()
    told = [process.communicate(timeout=120)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, told
