"""Shared by the tests of the warehouse: a file of its own for each, and a small table."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.interface import Provenance
from ab_assets.warehouse.statements import Statement
from ab_assets.warehouse.tables import Column, TableDefinition

DAY = date(2026, 1, 2)
NOW = datetime(2026, 1, 3, 4, 5, 6, 789, tzinfo=UTC)
TABLE = TableDefinition(
    schema="ab",
    name="toy",
    columns=(
        Column("tag", "VARCHAR", nullable=False),
        Column("event_date", "DATE", nullable=False),
        Column("user_id", "VARCHAR"),
        Column("n", "BIGINT"),
        Column("share", "DOUBLE"),
    ),
    partition_by=("tag", "event_date"),
    sort_key=("tag", "event_date"),
    bucket_by=("user_id",),
)


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    """An empty warehouse in a file whose name is also the name of a schema."""
    return DuckDBWarehouse(tmp_path / "ab.duckdb", lock_seconds=5)


@pytest.fixture
def toy(warehouse: DuckDBWarehouse) -> TableDefinition:
    """The small table, made."""
    warehouse.ensure(TABLE)
    return TABLE


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., object]]:
    """Gives what an expression of the StarRocks dialect is on DuckDB."""
    warehouse = DuckDBWarehouse(tmp_path_factory.mktemp("answer") / "ab.duckdb")

    def ask(expression: str, **parameters: object) -> object:
        statement = Statement("test", f"SELECT {expression} AS answer", parameters)
        return warehouse.fetch(statement).item()

    with warehouse.session():
        yield ask


def rows_of(
    users: dict[str, int], tag: str = "retention", day: date = DAY, share: float = 0.5
) -> pl.DataFrame:
    """Rows of the small table."""
    return pl.DataFrame(
        {
            "tag": [tag] * len(users),
            "event_date": [day] * len(users),
            "user_id": list(users),
            "n": list(users.values()),
            "share": [share] * len(users),
        },
        schema_overrides={"event_date": pl.Date, "tag": pl.String, "user_id": pl.String},
    )


def users_of(warehouse: DuckDBWarehouse) -> dict[str, int]:
    """The small table as user -> n."""
    frame = warehouse.fetch(Statement("test", "SELECT user_id, n FROM ab.toy ORDER BY user_id"))
    return dict(frame.iter_rows())


def provenance(day: date | None = DAY, tag: str = "retention", path: str = "full") -> Provenance:
    """What a partition was made from."""
    return Provenance(
        tag=tag,
        event_date=day,
        config_hash="c0",
        sql_hash="s0",
        run_id="r0",
        path=path,
        computed_at=NOW,
        reason="a test",
    )
