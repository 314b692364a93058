"""A run that stands still (SIGSTOP) with the file open, and a second one started meanwhile.

What belongs here: pauses longer than the wait for the file's lock. What does not: kills.
"""

import signal
from collections.abc import Sequence
from pathlib import Path
from random import Random

from tests.faults.boundaries import Stop
from tests.faults.forked import ForkServer
from tests.faults.partitions import check_equal, check_whole
from tests.faults.states import State
from tests.faults.tally import Tally

_FAILED = 1
_WAIT = {"AB_WAREHOUSE_LOCK_SECONDS": "0.3"}


def statements_to_pause_at(state: State, count: int, seed: int) -> list[int]:
    """Random statements, about half of them commits: there the most is at stake."""
    random = Random(seed)
    numbers = range(1, len(state.statements) + 1)
    commits = [number for number in numbers if state.statements[number - 1] == "COMMIT"]
    return [random.choice(commits if place % 2 == 0 else numbers) for place in range(count)]


def pause(server: ForkServer, state: State, statements: Sequence[int], folder: Path) -> Tally:
    """Pauses a run at each of the statements, starts another, and lets the first go on."""
    tally = Tally("paused with the file open, a second run meanwhile")
    for number in statements:
        world = state.copy_to(folder / "paused")
        where = f"paused at {number} ({state.statements[number - 1][:50]})"
        stop = Stop(number, "before", pauses=True)
        first = server.start(state.command(world, folder / "first", stop))
        assert first.await_pause(), first.command.errors
        tally.injected += 1
        second = state.command(world, folder / "second", environment=_WAIT)
        code = server.run(second)
        is_told = code == _FAILED and f"is open in process {first.pid}" in _line(second.errors)
        # Between two openings the file is free: the second run does everything.
        sentence = f"{where}: the second run ended with {code}: {second.errors[-300:]}"
        tally.expect(holds=is_told or code == state.code, sentence=sentence)
        tally.details["second run refused with the holder named" if is_told else "second ran"] += 1
        first.send(signal.SIGCONT)
        code = first.end()
        sentence = f"{where}: the first run ended with {code}: {first.command.errors[-300:]}"
        tally.expect(holds=code == state.code, sentence=sentence)
        now = state.read(world)
        check_whole(now, state.before, state.after, tally, where, pulls=2)
        check_equal(now, state.after, tally, where)
    return tally


def _line(text: str) -> str:
    return " ".join(text.split())
