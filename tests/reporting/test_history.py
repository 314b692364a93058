"""How results stood on the days before."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.reporting.history import HISTORY_COLUMNS, read_history
from tests.reporting.worlds import LIBRARY, TAG, World, a_module, a_world, an_experiment, units_of

METRICS = {
    "sales": {"type": "mean", "column": "revenue", "role": "goal"},
    "activity": {"type": "mean", "column": "sessions"},
    "errors": {"type": "mean", "column": "rounds", "role": "guardrail"},
}
MODULE = a_module(METRICS, dimensions=["country"])
CATALOGUE = ModuleCatalogue.of([(Path("module.yaml"), MODULE)])
DAYS = [date(2026, 10, number) for number in (7, 8, 9, 10)]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Four days of reports, the newest written first; on the first day it was an earlier phase."""
    arms = [
        units_of("exp_1", key, revenue=[1.0, 2.0, 4.0], country=["fr", "de", None]) for key in "01"
    ]
    folder = Path(tmp_path_factory.mktemp("history"))
    made = a_world(folder, MODULE, [an_experiment()], arms)
    made.warehouse.ensure(made.report)
    rows = made.rows()
    for place, day in reversed(list(enumerate(DAYS))):
        frame = rows.with_columns(
            pl.lit(0 if place == 0 else 1).cast(pl.Int32).alias("phase_index"),
            pl.lit(day).alias("event_date"),
            pl.lit(float(place)).alias("abs_diff"),
        )
        made.warehouse.overwrite_rows(made.report, {"event_date": day}, frame)
    return made


def history(world: World, day: date, *, every_role: bool = False) -> pl.DataFrame:
    return read_history(world.warehouse, LIBRARY, CATALOGUE, TAG, day, every_role=every_role)


def test_each_day_of_the_phase_up_to_the_day_is_read_oldest_first(world: World) -> None:
    own = history(world, DAYS[2]).filter(metric="sales", variation_key="1")
    assert own["event_date"].to_list() == DAYS[1:3]
    assert own["abs_diff"].to_list() == [1.0, 2.0]


def test_an_earlier_phase_is_shown_by_its_own_report_alone(world: World) -> None:
    assert history(world, DAYS[0])["event_date"].unique().to_list() == DAYS[:1]


def test_goals_and_guardrails_over_all_users_are_read(world: World) -> None:
    found = history(world, DAYS[3])
    assert set(found["metric"]) == {"sales", "errors"}
    assert found.height == 3 * 2 * 2


def test_secondary_metrics_are_read_when_asked_for(world: World) -> None:
    assert set(history(world, DAYS[3], every_role=True)["metric"]) == set(METRICS)


def test_columns_have_the_types_of_the_report(world: World) -> None:
    schema = world.rows().schema
    assert dict(history(world, DAYS[3]).schema) == {name: schema[name] for name in HISTORY_COLUMNS}


def test_a_day_without_a_report_has_no_history(world: World) -> None:
    assert history(world, date(2026, 1, 1)).is_empty()
