"""Runs, a schedule-like loop and readers on one warehouse file, for minutes.

What belongs here: processes beside each other, and what a reader may see meanwhile. What does not:
kills.
"""

import json
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import polars as pl

from tests.faults.forked import Child, Command, ForkServer
from tests.faults.partitions import check_equal, check_whole
from tests.faults.states import TAG, State, copied, make
from tests.faults.tally import Tally
from tests.same_rows import assert_same_rows
from tests.small_world import World, day

_FAILED, _DONE = 1, (0, 3)
_VOLATILE = ("computed_at", "run_id")
_READ = ("report", "--tag", TAG, "--json", "--date", str(day(1)))
_LOCKED = "is open in process"

Rows = list[dict[str, object]]


@dataclass
class _Crowd:
    """Commands that are started again whenever they end."""

    server: ForkServer
    world: World
    folder: Path
    commands: dict[str, tuple[str, ...]]
    allowed: list[Rows]
    tally: Tally
    children: dict[str, Child] = field(default_factory=dict)

    def start_missing(self) -> None:
        environment = self.world.environment | {"AB_WAREHOUSE_LOCK_SECONDS": "20"}
        for name, arguments in self.commands.items():
            if name not in self.children:
                command = Command(arguments, environment, self.folder / name.replace(" ", "_"))
                self.children[name] = self.server.start(command)
                self.tally.injected += 1

    def reap(self, seconds: float = 0.0) -> None:
        for name, child in list(self.children.items()):
            code = child.wait(seconds)
            if code is not None:
                del self.children[name]
                self._judge(name, child.command, code)

    def _judge(self, name: str, command: Command, code: int) -> None:
        errors = " ".join(command.errors.split())
        is_locked = code == _FAILED and _LOCKED in errors
        sentence = f"{name} ended with {code}: {errors[-400:]}"
        self.tally.expect(holds=is_locked or code in _DONE, sentence=sentence)
        self.tally.details[f"{name}: {'gave up waiting' if is_locked else 'ended'}"] += 1
        if command.arguments == _READ and code == 0:
            found = [_difference(_rows(command), rows) for rows in self.allowed]
            sentence = f"{name} saw a report that never was whole: {' or '.join(found)}"
            self.tally.expect(holds="" in found, sentence=sentence)


def live_beside(server: ForkServer, state: State, seconds: float, folder: Path) -> Tally:
    """Lets all of them work for so long, at least for a run; the end is that of one run alone."""
    tally = Tally("runs and readers beside each other")
    allowed = [
        _rows(make(server, copied_world, _READ))
        for copied_world in (
            state.copy_to(folder / "old"),
            replace(state.made, root=copied(state.made.root, folder / "new")),
        )
    ]
    world = state.copy_to(folder / "beside")
    commands = {"run": state.arguments, "report": _READ}
    if seconds:
        commands |= {"full run": (*state.arguments, "--full"), "schedule": state.arguments}
    crowd = _Crowd(server, world, folder, commands, allowed, tally)
    until = time.monotonic() + seconds
    while time.monotonic() < until or "run: ended" not in tally.details:
        crowd.start_missing()
        _read_plainly(state, world, folder / "seen", tally)
        crowd.reap()
        time.sleep(0.05)
    while crowd.children:
        crowd.reap(0.1)
    check_equal(state.read(world), state.after, tally, "at the end")
    return tally


def _read_plainly(state: State, world: World, folder: Path, tally: Tally) -> None:
    """What a DuckDB shell would see: everything, in one transaction of a read-only connection."""
    folder.mkdir(exist_ok=True)
    copy = folder / "ab.duckdb"
    copy.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        try:
            file = world.root / "ab.duckdb"
            connection.execute(f"ATTACH '{file}' AS warehouse (READ_ONLY)")
        except duckdb.IOException:
            tally.details["plain reader: the file was locked"] += 1
            return
        connection.execute(f"ATTACH '{copy}' AS seen")
        connection.execute("COPY FROM DATABASE warehouse TO seen")
    tally.details["plain reader: read"] += 1
    now = state.read(World(folder))
    check_whole(now, state.before, state.after, tally, "a plain reader", pulls=1_000_000)


def _difference(one: Rows, other: Rows) -> str:
    """In words; nothing but the last bits of fractions may differ, which are added in any order."""
    frames = [pl.DataFrame(rows, infer_schema_length=None) for rows in (one, other)]
    try:
        assert_same_rows(*frames)
    except AssertionError as difference:
        return " ".join(str(difference).split())
    return ""


def _rows(command: Command) -> Rows:
    rows: Rows = json.loads(command.output)
    return [{name: value for name, value in row.items() if name not in _VOLATILE} for row in rows]
