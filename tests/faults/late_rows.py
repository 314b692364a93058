"""Rows that arrive late, between runs of one day, of the look-back days, and full ones.

What belongs here: files that are loaded in any order between runs in any order. What does not:
rows that are rejected.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import polars as pl

from tests.faults.forked import ForkServer
from tests.faults.partitions import Contents, check_equal, read_contents
from tests.faults.states import make, run_arguments
from tests.faults.tally import Tally
from tests.small_world import World, build_world

_LOOKBACK = 3
_SOURCES = ("exposures", "events")
_LEDGER = "ab_source.loads"


@dataclass(frozen=True)
class Step:
    """A part of a source that is loaded, or days that are made."""

    source: str = ""
    part: int = 0
    first: int = 1
    last: int = 1
    full: bool = False


def steps(parts: int, runs: int, days: int, seed: int) -> list[Step]:
    """Every part of both sources, and runs of one day, of look-back days, and full ones between."""
    random = Random(seed)
    found = [Step(source, part) for source in _SOURCES for part in range(parts)]
    for place in range(runs):
        last = random.randint(1, days)
        first = last if place % 3 == 0 else max(1, last - _LOOKBACK + 1)
        found.append(Step(first=first, last=last, full=place % 3 == 2))
    random.shuffle(found)
    return found


def arrive(
    server: ForkServer, order: Sequence[Step], days: int, folder: Path, *, full: bool
) -> Tally:
    """Loads and runs in this order; once all days are made again, lateness has left no trace."""
    tally = Tally("rows arrive late, between runs")
    right, world = build_world(folder / "right"), build_world(folder / "late")
    for table in ("exposures", "events", "loads"):
        world.execute(f"DELETE FROM ab_source.{table}")
    parts = 1 + max(step.part for step in order)
    for step in order:
        if step.source:
            file = _part_of(world, step, parts)
            make(server, world, ("load", step.source, str(file)))
            tally.injected += 1
        else:
            make(server, world, run_arguments(step.first, step.last, full=step.full))
            tally.details["runs between"] += 1
    make(server, world, run_arguments(1, days, full=full))
    make(server, right, run_arguments(1, days))
    where = "all rows there, full" if full else "all rows there"
    check_equal(_without_ledger(world), _without_ledger(right), tally, where)
    return tally


def _part_of(world: World, step: Step, parts: int) -> Path:
    """Every so-manieth row: each part has rows of every day."""
    file = world.root / f"{step.source}_{step.part}.parquet"
    rows = pl.read_parquet(world.root / f"{step.source}.parquet")
    rows.gather_every(parts, step.part).write_parquet(file)
    return file


def _without_ledger(world: World) -> Contents:
    contents = read_contents(world)
    others = {name: rows for name, rows in contents.others.items() if name != _LEDGER}
    return replace(contents, others=others)
