"""The plans of a tag as an asset."""

import dagster as dg
import pytest

from ab_assets.cli.project import open_project
from ab_assets.planning.outlook import WEEKS
from ab_assets.planning.wishes import Wishes, plan_from_history
from tests.planning.conftest import history_of, tamper
from tests.small_world import World

TABLE = "ab.experiment_plan"


@pytest.fixture
def planned(made: World) -> World:
    outcome = made.make("habits/plan", tag="habit")
    assert outcome.succeeded, outcome.failure
    return made


def test_each_metric_has_a_row_by_weeks_that_a_plan_answers_too(planned: World) -> None:
    rows = planned.table(TABLE)
    assert rows.select("metric", "weeks").rows() == [
        (metric, weeks) for metric in ("retention_d1", "visits_per_user") for weeks in WEEKS
    ]
    history = history_of(open_project(), "habit")
    past = history.metric("visits_per_user")
    row = rows.filter(metric="visits_per_user", weeks=4).row(0, named=True)
    found = plan_from_history(Wishes(days=28), history, past)
    assert row["mde_cuped"] == pytest.approx(found.relative_effect)
    assert row["mde_cuped"] < row["mde"]
    assert row["mde_cuped"] < row["mde_group_sequential"] < row["mde_always_valid"]
    needed = plan_from_history(Wishes(), history, past)
    assert (row["users_needed"], row["days_needed"]) == (needed.users, needed.days)
    asked = plan_from_history(Wishes(days=28, effect=0.05), history, past)
    assert row["power"] == pytest.approx(asked.power)


def test_making_it_again_replaces_it(planned: World) -> None:
    before = planned.table(TABLE)
    assert planned.make("habits/plan", tag="habit").succeeded
    assert planned.table(TABLE).equals(before)
    assert planned.make("shop/plan", tag="shop").succeeded
    assert planned.table(TABLE)["tag"].unique().sort().to_list() == ["habit", "shop"]


def test_it_can_be_made_in_one_run_with_the_dashboard_rows(made: World) -> None:
    outcome = made.make("flow_report_app/ab_testing_result", "habits/plan", tag="habit")
    assert outcome.succeeded, outcome.failure
    assert made.table(TABLE)["tag"].unique().to_list() == ["habit"]


def _metadata(world: World, tag: str) -> dict[str, dg.MetadataValue]:  # type: ignore[type-arg]
    with dg.DagsterInstance.ephemeral() as instance:
        assert world.make("habits/plan", tag=tag, instance=instance).succeeded
        event = instance.get_latest_materialization_event(dg.AssetKey(["habits", "plan"]))
        assert event is not None
        assert event.asset_materialization is not None
        return dict(event.asset_materialization.metadata)


def test_the_ui_shows_effects_by_duration(made: World) -> None:
    metadata = _metadata(made, "habit")
    assert metadata["dagster/row_count"].value == 2 * len(WEEKS)
    shown = str(metadata["plan"].value)
    assert "### visits\\_per\\_user (goal)" in shown or "### visits_per_user (goal)" in shown
    assert "Smallest effect found with 80 % power, by duration" in shown
    assert "To find +5.0 % of" in shown


def test_a_tag_without_experiments_has_an_empty_partition_that_says_why(made: World) -> None:
    metadata = _metadata(made, "quiet")
    assert metadata["dagster/row_count"].value == 0
    assert "has no experiment to learn from" in str(metadata["reason"].value)
    assert "plan" not in metadata


def test_a_tag_that_was_never_reported_has_one_too(loaded: World) -> None:
    metadata = _metadata(loaded, "habit")
    assert metadata["dagster/row_count"].value == 0
    assert "there is no report of 'habit' yet" in str(metadata["reason"].value)


def test_metrics_that_cannot_be_planned_leave_an_empty_partition_that_says_why(
    made: World,
) -> None:
    tamper(made, "UPDATE ab.tbl_report_user_habits_habit SET mean = NULL")
    metadata = _metadata(made, "habit")
    assert metadata["dagster/row_count"].value == 0
    assert metadata["reason"].value == "no metric of streak can be planned from"
    assert "no unit is counted yet" in str(metadata["plan"].value)
