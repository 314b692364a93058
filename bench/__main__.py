"""Every benchmark of speed, one command: ``python -m bench``.

What belongs here: which run, how large, in which order. What does not: what they do.

    python -m bench [--only pipeline,age,width,statistics,orchestration] [--events 100000000]
                    [--users 5000000] [--days 14] [--folder DIR] [--no-peers] [--short]

Everything is seeded. At its full size it needs about 20 GB of disk and an hour of two cores. A
short run (seconds of data) shows that everything still runs; its times mean nothing.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from bench import age, orchestration, pipeline, statistics, width
from bench.big_company import Size, build

KINDS = ("pipeline", "age", "width", "statistics", "orchestration")


def main(arguments: list[str] | None = None) -> None:
    """Prints the tables of what was asked for."""
    chosen = _parse(arguments)
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="ab_bench_"))
    try:
        for kind in chosen.only.split(","):
            sys.stdout.write(f"\n== {kind}\n")
            _run(kind, folder, chosen)
            sys.stdout.flush()
    finally:
        if chosen.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


def _run(kind: str, folder: Path, chosen: argparse.Namespace) -> None:
    if kind == "pipeline":
        company = build(folder / "pipeline", _size(chosen))
        found = pipeline.measure(company, None if chosen.no_peers else folder / "peers")
        sys.stdout.write(pipeline.shown(company, found) + "\n")
    elif kind == "age":
        days = (2,) if chosen.short else age.DAYS
        a_day, users = (300, 200) if chosen.short else (500_000, 500_000)
        text = age.run(folder / "age", age.size(a_day, users, days), days)
        sys.stdout.write(text + "\n")
    elif kind == "width":
        size = replace(_size(chosen), events=2_000_000, users=200_000, days=4)
        text = (
            width.run(
                folder / "width",
                replace(size, events=2_000, users=1_000),
                metrics=(13,),
                values=(),
                experiments=(3,),
            )
            if chosen.short
            else width.run(folder / "width", size)
        )
        sys.stdout.write(text + "\n")
    elif kind == "statistics":
        statistics.main(1 if chosen.short else statistics.RUNS)
    else:
        orchestration.main(["--short"] if chosen.short else [])


def _size(chosen: argparse.Namespace) -> Size:
    if chosen.short:
        return Size(events=8_000, users=2_000, days=4, days_before=2)
    return Size(events=chosen.events, users=chosen.users, days=chosen.days)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.split("\n\n")[0])
    parser.add_argument("--only", default=",".join(KINDS), help="which, separated by commas")
    parser.add_argument("--events", type=int, default=100_000_000)
    parser.add_argument("--users", type=int, default=5_000_000)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--folder", type=Path, help="where to work, and what is kept afterwards")
    parser.add_argument("--no-peers", action="store_true", help="do not install tea-tasting")
    parser.add_argument("--short", action="store_true", help="that it runs, in seconds")
    chosen = parser.parse_args(arguments)
    unknown = set(chosen.only.split(",")) - set(KINDS)
    if unknown:
        parser.error(f"--only knows {', '.join(KINDS)}, not {', '.join(sorted(unknown))}")
    return chosen


if __name__ == "__main__":
    main()
