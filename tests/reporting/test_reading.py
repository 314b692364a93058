"""Reports read back from the warehouse."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ab_assets.errors import UnknownTagError
from ab_assets.modules.catalogue import ModuleCatalogue
from ab_assets.reporting.reading import NoReportError, read_report, report_provenance
from ab_assets.warehouse.interface import Provenance
from tests.reporting.worlds import LIBRARY, TAG, World, a_module, a_world, an_experiment, units_of

METRICS = {
    "sales": {"type": "mean", "column": "revenue", "role": "goal"},
    "activity": {"type": "mean", "column": "sessions"},
}
MODULE = a_module(METRICS, dimensions=["country"])
CATALOGUE = ModuleCatalogue.of([(Path("module.yaml"), MODULE)])
DAYS = [date(2026, 10, 9), date(2026, 10, 10)]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Two days of reports, the older one written last."""
    arms = [
        units_of("exp_1", key, revenue=[1.0, 2.0, 4.0], country=["fr", "de", None]) for key in "01"
    ]
    folder = Path(tmp_path_factory.mktemp("reading"))
    made = a_world(folder, MODULE, [an_experiment()], arms)
    made.warehouse.ensure(made.report)
    for place, day in enumerate(reversed(DAYS)):
        frame = made.rows().with_columns(event_date=day)
        provenance = Provenance(
            tag=TAG,
            event_date=day,
            config_hash="c",
            sql_hash="s",
            run_id=f"run-{place}",
            path="cumulative",
            computed_at=datetime(2026, 10, 11, tzinfo=UTC) + timedelta(hours=place),
        )
        made.warehouse.overwrite_rows(made.report, {"event_date": day}, frame, provenance)
    return made


def test_the_newest_day_is_found_whenever_it_was_made(world: World) -> None:
    assert report_provenance(world.warehouse, CATALOGUE, TAG, None).event_date == DAYS[-1]


def test_a_day_that_is_asked_for_is_found(world: World) -> None:
    found = report_provenance(world.warehouse, CATALOGUE, TAG, DAYS[0])
    assert (found.event_date, found.run_id) == (DAYS[0], "run-1")


def test_a_report_that_was_never_made_is_told_with_the_command(world: World) -> None:
    with pytest.raises(NoReportError, match=r"of 'checkout' of 2026-01-01 yet; run `ab-assets run"):
        report_provenance(world.warehouse, CATALOGUE, TAG, date(2026, 1, 1))


def test_without_any_report_the_command_has_no_date(tmp_path: Path) -> None:
    empty = a_world(tmp_path, MODULE, [an_experiment()], [])
    with pytest.raises(NoReportError, match=r"run `ab-assets run --tag checkout`"):
        report_provenance(empty.warehouse, CATALOGUE, TAG, None)


def test_a_tag_nobody_claims_is_told(world: World) -> None:
    with pytest.raises(UnknownTagError, match="did you mean 'checkout'"):
        report_provenance(world.warehouse, CATALOGUE, "chekout", None)


def test_the_rows_of_one_day_are_read_as_they_were_written(world: World) -> None:
    found = read_report(world.warehouse, LIBRARY, CATALOGUE, TAG, DAYS[0])
    wanted = world.rows().with_columns(event_date=DAYS[0])
    key = ["metric", "dimension", "dimension_value", "variation_key"]
    assert found.sort(key).rows() == wanted.sort(key).rows()
    assert found.schema == wanted.schema


def test_all_users_are_read_first_and_the_control_before_the_others(world: World) -> None:
    found = read_report(world.warehouse, LIBRARY, CATALOGUE, TAG, DAYS[1])
    assert found["dimension"].to_list() == [""] * 4 + ["country"] * 12
    assert found["is_control"].to_list() == [True, False] * 8


def test_rows_of_before_a_column_existed_are_read_with_the_names_of_their_metrics(
    tmp_path: Path,
) -> None:
    arms = [units_of("exp_1", key, revenue=[1.0, 2.0, 4.0]) for key in "01"]
    old = a_world(tmp_path, MODULE, [an_experiment()], arms)
    new = {"metric_title", "unit"}
    kept = tuple(column for column in old.report.columns if column.name not in new)
    narrow = replace(old.report, columns=kept)
    old.warehouse.ensure(narrow)
    frame = old.rows().drop(*new)
    old.warehouse.overwrite_rows(narrow, {"event_date": old.day.event_date}, frame)
    found = read_report(old.warehouse, LIBRARY, CATALOGUE, TAG, old.day.event_date)
    assert found["metric_title"].to_list() == found["metric"].to_list()
    assert found["unit"].unique().to_list() == [""]
    assert found.height == frame.height


def test_a_day_without_a_report_has_no_rows(world: World) -> None:
    assert read_report(world.warehouse, LIBRARY, CATALOGUE, TAG, date(2026, 1, 1)).is_empty()
