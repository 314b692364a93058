"""Commands in forked children, and how they are killed.

What belongs here: the server that imports everything once and forks a child a command, and the
client that starts, waits for and kills such children. What does not: which moment is chosen
(boundaries.py, kills.py), and what is looked at afterwards (partitions.py).

A child runs what ``ab-assets`` runs. The server never opens a warehouse and never runs a query, so
that it has no threads of DuckDB or Polars which a fork would lose; definitions and translated
statements are made in it once, because what is to be killed is a run and not its start.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from ab_assets.settings import PROJECT_ROOT
from tests.faults.boundaries import Stop

_OWN = ("AB_", "GROWTHBOOK_", "DAGSTER_")
_LONGEST = 300.0
KILLED = (-signal.SIGKILL, -signal.SIGALRM)


@dataclass(frozen=True)
class Command:
    """One command of ``ab-assets``.

    Attributes:
        arguments: What follows ``ab-assets``.
        environment: Every variable of the project; others of its kind are unset.
        told: Where its output goes: ``told.out``, ``told.err`` and, of a watched one, ``told.sql``.
        watched: Whether each statement is written down as it begins and ends.
        stop: The statement to be killed or paused at.
        copies: A folder that gets a copy of the warehouse file at every boundary.
        now: Days the clock is ahead.
        file_bytes: No file may grow beyond this; 0 for no limit.
    """

    arguments: Sequence[str]
    environment: Mapping[str, str]
    told: Path
    watched: bool = False
    stop: Stop | None = None
    copies: Path | None = None
    now: float = 0.0
    file_bytes: int = 0

    @property
    def errors(self) -> str:
        return self.told.with_suffix(".err").read_text(encoding="utf-8")

    @property
    def output(self) -> str:
        return self.told.with_suffix(".out").read_text(encoding="utf-8")

    @property
    def statements(self) -> list[str]:
        """What was sent to the warehouse: each line a number, ``>`` or ``<``, and the statement."""
        return self.told.with_suffix(".sql").read_text(encoding="utf-8").splitlines()


class Child:
    """A command that runs in a forked child."""

    def __init__(self, server: "ForkServer", command: Command, pid: int) -> None:
        self._server, self.command, self.pid = server, command, pid
        self._code: int | None = None

    def wait(self, seconds: float = _LONGEST) -> int | None:
        """The exit code (negative: the signal), or None when it still runs after these seconds."""
        if self._code is None:
            self._code = self._server.ask({"wait": self.pid, "seconds": seconds})
        return self._code

    def send(self, number: signal.Signals) -> None:
        if self._code is None:
            os.kill(self.pid, number)

    def await_pause(self) -> bool:
        """Waits until the child is paused; False when it ended instead."""
        while self.wait(0.01) is None:
            if _state(self.pid) == "T":
                return True
        return False

    def end(self) -> int:
        """The exit code of a child that is expected to end by itself."""
        code = self.wait()
        if code is None:
            self.send(signal.SIGKILL)
            message = f"{self.command.arguments} did not end: {self.command.errors}"
            raise AssertionError(message)
        return code


class ForkServer:
    """A process that has everything imported and forks children."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.fork_server"],
            cwd=PROJECT_ROOT,
            env={name: value for name, value in os.environ.items() if not name.startswith(_OWN)}
            | {"PYTHONPATH": str(PROJECT_ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def start(self, command: Command) -> Child:
        request = vars(command) | {
            "told": str(command.told),
            "stop": vars(command.stop) if command.stop else None,
            "copies": str(command.copies) if command.copies else None,
        }
        pid = self.ask({"start": request})
        assert pid is not None
        return Child(self, command, pid)

    def run(self, command: Command) -> int:
        """The exit code of a command."""
        return self.start(command).end()

    def ask(self, request: Mapping[str, object]) -> int | None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the fork server has ended"
        found: int | None = json.loads(answer)
        return found


def _state(pid: int) -> str:
    text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return text.rpartition(")")[2].split()[0]


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards; in memory where the system has a place for that."""
    memory = Path("/dev/shm")  # noqa: S108 (a folder of its own is made in it)
    with tempfile.TemporaryDirectory(
        prefix="faults_", dir=memory if memory.is_dir() else None
    ) as folder:
        yield Path(folder)
