from collections.abc import Iterator
from datetime import UTC, datetime

import polars as pl
import pytest

from ab_assets.errors import WarehouseError
from ab_assets.warehouse.starrocks import staging
from ab_assets.warehouse.starrocks.staging import (
    drop_leftovers,
    is_staging,
    staged,
    staging_definition,
)
from ab_assets.warehouse.starrocks.wire import BodyWriter
from ab_assets.warehouse.tables import Column, TableDefinition
from tests.starrocks.loading_cluster import LoadingCluster, loading_cluster
from tests.starrocks.stream_load_server import LoadFault

TABLE = TableDefinition(
    schema="ab",
    name="toy",
    columns=(
        Column("tag", "VARCHAR(64)", nullable=False),
        Column("event_date", "DATE", nullable=False),
        Column("n", "BIGINT"),
        Column("share", "DOUBLE"),
        Column("at", "DATETIME"),
        Column("flag", "BOOLEAN"),
        Column("made_of", "JSON"),
        Column("small", "INT"),
    ),
    partition_by=("tag", "event_date"),
    sort_key=("tag", "event_date"),
    bucket_by=("tag",),
)
AT = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoadingCluster]:
    with loading_cluster(tmp_path_factory.mktemp("cluster") / "cluster.duckdb") as running:
        yield running


@pytest.fixture
def cluster(running: LoadingCluster) -> LoadingCluster:
    running.forget()
    return running


def frame(**changes: object) -> pl.DataFrame:
    row: dict[str, object] = {
        "tag": "retention",
        "event_date": AT.date(),
        "n": 1,
        "share": 0.1,
        "at": AT,
        "flag": True,
        "made_of": '{"x": 1}',
        "small": 2,
    }
    return pl.DataFrame({name: [value] for name, value in (row | changes).items()})


def test_the_rows_of_a_frame_can_be_selected_in_the_tables_order(cluster: LoadingCluster) -> None:
    mixed = frame().select(reversed(TABLE.column_names))
    with staged(cluster.connection, cluster.loader, TABLE, [mixed]) as stage:
        assert stage.rows == 1
        found = cluster.rows(f"SELECT {stage.items} FROM {stage.qualified}")
    moment = AT.replace(tzinfo=None)
    assert found == [("retention", AT.date(), 1, 0.1, moment, 1, '{"x": 1}', 2)]


def test_the_staging_table_is_dropped_for_good(cluster: LoadingCluster) -> None:
    with staged(cluster.connection, cluster.loader, TABLE, [frame()]) as stage:
        assert cluster.table_names("ab") == [stage.definition.name]
        assert is_staging(stage.definition.name)
    assert cluster.table_names("ab") == []
    assert cluster.stand_in.texts("DROP TABLE .* FORCE") != []


def test_the_staging_table_is_dropped_after_an_error(cluster: LoadingCluster) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        staged(cluster.connection, cluster.loader, TABLE, [frame()]),
    ):
        _ = 1 / 0
    assert cluster.table_names("ab") == []


def test_a_staging_table_that_cannot_be_dropped_hides_nothing(cluster: LoadingCluster) -> None:
    cluster.stand_in.faults.answer("DROP TABLE", 1064, "no")
    with staged(cluster.connection, cluster.loader, TABLE, [frame()]) as stage:
        pass
    assert cluster.table_names("ab") == [stage.definition.name]


def test_a_load_that_fails_leaves_no_staging_table(cluster: LoadingCluster) -> None:
    cluster.server.faults.append(LoadFault.FAIL)
    with (
        pytest.raises(WarehouseError, match="the disk is gone"),
        staged(cluster.connection, cluster.loader, TABLE, [frame()]),
    ):
        pass
    assert cluster.table_names("ab") == []


def test_nan_becomes_null(cluster: LoadingCluster) -> None:
    with staged(cluster.connection, cluster.loader, TABLE, [frame(share=float("nan"))]) as stage:
        assert cluster.rows(f"SELECT share FROM {stage.qualified}") == [(None,)]


def test_many_frames_fill_one_staging_table(
    cluster: LoadingCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "BodyWriter", lambda: BodyWriter(400))
    frames = (frame(n=number) for number in range(6))
    with staged(cluster.connection, cluster.loader, TABLE, frames) as stage:
        assert stage.rows == 6
        assert cluster.rows(f"SELECT sum(n) AS n FROM {stage.qualified}") == [(15,)]
    labels = {request.headers["label"] for request in cluster.server.requests}
    assert labels == {f"{stage.definition.name}_{number}" for number in range(3)}


def test_no_frames_make_an_empty_staging_table(cluster: LoadingCluster) -> None:
    with staged(cluster.connection, cluster.loader, TABLE, []) as stage:
        assert stage.rows == 0
        assert cluster.rows(f"SELECT count(*) AS n FROM {stage.qualified}") == [(0,)]


def test_a_frame_with_other_columns_is_refused(cluster: LoadingCluster) -> None:
    with (
        pytest.raises(WarehouseError) as caught,
        staged(cluster.connection, cluster.loader, TABLE, [frame(x=1).drop("n", "flag")]),
    ):
        pass
    assert str(caught.value) == (
        "ab.toy: the rows lack n, flag and have x, which the table does not know"
    )


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("tag", 1),
        ("made_of", {"x": 1}),
        ("n", 1.5),
        ("small", "1"),
        ("share", "0.1"),
        ("flag", 1),
        ("event_date", AT),
        ("at", "2026-01-02"),
    ],
)
def test_a_column_that_would_not_be_kept_as_it_is_is_refused(
    column: str, value: object, cluster: LoadingCluster
) -> None:
    with (
        pytest.raises(WarehouseError, match=f"ab.toy: the column {column} is "),
        staged(cluster.connection, cluster.loader, TABLE, [frame(**{column: value})]),
    ):
        pass


def test_a_column_of_nulls_may_have_any_type(cluster: LoadingCluster) -> None:
    empty = frame().with_columns(n=pl.lit(None, pl.String), at=pl.lit(None))
    with staged(cluster.connection, cluster.loader, TABLE, [empty]) as stage:
        assert cluster.rows(f"SELECT n, `at` FROM {stage.qualified}") == [(None, None)]


def test_the_staging_table_takes_what_the_table_itself_would_refuse() -> None:
    definition = staging_definition(TABLE, extra=(Column("row_number", "BIGINT"),), buckets=3)
    assert all(column.nullable for column in definition.columns)
    assert definition.partition_by == ()
    assert (definition.sort_key, definition.bucket_by) == (("row_number",), ())
    assert definition.buckets == 3
    assert definition.column("made_of").type == "VARCHAR(1048576)"
    assert definition.column("tag").type == "VARCHAR(64)"


def test_without_a_leading_column_the_tables_key_leads() -> None:
    assert staging_definition(TABLE).sort_key == ("tag", "event_date")


def test_names_are_unique() -> None:
    assert len({staging_definition(TABLE).name for _ in range(100)}) == 100


def test_what_a_killed_load_left_is_dropped_after_a_day() -> None:
    sent = []

    class Connection:
        def execute(self, text: str, parameters: object = None) -> int:  # noqa: ARG002
            sent.append(text)
            return 0

    old = f"ab_stage_{1:012x}{'a' * 20}"
    new = staging_definition(TABLE).name
    names = [old, new, "toy", f"ab_stage_{'g' * 32}", f"{old}0"]
    assert drop_leftovers(Connection(), "ab", names) == [old]
    assert sent == [f"DROP TABLE IF EXISTS `ab`.`{old}` FORCE"]
