"""A company of any size, made inside its warehouse by one SQL statement a day.

What belongs here: people, exposures, events, the module file and the GrowthBook answer, all of a
seed. What does not: running anything, measuring.

People differ in how often they come: the most active tenth makes about a quarter of the events.
Seven in ten are there from the beginning, the others sign up in equal parts over the days of the
experiments. Whoever comes on a day of the experiments is exposed to each of them, once a day, at
the time of the day's first event. User ids are text of 21 characters, too long to be stored in
place.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import yaml

from ab_assets.cli.project import open_project
from ab_assets.warehouse.duckdb.connection import connected
from ab_assets.warehouse.schema import fixed_table

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

TAG = "growth"
MODULE = "growth"
FIRST = date(2025, 3, 3)
COLUMNS = {
    "sessions": "count_if(event_name = 'session_start')",
    "minutes": "sum(if(event_name = 'session_end', value, 0))",
    "active_days": {"sql": "max(1)", "merge": "sum"},
    "revenue": "sum(if(event_name = 'pay', value, 0))",
    "orders": "count_if(event_name = 'pay')",
    "rounds": "count_if(event_name = 'round')",
    "clicks": "count_if(event_name = 'click')",
    "crashes": "count_if(event_name = 'crash')",
}
_NAMES = ("session_start", "session_end", "pay", "round", "click", "crash", "view", "search")
_WEIGHTS = (20, 20, 3, 25, 10, 1, 18, 3)
METRICS: dict[str, dict[str, object]] = {
    **{
        f"{name}_per_user": {"type": "mean", "column": name, "cuped": {"days": 7}}
        for name in COLUMNS
    },
    "payers": {"type": "proportion", "column": "revenue", "threshold": 1, "cuped": {"days": 7}},
    "retention_d1": {"type": "retention", "day": 1, "column": "active_days"},
    "rounds_per_session": {
        "type": "ratio",
        "numerator": "rounds",
        "denominator": "sessions",
        "cuped": {"days": 7},
    },
    "minutes_first_days": {
        "type": "mean",
        "column": "minutes",
        "window": {"days": 3},
        "in_progress": "include",
        "cuped": {"days": 7},
    },
}


@dataclass(frozen=True)
class Size:
    """How large the company is.

    Attributes:
        events: Over the days of the experiments; the days before have as many a day.
        days: Days of the experiments.
        days_before: Days with events before they begin, for covariates.
        values: Different values of each dimension.
        everyone_on_first_day: Every user is there from the beginning and comes on the experiments'
            first day, so that none is new afterwards.
    """

    events: int = 100_000_000
    users: int = 5_000_000
    days: int = 14
    days_before: int = 7
    variations: int = 4
    experiments: int = 1
    values: int = 20
    everyone_on_first_day: bool = False
    metrics: dict[str, dict[str, object]] = field(default_factory=lambda: dict(METRICS))
    dimensions: tuple[str, ...] = ("country", "platform", "channel")

    @property
    def events_a_day(self) -> int:
        return self.events // self.days


@dataclass(frozen=True)
class BigCompany:
    """The company in a folder."""

    root: Path
    size: Size

    @property
    def file(self) -> Path:
        return self.root / "ab.duckdb"

    def day(self, number: int) -> date:
        """The experiments' first day is day 1."""
        return FIRST + timedelta(days=number - 1)

    def enter(self) -> None:
        """Makes the environment that of this company, for the rest of the process.

        Limits of memory and threads stay as they are set.
        """
        for name in list(os.environ):
            if name.startswith("AB_DUCKDB_"):
                continue
            if name.startswith(("AB_", "GROWTHBOOK_", "DAGSTER_")):
                del os.environ[name]
        first = self.day(1) - timedelta(days=self.size.days_before)
        os.environ |= {
            "AB_WAREHOUSE_URL": f"duckdb://{self.file}",
            "AB_START_DATE": first.isoformat(),
            "AB_MODULES_DIR": str(self.root / "modules"),
            "AB_REPORTS_DIR": "",
            "GROWTHBOOK_SNAPSHOT": str(self.root / "growthbook.json"),
            "DAGSTER_HOME": str(self.root / "dagster"),
        }


def build(root: Path, size: Size) -> BigCompany:
    """Makes the company anew; what was in the folder is gone."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    company = BigCompany(root, size)
    configure(company)
    company.enter()
    warehouse = open_project().warehouse
    for name in ("ab_source.exposures", "ab_source.events"):
        warehouse.ensure(fixed_table(name))
    with connected(company.file, 60.0) as connection:
        _make_people(connection, size)
        for number in range(1 - size.days_before, size.days + 1):
            _make_day(connection, company, number)
        connection.execute("DROP TABLE people")
        connection.execute("CHECKPOINT warehouse")
    return company


def configure(company: BigCompany) -> None:
    """Writes the module file and the GrowthBook answer, without touching any row."""
    size = company.size
    folder = company.root / "modules" / MODULE
    folder.mkdir(parents=True, exist_ok=True)
    module = {
        "module": MODULE,
        "owners": ["team:growth"],
        "tags": [TAG],
        "dimensions": list(size.dimensions),
        "columns": COLUMNS,
        "metrics": size.metrics,
    }
    (folder / "module.yaml").write_text(yaml.safe_dump(module, sort_keys=False), encoding="utf-8")
    experiments = [_experiment(number, size.variations) for number in range(size.experiments)]
    answer = {
        "experiments": experiments,
        "limit": 1000,
        "offset": 0,
        "count": len(experiments),
        "total": len(experiments),
        "hasMore": False,
        "nextOffset": None,
    }
    (company.root / "growthbook.json").write_text(json.dumps(answer), encoding="utf-8")


def _experiment(number: int, variations: int) -> dict[str, object]:
    keys = [str(place) for place in range(variations)]
    phase = {
        "name": "Main",
        "dateStarted": f"{FIRST.isoformat()}T00:00:00.000Z",
        "dateEnded": "",
        "reasonForStopping": "",
        "seed": f"exp_{number}",
        "coverage": 1,
        "trafficSplit": [{"variationId": f"v{key}", "weight": 1 / variations} for key in keys],
        "targetingCondition": "{}",
        "prerequisites": [],
        "savedGroupTargeting": [],
    }
    created = f"{FIRST.isoformat()}T00:00:00.000Z"
    return {
        "id": f"exp_{number}",
        "trackingKey": f"exp_{number}",
        "name": f"Experiment {number}",
        "type": "standard",
        "project": "",
        "hypothesis": "",
        "description": "",
        "tags": [TAG],
        "owner": "",
        "dateCreated": created,
        "dateUpdated": created,
        "archived": False,
        "status": "running",
        "autoRefresh": True,
        # The events' ids are not what GrowthBook's hash was given here: replay is not measured.
        "hashAttribute": "id",
        "fallbackAttribute": "",
        "hashVersion": 2,
        "disableStickyBucketing": True,
        "bucketVersion": 1,
        "minBucketVersion": 0,
        "variations": [{"variationId": f"v{key}", "key": key, "name": key} for key in keys],
        "phases": [phase],
        "settings": {
            "datasourceId": "ds",
            "assignmentQueryId": "id",
            "experimentId": f"exp_{number}",
            "statsEngine": "frequentist",
            "goals": [],
            "secondaryMetrics": [],
            "guardrails": [],
        },
    }


def _make_people(connection: duckdb.DuckDBPyConnection, size: Size) -> None:
    platforms = min(size.values, 5)
    connection.execute(f"""
        CREATE TEMP TABLE people AS
        SELECT number, concat('user-', printf('%016x', hash(number))) AS user_id,
          concat('country ', CAST(hash(number, 1) % {size.values} AS VARCHAR)) AS country,
          concat('platform ', CAST(hash(number, 2) % {platforms} AS VARCHAR)) AS platform,
          concat('channel ', CAST(hash(number, 3) % {size.values} AS VARCHAR)) AS channel
        FROM range({size.users}) AS drawn(number)
    """)


def _make_day(connection: duckdb.DuckDBPyConnection, company: BigCompany, number: int) -> None:
    size, day = company.size, company.day(number)
    everyone = size.users if size.everyone_on_first_day and number == 1 else 0
    connection.execute(
        _EVENTS.replace("EVENT_NAME", _event_name()),
        {
            "rows": max(size.events_a_day, everyone),
            "everyone": everyone,
            "there": size.users if size.everyone_on_first_day else _signed_up(size, number),
            "midnight": datetime(day.year, day.month, day.day),  # noqa: DTZ001
            "salt": number,
        },
    )
    connection.execute("""
        INSERT INTO ab_source.events BY NAME
        SELECT concat('e', CAST(event AS VARCHAR)) AS event_id, event_name, user_id, event_time,
          event_time + INTERVAL 2 SECOND AS received_at, country, platform, value
        FROM drawn
    """)
    if number >= 1:
        connection.execute(_EXPOSURES, {"experiments": size.experiments, "arms": size.variations})
    connection.execute("DROP TABLE drawn")


def _signed_up(size: Size, number: int) -> int:
    """How many users there are on a day."""
    share = 0.7 + 0.3 * min(max(number, 0) / size.days, 1.0)
    return max(int(size.users * share), 1)


def _event_name() -> str:
    """An event's name by its draw of 100."""
    cases, below = [], 0
    for name, times in zip(_NAMES, _WEIGHTS, strict=True):
        below += times
        cases.append(f"WHEN draw < {below} THEN '{name}'")
    return f"CASE {' '.join(cases)} END"


_EVENTS = """
CREATE TEMP TABLE drawn AS
SELECT
  CAST($salt + 1000 AS BIGINT) * 10000000000 + drawn.event AS event,
  EVENT_NAME AS event_name,
  people.user_id,
  $midnight + to_microseconds(CAST(drawn.event * (86399999999 / $rows) AS BIGINT)) AS event_time,
  people.country, people.platform, people.channel,
  CASE WHEN random % 2 = 0 THEN CAST(random % 6000 AS DOUBLE) / 100 END AS value
FROM (
  SELECT event, random, (random // 8192) % 100 AS draw,
    CASE WHEN event < $everyone THEN event
      ELSE CAST(floor($there * pow((random % 1000000007) / 1000000007.0, 1.6)) AS BIGINT)
    END AS number
  FROM (
    SELECT event, hash(event, $salt) AS random
    FROM range(CAST($rows AS BIGINT)) AS counted(event)
  )
) AS drawn
JOIN people ON people.number = drawn.number
"""
_EXPOSURES = """
INSERT INTO ab_source.exposures BY NAME
SELECT first_seen.user_id, concat('exp_', CAST(experiment AS VARCHAR)) AS experiment_key,
  CAST(hash(first_seen.user_id, experiment) % $arms AS VARCHAR) AS variation_key,
  exposed_at, country, platform, channel
FROM (
  SELECT user_id, min(event_time) AS exposed_at, any_value(country) AS country,
    any_value(platform) AS platform, any_value(channel) AS channel
  FROM drawn GROUP BY user_id
) AS first_seen
CROSS JOIN range($experiments) AS listed(experiment)
ORDER BY exposed_at
"""
