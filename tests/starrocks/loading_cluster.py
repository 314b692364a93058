"""A cluster to load into: both ports, and what loads.

What belongs here: putting the parts together for the tests of loading. What does not: the parts.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ab_assets.warehouse.loading_types import FileRows, LoadedFile
from ab_assets.warehouse.starrocks.connection import StarRocksConnection, StarRocksPool
from ab_assets.warehouse.starrocks.errors import Patience
from ab_assets.warehouse.starrocks.exchange import Times
from ab_assets.warehouse.starrocks.load_file import FileLoading
from ab_assets.warehouse.starrocks.schema import ensure_table
from ab_assets.warehouse.starrocks.staging import is_staging
from ab_assets.warehouse.starrocks.stream_load import StreamLoader
from ab_assets.warehouse.tables import TableDefinition
from tests.clock import Time
from tests.starrocks.labels import LabelRegistry
from tests.starrocks.stand_in import StarRocksStandIn
from tests.starrocks.stream_load_server import StreamLoadServer


@dataclass
class LoadingCluster:
    """A cluster and a client of it; stands in for a warehouse where files are loaded."""

    stand_in: StarRocksStandIn
    connection: StarRocksConnection
    time: Time

    @property
    def server(self) -> StreamLoadServer:
        return self.stand_in.http

    @property
    def patience(self) -> Patience:
        return Patience(sleep=self.time.sleep, clock=self.time.clock)

    @property
    def loader(self) -> StreamLoader:
        times = Times(connect=5, answer=5, leave=5)
        return StreamLoader(
            self.stand_in.location,
            60,
            20,
            sleep=self.time.sleep,
            clock=self.time.clock,
            times=times,
        )

    def ensure(self, table: TableDefinition) -> None:
        ensure_table(self.connection, table, 1, self.patience)

    def load_file(self, rows: FileRows) -> LoadedFile:
        return FileLoading(self.connection, self.loader, self.ensure, self.patience).load(rows)

    def rows(self, text: str) -> list[tuple[object, ...]]:
        return self.connection.query(text).rows

    def forget(self) -> None:
        """Empties tables, labels and records, for the next test."""
        store = self.stand_in.store
        with store.connected() as connection:
            for table in store.tables():
                connection.execute(f"DELETE FROM {table.quoted}")
        for table in store.tables():
            if is_staging(table.name):
                store.drop_table(table.schema, table.name)
        store.labels = LabelRegistry()
        self.stand_in.forget_statements()
        self.server.requests.clear()
        self.time.now = 0.0
        self.time.waits.clear()

    def table_names(self, schema: str) -> list[str]:
        return [table.name for table in self.stand_in.store.tables(schema)]


@contextmanager
def loading_cluster(path: Path) -> Iterator[LoadingCluster]:
    """A cluster whose data is in a file."""
    time = Time()
    with StarRocksStandIn(path) as stand_in:
        pool = StarRocksPool(stand_in.location, Patience(sleep=time.sleep, clock=time.clock))
        with pool.connection() as connection:
            yield LoadingCluster(stand_in, connection, time)
        pool.close()
