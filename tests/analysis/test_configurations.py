"""What GrowthBook said, kept with its history and read back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from ab_assets.analysis.configurations import (
    Recorded,
    record_snapshot,
    required_snapshot,
    stored_snapshot,
)
from ab_assets.errors import GrowthBookError
from ab_assets.experiments import Snapshot, config_hash
from ab_assets.growthbook.building import build_snapshot
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.frames import frame_of
from ab_assets.warehouse.schema import fixed_table
from ab_assets.warehouse.statements import Statement
from tests.growthbook.payloads import JsonObject, a_payload, a_phase_payload, a_split
from tests.sql.bench import a_library

NOW = datetime(2026, 11, 1, 6, tzinfo=UTC)
LIBRARY = a_library()


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[DuckDBWarehouse]:
    warehouse = DuckDBWarehouse(tmp_path / "ab.duckdb", lock_seconds=5)
    with warehouse.session():
        yield warehouse


def pulled(*payloads: JsonObject, hours: int = 0) -> Snapshot:
    return build_snapshot(payloads, source="a file", pulled_at=NOW + timedelta(hours=hours))


def weighted(*weights: float) -> JsonObject:
    return a_payload(phases=[a_phase_payload(trafficSplit=a_split(*weights))])


def record(warehouse: DuckDBWarehouse, snapshot: Snapshot) -> Recorded:
    return record_snapshot(warehouse, LIBRARY, snapshot, "run")


def rows(warehouse: DuckDBWarehouse, table: str) -> pl.DataFrame:
    return warehouse.fetch(Statement("test", f"SELECT * FROM ab.{table}"))


def stored(warehouse: DuckDBWarehouse) -> Snapshot:
    snapshot = stored_snapshot(warehouse, LIBRARY)
    assert snapshot is not None
    return snapshot


def test_the_last_pull_stands_although_the_clock_was_ahead_before_it(
    warehouse: DuckDBWarehouse,
) -> None:
    record(warehouse, pulled(weighted(0.5, 0.5), hours=48))
    for hours, weights in ((0, (0.9, 0.1)), (1, (0.8, 0.2))):
        record(warehouse, pulled(weighted(*weights), hours=hours))
        assert stored(warehouse).experiments[0].phases[0].weights == weights


def test_before_the_first_pull_nothing_is_stored(warehouse: DuckDBWarehouse) -> None:
    assert stored_snapshot(warehouse, LIBRARY) is None
    with pytest.raises(GrowthBookError, match=r"run `ab-assets growthbook pull`"):
        required_snapshot(warehouse, LIBRARY)


def test_a_snapshot_comes_back_as_it_went_in(warehouse: DuckDBWarehouse) -> None:
    snapshot = pulled(a_payload(), a_payload(id="exp_2", trackingKey="other", archived=True))
    record(warehouse, snapshot)
    found = required_snapshot(warehouse, LIBRARY)
    assert found.experiments == snapshot.experiments
    assert (found.source, found.pulled_at) == (snapshot.source, snapshot.pulled_at)
    assert dict(found.payloads) == dict(snapshot.payloads)


def test_what_was_refused_is_refused_again_with_its_reason(warehouse: DuckDBWarehouse) -> None:
    snapshot = pulled(a_payload(), a_payload(id="exp_2", trackingKey="other", variations=[]))
    assert [item.id for item in snapshot.refused] == ["exp_2"]
    record(warehouse, snapshot)
    assert stored(warehouse).refused == snapshot.refused


def test_a_pull_without_any_experiment_is_a_pull(warehouse: DuckDBWarehouse) -> None:
    record(warehouse, pulled(a_payload()))
    record(warehouse, pulled(hours=1))
    assert stored(warehouse).experiments == ()


def test_every_phase_is_a_configuration(warehouse: DuckDBWarehouse) -> None:
    first = a_phase_payload(dateEnded="2026-10-05T00:00:00.000Z")
    second = a_phase_payload(dateStarted="2026-10-05T00:00:00.000Z", seed="again")
    snapshot = pulled(a_payload(phases=[first, second]))
    assert record(warehouse, snapshot) == Recorded(2, 2, 1)
    (experiment,) = snapshot.experiments
    kept = rows(warehouse, "growthbook_experiments").sort("phase_index")
    assert kept["config_hash"].to_list() == [config_hash(experiment, p) for p in experiment.phases]
    assert kept["reseeded"].to_list() == [False, True]
    assert [moment is None for moment in kept["phase_end"]] == [False, True]


def test_an_unchanged_pull_adds_its_own_row_and_nothing_else(warehouse: DuckDBWarehouse) -> None:
    record(warehouse, pulled(a_payload()))
    assert record(warehouse, pulled(a_payload(), hours=1)) == Recorded(1, 0, 0)
    heights = [
        rows(warehouse, table).height
        for table in ("growthbook_experiments", "growthbook_payloads", "growthbook_pulls")
    ]
    assert heights == [1, 1, 2]
    assert stored(warehouse).pulled_at == NOW + timedelta(hours=1)


def test_a_changed_weight_is_a_new_configuration_with_the_time_it_was_first_seen(
    warehouse: DuckDBWarehouse,
) -> None:
    record(warehouse, pulled(weighted(0.5, 0.5)))
    assert record(warehouse, pulled(weighted(0.9, 0.1), hours=1)) == Recorded(1, 1, 1)
    kept = rows(warehouse, "growthbook_experiments").sort("first_seen_at")
    assert kept["weights"].to_list() == ["[0.5, 0.5]", "[0.9, 0.1]"]
    assert [moment.hour for moment in kept["first_seen_at"]] == [6, 7]


def test_a_corrected_name_is_another_answer_but_no_new_configuration(
    warehouse: DuckDBWarehouse,
) -> None:
    record(warehouse, pulled(a_payload(name="Gaet")))
    assert record(warehouse, pulled(a_payload(name="Gate"), hours=1)) == Recorded(1, 0, 1)
    assert stored(warehouse).experiments[0].name == "Gate"


def test_a_change_that_is_taken_back_is_read_as_it_was_and_added_once(
    warehouse: DuckDBWarehouse,
) -> None:
    record(warehouse, pulled(weighted(0.5, 0.5)))
    record(warehouse, pulled(weighted(0.9, 0.1), hours=1))
    assert record(warehouse, pulled(weighted(0.5, 0.5), hours=2)) == Recorded(1, 0, 0)
    assert stored(warehouse).experiments[0].phases[0].weights == (0.5, 0.5)
    assert rows(warehouse, "growthbook_experiments").height == 2


def test_a_deleted_experiment_is_gone_and_its_history_stays(warehouse: DuckDBWarehouse) -> None:
    record(warehouse, pulled(a_payload(), a_payload(id="exp_2", trackingKey="other")))
    record(warehouse, pulled(a_payload(), hours=1))
    assert [item.id for item in stored(warehouse).experiments] == ["exp_1"]
    assert set(rows(warehouse, "growthbook_experiments")["experiment_id"]) == {"exp_1", "exp_2"}


def test_after_a_crash_before_the_pulls_row_the_snapshot_before_stands(
    warehouse: DuckDBWarehouse,
) -> None:
    record(warehouse, pulled(weighted(0.5, 0.5)))
    crash_before_the_pull(warehouse, pulled(weighted(0.9, 0.1), hours=1))
    assert stored(warehouse).experiments[0].phases[0].weights == (0.5, 0.5)


def test_after_a_crash_the_next_pull_adds_only_what_is_missing(warehouse: DuckDBWarehouse) -> None:
    record(warehouse, pulled(weighted(0.5, 0.5)))
    crash_before_the_pull(warehouse, pulled(weighted(0.9, 0.1), hours=1))
    assert record(warehouse, pulled(weighted(0.9, 0.1), hours=2)) == Recorded(1, 0, 0)
    assert stored(warehouse).experiments[0].phases[0].weights == (0.9, 0.1)
    assert rows(warehouse, "growthbook_payloads").height == 2


def crash_before_the_pull(warehouse: DuckDBWarehouse, snapshot: Snapshot) -> None:
    """Leaves the tables as a run does that ends before its last step."""
    table = fixed_table("ab.growthbook_pulls")
    before = rows(warehouse, "growthbook_pulls")
    record(warehouse, snapshot)
    warehouse.execute(Statement("test", "TRUNCATE TABLE ab.growthbook_pulls"))
    warehouse.append(table, frame_of(table, before.to_dicts()))


def test_a_pull_whose_answers_are_gone_is_said_to_be(warehouse: DuckDBWarehouse) -> None:
    record(warehouse, pulled(a_payload()))
    warehouse.execute(Statement("test", "TRUNCATE TABLE ab.growthbook_payloads"))
    with pytest.raises(
        GrowthBookError, match=r"growthbook_payloads lost 1 answers of the newest pull"
    ):
        stored_snapshot(warehouse, LIBRARY)


def test_the_pulls_row_says_what_was_seen_and_refused(warehouse: DuckDBWarehouse) -> None:
    record(warehouse, pulled(a_payload(), a_payload(id="exp_2", trackingKey="o", variations=[])))
    row = rows(warehouse, "growthbook_pulls").row(0, named=True)
    assert (row["experiments"], row["source"], row["run_id"]) == (1, "a file", "run")
    assert '"exp_2"' in row["refused"]


def test_hostile_text_is_only_text(warehouse: DuckDBWarehouse) -> None:
    name = "'); DROP TABLE ab.growthbook_pulls; -- {{ 7 }} \\ \" \x00 日本"
    record(warehouse, pulled(a_payload(name=name.replace("\x00", ""))))
    assert stored(warehouse).experiments[0].name == name.replace("\x00", "")
