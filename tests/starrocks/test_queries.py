"""Queries, what columns say on the wire, and what is refused."""

import json
import math
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest
from pymysql.constants import FIELD_TYPE

from tests.starrocks.conftest import Client
from tests.starrocks.stand_in import StarRocksStandIn

EVERY_TYPE = """
CREATE TABLE ab.types (
  id INT NOT NULL, flag BOOLEAN, tiny TINYINT, small SMALLINT, big BIGINT, real_ FLOAT,
  half DOUBLE, money DECIMAL(12, 2), day DATE, moment DATETIME, word VARCHAR(65533), doc JSON
) DUPLICATE KEY (id) DISTRIBUTED BY HASH(id) BUCKETS 1
"""
SHAPES = {
    "id": (FIELD_TYPE.LONG, 11, 0),
    "flag": (FIELD_TYPE.TINY, 1, 0),
    "tiny": (FIELD_TYPE.TINY, 4, 0),
    "small": (FIELD_TYPE.SHORT, 6, 0),
    "big": (FIELD_TYPE.LONGLONG, 20, 0),
    "real_": (FIELD_TYPE.FLOAT, 12, 31),
    "half": (FIELD_TYPE.DOUBLE, 22, 31),
    "money": (FIELD_TYPE.NEWDECIMAL, 16, 2),
    "day": (FIELD_TYPE.DATE, 10, 0),
    "moment": (FIELD_TYPE.DATETIME, 19, 0),
    "word": (FIELD_TYPE.VAR_STRING, 1048576, 0),
    "doc": (FIELD_TYPE.STRING, 60, 0),
}


def shapes(client: Client) -> dict[str, tuple[int, int, int]]:
    return {column[0]: (column[1], column[3], column[5]) for column in client.cursor.description}


@pytest.mark.parametrize(
    "values", ["(1, true, 1, 2, 3, 0.5, 0.1, 1.5, '2026-01-02', '2026-01-02', 'w', '{}')", None]
)
def test_columns_have_their_types_with_values_and_without(
    client: Client, values: str | None
) -> None:
    client.run(EVERY_TYPE)
    if values:
        client.run(f"INSERT INTO ab.types VALUES {values}")
    client.rows("SELECT * FROM ab.types")
    assert shapes(client) == SHAPES


def test_nulls_keep_the_type_of_their_column(client: Client) -> None:
    client.run(EVERY_TYPE)
    client.run("INSERT INTO ab.types (id) VALUES (1)")
    assert client.rows("SELECT * FROM ab.types") == [(1, *[None] * 11)]
    assert shapes(client) == SHAPES


def test_booleans_are_whole_numbers(client: Client) -> None:
    client.run(EVERY_TYPE)
    client.run("INSERT INTO ab.types (id, flag) VALUES (1, true), (2, false)")
    assert client.rows("SELECT flag FROM ab.types ORDER BY id") == [(1,), (0,)]


def test_times_keep_their_microseconds(client: Client) -> None:
    client.run(EVERY_TYPE)
    moment = datetime.fromisoformat("2026-01-02 03:04:05.678901")
    client.run(
        "INSERT INTO ab.types (id, moment, day) VALUES (1, %s, %s)", (str(moment), "2026-01-02")
    )
    assert client.rows("SELECT moment, day FROM ab.types") == [(moment, date(2026, 1, 2))]


@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e300, 5e-324, -0.0, 123456789.123456789])
def test_doubles_come_back_exactly(client: Client, value: float) -> None:
    client.run(EVERY_TYPE)
    client.run("INSERT INTO ab.types (id, half) VALUES (1, %s)", (repr(value),))
    [(back,)] = client.rows("SELECT half FROM ab.types")
    assert (back, math.copysign(1, back)) == (value, math.copysign(1, value))


def test_json_comes_as_text_in_the_clusters_own_writing(client: Client) -> None:
    client.run(EVERY_TYPE)
    value = {"a": [1, "ü", None], "b": {"c": True}}
    client.run(
        "INSERT INTO ab.types (id, doc) SELECT 1, parse_json(%s)",
        (json.dumps(value, separators=(",", ":")),),
    )
    [(text,)] = client.rows("SELECT doc FROM ab.types")
    assert text == json.dumps(value, ensure_ascii=False)


def test_numbers_that_are_computed(standing: Client) -> None:
    assert standing.rows(
        "SELECT sum(big) AS total, 1 / 0 AS nothing, CAST(1.5 AS DECIMAL(4, 2)) AS money "
        "FROM (SELECT CAST(9007199254740993 AS BIGINT) AS big) AS one"
    ) == [(9007199254740993, None, Decimal("1.50"))]
    assert shapes(standing)["total"] == (FIELD_TYPE.LONGLONG, 20, 0)


def test_columns_without_a_name_are_called_as_they_were_written(standing: Client) -> None:
    standing.rows("SELECT count(*), n, max(x) AS `Most X` FROM ab.days GROUP BY n")
    assert list(shapes(standing)) == ["count(*)", "n", "Most X"]


def test_a_table_may_be_named_without_the_database_in_use(
    client: Client, connect: Callable[..., Client]
) -> None:
    assert connect(database="ab").rows("SELECT tag FROM days") == []
    assert client.code("SELECT tag FROM days") == 1046
    client.connection.select_db("ab")
    assert client.rows("WITH w AS (SELECT tag FROM days) SELECT tag FROM w") == []


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("SELECT a FROM ab.nope", 5502, "Unknown table 'ab.nope'"),
        ("SELECT a FROM nowhere.t", 5501, "Unknown database 'nowhere'"),
        ("SELECT a FROM information_schema.nope", 5502, "Unknown table 'information_schema.nope'"),
        ("SELECT nope FROM ab.days", 1064, "nope"),
        ("SELEC 1", 1064, "syntax"),
        ("SELECT FROM", 1064, "syntax"),
        ("SELECT 'open", 1064, "syntax"),
        ("", 1064, "<EOF>"),
        ("SELECT 1; SELECT 2", 1064, "one statement at a time"),
        ('SELECT "tag" FROM ab.days', 1064, "double quotes"),
        ("SELECT tag || 'x' FROM ab.days", 1064, "logical OR"),
        ("SELECT tag::INT FROM ab.days", 1064, "CAST"),
        ("SELECT nofunction(tag) FROM ab.days", 1064, "nofunction"),
        ("SELECT nofunction()", 1064, "No matching function"),
        ("SELECT CAST(tag AS ARRAY<INT>) FROM ab.days", 1064, "types"),
        ("SELECT INTERVAL 1 DAY AS i", 1064, "cannot send"),
        ("SELECT @@nope", 1193, "Unknown system variable 'nope'"),
        ("SELECT * FROM information_schema.load_tracking_logs", 1064, "filtered"),
        ("(SELECT 1) + 2", 1064, "a query"),
        ("BEGIN", 1064, "no transactions"),
        ("EXPLAIN SELECT 1", 1064, "EXPLAIN"),
        ("SHOW NONSENSE", 1064, "does not know"),
        ("USE nowhere", 5501, "nowhere"),
        ("USE", 1064, "syntax"),
    ],
)
def test_what_a_cluster_or_the_stand_in_cannot_do_is_refused(
    standing: Client, text: str, code: int, told: str
) -> None:
    assert told in standing.refusal(text)
    assert standing.code(text) == code


def test_an_older_cluster_names_the_columns_of_loads_otherwise(
    client: Client, cluster: StarRocksStandIn
) -> None:
    client.run("INSERT INTO ab.days WITH LABEL l VALUES ('a', '2026-01-02', 1, 2)")
    cluster.store.insert_rows("ab", "days", ("tag", "event_date"), [("a", "2026-01-02")], "s")
    new = "SELECT LABEL, TYPE FROM information_schema.loads WHERE DB_NAME = 'ab' ORDER BY ID"
    assert client.rows(new) == [("l", "INSERT"), ("s", "STREAM")]
    client.close()
    cluster._version = "3.3.9"
    older = Client(cluster)
    assert older.rows(new.replace("DB_NAME", "DATABASE_NAME").replace("ID", "JOB_ID")) == [
        ("l", "INSERT")
    ]
    assert older.code(new) == 1064
    older.close()
