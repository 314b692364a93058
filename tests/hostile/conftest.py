"""Shared by the doors: one warehouse file for a module's loads, each with rows of its own."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.loading import FileReport, TargetName, load_files
from ab_assets.warehouse.statements import Statement

NOW = datetime(2026, 1, 3, tzinfo=UTC)


class Doors:
    """Loads files and says what became of their rows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.warehouse = DuckDBWarehouse(folder / "ab.duckdb", lock_seconds=5)
        self._number = 0

    def path(self, name: str) -> Path:
        """A new place for a file of that name."""
        self._number += 1
        place = self.folder / str(self._number)
        place.mkdir()
        return place / name

    def load(self, path: Path, target: TargetName = "exposures") -> FileReport:
        """Loads one file; no row of it goes missing."""
        report = load_files(self.warehouse, target, [path], NOW).files[0]
        counted = len(self.rejected(report))
        assert report.rows_read == report.rows_loaded + report.rows_rejected
        assert report.rows_rejected == counted
        return report

    def rejected(self, report: FileReport) -> list[tuple[int, str, str]]:
        """Row numbers, reasons and raw rows of a load."""
        text = (
            "SELECT row_number, reason, raw FROM ab_source.rejected "
            "WHERE load_label = :label ORDER BY row_number"
        )
        return self.warehouse.fetch(Statement("rejected", text, {"label": report.label})).rows()

    def column(self, table: str, column: str, experiment: str) -> list[object]:
        """A column of the exposures of one experiment."""
        text = f"SELECT {column} FROM {table} WHERE experiment_key = :experiment"
        return self.warehouse.fetch(Statement("rows", text, {"experiment": experiment}))[
            column
        ].to_list()


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    opened = Doors(tmp_path_factory.mktemp("doors"))
    with opened.warehouse.session():  # opening the file is what a load spends its time on
        yield opened


@pytest.fixture
def written(doors: Doors) -> Callable[[str, str | bytes], Path]:
    """Writes a file of that name in a folder of its own."""

    def write(name: str, content: str | bytes) -> Path:
        path = doors.path(name)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write
