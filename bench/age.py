"""What a day costs as an experiment grows old.

What belongs here: one experiment whose units all come on its first day, so that age alone changes;
some of its days made on top of yesterday, and in full. What does not: how cost grows with units.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.big_company import Size, build
from bench.measuring import ratio, seconds, table
from bench.stages import Pipeline, total

if TYPE_CHECKING:
    from pathlib import Path

DAYS = (2, 7, 14, 30, 60)


def size(events_a_day: int, users: int, days: tuple[int, ...] = DAYS) -> Size:
    """A company whose experiment is as old as the last of the days."""
    return Size(
        events=events_a_day * days[-1],
        users=users,
        days=days[-1],
        everyone_on_first_day=True,
    )


def run(folder: Path, company_size: Size, days: tuple[int, ...] = DAYS) -> str:
    """Makes the day before each day in full, then the day on top of it."""
    company = build(folder, company_size)
    pipeline = Pipeline(company)
    rows, first = [], None
    for day in days:
        full = total(pipeline.make_day(company.day(day - 1), full=True))
        stages = pipeline.make_day(company.day(day))
        cost = total(stages)
        first = first or cost
        rows.append(
            [
                f"day {day}",
                seconds(cost.cpu),
                seconds(cost.wall),
                ratio(cost.cpu, first.cpu),
                seconds(full.cpu),
                *(seconds(stage.cpu) for stage in stages.values()),
            ]
        )
    pipeline.close()
    title = f"{company_size.users:,} units, {company_size.events_a_day:,} events a day"
    names = [name.rpartition("/")[2] for name in stages]
    return table((title, "CPU s", "wall s", "/ day 2", "in full CPU s", *names), rows)
