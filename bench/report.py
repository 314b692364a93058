"""How long a whole report takes from its wide partition, and which part of it is statistics.

What belongs here: the statistics query over a wide partition, the comparisons of its answer, and
the finished rows. What does not: making the wide partition, the bare statistics (``statistics``).

    python bench/report.py [units]

CPU seconds of all threads; the query is DuckDB's on the embedded warehouse.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from ab_assets.analysis.statistics_query import fetch_sums, statistics_query
from ab_assets.reporting.arms import lay_out
from ab_assets.reporting.inference import infer
from ab_assets.reporting.rows import report_frame
from ab_assets.reporting.sums import Sums
from tests.reporting.worlds import (
    LIBRARY,
    STAMP,
    TRUSTED,
    World,
    a_module,
    a_world,
    an_experiment,
    units_of,
)

UNITS = 400_000
ARMS, VALUES = 4, 20
METRICS: dict[str, object] = {
    "revenue": {"type": "mean", "column": "revenue"},
    "revenue_adjusted": {"type": "mean", "column": "revenue", "cuped": {"days": 14}},
    "revenue_capped": {"type": "mean", "column": "revenue", "cap": {"percentile": 0.99}},
    "sessions": {"type": "mean", "column": "sessions", "cuped": {"days": 14}},
    "rounds": {"type": "mean", "column": "rounds"},
    "clicks": {"type": "mean", "column": "clicks", "role": "secondary"},
    "rounds_per_session": {"type": "ratio", "numerator": "rounds", "denominator": "sessions"},
    "clicks_per_session": {"type": "ratio", "numerator": "clicks", "denominator": "sessions"},
    "payer": {"type": "proportion", "column": "revenue"},
    "clicker": {"type": "proportion", "column": "clicks", "role": "secondary"},
    "rare": {"type": "proportion", "column": "rare", "role": "guardrail", "direction": "down"},
    "player": {"type": "proportion", "column": "rounds"},
}


def world(folder: Path, units: int) -> World:
    """Four arms, twelve metrics, three dimensions of twenty values."""
    rng = np.random.default_rng(7)
    dimensions = ("country", "platform", "channel")
    names = np.array([f"v{place:02d}" for place in range(VALUES)])
    module = a_module(METRICS, dimensions=list(dimensions))
    arms = []
    for place in range(ARMS):
        size = units // ARMS
        revenue = rng.exponential(5.0, size) * (rng.random(size) < 0.2)
        columns: dict[str, object] = {
            "revenue": revenue,
            "revenue_before_14d": revenue * 0.5 + rng.exponential(1.0, size),
            "sessions": rng.poisson(3.0, size) + 1,
            "sessions_before_14d": rng.poisson(3.0, size),
            "rounds": rng.poisson(9.0, size),
            "clicks": rng.poisson(0.3, size),
            "rare": rng.random(size) < 0.0005,
        }
        columns |= {name: names[rng.integers(0, VALUES, size)] for name in dimensions}
        arms.append(units_of("exp_1", str(place), **columns))  # type: ignore[arg-type]
    return a_world(folder, module, [an_experiment((1 / ARMS,) * ARMS)], arms)


def main() -> None:
    units = int(sys.argv[1]) if len(sys.argv) > 1 else UNITS
    with tempfile.TemporaryDirectory() as folder:
        made = world(Path(folder), units)
        engine = made.day.module.engine
        clock = time.process_time
        with made.warehouse.session():
            query = statistics_query(LIBRARY, made.day, made.wide)
            started = clock()
            frame = fetch_sums(made.warehouse, query)
            queried = clock()
            sums = Sums.of(query, frame)
            arms = lay_out(made.day, query, frame)
            laid_out = clock()
            groups = infer(arms, sums, engine)
            inferred = clock()
            rows = report_frame(made.day, arms, groups, sums, TRUSTED, STAMP, made.report)
            finished = clock()
    total = finished - started
    print(f"{units:,} units, {len(METRICS)} metrics, {ARMS} arms, 3 dimensions of {VALUES} values")
    print(f"{rows.height:,} report rows in {total:.2f} CPU s, of which")
    for name, seconds in (
        ("the query", queried - started),
        ("gathering sums and arms", laid_out - queried),
        ("statistics", inferred - laid_out),
        ("rows, planning, correction, decisions", finished - inferred),
    ):
        print(f"  {name:40}{seconds:8.3f} s{seconds / total:8.1%}")
    compared = int((~rows["is_control"]).sum())
    print(f"{compared / (inferred - laid_out):,.0f} comparisons a second from a report's own sums")


if __name__ == "__main__":
    main()
