"""A warehouse with rows, and the steps of the pipeline over it, without Dagster."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from ab_assets.analysis.columns import wide_table, with_retired_columns
from ab_assets.analysis.experiment_data import experiment_data_statement
from ab_assets.analysis.statistics_query import StatisticsQuery, fetch_sums, statistics_query
from ab_assets.analysis.tag_day import TagDay, tag_day
from ab_assets.analysis.wide_path import choose_paths
from ab_assets.analysis.wide_user import measures_hash, wide_user_statement
from ab_assets.experiments import Experiment
from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.modules.model import Metric, Module
from ab_assets.settings import PROJECT_ROOT
from ab_assets.warehouse.frames import frame_of
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.schema import fixed_table
from ab_assets.warehouse.statements import Statement, StatementLibrary
from ab_assets.warehouse.tables import TableDefinition
from tests.experiments.builders import a_phase, an_experiment, utc
from tests.sql.oracle import COLUMNS
from tests.sql.rows import Event, Exposure

TAG = "retention"
UTC = ZoneInfo("UTC")
SOURCES = ("ab_source.exposures", "ab_source.events", "ab.experiment_data")


def gate(
    started: str = "2024-03-01T00:00", ended: str | None = None, **changes: object
) -> Experiment:
    """An experiment with one phase in March 2024."""
    phase = a_phase(started, ended_at=utc(ended) if ended else None)
    return an_experiment(**({"phases": (phase,)} | changes))


def a_module(
    metrics: Mapping[str, Mapping[str, object]],
    columns: Iterable[str] = COLUMNS,
    dimensions: Sequence[str] = (),
) -> Module:
    """A module with some of the oracle's columns."""
    return Module.model_validate(
        {
            "module": "retention",
            "tags": [TAG],
            "dimensions": list(dimensions),
            "columns": {
                name: {"sql": COLUMNS[name].sql, "merge": COLUMNS[name].merge} for name in columns
            },
            "metrics": dict(metrics),
        }
    )


RICH: dict[str, Mapping[str, object]] = {
    "visits": {"type": "mean", "column": "visits"},
    "visits_1d": {"type": "mean", "column": "visits", "window": {"days": 1}},
    "visits_1d_open": {
        "type": "mean",
        "column": "visits",
        "window": {"hours": 24},
        "in_progress": "include",
    },
    "visits_later": {"type": "mean", "column": "visits", "delay": {"hours": 12}},
    "visits_later_1d": {
        "type": "mean",
        "column": "visits",
        "delay": {"hours": 12},
        "window": {"days": 1},
    },
    "visits_recently": {"type": "mean", "column": "visits", "lookback": {"days": 2}},
    "payers": {"type": "proportion", "column": "amount"},
    "big_payers": {"type": "proportion", "column": "amount", "threshold": 50},
    "retention_d0": {"type": "retention", "column": "active_days", "day": 0},
    "retention_d1": {"type": "retention", "column": "active_days", "day": 1},
    "retention_d2_twice": {"type": "retention", "column": "visits", "day": 2, "threshold": 2},
    "retention_d1_open": {
        "type": "retention",
        "column": "active_days",
        "day": 1,
        "in_progress": "include",
    },
    "pay_a_visit": {"type": "ratio", "numerator": "amount", "denominator": "visits"},
    "amount": {"type": "mean", "column": "amount", "cuped": {"days": 3}},
    "amount_at_most_100": {
        "type": "mean",
        "column": "amount",
        "cap": {"absolute": 100},
        "cuped": {"days": 3},
    },
    "amount_p75": {
        "type": "mean",
        "column": "amount",
        "cap": {"percentile": 0.75},
        "cuped": {"days": 3},
    },
    "amount_p50_of_payers": {
        "type": "mean",
        "column": "amount",
        "cap": {"percentile": 0.5, "ignore_zeros": True},
    },
    "active_days": {"type": "mean", "column": "active_days", "cuped": {"days": 3}},
    "largest": {"type": "mean", "column": "largest"},
}


LEAN: dict[str, Mapping[str, object]] = {"visits": {"type": "mean", "column": "visits"}}


class Bench:
    """One tag: source rows in, wide rows and sums out."""

    def __init__(self, warehouse: Warehouse, library: StatementLibrary) -> None:
        self.warehouse = warehouse
        self.library = library
        self.zone = UTC
        self.experiments: tuple[Experiment, ...] = (gate(),)
        self.module = a_module(LEAN, ["visits"])
        self._sums: dict[date, tuple[StatisticsQuery, pl.DataFrame]] = {}

    def load(self, *rows: Exposure | Event) -> None:
        """Adds source rows."""
        for name, kind in (("ab_source.exposures", Exposure), ("ab_source.events", Event)):
            own = [row.row for row in rows if isinstance(row, kind)]
            if own:
                self.warehouse.append(fixed_table(name), frame_of(fixed_table(name), own))

    def day(self, event_date: date) -> TagDay:
        """The tag on a day."""
        catalogue = ModuleCatalogue.of([(Path("retention/module.yaml"), self.module)])
        return tag_day(catalogue, self.experiments, TAG, event_date, self.zone)

    def make_experiment_data(self, event_date: date) -> int:
        """Overwrites one partition of ``ab.experiment_data``."""
        return self.warehouse.overwrite(
            fixed_table("ab.experiment_data"),
            {"tag": TAG, "event_date": event_date},
            experiment_data_statement(self.library, self.day(event_date)),
        )

    def table(self, day: TagDay) -> TableDefinition:
        """The wide table, made."""
        table = wide_table(day.module.module, TAG, day.measures)
        table = with_retired_columns(table, self.warehouse.columns(table.qualified))
        self.warehouse.ensure(table)
        return table

    def make_wide(self, event_date: date, *, force_full: bool = False) -> dict[str, str]:
        """Overwrites one wide partition; gives why each experiment, by key, was made in full."""
        self._sums.clear()
        day = self.day(event_date)
        table = self.table(day)
        made_of = measures_hash(self.library, day, table)
        choices = choose_paths(
            self.warehouse, self.library, day, table, made_of, force_full=force_full
        )
        statement = wide_user_statement(
            self.library,
            day,
            table,
            [choice.experiment for choice in choices if choice.is_incremental],
            [choice.experiment for choice in choices if not choice.is_incremental],
            made_of=made_of,
        )
        self.warehouse.overwrite(table, {"event_date": event_date}, statement)
        return {choice.experiment.experiment.key: choice.reason for choice in choices}

    def make(self, event_date: date, *, force_full: bool = False) -> dict[str, str]:
        """Both, as the daily run does."""
        self.make_experiment_data(event_date)
        return self.make_wide(event_date, force_full=force_full)

    def full(self, event_date: date) -> "Bench":
        """The wide partition from the source rows alone; for tests about rules, not paths."""
        self.make_wide(event_date, force_full=True)
        return self

    def wide(self, event_date: date) -> pl.DataFrame:
        """The rows of one wide partition, in order."""
        table = wide_table(self.module.module, TAG, ())
        statement = Statement(
            "test",
            f"SELECT * FROM ab.{table.name} WHERE event_date = :event_date",
            {"event_date": event_date},
        )
        return self.warehouse.fetch(statement).sort("experiment_id", "user_id")

    def unit(self, event_date: date, user: str, experiment_id: str = "exp_1") -> dict[str, Any]:
        """One wide row."""
        frame = self.wide(event_date).filter(
            (pl.col("user_id") == user) & (pl.col("experiment_id") == experiment_id)
        )
        assert frame.height == 1, f"{frame.height} rows of {user}"
        return frame.row(0, named=True)

    def sums(self, event_date: date) -> tuple[StatisticsQuery, pl.DataFrame]:
        """The statistics query's answer over one wide partition."""
        if event_date not in self._sums:
            day = self.day(event_date)
            table = wide_table(day.module.module, TAG, day.measures)
            query = statistics_query(self.library, day, table)
            self._sums[event_date] = (query, fetch_sums(self.warehouse, query))
        return self._sums[event_date]

    def compared(
        self,
        event_date: date,
        metric: str,
        key: str,
        dimension: str = "",
        value: str = "",
        *,
        experiment_id: str = "exp_1",
    ) -> tuple[int, float]:
        """Units a metric compares in one variation and the sum of their (first) numbers."""
        numbers = self.numbers(
            event_date, metric, key, dimension, value, experiment_id=experiment_id
        )
        return numbers[0], numbers[1][0]

    def numbers(
        self,
        event_date: date,
        metric: str,
        key: str,
        dimension: str = "",
        value: str = "",
        *,
        experiment_id: str = "exp_1",
    ) -> tuple[int, list[float]]:
        """Units a metric compares in one variation and the sum of each of its variables."""
        query, frame = self.sums(event_date)
        row = frame.filter(
            (pl.col("experiment_id") == experiment_id)
            & (pl.col("variation_key") == key)
            & (pl.col("dimension") == dimension)
            & (pl.col("dimension_value") == value)
            & ~pl.col("is_crossover")
        )
        if row.is_empty():
            return 0, [0.0, 0.0]
        return raw_sums(
            query, self.metric(event_date, metric, experiment_id), row.row(0, named=True)
        )

    def metric(self, event_date: date, name: str, experiment_id: str = "exp_1") -> Metric:
        """A metric as the experiment resolves it."""
        items = {item.experiment.id: item for item in self.day(event_date).experiments}
        return items[experiment_id].metrics[name]


def raw_sums(
    query: StatisticsQuery, metric: Metric, row: Mapping[str, Any]
) -> tuple[int, list[float]]:
    """Count and sums of a metric's variables, with the shift taken out again."""
    placed = query.plan.of_metric[metric]
    n = row[f"eligible_{placed.eligibility}"]
    return n, [
        (row[f"sum_{place}"] or 0.0) + n * row[f"shift_{place}"] for place in placed.positions
    ]


def a_library() -> StatementLibrary:
    """The files of ``sql/``."""
    return StatementLibrary(PROJECT_ROOT / "sql")
