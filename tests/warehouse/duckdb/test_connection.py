"""A real file, real second processes."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ab_assets.errors import WarehouseError, WarehouseLockedError
from ab_assets.warehouse.duckdb.connection import _describe_process, connected
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.statements import Statement
from tests.warehouse.conftest import DAY, TABLE, provenance, rows_of, users_of

ONE = Statement("one.sql", "SELECT 1 AS one")
HOLDER = """
import sys, time
from pathlib import Path
from ab_assets.warehouse.duckdb.connection import connected
with connected(Path(sys.argv[1]), 5):
    print("open", flush=True)
    time.sleep(float(sys.argv[2]))
"""
WRITER = """
import sys
from pathlib import Path
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.statements import Statement
from tests.warehouse.conftest import DAY, TABLE, provenance
warehouse = DuckDBWarehouse(Path(sys.argv[1]))
text = '''
SELECT :tag AS tag, :day AS event_date, concat(a.user_id, '-', b.user_id) AS user_id, :n AS n,
  0.5 AS share
FROM ab.seed AS a CROSS JOIN ab.seed AS b
'''
print("ready", flush=True)
for n in range(2, 10_000):
    statement = Statement("writer", text, {"tag": "retention", "day": DAY, "n": n})
    partition = {"tag": "retention", "event_date": DAY}
    warehouse.overwrite(TABLE, partition, statement, provenance(path=str(n)))
"""


@contextmanager
def process(script: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    running = subprocess.Popen(
        [sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, text=True
    )
    try:
        assert running.stdout is not None
        assert running.stdout.readline().strip() in ("open", "ready")
        yield running
    finally:
        running.kill()
        running.communicate()


def test_the_file_and_its_folder_are_made(tmp_path: Path) -> None:
    with connected(tmp_path / "new" / "er" / "ab.duckdb", 1) as connection:
        assert connection.execute("SELECT 1").fetchall() == [(1,)]
    assert (tmp_path / "new" / "er" / "ab.duckdb").is_file()


@pytest.mark.parametrize(
    "name", ["it's.duckdb", "with space.db", "ab", "ünïcode.duckdb", "a;b.duckdb"]
)
def test_any_file_name_will_do(tmp_path: Path, name: str) -> None:
    DuckDBWarehouse(tmp_path / name).ensure(TABLE)
    assert DuckDBWarehouse(tmp_path / name).tables("ab") == ["toy"]


def test_a_python_variable_is_no_table(warehouse: DuckDBWarehouse) -> None:
    frame = rows_of({"a": 1})
    with (
        connected(warehouse.path, 1) as connection,
        pytest.raises(Exception, match="frame does not exist"),
    ):
        connection.execute("SELECT * FROM frame").fetchall()
    assert frame.height == 1


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("TimeZone", "UTC"),
        ("autoinstall_known_extensions", False),
        ("autoload_known_extensions", False),
        ("error_on_division_by_zero", False),
    ],
)
def test_every_connection_has_our_settings(
    warehouse: DuckDBWarehouse, setting: str, value: object
) -> None:
    with connected(warehouse.path, 1) as connection:
        assert connection.execute("SELECT current_setting($s)", {"s": setting}).fetchone() == (
            value,
        )


def test_a_file_another_process_has_open_is_waited_for(warehouse: DuckDBWarehouse) -> None:
    with process(HOLDER, str(warehouse.path), "0.7"):
        assert warehouse.fetch(ONE).item() == 1


def test_a_file_that_stays_open_elsewhere_is_an_error_that_names_the_process(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ab.duckdb"
    with process(HOLDER, str(path), "60") as holder:
        started = time.monotonic()
        with pytest.raises(WarehouseLockedError) as caught:
            DuckDBWarehouse(path, lock_seconds=0.3).fetch(ONE)
        waited = time.monotonic() - started
    assert f"is open in process {holder.pid} (" in str(caught.value)
    assert f"{path}" in str(caught.value)
    assert "AB_WAREHOUSE_LOCK_SECONDS" in str(caught.value)
    assert 0.3 <= waited < 10


def test_the_command_line_of_the_other_process_shows_no_password(tmp_path: Path) -> None:
    path = tmp_path / "ab.duckdb"
    holder = process(HOLDER, str(path), "60", "starrocks://me:hunter2@fe/ab")
    with holder, pytest.raises(WarehouseLockedError) as caught:
        DuckDBWarehouse(path, lock_seconds=0).fetch(ONE)
    assert "hunter2" not in str(caught.value)


def test_a_process_that_is_gone_is_named_by_its_number() -> None:
    assert _describe_process(2**22 + 1) == f"process {2**22 + 1}"


def test_the_file_can_be_opened_again_after_a_locked_attempt(tmp_path: Path) -> None:
    warehouse = DuckDBWarehouse(tmp_path / "ab.duckdb", lock_seconds=0)
    with process(HOLDER, str(warehouse.path), "60"), pytest.raises(WarehouseLockedError):
        warehouse.fetch(ONE)
    assert warehouse.fetch(ONE).item() == 1


def test_a_file_that_is_no_database_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "ab.duckdb").write_text("no database, but long enough to be taken for one" * 100)
    with pytest.raises(WarehouseError, match=r"ab\.duckdb cannot be opened: .*move it away"):
        DuckDBWarehouse(tmp_path / "ab.duckdb").fetch(ONE)


def test_a_folder_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(
        WarehouseError, match=r"is a folder; AB_WAREHOUSE_URL has to name a file in it"
    ):
        DuckDBWarehouse(tmp_path).fetch(ONE)


def test_a_place_that_cannot_be_written_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(
        WarehouseError, match=r"cannot be made: .*point AB_WAREHOUSE_URL at a folder"
    ):
        DuckDBWarehouse(tmp_path / "file" / "ab.duckdb").fetch(ONE)


def test_threads_share_the_file(warehouse: DuckDBWarehouse) -> None:
    warehouse.ensure(TABLE)
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            for turn in range(4):
                tag = f"t{number}"
                frame = rows_of({f"{tag}-{turn}": turn}, tag=tag)
                warehouse.overwrite_rows(
                    TABLE, {"tag": tag, "event_date": DAY}, frame, provenance(tag=tag)
                )
                warehouse.fetch(ONE)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert users_of(warehouse) == {f"t{number}-3": 3 for number in range(4)}
    assert len(warehouse.read_provenance("ab.toy")) == 4


def test_the_file_is_free_again_when_the_last_thread_is_done(warehouse: DuckDBWarehouse) -> None:
    warehouse.fetch(ONE)
    with process(HOLDER, str(warehouse.path), "60") as holder:
        assert holder.poll() is None


def test_a_killed_writer_leaves_a_whole_partition(warehouse: DuckDBWarehouse) -> None:
    seed = rows_of({f"u{number}": 1 for number in range(300)})
    warehouse.ensure(TABLE)
    seed_table = TABLE.__class__("ab", "seed", TABLE.columns)
    warehouse.ensure(seed_table)
    warehouse.append(seed_table, seed)
    counts = Statement(
        "count", "SELECT n, count(*) AS rows_kept FROM ab.toy WHERE tag = 'retention' GROUP BY n"
    )
    for delay in (0.05, 0.15, 1.5):
        with process(WRITER, str(warehouse.path)) as writer:
            time.sleep(delay)
            os.kill(writer.pid, signal.SIGKILL)
            writer.wait()
        kept = warehouse.fetch(counts).rows()
        recorded = warehouse.read_provenance("ab.toy")
        assert kept in ([], [(int(recorded[0].path), 90_000)] if recorded else [])
        assert [row.row_count for row in recorded] == [90_000] * len(kept)
    assert kept, "the writer never finished a partition: the kills proved nothing"
