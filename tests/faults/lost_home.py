"""Dagster's home that is lost between runs.

What belongs here: the whole folder or some of its files gone. What does not: a full disk.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.faults.boundaries import Stop
from tests.faults.forked import KILLED, ForkServer
from tests.faults.states import State
from tests.faults.tally import Tally

PARTS = (".", "history", "history/runs.db", "schedules", "dagster.yaml", "storage")


def lose(
    server: ForkServer,
    state: State,
    parts: Sequence[str],
    folder: Path,
    killed_at: Stop | None = None,
) -> Tally:
    """Removes a part of the home, and runs: provenance is in the warehouse, so nothing changes.

    Args:
        killed_at: Where a run was killed before that.
    """
    tally = Tally("DAGSTER_HOME lost")
    for part in parts:
        world = state.copy_to(folder / "lost")
        if killed_at is not None:
            code = server.run(state.command(world, folder / "told", killed_at))
            tally.expect(holds=code in KILLED, sentence=f"the killed run ended with {code}")
        place = world.root / "dagster" / part
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)
        tally.injected += 1
        state.complete(server, world, tally, f"without {part}")
    return tally
