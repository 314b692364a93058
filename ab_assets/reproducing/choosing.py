"""Finding the row of a report that is doubted, or saying what there is instead.

What belongs here: that choice and its errors. What does not: how its numbers are computed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NoReturn

import polars as pl

from ab_assets.errors import ConfigurationError
from ab_assets.reporting.formatting import plain_text
from ab_assets.reporting.growthbook_conventions import METHOD
from ab_assets.reporting.trust import TRUSTED
from ab_assets.reproducing.origins import BY_GROWTHBOOK
from ab_assets.reproducing.parts import DEFAULT, OF_ONE_ARM

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """Which row: ``dimension`` is like ``country=US``, or empty for all users."""

    experiment: str
    metric: str
    variation: str | None = None
    dimension: str = ""


@dataclass(frozen=True, slots=True)
class Reported:
    """Columns with their values, and what is said of those that are left out."""

    values: Mapping[str, float]
    notes: tuple[str, ...]


def find_row(report: pl.DataFrame, question: Question) -> Row:
    """The one row that is asked about; without a variation the first that is not the control.

    Raises:
        ConfigurationError: There is no such experiment, metric, dimension value or variation; the
            message names the nearest.
    """
    keys = report["experiment_key"].unique(maintain_order=True).to_list()
    asked = pl.col("experiment_key") == question.experiment
    if report.filter(asked).is_empty():
        asked = pl.col("experiment_id") == question.experiment
    own = report.filter(asked)
    if own.is_empty():
        _refuse("--experiment", question.experiment, "experiments of this report", keys)
    ids = own["experiment_id"].unique(maintain_order=True).to_list()
    if len(ids) > 1:
        _refuse("--experiment", question.experiment, "several have this key; their ids are", ids)
    metrics = own["metric"].unique(maintain_order=True).to_list()
    rows = own.filter(pl.col("metric") == question.metric)
    if rows.is_empty():
        _refuse("--metric", question.metric, "metrics of this experiment", metrics)
    rows = _of_segment(rows, question.dimension)
    return _of_variation(rows, question.variation)


def told_choice(report: pl.DataFrame, row: Row) -> str:
    """Which variation the row is of, and which others its experiment has.

    Examples:
        >>> row = {"experiment_id": "e", "variation_key": "1", "variation_name": "Blue"}
        >>> told_choice(pl.DataFrame([row, row | {"variation_key": "0"}]), row)
        "took variation '1' (Blue); --variation chooses another: '0' (Blue)"
    """
    columns = ("variation_key", "variation_name")
    own = report.filter(experiment_id=row["experiment_id"]).select(columns)
    others = own.filter(pl.col("variation_key") != row["variation_key"]).unique(maintain_order=True)
    named = [f"{key!r} ({name})" for key, name in others.rows()]
    taken = f"took variation {row['variation_key']!r} ({row['variation_name']})"
    return plain_text(f"{taken}; --variation chooses another: {', '.join(named)}")


def reported_columns(row: Row, asked: tuple[str, ...]) -> Reported:
    """The columns that have a number to reproduce.

    Args:
        row: The row of the report.
        asked: Columns by name; none for the important ones.

    Raises:
        ConfigurationError: A column that is asked for by name has no number, or another origin.
    """
    if not row["users"] or not row["control_users"]:
        message = f"there is nothing to compute: {_why_empty(row)}"
        raise ConfigurationError(message)
    why = {name: text for name in asked or DEFAULT if (text := _why_not(row, name))}
    if asked and why:
        name, text = next(iter(why.items()))
        message = f"--column {name}: {text}"
        raise ConfigurationError(message)
    told = dict.fromkeys(why.values())
    notes = tuple(
        f"{', '.join(name for name in why if why[name] == text)}: {text}" for text in told
    )
    values = {name: float(row[name]) for name in asked or DEFAULT if name not in why}
    return Reported(values, notes)


def _why_not(row: Row, column: str) -> str:
    if row["is_control"] and column not in OF_ONE_ARM:
        return "the control is compared with nobody; choose another --variation"
    if row["method"] == METHOD and column in BY_GROWTHBOOK:
        return BY_GROWTHBOOK[column]
    if row[column] is None:
        return f"is NULL in the report: {_why_empty(row, column)}"
    return ""


def _why_empty(row: Row, column: str = "") -> str:
    if column in {"cuped_theta", "variance_reduction"}:
        return "the comparison is not adjusted"
    if column == "cap_value":
        return "the metric is not capped"
    if column in {"statistic", "df"} and row["method"] == "fisher-exact":
        return "an exact test has none"
    return "no reason is given" if row["trust"] == TRUSTED else plain_text(row["trust"])


def _of_segment(rows: pl.DataFrame, text: str) -> pl.DataFrame:
    name, equals, value = text.partition("=")
    if text and not equals:
        message = f"--dimension {text!r} is no dimension and value; write it like country=US"
        raise ConfigurationError(message)
    names = [item for item in rows["dimension"].unique(maintain_order=True) if item]
    if name and name not in names:
        _refuse("--dimension", name, "dimensions of this report", names)
    found = rows.filter(dimension=name)
    if name:
        values = found["dimension_value"].unique(maintain_order=True).to_list()
        if value not in values:
            _refuse(f"--dimension {name}", value, "values of this report", values)
        found = found.filter(dimension_value=value)
    return found


def _of_variation(rows: pl.DataFrame, key: str | None) -> Row:
    found = rows.filter(variation_key=key) if key is not None else rows.filter(~rows["is_control"])
    if found.is_empty():
        named = [f"{one} ({name})" for one, name in rows["variation_key", "variation_name"].rows()]
        _refuse("--variation", key or "", "variations of this experiment", named)
    return found.row(0, named=True)


def _refuse(option: str, given: str, kind: str, known: Iterable[str]) -> NoReturn:
    names = [plain_text(name) for name in known]
    near = get_close_matches(given, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"{kind}: {', '.join(names)}"
    message = f"{option} {plain_text(given)!r} is not in the report; {hint}"
    raise ConfigurationError(message)
