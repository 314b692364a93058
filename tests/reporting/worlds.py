"""Wide tables written by hand: unit rows in, a report out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from ab_assets.analysis.columns import report_table, wide_table
from ab_assets.analysis.tag_day import TagDay, tag_day
from ab_assets.experiments import Experiment, Phase, Variation
from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.modules.model import Module
from ab_assets.reporting.report import report_of
from ab_assets.reporting.rows import Stamp
from ab_assets.reporting.trust import Trust
from ab_assets.settings import PROJECT_ROOT
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.frames import frame_schema
from ab_assets.warehouse.statements import StatementLibrary
from ab_assets.warehouse.tables import TableDefinition

TAG = "checkout"
PHASE_START = datetime(2026, 10, 1, tzinfo=UTC)
EVENT_DATE = date(2026, 10, 10)
DAYS = 10
STAMP = Stamp("5a1", "run-1", datetime(2026, 10, 11, 3, 30, tzinfo=UTC))
TRUSTED = Trust()
LIBRARY = StatementLibrary(PROJECT_ROOT / "sql")  # keeps its compiled templates


def a_module(metrics: Mapping[str, object], **changes: object) -> Module:
    """A module over six columns."""
    values: dict[str, object] = {
        "module": "shop",
        "tags": [TAG],
        "columns": {
            "revenue": "sum(value)",
            "sessions": "count_if(event_name = 'session_start')",
            "rounds": "count_if(event_name = 'round')",
            "clicks": "count_if(event_name = 'click')",
            "rare": "count_if(event_name = 'rare')",
            "active": {"sql": "max(1)", "merge": "sum"},
        },
        "metrics": metrics,
    }
    return Module.model_validate(values | changes)


def an_experiment(
    weights: Sequence[float] = (0.5, 0.5), identity: str = "exp_1", **changes: object
) -> Experiment:
    """A running experiment with keys 0, 1, … and names Control, Treatment 1, …"""
    names = ["Control", *(f"Treatment {place}" for place in range(1, len(weights)))]
    variations = tuple(
        Variation(id=f"var_{place}", key=str(place), name=name) for place, name in enumerate(names)
    )
    phase: dict[str, object] = {
        "index": 0,
        "name": "Main",
        "started_at": PHASE_START,
        "weights": tuple(weights),
    }
    phase |= {name: changes.pop(name) for name in ("started_at", "ended_at") if name in changes}
    values: dict[str, object] = {
        "id": identity,
        "key": f"key_{identity}",
        "name": f"Name of {identity}",
        "status": "running",
        "variations": variations,
        "phases": (Phase(**phase),),
        "tags": (TAG,),
    }
    return Experiment(**(values | changes))


def units_of(
    experiment: str,
    variation: str,
    *,
    exposed: Sequence[datetime] | datetime = PHASE_START,
    crossover: bool = False,
    known: bool = True,
    **columns: Sequence[object] | np.ndarray,
) -> pl.DataFrame:
    """Units of one variation; every column has one value a unit, all of one length."""
    size = len(next(iter(columns.values())))
    moments = [exposed] * size if isinstance(exposed, datetime) else list(exposed)
    values: dict[str, object] = {
        "experiment_id": [experiment] * size,
        "variation_key": [variation] * size,
        "user_id": [f"{experiment}:{variation}:{crossover}:{known}:{i}" for i in range(size)],
        "variations_seen": [2 if crossover else 1] * size,
        "is_known": [known] * size,
        "first_exposed_at": [moment.replace(tzinfo=None) for moment in moments],
        "exposed_on": [moment.date() for moment in moments],
        "exposures": [1] * size,
    }
    return pl.DataFrame(values | {name: list(part) for name, part in columns.items()})


@dataclass(frozen=True)
class World:
    """A tag on a day with its wide partition in a warehouse."""

    warehouse: DuckDBWarehouse
    library: StatementLibrary
    day: TagDay
    wide: TableDefinition
    report: TableDefinition

    def rows(self, trust: Trust = TRUSTED) -> pl.DataFrame:
        with self.warehouse.session():
            return report_of(
                self.warehouse, self.library, self.day, self.wide, self.report, trust, STAMP
            )


def a_world(
    folder: Path,
    module: Module,
    experiments: Sequence[Experiment],
    units: Sequence[pl.DataFrame],
    event_date: date = EVENT_DATE,
) -> World:
    """Writes the units into the tag's wide table."""
    catalogue = ModuleCatalogue.of([(Path("module.yaml"), module)])
    day = tag_day(catalogue, experiments, TAG, event_date, ZoneInfo("UTC"))
    wide = wide_table(module.module, TAG, day.measures)
    warehouse = DuckDBWarehouse(folder / "ab.duckdb")
    with warehouse.session():
        warehouse.ensure(wide)
        if units:
            rows = _in_columns(pl.concat(units, how="diagonal_relaxed"), wide, event_date)
            warehouse.overwrite_rows(wide, {"event_date": event_date}, rows)
    return World(warehouse, LIBRARY, day, wide, report_table(module.module, TAG))


def _in_columns(units: pl.DataFrame, wide: TableDefinition, event_date: date) -> pl.DataFrame:
    schema = frame_schema(wide)
    dated = units.with_columns(pl.lit(event_date).alias("event_date"), pl.lit(TAG).alias("tag"))
    missing = [name for name in schema if name not in dated.columns]
    complete = dated.with_columns(pl.lit(None).alias(name) for name in missing)
    return complete.select(pl.col(name).cast(kind) for name, kind in schema.items())


def everyone(frame: pl.DataFrame, metric: str, variation: str = "1", **where: str) -> dict:
    """The one row of a metric and a variation; over all users unless told otherwise."""
    conditions = {"dimension": "", "dimension_value": ""} | where
    found = frame.filter(
        (pl.col("metric") == metric) & (pl.col("variation_key") == variation),
        *(pl.col(name) == value for name, value in conditions.items()),
    )
    assert found.height == 1, f"expected one row, found {found.height}"
    return found.row(0, named=True)


SALES = {"sales": {"type": "mean", "column": "revenue", "role": "goal"}}


def normal(size: int, mean: float, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(mean, 1.0, size)


def two_arms(folder: Path, metrics: dict[str, object] = SALES, **columns: tuple) -> World:
    """One experiment; for each column the values of control and treatment."""
    arms = [
        units_of("exp_1", str(place), **{name: pair[place] for name, pair in columns.items()})
        for place in (0, 1)
    ]
    return a_world(folder, a_module(metrics), [an_experiment()], arms)


def days_after(days: float) -> datetime:
    """A moment of the phase."""
    return PHASE_START + timedelta(days=days)
