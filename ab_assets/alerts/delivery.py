"""From the ledger to a channel: each message once.

What belongs here: announcing an attempt, making it, recording its outcome; which messages wait.
What does not: what there is to tell (``planning``), and what a channel says (``channels``).

An attempt is announced in the ledger first. If the process dies before it records the outcome,
nobody can know whether the message left: it is not sent again, and a later message repeats it as
one of unknown fate. A channel that drops ids it has seen is simply asked again.
"""

import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ab_assets.alerts.attempts import Attempt, Standing, State, Status, next_wait, standing_of
from ab_assets.alerts.channels.channel import Channel, Outcome, Result
from ab_assets.alerts.ledger import Entry, Ledger
from ab_assets.alerts.message import Message

_LATELY = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLimits:
    """Bounds of one delivery.

    Attributes:
        messages: Attempts; fewer than the twenty a minute that DingTalk takes.
        seconds: No attempt begins later; Dagster ends a sensor's tick after sixty.
        grace: An announced attempt older than this has lost its process.
    """

    messages: int = 15
    seconds: float = 20.0
    grace: timedelta = timedelta(minutes=5)


@dataclass
class DeliveryReport:
    """What came of one delivery.

    Attributes:
        errors: Why attempts failed.
        waiting: Messages that are to be sent later.
    """

    sent: int = 0
    failed: int = 0
    unknown: int = 0
    waiting: int = 0
    errors: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counts = (
            ("sent", self.sent),
            ("failed", self.failed),
            ("of unknown fate", self.unknown),
            ("waiting", self.waiting),
        )
        told = ", ".join(f"{count} {name}" for name, count in counts if count)
        return "; ".join([told or "nothing to send", *self.errors])


def _recent_troubles(entries: Iterable[Entry], now: datetime) -> int:
    """How often the channel was found down lately, whichever message met it."""
    return sum(
        row.holds_channel and now - row.recorded_at < _LATELY
        for entry in entries
        for row in entry.attempts
    )


class Delivery:
    """Sends what is due, in order, within bounds.

    Args:
        ledger: Where messages and attempts are.
        channel: Where messages go.
        limits: Bounds.
        clock: The time.
    """

    def __init__(
        self,
        ledger: Ledger,
        channel: Channel,
        limits: DeliveryLimits | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._ledger = ledger
        self._channel = channel
        self._limits = limits or DeliveryLimits()
        self._clock = clock
        self._troubles = 0

    def run(self) -> DeliveryReport:
        """Sends what is due; a channel that is down ends it until its wait is over."""
        report = DeliveryReport()
        with self._ledger.session():
            outbox = self._ledger.outbox()
        now = self._clock()
        self._troubles = _recent_troubles(outbox, now)
        standings = [
            (entry, standing_of(entry.attempts, now, self._limits.grace)) for entry in outbox
        ]
        entries = [item for item in standings if item[1].state not in self._final_states()]
        if any(item.holds_channel and not self._is_due(item) for _, item in standings):
            report.waiting = len(entries)
            return report
        stop_at = time.monotonic() + self._limits.seconds
        blocked: set[object] = set()
        attempts = 0
        for place, (entry, standing) in enumerate(entries):
            if attempts >= self._limits.messages or time.monotonic() > stop_at:
                report.waiting += len(entries) - place
                break
            # A recovery must not overtake the message that told the problem.
            identity = entry.message.identity or entry.message.id
            if identity in blocked or not self._is_due(standing):
                blocked.add(identity)
                report.waiting += 1
                continue
            attempts += 1
            result = self._attempt(entry, standing)
            if result is None:
                report.waiting += 1
                continue
            self._count(report, result)
            if result.outcome is not Outcome.SENT:
                blocked.add(identity)
            if result.is_down:
                report.waiting += len(entries) - place - 1
                break
        return report

    def _final_states(self) -> set[State]:
        """Where ids are not remembered, unknown is for good."""
        return {State.DONE} if self._channel.is_idempotent else {State.DONE, State.UNKNOWN}

    def _is_due(self, standing: Standing) -> bool:
        if standing.state is State.IN_FLIGHT:
            return False
        return standing.not_before is None or standing.not_before <= self._clock()

    def _attempt(self, entry: Entry, standing: Standing) -> Result | None:
        """Announces, looks whether somebody else did too, sends, and records."""
        message, claim = entry.message, uuid.uuid4().hex
        announced = self._row(message, claim, Status.SENDING)
        known = {row.claim for row in entry.attempts}
        with self._ledger.session():
            self._ledger.add_attempts([announced])
            others = {row.claim for row in self._ledger.attempts(message.id)} - known - {claim}
        if others:
            # Both give way: whoever reads after writing sees the other, so never do both send.
            self._ledger.add_attempts([self._row(message, claim, Status.WITHDRAWN)])
            return None
        result = self._channel.send(message, self._clock())
        self._ledger.add_attempts(self._outcome(message, claim, standing, result))
        return result

    def _outcome(
        self, message: Message, claim: str, standing: Standing, result: Result
    ) -> Sequence[Attempt]:
        if result.outcome is Outcome.SENT:
            sent = self._row(message, claim, Status.SENT, error=result.error)
            # What the message repeats has been told with it.
            repeated = [
                Attempt(mentioned, message.id, Status.MENTIONED, self._channel.name, self._clock())
                for mentioned in message.mentions
            ]
            return [sent, *repeated]
        refused = result.outcome is Outcome.REFUSED
        failures = max(standing.failures, self._troubles if result.is_down else 0)
        wait = next_wait(failures + 1, result.wait_seconds)
        return [
            self._row(
                message,
                claim,
                Status.FAILED if refused else Status.UNKNOWN,
                next_attempt_at=self._clock() + wait,
                holds_channel=result.is_down,
                error=result.error,
            )
        ]

    def _row(
        self,
        message: Message,
        claim: str,
        status: Status,
        *,
        next_attempt_at: datetime | None = None,
        holds_channel: bool = False,
        error: str = "",
    ) -> Attempt:
        return Attempt(
            message_id=message.id,
            claim=claim,
            status=status,
            channel=self._channel.name,
            recorded_at=self._clock(),
            next_attempt_at=next_attempt_at,
            holds_channel=holds_channel,
            error=error,
        )

    @staticmethod
    def _count(report: DeliveryReport, result: Result) -> None:
        if result.outcome is Outcome.SENT:
            report.sent += 1
        elif result.outcome is Outcome.REFUSED:
            report.failed += 1
        else:
            report.unknown += 1
        if result.error:
            report.errors.append(result.error)
