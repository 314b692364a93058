"""``python -m tests.faults``: breaks things on purpose and counts what was lost or doubled.

What belongs here: which kinds of faults there are, how much of each, the printed table. What does
not: any fault.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.faults import (
    beside,
    clocks,
    corruption,
    disk_full,
    killed_loads,
    kills,
    late_rows,
    lost_home,
    pauses,
    races,
    stale_configuration,
)
from tests.faults.demo_states import demo_states
from tests.faults.forked import ForkServer, scratch
from tests.faults.states import first_day_made, nothing_made, overwritten
from tests.faults.tally import Tally, table_of


@dataclass(frozen=True)
class Amounts:
    """How much is broken."""

    seed: int
    kills: int
    minutes: float


def _boundaries(server: ForkServer, folder: Path, amounts: Amounts) -> list[Tally]:
    state = overwritten(server, folder / "overwritten", days=1)
    inner = kills.inner_moments(state, amounts.kills, amounts.seed)
    return [
        kills.kill_at_statements(server, state, stops, folder, complete_every=8)
        for stops in (kills.boundaries_of(state), inner)
    ]


def _copies(server: ForkServer, folder: Path, amounts: Amounts) -> list[Tally]:
    states = [
        nothing_made(server, folder / "nothing"),
        overwritten(server, folder / "overwritten", days=1),
    ]
    return [
        kills.look_at_boundaries(server, state, kills.boundaries_of(state), folder)
        for state in states
    ]


def _kills(server: ForkServer, folder: Path, amounts: Amounts) -> list[Tally]:
    states = [
        nothing_made(server, folder / "nothing"),
        first_day_made(server, folder / "first"),
        overwritten(server, folder / "overwritten"),
    ]
    kill = kills.kill_at_random
    return [kill(server, states, amounts.kills, amounts.seed, folder, complete_every=8)]


def _demo_kills(server: ForkServer, folder: Path, amounts: Amounts) -> list[Tally]:
    states = demo_states(server, folder / "demo")
    kill, of = kills.kill_at_random, "the demo's company"
    return [kill(server, states, amounts.kills, amounts.seed, folder, complete_every=10, of=of)]


def _loads(server: ForkServer, folder: Path, amounts: Amounts) -> list[Tally]:
    state = killed_loads.loading(server, folder / "loading")
    inner = kills.inner_moments(state, amounts.kills // 4, amounts.seed)
    stops = [*kills.boundaries_of(state), *inner]
    return [killed_loads.kill_loads(server, state, stops, folder)]


def _pauses(server: ForkServer, folder: Path, amounts: Amounts) -> list[Tally]:
    state = overwritten(server, folder / "overwritten", days=1)
    statements = pauses.statements_to_pause_at(state, 10, amounts.seed)
    return [pauses.pause(server, state, statements, folder)]


def _disk(server: ForkServer, folder: Path, amounts: Amounts) -> list[Tally]:
    state = overwritten(server, folder / "overwritten", days=1)
    return [
        disk_full.fill_disk(server, state, disk_full.rooms(10, 1 << 20), folder),
        disk_full.limit_file(server, state, disk_full.rooms(10, 1 << 22), folder),
    ]


def _damage(server: ForkServer, folder: Path, amounts: Amounts) -> list[Tally]:
    state = overwritten(server, folder / "overwritten", days=1)
    return [corruption.damage(server, state, 100, amounts.seed, folder)]


def _clocks(server: ForkServer, folder: Path, amounts: Amounts) -> list[Tally]:
    return [clocks.jump(server, clocks.jumps(4, 6, amounts.seed), folder)]


def _races(server: ForkServer, folder: Path, amounts: Amounts) -> list[Tally]:
    states = [
        nothing_made(server, folder / "nothing"),
        overwritten(server, folder / "overwritten"),
        killed_loads.loading(server, folder / "loading"),
    ]
    delays = (0.0, 0.05, 0.3, 1.0)
    return [races.race(server, state, delays, folder) for state in states]


def _stale(server: ForkServer, folder: Path, amounts: Amounts) -> list[Tally]:
    return [stale_configuration.replay(server, 3, 2, folder)]


def _late(server: ForkServer, folder: Path, amounts: Amounts) -> list[Tally]:
    tallies = []
    for place in range(4):
        order = late_rows.steps(3, 4, 3, amounts.seed * 100 + place)
        where = folder / str(place)
        tallies.append(late_rows.arrive(server, order, 3, where, full=place % 2 == 1))
    return tallies


def _home(server: ForkServer, folder: Path, amounts: Amounts) -> list[Tally]:
    state = first_day_made(server, folder / "first")
    return [lost_home.lose(server, state, lost_home.PARTS, folder)]


def _beside(server: ForkServer, folder: Path, amounts: Amounts) -> list[Tally]:
    state = overwritten(server, folder / "overwritten")
    return [beside.live_beside(server, state, amounts.minutes * 60, folder)]


FAMILIES: dict[str, Callable[[ForkServer, Path, Amounts], list[Tally]]] = {
    "boundaries": _boundaries,
    "copies": _copies,
    "kills": _kills,
    "demo-kills": _demo_kills,
    "loads": _loads,
    "pauses": _pauses,
    "disk": _disk,
    "damage": _damage,
    "clocks": _clocks,
    "races": _races,
    "stale": _stale,
    "late": _late,
    "home": _home,
    "beside": _beside,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=[*FAMILIES], action="append", help="some kinds only")
    parser.add_argument("--kills", type=int, default=200, help="of each kind of random kills")
    parser.add_argument("--minutes", type=float, default=10.0, help="of runs beside each other")
    given = parser.parse_args()
    amounts = Amounts(given.seed, given.kills, given.minutes)
    tallies = []
    with ForkServer() as server:
        for name in given.only or FAMILIES:
            with scratch() as folder:
                tallies += FAMILIES[name](server, folder, amounts)
            sys.stderr.write(f"{table_of(tallies)}\n")
    sys.stdout.write(f"{table_of(tallies)}\n")
    return 1 if any(tally.differences for tally in tallies) else 0


if __name__ == "__main__":
    sys.exit(main())
