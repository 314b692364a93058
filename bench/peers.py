"""Others on the same file in the same run: one query a metric, and tea-tasting.

What belongs here: a process of its own for whatever needs other packages than ours. What does not:
what the others compute (:mod:`bench.per_metric`, ``tea_tasting_peer.py``).
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from bench.measuring import Cost

if TYPE_CHECKING:
    from datetime import date

TEA_TASTING = "tea-tasting==1.14.0"
_SCRIPT = "tea_tasting_peer.py"


def tea_tasting(folder: Path, file: Path, first: date, day: date) -> Cost:
    """What tea-tasting costs for the same metrics from the same file.

    It runs in a virtual environment of its own, made in ``folder`` when it is missing.

    Raises:
        subprocess.CalledProcessError: It could not be installed, or failed.
    """
    python = folder / "tea_tasting" / "bin" / "python"
    if not python.exists():
        venv.create(folder / "tea_tasting", with_pip=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, TEA_TASTING, f"duckdb=={duckdb.__version__}", "pyarrow"], check=True)
    script = Path(__file__).with_name(_SCRIPT)
    done = subprocess.run(
        [python, script, file, first.isoformat(), day.isoformat()],
        check=True,
        stdout=subprocess.PIPE,
        stderr=sys.stderr,
        text=True,
    )
    told = json.loads(done.stdout)
    return Cost(told["cpu"], told["wall"], told["peak"])
