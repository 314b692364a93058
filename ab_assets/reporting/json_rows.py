"""Report rows as JSON: null is null, dates and times are ISO 8601.

What belongs here: that encoding. What does not: which rows.
"""

import json
import math
from datetime import date, datetime

import polars as pl


def json_rows(frame: pl.DataFrame) -> str:
    r"""An array of objects.

    Examples:
        >>> json_rows(pl.DataFrame({"p_value": [0.5, None]}))
        '[\n {"p_value": 0.5},\n {"p_value": null}\n]'
    """
    lines = ",\n ".join(json.dumps(_plain(row)) for row in frame.iter_rows(named=True))
    return f"[\n {lines}\n]" if lines else "[]"


def _plain(row: dict[str, object]) -> dict[str, object]:
    return {name: _value(value) for name, value in row.items()}


def _value(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat() + "Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
