"""The state of a message after any rows about sending it."""

from datetime import datetime, timedelta
from itertools import permutations

import pytest

from ab_assets.alerts.attempts import Attempt, State, Status, next_wait, standing_of
from tests.alerts.builders import NOW, later

GRACE = timedelta(minutes=5)


def row(status: Status, claim: str = "a", at: datetime = NOW, wait: float | None = None) -> Attempt:
    until = None if wait is None else at + timedelta(seconds=wait)
    return Attempt("m", claim, status, "slack", at, until, holds_channel=wait is not None)


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ([], State.DUE),
        ([row(Status.SENDING)], State.IN_FLIGHT),
        ([row(Status.SENDING, at=later(minutes=-6))], State.UNKNOWN),
        ([row(Status.SENDING), row(Status.SENT)], State.DONE),
        ([row(Status.SENDING), row(Status.FAILED)], State.DUE),
        ([row(Status.SENDING), row(Status.UNKNOWN)], State.UNKNOWN),
        ([row(Status.SENDING), row(Status.WITHDRAWN)], State.DUE),
        ([row(Status.SENDING, at=later(minutes=-6)), row(Status.SENT, "b")], State.DONE),
        ([row(Status.SENDING, at=later(minutes=-6)), row(Status.MENTIONED, "b")], State.DONE),
        ([row(Status.FAILED, "a"), row(Status.SENDING, "b")], State.IN_FLIGHT),
    ],
)
def test_the_state_follows_from_the_rows_in_any_order(rows: list[Attempt], state: State) -> None:
    assert {standing_of(order, NOW, GRACE).state for order in permutations(rows)} == {state}


def test_the_newest_failure_says_when_to_try_again() -> None:
    rows = [row(Status.FAILED, "a", wait=30), row(Status.FAILED, "b", later(minutes=1), wait=60)]
    standing = standing_of(rows, later(minutes=2), GRACE)
    assert standing.not_before == later(minutes=2)
    assert standing.failures == 2
    assert standing.holds_channel


def test_waits_double_up_to_a_quarter_of_an_hour() -> None:
    assert [next_wait(count, None).total_seconds() for count in (1, 2, 6, 1000)] == [
        *(30, 60),
        *(900, 900),
    ]


@pytest.mark.parametrize(("asked", "seconds"), [(0, 1), (45, 45), (1e9, 3600)])
def test_what_a_channel_asks_for_is_kept_within_bounds(asked: float, seconds: float) -> None:
    assert next_wait(1, asked).total_seconds() == seconds
