"""Kills runs in the middle, again and again, and looks at what a reader would have seen.

``python -m tests.faults.kill_runs --kills 30 --seed 1`` starts ``ab-assets run`` on a small
company, kills it (SIGKILL) at a random moment, and reads every partition: whatever was there before
has to be there, whole, once. At the end a run to its end has to give the tables of a run that was
never killed.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import polars as pl

from ab_assets.settings import PROJECT_ROOT
from tests.small_world import World, assert_same_rows, build_world, day

TAG = "shop"
_STARTING = "before the first partition"
# Each table, and the columns that name one row of it.
GRAIN = {
    "ab.experiment_data": ("tag", "event_date", "experiment_id", "user_id", "variation_key"),
    "ab.tbl_wide_user_shop_shop": ("event_date", "experiment_id", "user_id"),
    "ab.experiment_health": ("tag", "event_date", "experiment_id", "check_name"),
    "ab.tbl_report_user_shop_shop": (
        *("event_date", "experiment_id", "metric"),
        *("dimension", "dimension_value", "variation_key"),
    ),
    "flow_report_app.tbl_report_ab_testing_result": (
        *("tag", "experiment_id", "metric", "dimension", "dimension_value", "variation_key"),
    ),
    "flow_report_app.tbl_experiment_health": ("tag", "experiment_id", "check_name"),
    "flow_report_app.tbl_report_trend": (
        *("tag", "event_date", "experiment_id", "metric", "variation_key"),
    ),
}


@dataclass
class Outcome:
    """What came of all kills."""

    kills: int = 0
    finished_before: int = 0
    partitions_read: int = 0
    new_partitions: int = 0
    problems: list[str] = field(default_factory=list)
    moments: Counter[str] = field(default_factory=Counter)

    def table(self) -> str:
        rows = [
            ("kills", self.kills),
            *((f"  {name}", count) for name, count in sorted(self.moments.items())),
            ("runs that ended before they were killed", self.finished_before),
            ("partitions read after kills", self.partitions_read),
            ("partitions that appeared whole", self.new_partitions),
            ("partial, doubled or missing", len(self.problems)),
        ]
        return "\n".join(f"{name:<48}{count:>8,}" for name, count in rows)


def kill_runs(folder: Path, kills: int, seed: int, days: int) -> Outcome:
    """Kills that many runs and compares the end with a run that was left alone."""
    random = Random(seed)
    left_alone = build_world(folder / "left_alone")
    first, length = _time(left_alone, days)
    world = build_world(folder / "killed")
    outcome = Outcome()
    before: dict[tuple[str, str], pl.DataFrame] = {}
    while outcome.kills < kills:
        if outcome.kills and outcome.kills % 5 == 0:  # first days are to be killed as well
            shutil.rmtree(world.root)
            world, before = build_world(world.root), {}
        process = _start(world, days)
        if _kill(process, random.uniform(first, length)):
            outcome.kills += 1
            outcome.moments[_last_line(world)] += 1
            sys.stderr.write(f"kill {outcome.kills}: {_last_line(world)}\n")
        else:
            # A command that cannot even begin would let every check below pass.
            assert process.returncode == 0, (world.root / "told.txt").read_text(encoding="utf-8")
            outcome.finished_before += 1
        before = _read_all(world, before, outcome)
    assert _start(world, days).wait() == 0
    for name in GRAIN:
        _same(left_alone.table(name), world.table(name), name, outcome)
    return outcome


def _start(world: World, days: int) -> "subprocess.Popen[bytes]":
    dates = ("--from", str(day(1)), "--to", str(day(days)))
    with (world.root / "told.txt").open("wb") as told:
        return subprocess.Popen(
            [PROJECT_ROOT / ".venv/bin/ab-assets", "run", "--tag", TAG, *dates],
            env={**os.environ, **world.environment},
            stdout=subprocess.DEVNULL,
            stderr=told,
        )


def _time(world: World, days: int) -> tuple[float, float]:
    """Seconds until a run makes its first partition, and until it ends."""
    started, first = time.monotonic(), 0.0
    process = _start(world, days)
    while process.poll() is None:
        time.sleep(0.02)
        if not first and _last_line(world) != _STARTING:
            first = time.monotonic() - started
    assert process.returncode == 0
    return first, time.monotonic() - started


def _last_line(world: World) -> str:
    lines = (world.root / "told.txt").read_text(encoding="utf-8").splitlines()
    return next((line for line in reversed(lines) if line.startswith(TAG)), _STARTING)


def _kill(process: "subprocess.Popen[bytes]", delay: float) -> bool:
    """Kills after the delay; False when the run was over by then."""
    try:
        process.wait(delay)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    return False


def _read_all(
    world: World, before: dict[tuple[str, str], pl.DataFrame], outcome: Outcome
) -> dict[tuple[str, str], pl.DataFrame]:
    """Every partition as it is now, held against what is recorded and what was there."""
    now: dict[tuple[str, str], pl.DataFrame] = {}
    if not world.warehouse.tables("ab"):
        return now
    has_record = "partition_provenance" in world.warehouse.tables("ab")
    recorded = world.table("ab.partition_provenance") if has_record else None
    for name, grain in GRAIN.items():
        schema, _, table = name.partition(".")
        if table not in world.warehouse.tables(schema):
            continue
        rows = world.table(name)
        for partition in rows.partition_by(_by(rows)) if rows.height else ():
            key = (name, str(partition[_by(rows)][0]))
            now[key] = partition
            outcome.partitions_read += 1
            if partition.select(grain).is_duplicated().any():
                outcome.problems.append(f"{key}: rows are doubled")
            counts = [] if recorded is None else _counts(recorded, key)
            if counts != [partition.height]:
                outcome.problems.append(f"{key}: {partition.height} rows, recorded {counts}")
    for key, rows in before.items():
        if key not in now:
            outcome.problems.append(f"{key}: it was there before and is gone")
        elif key[0].startswith("ab."):
            _same(rows, now[key], key, outcome)
    outcome.new_partitions += len(now.keys() - before.keys())
    return now


def _by(rows: pl.DataFrame) -> str:
    return "event_date" if "event_date" in rows.columns else "tag"


def _counts(recorded: pl.DataFrame, key: tuple[str, str]) -> list[int]:
    own = recorded.filter(pl.col("table_name") == key[0])
    if not key[0].startswith("flow_report_app"):
        own = own.filter(pl.col("event_date").cast(pl.String) == key[1])
    return own["row_count"].to_list()


def _same(one: pl.DataFrame, other: pl.DataFrame, key: object, outcome: Outcome) -> None:
    try:
        assert_same_rows(one, other)
    except AssertionError as difference:
        outcome.problems.append(f"{key}: it changed: {difference}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=4)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kill_runs_") as folder:
        outcome = kill_runs(Path(folder), arguments.kills, arguments.seed, arguments.days)
    sys.stdout.write("\n".join([outcome.table(), *outcome.problems, ""]))
    return 1 if outcome.problems else 0


if __name__ == "__main__":
    sys.exit(main())
