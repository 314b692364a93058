"""What is StarRocks's own; what both engines do the same is in test_parity.py."""

import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ab_assets.errors import LoadError, WarehouseError
from ab_assets.warehouse.loading_types import Chunk, FileRows
from ab_assets.warehouse.origin import origin
from ab_assets.warehouse.schema import fixed_table
from ab_assets.warehouse.starrocks import engine
from ab_assets.warehouse.starrocks.connection import StarRocksPool
from ab_assets.warehouse.starrocks.errors import Patience
from ab_assets.warehouse.starrocks.labels import ended
from ab_assets.warehouse.starrocks.location import StarRocksLocation
from ab_assets.warehouse.starrocks.warehouse import StarRocksWarehouse
from ab_assets.warehouse.statements import Statement
from ab_assets.warehouse.tables import Column, TableDefinition
from tests.starrocks.labels import LabelState
from tests.starrocks.stand_in import StarRocksStandIn
from tests.warehouse.conftest import DAY, NOW, TABLE, provenance, rows_of
from tests.warehouse.starrocks.conftest import Time, users_of

if TYPE_CHECKING:
    from ab_assets.warehouse.interface import Warehouse

PARTITION = {"tag": "retention", "event_date": DAY}
ONE = Statement("one.sql", "SELECT 1 AS a")


def test_it_is_a_warehouse(star: StarRocksWarehouse) -> None:
    as_interface: Warehouse = star
    assert as_interface.tables("ab") == []


def test_its_repr_has_no_password(star: StarRocksWarehouse, cluster: StarRocksStandIn) -> None:
    assert repr(star) == f"StarRocksWarehouse('writer' at 127.0.0.1:{cluster.port}/ab)"
    assert star.location == cluster.location


def test_nothing_is_connected_before_the_first_use(cluster: StarRocksStandIn) -> None:
    StarRocksWarehouse(cluster.location).close()
    assert cluster.statements == []


def test_a_session_is_in_utc_and_has_the_time_limit(cluster: StarRocksStandIn, time: Time) -> None:
    location = replace(cluster.location, query_timeout=77)
    warehouse = StarRocksWarehouse(location, Patience(sleep=time.sleep, clock=time.clock))
    text = "SELECT 1 AS a"
    warehouse.fetch(Statement("a.sql", text))
    warehouse.close()
    assert cluster.texts("^SET [^NA]") == [
        "SET time_zone = 'UTC', query_timeout = 77, enable_insert_strict = true",
        "SET insert_timeout = 77",
    ]


def test_a_session_has_the_resource_group_and_warehouse_of_the_url(
    cluster: StarRocksStandIn, time: Time
) -> None:
    location = replace(cluster.location, resource_group="etl", warehouse="night")
    warehouse = StarRocksWarehouse(location, Patience(sleep=time.sleep, clock=time.clock))
    warehouse.fetch(ONE)
    warehouse.close()
    assert cluster.texts("^SET (resource|ware)") == [
        "SET resource_group = 'etl'",
        "SET warehouse = 'night'",
    ]


def test_an_older_cluster_need_not_know_the_time_limit_of_inserts(
    star: StarRocksWarehouse, cluster: StarRocksStandIn
) -> None:
    cluster.faults.answer("insert_timeout", 1193, "Unknown system variable 'insert_timeout'")
    assert star.fetch(ONE).item() == 1


@pytest.mark.parametrize("variable", ["time_zone", "insert_timeout"])
def test_a_variable_the_cluster_refuses_is_an_error(
    variable: str, star: StarRocksWarehouse, cluster: StarRocksStandIn
) -> None:
    cluster.faults.answer(f"SET {variable}", 1064, "Unknown resource group")
    with pytest.raises(WarehouseError, match=r"^one\.sql: Unknown resource group"):
        star.fetch(ONE)


def test_connecting_asks_for_nothing_that_takes_rights(
    star: StarRocksWarehouse, cluster: StarRocksStandIn
) -> None:
    star.fetch(ONE)
    assert cluster.texts("ADMIN|ROLLBACK|COMMIT|AUTOCOMMIT") == []


def test_statements_say_who_asks(star: StarRocksWarehouse, cluster: StarRocksStandIn) -> None:
    with origin("retention/wide_user", "2026-01-02|retention", "4f1c"):
        star.fetch(ONE)
    assert cluster.texts("SELECT 1") == [
        "/* ab_assets asset=retention/wide_user partition=2026-01-02|retention run=4f1c */ "
        "SELECT 1 AS a"
    ]


def test_calls_in_a_session_share_a_connection(
    star: StarRocksWarehouse, cluster: StarRocksStandIn
) -> None:
    with star.session():
        star.fetch(ONE)
        with star.session():
            star.fetch(ONE)
        star.fetch(ONE)
    assert len({item.session for item in cluster.statements if "SELECT 1" in item.text}) == 1


def test_a_warehouse_nobody_has_any_more_keeps_no_connection(
    cluster: StarRocksStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[StarRocksPool] = []

    def close(pool: StarRocksPool) -> None:
        closed.append(pool)

    monkeypatch.setattr(StarRocksPool, "close", close)
    warehouse = StarRocksWarehouse(cluster.location)
    assert closed == []
    del warehouse
    assert len(closed) == 1


def test_a_process_that_has_all_its_connections_in_use_says_so(
    cluster: StarRocksStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_KEPT", 1)
    monkeypatch.setattr(engine, "_AT_MOST", 1)
    monkeypatch.setattr(engine, "_POOL_SECONDS", 0.01)
    warehouse = StarRocksWarehouse(cluster.location)
    with warehouse.session(), ThreadPoolExecutor(1) as pool:
        warehouse.fetch(ONE)
        with pytest.raises(
            WarehouseError, match="all connections this process may have are in use"
        ):
            pool.submit(warehouse.fetch, ONE).result()
    warehouse.close()


def test_a_connection_goes_back_to_the_pool_after_a_call(
    star: StarRocksWarehouse, cluster: StarRocksStandIn
) -> None:
    for _ in range(3):
        star.fetch(ONE)
    assert len({item.session for item in cluster.statements}) == 1


def test_what_a_session_wrote_before_an_error_stays(
    star: StarRocksWarehouse, toy: TableDefinition
) -> None:
    def work() -> None:
        with star.session():
            star.append(toy, rows_of({"a": 1}))
            star.fetch(Statement("a.sql", "SELECT 1 AS x FROM ab.nothing"))

    with pytest.raises(WarehouseError, match=r"^a\.sql: .*nothing.* \(StarRocks error 5502\)"):
        work()
    assert users_of(star) == {"a": 1}


def test_every_load_has_a_label_of_its_own(
    star: StarRocksWarehouse, toy: TableDefinition, cluster: StarRocksStandIn
) -> None:
    for _ in range(2):
        star.append(toy, rows_of({"a": 1}))
        star.overwrite_rows(toy, PARTITION, rows_of({"a": 1}), provenance())
        star.execute(
            Statement("a.sql", "INSERT INTO ab.toy (tag, event_date) SELECT 'x', '2026-01-02'")
        )
    labels = re.findall(r"WITH LABEL (\S+)", " ".join(cluster.texts("INSERT")))
    assert len(labels) == len(cluster.texts("INSERT")) == len(set(labels))
    assert all(
        re.fullmatch(r"ab_(toy|insert|partition_provenance)_[0-9a-f]{32}", it) for it in labels
    )


@pytest.mark.parametrize("good", [True, False])
def test_no_staging_table_is_left(
    star: StarRocksWarehouse, toy: TableDefinition, *, good: bool
) -> None:
    rows = rows_of({"a": 1}) if good else rows_of({"a": 1}).with_columns(tag=None)
    if good:
        star.append(toy, rows)
    else:
        with pytest.raises(WarehouseError):
            star.append(toy, rows)
    assert star.tables("ab") == ["toy"]
    assert users_of(star) == ({"a": 1} if good else {})


def test_refused_rows_are_told_with_what_the_cluster_kept_of_them(
    star: StarRocksWarehouse, toy: TableDefinition
) -> None:
    rows = rows_of({"a": 1}).with_columns(tag=None)
    with pytest.raises(WarehouseError, match=r"^append to ab\.toy: .*refused rows: .*tag"):
        star.append(toy, rows)


def test_a_log_of_refused_rows_that_cannot_be_read_hides_nothing(
    star: StarRocksWarehouse, toy: TableDefinition, cluster: StarRocksStandIn
) -> None:
    cluster.faults.answer("load_tracking_logs", 5203, "Access denied")
    rows = rows_of({"a": 1}).with_columns(tag=None)
    told = r"has filtered data in strict mode.*refused rows cannot be read \(Access denied"
    with pytest.raises(WarehouseError, match=told):
        star.append(toy, rows)


def test_a_file_that_cannot_be_read_is_told_once(star: StarRocksWarehouse) -> None:
    def broken() -> Iterator[Chunk]:
        message = "a.csv: line 3 is cut off"
        raise LoadError(message)
        yield

    table = fixed_table("ab_source.events")
    rows = FileRows("0" * 32, "a.csv", "events", table, broken(), NOW)
    with pytest.raises(LoadError, match=r"^a\.csv: line 3 is cut off$"):
        star.load_file(rows)


def test_a_column_that_is_refused_is_an_error(
    star: StarRocksWarehouse, toy: TableDefinition, cluster: StarRocksStandIn
) -> None:
    cluster.faults.answer("ALTER TABLE", 1064, "the table is under maintenance")
    wider = replace(toy, columns=(*toy.columns, Column("late", "BIGINT")))
    with pytest.raises(WarehouseError, match=r"^schema of ab\.toy: the table is under"):
        star.ensure(wider)


def test_a_label_of_another_database_says_nothing(
    cluster: StarRocksStandIn, star: StarRocksWarehouse
) -> None:
    star.fetch(ONE)
    cluster.labels.set_state("ab_source", "ab_twice", LabelState.FINISHED, "events")
    patience = Patience()
    pool = StarRocksPool(cluster.location, patience)
    with pool.connection() as connection:
        assert ended(connection, "ab_twice", patience, "ab") == ("UNKNOWN", 0)
        assert ended(connection, "ab_twice", patience, "ab_source")[0] == "FINISHED"
        assert ended(connection, "ab_twice", patience)[0] == "FINISHED"
    pool.close()


def test_a_password_of_one_letter_is_not_sought_in_errors(
    cluster: StarRocksStandIn, time: Time
) -> None:
    location = replace(cluster.location, password="e")  # noqa: S106
    warehouse = StarRocksWarehouse(location, Patience(sleep=time.sleep, clock=time.clock))
    with pytest.raises(WarehouseError, match="Access denied"):
        warehouse.fetch(ONE)
    warehouse.close()


def test_an_overwrite_of_another_partition_names_statement_and_partition(
    star: StarRocksWarehouse, toy: TableDefinition
) -> None:
    statement = Statement(
        "toy.sql",
        "SELECT 'chat' AS tag, :day AS event_date, 'u' AS user_id, 1 AS n, 0.5 AS share",
        {"day": DAY},
    )
    told = r"^toy\.sql into ab\.toy \(tag=retention, event_date=2026-01-02\): .*refused rows: "
    with pytest.raises(WarehouseError, match=told):
        star.overwrite(toy, PARTITION, statement, provenance())
    assert star.read_provenance("ab.toy") == []


def test_a_tag_that_cannot_be_a_literal_is_refused_before_anything_is_sent(
    star: StarRocksWarehouse, toy: TableDefinition, cluster: StarRocksStandIn
) -> None:
    tag = "it's"
    with pytest.raises(WarehouseError, match="cannot be the tag of a partition"):
        star.overwrite_rows(toy, {"tag": tag, "event_date": DAY}, rows_of({}, tag=tag))
    assert cluster.texts("INSERT") == []


def test_a_refused_overwrite_leaves_rows_and_provenance_as_they_were(
    star: StarRocksWarehouse, toy: TableDefinition, cluster: StarRocksStandIn
) -> None:
    star.overwrite_rows(toy, PARTITION, rows_of({"a": 1}), provenance())
    before = star.read_provenance("ab.toy")
    cluster.faults.answer("INSERT OVERWRITE", 1064, "no replica is alive")
    with pytest.raises(WarehouseError, match="no replica is alive"):
        star.overwrite_rows(toy, PARTITION, rows_of({"b": 2}), provenance(path="incremental"))
    assert (users_of(star), star.read_provenance("ab.toy")) == ({"a": 1}, before)


def test_a_refusal_is_told_although_the_mark_stays(
    star: StarRocksWarehouse, toy: TableDefinition, cluster: StarRocksStandIn
) -> None:
    star.overwrite_rows(toy, PARTITION, rows_of({"a": 1}), provenance())
    cluster.faults.answer("INSERT OVERWRITE", 1064, "no replica is alive")
    cluster.faults.answer("DELETE", 1064, "no replica is alive here either")
    with pytest.raises(WarehouseError, match=r"no replica is alive \(StarRocks"):
        star.overwrite_rows(toy, PARTITION, rows_of({"b": 2}), provenance())
    assert star.read_provenance("ab.toy") == []


def test_provenance_of_an_overwrite_in_doubt_is_not_made(
    star: StarRocksWarehouse, toy: TableDefinition, cluster: StarRocksStandIn
) -> None:
    star.overwrite_rows(toy, PARTITION, rows_of({"a": 1}), provenance())
    cluster.faults.drop("after", "INSERT OVERWRITE")
    cluster.faults.answer("information_schema.loads", 1064, "no replica is alive")
    with pytest.raises(WarehouseError, match="no replica is alive"):
        star.overwrite_rows(toy, PARTITION, rows_of({"b": 2}), provenance())
    assert (users_of(star), star.read_provenance("ab.toy")) == ({"b": 2}, [])
    star.overwrite_rows(toy, PARTITION, rows_of({"b": 2}), provenance())
    assert [made.row_count for made in star.read_provenance("ab.toy")] == [1]


def test_a_clock_that_is_behind_does_not_hide_an_unfinished_overwrite(
    star: StarRocksWarehouse, toy: TableDefinition, cluster: StarRocksStandIn
) -> None:
    ahead = replace(provenance(), computed_at=NOW + timedelta(hours=1))
    star.overwrite_rows(toy, PARTITION, rows_of({"a": 1}), ahead)
    cluster.faults.answer("INSERT OVERWRITE", 1064, "Query exceeded time limit of 900 seconds")
    with pytest.raises(WarehouseError):
        star.overwrite_rows(toy, PARTITION, rows_of({}), provenance())
    assert star.read_provenance("ab.toy") == []
    star.overwrite_rows(toy, PARTITION, rows_of({}), provenance())
    assert [made.computed_at for made in star.read_provenance("ab.toy")] == [NOW]


def test_provenance_keeps_one_row_a_partition(
    star: StarRocksWarehouse, toy: TableDefinition
) -> None:
    for _ in range(3):
        star.overwrite_rows(toy, PARTITION, rows_of({}), provenance())
    count = Statement("count", "SELECT count(*) AS n FROM ab.partition_provenance")
    assert star.fetch(count).item() == 1


def test_a_new_column_is_waited_for(
    star: StarRocksWarehouse, toy: TableDefinition, cluster: StarRocksStandIn, time: Time
) -> None:
    wider = replace(toy, columns=(*toy.columns, Column("late", "BIGINT")))
    # The cluster says yes and has not done it yet.
    cluster.faults.drop("after", "ALTER TABLE")
    star.ensure(wider)
    assert star.columns("ab.toy")["late"] == "BIGINT"
    assert len(cluster.texts("ALTER TABLE")) == 1


def test_a_reader_may_not_write(cluster: StarRocksStandIn, time: Time) -> None:
    reader = replace(cluster.location, user="reader", password="sesame")  # noqa: S106
    warehouse = StarRocksWarehouse(reader, Patience(sleep=time.sleep, clock=time.clock))
    with pytest.raises(WarehouseError, match=r"schema of ab\.toy: .*\(StarRocks error 5203\)"):
        warehouse.ensure(TABLE)
    warehouse.close()
    assert time.waits == []


def test_a_wrong_password_is_told_soon_and_without_it(
    cluster: StarRocksStandIn, time: Time
) -> None:
    location = replace(cluster.location, password="wrong-s3cret")  # noqa: S106
    warehouse = StarRocksWarehouse(location, Patience(sleep=time.sleep, clock=time.clock))
    with pytest.raises(WarehouseError, match="check host, user and password of 127") as caught:
        warehouse.fetch(ONE)
    warehouse.close()
    assert "Access denied for user 'writer'" in str(caught.value)
    assert "wrong-s3cret" not in str(caught.value)
    assert sum(time.waits) < 15


def test_a_cluster_without_the_tls_that_was_asked_for_never_sees_the_password(
    cluster: StarRocksStandIn, time: Time, tmp_path: Path
) -> None:
    authority = tmp_path / "ca.pem"
    request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=ca"
    keys = ("-keyout", str(tmp_path / "key.pem"), "-out", str(authority))
    subprocess.run(["openssl", *request.split(), *keys], check=True, capture_output=True)
    location = replace(cluster.location, ssl_ca=str(authority))
    warehouse = StarRocksWarehouse(location, Patience(sleep=time.sleep, clock=time.clock))
    with pytest.raises(WarehouseError, match="check ssl_ca in AB_WAREHOUSE_URL"):
        warehouse.fetch(ONE)
    warehouse.close()
    assert (time.waits, cluster.statements) == ([], [])


def test_an_echoed_password_is_blackened(
    star: StarRocksWarehouse, cluster: StarRocksStandIn
) -> None:
    cluster.faults.answer("SELECT 1", 1064, "cannot use the password secret here")
    with pytest.raises(WarehouseError, match=r"the password \*\*\* here") as caught:
        star.fetch(ONE)
    assert caught.value.__cause__ is None


def test_a_host_that_is_not_there_is_told_with_its_address(time: Time) -> None:
    location = StarRocksLocation("127.0.0.1", 1, 1, "ab", "me", "secret")
    warehouse = StarRocksWarehouse(location, Patience(sleep=time.sleep, clock=time.clock))
    with pytest.raises(WarehouseError, match=r"nothing answers at 127\.0\.0\.1:1: check") as caught:
        warehouse.fetch(ONE)
    assert "secret" not in str(caught.value)
    assert 240 <= time.now < 280
