from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from ab_assets.errors import LoadError, WarehouseError
from ab_assets.warehouse import loading_sources
from ab_assets.warehouse.loading import FileReport, content_label, load_files
from ab_assets.warehouse.schema import fixed_table
from ab_assets.warehouse.starrocks import staging
from ab_assets.warehouse.starrocks.errors import StarRocksError
from ab_assets.warehouse.starrocks.wire import BodyWriter
from tests.starrocks.labels import LabelState
from tests.starrocks.loading_cluster import LoadingCluster, loading_cluster
from tests.starrocks.stream_load_server import LoadFault

NOW = datetime(2026, 1, 3, tzinfo=UTC)
TABLES = ["events", "exposures", "loads", "rejected"]
AT = "2026-01-02T12:00:00Z"
HEADER = "event_id,event_name,user_id,event_time"
EVENT = f"e1,a,u,{AT}"
JSON_EVENT = f'{{"event_id": "e", "event_name": "a", "user_id": "u", "event_time": "{AT}"}}\n'
NAMELESS = "event_name,user_id,event_time"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoadingCluster]:
    with loading_cluster(tmp_path_factory.mktemp("cluster") / "cluster.duckdb") as running:
        for name in ("events", "exposures", "rejected", "loads"):
            running.ensure(fixed_table(f"ab_source.{name}"))
        yield running


@pytest.fixture
def cluster(running: LoadingCluster) -> LoadingCluster:
    running.forget()
    return running


def written(folder: Path, *rows: str, name: str = "a.csv", header: str = HEADER) -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def load(cluster: LoadingCluster, path: Path, target: str = "events") -> FileReport:
    return load_files(cluster, target, [path], NOW).files[0]  # type: ignore[arg-type]


def event(number: int) -> str:
    return f"e{number},a,u,{AT}"


def users(cluster: LoadingCluster) -> list[object]:
    text = "SELECT user_id FROM ab_source.events ORDER BY user_id"
    return [row[0] for row in cluster.rows(text)]


def ids(cluster: LoadingCluster) -> list[object]:
    text = "SELECT event_id FROM ab_source.events ORDER BY event_id"
    return [row[0] for row in cluster.rows(text)]


def test_rows_of_a_file_are_in_the_table(cluster: LoadingCluster, tmp_path: Path) -> None:
    header = "user_id,experiment_key,variation_key,exposed_at,country"
    path = written(tmp_path, f"u1,gate,0,{AT},FR", "007,gate,1,1767355200,", header=header)
    report = load(cluster, path, "exposures")
    assert (report.rows_read, report.rows_loaded, report.rows_rejected) == (2, 2, 0)
    text = (
        "SELECT user_id, variation_key, exposed_at, country FROM ab_source.exposures "
        "ORDER BY user_id"
    )
    at = datetime(2026, 1, 2, 12)  # noqa: DTZ001
    assert cluster.rows(text) == [("007", "1", at, None), ("u1", "0", at, "FR")]


def test_properties_are_json_and_not_a_json_text(cluster: LoadingCluster, tmp_path: Path) -> None:
    line = JSON_EVENT.replace("}", ', "properties": %s}')
    values = ['{"x": {"y": "é😀\\n\\\\N"}, "z": 0.1}', "[1]", "null"]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(line % value for value in values), encoding="utf-8")
    load(cluster, path)
    text = (
        "SELECT get_json_string(properties, '$.x.y') AS y, get_json_double(properties, '$.z') AS z "
        "FROM ab_source.events WHERE get_json_double(properties, '$.z') IS NOT NULL"
    )
    assert cluster.rows(text) == [("é😀\n\\N", 0.1)]


def test_a_bad_row_is_kept_aside_with_its_number_and_reason(
    cluster: LoadingCluster, tmp_path: Path
) -> None:
    path = written(tmp_path, EVENT, "e2,,,x", "short", EVENT)
    report = load(cluster, path)
    assert (report.rows_read, report.rows_loaded, report.rows_rejected) == (4, 2, 2)
    text = (
        "SELECT `row_number`, reason, raw, source_file, target, load_label, loaded_at "
        "FROM ab_source.rejected ORDER BY `row_number`"
    )
    booked = (str(path), "events", report.label, NOW.replace(tzinfo=None))
    raw = '{"event_id": "e2", "event_name": null, "user_id": null, "event_time": "x"}'
    assert cluster.rows(text) == [
        (2, "event_name is missing", raw, *booked),
        (3, "the row has 1 fields, the header 4", "short", *booked),
    ]


def test_a_row_too_long_for_starrocks_is_kept_aside(
    cluster: LoadingCluster, tmp_path: Path
) -> None:
    header = f"{HEADER},city,properties"
    path = written(
        tmp_path,
        f"{EVENT},{'é' * 32767},{{}}",
        f"{EVENT},{'é' * 32766},{{}}",
        f'{EVENT},x,"""{"y" * 1048576}"""',
        header=header,
    )
    report = load(cluster, path)
    assert (report.rows_loaded, report.rows_rejected) == (1, 2)
    assert cluster.rows("SELECT reason FROM ab_source.rejected ORDER BY `row_number`") == [
        ("city is longer than 65533 bytes",),
        (
            "properties is longer than 1048576 bytes (the row is longer than what can be kept of "
            "it)",
        ),
    ]


def test_the_ledger_has_the_counts_and_the_label(cluster: LoadingCluster, tmp_path: Path) -> None:
    path = written(tmp_path, EVENT, "bad")
    load(cluster, path)
    at = NOW.replace(tzinfo=None)
    assert cluster.rows("SELECT * FROM ab_source.loads") == [
        (content_label("events", path), str(path), "events", 2, 1, 1, at)
    ]


def test_the_same_content_is_loaded_once_whatever_its_name(
    cluster: LoadingCluster, tmp_path: Path
) -> None:
    first = load(cluster, written(tmp_path, EVENT, "bad", name="a.csv"))
    again = load(cluster, written(tmp_path, EVENT, "bad", name="b.csv"))
    assert (first.already_loaded, again.already_loaded) == (False, True)
    assert (again.rows_read, again.rows_loaded, again.rows_rejected) == (2, 1, 1)
    assert users(cluster) == ["u"]


def test_a_file_that_breaks_in_the_middle_leaves_nothing(
    cluster: LoadingCluster, tmp_path: Path
) -> None:
    frame = pl.DataFrame({"user_id": [1.5], "event_name": ["a"], "event_time": [NOW]})
    frame.write_parquet(tmp_path / "a.parquet")
    with pytest.raises(LoadError, match="the column user_id is Float64"):
        load(cluster, tmp_path / "a.parquet")
    assert users(cluster) == []
    assert cluster.table_names("ab_source") == TABLES


def test_staging_tables_are_dropped(cluster: LoadingCluster, tmp_path: Path) -> None:
    load(cluster, written(tmp_path, EVENT, "bad"))
    assert cluster.table_names("ab_source") == TABLES
    assert len(cluster.stand_in.texts("^(/.*/)? *DROP TABLE IF EXISTS .*ab_stage_.* FORCE")) == 2


def test_staging_tables_of_loads_killed_a_day_ago_are_dropped(
    cluster: LoadingCluster, tmp_path: Path
) -> None:
    load(cluster, written(tmp_path, EVENT))
    old, new = f"ab_stage_{1_000_000:012x}{'0' * 20}", f"ab_stage_{'f' * 32}"
    for name in (old, new):
        cluster.connection.execute(
            f"CREATE TABLE ab_source.{name} (a BIGINT) DUPLICATE KEY (a) "
            'DISTRIBUTED BY HASH(a) BUCKETS 1 PROPERTIES ("replication_num" = "1")'
        )
    load(cluster, written(tmp_path, EVENT, EVENT))
    assert [name for name in cluster.table_names("ab_source") if "stage" in name] == [new]


def test_chunks_are_sent_as_they_are_read(
    cluster: LoadingCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "BodyWriter", lambda: BodyWriter(1 << 16))
    frame = pl.DataFrame(
        {
            "event_id": [f"e{number}" for number in range(2_000)],
            "event_name": ["a"] * 2_000,
            "user_id": [f"user {number}" for number in range(2_000)],
            "event_time": [NOW] * 2_000,
            "page_url": ["x" * 20] * 2_000,
        }
    )
    frame.write_parquet(tmp_path / "a.parquet")
    report = load(cluster, tmp_path / "a.parquet")
    sent = [request for request in cluster.server.requests if request.server == "backend"]
    assert len(sent) > 3
    assert all(len(request.body) <= 1 << 16 for request in sent)
    assert len({request.headers["label"] for request in sent}) == len(sent)
    assert report.rows_loaded == 2_000
    assert cluster.rows("SELECT count(DISTINCT user_id) AS n FROM ab_source.events") == [(2_000,)]


def test_given_event_ids_stay_and_repeated_ones_are_counted(
    cluster: LoadingCluster, tmp_path: Path
) -> None:
    report = load(cluster, written(tmp_path, event(1), event(1), event(2)))
    assert (report.rows_loaded, report.repeated_ids, report.known_ids) == (3, 1, 0)
    assert ids(cluster) == ["e1", "e1", "e2"]


def test_ids_that_were_in_the_table_before_are_counted(
    cluster: LoadingCluster, tmp_path: Path
) -> None:
    load(cluster, written(tmp_path, event(1)))
    report = load(cluster, written(tmp_path, event(1), event(2)))
    assert (report.rows_loaded, report.repeated_ids, report.known_ids) == (2, 0, 1)


def test_an_event_without_an_id_has_the_same_one_in_every_file(
    cluster: LoadingCluster, tmp_path: Path
) -> None:
    load(cluster, written(tmp_path, f"a,u,{AT}", header=NAMELESS))
    again = load(cluster, written(tmp_path, f"b,u,{AT}", f"a,u,{AT}", header=NAMELESS))
    assert again.known_ids == 1


def test_equal_events_of_one_file_have_ids_of_their_own(
    cluster: LoadingCluster, tmp_path: Path
) -> None:
    report = load(cluster, written(tmp_path, f"a,u,{AT}", f"a,u,{AT}", header=NAMELESS))
    assert (len(set(ids(cluster))), report.repeated_ids) == (2, 0)


def test_an_event_id_is_made_only_where_it_is_missing(
    cluster: LoadingCluster, tmp_path: Path
) -> None:
    load(cluster, written(tmp_path, EVENT, f",a,u,{AT}"))
    made, given = ids(cluster)
    assert given == "e1"
    assert len(str(made)) == 32


@pytest.mark.parametrize("table", ["events", "rejected", "loads"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_to_a_booking_is_neither_doubled_nor_lost(
    when: str, table: str, cluster: LoadingCluster, tmp_path: Path
) -> None:
    cluster.stand_in.faults.drop(when, f"INSERT INTO .*{table}.* WITH LABEL")  # type: ignore[arg-type]
    report = load(cluster, written(tmp_path, EVENT, "bad"))
    assert (report.rows_loaded, report.rows_rejected, report.known_ids) == (1, 1, 0)
    for name in ("events", "rejected", "loads"):
        assert cluster.rows(f"SELECT count(*) AS n FROM ab_source.{name}") == [(1,)]


@pytest.mark.parametrize("table", ["rejected", "loads"])
def test_a_load_that_was_killed_between_two_bookings_is_completed(
    table: str, cluster: LoadingCluster, tmp_path: Path
) -> None:
    path = written(tmp_path, EVENT, "bad")
    refuse = f"INSERT INTO .*{table}.* WITH LABEL"
    cluster.stand_in.faults.answer(refuse, 1064, "the disk is gone")
    with pytest.raises(WarehouseError, match="the disk is gone"):
        load(cluster, path)
    assert users(cluster) == ["u"]
    report = load(cluster, path)
    assert not report.already_loaded
    assert (report.rows_loaded, report.rows_rejected, report.known_ids) == (1, 1, 0)
    for name in ("events", "rejected", "loads"):
        assert cluster.rows(f"SELECT count(*) AS n FROM ab_source.{name}") == [(1,)]


def test_ids_known_before_are_counted_when_a_killed_load_is_completed(
    cluster: LoadingCluster, tmp_path: Path
) -> None:
    load(cluster, written(tmp_path, event(1)))
    path = written(tmp_path, *(event(n) for n in (1, 2, 2)))
    cluster.stand_in.faults.answer("INSERT INTO .*loads.* WITH LABEL", 1064, "gone")
    with pytest.raises(WarehouseError, match="gone"):
        load(cluster, path)
    report = load(cluster, path)
    assert (report.repeated_ids, report.known_ids) == (1, 1)


def test_a_file_another_process_is_loading_is_waited_for_and_not_loaded_again(
    cluster: LoadingCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, EVENT)
    label = f"ab_load_{content_label('events', path)}"
    load(cluster, written(tmp_path, event(9), name="other.csv"))
    cluster.stand_in.labels.set_state("ab_source", label, LabelState.LOADING, "events")

    def finish(_seconds: float) -> None:
        cluster.stand_in.labels.set_state("ab_source", label, LabelState.FINISHED)
        cluster.connection.execute(
            "INSERT INTO ab_source.loads (load_label, rows_read, rows_loaded, rows_rejected) "
            f"VALUES ('{content_label('events', path)}', 1, 1, 0)"
        )

    monkeypatch.setattr(cluster.time, "sleep", finish)
    report = load(cluster, path)
    assert report.already_loaded
    assert len(users(cluster)) == 1


def test_a_label_the_cluster_does_not_explain_is_told(
    cluster: LoadingCluster, tmp_path: Path
) -> None:
    used = "Label [x] has already been used."
    cluster.stand_in.faults.answer("INSERT INTO .*events", 1064, used)
    with pytest.raises(WarehouseError, match=r"begun before and the cluster does not say"):
        load(cluster, written(tmp_path, EVENT))


def test_a_cancelled_booking_is_sent_again(cluster: LoadingCluster, tmp_path: Path) -> None:
    path = written(tmp_path, EVENT)
    label = f"ab_load_{content_label('events', path)}"
    cluster.stand_in.labels.set_state("ab_source", label, LabelState.CANCELLED, "events")
    used = "Label [x] has already been used."
    cluster.stand_in.faults.answer("INSERT INTO .*events", 1064, used)
    assert load(cluster, path).rows_loaded == 1
    assert users(cluster) == ["u"]


def test_a_cluster_that_refuses_the_rows_leaves_no_ledger(
    cluster: LoadingCluster, tmp_path: Path
) -> None:
    cluster.stand_in.faults.answer("INSERT INTO .*events", 1064, "no such partition")
    with pytest.raises(StarRocksError, match="no such partition"):
        load(cluster, written(tmp_path, EVENT))
    assert cluster.rows("SELECT * FROM ab_source.loads") == []


def test_a_stream_load_that_fails_fails_the_file(cluster: LoadingCluster, tmp_path: Path) -> None:
    cluster.server.faults.append(LoadFault.FAIL)
    with pytest.raises(WarehouseError, match="the disk is gone"):
        load(cluster, written(tmp_path, EVENT))
    assert users(cluster) == []
    assert cluster.table_names("ab_source") == TABLES


def test_a_stream_load_whose_answer_is_lost_is_not_doubled(
    cluster: LoadingCluster, tmp_path: Path
) -> None:
    cluster.server.faults.append(LoadFault.DROP_AFTER_COMMIT)
    assert load(cluster, written(tmp_path, EVENT)).rows_loaded == 1
    assert users(cluster) == ["u"]


def test_a_cluster_that_added_another_number_of_rows_is_told(
    cluster: LoadingCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute = cluster.connection.execute

    def miscounting(text: str, values: Mapping[str, object] | None = None) -> int:
        count = execute(text, values)
        return 7 if "`events` WITH LABEL" in text else count

    monkeypatch.setattr(cluster.connection, "execute", miscounting)
    with pytest.raises(WarehouseError, match="1 rows were staged, but StarRocks says it added 7"):
        load(cluster, written(tmp_path, EVENT))
    assert cluster.rows("SELECT * FROM ab_source.loads") == []


def test_a_label_that_is_cancelled_again_and_again_is_given_up(
    cluster: LoadingCluster, tmp_path: Path
) -> None:
    path = written(tmp_path, EVENT)
    label = f"ab_load_{content_label('events', path)}"
    cluster.stand_in.labels.set_state("ab_source", label, LabelState.CANCELLED, "events")
    used = "Label [x] has already been used."
    cluster.stand_in.faults.answer("INSERT INTO .*events", 1064, used, times=5)
    with pytest.raises(WarehouseError, match=r"how it ended \(CANCELLED\)"):
        load(cluster, path)


def test_rejects_of_many_chunks_share_a_staging_table(
    cluster: LoadingCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading_sources, "CHUNK_ROWS", 2)
    path = tmp_path / "a.jsonl"
    path.write_text(
        f'{{"event_id": "e", "event_name": "a", "user_id": "u", "event_time": "{AT}"}}\n'
        + "{\n" * 5,
        encoding="utf-8",
    )
    assert load(cluster, path).rows_rejected == 5
    assert cluster.rows("SELECT count(*) AS n FROM ab_source.rejected") == [(5,)]
