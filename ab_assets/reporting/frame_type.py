"""The report frame as a typed Dagster value.

What belongs here: the rules that dagster-pandas holds a report to and the one conversion from
Polars. What does not: what its rows say.
"""

import math
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any, cast

import dagster as dg
import pandas as pd
import polars as pl
from dagster_pandas import PandasColumn
from dagster_pandas.constraints import ConstraintViolationException

from ab_assets.warehouse.frames import frame_schema
from ab_assets.warehouse.schema import REPORT_TABLE, fixed_table, report_columns
from ab_assets.warehouse.tables import Column

_NEVER_NULL = frozenset(
    {
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
    }
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
_SHARES = frozenset(
    {
        "p_value",
        "p_value_adjusted",
        "seq_p_value",
        "chance_to_win",
        "power",
        "srm_p_value",
        "srm_seq_p_value",
        "weight",
    }
)


def frame_check(frame: object) -> dg.TypeCheck:
    """Whether a value is a report: each column of the contract, its kind and limits.

    Each rule is shown its own column alone: dagster-pandas copies what it is shown.
    """
    if not isinstance(frame, pd.DataFrame):
        return dg.TypeCheck(success=False, description=f"no pandas frame: {type(frame).__name__}")
    try:
        for name, rule in _rules().items():
            own = frame[[name]] if name in frame.columns else frame
            rule.validate(own)  # type: ignore[no-untyped-call]  # it has no annotations
    except ConstraintViolationException as error:
        return dg.TypeCheck(success=False, description=str(error))
    return dg.TypeCheck(success=True)


@cache
def _rules() -> dict[str, PandasColumn]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)  # all of dagster-pandas is in beta
        return {column.name: rule_of(column) for column in report_columns()}


def to_pandas(frame: pl.DataFrame) -> pd.DataFrame:
    """The Polars frame in the pandas types that the Dagster type checks."""
    kinds = {column.name: _PANDAS_TYPES[column.base_type] for column in report_columns()}
    return pd.DataFrame(
        {
            name: pd.Series(frame[name].to_list(), dtype=cast("Any", kind))
            for name, kind in kinds.items()
            if name in frame.columns
        }
    )


def to_polars(frame: pd.DataFrame) -> pl.DataFrame:
    """Back again, in the types of the table, for the warehouse."""
    schema = frame_schema(fixed_table(REPORT_TABLE))
    converted = pl.from_pandas(frame, nan_to_null=True)
    return converted.cast({name: schema[name] for name in converted.columns if name in schema})


def rule_of(column: Column) -> PandasColumn:
    """What a column must hold: its kind, whether it may be missing, the limits of its numbers."""
    required = column.name in _NEVER_NULL
    rule: dict[str, object] = {"non_nullable": required, "ignore_missing_vals": not required}
    kind = column.base_type
    if kind in {"BIGINT", "INT"}:
        return _made(PandasColumn.integer_column, column, rule | {"min_value": 0})
    if kind == "DOUBLE":
        low, high = (0.0, 1.0) if column.name in _SHARES else (-math.inf, math.inf)
        limits = {"min_value": low, "max_value": high}
        return _made(PandasColumn.float_column, column, rule | limits)
    if kind == "BOOLEAN":
        return _made(PandasColumn.boolean_column, column, rule)
    if kind in {"DATE", "DATETIME"}:
        return _made(PandasColumn.datetime_column, column, rule)
    return _made(PandasColumn.string_column, column, rule)


def _made(make: Callable[..., object], column: Column, rule: dict[str, object]) -> PandasColumn:
    """dagster-pandas has no annotations; this is the one place that vouches for what it gives."""
    return cast("PandasColumn", make(column.name, **rule))
