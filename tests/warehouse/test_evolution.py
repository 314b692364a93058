from dataclasses import replace

import pytest

from ab_assets.errors import ConfigurationError
from ab_assets.warehouse.evolution import TableDifference, table_difference
from ab_assets.warehouse.tables import Column
from tests.warehouse.conftest import TABLE

THERE = {column.name: column.base_type for column in TABLE.columns}
NEW = Column("at", "DATETIME")


def test_a_table_that_is_not_there_is_new_and_adds_no_column() -> None:
    assert table_difference(TABLE, {}) == TableDifference(TABLE, is_new=True)


def test_a_table_as_declared_needs_nothing() -> None:
    difference = table_difference(TABLE, THERE)
    assert difference.is_same
    difference.check()


@pytest.mark.parametrize(
    "difference",
    [
        TableDifference(TABLE, is_new=True),
        TableDifference(TABLE, added=(NEW,)),
        TableDifference(TABLE, problems=("a",)),
    ],
)
def test_whatever_has_to_be_done_or_refused_is_a_difference(difference: TableDifference) -> None:
    assert not difference.is_same


def test_the_order_of_the_columns_is_no_difference() -> None:
    assert table_difference(TABLE, dict(reversed(THERE.items()))).is_same


def test_the_length_of_a_text_is_no_difference() -> None:
    longer = replace(TABLE.columns[0], type="VARCHAR(64)")
    table = replace(TABLE, columns=(longer, *TABLE.columns[1:]))
    assert table_difference(table, THERE).is_same


def test_new_columns_are_added_in_their_order() -> None:
    more = Column("rank", "INT")
    difference = table_difference(replace(TABLE, columns=(*TABLE.columns, more, NEW)), THERE)
    assert (difference.added, difference.problems) == ((more, NEW), ())
    difference.check()


def test_every_problem_is_named_with_the_table_and_what_to_do() -> None:
    columns = (*TABLE.columns[:4], Column("x", "INT", nullable=False))
    difference = table_difference(replace(TABLE, columns=columns), THERE | {"n": "DOUBLE"})
    assert difference.problems == (
        "the column share is in the warehouse but no longer declared",
        "the column n is DOUBLE in the warehouse but declared BIGINT",
        "the new column x is NOT NULL, which the rows already there cannot satisfy",
    )
    with pytest.raises(ConfigurationError) as raised:
        difference.check()
    said = str(raised.value)
    assert said.startswith("ab.toy: the column share is in")
    assert said.count(";") >= 3
    # StarRocks knows no TO here, DuckDB demands it.
    assert "StarRocks: ALTER TABLE ab.toy RENAME toy_old" in said
    assert "RENAME TO toy_old" in said


def test_nothing_refused_says_nothing() -> None:
    assert not table_difference(TABLE, {}).refusal
