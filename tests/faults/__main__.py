"""``python -m tests.faults``: breaks things on purpose and counts what was lost or doubled.

What belongs here: which kinds of faults there are, arguments, the printed table. What does not: any
fault.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.faults.demo_states import demo_states
from tests.faults.forked import ForkServer, scratch
from tests.faults.kills import boundaries_of, inner_moments, kill_at_random, kill_at_statements
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
    inner = inner_moments(state, amounts.kills, amounts.seed)
    return [
        kill_at_statements(server, state, stops, folder, complete_every=4)
        for stops in (boundaries_of(state), inner)
    ]


def _kills(server: ForkServer, folder: Path, amounts: Amounts) -> list[Tally]:
    states = [
        nothing_made(server, folder / "nothing"),
        first_day_made(server, folder / "first"),
        overwritten(server, folder / "overwritten"),
    ]
    return [kill_at_random(server, states, amounts.kills, amounts.seed, folder, complete_every=4)]


def _demo_kills(server: ForkServer, folder: Path, amounts: Amounts) -> list[Tally]:
    states = demo_states(server, folder / "demo")
    return [kill_at_random(server, states, amounts.kills, amounts.seed, folder, complete_every=10)]


FAMILIES: dict[str, Callable[[ForkServer, Path, Amounts], list[Tally]]] = {
    "boundaries": _boundaries,
    "kills": _kills,
    "demo-kills": _demo_kills,
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
