"""GrowthBook's REST API v1, as far as an analysis needs it.

What belongs here: which lists are read and what they become. What does not: how a request is made
(``transport``) or a list is read (``paging``).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from pydantic import SecretStr

from ab_assets.experiments import Snapshot
from ab_assets.growthbook.address import api_base
from ab_assets.growthbook.building import build_snapshot
from ab_assets.growthbook.catalogue import MetricCatalogue, build_catalogue
from ab_assets.growthbook.key import BearerKey
from ab_assets.growthbook.limits import Limits
from ab_assets.growthbook.paging import Pager
from ab_assets.growthbook.transport import DirectSession, Transport

# Ascending by creation, so that what is created meanwhile comes last. Neither the tag filter nor
# the filter on archived experiments is used: older servers refuse both, and the snapshot has to say
# that an experiment was archived, not lose it.
_EXPERIMENTS_ORDER = {"sortBy": "dateCreated"}


class GrowthBookClient:
    """Reads one GrowthBook with one key; holds no connection between calls."""

    def __init__(
        self,
        api_url: str,
        api_key: SecretStr,
        limits: Limits | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._base = api_base(api_url)
        self._key = BearerKey(api_key)
        self._limits = limits or Limits()
        self._sleep = sleep
        self._clock = clock

    def __repr__(self) -> str:
        return f"GrowthBookClient({self._base!r})"

    def pull(self) -> Snapshot:
        """Every experiment, drafts and archived ones too.

        Raises:
            GrowthBookError: The list could not be read; never a part of it in its place.
        """
        with self._pager() as pager:
            listing = pager.read_all("/experiments", "experiments", _EXPERIMENTS_ORDER)
        return build_snapshot(
            listing.items,
            source=self._base,
            pulled_at=datetime.now(UTC),
            notices=listing.notices,
        )

    def fact_metrics(self) -> MetricCatalogue:
        """Every fact metric.

        Raises:
            GrowthBookError: The list could not be read.
        """
        with self._pager() as pager:
            return build_catalogue(pager.read_all("/fact-metrics", "factMetrics").items)

    @contextmanager
    def _pager(self) -> Iterator[Pager]:
        with DirectSession() as session:
            transport = Transport(
                self._base, self._key, session, self._limits, sleep=self._sleep, clock=self._clock
            )
            yield Pager(transport.get, self._limits)
