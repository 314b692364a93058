"""The floor: the best DuckDB SQL we can write by hand for one day of the big company.

What belongs here: hand-written statements that leave the same things behind as the pipeline (who
was exposed that day, a wide row for every unit, the counts its health is judged by, sums and
products by variation and dimension), and nothing else: one experiment known in advance, no
provenance, no verdicts, no types to keep, no engine but DuckDB. What does not: anything the product
runs.

What a statement of the product has to do and this one need not is the difference the benchmark
shows.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bench.big_company import COLUMNS
from bench.measuring import Cost, measured

if TYPE_CHECKING:
    from datetime import date

    import duckdb

_DIMENSIONS = ("country", "platform", "channel")
_DAY_1 = "active_days_day_1"
_FIRST_DAYS = "minutes_3d"
# Each column's sum over events: what the product's module file says, in DuckDB's words.
_SUMS = {
    "sessions": "count(*) FILTER (event_name = 'session_start')",
    "minutes": "sum(value) FILTER (event_name = 'session_end')",
    "revenue": "sum(value) FILTER (event_name = 'pay')",
    "orders": "count(*) FILTER (event_name = 'pay')",
    "rounds": "count(*) FILTER (event_name = 'round')",
    "clicks": "count(*) FILTER (event_name = 'click')",
    "crashes": "count(*) FILTER (event_name = 'crash')",
    "events": "count(*)",
}
_ACCUMULATED = (*_SUMS, "active_days", _FIRST_DAYS)
_COVARIATES = (*COLUMNS, "events")
# Days as bits of a number: a third of what counting distinct days costs.
_DAYS = (
    "bit_count(bit_or(CAST(1 AS BIGINT) << "
    "date_diff('day', CAST($before AS DATE), CAST(event_time AS DATE))))"
)
_CUPED = ("sessions", "minutes", "active_days", "revenue", "orders", "rounds", "clicks", "crashes")


def prepare(connection: duckdb.DuckDBPyConnection, wide: str, day: date) -> None:
    """The floor's own yesterday, copied from the product's wide rows; not measured."""
    covariates = ", ".join(
        f"{'events_before_exposure' if name == 'events' else name + '_before_7d'} AS past_{name}"
        for name in _COVARIATES
    )
    accumulated = ", ".join(
        f"events_after_exposure AS {name}"
        if name == "events"
        else f"minutes_within_3d AS {name}"
        if name == _FIRST_DAYS
        else name
        for name in _ACCUMULATED
    )
    connection.execute("CREATE SCHEMA IF NOT EXISTS floor")
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE floor.wide AS
        SELECT event_date, user_id, variation_key, variation_key_lowest AS lowest,
          variation_key_highest AS highest, first_exposed_at, {", ".join(_DIMENSIONS)},
          {accumulated}, {_DAY_1}, {covariates}
        FROM {wide} WHERE event_date = $day
    """,
        {"day": day},
    )


def incremental(connection: duckdb.DuckDBPyConnection, day: date) -> dict[str, Cost]:
    """One day on top of yesterday: exposed, wide rows, sums."""
    costs = {}
    times = {"starts": day, "ends": day + timedelta(days=1)}
    with measured() as costs["exposed"]:
        connection.execute(_EXPOSED, times)
    with measured() as costs["wide"]:
        connection.execute(_incremental_wide(), times | {"before": day - timedelta(days=7)})
    with measured() as costs["health"]:
        _count_health(connection, day)
        connection.execute(_SOURCE_ADDED, times).fetchall()
    with measured() as costs["sums"]:
        connection.execute(_sums(), {"day": day})
    return costs


def full(connection: duckdb.DuckDBPyConnection, first: date, day: date) -> dict[str, Cost]:
    """The same from the source rows of the whole phase."""
    costs = {}
    ends = day + timedelta(days=1)
    with measured() as costs["exposed"]:
        connection.execute(_EXPOSED, {"starts": first, "ends": ends})
    with measured() as costs["wide"]:
        connection.execute(
            _full_wide(),
            {"starts": first, "ends": ends, "before": first - timedelta(days=7), "day": day},
        )
    with measured() as costs["health"]:
        _count_health(connection, day)
        connection.execute(_SOURCE_ALL, {"starts": first, "ends": ends}).fetchall()
    with measured() as costs["sums"]:
        connection.execute(_sums(), {"day": day})
    return costs


_EXPOSED = f"""
CREATE OR REPLACE TABLE floor.exposed AS
SELECT user_id, min(variation_key) AS lowest, max(variation_key) AS highest,
  min(exposed_at) AS first_exposed_at,
  {", ".join(f"min_by({name}, exposed_at) AS {name}" for name in _DIMENSIONS)}
FROM ab_source.exposures
WHERE exposed_at >= $starts AND exposed_at < $ends AND experiment_key = 'exp_0'
GROUP BY user_id
"""


def _added(condition: str) -> str:
    return ", ".join(f"{sql} AS {name}" for name, sql in _SUMS.items()) + (
        f", sum(value) FILTER (event_name = 'session_end' AND {condition}) AS {_FIRST_DAYS}"
    )


def _incremental_wide() -> str:
    """Units of before need sums by user only; today's need each event's time."""
    kept = ", ".join(
        f"coalesce(before.{name}, 0) + coalesce(added.{name}, 0) AS {name}"
        for name in _ACCUMULATED
        if name not in {"active_days", _FIRST_DAYS}
    )
    past = ", ".join(f"coalesce(before.past_{name}, past.{name}, 0)" for name in _COVARIATES)
    first_seen = ", ".join(
        f"CASE WHEN before.lowest IS NULL THEN seen.{name} ELSE before.{name} END"
        for name in _DIMENSIONS
    )
    return f"""
    INSERT INTO floor.wide
    WITH unseen AS MATERIALIZED (
      SELECT * FROM floor.exposed
      ANTI JOIN (
        SELECT user_id FROM floor.wide WHERE event_date = $starts - 1
      ) AS known USING (user_id)
    ),
    before AS (SELECT * FROM floor.wide WHERE event_date = $starts - 1),
    added AS (
      SELECT user_id, {_added("TRUE")}
      FROM ab_source.events LEFT JOIN unseen USING (user_id)
      WHERE event_time >= $starts AND event_time < $ends
        AND (unseen.first_exposed_at IS NULL OR event_time >= unseen.first_exposed_at)
      GROUP BY user_id
    ),
    past AS (
      SELECT user_id, {", ".join(f"{sql} AS {name}" for name, sql in _SUMS.items())},
        {_DAYS} AS active_days
      FROM ab_source.events JOIN unseen USING (user_id)
      WHERE event_time >= $before AND event_time < unseen.first_exposed_at
        AND event_time >= unseen.first_exposed_at - INTERVAL 7 DAY
      GROUP BY user_id
    )
    SELECT CAST($starts AS DATE), user_id, coalesce(before.variation_key, seen.lowest),
      least(before.lowest, seen.lowest), greatest(before.highest, seen.highest),
      coalesce(before.first_exposed_at, seen.first_exposed_at) AS exposed,
      {first_seen},
      {kept},
      coalesce(before.active_days, 0) + CAST(added.events IS NOT NULL AS INT),
      coalesce(before.{_FIRST_DAYS}, 0) + CASE
        WHEN exposed > $starts - INTERVAL 3 DAY THEN coalesce(added.{_FIRST_DAYS}, 0) ELSE 0 END,
      CASE WHEN CAST(exposed AS DATE) = $starts - 1 THEN CAST(added.events IS NOT NULL AS INT)
        ELSE before.{_DAY_1} END,
      {past}
    FROM before
    FULL JOIN floor.exposed AS seen USING (user_id)
    LEFT JOIN added USING (user_id)
    LEFT JOIN past USING (user_id)
    """


def _full_wide() -> str:
    past = ", ".join(f"{sql} AS {name}" for name, sql in _SUMS.items())
    added = ", ".join(f"coalesce(added.{name}, 0)" for name in (*_ACCUMULATED, _DAY_1))
    return f"""
    INSERT INTO floor.wide
    WITH added AS (
      SELECT user_id,
        {_added("event_time < first_exposed_at + INTERVAL 3 DAY")}, {_DAYS} AS active_days,
        max(CAST(CAST(event_time AS DATE) - CAST(first_exposed_at AS DATE) = 1 AS INT)) AS {_DAY_1}
      FROM ab_source.events JOIN floor.exposed USING (user_id)
      WHERE event_time >= $starts AND event_time < $ends AND event_time >= first_exposed_at
      GROUP BY user_id
    ),
    past AS (
      SELECT user_id, {past}, {_DAYS} AS active_days
      FROM ab_source.events JOIN floor.exposed USING (user_id)
      WHERE event_time >= $before AND event_time < first_exposed_at
        AND event_time >= first_exposed_at - INTERVAL 7 DAY
      GROUP BY user_id
    )
    SELECT CAST($day AS DATE), user_id, lowest, lowest, highest, first_exposed_at,
      {", ".join(_DIMENSIONS)}, {added},
      {", ".join(f"coalesce(past.{name}, 0)" for name in _COVARIATES)}
    FROM floor.exposed LEFT JOIN added USING (user_id) LEFT JOIN past USING (user_id)
    """


_SEEN = """(
  SELECT user_id, min(variation_key) AS lowest, max(variation_key) AS highest,
    count(*) AS exposures
  FROM ab_source.exposures
  WHERE exposed_at >= $starts AND exposed_at < $ends AND experiment_key = 'exp_0'
  GROUP BY user_id
) AS seen"""
# The rows of the day against the source: who was exposed, what was seen of each before and now.
_SOURCE_ADDED = f"""
SELECT before.user_id IS NOT NULL, before.lowest = seen.lowest AND before.highest = seen.highest,
  seen.lowest, seen.highest, count(*), sum(seen.exposures)
FROM {_SEEN}
LEFT JOIN (SELECT * FROM floor.wide WHERE event_date = $starts - 1) AS before USING (user_id)
GROUP BY ALL
"""
_SOURCE_ALL = f"""
SELECT lowest, highest, count(*), sum(exposures)
FROM {_SEEN}
GROUP BY ALL
"""
# About 100,000 units, the same ones whoever asks.
_REPLAYED = """
SELECT user_id, lowest, highest, first_exposed_at FROM floor.exposed
WHERE md5('replay:' || user_id) < (
  SELECT printf('%08x', CAST(4294967295 * least(100000 / count(*), 1) AS BIGINT))
  FROM floor.exposed
)
"""


def _count_health(connection: duckdb.DuckDBPyConnection, day: date) -> None:
    for statement in (_arms(), _by_dimension(), "SELECT count(DISTINCT user_id) FROM {}"):
        connection.execute(statement.format(_OF_DAY), {"day": day}).fetchall()
    connection.execute(_REPLAYED).fetchall()


_OF_DAY = "(SELECT * FROM floor.wide WHERE event_date = $day) AS wide"


def _arms() -> str:
    """Units, sums and units with some of each column by arm; covariates' logarithms too."""
    names = [*_ACCUMULATED, *(f"past_{name}" for name in _COVARIATES)]
    sums = [f"sum({name}), count_if({name} <> 0)" for name in names]
    logs = [f"ln(1 + past_{name})" for name in _COVARIATES]
    sums += [f"sum({log}), sum({log} * {log})" for log in logs]
    return (
        "SELECT variation_key, lowest <> highest AS crossed, count(*), "
        f"{', '.join(sums)} FROM {{}} GROUP BY ALL"
    )


def _by_dimension() -> str:
    groups = ", ".join(f"(variation_key, {name})" for name in _DIMENSIONS)
    return (
        f"SELECT variation_key, {', '.join(_DIMENSIONS)}, count(*) FROM {{}} "
        f"WHERE lowest = highest GROUP BY GROUPING SETS ({groups})"
    )


def _sums() -> str:
    """One pass, not centred: the products lose digits that the product keeps."""
    sums = []
    for name in (*_CUPED, _FIRST_DAYS):
        past = f"past_{'minutes' if name == _FIRST_DAYS else name}"
        sums += [f"sum({name})", f"sum({name} * {name})", f"sum({name} * {past})"]
    sums += [f"sum(past_{name})" for name in _CUPED]
    sums += [f"sum(past_{name} * past_{name})" for name in _CUPED]
    sums += [f"sum(payer), sum(payer * past_payer), sum(past_payer), sum({_DAY_1})"]
    sums += ["sum(rounds * sessions)", "sum(rounds * past_sessions)", "sum(sessions * past_rounds)"]
    sums += ["sum(past_rounds * past_sessions)"]
    listed = ", ".join(
        f"{sql} AS sum_{place}" for place, sql in enumerate(", ".join(sums).split(", "))
    )
    groups = ", ".join(f"(variation_key, crossed, {name})" for name in _DIMENSIONS)
    return f"""
    CREATE OR REPLACE TABLE floor.sums AS
    SELECT variation_key, crossed, {", ".join(_DIMENSIONS)}, count(*) AS units, {listed}
    FROM (
      SELECT *, lowest <> highest AS crossed, CAST(revenue >= 1 AS DOUBLE) AS payer,
        CAST(past_revenue >= 1 AS DOUBLE) AS past_payer
      FROM floor.wide WHERE event_date = $day
    ) AS wide
    GROUP BY GROUPING SETS ((variation_key, crossed), {groups})
    """
