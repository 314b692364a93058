"""The whole demo through the wire protocols, and its reports beside those of DuckDB.

    python -m tests.starrocks.demo_over_the_wire [folder]

Takes minutes, so it is run by hand; ``test_demo_over_the_wire.py`` runs one tag.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.statements import Statement
from ab_assets.warehouse.url import open_warehouse
from tests.starrocks.stand_in import StarRocksStandIn

# Where a row is from, not what it says.
FREE = ("run_id", "computed_at")
KEY = ("tag", "event_date", "experiment_id", "metric", "dimension", "dimension_value")


def differences(one: pl.DataFrame, other: pl.DataFrame, tolerance: float = 1e-9) -> list[str]:
    """The columns in which two reports differ, each with its largest difference."""
    if (one.height, one.columns) != (other.height, other.columns):
        return [f"{one.height} rows and {other.height}, columns {one.columns} / {other.columns}"]
    order = [*KEY, "variation_key"]
    left, right = (frame.sort(order) for frame in (one, other))
    found = []
    for name in left.columns:
        if name in FREE:
            continue
        a, b = left[name], right[name]
        if not a.dtype.is_float():
            found += [] if a.equals(b) else [f"{name}: not the same"]
            continue
        scale = pl.max_horizontal(a.abs(), pl.lit(1.0))
        apart = pl.select(((a - b).abs() / scale).alias("apart"))["apart"].max()
        if a.is_null().to_list() != b.is_null().to_list() or (apart or 0.0) > tolerance:
            found.append(f"{name}: {apart}")
    return found


def report_tables(warehouse: Warehouse) -> list[str]:
    names = [name for name in warehouse.tables("ab") if name.startswith("tbl_report_user_")]
    return [f"ab.{name}" for name in names] + ["flow_report_app.tbl_report_ab_testing_result"]


def rows(warehouse: Warehouse, table: str) -> pl.DataFrame:
    return warehouse.fetch(Statement(table, f"SELECT * FROM {table}"))


def demo(folder: Path, *options: str) -> float:
    """Runs the demo in a process of its own and returns its seconds."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AB_")}
    started = time.monotonic()
    command = [Path(sys.executable).with_name("ab-assets"), "demo", "--folder", folder, *options]
    subprocess.run(command, check=True, env=environment)
    return time.monotonic() - started


def main() -> int:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else temporary)
        with StarRocksStandIn(folder / "cluster.duckdb") as cluster:
            wired = demo(folder / "wire", "--warehouse", cluster.url)
            embedded = demo(folder / "duckdb")
            print(f"over the wire {wired:.0f} s, embedded {embedded:.0f} s")
            here = open_warehouse(f"duckdb:///{folder / 'duckdb' / 'ab.duckdb'}")
            there = open_warehouse(cluster.url)
            wrong = 0
            for table in report_tables(here):
                ours, theirs = rows(here, table), rows(there, table)
                apart = differences(ours, theirs)
                wrong += len(apart)
                print(f"{table}: {ours.height} rows, {'; '.join(apart) or 'equal to 1e-9'}")
            print(f"{len(cluster.statements)} statements over the wire")
            there.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
