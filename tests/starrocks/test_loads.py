"""INSERT INTO, INSERT OVERWRITE and their labels."""

import pytest

from tests.starrocks.conftest import Client
from tests.starrocks.labels import LabelState
from tests.starrocks.stand_in import StarRocksStandIn

PARTITION = "PARTITION(tag='a', event_date='2026-01-02')"
ROW = "SELECT 'a' AS tag, CAST('2026-01-02' AS DATE) AS event_date, 7 AS n, 0.5 AS x"
ALL = "SELECT tag, CAST(event_date AS VARCHAR) AS day, n FROM ab.days ORDER BY tag, day, n"


def test_an_insert_adds_rows_and_says_how_many(client: Client) -> None:
    assert (
        client.run(
            "INSERT INTO ab.days VALUES ('a', '2026-01-02', 1, 2), ('b', '2026-01-02', 2, 3)"
        )
        == 2
    )
    assert client.rows(ALL) == [("a", "2026-01-02", 1), ("b", "2026-01-02", 2)]


def test_an_insert_says_its_label_and_transaction(client: Client) -> None:
    client.run(f"INSERT INTO ab.days WITH LABEL mine {ROW}")
    assert client.connection._result is not None
    assert client.connection._result.message == (
        b"{'label':'mine', 'status':'VISIBLE', 'txnId':'10001'}"
    )


def test_columns_that_are_not_named_become_null(client: Client) -> None:
    client.run("INSERT INTO ab.days (event_date, tag) VALUES ('2026-01-02', 'a')")
    assert client.rows("SELECT n, x FROM ab.days") == [(None, None)]


def test_values_of_the_driver_arrive_as_they_were(client: Client) -> None:
    text = 'it\'s \\ "q" % _ \n\t\r\x00\x1a ü 😀'
    client.run("CREATE TABLE ab.texts (t VARCHAR(100)) DUPLICATE KEY (t)")
    client.run("INSERT INTO ab.texts VALUES (%s)", (text,))
    assert client.rows("SELECT t FROM ab.texts WHERE t = %s", (text,)) == [(text,)]


def test_an_overwrite_replaces_its_partition_alone(client: Client) -> None:
    client.run("INSERT INTO ab.days VALUES ('a', '2026-01-02', 1, 0), ('a', '2026-01-03', 2, 0)")
    assert client.run(f"INSERT OVERWRITE ab.days {PARTITION} {ROW}") == 1
    assert client.rows(ALL) == [("a", "2026-01-02", 7), ("a", "2026-01-03", 2)]


def test_an_overwrite_by_nothing_empties_its_partition(client: Client) -> None:
    client.run("INSERT INTO ab.days VALUES ('a', '2026-01-02', 1, 0), ('a', '2026-01-03', 2, 0)")
    assert (
        client.run(f"INSERT OVERWRITE ab.days {PARTITION} SELECT * FROM ab.days WHERE 1 = 0") == 0
    )
    assert client.rows(ALL) == [("a", "2026-01-03", 2)]


def test_an_overwrite_without_a_partition_replaces_the_whole_table(client: Client) -> None:
    client.run("INSERT INTO ab.days VALUES ('b', '2026-01-02', 1, 0), ('c', '2026-01-03', 2, 0)")
    client.run(f"INSERT OVERWRITE ab.days {ROW}")
    assert client.rows(ALL) == [("a", "2026-01-02", 7)]


def test_a_row_outside_the_partition_fails_the_statement_and_changes_nothing(
    client: Client, cluster: StarRocksStandIn
) -> None:
    client.run("INSERT INTO ab.days VALUES ('a', '2026-01-02', 1, 0)")
    text = (
        f"INSERT OVERWRITE ab.days {PARTITION} WITH LABEL bad {ROW} UNION ALL "
        "SELECT 'b', CAST('2026-01-02' AS DATE), 8, 0.5"
    )
    assert "Insert has filtered data in strict mode" in client.refusal(text)
    assert client.rows(ALL) == [("a", "2026-01-02", 1)]
    assert cluster.labels.state("ab", "bad") is LabelState.CANCELLED


def test_the_tracking_log_tells_why_rows_did_not_fit(client: Client) -> None:
    told = client.refusal("INSERT INTO ab.days (tag, event_date) VALUES (NULL, '2026-01-02')")
    query = told.partition("tracking sql = ")[2]
    assert client.rows(query) == [
        ("Error: NULL value in non-nullable column 'tag'. (1 rows)",),
    ]


def test_an_overwrite_by_day_takes_the_day_of_a_time(client: Client) -> None:
    client.run(
        "CREATE TABLE ab.events (event_time DATETIME NOT NULL, n INT) DUPLICATE KEY (event_time) "
        "PARTITION BY date_trunc('day', event_time) DISTRIBUTED BY RANDOM BUCKETS 1"
    )
    client.run(
        "INSERT INTO ab.events VALUES ('2026-01-02 03:00:00', 1), ('2026-01-03 03:00:00', 2)"
    )
    client.run(
        "INSERT OVERWRITE ab.events PARTITION(event_time='2026-01-02') "
        "SELECT CAST('2026-01-02 23:59:59.999999' AS DATETIME) AS t, 3 AS n"
    )
    assert client.rows("SELECT n FROM ab.events ORDER BY n") == [(2,), (3,)]


@pytest.mark.parametrize(
    ("value", "kept"),
    [("1.9", 1), ("'12'", 12), ("NULL", None), ("true", 1)],
)
def test_values_are_converted_as_a_load_converts_them(
    client: Client, value: str, kept: int | None
) -> None:
    client.run(f"INSERT INTO ab.days (tag, event_date, n) SELECT 'a', '2026-01-02', {value}")
    assert client.rows("SELECT n FROM ab.days") == [(kept,)]


@pytest.mark.parametrize(
    "row",
    [
        "'a', '2026-01-02', 'seven', 1",
        "'a', 'some day', 7, 1",
        f"'{'a' * 21}', '2026-01-02', 7, 1",
        "NULL, '2026-01-02', 7, 1",
        "'a', '2026-01-02', 99999999999999999999, 1",
    ],
)
def test_what_does_not_fit_its_column_fails_the_load(standing: Client, row: str) -> None:
    assert standing.code(f"INSERT INTO ab.days SELECT {row}") == 1064
    assert standing.rows(ALL) == []


def test_a_label_is_taken_once(client: Client) -> None:
    client.run(f"INSERT INTO ab.days WITH LABEL once {ROW}")
    assert client.refusal(f"INSERT INTO ab.days WITH LABEL once {ROW}") == (
        "Label [once] has already been used."
    )
    assert len(client.rows(ALL)) == 1


def test_a_cancelled_label_may_be_used_again(client: Client) -> None:
    client.code("INSERT INTO ab.days WITH LABEL twice SELECT 'a', 'no day', 1, 1")
    assert client.run(f"INSERT INTO ab.days WITH LABEL twice {ROW}") == 1


def test_a_test_can_put_a_label_into_a_state(client: Client, cluster: StarRocksStandIn) -> None:
    cluster.labels.set_state("ab", "other", LabelState.LOADING)
    assert client.rows("SELECT state FROM information_schema.loads WHERE label = 'other'") == [
        ("LOADING",)
    ]
    assert client.code(f"INSERT INTO ab.days WITH LABEL other {ROW}") == 1064
    cluster.labels.set_state("ab", "other", LabelState.CANCELLED)
    assert client.run(f"INSERT INTO ab.days WITH LABEL other {ROW}") == 1


def test_loads_are_listed_with_their_rows(client: Client) -> None:
    client.run(f"INSERT INTO ab.days WITH LABEL listed {ROW}")
    found = client.rows(
        "SELECT DB_NAME, TABLE_NAME, TYPE, STATE, SINK_ROWS FROM information_schema.loads "
        "WHERE LABEL = 'listed'"
    )
    assert found == [("ab", "days", "INSERT", "FINISHED", 1)]


def test_a_statement_is_kept_with_its_comments_and_label(
    client: Client, cluster: StarRocksStandIn
) -> None:
    text = f"/* asset: x */ /* two */ INSERT INTO ab.days WITH LABEL noted {ROW}"
    client.run(text)
    last = cluster.statements[-1]
    assert (last.text, last.label, last.user, last.affected) == (text, "noted", "writer", 1)
    assert cluster.texts("^/\\* asset") == [text]
    cluster.forget_statements()
    assert cluster.statements == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("INSERT INTO ab.days SELECT 1", "column count: 4 doesn't match select/value column count"),
        ("INSERT INTO ab.days (tag) SELECT 'a'", "'event_date' must be explicitly mentioned"),
        ("INSERT INTO ab.days (tag, tag) SELECT 'a', 'b'", "'tag' specified twice"),
        ("INSERT INTO ab.days (nope) SELECT 'a'", "Unknown column 'nope'"),
        ("INSERT OVERWRITE ab.days PARTITION(tag='a') SELECT 1", "partitioned by tag, event_date"),
        ("INSERT OVERWRITE ab.days PARTITION(tag='a', event_date='x') SELECT 1", "Invalid date"),
        ("INSERT OVERWRITE ab.days PARTITION(p1) SELECT 1", "by the values of their columns"),
        ("INSERT OVERWRITE ab.days PARTITION(tag=x, event_date='y') SELECT 1", "a literal"),
        ("INSERT ab.days SELECT 1", "OVERWRITE or INTO"),
        ("INSERT INTO 'days' SELECT 1", "a name"),
        ("INSERT INTO ab.days (tag SELECT 1", "Unexpected input 'SELECT'"),
        ("INSERT INTO ab.days", "Unexpected input '<EOF>'"),
        ("INSERT INTO ab.days WITH LABEL", "Unexpected input '<EOF>'"),
        ("INSERT INTO ab.days PARTITION(tag=", "Unexpected input '<EOF>'"),
        ("INSERT INTO ab.days VALUES (pi(), 1, 1, 1)", "pi"),
    ],
)
def test_an_insert_that_makes_no_sense_is_refused(standing: Client, text: str, told: str) -> None:
    assert told in standing.refusal(text)


def test_a_table_without_partitions_takes_no_partition(client: Client) -> None:
    client.run("CREATE TABLE ab.flat (n INT) DUPLICATE KEY (n) DISTRIBUTED BY RANDOM")
    assert client.code("INSERT OVERWRITE ab.flat PARTITION(n='1') SELECT 1") == 5009


def test_hints_and_literal_types_are_passed_over(client: Client) -> None:
    client.run(
        "INSERT /*+ SET_VAR(query_timeout = 10) */ OVERWRITE TABLE `ab`.`days` PARTITION "
        "(`tag`='a', event_date = DATE '2026-01-02') WITH LABEL `0f` (`tag`, event_date, n, x)\n"
        "SELECT /*+ SET_VAR(query_timeout = 10) */ 'a' AS tag, DATE '2026-01-02' AS d, 1, 2;"
    )
    assert client.rows(ALL) == [("a", "2026-01-02", 1)]
