"""Jumps of one arm's mean: planted, common to all arms, and without a history."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import pytest

from ab_assets.health.experiment_checks import check_experiments
from ab_assets.health.finding import Check, Finding, Status
from ab_assets.health.measure_sums import ArmSums
from ab_assets.health.metric_jump import Totals, check_metric_jump, earlier_totals
from ab_assets.health.table import findings_frame
from ab_assets.modules.health_limits import MetricJumpLimits
from ab_assets.modules.model import Module
from ab_assets.warehouse.schema import HEALTH_TABLE, fixed_table
from tests.health.builders import an_item
from tests.sql.bench import TAG, Bench, gate
from tests.sql.rows import exposed, visit

FIRST = date(2024, 3, 1)
UNITS = 1000
# The daily visits of an arm of 1,000 units: a quiet weekend, and some noise.
CONTROL = (500, 510, 300, 290, 505, 495, 500, 512, 290, 310, 498, 503)
TREATMENT = (505, 500, 296, 301, 500, 503, 492, 507, 300, 299, 507, 499)


def arms_on(day: int, *daily: Sequence[int], some: int) -> dict[str, ArmSums]:
    return {
        str(place): ArmSums(
            units=UNITS, sums={"visits": float(sum(visits[: day + 1]))}, some={"visits": some}
        )
        for place, visits in enumerate(daily)
    }


def totals_on(day: int, *daily: Sequence[int]) -> Totals:
    sums = {str(place): float(sum(visits[: day + 1])) for place, visits in enumerate(daily)}
    return Totals(dict.fromkeys(sums, UNITS), {"visits": sums})


def check(
    *daily: Sequence[int],
    skipped: tuple[int, ...] = (),
    limits: MetricJumpLimits | None = None,
    some: int = 400,
) -> Finding:
    last = len(daily[0]) - 1
    earlier = {
        FIRST + timedelta(days=day): totals_on(day, *daily)
        for day in range(last)
        if day not in skipped
    }
    return check_metric_jump(
        an_item(gate()),
        FIRST + timedelta(days=last),
        arms_on(last, *daily, some=some),
        earlier,
        limits or MetricJumpLimits(),
    )


def test_days_like_those_before_pass() -> None:
    finding = check(CONTROL, TREATMENT)
    assert (finding.check, finding.status) == (Check.METRIC_JUMP, Status.PASS)
    assert finding.message == "no arm's mean changed unusually (1 tests)"


def test_a_metric_that_stops_in_one_arm_is_a_jump() -> None:
    finding = check(CONTROL, (*TREATMENT[:-1], 0))
    assert (finding.status, finding.distrust) == (Status.WARN, "")
    assert finding.message.startswith(
        "visits (metric visits) changed by -0.503 more in '1' than in the other arms, where "
    )
    assert finding.detail["arm"] == "1"
    assert finding.detail["changes"][-1] == pytest.approx(-0.503)


def test_a_metric_that_doubles_in_one_arm_is_a_jump() -> None:
    assert check(CONTROL, (*TREATMENT[:-1], 1000)).status is Status.WARN


def test_of_three_arms_the_odd_one_is_named() -> None:
    third = (502, 499, 303, 295, 501, 508, 497, 500, 305, 296, 499, 0)
    finding = check(CONTROL, TREATMENT, third)
    assert (finding.status, finding.detail["arm"]) == (Status.WARN, "2")


def test_what_happens_to_every_arm_is_no_jump_of_one() -> None:
    assert check((*CONTROL[:-1], 0), (*TREATMENT[:-1], 4)).status is Status.PASS


def test_a_lasting_effect_is_no_jump() -> None:
    better = tuple(visits + 100 for visits in TREATMENT)
    assert check(CONTROL, better).status is Status.PASS


def test_with_too_little_history_nothing_is_said() -> None:
    finding = check(CONTROL[:7], (*TREATMENT[:6], 0))
    assert (finding.status, finding.message) == (
        Status.PASS,
        "fewer than 7 days before, or too few units, to judge by",
    )
    assert finding.detail["totals"] == {"visits": {"0": 3100.0, "1": 2605.0}}


def test_a_metric_that_few_units_have_is_not_judged() -> None:
    assert check(CONTROL, (*TREATMENT[:-1], 0), some=99).status is Status.PASS
    assert check(CONTROL, (*TREATMENT[:-1], 0), some=100).status is Status.WARN


def test_a_day_without_totals_breaks_no_other_day() -> None:
    assert check(CONTROL, (*TREATMENT[:-1], 0), skipped=(4,)).status is Status.WARN
    yesterday = len(CONTROL) - 2
    assert check(CONTROL, (*TREATMENT[:-1], 0), skipped=(yesterday,)).status is Status.PASS


def test_a_measure_that_cannot_move_yet_has_no_history() -> None:
    late = ((0,) * 9 + CONTROL[:3], (0,) * 9 + (800, 500, 300))
    assert "fewer than 7 days before" in check(*late).message


def test_a_history_without_any_variation_says_nothing() -> None:
    assert check((10,) * 12, (*(10,) * 11, 500)).status is Status.PASS


def test_one_arm_has_no_others() -> None:
    assert check(CONTROL).status is Status.PASS


def test_ignored_metrics_are_not_looked_at() -> None:
    limits = MetricJumpLimits(ignore=("visits",))
    assert check(CONTROL, (*TREATMENT[:-1], 0), limits=limits).status is Status.PASS


def test_the_history_is_that_of_the_same_phase() -> None:
    detail = '{"units": {"0": 5}, "totals": {"visits": {"0": 7.0}}}'
    rows = [
        {"event_date": FIRST, "phase_index": 0, "detail": detail},
        {"event_date": FIRST, "phase_index": 1, "detail": "{}"},
    ]
    found = earlier_totals(rows, an_item(gate()))
    assert found == {FIRST: Totals({"0": 5}, {"visits": {"0": 7.0}})}
    assert found[FIRST].mean("visits", ["0"]) == 1.4
    assert found[FIRST].mean("amount", ["0"]) is None
    assert found[FIRST].mean("visits", ["1"]) is None


def test_totals_of_earlier_days_come_from_the_health_table(bench: Bench) -> None:
    bench.warehouse.ensure(fixed_table(HEALTH_TABLE))
    limits = {"health": {"metric_jump": {"minimum_units": 10}}}
    bench.module = Module.model_validate(bench.module.model_dump() | limits)
    users = [(f"{arm}-{number}", arm) for arm in "01" for number in range(10)]
    bench.load(*(exposed(user, arm, "03-01 00:00") for user, arm in users))
    # Ten visits a day and arm until the last day, on which the treatment has none.
    totals = {"0": 0.0, "1": 0.0}
    for place in range(10):
        day = FIRST + timedelta(days=place)
        totals = {"0": totals["0"] + 10, "1": totals["1"] + 10 + 0.1 * (place % 3)}
        keep(bench, day, {"units": {"0": 10, "1": 10}, "totals": {"visits": totals}})
    bench.load(*(visit(user, "03-01 10:00") for user, _ in users for _ in range(10)))
    bench.load(*(visit(user, "03-11 10:00") for user, arm in users if arm == "0"))
    last = FIRST + timedelta(days=10)
    day = bench.full(last).day(last)
    findings = check_experiments(bench.warehouse, bench.library, day, bench.table(day))
    (found,) = [finding for finding in findings if finding.check is Check.METRIC_JUMP]
    assert found.status is Status.WARN
    assert found.detail["changes"][-1] == pytest.approx(-1.09)


def keep(bench: Bench, event_date: date, detail: Mapping[str, object]) -> None:
    """A day's finding, kept as the daily run keeps it."""
    found = Finding("exp_1", Check.METRIC_JUMP, Status.PASS, "", detail=detail)
    bench.warehouse.overwrite_rows(
        fixed_table(HEALTH_TABLE),
        {"tag": TAG, "event_date": event_date},
        findings_frame(bench.day(event_date), [found], "run"),
    )
