"""What goes wrong when a test wants it to."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pymysql
import pytest

from tests.starrocks.conftest import Client
from tests.starrocks.labels import LabelState
from tests.starrocks.stand_in import StarRocksStandIn

LOST = 2013
INSERT = "INSERT INTO ab.days WITH LABEL mine VALUES ('a', '2026-01-02', 1, 2)"
ALL = "SELECT tag FROM ab.days"
EMPTY = "SELECT * FROM ab.days WHERE 1 = 0"


def ended(cluster: StarRocksStandIn, label: str) -> LabelState | None:
    """The state of a label once it is not LOADING any more."""
    for _ in range(1000):
        state = cluster.labels.state("ab", label)
        if state is not LabelState.LOADING:
            return state
        time.sleep(0.01)
    return None


def test_a_connection_cut_before_a_statement_leaves_no_trace_of_it(
    client: Client, cluster: StarRocksStandIn, connect: Callable[..., Client]
) -> None:
    cluster.faults.drop("before", "^insert")
    assert client.code(INSERT) == LOST
    assert cluster.labels.state("ab", "mine") is None
    assert cluster.texts("^INSERT") == [INSERT]
    assert connect().rows(ALL) == []


def test_a_connection_cut_after_a_statement_loses_the_answer_alone(
    client: Client, cluster: StarRocksStandIn, connect: Callable[..., Client]
) -> None:
    cluster.faults.drop("after", "^INSERT")
    assert client.code(INSERT) == LOST
    assert cluster.labels.state("ab", "mine") is LabelState.FINISHED
    assert connect().rows(ALL) == [("a",)]


@pytest.mark.parametrize(
    ("finish", "state", "rows"),
    [(True, LabelState.FINISHED, [("a",)]), (False, LabelState.CANCELLED, [])],
)
def test_a_statement_cut_off_in_the_middle_ends_as_the_test_says(  # noqa: PLR0917  fixtures
    client: Client,
    cluster: StarRocksStandIn,
    connect: Callable[..., Client],
    finish: bool,
    state: LabelState,
    rows: list[tuple[str]],
) -> None:
    fault = cluster.faults.drop("during", "^INSERT", finish=finish, holds=True)
    assert client.code(INSERT) == LOST
    again = connect()
    assert cluster.labels.state("ab", "mine") is LabelState.LOADING
    assert again.rows(ALL) == []
    assert again.refusal(INSERT) == "Label [mine] has already been used."
    fault.release()
    assert ended(cluster, "mine") is state
    assert again.rows(ALL) == rows


def test_an_overwrite_can_end_before_its_rows_take_their_place(
    client: Client, cluster: StarRocksStandIn, connect: Callable[..., Client]
) -> None:
    client.run(INSERT)
    cluster.faults.drop("during", "OVERWRITE", swap=False)
    partition = "PARTITION(tag='a', event_date='2026-01-02')"
    assert client.code(f"INSERT OVERWRITE ab.days {partition} WITH LABEL o {EMPTY}") == LOST
    assert ended(cluster, "o") is LabelState.FINISHED
    assert connect().rows(ALL) == [("a",)]


@pytest.mark.parametrize("when", ["during", "after"])
def test_queries_and_ddl_can_be_cut_off_too(
    client: Client, cluster: StarRocksStandIn, when: str, connect: Callable[..., Client]
) -> None:
    cluster.faults.drop(when, "^(SELECT|CREATE)", times=2)  # type: ignore[arg-type]
    assert client.code(ALL) == LOST
    assert connect().code("CREATE DATABASE IF NOT EXISTS more") == LOST
    assert connect().rows(ALL) == []


def test_an_error_is_answered_as_often_as_it_is_asked_for(
    client: Client, cluster: StarRocksStandIn
) -> None:
    cluster.faults.answer("days", 1064, "forward failed", times=2)
    assert [client.refusal(ALL), client.refusal(ALL)] == ["forward failed"] * 2
    assert client.rows(ALL) == []
    assert [item.code for item in cluster.statements if item.text == ALL] == [1064, 1064, None]


def test_a_statement_can_be_made_to_take_its_time(
    client: Client, cluster: StarRocksStandIn
) -> None:
    fault = cluster.faults.sleep("days", 60)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.rows, ALL)
        assert fault.reached.wait(10)
        assert not waiting.done()
        fault.release()
        assert waiting.result(10) == []


def test_connections_are_refused_until_they_are_accepted(
    client: Client, cluster: StarRocksStandIn
) -> None:
    port = cluster.port
    for _ in range(2):
        cluster.faults.refuse_connections()
        with pytest.raises(pymysql.OperationalError) as caught:
            Client(cluster)
        assert caught.value.args[0] == 2003
    assert client.rows(ALL) == []
    for _ in range(2):
        cluster.faults.accept_connections()
        Client(cluster).close()
    assert cluster.port == port


def test_connections_are_accepted_by_themselves_after_a_time(cluster: StarRocksStandIn) -> None:
    cluster.faults.refuse_connections(0.05)
    assert cluster.faults.opened.wait(10)
    Client(cluster).close()


def test_a_cluster_that_refuses_connections_ends_too(cluster: StarRocksStandIn) -> None:
    cluster.faults.refuse_connections(60)


def test_every_connection_can_be_cut(client: Client, cluster: StarRocksStandIn) -> None:
    cluster.faults.drop_connections()
    assert client.code(ALL) == LOST
    Client(cluster).close()


def test_a_held_statement_does_not_hold_the_end_of_the_cluster(
    client: Client, cluster: StarRocksStandIn
) -> None:
    fault = cluster.faults.hold("days")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.code, ALL)
        assert fault.reached.wait(10)
        cluster.__exit__(None, None, None)
        assert waiting.result(10) == LOST


def test_a_failure_of_the_stand_in_itself_is_no_lost_connection(
    client: Client, cluster: StarRocksStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster.store, "table", lambda *_: 1 // 0)
    assert client.code(ALL) == 1105
    assert "ZeroDivisionError" in client.refusal(ALL)


def test_an_insert_that_duckdb_refuses_is_cancelled(
    client: Client, cluster: StarRocksStandIn
) -> None:
    with cluster.store.connected() as connection:
        connection.execute("DROP TABLE ab.days")
    assert client.code(INSERT) == 1064
    assert cluster.labels.state("ab", "mine") is LabelState.CANCELLED
