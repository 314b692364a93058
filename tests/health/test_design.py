"""What the design and the clock allow to be said."""

from datetime import date

import pytest

from ab_assets.health.design import check_design, check_full_day
from ab_assets.health.finding import Status
from tests.health.builders import an_item
from tests.sql.bench import gate

DAY_1, DAY_2 = date(2024, 3, 1), date(2024, 3, 2)


@pytest.mark.parametrize(
    ("started", "ended", "day", "status"),
    [
        ("2024-03-01T00:00", None, DAY_1, Status.PASS),
        ("2024-03-01T00:00:00.000001", None, DAY_1, Status.WARN),
        ("2024-03-01T12:00", None, DAY_1, Status.WARN),
        ("2024-03-01T12:00", None, DAY_2, Status.PASS),
        ("2024-03-01T12:00", "2024-03-02T11:59", DAY_2, Status.WARN),
        ("2024-03-01T12:00", "2024-03-02T12:00", DAY_2, Status.PASS),
        ("2024-03-01T12:00", "2024-03-01T11:00", DAY_2, Status.WARN),
    ],
)
def test_a_phase_needs_one_full_day(
    started: str, ended: str | None, day: date, status: Status
) -> None:
    finding = check_full_day(an_item(gate(started, ended), day))
    assert finding.status is status
    assert finding.distrust == ("" if status is Status.PASS else "less than one full day")


def test_hours_are_told_and_never_negative() -> None:
    message = check_full_day(an_item(gate("2024-03-01T12:00", "2024-03-01T11:00"), DAY_1)).message
    assert message == "the phase has lasted only 0.0 hours; one full day is needed"


def test_a_standard_experiment_is_one_this_system_analyses() -> None:
    finding = check_design(an_item(gate()))
    assert (finding.status, finding.distrust) == (Status.PASS, "")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"type": "multi-armed-bandit"}, "a multi-armed bandit changes its weights"),
        ({"activation_metric": "fact__start"}, "the activation metric fact__start is not applied"),
        ({"segment_id": "seg_1"}, "segment or query filter is not applied"),
        ({"query_filter": "country = 'DE'"}, "segment or query filter is not applied"),
    ],
)
def test_a_design_this_system_would_analyse_wrongly_is_not_trusted(
    changes: dict[str, object], told: str
) -> None:
    finding = check_design(an_item(gate(**changes)))
    assert finding.status is Status.WARN
    assert told in finding.message
    assert finding.distrust == finding.message
