"""What a benchmark measures of this process, and how its table looks.

What belongs here: CPU, wall and peak memory of a block, and tables of text. What does not: any
workload.
"""

from __future__ import annotations

import resource
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CLEAR_PEAK = "5"


@dataclass
class Cost:
    """What a block cost; filled when it ends.

    Attributes:
        cpu: Seconds of all threads of this process, user and system.
        wall: Seconds.
        peak: Bytes of the largest resident memory, the process and its libraries included; where
            the system cannot start counting anew (no ``/proc``), since the process began.
    """

    cpu: float = 0.0
    wall: float = 0.0
    peak: int = 0


@contextmanager
def measured() -> Iterator[Cost]:
    """Measures a block."""
    cost = Cost()
    _forget_peak()
    started, cpu = time.perf_counter(), _cpu()
    try:
        yield cost
    finally:
        cost.cpu = _cpu() - cpu
        cost.wall = time.perf_counter() - started
        cost.peak = peak_memory()


def peak_memory() -> int:
    """Bytes of the largest resident memory since counting began."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    peak = next(line for line in lines if line.startswith("VmHWM:"))
    return int(peak.split()[1]) * 1024


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns of text: the first to the left, numbers to the right."""
    lines = [list(header), *(list(row) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def seconds(value: float) -> str:
    """Seconds with as many decimals as mean something."""
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"


def ratio(value: float, other: float) -> str:
    """How many times the other."""
    return f"{value / other:.2f}x" if other else "-"


def gibibytes(value: int) -> str:
    """Memory."""
    return f"{value / 2**30:.2f}"


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _forget_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text(_CLEAR_PEAK, encoding="utf-8")
    except OSError:
        return  # then the peak is the process's whole life's, which Cost says
