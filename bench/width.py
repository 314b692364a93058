"""What a day costs as a tag grows wide: metrics, values of dimensions, experiments.

What belongs here: one company for each width, its last day on top of the one before. What does not:
large companies: the ratios between widths are the point.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bench.big_company import COLUMNS, METRICS, Size, build
from bench.measuring import Cost, ratio, seconds, table
from bench.stages import Pipeline, total

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

METRICS_WIDE = (1, 10, 50)
VALUES = (1, 5, 20)
EXPERIMENTS = (1, 10, 100)


def many_metrics(count: int) -> dict[str, dict[str, Any]]:
    """So many metrics, each over a column or a window of its own."""
    if count <= len(METRICS):
        return dict(list(METRICS.items())[:count])
    return dict(METRICS) | dict(list(_windows())[: count - len(METRICS)])


def _windows() -> Iterator[tuple[str, dict[str, Any]]]:
    for days in range(1, 8):
        for column in COLUMNS:
            yield (
                f"{column}_{days}d",
                {
                    "type": "mean",
                    "column": column,
                    "window": {"days": days},
                    "in_progress": "include",
                },
            )


def run(
    folder: Path,
    size: Size,
    *,
    metrics: tuple[int, ...] = METRICS_WIDE,
    values: tuple[int, ...] = VALUES,
    experiments: tuple[int, ...] = EXPERIMENTS,
) -> str:
    """A table for each kind of width."""
    kinds = {
        "metrics": [(n, replace(size, metrics=many_metrics(n))) for n in metrics],
        "values of each of 3 dimensions": [(n, replace(size, values=n)) for n in values],
        "experiments under the tag": [
            (n, replace(size, users=size.users // 10, experiments=n)) for n in experiments
        ],
    }
    return "\n\n".join(_table(folder, name, sizes) for name, sizes in kinds.items() if sizes)


def _table(folder: Path, name: str, sizes: list[tuple[int, Size]]) -> str:
    rows, first = [], None
    for count, size in sizes:
        stages = _last_day(folder, size)
        cost = total(stages)
        first = first or cost
        rows.append(
            [
                f"{count}",
                seconds(cost.cpu),
                seconds(cost.wall),
                ratio(cost.cpu, first.cpu),
                *(seconds(stage.cpu) for stage in stages.values()),
            ]
        )
    names = [stage.rpartition("/")[2] for stage in stages]
    told = f"{name} ({sizes[0][1].users:,} users)"
    return table((told, "CPU s", "wall s", "/ first", *names), rows)


def _last_day(folder: Path, size: Size) -> dict[str, Cost]:
    company = build(folder, size)
    pipeline = Pipeline(company)
    try:
        pipeline.make_day(company.day(size.days - 1), full=True)
        return pipeline.make_day(company.day(size.days))
    finally:
        pipeline.close()
