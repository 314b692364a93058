"""The tables that exist once a tag."""

from itertools import chain

import pytest

from ab_assets.analysis.columns import report_table, wide_table, with_retired_columns
from ab_assets.modules.loader import load_modules
from ab_assets.modules.measures import measures_of
from ab_assets.settings import PROJECT_ROOT
from ab_assets.warehouse.tables import TableDefinition

CATALOGUE = load_modules(PROJECT_ROOT / "sql" / "modules")
TABLES = {
    table.qualified: table
    for table in chain.from_iterable(
        (
            wide_table(module.module, tag, measures_of(module, module.metrics.values())),
            report_table(module.module, tag),
        )
        for module in CATALOGUE
        for tag in module.tags
    )
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_column_says_what_it_is(table: TableDefinition) -> None:
    assert [column.name for column in table.columns if len(column.comment) < 3] == []


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_rows_are_partitioned_by_day_sorted_and_spread(table: TableDefinition) -> None:
    assert table.partition_by == ("event_date",)
    assert not table.column("event_date").nullable
    assert "experiment_id" in table.sort_key
    assert table.bucket_by
    assert table.comment


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_no_text_of_a_user_or_a_source_is_cut(table: TableDefinition) -> None:
    """StarRocks refuses a row whose text is longer than its column, DuckDB does not."""
    for name in ("user_id", "experiment_key", "variation_key", "country", "app_version"):
        if name in table.column_names:
            assert table.column(name).type == "VARCHAR"


def test_a_column_no_metric_asks_for_any_more_stays() -> None:
    table = next(iter(TABLES.values()))
    existing = {column.name: column.base_type for column in table.columns} | {"old": "DOUBLE"}
    kept = with_retired_columns(table, existing)
    assert kept.column_names == (*table.column_names, "old")
    assert "retired" in kept.column("old").comment
