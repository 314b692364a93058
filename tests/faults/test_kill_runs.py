"""The reader behind ``python -m tests.faults.kill_runs``; the kills take minutes: run by hand."""

from pathlib import Path

import polars as pl
import pytest

from tests.faults.kill_runs import Outcome, _read_all
from tests.small_world import World
from tests.small_world_copies import made_world


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return made_world(tmp_path, monkeypatch, AB_WIDE_KEEP_DAYS="30")


@pytest.fixture
def before(made: World) -> dict[tuple[str, str], pl.DataFrame]:
    made.execute("DELETE FROM ab.experiment_data WHERE tag <> 'shop'")
    made.execute("DELETE FROM ab.experiment_health WHERE tag <> 'shop'")
    for table in ("tbl_report_ab_testing_result", "tbl_experiment_health", "tbl_report_trend"):
        made.execute(f"DELETE FROM flow_report_app.{table} WHERE tag <> 'shop'")
    made.execute("DELETE FROM ab.partition_provenance WHERE tag <> 'shop'")
    outcome = Outcome()
    read = _read_all(made, {}, outcome)
    assert outcome.problems == []
    return read


@pytest.mark.parametrize(
    ("tampering", "told"),
    [
        ("DELETE FROM ab.tbl_wide_user_shop_shop WHERE user_id = 'u001'", "recorded"),
        ("DELETE FROM ab.tbl_report_user_shop_shop WHERE event_date = '2025-03-05'", "is gone"),
        ("INSERT INTO ab.experiment_data SELECT * FROM ab.experiment_data", "are doubled"),
    ],
)
def test_the_reader_sees_what_is_partial_missing_or_doubled(
    made: World, before: dict[tuple[str, str], pl.DataFrame], tampering: str, told: str
) -> None:
    made.execute(tampering)
    outcome = Outcome()
    _read_all(made, before, outcome)
    assert any(told in problem for problem in outcome.problems)
