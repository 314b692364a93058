"""A known experiment, from its files to the printed report: the published figures come out."""

import json
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from ab_assets.cli.application import run_application
from ab_assets.settings import PROJECT_ROOT
from tests.small_world import clear_environment

DATA = PROJECT_ROOT.parent / "shared" / "data" / "cookie_cats"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the Cookie Cats data set is not there: {DATA}"
)
MODULE = """
module: games
owners: ["team:games"]
tags: [cookie_cats]
columns:
  active: {sql: "count_if(event_name = 'session_start')"}
  rounds: "sum(if(event_name = 'game_rounds', value, 0))"
metrics:
  retention_d1: {type: retention, day: 1, column: active, role: goal}
  retention_d7: {type: retention, day: 7, column: active, role: goal}
  rounds_per_user: {type: mean, column: rounds}
"""
Rows = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Reports:
    """Rows of gate_40 by day, path and metric."""

    rows: dict[tuple[str, str], Rows]
    codes: list[int]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reports]:
    folder = tmp_path_factory.mktemp("cookie_cats")
    (folder / "modules" / "games").mkdir(parents=True)
    (folder / "modules" / "games" / "module.yaml").write_text(MODULE, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        clear_environment(patch)
        for name, value in {
            "AB_WAREHOUSE_URL": f"duckdb://{folder}/ab.duckdb",
            "AB_START_DATE": "2026-10-01",
            "AB_MODULES_DIR": str(folder / "modules"),
            "GROWTHBOOK_SNAPSHOT": str(DATA / "growthbook.json"),
            "DAGSTER_HOME": str(folder / "dagster"),
        }.items():
            patch.setenv(name, value)
        yield _reports(folder)


def _reports(folder: Path) -> Reports:
    codes = [
        run_application(["load", "exposures", str(DATA / "exposures.parquet")]),
        run_application(["load", "events", str(DATA / "events.parquet")]),
        run_application(["growthbook", "pull"]),
    ]
    rows = {}
    days = ("2026-10-08", "2026-10-09")
    for path, more in (("incremental", []), ("full", ["--full"])):
        dates = ["--from", days[0], "--to", days[1]]
        codes.append(run_application(["run", "--tag", "cookie_cats", *dates, *more]))
        for when in days:
            rows[path, when] = _printed(folder, when)
    return Reports(rows, codes)


def _printed(folder: Path, when: str) -> Rows:
    with (folder / "printed.json").open("w+", encoding="utf-8") as file:
        with redirect_stdout(file):
            code = run_application(["report", "--tag", "cookie_cats", "--date", when, "--json"])
        assert code == 0
        file.seek(0)
        rows = json.load(file)
    return {row["metric"]: row for row in rows if row["variation_key"] == "1"}


@pytest.fixture(
    params=[
        (path, when) for path in ("incremental", "full") for when in ("2026-10-08", "2026-10-09")
    ],
    ids=" ".join,
)
def rows(request: pytest.FixtureRequest, reports: Reports) -> Rows:
    return reports.rows[request.param]


def test_loading_succeeds_and_the_known_mismatch_is_a_failed_check(reports: Reports) -> None:
    assert reports.codes[:3] == [0, 0, 0]
    assert set(reports.codes[3:]) <= {0, 3}


def test_the_users_of_each_gate(rows: Rows) -> None:
    assert rows["retention_d7"]["control_users"] == 44_700
    assert rows["retention_d7"]["users"] == 45_489


def test_retention_on_day_1(rows: Rows) -> None:
    row = rows["retention_d1"]
    assert row["control_mean"] == pytest.approx(0.448188, abs=5e-7)
    assert row["mean"] == pytest.approx(0.442283, abs=5e-7)
    assert row["p_value"] == pytest.approx(0.07441, abs=5e-6)


def test_retention_on_day_7(rows: Rows) -> None:
    row = rows["retention_d7"]
    assert row["control_mean"] == pytest.approx(0.190201, abs=5e-7)
    assert row["mean"] == pytest.approx(0.182000, abs=5e-7)
    assert row["abs_diff"] == pytest.approx(-0.0082013, abs=5e-8)
    # The published interval takes 1.959964, ours Student's quantile at 90,080 degrees of freedom:
    # 7e-8 wider on each side.
    assert row["abs_ci_low"] == pytest.approx(-0.0132816, abs=1.2e-7)
    assert row["abs_ci_high"] == pytest.approx(-0.0031210, abs=1.2e-7)
    assert row["statistic"] == pytest.approx(-3.16403, abs=5e-6)
    assert row["p_value"] == pytest.approx(0.0015565, abs=5e-8)


def test_rounds_per_user(rows: Rows) -> None:
    row = rows["rounds_per_user"]
    assert row["control_mean"] == pytest.approx(52.4563, abs=5e-5)
    assert row["mean"] == pytest.approx(51.2988, abs=5e-5)
    assert row["p_value"] == pytest.approx(0.37592, abs=5e-6)


def test_the_sample_ratio(rows: Rows) -> None:
    assert rows["retention_d7"]["srm_p_value"] == pytest.approx(0.0086080, abs=5e-8)


def test_both_paths_give_one_report(reports: Reports) -> None:
    volatile = {"run_id", "computed_at"}
    for when in ("2026-10-08", "2026-10-09"):
        for metric, row in reports.rows["incremental", when].items():
            full = reports.rows["full", when][metric]
            for name in row.keys() - volatile:
                assert full[name] == _nearly(row[name]), (metric, name)


def _nearly(value: object) -> object:
    """Sums in another order differ in their last bits."""
    return pytest.approx(value, rel=1e-9) if isinstance(value, float) else value
