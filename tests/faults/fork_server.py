"""The process that imports everything once and forks a child a command.

What belongs here: the loop of requests, and what a child does before the command begins. What does
not: the client (forked.py).
"""

import gc
import json
import os
import resource
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from dagster import DagsterInstance

import ab_assets.definitions
from ab_assets.cli.application import run_application
from ab_assets.cli.project import open_project
from ab_assets.errors import AbAssetsError
from ab_assets.settings import read_settings
from ab_assets.warehouse import dialect
from tests.faults.boundaries import Copies, Stop, watch_statements
from tests.faults.clock import shift_clock
from tests.small_world import definitions_of

_OWN = ("AB_", "GROWTHBOOK_", "DAGSTER_")
_LEARNT = ".learnt"


class Server:
    """What the children inherit: definitions, and statements that are translated already."""

    def __init__(self) -> None:
        self._read: dict[Path, int] = {}
        _import_storage()

    def serve(self) -> None:
        for line in sys.stdin:
            request = json.loads(line)
            if "start" in request:
                answer: int | None = self._start(request["start"])
            else:
                answer = _wait(request["wait"], request["seconds"])
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()

    def _start(self, command: dict[str, Any]) -> int:
        _enter(command["environment"])
        told = Path(command["told"])
        learnt = told.with_name(_LEARNT)
        self._prepare(learnt)
        pid = os.fork()
        if pid:
            return pid
        try:
            code = _child(command, told, learnt)
        except BaseException:
            sys.excepthook(*sys.exc_info())
            code = 70
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

    def _prepare(self, learnt: Path) -> None:
        try:
            definitions = definitions_of(open_project())
        except AbAssetsError:
            return  # the command will say so
        definitions.resolve_implicit_global_asset_job_def()
        setattr(ab_assets.definitions, "build_defs", lambda **_: definitions)  # noqa: B010
        if learnt.exists():
            lines = learnt.read_text(encoding="utf-8").splitlines()
            for line in lines[self._read.get(learnt, 0) :]:
                dialect.to_duckdb(json.loads(line))
            self._read[learnt] = len(lines)
        gc.freeze()


def _import_storage() -> None:
    """An instance imports hundreds of modules when it is first opened."""
    with tempfile.TemporaryDirectory() as folder, DagsterInstance.local_temp(folder) as instance:
        instance.get_runs()


def _enter(environment: dict[str, str]) -> None:
    for name in [name for name in os.environ if name.startswith(_OWN)]:
        del os.environ[name]
    os.environ.update(environment)


def _child(command: dict[str, Any], told: Path, learnt: Path) -> int:
    for number, suffix in ((1, ".out"), (2, ".err")):
        file = os.open(told.with_suffix(suffix), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    _learn(learnt)
    if command["file_bytes"]:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a full disk is an error, not a signal
        resource.setrlimit(resource.RLIMIT_FSIZE, (command["file_bytes"],) * 2)
    if command["now"]:
        shift_clock(command["now"])
    if command["watched"]:
        stop = command["stop"]
        watch_statements(
            told.with_suffix(".sql"),
            Stop(**stop) if stop else None,
            Copies(read_settings().home.parent, Path(command["copies"]))
            if command["copies"]
            else None,
        )
    return run_application(command["arguments"])


def _learn(learnt: Path) -> None:
    """Writes down what this child has to translate, so that the next ones need not."""
    known = dialect.portable_subset_problems
    file = os.open(learnt, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def problems(text: str) -> list[str]:
        os.write(file, (json.dumps(text) + "\n").encode())
        return known(text)

    dialect.portable_subset_problems = problems


def _wait(pid: int, seconds: float) -> int | None:
    until = time.monotonic() + seconds
    while True:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= until:
            return None
        time.sleep(0.002)


if __name__ == "__main__":
    Server().serve()
    os._exit(0)  # what is frozen for the children would be told as leaked
