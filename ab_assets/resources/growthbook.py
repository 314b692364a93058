"""GrowthBook for assets: which source the environment names, wired to the client that reads it.

What belongs here: choosing between the API and a saved answer. What does not: reading either
(``ab_assets.growthbook``), and what an asset does with the result.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from dagster import ConfigurableResource

from ab_assets.deferred import deferred
from ab_assets.errors import ConfigurationError
from ab_assets.experiments import Snapshot
from ab_assets.growthbook.catalogue import MetricCatalogue
from ab_assets.growthbook.limits import Limits
from ab_assets.growthbook.snapshot_file import read_catalogue_file, read_snapshot_file
from ab_assets.settings import Settings, read_settings

if TYPE_CHECKING:
    from ab_assets.growthbook.client import GrowthBookClient
else:
    GrowthBookClient = deferred("ab_assets.growthbook.client:GrowthBookClient")


class GrowthBookResource(ConfigurableResource[None]):
    """Hands assets a snapshot of GrowthBook.

    The key is no field: run configuration is stored and shown. It is read from the environment when
    it is used. A snapshot file wins over the API, and a field over the environment.

    Attributes:
        api_url: Instead of ``GROWTHBOOK_API_URL``.
        snapshot: Instead of ``GROWTHBOOK_SNAPSHOT``.
    """

    api_url: str | None = None
    snapshot: str | None = None

    def pull(self, limits: Limits | None = None) -> Snapshot:
        """Every experiment, and what is wrong with those that make no sense.

        Args:
            limits: How patient to be with the API; as an asset can be by default.

        Raises:
            ConfigurationError: The environment names no source, or a wrong one.
            GrowthBookError: The source could not be read.
        """
        settings = read_settings()
        path = self._snapshot_path(settings)
        return self._client(settings, limits).pull() if path is None else read_snapshot_file(path)

    def fact_metrics(self) -> MetricCatalogue:
        """GrowthBook's metrics; a snapshot file gives those it holds.

        Raises:
            ConfigurationError: The environment names no source, or a wrong one.
            GrowthBookError: The source could not be read.
        """
        settings = read_settings()
        path = self._snapshot_path(settings)
        return self._client(settings).fact_metrics() if path is None else read_catalogue_file(path)

    def _snapshot_path(self, settings: Settings) -> Path | None:
        if self.snapshot:
            return Path(self.snapshot)
        # A variable set to nothing reads as the path ".", which is no file either way.
        if self.api_url or settings.growthbook_snapshot in {None, Path()}:
            return None
        return settings.growthbook_snapshot

    def _client(self, settings: Settings, limits: Limits | None = None) -> "GrowthBookClient":
        url, key = self.api_url or settings.growthbook_api_url, settings.growthbook_api_key
        if not url:
            message = (
                "no GrowthBook is configured: set GROWTHBOOK_API_URL and GROWTHBOOK_API_KEY, or "
                "GROWTHBOOK_SNAPSHOT to a saved answer of GET /api/v1/experiments"
            )
            raise ConfigurationError(message)
        if key is None or not key.get_secret_value():
            message = (
                "GROWTHBOOK_API_URL is set but GROWTHBOOK_API_KEY is not: set it to a key that may "
                "read experiments, or set GROWTHBOOK_SNAPSHOT to work without a server"
            )
            raise ConfigurationError(message)
        return GrowthBookClient(url, key, limits)
