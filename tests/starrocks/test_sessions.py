"""Logging in, variables, many sessions at once, and the end of all threads."""

import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pymysql
import pytest
import sqlalchemy as sa

from tests.starrocks.conftest import DAYS, Client
from tests.starrocks.mysql_client import Account
from tests.starrocks.stand_in import StarRocksStandIn


@pytest.mark.parametrize(("user", "password"), [("writer", "wrong"), ("nobody", "secret")])
def test_a_wrong_password_is_refused(cluster: StarRocksStandIn, user: str, password: str) -> None:
    with pytest.raises(pymysql.OperationalError) as caught:
        pymysql.connect(
            host="127.0.0.1", port=cluster.port, user=user, password=password, ssl_disabled=True
        )
    assert caught.value.args == (1045, f"Access denied for user '{user}' (using password: YES)")


def test_an_unknown_database_is_refused_after_the_password(cluster: StarRocksStandIn) -> None:
    with pytest.raises(pymysql.MySQLError) as caught:
        Client(cluster, database="nowhere")
    assert caught.value.args == (5501, "Unknown database 'nowhere'")


def test_the_users_are_the_tests_to_name(tmp_path: Path) -> None:
    accounts = {"someone": Account("p@ss:word")}
    with StarRocksStandIn(tmp_path / "c.duckdb", accounts=accounts, databases=("mine",)) as cluster:
        client = Client(cluster, "someone", database="mine")
        assert client.rows("SELECT user(), database()") == [("'someone'@'%'", "mine")]
        client.close()


def test_a_reader_may_only_read(client: Client, connect: Callable[..., Client]) -> None:
    reader = connect("reader")
    assert reader.rows("SELECT tag FROM ab.days") == []
    assert reader.code("INSERT INTO ab.days VALUES ('a', '2026-01-02', 1, 2)") == 5203
    assert "Access denied" in reader.refusal("DROP TABLE ab.days")
    assert reader.code("ADMIN SHOW FRONTEND CONFIG LIKE 'run_mode'") == 5203


def test_variables_are_of_the_session(client: Client, connect: Callable[..., Client]) -> None:
    client.run("SET time_zone = 'UTC', @@query_timeout = 20, SESSION enable_insert_strict = true")
    client.run("SET NAMES utf8mb4")
    assert client.rows("SHOW VARIABLES LIKE 'time\\_zone'") == []
    assert client.rows("SHOW VARIABLES LIKE 'time_zone'") == [("time_zone", "UTC")]
    assert client.rows("SELECT @@query_timeout AS q, 1 AS one") == [("20", 1)]
    assert connect().rows("SELECT @@time_zone") == [("Asia/Shanghai",)]
    assert client.rows("SHOW WARNINGS") == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SET nonsense = 1", 1193),
        ("SET query_timeout = 'long'", 1232),
        ("SET time_zone = 'no zone at all'", 1298),
        ("SET GLOBAL query_timeout = 1", 5203),
        ("SET", 1064),
        ("SET TRANSACTION ISOLATION LEVEL READ COMMITTED", 1064),
    ],
)
def test_a_variable_that_cannot_be_set_is_refused(standing: Client, text: str, code: int) -> None:
    assert standing.code(text) == code


def test_a_slow_query_ends_at_its_time_out(client: Client) -> None:
    client.run("SET query_timeout = 1")
    numbers = "SELECT column_name FROM information_schema.columns"
    many = " CROSS JOIN ".join(f"({numbers}) AS t{index}" for index in range(16))
    assert client.code(f"SELECT count(*) AS n FROM {many}") == 5024


def test_a_slow_statement_blocks_nobody(
    client: Client, cluster: StarRocksStandIn, connect: Callable[..., Client]
) -> None:
    held = cluster.faults.hold("SELECT 1 AS slow")
    slow = connect()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(slow.rows, "SELECT 1 AS slow")
        assert held.reached.wait(10)
        assert client.rows("SELECT 2 AS quick") == [(2,)]
        held.release()
        assert waiting.result(10) == [(1,)]


def test_sixteen_sessions_overwrite_their_partitions_at_once(
    client: Client, connect: Callable[..., Client]
) -> None:
    clients = [connect() for _ in range(16)]

    def overwrite(number: int) -> int:
        return clients[number].run(
            f"INSERT OVERWRITE ab.days PARTITION(tag='t{number}', event_date='2026-01-02') "
            f"SELECT 't{number}', CAST('2026-01-02' AS DATE), {number}, 1.5"
        )

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(overwrite, range(16))) == [1] * 16
    assert client.rows("SELECT count(*) AS n, sum(n) AS total FROM ab.days") == [(16, 120)]


def test_many_rows_arrive(client: Client, cluster: StarRocksStandIn) -> None:
    rows = [("a", "2026-01-02", number) for number in range(40_000)]
    cluster.store.insert_rows("ab", "days", ("tag", "event_date", "n"), rows, "many")
    back = client.rows("SELECT n FROM ab.days ORDER BY n")
    assert back == [(number,) for number in range(40_000)]


def test_all_threads_end_with_the_cluster(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with StarRocksStandIn(tmp_path / "c.duckdb") as cluster:
        client = Client(cluster)
        assert client.rows("SELECT 1") == [(1,)]
        assert set(threading.enumerate()) - before
    assert set(threading.enumerate()) == before
    with pytest.raises(pymysql.OperationalError):
        client.rows("SELECT 1")
    client.close()


def test_other_commands_are_unknown(client: Client) -> None:
    client.connection._execute_command(0x16, "SELECT ?")  # COM_STMT_PREPARE
    with pytest.raises(pymysql.MySQLError, match="Unknown command"):
        client.connection._read_packet()
    client.connection.ping(reconnect=False)


def test_the_dialect_of_sqlalchemy_sees_tables_and_columns(cluster: StarRocksStandIn) -> None:
    engine = sa.create_engine(cluster.url.partition("?")[0], connect_args={"ssl_disabled": True})
    try:
        with engine.connect() as connection:
            assert connection.exec_driver_sql(DAYS).rowcount == 0
            added = connection.exec_driver_sql(
                "INSERT INTO ab.days VALUES (%(tag)s, %(day)s, 1, 0.5)",
                {"tag": "a", "day": "2026-01-02"},
            )
            assert added.rowcount == 1
            query = sa.text("SELECT tag, x FROM ab.days WHERE tag = :tag")
            assert connection.execute(query, {"tag": "a"}).all() == [("a", 0.5)]
        inspector = sa.inspect(engine)
        assert inspector.has_table("days", schema="ab")
        assert not inspector.has_table("nights", schema="ab")
        assert inspector.get_table_names("ab") == ["days"]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of the dialect, reading itself
            columns = inspector.get_columns("days", schema="ab")
        assert [
            (column["name"], str(column["type"]), column["nullable"]) for column in columns
        ] == [
            ("tag", "VARCHAR(20)", False),
            ("event_date", "DATE", False),
            ("n", "BIGINT", True),
            ("x", "DOUBLE", True),
        ]
        assert engine.dialect.server_version_info == (3, 5, 2)
    finally:
        engine.dispose()


def test_the_location_is_that_of_the_url(cluster: StarRocksStandIn) -> None:
    location = cluster.location
    assert (location.host, location.port, location.user) == ("127.0.0.1", cluster.port, "writer")
    assert location.http_port == cluster.http_port
    assert location.database == "ab"
