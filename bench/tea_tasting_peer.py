"""The metrics of the big company by tea-tasting, run by its own interpreter.

What belongs here: units from the source rows as a DuckDB relation, and the twelve metrics over
them, for all users (tea-tasting knows no dimensions). What does not: anything of this project: the
interpreter that runs this has tea-tasting and nothing of ours.

    python bench/tea_tasting_peer.py FILE FIRST_DAY LAST_DAY
"""

from __future__ import annotations

import json
import resource
import sys
import time
from datetime import date, timedelta

import duckdb
import tea_tasting as tt

_AFTER = "event_time >= first_exposed_at"
_BEFORE = "event_time < first_exposed_at AND event_time >= first_exposed_at - INTERVAL 7 DAY"
_COUNTS = {
    "sessions": "session_start",
    "orders": "pay",
    "rounds": "round",
    "clicks": "click",
    "crashes": "crash",
}
_SUMS = {"minutes": "session_end", "revenue": "pay"}
_MEANS = (*_COUNTS, *_SUMS, "active_days", "first_minutes")


def _units(first: date, day: date) -> str:
    columns = []
    for prefix, condition in (("", _AFTER), ("past_", _BEFORE)):
        for name, event in _COUNTS.items():
            columns.append(
                f"count(*) FILTER (event_name = '{event}' AND {condition}) AS {prefix}{name}"
            )
        for name, event in _SUMS.items():
            columns.append(
                f"coalesce(sum(value) FILTER (event_name = '{event}' AND {condition}), 0) "
                f"AS {prefix}{name}"
            )
        columns.append(
            f"count(DISTINCT CASE WHEN {condition} THEN date_trunc('day', event_time) END) "
            f"AS {prefix}active_days"
        )
    columns += [
        f"coalesce(sum(value) FILTER (event_name = 'session_end' AND {_AFTER} "
        "AND event_time <= first_exposed_at + INTERVAL 3 DAY), 0) AS first_minutes",
        f"max(CASE WHEN {_AFTER} AND date_diff('day', first_exposed_at, event_time) = 1 "
        "THEN 1 ELSE 0 END) AS retained",
    ]
    names = [column.rpartition(" AS ")[2] for column in columns]
    starts, ends = first.isoformat(), (day + timedelta(days=1)).isoformat()
    before = (first - timedelta(days=7)).isoformat()
    return f"""
    WITH assigned AS (
      SELECT user_id, min(exposed_at) AS first_exposed_at, min(variation_key) AS variation
      FROM ab_source.exposures
      WHERE experiment_key = 'exp_0' AND exposed_at >= '{starts}' AND exposed_at < '{ends}'
      GROUP BY user_id HAVING min(variation_key) = max(variation_key)
    ),
    counted AS (
      SELECT user_id, {", ".join(columns)}
      FROM assigned
      JOIN (
        SELECT user_id, event_time, event_name, value FROM ab_source.events
        WHERE event_time >= '{before}' AND event_time < '{ends}'
      ) AS event USING (user_id)
      GROUP BY user_id
    )
    SELECT variation, {", ".join(f"coalesce({name}, 0) AS {name}" for name in names)},
      CAST(coalesce(revenue, 0) >= 1 AS INT) AS payer,
      CAST(coalesce(past_revenue, 0) >= 1 AS INT) AS past_payer
    FROM assigned LEFT JOIN counted USING (user_id)
    """


def main() -> None:
    file, first, day = sys.argv[1], date.fromisoformat(sys.argv[2]), date.fromisoformat(sys.argv[3])
    used = resource.getrusage(resource.RUSAGE_SELF)
    started, cpu = time.perf_counter(), used.ru_utime + used.ru_stime
    connection = duckdb.connect(file, read_only=True)
    past = {"first_minutes": "past_minutes"}
    experiment = tt.Experiment(
        {
            **{name: tt.Mean(name, past.get(name, f"past_{name}")) for name in _MEANS},
            "payers": tt.Mean("payer", "past_payer"),
            "retention_d1": tt.Mean("retained"),
            "rounds_per_session": tt.RatioOfMeans(
                "rounds", "sessions", "past_rounds", "past_sessions"
            ),
        },
        variant="variation",
    )
    experiment.analyze(connection.sql(_units(first, day)), control="0", all_variants=True)
    used = resource.getrusage(resource.RUSAGE_SELF)
    told = {
        "cpu": used.ru_utime + used.ru_stime - cpu,
        "wall": time.perf_counter() - started,
        "peak": used.ru_maxrss * 1024,
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
