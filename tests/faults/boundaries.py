"""Every statement a process sends to the embedded warehouse, seen from inside the process.

What belongs here: numbering statements as they begin and end, and dying at one of them. What does
not: what is left behind (partitions.py).

Opening and closing the file count as well: that is where DuckDB replays and empties its log.
Settings of a connection do not count, they change nothing.
"""

import os
import re
import shutil
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import duckdb

_Result = TypeVar("_Result")

_METHODS = ("execute", "sql", "begin", "commit", "rollback", "close")
_NO_STATEMENTS = re.compile(r"^(SET|RESET|USE)\b", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CHANGES = ("COMMIT", "INSERT", "DELETE", "CREATE", "ALTER", "CLOSE")
_TEMPORARY = re.compile(r"^CREATE (OR REPLACE )?TEMP\b", re.IGNORECASE)
_BEGUN, _ENDED = ">", "<"


@dataclass(frozen=True)
class Stop:
    """The moment a process is to be killed or paused at.

    Attributes:
        statement: The number of the statement, from 1.
        side: Right before it, right after it, or some time after it began.
        seconds: That time.
        pauses: Whether the process is to be paused (SIGSTOP) instead.
    """

    statement: int
    side: Literal["before", "after", "within"]
    seconds: float = 0.0
    pauses: bool = False


@dataclass(frozen=True)
class Copies:
    """The warehouse file at every boundary, as a kill there would leave it.

    Attributes:
        world: The folder of the file.
        into: Where the copies go, a folder each.
    """

    world: Path
    into: Path

    def take(self, name: str) -> None:
        folder = self.into / name
        folder.mkdir(parents=True)
        for file in ("ab.duckdb", "ab.duckdb.wal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(self.world / file, folder / file)


class _Watch:
    """The numbered statements of this process.

    Only the outermost call counts: DuckDB's own methods may use one another.
    """

    def __init__(self, file: int, stop: Stop | None, copies: Copies | None) -> None:
        self._file, self._stop, self._copies = file, stop, copies
        self._number = 0
        self._inside = False

    def around(self, statement: str, call: Callable[[], _Result]) -> _Result:
        if self._inside or _NO_STATEMENTS.match(statement):
            return call()
        self._number += 1
        self._note(_BEGUN, statement)
        self._die("before")
        self._inside = True
        try:
            return call()
        finally:
            self._inside = False
            self._note(_ENDED, statement)
            self._die("after")

    def _note(self, side: str, statement: str) -> None:
        os.write(self._file, f"{self._number} {side} {statement}\n".encode())

    def _die(self, side: str) -> None:
        if self._copies is not None:
            self._copies.take(f"{self._number}_{side}")
        stop = self._stop
        if stop is None or self._number != stop.statement:
            return
        if stop.side == side:
            os.kill(os.getpid(), signal.SIGSTOP if stop.pauses else signal.SIGKILL)
        elif stop.side == "within" and side == "before":
            # Nobody handles this signal: the kernel ends the process, wherever it is by then.
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, stop.seconds)


def watch_statements(path: Path, stop: Stop | None = None, copies: Copies | None = None) -> None:
    """Writes each statement down, and lets this process die or take a copy at them."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
    watch = _Watch(file, stop, copies)
    for name in _METHODS:
        setattr(duckdb.DuckDBPyConnection, name, _watched(watch, name))


def _watched(watch: _Watch, name: str) -> Callable[..., object]:
    known = getattr(duckdb.DuckDBPyConnection, name)

    def method(self: object, *values: object, **named: object) -> object:
        text = values[0] if name in {"execute", "sql"} and values else name.upper()
        return watch.around(_in_short(str(text)), lambda: known(self, *values, **named))

    return method


def _in_short(text: str) -> str:
    return " ".join(_COMMENT.sub(" ", text).split())[:160]


def begun_statements(lines: list[str]) -> list[str]:
    """The statements of the lines that were written down, in the order they began."""
    parts = [line.split(" ", 2) for line in lines]
    return [statement for _, side, statement in parts if side == _BEGUN]


def changes_something(statement: str) -> bool:
    """Whether the file may be another one after a statement."""
    is_temporary = _TEMPORARY.match(statement) is not None
    return statement.startswith(_CHANGES) and not is_temporary


def moment_of(lines: list[str]) -> str:
    """Where a process was when it was killed, by the last line it wrote down."""
    if not lines:
        return "before the first statement"
    _, side, statement = lines[-1].split(" ", 2)
    if side == _ENDED and statement == "CLOSE":
        return "between two openings of the file"
    where = "at" if side == _BEGUN else "after"
    return f"{where} {statement.split(' ', 1)[0].upper()}"
