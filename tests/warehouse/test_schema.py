"""The files of sql/schema: the one truth of the fixed tables."""

import re
from pathlib import Path

import pytest

from ab_assets.errors import ConfigurationError, StatementError
from ab_assets.settings import PROJECT_ROOT
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.schema import (
    fixed_table,
    fixed_tables,
    read_table,
    report_columns,
    table_files,
)
from ab_assets.warehouse.statements import Statement
from ab_assets.warehouse.tables import create_table

GOLDEN = PROJECT_ROOT / "tests" / "golden" / "schema"
TABLES = sorted(fixed_tables())
REPORT = [
    "tag",
    "module",
    "event_date",
    "experiment_id",
    "experiment_key",
    "experiment_name",
    "phase_index",
    "phase_name",
    "phase_start",
    "metric",
    "metric_type",
    "role",
    "direction",
    "dimension",
    "dimension_value",
    "variation_key",
    "variation_name",
    "control_key",
    "is_control",
    "weight",
    "users",
    "control_users",
    "crossover_users",
    "mean",
    "control_mean",
    "stddev",
    "control_stddev",
    "abs_diff",
    "abs_ci_low",
    "abs_ci_high",
    "rel_uplift",
    "rel_ci_low",
    "rel_ci_high",
    "method",
    "statistic",
    "df",
    "p_value",
    "p_value_adjusted",
    "significant",
    "seq_ci_low",
    "seq_ci_high",
    "seq_p_value",
    "posterior_mean",
    "posterior_ci_low",
    "posterior_ci_high",
    "chance_to_win",
    "expected_loss",
    "incremental_total",
    "incremental_ci_low",
    "incremental_ci_high",
    "cuped",
    "variance_reduction",
    "cap_value",
    "power",
    "mde",
    "users_needed",
    "days_needed",
    "srm_p_value",
    "srm_seq_p_value",
    "trust",
    "decision",
    "decision_reason",
    "config_hash",
    "sql_hash",
    "run_id",
    "computed_at",
    "cuped_theta",
]


def test_there_is_a_table_for_every_name_of_the_contract() -> None:
    expected = {
        "ab_source.exposures",
        "ab_source.events",
        "ab_source.rejected",
        "ab_source.loads",
        "ab.experiment_data",
        "ab.experiment_health",
        "ab.experiment_plan",
        "ab.growthbook_experiments",
        "ab.growthbook_pulls",
        "ab.partition_provenance",
        "flow_report_app.tbl_report_ab_testing_result",
        "flow_report_app.tbl_experiment_health",
        "flow_report_app.tbl_report_trend",
    }
    assert expected <= set(TABLES)


def test_the_report_has_the_columns_of_the_contract_first_and_in_order() -> None:
    assert [column.name for column in report_columns()][: len(REPORT)] == REPORT


def test_the_columns_of_events_are_those_of_the_contract() -> None:
    names = fixed_table("ab_source.events").column_names
    assert " ".join(names) == (
        "event_id event_name user_id event_time received_at session_id device_id country region "
        "city platform device_model os_version app_version page_url value properties"
    )


@pytest.mark.parametrize("name", TABLES)
def test_the_starrocks_ddl_is_the_golden_one(name: str) -> None:
    text = create_table(fixed_table(name), "starrocks") + "\n"
    assert text == (GOLDEN / f"{name}.sql").read_text(encoding="utf-8"), (
        f"write it anew when this is meant: python -m tests.warehouse.test_schema ({name})"
    )


@pytest.mark.parametrize("path", table_files(), ids=lambda path: path.name)
def test_the_ddl_of_a_file_says_the_same_as_the_file(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sql"
    copy.write_text(create_table(read_table(path), "starrocks"), encoding="utf-8")
    assert read_table(copy) == read_table(path)


@pytest.mark.parametrize("path", table_files(), ids=lambda path: path.name)
def test_a_schema_file_begins_with_what_it_holds_and_who_writes_it(path: Path) -> None:
    assert re.match(
        r"-- [A-Z].*\.\n(-- .*\n)*-- Reads: .* Written by: .*\.\n", path.read_text("utf-8")
    )


@pytest.mark.parametrize("name", TABLES)
def test_every_column_has_a_comment(name: str) -> None:
    assert [column.name for column in fixed_table(name).columns if not column.comment] == []


@pytest.mark.parametrize("name", TABLES)
def test_a_partition_column_is_never_null(name: str) -> None:
    table = fixed_table(name)
    days = (table.partition_day,) if table.partition_day else ()
    assert [
        column for column in (*table.partition_by, *days) if table.column(column).nullable
    ] == []


@pytest.mark.parametrize("name", TABLES)
def test_a_table_can_be_made_twice_and_read_on_duckdb(
    warehouse: DuckDBWarehouse, name: str
) -> None:
    table = fixed_table(name)
    warehouse.ensure(table)
    warehouse.ensure(table)
    assert tuple(warehouse.columns(name)) == table.column_names


@pytest.mark.parametrize("kind", ["exposures", "events"])
def test_the_source_select_gives_the_columns_of_the_table(
    warehouse: DuckDBWarehouse, kind: str
) -> None:
    table = fixed_table(f"ab_source.{kind}")
    warehouse.ensure(table)
    text = (PROJECT_ROOT / "sql" / "source" / f"{kind}.sql").read_text(encoding="utf-8")
    frame = warehouse.fetch(Statement(kind, f"SELECT * FROM (\n{text}\n) AS {kind}"))
    assert tuple(frame.columns) == table.column_names


def test_a_table_no_file_declares_is_refused_with_those_there_are() -> None:
    with pytest.raises(
        ConfigurationError, match=r"declares ab\.nothing; it has .*ab_source\.events"
    ):
        fixed_table("ab.nothing")


@pytest.mark.parametrize("text", ["SELECT 1", "CREATE TABLE a AS SELECT 1", "DROP TABLE a"])
def test_a_schema_file_that_makes_no_table_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.sql").write_text(text)
    with pytest.raises(StatementError, match=r"a\.sql: a schema file is one CREATE TABLE"):
        read_table(tmp_path / "a.sql")


def test_a_schema_file_that_is_no_sql_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("CREATE TABLE (")
    with pytest.raises(StatementError, match=r"a\.sql: the file cannot be read as SQL"):
        read_table(tmp_path / "a.sql")


def test_a_file_without_layout_clauses_is_a_table_without_layout(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("CREATE TABLE IF NOT EXISTS ab.t (a INT NULL, b STRING)")
    table = read_table(tmp_path / "a.sql")
    assert (table.partition_by, table.partition_day, table.sort_key, table.buckets) == (
        (),
        None,
        (),
        1,
    )
    assert [(column.type, column.nullable) for column in table.columns] == [
        ("INT", True),
        ("VARCHAR", True),
    ]


def write_golden() -> None:
    """Writes the golden files anew."""
    for name, table in fixed_tables().items():
        (GOLDEN / f"{name}.sql").write_text(
            create_table(table, "starrocks") + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    write_golden()
