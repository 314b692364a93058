"""The report frame as a typed Dagster value.

What belongs here: the dagster-pandas type of a report and the one conversion from Polars. What does
not: what its rows say.
"""

import math
from functools import cache

import dagster as dg
import pandas as pd
import polars as pl
from dagster_pandas import PandasColumn, create_dagster_pandas_dataframe_type

from ab_assets.warehouse.schema import fixed_table
from ab_assets.warehouse.tables import Column

_DASHBOARD = "flow_report_app.tbl_report_ab_testing_result"
_NEVER_NULL = frozenset(
    {"tag", "module", "experiment_id", "metric", "variation_key", "is_control", "users", "trust"}
)
_PANDAS_TYPES = {
    "VARCHAR": "string",
    "BIGINT": "Int64",
    "INT": "Int32",
    "DOUBLE": "float64",
    "BOOLEAN": "boolean",
    "DATE": "datetime64[ns]",
    "DATETIME": "datetime64[ns]",
}
_SHARES = frozenset({"p_value", "p_value_adjusted", "seq_p_value", "chance_to_win", "weight"})


@cache  # Dagster wants one type of a name
def report_frame_type() -> dg.DagsterType:
    """The type of ``report_user``'s output: every column of the contract, its kind and its limits."""
    return create_dagster_pandas_dataframe_type(
        name="ReportFrame",
        description="One row an experiment × metric × dimension value × variation.",
        columns=[_column(column) for column in fixed_table(_DASHBOARD).columns],
    )


def to_pandas(frame: pl.DataFrame) -> pd.DataFrame:
    """The Polars frame in the pandas types that the Dagster type checks."""
    kinds = {
        column.name: _PANDAS_TYPES[column.base_type] for column in fixed_table(_DASHBOARD).columns
    }
    return pd.DataFrame(
        {
            name: pd.Series(frame[name].to_list(), dtype=kind)
            for name, kind in kinds.items()
            if name in frame.columns
        }
    )


def to_polars(frame: pd.DataFrame) -> pl.DataFrame:
    """Back again, for the warehouse."""
    converted = pl.from_pandas(frame, nan_to_null=True)
    dates = [
        column.name
        for column in fixed_table(_DASHBOARD).columns
        if column.base_type == "DATE" and column.name in converted.columns
    ]
    return converted.with_columns(pl.col(dates).cast(pl.Date))


def _column(column: Column) -> PandasColumn:
    rule = {"non_nullable": column.name in _NEVER_NULL, "ignore_missing_vals": True}
    if rule["non_nullable"]:
        rule["ignore_missing_vals"] = False
    kind = column.base_type
    if kind in {"BIGINT", "INT"}:
        return PandasColumn.integer_column(column.name, min_value=0, **rule)
    if kind == "DOUBLE":
        low, high = (0.0, 1.0) if column.name in _SHARES else (-math.inf, math.inf)
        return PandasColumn.float_column(column.name, min_value=low, max_value=high, **rule)
    if kind == "BOOLEAN":
        return PandasColumn.boolean_column(column.name, **rule)
    if kind in {"DATE", "DATETIME"}:
        return PandasColumn.datetime_column(column.name, **rule)
    return PandasColumn.string_column(column.name, **rule)
