"""Metrics that one arm lacks: planted, and by chance."""

from collections.abc import Mapping

import pytest

from ab_assets.analysis.tag_day import ExperimentDay
from ab_assets.health.finding import Check, Finding, Status
from ab_assets.health.measure_sums import ArmSums
from ab_assets.health.metric_missing import check_metric_missing
from ab_assets.modules.health_limits import MetricMissingLimits
from tests.health.builders import an_item
from tests.sql.bench import a_module, gate

METRICS: Mapping[str, Mapping[str, object]] = {
    "visits": {"type": "mean", "column": "visits"},
    "visits_1d": {"type": "proportion", "column": "visits", "window": {"days": 1}},
    "pay_a_visit": {"type": "ratio", "numerator": "amount", "denominator": "visits"},
}


def an_experiment_day() -> ExperimentDay:
    return an_item(gate(), module=a_module(METRICS, ["visits", "amount"]))


def an_arm(units: int, visits: int, amount: int = 50) -> ArmSums:
    """An arm in which so many units have some visits, and some amount."""
    return ArmSums(
        units=units, some={"visits": visits, "visits_within_1d": visits, "amount": amount}
    )


def check(*arms: ArmSums, ignore: tuple[str, ...] = ()) -> Finding:
    found = {str(place): arm for place, arm in enumerate(arms)}
    return check_metric_missing(an_experiment_day(), found, MetricMissingLimits(ignore=ignore))


def test_metrics_that_every_arm_has_pass() -> None:
    finding = check(an_arm(500, 200), an_arm(500, 190))
    assert (finding.check, finding.status, finding.distrust) == (
        Check.METRIC_MISSING,
        Status.PASS,
        "",
    )
    assert finding.message == "no arm lacks what the others have (3 measures)"


def test_a_metric_that_is_0_in_one_arm_fails_and_is_named() -> None:
    finding = check(an_arm(500, 200), an_arm(500, 190, amount=0))
    assert (finding.status, finding.distrust) == (
        Status.FAIL,
        "pay_a_visit is missing or 0 in '1'",
    )
    assert finding.message == (
        "no unit of '1' has any amount (metric pay_a_visit), while 50 of 500 units of the other "
        "arms do"
    )
    assert finding.detail["units_with_some"]["amount"] == {"0": 50, "1": 0}


def test_everything_that_is_missing_is_counted() -> None:
    finding = check(an_arm(500, 0, 0), an_arm(500, 190))
    assert finding.value == 3.0
    assert "; also visits_within_1d, amount" in finding.message


def test_a_rare_event_may_be_seen_in_one_arm_alone() -> None:
    # Five units of 1,000, all in the control: 1 in 32, and more probable still over 6 tests.
    finding = check(an_arm(500, 200, amount=5), an_arm(500, 190, amount=0))
    assert finding.status is Status.PASS
    assert finding.p_value == pytest.approx(6 * 0.0620, rel=1e-2)


def test_a_small_arm_may_have_none_of_what_the_others_have() -> None:
    assert check(an_arm(950, 40), an_arm(50, 0)).status is Status.PASS
    assert check(an_arm(950, 400), an_arm(50, 0)).status is Status.FAIL


def test_what_no_arm_has_is_not_missing_in_one() -> None:
    finding = check(an_arm(500, 200, amount=0), an_arm(500, 190, amount=0))
    assert (finding.status, finding.p_value) == (Status.PASS, None)


def test_a_metric_only_one_arm_can_have_is_ignored_when_the_module_says_so() -> None:
    arms = (an_arm(500, 200, amount=0), an_arm(500, 190))
    assert check(*arms).status is Status.FAIL
    assert check(*arms, ignore=("pay_a_visit",)).status is Status.PASS


def test_without_units_nothing_is_missing() -> None:
    assert check().status is Status.PASS
    assert check(an_arm(0, 0, 0), an_arm(10, 5, 5)).status is Status.PASS
