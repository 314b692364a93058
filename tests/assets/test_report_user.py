import dagster as dg
import pytest

from tests.small_world import World, basket, broken_split, day, streak

REPORT = "ab.tbl_report_user_habits_habit"


def test_alone_on_a_fresh_warehouse_it_names_what_has_to_be_made_first(loaded: World) -> None:
    outcome = loaded.make("habits/report_user", tag="habit", when=day(1))
    assert not outcome.succeeded
    assert f"partition habit | {day(1)} of habits/wide_user was never made" in outcome.failure
    assert f"ab-assets run --tag habit --date {day(1)}" in outcome.failure


def test_without_health_it_names_health(loaded: World) -> None:
    assert loaded.make("shop/wide_user", tag="shop", when=day(1)).succeeded
    outcome = loaded.make("shop/report_user", tag="shop", when=day(1))
    assert not outcome.succeeded
    assert "materialise shop/health for the partition first" in outcome.failure


def test_health_older_than_the_wide_rows_does_not_serve(made: World) -> None:
    assert made.make("habits/wide_user", tag="habit", when=day(2)).succeeded
    outcome = made.make("habits/report_user", tag="habit", when=day(2))
    assert not outcome.succeeded
    assert "habits/health has not looked at the newest wide rows" in outcome.failure


def test_a_wide_partition_of_another_configuration_is_refused(made: World) -> None:
    before = made.table(REPORT)
    made.say(streak(name="Renamed", status="stopped"), broken_split(archived=True), basket())
    assert made.make("growthbook/experiments").succeeded
    outcome = made.make("habits/report_user", tag="habit", when=day(2))
    assert not outcome.succeeded
    assert "another configuration" in outcome.failure
    assert made.table(REPORT).equals(before)


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
    assert metadata["table"] == "ab.tbl_report_user_shop_shop"
    assert metadata["config_hash"]
    assert metadata["sql_hash"]
    assert "revenue_per_user" in str(metadata["report"])
