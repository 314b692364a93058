"""Dagster's home that is lost between runs.

What belongs here: the whole folder or some of its files gone. What does not: a full disk.
"""

import shutil
from pathlib import Path

from tests.faults.forked import ForkServer
from tests.faults.states import State
from tests.faults.tally import Tally

PARTS = (".", "history", "history/runs.db", "schedules", "dagster.yaml", "storage")


def lose(server: ForkServer, state: State, parts: tuple[str, ...], folder: Path) -> Tally:
    """Removes a part of the home, and runs: provenance is in the warehouse, so nothing changes."""
    tally = Tally("DAGSTER_HOME lost")
    for part in parts:
        world = state.copy_to(folder / "lost")
        place = world.root / "dagster" / part
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)
        tally.injected += 1
        state.complete(server, world, tally, f"without {part}")
    return tally
