import dagster as dg
import pytest
from polars.testing import assert_frame_equal

from tests.small_world import World, basket, broken_split, day, streak

REPORT = "ab.tbl_report_user_habits_habit"


WIDE = "ab.tbl_wide_user_habits_habit"


def test_alone_on_a_fresh_warehouse_it_makes_what_it_needs(loaded: World) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        outcome = loaded.make("habits/report_user", tag="habit", when=day(1), instance=instance)
        keys = [dg.AssetKey(["habits", name]) for name in ("wide_user", "health")]
        events = [instance.get_latest_materialization_event(key) for key in keys]
        check = instance.event_log_storage.get_asset_check_execution_history(
            dg.AssetCheckKey(keys[1], "conservation"), limit=1
        )[0]
    assert outcome.succeeded, outcome.failure
    assert loaded.query(f"SELECT count(*) AS n FROM {REPORT}").item() > 0
    assert [event.dagster_event.partition for event in events] == [f"{day(1)}|habit"] * 2
    assert check.evaluation.passed
    assert check.partition == f"{day(1)}|habit"


def test_alone_it_says_the_same_as_after_its_upstream(loaded: World) -> None:
    assert loaded.make("habits/report_user", tag="habit", when=day(2)).succeeded
    alone = loaded.table(REPORT)
    for asset in ("experiment_data", "habits/wide_user", "habits/health", "habits/report_user"):
        assert loaded.make(asset, tag="habit", when=day(2)).succeeded
    assert_frame_equal(loaded.table(REPORT), alone, abs_tol=1e-12, rel_tol=1e-9)


def test_health_older_than_the_wide_rows_is_made_again(made: World) -> None:
    before = made.query("SELECT max(computed_at) AS newest FROM ab.experiment_health").item()
    assert made.make("habits/wide_user", tag="habit", when=day(2)).succeeded
    assert made.make("habits/report_user", tag="habit", when=day(2)).succeeded
    assert made.query("SELECT max(computed_at) AS newest FROM ab.experiment_health").item() > before


def test_a_wide_partition_of_another_configuration_is_made_again(made: World) -> None:
    made.say(streak(name="Renamed", status="stopped"), broken_split(archived=True), basket())
    assert made.make("growthbook/experiments").succeeded
    assert made.make("habits/report_user", tag="habit", when=day(2)).succeeded
    keys = made.query(f"SELECT DISTINCT experiment_key FROM {WIDE} WHERE event_date = '{day(2)}'")
    assert keys["experiment_key"].to_list() == ["streak"]


def test_a_tag_is_reported_once_a_day_for_each_metric_and_variation(made: World) -> None:
    doubled = made.query(
        "SELECT count(*) AS row_count FROM (SELECT experiment_id, metric, dimension, "
        "dimension_value, variation_key, event_date, count(*) AS times "
        f"FROM {REPORT} GROUP BY experiment_id, metric, dimension, dimension_value, "
        "variation_key, event_date) AS counted WHERE times > 1"
    )
    assert doubled.item() == 0


@pytest.fixture
def metadata(made: World) -> dict[str, object]:
    with dg.DagsterInstance.ephemeral() as instance:
        outcome = made.make("shop/report_user", tag="shop", when=day(4), instance=instance)
        assert outcome.succeeded, outcome.failure
        event = instance.get_latest_materialization_event(dg.AssetKey(["shop", "report_user"]))
        assert event is not None
        assert event.asset_materialization is not None
        assert event.asset_materialization.partition == f"{day(4)}|shop"
        return {name: item.value for name, item in event.asset_materialization.metadata.items()}


def test_the_materialisation_tells_rows_provenance_and_the_report_itself(
    metadata: dict[str, object],
) -> None:
    assert metadata["dagster/row_count"] == 2
    assert metadata["dagster/table_name"] == "ab.tbl_report_user_shop_shop"
    assert metadata["config_hash"]
    assert metadata["sql_hash"]
    assert list(metadata)[:3] == ["verdict", "effects", "every number"]
    assert "`basket`" in str(metadata["verdict"])
    assert (metadata["experiments"], metadata["not_trusted"]) == (1, 0)
    assert metadata["checks_failed"] == 0
    assert "revenue_per_user" in str(metadata["every number"])


def test_a_day_without_experiments_says_why_on_its_page(loaded: World) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        outcome = loaded.make("habits/report_user", tag="quiet", when=day(1), instance=instance)
        assert outcome.succeeded, outcome.failure
        event = instance.get_latest_materialization_event(dg.AssetKey(["habits", "report_user"]))
    assert event is not None
    assert event.asset_materialization is not None
    told = {name: item.value for name, item in event.asset_materialization.metadata.items()}
    assert "no experiment with the tag 'quiet'" in str(told["reason"])
    assert told["experiments"] == 0
    assert "verdict" not in told
