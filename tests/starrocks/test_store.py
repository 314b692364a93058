"""What both servers of the cluster share."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest

from tests.starrocks.catalogue import StoredColumn, StoredTable, checked_type
from tests.starrocks.labels import LabelAlreadyUsedError, LabelState
from tests.starrocks.refusals import RowsFilteredError, StarRocksRefusalError
from tests.starrocks.store import Store

TABLE = StoredTable(
    schema="ab",
    name="t",
    columns=(
        StoredColumn("word", "VARCHAR(5)", nullable=False),
        StoredColumn("n", "INT"),
        StoredColumn("moment", "DATETIME"),
        StoredColumn("flag", "BOOLEAN"),
        StoredColumn("doc", "JSON"),
    ),
    key=("word",),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "store.duckdb") as opened:
        opened.create_table(TABLE)
        yield opened


def rows(store: Store) -> list[tuple[object, ...]]:
    with store.connected() as connection:
        return connection.execute("SELECT * FROM ab.t ORDER BY ALL").fetchall()


def test_rows_are_added_as_text_and_as_values(store: Store) -> None:
    text = [("a", "1", "2026-01-02 03:04:05.678901", "true", '{"k": 1}')]
    values = [("b", 2, datetime.fromisoformat("2026-01-02"), False, None)]
    for number, given in enumerate((text, values)):
        assert store.insert_rows("ab", "t", TABLE.column_names, given, f"l{number}") == 1
    moment = datetime.fromisoformat("2026-01-02 03:04:05.678901")
    assert rows(store) == [
        ("a", 1, moment, True, '{"k": 1}'),
        ("b", 2, datetime.fromisoformat("2026-01-02"), False, None),
    ]


def test_an_arrow_table_is_added_by_position(store: Store) -> None:
    table = pa.table({"x": ["1", None], "y": ["a", "b"]})
    assert store.insert_rows("ab", "t", ("n", "word"), table, None) == 2
    assert [row[:2] for row in rows(store)] == [("a", 1), ("b", None)]
    assert store.labels.loads()[-1].label == "insert_10001"


@pytest.mark.parametrize(
    ("columns", "row", "reason"),
    [
        (("word",), ("toolong",), "too long"),
        (("word",), ("üüü",), "too long"),
        (("word",), (None,), "NULL value in non-nullable column 'word'"),
        (("word", "n"), ("a", "x"), "'n' is INT"),
        (("word", "moment"), ("a", "never"), "'moment' is DATETIME"),
        (("word", "doc"), ("a", "{"), "'doc' is JSON"),
    ],
)
def test_rows_that_do_not_fit_are_counted_and_none_is_added(
    store: Store, columns: Sequence[str], row: tuple[object, ...], reason: str
) -> None:
    fitting = ("fits", *[None] * (len(columns) - 1))
    with pytest.raises(RowsFilteredError) as caught:
        store.insert_rows("ab", "t", columns, [fitting, row], "l")
    assert (caught.value.filtered, caught.value.total) == (1, 2)
    assert reason in caught.value.reasons[0]
    assert rows(store) == []
    load = store.labels.loads()[-1]
    assert (load.state, load.filtered, load.rows) == (LabelState.CANCELLED, 1, 0)


def test_a_used_label_adds_nothing_and_tells_its_state(store: Store) -> None:
    store.insert_rows("ab", "t", ("word",), [("a",)], "once")
    with pytest.raises(LabelAlreadyUsedError) as caught:
        store.insert_rows("ab", "t", ("word",), [("b",)], "once")
    assert caught.value.state is LabelState.FINISHED
    assert len(rows(store)) == 1


def test_a_label_is_unique_in_its_database_only(store: Store) -> None:
    store.create_database("more")
    store.labels.begin("ab", "t", "once", "INSERT")
    assert store.labels.begin("more", "t", "once", "INSERT").state is LabelState.LOADING


@pytest.mark.parametrize(("schema", "name", "code"), [("nowhere", "t", 5501), ("ab", "nope", 5502)])
def test_what_is_not_there_is_refused(store: Store, schema: str, name: str, code: int) -> None:
    with pytest.raises(StarRocksRefusalError) as caught:
        store.insert_rows(schema, name, ("a",), [("a",)], "l")
    assert caught.value.code == code
    assert store.labels.loads() == []


@pytest.mark.parametrize("bad", [[("a", 1)], [({"un": "like"},), ("a",)]])
def test_rows_of_another_shape_cancel_the_load(
    store: Store, bad: Sequence[Sequence[object]]
) -> None:
    with pytest.raises((StarRocksRefusalError, pa.ArrowException)):
        store.insert_rows("ab", "t", ("word",), bad, "l")
    assert store.labels.state("ab", "l") is LabelState.CANCELLED


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("string", "VARCHAR(65533)"),
        ("VARCHAR", "VARCHAR(1)"),
        ("integer", "INT"),
        ("INT(11)", "INT"),
        ("DECIMAL(10, 2)", "DECIMAL(10,2)"),
        ("DECIMAL", "DECIMAL(38,9)"),
        ("numeric(5)", "DECIMAL(5,0)"),
        ("CHAR(3)", "CHAR(3)"),
    ],
)
def test_types_are_kept_in_one_writing(given: str, kept: str) -> None:
    assert checked_type(given) == kept
