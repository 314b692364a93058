"""A company small enough to run in seconds: three tags, three experiments, 200 users, eight days.

The tag ``habit`` has a fair experiment and one whose sample ratio is broken, ``shop`` one with two
phases, and ``quiet`` none. Every value is a multiple of a half: sums are exact in any order.
"""

import json
import os
import shutil
import warnings
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import dagster as dg
import polars as pl
import pytest

from ab_assets.analysis.columns import wide_table
from ab_assets.assets.describing import DASHBOARD_TABLES
from ab_assets.cli.application import run_application
from ab_assets.cli.project import OpenedProject, open_project
from ab_assets.modules.measures import measures_of
from ab_assets.partitions import TagDate
from ab_assets.replay import ReplayPhase, replay
from ab_assets.running import RunOutcome, materialise, open_instance
from ab_assets.settings import read_settings
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.loading import load_files
from ab_assets.warehouse.statements import Statement
from ab_assets.warehouse.tables import TableDefinition
from tests.growthbook.payloads import a_payload, a_phase_payload, a_split

FIRST = date(2025, 3, 3)
LAST = FIRST + timedelta(days=7)
SECOND_PHASE = FIRST + timedelta(days=3)
TAGS = ("habit", "quiet", "shop")
SCHEMAS = ("ab_source", "ab", "flow_report_app")
# What says when and by which run a row was made, and which of the two equal ways made it.
_VOLATILE = ("run_id", "computed_at", "pulled_at", "first_seen_at", "loaded_at", "path", "reason")
_USERS = 200
_built: dict[str, dg.Definitions] = {}

HABITS = """
module: habits
title: Habits
owners: ["team:growth"]
tags: [habit, quiet]
dimensions: [platform]
columns:
  active_days: {sql: "max(1)", merge: sum}
  visits: "count_if(event_name = 'visit')"
metrics:
  visits_per_user: {type: mean, column: visits, role: goal, cuped: {days: 2}, minimum_sample: 20}
  retention_d1: {type: retention, day: 1, column: active_days, minimum_sample: 20}
"""
SHOP = """
module: shop
owners: ["shop@example.com"]
tags: [shop]
columns:
  revenue: "sum(if(event_name = 'pay', value, 0))"
metrics:
  revenue_per_user: {type: mean, column: revenue, role: goal, minimum_sample: 20}
"""


def day(number: int) -> date:
    """The first day is day 1."""
    return FIRST + timedelta(days=number - 1)


def midnight(when: date) -> datetime:
    return datetime(when.year, when.month, when.day, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """A company in a folder: its files, its warehouse and its Dagster instance."""

    root: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AB_WAREHOUSE_URL": f"duckdb://{self.root}/ab.duckdb",
            "AB_START_DATE": FIRST.isoformat(),
            "AB_MODULES_DIR": str(self.modules),
            "AB_WIDE_KEEP_DAYS": "30",
            "AB_WAREHOUSE_LOCK_SECONDS": "5",
            "AB_REPORTS_DIR": "",  # drawing pages is tested where pages are
            "GROWTHBOOK_SNAPSHOT": str(self.snapshot),
            "DAGSTER_HOME": str(self.root / "dagster"),
        }

    @property
    def modules(self) -> Path:
        return self.root / "modules"

    @property
    def snapshot(self) -> Path:
        return self.root / "growthbook.json"

    @property
    def warehouse(self) -> DuckDBWarehouse:
        return DuckDBWarehouse(self.root / "ab.duckdb", lock_seconds=20.0)

    def enter(self, monkeypatch: pytest.MonkeyPatch, **more: str) -> "World":
        """Makes the environment that of this company, and of nothing else."""
        clear_environment(monkeypatch)
        for name, value in (self.environment | more).items():
            monkeypatch.setenv(name, value)
        return self

    def copy_to(self, folder: Path) -> "World":
        shutil.copytree(self.root, folder, dirs_exist_ok=True)
        return World(folder)

    def say(self, *experiments: Mapping[str, object]) -> None:
        """What GrowthBook answers from now on."""
        answer = {
            "experiments": list(experiments),
            "limit": 100,
            "offset": 0,
            "count": len(experiments),
            "total": len(experiments),
            "hasMore": False,
            "nextOffset": None,
        }
        self.snapshot.write_text(json.dumps(answer), encoding="utf-8")

    def ab(self, *arguments: str) -> int:
        """Runs the command line in this process."""
        return run_application(list(arguments))

    def make(
        self,
        *assets: str,
        tag: str | None = None,
        when: date | None = None,
        config: Mapping[str, object] | None = None,
        instance: dg.DagsterInstance | None = None,
    ) -> RunOutcome:
        """Materialises some assets alone, like a user of the UI who picks them.

        Args:
            config: Of the first asset.
            instance: One in memory by default: half as slow.
        """
        tags: Mapping[str, str] = {}
        if tag is not None:
            tags = TagDate(tag, when).run_tags if when else {"dagster/partition": tag}
        definitions = definitions_of(open_project())
        with ExitStack() as stack:
            chosen = instance or stack.enter_context(dg.DagsterInstance.ephemeral())
            return _materialise(definitions, chosen, assets, tags, config)

    def make_days(self, tag: str, *days: date, full: bool = False) -> None:
        """Makes everything of a tag, day after day, then its dashboard rows."""
        opened = open_project()
        definitions = definitions_of(opened)
        module = opened.project.catalogue.module_of(tag).module
        assets = (
            f"{module}/wide_user",
            "experiment_data",
            f"{module}/health",
            f"{module}/report_user",
        )
        dashboard = tuple(key.to_user_string() for key in DASHBOARD_TABLES)
        with dg.DagsterInstance.ephemeral() as instance:
            for when in days:
                tags = TagDate(tag, when).run_tags
                outcome = _materialise(definitions, instance, assets, tags, {"full": full})
                assert outcome.succeeded, outcome.failure
            tags = {"dagster/partition": tag}
            outcome = _materialise(definitions, instance, dashboard, tags)
            assert outcome.succeeded, outcome.failure

    def instance(self) -> dg.DagsterInstance:
        return open_instance(read_settings())

    def query(self, text: str) -> pl.DataFrame:
        return self.warehouse.fetch(Statement("question", text, {}))

    def execute(self, text: str) -> int:
        return self.warehouse.execute(Statement("tampering", text, {}))

    def table(self, name: str) -> pl.DataFrame:
        """A whole table in a stable order, without what differs from run to run."""
        frame = self.query(f"SELECT * FROM {name}")
        frame = frame.drop([column for column in _VOLATILE if column in frame.columns])
        return frame.sort(frame.columns, nulls_last=True)

    def tables(self) -> dict[str, pl.DataFrame]:
        """Every table there is."""
        warehouse = self.warehouse
        with warehouse.session():
            names = [f"{schema}.{name}" for schema in SCHEMAS for name in warehouse.tables(schema)]
        return {name: self.table(name) for name in names}

    def spoil_wide_table(self, tag: str) -> None:
        """A wide table with a column of another type: nothing can be written into it."""
        table = wide_table_of(tag)
        columns = (*table.columns[:-1], replace(table.columns[-1], type="DATE"))
        self.warehouse.ensure(replace(table, columns=columns))

    def add_exposures(self, rows: list[dict[str, object]]) -> None:
        """Exposures that arrive after the others."""
        self._load("exposures", pl.DataFrame(rows), f"late_{len(list(self.root.iterdir()))}")

    def _load(self, target: str, frame: pl.DataFrame, name: str) -> None:
        path = self.root / f"{name}.parquet"
        frame.write_parquet(path)
        load_files(self.warehouse, target, [path], now=datetime.now(UTC))


def definitions_of(opened: OpenedProject) -> dg.Definitions:
    """Built once for each set of modules and settings: resources read the environment when used."""
    own_paths = {"warehouse_url", "modules_dir", "growthbook_snapshot", "dagster_home"}
    key = opened.project.settings.model_dump_json(exclude=own_paths) + str(
        opened.project.catalogue.modules
    )
    if key not in _built:
        _built[key] = opened.definitions
    return _built[key]


def _materialise(
    definitions: dg.Definitions,
    instance: dg.DagsterInstance,
    assets: Sequence[str],
    tags: Mapping[str, str],
    config: Mapping[str, object] | None = None,
) -> RunOutcome:
    keys = [dg.AssetKey(asset.split("/")) for asset in assets]
    op_config = {"__".join(keys[0].path): config} if config else None
    with warnings.catch_warnings():
        # Dagster's own call of something it deprecated.
        warnings.filterwarnings("ignore", message="InitResourceContext.dagster_run")
        return materialise(definitions, instance, keys, tags, op_config)


def wide_table_of(tag: str) -> TableDefinition:
    """The wide table of a tag, as the modules of the environment make it."""
    module = open_project().project.catalogue.module_of(tag)
    return wide_table(module.module, tag, measures_of(module, module.metrics.values()))


def clear_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("AB_", "GROWTHBOOK_", "DAGSTER_")):
            monkeypatch.delenv(name)


def build_world(folder: Path) -> World:
    """The company with its files written and loaded, nothing pulled and nothing made."""
    world = World(folder)
    for name, text in (("habits", HABITS), ("shop", SHOP)):
        (world.modules / name).mkdir(parents=True)
        (world.modules / name / "module.yaml").write_text(text, encoding="utf-8")
    world.say(streak(), broken_split(), basket())
    world._load("exposures", _exposures(), "exposures")
    world._load("events", _events(), "events")
    return world


def experiment(key: str, tag: str, **changes: object) -> dict[str, object]:
    phases = [a_phase_payload(dateStarted=_iso(FIRST), seed=key)]
    return (
        a_payload(id=f"exp_{key}", trackingKey=key, name=key.title(), tags=[tag], phases=phases)
        | changes
    )


def streak(**changes: object) -> dict[str, object]:
    return experiment("streak", "habit", **changes)


def broken_split(**changes: object) -> dict[str, object]:
    return experiment("broken_split", "habit", **changes)


def basket(**changes: object) -> dict[str, object]:
    phases = [
        a_phase_payload(dateStarted=_iso(FIRST), dateEnded=_iso(SECOND_PHASE), seed="one"),
        a_phase_payload(
            dateStarted=_iso(SECOND_PHASE), seed="two", name="Again", trafficSplit=a_split(0.5, 0.5)
        ),
    ]
    return experiment("basket", "shop", phases=phases, **changes)


def an_exposure(user: str, key: str, experiment_key: str, at: datetime) -> dict[str, object]:
    return {
        "user_id": user,
        "experiment_key": experiment_key,
        "variation_key": key,
        "exposed_at": at,
        "country": None,
        "platform": "web",
        "app_version": None,
        "channel": None,
    }


def _iso(when: date) -> str:
    return f"{when.isoformat()}T00:00:00.000Z"


def _exposures() -> pl.DataFrame:
    """Units arrive in three waves, on days 1, 2 and 5; some are seen again a day later.

    ``broken_split`` loses most units of its second arm.
    """
    random = Random(5)  # noqa: S311 (data)
    arms = {seed: _arms(seed) for seed in ("streak", "broken_split", "one", "two")}
    rows = []
    for number in range(_USERS):
        user, wave = _user(number), (1, 1, 2, 5)[number % 4]
        again = number % 3 == 0
        for key in ("streak", "broken_split"):
            at = midnight(day(wave)) + timedelta(minutes=random.randrange(1440))
            if key == "broken_split" and arms[key][number] == "1" and number % 5:
                continue
            rows.append(an_exposure(user, arms[key][number], key, at))
            if again:
                rows.append(an_exposure(user, arms[key][number], key, at + timedelta(days=1)))
        second = SECOND_PHASE + timedelta(days=wave % 2)
        for seed, phase_day in (("one", day(wave) if wave < 4 else None), ("two", second)):
            if phase_day is not None:
                at = midnight(phase_day) + timedelta(minutes=1 + random.randrange(1439))
                rows.append(an_exposure(user, arms[seed][number], "basket", at))
    noon = midnight(day(2)) + timedelta(hours=12)
    rows.append(an_exposure("crossed", "0", "streak", noon))
    rows.append(an_exposure("crossed", "1", "streak", noon + timedelta(days=2)))
    rows.append(an_exposure("lost", "no such key", "streak", noon))
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(
        pl.col("exposed_at").dt.replace_time_zone(None),
        pl.col("country", "app_version", "channel").cast(pl.String),
    )


def _arms(seed: str) -> list[str]:
    """Every user's arm by GrowthBook's hash."""
    phase = ReplayPhase(variations=("0", "1"), seed=seed, weights=(0.5, 0.5))
    return [str(arm) for arm in replay([_user(number) for number in range(_USERS)], phase).tolist()]


def _user(number: int) -> str:
    return f"u{number:03d}"


def _events() -> pl.DataFrame:
    random = Random(6)  # noqa: S311 (data)
    rows = []
    for number in range(_USERS):
        for offset in range(-2, 8):
            if random.random() < 0.5:
                continue
            at = midnight(FIRST) + timedelta(days=offset, minutes=random.randrange(1440))
            paid = random.random() < 0.3
            value = random.randrange(1, 40) / 2 if paid else None
            rows.append((_user(number), "pay" if paid else "visit", at, value))
    return pl.DataFrame(
        {
            "event_id": [f"e{number}" for number in range(len(rows))],
            "event_name": [row[1] for row in rows],
            "user_id": [row[0] for row in rows],
            "event_time": [row[2].replace(tzinfo=None) for row in rows],
            "received_at": [row[2].replace(tzinfo=None) for row in rows],
            "value": pl.Series([row[3] for row in rows], dtype=pl.Float64),
        }
    )
