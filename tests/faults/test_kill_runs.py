from pathlib import Path

from tests.faults.kill_runs import kill_runs


def test_a_killed_run_leaves_no_partial_doubled_or_missing_partition(tmp_path: Path) -> None:
    outcome = kill_runs(kills=3, seed=3, folder=tmp_path, days=2)
    assert outcome.problems == []
    assert outcome.partitions > 0
