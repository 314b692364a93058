"""Kills runs (SIGKILL) at random moments and at every statement, and looks at what is left.

What belongs here: choosing moments, killing, counting. What does not: the process that is killed
(fork_server.py), and the rules that have to hold afterwards (partitions.py).
"""

import itertools
import shutil
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from tests.faults.boundaries import Stop, changes_something, moment_of
from tests.faults.forked import KILLED, Child, ForkServer
from tests.faults.partitions import check_whole, read_contents
from tests.faults.states import State
from tests.faults.tally import Tally
from tests.small_world import World

# Of the statements that write into the small company's file.
_LONGEST_WRITE = 0.004


def boundaries_of(state: State) -> list[Stop]:
    """Every gap between two statements of the state's command.

    Before each statement is after the one before it. Between a statement that changes the file and
    the next one Dagster writes what happened, so those gaps have two ends.
    """
    found = []
    for number, statement in enumerate(state.statements, start=1):
        found.append(Stop(number, "before"))
        if changes_something(statement) or number == len(state.statements):
            found.append(Stop(number, "after"))
    return found


def inner_moments(state: State, count: int, seed: int) -> list[Stop]:
    """Random moments within statements that change the file, all of them in turn."""
    random = Random(seed)
    numbers = [
        number
        for number, statement in enumerate(state.statements, start=1)
        if changes_something(statement)
    ]
    random.shuffle(numbers)
    turns = itertools.islice(itertools.cycle(numbers), count)
    return [Stop(number, "within", random.uniform(1e-5, _LONGEST_WRITE)) for number in turns]


def kill_at_statements(
    server: ForkServer,
    state: State,
    stops: Iterable[Stop],
    folder: Path,
    *,
    complete_every: int = 1,
) -> Tally:
    """Lets the command die at each of these statements, each time in a fresh copy of the state."""
    stops = list(stops)
    sides = " or ".join(dict.fromkeys(stop.side for stop in stops))
    tally = Tally(f"killed {sides} a statement, {state.name}")
    for place, stop in enumerate(stops):
        world = state.copy_to(folder / "killed")
        child = server.start(state.command(world, folder / "told", stop))
        code = child.end()
        where = f"{state.name}, {stop.side} {_named(state, stop.statement)}"
        tally.expect(holds=code in KILLED, sentence=f"{where}: ended with {code}")
        complete = complete_every > 0 and place % complete_every == 0
        _look(server, state, world, child, tally=tally, where=where, complete=complete)
    return tally


def look_at_boundaries(
    server: ForkServer, state: State, stops: Iterable[Stop], folder: Path
) -> Tally:
    """Looks at the file as it was at each of these boundaries of one run.

    A process that is killed there leaves just these bytes. One run shows all of them; a kill at
    each costs a run each.
    """
    tally = Tally(f"file as it was at a statement, {state.name}")
    world, copies = state.copy_to(folder / "copied"), folder / "copies"
    command = replace(state.command(world, folder / "told"), copies=copies)
    assert server.run(command) == state.code
    for stop in stops:
        copy = World(copies / f"{stop.statement}_{stop.side}")
        where = f"{state.name}, copy {stop.side} {_named(state, stop.statement)}"
        now = read_contents(copy, sources=state.sources)
        found = check_whole(now, state.before, state.after, tally, where)
        tally.details.update({f"partitions {name}": count for name, count in found.items()})
        tally.injected += 1
    shutil.rmtree(copies)
    return tally


def kill_at_random(
    server: ForkServer,
    states: Sequence[State],
    kills: int,
    seed: int,
    folder: Path,
    *,
    complete_every: int = 1,
    of: str = "",
) -> Tally:
    """Kills the commands of the states in turn, each after a random part of its time."""
    random = Random(seed)
    told = of or ", ".join(state.name for state in states)
    tally = Tally(f"killed at a random moment, {told}")
    seconds = {state.name: state.seconds for state in states}
    for state in _turns(states):
        if tally.injected >= kills:
            return tally
        world = state.copy_to(folder / "killed")
        child = server.start(state.command(world, folder / "told"))
        begun = time.monotonic()
        delay = random.uniform(0.0, seconds[state.name])
        code = child.wait(delay)
        if code is not None:  # it was faster this time: another one is killed instead
            tally.details["ended before it was killed"] += 1
            seconds[state.name] = time.monotonic() - begun
            continue
        child.send(signal.SIGKILL)
        child.end()
        where = f"{state.name}, kill {tally.injected}, {delay:.3f} s"
        complete = tally.injected % complete_every == 0
        _look(server, state, world, child, tally=tally, where=where, complete=complete)
    return tally


def _turns(states: Sequence[State]) -> Iterator[State]:
    while True:
        yield from states


def _look(
    server: ForkServer,
    state: State,
    world: World,
    child: Child,
    *,
    tally: Tally,
    where: str,
    complete: bool,
) -> None:
    """Counts what a killed command left, and what the next one makes of it."""
    tally.injected += 1
    moment = moment_of(child.command.statements)
    tally.details[f"killed {moment}"] += 1
    found = check_whole(state.read(world), state.before, state.after, tally, f"{where}, {moment}")
    tally.details.update({f"partitions {name}": count for name, count in found.items()})
    if complete:
        state.complete(server, world, tally, where)
    told = f"{tally.comparisons} comparisons, {len(tally.differences)} differences"
    sys.stderr.write(f"{tally.injected}: {where}, {moment}: {told}\n")


def _named(state: State, number: int) -> str:
    return f"{number} ({state.statements[number - 1][:60]})"
