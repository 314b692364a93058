"""The check ``incremental_equals_full``: it runs by itself, and says who differs in what."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import polars as pl
import pytest

from ab_assets.assets.reconciliation import reconciliation_key, reconciliation_op
from ab_assets.cli.project import open_project
from ab_assets.partitions import TagDate
from ab_assets.running import RunOutcome, materialise
from tests.small_world import World, day, streak, wide_table_of

# Dagster warns of keys of its own, dagster/partition/<dimension>: they have two slashes.
pytestmark = pytest.mark.filterwarnings("ignore:Non-compliant tag keys")
KEY = reconciliation_key("habits")
WIDE = "ab.tbl_wide_user_habits_habit"
MAKES_WIDE = dg.AssetKey(["habits", "wide_user"])


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as opened:
        yield opened


def reconcile(instance: dg.DagsterInstance, number: int = 2, share: float = 1.0) -> RunOutcome:
    return materialise(
        open_project().definitions,
        instance,
        [],
        TagDate("habit", day(number)).run_tags,
        {reconciliation_op("habits"): {"share": share}},
        checks=[KEY],
    )


def evaluation(instance: dg.DagsterInstance) -> tuple[dg.AssetCheckEvaluation, str | None]:
    record = instance.event_log_storage.get_asset_check_execution_history(KEY, limit=1)[0]
    assert isinstance(record.evaluation, dg.AssetCheckEvaluation)
    return record.evaluation, record.partition


def plant(world: World, user: str, **changes: pl.Expr) -> None:
    """Another value in the wide row of a unit, in one experiment."""
    where = f"event_date = '{day(2)}' AND experiment_key = 'streak' AND user_id = '{user}'"
    row = world.query(f"SELECT * FROM {WIDE} WHERE {where}")
    world.execute(f"DELETE FROM {WIDE} WHERE {where}")
    world.warehouse.append(wide_table_of("habit"), row.with_columns(**changes))


def test_a_partition_that_is_right_passes(made: World, instance: dg.DagsterInstance) -> None:
    assert reconcile(instance).checks == ()
    found, partition = evaluation(instance)
    rows = made.query(f"SELECT count(*) FROM {WIDE} WHERE event_date = '{day(2)}'").item()
    assert found.passed
    assert (
        found.description == f"{rows:,} rows of 100.00% of the units are what the source rows give"
    )
    assert partition == f"{day(2)}|habit"
    assert found.metadata["path"].value == "incremental"


def test_a_planted_difference_fails_and_is_named(made: World, instance: dg.DagsterInstance) -> None:
    plant(made, "u001", visits=pl.col("visits") + 0.5)
    (bad,) = reconcile(instance).checks
    assert bad.is_error
    assert "1 of" in bad.text
    assert "the first: streak, unit u001: visits is" in bad.text
    found, _ = evaluation(instance)
    assert "| streak | u001 | visits |" in str(found.metadata["differences"].value)
    assert found.metadata["units_that_differ"].value == 1


def test_many_differences_are_counted_and_twenty_shown(
    made: World, instance: dg.DagsterInstance
) -> None:
    made.execute(f"DELETE FROM {WIDE} WHERE event_date = '{day(2)}' AND experiment_key = 'streak'")
    reconcile(instance)
    found, _ = evaluation(instance)
    told = str(found.metadata["differences"].value)
    total = found.metadata["units_that_differ"].value
    assert isinstance(total, int)
    assert told.count("| streak |") == 20
    assert told.endswith(f"and {total - 20:,} more")


def test_a_partition_that_was_never_made_has_nothing_to_compare(
    made: World, instance: dg.DagsterInstance
) -> None:
    assert reconcile(instance, number=5).checks == ()
    told = evaluation(instance)[0].description or ""
    assert told.startswith("nothing to compare: the partition was never made")


def test_a_partition_of_an_older_configuration_is_not_compared(
    made: World, instance: dg.DagsterInstance
) -> None:
    made.say(streak())
    made.make("growthbook/experiments")
    assert reconcile(instance).checks == ()
    told = evaluation(instance)[0].description or ""
    assert "of another configuration than GrowthBook's newest" in told


def test_a_run_that_makes_the_partition_compares_nothing(
    made: World, instance: dg.DagsterInstance
) -> None:
    job = open_project().definitions.resolve_implicit_global_asset_job_def()
    tags = TagDate("habit", day(2)).run_tags
    result = job.get_subset(asset_selection={MAKES_WIDE}).execute_in_process(
        instance=instance, tags=tags
    )
    assert result.success
    assert result.get_asset_check_evaluations() == []


def test_once_a_week_every_tag_is_compared_by_itself(
    made: World, instance: dg.DagsterInstance
) -> None:
    definitions = open_project().definitions
    repository = definitions.get_repository_def()
    schedule = repository.get_schedule_def("reconciliation_weekly")
    at = datetime(day(2).year, day(2).month, day(2).day, tzinfo=UTC) + timedelta(days=1, hours=4)
    context = dg.build_schedule_context(
        instance, scheduled_execution_time=at, repository_def=repository
    )
    requests = schedule.evaluate_tick(context).run_requests
    assert requests is not None
    told = [request.tags["dagster/partition"] for request in requests]
    assert told == [f"{day(2)}|{tag}" for tag in ("habit", "quiet", "shop")]
    first = requests[0]
    job = definitions.resolve_implicit_global_asset_job_def().get_subset(
        asset_selection=set(first.asset_selection or ()),
        asset_check_selection=set(first.asset_check_keys or ()),
    )
    result = job.execute_in_process(instance=instance, tags=first.tags)
    assert [item.check_name for item in result.get_asset_check_evaluations()] == [KEY.name]
