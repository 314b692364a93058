"""The numbers docs/operations.md sizes a cluster by, held against the tables."""

import re

import pytest

from ab_assets.analysis.columns import report_table, wide_table
from ab_assets.settings import PROJECT_ROOT
from ab_assets.warehouse.schema import fixed_tables
from ab_assets.warehouse.tables import TableDefinition

OPERATIONS = (PROJECT_ROOT / "docs" / "operations.md").read_text("utf-8")
FIXED = {table.qualified: table for table in fixed_tables().values()}
WIDE = wide_table("retention", "retention", ())
DAILY = {
    "wide": WIDE,
    "experiment_data": FIXED["ab.experiment_data"],
    "report": report_table("retention", "retention"),
    "health": FIXED["ab.experiment_health"],
}
SOURCE = {"events": FIXED["ab_source.events"], "exposures": FIXED["ab_source.exposures"]}
PER_TAG_DAY = sum(table.buckets for table in DAILY.values())
PER_SOURCE_DAY = sum(table.buckets for table in SOURCE.values())


@pytest.mark.parametrize(("name", "table"), [*DAILY.items(), *SOURCE.items()])
def test_the_buckets_of_a_day_are_those_of_the_table(name: str, table: TableDefinition) -> None:
    assert table.partition_by or table.partition_day
    assert re.search(rf"\b{name} {table.buckets}\b", OPERATIONS)


def test_every_table_with_days_is_in_the_formula() -> None:
    dated = {
        table.qualified
        for table in FIXED.values()
        if table.partition_day or "event_date" in table.partition_by
    }
    counted = {table.qualified for table in [*DAILY.values(), *SOURCE.values()]}
    assert dated <= counted


def test_the_formula_has_the_sums() -> None:
    assert f"days × {PER_TAG_DAY}" in OPERATIONS
    assert f"source days × {PER_SOURCE_DAY}" in OPERATIONS


def test_the_worked_example_is_right() -> None:
    tags, days, kept, replicas = 20, 365, 14, 3
    rest = days * PER_SOURCE_DAY + tags
    everything = replicas * (tags * days * PER_TAG_DAY + rest)
    lasting = PER_TAG_DAY - WIDE.buckets
    dropped = replicas * (tags * days * lasting + tags * kept * WIDE.buckets + rest)
    assert f"{everything:,} tablets" in OPERATIONS
    assert f"= {dropped:,}" in OPERATIONS
    assert f"{dropped // replicas:,} each" in OPERATIONS
