"""The state of a message: the fold over the rows that were added about sending it.

What belongs here: that fold and the waits between attempts. What does not: sending.

An attempt is announced before it is made (``sending``) and its outcome is added after. An attempt
without an outcome is one whose process is still at it, or was killed: after a while its fate counts
as unknown. Rows are only ever added, so that a crash leaves nothing half changed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
LONGEST_ASKED_WAIT = timedelta(hours=1)


class Status(StrEnum):
    """What a row says about an attempt."""

    SENDING = "sending"
    WITHDRAWN = "withdrawn"  # another process announced an attempt at the same time
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    MENTIONED = "mentioned"  # a later message that was sent repeats it


class State(StrEnum):
    """What is to be done about a message."""

    DUE = "due"
    IN_FLIGHT = "in flight"
    UNKNOWN = "unknown"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One row of ``ab.alert_attempts``; times are aware.

    Attributes:
        claim: Names the attempt.
        holds_channel: Whether every message waits until ``next_attempt_at``.
    """

    message_id: str
    claim: str
    status: Status
    channel: str
    recorded_at: datetime
    next_attempt_at: datetime | None = None
    holds_channel: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a message stands.

    Attributes:
        failures: Attempts that did not arrive for sure.
        not_before: The earliest time of the next attempt.
        holds_channel: Whether until then nothing else is sent either.
    """

    state: State
    failures: int = 0
    not_before: datetime | None = None
    holds_channel: bool = False


def standing_of(attempts: Iterable[Attempt], now: datetime, grace: timedelta) -> Standing:
    """Where a message stands after these attempts.

    Args:
        attempts: In any order.
        now: An attempt announced longer than ``grace`` ago and without an outcome is unknown.
        grace: Longer than any attempt takes.
    """
    outcomes: dict[str, Attempt] = {}
    for row in attempts:
        known = outcomes.get(row.claim)
        if known is None or known.status is Status.SENDING:
            outcomes[row.claim] = row
    rows = [row for row in outcomes.values() if row.status is not Status.WITHDRAWN]
    statuses = {row.status for row in rows}
    if statuses & {Status.SENT, Status.MENTIONED}:
        return Standing(State.DONE)
    failed = [row for row in rows if row.status in {Status.FAILED, Status.UNKNOWN}]
    newest = max(failed, key=lambda row: row.recorded_at, default=None)
    open_claims = [row for row in rows if row.status is Status.SENDING]
    if any(now - row.recorded_at < grace for row in open_claims):
        return Standing(State.IN_FLIGHT, len(failed))
    uncertain = bool(open_claims) or Status.UNKNOWN in statuses
    return Standing(
        State.UNKNOWN if uncertain else State.DUE,
        len(failed) + len(open_claims),
        newest.next_attempt_at if newest else None,
        newest.holds_channel if newest else False,
    )


def next_wait(failures: int, asked_seconds: float | None) -> timedelta:
    """How long to wait after that many failures; what the channel asked for wins, within bounds.

    Examples:
        >>> [next_wait(failures, None).seconds for failures in (1, 2, 3, 30)]
        [30, 60, 120, 900]
        >>> next_wait(1, 7.0).seconds
        7
    """
    if asked_seconds is not None:
        asked = timedelta(seconds=max(asked_seconds, 1.0))
        return min(asked, LONGEST_ASKED_WAIT)
    doubled: float = 2.0 ** min(failures - 1, 20)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT)
