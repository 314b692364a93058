"""Shared by the tests over the wire: a cluster's stand-in and a warehouse on it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ab_assets.warehouse.starrocks.errors import Patience
from ab_assets.warehouse.starrocks.exchange import Times
from ab_assets.warehouse.starrocks.stream_load import StreamLoader
from ab_assets.warehouse.starrocks.warehouse import StarRocksWarehouse
from ab_assets.warehouse.statements import Statement
from ab_assets.warehouse.tables import TableDefinition
from tests.starrocks.stand_in import StarRocksStandIn
from tests.warehouse.conftest import TABLE


@dataclass
class Time:
    """A clock that only sleeping moves.

    Attributes:
        now: The time.
        waits: How long was slept, each time.
        meanwhile: What happens in the cluster during the next sleeps, one after the other.
    """

    now: float = 0.0
    waits: list[float] = field(default_factory=list)
    meanwhile: list[Callable[[], object]] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds
        if self.meanwhile:
            self.meanwhile.pop(0)()

    def clock(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[StarRocksStandIn]:
    with StarRocksStandIn(tmp_path / "cluster.duckdb") as running:
        yield running


@pytest.fixture
def star(cluster: StarRocksStandIn, time: Time) -> Iterator[StarRocksWarehouse]:
    """A warehouse on the cluster."""
    opened = warehouse_on(cluster, time)
    yield opened
    opened.close()


@pytest.fixture
def toy(star: StarRocksWarehouse, cluster: StarRocksStandIn) -> TableDefinition:
    """The small table, made; what was sent for it is forgotten."""
    star.ensure(TABLE)
    cluster.forget_statements()
    return TABLE


def warehouse_on(cluster: StarRocksStandIn, time: Time) -> StarRocksWarehouse:
    """A warehouse whose waiting takes no time."""
    location = cluster.location
    loader = StreamLoader(
        location, 60, sleep=time.sleep, clock=time.clock, times=Times(connect=5, answer=5)
    )
    return StarRocksWarehouse(location, Patience(sleep=time.sleep, clock=time.clock), loader)


def users_of(warehouse: StarRocksWarehouse) -> dict[str, int]:
    """The small table as user -> n; a user that is there twice is an error."""
    rows = warehouse.fetch(
        Statement("test", "SELECT user_id, n FROM ab.toy ORDER BY user_id")
    ).rows()
    assert len({user for user, _ in rows}) == len(rows), rows
    return dict(rows)
