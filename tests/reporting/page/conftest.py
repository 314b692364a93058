"""Pages of worlds that several tests read and none changes."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from ab_assets.health.finding import Check, Finding, Status
from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.reporting.history import HISTORY_COLUMNS
from ab_assets.reporting.page.source import PageSource
from tests.reporting.worlds import TAG, a_module, a_world, an_experiment, units_of

METRICS = {
    "sales": {"type": "mean", "column": "revenue", "role": "goal"},
    "activity": {"type": "mean", "column": "sessions"},
    "errors": {"type": "mean", "column": "rounds", "role": "guardrail", "non_inferiority": 0.1},
}


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> PageSource:
    """One experiment with a goal, a guardrail and a dimension, three days of history."""
    module = a_module(METRICS, dimensions=["country"])
    arms = [
        units_of(
            "exp_1",
            key,
            revenue=[value + place for value in (1.0, 2.0, 4.0, 7.0) for _ in range(60)],
            country=["fr", "de", "fr", "us"] * 60,
        )
        for place, key in enumerate("01")
    ]
    made = a_world(Path(tmp_path_factory.mktemp("page")), module, [an_experiment()], arms)
    made.warehouse.ensure(made.report)
    rows = made.rows()
    day = rows["event_date"][0]
    compared = rows.filter((pl.col("dimension") == "") & (pl.col("role") != "secondary"))
    history = pl.concat(
        compared.with_columns(pl.lit(date(day.year, day.month, day.day - back)).alias("event_date"))
        for back in (2, 1, 0)
    ).select(HISTORY_COLUMNS)
    finding = Finding(
        experiment_id=rows["experiment_id"][0],
        check=Check.SAMPLE_RATIO,
        status=Status.PASS,
        message="200 units fit the expected 200 (p = 1.000)",
        p_value=1.0,
        detail={"observed": {"0": 100, "1": 100}},
    )
    zone = ZoneInfo("Asia/Shanghai")
    assert ModuleCatalogue.of([(Path("module.yaml"), module)]).module_of(TAG) == module
    return PageSource(TAG, day, zone, module, rows, history, (finding,), ("full",), "")
