"""Values in text that stands alone: exactly themselves, whatever they are."""

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
import sqlglot

from ab_assets.errors import StatementError
from ab_assets.reproducing.literals import attaching, standing_alone
from ab_assets.warehouse.statements import Statement

HOSTILE = [
    "it's",
    "a\\",
    "\\' OR 1=1 -- ",
    '"; DROP TABLE x',
    "`",
    "%s",
    "a\nb\tc",
    "é🙂",
    "*/ x",
    "",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_text_is_read_back_as_it_was(value: str) -> None:
    statement = Statement("t", "SELECT :value AS value", {"value": value})
    assert duckdb.connect().execute(standing_alone(statement, {}, "duckdb")).fetchone() == (value,)
    tree = sqlglot.parse_one(standing_alone(statement, {}, "starrocks"), read="starrocks")
    literal = tree.find(sqlglot.exp.Literal)
    assert literal is not None
    assert literal.this == value


def test_days_times_and_numbers_keep_their_types() -> None:
    values = {"d": date(2026, 1, 2), "t": datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), "x": 0.1}
    statement = Statement("t", "SELECT :d AS d, :t AS t, :x AS x, :n AS n", {**values, "n": None})
    row = duckdb.connect().execute(standing_alone(statement, {}, "duckdb")).fetchone()
    assert row == (values["d"], datetime(2026, 1, 2, 3, 4, 5, 6), 0.1, None)  # noqa: DTZ001
    assert "CAST('2026-01-02' AS DATE)" in standing_alone(statement, {}, "starrocks")


def test_a_table_can_be_a_statement() -> None:
    outer = Statement("t", "SELECT sum(a) AS total FROM ab.wide WHERE a > :least", {"least": 1})
    inner = Statement("t", "SELECT :first AS a UNION ALL SELECT 3 AS a", {"first": 2})
    text = standing_alone(outer, {"wide": inner}, "duckdb")
    assert duckdb.connect().execute(text).fetchone() == (5,)


def test_functions_duckdb_lacks_come_with_the_text() -> None:
    statement = Statement("t", "SELECT CAST(:text AS INT) AS whole", {"text": "12"})
    text = standing_alone(statement, {}, "duckdb")
    assert "CREATE TEMP MACRO sr_whole" in text
    assert duckdb.connect().execute(text).fetchone() == (12,)


def test_what_is_not_portable_is_refused() -> None:
    statement = Statement("t", "SELECT * FROM a QUALIFY row_number() OVER (ORDER BY b) = 1", {})
    with pytest.raises(StatementError):
        standing_alone(statement, {}, "starrocks")


def test_a_file_with_a_quote_in_its_name_is_attached(tmp_path: Path) -> None:
    path = tmp_path / "it's.duckdb"
    duckdb.connect(str(path)).close()
    assert duckdb.connect().execute(attaching(path)) is not None
