"""A sample of wide rows against the source rows: silent when right, precise when not."""

import hashlib
import shutil
from collections.abc import Iterator
from datetime import date
from itertools import chain
from pathlib import Path

import polars as pl
import pytest

from ab_assets.analysis.unit_sample import UnitSample
from ab_assets.analysis.wide_user import wide_user_statement
from ab_assets.errors import ConfigurationError
from ab_assets.health.reconciliation import Reconciliation, reconcile
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.schema import fixed_table
from ab_assets.warehouse.statements import Statement, StatementLibrary
from tests.sql.bench import RICH, SOURCES, Bench, a_module, gate
from tests.sql.rows import Event, Exposure, exposed, pay, visit

DAYS = (date(2024, 3, 1), date(2024, 3, 2), date(2024, 3, 3))
LAST = DAYS[-1]
METRICS = ("visits", "visits_recently", "retention_d1", "amount", "largest")
USERS = [f"user-{number:02d}" for number in range(40)]


def rows_of(number: int, user: str) -> list[Exposure | Event]:
    day, arm = 1 + number % 3, str(number % 2)
    return [
        exposed(user, arm, f"03-0{day} 10:00", country="AT"),
        exposed(user, arm, f"03-0{day} 11:00", experiment="other"),
        *(visit(user, f"03-0{when} {9 + number % 9:02d}:30") for when in (1, 2, 3)),
        pay(user, "03-03 20:00", number / 7),
    ]


def a_company(warehouse: DuckDBWarehouse, library: StatementLibrary) -> Bench:
    """Two experiments with the module's metrics, and no rows."""
    bench = Bench(warehouse, library)
    bench.experiments = (gate(), gate(id="exp_2", key="other"))
    bench.module = a_module({name: RICH[name] for name in METRICS})
    return bench


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, library: StatementLibrary) -> Path:
    """Three days of it in a file, the last two made on the incremental path."""
    path = tmp_path_factory.mktemp("built") / "ab.duckdb"
    bench = a_company(DuckDBWarehouse(path), library)
    with bench.warehouse.session():
        for name in SOURCES:
            bench.warehouse.ensure(fixed_table(name))
        bench.load(*chain.from_iterable(rows_of(number, user) for number, user in enumerate(USERS)))
        for day in DAYS:
            reasons = bench.make(day)
        assert set(reasons.values()) == {""}
    return path


@pytest.fixture
def made(built: Path, tmp_path: Path, library: StatementLibrary) -> Iterator[Bench]:
    """A copy of it, to tamper with."""
    bench = a_company(DuckDBWarehouse(shutil.copyfile(built, tmp_path / "ab.duckdb")), library)
    with bench.warehouse.session():
        yield bench


def reconciled(bench: Bench, share: float = 1.0) -> Reconciliation:
    day = bench.day(LAST)
    return reconcile(bench.warehouse, bench.library, day, bench.table(day), UnitSample(share))


def tamper(bench: Bench, user: str, *experiments: str, **changes: pl.Expr) -> None:
    """Changes a unit's rows of the last day behind the back of the pipeline."""
    table = bench.table(bench.day(LAST))
    chosen = (pl.col("user_id") == user) & pl.col("experiment_key").is_in(experiments)
    rows = bench.wide(LAST).filter(chosen)
    for key in experiments:
        where = "event_date = :day AND user_id = :user AND experiment_key = :experiment"
        values = {"day": LAST, "user": user, "experiment": key}
        bench.warehouse.execute(
            Statement("test", f"DELETE FROM {table.qualified} WHERE {where}", values)
        )
    bench.warehouse.append(table, rows.with_columns(**changes))


def bucket(user: str) -> int:
    return int(hashlib.md5(f"reconcile:{user}".encode()).hexdigest()[:15], 16) % 10_000  # noqa: S324


def test_rows_that_were_built_day_by_day_equal_those_of_the_sources(made: Bench) -> None:
    found = reconciled(made)
    assert (found.rows, found.differences) == (2 * len(USERS), ())


def test_a_changed_measure_is_found_with_experiment_unit_and_column(made: Bench) -> None:
    tamper(made, "user-03", "other", visits=pl.lit(99.0))
    found = reconciled(made)
    assert [str(item) for item in found.differences] == [
        "other, unit user-03: visits is 99.0, in full 3.0"
    ]
    assert found.units_that_differ == 1


def test_a_changed_variation_is_found(made: Bench) -> None:
    tamper(made, "user-03", "gate", "other", variation_key=pl.lit("9"))
    found = reconciled(made).differences
    told = [(item.experiment_key, item.user_id, item.column) for item in found]
    assert told == [("gate", "user-03", "variation_key"), ("other", "user-03", "variation_key")]


def test_a_row_that_is_not_there_and_one_that_should_not_be_are_found(made: Bench) -> None:
    tamper(made, "user-03", "gate", user_id=pl.lit("nobody"))
    assert [str(item) for item in reconciled(made).differences] == [
        "gate, unit nobody: only in the wide table",
        "gate, unit user-03: not in the wide table",
    ]


def test_a_value_that_is_unknown_on_one_side_is_found(made: Bench) -> None:
    nothing = {"visits": pl.lit(None, pl.Float64), "country": pl.lit(None, pl.String)}
    tamper(made, "user-03", "gate", **nothing)
    assert [str(item) for item in reconciled(made).differences] == [
        "gate, unit user-03: country is unknown, in full AT",
        "gate, unit user-03: visits is unknown, in full 3.0",
    ]


@pytest.mark.parametrize(("factor", "differing"), [(1 + 5e-10, 0), (1 + 5e-9, 1)])
def test_numbers_may_differ_by_a_billionth(made: Bench, factor: float, differing: int) -> None:
    tamper(made, "user-14", "gate", amount=pl.col("amount") * factor)
    assert len(reconciled(made).differences) == differing


def test_events_that_arrived_since_are_found(made: Bench) -> None:
    made.load(visit("user-03", "03-03 21:00"))
    found = {item.column for item in reconciled(made).differences}
    assert "visits" in found


def test_a_sample_is_of_the_lowest_buckets_and_looks_at_no_other_unit(made: Bench) -> None:
    drawn = {user for user in USERS if bucket(user) < 3000}
    assert 0 < len(drawn) < len(USERS)
    outside = next(user for user in USERS if user not in drawn)
    tamper(made, outside, "gate", variation_key=pl.lit("9"))
    found = reconciled(made, 0.3)
    assert (found.rows, found.differences) == (2 * len(drawn), ())


def test_a_sampled_statement_has_another_text_and_the_normal_one_has_not(made: Bench) -> None:
    day = made.day(LAST)
    table = made.table(day)
    normal = wide_user_statement(made.library, day, table, (), day.experiments)
    sampled = wide_user_statement(
        made.library, day, table, (), day.experiments, sample=UnitSample(0.01)
    )
    assert "sample_buckets" not in normal.text
    assert sampled.parameters["sample_buckets"] == 100


@pytest.mark.parametrize("share", [0, -0.1, 1.01, 0.00001, float("nan")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(ConfigurationError, match=r"give a share from 0\.0001 to 1"):
        UnitSample(share)
