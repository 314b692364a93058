"""The ledger in a real warehouse."""

from datetime import date

import polars as pl
import pytest

from ab_assets.alerts.attempts import Attempt, Status
from ab_assets.alerts.digest import plan_digest
from ab_assets.alerts.ledger import MESSAGES_TABLE, Ledger
from ab_assets.alerts.planning import episodes_after, plan_messages
from ab_assets.alerts.problem import Severity
from ab_assets.errors import WarehouseError
from ab_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from ab_assets.warehouse.frames import frame_of
from ab_assets.warehouse.schema import fixed_table
from ab_assets.warehouse.statements import Statement
from tests.alerts.builders import (
    NOW,
    TAG,
    a_failed_run,
    a_problem,
    later,
    messages_of,
    seen,
)

PROBLEMS = (a_problem("<b>籃"), a_problem("crossed", check="crossovers"), a_failed_run(day=None))


def test_an_empty_ledger_knows_nothing(ledger: Ledger) -> None:
    assert (ledger.episodes(), ledger.outbox(), ledger.attempts("x")) == ({}, [], [])
    assert not ledger.has_digest(NOW.date())


def test_messages_are_read_back_as_they_were_in_order(ledger: Ledger) -> None:
    messages = messages_of(*PROBLEMS)
    ledger.add_messages(messages)
    assert [entry.message for entry in ledger.outbox()] == list(messages)


def test_nothing_to_add_adds_nothing(ledger: Ledger) -> None:
    ledger.add_messages(())
    assert ledger.outbox() == []


def test_episodes_are_those_of_memory_look_after_look(ledger: Ledger) -> None:
    looks = [
        seen(*PROBLEMS),
        seen(a_problem("<b>籃", severity=Severity.FAIL)),
        seen(),
        seen(a_problem("<b>籃")),
    ]
    for hours, look in enumerate(looks):
        before = ledger.episodes()
        messages = plan_messages(before, look, later(hours=hours))
        ledger.add_messages(messages)
        assert ledger.episodes() == episodes_after(before, messages)
    assert {episode.number for episode in ledger.episodes().values()} == {1, 2}


def test_a_sent_message_is_finished_and_a_failed_one_is_not(ledger: Ledger) -> None:
    first, second, third = messages_of(*PROBLEMS)
    ledger.add_messages((first, second, third))
    failed = Attempt(
        second.id, "b", Status.FAILED, "slack", NOW, later(seconds=30), True, "no answer"
    )
    ledger.add_attempts(
        [
            Attempt(first.id, "a", Status.SENT, "slack", NOW),
            failed,
            Attempt(third.id, first.id, Status.MENTIONED, "slack", NOW),
        ]
    )
    (entry,) = ledger.outbox()
    assert (entry.message, entry.attempts) == (second, (failed,))
    assert ledger.attempts(second.id) == [failed]


def test_the_same_message_planned_twice_is_one(ledger: Ledger) -> None:
    for at in (later(seconds=1), NOW):
        ledger.add_messages(messages_of(a_problem(), at=at))
    (entry,) = ledger.outbox()
    assert entry.message.created_at == NOW
    assert len(ledger.episodes()) == 1


def test_a_digest_is_of_its_day_and_opens_no_episode(ledger: Ledger) -> None:
    episodes = episodes_after({}, messages_of(a_problem(), at=later(days=-1)))
    ledger.add_messages(plan_digest(episodes, seen(a_problem()), (), NOW, NOW))
    assert ledger.has_digest(NOW.date())
    assert not ledger.has_digest(date(2025, 3, 9))
    assert ledger.episodes() == {}
    assert ledger.outbox()[0].message.identity is None


def test_a_row_that_was_tampered_with_is_told(ledger: Ledger, warehouse: DuckDBWarehouse) -> None:
    message = messages_of(a_problem())[0]
    ledger.add_messages((message,))
    table = fixed_table(MESSAGES_TABLE)
    rows = warehouse.fetch(Statement("q", "SELECT * FROM ab.alert_messages"))
    shouted = rows.with_columns(kind=pl.lit("shouted"), phase_index=pl.lit(0, pl.Int32))
    warehouse.append(table, frame_of(table, shouted.to_dicts()))
    with pytest.raises(WarehouseError, match=rf"alert_messages, message {message.id}: 'shouted'"):
        ledger.outbox()


def test_the_ledger_names_what_a_person_asks_for(
    ledger: Ledger, warehouse: DuckDBWarehouse
) -> None:
    ledger.add_messages(messages_of(a_problem()))
    row = warehouse.fetch(
        Statement("q", "SELECT tag, experiment_key, event_date, severity FROM ab.alert_messages")
    ).to_dicts()[0]
    assert row == {
        "tag": TAG,
        "experiment_key": "basket",
        "event_date": date(2025, 3, 9),
        "severity": "warn",
    }
