"""The printed SQL and Python, held against the report they doubt: every kind of metric."""

import contextlib
import io
from pathlib import Path

import polars as pl
import pytest

from ab_assets.reproducing.literals import attaching, standing_alone
from ab_assets.reproducing.parts import REPRODUCIBLE, pieces_for
from ab_assets.reproducing.query import Comparison, arms_statement
from ab_assets.reproducing.script import python_cells, script_of
from tests.reporting.seeded import METRICS, Seeded, build

PLACES = [
    ("exp_two", "1", "", ""),
    ("exp_three", "2", "", ""),
    ("exp_two", "1", "platform", "ios"),
    ("exp_two", "1", "country", "(other)"),
    ("exp_three", "1", "country", "(unknown)"),
]


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    return build(Path(tmp_path_factory.mktemp("reproduced")))


def recomputed(seeded: Seeded, row: dict[str, object], columns: list[str]) -> dict[str, float]:
    """What the script prints, run on a connection of its own."""
    world = seeded.world
    item = next(one for one in world.day.experiments if one.experiment.id == row["experiment_id"])
    metric = item.metrics[str(row["metric"])]
    compared = Comparison(
        item,
        str(row["metric"]),
        metric,
        str(row["variation_key"]),
        str(row["dimension"]),
        str(row["dimension_value"]),
        adjusted=bool(row["cuped"]),
    )
    statement = arms_statement(world.library, world.day, world.wide, compared)
    sql = f"{attaching(world.warehouse.path)}\n{standing_alone(statement, {}, 'duckdb')}"
    exact = row["method"] == "fisher-exact"
    pieces = pieces_for(
        columns, is_ratio=compared.is_ratio, adjusted=compared.adjusted, exact=exact
    )
    values = [
        ("CONTROL", "0"),
        ("VARIATION", row["variation_key"]),
        ("ALPHA", 0.05),
        ("PLANNED_UNITS", 5000.0),
        ("COLUMNS", columns),
    ]
    printed = io.StringIO()
    script = script_of(python_cells(sql, "duckdb", values, pieces), [])
    assert "ab_assets" not in script
    with contextlib.redirect_stdout(printed):
        exec(compile(script, "printed", "exec"), {})  # noqa: S102 (what is tested is that it runs)
    return {line.split()[0]: float(line.split()[1]) for line in printed.getvalue().splitlines()}


@pytest.mark.parametrize("place", PLACES, ids=" ".join)
@pytest.mark.parametrize("metric", METRICS)
def test_the_printed_lines_give_the_number_of_the_report(
    seeded: Seeded, metric: str, place: tuple[str, str, str, str]
) -> None:
    names = ("experiment_id", "variation_key", "dimension", "dimension_value")
    conditions = dict(zip(names, place, strict=True))
    row = seeded.report.filter(metric=metric, **conditions).row(0, named=True)
    columns = [name for name in REPRODUCIBLE if row[name] is not None]
    found = recomputed(seeded, row, columns)
    assert {"mean", "abs_diff", "p_value", "abs_ci_low"} <= found.keys()
    for name in columns:
        assert found[name] == pytest.approx(row[name], rel=1e-9, abs=1e-15), name


def test_the_places_have_every_kind_of_comparison(seeded: Seeded) -> None:
    methods: set[str] = set()
    for place in PLACES:
        names = ("experiment_id", "variation_key", "dimension", "dimension_value")
        conditions = dict(zip(names, place, strict=True))
        methods |= set(seeded.report.filter(pl.lit(value=True), **conditions)["method"])
    assert methods >= {
        "welch-t",
        "welch-t after CUPED",
        "delta-method welch-t",
        "delta-method welch-t after CUPED",
        "fisher-exact",
    }
