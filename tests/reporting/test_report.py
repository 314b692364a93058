"""The hash of a report: another number must never carry the same hash."""

from pathlib import Path

import pytest

from ab_assets.reporting.report import report_hash
from tests.reporting.worlds import LIBRARY, a_module, a_world, an_experiment

SALES = {"type": "mean", "column": "revenue"}


def the_hash(folder: Path, wide_hash: str = "w", **changes: object) -> str:
    metrics = changes.pop("metrics", {"sales": SALES})
    world = a_world(folder, a_module(metrics, **changes), [an_experiment()], [])
    return report_hash(LIBRARY, world.day, world.wide, wide_hash)


def test_the_same_report_has_the_same_hash(tmp_path: Path) -> None:
    assert the_hash(tmp_path / "a") == the_hash(tmp_path / "b")
    assert len(the_hash(tmp_path / "c")) == 16


@pytest.mark.parametrize(
    "changes",
    [
        {"wide_hash": "x"},
        {"control": "1"},
        {"dimensions": ["country"]},
        {"engine": {"alpha": 0.1}},
        {"metrics": {"sales": SALES | {"role": "goal"}}},
        {"metrics": {"sales": SALES | {"cap": {"absolute": 5}}}},
        {"metrics": {"turnover": SALES}},
        {"compat": "growthbook", "metrics": {"sales": SALES | {"window": {"hours": 3}}}},
    ],
    ids=",".join,
)
def test_whatever_changes_a_row_changes_the_hash(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    assert the_hash(tmp_path / "a", **changes) != the_hash(tmp_path / "b")
