"""The report frame as Dagster checks it, and its way to pandas and back."""

from datetime import date, datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest
from dagster_pandas.constraints import ConstraintViolationException
from polars.testing import assert_frame_equal

from ab_assets.assets.report_frame import report_output_type
from ab_assets.reporting.frame_type import rule_of, to_pandas, to_polars
from ab_assets.warehouse.frames import empty_frame
from ab_assets.warehouse.schema import REPORT_TABLE, fixed_table, report_columns
from ab_assets.warehouse.tables import Column
from tests.reporting.seeded import Seeded

NAMES = [column.name for column in report_columns()]
COLUMNS = {column.name: column for column in report_columns()}


@pytest.fixture(scope="module")
def frame(seeded: Seeded) -> pl.DataFrame:
    return seeded.report.head(60)


def checked(frame: pd.DataFrame) -> tuple[bool, str]:
    found = report_output_type().type_check(None, frame)
    return found.success, found.description or ""


def test_a_report_passes(seeded: Seeded) -> None:
    assert checked(to_pandas(seeded.report)) == (True, "")


def test_an_empty_report_passes() -> None:
    assert checked(to_pandas(empty_frame(fixed_table(REPORT_TABLE)))) == (True, "")


def test_anything_but_a_frame_fails() -> None:
    assert not checked([1, 2])[0]


@pytest.mark.parametrize("name", ["tag", "users", "p_value", "is_control", "phase_start"])
def test_a_missing_column_is_named(frame: pl.DataFrame, name: str) -> None:
    success, told = checked(to_pandas(frame.drop(name)))
    assert not success
    assert name in told


WRONG_KIND = {
    "VARCHAR": [7] * 60,
    "BIGINT": ["many"] * 60,
    "INT": ["many"] * 60,
    "DOUBLE": ["0.5"] * 60,
    "BOOLEAN": ["yes"] * 60,
    "DATE": ["2026-10-10"] * 60,
    "DATETIME": ["2026-10-10"] * 60,
}


@pytest.mark.parametrize("column", report_columns(), ids=NAMES)
def test_a_column_of_another_kind_is_named(frame: pl.DataFrame, column: Column) -> None:
    wrong = to_pandas(frame)
    wrong[column.name] = WRONG_KIND[column.base_type]
    with pytest.raises(ConstraintViolationException, match=column.name):
        rule_of(column).validate(wrong)


@pytest.mark.parametrize("name", ["tag", "users", "p_value", "is_control", "phase_start"])
def test_the_type_asks_every_column(frame: pl.DataFrame, name: str) -> None:
    wrong = to_pandas(frame)
    wrong[name] = [7j] * 60
    success, told = checked(wrong)
    assert not success
    assert name in told


REQUIRED = [
    "tag",
    "module",
    "event_date",
    "experiment_id",
    "metric",
    "dimension",
    "dimension_value",
    "variation_key",
    "is_control",
    "users",
    "trust",
    "decision",
]


@pytest.mark.parametrize("name", REQUIRED)
def test_what_every_row_must_have_may_not_be_missing(frame: pl.DataFrame, name: str) -> None:
    wrong = to_pandas(frame)
    wrong.loc[3, name] = None
    with pytest.raises(ConstraintViolationException, match=name):
        rule_of(COLUMNS[name]).validate(wrong)


def test_anything_else_may_be_missing(frame: pl.DataFrame) -> None:
    optional = [name for name in NAMES if name not in REQUIRED]
    nothing = [pl.lit(None, frame.schema[name]).alias(name) for name in optional]
    assert checked(to_pandas(frame.with_columns(nothing))) == (True, "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("p_value", 1.5),
        ("p_value_adjusted", -0.1),
        ("seq_p_value", 2.0),
        ("chance_to_win", 1.01),
        ("power", -0.01),
        ("srm_p_value", 7.0),
        ("srm_seq_p_value", -1.0),
        ("weight", 50.0),
        ("users", -1),
        ("users_needed", -5),
        ("phase_index", -1),
    ],
)
def test_a_number_outside_its_limits_is_named(frame: pl.DataFrame, name: str, value: float) -> None:
    wrong = to_pandas(frame)
    wrong.loc[3, name] = value
    with pytest.raises(ConstraintViolationException, match=name):
        rule_of(COLUMNS[name]).validate(wrong)


def test_the_way_to_pandas_and_back_changes_nothing(seeded: Seeded) -> None:
    assert_frame_equal(to_polars(to_pandas(seeded.report)), seeded.report, check_exact=True)


def test_an_empty_frame_keeps_its_columns_and_types() -> None:
    empty = empty_frame(fixed_table(REPORT_TABLE))
    assert_frame_equal(to_polars(to_pandas(empty)), empty)


def test_a_column_of_nothing_keeps_its_type(frame: pl.DataFrame) -> None:
    empty = frame.select(pl.lit(None, kind).alias(name) for name, kind in frame.schema.items())
    assert_frame_equal(to_polars(to_pandas(empty)), empty)


def test_large_counts_keep_every_digit(frame: pl.DataFrame) -> None:
    large = frame.with_columns(users=pl.lit(2**53 + 1, pl.Int64))
    assert to_polars(to_pandas(large))["users"].unique().to_list() == [2**53 + 1]


def test_microseconds_and_days_survive(frame: pl.DataFrame) -> None:
    moment, day = datetime.fromisoformat("2026-10-01T12:30:15.123457"), date(1999, 12, 31)
    dated = frame.with_columns(
        phase_start=pl.lit(moment, pl.Datetime("us")), event_date=pl.lit(day)
    )
    back = to_polars(to_pandas(dated))
    assert back["phase_start"].unique().to_list() == [moment]
    assert back["event_date"].unique().to_list() == [day]


def test_nan_becomes_null_on_the_way_to_the_warehouse(frame: pl.DataFrame) -> None:
    pandas = to_pandas(frame)
    pandas["mean"] = np.nan
    assert to_polars(pandas)["mean"].null_count() == frame.height


def test_the_type_is_made_once() -> None:
    assert report_output_type() is report_output_type()
