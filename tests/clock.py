"""A clock for tests of waiting."""

from dataclasses import dataclass, field


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
