"""The benchmarks still run, and the floor gives the product's numbers; nothing about time."""

import os
import re
import subprocess
import sys

from ab_assets.settings import PROJECT_ROOT


def test_a_short_run_agrees_with_the_floor_which_has_the_same_memory() -> None:
    command = [sys.executable, "-W", "ignore", "-m", "bench", "--short", "--no-peers"]
    done = subprocess.run(
        [*command, "--only", "pipeline"],
        cwd=PROJECT_ROOT,
        env=os.environ | {"PYTHONPATH": str(PROJECT_ROOT), "AB_DUCKDB_MEMORY": "1GiB"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    difference = re.search(r"numbers and the floor's: (\S+)", done.stdout)
    assert difference is not None
    assert float(difference.group(1)) < 1e-9
    compared = re.search(r"rows compared: ([\d,]+)", done.stdout)
    assert compared is not None
    assert int(compared.group(1).replace(",", "")) > 1_000
    assert "one query a metric" in done.stdout
    assert "memory of the floor and the queries a metric: 1.0 GiB" in done.stdout
