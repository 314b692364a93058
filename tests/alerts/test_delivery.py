"""Each message once: through a real warehouse, to a real server."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import pytest
from pydantic import SecretStr

from ab_assets.alerts.attempts import Attempt, Status
from ab_assets.alerts.channels.channel import SENT, Channel, Outcome, Result
from ab_assets.alerts.channels.generic import GenericChannel
from ab_assets.alerts.channels.http import HttpLimits, Webhook
from ab_assets.alerts.channels.slack import SlackChannel
from ab_assets.alerts.delivery import Delivery, DeliveryLimits, DeliveryReport
from ab_assets.alerts.digest import with_mentions
from ab_assets.alerts.ledger import Ledger
from ab_assets.alerts.message import Message
from ab_assets.alerts.planning import episodes_after, plan_messages
from ab_assets.alerts.problem import Severity
from ab_assets.alerts.telling import tell
from ab_assets.alerts.uncertain import uncertain_messages
from ab_assets.errors import WarehouseError
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.statements import StatementLibrary
from tests.alerts.builders import NOW, a_problem, clock_at, later, messages_of, seen
from tests.alerts.receiver import Receiver, answers, drops_the_connection, never_answers

GRACE = DeliveryLimits().grace
QUICK = HttpLimits(read=0.2)


class Clock:
    """A clock that only a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **delta: float) -> None:
        self.now += timedelta(**delta)


class CrashError(Exception):
    """The process ends here."""


class CrashingLedger(Ledger):
    """Dies when an attempt of that status is to be recorded."""

    dies_at: Status | None = None

    def add_attempts(self, attempts: Sequence[Attempt]) -> None:  # type: ignore[override]
        if any(row.status is self.dies_at for row in attempts):
            raise CrashError
        super().add_attempts(attempts)


@dataclass
class Desk:
    """Everything a delivery needs, within one connection to the warehouse."""

    warehouse: DuckDBWarehouse
    library: StatementLibrary
    ledger: Ledger
    receiver: Receiver
    slack: SlackChannel
    program: GenericChannel
    clock: Clock

    def deliver(self, channel: Channel | None = None, **limits: float) -> DeliveryReport:
        bounds = DeliveryLimits(**limits)  # type: ignore[arg-type]
        return Delivery(self.ledger, channel or self.slack, bounds, self.clock).run()


@pytest.fixture
def desk(
    warehouse: DuckDBWarehouse, library: StatementLibrary, ledger: Ledger, receiver: Receiver
) -> Desk:
    slack = SlackChannel(Webhook(SecretStr(receiver.url)))
    program = GenericChannel(Webhook(SecretStr(receiver.url), SecretStr("key")))
    return Desk(warehouse, library, ledger, receiver, slack, program, Clock())


def planned(ledger: Ledger, *keys: str) -> tuple[Message, ...]:
    messages = messages_of(*(a_problem(key) for key in keys))
    ledger.add_messages(messages)
    return messages


def test_each_message_is_sent_once_in_order(desk: Desk) -> None:
    planned(desk.ledger, "a", "b", "c")
    assert str(desk.deliver()) == "3 sent"
    assert str(desk.deliver()) == "nothing to send"
    assert [text.split("(")[1][0] for text in desk.receiver.texts] == ["a", "b", "c"]


def test_a_channel_that_is_down_delays_and_loses_nothing(desk: Desk, closed_port: int) -> None:
    planned(desk.ledger, "a", "b")
    down = SlackChannel(Webhook(SecretStr(f"http://127.0.0.1:{closed_port}/x")))
    for _ in range(4):
        report = desk.deliver(down)
        assert (report.failed, report.waiting) == (1, 1)
        assert desk.deliver(down).waiting == 2  # its wait is not over
        desk.clock.pass_by(minutes=15)
    assert desk.deliver().sent == 2
    assert len(desk.receiver.received) == 2


def test_waits_grow_while_the_channel_is_down(desk: Desk) -> None:
    planned(desk.ledger, "a")
    desk.receiver.script += [answers(500)] * 20
    for wait in (30, 60, 120, 240, 480, 900, 900):
        before = len(desk.receiver.received)
        assert desk.deliver().failed == 1
        desk.clock.pass_by(seconds=wait - 1)
        assert desk.deliver().waiting == 1
        desk.clock.pass_by(seconds=1)
        assert len(desk.receiver.received) == before + 1


def test_retry_after_is_honoured_across_looks_and_for_every_message(desk: Desk) -> None:
    planned(desk.ledger, "a", "b")
    desk.receiver.script.append(answers(429, "slow down", Retry_After="100"))
    assert desk.deliver().failed == 1
    desk.clock.pass_by(seconds=99)
    assert desk.deliver().waiting == 2
    assert len(desk.receiver.received) == 1
    desk.clock.pass_by(seconds=1)
    assert desk.deliver().sent == 2


def test_a_message_that_is_refused_by_itself_holds_up_no_other(desk: Desk) -> None:
    planned(desk.ledger, "a", "b")
    desk.receiver.script.append(answers(400, "invalid_payload"))
    report = desk.deliver()
    assert (report.failed, report.sent) == (1, 1)
    assert "invalid_payload" in str(report)
    desk.clock.pass_by(seconds=30)
    assert desk.deliver().sent == 1


def test_a_recovery_does_not_overtake_what_it_ends(desk: Desk) -> None:
    opened = planned(desk.ledger, "a")
    desk.ledger.add_messages(plan_messages(episodes_after({}, opened), seen(), later(seconds=1)))
    desk.receiver.script.append(answers(400))
    report = desk.deliver()
    assert (report.failed, report.waiting) == (1, 1)
    assert desk.deliver().waiting == 2
    desk.clock.pass_by(minutes=1)
    assert desk.deliver().sent == 2
    assert desk.receiver.texts[-1].startswith("Recovered: sample ratio")


@pytest.mark.parametrize("script", [drops_the_connection, never_answers])
def test_a_message_of_unknown_fate_is_not_sent_again(desk: Desk, script: object) -> None:
    planned(desk.ledger, "a", "b")
    desk.receiver.script.append(script)  # type: ignore[arg-type]
    hurried = SlackChannel(Webhook(SecretStr(desk.receiver.url), limits=QUICK))
    assert desk.deliver(hurried).unknown == 1
    assert desk.deliver().waiting == 1  # the channel rests
    desk.clock.pass_by(days=1)
    assert desk.deliver().sent == 1
    assert len(desk.receiver.received) == 2


def test_a_program_that_remembers_ids_is_asked_again_with_the_same_id(desk: Desk) -> None:
    (message,) = planned(desk.ledger, "a")
    desk.receiver.script.append(drops_the_connection)
    assert desk.deliver(desk.program).unknown == 1
    desk.clock.pass_by(seconds=30)
    assert desk.deliver(desk.program).sent == 1
    assert [request.headers["Idempotency-Key"] for request in desk.receiver.received] == [
        message.id
    ] * 2


@pytest.mark.parametrize("dies_at", [Status.SENDING, Status.SENT])
def test_a_crash_around_sending_never_sends_twice(desk: Desk, dies_at: Status) -> None:
    planned(desk.ledger, "a")
    crashing = CrashingLedger(desk.warehouse, desk.library)
    crashing.dies_at = dies_at
    with pytest.raises(CrashError):
        Delivery(crashing, desk.slack, clock=desk.clock).run()
    for _ in range(3):
        desk.deliver()
        desk.clock.pass_by(hours=1)
    assert len(desk.receiver.received) == 1


def test_what_a_crash_left_unknown_is_repeated_by_the_next_message(desk: Desk) -> None:
    (first,) = planned(desk.ledger, "a")
    crashing = CrashingLedger(desk.warehouse, desk.library)
    crashing.dies_at = Status.SENT
    with pytest.raises(CrashError):
        Delivery(crashing, desk.slack, clock=desk.clock).run()
    assert desk.deliver().waiting == 1  # its process may still be at it
    assert uncertain_messages(desk.ledger.outbox(), desk.slack, desk.clock(), GRACE) == ()
    desk.clock.pass_by(minutes=6)
    assert uncertain_messages(desk.ledger.outbox(), desk.slack, desk.clock(), GRACE) == (first,)
    both = seen(a_problem("a"), a_problem("b"))
    tell(desk.ledger, desk.slack, both, desk.clock, digest_hour=23)
    assert "unknown whether this earlier message arrived" in desk.receiver.texts[-1]
    assert first.title in desk.receiver.texts[-1]
    assert uncertain_messages(desk.ledger.outbox(), desk.slack, later(days=1), GRACE) == ()
    assert desk.ledger.outbox() == []


def test_what_is_unknown_is_repeated_until_a_message_arrives(desk: Desk) -> None:
    (first,) = planned(desk.ledger, "a")
    desk.receiver.script += [drops_the_connection, drops_the_connection]
    desk.deliver()
    desk.clock.pass_by(hours=2)
    second = plan_messages({}, seen(a_problem("b")), desk.clock())[0]
    repeats = uncertain_messages(desk.ledger.outbox(), desk.slack, desk.clock(), GRACE)
    assert repeats == (first,)
    desk.ledger.add_messages((with_mentions(second, repeats),))
    assert uncertain_messages(desk.ledger.outbox(), desk.slack, desk.clock(), GRACE) == ()
    desk.deliver()
    desk.clock.pass_by(hours=2)
    lost = uncertain_messages(desk.ledger.outbox(), desk.slack, desk.clock(), GRACE)
    assert {message.id for message in lost} == {first.id, second.id}


def test_two_processes_that_announce_at_once_both_give_way(desk: Desk) -> None:
    (message,) = planned(desk.ledger, "a")

    class Rival(Ledger):
        """Another process announces just after this one did."""

        def attempts(self, message_id: str) -> list[Attempt]:
            rival = Attempt(message.id, "rival", Status.SENDING, "slack", desk.clock())
            withdrawn = Attempt(message.id, "rival", Status.WITHDRAWN, "slack", desk.clock())
            self.add_attempts([rival, withdrawn])
            return super().attempts(message_id)

    report = Delivery(Rival(desk.warehouse, desk.library), desk.slack, clock=desk.clock).run()
    assert (report.sent, report.waiting) == (0, 1)
    assert desk.receiver.received == []
    assert desk.deliver().sent == 1


def test_a_program_is_asked_again_after_a_crash_too(desk: Desk) -> None:
    (message,) = planned(desk.ledger, "a")
    desk.ledger.add_attempts([Attempt(message.id, "x", Status.SENDING, "generic", desk.clock())])
    assert uncertain_messages(desk.ledger.outbox(), desk.program, later(hours=1), GRACE) == ()
    assert desk.deliver(desk.program).waiting == 1
    desk.clock.pass_by(minutes=6)
    assert desk.deliver(desk.program).sent == 1
    assert len(desk.receiver.received) == 1


def test_a_look_sends_no_more_than_its_bound(desk: Desk) -> None:
    planned(desk.ledger, "a", "b", "c")
    report = desk.deliver(messages=2)
    assert (report.sent, report.waiting) == (2, 1)
    assert desk.deliver(seconds=-1.0).waiting == 1
    assert desk.deliver().sent == 1


def test_when_the_announcement_cannot_be_recorded_nothing_is_sent(desk: Desk) -> None:
    class Broken(Ledger):
        def add_attempts(self, attempts: object) -> None:  # noqa: ARG002
            message = "the desk.warehouse is gone"
            raise WarehouseError(message)

    planned(desk.ledger, "a")
    with pytest.raises(WarehouseError):
        Delivery(Broken(desk.warehouse, desk.library), desk.slack).run()
    assert len(desk.ledger.outbox()) == 1


def test_a_whole_story_is_told_once(desk: Desk) -> None:
    problem, worse = a_problem(), a_problem(severity=Severity.FAIL)
    for hours, look in enumerate([seen(problem), seen(problem), seen(worse), seen(worse), seen()]):
        tell(desk.ledger, desk.slack, look, clock_at(hours=hours), digest_hour=11)
    assert [text.split(":")[0] for text in desk.receiver.texts] == [
        "Warning",
        "Worse, now failed",
        "Recovered",
    ]


def test_the_digest_comes_once_a_day_while_something_is_open(desk: Desk) -> None:
    for hours in range(0, 72, 6):  # from noon; the digest is due at nine
        tell(desk.ledger, desk.slack, seen(a_problem()), clock_at(hours=hours), digest_hour=9)
    assert [text.split("\n")[0] for text in desk.receiver.texts] == [
        "Warning: sample ratio · Basket (basket)",
        "1 problem is open on 2025-03-11",
        "1 problem is open on 2025-03-12",
    ]


class Memory:
    """A channel that keeps what it is given, and sometimes takes the process with it."""

    def __init__(self, random: Random, *, is_idempotent: bool) -> None:
        self.name, self.is_idempotent = "memory", is_idempotent
        self.received: list[Message] = []
        self.is_calm = False
        self._random = random

    def send(self, message: Message, now: datetime) -> Result:  # noqa: ARG002
        if self.is_calm:
            self.received.append(message)
            return SENT
        if self._random.random() < 0.15:
            raise CrashError
        if self._random.random() < 0.15:
            return Result(Outcome.REFUSED, "no")
        self.received.append(message)
        if self._random.random() < 0.25:
            raise CrashError
        return SENT if self._random.random() < 0.8 else Result(Outcome.UNKNOWN, "who knows")


class FlakyLedger(Ledger):
    """Any append may be the last thing the process did, before or after it took hold."""

    random: Random

    def add_attempts(self, attempts: Iterable[Attempt]) -> None:
        if self.random.random() < 0.1:
            raise CrashError
        super().add_attempts(attempts)
        if self.random.random() < 0.1:
            raise CrashError


@pytest.mark.parametrize("is_idempotent", [False, True])
def test_crashes_anywhere_send_nothing_twice_and_lose_nothing(
    desk: Desk, is_idempotent: bool
) -> None:
    random = Random(11)  # noqa: S311 (data)
    channel = Memory(random, is_idempotent=is_idempotent)
    flaky = FlakyLedger(desk.warehouse, desk.library)
    flaky.random = random
    limits = DeliveryLimits(grace=timedelta(0))
    planned: dict[str, Message] = {}
    look, crashes = seen(), 0
    for place in range(32):
        if place % 2 == 0:
            severities = [Severity.WARN, Severity.FAIL]
            problems = [a_problem(key, severity=random.choice(severities)) for key in "abc"]
            look = seen(*random.sample(problems, random.randrange(4)))
        try:
            tell(flaky, channel, look, clock_at(hours=place), digest_hour=9, limits=limits)
        except CrashError:
            crashes += 1
        planned |= {entry.message.id: entry.message for entry in desk.ledger.outbox()}
    channel.is_calm = True
    for place in range(32, 50, 3):
        extra = [a_problem("extra")] if place % 2 else []
        tell(
            desk.ledger, channel, seen(*extra), clock_at(hours=place), digest_hour=9, limits=limits
        )
    assert crashes > 10
    assert desk.ledger.outbox() == []
    counts = Counter(message.id for message in channel.received)
    if not is_idempotent:
        assert max(counts.values()) == 1
    repeated = {mentioned for message in channel.received for mentioned in message.mentions}
    assert planned.keys() <= counts.keys() | repeated
