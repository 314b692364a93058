"""What goes wrong on the way to a cluster: the right end, and no row lost or there twice."""

import threading
import time as real_time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import polars as pl
import pytest

from ab_assets.errors import WarehouseError
from ab_assets.warehouse.starrocks import connection as connections
from ab_assets.warehouse.starrocks import engine as engines
from ab_assets.warehouse.starrocks import labels
from ab_assets.warehouse.starrocks.errors import Patience
from ab_assets.warehouse.starrocks.warehouse import StarRocksWarehouse
from ab_assets.warehouse.statements import Statement
from ab_assets.warehouse.tables import Column, TableDefinition
from tests.starrocks.faults import Fault
from tests.starrocks.labels import LabelState
from tests.starrocks.stand_in import StarRocksStandIn
from tests.warehouse.conftest import DAY, TABLE, provenance, rows_of
from tests.warehouse.starrocks.conftest import Time, users_of, warehouse_on

PARTITION = {"tag": "retention", "event_date": DAY}
ROWS = rows_of({"a": 1, "b": 2})
QUERY = Statement(
    "toy.sql",
    "SELECT :tag AS tag, :day AS event_date, x.u AS user_id, x.n AS n, 0.5 AS share "
    "FROM (SELECT 'a' AS u, 1 AS n UNION ALL SELECT 'b' AS u, 2 AS n) AS x",
    {"tag": "retention", "day": DAY},
)
INSERT = Statement(
    "insert.sql",
    "INSERT INTO ab.toy (tag, event_date, user_id, n) "
    "SELECT :tag, :day, x.u, x.n "
    "FROM (SELECT 'a' AS u, 1 AS n UNION ALL SELECT 'b' AS u, 2 AS n) AS x",
    QUERY.parameters,
)
DELETE = Statement("delete.sql", "DELETE FROM ab.toy WHERE n > 2")
WIDER = replace(TABLE, columns=(*TABLE.columns, Column("late", "BIGINT")))
OTHER = replace(TABLE, name="other")
Call = Callable[[StarRocksWarehouse], object]

# What is called, and the statement of it that meets the fault.
CALLS: dict[str, tuple[Call, str]] = {
    "overwrite": (lambda it: it.overwrite(TABLE, PARTITION, QUERY, provenance()), "OVERWRITE"),
    "its columns": (lambda it: it.overwrite(TABLE, PARTITION, QUERY), "LIMIT 0"),
    "its count": (lambda it: it.overwrite(TABLE, PARTITION, QUERY), "SELECT count"),
    "overwrite rows": (lambda it: it.overwrite_rows(TABLE, PARTITION, ROWS), "OVERWRITE"),
    "its stage": (lambda it: it.overwrite_rows(TABLE, PARTITION, ROWS), "CREATE TABLE .*ab_stage"),
    "its drop": (lambda it: it.overwrite_rows(TABLE, PARTITION, ROWS), "DROP TABLE"),
    "writing": (
        lambda it: it.overwrite_rows(TABLE, PARTITION, ROWS, provenance()),
        "INSERT INTO ab.partition_provenance.*'writing'",
    ),
    "written": (
        lambda it: it.overwrite_rows(TABLE, PARTITION, ROWS, provenance()),
        "INSERT INTO ab.partition_provenance.*'full'",
    ),
    "forgetting": (
        lambda it: it.overwrite_rows(TABLE, PARTITION, ROWS, provenance()),
        "DELETE FROM ab.partition_provenance",
    ),
    "append": (lambda it: it.append(TABLE, ROWS), "INSERT INTO"),
    "insert": (lambda it: it.execute(INSERT), "INSERT INTO"),
}


@pytest.fixture(autouse=True)
def made(star: StarRocksWarehouse, cluster: StarRocksStandIn) -> None:
    star.ensure(TABLE)
    cluster.forget_statements()


@pytest.fixture
def known_labels(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The labels that are used, in order."""
    given = [f"ab_known_{number}" for number in range(20)]
    left = iter(given)
    monkeypatch.setattr(labels, "new_label", lambda _name: next(left))
    return given


def ended(cluster: StarRocksStandIn, fault: Fault) -> Callable[[], None]:
    """Lets a held statement go on, and waits until it came to its end."""

    def end() -> None:
        fault.release()
        for _ in range(3000):
            running = [load for load in cluster.labels.loads() if load.state == "LOADING"]
            if not running:
                return
            real_time.sleep(0.01)

    return end


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", CALLS)
def test_a_connection_that_is_cut_changes_no_result(
    name: str, when: str, star: StarRocksWarehouse, cluster: StarRocksStandIn
) -> None:
    call, pattern = CALLS[name]
    fault = cluster.faults.drop(when, pattern)  # type: ignore[arg-type]
    assert call(star) == 2
    assert fault.reached.is_set()
    assert users_of(star) == {"a": 1, "b": 2}
    assert [made.path for made in star.read_provenance("ab.toy")] in ([], ["full"])
    assert {"toy", "partition_provenance"} >= set(star.tables("ab"))


@pytest.mark.parametrize("finish", [True, False])
@pytest.mark.parametrize("name", ["overwrite", "overwrite rows", "append", "insert", "written"])
def test_a_statement_that_still_runs_when_its_connection_is_cut_is_waited_for(
    name: str, finish: bool, star: StarRocksWarehouse, cluster: StarRocksStandIn, time: Time
) -> None:
    call, pattern = CALLS[name]
    fault = cluster.faults.drop("during", pattern, finish=finish, holds=True)
    # It is sent again, refused because the first one runs, and then the first one ends.
    time.meanwhile = [lambda: None, ended(cluster, fault)]
    assert call(star) == 2
    assert users_of(star) == {"a": 1, "b": 2}
    states = [load.state for load in cluster.labels.loads() if load.kind == "INSERT"]
    assert (LabelState.CANCELLED in states) is not finish


@pytest.mark.parametrize("name", ["overwrite", "overwrite rows"])
def test_an_overwrite_whose_frontend_goes_before_the_swap_is_made_again(
    name: str, star: StarRocksWarehouse, cluster: StarRocksStandIn
) -> None:
    star.append(TABLE, rows_of({"old": 1}))
    cluster.faults.drop("during", "OVERWRITE", swap=False)
    assert CALLS[name][0](star) == 2
    assert users_of(star) == {"a": 1, "b": 2}


@pytest.mark.parametrize("name", CALLS)
def test_a_frontend_that_asks_its_leader_in_vain_is_asked_again(
    name: str, star: StarRocksWarehouse, cluster: StarRocksStandIn
) -> None:
    call, pattern = CALLS[name]
    cluster.faults.answer(pattern, 1064, "forward failed: leader is restarting", times=3)
    assert call(star) == 2
    assert users_of(star) == {"a": 1, "b": 2}


def test_a_frontend_that_restarts_for_minutes_is_waited_for(
    star: StarRocksWarehouse, cluster: StarRocksStandIn, time: Time
) -> None:
    def back_after_three_minutes() -> None:
        if time.now >= 180:
            cluster.faults.accept_connections()
        else:
            time.meanwhile.append(back_after_three_minutes)

    time.meanwhile = [back_after_three_minutes]
    with star.session():
        star.fetch(QUERY)
        cluster.faults.refuse_connections()
        cluster.faults.drop_connections()
        assert star.overwrite(TABLE, PARTITION, QUERY, provenance()) == 2
    assert time.now >= 180
    assert users_of(star) == {"a": 1, "b": 2}
    assert len(star.read_provenance("ab.toy")) == 1


def test_a_frontend_that_stays_away_is_an_error_and_the_next_run_is_right(
    star: StarRocksWarehouse, cluster: StarRocksStandIn, time: Time
) -> None:
    star.overwrite_rows(TABLE, PARTITION, rows_of({"old": 1}), provenance())
    cluster.faults.refuse_connections()
    cluster.faults.drop_connections()
    told = r"^toy\.sql into ab\.toy \(tag=retention, event_date=2026-01-02\): .*nothing answers"
    with pytest.raises(WarehouseError, match=told):
        star.overwrite(TABLE, PARTITION, QUERY, provenance())
    cluster.faults.accept_connections()
    assert users_of(star) == {"old": 1}
    star.overwrite(TABLE, PARTITION, QUERY, provenance())
    assert users_of(star) == {"a": 1, "b": 2}


def test_a_kept_connection_the_cluster_closed_is_replaced(
    star: StarRocksWarehouse, cluster: StarRocksStandIn, time: Time
) -> None:
    star.fetch(QUERY)
    cluster.faults.drop_connections()
    assert star.fetch(QUERY).height == 2
    assert time.waits == []


def test_a_statement_over_its_time_limit_is_an_error_with_a_remedy(
    star: StarRocksWarehouse, cluster: StarRocksStandIn, time: Time
) -> None:
    cluster.faults.answer("OVERWRITE", 1064, "Query exceeded time limit of 900 seconds")
    with pytest.raises(WarehouseError, match=r"raise query_timeout .* \(it is 900 s\)"):
        star.overwrite(TABLE, PARTITION, QUERY, provenance())
    assert time.waits == []
    assert (users_of(star), star.read_provenance("ab.toy")) == ({}, [])


def test_a_cluster_that_does_not_answer_at_all_is_given_up(
    cluster: StarRocksStandIn, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_GRACE_SECONDS", 0)
    warehouse = StarRocksWarehouse(
        replace(cluster.location, query_timeout=1), Patience(sleep=time.sleep, clock=time.clock)
    )
    fault = cluster.faults.hold("toy", when="before")
    with pytest.raises(WarehouseError, match=r"^delete\.sql: .*timed out.*raise query_timeout"):
        warehouse.execute(DELETE)
    fault.release()
    warehouse.close()
    assert time.waits == []


def test_a_table_is_made_although_the_answer_is_lost(
    star: StarRocksWarehouse, cluster: StarRocksStandIn
) -> None:
    cluster.faults.drop("after", "CREATE TABLE")
    star.ensure(OTHER)
    assert star.columns("ab.other") == star.columns("ab.toy")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_column_is_added_once(
    when: str, star: StarRocksWarehouse, cluster: StarRocksStandIn
) -> None:
    cluster.faults.drop(when, "ALTER TABLE")  # type: ignore[arg-type]
    star.ensure(WIDER)
    assert star.columns("ab.toy")["late"] == "BIGINT"
    assert len(cluster.texts("ALTER TABLE")) == (2 if when == "before" else 1)


def test_a_column_that_never_comes_is_an_error(
    star: StarRocksWarehouse, monkeypatch: pytest.MonkeyPatch, time: Time
) -> None:
    monkeypatch.setattr(connections.StarRocksConnection, "execute", lambda *_, **__: 0)
    with pytest.raises(WarehouseError, match="late is not there after 240 s; look at SHOW ALTER"):
        star.ensure(WIDER)
    assert time.now >= 240


@pytest.mark.parametrize("when", ["before", "after"])
def test_days_are_dropped_although_the_answer_is_lost(
    when: str, star: StarRocksWarehouse, cluster: StarRocksStandIn
) -> None:
    star.append(TABLE, ROWS)
    cluster.faults.drop(when, "DELETE FROM `ab`")  # type: ignore[arg-type]
    assert star.drop_partitions(TABLE, "retention", DAY.replace(day=9)) == 2
    assert users_of(star) == {}


def test_a_drop_whose_answer_is_lost_is_an_error_not_a_second_drop(
    star: StarRocksWarehouse, cluster: StarRocksStandIn
) -> None:
    cluster.faults.drop("after", "DROP TABLE")
    with pytest.raises(WarehouseError, match=r"^drop\.sql: .*the connection was lost"):
        star.execute(Statement("drop.sql", "DROP TABLE ab.toy"))
    assert len(cluster.texts("DROP TABLE")) == 1


RUNNING = [LabelState.PENDING, LabelState.LOADING, LabelState.PREPARED]


def test_a_finished_append_is_not_sent_again(
    star: StarRocksWarehouse, cluster: StarRocksStandIn, known_labels: list[str]
) -> None:
    cluster.labels.set_state("ab", known_labels[0], LabelState.FINISHED)
    star.append(TABLE, ROWS)
    assert users_of(star) == {}
    assert len(cluster.texts("INSERT INTO")) == 1


def test_a_cancelled_append_is_sent_again(
    star: StarRocksWarehouse, cluster: StarRocksStandIn, known_labels: list[str]
) -> None:
    cluster.labels.set_state("ab", known_labels[0], LabelState.CANCELLED)
    star.append(TABLE, ROWS)
    assert users_of(star) == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    "states",
    [(state, last) for state in RUNNING for last in (LabelState.FINISHED, LabelState.CANCELLED)],
)
def test_a_running_append_is_waited_for(
    states: tuple[LabelState, LabelState],
    star: StarRocksWarehouse,
    cluster: StarRocksStandIn,
    time: Time,
    known_labels: list[str],
) -> None:
    state, last = states
    cluster.labels.set_state("ab", known_labels[0], state)
    time.meanwhile = [lambda: None, lambda: cluster.labels.set_state("ab", known_labels[0], last)]
    star.append(TABLE, ROWS)
    assert users_of(star) == ({} if last is LabelState.FINISHED else {"a": 1, "b": 2})
    assert len(time.waits) == 2


def test_an_append_that_runs_for_ever_is_an_error(
    star: StarRocksWarehouse, cluster: StarRocksStandIn, known_labels: list[str]
) -> None:
    cluster.labels.set_state("ab", known_labels[0], LabelState.LOADING)
    told = "the load ab_known_0 was lost and it is still LOADING after 240 s; look into"
    with pytest.raises(WarehouseError, match=told):
        star.append(TABLE, ROWS)


def test_a_used_label_nothing_is_known_of_is_an_error_for_an_append(
    star: StarRocksWarehouse, cluster: StarRocksStandIn, known_labels: list[str]
) -> None:
    cluster.faults.answer("INSERT INTO", 1064, f"Label [{known_labels[0]}] has already been used.")
    with pytest.raises(WarehouseError, match="has no state for it any more"):
        star.append(TABLE, ROWS)
    assert users_of(star) == {}


@pytest.mark.parametrize("state", [*RUNNING, LabelState.FINISHED, LabelState.CANCELLED])
def test_an_overwrite_whose_label_is_used_is_made_for_certain(
    state: LabelState,
    star: StarRocksWarehouse,
    cluster: StarRocksStandIn,
    time: Time,
    known_labels: list[str],
) -> None:
    first = known_labels[0]
    cluster.labels.set_state("ab", first, state)
    time.meanwhile = [lambda: cluster.labels.set_state("ab", first, LabelState.FINISHED)]
    assert star.overwrite(TABLE, PARTITION, QUERY) == 2
    assert users_of(star) == {"a": 1, "b": 2}


def test_an_overwrite_whose_label_nothing_is_known_of_is_sent_again(
    star: StarRocksWarehouse, cluster: StarRocksStandIn, known_labels: list[str]
) -> None:
    cluster.faults.answer("OVERWRITE", 1064, f"Label [{known_labels[0]}] has already been used.")
    assert star.overwrite(TABLE, PARTITION, QUERY) == 2
    assert users_of(star) == {"a": 1, "b": 2}


@pytest.mark.parametrize("pattern", ["OVERWRITE", "INSERT INTO"])
def test_labels_that_are_all_used_are_an_error(
    pattern: str,
    star: StarRocksWarehouse,
    cluster: StarRocksStandIn,
    known_labels: list[str],
) -> None:
    for number in range(12):
        cluster.faults.answer(pattern, 1064, f"Label [ab_known_{number}] has already been used.")
    refused = LabelState.CANCELLED
    for label in known_labels:
        cluster.labels.set_state("ab", label, refused)
    with pytest.raises(WarehouseError, match=r"10 (attempts|loads) in a row"):
        CALLS["overwrite rows" if pattern == "OVERWRITE" else "append"][0](star)
    assert users_of(star) == {}


@pytest.fixture
def runs(cluster: StarRocksStandIn) -> Iterator[list[StarRocksWarehouse]]:
    """Warehouses of other processes."""
    opened = [warehouse_on(cluster, Time()) for _ in range(2)]
    yield opened
    for warehouse in opened:
        warehouse.close()


def test_two_runs_of_one_partition_leave_the_rows_of_one_of_them(
    runs: list[StarRocksWarehouse], star: StarRocksWarehouse
) -> None:
    barrier = threading.Barrier(2)

    def write(number: int) -> None:
        rows = pl.concat([rows_of({f"{number}_{user}": number}) for user in range(20)])
        record = replace(provenance(), run_id=str(number))
        barrier.wait()
        for _ in range(3):
            with suppress(WarehouseError):
                runs[number].overwrite_rows(TABLE, PARTITION, rows, record)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, range(2)))
    users = users_of(star)
    assert len(users) == 20
    assert len(set(users.values())) == 1
    recorded = {made.run_id for made in star.read_provenance("ab.toy")}
    assert recorded <= {str(number) for number in users.values()}


@pytest.mark.parametrize("first_swaps_last", [True, False])
def test_the_run_that_began_first_does_not_vouch_for_rows_of_another(
    first_swaps_last: bool,
    runs: list[StarRocksWarehouse],
    star: StarRocksWarehouse,
    cluster: StarRocksStandIn,
) -> None:
    first, second = runs
    when = "before" if first_swaps_last else "after"
    held = cluster.faults.hold("OVERWRITE.*`toy`", when=when)  # type: ignore[arg-type]
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(first.overwrite_rows, TABLE, PARTITION, ROWS, provenance())
        held.reached.wait(30)
        assert star.read_provenance("ab.toy") == []
        second.overwrite_rows(TABLE, PARTITION, rows_of({"c": 3}), provenance())
        held.release()
        told = r"^overwrite_rows into ab\.toy \(tag=.*\): another run wrote the partition"
        with pytest.raises(WarehouseError, match=told):
            slow.result()
    assert users_of(star) == ({"a": 1, "b": 2} if first_swaps_last else {"c": 3})
    assert star.read_provenance("ab.toy") == []
    second.overwrite_rows(TABLE, PARTITION, rows_of({"d": 4}), provenance())
    assert (users_of(star), len(star.read_provenance("ab.toy"))) == ({"d": 4}, 1)


def test_appends_of_many_threads_are_all_there(
    star: StarRocksWarehouse, cluster: StarRocksStandIn
) -> None:
    cluster.faults.drop("after", "INSERT INTO `ab`", times=3)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: star.append(TABLE, rows_of({f"u{n}": n})), range(8)))
    assert users_of(star) == {f"u{n}": n for n in range(8)}


def test_a_definition_is_read_anew_after_a_lost_answer(
    star: StarRocksWarehouse, cluster: StarRocksStandIn
) -> None:
    table: TableDefinition = fixed_columns("one", "two")
    star.ensure(replace(TABLE, name="wide"))
    cluster.faults.drop("after", "ADD COLUMN `one`")
    cluster.faults.answer("ADD COLUMN `two`", 1064, "forward failed", times=2)
    star.ensure(table)
    assert list(star.columns("ab.wide"))[-2:] == ["one", "two"]


def fixed_columns(*names: str) -> TableDefinition:
    columns = (*TABLE.columns, *(Column(name, "DOUBLE") for name in names))
    return replace(TABLE, name="wide", columns=columns)
