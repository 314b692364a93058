"""Running a printed script and holding its numbers against the report's.

What belongs here: the process of its own, and the comparison. What does not: the script.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ab_assets.errors import AbAssetsError

TOLERANCE = 1e-6
SECONDS = 900.0


class ScriptFailedError(AbAssetsError):
    """The printed lines did not run."""


@dataclass(frozen=True, slots=True)
class Recomputed:
    """One column, as it is reported and as the lines gave it."""

    column: str
    reported: float
    recomputed: float

    @property
    def difference(self) -> float:
        """Relative to the reported value; absolute where that is 0."""
        size = abs(self.reported) or 1.0
        return abs(self.recomputed - self.reported) / size

    @property
    def agrees(self) -> bool:
        """Whether both are the same number but for rounding; a NaN never is."""
        return self.difference <= TOLERANCE


def run_script(
    script: str, reported: Mapping[str, float], warehouse_url: str, seconds: float = SECONDS
) -> list[Recomputed]:
    """Runs the text as a file in a Python of its own.

    Args:
        script: What is printed.
        reported: The columns it shows, with the report's values.
        warehouse_url: Where it asks.
        seconds: How long it may take.

    Raises:
        ScriptFailedError: It ended with an error, whose last line is told, or took too long.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reproduce.py"
        path.write_text(script, encoding="utf-8")
        ended = _ended(path, warehouse_url, seconds)
    if ended.returncode:
        last = ended.stderr.strip().splitlines()[-1:] or ["no message"]
        message = f"the printed lines did not run: {last[0]}"
        raise ScriptFailedError(message)
    found = dict(line.split() for line in ended.stdout.splitlines())
    return [Recomputed(name, value, float(found[name])) for name, value in reported.items()]


def _ended(path: Path, warehouse_url: str, seconds: float) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 (our own text, our own Python)
            [sys.executable, "-I", str(path)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=seconds,
            check=False,
            env={**os.environ, "AB_WAREHOUSE_URL": warehouse_url, "PYTHONIOENCODING": "utf-8"},
        )
    except subprocess.TimeoutExpired:
        message = (
            f"the printed lines did not end within {seconds:,.0f} seconds and were stopped; write "
            "them to a file with --output and run it yourself, it may take as long as it needs"
        )
        raise ScriptFailedError(message) from None
