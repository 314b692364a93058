from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ab_assets.errors import ConfigurationError, LoadError
from ab_assets.warehouse.duckdb.connection import connected
from ab_assets.warehouse.duckdb.limits import Limits
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.loading import (
    FileReport,
    LoadReport,
    content_label,
    load_files,
    target_named,
)
from ab_assets.warehouse.statements import Statement

NOW = datetime(2026, 1, 3, tzinfo=UTC)
HEADER = "user_id,experiment_key,variation_key,exposed_at"
GOOD = "u1,gate,0,2026-01-02T12:00:00Z"


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def exposures(folder: Path, *rows: str, name: str = "a.csv", header: str = HEADER) -> Path:
    return written(folder / name, "\n".join([header, *rows]) + "\n")


def events(
    folder: Path, *rows: str, name: str = "a.csv", header: str = "event_name,user_id,event_time"
) -> Path:
    return exposures(folder, *rows, name=name, header=header)


def load(warehouse: DuckDBWarehouse, path: Path, target: str = "exposures") -> FileReport:
    return load_files(warehouse, target, [path], NOW).files[0]  # type: ignore[arg-type]


def table(warehouse: DuckDBWarehouse, name: str) -> list[dict[str, object]]:
    if not warehouse.columns(name):
        return []
    return warehouse.fetch(Statement("test", f"SELECT * FROM {name}")).to_dicts()


def test_rows_of_a_file_are_in_the_table(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    report = load(warehouse, exposures(tmp_path, GOOD, "007,gate,1,1767355200"))
    assert (report.rows_read, report.rows_loaded, report.rows_rejected) == (2, 2, 0)
    assert [row["user_id"] for row in table(warehouse, "ab_source.exposures")] == ["u1", "007"]
    assert table(warehouse, "ab_source.exposures")[1] == {
        "user_id": "007",
        "experiment_key": "gate",
        "variation_key": "1",
        "exposed_at": datetime(2026, 1, 2, 12),  # noqa: DTZ001
        "country": None,
        "platform": None,
        "app_version": None,
        "channel": None,
    }


def test_a_bad_row_is_kept_aside_with_its_number_and_reason(
    warehouse: DuckDBWarehouse, tmp_path: Path
) -> None:
    path = exposures(tmp_path, GOOD, ",gate,0,x", "short", GOOD)
    report = load(warehouse, path)
    assert (report.rows_read, report.rows_loaded, report.rows_rejected) == (4, 2, 2)
    assert report.reasons == ("the row has 1 fields, the header 4", "user_id is missing")
    assert [
        (row["row_number"], row["reason"], row["source_file"], row["target"], row["loaded_at"])
        for row in table(warehouse, "ab_source.rejected")
    ] == [
        (2, "user_id is missing", str(path), "exposures", NOW.replace(tzinfo=None)),
        (3, "the row has 1 fields, the header 4", str(path), "exposures", NOW.replace(tzinfo=None)),
    ]


def test_the_ledger_has_the_counts_and_the_label(
    warehouse: DuckDBWarehouse, tmp_path: Path
) -> None:
    path = exposures(tmp_path, GOOD, "bad")
    load(warehouse, path)
    assert table(warehouse, "ab_source.loads") == [
        {
            "load_label": content_label("exposures", path),
            "source_file": str(path),
            "target": "exposures",
            "rows_read": 2,
            "rows_loaded": 1,
            "rows_rejected": 1,
            "loaded_at": NOW.replace(tzinfo=None),
        }
    ]


def test_the_same_content_is_loaded_once_whatever_its_name(
    warehouse: DuckDBWarehouse, tmp_path: Path
) -> None:
    first = load(warehouse, exposures(tmp_path, GOOD, "bad", name="a.csv"))
    again = load(warehouse, exposures(tmp_path, GOOD, "bad", name="b.csv"))
    assert (first.already_loaded, again.already_loaded) == (False, True)
    assert (again.rows_read, again.rows_loaded, again.rows_rejected) == (2, 1, 1)
    assert len(table(warehouse, "ab_source.exposures")) == 1
    assert len(table(warehouse, "ab_source.rejected")) == 1


def test_the_same_file_twice_in_one_load_is_loaded_once(
    warehouse: DuckDBWarehouse, tmp_path: Path
) -> None:
    path = exposures(tmp_path, GOOD)
    report = load_files(warehouse, "exposures", [path, path], NOW)
    assert [file.already_loaded for file in report.files] == [False, True]
    assert (report.rows_loaded, report.rows_rejected) == (1, 0)


def test_another_target_makes_another_label(tmp_path: Path) -> None:
    path = exposures(tmp_path, GOOD)
    assert content_label("exposures", path) != content_label("events", path)


def test_the_counts_of_a_load_leave_out_what_was_loaded_before() -> None:
    file = FileReport(Path("a"), "l", 5, 3, 2, False, (), (), 0, 0, ())
    report = LoadReport("events", (file, replace(file, already_loaded=True)))
    assert (report.rows_loaded, report.rows_rejected) == (3, 2)


def test_unknown_and_absent_columns_are_named(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    path = exposures(tmp_path, GOOD + ",x,FR", header=HEADER + ",shoe_size,country")
    report = load(warehouse, path)
    assert report.unknown_columns == ("shoe_size",)
    assert report.absent_columns == ("platform", "app_version", "channel")


def test_columns_that_appear_late_in_a_file_of_lines_are_named_too(
    warehouse: DuckDBWarehouse, tmp_path: Path
) -> None:
    line = '{"user_id": 7, "event_name": "a", "event_time": "2026-01-02T12:00:00Z"%s}\n'
    path = written(tmp_path / "a.jsonl", line % "" * 1200 + line % ', "late": 1')
    assert load(warehouse, path, "events").unknown_columns == ("late",)


def test_missing_required_columns_are_named_with_what_was_found(
    warehouse: DuckDBWarehouse, tmp_path: Path
) -> None:
    path = written(tmp_path / "a.csv", "userid,experiment_key,variation,time\nu,e,v,t\n")
    with pytest.raises(LoadError) as caught:
        load(warehouse, path)
    assert str(caught.value) == (
        f"{path}: exposures need the columns user_id, experiment_key, variation_key, exposed_at; "
        "missing: user_id (is it 'userid'?), variation_key (is it 'variation'?), exposed_at; "
        "found: userid, experiment_key, variation, time"
    )


def test_a_wrong_file_among_several_changes_nothing(
    warehouse: DuckDBWarehouse, tmp_path: Path
) -> None:
    good = exposures(tmp_path, GOOD, name="good.csv")
    wrong = written(tmp_path / "wrong.csv", "a,b\n1,2\n")
    with pytest.raises(LoadError, match=r"wrong\.csv"):
        load_files(warehouse, "exposures", [good, wrong], NOW)
    assert table(warehouse, "ab_source.exposures") == []


def test_a_file_that_breaks_in_the_middle_leaves_nothing(
    warehouse: DuckDBWarehouse, tmp_path: Path
) -> None:
    frame = pl.DataFrame({"user_id": [1.5], "event_name": ["a"], "event_time": [NOW]})
    frame.write_parquet(tmp_path / "a.parquet")
    with pytest.raises(LoadError, match=r"^/.*a\.parquet: the column user_id is Float64"):
        load(warehouse, tmp_path / "a.parquet", "events")
    assert table(warehouse, "ab_source.events") == []
    assert table(warehouse, "ab_source.loads") == []


def test_another_target_is_refused(warehouse: DuckDBWarehouse) -> None:
    with pytest.raises(ConfigurationError, match="load 'exposures' or 'events'"):
        target_named("users")


def test_progress_is_told_as_rows_are_read(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    seen: list[tuple[Path, int]] = []
    path = exposures(tmp_path, GOOD, "bad")
    load_files(warehouse, "exposures", [path], NOW, lambda file, rows: seen.append((file, rows)))
    assert seen == [(path, 2)]


def test_given_event_ids_stay_and_repeated_ones_are_counted(
    warehouse: DuckDBWarehouse, tmp_path: Path
) -> None:
    header = "event_id,event_name,user_id,event_time"
    row = "e1,a,u,2026-01-02T12:00:00Z"
    report = load(
        warehouse, events(tmp_path, row, row, row.replace("e1", "e2"), header=header), "events"
    )
    assert (report.rows_loaded, report.repeated_ids, report.known_ids) == (3, 1, 0)
    assert [event["event_id"] for event in table(warehouse, "ab_source.events")] == [
        "e1",
        "e1",
        "e2",
    ]


def test_ids_that_were_in_the_table_before_are_counted(
    warehouse: DuckDBWarehouse, tmp_path: Path
) -> None:
    header = "event_id,event_name,user_id,event_time"
    row = "e1,a,u,2026-01-02T12:00:00Z"
    load(warehouse, events(tmp_path, row, header=header), "events")
    report = load(
        warehouse, events(tmp_path, row, row.replace("e1", "e2"), header=header), "events"
    )
    assert (report.rows_loaded, report.repeated_ids, report.known_ids) == (2, 0, 1)


def test_an_event_without_an_id_has_the_same_one_in_every_file(
    warehouse: DuckDBWarehouse, tmp_path: Path
) -> None:
    row = "a,u,2026-01-02T12:00:00Z"
    load(warehouse, events(tmp_path, row), "events")
    report = load(warehouse, events(tmp_path, "b,u,2026-01-02T12:00:00Z", row), "events")
    assert report.known_ids == 1


def test_equal_events_of_one_file_have_ids_of_their_own(
    warehouse: DuckDBWarehouse, tmp_path: Path
) -> None:
    row = "a,u,2026-01-02T12:00:00Z"
    report = load(warehouse, events(tmp_path, row, row), "events")
    ids = {event["event_id"] for event in table(warehouse, "ab_source.events")}
    assert (len(ids), report.repeated_ids) == (2, 0)


def test_an_event_id_is_made_only_where_it_is_missing(
    warehouse: DuckDBWarehouse, tmp_path: Path
) -> None:
    header = "event_id,event_name,user_id,event_time"
    rows = ("e1,a,u,2026-01-02T12:00:00Z", ",a,u,2026-01-02T12:00:00Z")
    load(warehouse, events(tmp_path, *rows, header=header), "events")
    first, second = (str(row["event_id"]) for row in table(warehouse, "ab_source.events"))
    assert first == "e1"
    assert len(second) == 32


def test_typed_and_text_files_give_the_same_rows(
    warehouse: DuckDBWarehouse, tmp_path: Path
) -> None:
    line = (
        '{"event_name": "a", "user_id": 7, "event_time": "2026-01-02T12:00:00Z", '
        '"value": 1.5, "properties": {"x": 1}}'
    )
    load(warehouse, written(tmp_path / "a.jsonl", line), "events")
    frame = pl.DataFrame(
        {
            "event_name": ["a"],
            "user_id": [7],
            "event_time": [datetime(2026, 1, 2, 12, tzinfo=UTC)],
            "value": [1.5],
            "properties": [{"x": 1}],
        }
    )
    frame.write_parquet(tmp_path / "a.parquet")
    load(warehouse, tmp_path / "a.parquet", "events")
    header = "event_name,user_id,event_time,value,properties"
    text = 'a,7,2026-01-02 20:00:00+08:00,1.50,"{""x"": 1}"'
    load(warehouse, events(tmp_path, text, header=header), "events")
    rows = table(warehouse, "ab_source.events")
    assert len(rows) == 3
    assert rows[0] == rows[1] == rows[2]


def test_loads_in_a_session_are_loads_too(warehouse: DuckDBWarehouse, tmp_path: Path) -> None:
    with warehouse.session():
        load(warehouse, exposures(tmp_path, GOOD))
        assert load(warehouse, exposures(tmp_path, GOOD)).already_loaded


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=6, deadline=None
)
@given(
    st.lists(
        st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=10)
        .filter(lambda text: text.strip() != "" and text != "\\N"),
        min_size=1,
        max_size=40,
    )
)  # fmt: skip
def test_any_user_id_comes_back_as_it_was_in_the_file(
    warehouse: DuckDBWarehouse, tmp_path: Path, users: list[str]
) -> None:
    frame = pl.DataFrame(
        {
            "user_id": users,
            "experiment_key": ["gate"] * len(users),
            "variation_key": ["0"] * len(users),
            "exposed_at": [NOW] * len(users),
        }
    )
    paths = [tmp_path / "a.csv", tmp_path / "a.parquet", tmp_path / "a.jsonl"]
    frame.write_csv(paths[0], quote_style="always", datetime_format="%Y-%m-%dT%H:%M:%SZ")
    frame.write_parquet(paths[1])
    frame.with_columns(exposed_at=pl.lit("2026-01-03T00:00:00Z")).write_ndjson(paths[2])
    with warehouse.session():
        for path in paths:
            if warehouse.columns("ab_source.exposures"):
                warehouse.execute(Statement("a", "DELETE FROM ab_source.exposures"))
                warehouse.execute(Statement("a", "DELETE FROM ab_source.loads"))
            load(warehouse, path)
            assert [row["user_id"] for row in table(warehouse, "ab_source.exposures")] == users


def test_a_load_gives_back_the_memory_it_was_bound_to(tmp_path: Path) -> None:
    path = tmp_path / "ab.duckdb"
    limit = "SELECT current_setting('memory_limit')"
    with connected(path, 5) as connection:
        before = connection.execute(limit).fetchone()
        load(DuckDBWarehouse(path), exposures(tmp_path, GOOD))
        assert connection.execute(limit).fetchone() == before


def test_a_load_is_bound_by_a_limit_below_its_own(tmp_path: Path) -> None:
    path, seen = tmp_path / "ab.duckdb", []
    with connected(path, 5, Limits(memory="200MiB")) as connection:

        def look(_path: Path, _rows: int) -> None:
            seen.append(connection.execute("SELECT current_setting('memory_limit')").fetchone())

        warehouse = DuckDBWarehouse(path, limits=Limits(memory="200MiB"))
        load_files(warehouse, "exposures", [exposures(tmp_path, GOOD)], NOW, look)
    assert seen == [("200.0 MiB",)]


def test_a_load_is_bound_while_it_runs(tmp_path: Path) -> None:
    path = tmp_path / "ab.duckdb"
    seen: list[str] = []
    with connected(path, 5) as connection:

        def look(_path: Path, _rows: int) -> None:
            row = connection.execute("SELECT current_setting('memory_limit')").fetchone()
            seen.append(str(row[0]) if row else "")

        load_files(DuckDBWarehouse(path), "exposures", [exposures(tmp_path, GOOD)], NOW, look)
        threads = connection.execute("SELECT current_setting('threads')").fetchone()
    assert threads is not None
    with duckdb.connect() as other:
        other.execute(f"SET memory_limit = '{256 + 128 * threads[0]}MiB'")
        assert seen == list(
            other.execute("SELECT current_setting('memory_limit')").fetchone() or ()
        )
