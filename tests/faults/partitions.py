"""What a warehouse holds, partition by partition, and whether each is the old or the new one.

What belongs here: reading everything, and the rules a warehouse keeps whatever happened to the
process that wrote it. What does not: making something happen.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from tests.faults.tally import Tally
from tests.same_rows import assert_same_rows
from tests.small_world import SCHEMAS, World

# The columns that name one row, by the beginning of a table's name.
_GRAIN = {
    "ab.experiment_data": ("tag", "event_date", "experiment_id", "user_id", "variation_key"),
    "ab.tbl_wide_user_": ("event_date", "experiment_id", "user_id"),
    "ab.experiment_health": ("tag", "event_date", "experiment_id", "check_name", "dimension_value"),
    "ab.tbl_report_user_": (
        *("event_date", "experiment_id", "metric"),
        *("dimension", "dimension_value", "variation_key"),
    ),
    "flow_report_app.tbl_report_ab_testing_result": (
        *("tag", "experiment_id", "metric", "dimension", "dimension_value", "variation_key"),
    ),
    "flow_report_app.tbl_experiment_health": (
        *("tag", "experiment_id", "check_name", "dimension_value"),
    ),
    "flow_report_app.tbl_report_trend": (
        *("tag", "event_date", "experiment_id", "metric", "variation_key"),
    ),
}
_PROVENANCE = "ab.partition_provenance"
# Grows by a row with each pull, also with those of a run that was killed afterwards.
_PULLS = "ab.growthbook_pulls"
_HISTORY = "ab.growthbook_"
# What says when and by which run a row was made, and which of the two equal ways made it.
_VOLATILE = (
    *("run_id", "computed_at", "pulled_at", "first_seen_at", "loaded_at", "path", "reason"),
    "source_file",  # worlds have folders of their own
)
# What is left of two equal means whose sums were made in another order.
_NEXT_TO_NOTHING = 1e-12
_FIRST_SEEN = r'"first_seen_at": "[^"]*"'

Key = tuple[str, str, str]
"""Table, tag, and the day, which is empty where a table has one partition a tag."""


@dataclass(frozen=True)
class Recorded:
    """What provenance says of one partition."""

    rows: int
    run_id: str


@dataclass(frozen=True)
class Contents:
    """What a warehouse holds.

    Attributes:
        partitions: The rows of each partition, sorted, without times and runs.
        runs: The runs that the rows of a partition name.
        recorded: The provenance rows of each partition.
        others: Tables that have no partitions of ours: sources and configuration.
        pulls: How many snapshots of GrowthBook were taken.
    """

    partitions: Mapping[Key, pl.DataFrame] = field(default_factory=dict)
    runs: Mapping[Key, frozenset[str]] = field(default_factory=dict)
    recorded: Mapping[Key, list[Recorded]] = field(default_factory=dict)
    others: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    pulls: int = 0


def read_contents(world: World, *, sources: bool = True) -> Contents:
    """Everything the warehouse holds; source tables may be left out, they can be large."""
    warehouse = world.warehouse
    found: dict[str, pl.DataFrame] = {}
    with warehouse.session():
        for schema in SCHEMAS if sources else SCHEMAS[1:]:
            for name in warehouse.tables(schema):
                found[f"{schema}.{name}"] = world.query(f"SELECT * FROM {schema}.{name}")
    recorded = _recorded(found.pop(_PROVENANCE, pl.DataFrame()))
    pulls = found.pop(_PULLS, pl.DataFrame()).height
    partitions: dict[Key, pl.DataFrame] = {}
    runs: dict[Key, frozenset[str]] = {}
    others: dict[str, pl.DataFrame] = {}
    for name, rows in found.items():
        by = _partition_columns(name, rows)
        if not by:
            others[name] = _stable(rows)
            continue
        for values, partition in rows.partition_by(by, as_dict=True).items():
            key = (name, str(values[0]), str(values[1]) if len(values) > 1 else "")
            partitions[key] = _stable(partition)
            if "run_id" in partition.columns:
                runs[key] = frozenset(partition["run_id"].unique())
    return Contents(partitions, runs, recorded, others, pulls)


def _partition_columns(name: str, rows: pl.DataFrame) -> list[str]:
    if name.startswith("flow_report_app."):
        return ["tag"]
    return ["tag", "event_date"] if {"tag", "event_date"} <= set(rows.columns) else []


def _stable(rows: pl.DataFrame) -> pl.DataFrame:
    rows = rows.drop([column for column in _VOLATILE if column in rows.columns])
    if "detail" in rows.columns:
        rows = rows.with_columns(pl.col("detail").str.replace_all(_FIRST_SEEN, ""))
    return rows.sort(rows.columns, nulls_last=True)


def _recorded(rows: pl.DataFrame) -> dict[Key, list[Recorded]]:
    found: dict[Key, list[Recorded]] = {}
    for row in rows.iter_rows(named=True):
        key = (row["table_name"], row["tag"], str(row["event_date"] or ""))
        found.setdefault(key, []).append(Recorded(row["row_count"], row["run_id"]))
    return found


def check_whole(
    now: Contents, old: Contents, new: Contents, tally: Tally, where: str, *, pulls: int = 1
) -> Counter[str]:
    """Holds every partition against what it was and what it was to become, and counts which.

    A partition is the old one or the new one whole, its rows are there once, and provenance has one
    row that speaks of just these rows. Everything that is no partition is as before or as after;
    snapshots of GrowthBook are at most so many more.
    """
    found: Counter[str] = Counter()
    for key in sorted(now.partitions.keys() | old.partitions.keys() | new.partitions.keys()):
        is_old, is_new = (_equal(now, contents, key) for contents in (old, new))
        found["old" if is_old else "new" if is_new else "neither"] += 1
        tally.expect(holds=is_old or is_new, sentence=f"{where}: {key} is neither old nor new")
        _check_grain(now, key, tally, where)
        _check_record(now, old, key, tally, where, only_old=is_old and not is_new)
        if is_new and not is_old and key in now.recorded:
            fresh = now.recorded[key] != old.recorded.get(key)
            tally.expect(holds=fresh, sentence=f"{where}: {key} is new, its provenance is old")
    for name in now.others.keys() | old.others.keys():
        rows = now.others.get(name)
        fits = any(_same(rows, contents.others.get(name)) for contents in (old, new))
        tally.expect(holds=fits, sentence=f"{where}: {name} is neither as before nor as after")
    fits = 0 <= now.pulls - old.pulls <= pulls
    tally.expect(holds=fits, sentence=f"{where}: {now.pulls} pulls, {old.pulls} before")
    return found


def check_equal(
    now: Contents, expected: Contents, tally: Tally, where: str, *, history: bool = True
) -> None:
    """Holds everything against a run without faults; history is what GrowthBook ever said."""
    for key in sorted(now.partitions.keys() | expected.partitions.keys()):
        fits = _equal(now, expected, key)
        tally.expect(holds=fits, sentence=f"{where}: {key} differs from a run without faults")
        _check_grain(now, key, tally, where)
        _check_record(now, expected, key, tally, where, only_old=False)
    for key in sorted(now.recorded.keys() | expected.recorded.keys()):
        counts = [
            [record.rows for record in contents.recorded.get(key, [])]
            for contents in (now, expected)
        ]
        fits = counts[0] == counts[1]
        tally.expect(holds=fits, sentence=f"{where}: provenance of {key}: {counts}")
    for name in sorted(now.others.keys() | expected.others.keys()):
        if name.startswith(_HISTORY) and not history:
            continue
        fits = _same(now.others.get(name), expected.others.get(name))
        tally.expect(holds=fits, sentence=f"{where}: {name} differs from a run without faults")


def changed(before: Contents, after: Contents) -> bool:
    """Whether any partition or other table is other than before."""
    keys = before.partitions.keys() | after.partitions.keys()
    return any(not _equal(before, after, key) for key in keys) or any(
        not _same(before.others.get(name), rows) for name, rows in after.others.items()
    )


def _check_grain(now: Contents, key: Key, tally: Tally, where: str) -> None:
    rows = now.partitions.get(key)
    grain = next((names for start, names in _GRAIN.items() if key[0].startswith(start)), None)
    if rows is not None and grain is not None:
        doubled = rows.select(grain).is_duplicated().any()
        tally.expect(holds=not doubled, sentence=f"{where}: {key} has rows twice")


def _check_record(
    now: Contents, old: Contents, key: Key, tally: Tally, where: str, *, only_old: bool
) -> None:
    records = now.recorded.get(key, [])
    rows = now.partitions.get(key)
    if rows is None:
        fits = all(record.rows == 0 for record in records)
    else:
        fits = [record.rows for record in records] == [rows.height]
    tally.expect(holds=fits, sentence=f"{where}: {key} and its provenance {records} disagree")
    if only_old:
        fits = records == old.recorded.get(key, [])
        tally.expect(holds=fits, sentence=f"{where}: {key} is old, its provenance is not")
    if key in now.runs and not key[0].startswith("flow_report_app"):
        fits = now.runs[key] == {record.run_id for record in records}
        tally.expect(holds=fits, sentence=f"{where}: {key} is of other runs than is recorded")


def _equal(one: Contents, other: Contents, key: Key) -> bool:
    return _same(one.partitions.get(key), other.partitions.get(key))


def _same(one: pl.DataFrame | None, other: pl.DataFrame | None) -> bool:
    if one is None or other is None:
        return (one is None or one.is_empty()) and (other is None or other.is_empty())
    if one.equals(other):
        return True
    try:
        assert_same_rows(one, other, next_to_nothing=_NEXT_TO_NOTHING)
    except AssertionError:
        return False
    return True
