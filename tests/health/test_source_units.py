"""The source's count of units by the day: the same as that of the whole phase, and cheaper."""

from datetime import date

import pytest

from ab_assets.health.assignment import Assignment, assignment_from_source
from ab_assets.health.experiment_checks import check_experiments
from ab_assets.health.finding import Check, Finding, Status
from ab_assets.health.table import findings_frame
from ab_assets.warehouse.schema import HEALTH_TABLE, fixed_table
from ab_assets.warehouse.statements import Statement
from tests.sql.bench import TAG, Bench
from tests.sql.rows import exposed

DAY_1, DAY_2 = date(2024, 3, 1), date(2024, 3, 2)
FIRST_DAY = (
    *(exposed(f"{arm}-{number}", arm, "03-01 10:00") for arm in "01" for number in range(5)),
    exposed("crossed", "0", "03-01 10:00"),
    exposed("crossed", "1", "03-01 11:00"),
    exposed("odd", "beta", "03-01 10:00"),
)
SECOND_DAY = (
    exposed("0-0", "0", "03-02 10:00"),  # again
    exposed("0-1", "1", "03-02 10:00"),  # now a crossover
    exposed("odd", "1", "03-02 10:00"),  # so is this one
    exposed("crossed", "1", "03-02 10:00"),  # stays one
    exposed("new-0", "0", "03-02 10:00"),
    exposed("new-both", "0", "03-02 10:00"),
    exposed("new-both", "1", "03-02 11:00"),
    exposed("new-odd", "gamma", "03-02 10:00"),
)


@pytest.fixture
def two_days(bench: Bench) -> Bench:
    """The first day made and checked, the second one made on top of it."""
    bench.load(*FIRST_DAY, *SECOND_DAY)
    bench.make(DAY_1)
    keep(bench, DAY_1)
    assert bench.make(DAY_2) == {"gate": ""}
    return bench


def findings(bench: Bench, when: date) -> tuple[Finding, ...]:
    day = bench.day(when)
    return check_experiments(bench.warehouse, bench.library, day, bench.table(day))


def keep(bench: Bench, when: date) -> None:
    table = fixed_table(HEALTH_TABLE)
    bench.warehouse.ensure(table)
    partition: dict[str, str | date] = {"tag": TAG, "event_date": when}
    frame = findings_frame(bench.day(when), findings(bench, when), "run")
    bench.warehouse.overwrite_rows(table, partition, frame)


def conservation(bench: Bench, when: date = DAY_2) -> Finding:
    return next(found for found in findings(bench, when) if found.check is Check.CONSERVATION)


def execute(bench: Bench, text: str) -> None:
    assert bench.warehouse.execute(Statement("tampering", text, {})) > 0


def test_units_counted_by_the_day_are_those_of_the_whole_phase(two_days: Bench) -> None:
    by_the_day = conservation(two_days)
    execute(two_days, "DELETE FROM ab.experiment_health")
    of_the_phase = conservation(two_days)
    assert (by_the_day.status, of_the_phase.status) == (Status.PASS, Status.PASS)
    assert by_the_day.detail == of_the_phase.detail
    assert by_the_day.detail["source"] == {"0": 5, "1": 5}
    assert by_the_day.detail["unknown"] == {"gamma": 1}
    assert by_the_day.detail["crossovers"] == 4
    assert by_the_day.detail["exposures"] == {"wide": 21, "source": 21}


def test_exposures_of_days_that_were_checked_are_not_read_again(two_days: Bench) -> None:
    execute(two_days, "DELETE FROM ab_source.exposures WHERE exposed_at < '2024-03-02 00:00:00'")
    assert conservation(two_days).status is Status.PASS


def test_a_unit_lost_on_the_day_is_caught(two_days: Bench) -> None:
    table = two_days.table(two_days.day(DAY_2)).qualified
    execute(
        two_days,
        f"DELETE FROM {table} WHERE user_id = 'new-0' AND event_date = '2024-03-02'",
    )
    finding = conservation(two_days)
    assert finding.status is Status.FAIL
    assert "4 units of '0', the source 5" in finding.message


def test_a_unit_lost_from_the_day_before_and_the_day_is_caught(two_days: Bench) -> None:
    table = two_days.table(two_days.day(DAY_2)).qualified
    execute(two_days, f"DELETE FROM {table} WHERE user_id = '1-3'")
    assert "4 units of '1', the source 5" in conservation(two_days).message


def test_exposures_that_arrived_late_are_counted_and_nothing_is_wrong(two_days: Bench) -> None:
    two_days.load(exposed("late", "1", "03-01 12:00"))
    assert two_days.make(DAY_2) == {"gate": "exposures arrived late"}
    finding = conservation(two_days)
    assert finding.status is Status.PASS
    assert finding.detail["source"] == {"0": 5, "1": 6}


def test_a_day_before_whose_units_were_not_conserved_is_not_built_upon(bench: Bench) -> None:
    bench.load(*FIRST_DAY, *SECOND_DAY)
    bench.make(DAY_1)
    table = bench.table(bench.day(DAY_1)).qualified
    execute(bench, f"DELETE FROM {table} WHERE user_id = '1-3'")
    keep(bench, DAY_1)
    bench.make(DAY_2, force_full=True)
    execute(bench, "DELETE FROM ab_source.exposures WHERE user_id = '1-4'")
    assert "5 units of '1', the source 4" in conservation(bench).message


def test_counts_agree_wherever_crossovers_were_first() -> None:
    rows = [
        {"variation_key": "0", "units": 3, "exposures": 5},
        {"variation_key": None, "units": 2, "exposures": 4},
    ]
    source = assignment_from_source(rows, ["0", "1"])
    wide = Assignment(compared={"0": 3, "1": 0}, crossovers={"0": 1, "1": 1}, exposures=9)
    assert wide.same_units(source)
    assert not Assignment(compared={"0": 2, "1": 1}, exposures=9).same_units(source)
