"""One day of the big company: the pipeline's stages beside the floor and beside others.

What belongs here: running them on the same file in one process, in turn, and the table. What does
not: making the company, what each of them does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ab_assets.settings import read_settings
from ab_assets.warehouse.duckdb.connection import connected
from ab_assets.warehouse.duckdb.limits import duckdb_limits
from ab_assets.warehouse.statements import Statement
from bench import floor, peers, per_metric
from bench.big_company import MODULE, TAG, BigCompany
from bench.measuring import Cost, gibibytes, ratio, seconds, table
from bench.stages import RESULT, STAGES, Pipeline, total

if TYPE_CHECKING:
    from pathlib import Path

_WIDE = f"ab.tbl_wide_user_{MODULE}_{TAG}"
# Which of the floor's statements leaves the same behind as a stage.
_FLOOR_OF = {STAGES[0]: "exposed", STAGES[1]: "wide", STAGES[2]: "health", STAGES[3]: "sums"}


@dataclass
class Measured:
    """The costs of one day, each by stage or metric.

    Attributes:
        largest_difference: The largest relative difference between a unit's numbers in the
            product's wide rows and in the floor's.
        rows_compared: How many rows of units both have.
        others_memory: What DuckDB may take, as the connection of the others says.
    """

    day: dict[str, Cost]
    day_floor: dict[str, Cost]
    full: dict[str, Cost]
    full_floor: dict[str, Cost]
    per_metric: dict[str, Cost]
    tea_tasting: Cost | None
    largest_difference: float
    rows_compared: int
    others_memory: str


def measure(company: BigCompany, peers_folder: Path | None) -> Measured:
    """Makes the last day but one in full, then the last day on top of it; and so the others."""
    last, before = company.day(company.size.days), company.day(company.size.days - 1)
    pipeline = Pipeline(company)
    full = pipeline.make_day(before, full=True)
    day = pipeline.make_day(last)
    pipeline.close()
    # The others may take as much memory as the product.
    limits = duckdb_limits(read_settings())
    with connected(company.file, 60.0, limits) as connection:
        memory = str(connection.sql("SELECT current_setting('memory_limit')").fetchall()[0][0])
        floor.prepare(connection, _WIDE, before)
        connection.execute("CHECKPOINT")  # what was written so far is no cost of the floor
        day_floor = floor.incremental(connection, last)
        difference, compared = _difference(pipeline)
        connection.execute("TRUNCATE TABLE floor.wide")
        connection.execute("CHECKPOINT")
        full_floor = floor.full(connection, company.day(1), before)
        connection.execute("DROP SCHEMA floor CASCADE")
        queries = per_metric.run(connection, company.day(1), last)
    tea_tasting = (
        peers.tea_tasting(peers_folder, company.file, company.day(1), last)
        if peers_folder
        else None
    )
    return Measured(
        day, day_floor, full, full_floor, queries, tea_tasting, difference, compared, memory
    )


def _difference(pipeline: Pipeline) -> tuple[float, int]:
    """How far the floor's answer is from the product's: it must not be fast by being wrong."""
    pairs = {
        "events": "events_after_exposure",
        "rounds": "rounds",
        "revenue": "revenue",
        "active_days": "active_days",
        "past_rounds": "rounds_before_7d",
        "past_active_days": "active_days_before_7d",
        "active_days_day_1": "active_days_day_1",
    }
    compared = ", ".join(
        f"max(abs(f.{one} - w.{other}) / greatest(abs(w.{other}), 1.0)) AS {one}"
        for one, other in pairs.items()
    )
    text = (
        f"SELECT count(*) AS units, {compared} FROM floor.wide AS f JOIN {_WIDE} AS w "
        "ON w.user_id = f.user_id AND w.event_date = f.event_date"
    )
    row = pipeline.opened.warehouse.fetch(Statement("difference", text, {})).row(0, named=True)
    return max(float(row[name] or 0.0) for name in pairs), int(row["units"])


def shown(company: BigCompany, found: Measured) -> str:
    """The tables."""
    size = company.size
    parts = [
        f"{size.events:,} events, {size.users:,} users, {size.days} days, {size.variations} "
        f"variations, {len(size.metrics)} metrics, {len(size.dimensions)} dimensions",
        "",
        _stages("one day on top of yesterday", found.day, found.day_floor),
        "",
        _stages("the day before it, from the source rows", found.full, found.full_floor),
        "",
        _peers(found),
        "",
        f"largest relative difference between a unit's numbers and the floor's: "
        f"{found.largest_difference:.1e}",
        f"rows compared: {found.rows_compared:,}",
        f"memory of the floor and the queries a metric: {found.others_memory}",
    ]
    return "\n".join(parts)


def _stages(title: str, costs: dict[str, Cost], floors: dict[str, Cost]) -> str:
    rows = []
    for stage in (*STAGES, RESULT):
        cost, other = costs[stage], floors.get(_FLOOR_OF.get(stage, ""))
        rows.append(_row(stage, cost, other))
    rows.append(_row("everything", total(costs), total(floors)))
    header = (title, "CPU s", "wall s", "peak GiB", "floor CPU s", "floor wall s", "CPU / floor")
    return table(header, rows)


def _row(name: str, cost: Cost, other: Cost | None) -> list[str]:
    floors = (
        [seconds(other.cpu), seconds(other.wall), ratio(cost.cpu, other.cpu)]
        if other
        else ["-", "-", "-"]
    )
    return [name, seconds(cost.cpu), seconds(cost.wall), gibibytes(cost.peak), *floors]


def _peers(found: Measured) -> str:
    day, full = total(found.day), total(found.full)
    rows = []
    others = {f"one query a metric ({len(found.per_metric)} queries)": total(found.per_metric)}
    if found.tea_tasting:
        others["tea-tasting, all users only"] = found.tea_tasting
    for name, cost in others.items():
        rows.append(
            [
                name,
                seconds(cost.cpu),
                seconds(cost.wall),
                gibibytes(cost.peak),
                ratio(cost.cpu, day.cpu),
                ratio(cost.cpu, full.cpu),
            ]
        )
    return table(
        ("others, the same day", "CPU s", "wall s", "peak GiB", "/ our day", "/ our full"), rows
    )
