import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ab_assets.alerts.ledger import Ledger
from ab_assets.settings import PROJECT_ROOT
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.statements import StatementLibrary
from tests.alerts.receiver import Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that refuses connections."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.fixture
def library() -> StatementLibrary:
    return StatementLibrary(PROJECT_ROOT / "sql")


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[DuckDBWarehouse]:
    """A new file that stays open: opening is what costs time."""
    made = DuckDBWarehouse(tmp_path / "ab.duckdb", lock_seconds=5.0)
    with made.session():
        yield made


@pytest.fixture
def ledger(warehouse: DuckDBWarehouse, library: StatementLibrary) -> Ledger:
    made = Ledger(warehouse, library)
    made.prepare()
    return made
