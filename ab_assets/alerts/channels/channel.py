"""What every channel can do.

What belongs here: the interface, and what may come of sending. What does not: any one channel.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ab_assets.alerts.message import Message


class Outcome(StrEnum):
    """What came of one attempt."""

    SENT = "sent"
    REFUSED = "refused"  # for sure not delivered: worth another attempt
    UNKNOWN = "unknown"  # the message left; nobody said whether it arrived


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one attempt, and what that means for the next.

    Attributes:
        error: For a person; names no secret.
        wait_seconds: What the channel asked for.
        is_down: Whether other messages would meet the same.
    """

    outcome: Outcome
    error: str = ""
    wait_seconds: float | None = None
    is_down: bool = False


SENT = Result(Outcome.SENT)


class Channel(Protocol):
    """Somewhere people read messages.

    Attributes:
        name: As in ``AB_ALERT_KIND``.
        is_idempotent: Whether the other side drops a message whose id it has seen.
    """

    name: str
    is_idempotent: bool

    def send(self, message: Message, now: datetime) -> Result:
        """Tries once, within bounded time; never raises for what the other side does."""
        ...
