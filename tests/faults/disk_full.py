"""A disk with no room left for the warehouse file, or for Dagster's runs.

What belongs here: disks of many sizes, from one on which nothing can begin to one that is full at
the last write. What does not: memory.
"""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.faults.forked import Command, ForkServer
from tests.faults.partitions import check_whole
from tests.faults.states import State, copied
from tests.faults.tally import Tally
from tests.small_world import World

_FAILED = 1
_REMEDY = "make room"


def rooms(count: int, most: int) -> list[int]:
    """Bytes that are free at first, from nearly none to the most."""
    return [4096 + most * place // count for place in range(count)]


def limit_file(server: ForkServer, state: State, most: Sequence[int], folder: Path) -> Tally:
    """Lets nothing be written behind so many bytes of any file (RLIMIT_FSIZE)."""
    tally = Tally("files may not grow")
    for size in most:
        world = state.copy_to(folder / "limited")
        command = replace(state.command(world, folder / "told"), file_bytes=size)
        code = server.run(command)
        _meet(server, state, world, command, code=code, tally=tally, where=f"{size} B a file")
    return tally


def fill_disk(server: ForkServer, state: State, room: Sequence[int], folder: Path) -> Tally:
    """Runs on a disk of its own that has so little room left; needs the right to mount."""
    tally = Tally("disk full")
    for free in room:
        with _disk(folder / "disk") as disk:
            world = replace(state.world, root=copied(state.world.root, disk / "world"))
            used = _used(disk)
            _resize(disk, used + free)
            command = state.command(world, folder / "told")
            code = server.run(command)
            _resize(disk, used + (1 << 28))
            _meet(server, state, world, command, code=code, tally=tally, where=f"{free} B free")
    return tally


def _meet(
    server: ForkServer,
    state: State,
    world: World,
    command: Command,
    *,
    code: int,
    tally: Tally,
    where: str,
) -> None:
    """Nothing is lost, the error says what to do, and with room the next run completes."""
    tally.injected += 1
    errors = command.errors
    tally.details["enough room after all" if code == state.code else "failed"] += 1
    is_told = code == _FAILED and _REMEDY in " ".join(errors.split()) and "Traceback" not in errors
    sentence = f"{where}: ended with {code}: {errors[-600:]}"
    tally.expect(holds=is_told or code == state.code, sentence=sentence)
    check_whole(state.read(world), state.before, state.after, tally, where)
    state.complete(server, world, tally, where)


@contextmanager
def _disk(folder: Path) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1g", "faults", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def _resize(disk: Path, size: int) -> None:
    options = f"remount,size={size}"
    subprocess.run(["mount", "-o", options, disk], check=True)


def _used(disk: Path) -> int:
    return shutil.disk_usage(disk).used
