"""Configurations that changed inside a phase, and those that only seem to have."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from ab_assets.analysis.configurations import record_snapshot
from ab_assets.analysis.phase_parameters import phase_parameters
from ab_assets.analysis.tag_day import ExperimentDay
from ab_assets.experiments import Experiment, Phase, Snapshot
from ab_assets.health.configuration import check_configuration, configurations_of
from ab_assets.health.experiment_checks import check_experiments
from ab_assets.health.finding import Check, Finding, Status
from tests.experiments.builders import a_phase, utc
from tests.health.builders import an_item
from tests.sql.bench import Bench, gate

START = "2024-03-01T00:00"
DAY = date(2024, 3, 5)
UTC_ZONE = ZoneInfo("UTC")
EVEN, SKEWED = (0.5, 0.5), (0.9, 0.1)


def a_row(seen: str, phase: Phase, status: str = "running", **more: object) -> dict[str, object]:
    """A configuration as ``ab.growthbook_experiments`` has it."""
    return {
        "phase_index": phase.index,
        "status": status,
        "hash_attribute": "user_id",
        "seed": phase.seed,
        "coverage": phase.coverage,
        "weights": str(list(phase.weights)),
        "variations": '[{"key": "0"}, {"key": "1"}]',
        "first_seen_at": datetime.fromisoformat(f"2024-{seen}"),
    } | more


def check(now: Phase, *rows: dict[str, object], day: date = DAY, **changes: object) -> Finding:
    item = an_item(gate(phases=(now,), **changes), day)
    return check_configuration(item, configurations_of(rows, item), UTC_ZONE)


def phase(weights: tuple[float, float] = EVEN, **changes: object) -> Phase:
    return a_phase(START, weights=weights, **changes)


def test_a_configuration_that_stays_passes() -> None:
    rows = (a_row("03-01 01:00", phase()), a_row("03-03 01:00", phase()))
    finding = check(phase(), *rows)
    assert (finding.check, finding.status, finding.value) == (
        Check.CONFIGURATION,
        Status.PASS,
        0.0,
    )
    assert finding.message == "the phase's configuration did not change"


def test_without_any_history_nothing_is_known_to_have_changed() -> None:
    assert check(phase()).status is Status.PASS


def test_new_weights_without_a_new_seed_are_not_trusted() -> None:
    finding = check(
        phase(SKEWED), a_row("03-01 01:00", phase()), a_row("03-03 01:00", phase(SKEWED))
    )
    assert (finding.status, finding.distrust) == (
        Status.FAIL,
        "phase re-weighted without a new seed",
    )
    assert finding.message == (
        "inside the phase the weights changed from 0.5 / 0.5 to 0.9 / 0.1 "
        "(first seen 2024-03-03 01:00 UTC)"
    )
    assert len(finding.detail["configurations"]) == 2


def test_weights_that_were_changed_and_changed_back_are_not_trusted() -> None:
    finding = check(phase(), a_row("03-01 01:00", phase()), a_row("03-03 01:00", phase(SKEWED)))
    assert (finding.status, finding.value) == (Status.FAIL, 2.0)


def test_weights_in_another_unit_are_the_same() -> None:
    assert check(phase(), a_row("03-01 01:00", phase((50.0, 50.0)))).status is Status.PASS


def test_another_coverage_is_a_warning() -> None:
    finding = check(phase(coverage=1.0), a_row("03-01 01:00", phase(coverage=0.1)))
    assert (finding.status, finding.distrust) == (Status.WARN, "")
    assert finding.message == "inside the phase the coverage changed from 10% to 100%"


def test_a_new_seed_inside_the_phase_is_not_trusted() -> None:
    finding = check(phase(seed="new"), a_row("03-01 01:00", phase()))
    assert (finding.status, finding.distrust) == (Status.FAIL, "seed changed inside the phase")


def test_another_hash_attribute_is_not_trusted() -> None:
    finding = check(phase(), a_row("03-01 01:00", phase(), hash_attribute="device_id"))
    assert finding.distrust == "hash attribute changed inside the phase"


def test_what_changed_after_the_day_has_not_changed_on_it() -> None:
    rows = (a_row("03-01 01:00", phase()), a_row("03-04 01:00", phase(coverage=0.5)))
    back = a_row("03-09 01:00", phase(coverage=0.2))
    finding = check(phase(), *rows, back)
    assert [item["coverage"] for item in finding.detail["configurations"]] == [1.0, 0.5, 1.0]


def test_weights_given_after_the_day_do_not_fit_it() -> None:
    rows = (a_row("03-01 01:00", phase()), a_row("03-09 01:00", phase(SKEWED)))
    finding = check(phase(SKEWED), *rows)
    assert finding.distrust == "phase re-weighted without a new seed"
    assert "(first seen 2024-03-09 01:00 UTC)" in finding.message


def test_when_it_was_seen_is_told_in_the_business_time_zone() -> None:
    rows = (a_row("03-01 01:00", phase()), a_row("03-03 23:30", phase(SKEWED)))
    item = an_item(gate(phases=(phase(SKEWED),)), DAY)
    finding = check_configuration(item, configurations_of(rows, item), ZoneInfo("Asia/Shanghai"))
    assert "(first seen 2024-03-04 07:30 Asia/Shanghai)" in finding.message


def test_what_was_replaced_before_the_phase_began_does_not_count() -> None:
    rows = (a_row("02-20 01:00", phase(SKEWED)), a_row("02-28 01:00", phase()))
    assert check(phase(), *rows).status is Status.PASS


def test_a_draft_may_change_as_it_likes() -> None:
    rows = (
        a_row("02-20 01:00", phase(SKEWED), "draft"),
        a_row("03-01 05:00", phase(), "running"),
    )
    assert check(phase(), *rows).status is Status.PASS


def test_other_phases_are_their_own() -> None:
    row = a_row("03-01 01:00", phase(SKEWED, index=1))
    assert check(phase(), row).status is Status.PASS


def two_phases(**second: object) -> ExperimentDay:
    first = a_phase("2024-02-01T00:00", ended_at=utc(START), weights=EVEN)
    phases = (first, replace(phase(SKEWED), index=1, **second))
    return an_item(gate(phases=phases), DAY)


def test_a_new_phase_with_the_old_seed_and_other_weights_is_a_warning() -> None:
    finding = check_configuration(item := two_phases(), configurations_of((), item), UTC_ZONE)
    assert (finding.status, finding.distrust) == (Status.WARN, "")
    assert "took over the seed of the one before with other weights (0.5 / 0.5 before)" in (
        finding.message
    )


@pytest.mark.parametrize("second", [{"seed": "new"}, {"weights": EVEN}])
def test_a_new_phase_with_a_new_seed_or_the_same_weights_passes(second: dict[str, object]) -> None:
    item = two_phases(**second)
    assert check_configuration(item, configurations_of((), item), UTC_ZONE).status is Status.PASS


def test_the_history_is_read_from_the_recorded_pulls(bench: Bench) -> None:
    pulls = [("2024-03-01T01:00", gate(START)), ("2024-03-03T01:00", gate(phases=(phase(SKEWED),)))]
    for pulled_at, experiment in pulls:
        record_snapshot(bench.warehouse, bench.library, a_snapshot(pulled_at, [experiment]), "run")
    bench.experiments = (pulls[-1][1], gate(id="exp_2", key="other"))
    day = bench.full(DAY).day(DAY)
    found = check_experiments(bench.warehouse, bench.library, day, bench.table(day))
    told = {
        finding.experiment_id: finding.status
        for finding in found
        if finding.check is Check.CONFIGURATION
    }
    assert told == {"exp_1": Status.FAIL, "exp_2": Status.PASS}
    statement = bench.library.render(
        "health/configurations.sql",
        (binds := phase_parameters(day.experiments[:1], [utc(START)], [""])).values,
        phases=binds.phases,
    )
    rows = bench.warehouse.fetch(statement).sort("first_seen_at").to_dicts()
    assert [(row["weights"], str(row["first_seen_at"])) for row in rows] == [
        ("[0.5, 0.5]", "2024-03-01 01:00:00"),
        ("[0.9, 0.1]", "2024-03-03 01:00:00"),
    ]


def a_snapshot(pulled_at: str, experiments: Iterable[Experiment]) -> Snapshot:
    kept = tuple(experiments)
    return Snapshot(
        experiments=kept,
        payloads={one.id: "{}" for one in kept},
        source="test",
        pulled_at=datetime.fromisoformat(pulled_at).replace(tzinfo=UTC),
    )
