"""Enrolment: units keep coming, and who notices when they do not."""

from datetime import date, timedelta

import polars as pl
import pytest

from ab_assets.experiments import Experiment
from ab_assets.health.enrolment import Enrolment, check_enrolment, enrolment_of
from ab_assets.health.finding import Check, Finding, Status
from ab_assets.modules.health_limits import EnrolmentLimits
from tests.health.builders import a_day
from tests.sql.bench import TAG, Bench, gate
from tests.sql.rows import exposed

FIRST = date(2024, 3, 1)


def check(
    *units: int,
    experiment: Experiment | None = None,
    day_closed: bool = True,
    limits: EnrolmentLimits | None = None,
    last: int | None = None,
) -> Finding:
    """The phase began on 1 March; so many units a day since, 0 meaning no row at all."""
    by_day = {FIRST + timedelta(days=place): count for place, count in enumerate(units) if count}
    day = a_day(
        experiment or gate(), day=FIRST + timedelta(days=len(units) - 1 if last is None else last)
    )
    (item,) = day.experiments
    enrolment = Enrolment(by_day, day_closed)
    return check_enrolment(item, day, enrolment, limits or EnrolmentLimits())


@pytest.mark.parametrize(
    ("units", "status"),
    [
        ((1000, 900, 950), Status.PASS),
        ((1000, 500, 250, 120, 60, 30), Status.PASS),  # fewer every day, as in a closed population
        ((1000, 100), Status.PASS),
        ((1000, 99), Status.WARN),
        ((1000, 0), Status.FAIL),
        ((1000, 900, 950, 0), Status.FAIL),
        ((1000, 900, 950, 0, 0, 0, 0, 0, 0), Status.FAIL),  # it does not become usual
        ((49, 0), Status.PASS),  # too few to be missed
        ((50, 0), Status.FAIL),
        ((5,), Status.PASS),  # the first day
    ],
)
def test_a_day_is_held_against_the_days_before(units: tuple[int, ...], status: Status) -> None:
    finding = check(*units)
    assert (finding.check, finding.status, finding.distrust) == (Check.ENROLMENT, status, "")


def test_the_messages_have_the_numbers() -> None:
    assert check(1000, 900, 950).message == "950 units were newly exposed, 950 are usual"
    assert check(1000, 900, 0, 0).message == (
        "nobody has been newly exposed since 2024-03-02; 950 units a day are usual"
    )


def test_an_experiment_nobody_ever_saw_is_a_warning_from_the_second_day_on() -> None:
    assert check(0).status is Status.PASS
    finding = check(0, 0)
    assert finding.status is Status.WARN
    assert finding.message == "nobody has been exposed since the phase began on 2024-03-01"


def test_a_phase_that_has_ended_is_left_alone() -> None:
    stopped = gate(ended="2024-03-03T12:00")
    assert check(1000, 900, 10, experiment=stopped).message.startswith("the phase has ended")
    assert check(1000, 900, 10, 0, experiment=stopped).status is Status.PASS
    assert check(1000, 0, experiment=stopped).status is Status.FAIL


def test_a_day_that_was_not_over_is_not_judged() -> None:
    assert check(1000, 900, 5, day_closed=False).status is Status.PASS


def test_only_the_last_days_are_usual() -> None:
    units = (100_000, *(1000,) * 7, 990)
    assert check(*units).detail["usual"] == 1000.0


def test_the_thresholds_are_the_modules() -> None:
    assert check(1000, 0, limits=EnrolmentLimits(low=0)).status is Status.PASS
    assert check(1000, 600, limits=EnrolmentLimits(low=0.7)).status is Status.WARN
    assert check(40, 0, limits=EnrolmentLimits(fewest=10)).status is Status.FAIL


def test_the_detail_has_every_day_of_the_last_four_weeks() -> None:
    by_day = check(1000, 0, 950).detail["units_by_day"]
    assert by_day == {"2024-03-01": 1000, "2024-03-02": 0, "2024-03-03": 950}
    assert len(check(*(100,) * 40).detail["units_by_day"]) == 28


def test_the_warehouse_counts_every_exposed_unit_by_its_first_day(bench: Bench) -> None:
    day = date(2024, 3, 2)
    bench.load(
        exposed("a", "0", "03-01 10:00"),
        exposed("a", "0", "03-02 10:00"),
        exposed("b", "1", "03-02 10:00"),
        exposed("c", "1", "03-02 11:00"),
        exposed("c", "0", "03-02 12:00"),
        exposed("odd", "beta", "03-02 10:00"),
    )
    bench.full(day)
    statement = bench.library.render(
        "health/enrolment.sql",
        {"tag": TAG, "event_date": day},
        table=bench.table(bench.day(day)),
    )
    found = enrolment_of(bench.warehouse.fetch(statement).to_dicts())
    assert (found, dict(found.by_day)) == (Enrolment(found.by_day), {FIRST: 1, day: 3})
    rows = bench.wide(day).head(1).with_columns(day_closed=pl.lit(value=False))
    bench.warehouse.append(bench.table(bench.day(day)), rows)
    assert not enrolment_of(bench.warehouse.fetch(statement).to_dicts()).day_closed
