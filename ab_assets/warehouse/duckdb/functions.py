"""StarRocks functions that DuckDB does not have, or answers differently, as DuckDB macros.

What belongs here: one macro a function, with the StarRocks rule it keeps. ``sr_…`` stands for a
function both engines have under one name but with different rules; the dialect calls those by
itself. What does not: anything plain translation gets right.

The type tests fold away when the statement is planned: a macro that meets a BIGINT costs nothing
more.
"""

import re
from functools import cache

_CALL = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\(")

# StarRocks shifts DATE and text as DATETIME. A DATE stays a DATETIME: cast the result where a day
# is meant.
_SHIFTS = {
    "years": "to_years",
    "months": "to_months",
    "weeks": "to_weeks",
    "days": "to_days",
    "hours": "to_hours",
    "minutes": "to_minutes",
    "seconds": "to_seconds",
    "microseconds": "to_microseconds",
}
_NARROW = frozenset(["years", "months", "weeks", "days"])  # DuckDB wants INTEGER for these

# Whole units that have passed, cut towards zero; DuckDB's date_diff counts the borders crossed
# instead.
_DIFFERENCES = {
    "years": "year",
    "months": "month",
    "weeks": "week",
    "days": "day",
    "hours": "hour",
    "minutes": "minute",
    "seconds": "second",
    "milliseconds": "millisecond",
}

_CASTS = (
    # A fraction is cut off, not rounded; text that is no whole number is NULL.
    """sr_whole(x) AS CASE
        WHEN typeof(x) IN ('DOUBLE', 'FLOAT') OR typeof(x) LIKE 'DECIMAL%'
            THEN TRY_CAST(trunc(TRY_CAST(x AS DOUBLE)) AS HUGEINT)
        WHEN typeof(x) IN ('VARCHAR', 'JSON')
            THEN CASE WHEN regexp_full_match(TRY_CAST(x AS VARCHAR), '\\s*[+-]?[0-9]+\\s*')
                 THEN TRY_CAST(TRY_CAST(x AS VARCHAR) AS HUGEINT) END
        ELSE TRY_CAST(x AS HUGEINT) END""",
    # No NaN, no infinity.
    "sr_finite(x) AS CASE WHEN isfinite(TRY_CAST(x AS DOUBLE)) THEN TRY_CAST(x AS DOUBLE) END",
    # Booleans are 1 and 0, whole doubles have no '.0', fractions of a second six digits, JSON text
    # no quotes.
    """sr_text(x) AS CASE
        WHEN typeof(x) = 'BOOLEAN' THEN CAST(TRY_CAST(TRY_CAST(x AS BOOLEAN) AS TINYINT) AS VARCHAR)
        WHEN typeof(x) = 'JSON' THEN json_extract_string(TRY_CAST(x AS JSON), '$')
        WHEN typeof(x) IN ('DOUBLE', 'FLOAT') AND abs(TRY_CAST(x AS DOUBLE)) < 1e15
             AND trunc(TRY_CAST(x AS DOUBLE)) = TRY_CAST(x AS DOUBLE)
            THEN CAST(TRY_CAST(x AS BIGINT) AS VARCHAR)
        WHEN typeof(x) = 'TIMESTAMP' AND epoch_us(TRY_CAST(x AS TIMESTAMP)) % 1000000 <> 0
            THEN strftime(TRY_CAST(x AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%f')
        ELSE CAST(x AS VARCHAR) END""",
    "to_date(x) AS TRY_CAST(TRY_CAST(x AS TIMESTAMP) AS DATE)",
)

_JSON = (
    # What is no JSON has no members: NULL, not an error.
    "get_json_string(j, p) AS json_extract_string(TRY_CAST(j AS JSON), p)",
    "get_json_double(j, p) AS sr_finite(json_extract_string(TRY_CAST(j AS JSON), p))",
    "get_json_bool(j, p) AS TRY_CAST(json_extract_string(TRY_CAST(j AS JSON), p) AS BOOLEAN)",
    # A JSON number loses its fraction; JSON text has to be a whole number.
    """get_json_int(j, p) AS TRY_CAST(CASE
        WHEN json_type(TRY_CAST(j AS JSON), p) = 'DOUBLE'
            THEN sr_whole(TRY_CAST(json_extract_string(TRY_CAST(j AS JSON), p) AS DOUBLE))
        ELSE sr_whole(json_extract_string(TRY_CAST(j AS JSON), p)) END AS BIGINT)""",
    "json_query(j, p) AS json_extract(TRY_CAST(j AS JSON), p)",
    "parse_json(x) AS TRY_CAST(x AS JSON)",
)

_OTHERS = (
    # Sunday is 1.
    "sr_dayofweek(x) AS dayofweek(x) + 1",
    "null_or_empty(x) AS (x IS NULL OR x = '')",
    # Position 0 is before the text: nothing, as in MySQL. So is a start further left than the text
    # is long.
    "sr_substr(s, p) AS CASE WHEN p = 0 OR -p > length(s) THEN '' ELSE substring(s, p) END",
    "sr_substr_length(s, p, n) AS "
    "CASE WHEN p = 0 OR n <= 0 OR -p > length(s) THEN '' ELSE substring(s, p, n) END",
    # Only the two directions between base 16 and base 10; anything else is refused before it gets
    # here.
    """conv(s, f, t) AS CASE
        WHEN f = 16 AND t = 10 THEN CAST(TRY_CAST(concat('0x', s) AS UBIGINT) AS VARCHAR)
        WHEN f = 10 AND t = 16 THEN upper(hex(TRY_CAST(s AS UBIGINT))) END""",
    # How many different numbers: a bit each, so 0 to 62 here; others are an error. It has a group's
    # state fit into eight bytes, which count(DISTINCT …) has not.
    "bitmap_union_int(x) AS TRY_CAST(bit_count(bit_or(TRY_CAST(1 AS BIGINT) << x)) AS BIGINT)",
)


def macros_for(text: str) -> tuple[str, ...]:
    """The statements that make the macros a DuckDB text calls, for one connection.

    Only those: making all of them takes longer than opening the file.
    """
    definitions = _definitions()
    called = {name.lower() for name in _CALL.findall(text)} & definitions.keys()
    waiting = list(called)
    while waiting:
        inner = {name.lower() for name in _CALL.findall(definitions[waiting.pop()])}
        fresh = (inner & definitions.keys()) - called
        called |= fresh
        waiting.extend(fresh)
    return tuple(
        f"CREATE OR REPLACE TEMP MACRO {definition}"
        for name, definition in definitions.items()
        if name in called
    )


@cache
def _definitions() -> dict[str, str]:
    texts = (*_CASTS, *_JSON, *_OTHERS, *_shifts(), *_differences())
    return {text.partition("(")[0]: text for text in texts}


def _shifts() -> list[str]:
    lines = []
    for unit, interval in _SHIFTS.items():
        kind = "INTEGER" if unit in _NARROW else "BIGINT"
        for name, sign in (("add", "+"), ("sub", "-")):
            amount = f"{interval}(CAST(n AS {kind}))"
            lines.append(f"{unit}_{name}(d, n) AS TRY_CAST(d AS TIMESTAMP) {sign} {amount}")
    return lines


def _differences() -> list[str]:
    return [
        f"{name}_diff(a, b) AS date_sub('{unit}', TRY_CAST(b AS TIMESTAMP), TRY_CAST(a AS "
        "TIMESTAMP))"
        for name, unit in _DIFFERENCES.items()
    ]
