"""Kills runs with SIGKILL at random moments and looks at what a reader would see.

What belongs here: the harness, also run by hand: ``python -m tests.faults.kill_runs --kills 30``.
What does not: other faults. After each kill every partition that was there before is there, whole
and the same; every partition there is equals that of an undisturbed run; nothing is doubled. After
the last one a clean run leaves the tables of an undisturbed company.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random

import polars as pl

from tests.small_world import World, assert_same_rows, build_world, day

_TAGS = ("habit", "shop")
_COMMAND = "from ab_assets.cli import main; main()"
_DASHBOARD = "flow_report_app.tbl_report_ab_testing_result"
_PROVENANCE = "ab.partition_provenance"
Partition = tuple[str, str, date]


@dataclass
class Outcome:
    """What the kills did.

    Attributes:
        killed: Runs that were still going when they were killed.
        finished: Runs that were quicker than their killer.
        partitions: Partitions compared after all kills together.
        problems: What a reader would have seen.
    """

    killed: int = 0
    finished: int = 0
    partitions: int = 0
    problems: list[str] = field(default_factory=list)


def kill_runs(kills: int, seed: int, folder: Path, days: int = 3) -> Outcome:
    """Kills ``kills`` runs, each of some of the first ``days`` days of a small company."""
    random = Random(seed)
    loaded = build_world(folder / "loaded")
    _run(loaded, "growthbook", "pull").wait()
    undisturbed = loaded.copy_to(folder / "undisturbed")
    started = time.monotonic()
    _run(undisturbed, *_arguments(_TAGS, 1, days)).wait()
    longest = time.monotonic() - started
    expected = _partitions(undisturbed)
    world = loaded.copy_to(folder / "victim")
    _run(world, *_arguments(("habit",), 1, 1)).wait()
    outcome = Outcome()
    for number in range(kills):
        before = _partitions(world)
        process = _run(world, *_random_arguments(random, days))
        time.sleep(random.uniform(1.0, longest))
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            outcome.killed += 1
        else:
            outcome.finished += 1
        process.wait()
        _compare(f"kill {number + 1}", before, _partitions(world), expected, outcome)
        _compare_dashboard(f"kill {number + 1}", world, expected, outcome)
    _run(world, *_arguments(_TAGS, 1, days)).wait()
    final = _partitions(world)
    if final.keys() != expected.keys():
        outcome.problems.append(f"after a clean run: {sorted(final.keys() ^ expected.keys())}")
    _compare("after a clean run", expected, final, expected, outcome)
    return outcome


def _compare(
    when: str,
    before: Mapping[Partition, pl.DataFrame],
    after: Mapping[Partition, pl.DataFrame],
    expected: Mapping[Partition, pl.DataFrame],
    outcome: Outcome,
) -> None:
    for partition in sorted(before.keys() - after.keys()):
        outcome.problems.append(f"{when}: {partition} is missing")
    for partition, frame in after.items():
        outcome.partitions += 1
        try:
            assert_same_rows(frame, expected[partition])
        except AssertionError:
            have, wanted = frame.height, expected[partition].height
            outcome.problems.append(f"{when}: {partition} differs ({have} rows of {wanted})")


def _compare_dashboard(
    when: str, world: World, expected: Mapping[Partition, pl.DataFrame], outcome: Outcome
) -> None:
    """The dashboard shows one whole report of a tag, or nothing of it yet."""
    for (tag,), rows in _table(world, _DASHBOARD).group_by("tag"):
        days = rows["event_date"].unique().to_list()
        module = rows["module"][0]
        report = expected[(f"ab.tbl_report_user_{module}_{tag}", str(tag), days[0])]
        try:
            assert len(days) == 1
            assert_same_rows(rows.sort(rows.columns, nulls_last=True), report)
        except AssertionError:
            outcome.problems.append(f"{when}: the dashboard of {tag} is no whole report")


def _partitions(world: World) -> dict[Partition, pl.DataFrame]:
    """Every dated partition, without what differs from run to run; provenance agrees with it."""
    found: dict[Partition, pl.DataFrame] = {}
    with world.warehouse.session():
        names = [f"ab.{name}" for name in world.warehouse.tables("ab")]
    for name in names:
        if name == _PROVENANCE:
            continue
        frame = _table(world, name)
        if "event_date" in frame.columns:
            for (tag, when), rows in frame.group_by("tag", "event_date"):
                found[(name, str(tag), when)] = rows.sort(rows.columns, nulls_last=True)
    return found


def _table(world: World, name: str) -> pl.DataFrame:
    schema, _, table = name.partition(".")
    return world.table(name) if table in world.warehouse.tables(schema) else _nothing()


def _nothing() -> pl.DataFrame:
    return pl.DataFrame(schema={"tag": pl.String, "event_date": pl.Date, "module": pl.String})


def _random_arguments(random: Random, days: int) -> list[str]:
    first, last = sorted(random.randint(1, days) for _ in range(2))
    tags = random.sample(_TAGS, k=random.randint(1, len(_TAGS)))
    return _arguments(tags, first, last) + (["--full"] if random.random() < 0.3 else [])


def _arguments(tags: tuple[str, ...] | list[str], first: int, last: int) -> list[str]:
    chosen = [word for tag in tags for word in ("--tag", tag)]
    return ["run", *chosen, "--from", str(day(first)), "--to", str(day(last))]


def _run(world: World, *arguments: str) -> subprocess.Popen[bytes]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AB_", "GROWTHBOOK_"))}
    return subprocess.Popen(
        [
            sys.executable,
            "-W",
            "ignore",
            "-c",
            "from ab_assets.cli import main; main()",
            *arguments,
        ],
        env={**kept, **world.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def main() -> None:
    """Runs the harness and prints what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = kill_runs(options.kills, options.seed, Path(folder))
    print(f"killed while running   {outcome.killed}")
    print(f"finished before        {outcome.finished}")
    print(f"partitions compared    {outcome.partitions}")
    print(f"partial, doubled, lost {len(outcome.problems)}")
    for problem in outcome.problems:
        print(f"  {problem}")
    sys.exit(bool(outcome.problems))


if __name__ == "__main__":
    main()
