"""The warehouse as a Dagster resource.

What belongs here: wiring the settings to a warehouse. What does not: anything a warehouse does;
assets get the framework-free object.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path

from dagster import ConfigurableResource
from pydantic import Field

from ab_assets.settings import read_settings
from ab_assets.warehouse.duckdb.limits import duckdb_limits
from ab_assets.warehouse.interface import Warehouse
from ab_assets.warehouse.url import open_duckdb, open_warehouse


# generic only for its own factory
class WarehouseResource(ConfigurableResource):  # type: ignore[type-arg]
    """Opens the warehouse that ``AB_WAREHOUSE_URL`` names.

    The URL may hold a password, so it is no configuration of the resource (Dagster shows and stores
    that): it is read from the environment when the warehouse is opened.

    Attributes:
        path: A DuckDB file to use instead, for tests and one-off runs; empty for the environment's.
        lock_seconds: How long to wait for a file another process has open; negative for the
            environment's.
    """

    path: str = Field(default="", description="A DuckDB file to use instead of AB_WAREHOUSE_URL.")
    lock_seconds: float = Field(
        default=-1.0, description="Wait for the file; negative: AB_WAREHOUSE_LOCK_SECONDS."
    )

    def open(self, longest_wait_seconds: float = inf) -> Warehouse:
        """The warehouse; nothing is connected before its first use.

        Args:
            longest_wait_seconds: Wait no longer than this for the file or the cluster, whatever is
                configured.
        """
        settings = read_settings()
        seconds = settings.warehouse_lock_seconds if self.lock_seconds < 0 else self.lock_seconds
        seconds = min(seconds, longest_wait_seconds)
        if self.path:
            return open_duckdb(Path(self.path), seconds, duckdb_limits(settings))
        return open_warehouse(
            settings.warehouse_url.get_secret_value(),
            seconds,
            min(settings.warehouse_patience_seconds, longest_wait_seconds),
            duckdb_limits(settings),
        )

    @contextmanager
    def opened(self, longest_wait_seconds: float = inf) -> Iterator[Warehouse]:
        """The warehouse of :meth:`open` for one block, for a process that lives long.

        Args:
            longest_wait_seconds: As in :meth:`open`.
        """
        warehouse = self.open(longest_wait_seconds)
        try:
            yield warehouse
        finally:
            warehouse.close()
