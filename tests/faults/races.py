"""Two processes that make the same partitions, or load the same file, at the same time.

What belongs here: commands that start together or a random time apart. What does not: threads of
one process.
"""

import time
from collections.abc import Sequence
from pathlib import Path

from tests.faults.forked import ForkServer
from tests.faults.partitions import check_equal
from tests.faults.states import State
from tests.faults.tally import Tally

_PATIENT = {"AB_WAREHOUSE_LOCK_SECONDS": "60"}


def race(server: ForkServer, state: State, delays: Sequence[float], folder: Path) -> Tally:
    """Starts the state's command twice, so many seconds apart: it is as if once."""
    tally = Tally(f"two at once, {state.name}")
    for delay in delays:
        world = state.copy_to(folder / "raced")
        children = []
        for name, seconds in (("first", 0.0), ("second", delay)):
            time.sleep(seconds)
            command = state.command(world, folder / name, environment=_PATIENT)
            children.append(server.start(command))
        tally.injected += 1
        where = f"{state.name}, {delay:.2f} s apart"
        for child in children:
            code = child.end()
            sentence = f"{where}: ended with {code}: {child.command.errors[-600:]}"
            tally.expect(holds=code == state.code, sentence=sentence)
        check_equal(state.read(world), state.after, tally, where)
    return tally
