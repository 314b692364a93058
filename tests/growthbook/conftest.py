from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from pydantic import SecretStr

from ab_assets.growthbook import GrowthBookClient, Limits
from tests.growthbook.server import KEY, GrowthBookServer


@dataclass
class Time:
    """A clock that only sleeping moves."""

    now: float = 0.0
    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        return self.now


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
