"""Memory and threads of the embedded warehouse: kept, told, and enough to finish by spilling."""

from pathlib import Path

import duckdb
import pytest

from ab_assets.errors import ConfigurationError
from ab_assets.settings import read_settings
from ab_assets.warehouse.duckdb.connection import connected
from ab_assets.warehouse.duckdb.explaining import explained
from ab_assets.warehouse.duckdb.limits import Limits, duckdb_limits

# 600,000 texts: some 80 MB, more than the limits below.
_SORTED = """
CREATE OR REPLACE TEMP TABLE sorted AS
SELECT concat('a long enough text to be stored apart from others ', number) AS text, number
FROM range(600000) AS r(number) ORDER BY md5(concat('', number))
"""


def sort_in(path: Path, memory: str) -> int:
    """How many rows were sorted in that much memory."""
    with connected(path, 1.0, Limits(memory=memory, threads=1)) as connection:
        connection.execute(_SORTED)
        ((count,),) = connection.execute("SELECT count(DISTINCT text) FROM sorted").fetchall()
    return int(count)


def test_the_limits_are_those_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AB_DUCKDB_MEMORY", "700MB")
    monkeypatch.setenv("AB_DUCKDB_THREADS", "1")
    monkeypatch.setenv("AB_DUCKDB_SPILL_DIRECTORY", str(tmp_path / "spilled"))
    with connected(tmp_path / "ab.duckdb", 1.0, duckdb_limits(read_settings())) as connection:
        row = connection.execute(
            "SELECT current_setting('memory_limit'), current_setting('threads'), "
            "current_setting('temp_directory')"
        ).fetchone()
    assert row == ("667.5 MiB", 1, str(tmp_path / "spilled"))


@pytest.mark.parametrize("value", ["much", "-1GB", "0GB", "3", "3 TB; DROP", "80%"])
def test_a_memory_that_is_no_size_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AB_DUCKDB_MEMORY", value)
    with pytest.raises(ConfigurationError, match=r"AB_DUCKDB_MEMORY: .* write one like 3GB"):
        read_settings()


def test_what_does_not_fit_into_memory_is_spilled_and_right(tmp_path: Path) -> None:
    assert sort_in(tmp_path / "ab.duckdb", "70MB") == 600_000


def test_too_little_memory_is_told_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(duckdb.OutOfMemoryException) as caught:
        sort_in(tmp_path / "ab.duckdb", "3MB")
    told = explained(str(caught.value))
    assert "nothing of this was kept; give it more memory with AB_DUCKDB_MEMORY" in told
