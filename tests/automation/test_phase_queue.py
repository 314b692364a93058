"""What waits is taken in order, once, and survives as a short text."""

import json
from datetime import date, timedelta

import pytest

from ab_assets.automation.phase_queue import PhaseQueue, Waiting, queue_from_json

FIRST = date(2026, 11, 1)
DAYS = [FIRST + timedelta(days=number) for number in range(4)]


def test_an_empty_queue_gives_nothing() -> None:
    assert PhaseQueue().take(5) == ([], PhaseQueue())
    assert len(PhaseQueue()) == 0


def test_no_days_leave_the_queue_as_it_is() -> None:
    queue = PhaseQueue().add("a", DAYS, "one")
    assert queue.add("b", [], "two") is queue


def test_days_come_in_order_tags_together_and_dashboards_last() -> None:
    queue = PhaseQueue().add("b", DAYS[2:], "one").add("a", DAYS[1:3], "two")
    taken, left = queue.take(10)
    assert taken == [
        Waiting("a", DAYS[1], "two"),
        Waiting("a", DAYS[2], "two"),
        Waiting("b", DAYS[2], "one"),
        Waiting("b", DAYS[3], "one"),
        Waiting("a", None, "two"),
        Waiting("b", None, "one"),
    ]
    assert len(left) == 0


def test_a_day_that_waits_keeps_its_first_cause() -> None:
    taken, _ = PhaseQueue().add("a", DAYS[:2], "one").add("a", DAYS, "two").take(10)
    assert [item.cause for item in taken] == ["one", "one", "two", "two", "one"]


@pytest.mark.parametrize("number", range(7))
def test_taking_in_parts_takes_the_same(number: int) -> None:
    queue = PhaseQueue().add("b", DAYS[2:], "one").add("a", DAYS[1:3], "two")
    first, left = queue.take(number)
    second, rest = queue_from_json(json.loads(json.dumps(left.to_json()))).take(10)
    assert first + second == queue.take(10)[0]
    assert len(left) == 6 - number
    assert len(rest) == 0


def test_days_that_follow_each_other_are_one_range() -> None:
    year = [FIRST + timedelta(days=number) for number in range(365)]
    queue = PhaseQueue().add("a", year, "one").add("a", [FIRST - timedelta(days=3)], "one")
    assert len(json.dumps(queue.to_json())) < 120
    assert queue_from_json(queue.to_json()) == queue
