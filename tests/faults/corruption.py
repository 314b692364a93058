"""A warehouse file with flipped bits, cut off, or with a damaged log.

What belongs here: damage to a copy, and that a command either says so or gives the right numbers.
What does not: mending; there is a backup, or the sources are loaded again.
"""

import json
from pathlib import Path
from random import Random

from tests.faults.forked import Command, ForkServer
from tests.faults.states import TAG, State
from tests.faults.tally import Tally
from tests.small_world import World

_FAILED = 1
_REMEDY = "move it away"
_VOLATILE = ("computed_at", "run_id")


def damage(server: ForkServer, state: State, times: int, seed: int, folder: Path) -> Tally:
    """Asks for the report of a made warehouse again and again, each time damaged otherwise."""
    random, tally = Random(seed), Tally("warehouse file damaged")
    made = World(state.copy_to(folder / "made").root)
    right = _report(server, made, folder / "right")
    assert server.run(right) == 0
    expected = _rows(right)
    assert expected
    for _ in range(times):
        world = World(state.copy_to(folder / "damaged").root)
        where = _spoil(world.root / "ab.duckdb", random)
        command = _report(server, world, folder / "told")
        code = server.run(command)
        tally.injected += 1
        told = " ".join(command.errors.split())
        if code == 0:
            tally.expect(holds=_rows(command) == expected, sentence=f"{where}: a wrong report")
            tally.details["the damaged place was not needed"] += 1
            continue
        is_told = code == _FAILED and _REMEDY in told and "Traceback" not in told
        tally.expect(holds=is_told, sentence=f"{where}: ended with {code}: {told[-600:]}")
        tally.details["refused"] += 1
    return tally


def _spoil(file: Path, random: Random) -> str:
    """Damages a file in one of several ways, and says how."""
    content = bytearray(file.read_bytes())
    kind = random.choice(["bits", "bits", "block", "cut"])
    place = random.randrange(len(content))
    if kind == "bits":
        for _ in range(8):
            content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    elif kind == "block":
        content[place : place + 4096] = bytes(len(content[place : place + 4096]))
    else:
        del content[place:]
    file.write_bytes(bytes(content))
    return f"{kind} at {place} of {len(content)}"


def _report(server: ForkServer, world: World, told: Path) -> Command:
    return Command(("report", "--tag", TAG, "--json"), world.environment, told)


def _rows(command: Command) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads(command.output)
    return [{name: value for name, value in row.items() if name not in _VOLATILE} for row in rows]
