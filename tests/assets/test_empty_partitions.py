"""A tag without experiments is no failure: every partition is there, empty, and says why."""

import dagster as dg
import pytest

from tests.small_world import World, day

REASON = f"no experiment with the tag 'quiet' was in force on {day(1)}"


@pytest.mark.parametrize(
    "table",
    [
        "ab.experiment_data",
        "ab.tbl_wide_user_habits_quiet",
        "ab.experiment_health",
        "ab.tbl_report_user_habits_quiet",
        "flow_report_app.tbl_report_ab_testing_result",
        "flow_report_app.tbl_experiment_health",
        "flow_report_app.tbl_report_trend",
    ],
)
def test_a_tag_without_experiments_has_an_empty_partition_that_says_why(
    made: World, table: str
) -> None:
    recorded = made.query(
        "SELECT row_count, reason FROM ab.partition_provenance "
        f"WHERE table_name = '{table}' AND tag = 'quiet'"
    )
    assert recorded.rows() == [(0, REASON)]


@pytest.mark.parametrize("asset", ["experiment_data", "habits/wide_user", "habits/health"])
def test_the_materialisation_of_an_empty_partition_says_why(made: World, asset: str) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert made.make(asset, tag="quiet", when=day(1), instance=instance).succeeded
        event = instance.get_latest_materialization_event(dg.AssetKey(asset.split("/")))
        assert event is not None
        assert event.asset_materialization is not None
        metadata = event.asset_materialization.metadata
        assert metadata["dagster/row_count"].value == 0
        assert metadata["reason"].value == REASON


def test_the_health_checks_of_an_empty_partition_pass_and_say_why(made: World) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        made.make("habits/health", tag="quiet", when=day(1), instance=instance)
        key = dg.AssetCheckKey(dg.AssetKey(["habits", "health"]), "sample_ratio")
        records = instance.event_log_storage.get_asset_check_execution_history(key, limit=1)
        evaluation = records[0].evaluation
        assert evaluation is not None
        assert evaluation.passed
        assert evaluation.description == REASON


def test_an_empty_report_can_be_made_alone(made: World) -> None:
    assert made.make("habits/report_user", tag="quiet", when=day(1)).succeeded
