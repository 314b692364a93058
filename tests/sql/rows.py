"""Raw rows of the two sources, and short ways to write them."""

from dataclasses import dataclass
from datetime import UTC, datetime


def at(text: str) -> datetime:
    """An instant of 2024, UTC: ``at("03-01 10:00")``, or of any year when it is given."""
    return datetime.fromisoformat(text if text[4] == "-" else f"2024-{text}").replace(tzinfo=UTC)


@dataclass(frozen=True)
class Exposure:
    """A unit saw a variation."""

    user: str
    key: str
    at: datetime
    experiment: str = "gate"
    country: str | None = None
    platform: str | None = None
    app_version: str | None = None
    channel: str | None = None

    @property
    def row(self) -> dict[str, object]:
        """The row of ``ab_source.exposures``."""
        return {
            "user_id": self.user,
            "experiment_key": self.experiment,
            "variation_key": self.key,
            "exposed_at": self.at.replace(tzinfo=None),
            "country": self.country,
            "platform": self.platform,
            "app_version": self.app_version,
            "channel": self.channel,
        }


@dataclass(frozen=True)
class Event:
    """A unit did something."""

    user: str
    at: datetime
    name: str = "visit"
    value: float | None = None
    session: str | None = None

    @property
    def row(self) -> dict[str, object]:
        """The row of ``ab_source.events``."""
        return {
            "event_id": f"{self.user}-{self.at.isoformat()}-{self.name}",
            "event_name": self.name,
            "user_id": self.user,
            "event_time": self.at.replace(tzinfo=None),
            "session_id": self.session,
            "value": self.value,
        }


def exposed(user: str, key: str, when: str, **more: str | None) -> Exposure:
    """An exposure, its time as :func:`at` takes it."""
    return Exposure(user, key, at(when), **more)


def visit(user: str, when: str, session: str | None = None) -> Event:
    """An event without a number."""
    return Event(user, at(when), session=session)


def pay(user: str, when: str, value: float) -> Event:
    """An event with a number."""
    return Event(user, at(when), "pay", value)
