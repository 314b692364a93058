from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr

from ab_assets.growthbook.client import GrowthBookClient
from ab_assets.growthbook.limits import Limits
from tests.clock import Time
from tests.growthbook.server import KEY, GrowthBookServer


@pytest.fixture
def server() -> Iterator[GrowthBookServer]:
    with GrowthBookServer() as running:
        yield running


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def client(server: GrowthBookServer, time: Time) -> Callable[..., GrowthBookClient]:
    def build(url: str | None = None, key: str = KEY, **limits: float) -> GrowthBookClient:
        return GrowthBookClient(
            url or server.url,
            SecretStr(key),
            Limits(**limits),
            sleep=time.sleep,
            clock=time.clock,
        )

    return build
