"""One query a metric, each from the source rows of the whole phase.

What belongs here: what an experiment platform without incremental compute does each day: for every
metric assign the units anew, join the events of the phase and of the days before, and sum by
variation and dimension. What does not: anything shared between metrics.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bench.measuring import Cost, measured

if TYPE_CHECKING:
    from datetime import date

    import duckdb

_DIMENSIONS = ("country", "platform", "channel")
_IS_AFTER = "event_time >= first_exposed_at"
_IS_BEFORE = "event_time < first_exposed_at AND event_time >= first_exposed_at - INTERVAL 7 DAY"
_DAYS = "count(DISTINCT CASE WHEN {} THEN date_trunc('day', event_time) END)"


@dataclass(frozen=True)
class _Metric:
    """What one query counts.

    Attributes:
        events: Which events it reads at all.
        after: A unit's value.
        before: Its covariate; empty without one.
        other: A ratio's denominator, with its covariate.
    """

    events: str
    after: str
    before: str = ""
    other: tuple[str, str] | None = None


def _counted(name: str) -> _Metric:
    return _Metric(
        f"event_name = '{name}'",
        f"count(*) FILTER ({_IS_AFTER})",
        f"count(*) FILTER ({_IS_BEFORE})",
    )


def _added(name: str, window: str = "TRUE") -> _Metric:
    return _Metric(
        f"event_name = '{name}'",
        f"coalesce(sum(value) FILTER ({_IS_AFTER} AND {window}), 0)",
        f"coalesce(sum(value) FILTER ({_IS_BEFORE}), 0)",
    )


def _only(metric: _Metric, name: str) -> tuple[str, str]:
    return tuple(  # type: ignore[return-value]
        text.replace("FILTER (", f"FILTER (event_name = '{name}' AND ")
        for text in (metric.after, metric.before)
    )


_ROUNDS, _SESSIONS = _counted("round"), _counted("session_start")
METRICS = {
    "sessions_per_user": _SESSIONS,
    "minutes_per_user": _added("session_end"),
    "active_days_per_user": _Metric("TRUE", _DAYS.format(_IS_AFTER), _DAYS.format(_IS_BEFORE)),
    "revenue_per_user": _added("pay"),
    "orders_per_user": _counted("pay"),
    "rounds_per_user": _ROUNDS,
    "clicks_per_user": _counted("click"),
    "crashes_per_user": _counted("crash"),
    "payers": _Metric(
        "event_name = 'pay'",
        f"CAST(coalesce(sum(value) FILTER ({_IS_AFTER}), 0) >= 1 AS INT)",
        f"CAST(coalesce(sum(value) FILTER ({_IS_BEFORE}), 0) >= 1 AS INT)",
    ),
    "retention_d1": _Metric(
        "TRUE",
        f"max(CASE WHEN {_IS_AFTER} AND date_diff('day', first_exposed_at, event_time) = 1 "
        "THEN 1 ELSE 0 END)",
    ),
    "rounds_per_session": _Metric(
        "event_name IN ('round', 'session_start')",
        *_only(_ROUNDS, "round"),
        other=_only(_SESSIONS, "session_start"),
    ),
    "minutes_first_days": _added("session_end", "event_time <= first_exposed_at + INTERVAL 3 DAY"),
}


def run(connection: duckdb.DuckDBPyConnection, first: date, day: date) -> dict[str, Cost]:
    """Every metric of a day, one after the other."""
    costs = {}
    times = {
        "starts": first,
        "ends": day + timedelta(days=1),
        "before": first - timedelta(days=7),
    }
    for name, metric in METRICS.items():
        with measured() as costs[name]:
            connection.execute(_query(metric), times).fetchall()
    return costs


def _query(metric: _Metric) -> str:
    values = [("after", metric.after)]
    if metric.before:
        values.append(("before", metric.before))
    if metric.other:
        values += zip(("after_other", "before_other"), metric.other, strict=True)
    names = [name for name, _ in values]
    sums = [f"sum({name}), sum({name} * {name})" for name in names]
    sums += [f"sum({one} * {other})" for place, one in enumerate(names) for other in names[:place]]
    groups = ", ".join(f"(variation, {name})" for name in _DIMENSIONS)
    return f"""
    WITH assigned AS (
      SELECT user_id, min(exposed_at) AS first_exposed_at,
        CASE WHEN min(variation_key) = max(variation_key) THEN min(variation_key) END AS variation,
        {", ".join(f"min_by({name}, exposed_at) AS {name}" for name in _DIMENSIONS)}
      FROM ab_source.exposures
      WHERE experiment_key = 'exp_0' AND exposed_at >= $starts AND exposed_at < $ends
      GROUP BY user_id
    ),
    counted AS (
      SELECT user_id, {", ".join(f"{sql} AS {name}" for name, sql in values)}
      FROM assigned
      JOIN (
        SELECT user_id, event_time, event_name, value FROM ab_source.events
        WHERE event_time >= $before AND event_time < $ends AND {metric.events}
      ) AS event USING (user_id)
      GROUP BY user_id
    )
    SELECT variation, {", ".join(_DIMENSIONS)}, count(*), {", ".join(sums)}
    FROM (
      SELECT assigned.variation, {", ".join(f"assigned.{name}" for name in _DIMENSIONS)},
        {", ".join(f"coalesce(counted.{name}, 0) AS {name}" for name in names)}
      FROM assigned LEFT JOIN counted USING (user_id)
      WHERE assigned.variation IS NOT NULL
    ) AS unit
    GROUP BY GROUPING SETS ((variation), {groups})
    """
