"""The counter behind ``python -m tests.faults.kill_alerts``; the kills are made by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from ab_assets.alerts.attempts import Attempt, Status
from ab_assets.alerts.ledger import Ledger
from ab_assets.alerts.message import Message
from ab_assets.settings import PROJECT_ROOT
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.statements import StatementLibrary
from tests.alerts.builders import NOW, a_message
from tests.alerts.receiver import Receiver
from tests.faults.kill_alerts import Outcome, _count


class Counted:
    """A ledger with one message that is finished, and a receiver."""

    def __init__(self, folder: Path, receiver: Receiver, message: Message) -> None:
        self.warehouse = DuckDBWarehouse(folder / "ab.duckdb")
        self.receiver, self.message = receiver, message
        ledger = Ledger(self.warehouse, StatementLibrary(PROJECT_ROOT / "sql"))
        ledger.prepare()
        ledger.add_messages([message])
        ledger.add_attempts([Attempt(message.id, "a", Status.SENT, "slack", NOW)])

    def receive(self, text: str) -> None:
        body = {"text": text, "id": self.message.id, "data": {"text": text}}
        requests.post(self.receiver.url, json=body, timeout=5)

    def problems(self, kind: str = "slack") -> list[str]:
        outcome = Outcome()
        _count(self.warehouse, self.receiver, kind, outcome)
        return outcome.problems


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[Counted]:
    with Receiver() as receiver:
        yield Counted(tmp_path, receiver, a_message())


@pytest.mark.parametrize("kind", ["slack", "generic"])
def test_a_message_that_arrived_once_is_right(counted: Counted, kind: str) -> None:
    counted.receive(counted.message.text)
    assert counted.problems(kind) == []


def test_a_message_that_arrived_twice_is_seen(counted: Counted) -> None:
    counted.receive(counted.message.text)
    counted.receive(counted.message.text)
    assert counted.problems() == [f"{counted.message.title}: received 2 times"]
    assert counted.problems("generic") == []  # the receiver drops ids it has seen


def test_a_message_that_never_arrived_is_seen(counted: Counted) -> None:
    assert counted.problems() == [f"{counted.message.title}: never told"]


def test_a_message_that_another_repeats_was_told(counted: Counted) -> None:
    counted.receive(f"another, which repeats {counted.message.title}\nab_assets alert 0")
    assert counted.problems() == []


def test_a_message_that_is_not_finished_is_seen(counted: Counted) -> None:
    other = a_message("other")
    Ledger(counted.warehouse, StatementLibrary(PROJECT_ROOT / "sql")).add_messages([other])
    counted.receive(counted.message.text)
    counted.receive(other.text)
    assert counted.problems() == [f"{other.title}: neither sent nor repeated"]
