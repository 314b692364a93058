import dagster as dg
import duckdb
import polars as pl
from polars.testing import assert_frame_equal

from tests.small_world import World, an_exposure, day, midnight, wide_table_of

HEALTH = dg.AssetKey(["habits", "health"])
WIDE = "ab.tbl_wide_user_habits_habit"


def _latest(instance: dg.DagsterInstance, check: str) -> tuple[dg.AssetCheckEvaluation, str | None]:
    key = dg.AssetCheckKey(HEALTH, check)
    record = instance.event_log_storage.get_asset_check_execution_history(key, limit=1)[0]
    assert record.evaluation is not None
    return record.evaluation, record.partition


def test_a_statistical_failure_is_shown_on_its_partition_and_the_run_is_green(made: World) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        outcome = made.make("habits/health", tag="habit", when=day(2), instance=instance)
        evaluation, partition = _latest(instance, "sample_ratio")
    assert outcome.succeeded
    assert len(outcome.failed_checks) == 1
    assert "broken_split: sample-ratio mismatch" in outcome.failed_checks[0]
    assert not evaluation.passed
    assert evaluation.severity is dg.AssetCheckSeverity.ERROR
    assert partition == f"{day(2)}|habit"
    counts = {"experiments_failed", "experiments_warned"}
    assert set(evaluation.metadata) == {"arms", "broken_split", "streak"} | counts
    arms = evaluation.metadata["arms"]
    assert isinstance(arms, dg.TableMetadataValue)
    experiments = [record.data["experiment"] for record in arms.records]
    assert experiments == ["broken_split"] * 2 + ["streak"] * 2
    assert evaluation.metadata["experiments_failed"].value == 1


def test_a_warning_is_no_failed_check(made: World) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        outcome = made.make("habits/health", tag="habit", when=day(2), instance=instance)
        evaluation, _ = _latest(instance, "unknown_variations")
    assert not evaluation.passed
    assert evaluation.severity is dg.AssetCheckSeverity.WARN
    assert not any("unknown_variations" in told for told in outcome.failed_checks)


def test_a_failure_marks_the_rows_of_its_own_experiment_alone(made: World) -> None:
    trust = made.query(
        "SELECT DISTINCT experiment_key, trust FROM ab.tbl_report_user_habits_habit "
        f"WHERE event_date = '{day(2)}' AND metric = 'visits_per_user' AND NOT is_control"
    )
    told = dict(trust.filter(experiment_key="broken_split").rows())
    assert told == {"broken_split": "sample-ratio mismatch"}
    assert "sample-ratio mismatch" not in trust.filter(experiment_key="streak")["trust"].to_list()


def test_units_that_the_wide_table_lacks_block_the_report(made: World) -> None:
    made.add_exposures([an_exposure("late", "1", "streak", midnight(day(2)))])
    before = made.table("ab.tbl_report_user_habits_habit")
    outcome = made.make("habits/health", "habits/report_user", tag="habit", when=day(2))
    assert not outcome.succeeded
    assert "streak: the wide table has" in outcome.failure
    assert made.table("ab.tbl_report_user_habits_habit").equals(before)


def test_a_blocked_report_stays_blocked_when_it_is_made_alone(made: World) -> None:
    made.add_exposures([an_exposure("late", "1", "streak", midnight(day(2)))])
    made.make("habits/health", tag="habit", when=day(2))
    outcome = made.make("habits/report_user", tag="habit", when=day(2))
    assert not outcome.succeeded
    assert "conservation" in outcome.failure


def test_a_wide_row_that_changed_its_variation_blocks_the_report(made: World) -> None:
    where = f"event_date = '{day(2)}' AND experiment_key = 'streak' AND user_id = 'u001'"
    row = made.query(f"SELECT * FROM {WIDE} WHERE {where}")
    other = "1" if row["variation_key"].item() == "0" else "0"
    made.execute(f"DELETE FROM {WIDE} WHERE {where}")
    changed = row.with_columns(variation_key=pl.lit(other))
    made.warehouse.append(wide_table_of("habit"), changed)
    outcome = made.make("habits/health", "habits/report_user", tag="habit", when=day(2))
    assert not outcome.succeeded
    assert "streak: the wide table has" in outcome.failure


def test_a_wide_partition_that_lost_a_row_is_made_again_before_anything_is_counted(
    made: World,
) -> None:
    before = made.table(WIDE)
    made.execute(f"DELETE FROM {WIDE} WHERE event_date = '{day(2)}' AND user_id = 'u001'")
    assert made.make("habits/health", tag="habit", when=day(2)).succeeded
    assert_frame_equal(made.table(WIDE), before, abs_tol=1e-12, rel_tol=1e-9)


def test_rows_of_before_all_events_were_counted_are_checked_too(made: World) -> None:
    with duckdb.connect(str(made.root / "ab.duckdb")) as connection:
        connection.execute(f"ALTER TABLE ab.{WIDE} DROP COLUMN events_after_exposure").fetchall()
    with dg.DagsterInstance.ephemeral() as instance:
        outcome = made.make("habits/health", tag="habit", when=day(2), instance=instance)
        evaluation, _ = _latest(instance, "event_join")
    assert outcome.succeeded, outcome.failure
    assert evaluation.passed
    assert "made before all events were counted" in (evaluation.description or "")
