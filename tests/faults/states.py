"""Warehouses as a command finds them, what it makes of them, and copies to be spoilt.

What belongs here: preparing them once. What does not: faults.
"""

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.faults.boundaries import Stop, begun_statements
from tests.faults.forked import Command, ForkServer
from tests.faults.partitions import Contents, changed, check_equal, read_contents
from tests.faults.tally import Tally
from tests.small_world import World, an_exposure, build_world, day, midnight

TAG = "shop"
_CHECK_FAILED = 3


@dataclass(frozen=True)
class State:
    """A warehouse as a command finds it, and what the command makes of it when nobody disturbs it.

    Attributes:
        name: In words.
        world: The files before.
        made: The files after.
        arguments: The command.
        before: What the warehouse holds before.
        after: What it holds after.
        code: The command's exit code.
        statements: What the command sends to the warehouse, in order.
        seconds: How long it takes.
        sources: Whether source tables are compared, too.
    """

    name: str
    world: World
    made: World
    arguments: tuple[str, ...]
    before: Contents
    after: Contents
    code: int
    statements: tuple[str, ...]
    seconds: float
    sources: bool = True

    def copy_to(self, folder: Path) -> World:
        """A copy to be spoilt; what was in the folder is gone."""
        shutil.rmtree(folder, ignore_errors=True)
        return replace(self.world, root=copied(self.world.root, folder))

    def command(
        self,
        world: World,
        told: Path,
        stop: Stop | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Command:
        """The command on a copy, with more of its environment."""
        variables = world.environment | dict(environment or {})
        return Command(self.arguments, variables, told, watched=True, stop=stop)

    def complete(self, server: ForkServer, world: World, tally: Tally, where: str) -> None:
        """Runs the command to its end; everything then is as if nothing had happened."""
        command = self.command(world, world.root.with_name("completed"))
        code = server.run(command)
        sentence = f"{where}: the next run ended with {code}: {command.errors[-300:]}"
        tally.expect(holds=code == self.code, sentence=sentence)
        check_equal(self.read(world), self.after, tally, f"{where}, completed")
        tally.details["completed by a further run"] += 1

    def read(self, world: World) -> Contents:
        """What a copy holds, read from a copy of it: reading would mend what a kill left."""
        folder = world.root.with_name(f"{world.root.name}_read")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name in ("ab.duckdb", "ab.duckdb.wal"):
            if (world.root / name).exists():
                shutil.copyfile(world.root / name, folder / name)
        return read_contents(World(folder), sources=self.sources)


def run_arguments(*days: int, tag: str = TAG, full: bool = False) -> tuple[str, ...]:
    """``ab-assets run`` of a tag for the days from the first to the last given."""
    dates = ("--from", str(day(days[0])), "--to", str(day(days[-1])))
    return ("run", "--tag", tag, *dates, *(("--full",) if full else ()))


def prepare(
    server: ForkServer,
    folder: Path,
    name: str,
    world: World,
    arguments: tuple[str, ...],
    *,
    sources: bool = True,
) -> State:
    """Runs the command once undisturbed on a copy of the world."""
    folder.mkdir(parents=True, exist_ok=True)
    left_alone = replace(world, root=copied(world.root, folder / "left_alone"))
    command = Command(arguments, left_alone.environment, folder / "left_alone", watched=True)
    begun = time.monotonic()
    code = server.run(command)
    seconds = time.monotonic() - begun
    # A command that cannot even begin would let every comparison pass.
    assert code in {0, _CHECK_FAILED}, command.errors
    state = State(
        name,
        world,
        left_alone,
        arguments,
        read_contents(world, sources=sources),
        read_contents(left_alone, sources=sources),
        code,
        tuple(begun_statements(command.statements)),
        seconds,
        sources=sources,
    )
    assert changed(state.before, state.after)
    return state


def nothing_made(server: ForkServer, folder: Path) -> State:
    """Sources are loaded, and two days are made for the first time."""
    world = build_world(folder / "world")
    return prepare(server, folder, "nothing made", world, run_arguments(1, 2))


def first_day_made(server: ForkServer, folder: Path) -> State:
    """The first day is there, the second is made of it and of its own rows."""
    world = build_world(folder / "world")
    make(server, world, run_arguments(1))
    return prepare(server, folder, "first day made", world, run_arguments(2))


def overwritten(server: ForkServer, folder: Path, days: int = 2) -> State:
    """All days are there; rows arrived late, and each day is made again with them."""
    world = build_world(folder / "world")
    make(server, world, run_arguments(1, days))
    add_late_rows(world)
    return prepare(server, folder, "overwritten", world, run_arguments(1, days))


def add_late_rows(world: World) -> None:
    """Exposures of units nobody knew, on the first two days: every partition changes."""
    world.add_exposures(
        [
            an_exposure(
                f"late{number}",
                str(number % 2),
                "basket",
                midnight(day(1 + number % 2)) + timedelta(hours=number),
            )
            for number in range(12)
        ]
    )


def make(
    server: ForkServer,
    world: World,
    arguments: tuple[str, ...],
    clock: datetime | None = None,
    **environment: str,
) -> Command:
    """Runs a command that has to succeed, at some time when a clock is given."""
    ahead = (clock - datetime.now(UTC)).total_seconds() / 86_400 if clock else 0.0
    variables = world.environment | environment
    command = Command(arguments, variables, world.root.with_name("made"), now=ahead)
    code = server.run(command)
    assert code in {0, _CHECK_FAILED}, (arguments, code, command.errors)
    return command


def copied(root: Path, folder: Path) -> Path:
    # Parquet files are only read, and the demo's are large: links are as good.
    shutil.copytree(root, folder, copy_function=_copy)
    return folder


def _copy(source: str, target: str) -> Mapping[str, object] | str:
    if source.endswith(".parquet"):
        Path(target).symlink_to(source)
        return target
    return shutil.copyfile(source, target)
